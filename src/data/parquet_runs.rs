//! Runs of small numbers, repeated or packed into bits, in which Parquet keeps codes and which rows are there; see the
//! Parquet format, "RLE/bit-packing hybrid". Names nothing. Invariant: what is read is what was asked for, or nothing.

use std::ops::Range;

/// Which rows are there.
#[derive(Debug, Default)]
pub(super) struct Validity {
    words: Vec<u64>,
    len: usize,
    present: usize,
}

impl Validity {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether a row is there.
    pub fn has(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The words, and how many rows they are of; `None` if all rows are there.
    pub fn into_absences(self) -> Option<(Vec<u64>, usize)> {
        (self.present < self.len).then_some((self.words, self.len))
    }

    /// Adds rows that are there, or are not.
    pub fn repeat(&mut self, present: bool, mut count: usize) {
        let word = if present { u64::MAX } else { 0 };
        // Up to the end of a word, then words.
        let first = count.min((64 - self.len % 64) % 64);
        self.push(word, first);
        count -= first;
        self.words.resize(self.words.len() + count / 64, word);
        self.len += count / 64 * 64;
        self.present += if present { count / 64 * 64 } else { 0 };
        self.push(word, count % 64);
    }

    /// Adds as many rows, at most 64, by the lowest bits of a word.
    fn push(&mut self, word: u64, count: usize) {
        if count == 0 {
            return;
        }
        let word = word & (u64::MAX >> (64 - count));
        let at = self.len % 64;
        match self.words.last_mut() {
            Some(last) if at > 0 => {
                *last |= word << at;
                if at + count > 64 {
                    self.words.push(word >> (64 - at));
                }
            }
            _ => self.words.push(word),
        }
        self.len += count;
        self.present += word.count_ones() as usize;
    }
}

/// What comes next of the numbers: one of them so many times, or packed ones.
enum Run<'d> {
    Repeated(u32, usize),
    Packed(&'d [u8], usize),
}

/// The next run of numbers of a width, at most `left` of them.
fn next<'d>(data: &mut &'d [u8], width: u8, left: usize) -> Option<Run<'d>> {
    let head = varint(data)?;
    let bits = usize::from(width);
    if head & 1 == 0 {
        let (value, behind) = data.split_at_checked(bits.div_ceil(8))?;
        *data = behind;
        let value = value.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte));
        return Some(Run::Repeated(value, (head >> 1).min(left)));
    }
    let groups = head >> 1;
    let count = groups.checked_mul(8)?.min(left);
    // The last run may be cut off behind the last number.
    let bytes = groups.checked_mul(bits)?.min(data.len());
    let (packed, behind) = data.split_at(bytes);
    *data = behind;
    (count * bits <= bytes * 8).then_some(Run::Packed(packed, count))
}

fn varint(data: &mut &[u8]) -> Option<usize> {
    let mut value = 0u64;
    for shift in (0..35).step_by(7) {
        let (&byte, behind) = data.split_first()?;
        *data = behind;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return usize::try_from(value).ok();
        }
    }
    None
}

/// Reads which of so many rows are there; told is how many.
pub(super) fn levels(mut data: &[u8], count: usize, valid: &mut Validity) -> Option<usize> {
    let (end, before) = (valid.len + count, valid.present);
    while valid.len < end {
        match next(&mut data, 1, end - valid.len)? {
            // A run of nothing would be read for ever.
            Run::Repeated(_, 0) | Run::Packed(_, 0) => return None,
            Run::Repeated(level @ 0..=1, count) => valid.repeat(level == 1, count),
            Run::Repeated(..) => return None,
            Run::Packed(bytes, mut count) => {
                for bytes in bytes.chunks(8) {
                    let mut word = [0; 8];
                    word[..bytes.len()].copy_from_slice(bytes);
                    let some = count.min(64);
                    valid.push(u64::from_le_bytes(word), some);
                    count -= some;
                }
            }
        }
    }
    Some(valid.present - before)
}

/// Reads so many codes of a width.
pub(super) fn indices(mut data: &[u8], width: u8, count: usize, codes: &mut Vec<i32>) -> Option<()> {
    if width > 32 {
        return None;
    }
    codes.reserve(count);
    while codes.len() < count {
        match next(&mut data, width, count - codes.len())? {
            Run::Repeated(_, 0) | Run::Packed(_, 0) => return None,
            Run::Repeated(code, count) => codes.resize(codes.len() + count, code as i32),
            Run::Packed(bytes, count) => unpack(bytes, width, count, codes),
        }
    }
    Some(())
}

/// Takes apart numbers that are packed.
fn unpack(bytes: &[u8], width: u8, count: usize, codes: &mut Vec<i32>) {
    let bits = usize::from(width);
    let mask = (1u64 << width) - 1;
    let end = codes.len() + count;
    // Eight numbers of a byte at most are in a word.
    let whole = if width <= 8 { (bytes.len() + bits).saturating_sub(8).checked_div(bits).unwrap_or(0) } else { 0 };
    for group in 0..whole.min(count / 8) {
        let at = group * bits;
        let word =
            bytes.get(at..at + 8).and_then(|word| word.first_chunk()).map_or(0, |word| u64::from_le_bytes(*word));
        let numbers: [i32; 8] = std::array::from_fn(|number| (word >> (number * bits) & mask) as i32);
        codes.extend_from_slice(&numbers);
    }
    let first = count - (end - codes.len());
    codes.extend((first..count).map(|number| {
        let (at, shift) = (number * bits / 8, number * bits % 8);
        let word = match bytes.get(at..).and_then(|bytes| bytes.first_chunk()) {
            Some(word) => u64::from_le_bytes(*word),
            None => bytes.get(at..).unwrap_or_default().iter().rev().fold(0, |word, &b| word << 8 | u64::from(b)),
        };
        (word >> shift & mask) as i32
    }));
}

/// Puts values into the rows that are there. What is under an absent row is some value.
pub(super) fn spread<T: Copy + Default>(values: &mut Vec<T>, valid: &Validity, rows: Range<usize>, all: &mut Vec<T>) {
    // There is one value more than are taken.
    values.push(T::default());
    all.reserve(rows.len());
    let (mut row, mut next) = (rows.start, 0);
    while row < rows.end {
        let count = (64 - row % 64).min(rows.end - row);
        let mut word = valid.words[row / 64] >> (row % 64);
        if word == u64::MAX && count == 64 {
            all.extend_from_slice(&values[next..next + 64]);
            next += 64;
        } else {
            all.extend((0..count).map(|_| {
                let value = values[next];
                next += (word & 1) as usize;
                word >>= 1;
                value
            }));
        }
        row += count;
    }
}
