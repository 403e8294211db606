//! What an earlier check made of the same definitions, so that a keystroke checks again only what it can have changed.
//! Imports its siblings. Invariant: with or without a memo, a check has the same outcome, but for the numbers of binders.
//!
//! A definition is the same as before if its text is, and every name in it still means a definition that is the same.
//! What was made of it is taken over if it stands where it stood, too: trees hold places in the file. Nothing is kept of
//! a definition with an error, since what is said about it may depend on everything else in the project.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::checker::{Checker, Needs};
use super::dependencies::each_name;
use super::names::{ByName, DefId, DefKind, Names};
use super::{CheckInput, ParsedFile};
use crate::diagnostics::Diagnostic;
use crate::hir::{self, Settings};
use crate::schema::Schema;
use crate::source::{FileId, Span};
use crate::syntax::ast::Item;

/// Binders beyond which numbering starts anew.
const MOST_BINDERS: u32 = 1 << 31;

/// What was made of the definitions and tests of a project.
#[derive(Debug, Default)]
pub struct CheckMemo {
    base: Option<Base>,
    /// The schema with the propensities' objects.
    extended: Option<Arc<Schema>>,
    /// The versions of the files at the last check, and which of its definitions are in each.
    versions: FxHashMap<FileId, u64>,
    by_file: Vec<(FileId, Range<usize>)>,
    /// The definitions of the last check by name.
    by_name: Arc<ByName>,
    /// The definitions of the last check, in its order.
    declared: Vec<(Box<str>, DefKind)>,
    /// What was made of each of them, if it can be kept.
    definitions: Vec<Option<Known<Made>>>,
    /// How many of those read each of them.
    readers: Vec<u32>,
    tests: FxHashMap<Place, Known<Arc<hir::Test>>>,
    binders: u32,
}

/// What everything rests on.
#[derive(Debug)]
struct Base {
    schema: Arc<Schema>,
    settings: Settings,
    overrides: Vec<(String, String)>,
    /// The files, each with those that it imports.
    imports: Vec<(FileId, Vec<usize>)>,
    propensities: Vec<(String, Option<Vec<&'static str>>)>,
}

/// Where an item begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    file: FileId,
    start: u32,
}

#[derive(Debug)]
struct Known<T> {
    place: Place,
    text: Box<str>,
    /// The names in it, and what those declare that are definitions.
    names: Vec<(Box<str>, Option<DefKind>)>,
    /// The definitions among them, by the numbers of `declared`.
    uses: Vec<DefId>,
    made: T,
    diagnostics: Vec<Diagnostic>,
}

/// What was made of a definition, with its size.
#[derive(Debug, Clone)]
enum Made {
    Let(Arc<hir::Let>, Vec<Needs>, u64),
    Param(hir::Param),
    Event(Arc<hir::EventDef>, u64),
    Segment(Arc<hir::Segment>, u64),
}

/// The texts of the items of files, and which files are as they were at the last check.
pub(super) struct Items<'a> {
    by_file: FxHashMap<FileId, (&'a ParsedFile<'a>, bool)>,
}

/// An item as it stands in its file today.
struct Standing<'a> {
    place: Place,
    text: &'a str,
    /// Whether its file is as it was.
    untouched: bool,
}

impl<'a> Items<'a> {
    pub fn of(input: &'a CheckInput<'a>, memo: &CheckMemo) -> Items<'a> {
        let untouched = |file: &ParsedFile<'_>| memo.versions.get(&file.id) == Some(&file.version);
        Items { by_file: input.files.iter().map(|file| (file.id, (file, untouched(file)))).collect() }
    }

    fn are_untouched(&self, file: FileId) -> bool {
        self.by_file.get(&file).is_some_and(|(_, untouched)| *untouched)
    }

    fn find(&self, item: &Item) -> Option<Standing<'a>> {
        let (file, untouched) = *self.by_file.get(&item.span.file)?;
        let place = Place { file: item.span.file, start: item.span.start };
        Some(Standing { place, text: file.text.get(item.span.range())?, untouched })
    }
}

impl Made {
    /// The `///` text that was above it; the text of an item begins behind.
    fn docs(&self) -> Option<&str> {
        match self {
            Made::Let(made, ..) => Some(&made.docs),
            Made::Event(made, _) => Some(&made.docs),
            Made::Segment(made, _) => Some(&made.docs),
            Made::Param(_) => None,
        }
    }
}

