//! Scores that are made elsewhere: files on every scale, vendors' fields, ages, and what is wrong with them.

use super::Place;

const NOW: &str = "--now=2026-11-23T00:00:00Z";

const SCHEMA: &str = r#"{
    "title": "Scores",
    "classes": {
        "profile": { "required": ["_id"], "properties": {
            "_id": { "type": "string" },
            "risk": { "type": "number" },
            "standing": { "type": "number" },
            "scoredOn": { "type": "string", "format": "date-time" },
            "predictive_analytics": { "type": "object", "properties": { "churn_probability": { "type": "number" } } },
            "predictive_ai": { "type": "object", "properties": { "score": { "type": "number" } } },
            "scores": { "type": "object", "properties": { "name": { "type": "string" } } }
        } },
        "event": { "required": ["timestamp", "eventType"], "properties": {
            "timestamp": { "type": "string", "format": "date-time" },
            "eventType": { "type": "string", "enum": ["buy"] }
        } }
    }
}"#;

fn place(segments: &str, scores: &str) -> Place {
    let place = Place::empty();
    place.write("schema.json", SCHEMA);
    place.write("seg.toml", "schema = \"schema.json\"\n[profiles]\nfiles = \"p.csv\"\n");
    place.write(
        "p.csv",
        "_id,risk,standing,scoredOn,predictive_analytics.churn_probability\n\
         a,80,0.29,2026-11-22T00:00:00Z,0.7\n\
         b,50,0.28999,2026-10-01T00:00:00Z,0.65\n\
         c,,0,,0.1\n",
    );
    place.write("scores.csv", scores);
    place.write("s.seg", segments);
    place
}

