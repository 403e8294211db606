//! The definitions of all files, and which file sees which. Imports nothing of its siblings but `errors`.
//! Invariant: a name means one definition in the whole project, the first; later ones are reported and can only be
//! reached by their own id.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{CheckInput, CheckMemo, errors};
use crate::diagnostics::Diagnostic;
use crate::hir::{EventDefId, LetId, ParamId, PropensityId, SegmentId};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Ident, Item, ItemKind};

/// Index into [`Names::defs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct DefId(pub usize);

/// What a definition declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DefKind {
    Let(LetId),
    Param(ParamId),
    Event(EventDefId),
    Segment(SegmentId),
    Propensity(PropensityId),
}

impl DefKind {
    /// With its article, for messages.
    pub fn a(self) -> &'static str {
        match self {
            DefKind::Let(_) => "a `let`",
            DefKind::Param(_) => "a `param`",
            DefKind::Event(_) => "a custom event",
            DefKind::Segment(_) => "a segment",
            DefKind::Propensity(_) => "a propensity",
        }
    }
}

/// A definition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Def<'a> {
    pub name: &'a Ident,
    pub kind: DefKind,
    pub item: &'a Item,
    pub docs: &'a str,
}

/// The first definition of each name.
pub(super) type ByName = FxHashMap<Box<str>, DefId>;

/// Definitions and imports of a project.
pub(super) struct Names<'a> {
    /// In the order of files and text.
    pub defs: Vec<Def<'a>>,
    /// The files in their order, each with those of `defs` that are in it.
    pub by_file: Vec<(FileId, Range<usize>)>,
    by_name: Arc<ByName>,
    files: FxHashMap<FileId, usize>,
    /// The files that a file imports.
    imports: Vec<Vec<usize>>,
    paths: Vec<&'a str>,
    /// What a file sees, itself included, found when first asked for.
    visible: FxHashMap<FileId, FxHashSet<FileId>>,
    ids: Vec<FileId>,
    /// How many definitions of each kind there are.
    counts: [u32; 5],
}

