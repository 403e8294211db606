//! Columns of Parquet files that are decoded page by page give what the same arrays in an Arrow file give, however the
//! pages were written.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::whole::{arrow, read};
use crate::conformance::Random;

/// For each row a number below `distinct`, or nothing: in runs of up to `longest`.
fn numbers(random: &mut Random, rows: usize) -> Vec<Option<i64>> {
    let longest = *random.pick(&[1, 1, 9, 200]);
    let distinct = *random.pick(&[1, 3, 300, 100_000]);
    let absent = *random.pick(&[0, 2, 50, 98, 100]);
    let mut numbers = Vec::new();
    while numbers.len() < rows {
        let number = (!random.percent(absent)).then(|| random.below(distinct) as i64);
        numbers.extend(std::iter::repeat_n(number, random.below(longest) + 1));
    }
    numbers.truncate(rows);
    numbers
}

fn batch(random: &mut Random, rows: usize) -> RecordBatch {
    let ids: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
    let text = |random: &mut Random| -> ArrayRef {
        let numbers = numbers(random, rows).into_iter();
        Arc::new(numbers.map(|number| number.map(|number| format!("text {number}"))).collect::<StringArray>())
    };
    let (name, tier) = (text(random), text(random));
    let born = numbers(random, rows).into_iter().map(|n| n.map(|n| n as i32)).collect::<PrimitiveArray<Date32Type>>();
    let since = numbers(random, rows).into_iter().map(|n| n.map(|n| n * 1_000_003));
    let since = since.collect::<PrimitiveArray<TimestampMicrosecondType>>().with_timezone("UTC");
    let rate = numbers(random, rows).into_iter().map(|n| n.map(|n| n as f64 / 8.0));
    let points: ArrayRef = match random.below(2) {
        0 => Arc::new(numbers(random, rows).into_iter().collect::<PrimitiveArray<Int64Type>>()),
        _ => Arc::new(
            numbers(random, rows).into_iter().map(|n| n.map(|n| n as i32)).collect::<PrimitiveArray<Int32Type>>(),
        ),
    };
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("_id", Arc::new(StringArray::from(ids)), false),
        ("name", name, true),
        ("tier", tier, true),
        ("born", Arc::new(born), true),
        ("since", Arc::new(since), true),
        ("points", points, true),
        ("rate", Arc::new(rate.collect::<PrimitiveArray<Float64Type>>()), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn parquet(random: &mut Random, batch: &RecordBatch) -> Vec<u8> {
    let version = *random.pick(&[WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]);
    let mut properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_compression(*random.pick(&[Compression::UNCOMPRESSED, Compression::SNAPPY]))
        .set_dictionary_enabled(random.percent(75))
        .set_dictionary_page_size_limit(*random.pick(&[200, 1 << 20]))
        .set_data_page_row_count_limit(*random.pick(&[7, 100, 20_000]))
        .set_write_batch_size(*random.pick(&[5, 64, 1024]))
        .set_max_row_group_row_count(Some(*random.pick(&[130, 100_000])));
    if random.percent(15) {
        properties = properties.set_column_encoding("points".into(), Encoding::DELTA_BINARY_PACKED);
        properties = properties.set_column_dictionary_enabled("points".into(), false);
    }
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn pages_are_the_arrays_that_were_written() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let rows = *random.pick(&[1, 63, 64, 65, 500, 3000]);
        let batch = batch(&mut random, rows);
        let pages = read(("p.parquet", &parquet(&mut random, &batch)), &["profiles.files=p.parquet"], false);
        let arrays = read(("p.arrow", &arrow(&batch)), &["profiles.files=p.arrow"], false);
        assert_eq!(pages.replace("p.parquet", "p.arrow"), arrays, "seed {seed}");
        assert!(pages.matches("profile ").count() == rows, "seed {seed}: {pages}");
    }
}

/// Bytes that were changed give an error or other values, never a panic.
#[test]
fn damaged_pages_do_not_fail() {
    let mut read_all_the_same = 0;
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let batch = batch(&mut random, 500);
        let mut bytes = parquet(&mut random, &batch);
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len() - 2000.min(bytes.len() / 2));
            bytes[at] = random.below(256) as u8;
        }
        let found = read(("p.parquet", &bytes), &["profiles.files=p.parquet"], false);
        read_all_the_same += usize::from(found.contains("profile "));
    }
    assert!(read_all_the_same > 30, "{read_all_the_same}");
}
