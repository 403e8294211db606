//! Names, scopes and types, from text to the typed tree.

use std::sync::{Arc, LazyLock};

use segc::check::{CheckInput, Checked, ParsedFile, check};
use segc::diagnostics::Diagnostic;
use segc::hir::Settings;
use segc::hir::dump;
use segc::schema::Schema;
use segc::schema::{SchemaFile, load};
use segc::source::Sources;
use segc::syntax::parse;

mod accepted;
mod broken;
mod builtins;
mod incremental;
mod limits;
mod pages;
mod quickstart;
mod refused;

/// The quickstart's schema.
pub static RETAIL: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let text = std::fs::read("examples/quickstart/schema/retail.json").unwrap();
    let mut sources = Sources::default();
    Arc::new(load(&[SchemaFile::new("retail.json", text)], &mut sources).schema.unwrap())
});

/// What checking some files gave.
pub struct Outcome {
    pub checked: Checked,
    /// Syntax errors too.
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Sources,
}

/// Checks files (path, text) together against the quickstart's schema.
pub fn check_files(files: &[(&str, &str)], overrides: &[(&str, &str)]) -> Outcome {
    check_against(RETAIL.clone(), files, overrides)
}

/// Checks files (path, text) together against a schema.
pub fn check_against(schema: Arc<Schema>, files: &[(&str, &str)], overrides: &[(&str, &str)]) -> Outcome {
    let mut sources = Sources::default();
    let parsed: Vec<_> = files
        .iter()
        .map(|(path, text)| {
            let id = sources.add(*path, *text);
            (id, *path, parse(id, text))
        })
        .collect();
    let files: Vec<ParsedFile<'_>> = parsed
        .iter()
        .map(|(id, path, p)| ParsedFile { id: *id, path, file: &p.file, docs: &[], text: "", version: 0 })
        .collect();
    let overrides: Vec<(String, String)> = overrides.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    let settings = Settings { zone: "Europe/Stockholm".into(), week_start: 1, event_ids: true };
    let checked = check(&CheckInput { files: &files, schema, settings, param_overrides: &overrides });
    let mut diagnostics: Vec<Diagnostic> = parsed.iter().flat_map(|(_, _, p)| p.diagnostics.clone()).collect();
    diagnostics.extend(checked.diagnostics.clone());
    Outcome { checked, diagnostics, sources }
}

/// Definitions that the conditions of these tests may use.
pub const PRELUDE: &str = "\
event shoe_view = commerce.productViews where any(productListItems where product.category == \"shoes\")
event late_view = shoe_view in last 7 days
param recency: duration = 30 days
param least: decimal = 12.50
param risk: probability = 0.5
param tiers: list<string> = [\"gold\", \"platinum\"]
let spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)
let points = loyalty.points default 0
let channels = list(channel of commerce.purchases)
propensity churn from \"scores.parquet\"
segment big { where loyalty.points > 1000 }
";

/// For each condition its tree, or what is said about it.
pub fn conditions(conditions: &[&str]) -> String {
    let mut out = String::new();
    for condition in conditions {
        let text = format!("{PRELUDE}segment example {{ where {condition} }}");
        out.push_str(&format!("{condition}\n{}\n", outcome_of(&text)));
    }
    out
}

/// For each file (without the prelude) its trees, or what is said about it.
pub fn programs(programs: &[&str]) -> String {
    programs.iter().map(|text| format!("{text}\n{}\n", outcome_of(text))).collect()
}

fn outcome_of(text: &str) -> String {
    let outcome = check_files(&[("a.seg", text)], &[]);
    let mut out = String::new();
    for diagnostic in &outcome.diagnostics {
        let info = diagnostic.code.info();
        let place = diagnostic.primary().map_or("", |span| outcome.sources.text(span));
        out.push_str(&format!("  {} {} @ {place}\n", info.id, diagnostic.message));
        out.extend(diagnostic.help.iter().map(|help| format!("    help: {help}\n")));
        out.extend(diagnostic.fixes.iter().map(|fix| format!("    fix: {}\n", fix.title)));
    }
    if outcome.diagnostics.iter().any(|d| d.is_error()) {
        return out;
    }
    let mut module = outcome.checked.module;
    if let Some(example) = module.segments.iter().position(|s| s.name == "example") {
        let condition = module.segments.swap_remove(example).condition.clone();
        let whole = check_files(&[("a.seg", text)], &[]).checked.module;
        return format!("{out}  => {}\n", dump::expr(&whole, &condition));
    }
    let tree = dump::module(&module);
    out + &tree.lines().map(|line| format!("  => {line}\n")).collect::<String>()
}
