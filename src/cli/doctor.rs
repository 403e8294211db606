//! `segc doctor`: what a report of a fault needs, and what is missing before one wonders. Every line is a fact that was looked
//! up. Invariant: a look changes nothing, and one that fails is a line of the table, never an end.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::{Value, json};

use super::ingest::store_of;
use super::project_args::ProjectArgs;
use super::run::TableFormat;
use super::{CommandResult, Failure, Global, Outcome, print};
use crate::data::files::{expand, is_data};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::escape::visible;
use crate::diagnostics::words::counted;
use crate::emit::canary::Columns;
use crate::engines::{self, Session, Target};
use crate::hir::{ModelFacts, Module, Propensity, PropensityOrigin};
use crate::pipeline::propensity::model_path;
use crate::pipeline::{Compiled, Workspace, io_reason};
use crate::project::{FileSet, Project};
use crate::store::Store;
use crate::vector::time::Zone;

/// Show versions, the project, its schema and data, and which engines can be reached.
#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0, 1 if something is wrong, 2 for wrong usage. What is only missing is no fault.")]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// Connect to this database too, and ask it the canary: a DuckDB or SQLite file, postgres://, clickhouse://, mariadb://, sc://, adbc:
    #[arg(long, value_name = "URL")]
    on: Option<String>,
    /// How the table is written
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,
}

/// How a look ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// As it should be.
    Fine,
    /// Not there, and nothing that is set up needs it.
    Missing,
    /// Something that is set up does not work.
    Wrong,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Fine => "ok",
            State::Missing => "none",
            State::Wrong => "wrong",
        }
    }
}

/// A line of the table.
struct Look {
    what: String,
    state: State,
    told: String,
}

fn look(what: impl Into<String>, state: State, told: impl Into<String>) -> Look {
    Look { what: what.into(), state, told: told.into() }
}

pub(super) fn run(args: &DoctorArgs, global: &Global) -> CommandResult {
    let mut looks = vec![this_program()];
    match args.project.open(Vec::new()) {
        Ok(workspace) => {
            let compiled = workspace.compile();
            looks.extend(of_project(&workspace, &compiled));
            looks.extend(of_data(&workspace, compiled.module.as_ref()));
        }
        Err(Failure(why)) => looks.push(look("project", State::Missing, why)),
    }
    looks.extend(engines());
    looks.extend(args.on.as_deref().map(connection));
    looks.push(tool("git", "what `--changed-since` asks"));
    let wrong = looks.iter().any(|look| look.state == State::Wrong);
    print(&match args.format {
        TableFormat::Json => as_json(&looks),
        TableFormat::Text => as_text(&looks, global),
    })?;
    Ok(if wrong { Outcome::Findings } else { Outcome::Clean })
}

