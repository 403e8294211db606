//! The files of a schema while it is composed: their trees, what their references mean, and the diagnostics about
//! them. Names `source`, `diagnostics` and serde_json. Invariant: a file enters the table of sources only when a
//! diagnostic needs it, so that a sound folder of hundreds of files costs nothing there.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::errors::{self, Place};
use super::files::SchemaFile;
use super::json::{self, Unreadable};
use crate::diagnostics::{Diagnostic, suggest};
use crate::limits::DIAGNOSTICS;
use crate::source::{FileId, Sources, Span};

/// A file that could be read.
#[derive(Debug)]
pub(super) struct Document {
    pub path: String,
    pub text: Arc<str>,
    pub root: Value,
    /// Whether it is in our own format, where names are compact already.
    pub own: bool,
    /// Among the files handed in, where diagnostics look it up.
    index: usize,
}

/// A part of the description of a value: an object of a document's tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub node: &'a Map<String, Value>,
    pub document: usize,
}

/// Every document, with the names that references use.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub list: Vec<Document>,
    ids: IndexMap<String, usize>,
    paths: IndexMap<String, usize>,
}

/// Diagnostics on their way out.
#[derive(Debug)]
pub(super) struct Report<'s> {
    sources: &'s mut Sources,
    files: Vec<Option<FileId>>,
    said: FxHashSet<(Option<Span>, String)>,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'s> Report<'s> {
    pub fn new(sources: &'s mut Sources) -> Self {
        Report { sources, files: Vec::new(), said: FxHashSet::default(), diagnostics: Vec::new() }
    }

    /// Says it, unless it was said of this place already, or enough was said.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        // beyond the limit only errors are still said, so that warnings never hide that a schema is wrong
        let count = self.diagnostics.len();
        if count >= DIAGNOSTICS && (!diagnostic.is_error() || count >= 2 * DIAGNOSTICS) {
            return;
        }
        if self.said.insert((diagnostic.primary(), diagnostic.message.clone())) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn file(&mut self, index: usize, path: &str, text: &Arc<str>) -> FileId {
        if self.files.len() <= index {
            self.files.resize(index + 1, None);
        }
        *self.files[index].get_or_insert_with(|| self.sources.add(path, text.clone()))
    }

    /// The place of a key of a part, or of the part itself.
    pub fn place(&mut self, documents: &Documents, part: Part<'_>, key: Option<&str>) -> Place {
        // finding a place reads the whole file, so it is not done for what will hardly be said
        let enough = self.diagnostics.len() >= DIAGNOSTICS;
        let Some(document) = documents.list.get(part.document).filter(|_| !enough) else {
            return Place::nowhere();
        };
        let file = self.file(document.index, &document.path, &document.text);
        let mut path = json::path_to(&document.root, part.node).unwrap_or_default();
        path.extend(key.map(str::to_owned));
        let range = json::locate(&document.text, &path);
        Place { span: Some(Span::new(file, range.start, range.end)), pointer: json::pointer(&path) }
    }
}

impl Documents {
    /// Reads every file; what cannot be read is said and left out.
    pub fn read(files: &[SchemaFile], report: &mut Report<'_>) -> Documents {
        let mut documents = Documents::default();
        for (index, file) in files.iter().enumerate() {
            if let Some((text, root)) = read_one(index, file, report) {
                let own = root.get("classes").is_some_and(Value::is_object);
                documents.list.push(Document { path: file.path.clone(), text, root, own, index });
            }
        }
        documents.name(report);
        documents
    }

    fn name(&mut self, report: &mut Report<'_>) {
        let mut twice = Vec::new();
        for (index, document) in self.list.iter().enumerate() {
            self.paths.insert(document.path.clone(), index);
            if let Some(id) = document.root.get("$id").and_then(Value::as_str) {
                let first = *self.ids.entry(id.trim_end_matches('#').to_owned()).or_insert(index);
                if first != index {
                    twice.push((id, first, index));
                }
            }
        }
        for (id, first, index) in twice {
            if let (Some(part), Some(first)) = (self.root(index), self.list.get(first)) {
                let place = report.place(self, part, Some("$id"));
                report.push(errors::duplicate_id(id, &first.path, &place));
            }
        }
    }

