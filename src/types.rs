//! The types of the language and its constant values. Holds no names of any schema; a schema's objects are
//! referred to by [`ObjectId`]. Invariant: optionality is never inside a [`Ty`], always beside it in [`Type`];
//! the elements of a list are never absent.

use std::fmt;
use std::sync::Arc;

/// The version of the language: it goes up when the meaning of a program may change.
pub const LANGUAGE_VERSION: u32 = 1;

/// A type with its optionality: `T?` or `T`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Type {
    /// What a present value is.
    pub ty: Ty,
    /// Whether the value may be absent.
    pub optional: bool,
}

/// What a present value is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ty {
    /// Already reported; takes part in every operation without a further complaint.
    Error,
    /// `true` or `false`.
    Bool,
    /// A 64-bit integer.
    Int,
    /// An exact decimal with at most this many digits.
    Decimal(Digits),
    /// An IEEE double; NaN and infinities do not exist.
    Float,
    /// Text.
    String,
    /// A string of a known set.
    Enum(Arc<EnumType>),
    /// A civil day.
    Date,
    /// An instant, microseconds since 1970-01-01 UTC.
    Timestamp,
    /// A span of time. Values computed at run time are exact microseconds; literals keep calendar parts apart.
    Duration,
    /// A list; its elements are never absent.
    List(Box<Ty>),
    /// String keys to values.
    Map(Box<Ty>),
    /// An object of the schema.
    Object(ObjectId),
    /// 0 to 1.
    Probability,
    /// 0 to 100.
    Score,
    /// 1 to 100.
    Percentile,
    /// `low` < `medium` < `high`.
    Bucket,
}

/// The words of a bucket, lowest first.
pub const BUCKETS: [&str; 3] = ["low", "medium", "high"];

/// How many decimal digits a value may have in all, and how many of them after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digits {
    /// All digits, at most 38.
    pub precision: u8,
    /// Digits after the decimal point.
    pub scale: u8,
}

/// The most digits a decimal may have: what an `i128` and every engine's widest decimal hold.
pub const MAX_DIGITS: u8 = 38;

/// The values a string field may have.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct EnumType {
    /// The values with their titles (empty where the schema gives none), in the schema's order.
    pub values: Vec<(String, String)>,
    /// XDM's `meta:enum` without `enum`: other values occur, so an unknown one is a warning, not an error.
    pub open: bool,
}

/// An object of a schema: an index into [`crate::schema::Schema::objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u32);

impl Type {
    /// A type that is always present.
    pub const fn required(ty: Ty) -> Type {
        Type { ty, optional: false }
    }

    /// A type that may be absent.
    pub const fn optional(ty: Ty) -> Type {
        Type { ty, optional: true }
    }

    /// The type of what was already reported.
    pub const ERROR: Type = Type { ty: Ty::Error, optional: false };

    /// Plain `bool`, the type of every predicate.
    pub const BOOL: Type = Type { ty: Ty::Bool, optional: false };
}

impl Ty {
    /// Whether arithmetic applies: `int`, `decimal`, `float`.
    pub fn is_number(&self) -> bool {
        matches!(self, Ty::Int | Ty::Decimal(_) | Ty::Float)
    }

    /// Whether this is text: `string` or an enum.
    pub fn is_text(&self) -> bool {
        matches!(self, Ty::String | Ty::Enum(_))
    }

    /// Whether this is one of the three propensity scales that never mix.
    pub fn is_scale(&self) -> bool {
        matches!(self, Ty::Probability | Ty::Score | Ty::Percentile)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.ty, if self.optional { "?" } else { "" })
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Error => f.write_str("unknown"),
            Ty::Bool => f.write_str("bool"),
            Ty::Int => f.write_str("int"),
            Ty::Decimal(_) => f.write_str("decimal"),
            Ty::Float => f.write_str("float"),
            Ty::String => f.write_str("string"),
            Ty::Enum(_) => f.write_str("enum"),
            Ty::Date => f.write_str("date"),
            Ty::Timestamp => f.write_str("timestamp"),
            Ty::Duration => f.write_str("duration"),
            Ty::List(element) => write!(f, "list<{element}>"),
            Ty::Map(value) => write!(f, "map<{value}>"),
            Ty::Object(_) => f.write_str("object"),
            Ty::Probability => f.write_str("probability"),
            Ty::Score => f.write_str("score"),
            Ty::Percentile => f.write_str("percentile"),
            Ty::Bucket => f.write_str("bucket"),
        }
    }
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// `unscaled / 10^scale`.
    Decimal {
        /// The digits as an integer.
        unscaled: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// A finite double.
    Float(f64),
    /// Text; enum values too.
    String(Arc<str>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 UTC.
    Timestamp(i64),
    /// A span of time.
    Duration(Duration),
    /// Values of one type.
    List(Vec<Value>),
    /// 0 `low`, 1 `medium`, 2 `high`.
    Bucket(u8),
}

// A value is a key of the plan's table of common expressions. Floats are finite, so bits decide, with one zero.
impl Eq for Value {}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Value::Bool(v) => v.hash(state),
            Value::Int(v) | Value::Timestamp(v) => v.hash(state),
            Value::Decimal { unscaled, scale } => (unscaled, scale).hash(state),
            Value::Float(v) => (v + 0.0).to_bits().hash(state),
            Value::String(v) => v.hash(state),
            Value::Date(v) => v.hash(state),
            Value::Duration(v) => v.hash(state),
            Value::List(v) => v.hash(state),
            Value::Bucket(v) => v.hash(state),
        }
    }
}

/// A span of time whose calendar parts (months, days) are kept apart from its exact part, because a calendar day
/// is not always 24 hours and a month is not a number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Duration {
    /// Calendar months (a quarter is 3, a year 12).
    pub months: i32,
    /// Calendar days (a week is 7).
    pub days: i32,
    /// Exact microseconds: hours, minutes, seconds.
    pub micros: i64,
}

/// Microseconds in a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds in a day of 24 hours.
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

impl Duration {
    /// The exact length where every day counts 24 hours; `None` if there are months, or on overflow.
    pub fn exact_micros(self) -> Option<i64> {
        if self.months != 0 {
            return None;
        }
        i64::from(self.days).checked_mul(MICROS_PER_DAY)?.checked_add(self.micros)
    }
}

/// A unit of civil time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CalendarUnit {
    /// A civil day in the project's zone.
    Day,
    /// Seven days from the project's first day of the week.
    Week,
    /// A calendar month.
    Month,
    /// Three months from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}
