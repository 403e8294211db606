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

/// Reads so many codes of a width behind those that are there.
pub(super) fn indices(mut data: &[u8], width: u8, count: usize, codes: &mut Vec<u32>) -> Option<()> {
    if width > 32 {
        return None;
    }
    codes.reserve(count);
    let end = codes.len() + count;
    while codes.len() < end {
        match next(&mut data, width, end - codes.len())? {
            Run::Repeated(_, 0) | Run::Packed(_, 0) => return None,
            Run::Repeated(code, count) => codes.resize(codes.len() + count, code),
            Run::Packed(bytes, count) => unpack(bytes, width, count, codes),
        }
    }
    Some(())
}

/// Takes apart numbers that are packed.
fn unpack(bytes: &[u8], width: u8, count: usize, codes: &mut Vec<u32>) {
    let first = match width {
        1 => groups::<1>(bytes, count, codes),
        2 => groups::<2>(bytes, count, codes),
        3 => groups::<3>(bytes, count, codes),
        4 => groups::<4>(bytes, count, codes),
        5 => groups::<5>(bytes, count, codes),
        6 => groups::<6>(bytes, count, codes),
        7 => groups::<7>(bytes, count, codes),
        8 => groups::<8>(bytes, count, codes),
        _ => 0,
    };
    codes.extend((first..count).map(|number| packed(bytes, usize::from(width), number)));
}

/// Takes apart eight numbers at a time, which are in a word, and of whose width all is known beforehand; told is how
/// many.
fn groups<const BITS: usize>(bytes: &[u8], count: usize, codes: &mut Vec<u32>) -> usize {
    let whole = ((bytes.len() + BITS).saturating_sub(8) / BITS).min(count / 8);
    let first = codes.len();
    codes.resize(first + whole * 8, 0);
    for (at, numbers) in codes[first..].as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let word =
            bytes.get(at * BITS..).and_then(|bytes| bytes.first_chunk()).map_or(0, |word| u64::from_le_bytes(*word));
        *numbers = std::array::from_fn(|number| (word >> (number * BITS) & ((1 << BITS) - 1)) as u32);
    }
    whole * 8
}

/// One of the numbers that are packed.
#[inline]
fn packed(bytes: &[u8], bits: usize, number: usize) -> u32 {
    let (at, shift) = (number * bits / 8, number * bits % 8);
    let word = match bytes.get(at..).and_then(|bytes| bytes.first_chunk()) {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes.get(at..).unwrap_or_default().iter().rev().fold(0, |word, &b| word << 8 | u64::from(b)),
    };
    (word >> shift & ((1u64 << bits) - 1)) as u32
}

/// Codes of which only some are looked at.
pub(super) struct Looking<'d> {
    data: &'d [u8],
    width: u8,
    run: Run<'d>,
    /// Where the run begins and ends, and where all end.
    start: usize,
    end: usize,
    count: usize,
}

impl<'d> Looking<'d> {
    /// So many codes of a width.
    pub fn new(data: &'d [u8], width: u8, count: usize) -> Option<Looking<'d>> {
        (width <= 32).then_some(Looking { data, width, run: Run::Repeated(0, 0), start: 0, end: 0, count })
    }

    /// The code at a place, which comes after those before.
    #[inline]
    pub fn code(&mut self, at: usize) -> Option<u32> {
        while at >= self.end {
            self.pass()?;
        }
        Some(match self.run {
            Run::Repeated(code, _) => code,
            Run::Packed(bytes, _) => packed(bytes, usize::from(self.width), at - self.start),
        })
    }

    fn pass(&mut self) -> Option<()> {
        self.run = next(&mut self.data, self.width, self.count - self.end)?;
        let (Run::Repeated(_, count) | Run::Packed(_, count)) = self.run;
        self.start = self.end;
        self.end += count;
        // A run of nothing would be passed for ever.
        (count > 0).then_some(())
    }

    /// Whether there are so many.
    pub fn ends(mut self) -> Option<()> {
        while self.end < self.count {
            self.pass()?;
        }
        Some(())
    }
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

/// Puts values into the rows that are there and looked at, by a bit each; told is which of the values that are there it
/// is. What is under another row stays.
pub(super) fn pick<T>(
    (valid, looked): (&Validity, &[u64]),
    rows: Range<usize>,
    all: &mut [T],
    mut value: impl FnMut(usize) -> Option<T>,
) -> Option<()> {
    let (mut row, mut before) = (rows.start, 0);
    while row < rows.end {
        let count = (64 - row % 64).min(rows.end - row);
        let there = valid.words.get(row / 64)? >> (row % 64) & (u64::MAX >> (64 - count));
        let mut some = there & (looked.get(row / 64)? >> (row % 64));
        while some != 0 {
            let at = some.trailing_zeros();
            let earlier = there & ((1 << at) - 1);
            *all.get_mut(row + at as usize)? = value(before + earlier.count_ones() as usize)?;
            some &= some - 1;
        }
        before += there.count_ones() as usize;
        row += count;
    }
    Some(())
}
