//! Columns of a row group that do not repeat, decoded by pages: what most columns of large files are. Alone with its
//! neighbours it names the Parquet library, which finds the pages and decompresses them. Invariant: what comes of a
//! column is what the library makes of it, at the rows that are looked at; where anything is not as it is known here,
//! or is wrong, there is nothing, and the library reads it.

use std::fs::File;
use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType,
};
use arrow_array::{Array, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};
use parquet::basic::{ConvertedType, Encoding, LogicalType, TimeUnit as LogicalUnit, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::ColumnDescriptor;

use super::parquet_runs::{Looking, Validity, indices, levels, pick, spread};
use super::whole::{Coded, Known, Source};

/// What is wanted of a column.
pub(super) struct Wanted<'w> {
    /// The type of its array; texts that are not all coded are an array of texts.
    pub ty: &'w DataType,
    /// Whether integers are to be texts.
    pub texts: bool,
    /// The rows that are looked at, a bit each, where that is enough to know.
    pub rows: Option<&'w [u64]>,
    /// The bounds of floats, of which zero is within them if not all rows are looked at.
    pub bounds: (f64, f64),
}

/// The values of a column chunk.
pub(super) fn column(
    file: &Arc<File>,
    chunk: &ColumnChunkMetaData,
    rows: usize,
    wanted: &Wanted<'_>,
) -> Option<Source> {
    let (of, ty) = (chunk.column_descr(), wanted.ty);
    if of.max_rep_level() > 0 || of.max_def_level() > 1 {
        return None;
    }
    let read = || Chunk::read(file, chunk, rows);
    match (of.physical_type(), ty) {
        (Type::INT64, DataType::Int64) if wanted.texts => {
            let chunk = read()?;
            match chunk.ascending() {
                Some(known) => coded(chunk, Known::Numbers(known), None),
                None => numbers::<Int64Type>(chunk, ty, None),
            }
        }
        (Type::INT64, DataType::Int64) => numbers::<Int64Type>(read()?, ty, wanted.rows),
        (Type::INT32, DataType::Int32) => numbers::<Int32Type>(read()?, ty, wanted.rows),
        (Type::INT32, DataType::Date32) => numbers::<Date32Type>(read()?, ty, None),
        (Type::DOUBLE, DataType::Float64) => {
            let chunk = read()?;
            // What is not looked at must be right all the same.
            let rows = wanted.rows.filter(|_| chunk.within(wanted.bounds).is_some());
            numbers::<Float64Type>(chunk, ty, rows)
        }
        (Type::INT64, DataType::Timestamp(TimeUnit::Microsecond, _)) if unit(of) == Some(TimeUnit::Microsecond) => {
            numbers::<TimestampMicrosecondType>(read()?, ty, None)
        }
        (Type::INT64, DataType::Timestamp(TimeUnit::Millisecond, _)) if unit(of) == Some(TimeUnit::Millisecond) => {
            numbers::<TimestampMillisecondType>(read()?, ty, None)
        }
        (Type::BYTE_ARRAY, DataType::Dictionary(key, value))
            if **key == DataType::Int32 && **value == DataType::Utf8 =>
        {
            let chunk = read()?;
            if !chunk.is_coded() {
                return texts(chunk);
            }
            let known = chunk.listed()?;
            coded(chunk, Known::Texts(known), wanted.rows)
        }
        (Type::BYTE_ARRAY, DataType::Utf8) => texts(read()?),
        _ => None,
    }
}

/// The unit in which instants are stored.
fn unit(of: &ColumnDescriptor) -> Option<TimeUnit> {
    match (of.logical_type_ref(), of.converted_type()) {
        (Some(LogicalType::Timestamp(of)), _) => match of.unit {
            LogicalUnit::MILLIS => Some(TimeUnit::Millisecond),
            LogicalUnit::MICROS => Some(TimeUnit::Microsecond),
            LogicalUnit::NANOS => None,
        },
        (None, ConvertedType::TIMESTAMP_MILLIS) => Some(TimeUnit::Millisecond),
        (None, ConvertedType::TIMESTAMP_MICROS) => Some(TimeUnit::Microsecond),
        _ => None,
    }
}

