//! The same rows in every format give the same data set.

use std::io::Write as _;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Fields, Schema as ArrowSchema, TimeUnit};
use parquet::arrow::ArrowWriter;
use segc::data::Loaded;
use serde_json::Value;

use super::ndjson::{all, load_files, schema};
use super::show::dataset;

const PROFILES: &str = r#"{"_id":"b","name":"Bo \"B\", Åse\nLi","tier":"gold","born":"1990-02-28","since":"2020-01-01T00:00:00Z","points":7,"spent":12.5,"rate":0.1,"optIn":true,"tags":["x","y"],"home":{"city":"Oslo"},"consents":{"sms":false,"email":true},"identities":{"z":{"state":"open"},"a":{"state":null}},"propensity":{"churn":{"probability":0.25,"factors":[{"feature":"f"},{"feature":"g"}]}}}
{"_id":"a","tags":[],"points":3,"spent":7,"optIn":false,"home":{"city":"Bø"}}
{"_id":"c","name":"C","rate":-2.5,"born":"0001-01-01","consents":{}}
"#;
const EVENTS: &str = r#"{"_id":"e3","profileId":"a","eventType":"buy","timestamp":"2026-11-01T11:00:00Z","order":{"total":9.99},"items":[{"sku":"s1","count":2,"options":[{"name":"o1"},{"name":"o2"}]},{"sku":"s2"}]}
{"_id":"e2","profileId":"a","eventType":"view","timestamp":"2026-11-01T11:00:00Z","items":[{"count":1}]}
{"_id":"e1","profileId":"b","eventType":"view","timestamp":"2026-10-01T00:00:00.123456Z"}
{"_id":"e4","profileId":"a","eventType":"view","timestamp":"2026-09-01T00:00:00Z","items":[]}
{"_id":"e5","profileId":"nobody","eventType":"view","timestamp":"2026-09-01T00:00:00Z"}
"#;
const PRODUCTS: &str = "{\"sku\":\"s1\",\"brand\":\"Acme\"}\n{\"sku\":\"s2\"}\n";

fn list(inner: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", inner, true)))
}

fn object(fields: &[(&str, DataType)]) -> DataType {
    DataType::Struct(fields.iter().map(|(name, ty)| Field::new(*name, ty.clone(), true)).collect::<Fields>())
}

fn map(value: DataType) -> DataType {
    let entries = Fields::from(vec![Field::new("key", DataType::Utf8, false), Field::new("value", value, true)]);
    DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(entries), false)), false)
}

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))
}

fn profile_columns() -> Vec<(&'static str, DataType)> {
    let text = || DataType::Utf8;
    vec![
        ("_id", text()),
        ("name", DataType::Dictionary(Box::new(DataType::Int32), Box::new(text()))),
        ("tier", DataType::LargeUtf8),
        ("born", DataType::Date32),
        ("since", instant()),
        ("points", DataType::Int32),
        ("spent", DataType::Decimal128(12, 3)),
        ("rate", DataType::Float64),
        ("optIn", DataType::Boolean),
        ("tags", list(text())),
        ("home", object(&[("city", text())])),
        ("consents", map(DataType::Boolean)),
        ("identities", map(object(&[("state", text())]))),
        (
            "propensity",
            object(&[(
                "churn",
                object(&[("probability", DataType::Float64), ("factors", list(object(&[("feature", text())])))]),
            )]),
        ),
    ]
}

fn event_columns() -> Vec<(&'static str, DataType)> {
    let text = || DataType::Utf8;
    let item = object(&[("sku", text()), ("count", DataType::Int64), ("options", list(object(&[("name", text())])))]);
    vec![
        ("_id", text()),
        ("profileId", text()),
        ("eventType", text()),
        ("timestamp", instant()),
        ("order", object(&[("total", DataType::Float64)])),
        ("items", list(item)),
    ]
}

fn product_columns() -> Vec<(&'static str, DataType)> {
    vec![("sku", DataType::Utf8), ("brand", DataType::Utf8View)]
}

