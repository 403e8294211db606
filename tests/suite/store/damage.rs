//! Damaged and hostile stores: an error or the members that were there, never a panic. `SEGC_CASES` for long runs.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use segc::store::manifest::Manifest;
use segc::store::{Dataset, Fault, Store};
use segc::{emit, plan, vm};

use super::make::{Place, cut};
use crate::conformance::{Random, commit_seed, count, generated_records, shared_schema, some_segments};

/// What a store selects.
type Members = Vec<Vec<String>>;

struct Case {
    place: Place,
    program: segc::bytecode::Program,
}

/// A store of several parts, with segments over all that a schema has.
fn case(seed: u64, profiles: usize) -> Case {
    let (records, setting) = generated_records(seed, profiles);
    let module = crate::conformance::checked(&some_segments(seed, &setting, 40), &shared_schema(), &setting);
    let mut place = Place::new(1 << 30);
    for batch in cut(&records, 2) {
        place.ingest(&module, &batch).unwrap();
    }
    let plan = plan::optimize(&plan::lower(&module, setting.now));
    let program = emit::bytecode::emit(&plan, &emit::bytecode::Provenance::default());
    Case { place, program }
}

/// What is checked on the way, as a run does; what is checked beforehand gives the same, or is not read.
fn members(program: &segc::bytecode::Program, store: &Path) -> Result<Members, Fault> {
    let found = members_of(program, &Store::open(store)?.unchecked(&program.needs)?)?;
    if let Ok(all) = Store::open(store).and_then(|store| store.dataset(&program.needs)) {
        assert!(members_of(program, &all)? == found, "checked beforehand there are other members");
    }
    Ok(found)
}

fn members_of(program: &segc::bytecode::Program, data: &Dataset) -> Result<Members, Fault> {
    let ids = |m: &vm::Members| m.ids(data).into_iter().map(str::to_owned).collect();
    match vm::run(program, data, vm::Options { threads: 1, ..vm::Options::default() }) {
        Ok(output) => Ok(output.segments.iter().map(ids).collect()),
        Err(vm::Trouble::Store(fault)) => Err(fault),
        Err(vm::Trouble::TooManyRows(_)) => Ok(Members::new()),
    }
}

