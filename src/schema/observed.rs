//! What was seen in data at one place, over all rows: kinds of values, how many, which. Names serde_json and `types`.
//! Invariant: it grows with the number of places, never with the number of rows.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Number, Value};

use crate::types::Ty;

/// Distinct values that are kept of one place.
const MOST_VALUES: usize = 256;
/// Characters of a value that is kept; longer texts are not from a list of choices.
const LONGEST_VALUE: usize = 64;
/// Distinct keys that are kept of one object; more than this is a map for certain.
const MOST_KEYS: usize = 10_000;

/// What was seen at one place: a column, a member of a JSON object, or the rows themselves.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// How many values were seen; absent and null ones do not count.
    pub present: u64,
    /// The type that the file itself declares, where it does; then nothing else counts but `present` and `values`.
    pub declared: Option<Ty>,
    /// How many were objects (rows, at the top).
    pub objects: u64,
    /// The members of the objects, in the order they were first seen.
    pub fields: IndexMap<String, Observed>,
    /// How many were lists.
    pub lists: u64,
    /// The elements of all the lists; the values of a column that declares a map.
    pub elements: Option<Box<Observed>>,
    /// How many were `true` or `false`.
    pub bools: u64,
    /// How many were numbers, whole ones included.
    pub numbers: u64,
    /// The most digits after the decimal point; `None` where a number had no short decimal form.
    pub scale: Option<u8>,
    /// The most digits before it.
    pub digits: u8,
    /// How many were texts of any kind.
    pub texts: u64,
    /// How many of the texts were days such as `2026-11-23`.
    pub dates: u64,
    /// How many of the texts were times such as `2026-11-23T10:00:00Z`.
    pub timestamps: u64,
    /// The distinct texts, unless there were too many.
    pub values: BTreeSet<String>,
    /// Whether texts were too many or too long to keep.
    pub many_values: bool,
}

impl Observed {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Observed { scale: Some(0), ..Observed::default() }
    }

    /// A column of a declared type.
    pub fn declared(ty: Ty, present: u64) -> Self {
        Observed { present, declared: Some(ty), ..Observed::new() }
    }

    /// Counts a row whose columns are seen one by one.
    pub fn see_row(&mut self) {
        self.present += 1;
        self.objects += 1;
    }

    /// The place of a member, made if it is new; `None` where there are too many already.
    pub fn field(&mut self, name: &str) -> Option<&mut Observed> {
        if !self.fields.contains_key(name) {
            if self.fields.len() >= MOST_KEYS {
                return None;
            }
            self.fields.insert(name.to_owned(), Observed::new());
        }
        self.fields.get_mut(name)
    }

    /// Sees a JSON value; null is nothing. The depth is that of the value, which whoever read it has bounded.
    pub fn see_json(&mut self, value: &Value) {
        self.present += u64::from(!value.is_null());
        match value {
            Value::Null => {}
            Value::Bool(_) => self.bools += 1,
            Value::Number(number) => self.number(number),
            Value::String(text) => self.text(text),
            Value::Array(elements) => {
                self.lists += 1;
                let place = self.elements.get_or_insert_with(|| Box::new(Observed::new()));
                elements.iter().for_each(|element| place.see_json(element));
            }
            Value::Object(members) => {
                self.objects += 1;
                for (name, member) in members {
                    if let Some(place) = self.field(name) {
                        place.see_json(member);
                    }
                }
            }
        }
    }

    /// Sees a cell of CSV, where everything is text; an empty one is nothing.
    pub fn see_cell(&mut self, cell: &str) {
        if cell.is_empty() {
            return;
        }
        self.present += 1;
        if matches!(cell, "true" | "false") {
            self.bools += 1;
        } else if let Some((digits, scale)) = decimal(cell) {
            self.sized_number(digits, Some(scale));
        } else {
            self.text(cell);
        }
    }

    /// Sees a text for its value alone, in a column of a declared type.
    pub fn see_value(&mut self, text: &str) {
        if self.many_values || text.len() > LONGEST_VALUE {
            self.many_values = true;
        } else if !self.values.contains(text) {
            self.many_values = self.values.len() >= MOST_VALUES;
            self.values.insert(text.to_owned());
        }
        if self.many_values {
            self.values.clear();
        }
    }

    fn number(&mut self, number: &Number) {
        match decimal(&number.to_string()) {
            Some((digits, scale)) => self.sized_number(digits, Some(scale)),
            None => self.sized_number(0, None),
        }
    }

    fn sized_number(&mut self, digits: u8, scale: Option<u8>) {
        self.numbers += 1;
        self.digits = self.digits.max(digits);
        self.scale = self.scale.zip(scale).map(|(a, b)| a.max(b));
    }

    fn text(&mut self, text: &str) {
        self.texts += 1;
        match civil(text) {
            Some(Civil::Date) => self.dates += 1,
            Some(Civil::Timestamp) => self.timestamps += 1,
            None => {}
        }
        self.see_value(text);
    }
}

/// The digits before and after the point of a plain decimal number as machines write it: no leading zero (`007` is a
/// code), no sign `+`, no exponent.
fn decimal(text: &str) -> Option<(u8, u8)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    // `1.0` is how many writers put a whole number of a column of floats
    let scale = if fraction == "0" { 0 } else { fraction.len() };
    Some((u8::try_from(whole.len()).ok()?, u8::try_from(scale).ok()?))
}

enum Civil {
    Date,
    Timestamp,
}

/// Whether a text is an ISO 8601 day, or a day and a time of day with or without an offset.
fn civil(text: &str) -> Option<Civil> {
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
    };
    let day = text.get(..10).filter(|day| shaped(day, "0000-00-00"))?;
    let part = |range: std::ops::Range<usize>| day.get(range).and_then(|part| part.parse::<u8>().ok());
    if !(1..=12).contains(&part(5..7)?) || !(1..=31).contains(&part(8..10)?) {
        return None;
    }
    let Some(time) = text.get(10..).filter(|rest| !rest.is_empty()) else { return Some(Civil::Date) };
    let time = time.strip_prefix(['T', 't', ' '])?;
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = (time.get(..zone)?, time.get(zone..)?);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let clock = shaped(clock, "00:00:00") || shaped(clock, "00:00");
    let fraction = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let offset = zone.get(1..).unwrap_or_default();
    let zone = matches!(zone, "" | "Z" | "z") || shaped(offset, "00:00") || shaped(offset, "0000");
    (clock && fraction && zone).then_some(Civil::Timestamp)
}
