//! Scores that were made elsewhere, in a database: a table of their own, which is told of, and read.

use super::{NOW, file, fill, open, output, project};

#[test]
fn scores_have_a_table_of_their_own() {
    let folder = project();
    let segments = r#"
propensity churn from "scores.csv" { kind churn  scale percent  value at p_churn  scored at run_at  max age 30 days }
segment likely { where propensity.churn.probability > 0.5 }
"#;
    std::fs::write(folder.path().join("segments.seg"), segments).unwrap();
    let ddl = output(folder.path(), &["compile", "--emit", "ddl"]);
    assert!(!ddl.contains("propensity") && !ddl.contains("scores.csv"), "{ddl}");
    let table =
        "CREATE TABLE \"churn\" (\n  \"_id\" VARCHAR NOT NULL,\n  \"p_churn\" DOUBLE,\n  \"run_at\" TIMESTAMPTZ\n)";
    assert!(ddl.contains(table), "{ddl}");
    let url = file(folder.path());
    fill(folder.path(), &url, "duckdb");
    let scores = "INSERT INTO churn VALUES ('a', 40, '2026-11-20 00:00:00+00'), ('b', 51, '2026-11-20 00:00:00+00'), \
                  ('c', 99, '2026-01-20 00:00:00+00'), ('nobody', 99, '2026-11-20 00:00:00+00')";
    open(&url, true).execute(scores).unwrap();
    let csv = output(folder.path(), &["run", "--on", &url, "--now", NOW, "--output", "-"]);
    assert_eq!(csv.lines().skip(1).collect::<Vec<_>>(), ["likely,b"]);
}
