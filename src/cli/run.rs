//! `segc run`

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::compile::chosen;
use super::disk::Disk;
use super::project_args::ProjectArgs;
use super::propensity::attach;
use super::results::{Done, Times, done};
use super::{CommandResult, Failure, Global, Outcome, TableName, clock, print, report, say, say_raw, table_name};
use crate::bytecode::{self, Program};
use crate::data::files::{STDIN, expand, is_data, is_stdin, is_stream};
use crate::data::output::{self, Members, OutputFormat};
use crate::data::{self, Loaded};
use crate::diagnostics::words::counted;
use crate::hir::Module;
use crate::pipeline::propensity::{AnyScorer, Unusable, told, unusable};
use crate::pipeline::{self, Files, Workspace};
use crate::project::{Override, Project};
use crate::schema::Schema;
use crate::vm;

/// Where members go, and how a run ends.
const OUTPUT: &str = "\
Without --output only the table of counts is printed. Members go to a file, or to standard output with `--output -`: \
rows of segment and profile_id, and of rank (1 is the best) and key (what it is ranked by) if any segment has `rank by`. \
PATH may also be a program that `segc compile --emit bytecode` has made; its `now` is in it.

Exit code: 0, 1 if the project has errors, a data file cannot be read whole, or a strict run has findings in the data, \
2 for wrong usage or IO.";

/// What data files may be.
pub(super) const DATA: &str = "\
Data files are Parquet, Arrow, NDJSON or CSV, told by their names; texts may be compressed (.gz, .zst). A folder \
stands for the data files in it, `*` and `**` for parts of names. `-` and pipes, `<(command)` too, are read once: what \
begins with `{` is NDJSON, all else CSV. Records that cannot be used are left out and counted, with where the first \
few are; a file that is cut off, broken, or of whose records none can be used is an error, and nothing is run. Where \
events have an id, one that repeats the profile, type, timestamp and id of an earlier one is left out and counted.";

/// What score files are.
pub(super) const SCORES: &str = "\
Scores made elsewhere, `propensity churn from \"scores.csv\"`, are a file of one row per profile:

  _id,probability,scored_at
  p-17,0.81,2026-11-22T04:00:00Z

The id is in the column that the profiles have theirs in. One of probability (0 to 1), score (0 to 100) and percentile \
(1 to 100) is the least; values out of range are absent and counted. scored_at is an instant with its offset: a score \
without it is counted, and absent where a `max age` is declared; one of after now is absent and counted where `max age` or \
`scored at` is declared. Further columns: model (text), quality (AUC, 0 to 1), \
state (`ineligible` for who is not meant), factors (a list of objects with feature, value, effect `raises` or `lowers`, \
weight; JSON in CSV). Other names and scales are said in the declaration, `{ scale percent  value at p_churn  scored at \
run_at }`, or in seg.toml: `[propensity.churn]` with `files`, `id` and `columns`.";

/// Evaluate segments over data files and give their members.
#[derive(Debug, Default, Args)]
#[command(after_help = OUTPUT, after_long_help = format!("{OUTPUT}\n\n{DATA}\n\n{SCORES}"))]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) project: ProjectArgs,
    /// The profile store to run over [default: the project's `store`; without one, the data files]
    #[arg(long, value_name = "PATH", conflicts_with_all = ["profiles", "events"])]
    pub(super) store: Option<String>,
    /// The instant of the run [default: the clock]
    #[arg(long, value_name = "INSTANT")]
    pub(super) now: Option<String>,
    /// Only these segments; all if none is named
    #[arg(long = "segment", short, value_name = "NAME")]
    pub(super) segments: Vec<String>,
    /// Run in this database instead of here: a DuckDB or SQLite file, postgres://, clickhouse://, mariadb://, sc://, adbc:
    #[arg(long, value_name = "URL", help_heading = "Database")]
    on: Option<String>,
    /// The SQL of a database whose ADBC driver does not tell it
    #[arg(long, value_name = "NAME", requires = "on", help_heading = "Database")]
    pub(super) dialect: Option<String>,
    /// Write the memberships into this table of the database: rows of segment and profile_id, in place of those that the
    /// same segments have there
    #[arg(long, value_name = "TABLE", value_parser = table_name, requires = "on", conflicts_with = "output", help_heading = "Database")]
    pub(super) into: Option<TableName>,
    /// Where the database's SQL cannot express some of the segments, run the others; those are named, and are left out
    #[arg(long, requires = "on", help_heading = "Database")]
    pub(super) skip_refused: bool,
    /// Where members go: a file, or `-` for standard output
    #[arg(long, short, value_name = "PATH")]
    pub(super) output: Option<String>,
    /// The form of members [default: told by the file's name, csv for standard output]
    #[arg(long, value_enum, value_name = "FORMAT")]
    output_format: Option<Form>,
    /// Replace the output file if it is there
    #[arg(long)]
    replace: bool,
    /// Fail on any finding in the data
    #[arg(long)]
    strict: bool,
    /// How many threads to use [default: one per core]
    #[arg(long, value_name = "N", value_parser = super::threads())]
    pub(super) threads: Option<usize>,
    /// Profile files, instead of the project's; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub(super) profiles: Vec<String>,
    /// Event files, instead of those of the project's first table of events; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub(super) events: Vec<String>,
    /// How the closing table and the report on the data are written
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(super) format: TableFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// segment,profile_id; rank,key too if any segment is ranked
    Csv,
    /// One JSON object a line
    Ndjson,
    /// Apache Parquet
    Parquet,
    /// Apache Arrow IPC file
    Arrow,
    /// Only how many, as CSV
    Counts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// For people
    #[default]
    Text,
    /// Machine-readable
    Json,
}

