//! The sizes of the pages of a Parquet column, and their checksums where they have some, read from their headers before
//! anything is decoded: the library makes room for what a header claims, and takes pages as they are. Thrift's compact protocol, of which a page header is a struct; see the Parquet format,
//! `PageHeader`. Imports `limits`. Invariant: nothing is allocated that a file asks for.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use crate::limits::PARQUET_PAGE_BYTES;

/// Checks that no page of a column chunk (its first byte and its length) is larger than the limit, and that each is what
/// its checksum says.
pub(super) fn check(file: &File, (start, length): (u64, u64)) -> Result<(), String> {
    let broken = |_: io::Error| "a page has no header that can be read".to_owned();
    let mut input = BufReader::with_capacity(1 << 12, file);
    input.seek(SeekFrom::Start(start)).map_err(broken)?;
    let mut left = length;
    while left > 0 {
        let mut header = Header { input: input.by_ref().take(left), numbers: [None; 3] };
        header.fields(0).map_err(broken)?;
        let [plain, stored, checksum] = header.numbers;
        let (plain, stored) = (plain.unwrap_or(0), stored.unwrap_or(0));
        left = header.input.limit();
        let (Ok(plain), Ok(stored)) = (usize::try_from(plain), u64::try_from(stored)) else {
            return Err("a page has a negative size".to_owned());
        };
        if plain > PARQUET_PAGE_BYTES || stored > PARQUET_PAGE_BYTES as u64 {
            return Err(format!("a page is larger than {} MiB", PARQUET_PAGE_BYTES >> 20));
        }
        left = left.checked_sub(stored).ok_or("a page is longer than its column")?;
        match checksum {
            // Written as a signed number of 32 bits.
            Some(checksum) if summed(input.by_ref().take(stored)).map_err(broken)? != checksum as u32 => {
                return Err("the checksum of a page does not hold".to_owned());
            }
            Some(_) => {}
            None => input.seek_relative(stored as i64).map_err(broken)?,
        }
    }
    Ok(())
}

/// The CRC-32 of all bytes.
fn summed(mut page: impl Read) -> io::Result<u32> {
    let mut sum = flate2::Crc::new();
    let mut buffer = [0; 1 << 14];
    loop {
        match page.read(&mut buffer)? {
            0 => return Ok(sum.sum()),
            read => sum.update(&buffer[..read]),
        }
    }
}

/// The numbers of the fields that hold the size of a page, decompressed and as it is stored, and its checksum.
const FIELDS: [i64; 3] = [2, 3, 4];

/// How deep structs lie inside each other in a header, with room to spare.
const DEEPEST: usize = 8;

struct Header<R> {
    input: R,
    numbers: [Option<i64>; 3],
}

impl<R: Read> Header<R> {
    /// The fields of a struct; numbers are kept of the outermost alone.
    fn fields(&mut self, depth: usize) -> io::Result<()> {
        let mut field = 0i64;
        loop {
            let head = self.byte()?;
            let kind = head & 0x0f;
            if kind == 0 {
                return Ok(());
            }
            field = match head >> 4 {
                0 => self.int()?,
                delta => field + i64::from(delta),
            };
            match FIELDS.iter().position(|&known| depth == 0 && known == field) {
                Some(known) if (4..=6).contains(&kind) => self.numbers[known] = Some(self.int()?),
                _ => self.value(kind, depth)?,
            }
        }
    }

    /// Passes over a value. Booleans of a struct are in the head of their field.
    fn value(&mut self, kind: u8, depth: usize) -> io::Result<()> {
        match kind {
            1 | 2 => Ok(()),
            3 => self.byte().map(drop),
            4..=6 => self.int().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.varint()?;
                self.pass(length)
            }
            9 | 10 => self.list(depth),
            12 if depth < DEEPEST => self.fields(depth + 1),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn list(&mut self, depth: usize) -> io::Result<()> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.varint()?,
            count => u64::from(count),
        };
        for _ in 0..count {
            match head & 0x0f {
                // In a list a boolean is a byte of its own.
                1 | 2 => self.pass(1)?,
                kind if depth < DEEPEST => self.value(kind, depth + 1)?,
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        Ok(())
    }

    fn pass(&mut self, bytes: u64) -> io::Result<()> {
        match io::copy(&mut self.input.by_ref().take(bytes), &mut io::sink())? {
            passed if passed == bytes => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.input.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    /// A signed integer in zigzag.
    fn int(&mut self) -> io::Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}
