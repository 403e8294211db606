//! What a run comes to: the data read, and the program run over it. Invariant: whether the data was run over at once or
//! partition by partition cannot be told from what comes of it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::ingest::store_of;
use super::propensity::attach;
use super::run::{Job, RunArgs, say_waits};
use super::{Failure, Global, progress, report};
use crate::data::partitions::EVENTS_AT_ONCE;
use crate::data::{self, Loaded};
use crate::pipeline::propensity::{AnyScorer, misfits, strangers};
use crate::store::partitions::Partition;
use crate::vm;

/// What a run came to.
pub(super) struct Done {
    pub(super) loaded: Loaded,
    pub(super) output: vm::Output,
    pub(super) times: Times,
}

/// Reads the data and runs the program over it; `None` if what was wrong has been told.
pub(super) fn done(args: &RunArgs, job: &Job, global: &Global) -> Result<Option<Done>, Failure> {
    if store(args, job).is_none() {
        match in_partitions(args, job, global)? {
            Partitioned::Whole => {}
            Partitioned::Told => return Ok(None),
            Partitioned::Done(done) => {
                let done = Some(*done).filter(|done| fits(job, &done.loaded, global));
                done.as_ref().map_or(Ok(()), |done| is_no_input(args, job, &done.loaded))?;
                return Ok(done);
            }
        }
    }
    let started = Instant::now();
    let Some(mut loaded) = load(args, job, global)?.filter(|loaded| fits(job, loaded, global)) else { return Ok(None) };
    is_no_input(args, job, &loaded)?;
    if let Some(module) = &job.module {
        attach::score_all(&job.scorers, &mut loaded, job.program.now, (&job.workspace, module), global)?;
    }
    let load = started.elapsed();
    let started = Instant::now();
    let output = evaluate(job, &loaded, options(args)).map_err(|error| Failure::new(error.to_string()))?;
    Ok(Some(Done { loaded, output, times: Times { load, evaluate: started.elapsed() } }))
}

/// What came of running over partitions.
enum Partitioned {
    Done(Box<Done>),
    /// What was wrong has been told.
    Told,
    /// The data is to be had as a whole alone.
    Whole,
}

/// Runs over partitions, if the data is to be had in them.
fn in_partitions(args: &RunArgs, job: &Job, global: &Global) -> Result<Partitioned, Failure> {
    if !vm::runs_in_partitions(&job.program) || !job.scorers.is_empty() {
        return Ok(Partitioned::Whole);
    }
    let (started, read) = (Instant::now(), data::Progress::default());
    let (mut gathered, mut evaluate, mut trouble) = (vm::Gathered::default(), Duration::ZERO, None);
    let mut run = |partition: &Partition| {
        let started = Instant::now();
        match vm::run(&job.program, &partition.dataset, options(args)) {
            Ok(output) => gathered.add(output, &partition.places),
            Err(error) => trouble = Some(error),
        }
        evaluate += started.elapsed();
        trouble.is_none()
    };
    let place = (&job.workspace.project, Path::new(&job.workspace.root));
    let reads = vm::event_reads(&job.program);
    let (read_by, now) = ((&*job.schema, &job.program.needs, &reads), job.program.now);
    let loaded = progress::showing("running", progress::Unit::Bytes, &|| read.bytes(), || {
        data::partitions::in_partitions(place, read_by, now, EVENTS_AT_ONCE, &read, &mut run)
    });
    if let Some(error) = trouble {
        return Err(Failure::new(error.to_string()));
    }
    match loaded {
        Ok(None) => Ok(Partitioned::Whole),
        Ok(Some(loaded)) => {
            let output = gathered.finish(&loaded.dataset);
            let load = started.elapsed().saturating_sub(evaluate);
            Ok(Partitioned::Done(Box::new(Done { loaded, output, times: Times { load, evaluate } })))
        }
        Err(diagnostics) => {
            report(&diagnostics, &job.workspace.sources, global);
            Ok(Partitioned::Told)
        }
    }
}

/// Refuses to write members over what was read.
fn is_no_input(args: &RunArgs, job: &Job, loaded: &Loaded) -> Result<(), Failure> {
    let files = loaded.report.files.iter().map(|(name, _)| name.as_str());
    args.output.as_deref().map_or(Ok(()), |output| super::write::is_no_input(output, &job.workspace, files))
}

/// Whether the scores of the data are of the scales that they are said to be; what is wrong is told.
fn fits(job: &Job, loaded: &Loaded, global: &Global) -> bool {
    let misfits = job.module.as_ref().map(|module| misfits(module, loaded)).unwrap_or_default();
    if !misfits.is_empty() {
        report(&misfits, &job.workspace.sources, global);
    }
    misfits.is_empty()
}

fn options(args: &RunArgs) -> vm::Options {
    vm::Options { threads: args.threads.unwrap_or(0), ..vm::Options::default() }
}

/// The store that is run over, if it is one.
fn store(args: &RunArgs, job: &Job) -> Option<PathBuf> {
    let files = !args.profiles.is_empty() || !args.events.is_empty();
    store_of(args.store.as_deref(), &job.workspace).filter(|_| !files)
}

/// How long the parts of a run took.
pub(super) struct Times {
    pub(super) load: Duration,
    pub(super) evaluate: Duration,
}

/// Reads the data, and shows on a terminal how far it has come; `None` if what was wrong has been told.
fn load(args: &RunArgs, job: &Job, global: &Global) -> Result<Option<Loaded>, Failure> {
    let (project, program) = (&job.workspace.project, &job.program);
    let names: Vec<&str> = job.scorers.iter().map(AnyScorer::name).collect();
    let mut needs = program.needs.without_propensities(&names);
    for scorer in &job.scorers {
        needs = needs.union(scorer.needs(program.now));
    }
    let loaded = match store(args, job) {
        Some(store) => data::ingest::from_store(&store, &program.schema, project, &needs, program.now)
            .map_err(|fault| Failure::new(fault.to_string()))
            .map(Ok),
        None => {
            let (root, read) = (Path::new(&job.workspace.root), data::Progress::default());
            let strangers = job.module.as_ref().map(|module| strangers(module, project, root, &needs));
            if let Some(strangers) = strangers.filter(|found| !found.is_empty()) {
                report(&strangers, &job.workspace.sources, global);
                return Ok(None);
            }
            say_waits(project, root);
            Ok(progress::showing("reading", progress::Unit::Bytes, &|| read.bytes(), || {
                data::load_observed(project, root, &job.schema, &needs, program.now, &read)
            }))
        }
    };
    match loaded? {
        Ok(loaded) => Ok(Some(loaded)),
        Err(diagnostics) => {
            report(&diagnostics, &job.workspace.sources, global);
            Ok(None)
        }
    }
}

/// Runs the program, and shows on a terminal how far it has come.
fn evaluate(job: &Job, loaded: &Loaded, options: vm::Options) -> Result<vm::Output, vm::Trouble> {
    let total = (job.program.levels.len() * loaded.dataset.blocks.len()) as u64;
    let done = AtomicU64::new(0);
    let block_done = || {
        done.fetch_add(1, Ordering::Relaxed);
    };
    progress::showing("evaluating", progress::Unit::Blocks, &|| (done.load(Ordering::Relaxed), total), || {
        vm::run_observed(&job.program, &loaded.dataset, options, &block_done)
    })
}
