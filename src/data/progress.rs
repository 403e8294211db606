//! How far the reading of data has come, for whoever shows it. Invariant: nothing is decided by it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of the data files, as they lie on the disk: counted by the readers, looked at by another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes read so far.
    pub(super) read: AtomicU64,
    /// Bytes of all files of the run; 0 until they are known.
    pub(super) total: AtomicU64,
}

impl Progress {
    /// Bytes read, and bytes there are.
    pub fn bytes(&self) -> (u64, u64) {
        (self.read.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
}
