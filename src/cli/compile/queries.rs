//! SQL of `segc compile`: one query per segment, or one for all, in the shape that was asked for.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::super::{CommandResult, Failure, Global, Outcome, STACK_BYTES, print, report, say, write};
use super::{CompileArgs, Shape, chosen, dialect, locked};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::words::counted;
use crate::emit::{self, canary::Columns, shape};
use crate::hir::{Module, SegmentId};
use crate::pipeline::{self, Workspace};
use crate::plan::Plan;
use crate::sql::tree::Statement;
use crate::sql::{self, Dialect, Layout, Query};
use crate::vector::time::Zone;

/// What there is to write: a name for each file, and its text.
pub(super) type Files = Vec<(String, String)>;

/// All that a query is made of.
struct Context<'a> {
    args: &'a CompileArgs,
    workspace: &'a Workspace,
    module: &'a Module,
    plan: Plan,
    dialect: &'static dyn Dialect,
    layout: Layout,
}

pub(super) fn run(
    args: &CompileArgs,
    workspace: &Workspace,
    module: &Module,
    now: i64,
    global: &Global,
) -> CommandResult {
    let dialect = dialect(args, workspace)?;
    let layout = match pipeline::sql_layout(&workspace.project, module) {
        Ok(layout) => layout,
        Err(refused) => {
            report(&refused, &workspace.sources, global);
            return Ok(Outcome::Findings);
        }
    };
    let names: Vec<&str> = module.segments.iter().map(|segment| segment.name.as_str()).collect();
    let chosen = chosen(&names, &args.segments)?;
    are_told_apart(args, chosen.iter().map(|&index| names[index]))?;
    let mut made = |now: i64| {
        let plan = pipeline::plan(module, now);
        let context = Context { args, workspace, module, plan, dialect, layout: layout.clone() };
        match context.files(&chosen) {
            Ok(files) => Ok(Some(files)),
            Err(refused) => {
                report(&refused, &workspace.sources, global);
                Ok(None)
            }
        }
    };
    if args.locked {
        return locked::compare_folder(args, now, &mut made);
    }
    match made(now)? {
        Some(files) => written(&files, args),
        None => Ok(Outcome::Findings),
    }
}

impl Context<'_> {
    fn files(&self, chosen: &[usize]) -> Result<Files, Vec<Diagnostic>> {
        if self.args.canary {
            let zone = Zone::new(&self.module.settings.zone).unwrap_or_else(Zone::utc);
            // What the dialect refuses is not run.
            let emit = |&index: &usize| emit::sql::emit(&self.plan, index, self.dialect, &self.layout).ok();
            let queries: Vec<Query> = chosen.iter().filter_map(emit).collect();
            let queries: Vec<&Query> = queries.iter().collect();
            let columns = Columns::of(&self.plan, chosen, &queries, &self.module.schema, &self.layout);
            let query = emit::canary::canary(self.dialect, &zone, &columns);
            let text = sql::print_statement(&Statement::Query(query), self.dialect);
            return Ok(vec![("canary.sql".to_owned(), text)]);
        }
        if self.args.shape == Shape::OnePass { self.together(chosen) } else { self.one_each(chosen) }
    }

    /// A file per segment, and what goes beside them.
    fn one_each(&self, chosen: &[usize]) -> Result<Files, Vec<Diagnostic>> {
        let one = |&index: &usize| {
            let (mut query, text) = emit::sql::emit_printed(&self.plan, index, self.dialect, &self.layout)?;
            query.comment = header(self.workspace, self.module, index, self.plan.now);
            let name = &self.module.segments[index].name;
            Ok((format!("{name}.sql"), self.shaped(name, query, &text)))
        };
        // Trees may be as deep here as on the main thread. Without threads of their own all are made on this one.
        let each: Vec<Result<_, Vec<Diagnostic>>> =
            match rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build() {
                Ok(pool) => pool.install(|| chosen.par_iter().map(one).collect()),
                Err(_) => chosen.iter().map(one).collect(),
            };
        let (mut files, mut refused) = (Files::with_capacity(each.len()), Vec::new());
        for made in each {
            match made {
                Ok(file) => files.push(file),
                Err(diagnostics) => refused.extend(diagnostics),
            }
        }
        if self.args.shape == Shape::Dbt {
            let models: Vec<shape::Model> = chosen.iter().map(|&index| self.model(index)).collect();
            files.push(("schema.yml".to_owned(), shape::dbt_schema(&models)));
        }
        if refused.is_empty() { Ok(files) } else { Err(refused) }
    }

    /// A segment's query, which has this text, in its shape.
    fn shaped(&self, name: &str, query: Query, text: &str) -> String {
        let schema = self.args.schema_name.iter().cloned();
        let target: Vec<String> = schema.chain([name.to_owned()]).collect();
        let statement = match self.args.shape {
            Shape::Dbt => return shape::dbt_model(query, self.dialect),
            Shape::Select | Shape::OnePass => return sql::as_statement(&query.comment, text),
            Shape::View => shape::view(&target, query),
            Shape::Table => shape::table(&target, query),
            Shape::Delta => Statement::Query(shape::delta(name, &self.args.against.0, query, self.dialect)),
        };
        sql::print_statement(&statement, self.dialect)
    }

    fn model(&self, index: usize) -> shape::Model<'_> {
        let segment = &self.module.segments[index];
        let definition = emit::rules::definition_hash(self.module, SegmentId(index as u32));
        shape::Model { name: &segment.name, title: &segment.title, docs: &segment.docs, definition }
    }

    /// One file for all segments.
    fn together(&self, chosen: &[usize]) -> Result<Files, Vec<Diagnostic>> {
        let mut query = emit::sql::emit_together(&self.plan, chosen, self.dialect, &self.layout)?;
        for &index in chosen {
            let lines = header(self.workspace, self.module, index, self.plan.now);
            query.comment.extend(lines.into_iter().take(2));
        }
        query.comment.push(when(self.module, self.plan.now));
        let text = sql::print_statement(&Statement::Query(query), self.dialect);
        Ok(vec![("segments.sql".to_owned(), text)])
    }
}

