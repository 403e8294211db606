//! The diagnostics of checking: bands 02, 03, 04 and 07. Imports `hir`, `types`, the tree. Invariant: text is made here
//! and nowhere else in `check`.

use crate::hir::{Expr, ExprKind, Step};
use crate::types::{Ty, Value};

mod calls;
mod names;
mod operators;
mod propensity;
mod tests;
mod time;
mod types;

pub(super) use calls::*;
pub(super) use names::*;
pub(super) use operators::*;
pub(super) use propensity::*;
pub(super) use tests::*;
pub(super) use time::*;
pub(super) use types::*;

/// A type with its article.
fn a(ty: &Ty) -> String {
    match ty {
        Ty::Enum(_) => "an enum (text of a known set)".to_owned(),
        Ty::Object(_) => "an object".to_owned(),
        Ty::List(element) if matches!(**element, Ty::Object(_)) => "a list of objects".to_owned(),
        Ty::Map(_) => "a map".to_owned(),
        Ty::Int => "an `int`".to_owned(),
        ty => format!("a `{ty}`"),
    }
}

/// What an expression is called: a path or literal in backquotes, else "this".
fn named(expr: &Expr) -> String {
    match text_of(expr) {
        Some(text) => format!("`{text}`"),
        None => "this".to_owned(),
    }
}

/// The text of a path or a literal.
fn text_of(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Path(path) => {
            let mut text = String::new();
            for step in &path.steps {
                match step {
                    Step::Field(name) => {
                        if !text.is_empty() {
                            text.push('.');
                        }
                        text.push_str(name);
                    }
                    Step::Key(key) => text.push_str(&format!("[\"{key}\"]")),
                    Step::EntryKey | Step::GroupKey => text.push_str("key"),
                    Step::EntryValue | Step::Item => text.push_str("value"),
                    Step::Each | Step::Follow(_) => {}
                }
            }
            (!text.is_empty()).then_some(text)
        }
        ExprKind::Literal(value) => literal_text(value),
        ExprKind::Now => Some("now".to_owned()),
        ExprKind::Today(0) => Some("today".to_owned()),
        _ => None,
    }
}

fn literal_text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(v) => Some(v.to_string()),
        Value::Int(v) => Some(v.to_string()),
        Value::Decimal { unscaled, scale } => Some(decimal_text(*unscaled, *scale)),
        Value::Float(v) => Some(v.to_string()),
        Value::String(v) => Some(format!("\"{v}\"")),
        Value::Date(_) | Value::Timestamp(_) | Value::Duration(_) | Value::List(_) | Value::Bucket(_) => None,
    }
}

fn decimal_text(unscaled: i128, scale: u8) -> String {
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
    let sign = if unscaled < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
