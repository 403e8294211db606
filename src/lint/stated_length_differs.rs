//! The title or the documentation of a segment speaks of "7 days", and its rule looks 30 days back: one of them was changed
//! and the other forgotten.

use crate::diagnostics::{Code, Diagnostic};
use crate::hir::walk::children;
use crate::hir::{Expr, ExprKind, Module, Segment};
use crate::types::{Duration, Value};

use super::Context;
use super::window_beyond_retention::constant;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for segment in context.segments() {
        let text = format!("{} {} {}", segment.name.replace('_', " "), segment.title, segment.docs);
        let stated = lengths(&text);
        // Several lengths may speak of several things.
        let [(length, words)] = stated.as_slice() else { continue };
        let rule = in_rule(context.module, segment);
        if rule.is_empty() || rule.iter().any(|other| same(*other, *length)) {
            continue;
        }
        let message = format!("`{}` speaks of {words}, and nothing in its rule is that long", segment.name);
        let diagnostic = Diagnostic::new(Code::SEG0615, message, segment.span, "name, title or documentation")
            .with_help("mend the text or the rule, whichever was forgotten");
        found.push(diagnostic);
    }
}

/// Lengths in a text: a number followed by a unit.
fn lengths(text: &str) -> Vec<(Duration, String)> {
    let clean = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let words: Vec<String> = text.split(|c: char| c.is_whitespace() || c == '-').map(clean).collect();
    let mut found: Vec<(Duration, String)> = Vec::new();
    for pair in words.windows(2) {
        let [number, unit] = pair else { continue };
        let Ok(number) = number.parse::<i32>() else { continue };
        let length = match unit.strip_suffix('s').unwrap_or(unit) {
            "day" => Duration { days: number, ..Duration::default() },
            "week" => Duration { days: number.saturating_mul(7), ..Duration::default() },
            "month" => Duration { months: number, ..Duration::default() },
            "year" => Duration { months: number.saturating_mul(12), ..Duration::default() },
            _ => continue,
        };
        if !found.iter().any(|(known, _)| *known == length) {
            found.push((length, format!("{number} {unit}")));
        }
    }
    found
}

/// Every constant length that the segment's rule reaches, definitions included.
fn in_rule(module: &Module, segment: &Segment) -> Vec<Duration> {
    let mut lengths = Vec::new();
    let mut seen = Vec::new();
    collect(module, &segment.condition, &mut lengths, &mut seen);
    lengths
}

fn collect(module: &Module, expr: &Expr, lengths: &mut Vec<Duration>, seen: &mut Vec<u32>) {
    lengths.extend(constant(module, expr));
    match &expr.kind {
        ExprKind::Let(id, _) if !seen.contains(&id.0) => {
            seen.push(id.0);
            if let Some(definition) = module.lets.get(id.0 as usize) {
                collect(module, &definition.body, lengths, seen);
            }
        }
        ExprKind::Aggregate { collection, .. } => {
            for event in super::custom_events(module, collection) {
                event
                    .collection
                    .window
                    .iter()
                    .flat_map(|w| w.bounds())
                    .for_each(|e| lengths.extend(constant(module, e)));
            }
        }
        // Numbers may count days too: `days_between(a, b) > 7`.
        ExprKind::Literal(Value::Int(number)) => {
            lengths.extend(i32::try_from(*number).ok().map(|days| Duration { days, ..Duration::default() }));
        }
        _ => {}
    }
    children(expr, &mut |child| collect(module, child, lengths, seen));
}

/// 12 months are a year, 7 days a week, and 30 days pass for a month.
fn same(a: Duration, b: Duration) -> bool {
    let days = |d: Duration| i64::from(d.months) * 30 + i64::from(d.days) + d.micros / crate::types::MICROS_PER_DAY;
    a == b || days(a) == days(b) || (days(a) - days(b)).abs() <= i64::from(a.months.max(b.months)) / 2
}
