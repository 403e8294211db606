//! Members into files.

use std::path::Path;

use segc::data::output::{Members, OutputFormat, write, write_file};

fn members() -> Vec<Members> {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).into()).collect();
    vec![
        Members { segment: "plain".into(), ids: ids(&["a", "b,\"c\"", "=1"]), keys: None },
        Members { segment: "empty".into(), ids: ids(&[]), keys: None },
        Members { segment: "best".into(), ids: ids(&["z", "a"]), keys: Some(vec![Some("0.9".into()), None]) },
    ]
}

fn text(format: OutputFormat, members: &[Members]) -> String {
    let mut out = Vec::new();
    write(&mut out, format, members).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn members_as_text() {
    let all = members();
    insta::assert_snapshot!([
        text(OutputFormat::Csv, &all),
        text(OutputFormat::Csv, &all[..2]),
        text(OutputFormat::Ndjson, &all),
        text(OutputFormat::Counts, &all),
    ]
    .join("--\n"), @r#"
    segment,profile_id,rank,key
    plain,a,,
    plain,"b,""c""",,
    plain,=1,,
    best,z,1,0.9
    best,a,2,
    --
    segment,profile_id
    plain,a
    plain,"b,""c"""
    plain,=1
    --
    {"segment":"plain","profile_id":"a"}
    {"segment":"plain","profile_id":"b,\"c\""}
    {"segment":"plain","profile_id":"=1"}
    {"segment":"best","profile_id":"z","rank":1,"key":"0.9"}
    {"segment":"best","profile_id":"a","rank":2,"key":null}
    --
    segment,members
    plain,3
    empty,0
    best,2
    "#);
}

#[test]
fn binary_outputs_hold_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let formats = [("m.parquet", OutputFormat::Parquet), ("m.arrow", OutputFormat::Arrow)];
    for (name, format) in formats {
        assert_eq!(OutputFormat::of_name(name), Some(format));
        write_file(&file(name), format, &members(), false).unwrap();
    }
    let parquet = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(
        std::fs::File::open(file("m.parquet")).unwrap(),
        1024,
    )
    .unwrap();
    let arrow = arrow_ipc::reader::FileReader::try_new(std::fs::File::open(file("m.arrow")).unwrap(), None).unwrap();
    let parquet: Vec<_> = parquet.map(Result::unwrap).collect();
    let arrow: Vec<_> = arrow.map(Result::unwrap).collect();
    assert_eq!(parquet, arrow);
    let mut lines = arrow_json::LineDelimitedWriter::new(Vec::new());
    arrow.iter().for_each(|batch| lines.write(batch).unwrap());
    let expected = text(OutputFormat::Ndjson, &members()).replace(",\"key\":null", "");
    assert_eq!(String::from_utf8(lines.into_inner()).unwrap(), expected);
}

fn names(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_is_replaced_only_when_asked_and_never_half() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.csv");
    std::fs::write(&path, "precious").unwrap();
    let refused = write_file(&path, OutputFormat::Csv, &members(), false).unwrap_err();
    assert_eq!(refused.code.info().name, "output-exists");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    write_file(&path, OutputFormat::Csv, &members(), true).unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("segment,"));
    let nowhere = folder.path().join("none/m.csv");
    let failed = write_file(&nowhere, OutputFormat::Csv, &members(), false).unwrap_err();
    assert_eq!(failed.code.info().name, "unwritable-output");
    assert_eq!(names(folder.path()), ["m.csv"], "nothing else is left behind");
}
