//! Files by pattern, opened, decompressed and cut into pieces at the ends of records. Invariants: a piece ends where a
//! record ends, unless the file ends within one; a compressed file cannot make more than the limits allow; what is read
//! is a regular file, a pipe or standard input.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits::{DECOMPRESSION_FREE_BYTES, DECOMPRESSION_RATIO, JSON_RECORD_BYTES};
use crate::project::Format;

/// The files that patterns name, each once, in order. A pattern without `*` and `?` is a file, or a folder that stands for
/// all its files for which `wanted` holds. Hidden files and folders are passed over, symbolic links in folders not
/// followed. The error tells of a pattern that names no file what it names.
pub fn expand(root: &Path, patterns: &[String], wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for pattern in patterns {
        let mut found = Vec::new();
        if is_stdin(pattern) {
            found.push(PathBuf::from(STDIN));
        } else if pattern.contains(['*', '?']) {
            let (base, rest) = fixed_part(pattern);
            let steps: Vec<&str> = rest.split('/').filter(|step| !step.is_empty()).collect();
            let base = root.join(base);
            walk(&base, &mut Vec::new(), &mut |path, names| {
                if matches_path(&steps, names) {
                    found.push(path.to_path_buf());
                }
            });
        } else {
            let path = root.join(pattern);
            let kind = fs::metadata(&path).map_err(|error| nothing_at(pattern, &path, &error))?.file_type();
            if kind.is_dir() {
                walk(&path, &mut Vec::new(), &mut |path, _| {
                    if wanted(path) {
                        found.push(path.to_path_buf());
                    }
                });
                if found.is_empty() {
                    return Err(format!("there is no data file in the folder `{pattern}`"));
                }
            } else if kind.is_file() || kind.is_fifo() {
                found.push(path);
            } else {
                return Err(format!("`{pattern}` is a device or a socket, not a data file"));
            }
        }
        if found.is_empty() {
            return Err(format!("there is no data file `{pattern}`"));
        }
        found.sort();
        files.append(&mut found);
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|path| seen.insert(path.clone()));
    Ok(files)
}

/// What is wrong with a path at which there is no file.
fn nothing_at(pattern: &str, path: &Path, error: &io::Error) -> String {
    match (fs::read_link(path), error.kind()) {
        (Ok(target), io::ErrorKind::NotFound) => {
            format!("the data file `{pattern}` is a link to `{}`, where nothing is", target.display())
        }
        (Err(_), io::ErrorKind::NotFound) => format!("there is no data file `{pattern}`"),
        // Among others links that lead in a circle.
        _ => format!("the data file `{pattern}` cannot be reached: {error}"),
    }
}

/// The folders before the first step with a wildcard, and the rest.
fn fixed_part(pattern: &str) -> (&str, &str) {
    let wild = pattern.find(['*', '?']).unwrap_or(pattern.len());
    let cut = pattern[..wild].rfind('/').map_or(0, |slash| slash + 1);
    pattern.split_at(cut)
}

/// How deep folders are walked.
const DEEPEST: usize = 32;

fn walk(folder: &Path, names: &mut Vec<String>, each: &mut dyn FnMut(&Path, &[String])) {
    // The folder above a bare name is the current one.
    let read = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(read) else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else { continue };
        if name.starts_with('.') || kind.is_symlink() {
            continue;
        }
        let path = folder.join(&name);
        names.push(name);
        if kind.is_dir() && names.len() < DEEPEST {
            walk(&path, names, each);
        } else if kind.is_file() {
            each(&path, names);
        }
        names.pop();
    }
}

fn matches_path(pattern: &[&str], names: &[String]) -> bool {
    match (pattern, names) {
        ([], []) => true,
        (["**", rest @ ..], _) => {
            matches_path(rest, names) || names.split_first().is_some_and(|(_, names)| matches_path(pattern, names))
        }
        ([step, rest @ ..], [name, names @ ..]) => {
            matches_name(step.as_bytes(), name.as_bytes()) && matches_path(rest, names)
        }
        _ => false,
    }
}

/// `*` and `?` within one name; greedy with one place to go back to, so never slow.
fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == b'?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

/// Counts what is read from below a decompressor: for this file, and for all of them.
struct Counted<'a, R> {
    inner: R,
    read: Rc<Cell<u64>>,
    all: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.set(self.read.get() + n as u64);
        self.all.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Refuses to decompress what is out of proportion.
struct Proportionate<R> {
    inner: R,
    compressed: Rc<Cell<u64>>,
    made: u64,
}

impl<R: Read> Read for Proportionate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.made += n as u64;
        let allowed = DECOMPRESSION_FREE_BYTES as u64 + self.compressed.get() * DECOMPRESSION_RATIO as u64;
        if self.made > allowed {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "decompresses to more than 100 times its size"));
        }
        Ok(n)
    }
}

/// The path of standard input.
pub const STDIN: &str = "-";

/// Whether the name of a file tells that it is data.
pub fn is_data(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).and_then(Format::of_name).is_some()
}

/// Whether a path is that of standard input.
pub fn is_stdin(path: &str) -> bool {
    matches!(path, STDIN | "/dev/stdin" | "/dev/fd/0")
}

/// Whether a path is of what can be read once only, from its beginning: a pipe or standard input.
pub fn is_stream(path: &Path) -> bool {
    path.as_os_str() == STDIN || fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

/// Opens a file, decompressed if its name ends in `.gz` or `.zst`, a stream if it begins as such files do. The bytes read
/// of the file itself are added to `all`.
pub fn open<'a>(path: &Path, all: &'a AtomicU64) -> io::Result<Box<dyn Read + 'a>> {
    if is_stream(path) {
        return stream(path, all);
    }
    let file = File::open(path)?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    decompressed(file, &extension, all)
}

