//! Constants and types as JSON. Names `types` and civil time. Invariant: no value loses a digit: decimals are text,
//! and the three parts of a duration stay apart.

use serde_json::{Value as Json, json};

use super::Object;
use crate::types::{BUCKETS, MICROS_PER_DAY, MICROS_PER_SECOND, Ty, Type, Value};
use crate::vector::time;

/// A type as text, decimals with their digits: `list<decimal(12, 2)>?`.
pub(super) fn type_text(ty: &Type) -> String {
    format!("{}{}", ty_text(&ty.ty), if ty.optional { "?" } else { "" })
}

pub(super) fn ty_text(ty: &Ty) -> String {
    match ty {
        Ty::Decimal(digits) => format!("decimal({}, {})", digits.precision, digits.scale),
        Ty::List(element) => format!("list<{}>", ty_text(element)),
        Ty::Map(value) => format!("map<{}>", ty_text(value)),
        Ty::Error
        | Ty::Bool
        | Ty::Int
        | Ty::Float
        | Ty::String
        | Ty::Enum(_)
        | Ty::Date
        | Ty::Timestamp
        | Ty::Duration
        | Ty::Object(_)
        | Ty::Probability
        | Ty::Score
        | Ty::Percentile
        | Ty::Bucket => ty.to_string(),
    }
}

/// A constant; its type is told beside it.
pub(super) fn literal(value: &Value) -> Json {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Decimal { unscaled, scale } => decimal(*unscaled, *scale).into(),
        // Adding zero makes -0 the 0 that it equals.
        Value::Float(value) => (value + 0.0).into(),
        Value::String(value) => (**value).into(),
        Value::Date(days) => date(*days).into(),
        Value::Timestamp(micros) => timestamp(*micros).into(),
        Value::Duration(d) => json!({ "months": d.months, "days": d.days, "micros": d.micros }),
        Value::List(values) => values.iter().map(literal).collect(),
        Value::Bucket(bucket) => BUCKETS.get(usize::from(*bucket)).copied().unwrap_or("high").into(),
    }
}

/// All digits after the point are written, `1.50` is not `1.5`: they are part of the type.
fn decimal(unscaled: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn date(days: i32) -> String {
    let date = time::civil(days);
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

/// In UTC; the fraction only if there is one.
fn timestamp(micros: i64) -> String {
    let days = i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap_or(i32::MAX);
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (of_day / MICROS_PER_SECOND, of_day % MICROS_PER_SECOND);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    format!("{}T{:02}:{:02}:{:02}{fraction}Z", date(days), seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Text that is left out where it is empty.
pub(super) fn put_text(node: &mut Object, name: &str, text: &str) {
    if !text.is_empty() {
        node.insert(name.into(), text.into());
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
