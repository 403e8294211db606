//! Columns of a row group that do not repeat, decoded by pages: what most columns of large files are. Alone with `parquet`
//! it names the Parquet library, which finds the pages and decompresses them. Invariant: what comes of a column is what the
//! library makes of it; where anything is not as it is known here, or is wrong, there is nothing, and the library reads it.

use std::fs::File;
use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};
use parquet::basic::{ConvertedType, Encoding, LogicalType, TimeUnit as LogicalUnit, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::ColumnDescriptor;

use super::parquet_runs::{Validity, indices, levels, spread};

/// The values of a column chunk as an array of a type; texts that are not all coded as an array of texts.
pub(super) fn column(file: &Arc<File>, chunk: &ColumnChunkMetaData, rows: usize, ty: &DataType) -> Option<ArrayRef> {
    let of = chunk.column_descr();
    if of.max_rep_level() > 0 || of.max_def_level() > 1 {
        return None;
    }
    let read = || Chunk::read(file, chunk, rows);
    match (of.physical_type(), ty) {
        (Type::INT64, DataType::Int64) => numbers::<Int64Type>(read()?, ty),
        (Type::INT32, DataType::Int32) => numbers::<Int32Type>(read()?, ty),
        (Type::INT32, DataType::Date32) => numbers::<Date32Type>(read()?, ty),
        (Type::DOUBLE, DataType::Float64) => numbers::<Float64Type>(read()?, ty),
        (Type::INT64, DataType::Timestamp(TimeUnit::Microsecond, _)) if unit(of) == Some(TimeUnit::Microsecond) => {
            numbers::<TimestampMicrosecondType>(read()?, ty)
        }
        (Type::INT64, DataType::Timestamp(TimeUnit::Millisecond, _)) if unit(of) == Some(TimeUnit::Millisecond) => {
            numbers::<TimestampMillisecondType>(read()?, ty)
        }
        (Type::BYTE_ARRAY, DataType::Dictionary(key, value))
            if **key == DataType::Int32 && **value == DataType::Utf8 =>
        {
            let chunk = read()?;
            if chunk.pages.iter().all(|page| page.coded) { coded_texts(chunk) } else { texts(chunk) }
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

    fn nulls(&mut self) -> Option<NullBuffer> {
        let (words, rows) = std::mem::take(&mut self.valid).into_absences()?;
        Some(NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(words), 0, rows)))
    }
}

impl Values {
    fn bytes(&self) -> &[u8] {
        self.page.buffer().get(self.start..).unwrap_or_default()
    }

    /// The codes of the values that are there, all below a number.
    fn codes(&self, below: usize, codes: &mut Vec<i32>) -> Option<()> {
        let (&width, runs) = self.bytes().split_first()?;
        codes.clear();
        indices(runs, width, self.present, codes)?;
        // What is no code of 31 bits is the greatest of all.
        let greatest = codes.iter().fold(0, |greatest, &code| greatest.max(code as u32));
        (codes.is_empty() || (greatest as usize) < below).then_some(())
    }
}

/// A number as it is stored plainly.
trait Plain: Copy + Default {
    /// The first numbers of some bytes; `None` if there are not so many.
    fn read(bytes: &[u8], count: usize, numbers: &mut Vec<Self>) -> Option<()>;
}

macro_rules! plain {
    ($($number:ty, $width:literal);*) => {
        $(impl Plain for $number {
            fn read(bytes: &[u8], count: usize, numbers: &mut Vec<Self>) -> Option<()> {
                let stored = bytes.as_chunks::<$width>().0.get(..count)?;
                numbers.extend(stored.iter().map(|&bytes| <$number>::from_le_bytes(bytes)));
                Some(())
            }
        })*
    };
}

plain!(i32, 4; i64, 8; f64, 8);

fn numbers<T: ArrowPrimitiveType<Native: Plain>>(mut chunk: Chunk, ty: &DataType) -> Option<ArrayRef> {
    let mut known: Vec<T::Native> = Vec::new();
    if let Some(Dictionary { page, count }) = &chunk.dictionary {
        Plain::read(page.buffer(), *count, &mut known)?;
    }
    let mut all: Vec<T::Native> = Vec::with_capacity(chunk.rows);
    let (mut codes, mut values) = (Vec::new(), Vec::new());
    for page in &chunk.pages {
        let whole = page.present == page.to - page.from;
        values.clear();
        let into = if whole { &mut all } else { &mut values };
        match page.coded {
            true => {
                page.codes(known.len(), &mut codes)?;
                into.extend(codes.iter().map(|&code| known[code as usize]));
            }
            false => Plain::read(page.bytes(), page.present, into)?,
        }
        if !whole {
            spread(&mut values, &chunk.valid, page.from..page.to, &mut all);
        }
    }
    let array = PrimitiveArray::<T>::try_new(ScalarBuffer::from(all), chunk.nulls()).ok()?;
    Some(Arc::new(array.with_data_type(ty.clone())))
}

fn coded_texts(mut chunk: Chunk) -> Option<ArrayRef> {
    // Without a value there is no dictionary.
    let values = chunk.dictionary.as_ref().map_or_else(|| Some(StringArray::new_null(0)), listed)?;
    let mut keys: Vec<i32> = Vec::with_capacity(chunk.rows);
    let mut codes = Vec::new();
    for page in &chunk.pages {
        page.codes(values.len(), &mut codes)?;
        match page.present == page.to - page.from {
            true => keys.extend_from_slice(&codes),
            false => spread(&mut codes, &chunk.valid, page.from..page.to, &mut keys),
        }
    }
    let keys = PrimitiveArray::<Int32Type>::try_new(ScalarBuffer::from(keys), chunk.nulls()).ok()?;
    Some(Arc::new(DictionaryArray::try_new(keys, Arc::new(values)).ok()?))
}

/// Texts that are written one by one, in some pages at least.
fn texts(mut chunk: Chunk) -> Option<ArrayRef> {
    let known = chunk.dictionary.as_ref().map_or_else(|| Some(StringArray::new_null(0)), listed)?;
    let (mut ends, mut bytes) = (Vec::with_capacity(chunk.rows + 1), Vec::new());
    ends.push(0);
    let mut codes = Vec::new();
    for page in &chunk.pages {
        let mut rest = page.bytes();
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
    Some(Arc::new(StringArray::try_new(ends, Buffer::from_vec(bytes), chunk.nulls()).ok()?))
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
