//! Columns that come whole put behind what was read so far. Invariant: the result is as if every value had been pushed by
//! itself; codes follow the first appearance.

use super::bits::Bits;
use super::raw::{RawColumn, RawData, RawRecords, RawTable};

impl RawColumn {
    /// A column of complete rows.
    pub fn whole(data: RawData, valid: Bits, ends: Option<Vec<u32>>) -> RawColumn {
        RawColumn { data, valid, ends, open: false }
    }

    /// The rows whose bit is set.
    pub fn filter(self, kept: &Bits) -> RawColumn {
        let mut filtered = RawColumn { data: self.data, valid: self.valid.filter(kept), ends: self.ends, open: false };
        let Some(ends) = &mut filtered.ends else {
            filtered.data.filter(kept);
            return filtered;
        };
        // Of a list all elements are kept, or none.
        let (mut elements, mut start, mut count) = (Bits::default(), 0, 0);
        let mut row = 0;
        ends.retain_mut(|end| {
            let (keep, len) = (kept.get(row), *end - start);
            (0..len).for_each(|_| elements.push(keep));
            row += 1;
            start = *end;
            count += if keep { len } else { 0 };
            *end = count;
            keep
        });
        filtered.data.filter(&elements);
        filtered
    }

    /// Takes away the rows from `row` on. Of texts both have all the dictionary.
    pub(super) fn split_off(&mut self, row: usize) -> RawColumn {
        let mut valid = Bits::default();
        (row..self.valid.len()).for_each(|at| valid.push(self.valid.get(at)));
        self.valid.truncate(row);
        let mut from = row;
        let ends = self.ends.as_mut().map(|ends| {
            from = row.checked_sub(1).and_then(|at| ends.get(at)).map_or(0, |&end| end as usize);
            ends.split_off(row.min(ends.len())).into_iter().map(|end| end - from as u32).collect()
        });
        RawColumn { data: self.data.split_off(from), valid, ends, open: false }
    }

    /// Adds the rows of another column of the same kind.
    pub fn append(&mut self, other: RawColumn) {
        if self.valid.is_empty() {
            *self = other;
            return;
        }
        if let (Some(ends), Some(others)) = (&mut self.ends, other.ends) {
            let base = self.data.len() as u32;
            ends.extend(others.into_iter().map(|end| base + end));
        }
        self.valid.extend(&other.valid);
        match (&mut self.data, other.data) {
            (RawData::Bool(all), RawData::Bool(more)) => all.extend(&more),
            (RawData::Int(all), RawData::Int(more)) => all.extend(more),
            (RawData::Decimal(all), RawData::Decimal(more)) => all.extend(more),
            (RawData::Float(all), RawData::Float(more)) => all.extend(more),
            (RawData::Date(all), RawData::Date(more)) => all.extend(more),
            (RawData::Bucket(all), RawData::Bucket(more)) => all.extend(more),
            (RawData::Text { codes, dictionary }, RawData::Text { codes: more, dictionary: values }) => {
                let map: Vec<u32> = values.iter().map(|text| dictionary.code(text).0).collect();
                codes.extend(more.into_iter().map(|code| map.get(code as usize).copied().unwrap_or(0)));
            }
            (RawData::Plain { ends, text }, RawData::Plain { ends: others, text: more }) => {
                let base = text.len() as u32;
                ends.extend(others.into_iter().map(|end| base + end));
                text.push_str(&more);
            }
            (_, _) => {}
        }
    }
}

impl RawRecords {
    /// Takes away the complete records from `row` on, which have no children.
    pub fn split_off(&mut self, row: usize) -> RawRecords {
        let mut rest = RawRecords { tables: Vec::new(), file: self.file, lines: vec![(0, self.line(row))] };
        rest.lines
            .extend(self.lines.iter().filter(|(at, _)| *at as usize > row).map(|&(at, line)| (at - row as u32, line)));
        self.lines.retain(|&(at, _)| (at as usize) < row);
        for table in self.tables.iter_mut().take(1) {
            rest.tables.push(table.split_off(row));
        }
        rest
    }

    /// Adds complete records without children; columns that are not given are absent. `lines` are as those of the records,
    /// counted from the first of them.
    pub fn append(&mut self, columns: Vec<(usize, RawColumn)>, rows: usize, lines: &[(u32, u64)]) {
        self.complete();
        let known = self.rows() as u32;
        self.lines.extend(lines.iter().map(|&(row, line)| (known + row, line)));
        let Some(RawTable { rows: known, columns: all, .. }) = self.tables.first_mut() else { return };
        *known += rows;
        for (index, column) in columns {
            all[index].append(column);
        }
        for column in all {
            while column.ends.is_some() && column.rows() < *known {
                column.end_list();
            }
        }
        self.complete();
    }
}
