//! Segments that a database's SQL cannot express: all of them are told at once, and the others run if that is asked for.

use super::{NOW, expected, members, open, output, rows};
use crate::ci::{segc, shown};

/// SQLite has no regular expressions.
const REFUSED: &str =
    "segment coded { where country matches \"^(S|X)+E$\" }\nsegment also_coded { where coded and points > 1 }\n";

/// The shop in a file of SQLite, with segments that are refused there, and its URL.
pub(super) fn shop() -> (tempfile::TempDir, String) {
    let folder = super::project();
    std::fs::write(folder.path().join("more.seg"), REFUSED).unwrap();
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    let mut rows = super::ROWS.replace(".000001+00", "+00");
    for time in ["2026-11-20 10", "2026-11-20 11", "2026-01-20 11", "2026-11-01 10", "2026-11-03 10", "2026-11-04 10"] {
        let at = format!("'{time}:00:00+00'");
        rows = rows.replace(&at, &format!("1000000 * unixepoch('{time}:00:00')"));
    }
    super::fill_with(folder.path(), &url, "sqlite", &rows);
    open(&url, true).execute("UPDATE events SET timestamp = timestamp + 1 WHERE profile_id = 'd' AND \"eventType\" = 'view' AND channel IS NULL").unwrap();
    (folder, url)
}

#[test]
fn segments_that_are_refused_are_told_at_once_and_left_out_if_asked() {
    let (folder, url) = shop();
    let output_of = |more: &[&str]| segc(folder.path(), &[&["run", "--on", &url, "--now", NOW], more].concat());
    let refused = output_of(&[]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    let told = "2 segments cannot run there: coded, also_coded; `--skip-refused` runs the other 6";
    assert!(shown(&refused).contains(told), "{}", shown(&refused));
    assert!(shown(&refused).contains("2 errors") && shown(&refused).contains("more.seg:2"), "{}", shown(&refused));

    let left_out = output_of(&["--skip-refused", "--format", "json"]);
    assert_eq!(left_out.status.code(), Some(0), "{}", shown(&left_out));
    let stderr = String::from_utf8(left_out.stderr).unwrap();
    assert!(stderr.contains("warning[") && stderr.contains("left out 2 segments: coded, also_coded"), "{stderr}");
    let table: serde_json::Value = serde_json::from_slice(&left_out.stdout).unwrap();
    assert_eq!(table["segments"].as_array().unwrap().len(), 6);
    assert_eq!(table["refused"][0]["segment"], "coded");
    assert!(table["refused"][1]["why"][0].as_str().unwrap().contains("regular expression"), "{table}");

    let none = output_of(&["--skip-refused", "-s", "coded"]);
    assert_eq!(none.status.code(), Some(1), "nothing would be left: {}", shown(&none));
    assert!(!shown(&none).contains("--skip-refused"), "{}", shown(&none));
}

#[test]
fn memberships_of_segments_that_are_left_out_stay() {
    let (folder, url) = shop();
    let mut session = open(&url, true);
    session.execute("CREATE TABLE audience (segment TEXT, profile_id TEXT)").unwrap();
    session.execute("INSERT INTO audience VALUES ('coded', 'z'), ('best', 'z')").unwrap();
    drop(session);
    let args = ["run", "--on", &url, "--now", NOW, "--into", "audience", "--skip-refused", "--format", "json"];
    let run = segc(folder.path(), &args);
    let told = "left out 2 segments, whose rows in audience stay as they are: coded, also_coded";
    assert!(run.status.success() && shown(&run).contains(told), "{}", shown(&run));
    let kept = rows(&mut open(&url, false), "SELECT segment, profile_id FROM audience");
    let mut all = expected();
    all.push("coded z".to_owned());
    all.sort();
    assert_eq!(kept, all);
    let table: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((&table["into"], &table["refused"][0]["segment"]), (&"audience".into(), &"coded".into()));
    for counted in table["segments"].as_array().unwrap() {
        let name = format!("{} ", counted["segment"].as_str().unwrap());
        let members = expected().iter().filter(|row| row.starts_with(&name)).count();
        assert_eq!(counted["members"], members, "{name}");
    }
    open(&url, true).execute("CREATE TABLE other (segment TEXT, who TEXT)").unwrap();
    let other = segc(folder.path(), &["run", "--on", &url, "--now", NOW, "--into", "other", "--skip-refused"]);
    let told = "memberships go into the columns segment and profile_id";
    assert!(!other.status.success() && shown(&other).contains(told), "{}", shown(&other));

    std::fs::remove_file(folder.path().join("more.seg")).unwrap();
    assert_eq!(members(folder.path(), &url), expected());
    let none = output(folder.path(), &["run", "--on", &url, "--now", NOW, "--skip-refused", "--format", "json"]);
    assert!(none.contains("\"refused\": []"), "{none}");
}