impl<'a> Names<'a> {
    /// Gathers the definitions and resolves the imports, with what an earlier check left.
    pub fn collect(input: &CheckInput<'a>, memo: Option<&CheckMemo>, diagnostics: &mut Vec<Diagnostic>) -> Names<'a> {
        let most = input.files.iter().map(|file| file.file.items.len()).sum();
        let mut names = Names {
            defs: Vec::with_capacity(most),
            by_file: Vec::with_capacity(input.files.len()),
            by_name: Arc::default(),
            files: input.files.iter().enumerate().map(|(i, f)| (f.id, i)).collect(),
            imports: vec![Vec::new(); input.files.len()],
            paths: input.files.iter().map(|f| f.path).collect(),
            visible: FxHashMap::default(),
            ids: input.files.iter().map(|f| f.id).collect(),
            counts: [0; 5],
        };
        let by_path: FxHashMap<String, usize> =
            input.files.iter().enumerate().map(|(i, f)| (normal(f.path), i)).collect();
        for (index, file) in input.files.iter().enumerate() {
            let first = names.defs.len();
            for (position, item) in file.file.items.iter().enumerate() {
                match &item.kind {
                    ItemKind::Import(path) => match by_path.get(&resolve(file.path, &path.node)) {
                        Some(&target) => names.imports[index].push(target),
                        None => {
                            let others = names.paths.iter().filter(|other| **other != file.path);
                            let written: Vec<String> = others.map(|other| relative(file.path, other)).collect();
                            diagnostics.push(errors::missing_import(path, &written));
                        }
                    },
                    _ => names.add(item, file.docs.get(position).map_or("", String::as_str)),
                }
            }
            names.by_file.push((file.id, first..names.defs.len()));
        }
        let known = memo.and_then(|memo| memo.by_name(input.files, &names));
        names.by_name = known.unwrap_or_else(|| Arc::new(by_name(&names.defs, diagnostics)));
        names
    }

    fn add(&mut self, item: &'a Item, docs: &'a str) {
        let next = self.counts;
        let (name, kind) = match &item.kind {
            ItemKind::Let { name, .. } => (name, DefKind::Let(LetId(next[0]))),
            ItemKind::Param { name, .. } => (name, DefKind::Param(ParamId(next[1]))),
            ItemKind::Event { name, .. } => (name, DefKind::Event(EventDefId(next[2]))),
            ItemKind::Segment { name, .. } => (name, DefKind::Segment(SegmentId(next[3]))),
            ItemKind::Propensity { name, .. } => (name, DefKind::Propensity(PropensityId(next[4]))),
            ItemKind::Test { .. } | ItemKind::Schema(_) | ItemKind::Import(_) | ItemKind::Error => return,
        };
        let slot = match kind {
            DefKind::Let(_) => 0,
            DefKind::Param(_) => 1,
            DefKind::Event(_) => 2,
            DefKind::Segment(_) => 3,
            DefKind::Propensity(_) => 4,
        };
        self.counts[slot] += 1;
        self.defs.push(Def { name, kind, item, docs });
    }

    /// The definitions by name.
    pub fn by_name(&self) -> &Arc<ByName> {
        &self.by_name
    }

    /// The definition of a name, visible or not.
    pub fn find(&self, name: &str) -> Option<DefId> {
        self.by_name.get(name).copied()
    }

    /// For each file the indices of those that it imports.
    pub fn imports(&self) -> &[Vec<usize>] {
        &self.imports
    }

    /// The names that an unknown one might have been meant to be.
    pub fn all(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.defs.iter().map(|d| d.name.node.as_str())
    }

    /// Whether the file of `from` sees what is defined at `definition`: its own and those of the files it imports,
    /// and of those that they import.
    pub fn sees(&mut self, from: Span, definition: Span) -> bool {
        if from.file == definition.file {
            return true;
        }
        if !self.visible.contains_key(&from.file) {
            let reached = self.reach(from.file);
            self.visible.insert(from.file, reached);
        }
        self.visible.get(&from.file).is_some_and(|files| files.contains(&definition.file))
    }

    fn reach(&self, from: FileId) -> FxHashSet<FileId> {
        let mut reached = FxHashSet::default();
        let mut waiting: Vec<usize> = self.files.get(&from).copied().into_iter().collect();
        while let Some(file) = waiting.pop() {
            if reached.insert(self.ids[file]) {
                waiting.extend(&self.imports[file]);
            }
        }
        reached
    }

    /// How the file of `from` would write an import of the file of `definition`.
    pub fn import_text(&self, from: Span, definition: Span) -> String {
        let path = |span: Span| self.files.get(&span.file).map_or("", |&i| self.paths[i]);
        relative(path(from), path(definition))
    }
}

/// The first definition of each name; others of that name are reported.
fn by_name(defs: &[Def<'_>], diagnostics: &mut Vec<Diagnostic>) -> ByName {
    let mut by_name = ByName::with_capacity_and_hasher(defs.len(), Default::default());
    for (index, Def { name, .. }) in defs.iter().enumerate().filter(|(_, def)| !def.name.node.is_empty()) {
        match by_name.get(name.node.as_str()) {
            Some(first) => diagnostics.push(errors::duplicate_name(name, defs[first.0].name)),
            None => {
                by_name.insert(name.node.as_str().into(), DefId(index));
            }
        }
    }
    by_name
}

/// A path without `.`, and without `..` but at its start (the project may lie above the current folder).
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(&last)) if last != ".." => {
                parts.pop();
            }
            (part, _) => parts.push(part),
        }
    }
    parts.join("/")
}

/// The path that `written` in the file `from` names.
fn resolve(from: &str, written: &str) -> String {
    if written.starts_with('/') {
        return normal(written);
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    normal(&format!("{folder}/{written}"))
}

/// The shortest way to write `to` in the file `from`.
fn relative(from: &str, to: &str) -> String {
    let folders: Vec<&str> = from.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect());
    let parts: Vec<&str> = to.split('/').collect();
    let shared = folders.iter().zip(&parts).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", folders.len() - shared);
    up.chain(parts.iter().skip(shared).copied()).collect::<Vec<_>>().join("/")
}
