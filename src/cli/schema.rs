//! `segc schema`

use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};

use super::disk::Disk;
use super::project_args::ProjectArgs;
use super::{CommandResult, Failure, Global, Outcome, print, report, say};
use crate::data::observe::observe;
use crate::diagnostics::Diagnostic;
use crate::pipeline::Files;
use crate::schema::{self, InferredClass, Roles, SchemaFile, ShowFormat, ShowOptions};
use crate::source::Sources;

/// Show a schema, or write a first one from data.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    #[command(subcommand)]
    command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
enum SchemaCommand {
    /// List the fields of a schema with their types
    Show(ShowArgs),
    /// Write a first schema of what a data file holds
    Infer(InferArgs),
}

/// Write a first schema of what a data file holds, to standard output.
#[derive(Debug, Args)]
struct InferArgs {
    /// A file of profiles: Parquet, Arrow, NDJSON or CSV
    #[arg(long, value_name = "FILE", required_unless_present = "events")]
    profiles: Option<String>,
    /// A file of events
    #[arg(long, value_name = "FILE")]
    events: Option<String>,
    /// The column of the profile's id [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    profile_id: Option<String>,
    /// The column of the event's instant [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    timestamp: Option<String>,
    /// The column of the event's type [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    event_type: Option<String>,
}

/// List the fields of a schema with their types.
#[derive(Debug, Args)]
struct ShowArgs {
    /// A schema file or a folder of XDM; the project's schema if none is given
    schema: Option<String>,
    /// Only paths that begin like this; `*` stands for any characters
    pattern: Option<String>,
    /// How the listing is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Columns, for people
    Text,
    /// Machine-readable
    Json,
}

pub(super) fn run(args: &SchemaArgs, global: &Global) -> CommandResult {
    match &args.command {
        SchemaCommand::Show(args) => show(args, global),
        SchemaCommand::Infer(args) => infer(args, global),
    }
}

fn infer(args: &InferArgs, global: &Global) -> CommandResult {
    let look = |file: &Option<String>| file.as_ref().map(|file| observe(Path::new(file), None, None)).transpose();
    let (profiles, events) = match (look(&args.profiles), look(&args.events)) {
        (Ok(profiles), Ok(events)) => (profiles, events),
        (Err(diagnostic), _) | (_, Err(diagnostic)) => {
            report(&[diagnostic], &Sources::default(), global);
            return Ok(Outcome::Findings);
        }
    };
    let mut roles = Roles::default();
    for seen in [&events, &profiles].into_iter().flatten() {
        let guessed = schema::guess_roles(&seen.rows);
        roles = Roles {
            profile_id: args.profile_id.clone().or(roles.profile_id).or(guessed.profile_id),
            event_id: roles.event_id.or(guessed.event_id),
            timestamp: args.timestamp.clone().or(roles.timestamp).or(guessed.timestamp),
            event_type: args.event_type.clone().or(roles.event_type).or(guessed.event_type),
        };
    }
    let classes: Vec<InferredClass<'_>> = [("profile", &profiles), ("event", &events)]
        .into_iter()
        .filter_map(|(name, seen)| seen.as_ref().map(|seen| InferredClass { name, rows: &seen.rows, key: None }))
        .collect();
    print(&schema::infer(&classes, &roles))?;
    Ok(Outcome::Clean)
}

fn show(args: &ShowArgs, global: &Global) -> CommandResult {
    let mut sources = Sources::default();
    let loaded = match &args.schema {
        Some(path) => schema::load(&read(path)?, &mut sources),
        None => return show_projects(args, global),
    };
    report(&loaded.diagnostics, &sources, global);
    let Some(schema) = loaded.schema else { return Ok(Outcome::Findings) };
    listing(&schema, args)?;
    Ok(outcome(&loaded.diagnostics))
}

fn show_projects(args: &ShowArgs, global: &Global) -> CommandResult {
    let workspace = ProjectArgs::default().open(Vec::new())?;
    report(&workspace.diagnostics, &workspace.sources, global);
    let Some(schema) = &workspace.schema else { return Ok(Outcome::Findings) };
    listing(schema, args)?;
    Ok(Outcome::Clean)
}

fn listing(schema: &schema::Schema, args: &ShowArgs) -> Result<(), Failure> {
    let format = match args.format {
        Format::Text => ShowFormat::Text,
        Format::Json => ShowFormat::Json,
    };
    let text = schema::show(schema, &ShowOptions { format, pattern: args.pattern.as_deref() });
    print(&text)?;
    if args.format == Format::Text && args.pattern.is_none() {
        let count = |object| schema.leaves(object).count();
        say(&format!(
            "{} profile and {} event leaf paths, {} event types, {} related classes",
            count(schema.profile),
            count(schema.event),
            schema.event_types.len(),
            schema.classes.len()
        ));
    }
    Ok(())
}

fn outcome(diagnostics: &[Diagnostic]) -> Outcome {
    if diagnostics.iter().any(Diagnostic::is_error) { Outcome::Findings } else { Outcome::Clean }
}

/// The files of a schema: one, or those of a folder.
fn read(path: &str) -> Result<Vec<SchemaFile>, Failure> {
    let read_one = |path: &str| Disk.read(path).map_err(|error| Failure::io(path, &error));
    if !Disk.is_folder(path) {
        return Ok(vec![SchemaFile::new(path, read_one(path)?)]);
    }
    let listed = Disk.list(path).map_err(|error| Failure::io(path, &error))?;
    let mut files = Vec::new();
    for path in listed.iter().filter(|path| schema::is_schema_file(path)) {
        files.push((path.clone(), read_one(path)?));
    }
    Ok(schema::read_folder(files))
}
