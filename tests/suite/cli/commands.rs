//! The good path of every command.

use super::{NOW, Place};

#[test]
fn check_has_nothing_to_say() {
    let ran = Place::project().run(&["check"]).ends(0);
    assert_eq!(ran.out, "");
    assert_eq!(ran.err, "2 segments in 1 file: nothing to report\n");
}

#[test]
fn check_in_every_format() {
    let place = Place::project();
    place.write("wrong.seg", "segment wrong {\n    where citi == \"Oslo\"\n}\n");
    place.run(&["check"]).ends(1).says("wrong.seg:2:11").says("did you mean `city`?");
    let short = place.run(&["check", "--format", "short"]).ends(1);
    assert_eq!(short.out, "wrong.seg:2:11: error[SEG0201]: unknown name `citi`\n1 error\n");
    assert_eq!(short.err, "");
    let json = place.run(&["check", "--format", "json"]).ends(1);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["diagnostics"][0]["code"], "SEG0201");
}

#[test]
fn warnings_fail_only_when_they_are_denied() {
    let place = Place::project();
    place.write("more.seg", "let spare = points > 1\n");
    place.run(&["check"]).ends(0).says("warning[SEG0603]");
    place.run(&["check", "--deny-warnings"]).ends(1);
    place.run(&["check", "--lint", "unused-definition=deny"]).ends(1).says("error[SEG0603]");
    place.run(&["check", "--deny-warnings", "--lint", "SEG0603=allow"]).ends(0);
}

#[test]
fn a_file_of_a_project_is_not_blamed_for_what_others_use() {
    let place = Place::project();
    place.write("shared.seg", "let rich = points > 15\n");
    place.write("rich.seg", "import \"shared.seg\"\n\nsegment rich_ones {\n    where rich\n}\n");
    place.run(&["check", "--deny-warnings"]).ends(0);
    place.run(&["check", "--deny-warnings", "shared.seg"]).ends(0);
    place.run(&["check", "--deny-warnings", "shop.seg", "shared.seg"]).ends(0);
}

#[test]
fn run_counts_the_members() {
    let ran = Place::project().run(&["run", NOW]).ends(0);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "segment     members    share  first members",
            "buyers            1   33.33%  a",
            "lookers           1   33.33%  b",
        ]
    );
    assert!(lines[3].starts_with("2 segments over 3 profiles: read in "), "{}", lines[3]);
    assert_eq!(ran.err, "", "no progress bar where nobody looks");
}

/// What only other segments read is not looked at; what a segment is made of is.
#[test]
fn run_of_some_segments_computes_no_others() {
    let place = Place::project();
    place.write(
        "more.seg",
        "segment golden { where tier == \"gold\" }\n\
         segment best { where points > 0 rank by points limit 1 }\n\
         segment rest { where not best and not golden }\n",
    );
    place.write("profiles.csv", "id,tier,points\na,gold,10\nb,silver,20\nc,platinum,5\n");
    let run = |segment: &str| place.run(&["run", NOW, "-s", segment, "--output", "-"]).ends(0);
    // The best one is a result of an earlier pass over all profiles.
    let rest = run("rest").says("tier");
    assert_eq!(rest.out, "segment,profile_id\nrest,b\n");
    let best = run("best");
    assert_eq!(best.out, "segment,profile_id,rank,key\nbest,c,1,5\n");
    assert!(!best.err.contains("tier"), "{}", best.err);
    place.run(&["run", NOW, "-s", "bets"]).ends(2).says("did you mean `best`?");
}

#[test]
fn run_of_some_segments_as_json() {
    let ran = Place::project().run(&["run", NOW, "--segment", "lookers", "--format", "json"]).ends(0);
    let table: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(table["segments"], serde_json::json!([{ "segment": "lookers", "members": 1 }]));
    assert_eq!(table["profiles"], 3);
    assert_eq!(table["now"], "2026-11-23T12:00:00Z");
}