/// A column chunk: its dictionary as it is stored, and its pages of values.
struct Chunk {
    rows: usize,
    valid: Validity,
    dictionary: Option<Dictionary>,
    pages: Vec<Values>,
}

struct Dictionary {
    page: Page,
    count: usize,
}

/// What a page of values holds behind the levels.
struct Values {
    page: Page,
    /// Where the values begin.
    start: usize,
    coded: bool,
    /// The rows of the page, counted through the chunk.
    from: usize,
    to: usize,
    /// How many of them are there.
    present: usize,
}

impl Chunk {
    fn read(file: &Arc<File>, chunk: &ColumnChunkMetaData, rows: usize) -> Option<Chunk> {
        let mut pages = SerializedPageReader::new(file.clone(), chunk, rows, None).ok()?;
        let optional = chunk.column_descr().max_def_level() == 1;
        let mut read = Chunk { rows, valid: Validity::default(), dictionary: None, pages: Vec::new() };
        while let Some(page) = pages.get_next_page().ok()? {
            read.add(page, optional)?;
        }
        (read.valid.len() == rows).then_some(read)
    }

    fn add(&mut self, page: Page, optional: bool) -> Option<()> {
        let from = self.valid.len();
        let (of_levels, start, count, encoding) = match &page {
            Page::DictionaryPage { encoding, num_values, .. } => {
                let is_plain = matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY);
                if !is_plain || self.dictionary.is_some() || !self.pages.is_empty() {
                    return None;
                }
                self.dictionary = Some(Dictionary { count: *num_values as usize, page });
                return Some(());
            }
            Page::DataPage { buf, num_values, encoding, def_level_encoding, .. } => match optional {
                true if *def_level_encoding != Encoding::RLE => return None,
                true => {
                    let length = u32::from_le_bytes(*buf.first_chunk::<4>()?) as usize;
                    (4..4usize.checked_add(length)?, 4 + length, *num_values, *encoding)
                }
                false => (0..0, 0, *num_values, *encoding),
            },
            Page::DataPageV2 { num_values, encoding, def_levels_byte_len, rep_levels_byte_len: 0, .. } => {
                let length = *def_levels_byte_len as usize;
                (0..length, length, *num_values, *encoding)
            }
            Page::DataPageV2 { .. } => return None,
        };
        let to = from.checked_add(count as usize).filter(|&to| to <= self.rows)?;
        let present = match optional {
            true => levels(page.buffer().get(of_levels)?, count as usize, &mut self.valid)?,
            false => {
                self.valid.repeat(true, count as usize);
                count as usize
            }
        };
        let coded = match encoding {
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => true,
            Encoding::PLAIN => false,
            _ => return None,
        };
        page.buffer().get(start..)?;
        self.pages.push(Values { page, start, coded, from, to, present });
        Some(())
    }

    /// Whether all values are in the dictionary.
    fn is_coded(&self) -> bool {
        self.pages.iter().all(|page| page.coded)
    }

    /// The numbers of the dictionary.
    fn known<T: Plain>(&self) -> Option<Vec<T>> {
        let mut known = Vec::new();
        if let Some(Dictionary { page, count }) = &self.dictionary {
            Plain::read(page.buffer(), *count, &mut known)?;
        }
        Some(known)
    }

    /// The numbers of the dictionary, if all values are in it and each number once, which is certain where they ascend.
    fn ascending(&self) -> Option<Vec<i64>> {
        let known = self.is_coded().then(|| self.known::<i64>()).flatten()?;
        known.is_sorted_by(|a, b| a < b).then_some(known)
    }

    /// Whether all floats of the dictionary and the pages are within bounds.
    fn within(&self, (low, high): (f64, f64)) -> Option<()> {
        let all = |floats: &[[u8; 8]]| {
            let floats = floats.iter().map(|&bytes| f64::from_le_bytes(bytes));
            floats.fold(true, |all, float| all & (low <= float && float <= high)).then_some(())
        };
        if let Some(Dictionary { page, count }) = &self.dictionary {
            all(page.buffer().as_chunks().0.get(..*count)?)?;
        }
        let mut plain = self.pages.iter().filter(|page| !page.coded);
        plain.try_for_each(|page| all(page.bytes().as_chunks().0.get(..page.present)?))
    }

    /// The texts of the dictionary; without a value there is none.
    fn listed(&self) -> Option<StringArray> {
        self.dictionary.as_ref().map_or_else(|| Some(StringArray::new_null(0)), listed)
    }

    fn nulls(&mut self) -> Option<NullBuffer> {
        let (words, rows) = std::mem::take(&mut self.valid).into_absences()?;
        Some(NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(words), 0, rows)))
    }
}

