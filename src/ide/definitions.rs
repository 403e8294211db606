//! What the files of a project declare: names, places, documentation. May import `syntax`. Invariant: made from trees alone, so
//! that it is there in a project that does not check.

use std::collections::BTreeMap;

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
    pub name: String,
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
    by_name: BTreeMap<String, Definition>,
}

impl Definitions {
    /// The definitions of a project, those of one file taken from another text than the workspace holds.
    pub fn of(workspace: &Workspace, fresh: Option<(FileId, &str, &Parse)>) -> Definitions {
        let mut definitions = Definitions::default();
        for file in &workspace.files {
            match fresh {
                Some((id, text, parse)) if id == file.id => definitions.add(text, parse),
                _ => {
                    let text = workspace.sources.file(file.id).map(|file| &*file.text).unwrap_or_default();
                    definitions.add(text, &file.parse);
                }
            }
        }
        definitions
    }

    /// The definition of a name.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        self.by_name.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.by_name.values()
    }

    /// Adds those of a file.
    pub fn add(&mut self, text: &str, parse: &Parse) {
        for definition in of_file(text, parse) {
            self.by_name.entry(definition.name.clone()).or_insert(definition);
        }
    }
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
            name: name.node.clone(),
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
