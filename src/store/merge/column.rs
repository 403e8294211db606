//! One column out of many: values taken from the columns of several blocks, texts given codes of one dictionary.
//! Invariant: codes follow the first appearance in the order of rows.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::store::raw::{ColumnKind, Interner};
use crate::vector::{Bitmap, Buffer, Codes, Column, Data, Dictionary};

/// A row of one of several blocks: the number of the block, and its row. [`NOWHERE`] is absent.
pub(super) type Row = (u32, u32);

/// No row.
pub(super) const NOWHERE: Row = (u32::MAX, u32::MAX);

/// Code that is not known yet.
const UNKNOWN: u32 = u32::MAX;

/// The texts of a column that is written, and the codes that those of others have in it.
#[derive(Default)]
pub(super) struct Texts {
    texts: Interner,
    bytes: usize,
    /// By the address of a dictionary, which the parts that are merged keep in place.
    codes: FxHashMap<usize, Vec<u32>>,
}

impl Texts {
    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn finish(self) -> Dictionary {
        Dictionary::new(self.texts.into_strings())
    }
}

/// Takes rows out of columns, each of which may be missing.
pub(super) fn taken(
    rows: &[Row],
    columns: &[Option<&Column>],
    kind: ColumnKind,
    list: bool,
    texts: &mut Texts,
) -> Column {
    let column = |row: Row| columns.get(row.0 as usize).copied().flatten();
    let present =
        |at: usize| column(rows[at]).is_some_and(|c| c.valid.as_ref().is_none_or(|v| v.get(rows[at].1 as usize)));
    let valid = Bitmap::from_fn(rows.len(), present);
    let valid = if valid.count() == rows.len() { None } else { Some(valid) };
    if !list {
        return Column { data: scalars(rows, columns, kind, texts), valid };
    }
    let lists: Vec<Option<(&Buffer<u32>, &Column)>> = columns
        .iter()
        .map(|c| match c.map(|c| &c.data) {
            Some(Data::List { offsets, values }) => Some((offsets, &**values)),
            _ => None,
        })
        .collect();
    let mut offsets = vec![0u32];
    let mut elements: Vec<Row> = Vec::new();
    for &(source, row) in rows {
        if let Some((ends, _)) = lists.get(source as usize).copied().flatten()
            && let (Some(&from), Some(&to)) = (ends.get(row as usize), ends.get(row as usize + 1))
        {
            elements.extend((from..to).map(|element| (source, element)));
        }
        offsets.push(elements.len() as u32);
    }
    let values: Vec<Option<&Column>> = lists.iter().map(|list| list.map(|(_, values)| values)).collect();
    let values = Column { data: scalars(&elements, &values, kind, texts), valid: None };
    Column { data: Data::List { offsets: offsets.into(), values: Box::new(values) }, valid }
}

fn scalars(rows: &[Row], columns: &[Option<&Column>], kind: ColumnKind, texts: &mut Texts) -> Data {
    macro_rules! picked {
        ($variant:ident, $ty:ty) => {{
            let slices: Vec<&[$ty]> = columns
                .iter()
                .map(|c| match c.map(|c| &c.data) {
                    Some(Data::$variant(values)) => &**values,
                    _ => &[],
                })
                .collect();
            let value = |&(source, row): &Row| {
                slices.get(source as usize).and_then(|s| s.get(row as usize)).copied().unwrap_or_default()
            };
            Data::$variant(rows.iter().map(value).collect())
        }};
    }
    match kind {
        ColumnKind::Bool => Data::Bool(Bitmap::from_fn(rows.len(), |at| {
            let column = columns.get(rows[at].0 as usize).copied().flatten();
            matches!(column.map(|c| &c.data), Some(Data::Bool(bits)) if bits.get(rows[at].1 as usize))
        })),
        ColumnKind::Int => picked!(Int, i64),
        ColumnKind::Decimal => picked!(Decimal, i128),
        ColumnKind::Float => picked!(Float, f64),
        ColumnKind::Date => picked!(Date, i32),
        ColumnKind::Bucket => picked!(Bucket, u8),
        ColumnKind::Text | ColumnKind::Plain => {
            let codes = coded(rows, columns, texts);
            let most = codes.iter().fold(0, |most, &code| most.max(code));
            Data::Text { codes: Codes::narrow(&codes, most as usize + 1), dictionary: Arc::default() }
        }
    }
}

fn coded(rows: &[Row], columns: &[Option<&Column>], texts: &mut Texts) -> Vec<u32> {
    let Texts { texts, bytes, codes } = texts;
    let sources: Vec<Option<(usize, &Column, &Codes, &Dictionary)>> = columns
        .iter()
        .map(|c| match c.map(|c| (c, &c.data)) {
            Some((column, Data::Text { codes, dictionary })) => {
                Some((Arc::as_ptr(dictionary) as usize, column, codes, &**dictionary))
            }
            _ => None,
        })
        .collect();
    for &(address, _, _, dictionary) in sources.iter().flatten() {
        codes.entry(address).or_insert_with(|| vec![UNKNOWN; dictionary.len()]);
    }
    // The tables out of the map while rows are gone through: sources may share one.
    let mut tables: Vec<(usize, Vec<u32>)> = Vec::new();
    let mut table_of: Vec<usize> = Vec::with_capacity(sources.len());
    for source in &sources {
        let address = source.map_or(0, |source| source.0);
        let known = tables.iter().position(|(a, _)| *a == address);
        table_of.push(known.unwrap_or_else(|| {
            tables.push((address, codes.remove(&address).unwrap_or_default()));
            tables.len() - 1
        }));
    }
    let mut code_of = |&(source, row): &Row| {
        let Some(Some((_, column, codes, dictionary))) = sources.get(source as usize) else { return 0 };
        let present = column.valid.as_ref().is_none_or(|v| v.get(row as usize));
        if !present || row as usize >= codes.len() {
            return 0;
        }
        let code = codes.get(row as usize);
        let Some(own) = tables[table_of[source as usize]].1.get_mut(code as usize) else { return 0 };
        if *own == UNKNOWN {
            let Some(text) = dictionary.get(code) else { return 0 };
            let before = texts.len();
            *own = texts.code(text).0;
            // The text, its count of references, its place in the list and in the map.
            *bytes += if texts.len() > before { text.len() + 80 } else { 0 };
        }
        *own
    };
    let found = rows.iter().map(&mut code_of).collect();
    codes.extend(tables);
    found
}
