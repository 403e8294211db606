//! What opening and checking a project again need not do again: files whose text is the same are not parsed, a schema whose
//! files are the same is not composed, definitions that nothing has changed for are not checked. Invariant: with or without
//! a memo, a project opens to the same and has the same diagnostics.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::propensity::{self, ModelFile, ModelMemo};
use super::{SegFile, seg_files};
use crate::check::CheckMemo;
use crate::diagnostics::Diagnostic;
use crate::lint::LintMemo;
use crate::project::{self, Scale};
use crate::schema::{Schema, SchemaFile};
use crate::source::{FileId, Sources};
use crate::syntax::{self, Parse};

/// Results of an earlier look, by content.
#[derive(Debug, Default)]
pub struct Memo {
    files: FxHashMap<FileId, Known>,
    versions: u64,
    schema: Option<Composed>,
    scaled: Option<Scaled>,
    pub(super) check: CheckMemo,
    pub(super) lint: LintMemo,
    pub(super) models: ModelMemo,
}

#[derive(Debug)]
struct Known {
    text: Arc<str>,
    parse: Arc<Parse>,
    docs: Arc<[String]>,
    imports: Arc<[String]>,
    models: Arc<[ModelFile]>,
    version: u64,
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

#[derive(Debug)]
struct Scaled {
    from: Arc<Schema>,
    scales: Vec<Scale>,
    schema: Arc<Schema>,
    diagnostics: Vec<Diagnostic>,
}

impl Memo {
    /// Takes a tree that was made already of the text of a file.
    pub fn offer(&mut self, id: FileId, text: &Arc<str>, parse: &Arc<Parse>) {
        if !self.knows(id, text) {
            let docs = docs(text, parse);
            self.keep(id, text.clone(), parse.clone(), docs);
        }
    }

    fn knows(&self, id: FileId, text: &Arc<str>) -> bool {
        self.files.get(&id).is_some_and(|known| Arc::ptr_eq(&known.text, text) || known.text == *text)
    }

    fn keep(&mut self, id: FileId, text: Arc<str>, parse: Arc<Parse>, docs: Arc<[String]>) {
        self.versions += 1;
        let imports = seg_files::imports(&parse);
        let models = propensity::model_files(&parse);
        self.files.insert(id, Known { text, parse, docs, imports, models, version: self.versions });
    }

    /// Parses what is not known, in parallel; the results are in the order given.
    pub(super) fn parse_all(&mut self, texts: Vec<(FileId, String, Arc<str>)>) -> Vec<SegFile> {
        use rayon::prelude::*;
        let memo = &*self;
        let fresh: Vec<_> = texts
            .par_iter()
            .map(|(id, _, text)| {
                (!memo.knows(*id, text)).then(|| {
                    let parse = Arc::new(syntax::parse(*id, text));
                    let docs = docs(text, &parse);
                    (parse, docs)
                })
            })
            .collect();
        for ((id, _, text), fresh) in texts.iter().zip(fresh) {
            if let Some((parse, docs)) = fresh {
                self.keep(*id, text.clone(), parse, docs);
            }
        }
        let known = |(id, path, _): (FileId, String, Arc<str>)| {
            let known = self.files.get(&id)?;
            Some(SegFile {
                id,
                path,
                parse: known.parse.clone(),
                docs: known.docs.clone(),
                imports: known.imports.clone(),
                models: known.models.clone(),
                version: known.version,
            })
        };
        texts.into_iter().filter_map(known).collect()
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

    /// A schema with the scales that the project gives to its numbers.
    pub(super) fn scale(&mut self, from: Arc<Schema>, scales: &[Scale]) -> (Arc<Schema>, Vec<Diagnostic>) {
        if let Some(known) = &self.scaled
            && Arc::ptr_eq(&known.from, &from)
            && known.scales == scales
        {
            return (known.schema.clone(), known.diagnostics.clone());
        }
        let mut schema = (*from).clone();
        let diagnostics = project::apply_scales(scales, &mut schema);
        let schema = Arc::new(schema);
        let made = (schema.clone(), diagnostics.clone());
        self.scaled = Some(Scaled { from, scales: scales.to_vec(), schema, diagnostics });
        made
    }
}

/// The `///` text above each item of a file.
fn docs(text: &str, parse: &Parse) -> Arc<[String]> {
    let docs = |offset| parse.trivia.docs_before(offset, text).unwrap_or_default();
    parse.file.items.iter().map(|item| docs(item.span.start)).collect()
}