impl CheckMemo {
    /// The schema with the propensities' objects. Forgets what rests on anything else.
    pub(super) fn start(&mut self, input: &CheckInput<'_>, names: &Names<'_>) -> Arc<Schema> {
        let base = Base {
            schema: input.schema.clone(),
            settings: input.settings.clone(),
            overrides: input.param_overrides.to_vec(),
            imports: input.files.iter().map(|file| file.id).zip(names.imports().iter().cloned()).collect(),
            propensities: super::propensity::declared(names, &input.schema)
                .map(|(name, given)| (name.to_owned(), given))
                .collect(),
        };
        let same = self.base.as_ref().is_some_and(|known| known.is(&base)) && self.binders < MOST_BINDERS;
        match &self.extended {
            Some(extended) if same => extended.clone(),
            Some(_) | None => {
                let extended = super::propensity::extend(&input.schema, names);
                *self = CheckMemo { base: Some(base), extended: Some(extended.clone()), ..CheckMemo::default() };
                extended
            }
        }
    }

    /// The definitions by name, if the files declare what they did at the last check, each name once.
    pub(super) fn by_name(&self, files: &[ParsedFile<'_>], names: &Names<'_>) -> Option<Arc<ByName>> {
        let stand = |((id, range), file): (&(FileId, Range<usize>), &ParsedFile<'_>)| {
            self.versions.get(id) == Some(&file.version)
                || range.clone().all(|index| *self.declared[index].0 == *names.defs[index].name.node)
        };
        let once = self.by_name.len() == names.defs.len() && self.by_file == names.by_file;
        (once && names.by_file.iter().zip(files).all(stand)).then(|| self.by_name.clone())
    }

    /// The last binder that is in use.
    pub(super) fn binders(&self) -> u32 {
        self.binders
    }

    /// Brings what is known into the order of today's definitions, without what reads a name that means another one now.
    fn align(&mut self, names: &Names<'_>, items: &Items<'_>) {
        let stands = |index: usize| {
            let ((name, kind), def) = (&self.declared[index], &names.defs[index]);
            **name == *def.name.node && *kind == def.kind
        };
        let in_place = |(file, range): &(FileId, Range<usize>)| items.are_untouched(*file) || range.clone().all(stands);
        if self.by_file == names.by_file && self.by_file.iter().all(in_place) {
            return;
        }
        let before = std::mem::take(&mut self.declared).into_iter().map(|(name, _)| name);
        let mut known: FxHashMap<Box<str>, Known<Made>> = before
            .zip(std::mem::take(&mut self.definitions))
            .filter_map(|(name, known)| Some((name, known.filter(|known| known.means_the_same(names))?)))
            .collect();
        // Of definitions of one name only the first is kept.
        self.definitions = names.defs.iter().map(|def| known.remove(def.name.node.as_str())).collect();
        self.declared = names.defs.iter().map(|def| (def.name.node.as_str().into(), def.kind)).collect();
        self.by_file.clone_from(&names.by_file);
        self.tests.retain(|_, known| known.means_the_same(names));
        let tests = self.tests.values_mut().map(|known| (&known.names, &mut known.uses));
        let definitions = self.definitions.iter_mut().flatten().map(|known| (&known.names, &mut known.uses));
        for (read, uses) in definitions.chain(tests) {
            *uses = definitions_among(read, names);
        }
        self.readers = vec![0; names.defs.len()];
        for used in self.definitions.iter().flatten().flat_map(|known| &known.uses) {
            self.readers[used.0] += 1;
        }
    }

    /// Which definitions are the same as before.
    fn same(&self, names: &Names<'_>, items: &Items<'_>) -> Vec<bool> {
        let mut same = vec![true; names.defs.len()];
        let mut changed = Vec::new();
        for (file, range) in &names.by_file {
            let untouched = items.are_untouched(*file);
            for index in range.clone() {
                let unedited = self.definitions[index].as_ref().is_some_and(|known| {
                    untouched || items.find(names.defs[index].item).is_some_and(|found| known.is_unedited(&found))
                });
                if !unedited {
                    same[index] = false;
                    changed.push(index);
                }
            }
        }
        // What nothing reads changes nothing else.
        if changed.iter().any(|&index| self.readers[index] > 0) {
            self.spread(changed, &mut same);
        }
        same
    }

    /// What reads something that has changed is not the same either.
    fn spread(&self, mut changed: Vec<usize>, same: &mut [bool]) {
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); same.len()];
        for (index, known) in self.definitions.iter().enumerate() {
            known.iter().flat_map(|known| &known.uses).for_each(|used| readers[used.0].push(index));
        }
        while let Some(index) = changed.pop() {
            for reader in std::mem::take(&mut readers[index]) {
                if std::mem::replace(&mut same[reader], false) {
                    changed.push(reader);
                }
            }
        }
    }

    /// Puts what was made of a definition in the place of what was.
    fn replace(&mut self, index: usize, known: Option<Known<Made>>) {
        known.iter().flat_map(|known| &known.uses).for_each(|used| self.readers[used.0] += 1);
        let before = std::mem::replace(&mut self.definitions[index], known);
        before.iter().flat_map(|known| &known.uses).for_each(|used| self.readers[used.0] -= 1);
    }
}

