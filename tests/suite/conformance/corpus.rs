//! The corpus of `tests/corpus`: segments by construct, type and class of literal, over worlds of rows, with the members
//! that each has. The reference wrote them and is held to them; the machine and every engine have to select the same.
//! `SEGC_CORPUS=write` writes the members, and for each engine what it refuses, anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use segc::hir::{Module, Settings};
use segc::sql::times::Times;
use segc::vector::time::Zone;
use serde_json::{Value as Json, json};

use super::compile::compile;
use super::emptied::without_absent_lists;
use super::engine::Engine;
use super::harness::{self, Evaluate, Refusal, Tally};
use super::partitioned::Partitioned;
use super::random::Random;
use super::rows::{self, Setting};
use super::times;
use super::vm::{Route, Vm};
use crate::oracle::Rows;

/// The worlds by name: the seed of their rows, the zone, now, and the day that weeks begin on.
const WORLDS: [(&str, u64, &str, &str, u8); 2] = [
    ("berlin", 1, "Europe/Berlin", "2026-03-29T12:30:00+02:00", 1),
    ("new_york", 2, "America/New_York", "2026-11-01T01:30:00-04:00", 7),
];
const PROFILES: usize = 30;

/// Segments of a file.
struct Group {
    name: String,
    text: String,
}

/// Rows with what the segments select of them.
struct World {
    name: &'static str,
    setting: Setting,
    rows: Rows,
    members: BTreeMap<String, BTreeSet<String>>,
}

fn path(parts: &[&str]) -> PathBuf {
    parts.iter().fold(PathBuf::from("tests/corpus"), |path, part| path.join(part))
}

fn is_written() -> bool {
    std::env::var("SEGC_CORPUS").is_ok_and(|value| value == "write")
}

fn groups() -> Vec<Group> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(path(&["segments"])).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let group = |file: &PathBuf| Group {
        name: file.file_stem().unwrap().to_string_lossy().into_owned(),
        text: fs::read_to_string(file).unwrap(),
    };
    files.iter().map(group).collect()
}

fn modules(world: &World) -> Vec<(String, Module)> {
    let schema = Arc::new(super::schema());
    let module = |group: Group| match compile(&group.text, &schema, &world.setting) {
        Ok(module) => (group.name, module),
        Err(errors) => panic!("{}: {errors}", group.name),
    };
    groups().into_iter().map(module).collect()
}

fn worlds() -> Vec<World> {
    WORLDS.iter().map(|&(name, seed, zone, now, week_start)| world(name, seed, zone, now, week_start)).collect()
}

fn world(name: &'static str, seed: u64, zone: &str, now: &str, week_start: u8) -> World {
    let settings = Settings { zone: zone.to_owned(), week_start, event_ids: true };
    let setting = Setting { settings, now: now.parse::<jiff::Timestamp>().unwrap().as_microsecond() };
    let file = path(&["worlds", &format!("{name}.json")]);
    if is_written() && !file.exists() {
        let rows = rows::rows(&mut Random::new(seed), &setting, PROFILES);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, world_text(&setting, now, &rows)).unwrap();
    }
    let stored: Json = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!((&stored["zone"], &stored["now"]), (&json!(zone), &json!(now)), "{name}");
    let list = |json: &Json| json.as_array().unwrap().clone();
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let keys = [("product", "sku"), ("shop", "number")];
    let class = |(class, key): (&str, &str)| {
        let objects = list(&stored["classes"][class]).into_iter().map(|object| (text(&object[key]), object));
        (class.to_owned(), objects.collect())
    };
    let event = |mut event: Json| {
        let owner = event.as_object_mut().unwrap().shift_remove("profile_id").unwrap();
        (text(&owner), event)
    };
    let rows = Rows {
        profiles: list(&stored["profiles"]).into_iter().map(|record| (text(&record["_id"]), record)).collect(),
        events: list(&stored["events"]).into_iter().map(event).collect(),
        classes: keys.into_iter().map(class).collect(),
    };
    World { name, setting, rows, members: members(name) }
}

