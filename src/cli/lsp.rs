//! `segc lsp`

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::disk::Disk;
use super::project_args::ProjectArgs;
use super::{CommandResult, Failure, Outcome};
use crate::lsp::{self, Host};
use crate::pipeline::Request;

/// Serve an editor over standard input and output by the language server protocol.
#[derive(Debug, Args)]
#[command(after_help = "An editor starts this command; see grammar/README.md for the settings of several.")]
pub(super) struct LspArgs {
    /// Accepted for editors that pass it: standard input and output are used always
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(super) fn run(_args: &LspArgs) -> CommandResult {
    let host = Host { files: Arc::new(Disk), project_of, now };
    lsp::run(host).map_err(Failure::new)?;
    Ok(Outcome::Clean)
}

/// The project of the nearest project file, or the file alone.
fn project_of(path: &str) -> Request {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    ProjectArgs::nearest_to(folder).unwrap_or_else(|| Request {
        root: folder.to_owned(),
        sources: vec![path.to_owned()],
        ..Request::default()
    })
}

fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or_default()
}
