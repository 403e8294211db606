//! What `segc dialects` tells that a dialect refuses: each has a segment that is refused in these words, in the corpus,
//! whose refusals the tests of the dialects hold, or among the witnesses here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use segc::sql::Layout;
use segc::sql::registry::{DIALECTS, Entry, REFUSED_BY_ALL};
use segc::sql::times::Times;
use segc::vector::time::Zone;
use segc::{emit, plan};

use serde_json::{Value as Json, json};

use super::compile::compile;
use super::rows::Setting;

/// How the tables lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tables {
    /// As the schema has it.
    Plain,
    /// The same, and events have no ids.
    WithoutIds,
    /// Timestamps tell no zone.
    Civil,
    /// Those of one of two tables of events tell none.
    PartlyCivil,
    /// The id of the profiles has a long name.
    LongName,
    /// They are made.
    Made,
}

/// What is told, how the tables lie, and the body of a segment that is refused for it.
const WITNESSES: &[(&str, Tables, &str)] = &[
    (
        "groups of a collection behind a collection",
        Tables::Plain,
        "where any(groups of cards.perks by title where any(group where worth > 1))",
    ),
    (
        "the best rows of a collection behind a collection",
        Tables::Plain,
        r#"where any(groups of buy by channel where any(top 1 of group by amount where note == "a"))"#,
    ),
    (
        "a step that compares its event with other events",
        Tables::Plain,
        "where sequence(view as a then buy as b where any(ping where timestamp > b.timestamp))",
    ),
    (
        "`capture` of a group that may take no part in the match",
        Tables::Plain,
        r#"where capture(name, "^(a)?b", 1) is present"#,
    ),
    ("times told by `zone` or `unit` in lists of lists", Tables::Civil, "where size(moments) > 1"),
    (
        "timestamps within lists and maps of tables that differ in `zone` or `unit`",
        Tables::PartlyCivil,
        "where any(events where visits contains now)",
    ),
    ("a map of times told by `zone` or `unit`, as a value", Tables::Civil, "where values(times) contains now"),
    ("a list that may be absent", Tables::Plain, "where favourite.colors is present"),
    ("a timestamp without a zone", Tables::Civil, "where hours_between(seen, now) > 1"),
    ("a timestamp without a zone as an instant", Tables::Civil, r#"where first(note of buy) == "a""#),
    ("a timestamp without a zone within a JSON column", Tables::Civil, "where scores.ltv.scoreDate is present"),
    ("a name of more than 63 bytes", Tables::LongName, "where active"),
    ("a name of more than 64 characters", Tables::LongName, "where active"),
    ("a name of more than 127 bytes", Tables::LongName, "where active"),
    (
        "the smallest of simultaneous values that are not exact numbers",
        Tables::WithoutIds,
        "where first(mass of buy) > 1",
    ),
    ("the first of events that have no ids", Tables::WithoutIds, "where first(mass of buy) > 1"),
    ("arithmetic of decimals", Tables::Plain, "where balance * 9223372036854775807 * 9223372036854775807 is present"),
    ("the sum of a list", Tables::Plain, "where sum(weight of propensity.churn.factors) > 1"),
    ("the mean of a list", Tables::Plain, "where average(weight of propensity.churn.factors) > 1"),
    ("a product of decimals", Tables::Plain, "where balance * 0.0000000001 * 0.0000000001 > 1"),
    ("a stored decimal of more than 18 digits", Tables::Plain, "where fortune > 1"),
    (
        "a decimal of more than 15 digits as a number that is not exact",
        Tables::Plain,
        "where float(balance * 12345678) > weight",
    ),
    ("decimals in lists of lists", Tables::Plain, "where size(heaps) > 1"),
    (
        "a query whose parts are nested so deeply",
        Tables::Plain,
        r#"where size(intersect(intersect(intersect(intersect(tags, ["a"]), ["b"]), ["c"]), ["d"])) > 1"#,
    ),
    ("a map as a column of a table that is made", Tables::Made, "where active"),
];

/// The schema of the corpus, and what it has none of: lists of lists of instants and of decimals, decimals of many digits,
/// maps of instants, a list of a class.
fn schema() -> segc::schema::Schema {
    let mut schema: Json = serde_json::from_slice(include_bytes!("../../corpus/schema.json")).unwrap();
    let instant = json!({ "type": "string", "format": "date-time" });
    let list = |items: Json| json!({ "type": "array", "items": items });
    for of in ["profile", "event"] {
        let fields = &mut schema["classes"][of]["properties"];
        fields["moments"] = list(list(instant.clone()));
        fields["visits"] = list(instant.clone());
        fields["fortune"] = json!({ "type": "number", "meta:scale": 2, "meta:digits": 20 });
        fields["heaps"] = list(list(json!({ "type": "number", "meta:scale": 2 })));
        fields["times"] = json!({ "type": "object", "meta:xdmType": "map", "additionalProperties": instant.clone() });
    }
    schema["classes"]["product"]["properties"]["colors"] = list(json!({ "type": "string" }));
    let mut sources = segc::source::Sources::default();
    let file = segc::schema::SchemaFile { path: "schema.json".into(), bytes: schema.to_string().into_bytes() };
    let loaded = segc::schema::load(&[file], &mut sources);
    loaded.schema.unwrap_or_else(|| panic!("{}", super::shown(&loaded.diagnostics, &sources)))
}

/// The words of each refusal of a segment.
fn refusals(entry: &Entry, tables: Tables, body: &str) -> Vec<String> {
    let schema = Arc::new(schema());
    let setting = Setting { now: 1_795_431_600_000_000, ..super::plain_setting() };
    let settings = segc::hir::Settings { event_ids: tables != Tables::WithoutIds, ..setting.settings };
    let setting = Setting { settings, ..setting };
    let module = compile(&format!("segment witness {{ {body} }}"), &schema, &setting);
    let module = module.unwrap_or_else(|errors| panic!("{body}: {errors}"));
    let plan = plan::optimize(&plan::lower(&module, setting.now));
    let mut layout = Layout::of(&schema);
    let civil = Times::Civil(Zone::new("Europe/Berlin").unwrap());
    match tables {
        Tables::Plain | Tables::Made => {}
        Tables::WithoutIds => layout.event_id = None,
        Tables::Civil => (layout.profiles.times, layout.events.times) = (civil.clone(), civil),
        Tables::PartlyCivil => {
            let table = |name: &str, times| segc::sql::layout::EventTable {
                records: segc::sql::layout::Records { table: vec![name.to_owned()], times, ..Default::default() },
                profile: layout.event_profile.clone(),
                event_type: segc::sql::layout::EventType::Column(layout.event_type.clone()),
                time: layout.event_time.clone(),
                id: layout.event_id.clone(),
            };
            layout.event_tables = vec![table("here", civil), table("there", Times::Native)];
        }
        Tables::LongName => layout.profile_id = vec!["x".repeat(200)],
    }
    if tables == Tables::Made {
        let columns = emit::ddl::tables(&schema, &layout).into_iter().flat_map(|table| table.columns);
        return columns.filter_map(|(_, ty, _)| Some(entry.dialect.can_define(&ty).err()?.0)).collect();
    }
    let emitted = emit::sql::emit(&plan, 0, entry.dialect, &layout);
    let refused = emitted.err().unwrap_or_default();
    refused.iter().filter_map(|refusal| Some(refusal.message.split_once(" cannot express ")?.1.to_owned())).collect()
}

/// The words of each refusal of the corpus.
fn of_corpus(entry: &Entry) -> BTreeSet<String> {
    let file = format!("tests/corpus/refused/{}.json", entry.name());
    // Without a file nothing is refused.
    let Ok(bytes) = std::fs::read(file) else { return BTreeSet::new() };
    let refused: BTreeMap<String, String> = serde_json::from_slice(&bytes).unwrap();
    let words = |message: &String| message.split_once(" cannot express ").map(|(_, words)| words.to_owned());
    refused.values().filter_map(words).collect()
}

/// How a dialect refuses what is told, or what it does instead.
fn witnessed(entry: &Entry, told: &str, unused: &mut BTreeSet<&(&str, Tables, &str)>) -> Result<(), String> {
    let mut instead = Vec::new();
    let mut found = of_corpus(entry).iter().any(|words| words.starts_with(told));
    for witness @ (_, tables, body) in WITNESSES.iter().filter(|(what, ..)| *what == told) {
        let words = refusals(entry, *tables, body);
        if words.iter().any(|words| words.starts_with(told)) {
            unused.remove(witness);
            found = true;
        }
        instead.extend(words);
    }
    // What all refuse, some refuse for another reason.
    let is_told_of_all = REFUSED_BY_ALL.contains(&told) && !instead.is_empty();
    if found || is_told_of_all { Ok(()) } else { Err(format!("{}: {told}; instead {instead:?}", entry.title)) }
}

#[test]
fn what_is_told_of_a_dialect_is_refused_by_it() {
    let mut unused: BTreeSet<_> = WITNESSES.iter().collect();
    let told =
        DIALECTS.iter().flat_map(|entry| entry.refuses.iter().chain(REFUSED_BY_ALL).map(move |told| (entry, told)));
    let nowhere: Vec<String> = told.filter_map(|(entry, told)| witnessed(entry, told, &mut unused).err()).collect();
    assert!(nowhere.is_empty(), "told, and refused nowhere:\n{}", nowhere.join("\n"));
    assert!(unused.is_empty(), "refused by no dialect in these words: {unused:#?}");
}
