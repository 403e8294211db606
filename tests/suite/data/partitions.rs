//! What is run over partition by partition is what is loaded at once: the same profiles with the same events, the same report.

use std::fmt::Write as _;

use arrow_schema::DataType;
use segc::data::partitions::in_partitions;
use segc::data::{Loaded, Progress, load};
use segc::project::{Override, default_project};
use segc::store::partitions::Partition;
use segc::store::{Block, Dataset, EventReads, Needs, Space, Types};
use segc::types::Ty;

use super::formats::parquet;
use super::ndjson::schema;
use super::show::{entries, needs, value};
use crate::conformance::Random;

const NOW: i64 = 1_795_000_000_000_000;

fn wanted() -> Needs {
    let tags = Ty::List(Box::new(Ty::String));
    needs(&[
        (Space::Profiles, &[("name", Ty::String), ("points", Ty::Int), ("tags", tags)]),
        (Space::Events, &[("eventType", Ty::String), ("order.city", Ty::String), ("timestamp", Ty::Timestamp)]),
    ])
}

/// A profile with all that is read of it.
fn profile(block: &Block, row: usize) -> String {
    let of =
        |table: &segc::store::Table, row| table.columns.values().map(|c| value(c, row)).collect::<Vec<_>>().join(" ");
    let mut text = format!("{} {}", block.ids.get(row).unwrap(), of(&block.profiles, row));
    let events = &block.events;
    let own = events.by_profile_offsets[row] as usize..events.by_profile_offsets[row + 1] as usize;
    for (at, &event) in own.clone().zip(&events.by_profile[own]) {
        let event = event as usize;
        assert_eq!((events.by_profile_time[at], events.profile[event] as usize), (events.time[event], row));
        let (name, _) = events.types.iter().find(|(_, range)| range.rows.contains(&(event as u32))).unwrap();
        let _ = write!(text, "; {name} {} {} {}", events.time[event], events.rank[event], of(&events.table, event));
    }
    text
}

fn profiles(data: &Dataset) -> Vec<String> {
    data.blocks.iter().flat_map(|block| (0..block.ids.len()).map(|row| profile(block, row))).collect()
}

/// All at once, and in partitions: the profiles by their places, and how many partitions.
fn both(
    people: &str,
    events: &str,
    settings: &[&str],
    (needs, reads): (&Needs, &EventReads),
    at_once: usize,
) -> (Loaded, Option<(Loaded, Vec<String>, usize)>) {
    let text = || DataType::Utf8;
    let folder = tempfile::tempdir().unwrap();
    let tags = DataType::List(std::sync::Arc::new(arrow_schema::Field::new("element", text(), true)));
    let of_people = [("_id", text()), ("name", text()), ("points", DataType::Int64), ("tags", tags)];
    let of_events = ["_id", "profileId", "eventType", "timestamp"].map(|name| (name, text()));
    std::fs::write(folder.path().join("p.parquet"), parquet(people, &of_people)).unwrap();
    std::fs::write(folder.path().join("e.parquet"), parquet(events, &of_events)).unwrap();
    let settings: Vec<Override> = ["profiles.files=p.parquet", "events.files=e.parquet"]
        .iter()
        .chain(settings)
        .map(|s| s.split_once('=').unwrap())
        .map(|(key, value)| Override { key: key.into(), value: value.into() })
        .collect();
    let (project, diagnostics) = default_project(&settings);
    assert_eq!(diagnostics, []);
    let schema = schema();
    let whole = load(&project, folder.path(), &schema, needs, NOW).unwrap();
    let (mut found, mut count) = (Vec::new(), 0);
    let mut run = |partition: &Partition| {
        count += 1;
        let own = profiles(&partition.dataset);
        assert_eq!(own.len(), partition.places.len());
        found.extend(partition.places.iter().copied().zip(own));
        true
    };
    let progress = Progress::default();
    let read_by = (&schema, needs, reads);
    let parts = in_partitions((&project, folder.path()), read_by, NOW, at_once, &progress, &mut run).unwrap();
    found.sort();
    let found: Vec<String> = found.into_iter().map(|(_, profile)| profile).collect();
    (whole, parts.map(|loaded| (loaded, found, count)))
}

