//! Functions of lists. Invariant: the elements of a result are present.

use rustc_hash::FxHashSet;

use super::compare::{distinct_rows, span};
use super::{Datum, valid_in_all};
use crate::types::Ty;
use crate::vector::cells::{Cells, with_both, with_cells};
use crate::vector::select::concat;
use crate::vector::{Column, Data};

/// `size`
pub fn size(list: &Datum, len: usize) -> Column {
    let Data::List { offsets, .. } = list.data() else { return Column::absent(&Ty::Int, len) };
    let values = (0..len).map(|row| span(offsets, list.at(row)).len() as i64).collect();
    Column { data: Data::Int(values), valid: list.valid(len) }
}

/// `distinct`: the first occurrences in order.
pub fn distinct(list: &Datum, ty: &Ty, len: usize) -> Column {
    let Data::List { offsets, values } = list.data() else { return Column::absent(ty, len) };
    let (mut rows, mut ends) = (Vec::new(), vec![0]);
    for row in 0..len {
        rows.extend(distinct_rows(values, span(offsets, list.at(row))));
        ends.push(rows.len() as u32);
    }
    let data = Data::List { offsets: ends.into(), values: Box::new(values.take(&rows)) };
    Column { data, valid: list.valid(len) }
}

/// `intersect`: the distinct elements of `a` that `b` has, in the order of `a`.
pub fn intersect(a: &Datum, b: &Datum, ty: &Ty, len: usize) -> Column {
    let (Data::List { offsets, values }, Data::List { offsets: other_offsets, values: others }) = (a.data(), b.data())
    else {
        return Column::absent(ty, len);
    };
    let (mut rows, mut ends) = (Vec::new(), vec![0u32]);
    with_both!(
        &values.data,
        &others.data,
        (x, y) => {
            for row in 0..len {
                let keep: FxHashSet<_> = span(other_offsets, b.at(row)).map(|at| y.get(at)).collect();
                let mut seen = FxHashSet::default();
                let found = span(offsets, a.at(row)).filter(|&at| keep.contains(&x.get(at)) && seen.insert(x.get(at)));
                rows.extend(found.map(|at| at as u32));
                ends.push(rows.len() as u32);
            }
        },
        return Column::absent(ty, len)
    );
    let data = Data::List { offsets: ends.into(), values: Box::new(values.take(&rows)) };
    Column { data, valid: valid_in_all(&[a, b], len) }
}

/// `union`: the distinct elements of `a`, then those of `b`.
pub fn union(a: &Datum, b: &Datum, ty: &Ty, len: usize) -> Column {
    let (Data::List { offsets, values }, Data::List { offsets: other_offsets, values: others }, Ty::List(element)) =
        (a.data(), b.data(), ty)
    else {
        return Column::absent(ty, len);
    };
    let all = concat(&[(**values).clone(), (**others).clone()], element);
    let behind = values.len();
    let (mut rows, mut ends) = (Vec::new(), vec![0]);
    for row in 0..len {
        let second = span(other_offsets, b.at(row));
        let both = span(offsets, a.at(row)).chain(second.start + behind..second.end + behind);
        rows.extend(distinct_rows(&all, both));
        ends.push(rows.len() as u32);
    }
    let data = Data::List { offsets: ends.into(), values: Box::new(all.take(&rows)) };
    Column { data, valid: valid_in_all(&[a, b], len) }
}

/// The rows of a segment sorted by value, rows of equal values in their order; absent ones are left out.
pub fn sorted_rows(column: &Column, rows: impl Iterator<Item = u32>, descending: bool) -> Vec<u32> {
    let mut present: Vec<u32> = rows.filter(|&row| column.is_present(row as usize)).collect();
    with_cells!(&column.data, cells => sort_by_cell(&mut present, cells, descending), present.clear());
    present
}

fn sort_by_cell<C: Cells>(rows: &mut [u32], cells: C, descending: bool) {
    let order = |&a: &u32, &b: &u32| cells.get(a as usize).cmp(&cells.get(b as usize));
    if descending {
        rows.sort_by(|a, b| order(b, a));
    } else {
        rows.sort_by(order);
    }
}

/// Where the value changes in rows sorted by value: the ends of the runs of equal values.
pub fn run_ends(column: &Column, rows: &[u32]) -> Vec<u32> {
    let mut ends = Vec::new();
    with_cells!(
        &column.data,
        cells => {
            for (at, pair) in rows.windows(2).enumerate() {
                if cells.get(pair[0] as usize) != cells.get(pair[1] as usize) {
                    ends.push(at as u32 + 1);
                }
            }
        },
        ()
    );
    if !rows.is_empty() {
        ends.push(rows.len() as u32);
    }
    ends
}
