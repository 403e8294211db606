//! What opening a project again need not do again: files whose text is the same are not parsed, a schema whose files are the
//! same is not composed. Invariant: with or without a memo, a project opens to the same.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diagnostics::Diagnostic;
use crate::schema::{Schema, SchemaFile};
use crate::source::{FileId, Sources};
use crate::syntax::{self, Parse};

/// Results of an earlier look, by content.
#[derive(Debug, Default)]
pub struct Memo {
    parses: FxHashMap<FileId, (Arc<str>, Arc<Parse>)>,
    schema: Option<Composed>,
}

#[derive(Debug)]
struct Composed {
    files: Vec<SchemaFile>,
    /// The id of the first text that composing added: spans name it.
    first: usize,
    texts: Vec<(String, Arc<str>)>,
    schema: Option<Arc<Schema>>,
    diagnostics: Vec<Diagnostic>,
}

impl Memo {
    /// The tree of a text, if the same text was parsed as the same file.
    pub(super) fn parse(&self, id: FileId, text: &str) -> Option<Arc<Parse>> {
        let (known, parse) = self.parses.get(&id)?;
        (**known == *text).then(|| parse.clone())
    }

    /// Keeps a tree.
    pub(super) fn keep(&mut self, id: FileId, text: Arc<str>, parse: Arc<Parse>) {
        self.parses.insert(id, (text, parse));
    }

    /// Parses what is not known, in parallel; the results are in the order given.
    pub(super) fn parse_all(&mut self, texts: &[(FileId, Arc<str>)]) -> Vec<Arc<Parse>> {
        use rayon::prelude::*;
        let memo = &*self;
        let parses: Vec<Arc<Parse>> = texts
            .par_iter()
            .map(|(id, text)| memo.parse(*id, text).unwrap_or_else(|| Arc::new(syntax::parse(*id, text))))
            .collect();
        for ((id, text), parse) in texts.iter().zip(&parses) {
            self.keep(*id, text.clone(), parse.clone());
        }
        parses
    }

    /// The schema of files, before what the project adds to it.
    pub(super) fn compose(
        &mut self,
        files: Vec<SchemaFile>,
        sources: &mut Sources,
    ) -> (Option<Arc<Schema>>, Vec<Diagnostic>) {
        let first = sources.iter().count();
        if let Some(known) = self.schema.as_ref().filter(|known| known.first == first && known.files == files) {
            for (path, text) in &known.texts {
                sources.add(path.clone(), text.clone());
            }
            return (known.schema.clone(), known.diagnostics.clone());
        }
        let loaded = crate::schema::load(&files, sources);
        let schema = loaded.schema.map(Arc::new);
        let texts = sources.iter().skip(first).map(|(_, file)| (file.path.clone(), file.text.clone())).collect();
        let diagnostics = loaded.diagnostics;
        self.schema = Some(Composed { files, first, texts, schema: schema.clone(), diagnostics: diagnostics.clone() });
        (schema, diagnostics)
    }
}
