//! Values of `param`s given from outside: the text of a literal, read by the type that the `param` declares. Imports
//! `literal`. Invariant: what comes out is of the declared type.

use super::compare::scale_bounds;
use super::convert;
use super::literal;
use crate::types::{BUCKETS, Ty, Value};

/// The value of a text at a type, with the type it has (a decimal has its own digits); the error says what is wrong.
pub(super) fn read(text: &str, wanted: &Ty) -> Result<(Value, Ty), String> {
    let text = text.trim();
    if let Ty::List(element) = wanted {
        return read_list(text, element);
    }
    let value = scalar(text, wanted).ok_or_else(|| form(wanted).to_owned())?;
    let ty = match &value {
        Value::Decimal { unscaled, scale } => Ty::Decimal(literal::digits_of(*unscaled, *scale)),
        _ => wanted.clone(),
    };
    if let (true, Value::Float(number)) = (wanted.is_scale(), &value) {
        let (low, high) = scale_bounds(wanted);
        if !(low..=high).contains(number) {
            return Err(format!("a {wanted} goes from {low} to {high}"));
        }
    }
    Ok((value, ty))
}

fn form(ty: &Ty) -> &'static str {
    match ty {
        Ty::Bool => "write `true` or `false`",
        Ty::Int => "write a whole number of at most 64 bits",
        Ty::Decimal(_) | Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => "write a number such as `0.7`",
        Ty::String | Ty::Enum(_) => "write text",
        Ty::Date => "write a date such as `2026-11-23`",
        Ty::Timestamp => "write a timestamp such as `2026-11-23T10:00:00Z`",
        Ty::Duration => "write a duration such as `30 days`",
        Ty::Bucket => "write `low`, `medium` or `high`",
        Ty::List(_) => "write a list such as `[\"a\", \"b\"]`",
        Ty::Error | Ty::Map(_) | Ty::Object(_) => "this cannot be given from outside",
    }
}

fn scalar(text: &str, wanted: &Ty) -> Option<Value> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest.trim_start()));
    let is_number = !digits.is_empty()
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '_' | '.'));
    match wanted {
        Ty::Bool => text.parse().ok().map(Value::Bool),
        Ty::Int => text.replace('_', "").parse().ok().map(Value::Int),
        Ty::Decimal(_) if is_number => {
            literal::decimal(digits, negative).map(|(unscaled, scale)| Value::Decimal { unscaled, scale })
        }
        Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile if is_number => {
            let (unscaled, scale) = literal::decimal(digits, negative)?;
            convert::as_double(&Value::Decimal { unscaled, scale }).map(Value::Float)
        }
        Ty::String | Ty::Enum(_) => unquoted(text).map(|text| Value::String(text.into())),
        Ty::Date => literal::date(text).ok().map(Value::Date),
        Ty::Timestamp => literal::timestamp(text).ok().map(Value::Timestamp),
        Ty::Duration => {
            let (amount, unit) = digits.split_once(char::is_whitespace)?;
            literal::duration_of(amount, unit.trim(), negative).map(Value::Duration)
        }
        Ty::Bucket => BUCKETS.iter().position(|b| *b == text).map(|i| Value::Bucket(i as u8)),
        Ty::Decimal(_) | Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => None,
        Ty::Error | Ty::List(_) | Ty::Map(_) | Ty::Object(_) => None,
    }
}

/// A text with or without quotes; `None` if a quote has no partner.
fn unquoted(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let inner = inner.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                c @ ('"' | '\\') => c,
                _ => return None,
            }),
            '"' => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

fn read_list(text: &str, element: &Ty) -> Result<(Value, Ty), String> {
    let wrong = || form(&Ty::List(Box::new(Ty::Error))).to_owned();
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or_else(wrong)?;
    let mut values = Vec::new();
    for part in parts(inner) {
        values.push(read(part, element)?);
    }
    // Decimals take the digits of the longest.
    let ty = values.iter().map(|(_, ty)| ty.clone()).reduce(|a, b| match (&a, &b) {
        (Ty::Decimal(x), Ty::Decimal(y)) => super::digits::common(*x, *y).map_or(a.clone(), Ty::Decimal),
        _ => a,
    });
    let ty = ty.unwrap_or_else(|| element.clone());
    let at_type = |value: Value| match convert::convert(
        crate::hir::Expr::literal(value.clone(), element.clone(), crate::source::Span::default()),
        &ty,
    ) {
        Ok(expr) => expr.as_literal().cloned().unwrap_or(value),
        Err(_) => value,
    };
    let values = values.into_iter().map(|(value, _)| at_type(value)).collect();
    Ok((Value::List(values), Ty::List(Box::new(ty))))
}

/// The parts between commas that are not inside quotes.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() || !parts.is_empty() {
        parts.push(&text[start..]);
    }
    parts
}