fn this_program() -> Look {
    let build = if cfg!(debug_assertions) { "not optimised" } else { "optimised" };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (version, system, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let told = format!("{version} ({build}) on {system} {machine}, {}", counted(threads as u64, "thread"));
    look("segc", State::Fine, told)
}

/// The project file, the sources and the schema.
fn of_project(workspace: &Workspace, compiled: &Compiled) -> Vec<Look> {
    let project = &workspace.project;
    let root = if workspace.root.is_empty() { "." } else { &workspace.root };
    let file = if workspace.has_project_file {
        look("project", State::Fine, format!("{root}, zone {}", project.zone))
    } else {
        look("project", State::Missing, "no seg.toml; `segc init` makes one")
    };
    let errors = compiled.diagnostics.iter().filter(|d| d.is_error()).count() as u64;
    let warnings = compiled.diagnostics.len() as u64 - errors;
    let segments = compiled.module.as_ref().map_or(0, |module| module.segments.len()) as u64;
    let files = workspace.files.len() as u64;
    let (errors_told, warnings_told) = (counted(errors, "error"), counted(warnings, "warning"));
    let found =
        format!("{} in {}: {errors_told}, {warnings_told}", counted(segments, "segment"), counted(files, "file"),);
    let sources = look("sources", if errors == 0 { State::Fine } else { State::Wrong }, found);
    let schema = match &workspace.schema {
        Some(schema) => {
            let fields = schema.objects.iter().map(|object| object.fields.len() as u64).sum();
            let types = schema.event_types.len() as u64;
            let told = format!("{}, {}", counted(fields, "field"), counted(types, "event type"));
            look("schema", State::Fine, told)
        }
        None => {
            let why = workspace.diagnostics.iter().find(|d| d.is_error()).map(|d: &Diagnostic| d.message.as_str());
            look("schema", State::Wrong, why.unwrap_or("there is none"))
        }
    };
    vec![file, sources, schema]
}

/// The files, the store, and the models.
fn of_data(workspace: &Workspace, module: Option<&Module>) -> Vec<Look> {
    let (project, root) = (&workspace.project, Path::new(&workspace.root));
    let mut looks = Vec::new();
    for (what, set) in sets(project) {
        looks.push(files(what, set, root));
    }
    if looks.is_empty() {
        looks.push(look(
            "data",
            State::Missing,
            "seg.toml names no data files; `segc run` takes --profiles and --events",
        ));
    }
    looks.extend(store_of(None, workspace).map(|folder| store(&folder, workspace, module)));
    let propensities = module.into_iter().flat_map(|module| &module.propensities);
    looks.extend(propensities.filter_map(|propensity| model(workspace, propensity)));
    looks
}

/// The model of a propensity that has one, whoever made it.
fn model(workspace: &Workspace, propensity: &Propensity) -> Option<Look> {
    let (name, what) = (&propensity.name, format!("model {}", propensity.name));
    let path = match &propensity.origin {
        PropensityOrigin::Declared { .. } => model_path(name),
        PropensityOrigin::Model(model) => model.file.clone(),
        PropensityOrigin::Data(_) | PropensityOrigin::Profile { .. } => return None,
    };
    let own = matches!(propensity.origin, PropensityOrigin::Declared { .. });
    Some(match &propensity.model {
        Some(facts) if !facts.failed.is_empty() => {
            look(what, State::Wrong, format!("{path}: {}", facts.failed.join("; ")))
        }
        Some(ModelFacts { auc: Some(auc), .. }) => look(what, State::Fine, format!("{path}, AUC {auc:.3}")),
        Some(facts) => look(what, State::Fine, format!("{path}, {}", counted(facts.factors.len() as u64, "column"))),
        None => match (std::fs::read_to_string(Path::new(&workspace.root).join(&path)), own) {
            (Ok(_), _) => look(what, State::Wrong, format!("{path} is cut off or no model file")),
            (Err(error), true) if error.kind() == io::ErrorKind::NotFound => {
                look(what, State::Missing, format!("not trained; `segc propensity train {name}`"))
            }
            (Err(error), _) => look(what, State::Wrong, format!("{path}: {}", io_reason(&error))),
        },
    })
}

/// The sets of files that the project names, with what each is of.
fn sets(project: &Project) -> Vec<(String, &FileSet)> {
    let mut sets = Vec::new();
    if !project.profiles.from_events {
        sets.push(("profiles".to_owned(), &project.profiles.set));
    }
    sets.extend(project.events.iter().map(|events| ("events".to_owned(), &events.set)));
    sets.extend(project.classes.iter().map(|(name, class)| (format!("class {name}"), &class.set)));
    sets.extend(project.propensity.iter().map(|(name, scores)| (format!("scores {name}"), &scores.set)));
    sets.retain(|(_, set)| !set.files.is_empty());
    sets
}

fn files(what: String, set: &FileSet, root: &Path) -> Look {
    match expand(root, &set.files, is_data) {
        Ok(paths) => {
            let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |found| found.len());
            let bytes: u64 = paths.iter().map(size).sum();
            let unreadable = paths.iter().find_map(|path| {
                let opened =
                    std::fs::metadata(path).is_ok_and(|found| found.is_file()).then(|| std::fs::File::open(path));
                opened.and_then(Result::err).map(|error| format!("{}: {error}", path.display()))
            });
            match unreadable {
                Some(why) => look(what, State::Wrong, why),
                None => look(
                    what,
                    State::Fine,
                    format!("{}, {}", counted(paths.len() as u64, "file"), super::store::size(bytes)),
                ),
            }
        }
        Err(why) => look(what, State::Wrong, why),
    }
}

