//! What an editor asks, answered from a checked project and the text at hand: completion, hover, definitions, renaming,
//! symbols, colours, fixes. Plain structs and byte offsets: nothing here knows a protocol, reads a file or a clock. May import
//! `pipeline`, `fmt` and all below. Invariant: every answer is right for the text that was handed in, also where it is
//! newer than the analysis; what only the analysis knows may be older.

use std::sync::Arc;

use crate::pipeline::{Compiled, Files, Memo, Request, SegFile, Workspace};
use crate::schema::Schema;
use crate::source::FileId;
use crate::syntax::Parse;

pub mod completion;
pub mod definitions;
pub mod edits;
pub mod hover;
pub mod inlay;
pub mod locals;
pub mod navigation;
mod offers;
mod reading;
pub mod scope;
pub mod signature;
pub mod structure;
mod test_data;

use definitions::{Definitions, DefinitionsMemo};

/// A project as it was when it was last looked at.
#[derive(Debug)]
pub struct Analysis {
    /// Files, texts, trees, settings.
    pub workspace: Workspace,
    /// The typed tree and everything found.
    pub compiled: Compiled,
    /// What the files declare.
    pub definitions: Definitions,
}

/// What looking at a project again need not do again.
#[derive(Debug, Default)]
pub struct AnalysisMemo {
    /// Texts, trees and what was made of them.
    pub project: Memo,
    definitions: DefinitionsMemo,
}

impl Analysis {
    /// Opens and checks a project, with what an earlier look at it left.
    pub fn of(files: &dyn Files, request: &Request, memo: &mut AnalysisMemo) -> Analysis {
        let workspace = Workspace::open_with(files, request, &mut memo.project);
        let compiled = workspace.compile_with(&mut memo.project);
        let definitions = Definitions::of(&workspace, &mut memo.definitions);
        Analysis { workspace, compiled, definitions }
    }

    /// The schema, with the objects of the propensities if the project could be checked.
    pub fn schema(&self) -> Option<&Schema> {
        let module = self.compiled.module.as_ref().map(|module| &module.schema);
        module.or(self.workspace.schema.as_ref()).map(|schema| &**schema)
    }

    /// A file by its path.
    pub fn file(&self, path: &str) -> Option<&SegFile> {
        self.workspace.files.iter().find(|file| file.path == path)
    }

    /// The path of a file.
    pub fn path(&self, id: FileId) -> Option<&str> {
        self.workspace.files.iter().find(|file| file.id == id).map(|file| file.path.as_str())
    }

    /// The text of a file as it was analysed.
    pub fn text(&self, id: FileId) -> &str {
        self.workspace.sources.file(id).map(|file| &*file.text).unwrap_or_default()
    }

    /// The typed tree of a project without errors.
    pub fn module(&self) -> Option<&crate::hir::Module> {
        self.compiled.module.as_ref()
    }
}

/// A text with its tree, newer perhaps than the analysis.
#[derive(Debug)]
pub struct Document {
    /// Its path in the project.
    pub path: String,
    /// The text.
    pub text: Arc<str>,
    /// The tree; its spans name `id`.
    pub parse: Arc<Parse>,
    /// The file's id in the analysis, or the default of a file that is not in it.
    pub id: FileId,
}

impl Document {
    /// Parses a text.
    pub fn new(path: &str, text: Arc<str>, id: FileId) -> Document {
        let parse = Arc::new(crate::syntax::parse(id, &text));
        Document { path: path.to_owned(), text, parse, id }
    }
}
