//! The thread that checks projects. Of several jobs for one project only the last is done. Invariant: a panic while a project
//! is looked at loses what was remembered of it, and nothing else.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use crate::ide::{Analysis, AnalysisMemo};
use crate::pipeline::{Files, KeptFiles, Overlay, Request};
use crate::source::FileId;
use crate::syntax::Parse;

/// The stack of the thread: trees are bounded in depth, but debug builds use large frames.
pub(super) const STACK_BYTES: usize = 256 << 20;

/// A project to look at.
pub(super) struct Job {
    pub root: String,
    pub request: Request,
    /// What the editor has open.
    pub texts: Vec<OpenText>,
    pub generation: u64,
    /// Whether other files may have changed.
    pub reread: bool,
    /// What the first look at the project left.
    pub memo: Option<AnalysisMemo>,
}

/// A text that the editor has open, with its tree.
pub(super) struct OpenText {
    pub path: String,
    pub text: Arc<str>,
    pub id: FileId,
    pub parse: Arc<Parse>,
}

/// What was found.
pub(super) struct Done {
    pub root: String,
    pub generation: u64,
    pub analysis: Arc<Analysis>,
}

/// What is remembered of a project.
struct Remembered<'f> {
    files: KeptFiles<'f>,
    memo: AnalysisMemo,
}

/// Looks at projects until nobody asks any more.
pub(super) fn check(files: &dyn Files, todo: &Receiver<Job>, done: &Sender<Done>) {
    let mut projects: BTreeMap<String, Remembered<'_>> = BTreeMap::new();
    while let Ok(first) = todo.recv() {
        let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
        for mut job in std::iter::once(first).chain(todo.try_iter()) {
            if let Some(earlier) = jobs.remove(&job.root) {
                job.reread |= earlier.reread;
                job.memo = job.memo.or(earlier.memo);
            }
            jobs.insert(job.root.clone(), job);
        }
        for (root, mut job) in jobs {
            let new = || Remembered { files: KeptFiles::new(files), memo: AnalysisMemo::default() };
            let known = projects.entry(root.clone()).or_insert_with(new);
            if let Some(memo) = job.memo.take() {
                known.memo = memo;
            }
            let looked = catch_unwind(AssertUnwindSafe(|| Arc::new(look(&job, known))));
            match looked {
                Ok(analysis) => {
                    if done.send(Done { root, generation: job.generation, analysis }).is_err() {
                        return;
                    }
                }
                Err(_) => *known = new(),
            }
        }
    }
}

fn look(job: &Job, known: &mut Remembered<'_>) -> Analysis {
    if job.reread {
        known.files.forget();
    }
    let mut overlay = Overlay::new(&known.files);
    for open in &job.texts {
        overlay.set(&open.path, open.text.clone());
        known.memo.project.offer(open.id, &open.text, &open.parse);
    }
    Analysis::of(&overlay, &job.request, &mut known.memo)
}