/// Writes the files into the folder, or one after the other.
fn written(files: &[(String, String)], args: &CompileArgs) -> CommandResult {
    let Some(folder) = &args.output else {
        for (_, text) in files {
            print(&format!("{}\n\n", text.trim_end()))?;
        }
        return Ok(Outcome::Clean);
    };
    // A segment may have any name, and a name may hold what would lead out of the folder.
    if let Some((name, _)) = files.iter().find(|(name, _)| !is_plain(name)) {
        return Err(Failure::new(format!("`{name}` cannot be a file of {folder}: give that segment a plain name")));
    }
    let is_new = !Path::new(folder).exists();
    fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
    let path = |(name, _): &(String, String)| Path::new(folder).join(name).to_string_lossy().into_owned();
    let paths: Vec<String> = files.iter().map(path).collect();
    let texts = files.iter().map(|(_, text)| text.as_bytes());
    let all: Vec<(&str, &[u8])> = paths.iter().map(String::as_str).zip(texts).collect();
    if let Err(failure) = write::replace_all(&all) {
        if is_new {
            // Only if it is empty; the failure is what is to be told.
            let _ = fs::remove_dir(folder);
        }
        return Err(failure);
    }
    say(&format!("{} in {folder}", counted(files.len() as u64, "file")));
    if args.segments.is_empty() && !args.canary {
        remove_gone(folder, files)?;
    }
    Ok(Outcome::Clean)
}

/// Refuses segments whose names differ only in case, where each becomes a file, a view, a table or a model.
fn are_told_apart<'a>(args: &CompileArgs, names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let is_named = match args.shape {
        Shape::View | Shape::Table | Shape::Dbt => true,
        Shape::Select | Shape::Delta => args.output.is_some(),
        Shape::OnePass => false,
    };
    if !is_named || args.canary {
        return Ok(());
    }
    let mut seen: HashMap<String, &str> = HashMap::new();
    for name in names {
        if let Some(other) = seen.insert(name.to_lowercase(), name) {
            return Err(Failure::new(format!(
                "`{other}` and `{name}` differ only in case, and are one on some disks and in some databases: give one of \
                 the segments another name, or choose one with --segment"
            )));
        }
    }
    Ok(())
}

/// Removes the queries of segments that are gone: what a database keeps by them would stay as it was.
fn remove_gone(folder: &str, files: &[(String, String)]) -> Result<(), Failure> {
    let written: HashSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let others = locked::queries_in(folder, |name| !written.contains(name))?;
    for (name, _) in locked::gone(&others) {
        let path = Path::new(folder).join(name);
        fs::remove_file(&path).map_err(|error| Failure::io(&path.to_string_lossy(), &error))?;
        say(&format!("{} removed: no segment gives it any more", path.display()));
    }
    Ok(())
}

/// Whether a name is that of one file in a folder, on every system.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':');
    name.chars().all(plain) && !name.starts_with('.')
}

/// What a query says of itself.
fn header(workspace: &Workspace, module: &Module, index: usize, now: i64) -> Vec<String> {
    let segment = &module.segments[index];
    let file = workspace.sources.file(segment.span.file);
    let place =
        file.map_or(String::new(), |file| format!("{}:{}", file.path, file.line_column(segment.span.start).line + 1));
    let hash = emit::rules::definition_hash(module, SegmentId(index as u32));
    vec![format!("segment {} ({place})", segment.name), format!("definition {hash}"), when(module, now)]
}

/// The instant that the windows of a query count from.
fn when(module: &Module, now: i64) -> String {
    let now = crate::plan::value_text(&crate::types::Value::Timestamp(now));
    format!("now {now}, zone {}", module.settings.zone)
}