    /// The root of a document, if it is an object.
    pub fn root(&self, document: usize) -> Option<Part<'_>> {
        let node = self.list.get(document)?.root.as_object()?;
        Some(Part { node, document })
    }

    /// Every document's root that is an object.
    pub fn roots(&self) -> impl Iterator<Item = Part<'_>> {
        (0..self.list.len()).filter_map(|index| self.root(index))
    }

    /// The root of the document with an `$id`.
    pub fn with_id(&self, id: &str) -> Option<Part<'_>> {
        self.root(*self.ids.get(id.trim_end_matches('#'))?)
    }

    /// What a `$ref` inside a document refers to; `within` is searched where a pointer leads nowhere from the root.
    pub fn resolve<'a>(&'a self, reference: &str, document: usize, within: &[Part<'a>]) -> Option<Part<'a>> {
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if address.is_empty() {
            document
        } else {
            *self.ids.get(address).or_else(|| self.paths.get(&self.beside(document, address)))?
        };
        let root = &self.list.get(target)?.root;
        if let Some(node) = json::at_pointer(root, fragment).and_then(Value::as_object) {
            return Some(Part { node, document: target });
        }
        let within = within.iter().find(|within| within.document == target)?;
        let (first, rest) = fragment.strip_prefix('/')?.split_once('/')?;
        let inner = within.node.get(first)?;
        let node = json::at_pointer(inner, &format!("/{rest}"))?.as_object()?;
        Some(Part { node, document: target })
    }

    /// A relative path from a document's folder, without `.` and `..`.
    fn beside(&self, document: usize, relative: &str) -> String {
        let base = self.list.get(document).and_then(|d| d.path.rsplit_once('/')).map_or("", |(folder, _)| folder);
        let mut steps: Vec<&str> = base.split('/').filter(|step| !step.is_empty()).collect();
        for step in relative.split('/') {
            match step {
                "." | "" => {}
                ".." => drop(steps.pop()),
                step => steps.push(step),
            }
        }
        let root = if base.starts_with('/') { "/" } else { "" };
        format!("{root}{}", steps.join("/"))
    }

    /// The reference nearest to one that refers to nothing.
    pub fn similar(&self, reference: &str, document: usize, within: &[Part<'_>]) -> Option<String> {
        let root = self.root(document);
        let local = root.iter().chain(within.iter().filter(|part| part.document == document));
        let local: Vec<String> = local
            .filter_map(|part| part.node.get("definitions")?.as_object())
            .flat_map(Map::keys)
            .map(|name| format!("#/definitions/{name}"))
            .collect();
        let candidates = local.iter().map(String::as_str).chain(self.ids.keys().map(String::as_str));
        suggest::closest(reference, candidates).map(str::to_owned)
    }
}

/// A file's text and tree.
fn read_one(index: usize, file: &SchemaFile, report: &mut Report<'_>) -> Option<(Arc<str>, Value)> {
    let Ok(text) = std::str::from_utf8(&file.bytes) else {
        let id = report.file(index, &file.path, &Arc::from(""));
        let place = Place { span: Some(Span::new(id, 0, 0)), pointer: String::new() };
        report.push(errors::not_text(&file.path, &place));
        return None;
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unreadable = match json::parse(text) {
        Ok(root) => return Some((Arc::from(text), root)),
        Err(unreadable) => unreadable,
    };
    let (shown, at) = match &unreadable {
        Unreadable::Syntax(_, at) | Unreadable::Repeated(_, at) | Unreadable::TooDeep(at) => (text, *at),
        Unreadable::TooLong => ("", 0),
    };
    let id = report.file(index, &file.path, &Arc::from(shown));
    let end = shown.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |c| at + c.len_utf8());
    let place = Place { span: Some(Span::new(id, at, end)), pointer: String::new() };
    report.push(match unreadable {
        Unreadable::Syntax(why, _) => errors::bad_json(&why, &place),
        Unreadable::Repeated(key, _) => errors::repeated_key(&key, &place),
        Unreadable::TooDeep(_) => errors::too_large("it nests too deeply", &place),
        Unreadable::TooLong => errors::too_large("the file is too long", &place),
    });
    None
}
