//! Columns that are looked at in events of some types alone have there what they have when all of them are read, and
//! the same is found in the file.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use segc::data::partitions::in_partitions;
use segc::data::{Progress, load};
use segc::plan::{FieldPath, FieldStep};
use segc::project::{Override, Project, default_project};
use segc::schema::{Schema, build, closed_enum};
use segc::store::partitions::Partition;
use segc::store::{Block, Dataset, EventReads, Needs, Space, Types};
use segc::types::{Ty, Type};

use super::show::{needs, value};
use crate::conformance::Random;

const NOW: i64 = 1_795_000_000_000_000;
const KINDS: [&str; 4] = ["buy", "view", "other", ""];
const COLUMNS: [&str; 5] = ["amount", "share", "page", "tier", "place"];

fn asked() -> (Schema, Needs) {
    let tier = || closed_enum(["gold", "silver"]);
    let fields = [Ty::Int, Ty::Float, Ty::String, tier(), Ty::Int];
    let of_events: Vec<(&str, Type)> =
        COLUMNS.iter().zip(&fields).map(|(name, ty)| (*name, Type::optional(ty.clone()))).collect();
    let schema = build(&[("name", Type::optional(Ty::String))], &of_events, &KINDS[..2], &[]);
    let columns: Vec<(&str, Ty)> = COLUMNS.iter().copied().zip(fields).collect();
    (schema, needs(&[(Space::Profiles, &[("name", Ty::String)]), (Space::Events, &columns)]))
}

/// Events, sorted by profile; some values are none that their column takes.
fn events(random: &mut Random, rows: usize) -> RecordBatch {
    let wrong = *random.pick(&[0, 0, 1]);
    let absent = *random.pick(&[0, 3, 60]);
    let some = |values: &[usize], random: &mut Random| -> Vec<Option<usize>> {
        let often = *random.pick(&[1, 1, 40]);
        let mut all: Vec<Option<usize>> = Vec::new();
        while all.len() < rows {
            let value = (!random.percent(absent)).then(|| *random.pick(values));
            all.extend(std::iter::repeat_n(value, 1 + random.below(often)));
        }
        all.truncate(rows);
        all
    };
    let many: Vec<usize> = (0..*random.pick(&[3, 300])).collect();
    let amount = some(&many, random).into_iter().map(|n| n.map(|n| n as i32)).collect::<PrimitiveArray<Int32Type>>();
    let place = some(&many, random).into_iter().map(|n| n.map(|n| n as i64)).collect::<PrimitiveArray<Int64Type>>();
    let float = |n: usize| if n % 50 == 49 && wrong == 1 { f64::NAN } else { n as f64 / 4.0 };
    let share = some(&many, random).into_iter().map(|n| n.map(float)).collect::<PrimitiveArray<Float64Type>>();
    let page = some(&many, random).into_iter().map(|n| n.map(|n| format!("/p/{n}"))).collect::<StringArray>();
    let tiers = ["gold", "silver", "lead"];
    let tier = some(&[0, 1, 2][..2 + wrong], random).into_iter().map(|n| n.map(|n| tiers[n])).collect::<StringArray>();
    let kind = some(&[0, 1, 2, 3], random).into_iter().map(|n| n.map(|n| KINDS[n])).collect::<StringArray>();
    let each = 1 + random.below(9);
    let profile = (0..rows).map(|row| Some((row / each) as i64)).collect::<PrimitiveArray<Int64Type>>();
    let at = (0..rows as i64).map(|row| Some(NOW - 1_000_000 + (row * 7) % 1000));
    let at = at.collect::<PrimitiveArray<TimestampMicrosecondType>>().with_timezone("UTC");
    let columns: [(&str, ArrayRef); 8] = [
        ("amount", Arc::new(amount)),
        ("profileId", Arc::new(profile)),
        ("share", Arc::new(share)),
        ("page", Arc::new(page)),
        ("eventType", Arc::new(kind)),
        ("tier", Arc::new(tier)),
        ("place", Arc::new(place)),
        ("timestamp", Arc::new(at)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
}

fn written(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn project(random: &mut Random, folder: &Path, rows: usize) -> Project {
    let ids = (0..rows as i64).map(Some).collect::<PrimitiveArray<Int64Type>>();
    let people = RecordBatch::try_from_iter([("_id", Arc::new(ids) as ArrayRef)]).unwrap();
    std::fs::write(folder.join("p.parquet"), written(&people, WriterProperties::default())).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(random.percent(75))
        .set_dictionary_page_size_limit(*random.pick(&[200, 1 << 20]))
        .set_data_page_row_count_limit(*random.pick(&[7, 100]))
        .set_write_batch_size(*random.pick(&[5, 64]))
        .set_max_row_group_row_count(Some(*random.pick(&[130, 200])));
    std::fs::write(folder.join("e.parquet"), written(&events(random, rows), properties.build())).unwrap();
    let setting = |(key, value): (&str, &str)| Override { key: key.into(), value: value.into() };
    let settings = [("profiles.files", "p.parquet"), ("events.files", "e.parquet")].map(setting);
    default_project(&settings).0
}

/// The events of each profile with what is looked at of them.
fn shown(block: &Block, row: usize, reads: &EventReads) -> String {
    let mut text = block.ids.get(row).unwrap().to_owned();
    let events = &block.events;
    let own = events.by_profile_offsets[row] as usize..events.by_profile_offsets[row + 1] as usize;
    for &event in &events.by_profile[own] {
        let (name, _) = events.types.iter().find(|(_, range)| range.rows.contains(&event)).unwrap();
        let event = event as usize;
        let _ = write!(text, "; {name} {} {}", events.time[event], events.rank[event]);
        for (path, column) in &events.table.columns {
            let is_looked_at = reads.columns.get(path).is_none_or(|types| types.has(name));
            text += &if is_looked_at { format!(" {}", value(column, event)) } else { " .".to_owned() };
        }
    }
    text
}

fn all(data: &Dataset, reads: &EventReads) -> Vec<String> {
    data.blocks.iter().flat_map(|block| (0..block.ids.len()).map(|row| shown(block, row, reads))).collect()
}

#[test]
fn what_is_not_looked_at_changes_nothing() {
    let (schema, needs) = asked();
    let mut findings = 0;
    for seed in 0..80 {
        let mut random = Random::new(seed);
        let (folder, rows) = (tempfile::tempdir().unwrap(), 300 + random.below(300));
        let project = project(&mut random, folder.path(), rows);
        let mut reads = EventReads::default();
        for name in COLUMNS {
            let mut types = Types::default();
            KINDS.iter().filter(|_| random.percent(30)).for_each(|kind| types.add(Some(&(*kind).into())));
            if random.percent(80) {
                reads.columns.insert(FieldPath::from([FieldStep::Field(name.into())]), types);
            }
        }
        let whole = load(&project, folder.path(), &schema, &needs, NOW).unwrap();
        let mut found = Vec::new();
        let mut run = |partition: &Partition| {
            found.extend(partition.places.iter().copied().zip(all(&partition.dataset, &reads)));
            true
        };
        let read_by = (&schema, &needs, &reads);
        let progress = Progress::default();
        let parts = in_partitions((&project, folder.path()), read_by, NOW, 150, &progress, &mut run).unwrap();
        found.sort();
        let found: Vec<String> = found.into_iter().map(|(_, profile)| profile).collect();
        assert_eq!(found, all(&whole.dataset, &reads), "seed {seed}");
        assert_eq!(parts.unwrap().report.to_json(), whole.report.to_json(), "seed {seed}");
        findings += usize::from(!whole.report.is_clean());
    }
    assert!(findings > 10, "{findings}");
}
