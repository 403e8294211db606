//! `segc test`

use std::time::Instant;

use clap::Args;

use super::project_args::ProjectArgs;
use super::{CommandResult, Failure, Global, Outcome, clock, print, report};
use crate::diagnostics::render::escape::visible;
use crate::diagnostics::words::counted;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::Module;
use crate::pipeline::testing::{self, Seen};
use crate::source::Sources;

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
    let tested = match testing::run_tests(&module, now) {
        Ok(tested) => tested,
        Err(testing::NotRun::Refused(diagnostics)) => {
            report(&diagnostics, &workspace.sources, global);
            return Ok(Outcome::Findings);
        }
        Err(testing::NotRun::Trouble(error)) => return Err(Failure::new(error.to_string())),
    };
    let outcomes = &tested.outcomes;
    let failed: Vec<Diagnostic> =
        outcomes.iter().filter(|outcome| !outcome.passed).map(|outcome| failure(&module, outcome)).collect();
    report(&failed, &workspace.sources, global);
    let passed = outcomes.len() - failed.len();
    print(&format!(
        "{}, {}: {passed} passed, {} failed ({:.2} s)\n{}{}",
        counted(module.tests.len() as u64, "test"),
        counted(outcomes.len() as u64, "expectation"),
        failed.len(),
        started.elapsed().as_secs_f64(),
        seen_one_way(&module, &tested.seen, &workspace.sources),
        untested(&module),
    ))?;
    Ok(if failed.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

fn failure(module: &Module, outcome: &testing::Outcome<'_>) -> Diagnostic {
    let segment = &module.segments[outcome.expect.segment.0 as usize];
    let profile = &outcome.test.profiles[outcome.expect.profile];
    let (is, expected) = if outcome.expect.negated { ("is", "not in") } else { ("is not", "in") };
    let message = format!("`{}` {is} in `{}`", profile.name, segment.name);
    let diagnostic =
        Diagnostic::new(Code::SEG0870, message, outcome.expect.span, format!("expected {expected} the segment"))
            .with_label(profile.span, "the profile");
    outcome.conditions.iter().fold(diagnostic, |diagnostic, (span, holds)| {
        diagnostic.with_label(*span, if *holds { "true of it" } else { "false of it" })
    })
}

/// The conditions of which the tests have seen one side only, a line each.
fn seen_one_way(module: &Module, seen: &[testing::Seen], sources: &Sources) -> String {
    let mut text = String::new();
    for Seen { probe, holds, fails } in seen {
        let (side, other) = match (holds, fails) {
            (_, 0) => ("true", "false"),
            (0, _) => ("false", "true"),
            _ => continue,
        };
        let Some(file) = sources.file(probe.span.file) else { continue };
        let place = file.line_column(probe.span.start);
        let written = file.text.get(probe.span.range()).unwrap_or_default();
        let written: Vec<&str> = written.split_whitespace().collect();
        let segment = &module.segments[probe.of.0 as usize].name;
        let (path, written) = (visible(&file.path), written.join(" "));
        text.push_str(&format!(
            "{path}:{}:{}: in `{segment}` always {side}, {other} in no test: {}\n",
            place.line + 1,
            place.column + 1,
            visible(&written)
        ));
    }
    text
}

/// How many segments' names are listed.
const LISTED: usize = 10;

/// The segments of which no test expects anything.
fn untested(module: &Module) -> String {
    let is_tested = |index: usize| {
        let expects = module.tests.iter().flat_map(|test| &test.expects);
        expects.into_iter().any(|expect| expect.segment.0 as usize == index)
    };
    let segments = module.segments.iter().enumerate();
    let names: Vec<&str> = segments.filter(|(i, _)| !is_tested(*i)).map(|(_, segment)| segment.name.as_str()).collect();
    let shown = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > LISTED { ", …" } else { "" };
    match names.len() {
        0 => String::new(),
        count => {
            let all = counted(module.segments.len() as u64, "segment");
            format!("{count} of {all} without a test: {shown}{more}\n")
        }
    }
}
