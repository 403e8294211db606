//! Moving rows: slices, gathers, joins of columns; constants and single values. Invariant: the data of a result have
//! exactly as many rows as asked for, whatever the kinds of the parts.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::codes::{Code, with_codes};
use super::{Bitmap, Column, Data, Dictionary};
use crate::types::{Ty, Value};

/// How values of a type are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `int`, `timestamp`, `duration`
    Int,
    /// `decimal`
    Decimal,
    /// `float`, `probability`, `score`, `percentile`
    Float,
    /// `date`
    Date,
    /// `bucket`
    Bucket,
    /// `string`, enums
    Text,
    /// A list of scalars.
    List,
}

impl Kind {
    /// The storage of a type; of objects and maps columns hold only which rows have one. `None` for lists of lists,
    /// objects or maps and the error type, which columns do not hold.
    pub fn of(ty: &Ty) -> Option<Kind> {
        Some(match ty {
            Ty::Bool | Ty::Map(_) | Ty::Object(_) => Kind::Bool,
            Ty::Int | Ty::Timestamp | Ty::Duration => Kind::Int,
            Ty::Decimal(_) => Kind::Decimal,
            Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => Kind::Float,
            Ty::Date => Kind::Date,
            Ty::Bucket => Kind::Bucket,
            Ty::String | Ty::Enum(_) => Kind::Text,
            Ty::List(element) => match &**element {
                Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Error => return None,
                _ => Kind::List,
            },
            Ty::Error => return None,
        })
    }
}

impl Data {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Data::Bool(v) => v.len(),
            Data::Int(v) => v.len(),
            Data::Decimal(v) => v.len(),
            Data::Float(v) => v.len(),
            Data::Date(v) => v.len(),
            Data::Bucket(v) => v.len(),
            Data::Text { codes, .. } => codes.len(),
            Data::List { offsets, .. } => offsets.len().saturating_sub(1),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How the values are stored.
    pub fn kind(&self) -> Kind {
        match self {
            Data::Bool(_) => Kind::Bool,
            Data::Int(_) => Kind::Int,
            Data::Decimal(_) => Kind::Decimal,
            Data::Float(_) => Kind::Float,
            Data::Date(_) => Kind::Date,
            Data::Bucket(_) => Kind::Bucket,
            Data::Text { .. } => Kind::Text,
            Data::List { .. } => Kind::List,
        }
    }

    /// Whether the values are stored as those of a type are.
    pub fn fits(&self, ty: &Ty) -> bool {
        match (self, ty) {
            (Data::List { values, .. }, Ty::List(element)) => values.data.fits(element),
            _ => Some(self.kind()) == Kind::of(ty) && self.kind() != Kind::List,
        }
    }

    /// Rows of some value, for a type; for the types that columns do not hold, bools.
    pub fn filler(ty: &Ty, len: usize) -> Data {
        match Kind::of(ty) {
            None | Some(Kind::Bool) => Data::Bool(Bitmap::filled(len, false)),
            Some(Kind::Int) => Data::Int(vec![0; len].into()),
            Some(Kind::Decimal) => Data::Decimal(vec![0; len].into()),
            Some(Kind::Float) => Data::Float(vec![0.0; len].into()),
            Some(Kind::Date) => Data::Date(vec![0; len].into()),
            Some(Kind::Bucket) => Data::Bucket(vec![0; len].into()),
            Some(Kind::Text) => Data::Text { codes: vec![0; len].into(), dictionary: Arc::default() },
            Some(Kind::List) => {
                let element = if let Ty::List(element) = ty { element } else { &Ty::Bool };
                let values = Column { data: Data::filler(element, 0), valid: None };
                Data::List { offsets: vec![0; len + 1].into(), values: Box::new(values) }
            }
        }
    }

    fn slice(&self, start: usize, len: usize) -> Data {
        match self {
            Data::Bool(v) => Data::Bool(v.slice(start, len)),
            Data::Int(v) => Data::Int(v.slice(start, len)),
            Data::Decimal(v) => Data::Decimal(v.slice(start, len)),
            Data::Float(v) => Data::Float(v.slice(start, len)),
            Data::Date(v) => Data::Date(v.slice(start, len)),
            Data::Bucket(v) => Data::Bucket(v.slice(start, len)),
            Data::Text { codes, dictionary } => {
                Data::Text { codes: codes.slice(start, len), dictionary: dictionary.clone() }
            }
            Data::List { offsets, values } => {
                Data::List { offsets: offsets.slice(start, len + 1), values: values.clone() }
            }
        }
    }

