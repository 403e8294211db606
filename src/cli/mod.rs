//! The command line: one file a command. Here and in the rooms that read data are the only IO and the only clock.
//! Exit codes: 0 clean, 1 findings (a diagnostic that is an error, a failed test, a file that is not formatted), 2 wrong
//! usage or IO. Invariant: results go to standard output, everything said to people to standard error.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::{self, RenderOptions};
use crate::limits;
use crate::source::Sources;

mod check;
mod clock;
mod compile;
mod completions;
mod demo;
mod dialects;
mod disk;
mod doctor;
mod dump;
mod explain;
mod fmt;
mod ingest;
mod init;
mod lsp;
mod pager;
mod progress;
mod project_args;
mod propensity;
mod results;
mod run;
mod run_on;
mod schema;
mod store;
mod test;
mod write;

/// The name of a table, in parts.
#[derive(Debug, Clone)]
struct TableName(Vec<String>);

/// Reads the name of a table from the command line.
fn table_name(text: &str) -> Result<TableName, String> {
    let wrong =
        || "a table's name stands behind those of its schema or database, as in `crm.members`, or `crm.\"a.b\"`";
    crate::sql::quote::name_parts(text).map(TableName).ok_or_else(|| wrong().to_owned())
}

/// The numbers that `--threads` may be.
fn threads() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=limits::THREADS)
}

/// What a command ends with.
enum Outcome {
    /// All is well.
    Clean,
    /// Something was found.
    Findings,
}

/// A fault of usage or IO: said on standard error, exit code 2.
#[derive(Debug)]
struct Failure(String);

impl Failure {
    fn new(message: impl Into<String>) -> Failure {
        Failure(message.into())
    }

    /// An IO error with what was being done.
    fn io(what: &str, error: &io::Error) -> Failure {
        Failure(format!("{what}: {}", crate::pipeline::io_reason(error)))
    }
}

type CommandResult = Result<Outcome, Failure>;

/// Compiles, checks and runs declarative customer segments.
#[derive(Debug, Parser)]
#[command(name = "segc", version, about, long_about = None, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
struct Global {
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Global {
    /// Whether to colour what goes to standard error.
    fn color_errors(&self) -> bool {
        self.colored(io::stderr().is_terminal())
    }

    /// Whether to colour what goes to standard output.
    fn color_output(&self) -> bool {
        self.colored(io::stdout().is_terminal())
    }

    fn colored(&self, terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a project from data files: a schema, seg.toml and a first segment
    Init(init::InitArgs),
    /// Check segments and report what is wrong
    Check(check::CheckArgs),
    /// Evaluate segments over data files and give their members
    Run(run::RunArgs),
    /// Read data files into a profile store, which runs open at once
    Ingest(ingest::IngestArgs),
    /// Show, verify or compact a profile store
    Store(store::StoreArgs),
    /// Run the `test` blocks that stand beside the segments
    Test(test::TestArgs),
    /// Emit segments as SQL, bytecode, JSON rule trees or a plan to read
    Compile(compile::CompileArgs),
    /// List the SQL dialects and how far each has been tested
    Dialects(dialects::DialectsArgs),
    /// Serve an editor: completion, hover, diagnostics and more
    Lsp(lsp::LspArgs),
    /// Show versions, the project, its schema and data, and which engines can be reached
    Doctor(doctor::DoctorArgs),
    /// Explain a diagnostic code or name
    Explain(explain::ExplainArgs),
    /// Lay out `.seg` files in the one standard way
    Fmt(fmt::FmtArgs),
    /// Show a schema, or write a first one from data
    Schema(schema::SchemaArgs),
    /// Write the quickstart example, its data included, and run its segments
    Demo(demo::DemoArgs),
    /// Print what a shell needs to complete commands, or the manual pages
    Completions(completions::CompletionsArgs),
    /// Train, use and judge propensity models
    Propensity(propensity::PropensityArgs),
    /// Print what a stage of the compiler made of the segments
    Dump(dump::DumpArgs),
}

/// The stack of the thread that does the work: trees are bounded in depth, but debug builds use large frames.
const STACK_BYTES: usize = 256 << 20;

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    let worker = std::thread::Builder::new().name("segc".into()).stack_size(STACK_BYTES).spawn(|| run(&Cli::parse()));
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // The panic has been printed; it is a fault of ours.
        Ok(Err(_)) => ExitCode::from(101),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: no thread to work in: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> ExitCode {
    let global = &cli.global;
    let result = match &cli.command {
        Command::Init(args) => init::run(args, global),
        Command::Check(args) => check::run(args, global),
        Command::Run(args) => run::run(args, global),
        Command::Ingest(args) => ingest::run(args, global),
        Command::Store(args) => store::run(args),
        Command::Test(args) => test::run(args, global),
        Command::Compile(args) => compile::run(args, global),
        Command::Dialects(args) => dialects::run(args),
        Command::Lsp(args) => lsp::run(args),
        Command::Doctor(args) => doctor::run(args, global),
        Command::Explain(args) => explain::run(args, global),
        Command::Fmt(args) => fmt::run(args, global),
        Command::Schema(args) => schema::run(args, global),
        Command::Demo(args) => demo::run(args, global),
        Command::Completions(args) => completions::run(args),
        Command::Propensity(args) => propensity::run(args, global),
        Command::Dump(args) => dump::run(args, global),
    };
    match result {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(Failure(message)) => {
            // What a database says may have lines of its own; the bar keeps them from looking like lines of ours.
            let mut lines = message.split('\n');
            say(&format!("error: {}", lines.next().unwrap_or_default()));
            lines
                .filter(|line| !line.trim().is_empty())
                .for_each(|line| say(&format!("  | {}", line.trim_end().replace('\t', " "))));
            ExitCode::from(2)
        }
    }
}

/// A line for people, on standard error; what it quotes cannot forge terminal output.
fn say(message: &str) {
    let _ = writeln!(io::stderr(), "{}", render::escape::visible(message));
}

/// Text that is already fit for a terminal, on standard error.
fn say_raw(text: &str) -> Result<(), Failure> {
    io::stderr().lock().write_all(text.as_bytes()).map_err(|error| Failure::io("standard error", &error))
}

/// Writes to standard output.
fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// Writes to standard output. A reader that has gone (`| head`) is not a fault.
fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::io("standard output", &error)),
        _ => Ok(()),
    }
}

/// What changes in a file, as a unified diff.
fn diff(path: &str, before: &str, after: &str) -> String {
    let mut options = diffy::DiffOptions::new();
    options.set_original_filename(path.to_owned()).set_modified_filename(path.to_owned());
    options.create_patch(before, after).to_string()
}

/// Writes diagnostics as text to standard error.
fn report(diagnostics: &[Diagnostic], sources: &Sources, global: &Global) {
    if diagnostics.is_empty() {
        return;
    }
    let options = RenderOptions { color: global.color_errors(), max: crate::limits::DIAGNOSTICS };
    let text = render::render(render::Format::Text, diagnostics, sources, options);
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
