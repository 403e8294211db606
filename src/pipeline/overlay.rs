//! Texts laid over files: what an editor has open, or what fixes made and nobody wrote yet. Invariant: a path is known by
//! its normalised form, whichever way it is spelt.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::Files;
use super::paths::{is_below, normalize};

/// Files with some of them replaced.
pub struct Overlay<'a> {
    below: &'a dyn Files,
    texts: BTreeMap<String, Arc<str>>,
}

impl<'a> Overlay<'a> {
    /// Nothing replaced yet.
    pub fn new(below: &'a dyn Files) -> Overlay<'a> {
        Overlay { below, texts: BTreeMap::new() }
    }

    /// Replaces a file, or adds one that is not there.
    pub fn set(&mut self, path: &str, text: impl Into<Arc<str>>) {
        self.texts.insert(normalize(path), text.into());
    }

    /// The replaced files with their texts.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), &**text))
    }
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self.texts.get(&normalize(path)) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.below.read(path),
        }
    }

    fn text(&self, path: &str) -> io::Result<Arc<str>> {
        match self.texts.get(&normalize(path)) {
            Some(text) => Ok(text.clone()),
            None => self.below.text(path),
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut listed = self.below.list(folder)?;
        let root = normalize(folder);
        let known: std::collections::BTreeSet<String> = listed.iter().map(|path| normalize(path)).collect();
        let new = self.texts.keys().filter(|path| is_below(&root, path) && !known.contains(*path));
        listed.extend(new.cloned());
        Ok(listed)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.below.is_folder(path)
    }
}