/// The store, and whether it is of this schema.
fn store(folder: &Path, workspace: &Workspace, module: Option<&Module>) -> Look {
    if !folder.exists() {
        return look("store", State::Missing, format!("{} is not there yet; `segc ingest` makes it", folder.display()));
    }
    let opened = Store::open(folder).and_then(|store| {
        if let Some(schema) = workspace.schema.as_ref().or(module.map(|module| &module.schema)) {
            let project = &workspace.project;
            store.fits(&schema.fingerprint(), project.event_ids(), project.profiles.from_events, &project.ids())?;
        }
        store.leftovers()
    });
    match opened {
        Ok(_) => look("store", State::Fine, format!("{}; `segc store info` tells more", folder.display())),
        Err(fault) => look("store", State::Wrong, fault.to_string()),
    }
}

/// The interpreter that engines are reached through, and the drivers that it has.
fn engines() -> Vec<Look> {
    let python = engines::python();
    let drivers = match engines::drivers(&python) {
        Ok(drivers) => drivers,
        Err(fault) => {
            return vec![look(
                "python",
                State::Missing,
                format!("{fault}; only `--on` needs it, SEGC_PYTHON names it"),
            )];
        }
    };
    let mut looks = vec![look("python", State::Fine, format!("{python} {}", drivers.version))];
    for engine in engines::ENGINES {
        let packages = engine.packages;
        let found: Vec<String> = drivers
            .packages
            .iter()
            .filter(|(name, _)| packages.contains(&name.as_str()))
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        looks.push(match (packages.first(), found.is_empty()) {
            (None, _) => look(engine.name, State::Fine, "through Python itself"),
            (Some(_), false) => look(engine.name, State::Fine, found.join(", ")),
            (Some(best), true) => look(engine.name, State::Missing, format!("`{python} -m pip install {best}`")),
        });
    }
    looks
}

/// Whether a database answers, and as the segments need it to.
fn connection(url: &str) -> Look {
    let asked = Target::parse(url).and_then(|target| {
        let mut session = Session::open(&target, false)?;
        let dialect = engines::dialect(&target, &session, None)?;
        engines::prepare(&mut session, dialect, &Zone::utc(), &Columns::default())?;
        Ok(format!("{} answers, and the canary lives", target.shown()))
    });
    match asked {
        Ok(told) => look("database", State::Fine, told),
        Err(fault) => look("database", State::Wrong, fault.to_string()),
    }
}

fn tool(name: &str, purpose: &str) -> Look {
    let output = Command::new(name).arg("--version").output();
    match output {
        Ok(output) if output.status.success() => {
            let told = String::from_utf8_lossy(&output.stdout);
            look(
                name,
                State::Fine,
                told.lines().next().unwrap_or_default().trim_start_matches("git version ").to_owned(),
            )
        }
        _ => look(name, State::Missing, format!("not found; it is {purpose}")),
    }
}

fn as_text(looks: &[Look], global: &Global) -> String {
    let width = looks.iter().map(|look| look.what.chars().count()).max().unwrap_or(0);
    let color = |state: State| match (global.color_output(), state) {
        (false, _) => ("", ""),
        (true, State::Fine) => ("\u{1b}[32m", "\u{1b}[0m"),
        (true, State::Missing) => ("\u{1b}[2m", "\u{1b}[0m"),
        (true, State::Wrong) => ("\u{1b}[31m", "\u{1b}[0m"),
    };
    let line = |look: &Look| {
        let (on, off) = color(look.state);
        format!("{on}{:<5}{off}  {:<width$}  {}\n", look.state.word(), visible(&look.what), visible(&look.told))
    };
    looks.iter().map(line).collect()
}

fn as_json(looks: &[Look]) -> String {
    let looks: Vec<Value> =
        looks.iter().map(|look| json!({ "what": look.what, "state": look.state.word(), "told": look.told })).collect();
    format!("{:#}\n", json!({ "schema_version": 1, "looks": looks }))
}
