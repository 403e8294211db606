//! `segc init`

use std::fs;
use std::path::Path;

use clap::Args;

use super::{CommandResult, Failure, Global, Outcome, report, say, write};
use crate::data::init::{self, InitRequest};
use crate::pipeline::normalize;
use crate::source::Sources;

/// Make a project from data files: a schema, seg.toml and a first segment.
#[derive(Debug, Args)]
#[command(after_help = "Nothing that is there is overwritten. Columns that cannot be told are asked for.")]
pub(super) struct InitArgs {
    /// The folder of the new project
    #[arg(default_value = ".")]
    folder: String,
    /// A file of profiles: Parquet, Arrow, NDJSON or CSV
    #[arg(long, value_name = "FILE")]
    profiles: Option<String>,
    /// A file of events
    #[arg(long, value_name = "FILE")]
    events: Option<String>,
    /// The column of the profile's id in the profiles [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    profile_id: Option<String>,
    /// The column of the profile's id in the events [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    event_profile: Option<String>,
    /// The column of the event's instant [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    timestamp: Option<String>,
    /// The column of the event's type [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    event_type: Option<String>,
    /// The time zone of days
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
}

pub(super) fn run(args: &InitArgs, global: &Global) -> CommandResult {
    if crate::vector::time::Zone::new(&args.zone).is_none() {
        let zones = crate::vector::time::Zone::names();
        let close = crate::diagnostics::suggest::closest(&args.zone, zones.iter().map(String::as_str));
        let like = close.map_or("write a name like Europe/Stockholm".into(), |zone| format!("did you mean `{zone}`?"));
        return Err(Failure::new(format!("there is no time zone `{}`; {like}", args.zone)));
    }
    let folder = Path::new(&args.folder);
    let request = InitRequest {
        profiles: args.profiles.as_deref().map(|file| seen_from(folder, file)).transpose()?,
        events: args.events.as_deref().map(|file| seen_from(folder, file)).transpose()?,
        profile_id: args.profile_id.clone(),
        event_profile: args.event_profile.clone(),
        timestamp: args.timestamp.clone(),
        event_type: args.event_type.clone(),
        zone: args.zone.clone(),
    };
    let files = match init::init(folder, &request) {
        Ok(files) => files,
        Err(diagnostic) => {
            report(&[diagnostic], &Sources::default(), global);
            return Ok(Outcome::Findings);
        }
    };
    if let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).exists()) {
        return Err(Failure::new(format!("{} is there already; nothing was written", folder.join(name).display())));
    }
    for (name, text) in &files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Failure::io(&parent.to_string_lossy(), &error))?;
        }
        write::replace(&path.to_string_lossy(), text.as_bytes())?;
        say(&format!("wrote {}", path.display()));
    }
    say(&format!("next: segc check {0}, segc run {0}", args.folder));
    Ok(Outcome::Clean)
}

/// A file of the user's as the project file names it: seen from the folder of the project, so that both can be moved
/// together, unless the user named it by an absolute path outside of the folder.
fn seen_from(folder: &Path, file: &str) -> Result<String, Failure> {
    let steps = |path: &Path| -> Result<Vec<String>, Failure> {
        let absolute = std::path::absolute(path).map_err(|error| Failure::io(&path.to_string_lossy(), &error))?;
        let steps = normalize(&absolute.to_string_lossy());
        Ok(steps.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect())
    };
    let (from, to) = (steps(folder)?, steps(Path::new(file))?);
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    if shared < from.len() && Path::new(file).is_absolute() {
        return Ok(format!("/{}", to.join("/")));
    }
    let up = std::iter::repeat_n("..", from.len() - shared);
    Ok(up.chain(to[shared..].iter().map(String::as_str)).collect::<Vec<_>>().join("/"))
}