    fn take(&self, rows: &[u32]) -> Data {
        match self {
            Data::Bool(v) => {
                let v = v.view();
                Data::Bool(Bitmap::from_fn(rows.len(), |i| v.get(rows[i] as usize)))
            }
            Data::Int(v) => Data::Int(v.take(rows)),
            Data::Decimal(v) => Data::Decimal(v.take(rows)),
            Data::Float(v) => Data::Float(v.take(rows)),
            Data::Date(v) => Data::Date(v.take(rows)),
            Data::Bucket(v) => Data::Bucket(v.take(rows)),
            Data::Text { codes, dictionary } => Data::Text { codes: codes.take(rows), dictionary: dictionary.clone() },
            Data::List { offsets, values } => {
                let offsets: &[u32] = offsets;
                let mut taken = Vec::new();
                let mut ends = Vec::with_capacity(rows.len() + 1);
                ends.push(0);
                for &row in rows {
                    if (row as usize) + 1 < offsets.len() {
                        taken.extend(offsets[row as usize]..offsets[row as usize + 1]);
                    }
                    ends.push(taken.len() as u32);
                }
                Data::List { offsets: ends.into(), values: Box::new(values.take(&taken)) }
            }
        }
    }
}

impl Column {
    /// A column without absent rows.
    pub fn present(data: Data) -> Column {
        Column { data, valid: None }
    }

    /// A predicate's column.
    pub fn bits(bits: Bitmap) -> Column {
        Column::present(Data::Bool(bits))
    }

    /// A column whose rows are all absent.
    pub fn absent(ty: &Ty, len: usize) -> Column {
        Column { data: Data::filler(ty, len), valid: Some(Bitmap::filled(len, false)) }
    }