fn stream<'a>(path: &Path, all: &'a AtomicU64) -> io::Result<Box<dyn Read + 'a>> {
    let source: Box<dyn Read> =
        if path.as_os_str() == STDIN { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let mut reader = BufReader::with_capacity(1 << 16, source);
    let extension = match reader.fill_buf()? {
        [0x1f, 0x8b, ..] => "gz",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zst",
        _ => "",
    };
    decompressed(reader, extension, all)
}

/// Opens a stream whose name does not tell its format: what begins like an object is NDJSON, other text is CSV.
pub fn open_untold<'a>(path: &Path, all: &'a AtomicU64) -> io::Result<(Format, Box<dyn Read + 'a>)> {
    let mut reader = BufReader::with_capacity(1 << 16, stream(path, all)?);
    let start = reader.fill_buf()?;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let format = match start {
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Format::Arrow,
        [b'{', ..] => Format::Ndjson,
        _ => Format::Csv,
    };
    Ok((format, Box::new(reader)))
}

fn decompressed<'a>(reader: impl Read + 'a, extension: &str, all: &'a AtomicU64) -> io::Result<Box<dyn Read + 'a>> {
    let compressed = Rc::new(Cell::new(0));
    let counted = Counted { inner: reader, read: compressed.clone(), all };
    Ok(match extension {
        "gz" => {
            let inner = flate2::read::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, counted));
            Box::new(Proportionate { inner, compressed, made: 0 })
        }
        "zst" => {
            let inner = zstd::stream::read::Decoder::new(counted)?;
            Box::new(Proportionate { inner, compressed, made: 0 })
        }
        _ => Box::new(counted),
    })
}

/// Lines end records.
pub fn end_of_lines(buffer: &[u8]) -> Option<usize> {
    buffer.iter().rposition(|&b| b == b'\n').map(|at| at + 1)
}

/// A file cut into pieces.
pub struct Pieces<R, E> {
    reader: R,
    /// Where the last complete record of a buffer ends, which begins with a record; `None` if none is complete.
    end: E,
    carry: Vec<u8>,
    /// Memory of pieces that are done with: memory that the system gives anew is cleared page by page.
    spare: Vec<Vec<u8>>,
    failed: Option<io::Error>,
    started: bool,
    done: bool,
    size: usize,
}

/// One piece.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// Whole records.
    pub bytes: Vec<u8>,
    /// Whether the file ends here.
    pub last: bool,
}

/// Bytes of a piece, at least.
pub const PIECE_BYTES: usize = 4 << 20;

impl<R: Read, E: Fn(&[u8]) -> Option<usize>> Pieces<R, E> {
    /// Pieces of what a reader gives; `size` is [`PIECE_BYTES`] but in tests.
    pub fn new(reader: R, end: E, size: usize) -> Pieces<R, E> {
        Pieces { reader, end, carry: Vec::new(), spare: Vec::new(), failed: None, started: false, done: false, size }
    }

    /// The next piece, without a byte order mark. What was read before an error comes first, then the error, then nothing.
    pub fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        let mut piece = self.next_raw()?;
        if let Some(piece) = &mut piece
            && !std::mem::replace(&mut self.started, true)
            && piece.bytes.starts_with(b"\xef\xbb\xbf")
        {
            piece.bytes.drain(..3);
        }
        Ok(piece)
    }

    /// Takes back the memory of a piece.
    pub fn give_back(&mut self, bytes: Vec<u8>) {
        self.spare.push(bytes);
    }

    fn next_raw(&mut self) -> io::Result<Option<Piece>> {
        if let Some(error) = self.failed.take() {
            self.done = true;
            return Err(error);
        }
        if self.done {
            return Ok(None);
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer.append(&mut self.carry);
        let mut goal = self.size;
        loop {
            match self.fill(&mut buffer, goal) {
                Err(error) => {
                    self.failed = Some(error);
                    let end = (self.end)(&buffer).unwrap_or(0);
                    buffer.truncate(end);
                    return Ok(Some(Piece { bytes: buffer, last: false }));
                }
                Ok(true) => {
                    self.done = true;
                    return Ok(Some(Piece { bytes: buffer, last: true }));
                }
                Ok(false) => {}
            }
            if let Some(end) = (self.end)(&buffer) {
                self.carry.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
                return Ok(Some(Piece { bytes: buffer, last: false }));
            }
            if buffer.len() > 2 * JSON_RECORD_BYTES + self.size {
                // No record is that long: its end is sought without keeping it.
                if let Err(error) = self.pass_line() {
                    self.failed = Some(error);
                }
                buffer.truncate(JSON_RECORD_BYTES + 1);
                buffer.push(b'\n');
                return Ok(Some(Piece { bytes: buffer, last: false }));
            }
            goal = buffer.len() + self.size;
        }
    }

    /// Reads until the buffer holds `goal` bytes; true at the end of the file.
    fn fill(&mut self, buffer: &mut Vec<u8>, goal: usize) -> io::Result<bool> {
        buffer.reserve(goal.saturating_sub(buffer.len()));
        while buffer.len() < goal {
            let missing = (goal - buffer.len()) as u64;
            if self.reader.by_ref().take(missing).read_to_end(buffer)? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn pass_line(&mut self) -> io::Result<()> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let is_end = self.fill(&mut buffer, 1 << 16)?;
            if let Some(at) = memchr::memchr(b'\n', &buffer) {
                self.carry = buffer.split_off(at + 1);
                return Ok(());
            }
            if is_end {
                self.done = true;
                return Ok(());
            }
        }
    }
}