/// A world as a file: one row a line.
fn world_text(setting: &Setting, now: &str, rows: &Rows) -> String {
    let lines = |rows: Vec<Json>| rows.iter().map(|row| format!("    {row}")).collect::<Vec<_>>().join(",\n");
    let events = rows.events.iter().map(|(owner, event)| {
        let mut event = event.clone();
        event["profile_id"] = owner.as_str().into();
        event
    });
    let classes: Vec<String> = rows
        .classes
        .iter()
        .map(|(name, objects)| format!("  \"{name}\": [\n{}\n  ]", lines(objects.values().cloned().collect())))
        .collect();
    format!(
        "{{\n\"now\": \"{now}\",\n\"zone\": \"{}\",\n\"week_start\": {},\n\"profiles\": [\n{}\n],\n\"events\": [\n{}\n],\n\"classes\": {{\n{}\n}}\n}}\n",
        setting.settings.zone,
        setting.settings.week_start,
        lines(rows.profiles.values().cloned().collect()),
        lines(events.collect()),
        classes.join(",\n"),
    )
}

fn members(world: &str) -> BTreeMap<String, BTreeSet<String>> {
    let read = fs::read(path(&["members", &format!("{world}.json")]));
    read.map_or_else(|_| BTreeMap::new(), |bytes| serde_json::from_slice(&bytes).unwrap())
}

/// A JSON object, one entry a line, in the order of the names with their numbers.
fn write_entries(file: &Path, entries: impl IntoIterator<Item = (String, Json)>) {
    let mut entries: Vec<(String, Json)> = entries.into_iter().collect();
    entries.sort_by_key(|(name, _)| {
        let (group, number) = name.rsplit_once('_').unwrap_or((name, "0"));
        (group.to_owned(), number.parse::<u32>().unwrap_or(0))
    });
    let lines: Vec<String> = entries.iter().map(|(name, value)| format!("{}: {value}", json!(name))).collect();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
}

#[test]
fn the_reference_selects_the_members_of_the_corpus() {
    let mut cases = 0;
    for world in worlds() {
        let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
        for (_, module) in modules(&world) {
            let members = harness::reference(&module, &world.rows, &world.setting);
            found.extend(module.segments.iter().map(|segment| segment.name.clone()).zip(members));
        }
        cases += found.len();
        if is_written() {
            let entries = found.into_iter().map(|(name, ids)| (name, json!(ids)));
            write_entries(&path(&["members", &format!("{}.json", world.name)]), entries);
            continue;
        }
        assert_eq!(found.len(), world.members.len(), "{}", world.name);
        for (name, ids) in found {
            assert_eq!(Some(&ids), world.members.get(&name), "{}, {name}", world.name);
        }
    }
    assert!(cases >= 2_500, "{cases} cases");
}

/// Both worlds, or in a short run the first.
fn compared_worlds() -> Vec<World> {
    let mut all = worlds();
    if harness::count(600) < 600 && !is_written() {
        all.truncate(1);
    }
    all
}

/// A world as a database keeps it that cannot tell an absent list from an empty one: some segments have other members.
fn emptied(mut world: World) -> World {
    let schema = super::schema();
    world.rows = without_absent_lists(&schema, world.rows);
    for (_, module) in modules(&world) {
        let members = harness::reference(&module, &world.rows, &world.setting);
        world.members.extend(module.segments.iter().map(|segment| segment.name.clone()).zip(members));
    }
    world
}

/// Whether a file of the corpus, by its number, is one of those that a short run takes if it takes one of so many.
fn is_taken(number: usize, of: usize) -> bool {
    let all = is_written() || harness::count(600) > 600;
    all || number % of == harness::commit_seed() as usize % of
}

