//! A project from its files to a checked module: the project file, the sources and what they import, the schema, checking
//! and lints. Does no IO itself: [`Files`] reads. Invariant: whatever cannot be read becomes a diagnostic, and the rest
//! goes on, so that one run reports everything.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::bytecode::Program;
use crate::check::{CheckInput, CheckMemo, ParsedFile, check_with};
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::emit;
use crate::emit::bytecode::Provenance;
use crate::hir::{ModelFacts, Module, Settings};
use crate::limits;
use crate::lint::{self, Facts, Level, Levels};
use crate::plan::{self, Plan};
use crate::project::{LintLevel, Override, ParamValue, Project};
use crate::propensity::usage::unknown_factors;
use crate::schema::Schema;
use crate::source::{FileId, Sources};
use crate::syntax::Parse;
use crate::syntax::ast::Item;

mod errors;
mod kept;
mod layout;
mod memo;
mod overlay;
mod paths;
mod probes;
pub mod propensity;
mod schemas;
mod seg_files;
pub mod testing;

pub use errors::io_reason;
pub use kept::KeptFiles;
pub use layout::sql_layout;
pub use memo::Memo;
pub use overlay::Overlay;
pub use paths::{is_below, matches_pattern, named_in, normalize};

/// Reads files for the pipeline. Paths are as the user gave them, with `/` between their parts.
pub trait Files: Sync {
    /// The bytes of a file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;
    /// A file as text; an error of the kind `InvalidData` where the bytes are no UTF-8.
    fn text(&self, path: &str) -> io::Result<Arc<str>> {
        let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text");
        String::from_utf8(self.read(path)?).map(Into::into).map_err(not_text)
    }
    /// The files below a folder, however deep, as paths that [`Files::read`] takes. Links to folders are not followed.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Whether this is a folder.
    fn is_folder(&self, path: &str) -> bool;
}

/// What to open.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The project's folder; empty for the current one.
    pub root: String,
    /// The project file, if there is one.
    pub project_file: Option<String>,
    /// Settings that the command line gives.
    pub overrides: Vec<Override>,
    /// The `.seg` files to read instead of the project's own; what they import is read too.
    pub sources: Vec<String>,
}

/// A `.seg` file, parsed.
#[derive(Debug)]
pub struct SegFile {
    /// Its id in [`Workspace::sources`].
    pub id: FileId,
    /// Its path, normalised.
    pub path: String,
    /// What was parsed.
    pub parse: Arc<Parse>,
    /// The `///` text above each item.
    pub docs: Arc<[String]>,
    /// The `.seg` files that it imports, as it names them.
    pub imports: Arc<[String]>,
    /// The model files that its propensities may have.
    models: Arc<[propensity::ModelFile]>,
    /// A number that this text of the file does not share with any other that the same [`Memo`] has seen.
    pub version: u64,
}

/// An opened project.
#[derive(Debug)]
pub struct Workspace {
    /// The project's folder; empty for the current one.
    pub root: String,
    /// Every text that a diagnostic may point into.
    pub sources: Sources,
    /// The settings.
    pub project: Project,
    /// The `.seg` files, imported ones behind those that import them.
    pub files: Vec<SegFile>,
    /// Whether these are the files of the project, not some that were named.
    pub is_whole: bool,
    /// Whether there is a project file.
    pub has_project_file: bool,
    /// The schema, if one could be loaded.
    pub schema: Option<Arc<Schema>>,
    /// What the model files of the propensities say that are trained here.
    pub models: BTreeMap<String, ModelFacts>,
    /// The texts of model files of other makers, by propensity.
    pub foreign_models: BTreeMap<String, Arc<str>>,
    /// What was found so far: in the project file, the schema and the syntax.
    pub diagnostics: Vec<Diagnostic>,
}

/// An error that lies in no `.seg` file.
struct ErrorElsewhere;

/// A checked project.
#[derive(Debug)]
pub struct Compiled {
    /// The typed tree; `None` without a schema. Usable for running only if no diagnostic is an error.
    pub module: Option<Module>,
    /// Everything found, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// The typed tree of a project without errors.
    pub fn sound(&self) -> Option<&Module> {
        if self.diagnostics.iter().any(Diagnostic::is_error) { None } else { self.module.as_ref() }
    }
}

impl Workspace {
    /// Opens a project: reads and parses, but does not check.
    pub fn open(files: &dyn Files, request: &Request) -> Workspace {
        Workspace::open_with(files, request, &mut Memo::default())
    }

    /// The same, with what an earlier look left.
    pub fn open_with(files: &dyn Files, request: &Request, memo: &mut Memo) -> Workspace {
        let mut sources = Sources::default();
        let mut diagnostics = Vec::new();
        let project = project_file(files, request, &mut sources, &mut diagnostics);
        let seg_files = seg_files::read(files, request, &project, memo, &mut sources, &mut diagnostics);
        let schema = schemas::load(files, &request.root, &project, &seg_files, memo, &mut sources, &mut diagnostics);
        let models = propensity::model_facts(files, &request.root, &seg_files, &mut memo.models);
        let foreign_models = propensity::foreign_models(files, &request.root, &seg_files);
        for file in &seg_files {
            diagnostics.extend(file.parse.diagnostics.iter().cloned());
        }
        Workspace {
            root: request.root.clone(),
            sources,
            project,
            files: seg_files,
            is_whole: request.sources.is_empty(),
            has_project_file: request.project_file.is_some(),
            schema,
            models,
            foreign_models,
            diagnostics,
        }
    }