/// What a run says of each segment: its name and its members.
fn members(place: &Place) -> String {
    let ran = place.run(&["run", NOW, "--output", "-"]).ends(0);
    ran.out.lines().skip(1).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_file_is_read_on_the_scale_that_is_said() {
    let scored = "id,p,run_at\na,81,2026-11-22T00:00:00Z\nb,29,2026-11-22T00:00:00Z\nc,8,2026-01-22T00:00:00Z\n";
    let place = place(
        "propensity churn from \"scores.csv\" { scale percent value at p scored at run_at id at id max age 30 days }
         segment exact { where propensity.churn.probability between 0.29 and 0.29 }
         segment high { where propensity.churn.bucket == high }
         segment old { where propensity.churn.state == \"stale\" }
         segment low { where propensity.churn.probability < 0.5 }",
        scored,
    );
    assert_eq!(members(&place), "exact,b\nhigh,a\nold,c\nlow,b\n");
    place.run(&["run", NOW]).says("scores of `propensity.churn` older than its `max age`, absent: 1");
    let json: serde_json::Value = serde_json::from_str(&place.run(&["run", NOW, "--format=json"]).out).unwrap();
    assert_eq!(json["scores"]["churn"]["stale"], 1, "{json}");
}

#[test]
fn a_percentile_written_as_a_fraction_is_the_percentile_that_was_meant() {
    let place = place(
        "propensity churn from \"scores.csv\" { scale quantile value at p quality 0.8 }
         segment top { where propensity.churn.percentile >= 29 }
         segment least { where propensity.churn.percentile <= 1 }
         segment good { where propensity.churn.quality > 0.7 }",
        "_id,p\na,0.29\nb,0.28999\nc,0\n",
    );
    assert_eq!(members(&place), "top,a\nleast,c\ngood,a\ngood,b\ngood,c\n");
}

#[test]
fn vendors_write_their_own_scales() {
    let place = place(
        "propensity seg from twilio_segment standing
         propensity br from braze risk { scored at scoredOn max age 7 days }
         propensity kl from klaviyo predictive_analytics
         propensity ga from ga4 predictive_analytics.churn_probability
         propensity own from fields { probability at predictive_analytics.churn_probability }
         segment a1 { where propensity.seg.percentile >= 29 }
         segment a2 { where propensity.br.bucket == high }
         segment a3 { where propensity.br.state == \"stale\" }
         segment a4 { where propensity.kl.bucket == medium }
         segment a5 { where propensity.ga.probability > 0.6 }
         segment a6 { where propensity.own.probability > 0.6 and propensity.own.bucket == medium }",
        "",
    );
    assert_eq!(members(&place), "a1,a\na2,a\na3,b\na4,b\na5,a\na5,b\na6,a\na6,b\n");
    place.run(&["run", NOW]).says("scores of `propensity.br` older than its `max age`, absent: 1");
    place.write("p.csv", "_id,risk,standing\na,101,0.5\nb,-1,1.5\n");
    assert_eq!(members(&place), "a1,a\n", "what is off the scale is absent");
    let ran = place.run(&["run", NOW]).says("scores of `propensity.br` off their scale, absent: 2");
    ran.says("scores of `propensity.seg` off their scale, absent: 1");
    let json: serde_json::Value = serde_json::from_str(&place.run(&["run", NOW, "--format=json"]).out).unwrap();
    assert_eq!((&json["scores"]["br"]["off_scale"], &json["scores"]["seg"]["off_scale"]), (&2.into(), &1.into()));
}

#[test]
fn numbers_off_the_scale_are_counted_and_columns_that_are_named_must_be_there() {
    let declared = "propensity churn from \"scores.csv\" { scale quantile value at p }
                    segment top { where propensity.churn.percentile >= 1 }";
    let place = place(declared, "_id,p\na,0.5\nb,1.5\nc,-1\n");
    assert_eq!(members(&place), "top,a\n");
    place.run(&["run", NOW]).ends(0).says("absent in `propensity.churn.quantile`: 2 (out-of-range)");
    place.run(&["run", NOW, "--strict"]).ends(1);
    place.write("scores.csv", "_id,q\na,0.5\n");
    place.run(&["run", NOW]).ends(1).says("it has no column `p`");
}

#[test]
fn what_no_line_of_a_score_file_has_is_an_error() {
    let of = |declared: &str, lines: &str| {
        // The segment reads the probability.
        let segment = "segment top { where propensity.churn.probability >= 0.4 }";
        let place = place(&format!("propensity churn from \"scores.ndjson\" {declared}\n{segment}"), "");
        place.write("scores.ndjson", lines);
        place.run(&["run", NOW])
    };
    let unnamed = of("", "{\"_id\":\"a\",\"risk\":0.5}\n").ends(1);
    unnamed.says("error[SEG0715]: the scores of `churn` have no column `probability`").says("value at COLUMN");
    of("{ scale probability value at p }", "{\"_id\":\"a\",\"risk\":0.5}\n")
        .ends(1)
        .says("none of its records has `p`");
    // Nobody was scored, which is said; and one line of several is enough.
    of("{ scale probability value at p }", "{\"_id\":\"a\",\"p\":null}\n").ends(0);
    of("", "{\"_id\":\"a\"}\n{\"_id\":\"b\",\"probability\":0.5}\n").ends(0);
}

#[test]
fn what_a_declaration_says_has_an_effect_or_is_an_error() {
    let wrong = [
        ("from \"scores.csv\" { value at p }", "the scale of `value` is not said"),
        ("from \"scores.csv\" { scale percent value at p probability at q }", "`probability` is given twice"),
        ("from \"scores.csv\" { scale logit value at p }", "unknown scale `logit`"),
        ("from braze risk { scale percent }", "which is missing"),
        ("from braze risk { id at x }", "`id` names a column of a score file"),
        ("from braze risk { max age 7 days }", "when the scores were computed is not said"),
        ("from braze scoredOn", "cannot be the score of a propensity"),
        ("from klaviyo scores", "no field has a probability, a score or a percentile"),
        ("from fields risk", "names each field by a clause"),
        ("from fields { scored at scoredOn }", "no field has a probability, a score or a percentile"),
        ("from acme risk", "unknown adapter `acme`"),
    ];
    for (origin, words) in wrong {
        let place = place(&format!("propensity churn {origin}\n"), "_id,p\n");
        place.run(&["check"]).ends(1).says(words);
    }
    let absent = [
        ("from \"scores.csv\" { scale score value at p }", "probability > 0.5"),
        ("from customer_ai predictive_ai", "percentile > 50"),
        ("from twilio_segment standing", "bucket == high"),
        ("from lightgbm \"model.txt\" { for true }", "score > 50"),
    ];
    for (origin, condition) in absent {
        let declared = format!("propensity churn {origin}\nsegment s {{ where propensity.churn.{condition} }}\n");
        let feature = condition.split(' ').next().unwrap();
        place(&declared, "_id,p\n").run(&["check"]).ends(1).says(&format!("unknown attribute `{feature}`"));
    }
}

/// `a` was scored a day ago, `b` will be scored tomorrow, `c` at no known time.
const OF_TOMORROW: &str = "_id,probability,run_at\na,0.9,2026-11-22T00:00:00Z\nb,0.8,2026-11-24T00:00:00Z\nc,0.7,\n";

#[test]
fn a_score_of_the_future_is_not_known_yet_where_the_time_of_scoring_is_declared() {
    let segments = "segment likely { where propensity.churn.probability > 0.5 }
         segment high { where propensity.churn.bucket == high }
         segment unscored { where propensity.churn.state == \"unscored\" }
         segment stale { where propensity.churn.state == \"stale\" }";
    let declared = |clauses: &str| {
        let place = place(&format!("propensity churn from \"scores.csv\" {{ {clauses} }}\n{segments}"), OF_TOMORROW);
        (members(&place), place)
    };
    let (found, place) = declared("scored at run_at");
    assert_eq!(found, "likely,a\nlikely,c\nhigh,a\nunscored,b\n");
    place.run(&["run", NOW]).says("scores of `propensity.churn` of after now, absent: 1");
    let json: serde_json::Value = serde_json::from_str(&place.run(&["run", NOW, "--format=json"]).out).unwrap();
    assert_eq!(json["scores"]["churn"]["later_than_now"], 1, "{json}");
    let (found, place) = declared("scored at run_at max age 30 days");
    assert_eq!(found, "likely,a\nhigh,a\nunscored,b\nstale,c\n");
    place.run(&["run", NOW]).says("without the time of scoring, absent: 1").says("of after now, absent: 1");
    // Nobody says where the time is: it is not looked at, here or in a database.
    assert_eq!(declared("").0, "likely,a\nlikely,b\nlikely,c\nhigh,a\nhigh,b\n");
}

#[test]
fn a_scale_that_is_plainly_wrong_stops_the_run() {
    let file = |number: &dyn Fn(usize) -> f64| {
        (0..12).fold("_id,p\n".to_owned(), |text, row| format!("{text}p{row},{}\n", number(row)))
    };
    let said = |scale: &str, feature: &str, number: &dyn Fn(usize) -> f64| {
        let declared = format!("propensity churn from \"scores.csv\" {{ scale {scale} value at p }}");
        let place = place(&format!("{declared}\nsegment s {{ where propensity.churn.{feature} >= 1 }}"), &file(number));
        let profiles: String = (0..12).map(|row| format!("p{row}\n")).collect();
        place.write("p.csv", format!("_id\n{profiles}"));
        place.run(&["run", NOW])
    };
    let fraction = |row: usize| row as f64 / 12.0;
    let percent = |row: usize| row as f64 * 8.0;
    let ran = said("score", "score", &fraction).ends(1);
    ran.says("error[SEG0715]: all 12 numbers of `churn` are from 0 to 1, and `score` is 0 to 100");
    said("percent", "probability", &fraction).ends(1).says("`scale probability` is 0 to 1");
    let ran = said("probability", "probability", &percent).ends(1);
    ran.says("of 12 numbers of `churn` 11 are not from 0 to 1, as `probability` is").says("`scale percent`");
    let ran = said("percentile", "percentile", &fraction).ends(1);
    ran.says("of 12 numbers of `churn` 12 are not from 1 to 100").says("`scale quantile`");
    said("percent", "probability", &percent).ends(0);
    said("score", "score", &|row| f64::from(u8::from(row == 3))).ends(0);
}

#[test]
fn a_score_file_without_any_score_stops_the_run() {
    let segments = "propensity churn from \"scores.csv\"\nsegment s { where propensity.churn.bucket == high }";
    let place = place(segments, "_id,p_churn\na,0.5\n");
    let ran = place.run(&["run", NOW]).ends(1);
    ran.says("error[SEG0715]: the scores of `churn` have no column `probability` or `score`").says("value at COLUMN");
}

#[test]
fn a_score_file_of_another_model_stops_the_run() {
    use segc::data::scores::{ScoreFile, Scores};
    let declared = |clauses: &str| {
        format!(
            "propensity churn from \"of.parquet\" {{ {clauses} }}
             segment s {{ where propensity.churn.state == \"ineligible\" }}"
        )
    };
    let place = place(&declared(""), "");
    let scores = Scores {
        name: "buys".into(),
        model: "buys-12345678".into(),
        quality: None,
        scored_at: 0,
        scores: Vec::new(),
        blind: Vec::new(),
        learnt_until: None,
        ineligible: vec![("a".into(), (0, 0))],
    };
    ScoreFile::new(std::fs::File::create(place.path("of.parquet")).unwrap()).close(&scores).unwrap();
    let ran = place.run(&["run", NOW]).ends(1);
    ran.says("of.parquet` holds scores of `buys`, not of `churn`").says("`kind buys` says that this is meant");
    place.write("s.seg", declared("kind buys"));
    assert_eq!(members(&place), "s,a\n");
}

#[test]
fn a_compiled_program_reads_the_scores_of_its_sources() {
    let declared = "propensity churn from \"scores.csv\" { scored at run_at max age 30 days }
                    segment likely { where propensity.churn.probability > 0.5 }";
    let place = place(declared, OF_TOMORROW);
    place.run(&["compile", NOW, "--emit", "bytecode", "--output", "a.segb"]).ends(0);
    let ran = place.run(&["run", "a.segb"]).ends(0).prints("likely            1");
    ran.says("of after now, absent: 1").says("without the time of scoring, absent: 1");
    place.write("s.seg", declared.replace("30 days", "31 days"));
    place.run(&["run", "a.segb"]).ends(2).says("a.segb reads scores").says("compile it again");
}

#[test]
fn settings_without_files_are_of_the_file_that_the_declaration_names() {
    let place = place(
        "propensity churn from \"scores.csv\" { scale percent value at p scored at run_at max age 30 days }
         segment high { where propensity.churn.bucket == high }",
        "id,p,run_at\na,81,2026-11-22T01:00:00\nb,29,2026-11-22T01:00:00\n",
    );
    let settings = |more: &str| {
        let text =
            format!("schema = \"schema.json\"\n[profiles]\nfiles = \"p.csv\"\n[propensity.churn]\nid = \"id\"\n{more}");
        place.write("seg.toml", &text);
    };
    settings("zone = \"Europe/Oslo\"\n");
    assert_eq!(members(&place), "high,a\n");
    settings("zone = \"Europe/Oslo\"\nfiles = \"other.csv\"\n");
    place.run(&["run", NOW]).ends(1).says("other.csv");
}
