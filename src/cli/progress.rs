//! The progress bar of long work. Invariant: it is drawn on standard error, only if that is a terminal, and is gone when the
//! work is done.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Bytes of files.
    Bytes,
    /// Blocks of profiles.
    Blocks,
}

/// Between two looks at how far the work has come.
const INTERVAL: Duration = Duration::from_millis(100);

/// Does the work; meanwhile another thread shows how much of how much is `done`. Work that ends at once shows nothing.
pub(super) fn showing<T>(
    what: &'static str,
    unit: Unit,
    done: &(dyn Fn() -> (u64, u64) + Sync),
    work: impl FnOnce() -> T,
) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (finished, waiting) = channel::<()>();
        scope.spawn(move || {
            let bar = ProgressBar::no_length().with_message(what).with_style(style(unit));
            // Ends when the sender is dropped, by a panic of the work too.
            while waiting.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let (position, total) = done();
                bar.set_length(total);
                bar.set_position(position.min(total));
                bar.tick();
            }
            bar.finish_and_clear();
        });
        let result = work();
        drop(finished);
        result
    })
}

fn style(unit: Unit) -> ProgressStyle {
    let template = match unit {
        Unit::Bytes => "{msg:<10} [{bar:32}] {bytes} of {total_bytes}, {eta} left",
        Unit::Blocks => "{msg:<10} [{bar:32}] {pos} of {len} blocks, {eta} left",
    };
    // The templates above are well formed; were one not, the default shows as much.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}