    /// Checks and lints the project.
    pub fn compile(&self) -> Compiled {
        self.compile_as(None)
    }

    /// The same, with what an earlier look left: the memo that the project was opened with.
    pub fn compile_with(&self, memo: &mut Memo) -> Compiled {
        self.compile_as(Some(memo))
    }

    fn compile_as(&self, memo: Option<&mut Memo>) -> Compiled {
        let in_editor = memo.is_some();
        let (check_memo, lint_memo) = memo.map(|memo| (&mut memo.check, &mut memo.lint)).unzip();
        let mut diagnostics = self.diagnostics.clone();
        let levels = self.lint_levels(&mut diagnostics);
        let module = self.schema.as_ref().map(|schema| {
            let mut checked = self.check(schema.clone(), None, check_memo);
            diagnostics.extend(checked.diagnostics);
            self.unknown_params(&checked.module, &mut diagnostics);
            for propensity in &mut checked.module.propensities {
                propensity.model = self.models.get(&propensity.name).cloned();
            }
            diagnostics.extend(unknown_factors(&checked.module));
            // What the columns of a model are is compiled like a segment: too long for every keystroke.
            if !in_editor && !diagnostics.iter().any(Diagnostic::is_error) {
                diagnostics.extend(propensity::unfit_models(self, &checked.module));
            }
            checked.module
        });
        let broken = self.broken(&diagnostics);
        if let (Some(module), Ok(broken)) = (&module, &broken) {
            diagnostics.extend(lint::lint_with(
                module,
                &self.sources,
                &self.facts(),
                &levels,
                broken.as_ref(),
                lint_memo,
            ));
        }
        let all_linted = module.is_some() && matches!(broken, Ok(None));
        let allowed = self.allowances(&mut diagnostics);
        lint::apply_allowances(&mut diagnostics, &allowed, all_linted.then_some(&levels));
        if !self.is_whole {
            // What no file that was named uses, another file of the project may.
            diagnostics.retain(|diagnostic| diagnostic.code != Code::SEG0603);
        }
        lint::apply_levels(&mut diagnostics, &levels);
        diagnostics.sort_by_key(|d| (d.primary().map(|span| (span.file, span.start, span.end)), d.code));
        Compiled { module, diagnostics }
    }

    /// Checks the files, one of them in another state than it was read in.
    fn check(
        &self,
        schema: Arc<Schema>,
        instead: Option<&SegFile>,
        memo: Option<&mut CheckMemo>,
    ) -> crate::check::Checked {
        let text = |file: &SegFile| self.sources.file(file.id).map_or("", |known| &*known.text);
        let files: Vec<ParsedFile<'_>> = self
            .files
            .iter()
            .map(|file| instead.filter(|other| other.id == file.id).unwrap_or(file))
            .map(|file| ParsedFile {
                id: file.id,
                path: &file.path,
                file: &file.parse.file,
                docs: &file.docs,
                text: text(file),
                version: file.version,
            })
            .collect();
        let settings = self.settings();
        let params: Vec<(String, String)> =
            self.project.params.iter().map(|(name, value)| (name.clone(), param_text(&value.value))).collect();
        check_with(&CheckInput { files: &files, schema, settings, param_overrides: &params }, memo)
    }

    /// Paths of files with those of all that import them, directly or not.
    pub fn with_importers(&self, mut paths: BTreeSet<String>) -> BTreeSet<String> {
        let imports: Vec<(&str, Vec<String>)> =
            self.files.iter().map(|file| (file.path.as_str(), seg_files::imported(file).collect())).collect();
        loop {
            let before = paths.len();
            let importers = imports.iter().filter(|(_, read)| read.iter().any(|path| paths.contains(path)));
            let importers: Vec<String> = importers.map(|(path, _)| (*path).to_owned()).collect();
            paths.extend(importers);
            if paths.len() == before {
                return paths;
            }
        }
    }

    /// The settings that are part of the meaning.
    pub fn settings(&self) -> Settings {
        Settings {
            zone: self.project.zone.clone(),
            week_start: self.project.week_start,
            event_ids: self.project.event_ids(),
        }
    }

    /// What lints ask of the project.
    fn facts(&self) -> Facts {
        let governance = &self.project.governance;
        let purpose = governance.purpose.clone().unwrap_or_default();
        Facts {
            retention_days: governance.retention_days,
            // Without a project file there is no place for a zone.
            zone_stated: self.project.zone_stated || !self.has_project_file,
            forbidden_labels: governance.forbid.get(&purpose).cloned().unwrap_or_default(),
            purpose,
        }
    }