impl RunArgs {
    /// The run that ends the demonstration.
    pub(super) fn of_demo(folder: &str, now: &str, members: &str) -> RunArgs {
        RunArgs {
            project: ProjectArgs { paths: vec![folder.to_owned()], ..ProjectArgs::default() },
            now: Some(now.to_owned()),
            output: Some(members.to_owned()),
            replace: true,
            ..RunArgs::default()
        }
    }
}

/// What there is to run.
pub(super) struct Job {
    pub(super) workspace: Workspace,
    pub(super) schema: Arc<Schema>,
    pub(super) program: Program,
    /// The models that the segments read.
    pub(super) scorers: Vec<AnyScorer>,
    /// What was compiled; `None` of a program that was compiled before.
    pub(super) module: Option<Module>,
}

pub(super) fn run(args: &RunArgs, global: &Global) -> CommandResult {
    if let Some(url) = &args.on {
        return super::run_on::run(url, args, global);
    }
    let Some(job) = job(args, global)? else { return Ok(Outcome::Findings) };
    let names: Vec<&str> = job.program.segments.iter().map(|segment| segment.name.as_str()).collect();
    let wanted = chosen(&names, &args.segments)?;
    let Some(Done { loaded, output, times }) = done(args, &job, global)? else { return Ok(Outcome::Findings) };
    tell(args, &job, &loaded, &members_of(&output, &wanted, &loaded), &times)?;
    if args.output.is_none() {
        return Ok(Outcome::Clean);
    }
    let members: Vec<Members> = wanted.iter().map(|&index| output.members(index, &loaded.dataset)).collect();
    write_members(args, &members, &job.workspace, global)
}

/// What the closing table says of a segment.
struct Counted<'o> {
    segment: &'o str,
    count: usize,
    /// The ids of the first few members.
    first: Vec<&'o str>,
}

fn members_of<'o>(output: &'o vm::Output, wanted: &[usize], loaded: &'o Loaded) -> Vec<Counted<'o>> {
    let segments = wanted.iter().filter_map(|&index| output.segments.get(index));
    segments
        .map(|members| Counted {
            segment: &members.name,
            count: members.count(),
            first: members.first_ids(SHOWN_IDS, &loaded.dataset),
        })
        .collect()
}

/// Whether a path is that of a compiled program: told by its first bytes, and by its name where it cannot be read.
fn is_program(path: &str) -> bool {
    let mut start = [0; bytecode::MAGIC.len()];
    // What is no file may block.
    let is_file = Path::new(path).is_file();
    let read = is_file.then(|| File::open(path).and_then(|mut file| file.read_exact(&mut start)));
    path.ends_with(".segb") || (read.is_some_and(|read| read.is_ok()) && start == *bytecode::MAGIC)
}

fn job(args: &RunArgs, global: &Global) -> Result<Option<Job>, Failure> {
    match args.project.paths.as_slice() {
        [path] if is_program(path) => compiled_job(args, path, global),
        _ => {
            let Some((workspace, module)) = args.project.sound(overrides(args)?, global)? else { return Ok(None) };
            let now = clock::now(args.now.as_deref(), &module.settings.zone)?;
            let mut workspace = workspace;
            workspace.project = data::with_scores(&workspace.project, &module.propensities);
            let schema = workspace.schema.as_ref().unwrap_or(&module.schema);
            let names: Vec<&str> = module.segments.iter().map(|segment| segment.name.as_str()).collect();
            chosen(&names, &args.segments)?;
            // What nobody asked for is not computed.
            let asked = (!args.segments.is_empty()).then(|| module.only(&args.segments.iter().cloned().collect()));
            let program = match pipeline::program(asked.as_ref().unwrap_or(&module), schema, now) {
                Ok(program) => program,
                Err(refused) => {
                    report(&refused, &workspace.sources, global);
                    return Ok(None);
                }
            };
            let scorers = attach::scorers(&workspace, &module, &program.needs, global)?;
            Ok(Some(Job { workspace, schema: module.schema.clone(), program, scorers, module: Some(module) }))
        }
    }
}