/// People of whom some are there twice, in no order, and their events, person by person; events of nobody among them.
fn made(random: &mut Random) -> (String, String) {
    let count = 1 + random.below(30);
    let mut people: Vec<String> = (0..count).map(|at| format!("p{at:02}")).collect();
    let mut events = String::new();
    for id in people.iter().map(String::as_str).chain(["q"]) {
        for _ in 0..*random.pick(&[0, 0, 1, 2, 3, 9]) {
            let (kind, event) = (*random.pick(&["buy", "view", "other"]), random.below(9));
            let at = format!("2026-1{}-0{}T00:00:00Z", random.below(3), 1 + random.below(3));
            let event = if random.percent(10) { String::new() } else { format!(r#""_id":"{event}","#) };
            let _ = writeln!(events, r#"{{{event}"profileId":"{id}","eventType":"{kind}","timestamp":"{at}"}}"#);
        }
    }
    // Two row groups at least.
    for at in 0..3 {
        let _ = writeln!(
            events,
            r#"{{"_id":"z{at}","profileId":"zz","eventType":"buy","timestamp":"2026-10-01T00:00:00Z"}}"#
        );
    }
    for at in (1..people.len()).rev() {
        people.swap(at, random.below(at + 1));
    }
    let again = people[0].clone();
    people.push(again);
    people.push("zz".to_owned());
    let people = people.iter().zip(0..).map(|(id, at)| {
        let name = if random.percent(20) { String::new() } else { format!(r#","name":"n{}""#, random.below(5)) };
        format!("{{\"_id\":\"{id}\"{name},\"points\":{at},\"tags\":[\"t{}\"]}}\n", at % 3)
    });
    (people.collect(), events)
}

#[test]
fn partitions_are_what_is_loaded_at_once() {
    let mut random = Random::new(11);
    let mut most = 0;
    for _ in 0..60 {
        let (people, events) = made(&mut random);
        let settings: &[&str] = if random.percent(50) { &["events.id=_id"] } else { &[] };
        let at_once = 1 + random.below(12);
        let (whole, parts) = both(&people, &events, settings, (&wanted(), &EventReads::default()), at_once);
        let (loaded, found, count) = parts.expect("the events are in order");
        assert_eq!(found, profiles(&whole.dataset));
        assert_eq!(loaded.report.to_json(), whole.report.to_json());
        let ids = |data: &Dataset| data.blocks.iter().flat_map(|b| b.ids.iter().map(str::to_owned)).collect::<Vec<_>>();
        assert_eq!(ids(&loaded.dataset), ids(&whole.dataset));
        most = most.max(count);
    }
    assert!(most > 3, "{most} partitions at most");
}

/// Of a column there are only the rows of the types that it is read of.
#[test]
fn columns_are_there_only_of_the_types_that_read_them() {
    let mut random = Random::new(5);
    let (people, events) = made(&mut random);
    let path = segc::plan::FieldPath::from([segc::plan::FieldStep::Field("eventType".into())]);
    let read_of = |types: &[&str]| {
        let mut all = Types::default();
        types.iter().for_each(|name| all.add(Some(&(*name).into())));
        let reads = EventReads { columns: [(path.clone(), all)].into(), ..EventReads::default() };
        both(&people, &events, &[], (&wanted(), &reads), 7)
    };
    let every = ["buy", "other", "view"];
    let (whole, _) = read_of(&[]);
    for types in [&[][..], &["buy"], &["other"], &["buy", "view"], &["other", "view"], &every, &["none"]] {
        let (_, parts) = read_of(types);
        let (_, found, _) = parts.unwrap();
        // What is shown of an event ends with its type as it was read, where it was.
        let only = |profile: String| {
            let mut parts = profile.split("; ");
            let own = parts.next().unwrap().to_owned();
            let event = |event: &str| {
                let name = event.split(' ').next().unwrap();
                let shown =
                    if types.contains(&name) { event.to_owned() } else { event.replace(&format!("{name:?}"), "-") };
                format!("; {shown}")
            };
            own + &parts.map(event).collect::<String>()
        };
        let expected: Vec<String> = profiles(&whole.dataset).into_iter().map(only).collect();
        assert_eq!(found, expected, "{types:?}");
    }
}

#[test]
fn what_is_not_together_is_loaded_at_once() {
    let people = "{\"_id\":\"a\"}\n{\"_id\":\"b\"}\n{\"_id\":\"c\"}\n{\"_id\":\"d\"}\n";
    let events = |ids: &[&str]| -> String {
        let line = |id: &&str| {
            format!("{{\"profileId\":\"{id}\",\"eventType\":\"buy\",\"timestamp\":\"2026-10-01T00:00:00Z\"}}\n")
        };
        ids.iter().map(line).collect()
    };
    let is_parted = |ids: &[&str]| both(people, &events(ids), &[], (&wanted(), &EventReads::default()), 1).1.is_some();
    assert!(is_parted(&["a", "b", "b", "c"]));
    assert!(is_parted(&["d", "c", "c", "a"]), "the order does not matter");
    // By the bounds of the row groups these could be together.
    assert!(!is_parted(&["b", "a", "b", "c"]), "`b` is complete behind the first row group, and is not");
    assert!(!is_parted(&["a", "c", "b", "d"]), "the bounds overlap");
    assert!(!is_parted(&["a", "b"]), "there is nothing to part in one row group");
    let mut with_maps = wanted();
    with_maps.spaces.extend(needs(&[(entries(&Space::Profiles, "consents"), &[("", Ty::Bool)])]).spaces);
    assert!(
        both(people, &events(&["a", "b", "b", "c"]), &[], (&with_maps, &EventReads::default()), 1).1.is_none(),
        "maps are of several tables"
    );
}