    /// The names of definitions with errors, if there are errors; not where one lies outside of the definitions and may
    /// be the cause of anything.
    fn broken(&self, diagnostics: &[Diagnostic]) -> Result<Option<FxHashSet<&str>>, ErrorElsewhere> {
        let mut errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).peekable();
        if errors.peek().is_none() {
            return Ok(None);
        }
        let mut broken = FxHashSet::default();
        for error in errors {
            let at = error.primary().ok_or(ErrorElsewhere)?;
            let file = self.files.iter().find(|file| file.id == at.file).ok_or(ErrorElsewhere)?;
            // Items stand in the order of the text.
            let items = &file.parse.file.items;
            let around = items.get(items.partition_point(|item| item.span.end < at.start));
            broken.extend(around.filter(|item| item.span.start <= at.start).and_then(Item::name));
        }
        Ok(Some(broken))
    }

    /// What comments allow, in all files.
    fn allowances(&self, diagnostics: &mut Vec<Diagnostic>) -> Vec<lint::Allowance> {
        let mut allowed = Vec::new();
        for file in &self.files {
            let text = self.sources.file(file.id).map(|f| &*f.text).unwrap_or_default();
            allowed.extend(lint::allowances(file.id, text, &file.parse, diagnostics));
        }
        allowed
    }

    /// Reports values for params that no file declares. Where only some files are read, the project file may speak of
    /// others; the command line does not.
    fn unknown_params(&self, module: &Module, diagnostics: &mut Vec<Diagnostic>) {
        for (name, value) in &self.project.params {
            let declared = module.params.iter().any(|param| param.name == *name);
            if !declared && (self.is_whole || value.span.is_none()) {
                let known = module.params.iter().map(|param| param.name.as_str());
                diagnostics.push(errors::unknown_param(name, known, value.span));
            }
        }
    }

    /// The levels that the project file gives to lints; an unknown name is reported.
    fn lint_levels(&self, diagnostics: &mut Vec<Diagnostic>) -> Levels {
        let mut levels = Levels::default();
        for (name, level) in &self.project.lints {
            match Code::find(name) {
                Some(code) if code.info().severity == Severity::Error => {
                    diagnostics.push(errors::not_a_lint(code.info().name, level.span));
                }
                Some(code) => {
                    let level_of = match level.value {
                        LintLevel::Allow => Level::Allow,
                        LintLevel::Warn => Level::Warn,
                        LintLevel::Deny => Level::Deny,
                    };
                    levels.insert(code, level_of);
                }
                None => diagnostics.push(errors::unknown_lint(name, level.span)),
            }
        }
        levels
    }
}

fn project_file(
    files: &dyn Files,
    request: &Request,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Project {
    let Some(path) = &request.project_file else {
        let (project, found) = crate::project::default_project(&request.overrides);
        diagnostics.extend(found);
        return project;
    };
    let text = files.text(path).unwrap_or_else(|error| {
        diagnostics.push(errors::unreadable(path, &error));
        "".into()
    });
    let id = sources.add(path.clone(), text.clone());
    let (project, found) = crate::project::read(&text, id, &request.overrides);
    diagnostics.extend(found);
    project
}

/// A param's value as the text of a literal.
fn param_text(value: &ParamValue) -> String {
    match value {
        ParamValue::Text(text) => text.clone(),
        ParamValue::Value(value) => plan::value_text(value),
        ParamValue::List(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| match item {
                    ParamValue::Text(text) => format!("{text:?}"),
                    other => param_text(other),
                })
                .collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// The plan of a sound module for a run at an instant.
pub fn plan(module: &Module, now: i64) -> Plan {
    plan::optimize(&plan::lower(module, now))
}

/// The program of a sound module, checked against a schema, for a run at an instant. A segment beyond the limits of
/// programs is reported, so that whatever comes out is accepted by [`crate::bytecode::verify`].
pub fn program(module: &Module, schema: &Schema, now: i64) -> Result<Program, Vec<Diagnostic>> {
    let plan = plan(module, now);
    let most = limits::INSTRUCTIONS_PER_SEGMENT;
    let large = plan.segments.iter().filter(|segment| plan.needs_more_than(most, segment.condition));
    let refused: Vec<Diagnostic> = large.map(|segment| emit::errors::program_too_large(most, segment.span)).collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    let definitions = emit::rules::definition_hashes(module).iter().map(|hash| digest(hash)).collect();
    let provenance = Provenance { schema: schema.fingerprint(), definitions };
    let program = emit::bytecode::emit(&plan, &provenance);
    let deep = program.levels.iter().filter(|level| level.code.depth() > limits::FOLDS);
    let refused: Vec<Diagnostic> = deep
        .filter_map(|level| plan.segments.get(level.outputs.first()?.segment as usize))
        .map(|segment| emit::errors::program_too_deep(limits::FOLDS, segment.span))
        .collect();
    if refused.is_empty() { Ok(program) } else { Err(refused) }
}

/// The bytes of a digest in hexadecimal digits.
fn digest(hex: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let text = std::str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(text, 16).unwrap_or_default();
    }
    bytes
}