impl Values {
    fn bytes(&self) -> &[u8] {
        self.page.buffer().get(self.start..).unwrap_or_default()
    }

    /// Whether all its rows are there.
    fn is_full(&self) -> bool {
        self.present == self.to - self.from
    }

    /// The codes of the values that are there, all below a number, behind others.
    fn codes(&self, below: usize, codes: &mut Vec<u32>) -> Option<()> {
        let (&width, runs) = self.bytes().split_first()?;
        let first = codes.len();
        indices(runs, width, self.present, codes)?;
        let greatest = codes[first..].iter().fold(0, |greatest, &code| greatest.max(code));
        (codes.len() == first || (greatest as usize) < below).then_some(())
    }

    /// The codes that are looked at, each made a value.
    fn looked<T>(
        &self,
        (valid, rows): (&Validity, &[u64]),
        all: &mut [T],
        value: impl Fn(u32) -> Option<T>,
    ) -> Option<()> {
        let (&width, runs) = self.bytes().split_first()?;
        let mut codes = Looking::new(runs, width, self.present)?;
        pick((valid, rows), self.from..self.to, all, |at| value(codes.code(at)?))?;
        codes.ends()
    }
}

/// A number as it is stored plainly.
trait Plain: Copy + Default {
    /// Its bytes.
    type Bytes: Copy;
    /// The first of some bytes, by number; `None` if there are not so many.
    fn stored(bytes: &[u8], count: usize) -> Option<&[Self::Bytes]>;
    /// The number of some bytes.
    fn of(bytes: Self::Bytes) -> Self;
    /// The same number, zero without a sign.
    fn unsigned_zero(self) -> Self;
    /// The first numbers of some bytes; `None` if there are not so many.
    fn read(bytes: &[u8], count: usize, numbers: &mut Vec<Self>) -> Option<()> {
        numbers.extend(Self::stored(bytes, count)?.iter().map(|&bytes| Self::of(bytes)));
        Some(())
    }
}

macro_rules! plain {
    ($($number:ty, $width:literal, $zero:literal);*) => {
        $(impl Plain for $number {
            type Bytes = [u8; $width];
            fn stored(bytes: &[u8], count: usize) -> Option<&[[u8; $width]]> {
                bytes.as_chunks::<$width>().0.get(..count)
            }
            fn of(bytes: [u8; $width]) -> $number {
                <$number>::from_le_bytes(bytes)
            }
            fn unsigned_zero(self) -> $number {
                self + $zero
            }
        })*
    };
}

plain!(i32, 4, 0; i64, 8, 0; f64, 8, 0.0);

fn numbers<T: ArrowPrimitiveType<Native: Plain>>(
    mut chunk: Chunk,
    ty: &DataType,
    looked: Option<&[u64]>,
) -> Option<Source> {
    let all = match looked {
        Some(rows) => some_numbers::<T::Native>(&chunk, rows)?,
        None => all_numbers::<T::Native>(&chunk)?,
    };
    let array = PrimitiveArray::<T>::try_new(ScalarBuffer::from(all), chunk.nulls()).ok()?;
    let source = Source::array(Arc::new(array.with_data_type(ty.clone())));
    Some(Source { partial: looked.is_some(), ..source })
}