fn files(store: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(store.join("parts")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.push(store.join("manifest.json"));
    files
}

#[test]
fn flipped_and_cut_files_are_errors_or_change_nothing() {
    flip_and_cut(40, count(300));
}

/// So many profiles that arrays have more than one piece.
#[test]
fn flipped_and_cut_files_with_chunks_in_pieces_are_errors_or_change_nothing() {
    flip_and_cut(LARGE, count(300) / 5);
}

/// So many profiles that offsets of events have more than one piece.
const LARGE: usize = 700;

fn flip_and_cut(profiles: usize, cases: usize) {
    let Case { place, program } = case(3, profiles);
    let store = place.store();
    let before = members(&program, &store).unwrap();
    assert!(before.iter().any(|m| !m.is_empty()), "no segment has members");
    let files = files(&store);
    let contents: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    let mut random = Random::new(11 ^ commit_seed());
    let mut refused = 0;
    for number in 0..cases {
        let at = random.below(files.len());
        let mut bytes = contents[at].clone();
        match random.below(8) {
            0 => bytes.truncate(random.below(bytes.len())),
            1 => bytes.extend_from_slice(&[0; 64]),
            2 => {
                let from = random.below(bytes.len());
                let to = (from + random.below(256)).min(bytes.len());
                bytes[from..to].fill(0xff);
            }
            _ => {
                let place = random.below(bytes.len());
                bytes[place] ^= 1 << random.below(8);
            }
        }
        fs::write(&files[at], &bytes).unwrap();
        let outcome = catch_unwind(AssertUnwindSafe(|| (members(&program, &store), checked(&store))));
        let (found, sound) = outcome.unwrap_or_else(|_| panic!("case {number}: a panic on {}", files[at].display()));
        match found {
            Ok(found) => assert!(found == before, "case {number}: other members from {}", files[at].display()),
            Err(_) => {
                refused += 1;
                assert!(!sound, "case {number}: the check does not see what a run sees in {}", files[at].display());
            }
        }
        fs::write(&files[at], &contents[at]).unwrap();
    }
    assert!(refused * 4 > cases, "only {refused} of {cases} were refused");
}

/// Conditions that read times, orders and ends of events in all ways.
const READING: [&str; 14] = [
    "any(view as v where any(buy where timestamp > v.timestamp))",
    "any(view as v where any(buy where date(timestamp) == date(v.timestamp)))",
    "any(buy as b where any(events where timestamp - b.timestamp > 2 days))",
    "any(buy as b where none(events where timestamp < b.timestamp))",
    "any(events as e where count(events where timestamp > e.timestamp) >= 2)",
    "sequence(buy as x then events where amount > x.amount)",
    "sequence(events as x then buy within 30 days where amount > x.amount)",
    "sequence(view then buy within 7 days)",
    "first(channel of events) == \"web\"",
    "last(channel of events in last 1 year) == \"web\"",
    "last(timestamp of events) >= 30 days ago",
    "count(distinct date(timestamp) of events in last 1 year) >= 2",
    "count(view in last 1 year) >= 2 and none(events in last 7 days)",
    "count(buy where date(timestamp) >= 2025-01-01) >= 1",
];

/// What one segment reads no other has checked for it: of damage so large that who reads it selects others.
#[test]
fn every_segment_checks_what_it_reads() {
    let (seed, mut refused) = (3, 0);
    let Case { place, .. } = case(seed, LARGE);
    let (_, setting) = generated_records(seed, 1);
    let store = place.store();
    let parts: Vec<PathBuf> = files(&store).into_iter().filter(|file| file.extension().is_some()).collect();
    let part = parts.into_iter().max_by_key(|file| fs::metadata(file).unwrap().len()).unwrap();
    let content = fs::read(&part).unwrap();
    let mut random = Random::new(17 ^ commit_seed());
    let written = READING.iter().map(|condition| format!("segment it {{ where {condition} }}\n"));
    let generated = (0..count(200) / 10).map(|_| some_segments(random.next(), &setting, 1));
    let texts: Vec<String> = written.chain(generated).collect();
    for text in texts {
        let module = crate::conformance::checked(&text, &shared_schema(), &setting);
        let plan = plan::optimize(&plan::lower(&module, setting.now));
        let program = emit::bytecode::emit(&plan, &emit::bytecode::Provenance::default());
        let before = members(&program, &store).unwrap();
        for _ in 0..count(200) / 4 {
            let mut bytes = content.clone();
            let from = random.below(bytes.len() - 16_384);
            bytes[from..from + 16_384].iter_mut().for_each(|byte| *byte = random.below(256) as u8);
            fs::write(&part, &bytes).unwrap();
            match members(&program, &store) {
                Ok(found) => assert!(found == before, "others are selected by damage at {from}:\n{text}"),
                Err(_) => refused += 1,
            }
        }
        fs::write(&part, &content).unwrap();
    }
    assert!(refused > 0, "nothing was refused");
}

#[test]
fn every_byte_of_a_part_is_checked() {
    let Case { place, .. } = case(5, 40);
    let store = place.store();
    let part = files(&store).into_iter().find(|path| path.extension().is_some_and(|e| e == "part")).unwrap();
    let content = fs::read(&part).unwrap();
    assert!(checked(&store));
    // The header, a few of each stretch of what is behind it, and the end.
    let step = (content.len() / 300).max(1);
    for at in (0..64).chain((64..content.len() - 64).step_by(step)).chain(content.len() - 64..content.len()) {
        let mut bytes = content.clone();
        bytes[at] ^= 0x10;
        fs::write(&part, &bytes).unwrap();
        assert!(!checked(&store), "byte {at} of {}", content.len());
    }
    fs::write(&part, &content).unwrap();
    assert!(checked(&store));
}

fn checked(store: &Path) -> bool {
    Store::open(store).is_ok_and(|store| store.check().is_empty())
}

/// A part file whose hashes can be made to fit again.
struct Part {
    bytes: Vec<u8>,
    /// Where the directory and its entries begin.
    directory: usize,
    entries: usize,
}

const TRAILER: usize = 64;
const ENTRY: usize = 32;
const PIECE: usize = 2048;

/// Whether a chunk has a checksum for each piece of its rows.
fn in_pieces(rows: usize, flags: usize) -> bool {
    flags & 6 == 0 && rows > PIECE
}

impl Part {
    fn new(bytes: Vec<u8>) -> Part {
        let trailer = bytes.len() - TRAILER;
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        let directory = number(trailer + 16);
        let entries = directory + 8 + number(directory);
        Part { bytes, directory, entries }
    }

    fn chunks(&self) -> usize {
        (self.bytes.len() - TRAILER - self.entries) / ENTRY
    }

    fn chunk(&self, index: usize) -> (usize, usize, usize) {
        let at = self.entries + index * ENTRY;
        let number = |at: usize| u32::from_le_bytes(self.bytes[at..at + 4].try_into().unwrap()) as usize;
        let (rows, values, flags, width) = (number(at + 16), number(at + 20), number(at + 24), number(at + 28));
        let padded = |n: usize| n.next_multiple_of(64);
        let valid = if flags & 1 == 0 { 0 } else { rows.div_ceil(64) * 8 };
        let offsets = if flags & 2 == 0 { 0 } else { (rows + 1) * 4 } + if flags & 4 == 0 { 0 } else { rows * 8 };
        let bits = if width == 0 { values.div_ceil(64) * 8 } else { values * width };
        let offset = u64::from_le_bytes(self.bytes[at..at + 8].try_into().unwrap()) as usize;
        let checksums = if in_pieces(rows, flags) { rows.div_ceil(PIECE) * 8 } else { 0 };
        (at, offset, padded(valid) + padded(offsets) + padded(bits) + padded(checksums))
    }

    /// The checksum of a chunk, that of its pieces behind its values.
    fn checksum(&mut self, index: usize) -> Option<u64> {
        let (at, offset, len) = self.chunk(index);
        self.bytes.get(offset..offset.saturating_add(len))?;
        let checksum = twox_hash::XxHash3_64::oneshot;
        let entry = self.bytes[at..at + ENTRY].to_vec();
        let number = |at: usize| u32::from_le_bytes(entry[at..at + 4].try_into().unwrap()) as usize;
        let (rows, count, flags, width) = (number(16), number(20), number(24), number(28));
        let chunk = &mut self.bytes[offset..offset + len];
        // One whose values are not as many as its rows is refused before its pieces are looked at.
        if !in_pieces(rows, flags) || rows != count {
            return Some(checksum(chunk));
        }
        let valid = if flags & 1 == 0 { 0 } else { rows.div_ceil(64) * 8 };
        let from = valid.next_multiple_of(64);
        let values = if width == 0 { rows.div_ceil(64) * 8 } else { rows * width };
        let sums_at = from + values.next_multiple_of(64);
        let part = |bytes: &[u8], each: usize, piece: usize| {
            let start = (piece * each).min(bytes.len());
            checksum(&bytes[start..(start + each).min(bytes.len())])
        };
        let mut sums = Vec::new();
        for piece in 0..rows.div_ceil(PIECE) {
            let each = if width == 0 { PIECE / 8 } else { PIECE * width };
            let mut sum = part(&chunk[from..from + values], each, piece);
            if valid > 0 {
                sum ^= part(&chunk[..valid], PIECE / 8, piece).rotate_left(1);
            }
            sums.extend_from_slice(&sum.to_le_bytes());
        }
        chunk[sums_at..sums_at + sums.len()].copy_from_slice(&sums);
        Some(checksum(&sums))
    }

    /// Makes every hash fit; gives that of the directory.
    fn seal(&mut self) -> String {
        for index in 0..self.chunks() {
            let at = self.chunk(index).0;
            if let Some(checksum) = self.checksum(index) {
                self.bytes[at + 8..at + 16].copy_from_slice(&checksum.to_le_bytes());
            }
        }
        let end = self.bytes.len() - TRAILER / 2;
        let hash = segc::schema::digest(&self.bytes[self.directory..end]);
        self.bytes[end..].copy_from_slice(&hash);
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[test]
fn a_hostile_store_whose_hashes_fit_does_no_harm() {
    let Case { place, program } = case(4, 40);
    let store = place.store();
    let manifest = Manifest::read(&store).unwrap();
    let manifest_bytes = fs::read(store.join("manifest.json")).unwrap();
    let mut random = Random::new(12 ^ commit_seed());
    let (mut refused, mut accepted) = (0, 0);
    for number in 0..count(400) {
        let mut forged = manifest.clone();
        let classes = forged.classes.iter_mut().map(|(_, entry)| entry);
        let mut entries: Vec<_> = forged.parts.iter_mut().chain(classes).collect();
        let which = random.below(entries.len());
        let entry = &mut entries[which];
        let path = store.join("parts").join(&entry.file);
        let original = fs::read(&path).unwrap();
        let mut part = Part::new(original.clone());
        for _ in 0..1 + random.below(3) {
            mutate(&mut part, &mut random);
        }
        entry.blake3 = part.seal();
        fs::write(&path, &part.bytes).unwrap();
        write_manifest(&store, &forged);
        let outcome = catch_unwind(AssertUnwindSafe(|| members(&program, &store).is_ok() && checked(&store)));
        match outcome {
            Ok(true) => accepted += 1,
            Ok(false) => refused += 1,
            Err(_) => {
                let kept = std::env::temp_dir().join("segc-hostile-store");
                let _ = fs::write(&kept, &part.bytes);
                panic!("case {number}: a panic; the part is in {}", kept.display());
            }
        }
        fs::write(&path, &original).unwrap();
    }
    fs::write(store.join("manifest.json"), manifest_bytes).unwrap();
    assert!(members(&program, &store).is_ok());
    assert!(refused > 0 && accepted > 0, "{refused} refused, {accepted} accepted");
}

/// Changes a chunk or an entry of the directory.
fn mutate(part: &mut Part, random: &mut Random) {
    let index = random.below(part.chunks());
    let (at, offset, len) = part.chunk(index);
    if random.below(4) == 0 {
        let place = at + random.below(ENTRY);
        part.bytes[place] ^= 1 << random.below(8);
    } else if len > 0 && offset + len <= part.directory {
        let place = offset + random.below(len);
        if random.below(3) == 0 {
            let to = (place + 8).min(offset + len);
            part.bytes[place..to].fill(*random.pick(&[0, 0xff, 0x7f, 0x80]));
        } else {
            part.bytes[place] ^= 1 << random.below(8);
        }
    }
}

fn write_manifest(store: &Path, manifest: &Manifest) {
    let hash = segc::schema::digest(&serde_json::to_vec(manifest).unwrap());
    let blake3: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = serde_json::json!({ "manifest": manifest, "blake3": blake3 }).to_string();
    fs::write(store.join("manifest.json"), text).unwrap();
}

#[test]
fn foreign_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "{}", "[]", "{\"manifest\":{\"format\":99}}", "not json", "{\"manifest\":{},\"blake3\":\"\"}"] {
        fs::write(folder.path().join("manifest.json"), text).unwrap();
        let fault = Store::open(folder.path()).err().unwrap().to_string();
        assert!(fault.contains("damaged") || fault.contains("another version"), "{text}: {fault}");
    }
}
