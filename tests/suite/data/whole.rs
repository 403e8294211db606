//! Batches whose columns are taken whole give what their records give: the same data, the same report, with its lines.

use std::sync::Arc;

use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, LargeStringArray, PrimitiveArray, RecordBatch, StringArray,
    StringViewArray, StructArray,
};
use arrow_schema::Field;
use parquet::arrow::ArrowWriter;
use segc::data::Loaded;
use segc::store::{Needs, Space};
use segc::types::{Digits, Ty};

use super::ndjson::{load_files, schema};
use super::show::{dataset, entries, needs};
use crate::conformance::Random;

const TEXTS: [&str; 12] =
    ["", "a", "b", "gold", "silver", "a|b", "nul\0", "Zoë", "12", "2020-02-30", "2026-11-01T11:00:00Z", "0.125"];
const FLOATS: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    12.5,
    0.001,
    0.005,
    -2.675,
    99_999_999.99,
    99_999_999.995,
    1e300,
    5e-324,
    9_007_199_254_740_993.0,
    f64::NAN,
    f64::INFINITY,
    17_850.0,
    0.1 + 0.2,
];
const INSTANTS: [i64; 6] = [0, 1_793_000_000_000_000, 1_774_746_000_000_000, -62_135_596_800_000_001, i64::MAX, -1];

/// An array of some type of so many rows, about a fifth of them absent. Some arrays have one kind of value throughout.
fn array(random: &mut Random, rows: usize) -> ArrayRef {
    let usual = random.percent(50);
    let mut present = {
        let absent = *random.pick(&[0, 20, 100]);
        let mut random = random.clone();
        move || !random.percent(absent)
    };
    let mut text = |random: &mut Random| {
        let from = if usual { &TEXTS[1..5] } else { &TEXTS[..] };
        present().then(|| *random.pick(from))
    };
    match random.below(8) {
        0 => Arc::new((0..rows).map(|_| text(random)).collect::<StringArray>()),
        1 => Arc::new((0..rows).map(|_| text(random)).collect::<LargeStringArray>()),
        2 => Arc::new((0..rows).map(|_| text(random)).collect::<StringViewArray>()),
        3 => Arc::new((0..rows).map(|_| text(random)).collect::<DictionaryArray<arrow_array::types::Int32Type>>()),
        4 => {
            let from = if usual { &FLOATS[..4] } else { &FLOATS[..] };
            Arc::new((0..rows).map(|_| present().then(|| *random.pick(from))).collect::<PrimitiveArray<Float64Type>>())
        }
        5 => Arc::new(
            (0..rows).map(|_| present().then(|| random.between(-3, 300))).collect::<PrimitiveArray<Int64Type>>(),
        ),
        6 => {
            let from = if usual { &INSTANTS[..3] } else { &INSTANTS[..] };
            let values: PrimitiveArray<TimestampMicrosecondType> =
                (0..rows).map(|_| present().then(|| *random.pick(from))).collect();
            match random.below(3) {
                0 => Arc::new(values),
                1 => Arc::new(values.with_timezone("+00:00")),
                _ => Arc::new(values.unary::<_, TimestampMillisecondType>(|micros| micros / 1000)),
            }
        }
        _ => Arc::new((0..rows).map(|_| present().then(|| random.percent(50))).collect::<BooleanArray>()),
    }
}

