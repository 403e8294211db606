//! The values of a raw column, each kind in a form of its own. Names its siblings. Invariant: of texts with a dictionary every code
//! is in it.

use super::{Bits, ColumnKind, Interner};

/// The values of a raw column.
#[derive(Debug, Clone)]
pub enum RawData {
    /// See [`ColumnKind::Bool`].
    Bool(Bits),
    /// See [`ColumnKind::Int`].
    Int(Vec<i64>),
    /// See [`ColumnKind::Decimal`]: unscaled.
    Decimal(Vec<i128>),
    /// See [`ColumnKind::Float`].
    Float(Vec<f64>),
    /// See [`ColumnKind::Date`].
    Date(Vec<i32>),
    /// See [`ColumnKind::Bucket`].
    Bucket(Vec<u8>),
    /// See [`ColumnKind::Text`].
    Text {
        /// One per row.
        codes: Vec<u32>,
        /// What they mean.
        dictionary: Interner,
    },
    /// See [`ColumnKind::Plain`].
    Plain {
        /// The end of each row's text.
        ends: Vec<u32>,
        /// All texts.
        text: String,
    },
}

/// A value on its way into a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RawValue<'a> {
    /// Nothing.
    Absent,
    /// For [`ColumnKind::Bool`].
    Bool(bool),
    /// For [`ColumnKind::Int`].
    Int(i64),
    /// For [`ColumnKind::Decimal`].
    Decimal(i128),
    /// For [`ColumnKind::Float`].
    Float(f64),
    /// For [`ColumnKind::Date`].
    Date(i32),
    /// For [`ColumnKind::Bucket`].
    Bucket(u8),
    /// For [`ColumnKind::Text`] and [`ColumnKind::Plain`].
    Text(&'a str),
}

impl RawData {
    pub(super) fn new(kind: ColumnKind) -> RawData {
        match kind {
            ColumnKind::Bool => RawData::Bool(Bits::default()),
            ColumnKind::Int => RawData::Int(Vec::new()),
            ColumnKind::Decimal => RawData::Decimal(Vec::new()),
            ColumnKind::Float => RawData::Float(Vec::new()),
            ColumnKind::Date => RawData::Date(Vec::new()),
            ColumnKind::Bucket => RawData::Bucket(Vec::new()),
            ColumnKind::Text => RawData::Text { codes: Vec::new(), dictionary: Interner::default() },
            ColumnKind::Plain => RawData::Plain { ends: Vec::new(), text: String::new() },
        }
    }

