//! `segc compile`

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use clap::{Args, ValueEnum};

use super::project_args::ProjectArgs;
use super::{CommandResult, Failure, Global, Outcome, clock, print, print_bytes, report, say, write};
use crate::hir::{Module, SegmentId};
use crate::pipeline::{self, Workspace};
use crate::sql::registry::{self, DIALECTS, Entry};
use crate::{bytecode, emit, sql};

/// Emit segments as SQL, bytecode or JSON rule trees.
#[derive(Debug, Args)]
pub(super) struct CompileArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// What to emit
    #[arg(long, value_enum, default_value_t = Target::Sql)]
    emit: Target,
    /// The SQL dialect; `segc dialects` lists them
    #[arg(long, value_name = "NAME", default_value = "duckdb")]
    dialect: String,
    /// Only these segments; all if none is named
    #[arg(long = "segment", short, value_name = "NAME")]
    segments: Vec<String>,
    /// The instant that windows count from [default: the clock]
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,
    /// Where to write: a folder for SQL (a file per segment), a file else [default: standard output]
    #[arg(long, short, value_name = "PATH")]
    output: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// One query per segment
    Sql,
    /// The tables that the queries read, as CREATE TABLE statements
    Ddl,
    /// A program for `segc run`, all segments in one
    Bytecode,
    /// The typed rule tree, by its own JSON Schema
    Json,
    /// The JSON Schema of the rule tree
    JsonSchema,
}

pub(super) fn run(args: &CompileArgs, global: &Global) -> CommandResult {
    let Some((workspace, module)) = args.project.sound(Vec::new(), global)? else { return Ok(Outcome::Findings) };
    let now = clock::now(args.now.as_deref(), &module.settings.zone)?;
    match args.emit {
        Target::Sql => queries(args, &workspace, &module, now, global),
        Target::Ddl => tables(args, &workspace, &module, global),
        Target::Bytecode => {
            if args.output.is_none() && io::stdout().is_terminal() {
                return Err(Failure::new("bytecode is binary: give --output FILE.segb"));
            }
            let schema = workspace.schema.as_ref().unwrap_or(&module.schema);
            output(args, &bytecode::encode(&pipeline::program(&module, schema, now)))
        }
        Target::Json => output(args, emit::rules::text(&emit::rules::rules(&module)).as_bytes()),
        Target::JsonSchema => output(args, emit::rules::SCHEMA.as_bytes()),
    }
}

fn tables(args: &CompileArgs, workspace: &Workspace, module: &Module, global: &Global) -> CommandResult {
    let dialect = dialect(&args.dialect)?;
    match pipeline::sql_layout(&workspace.project, &module.schema) {
        Ok(layout) => output(args, emit::ddl::ddl(&module.schema, &layout, dialect).as_bytes()),
        Err(refused) => {
            report(&refused, &workspace.sources, global);
            Ok(Outcome::Findings)
        }
    }
}

fn queries(args: &CompileArgs, workspace: &Workspace, module: &Module, now: i64, global: &Global) -> CommandResult {
    let dialect = dialect(&args.dialect)?;
    let layout = match pipeline::sql_layout(&workspace.project, &module.schema) {
        Ok(layout) => layout,
        Err(refused) => {
            report(&refused, &workspace.sources, global);
            return Ok(Outcome::Findings);
        }
    };
    let plan = pipeline::plan(module, now);
    let mut refused = Vec::new();
    let mut emitted = Vec::new();
    let names: Vec<&str> = module.segments.iter().map(|segment| segment.name.as_str()).collect();
    for index in chosen(&names, &args.segments)? {
        match emit::sql::emit(&plan, index, dialect, &layout) {
            Ok(mut query) => {
                query.comment = header(workspace, module, index, now);
                emitted.push((module.segments[index].name.as_str(), sql::print(&query, dialect)));
            }
            Err(diagnostics) => refused.extend(diagnostics),
        }
    }
    report(&refused, &workspace.sources, global);
    if !refused.is_empty() {
        return Ok(Outcome::Findings);
    }
    match &args.output {
        None => {
            for (_, text) in &emitted {
                print(&format!("{};\n\n", text.trim_end()))?;
            }
        }
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
            for (name, text) in &emitted {
                let path = Path::new(folder).join(format!("{name}.sql"));
                write::replace(&path.to_string_lossy(), format!("{};\n", text.trim_end()).as_bytes())?;
            }
            say(&format!("{} queries in {folder}", emitted.len()));
        }
    }
    Ok(Outcome::Clean)
}

/// What a query says of itself.
fn header(workspace: &Workspace, module: &Module, index: usize, now: i64) -> Vec<String> {
    let segment = &module.segments[index];
    let file = workspace.sources.file(segment.span.file);
    let place =
        file.map_or(String::new(), |file| format!("{}:{}", file.path, file.line_column(segment.span.start).line + 1));
    let now = crate::plan::value_text(&crate::types::Value::Timestamp(now));
    let hash = emit::rules::definition_hash(module, segment_id(index));
    vec![
        format!("segment {} ({place})", segment.name),
        format!("definition {hash}"),
        format!("now {now}, zone {}", module.settings.zone),
    ]
}

fn segment_id(index: usize) -> SegmentId {
    SegmentId(index as u32)
}

fn dialect(name: &str) -> Result<&'static dyn sql::Dialect, Failure> {
    let names = || DIALECTS.iter().flat_map(Entry::names);
    registry::find(name).map(|entry| entry.dialect).ok_or_else(|| {
        let close = crate::diagnostics::suggest::closest(name, names());
        let close = close.map_or(String::new(), |close| format!("; did you mean `{close}`?"));
        let known: Vec<&str> = DIALECTS.iter().map(Entry::name).collect();
        Failure::new(format!("there is no dialect `{name}`{close}; there are: {}", known.join(", ")))
    })
}

/// The segments that were asked for, by their index; all if none was.
pub(super) fn chosen(segments: &[&str], names: &[String]) -> Result<Vec<usize>, Failure> {
    if names.is_empty() {
        return Ok((0..segments.len()).collect());
    }
    let find = |name: &String| {
        segments.iter().position(|segment| segment == name).ok_or_else(|| {
            match crate::diagnostics::suggest::closest(name, segments.iter().copied()) {
                Some(close) => Failure::new(format!("there is no segment `{name}`; did you mean `{close}`?")),
                None => Failure::new(format!("there is no segment `{name}`")),
            }
        })
    };
    names.iter().map(find).collect()
}

fn output(args: &CompileArgs, bytes: &[u8]) -> CommandResult {
    match &args.output {
        None => print_bytes(bytes)?,
        Some(path) => write::replace(path, bytes)?,
    }
    Ok(Outcome::Clean)
}
