//! `segc explain`

use clap::Args;

use super::pager::print_paged;
use super::{CommandResult, Failure, Global, Outcome};
use crate::data::report::Kind;
use crate::diagnostics::codes::CodeInfo;
use crate::diagnostics::{Code, explain};
use crate::project::{FILE_NAME, SETTINGS};

/// Explain a diagnostic code or name, or the settings of a project.
#[derive(Debug, Args)]
#[command(
    after_help = "Longer than the terminal, it is shown by the program that SEGC_PAGER or PAGER names [default: less]; \
                        `PAGER=cat` shows it at once."
)]
pub(super) struct ExplainArgs {
    /// A code or a name, such as SEG0601 or not-over-optional, a word of a data report, or seg.toml for the settings of a project; all codes are listed if none is given
    code: Option<String>,
}

/// Columns of a page.
const WIDTH: usize = 100;

pub(super) fn run(args: &ExplainArgs, global: &Global) -> CommandResult {
    let Some(code) = &args.code else {
        let lines = Code::ALL.iter().map(|code| {
            let info = code.info();
            format!("{}  {:<8} {}\n", info.id, format!("{:?}", info.severity).to_lowercase(), info.name)
        });
        print_paged(&lines.collect::<String>())?;
        return Ok(Outcome::Clean);
    };
    if code == FILE_NAME {
        let (_, body) = SETTINGS.split_once('\n').unwrap_or(("", SETTINGS));
        print_paged(&explain::text(FILE_NAME, body, global.color_output(), WIDTH))?;
        return Ok(Outcome::Clean);
    }
    // A word of a data report may be the name of a code too: both pages are shown.
    let finding = Kind::find(code).map(|_| Code::SEG0855.info());
    let named = explain::explain(code);
    let pages: Vec<&CodeInfo> = named.iter().copied().chain(finding).collect();
    if let (Err(unknown), []) = (&named, &pages[..]) {
        let hint = match (unknown.suggestion, &explain::mentions(code)[..]) {
            (Some(close), _) => format!("did you mean `{close}`?"),
            (None, []) => "`segc explain` lists all codes".to_owned(),
            (None, codes) => format!("these pages speak of it: {}", codes.join(", ")),
        };
        return Err(Failure::new(format!("there is no code `{code}`; {hint}")));
    }
    let pages: Vec<String> = pages.iter().map(|info| explain::page(info, global.color_output(), WIDTH)).collect();
    print_paged(&pages.join("\n"))?;
    Ok(Outcome::Clean)
}
