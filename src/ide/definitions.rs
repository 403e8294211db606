//! What the files of a project declare: names, places, documentation. May import `syntax`. Invariant: made from trees alone, so
//! that it is there in a project that does not check.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::pipeline::Workspace;
use crate::source::{FileId, Span};
use crate::syntax::Parse;
use crate::syntax::ast::{Ident, ItemKind};

/// What a definition declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `let`
    Let,
    /// `param`
    Param,
    /// `event`
    Event,
    /// `segment`
    Segment,
    /// `propensity`
    Propensity,
}

impl Kind {
    /// Its reserved word.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Let => "let",
            Kind::Param => "param",
            Kind::Event => "event",
            Kind::Segment => "segment",
            Kind::Propensity => "propensity",
        }
    }
}

/// A definition.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its name.
    pub name: Arc<str>,
    /// What it declares.
    pub kind: Kind,
    /// The name's place.
    pub span: Span,
    /// The whole item.
    pub whole: Span,
    /// The `///` text above it.
    pub docs: String,
    /// The title of a segment.
    pub title: String,
    /// Names and types of a `let`'s parameters, as written.
    pub params: Vec<String>,
    /// The text of its first line, up to the body.
    pub head: String,
}

/// All definitions by name; of two with one name the first.
#[derive(Debug, Clone, Default)]
pub struct Definitions {
    files: Vec<Arc<[Definition]>>,
    /// The file and the place in it.
    by_name: Arc<BTreeMap<Arc<str>, (usize, usize)>>,
}

/// The definitions of files that have not changed since.
#[derive(Debug, Default)]
pub struct DefinitionsMemo {
    files: FxHashMap<FileId, (u64, Arc<[Definition]>)>,
    last: Definitions,
}

impl Definitions {
    /// The definitions of a project, with what an earlier look at it left.
    pub fn of(workspace: &Workspace, memo: &mut DefinitionsMemo) -> Definitions {
        let mut files = Vec::with_capacity(workspace.files.len());
        for file in &workspace.files {
            let known = memo.files.get(&file.id).filter(|(version, _)| *version == file.version);
            let found = known.map(|(_, found)| found.clone()).unwrap_or_else(|| {
                let text = workspace.sources.file(file.id).map(|file| &*file.text).unwrap_or_default();
                of_file(text, &file.parse).into()
            });
            memo.files.insert(file.id, (file.version, found.clone()));
            files.push(found);
        }
        let by_name = if same_names(&files, &memo.last.files) { memo.last.by_name.clone() } else { index(&files) };
        memo.last = Definitions { files, by_name };
        memo.last.clone()
    }

    /// The definition of a name.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        self.at(*self.by_name.get(name)?)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.by_name.values().filter_map(|place| self.at(*place))
    }

    fn at(&self, (file, index): (usize, usize)) -> Option<&Definition> {
        self.files.get(file)?.get(index)
    }
}

fn same_names(files: &[Arc<[Definition]>], before: &[Arc<[Definition]>]) -> bool {
    let same = |(a, b): (&Arc<[Definition]>, &Arc<[Definition]>)| {
        Arc::ptr_eq(a, b) || a.iter().map(|known| &known.name).eq(b.iter().map(|known| &known.name))
    };
    files.len() == before.len() && files.iter().zip(before).all(same)
}

fn index(files: &[Arc<[Definition]>]) -> Arc<BTreeMap<Arc<str>, (usize, usize)>> {
    let mut by_name = BTreeMap::new();
    for (file, found) in files.iter().enumerate() {
        for (index, definition) in found.iter().enumerate() {
            by_name.entry(definition.name.clone()).or_insert((file, index));
        }
    }
    Arc::new(by_name)
}

/// The definitions of one file, in the order of the text.
pub fn of_file(text: &str, parse: &Parse) -> Vec<Definition> {
    let slice = |span: Span| text.get(span.range()).unwrap_or_default();
    let mut found = Vec::new();
    for item in &parse.file.items {
        let mut params_text = Vec::new();
        let mut own_title = String::new();
        let (name, kind): (&Ident, Kind) = match &item.kind {
            ItemKind::Let { name, params, .. } => {
                params_text = params.iter().map(|p| format!("{}: {}", p.name.node, slice(p.ty.span))).collect();
                (name, Kind::Let)
            }
            ItemKind::Param { name, .. } => (name, Kind::Param),
            ItemKind::Event { name, .. } => (name, Kind::Event),
            ItemKind::Segment { name, title, .. } => {
                own_title = title.as_ref().map(|title| title.node.clone()).unwrap_or_default();
                (name, Kind::Segment)
            }
            ItemKind::Propensity { name, .. } => (name, Kind::Propensity),
            ItemKind::Schema(_) | ItemKind::Import(_) | ItemKind::Test { .. } | ItemKind::Error => continue,
        };
        if name.node.is_empty() {
            continue;
        }
        let head = slice(item.span).lines().next().unwrap_or_default().trim_end_matches('{').trim_end();
        found.push(Definition {
            name: name.node.as_str().into(),
            kind,
            span: name.span,
            whole: item.span,
            docs: parse.trivia.docs_before(item.span.start, text).unwrap_or_default(),
            title: own_title,
            params: params_text,
            head: head.to_owned(),
        });
    }
    found
}