/// A compiled program, over the data of the project; the instant of its run was fixed when it was compiled.
fn compiled_job(args: &RunArgs, path: &str, global: &Global) -> Result<Option<Job>, Failure> {
    if args.now.is_some() {
        return Err(Failure::new("a compiled program has its `now` in it; give --now when it is compiled"));
    }
    let bytes = Disk.read(path).map_err(|error| Failure::io(path, &error))?;
    let program = bytecode::decode(&bytes).map_err(|fault| Failure::new(format!("{path}: {fault}")))?;
    bytecode::verify(&program).map_err(|fault| Failure::new(format!("{path}: {fault}")))?;
    let project = ProjectArgs { paths: Vec::new(), ..args.project.clone() };
    let workspace = project.open(overrides(args)?)?;
    let Some(schema) = workspace.schema.clone() else {
        report(&workspace.diagnostics, &workspace.sources, global);
        return Ok(None);
    };
    if schema.fingerprint() != program.schema {
        return Err(Failure::new(format!("{path} was compiled against another schema; compile it again")));
    }
    let Some(module) = compiled_from(&workspace, &program, path)? else {
        return Ok(Some(Job { workspace, schema, program, scorers: Vec::new(), module: None }));
    };
    let mut workspace = workspace;
    workspace.project = data::with_scores(&workspace.project, &module.propensities);
    let scorers = attach::scorers(&workspace, &module, &program.needs, global)?;
    Ok(Some(Job { workspace, schema, program, scorers, module: Some(module) }))
}

/// The sources of the project, if they are those that a program was compiled from: they tell where the scores are that it
/// reads, and how old these may be.
fn compiled_from(workspace: &Workspace, program: &Program, path: &str) -> Result<Option<Module>, Failure> {
    let compiled = workspace.compile();
    let same = compiled.sound().filter(|module| {
        let now = pipeline::program(module, &module.schema, program.now);
        now.is_ok_and(|now| program.segments.iter().all(|segment| now.segments.contains(segment)))
    });
    match same {
        Some(module) => Ok(Some(module.clone())),
        None if !data::reads_propensities(&program.needs) => Ok(None),
        None => Err(Failure::new(format!(
            "{path} reads scores, and the project's sources are not those that it was compiled from; compile it again"
        ))),
    }
}

/// The data files that the command line names, seen from where the user is.
fn overrides(args: &RunArgs) -> Result<Vec<Override>, Failure> {
    data_overrides(&args.profiles, &args.events, args.strict)
}

/// The same for any command.
pub(super) fn data_overrides(profiles: &[String], events: &[String], strict: bool) -> Result<Vec<Override>, Failure> {
    let mut overrides = Vec::new();
    if profiles.iter().chain(events).filter(|file| is_stdin(file)).count() > 1 {
        return Err(Failure::new("standard input can be read once: only one of the data files can be `-`"));
    }
    for (flag, key, files) in [("--profiles", "profiles.files", profiles), ("--events", "events.0.files", events)] {
        if files.is_empty() {
            continue;
        }
        expand(Path::new(""), files, is_data).map_err(|what| Failure::new(format!("{flag}: {what}")))?;
        let mut paths = Vec::new();
        for file in files {
            if is_stdin(file) {
                paths.push(format!("{STDIN:?}"));
                continue;
            }
            let path = std::path::absolute(file).map_err(|error| Failure::io(file, &error))?;
            paths.push(format!("{:?}", path.to_string_lossy()));
        }
        overrides.push(Override { key: key.into(), value: format!("[{}]", paths.join(", ")) });
    }
    if strict {
        overrides.push(Override { key: "strict".into(), value: "true".into() });
    }
    Ok(overrides)
}

/// Says which data comes out of pipes, since reading them may take for ever.
pub(super) fn say_waits(project: &Project, root: &Path) {
    let sets = project.file_sets().flat_map(|set| expand(root, &set.files, is_data).unwrap_or_default());
    // What a shell has made for `<(command)` has its writer.
    let waits = |path: &PathBuf| is_stream(path) && !path.starts_with("/dev/fd") && !path.starts_with("/proc");
    for path in sets.filter(waits) {
        if path.as_os_str() != STDIN {
            say(&format!("{} is a pipe: reading what is written to it", path.display()));
        } else if io::stdin().is_terminal() {
            say("reading standard input; Ctrl-D ends it");
        }
    }
}

