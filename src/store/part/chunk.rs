//! One array of one block: its entry in the directory, its bytes, and its way back to buffers. Invariants: an entry's
//! length follows from its counts, and a chunk that is read lies inside the file; nothing of a large plain chunk is touched
//! before its rows are asked for.

use std::ops::Range;

use super::ALIGN;
use crate::store::access::{Bytes, Hold, Plain, Region, bytes_of};
use crate::vector::{Bitmap, Buffer, Codes, Strings};

/// Where a chunk is and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entry {
    /// Of its first byte, from the beginning of the file.
    pub offset: u64,
    /// XXH3 of its bytes; of the checksums behind its values where it is [in pieces](PIECE).
    pub checksum: u64,
    /// Rows.
    pub rows: u32,
    /// Values; more or fewer than rows where there are offsets.
    pub values: u32,
    /// Whether there are words of validity, offsets of 32 bits, ends of 64 bits.
    pub flags: u32,
    /// Bytes of a value; 0 for bits.
    pub width: u32,
}

/// Bytes of an entry.
pub(super) const ENTRY: usize = 32;
const VALID: u32 = 1;
const OFFSETS: u32 = 2;
const ENDS: u32 = 4;

/// Rows that have a checksum of their own, in a chunk of plain values that has more of them: so that the rows of one type
/// of events are read without touching those of all others.
pub const PIECE: usize = 2048;

fn padded(len: usize) -> usize {
    len.next_multiple_of(ALIGN)
}