#[test]
fn members_go_to_standard_output() {
    let ran = Place::project().run(&["run", NOW, "--output", "-"]).ends(0).says("2 segments over 3 profiles");
    assert_eq!(ran.out, "segment,profile_id\nbuyers,a\nlookers,b\n");
    let place = Place::project();
    let ran = place.run(&["run", NOW, "--output", "-", "--output-format", "ndjson"]).ends(0);
    assert_eq!(ran.out.lines().next().unwrap(), r#"{"segment":"buyers","profile_id":"a"}"#);
}

#[test]
fn a_compiled_program_gives_the_same_members() {
    let place = Place::project();
    place.run(&["compile", "--emit", "bytecode", NOW, "--output", "all.segb"]).ends(0);
    let ran = place.run(&["run", "all.segb", "--output", "-"]).ends(0);
    assert_eq!(ran.out, "segment,profile_id\nbuyers,a\nlookers,b\n");
    place.run(&["run", "all.segb", NOW]).ends(2).says("a compiled program has its `now` in it");
    place.write("half.segb", &std::fs::read(place.path("all.segb")).unwrap()[..100]);
    place.run(&["run", "half.segb"]).ends(2).says("half.segb: ");
}

#[test]
fn test_reports_what_passed_and_what_failed() {
    let place = Place::project();
    place.run(&["test"]).ends(0).prints("1 test, 2 expectations: 2 passed, 0 failed");
    let wrong = super::SEGMENTS.replace("in last 7 days", "in last 9 days");
    place.write("shop.seg", wrong);
    place.run(&["test"]).ends(1).prints("1 passed, 1 failed").says("`bo` is in `buyers`");
}

#[test]
fn test_tells_why_and_what_no_test_has_seen() {
    let place = Place::project();
    place.write(
        "more.seg",
        "segment rich {\n    where points > 10\n      and (city == \"Oslo\" or not any(buy))\n}\n\n\
         test rich {\n    profile anna {\n        points: 20\n        city: \"Lund\"\n        events [\n            \
         buy at -1 days\n        ]\n    }\n    expect anna in rich\n}\n",
    );
    let ran = place.run(&["test"]).ends(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("2 tests, 3 expectations: 2 passed, 1 failed"), "{}", ran.out);
    assert_eq!(
        lines[1..],
        [
            "more.seg:2:11: in `rich` always true, false in no test: points > 10",
            "more.seg:3:12: in `rich` always false, true in no test: city == \"Oslo\"",
            "more.seg:3:34: in `rich` always true, false in no test: any(buy)",
            "1 of 3 segments without a test: lookers",
        ]
    );
    insta::assert_snapshot!(ran.err);
}

#[test]
fn tests_give_objects_of_related_classes() {
    let place = Place::project();
    let related = super::SCHEMA
        .replace("\"total\"", "\"product\": { \"type\": \"string\", \"meta:relationship\": \"product\" },\n\"total\"")
        .replace(
            "\"event\": {",
            "\"product\": { \"meta:key\": \"sku\", \"required\": [\"sku\"], \"properties\": {\n\
             \"sku\": { \"type\": \"string\" }, \"kind\": { \"type\": \"string\" } } },\n\"event\": {",
        );
    place.write("shop.json", related);
    let text = "segment shoes {\n    where any(buy where product.kind == \"shoes\")\n}\n\ntest shoes {\n    \
                product \"S1\" {\n        kind: \"shoes\"\n    }\n    product \"S2\" {}\n    \
                profile anna {\n        events [\n            buy at -1 days { product: \"S1\" }\n        ]\n    }\n    \
                profile bo {\n        events [\n            buy at -1 days { product: \"S2\" }\n        ]\n    }\n    \
                expect anna in shoes\n    expect bo not in shoes\n}\n";
    place.write("shop.seg", text);
    place.run(&["fmt", "--check"]).ends(0);
    place.run(&["test"]).ends(0).prints("2 passed, 0 failed");
    place.write("shop.seg", text.replace("product \"S1\" {", "prodct \"S1\" {"));
    place.run(&["check"]).ends(1).says("error[SEG0222]").says("did you mean `product`?");
    place.write("shop.seg", text.replace("product \"S1\" {", "product 1 {"));
    place.run(&["check"]).ends(1).says("shop.seg:6:13");
}

#[test]
fn names_of_segments_lead_nowhere_and_may_be_long() {
    let place = Place::project();
    place.write("hostile.seg", "segment `../outside` { where points > 1 }");
    place.run(&["compile", NOW, "--output", "sql"]).ends(2).says("`../outside.sql` cannot be a file of sql");
    place.write("hostile.seg", format!("segment {} {{ where points > 1 }}", "n".repeat(65_536)));
    place.run(&["run", NOW]).ends(0).prints("3 segments over 3 profiles");
}

#[test]
fn names_of_segments_that_differ_in_case_do_not_become_one() {
    let place = Place::project();
    place.write("alike.seg", "segment Buyers { where points > 1 }");
    let told = "`Buyers` and `buyers` differ only in case";
    place.run(&["compile", NOW, "--output", "sql"]).ends(2).says(told);
    assert!(!place.path("sql").exists());
    place.run(&["compile", NOW, "--output", "sql", "--locked"]).ends(2).says(told);
    place.run(&["compile", NOW, "--shape", "view"]).ends(2).says(told);
    place.run(&["compile", NOW, "--output", "sql", "--segment", "Buyers"]).ends(0);
    place.run(&["compile", NOW]).ends(0).prints("-- segment Buyers").prints("-- segment buyers");
}

#[test]
fn compile_emits_every_target() {
    let place = Place::project();
    place.run(&["compile", NOW]).ends(0).prints("-- segment buyers").prints("SELECT").prints("-- segment lookers");
    place.run(&["compile", NOW, "--segment", "lookers", "--output", "sql"]).ends(0).says("1 file in sql");
    let written = place.read("sql/lookers.sql");
    assert!(written.starts_with("-- segment lookers (shop.seg:6)\n"), "{written}");
    assert_eq!(written.matches("-- ").count(), 3, "its place, its definition and now, each once:\n{written}");
    place.run(&["compile", "--emit", "bytecode", NOW, "--output", "program"]).ends(0);
    place.run(&["run", "program"]).ends(0).prints("2 segments over 3 profiles");
    let ddl = place.run(&["compile", "--emit", "ddl"]).ends(0).prints("CREATE TABLE");
    assert_eq!(ddl.out.matches("\"_id\"").count(), 1, "of the events alone: {}", ddl.out);
    place.write("seg.toml", format!("{}id = \"eventNumber\"\n", super::PROJECT));
    let ddl = place.run(&["compile", "--emit", "ddl"]).ends(0).prints("\"eventNumber\"");
    assert!(!ddl.out.contains("_id"), "{}", ddl.out);
    place.write("seg.toml", super::PROJECT.replace("\"id\"", &format!("\"{}\"", "i".repeat(65))));
    let long = "`mariadb` cannot express a name of more than 64 characters";
    place.run(&["compile", "--emit", "ddl", "--dialect", "mariadb"]).ends(2).says(long);
    place.write("seg.toml", super::PROJECT);
    for target in ["json", "json-schema"] {
        let ran = place.run(&["compile", "--emit", target]).ends(0);
        serde_json::from_str::<serde_json::Value>(&ran.out).unwrap();
    }
}

#[test]
fn the_plan_says_what_is_read_shared_and_why() {
    let place = Place::project();
    place.write(
        "shared.seg",
        "import \"shop.seg\"\n\nsegment undecided { where lookers and not buyers }\n\nsegment both { where lookers and buyers and points > 5 }\n",
    );
    insta::assert_snapshot!(place.run(&["compile", "--emit", "plan", NOW]).ends(0).out);
}

#[test]
fn fmt_formats_checks_and_shows() {
    let place = Place::project();
    let ugly = "segment  ugly{where points>1}";
    let neat = "segment ugly {\n    where points > 1\n}\n";
    place.write("ugly.seg", ugly);
    place.run(&["fmt", "--check"]).ends(1).says("ugly.seg: not formatted");
    place.run(&["fmt", "--diff"]).ends(1).prints("+    where points > 1");
    assert_eq!(place.read("ugly.seg"), ugly, "neither changes anything");
    place.run(&["fmt"]).ends(0).says("1 of 2 files formatted");
    assert_eq!(place.read("ugly.seg"), neat);
    place.run(&["fmt", "--check"]).ends(0);
    let piped = place.run_with_input(&["fmt", "-"], ugly).ends(0);
    assert_eq!((piped.out.as_str(), piped.err.as_str()), (neat, ""));
    // What cannot be parsed is given back as it is.
    let broken = place.run_with_input(&["fmt", "-"], "segment {").ends(1).says("error[SEG01");
    assert_eq!(broken.out, "segment {");
}

#[test]
fn check_reads_standard_input() {
    let place = Place::project();
    place.run_with_input(&["check", "-"], "segment a { where points > 1 }").ends(0);
    place.run_with_input(&["check", "-"], "segment a { where pints > 1 }").ends(1).says("<stdin>:1:19");
}

#[test]
fn explain_gives_pages_and_the_list() {
    let place = Place::empty();
    place.run(&["explain", "SEG0601"]).ends(0).prints("not-over-optional");
    place.run(&["explain", "not-over-optional"]).ends(0).prints("SEG0601");
    let list = place.run(&["explain"]).ends(0);
    assert_eq!(list.out.lines().count(), segc::diagnostics::Code::ALL.len());
    place.run(&["explain", "SEG9999"]).ends(2).says("there is no code `SEG9999`");
    // Words of data reports, one of which is a code's name too, and words that only stand in pages.
    place.run(&["explain", "wrong-type"]).ends(0).prints("SEG0855 data-findings");
    place.run(&["explain", "unknown-profile"]).ends(0).prints("SEG0220").prints("SEG0855");
    place.run(&["explain", "overflows"]).ends(2).says("SEG0313 too-many-digits");
    place.run(&["explain", "seg.toml"]).ends(0).prints("seg.toml\n").prints("cast = [\"country\"]");
}

#[test]
fn the_project_file_names_the_dialect() {
    let place = Place::project();
    place.run(&["compile"]).ends(0).prints("p.\"");
    place.write("seg.toml", format!("{}\n[sql]\ndialect = \"mysql\"\n", place.read("seg.toml")));
    place.run(&["compile"]).ends(0).prints("p.`");
    place.run(&["compile", "--dialect", "postgres"]).ends(0).prints("p.\"");
    place.write("seg.toml", place.read("seg.toml").replace("mysql", "mysqll"));
    place.run(&["compile"]).ends(1).says("there is no dialect `mysqll`").says("did you mean `mysql`?");
}

#[test]
fn schema_is_shown_and_inferred() {
    let place = Place::project();
    place.run(&["schema", "show"]).ends(0).prints("points").says("4 profile and 4 event leaf paths, 2 event types");
    place.run(&["schema", "show", "shop.json", "ti*"]).ends(0).prints("tier");
    let json = place.run(&["schema", "show", "--format", "json"]).ends(0);
    serde_json::from_str::<serde_json::Value>(&json.out).unwrap();
    let ran = place.run(&["schema", "infer", "--profiles", "profiles.csv", "--events", "events.ndjson"]).ends(0);
    let schema: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(schema["classes"]["profile"]["properties"]["points"]["type"], "integer");
}

#[test]
fn dump_prints_every_stage() {
    let place = Place::project();
    for stage in ["tokens", "ast", "hir", "plan", "optimized", "bytecode"] {
        let ran = place.run(&["dump", "--stage", stage, NOW]).ends(0);
        assert!(ran.out.len() > 100, "{stage}: {}", ran.out);
    }
}

#[test]
fn init_makes_a_project_that_runs() {
    let place = Place::empty();
    place.write("data/people.csv", super::PROFILES);
    place.write("data/clicks.ndjson", super::EVENTS);
    let init = ["init", "new", "--profiles", "data/people.csv", "--events", "data/clicks.ndjson"];
    place.run(&init).ends(0).says("wrote new/seg.toml").says("next: segc check new");
    place.run(&["check", "new"]).ends(0);
    place.run(&["run", "new", NOW]).ends(0).prints("over 3 profiles");
    let before = place.read("new/seg.toml");
    place.run(&init).ends(2).says("is there already; nothing was written");
    assert_eq!(place.read("new/seg.toml"), before);
}

#[test]
fn demo_makes_its_data_and_members() {
    let place = Place::empty();
    let ran = place.run(&["demo", "shop", "--profiles", "50"]).ends(0).says("members are in shop/members.csv");
    assert!(ran.out.contains("over 50 profiles"), "{}", ran.out);
    assert!(place.read("shop/members.csv").starts_with("segment,profile_id"));
    place.run(&["check", "shop", "--deny-warnings"]).ends(0);
    place.run(&["test", "shop"]).ends(0);
}
