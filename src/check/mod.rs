//! From trees to the typed tree: names, the schema, types. Names `hir` and what lies below it. Invariant: checking
//! never stops early and never fails; what is wrong becomes a diagnostic and an [`ExprKind::Error`](hir::ExprKind),
//! which takes part in everything around it without a further complaint.
//!
//! `names` gathers the definitions of all files and says which file sees which; `checker` holds the state and checks
//! definitions on demand; `scope`, `path` and `source` resolve what a name means where it stands; the rest is one
//! file a construct.

use std::sync::Arc;

use crate::diagnostics::Diagnostic;
use crate::hir;
use crate::schema::Schema;
use crate::source::FileId;
use crate::syntax::ast;

mod aggregate;
mod arithmetic;
mod call;
mod cases;
mod checker;
mod compare;
mod convert;
mod definitions;
mod dependencies;
mod digits;
mod errors;
mod expr;
mod leaks;
mod literal;
mod membership;
mod memo;
mod names;
mod overrides;
mod path;
mod propensity;
mod scope;
mod scores;
mod sequence;
mod source;
mod training;
mod unknown;
mod window;

pub use memo::CheckMemo;

/// One parsed file of a project.
#[derive(Debug, Clone, Copy)]
pub struct ParsedFile<'a> {
    /// The file that the tree's spans name.
    pub id: FileId,
    /// Its path in the project, with `/`: imports are resolved against it.
    pub path: &'a str,
    /// What was parsed.
    pub file: &'a ast::File,
    /// For each item of the file the `///` text above it; empty if none. May be shorter than the list of items.
    pub docs: &'a [String],
    /// The file's text.
    pub text: &'a str,
    /// A number that no other text of this file shares in checks with the same [`CheckMemo`].
    pub version: u64,
}

/// What is checked.
#[derive(Debug, Clone)]
pub struct CheckInput<'a> {
    /// Every file of the project, imported ones included.
    pub files: &'a [ParsedFile<'a>],
    /// What the segments speak about.
    pub schema: Arc<Schema>,
    /// Zone, first day of the week, event ids.
    pub settings: hir::Settings,
    /// Values of `param`s from the command line or the project file: name, text of a literal (a string may come
    /// without its quotes). The last one of a name wins.
    pub param_overrides: &'a [(String, String)],
}

/// The outcome.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Everything declared; parts in error are [`hir::ExprKind::Error`].
    pub module: hir::Module,
    /// In the order of files and text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks all files of a project together.
pub fn check(input: &CheckInput<'_>) -> Checked {
    check_with(input, None)
}

/// The same, with what an earlier check of the project left.
pub fn check_with(input: &CheckInput<'_>, mut memo: Option<&mut CheckMemo>) -> Checked {
    let mut diagnostics = Vec::new();
    let names = names::Names::collect(input, memo.as_deref(), &mut diagnostics);
    let (schema, binders) = match &mut memo {
        Some(memo) => (memo.start(input, &names), memo.binders()),
        None => (propensity::extend(&input.schema, &names), 0),
    };
    let mut checker = checker::Checker::new(input, names, schema, binders, diagnostics);
    checker.check_all(memo);
    checker.finish()
}
