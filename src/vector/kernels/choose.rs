//! Choosing between values, and lists of values. Invariant: parts are of one kind; where they are not, absent.

use super::Datum;
use crate::types::Ty;
use crate::vector::select::{Kind, concat};
use crate::vector::{Bitmap, Buffer, Column, Data};

/// `then` where the bit is set, else `otherwise`.
pub fn select(condition: &Bitmap, then: &Datum, otherwise: &Datum, ty: &Ty, len: usize) -> Column {
    let numbers = match (then.data(), otherwise.data()) {
        _ if Some(then.data().kind()) != Kind::of(ty) => None,
        (Data::Bool(_), Data::Bool(_)) => {
            let (a, b) = (then.truth(len), otherwise.truth(len));
            Some(Data::Bool(a.and(condition).or(&b.and_not(condition))))
        }
        (Data::Int(x), Data::Int(y)) => Some(Data::Int(either(condition, (then, x), (otherwise, y), len))),
        (Data::Decimal(x), Data::Decimal(y)) => Some(Data::Decimal(either(condition, (then, x), (otherwise, y), len))),
        (Data::Float(x), Data::Float(y)) => Some(Data::Float(either(condition, (then, x), (otherwise, y), len))),
        (Data::Date(x), Data::Date(y)) => Some(Data::Date(either(condition, (then, x), (otherwise, y), len))),
        _ => None,
    };
    if let Some(data) = numbers {
        return Column { data, valid: valid_of_chosen(condition, then, otherwise, len) };
    }
    let first = then.column().len() as u32;
    let rows: Vec<u32> = (0..len)
        .map(|row| if condition.get(row) { then.at(row) as u32 } else { first + otherwise.at(row) as u32 })
        .collect();
    concat(&[then.column().clone(), otherwise.column().clone()], ty).take(&rows)
}

/// The values of one or the other argument; under absent rows some value.
fn either<T: Copy + Default>(
    condition: &Bitmap,
    (then, x): (&Datum, &[T]),
    (otherwise, y): (&Datum, &[T]),
    len: usize,
) -> Buffer<T> {
    let condition = condition.view();
    let value = |row: usize| if condition.get(row) { x.get(then.at(row)) } else { y.get(otherwise.at(row)) };
    (0..len).map(|row| value(row).copied().unwrap_or_default()).collect()
}

fn valid_of_chosen(condition: &Bitmap, then: &Datum, otherwise: &Datum, len: usize) -> Option<Bitmap> {
    let all = || Bitmap::filled(len, true);
    match (then.valid(len), otherwise.valid(len)) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or_else(all).and(condition).or(&b.unwrap_or_else(all).and_not(condition))),
    }
}

/// The value where it is present, else the default.
pub fn default(value: &Datum, default: &Datum, ty: &Ty, len: usize) -> Column {
    match value.valid(len) {
        None => value.expand(len),
        Some(present) => select(&present, value, default, ty, len),
    }
}

/// A list of the present values of each row.
pub fn list(items: &[&Datum], ty: &Ty, len: usize) -> Column {
    let Ty::List(element) = ty else { return Column::absent(ty, len) };
    let columns: Vec<Column> = items.iter().map(|item| item.column().clone()).collect();
    let mut starts = Vec::with_capacity(items.len());
    let mut total = 0;
    for column in &columns {
        starts.push(total);
        total += column.len();
    }
    let mut rows = Vec::with_capacity(len * items.len());
    let mut ends = Vec::with_capacity(len + 1);
    ends.push(0);
    for row in 0..len {
        for (item, start) in items.iter().zip(&starts) {
            if item.column().is_present(item.at(row)) {
                rows.push((start + item.at(row)) as u32);
            }
        }
        ends.push(rows.len() as u32);
    }
    let all = if columns.is_empty() { Column::present(Data::filler(element, 0)) } else { concat(&columns, element) };
    Column::present(list_of(ends, &all, &rows))
}

/// Lists by their ends, of the present ones among rows of a column.
pub(crate) fn list_of(ends: Vec<u32>, values: &Column, rows: &[u32]) -> Data {
    let items = values.take(rows);
    match &items.valid {
        None => Data::List { offsets: ends.into(), values: Box::new(items) },
        Some(valid) => {
            // The elements of a list are never absent.
            let kept: Vec<u32> = valid.ones().map(|row| rows[row]).collect();
            let ends = ends.iter().map(|&end| valid.count_range(0, end as usize) as u32).collect();
            Data::List { offsets: ends, values: Box::new(Column { valid: None, ..values.take(&kept) }) }
        }
    }
}

/// Which rows are present.
pub fn is_present(value: &Datum, len: usize) -> Bitmap {
    value.valid(len).unwrap_or_else(|| Bitmap::filled(len, true))
}