    /// One row with a constant; absent if the constant is not of a type that columns hold. A duration counts a day as
    /// 24 hours; one with months is absent.
    pub fn constant(value: &Value, ty: &Ty) -> Column {
        constants(std::slice::from_ref(value), ty).unwrap_or_else(|| Column::absent(ty, 1))
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a row is present.
    pub fn is_present(&self, row: usize) -> bool {
        self.valid.as_ref().is_none_or(|valid| valid.get(row))
    }

    /// A range of rows; numbers and texts are shared, not copied. Where the values of all these rows are present, none
    /// is looked at for it any more.
    pub fn slice(&self, start: usize, len: usize) -> Column {
        if start == 0 && len == self.len() {
            return self.clone();
        }
        let valid = self.valid.as_ref().map(|valid| valid.slice(start, len));
        Column { data: self.data.slice(start, len), valid: valid.filter(|valid| !valid.is_filled()) }
    }

    /// The values at rows, in their order; [`ABSENT`] and rows outside the column are absent.
    pub fn take(&self, rows: &[u32]) -> Column {
        let len = self.len();
        let inside = rows.iter().all(|&row| (row as usize) < len);
        let valid = match &self.valid {
            None if inside => None,
            None => Some(Bitmap::from_fn(rows.len(), |i| (rows[i] as usize) < len)),
            Some(valid) => {
                let valid = valid.view();
                Some(Bitmap::from_fn(rows.len(), |i| valid.get(rows[i] as usize)))
            }
        };
        Column { data: self.data.take(rows), valid }
    }

    /// The first row `len` times; absent if there is no row.
    pub fn repeat(&self, len: usize) -> Column {
        self.take(&vec![0; len])
    }

    /// Absent where the bit is not set, too.
    pub fn only(self, keep: &Bitmap) -> Column {
        let valid = match self.valid {
            None => keep.clone(),
            Some(valid) => valid.and(keep),
        };
        Column { data: self.data, valid: Some(valid) }
    }

    /// The value of a row as a constant of a type of the column's kind.
    pub fn value(&self, row: usize, ty: &Ty) -> Option<Value> {
        if row >= self.len() || !self.is_present(row) {
            return None;
        }
        Some(match (&self.data, ty) {
            (Data::Bool(v), _) => Value::Bool(v.get(row)),
            (Data::Int(v), Ty::Timestamp) => Value::Timestamp(v[row]),
            (Data::Int(v), Ty::Duration) => {
                Value::Duration(crate::types::Duration { months: 0, days: 0, micros: v[row] })
            }
            (Data::Int(v), _) => Value::Int(v[row]),
            (Data::Decimal(v), Ty::Decimal(digits)) => Value::Decimal { unscaled: v[row], scale: digits.scale },
            (Data::Decimal(v), _) => Value::Decimal { unscaled: v[row], scale: 0 },
            (Data::Float(v), _) => Value::Float(v[row]),
            (Data::Date(v), _) => Value::Date(v[row]),
            (Data::Bucket(v), _) => Value::Bucket(v[row]),
            (Data::Text { codes, dictionary }, _) => Value::String(dictionary.get(codes.get(row))?.into()),
            (Data::List { offsets, values }, ty) => {
                let element = if let Ty::List(element) = ty { element } else { &Ty::Error };
                let range = offsets[row] as usize..offsets[row + 1] as usize;
                Value::List(range.filter_map(|at| values.value(at, element)).collect())
            }
        })
    }
}

/// A row that [`Column::take`] makes absent.
pub const ABSENT: u32 = u32::MAX;

/// Constants of one type as a column; `None` if one of them is not of that type.
pub fn constants(values: &[Value], ty: &Ty) -> Option<Column> {
    let data = match Kind::of(ty)? {
        Kind::Bool => {
            let bits: Option<Vec<bool>> = collect(values, |v| if let Value::Bool(v) = v { Some(*v) } else { None });
            let bits = bits?;
            Data::Bool(Bitmap::from_fn(bits.len(), |i| bits[i]))
        }
        Kind::Int => Data::Int(
            collect(values, |v| match v {
                Value::Int(v) | Value::Timestamp(v) => Some(*v),
                Value::Duration(v) => v.exact_micros(),
                _ => None,
            })?
            .into(),
        ),
        Kind::Decimal => {
            Data::Decimal(collect(values, |v| decimal(v, if let Ty::Decimal(d) = ty { d.scale } else { 0 }))?.into())
        }
        Kind::Float => Data::Float(
            collect(values, |v| if let Value::Float(v) = v { v.is_finite().then_some(*v) } else { None })?.into(),
        ),
        Kind::Date => Data::Date(collect(values, |v| if let Value::Date(v) = v { Some(*v) } else { None })?.into()),
        Kind::Bucket => {
            Data::Bucket(collect(values, |v| if let Value::Bucket(v) = v { Some(*v) } else { None })?.into())
        }
        Kind::Text => {
            let mut dictionary = Interner::default();
            let codes =
                collect(values, |v| if let Value::String(v) = v { Some(dictionary.code(v.clone())) } else { None })?;
            Data::Text { codes: codes.into(), dictionary: Arc::new(dictionary.finish()) }
        }
        Kind::List => {
            let Ty::List(element) = ty else { return None };
            let mut offsets = vec![0];
            let mut all = Vec::new();
            for value in values {
                let Value::List(items) = value else { return None };
                all.extend(items.iter().cloned());
                offsets.push(u32::try_from(all.len()).ok()?);
            }
            Data::List { offsets: offsets.into(), values: Box::new(constants(&all, element)?) }
        }
    };
    Some(Column::present(data))
}

fn collect<T>(values: &[Value], mut f: impl FnMut(&Value) -> Option<T>) -> Option<Vec<T>> {
    values.iter().map(&mut f).collect()
}

fn decimal(value: &Value, to: u8) -> Option<i128> {
    match value {
        Value::Decimal { unscaled, scale } if *scale == to => Some(*unscaled),
        Value::Decimal { unscaled, scale } => super::decimal::rescale(*unscaled, *scale, to),
        _ => None,
    }
}

/// Rows of a column, one below the other. `ty` is the type of all; parts of another kind are absent.
pub fn concat(parts: &[Column], ty: &Ty) -> Column {
    if let [one] = parts {
        return one.clone();
    }
    let lens: Vec<usize> = parts.iter().map(Column::len).collect();
    let total = lens.iter().sum();
    let filler = Data::filler(ty, 0);
    let fits = |part: &Column| part.data.kind() == filler.kind();
    let all_present = parts.iter().all(|part| part.valid.is_none() && fits(part));
    let valid = (!all_present).then(|| {
        let mut bits = Vec::with_capacity(total);
        for part in parts {
            bits.extend((0..part.len()).map(|row| fits(part) && part.is_present(row)));
        }
        Bitmap::from_fn(total, |i| bits[i])
    });
    macro_rules! join {
        ($variant:ident) => {{
            let mut all = Vec::with_capacity(total);
            for part in parts {
                match &part.data {
                    Data::$variant(v) => all.extend_from_slice(v),
                    _ => all.resize(all.len() + part.len(), Default::default()),
                }
            }
            Data::$variant(all.into())
        }};
    }
    let data = match filler {
        Data::Bool(_) => {
            let mut bits = Vec::with_capacity(total);
            for part in parts {
                bits.extend((0..part.len()).map(|row| matches!(&part.data, Data::Bool(v) if v.get(row))));
            }
            Data::Bool(Bitmap::from_fn(total, |i| bits[i]))
        }
        Data::Int(_) => join!(Int),
        Data::Decimal(_) => join!(Decimal),
        Data::Float(_) => join!(Float),
        Data::Date(_) => join!(Date),
        Data::Bucket(_) => join!(Bucket),
        Data::Text { .. } => concat_texts(parts),
        Data::List { .. } => concat_lists(parts, ty),
    };
    Column { data, valid }
}

fn concat_texts(parts: &[Column]) -> Data {
    let shared = parts.first().and_then(|part| match &part.data {
        Data::Text { dictionary, .. } => Some(dictionary),
        _ => None,
    });
    let same = |part: &Column| match (&part.data, shared) {
        (Data::Text { dictionary, .. }, Some(shared)) => Arc::ptr_eq(dictionary, shared),
        _ => false,
    };
    let mut all = Vec::new();
    if let (Some(shared), true) = (shared, parts.iter().all(same)) {
        for part in parts {
            if let Data::Text { codes, .. } = &part.data {
                with_codes!(codes, codes => all.extend(codes.iter().map(|&code| code.wide())));
            }
        }
        return Data::Text { codes: all.into(), dictionary: shared.clone() };
    }
    let mut interner = Interner::default();
    for part in parts {
        match &part.data {
            Data::Text { codes, dictionary } => {
                all.extend(
                    (0..codes.len()).map(|row| dictionary.get(codes.get(row)).map_or(0, |t| interner.code(t.into()))),
                );
            }
            _ => all.resize(all.len() + part.len(), 0),
        }
    }
    Data::Text { codes: all.into(), dictionary: Arc::new(interner.finish()) }
}

fn concat_lists(parts: &[Column], ty: &Ty) -> Data {
    let element = if let Ty::List(element) = ty { element } else { &Ty::Bool };
    let mut ends = vec![0u32];
    let mut values = Vec::new();
    for part in parts {
        let last = *ends.last().unwrap_or(&0);
        match &part.data {
            Data::List { offsets, values: items } if !offsets.is_empty() => {
                let first = offsets[0];
                let len = offsets[offsets.len() - 1] - first;
                ends.extend(offsets[1..].iter().map(|&end| last + (end - first)));
                values.push(items.slice(first as usize, len as usize));
            }
            _ => ends.resize(ends.len() + part.len(), last),
        }
    }
    let values = if values.is_empty() { Column::present(Data::filler(element, 0)) } else { concat(&values, element) };
    Data::List { offsets: ends.into(), values: Box::new(values) }
}

/// Gives distinct texts their codes.
#[derive(Debug, Default)]
pub struct Interner {
    codes: FxHashMap<Arc<str>, u32>,
    values: Vec<Arc<str>>,
}

impl Interner {
    /// The code of a text, a new one if it was not seen before.
    pub fn code(&mut self, text: Arc<str>) -> u32 {
        match self.codes.get(&text) {
            Some(&code) => code,
            None => {
                let code = self.values.len() as u32;
                self.values.push(text.clone());
                self.codes.insert(text, code);
                code
            }
        }
    }

    /// The dictionary of all texts seen.
    pub fn finish(self) -> Dictionary {
        Dictionary::new(self.values.into_iter().collect())
    }
}
