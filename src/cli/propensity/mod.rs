//! `segc propensity`: models that are trained here. One file a command. Invariant: a model or score file under its final
//! name is whole.

use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::project_args::ProjectArgs;
use super::{CommandResult, Failure, Global, Outcome, clock, report, say_raw};
use crate::data::Loaded;
use crate::hir::Module;
use crate::pipeline::Workspace;
use crate::pipeline::propensity::{
    self as engine, AnyScorer, Declared, ForeignScorer, Scorer, Stage, Trouble, model_path,
};
use crate::project::Override;

pub(super) mod attach;
mod evaluate;
mod report;
mod score;
mod train;

/// Train, use and judge propensity models.
#[derive(Debug, Args)]
pub(super) struct PropensityArgs {
    #[command(subcommand)]
    command: PropensityCommand,
}

#[derive(Debug, Subcommand)]
enum PropensityCommand {
    /// Train a model from its declaration and the project's data
    Train(train::TrainArgs),
    /// Score every profile with a trained model
    Score(score::ScoreArgs),
    /// Say how good a model is, in the terminal and as a page
    Report(report::ReportArgs),
    /// Measure scores against what then happened
    Evaluate(evaluate::EvaluateArgs),
}

pub(super) fn run(args: &PropensityArgs, global: &Global) -> CommandResult {
    match &args.command {
        PropensityCommand::Train(args) => train::run(args, global),
        PropensityCommand::Score(args) => score::run(args, global),
        PropensityCommand::Report(args) => report::run(args, global),
        PropensityCommand::Evaluate(args) => evaluate::run(args, global),
    }
}

/// Which propensity, when.
#[derive(Debug, Clone, Args)]
struct Which {
    /// The propensity
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    project: ProjectArgs,
    /// The instant of the run: nothing later is known [default: the clock]
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,
    /// How many threads to use [default: one per core]
    #[arg(long, value_name = "N", value_parser = super::threads())]
    threads: Option<usize>,
}

/// Which data, if not the project's.
#[derive(Debug, Clone, Default, Args)]
struct DataArgs {
    /// The profile store to read [default: the project's `store`; without one, the data files]
    #[arg(long, value_name = "PATH", conflicts_with_all = ["profiles", "events"], help_heading = "Data")]
    store: Option<String>,
    /// Profile files, instead of the project's; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    profiles: Vec<String>,
    /// Event files, instead of those of the project's first table of events; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    events: Vec<String>,
}

impl DataArgs {
    /// The project with this data; `None` if it has errors.
    fn sound(&self, project: &ProjectArgs, global: &Global) -> Result<Option<(Workspace, Module)>, Failure> {
        let mut overrides = super::run::data_overrides(&self.profiles, &self.events, false)?;
        if let Some(store) = &self.store {
            // Relative to where the user is, not to the project.
            let path = std::path::absolute(store).map_err(|error| Failure::io(store, &error))?;
            overrides.push(Override { key: "store".into(), value: path.to_string_lossy().into_owned() });
        }
        let mut found = project.sound(overrides, global)?;
        if let Some((workspace, _)) = &mut found
            && !(self.profiles.is_empty() && self.events.is_empty())
        {
            workspace.project.store = None;
        }
        Ok(found)
    }
}

impl Which {
    /// Runs `work` on the project and its data, on as many threads as asked for; `None` if the project has errors.
    fn with<T: Send>(
        &self,
        data: &DataArgs,
        global: &Global,
        work: impl FnOnce(&Workspace, &Module, i64) -> Result<T, Failure> + Send,
    ) -> Result<Option<T>, Failure> {
        let Some((workspace, module)) = data.sound(&self.project, global)? else { return Ok(None) };
        let now = clock::now(self.now.as_deref(), &module.settings.zone)?;
        let mut builder = rayon::ThreadPoolBuilder::new();
        if let Some(threads) = self.threads {
            builder = builder.num_threads(threads);
        }
        let pool = builder.build().map_err(|error| Failure::new(error.to_string()))?;
        pool.install(|| work(&workspace, &module, now)).map(Some)
    }

    fn declared<'m>(&self, module: &'m Module) -> Result<Declared<'m>, Failure> {
        declared(module, &self.name)
    }
}

/// The declaration of a name that is trained here.
fn declared<'m>(module: &'m Module, name: &str) -> Result<Declared<'m>, Failure> {
    engine::declared(module, name).ok_or_else(|| {
        let imported = module.propensities.iter().any(|propensity| propensity.name == name);
        let own = module.propensities.iter().filter(|known| engine::declared(module, &known.name).is_some());
        let known: Vec<String> = own.map(|propensity| format!("`{}`", propensity.name)).collect();
        Failure::new(match (imported, known.is_empty()) {
            (true, _) => format!(
                "`{name}` is made elsewhere: it is not trained here, nor scored or reported; \
                 `segc propensity evaluate {name} --predict … --at …` measures it"
            ),
            (_, true) => "no propensity of the project is trained here; declare one with `predict` and `for`".into(),
            (_, false) => format!("there is no propensity `{name}`; there is {}", known.join(", ")),
        })
    })
}

