//! Files as they were when they were first read, until they are told to have changed: an editor's keystroke reads none of
//! the project's files again. Invariant: only what could be read is kept.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::Files;

/// Files that are read once.
pub struct KeptFiles<'a> {
    below: &'a dyn Files,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    bytes: FxHashMap<String, Vec<u8>>,
    texts: FxHashMap<String, Arc<str>>,
    lists: FxHashMap<String, Vec<String>>,
    folders: FxHashMap<String, bool>,
}

impl<'a> KeptFiles<'a> {
    /// Nothing read yet.
    pub fn new(below: &'a dyn Files) -> KeptFiles<'a> {
        KeptFiles { below, known: Mutex::default() }
    }

    /// Reads everything anew from now on.
    pub fn forget(&self) {
        self.known(|known| *known = Known::default());
    }

    fn known<T>(&self, f: impl FnOnce(&mut Known) -> T) -> T {
        f(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Files for KeptFiles<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.known(|known| known.bytes.get(path).cloned()) {
            return Ok(bytes);
        }
        let bytes = self.below.read(path)?;
        self.known(|known| known.bytes.insert(path.to_owned(), bytes.clone()));
        Ok(bytes)
    }

    fn text(&self, path: &str) -> io::Result<Arc<str>> {
        if let Some(text) = self.known(|known| known.texts.get(path).cloned()) {
            return Ok(text);
        }
        let text = self.below.text(path)?;
        self.known(|known| known.texts.insert(path.to_owned(), text.clone()));
        Ok(text)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        if let Some(listed) = self.known(|known| known.lists.get(folder).cloned()) {
            return Ok(listed);
        }
        let listed = self.below.list(folder)?;
        self.known(|known| known.lists.insert(folder.to_owned(), listed.clone()));
        Ok(listed)
    }

    fn is_folder(&self, path: &str) -> bool {
        if let Some(is_folder) = self.known(|known| known.folders.get(path).copied()) {
            return is_folder;
        }
        let is_folder = self.below.is_folder(path);
        self.known(|known| known.folders.insert(path.to_owned(), is_folder));
        is_folder
    }
}