/// Compares an evaluator with the corpus, in a short run with one of so many files; gives its refusals, by segment.
fn compare(worlds: Vec<World>, of: usize, side: &mut dyn Evaluate, tally: &mut Tally) -> BTreeMap<String, String> {
    let mut refused = BTreeMap::new();
    for world in worlds {
        let modules = modules(&world).into_iter().enumerate().filter(|(number, _)| is_taken(*number, of));
        for (_, (_, module)) in modules {
            let members = side.members(&module, &world.rows, &world.setting);
            for (segment, actual) in module.segments.iter().zip(members) {
                let expected = world.members.get(&segment.name);
                match actual {
                    Ok(actual) if Some(&actual) == expected => tally.compared += 1,
                    Err(Refusal::Unsupported(why)) => {
                        tally.unsupported.push((why.clone(), segment.name.clone()));
                        refused.insert(segment.name.clone(), why);
                    }
                    other => {
                        let text = groups().into_iter().find_map(|group| condition(&group.text, &segment.name));
                        tally.failures.push(format!(
                            "{}, {}: {}\n  expected {expected:?}\n  {other:?}",
                            world.name,
                            segment.name,
                            text.unwrap_or_default()
                        ));
                    }
                }
            }
        }
    }
    refused
}

/// The text of a segment's condition.
fn condition(text: &str, name: &str) -> Option<String> {
    let from = text.find(&format!("segment {name} {{"))?;
    let segment = &text[from..];
    Some(segment[..segment.find("\n}")?].lines().skip(1).map(str::trim).collect::<Vec<_>>().join(" "))
}

#[test]
fn the_machine_selects_the_members_of_the_corpus() {
    let mut tally = Tally::default();
    compare(compared_worlds(), 1, &mut Vm(Route::Optimised), &mut tally);
    harness::conclude(&tally, "the machine");
    assert_eq!(tally.unsupported, vec![]);
}

/// Compares runs over partitions of files with the corpus, in a short run with one of six files.
pub(super) fn partitions_select() {
    let mut tally = Tally::default();
    compare(compared_worlds(), 6, &mut Partitioned(20), &mut tally);
    harness::conclude(&tally, "partitions");
    assert!(tally.compared > 0, "{:?}", tally.reasons());
}

/// Compares an engine with so many worlds of the corpus. What it refuses is written down, so that a construct does not
/// get lost.
pub(super) fn engine_selects(dialect: &str, worlds: usize) {
    engine_selects_of(dialect, worlds, 1);
}

/// The same, in a short run of one of so many files.
pub(super) fn engine_selects_of(dialect: &str, worlds: usize, files: usize) {
    let mut engine = Engine::start(dialect);
    engine.asks_canary = true;
    let mut tally = Tally::default();
    let mut worlds: Vec<World> = compared_worlds().into_iter().take(worlds).collect();
    if !engine.dialect().abilities().null_lists {
        worlds = worlds.into_iter().map(emptied).collect();
    }
    let refused = compare(worlds, files, &mut engine, &mut tally);
    tally.write(engine.entry.name(), &engine.version, "corpus");
    harness::conclude(&tally, engine.entry.title);
    assert!(tally.compared > 0);
    refuses_what_is_known(dialect, files, refused);
    engine.report(&format!("{} cases of the corpus agree, {} refused", tally.compared, tally.unsupported.len()));
}

/// Compares an engine with segments of a group over tables whose timestamps tell no zone.
pub(super) fn engine_selects_by_civil_times(dialect: &str, group: &str) {
    let schema = super::schema();
    let mut engine = Engine::start(dialect);
    for world in worlds() {
        let zone = Zone::new(&world.setting.settings.zone).unwrap();
        engine.times = Times::Civil(zone);
        let rows = times::as_read(&schema, world.rows.clone(), &engine.times);
        for (_, module) in modules(&world).into_iter().filter(|(name, _)| name == group) {
            let expected = harness::reference(&module, &rows, &world.setting);
            let actual = engine.members(&module, &rows, &world.setting);
            for ((segment, expected), actual) in module.segments.iter().zip(expected).zip(actual) {
                let actual = actual.unwrap_or_else(|refusal| panic!("{}: {refusal:?}", segment.name));
                assert_eq!(actual, expected, "{}, {}", world.name, segment.name);
            }
        }
    }
}