impl<T> Known<T> {
    fn new(found: Standing<'_>, item: &Item, names: &Names<'_>, made: T, diagnostics: Vec<Diagnostic>) -> Known<T> {
        let read = names_in(item, names);
        let uses = definitions_among(&read, names);
        Known { place: found.place, text: found.text.into(), names: read, uses, made, diagnostics }
    }

    /// Whether every name in it means what it did.
    fn means_the_same(&self, names: &Names<'_>) -> bool {
        self.names.iter().all(|(name, kind)| names.find(name).map(|def| names.defs[def.0].kind) == *kind)
    }

    /// Whether its text is the same, wherever in its file it stands now.
    fn is_unedited(&self, found: &Standing<'_>) -> bool {
        found.place.file == self.place.file && (found.untouched || *found.text == *self.text)
    }
}

impl Base {
    fn is(&self, other: &Base) -> bool {
        Arc::ptr_eq(&self.schema, &other.schema)
            && self.settings == other.settings
            && self.overrides == other.overrides
            && self.imports == other.imports
            && self.propensities == other.propensities
    }
}

/// The names in an item, and what those declare that are definitions.
fn names_in(item: &Item, names: &Names<'_>) -> Vec<(Box<str>, Option<DefKind>)> {
    let mut found: Vec<(Box<str>, Option<DefKind>)> = Vec::new();
    each_name(item, &mut |name| {
        if !found.iter().any(|(known, _)| **known == *name) {
            found.push((name.into(), names.find(name).map(|def| names.defs[def.0].kind)));
        }
    });
    found
}

/// The definitions that are read, by their numbers in `names`.
fn definitions_among(read: &[(Box<str>, Option<DefKind>)], names: &Names<'_>) -> Vec<DefId> {
    read.iter().filter(|(_, kind)| kind.is_some()).filter_map(|(name, _)| names.find(name)).collect()
}

impl<'a> Checker<'a> {
    /// Takes over what need not be checked again; tells which definitions these are.
    pub(super) fn recall(&mut self, memo: &mut CheckMemo, items: &Items<'_>) -> (Vec<bool>, Vec<bool>) {
        memo.align(&self.names, items);
        let same = memo.same(&self.names, items);
        let mut recalled = vec![false; same.len()];
        for index in (0..same.len()).filter(|index| same[*index]) {
            let def = self.names.defs[index];
            let Some(known) = &memo.definitions[index] else { continue };
            if !items.are_untouched(known.place.file) {
                let stays = items.find(def.item).is_some_and(|found| found.place == known.place);
                if !stays || known.made.docs().is_some_and(|docs| docs != def.docs) {
                    continue;
                }
            }
            recalled[index] = true;
            self.diagnostics.extend(known.diagnostics.iter().cloned());
            match (known.made.clone(), def.kind) {
                (Made::Let(made, needs, size), DefKind::Let(id)) => {
                    self.lets[id.0 as usize] = Some(made);
                    self.needs[id.0 as usize] = needs;
                    self.sizes[index] = size;
                }
                (Made::Param(made), DefKind::Param(id)) => self.params[id.0 as usize] = Some(made),
                (Made::Event(made, size), DefKind::Event(id)) => {
                    self.events[id.0 as usize] = Some(made);
                    self.sizes[index] = size;
                }
                (Made::Segment(made, size), DefKind::Segment(id)) => {
                    self.segments[id.0 as usize] = Some(made);
                    self.sizes[index] = size;
                }
                _ => recalled[index] = false,
            }
        }
        (same, recalled)
    }