/// A trouble as a failure; diagnostics are reported first.
fn failed(trouble: Trouble, workspace: &Workspace, global: &Global) -> Failure {
    match trouble {
        Trouble::Words(words) => Failure::new(words),
        Trouble::Diagnostics(diagnostics) => {
            report(&diagnostics, &workspace.sources, global);
            Failure::new("the data cannot be used")
        }
    }
}

/// A path in the project's folder.
fn in_project(workspace: &Workspace, path: &str) -> String {
    Path::new(&workspace.root).join(path).to_string_lossy().into_owned()
}

/// The model of a declaration, from its file.
fn open_model(
    workspace: &Workspace,
    module: &Module,
    declared: &Declared<'_>,
    path: &str,
    global: &Global,
) -> Result<Scorer, Failure> {
    let name = &declared.propensity.name;
    let text = read_model(name, path)?;
    Scorer::open(workspace, module, declared, &text).map_err(|trouble| failed(trouble, workspace, global))
}

/// The model of a propensity, whoever made it, from its file or from another.
fn open_any(
    workspace: &Workspace,
    module: &Module,
    name: &str,
    path: Option<&str>,
    global: &Global,
) -> Result<AnyScorer, Failure> {
    let path = |own: &str| path.map_or_else(|| in_project(workspace, own), str::to_owned);
    if let Some(of) = engine::foreign(module, name) {
        let path = path(&of.1.file);
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::io(&path, &error))?;
        let scorer = ForeignScorer::open(workspace, module, of, &text, &[]);
        return scorer.map(Box::new).map(AnyScorer::Foreign).map_err(|trouble| failed(trouble, workspace, global));
    }
    let path = path(&model_path(name));
    open_model(workspace, module, &declared(module, name)?, &path, global).map(Box::new).map(AnyScorer::Own)
}

/// The text of a model file.
fn read_model(name: &str, path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Failure::new(format!("`{name}` has no model yet ({path}); train one: `segc propensity train {name}`"))
        }
        io::ErrorKind::InvalidData => Failure::new(format!("{path} is no model file: it is not text")),
        _ => Failure::io(path, &error),
    })
}

/// A bar that shows how far a task is; nothing where there is no terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Bar {
        let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        bar.enable_steady_tick(Duration::from_millis(100));
        Bar(bar)
    }

    fn show(&self, stage: Stage) {
        let counted = |done: u64, all: u64, what: &'static str| {
            if self.0.length() != Some(all) {
                self.0.set_length(all);
                if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {bar:32} {pos}/{len} {eta}") {
                    self.0.set_style(style);
                }
            }
            self.0.set_message(what);
            self.0.set_position(done);
        };
        match stage {
            Stage::Reading => self.0.set_message("reading data"),
            Stage::Deriving(done, all) => counted(done as u64, all as u64, "deriving features, cut-off"),
            Stage::Training(done, all) => counted(u64::from(done), u64::from(all), "growing trees"),
            Stage::Scoring => self.0.set_message("scoring and explaining"),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Says what of the data could not be used.
fn say_findings(loaded: &Loaded) -> Result<(), Failure> {
    // Of a column that is optional, and not there, nothing need be said.
    if loaded.report.is_clean() { Ok(()) } else { say_raw(&loaded.report.to_text()) }
}

/// The path of an output: the one that was asked for, unless a file of another kind is there, or else the project's own.
fn output(asked: Option<&String>, own: String, what: &str, is_ours: impl Fn(&Path) -> bool) -> Result<String, Failure> {
    let Some(path) = asked else { return Ok(own) };
    let is_there = std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0);
    if is_there && !is_ours(Path::new(path)) {
        return Err(Failure::new(format!("{path} is there and is no {what}: it is not replaced")));
    }
    Ok(path.clone())
}

/// Whether a file begins with a text.
fn begins_with(path: &Path, text: &str) -> bool {
    let mut beginning = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(text.len() as u64).read_to_end(&mut beginning));
    read.is_ok() && beginning == text.as_bytes()
}

/// Makes the folder of a file.
fn make_folder(path: &str) -> Result<(), Failure> {
    match Path::new(path).parent() {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|error| Failure::io(&folder.to_string_lossy(), &error)),
        None => Ok(()),
    }
}

/// What a command ends with: findings if something of the model is wrong.
fn outcome(wrong: bool) -> Outcome {
    if wrong { Outcome::Findings } else { Outcome::Clean }
}