/// Compares what a dialect refuses of the corpus, or of one of so many files, with what is written down.
fn refuses_what_is_known(dialect: &str, files: usize, refused: BTreeMap<String, String>) {
    let file = path(&["refused", &format!("{dialect}.json")]);
    if is_written() {
        return write_entries(&file, refused.into_iter().map(|(name, why)| (name, json!(why))));
    }
    let mut known: BTreeMap<String, String> = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let taken = groups().into_iter().enumerate().filter(|(number, _)| is_taken(*number, files));
    let taken: String = taken.map(|(_, group)| group.text).collect();
    known.retain(|name, _| taken.contains(&format!("segment {name} {{")));
    assert_eq!(refused, known, "what {dialect} refuses has changed: SEGC_CORPUS=write tests/run corpus");
}

/// The part of the corpus that an emulator answers in a short run: a file of so many.
const FILES_OF_EMULATORS: usize = 6;

/// Compares an emulator of an engine with the corpus over the first world. What it cannot run, or answers in another way
/// than the engine's documentation says, is written down, with what it said; all else must select the members.
pub(super) fn emulator_selects(dialect: &str) {
    let mut engine = Engine::start_emulator(dialect);
    let world = worlds().swap_remove(0);
    let file = path(&["emulated", &format!("{dialect}.json")]);
    let known: BTreeMap<String, String> =
        if is_written() { BTreeMap::new() } else { serde_json::from_slice(&fs::read(&file).unwrap()).unwrap() };
    let mut tally = Tally::default();
    let mut faults = BTreeMap::new();
    for (number, (_, module)) in modules(&world).into_iter().enumerate() {
        if !is_taken(number, FILES_OF_EMULATORS) {
            continue;
        }
        let answers = engine.members(&module, &world.rows, &world.setting);
        for (segment, answer) in module.segments.iter().zip(answers) {
            let fault = match answer {
                Ok(members) if Some(&members) == world.members.get(&segment.name) => None,
                Ok(_) => Some("selects others".to_owned()),
                Err(Refusal::Error(error)) => Some(error.lines().next().unwrap_or_default().to_owned()),
                Err(Refusal::Unsupported(why)) => {
                    tally.unsupported.push((why, segment.name.clone()));
                    continue;
                }
            };
            let expected = known.get(&segment.name);
            match fault {
                None if expected.is_none() => tally.compared += 1,
                Some(fault) if is_written() || expected == Some(&fault) => {
                    tally.unsupported.push(("the emulator's own fault".to_owned(), segment.name.clone()));
                    faults.insert(segment.name.clone(), fault);
                }
                other => tally.failures.push(format!("{}: {other:?}, where {expected:?} is known", segment.name)),
            }
        }
    }
    if is_written() {
        return write_entries(&file, faults.into_iter().map(|(name, fault)| (name, json!(fault))));
    }
    tally.write(engine.entry.name(), &engine.version, "emulated");
    harness::conclude(&tally, engine.entry.title);
    assert!(tally.compared > 0);
    engine.report(&format!("{} cases of the corpus agree in an emulator", tally.compared));
}

/// Has a parser read the queries of the whole corpus, in a large run of both worlds: they differ in their constants. What
/// is refused is written down.
pub(super) fn is_read(dialect: &str) {
    let mut parser = Engine::start(dialect);
    let (mut read, mut refused) = (0, BTreeMap::new());
    let several = harness::count(600) > 600;
    for world in worlds().into_iter().take(if several { 2 } else { 1 }) {
        for (_, module) in modules(&world) {
            let answers = parser.members(&module, &Rows::default(), &world.setting);
            for (segment, answer) in module.segments.iter().zip(answers) {
                match answer {
                    Ok(_) => read += 1,
                    Err(Refusal::Unsupported(why)) => drop(refused.insert(segment.name.clone(), why)),
                    Err(Refusal::Error(error)) => panic!("{}, {}: {error}", world.name, segment.name),
                }
            }
        }
    }
    parser.report(&format!("{read} cases of the corpus read by the parser, {} segments refused", refused.len()));
    refuses_what_is_known(dialect, 1, refused);
}
