//! `segc test`

use std::time::Instant;

use clap::Args;

use super::project_args::ProjectArgs;
use super::{CommandResult, Failure, Global, Outcome, clock, print, report};
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::Module;
use crate::pipeline::testing;

/// Run the `test` blocks that stand beside the segments.
#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 if every expectation holds, 1 if not or if the project has errors.")]
pub(super) struct TestArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// The instant of tests that name none [default: the clock]
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,
}

pub(super) fn run(args: &TestArgs, global: &Global) -> CommandResult {
    let Some((workspace, module)) = args.project.sound(Vec::new(), global)? else { return Ok(Outcome::Findings) };
    let now = clock::now(args.now.as_deref(), &module.settings.zone)?;
    let started = Instant::now();
    let outcomes = match testing::run_tests(&module, now) {
        Ok(outcomes) => outcomes,
        Err(testing::NotRun::Refused(diagnostics)) => {
            report(&diagnostics, &workspace.sources, global);
            return Ok(Outcome::Findings);
        }
        Err(testing::NotRun::TooManyRows(error)) => return Err(Failure::new(error.to_string())),
    };
    let failed: Vec<Diagnostic> =
        outcomes.iter().filter(|outcome| !outcome.passed).map(|outcome| failure(&module, outcome)).collect();
    report(&failed, &workspace.sources, global);
    let passed = outcomes.len() - failed.len();
    print(&format!(
        "{} tests, {} expectations: {passed} passed, {} failed ({:.2} s)\n",
        module.tests.len(),
        outcomes.len(),
        failed.len(),
        started.elapsed().as_secs_f64()
    ))?;
    Ok(if failed.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

fn failure(module: &Module, outcome: &testing::Outcome<'_>) -> Diagnostic {
    let segment = &module.segments[outcome.expect.segment.0 as usize];
    let profile = &outcome.test.profiles[outcome.expect.profile];
    let (is, expected) = if outcome.expect.negated { ("is", "not in") } else { ("is not", "in") };
    let message = format!("`{}` {is} in `{}`", profile.name, segment.name);
    Diagnostic::new(Code::SEG0870, message, outcome.expect.span, format!("expected {expected} the segment"))
        .with_label(profile.span, "the profile")
        .with_label(segment.condition.span, "the condition")
}