/// The rows as Arrow batches. Dictionaries and views are cast to, since the JSON decoder does not make them.
fn batches(ndjson: &str, columns: &[(&str, DataType)]) -> RecordBatch {
    let plain = |ty: &DataType| match ty {
        DataType::Dictionary(_, value) => (**value).clone(),
        DataType::Utf8View => DataType::Utf8,
        other => other.clone(),
    };
    let fields = |f: &dyn Fn(&DataType) -> DataType| {
        Arc::new(ArrowSchema::new(columns.iter().map(|(n, t)| Field::new(*n, f(t), true)).collect::<Vec<_>>()))
    };
    let mut decoder = arrow_json::ReaderBuilder::new(fields(&plain)).build_decoder().unwrap();
    decoder.decode(ndjson.as_bytes()).unwrap();
    let batch = decoder.flush().unwrap().unwrap();
    let cast = batch.columns().iter().zip(columns).map(|(c, (_, ty))| arrow_cast::cast(c, ty).unwrap());
    RecordBatch::try_new(fields(&Clone::clone), cast.collect()).unwrap()
}

/// A Parquet file with a row group for each two rows.
pub fn parquet(ndjson: &str, columns: &[(&str, DataType)]) -> Vec<u8> {
    parquet_of_groups(2, ndjson, columns)
}

/// A Parquet file with so many rows in each row group.
pub fn parquet_of_groups(rows: usize, ndjson: &str, columns: &[(&str, DataType)]) -> Vec<u8> {
    let batch = batches(ndjson, columns);
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_max_row_group_row_count(Some(rows))
        .set_compression(parquet::basic::Compression::SNAPPY)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn arrow_file(ndjson: &str, columns: &[(&str, DataType)]) -> Vec<u8> {
    let batch = batches(ndjson, columns);
    let options = arrow_ipc::writer::IpcWriteOptions::default()
        .try_with_compression(Some(arrow_ipc::CompressionType::LZ4_FRAME))
        .unwrap();
    let mut writer = arrow_ipc::writer::FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    for at in 0..batch.num_rows() {
        writer.write(&batch.slice(at, 1)).unwrap();
    }
    writer.into_inner().unwrap()
}

fn arrow_stream(ndjson: &str, columns: &[(&str, DataType)]) -> Vec<u8> {
    let batch = batches(ndjson, columns);
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// The rows as CSV: objects as columns with dotted names where every value is a scalar, else cells of JSON.
fn csv(ndjson: &str, columns: &[&str]) -> Vec<u8> {
    let mut text = columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",") + "\r\n";
    for line in ndjson.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let cell = |column: &&str| {
            let value = column.split('.').fold(&record, |at, step| &at[step]);
            match value {
                Value::Null => String::new(),
                Value::String(text) => format!("\"{}\"", text.replace('"', "\"\"")),
                Value::Array(_) | Value::Object(_) => format!("\"{}\"", value.to_string().replace('"', "\"\"")),
                other => other.to_string(),
            }
        };
        text += &columns.iter().map(cell).collect::<Vec<_>>().join(",");
        text += "\r\n";
    }
    text.into_bytes()
}

const PROFILE_COLUMNS: [&str; 14] = [
    "_id",
    "name",
    "tier",
    "born",
    "since",
    "points",
    "spent",
    "rate",
    "optIn",
    "tags",
    "home.city",
    "consents",
    "identities",
    "propensity.churn",
];
const EVENT_COLUMNS: [&str; 6] = ["order.total", "items", "timestamp", "eventType", "profileId", "_id"];