    /// What was made of a test, if nothing that it reads has changed.
    pub(super) fn recall_test(
        &mut self,
        memo: &CheckMemo,
        items: &Items<'_>,
        same: &[bool],
        item: &Item,
    ) -> Option<Arc<hir::Test>> {
        let found = items.find(item)?;
        let known = memo.tests.get(&found.place).filter(|known| known.is_unedited(&found))?;
        if !known.uses.iter().all(|used| same[used.0]) {
            return None;
        }
        self.diagnostics.extend(known.diagnostics.iter().cloned());
        Some(known.made.clone())
    }

    /// Keeps what was made; `said` holds what was said about each definition that was checked.
    pub(super) fn keep(&self, memo: &mut CheckMemo, items: &Items<'_>, recalled: &[bool]) {
        memo.binders = self.binders();
        for index in (0..recalled.len()).filter(|index| !recalled[*index]) {
            memo.replace(index, self.known(index, items));
        }
        memo.by_name.clone_from(self.names.by_name());
        memo.versions = self.input.files.iter().map(|file| (file.id, file.version)).collect();
    }

    /// What was made of a definition, if it can be kept.
    fn known(&self, index: usize, items: &Items<'_>) -> Option<Known<Made>> {
        let def = self.names.defs[index];
        let first = self.names.find(&def.name.node) == Some(DefId(index));
        if !first || self.circular || !can_be_kept(&self.said[index], def.item) {
            return None;
        }
        let made = self.made(index, def.kind)?;
        Some(Known::new(items.find(def.item)?, def.item, &self.names, made, self.said[index].clone()))
    }

    fn made(&self, index: usize, kind: DefKind) -> Option<Made> {
        let size = self.sizes[index];
        match kind {
            DefKind::Let(id) => {
                let needs = self.needs[id.0 as usize].clone();
                Some(Made::Let(self.lets[id.0 as usize].clone()?, needs, size))
            }
            DefKind::Param(id) => Some(Made::Param(self.params[id.0 as usize].clone()?)),
            DefKind::Event(id) => Some(Made::Event(self.events[id.0 as usize].clone()?, size)),
            DefKind::Segment(id) => Some(Made::Segment(self.segments[id.0 as usize].clone()?, size)),
            // Few, and they read whatever they name in `using`.
            DefKind::Propensity(_) => None,
        }
    }

    /// Keeps what was made of tests, in place of all that were kept.
    pub(super) fn keep_tests(&self, memo: &mut CheckMemo, items: &Items<'_>, checked: Vec<CheckedTest<'a>>) {
        let mut tests = FxHashMap::default();
        for test in checked {
            let Some(found) = items.find(test.item) else { continue };
            let place = found.place;
            match test.said {
                None => tests.extend(memo.tests.remove(&place).map(|known| (place, known))),
                Some(diagnostics) if !self.circular && can_be_kept(&diagnostics, test.item) => {
                    tests.insert(place, Known::new(found, test.item, &self.names, test.made, diagnostics));
                }
                Some(_) => {}
            }
        }
        memo.tests = tests;
    }
}

/// A test with what was said about it, if it was not recalled.
pub(super) struct CheckedTest<'a> {
    pub item: &'a Item,
    pub made: Arc<hir::Test>,
    pub said: Option<Vec<Diagnostic>>,
}

/// Nothing is an error, and nothing points out of the item, where it may move.
fn can_be_kept(diagnostics: &[Diagnostic], item: &Item) -> bool {
    let inside = |span: Span| span.file == item.span.file && item.span.start <= span.start && span.end <= item.span.end;
    diagnostics
        .iter()
        .all(|diagnostic| !diagnostic.is_error() && diagnostic.labels.iter().all(|label| inside(label.span)))
}
