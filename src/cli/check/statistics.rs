//! `segc check --statistics`: how often each code occurs, most often first, and how many of them have a fix.

use std::collections::BTreeMap;

use serde_json::json;

use crate::diagnostics::{Applicability, Code, Diagnostic};

#[derive(Default)]
struct Row {
    count: usize,
    safe: usize,
    fixable: usize,
}

/// The table, as text or as a JSON list.
pub(super) fn table(diagnostics: &[Diagnostic], as_json: bool) -> String {
    let mut rows: BTreeMap<Code, Row> = BTreeMap::new();
    for diagnostic in diagnostics {
        let row = rows.entry(diagnostic.code).or_default();
        row.count += 1;
        row.fixable += usize::from(!diagnostic.fixes.is_empty());
        let safe = diagnostic.fixes.iter().any(|fix| fix.applicability == Applicability::Safe);
        row.safe += usize::from(safe);
    }
    let mut rows: Vec<(Code, Row)> = rows.into_iter().collect();
    rows.sort_by_key(|(code, row)| (std::cmp::Reverse(row.count), *code));
    if as_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(code, row)| {
                let info = code.info();
                json!({ "code": info.id, "name": info.name, "count": row.count,
                        "safe_fixes": row.safe, "unsafe_fixes": row.fixable - row.safe })
            })
            .collect();
        return format!("{}\n", serde_json::to_string_pretty(&rows).unwrap_or_default());
    }
    let width = rows.first().map_or(0, |(_, row)| row.count.to_string().len());
    let line = |(code, row): &(Code, Row)| {
        let info = code.info();
        let fixes = match (row.safe, row.fixable) {
            (0, 0) => String::new(),
            (0, all) => format!("  {all} with --unsafe"),
            (safe, all) if safe == all => format!("  {safe} with --fix"),
            (safe, all) => format!("  {safe} with --fix, {} with --unsafe", all - safe),
        };
        format!("{:>width$}  {}  {}{fixes}\n", row.count, info.id, info.name)
    };
    rows.iter().map(line).collect()
}
