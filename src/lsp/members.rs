//! How many members the segments of open files have: counted over the project's profile store, or its data files if they are
//! small, by the thread that this file runs. Counted when a file is opened or saved, not while one types. Invariant: a number
//! that would be wrong is not given: a segment that reads a model that is trained here is passed over, since its scores are
//! made at a run.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use crate::bytecode::Program;
use crate::data::{self, Loaded};
use crate::hir::{Module, PropensityOrigin};
use crate::ide::Analysis;
use crate::pipeline;
use crate::project::Project;
use crate::schema::Schema;
use crate::store::{BLOCK_PROFILES, Dataset};
use crate::vm;

/// Profiles that are looked at, unless the client says otherwise.
pub(super) const PROFILES: u64 = 50_000;

/// Data files are read for this up to this many bytes; larger ones belong into a store.
const FILE_BYTES: u64 = 64 << 20;

/// Segments to count.
pub(super) struct Ask {
    pub root: String,
    pub analysis: Arc<Analysis>,
    /// The segments of open files.
    pub segments: BTreeSet<String>,
    /// Profiles to look at, at most.
    pub profiles: u64,
    pub now: i64,
}

/// What was counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    /// Profiles that were looked at.
    pub profiles: usize,
    /// Whether there are more.
    pub is_sample: bool,
    /// By segment.
    pub members: BTreeMap<String, usize>,
}

/// Counts until nobody asks any more; of several questions about one project only the last is answered.
pub(super) fn count(asked: &Receiver<Ask>, told: &Sender<(String, Counts)>) {
    while let Ok(first) = asked.recv() {
        let last: BTreeMap<String, Ask> =
            std::iter::once(first).chain(asked.try_iter()).map(|ask| (ask.root.clone(), ask)).collect();
        for (root, ask) in last {
            let counts = catch_unwind(AssertUnwindSafe(|| counts(&ask))).ok().flatten();
            if told.send((root, counts.unwrap_or_default())).is_err() {
                return;
            }
        }
    }
}

fn counts(ask: &Ask) -> Option<Counts> {
    let workspace = &ask.analysis.workspace;
    let module = ask.analysis.compiled.sound()?;
    let schema = workspace.schema.as_deref().unwrap_or(&module.schema);
    let project = data::with_scores(&workspace.project, &module.propensities);
    let (program, segments) = program(module, schema, ask)?;
    let loaded = load(&project, Path::new(&workspace.root), &module.schema, &program)?;
    let (dataset, is_sample) = sample(&loaded.dataset, ask.profiles);
    let output = vm::run(&program, &dataset, vm::Options { threads: 1, ..vm::Options::default() }).ok()?;
    let members = output.segments.iter().filter(|found| segments.contains(&found.name));
    let members = members.map(|found| (found.name.clone(), found.count())).collect();
    Some(Counts { profiles: dataset.profiles(), is_sample, members })
}

/// The program of the segments, and which of them it is of.
fn program(module: &Module, schema: &Schema, ask: &Ask) -> Option<(Program, BTreeSet<String>)> {
    let of = |segments: &BTreeSet<String>| pipeline::program(&module.only(segments), schema, ask.now).ok();
    let trained: Vec<&str> = module
        .propensities
        .iter()
        .filter(|propensity| {
            matches!(propensity.origin, PropensityOrigin::Declared { .. } | PropensityOrigin::Model(_))
        })
        .map(|propensity| propensity.name.as_str())
        .collect();
    let reads = |program: &Program| trained.iter().any(|name| data::reads_propensity(&program.needs, name));
    let all = of(&ask.segments)?;
    if !reads(&all) {
        return Some((all, ask.segments.clone()));
    }
    let readable = |name: &&String| of(&BTreeSet::from([(*name).clone()])).is_some_and(|program| !reads(&program));
    let segments: BTreeSet<String> = ask.segments.iter().filter(readable).cloned().collect();
    Some((of(&segments)?, segments))
}

fn load(project: &Project, root: &Path, schema: &Schema, program: &Program) -> Option<Loaded> {
    if let Some(store) = &project.store {
        let folder = root.join(&store.value);
        if folder.exists() {
            return data::ingest::from_store(&folder, &program.schema, project, &program.needs, program.now).ok();
        }
    }
    let sets = project.file_sets().filter(|set| !set.files.is_empty());
    let mut bytes = 0;
    for set in sets {
        for path in data::files::expand(root, &set.files, data::files::is_data).ok()? {
            // What can be read once belongs to a run.
            let found = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
            bytes += found.len();
        }
    }
    let small = bytes > 0 && bytes <= FILE_BYTES;
    small.then(|| data::load(project, root, schema, &program.needs, program.now).ok()).flatten()
}

/// Blocks at even distances, of about as many profiles as wanted; whether any is left out.
fn sample(dataset: &Arc<Dataset>, profiles: u64) -> (Arc<Dataset>, bool) {
    let wanted = usize::try_from(profiles).unwrap_or(usize::MAX).div_ceil(BLOCK_PROFILES).max(1);
    let all = dataset.blocks.len();
    if all <= wanted {
        return (dataset.clone(), false);
    }
    let blocks = (0..wanted).filter_map(|index| dataset.blocks.get(index * all / wanted)).cloned().collect();
    (Arc::new(Dataset { blocks, classes: dataset.classes.clone() }), true)
}