/// The fields of profiles, each of some type; ids are mostly of one.
fn batch(random: &mut Random, rows: usize) -> RecordBatch {
    let names = ["course", "number", "name", "tier", "born", "since", "points", "spent", "rate", "optIn"];
    let mut columns: Vec<(String, ArrayRef)> =
        names.iter().map(|name| ((*name).to_owned(), array(random, rows))).collect();
    let ids: Vec<Option<String>> =
        (0..rows).map(|_| (!random.percent(10)).then(|| random.below(rows).to_string())).collect();
    let ids: ArrayRef = match random.below(3) {
        0 => Arc::new(StringArray::from(ids)),
        1 => Arc::new(LargeStringArray::from(ids)),
        _ => array(random, rows),
    };
    columns.push(("_id".into(), ids));
    let city = array(random, rows);
    let field = Arc::new(Field::new("city", city.data_type().clone(), true));
    columns.push(("home".into(), Arc::new(StructArray::from(vec![(field, city)]))));
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn parquet(batch: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

pub(super) fn arrow(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    for at in (0..batch.num_rows()).step_by(7) {
        writer.write(&batch.slice(at, 7.min(batch.num_rows() - at))).unwrap();
    }
    writer.into_inner().unwrap()
}

/// What is asked for; with the rows of a map, whose batches are never taken whole.
fn asked(record_by_record: bool) -> Needs {
    let money = Ty::Decimal(Digits { precision: 10, scale: 2 });
    let columns: [(&str, Ty); 9] = [
        ("name", Ty::String),
        ("tier", segc::schema::closed_enum(["gold", "silver"])),
        ("born", Ty::Date),
        ("since", Ty::Timestamp),
        ("points", Ty::Int),
        ("spent", money),
        ("rate", Ty::Float),
        ("optIn", Ty::Bool),
        ("home.city", Ty::String),
    ];
    match record_by_record {
        true => needs(&[(Space::Profiles, &columns), (entries(&Space::Profiles, "consents"), &[("", Ty::Bool)])]),
        false => needs(&[(Space::Profiles, &columns)]),
    }
}

/// The profiles and the report, or what is wrong.
pub(super) fn read(file: (&str, &[u8]), settings: &[&str], record_by_record: bool) -> String {
    let Loaded { dataset: data, report, .. } = match load_files(&[file], settings, &schema(), &asked(record_by_record))
    {
        Ok(loaded) => loaded,
        Err(errors) => return format!("{errors:?}"),
    };
    // The map that nobody has, and a file that lacks its column, are not what is compared.
    let told = dataset(&data) + &report.to_text();
    told.lines().filter(|line| !line.contains("consents") && !line.contains("columns")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_batch_taken_whole_is_what_its_records_are() {
    let (mut with_profiles, mut reported) = (0, 0);
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let rows = random.below(30) + 1;
        let batch = batch(&mut random, rows);
        let (name, bytes) = match random.below(2) {
            0 => ("p.parquet", parquet(&batch)),
            _ => ("p.arrow", arrow(&batch)),
        };
        let files = format!("profiles.files={name}");
        let mut settings = vec![files.as_str()];
        if random.percent(60) {
            settings.push("profiles.zone=Europe/Berlin");
        }
        if random.percent(30) {
            settings.push(r#"profiles.id={ join = ["course", "number"], with = "|" }"#);
        }
        let whole = read((name, &bytes), &settings, false);
        let apart = read((name, &bytes), &settings, true);
        assert_eq!(whole, apart, "seed {seed}: {settings:?}\n{batch:?}");
        assert!(!whole.contains("the reader failed"), "seed {seed}: {whole}");
        with_profiles += usize::from(whole.contains("profile "));
        reported += usize::from(whole.contains(" (") && whole.contains(":1"));
    }
    assert!(with_profiles > 200 && reported > 100, "{with_profiles} {reported}");
}

/// What a text says, rounded to hundredths: half a hundredth goes away from zero.
fn hundredths(text: &str) -> i128 {
    let (digits, exponent) = text.split_once('e').unwrap();
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len()) as i32;
    let digits: i128 = digits.replace('.', "").parse().unwrap();
    match exponent.parse::<i32>().unwrap() - behind + 2 {
        shift @ 0.. => digits * 10i128.pow(shift as u32),
        shift => {
            let unit = 10i128.pow(shift.unsigned_abs());
            digits.signum() * ((2 * digits.abs() + unit) / (2 * unit))
        }
    }
}

#[test]
fn a_double_is_the_decimal_that_its_shortest_text_is() {
    let mut random = Random::new(3);
    let mut values: Vec<f64> =
        FLOATS.into_iter().filter(|x| x.is_finite() && x.abs() < 1e8 && x.abs() > 1e-20).collect();
    for _ in 0..5000 {
        let written = random.between(-9_999_999_999, 9_999_999_999) as f64 / 1e4;
        let near = written * 100.0;
        values.extend([
            written,
            written.next_up(),
            written.next_down(),
            near.round() / 100.0,
            near.trunc() / 100.0 + 0.005,
        ]);
    }
    values.retain(|x| x.abs() < 99_999_999.9);
    let ids: StringArray = (0..values.len()).map(|row| Some(format!("{row:06}"))).collect();
    let spent: PrimitiveArray<Float64Type> = values.iter().map(|x| Some(*x)).collect();
    let columns: [(&str, ArrayRef); 2] = [("_id", Arc::new(ids)), ("spent", Arc::new(spent))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let told = read(("p.arrow", &arrow(&batch)), &["profiles.files=p.arrow"], false);
    let found: Vec<&str> = told.lines().filter_map(|line| line.split_once("spent=")?.1.split(' ').next()).collect();
    assert_eq!(found.len(), values.len());
    for (value, found) in values.iter().zip(found) {
        let found: i128 = found.trim_end_matches('d').parse().unwrap();
        assert_eq!(found, hundredths(&format!("{value:e}")), "{value:e}");
    }
}
