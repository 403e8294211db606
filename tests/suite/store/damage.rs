//! Damaged and hostile stores: an error or the members that were there, never a panic. `SEGC_CASES` for long runs.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use segc::store::manifest::Manifest;
use segc::store::{Fault, Store};
use segc::{emit, plan, vm};

use super::make::{Place, cut};
use crate::conformance::{Random, count, generated_records, shared_schema, some_segments};

/// What a store selects.
type Members = Vec<Vec<String>>;

struct Case {
    place: Place,
    program: segc::bytecode::Program,
}

/// A store of several parts, with segments over all that a schema has.
fn case(seed: u64) -> Case {
    let (records, setting) = generated_records(seed, 40);
    let module = crate::conformance::checked(&some_segments(seed, &setting, 40), &shared_schema(), &setting);
    let mut place = Place::new(1 << 30);
    for batch in cut(&records, 2) {
        place.ingest(&module, &batch).unwrap();
    }
    let plan = plan::optimize(&plan::lower(&module, setting.now));
    let program = emit::bytecode::emit(&plan, &emit::bytecode::Provenance::default());
    Case { place, program }
}

fn members(program: &segc::bytecode::Program, store: &Path) -> Result<Members, Fault> {
    let data = Store::open(store)?.dataset(&program.needs)?;
    let output = vm::run(program, &data, vm::Options { threads: 1, ..vm::Options::default() });
    let ids = |m: &vm::Members| m.ids(&data).into_iter().map(str::to_owned).collect();
    Ok(output.map(|o| o.segments.iter().map(ids).collect()).unwrap_or_default())
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
    let Case { place, program } = case(3);
    let store = place.store();
    let before = members(&program, &store).unwrap();
    assert!(before.iter().any(|m| !m.is_empty()), "no segment has members");
    let files = files(&store);
    let contents: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    let mut random = Random::new(11);
    let mut refused = 0;
    let cases = count(400);
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

#[test]
fn every_byte_of_a_part_is_checked() {
    let Case { place, .. } = case(5);
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
        (at, offset, padded(valid) + padded(offsets) + padded(bits))
    }

    /// Makes every hash fit; gives that of the directory.
    fn seal(&mut self) -> String {
        for index in 0..self.chunks() {
            let (at, offset, len) = self.chunk(index);
            if let Some(chunk) = self.bytes.get(offset..offset.saturating_add(len)) {
                let checksum = twox_hash::XxHash3_64::oneshot(chunk);
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
    let Case { place, program } = case(4);
    let store = place.store();
    let manifest = Manifest::read(&store).unwrap();
    let manifest_bytes = fs::read(store.join("manifest.json")).unwrap();
    let mut random = Random::new(12);
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
        assert!(fault.contains("damaged") || fault.contains("unknown version"), "{text}: {fault}");
    }
}
