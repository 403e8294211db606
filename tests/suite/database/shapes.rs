//! `segc compile --shape`: each shape is run, and gives the members that the reference expects.

use insta::assert_snapshot;

use super::{MEMBERS, NOW, expected, file, open, output, rows, shop};

/// The files that a shape is written as, by name.
fn files(shop: &tempfile::TempDir, args: &[&str]) -> Vec<(String, String)> {
    output(shop.path(), &[&["compile", "--now", NOW, "--out-dir", "out"], args].concat());
    let mut files: Vec<(String, String)> = std::fs::read_dir(shop.path().join("out"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn statements(shop: &tempfile::TempDir, args: &[&str]) -> Vec<(String, String)> {
    let files = files(shop, args);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.trim_end_matches(".sql")).collect();
    assert_eq!(names, MEMBERS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    files.into_iter().map(|(name, text)| (name.trim_end_matches(".sql").to_owned(), text)).collect()
}

#[test]
fn one_statement_gives_the_members_of_all_segments() {
    let shop = shop();
    let one = output(shop.path(), &["compile", "--now", NOW, "--shape", "one-pass"]);
    assert_eq!(rows(&mut open(&file(shop.path()), false), &one), expected());
    let apart = output(shop.path(), &["compile", "--now", NOW]);
    let scans = |text: &str| text.matches("FROM \"events\"").count();
    assert!(scans(&one) > 0 && scans(&one) < scans(&apart), "{one}");
}

#[test]
fn views_and_tables_have_the_members_in_a_column_of_one_name() {
    for (shape, again) in [("view", "CREATE OR REPLACE VIEW"), ("table", "CREATE OR REPLACE TABLE")] {
        let shop = shop();
        let mut session = open(&file(shop.path()), true);
        session.execute("CREATE SCHEMA audiences").unwrap();
        for (name, text) in statements(&shop, &["--shape", shape, "--schema-name", "audiences"]) {
            assert!(text.contains(again), "{text}");
            session.execute(&text).unwrap_or_else(|fault| panic!("{fault}\n{text}"));
            session.execute(&text).unwrap_or_else(|fault| panic!("again: {fault}\n{text}"));
            let found = rows(&mut session, &format!("SELECT '{name}', profile_id FROM audiences.{name}"));
            let wanted: Vec<String> =
                expected().into_iter().filter(|row| row.starts_with(&format!("{name} "))).collect();
            assert_eq!(found, wanted);
        }
    }
}

#[test]
fn a_delta_tells_who_entered_and_who_left() {
    let shop = shop();
    let mut session = open(&file(shop.path()), true);
    session.execute("CREATE TABLE segment_memberships (segment TEXT, profile_id TEXT)").unwrap();
    session.execute("INSERT INTO segment_memberships VALUES ('buyers', 'b'), ('buyers', 'z'), ('best', 'd')").unwrap();
    let mut changes = Vec::new();
    for (_, text) in statements(&shop, &["--shape", "delta"]) {
        changes.extend(rows(&mut session, &text));
    }
    let mut wanted: Vec<String> = expected().into_iter().filter(|row| row != "buyers b").collect();
    wanted.iter_mut().for_each(|row| row.push_str(" entered"));
    wanted.extend(["buyers z left".to_owned(), "best d left".to_owned()]);
    wanted.sort();
    changes.sort();
    assert_eq!(changes, wanted);
    assert_snapshot!(statements(&shop, &["--shape", "delta", "--against", "crm.last"])[3].1);
    // The table of memberships may have a collation by which `Buyers` is `buyers`.
    let select = ["compile", "--now", NOW, "-s", "buyers", "--dialect", "mariadb", "--shape", "delta"];
    let there = output(shop.path(), &select);
    assert!(there.contains("m.`segment` COLLATE utf8mb4_nopad_bin = 'buyers'"), "{there}");
    assert!(there.contains("m.`profile_id` COLLATE utf8mb4_nopad_bin AS profile_id"), "{there}");
}

#[test]
fn dbt_models_hold_nothing_that_a_template_would_read() {
    let shop = shop();
    let files = files(&shop, &["--shape", "dbt"]);
    let select = output(shop.path(), &["compile", "--now", NOW, "-s", "lookers"]);
    let brace = "{{ '{' }}";
    let (mut models, mut session) = (0, open(&file(shop.path()), false));
    for (name, text) in &files {
        let Some(name) = name.strip_suffix(".sql") else { continue };
        models += 1;
        let (config, query) = text.split_once("\n\n").unwrap();
        assert_eq!(config, "{{ config(materialized='table', tags=['segc']) }}");
        let rendered = query.replace(brace, "\u{1}");
        assert!(!rendered.contains('{'), "{text}");
        let rendered = rendered.replace('\u{1}', "{");
        let found = rows(&mut session, &format!("SELECT '{name}', profile_id FROM ({rendered})"));
        let wanted: Vec<String> = expected().into_iter().filter(|row| row.starts_with(&format!("{name} "))).collect();
        assert_eq!(found, wanted);
    }
    assert_eq!(models, MEMBERS.len());
    assert!(select.contains("'{{x}}'"), "{select}");
    let schema = &files.iter().find(|(name, _)| name == "schema.yml").unwrap().1;
    assert_snapshot!(schema.split_inclusive('\n').take(70).collect::<String>());
}
