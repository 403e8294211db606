//! `segc explain`

use clap::Args;

use super::{CommandResult, Failure, Global, Outcome, print};
use crate::diagnostics::{Code, explain};

/// Explain a diagnostic code or name.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A code or a name, such as SEG0601 or not-over-optional; all are listed if none is given
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
        print(&lines.collect::<String>())?;
        return Ok(Outcome::Clean);
    };
    match explain::explain(code) {
        Ok(info) => {
            print(&explain::page(info, global.color_output(), WIDTH))?;
            Ok(Outcome::Clean)
        }
        Err(unknown) => {
            let hint = match unknown.suggestion {
                Some(close) => format!("did you mean `{close}`?"),
                None => "`segc explain` lists all codes".to_owned(),
            };
            Err(Failure::new(format!("there is no code `{code}`; {hint}")))
        }
    }
}
