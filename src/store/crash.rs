//! Where writing can be made to stop dead, to test that what was written before is still there. Invariant: without the
//! variable `SEGC_CRASH_AT` it does nothing.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

static PASSED: AtomicU64 = AtomicU64::new(0);

/// A step of writing begins. With `SEGC_CRASH_AT=N` the process ends at the `N`th as if its power had failed.
pub(super) fn point(_step: &str) {
    static AT: OnceLock<Option<u64>> = OnceLock::new();
    let at = AT.get_or_init(|| std::env::var("SEGC_CRASH_AT").ok()?.parse().ok());
    if let Some(at) = at
        && PASSED.fetch_add(1, Ordering::Relaxed) + 1 >= *at
    {
        std::process::abort();
    }
}