impl Entry {
    pub(super) fn to_bytes(self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.checksum.to_le_bytes());
        for (i, number) in [self.rows, self.values, self.flags, self.width].into_iter().enumerate() {
            bytes[16 + 4 * i..20 + 4 * i].copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Entry {
        let wide = |at: usize| bytes[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        let number = |at: usize| bytes[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
        Entry {
            offset: wide(0),
            checksum: wide(8),
            rows: number(16),
            values: number(20),
            flags: number(24),
            width: number(28),
        }
    }

    fn valid_bytes(self) -> usize {
        if self.flags & VALID == 0 { 0 } else { (self.rows as usize).div_ceil(64) * 8 }
    }

    fn offset_bytes(self) -> usize {
        let offsets = if self.flags & OFFSETS == 0 { 0 } else { (self.rows as usize + 1) * 4 };
        offsets + if self.flags & ENDS == 0 { 0 } else { self.rows as usize * 8 }
    }

    fn value_bytes(self) -> usize {
        match self.width {
            0 => (self.values as usize).div_ceil(64) * 8,
            width => self.values as usize * width as usize,
        }
    }

    fn in_pieces(self) -> bool {
        self.flags & (OFFSETS | ENDS) == 0 && self.rows as usize > PIECE
    }

    fn checksum_bytes(self) -> usize {
        if self.in_pieces() { (self.rows as usize).div_ceil(PIECE) * size_of::<u64>() } else { 0 }
    }

    /// Bytes of the chunk.
    pub fn bytes(self) -> usize {
        let data = padded(self.valid_bytes()) + padded(self.offset_bytes()) + padded(self.value_bytes());
        data + padded(self.checksum_bytes())
    }
}

/// A chunk to be written.
pub(super) struct Chunk {
    pub entry: Entry,
    pub bytes: Vec<u8>,
}

impl Chunk {
    /// Of its parts. `values` has `count` values of `width` bytes.
    pub fn new(
        rows: usize,
        valid: Option<&Bitmap>,
        offsets: Option<&[u32]>,
        (count, width, values): (usize, usize, &[u8]),
    ) -> Chunk {
        let flags = if valid.is_some() { VALID } else { 0 } | if offsets.is_some() { OFFSETS } else { 0 };
        let mut entry =
            Entry { rows: rows as u32, values: count as u32, flags, width: width as u32, ..Entry::default() };
        let mut bytes = Vec::with_capacity(entry.bytes());
        for part in [valid.map(|v| bytes_of(v.words())), offsets.map(bytes_of), Some(values)].into_iter().flatten() {
            bytes.extend_from_slice(part);
            bytes.resize(padded(bytes.len()), 0);
        }
        entry.checksum = match entry.in_pieces() {
            false => checksum(&bytes),
            true => {
                let valid = valid.map_or(&[][..], |valid| bytes_of(valid.words()));
                let sums: Vec<u64> =
                    (0..rows.div_ceil(PIECE)).map(|piece| piece_checksum(valid, values, width, piece)).collect();
                bytes.extend_from_slice(bytes_of(&sums));
                bytes.resize(padded(bytes.len()), 0);
                checksum(bytes_of(&sums))
            }
        };
        Chunk { entry, bytes }
    }

    /// Of plain values.
    pub fn plain<T: Plain>(values: &[T]) -> Chunk {
        Chunk::new(values.len(), None, None, (values.len(), size_of::<T>(), bytes_of(values)))
    }

    /// Of bits.
    pub fn bits(bits: &Bitmap) -> Chunk {
        Chunk::new(bits.len(), None, None, (bits.len(), 0, bytes_of(bits.words())))
    }

    /// Of texts; `None` if they are too long together.
    pub fn texts(texts: &Strings) -> Option<Chunk> {
        let count = u32::try_from(texts.bytes().len()).ok()?;
        let mut entry = Entry { rows: texts.len() as u32, values: count, flags: ENDS, width: 1, ..Entry::default() };
        let mut bytes = Vec::with_capacity(entry.bytes());
        for part in [bytes_of(texts.ends()), &texts.bytes()[..]] {
            bytes.extend_from_slice(part);
            bytes.resize(padded(bytes.len()), 0);
        }
        entry.checksum = checksum(&bytes);
        Some(Chunk { entry, bytes })
    }
}

pub(super) fn checksum(bytes: &[u8]) -> u64 {
    twox_hash::XxHash3_64::oneshot(bytes)
}

/// The checksum of the rows of a piece. A bit each where the width is 0.
fn piece_checksum(valid: &[u8], values: &[u8], width: usize, piece: usize) -> u64 {
    let part = |bytes: &'_ [u8], per_piece: usize| {
        let from = (piece * per_piece).min(bytes.len());
        checksum(&bytes[from..(from + per_piece).min(bytes.len())])
    };
    let values = part(values, if width == 0 { PIECE / 8 } else { PIECE * width });
    if valid.is_empty() { values } else { values ^ part(valid, PIECE / 8).rotate_left(1) }
}

const WRONG_CHECKSUM: &str = "its checksum does not hold";
pub(super) const UNSOUND: &str = "a value is not one of its type or range";

/// The parts of a chunk that is read.
pub(super) struct Parts {
    pub entry: Entry,
    pub valid: Option<Bitmap>,
    pub offsets: Option<Buffer<u32>>,
    ends: Option<Region>,
    values: Region,
    /// The checksums of the pieces.
    checksums: Option<Region>,
}

impl Parts {
    /// Reads a chunk; an error if its bytes are not those that were written, or not of the form of a chunk.
    pub fn read(file: &Bytes, entry: Entry, hold: Hold) -> Result<Parts, &'static str> {
        let parts = Parts::place(file, entry, hold)?;
        parts.check(0..entry.rows as usize, 0, |_| true)?;
        Ok(parts)
    }

    /// Finds a chunk; if it is in pieces, its rows must be checked before they are read.
    pub fn place(file: &Bytes, entry: Entry, hold: Hold) -> Result<Parts, &'static str> {
        if entry.width > 16 || ![0, VALID, OFFSETS, VALID | OFFSETS, ENDS].contains(&entry.flags) {
            return Err("its entry is of no known form");
        }
        let region = usize::try_from(entry.offset).ok().and_then(|offset| file.part(offset, entry.bytes(), hold));
        let region = region.ok_or("it lies outside the file")?;
        if !entry.in_pieces() && checksum(region.bytes()) != entry.checksum {
            return Err(WRONG_CHECKSUM);
        }
        let rows = entry.rows as usize;
        let valid_at = padded(entry.valid_bytes());
        let values_at = valid_at + padded(entry.offset_bytes());
        let checksums_at = values_at + padded(entry.value_bytes());
        let part = |at: usize, len: usize| region.part(at, len).ok_or("its entry is of no known form");
        let valid = match entry.flags & VALID {
            0 => None,
            _ => {
                let words = part(0, entry.valid_bytes())?.buffer();
                Some(words.and_then(|words| Bitmap::from_buffer(words, rows)).ok_or("its validity has too many bits")?)
            }
        };
        let offsets = match entry.flags & OFFSETS {
            0 => None,
            _ => {
                let offsets: Buffer<u32> =
                    part(valid_at, entry.offset_bytes())?.buffer().ok_or("its offsets are not aligned")?;
                super::check::ascending(&offsets, 0, entry.values).then_some(()).ok_or("its offsets do not ascend")?;
                Some(offsets)
            }
        };
        let ends = match entry.flags & ENDS {
            0 => None,
            _ => Some(part(0, entry.offset_bytes())?),
        };
        if offsets.is_none() && ends.is_none() && entry.rows != entry.values {
            return Err("it has not one value a row");
        }
        let checksums = match entry.in_pieces() {
            true => Some(part(checksums_at, entry.checksum_bytes())?),
            false => None,
        };
        Ok(Parts { entry, valid, offsets, ends, values: part(values_at, entry.value_bytes())?, checksums })
    }