    /// How many values.
    pub fn len(&self) -> usize {
        match self {
            RawData::Bool(v) => v.len(),
            RawData::Int(v) => v.len(),
            RawData::Decimal(v) => v.len(),
            RawData::Float(v) => v.len(),
            RawData::Date(v) => v.len(),
            RawData::Bucket(v) => v.len(),
            RawData::Text { codes, .. } => codes.len(),
            RawData::Plain { ends, .. } => ends.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How the values are kept.
    pub fn kind(&self) -> ColumnKind {
        match self {
            RawData::Bool(_) => ColumnKind::Bool,
            RawData::Int(_) => ColumnKind::Int,
            RawData::Decimal(_) => ColumnKind::Decimal,
            RawData::Float(_) => ColumnKind::Float,
            RawData::Date(_) => ColumnKind::Date,
            RawData::Bucket(_) => ColumnKind::Bucket,
            RawData::Text { .. } => ColumnKind::Text,
            RawData::Plain { .. } => ColumnKind::Plain,
        }
    }

    /// Keeps the values whose bit is set.
    pub(in crate::store) fn filter(&mut self, kept: &Bits) {
        fn some<T>(values: &mut Vec<T>, kept: &Bits) {
            let mut at = 0;
            values.retain(|_| {
                at += 1;
                kept.get(at - 1)
            });
        }
        match self {
            RawData::Bool(v) => *v = v.filter(kept),
            RawData::Int(v) => some(v, kept),
            RawData::Decimal(v) => some(v, kept),
            RawData::Float(v) => some(v, kept),
            RawData::Date(v) => some(v, kept),
            RawData::Bucket(v) => some(v, kept),
            RawData::Text { codes, .. } => some(codes, kept),
            RawData::Plain { ends, text } => {
                let (mut filtered, mut start, mut row) = (String::new(), 0, 0);
                ends.retain_mut(|end| {
                    let whole = start..std::mem::replace(&mut start, *end);
                    let keep = kept.get(row);
                    row += 1;
                    if keep {
                        filtered.push_str(text.get(whole.start as usize..*end as usize).unwrap_or_default());
                        *end = filtered.len() as u32;
                    }
                    keep
                });
                *text = filtered;
            }
        }
    }

    /// Takes away the values from `from` on.
    pub(in crate::store) fn split_off(&mut self, from: usize) -> RawData {
        match self {
            RawData::Bool(v) => {
                let mut rest = Bits::default();
                (from..v.len()).for_each(|at| rest.push(v.get(at)));
                v.truncate(from);
                RawData::Bool(rest)
            }
            RawData::Int(v) => RawData::Int(v.split_off(from)),
            RawData::Decimal(v) => RawData::Decimal(v.split_off(from)),
            RawData::Float(v) => RawData::Float(v.split_off(from)),
            RawData::Date(v) => RawData::Date(v.split_off(from)),
            RawData::Bucket(v) => RawData::Bucket(v.split_off(from)),
            RawData::Text { codes, dictionary } => {
                RawData::Text { codes: codes.split_off(from), dictionary: dictionary.clone() }
            }
            RawData::Plain { ends, text } => {
                let start = from.checked_sub(1).and_then(|at| ends.get(at)).copied().unwrap_or(0);
                let ends = ends.split_off(from).into_iter().map(|end| end - start).collect();
                RawData::Plain { ends, text: text.split_off(start as usize) }
            }
        }
    }

    pub(super) fn truncate(&mut self, len: usize) {
        match self {
            RawData::Bool(v) => v.truncate(len),
            RawData::Int(v) => v.truncate(len),
            RawData::Decimal(v) => v.truncate(len),
            RawData::Float(v) => v.truncate(len),
            RawData::Date(v) => v.truncate(len),
            RawData::Bucket(v) => v.truncate(len),
            RawData::Text { codes, .. } => codes.truncate(len),
            RawData::Plain { ends, text } => {
                ends.truncate(len);
                text.truncate(ends.last().map_or(0, |&end| end as usize));
            }
        }
    }

    /// Adds a value; one of another kind is absent. Returns whether a value was added that is present, and the code if
    /// it is a text.
    #[inline]
    pub(super) fn push(&mut self, value: RawValue<'_>) -> (bool, Option<u32>) {
        match (&mut *self, value) {
            (RawData::Bool(v), RawValue::Bool(x)) => v.push(x),
            (RawData::Int(v), RawValue::Int(x)) => v.push(x),
            (RawData::Decimal(v), RawValue::Decimal(x)) => v.push(x),
            (RawData::Float(v), RawValue::Float(x)) => v.push(x),
            (RawData::Date(v), RawValue::Date(x)) => v.push(x),
            (RawData::Bucket(v), RawValue::Bucket(x)) => v.push(x),
            (RawData::Text { codes, dictionary }, RawValue::Text(x)) => {
                let (code, _) = dictionary.code(x);
                codes.push(code);
                return (true, Some(code));
            }
            (RawData::Plain { ends, text }, RawValue::Text(x)) => {
                text.push_str(x);
                ends.push(text.len() as u32);
            }
            _ => {
                self.pad(self.len() + 1);
                return (false, None);
            }
        }
        (true, None)
    }

    /// Adds what stands for nothing until there are so many.
    pub(super) fn pad(&mut self, len: usize) {
        match self {
            RawData::Bool(v) => v.pad(len),
            RawData::Int(v) => v.resize(len, 0),
            RawData::Decimal(v) => v.resize(len, 0),
            RawData::Float(v) => v.resize(len, 0.0),
            RawData::Date(v) => v.resize(len, 0),
            RawData::Bucket(v) => v.resize(len, 0),
            RawData::Text { codes, .. } => codes.resize(len, 0),
            RawData::Plain { ends, text } => ends.resize(len, text.len() as u32),
        }
    }
}