/// The report on the data and the closing table.
fn tell(args: &RunArgs, job: &Job, loaded: &Loaded, members: &[Counted<'_>], times: &Times) -> Result<(), Failure> {
    let profiles = loaded.dataset.profiles();
    let of_module = |module| unusable(module, &loaded.dataset, job.program.now);
    let absent = job.module.as_ref().map(of_module).unwrap_or_default();
    let to_stdout = args.output.as_deref() == Some("-");
    if args.format == TableFormat::Json {
        let table = json_table(job, loaded, members, &absent, times);
        return if to_stdout { say_raw(&table) } else { print(&table) };
    }
    let findings = loaded.report.to_text();
    if !findings.is_empty() {
        say_raw(&findings)?;
    }
    absent.iter().flat_map(told).for_each(|line| say(&line));
    let table = text_table(members, times, profiles);
    if to_stdout { say_raw(&table) } else { print(&table) }
}

fn json_table(job: &Job, loaded: &Loaded, members: &[Counted<'_>], absent: &[Unusable], times: &Times) -> String {
    let segments: Vec<serde_json::Value> =
        members.iter().map(|m| serde_json::json!({ "segment": m.segment, "members": m.count })).collect();
    let absent = absent.iter().map(|of| {
        let Unusable { name, stale, undated, later, off_scale } = of;
        let counts = serde_json::json!({
            "stale": stale, "undated": undated, "later_than_now": later, "off_scale": off_scale,
        });
        (name.clone(), counts)
    });
    let table = serde_json::json!({
        "schema_version": 1,
        "now": crate::plan::value_text(&crate::types::Value::Timestamp(job.program.now)),
        "zone": job.program.settings.zone,
        "profiles": loaded.dataset.profiles(),
        "segments": segments,
        "seconds": { "load": times.load.as_secs_f64(), "evaluate": times.evaluate.as_secs_f64() },
        "scores": absent.collect::<serde_json::Map<String, serde_json::Value>>(),
        "data": loaded.report.to_json(),
    });
    format!("{table:#}\n")
}

/// The widest column of names in a table; a longer name pushes its own row only.
pub(super) const WIDEST_NAME: usize = 80;

/// How many ids of a segment the table shows.
const SHOWN_IDS: usize = 3;

fn text_table(members: &[Counted<'_>], times: &Times, profiles: usize) -> String {
    use std::fmt::Write;
    let longest = members.iter().map(|m| m.segment.chars().count()).max().unwrap_or(0);
    let width = longest.clamp("segment".len(), WIDEST_NAME);
    let mut table = format!("{:<width$}  {:>10}  {:>7}  first members\n", "segment", "members", "share");
    for m in members {
        let share = if profiles == 0 { 0.0 } else { m.count as f64 * 100.0 / profiles as f64 };
        let first = crate::diagnostics::render::escape::visible(&m.first.join(", ")).into_owned();
        let more = if m.count > SHOWN_IDS { ", …" } else { "" };
        let _ = writeln!(table, "{:<width$}  {:>10}  {share:>6.2}%  {first}{more}", m.segment, m.count);
    }
    let _ = writeln!(
        table,
        "{} over {}: read in {:.2} s, evaluated in {:.3} s",
        counted(members.len() as u64, "segment"),
        counted(profiles as u64, "profile"),
        times.load.as_secs_f64(),
        times.evaluate.as_secs_f64()
    );
    table
}

pub(super) fn write_members(
    args: &RunArgs,
    members: &[Members],
    workspace: &Workspace,
    global: &Global,
) -> CommandResult {
    let Some(path) = &args.output else { return Ok(Outcome::Clean) };
    let format = args.output_format.map(|form| match form {
        Form::Csv => OutputFormat::Csv,
        Form::Ndjson => OutputFormat::Ndjson,
        Form::Parquet => OutputFormat::Parquet,
        Form::Arrow => OutputFormat::Arrow,
        Form::Counts => OutputFormat::Counts,
    });
    if path == "-" {
        let format = format.unwrap_or(OutputFormat::Csv);
        return match output::write(&mut io::stdout(), format, members) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::io("standard output", &error)),
            _ => Ok(Outcome::Clean),
        };
    }
    let Some(format) = format.or_else(|| OutputFormat::of_name(path)) else {
        return Err(Failure::new(format!("the name `{path}` does not tell a form; give --output-format")));
    };
    match output::write_file(Path::new(path), format, members, args.replace) {
        Ok(()) => {
            say(&format!("members are in {path}"));
            Ok(Outcome::Clean)
        }
        Err(diagnostic) => {
            report(&[diagnostic], &workspace.sources, global);
            Ok(Outcome::Findings)
        }
    }
}