    /// Whether there is nothing in a chunk that no checksum covers: all between the arrays of one in pieces is zero.
    pub fn is_covered(file: &Bytes, entry: Entry) -> bool {
        if !entry.in_pieces() {
            return true;
        }
        let region =
            usize::try_from(entry.offset).ok().and_then(|offset| file.part(offset, entry.bytes(), Hold::Mapped));
        let Some(region) = region else { return false };
        let mut start = 0;
        [entry.valid_bytes(), entry.value_bytes(), entry.checksum_bytes()].into_iter().all(|bytes| {
            let gap = start + bytes..start + padded(bytes);
            start = gap.end;
            region.bytes().get(gap).is_some_and(|gap| gap.iter().all(|&byte| byte == 0))
        })
    }

    /// Whether rows are those that were written, and all that is asked of them holds: piece by piece, so that what its
    /// checksum has brought into the nearest cache is looked at there. The first `known` rows were checked before, and what is
    /// not in pieces when it was found.
    pub fn check(
        &self,
        rows: Range<usize>,
        known: usize,
        sound: impl Fn(Range<usize>) -> bool,
    ) -> Result<(), &'static str> {
        let holds = |rows: Range<usize>| if sound(rows) { Ok(()) } else { Err(UNSOUND) };
        let Some(checksums) = self.checksums.as_ref().filter(|_| !rows.is_empty()) else { return holds(rows) };
        let sums: Buffer<u64> = checksums.clone().buffer().ok_or("its checksums are not aligned")?;
        if checksum(checksums.bytes()) != self.entry.checksum {
            return Err(WRONG_CHECKSUM);
        }
        let valid = self.valid.as_ref().map_or(&[][..], |valid| bytes_of(valid.words()));
        let (values, width) = (self.values.bytes(), self.entry.width as usize);
        let pieces = rows.start / PIECE..rows.end.div_ceil(PIECE).min(sums.len());
        for (piece, sum) in pieces.clone().zip(sums.get(pieces).unwrap_or_default()) {
            let start = piece * PIECE;
            if start >= known && *sum != piece_checksum(valid, values, width, piece) {
                return Err(WRONG_CHECKSUM);
            }
            holds(rows.start.max(start)..rows.end.min(start + PIECE))?;
        }
        Ok(())
    }

    /// Its values, as wide as they are kept.
    pub fn values<T: Plain>(&self) -> Result<Buffer<T>, &'static str> {
        if self.entry.width as usize != size_of::<T>() {
            return Err("its values have another width");
        }
        self.values.clone().buffer().ok_or("its values are not aligned")
    }

    /// Its texts.
    pub fn texts(&self) -> Result<Strings, &'static str> {
        let ends: Buffer<u64> = self.ends.clone().and_then(Region::buffer).ok_or("it holds no texts")?;
        let bytes = self.values::<u8>()?;
        let text = std::str::from_utf8(&bytes).map_err(|_| "a text is not UTF-8")?;
        let mut before = 0;
        for &end in ends.iter() {
            let is_end = usize::try_from(end).is_ok_and(|end| text.is_char_boundary(end));
            if !is_end || end < before {
                return Err("a text is cut within a character");
            }
            before = end;
        }
        if before != bytes.len() as u64 {
            return Err("there are bytes behind the last text");
        }
        Ok(Strings::new(ends, bytes))
    }

    /// Its values, of bits.
    pub fn bits(&self) -> Result<Bitmap, &'static str> {
        if self.entry.width != 0 {
            return Err("its values have another width");
        }
        let words = self.values.clone().buffer();
        words.and_then(|words| Bitmap::from_buffer(words, self.entry.values as usize)).ok_or("it has too many bits")
    }

    /// Its values as signed numbers that may be kept narrower.
    pub fn integers<T: Plain + TryFrom<i128>>(&self) -> Result<Buffer<T>, &'static str> {
        fn widened<N: Plain + Into<i128>, T: TryFrom<i128>>(parts: &Parts) -> Result<Vec<T>, &'static str> {
            let values = parts.values::<N>()?;
            values.iter().map(|&v| T::try_from(v.into()).map_err(|_| "a value is too large")).collect()
        }
        if self.entry.width as usize == size_of::<T>() {
            return self.values();
        }
        Ok(match self.entry.width {
            1 => widened::<i8, T>(self)?,
            2 => widened::<i16, T>(self)?,
            4 => widened::<i32, T>(self)?,
            8 => widened::<i64, T>(self)?,
            _ => return Err("its values have another width"),
        }
        .into())
    }

    /// Its values as codes.
    pub fn codes(&self) -> Result<Codes, &'static str> {
        match self.entry.width {
            1 => self.values().map(Codes::U8),
            2 => self.values().map(Codes::U16),
            _ => self.values().map(Codes::U32),
        }
    }
}
