//! Commands of the server: SQL of a segment, the plan, the page of a code, tests. Each gives a text.

use serde_json::{Value, json};

use super::features::Refusal;
use crate::diagnostics::explain;
use crate::emit;
use crate::hir::Module;
use crate::ide::Analysis;
use crate::pipeline::{self, testing};
use crate::sql;

/// Every command.
pub(super) const COMMANDS: &[&str] = &["segc.showSql", "segc.showPlan", "segc.explain", "segc.runTests"];

/// Columns of an explain page.
const WIDTH: usize = 100;

/// Carries one out; the arguments are the segment's name (SQL) and a dialect, or a code.
pub(super) fn run(analysis: Option<&Analysis>, name: &str, args: &[Value], now: i64) -> Result<Value, Refusal> {
    let argument = |index: usize| args.get(index).and_then(Value::as_str);
    if name == "segc.explain" {
        let code = argument(0).unwrap_or_default();
        let info = explain::explain(code).map_err(|_| Refusal::failed(format!("there is no code `{code}`")))?;
        return Ok(json!({ "text": explain::page(info, false, WIDTH), "language": "markdown" }));
    }
    let analysis = analysis.ok_or_else(|| Refusal::failed("no project is open"))?;
    let module = analysis.compiled.sound().ok_or_else(|| Refusal::failed(has_errors(analysis)))?;
    match name {
        "segc.showSql" => show_sql(analysis, module, argument(0), argument(1), now),
        "segc.showPlan" => {
            let text = crate::plan::explain::explain(&pipeline::plan(module, now));
            Ok(json!({ "text": text, "language": "text" }))
        }
        "segc.runTests" => run_tests(module, argument(0), now),
        other => Err(Refusal::failed(format!("there is no command `{other}`"))),
    }
}

/// That a project has errors, with the first.
fn has_errors(analysis: &Analysis) -> String {
    let first = analysis.compiled.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    let file = first.and_then(|first| analysis.workspace.sources.file(first.primary()?.file));
    match first.zip(file) {
        Some((first, file)) => {
            let line = file.line_column(first.primary().unwrap_or_default().start).line + 1;
            format!("the project has errors; {}:{line}: {}", file.path, first.message)
        }
        None => {
            format!("the project has errors{}", first.map_or(String::new(), |first| format!(": {}", first.message)))
        }
    }
}

fn show_sql(
    analysis: &Analysis,
    module: &Module,
    segment: Option<&str>,
    dialect: Option<&str>,
    now: i64,
) -> Result<Value, Refusal> {
    let dialect = dialect.unwrap_or_else(|| analysis.workspace.project.dialect());
    let refused = |found: Vec<crate::diagnostics::Diagnostic>| {
        Refusal::failed(found.into_iter().map(|d| d.message).collect::<Vec<_>>().join("; "))
    };
    let dialect = sql::registry::find(dialect)
        .ok_or_else(|| Refusal::failed(format!("there is no dialect `{dialect}`")))?
        .dialect;
    let layout = pipeline::sql_layout(&analysis.workspace.project, module).map_err(refused)?;
    let plan = pipeline::plan(module, now);
    let mut text = String::new();
    for (index, known) in module.segments.iter().enumerate() {
        if segment.is_none_or(|wanted| wanted == known.name) {
            let (_, query) = emit::sql::emit_printed(&plan, index, dialect, &layout).map_err(refused)?;
            text.push_str(&format!("-- {}\n{};\n\n", known.name, query.trim_end()));
        }
    }
    if text.is_empty() {
        return Err(Refusal::failed("there is no such segment"));
    }
    Ok(json!({ "text": text, "language": "sql" }))
}

fn run_tests(module: &Module, segment: Option<&str>, now: i64) -> Result<Value, Refusal> {
    let tested = testing::run_tests(module, now).map_err(|error| Refusal::failed(error.to_string()))?;
    let mut lines = Vec::new();
    for outcome in &tested.outcomes {
        let Some(known) = module.segments.get(outcome.expect.segment.0 as usize) else { continue };
        if segment.is_some_and(|wanted| wanted != known.name) {
            continue;
        }
        let profile = outcome.test.profiles.get(outcome.expect.profile).map_or("", |profile| &profile.name);
        let expected = if outcome.expect.negated { "not in" } else { "in" };
        let word = if outcome.passed { "passed" } else { "FAILED" };
        lines.push(format!("{word}: {profile} {expected} {}", known.name));
    }
    let failed = lines.iter().filter(|line| line.starts_with("FAILED")).count();
    lines.push(format!("{} passed, {failed} failed", lines.len() - failed));
    Ok(json!({ "text": lines.join("\n"), "language": "text" }))
}