fn all_numbers<T: Plain>(chunk: &Chunk) -> Option<Vec<T>> {
    let known: Vec<T> = chunk.known()?;
    let mut all: Vec<T> = Vec::with_capacity(chunk.rows);
    let (mut codes, mut values) = (Vec::new(), Vec::new());
    for page in &chunk.pages {
        values.clear();
        let into = if page.is_full() { &mut all } else { &mut values };
        match page.coded {
            true => {
                codes.clear();
                page.codes(known.len(), &mut codes)?;
                into.extend(codes.iter().map(|&code| known[code as usize]));
            }
            false => Plain::read(page.bytes(), page.present, into)?,
        }
        if !page.is_full() {
            spread(&mut values, &chunk.valid, page.from..page.to, &mut all);
        }
    }
    Some(all)
}

/// Numbers at the rows that are looked at.
fn some_numbers<T: Plain>(chunk: &Chunk, rows: &[u64]) -> Option<Vec<T>> {
    let known: Vec<T> = chunk.known()?;
    let mut all = vec![T::default(); chunk.rows];
    for page in &chunk.pages {
        match page.coded {
            true => {
                page.looked((&chunk.valid, rows), &mut all, |code| Some(known.get(code as usize)?.unsigned_zero()))?
            }
            false => {
                let stored = T::stored(page.bytes(), page.present)?;
                let number = |at: usize| Some(T::of(*stored.get(at)?).unsigned_zero());
                pick((&chunk.valid, rows), page.from..page.to, &mut all, number)?;
            }
        }
    }
    Some(all)
}

/// Codes of what is known, all or those at the rows that are looked at.
fn coded(mut chunk: Chunk, known: Known, looked: Option<&[u64]>) -> Option<Source> {
    let below = known.len();
    let codes = match looked {
        None => all_codes(&chunk, below)?,
        Some(rows) => {
            let mut all = vec![0; chunk.rows];
            for page in &chunk.pages {
                page.looked((&chunk.valid, rows), &mut all, |code| ((code as usize) < below).then_some(code))?;
            }
            all
        }
    };
    let coded = Coded { codes, known, nulls: chunk.nulls() };
    Some(Source::coded(coded, looked.is_some()))
}

fn all_codes(chunk: &Chunk, below: usize) -> Option<Vec<u32>> {
    let mut all: Vec<u32> = Vec::with_capacity(chunk.rows);
    let mut codes = Vec::new();
    for page in &chunk.pages {
        if page.is_full() {
            page.codes(below, &mut all)?;
            continue;
        }
        codes.clear();
        page.codes(below, &mut codes)?;
        spread(&mut codes, &chunk.valid, page.from..page.to, &mut all);
    }
    Some(all)
}

/// Texts that are written one by one, in some pages at least.
fn texts(mut chunk: Chunk) -> Option<Source> {
    let known = chunk.listed()?;
    let (mut ends, mut bytes) = (Vec::with_capacity(chunk.rows + 1), Vec::new());
    ends.push(0);
    let mut codes = Vec::new();
    for page in &chunk.pages {
        let mut rest = page.bytes();
        codes.clear();
        if page.coded {
            page.codes(known.len(), &mut codes)?;
        }
        let mut codes = codes.iter();
        for row in page.from..page.to {
            if chunk.valid.has(row) {
                let text = match page.coded {
                    true => known.value(*codes.next()? as usize).as_bytes(),
                    false => one(&mut rest)?,
                };
                bytes.extend_from_slice(text);
            }
            ends.push(i32::try_from(bytes.len()).ok()?);
        }
    }
    let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
    Some(Source::array(Arc::new(StringArray::try_new(ends, Buffer::from_vec(bytes), chunk.nulls()).ok()?)))
}

/// The texts of a dictionary.
fn listed(dictionary: &Dictionary) -> Option<StringArray> {
    let mut rest: &[u8] = dictionary.page.buffer();
    let (mut ends, mut texts) = (vec![0i32], Vec::with_capacity(rest.len()));
    for _ in 0..dictionary.count {
        texts.extend_from_slice(one(&mut rest)?);
        ends.push(i32::try_from(texts.len()).ok()?);
    }
    StringArray::try_new(OffsetBuffer::new(ScalarBuffer::from(ends)), Buffer::from_vec(texts), None).ok()
}

/// The next text: its length, then its bytes.
fn one<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, behind) = rest.split_first_chunk::<4>()?;
    let (text, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = behind;
    Some(text)
}
