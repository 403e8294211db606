//! `segc compile`

use std::io::{self, IsTerminal};

mod locked;
mod queries;

use clap::{Args, ValueEnum};

use super::project_args::ProjectArgs;
use super::{CommandResult, Failure, Global, Outcome, TableName, clock, print_bytes, report, table_name, write};
use crate::hir::Module;
use crate::pipeline::{self, Workspace};
use crate::sql::registry::{self, DIALECTS, Entry};
use crate::{bytecode, emit, plan, sql};

/// Emit segments as SQL, bytecode, JSON rule trees or a plan to read.
#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0, 1 if the project has errors, a dialect refuses a segment, or with --locked \
                        something differs, 2 for wrong usage or IO.")]
pub(super) struct CompileArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// What to emit
    #[arg(long, value_enum, default_value_t = Target::Sql)]
    emit: Target,
    /// The SQL dialect; `segc dialects` lists them [default: that of `[sql]` in `seg.toml`, else duckdb]
    #[arg(long, value_name = "NAME")]
    dialect: Option<String>,
    /// What becomes of each query
    #[arg(long, value_enum, default_value_t = Shape::Select)]
    shape: Shape,
    /// The schema that holds the views or tables of `--shape view` and `table`
    #[arg(long, value_name = "NAME")]
    schema_name: Option<String>,
    /// The table of the last memberships, with columns `segment` and `profile_id`, for `--shape delta`
    #[arg(long, value_name = "TABLE", value_parser = table_name, default_value = "segment_memberships")]
    against: TableName,
    /// Emit the canary instead: one query that tells whether a session has the settings that the others count on, and the
    /// tables columns of the schema's types
    #[arg(long)]
    canary: bool,
    /// Only these segments; all if none is named
    #[arg(long = "segment", short, value_name = "NAME")]
    segments: Vec<String>,
    /// The instant that windows count from [default: the clock]
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,
    /// Where to write: a folder for SQL (a file per segment), a file else [default: standard output]. Queries in the folder
    /// that an earlier run wrote, of segments that are gone, are removed
    #[arg(long, short, visible_alias = "out-dir", value_name = "PATH")]
    output: Option<String>,
    /// Write nothing; show what differs between what is in --output and what the sources give, and fail if anything does.
    /// Without --now, windows count from the instant that is written there
    #[arg(long, requires = "output")]
    locked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// One query per segment
    Sql,
    /// The tables that the queries read, as CREATE TABLE statements
    Ddl,
    /// A program for `segc run`, all segments in one
    Bytecode,
    /// What `segc run` computes once for several segments and why, and how each is put together of it
    Plan,
    /// The typed rule tree, by its own JSON Schema
    Json,
    /// The JSON Schema of the rule tree
    JsonSchema,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// A SELECT per segment: the ids of its members
    Select,
    /// One SELECT for all segments, which reads the events once for each event type: segment and profile_id
    OnePass,
    /// A CREATE VIEW per segment
    View,
    /// A CREATE TABLE AS per segment
    Table,
    /// A dbt model per segment, with a schema.yml that describes and tests them
    Dbt,
    /// A SELECT per segment of who entered and who left since the last membership table
    Delta,
}

pub(super) fn run(args: &CompileArgs, global: &Global) -> CommandResult {
    let Some((workspace, module)) = args.project.sound(Vec::new(), global)? else { return Ok(Outcome::Findings) };
    let now = clock::now(args.now.as_deref(), &module.settings.zone)?;
    match args.emit {
        Target::Sql => queries::run(args, &workspace, &module, now, global),
        Target::Ddl => tables(args, &workspace, &module, now, global),
        Target::Bytecode => {
            if args.output.is_none() && io::stdout().is_terminal() {
                return Err(Failure::new("bytecode is binary: give --output FILE.segb"));
            }
            let schema = workspace.schema.as_ref().unwrap_or(&module.schema);
            let there = args.output.as_deref().filter(|_| args.locked && args.now.is_none());
            let now = there.and_then(locked::now_of_program).unwrap_or(now);
            match pipeline::program(&module, schema, now) {
                Ok(program) => output(args, &bytecode::encode(&program)),
                Err(refused) => {
                    report(&refused, &workspace.sources, global);
                    Ok(Outcome::Findings)
                }
            }
        }
        Target::Plan => output(args, plan::summary(&pipeline::plan(&module, now)).as_bytes()),
        Target::Json => output(args, emit::rules::text(&emit::rules::rules(&module)).as_bytes()),
        Target::JsonSchema => output(args, emit::rules::SCHEMA.as_bytes()),
    }
}

fn tables(args: &CompileArgs, workspace: &Workspace, module: &Module, now: i64, global: &Global) -> CommandResult {
    let dialect = dialect(args, workspace)?;
    match pipeline::sql_layout(&workspace.project, module) {
        Ok(layout) => {
            let mut all = emit::ddl::tables(&module.schema, &layout);
            all.extend(emit::ddl::score_tables(&pipeline::plan(module, now).needs(), &layout));
            for table in &all {
                for (name, ty, _) in &table.columns {
                    // Of a column of any type, as a query would read it.
                    let read = dialect.stored(sql::Expr::column(name, name), &[], &sql::SqlType::Int);
                    read.map_err(|refused| no_column(dialect.name(), name.text(), &refused.0))?;
                    dialect.can_define(ty).map_err(|refused| no_table(dialect.name(), name.text(), &refused.0))?;
                }
            }
            output(args, emit::ddl::ddl(&all, dialect).as_bytes())
        }
        Err(refused) => {
            report(&refused, &workspace.sources, global);
            Ok(Outcome::Findings)
        }
    }
}

fn no_column(dialect: &str, column: &str, refused: &str) -> Failure {
    Failure::new(format!(
        "`{dialect}` cannot express {refused}: `{column}`; give the column another name under `columns` in `seg.toml`"
    ))
}

fn no_table(dialect: &str, column: &str, refused: &str) -> Failure {
    Failure::new(format!(
        "`{dialect}` cannot express {refused}: `{column}`; make the table of a Parquet file that has it"
    ))
}

/// The dialect that is asked for, or that of the project.
fn dialect(args: &CompileArgs, workspace: &Workspace) -> Result<&'static dyn sql::Dialect, Failure> {
    let name = args.dialect.as_deref().unwrap_or(workspace.project.dialect());
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
        Some(path) if args.locked => return locked::compare_file(path, bytes),
        None => print_bytes(bytes)?,
        Some(path) => write::replace(path, bytes)?,
    }
    Ok(Outcome::Clean)
}