fn load_as(extension: &str, profiles: Vec<u8>, events: Vec<u8>, products: Vec<u8>) -> Loaded {
    let name = |stem: &str| format!("{stem}.{extension}");
    let (p, e, c) = (name("p"), name("e"), name("c"));
    let settings = [
        format!("profiles.files={p}"),
        format!("events.files={e}"),
        "events.id=_id".to_owned(),
        format!("classes.product.files={c}"),
    ];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    load_files(&[(&p, &profiles), (&e, &events), (&c, &products)], &settings, &schema(), &all()).unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

#[test]
fn all_formats_give_one_data_set() {
    let (p, e, c) = (PROFILES, EVENTS, PRODUCTS);
    let (pc, ec, cc) = (profile_columns(), event_columns(), product_columns());
    let json = |t: &str| t.as_bytes().to_vec();
    let expected = load_as("ndjson", json(p), json(e), json(c));
    assert_eq!(expected.report.findings.iter().count(), 1, "{}", expected.report.to_text());
    let others = [
        ("ndjson.gz", gz(p.as_bytes()), gz(e.as_bytes()), gz(c.as_bytes())),
        ("ndjson.zst", zst(p.as_bytes()), zst(e.as_bytes()), zst(c.as_bytes())),
        ("csv", csv(p, &PROFILE_COLUMNS), csv(e, &EVENT_COLUMNS), csv(c, &["sku", "brand"])),
        ("csv.gz", gz(&csv(p, &PROFILE_COLUMNS)), gz(&csv(e, &EVENT_COLUMNS)), gz(&csv(c, &["brand", "sku"]))),
        ("parquet", parquet(p, &pc), parquet(e, &ec), parquet(c, &cc)),
        ("arrow", arrow_file(p, &pc), arrow_file(e, &ec), arrow_file(c, &cc)),
        ("arrows", arrow_stream(p, &pc), arrow_stream(e, &ec), arrow_stream(c, &cc)),
    ];
    for (extension, profiles, events, products) in others {
        let found = load_as(extension, profiles, events, products);
        pretty(&dataset(&found.dataset), &dataset(&expected.dataset), extension);
        assert_eq!(found.report.findings.count(segc::data::report::Kind::UnknownProfile), 1, "{extension}");
    }
}

fn pretty(found: &str, expected: &str, what: &str) {
    for (f, e) in found.lines().zip(expected.lines()) {
        assert_eq!(f, e, "{what}");
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{what}");
}

#[test]
fn flat_columns_of_other_names_are_mapped() {
    let profiles = "kunde;by;opt\n17;Oslo;1\n18.0;;0\n";
    let events = "kunde,type,når,sum\n17,buy,2026-11-01 12:00:00,9.90\n18,buy,2026-07-01T12:00:00,\n";
    let settings = [
        "profiles.files=p.txt",
        "profiles.delimiter=;",
        "profiles.id=kunde",
        "profiles.columns.home.city=by",
        "profiles.columns.optIn=opt",
        "events.files=e.csv",
        "events.profile=kunde",
        "events.type=type",
        "events.timestamp=når",
        "events.zone=Europe/Oslo",
        "events.columns.order.total=sum",
    ];
    let files: [(&str, &[u8]); 2] = [("p.txt", profiles.as_bytes()), ("e.csv", events.as_bytes())];
    let needs = super::show::needs(&[
        (segc::store::Space::Profiles, &[("home.city", segc::types::Ty::String), ("optIn", segc::types::Ty::Bool)]),
        (
            segc::store::Space::Events,
            &[("order.total", segc::types::Ty::Float), ("timestamp", segc::types::Ty::Timestamp)],
        ),
    ]);
    let loaded = load_files(&files, &settings, &schema(), &needs).unwrap();
    insta::assert_snapshot!(dataset(&loaded.dataset) + &loaded.report.to_text());
}

#[test]
fn events_of_one_type_and_profiles_from_events() {
    let settings = [
        "profiles.from_events=true",
        "events.files=*.csv",
        "events.profile=who",
        "events.timestamp=day",
        "events.unit=days",
        "events.type={ value = \"buy\" }",
    ];
    let files: [(&str, &[u8]); 2] = [("a.csv", b"who,day\nx,1\ny,2\n"), ("b.csv", b"day,who\n0,x\n")];
    let needs = super::show::needs(&[(segc::store::Space::Events, &[("eventType", segc::types::Ty::String)])]);
    let loaded = load_files(&files, &settings, &schema(), &needs).unwrap();
    insta::assert_snapshot!(dataset(&loaded.dataset) + &loaded.report.to_text());
}

/// The profiles of this page as Parquet.
pub fn profiles_parquet() -> Vec<u8> {
    parquet(PROFILES, &profile_columns())
}

/// The events of this page as Parquet.
pub fn events_parquet() -> Vec<u8> {
    parquet(EVENTS, &event_columns())
}
