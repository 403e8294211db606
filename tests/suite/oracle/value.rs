//! Values as the reference evaluator has them, and how they are read from JSON.

use std::cmp::Ordering;

use segc::types::{Duration, Ty, Value};
use serde_json::Value as Json;

use super::calendar;
use super::number::Ratio;

/// A present value.
#[derive(Debug, Clone, PartialEq)]
pub enum V {
    Bool(bool),
    /// `int` and `decimal`.
    Number(Ratio),
    Float(f64),
    Text(String),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 UTC.
    Instant(i64),
    Span(Duration),
    Bucket(u8),
    List(Vec<V>),
    /// Entries with a present value, ordered by key.
    Map(Vec<(String, V)>),
    /// An object: there, and nothing more can be asked of it as a value.
    Object,
}

impl V {
    pub fn constant(value: &Value) -> V {
        match value {
            Value::Bool(v) => V::Bool(*v),
            Value::Int(v) => V::int(*v),
            Value::Decimal { unscaled, scale } => V::Number(Ratio::decimal(*unscaled, *scale)),
            Value::Float(v) => V::Float(*v),
            Value::String(v) => V::Text(v.to_string()),
            Value::Date(v) => V::Date(*v),
            Value::Timestamp(v) => V::Instant(*v),
            Value::Duration(v) => V::Span(*v),
            Value::List(v) => V::List(v.iter().map(V::constant).collect()),
            Value::Bucket(v) => V::Bucket(*v),
        }
    }

    pub fn int(value: i64) -> V {
        V::Number(Ratio::int(i128::from(value)))
    }

    /// A JSON value as a type; absent where it is null or of another kind.
    pub fn read(json: &Json, ty: &Ty) -> Option<V> {
        Some(match ty {
            Ty::Error | Ty::Duration => return None,
            Ty::Bool => V::Bool(json.as_bool()?),
            Ty::Int => V::int(json.as_i64()?),
            Ty::Decimal(_) => V::Number(Ratio::read(&json.as_number()?.to_string())?),
            Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => V::Float(json.as_f64()?),
            Ty::String | Ty::Enum(_) => V::Text(json.as_str()?.to_owned()),
            Ty::Date => V::Date(calendar::read_day(json.as_str()?)?),
            Ty::Timestamp => V::Instant(calendar::read_instant(json.as_str()?)?),
            Ty::Bucket => V::Bucket(["low", "medium", "high"].iter().position(|b| Some(*b) == json.as_str())? as u8),
            Ty::List(of) => V::List(json.as_array()?.iter().filter_map(|item| V::read(item, of)).collect()),
            Ty::Map(of) => {
                let entries = json.as_object()?.iter();
                let mut entries: Vec<_> = entries.filter_map(|(k, v)| Some((k.clone(), V::read(v, of)?))).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                V::Map(entries)
            }
            Ty::Object(_) => json.as_object().map(|_| V::Object)?,
        })
    }

    /// An exact number where a float is wanted.
    pub fn widened(self, ty: &Ty) -> V {
        match (self, ty) {
            (V::Number(number), Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile) => V::Float(number.float()),
            (V::List(items), Ty::List(of)) => V::List(items.into_iter().map(|item| item.widened(of)).collect()),
            (other, _) => other,
        }
    }

    /// How two values of one type compare; an exact number beside a float is a float.
    pub fn order(&self, other: &V) -> Ordering {
        match (self, other) {
            (V::Bool(a), V::Bool(b)) => a.cmp(b),
            (V::Number(a), V::Number(b)) => a.cmp(b),
            (V::Float(a), V::Float(b)) => a.partial_cmp(b).expect("no NaN"),
            (V::Number(a), V::Float(b)) => a.float().partial_cmp(b).expect("no NaN"),
            (V::Float(a), V::Number(b)) => a.partial_cmp(&b.float()).expect("no NaN"),
            (V::Text(a), V::Text(b)) => a.chars().cmp(b.chars()),
            (V::Date(a), V::Date(b)) => a.cmp(b),
            (V::Instant(a), V::Instant(b)) => a.cmp(b),
            (V::Span(a), V::Span(b)) => exact(*a).cmp(&exact(*b)),
            (V::Bucket(a), V::Bucket(b)) => a.cmp(b),
            _ => panic!("the checker lets nobody compare {self:?} with {other:?}"),
        }
    }

    pub fn same(&self, other: &V) -> bool {
        self.order(other) == Ordering::Equal
    }

    pub fn number(&self) -> Ratio {
        if let V::Number(number) = self { *number } else { panic!("{self:?} is no exact number") }
    }

    /// A whole number of 64 bits.
    pub fn whole(&self) -> i64 {
        i64::try_from(self.number().trunc()).expect("an int")
    }

    pub fn text(&self) -> &str {
        if let V::Text(text) = self { text } else { panic!("{self:?} is no text") }
    }

    pub fn list(&self) -> &[V] {
        if let V::List(items) = self { items } else { panic!("{self:?} is no list") }
    }
}

/// Microseconds where a day counts 24 hours.
pub fn exact(duration: Duration) -> i64 {
    assert_eq!(duration.months, 0, "the checker refuses months here");
    duration.micros + i64::from(duration.days) * 24 * 3600 * 1_000_000
}
