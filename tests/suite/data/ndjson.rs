//! NDJSON into data sets.

use segc::data::{Loaded, load};
use segc::diagnostics::Diagnostic;
use segc::project::{Override, default_project};
use segc::schema::{Schema, build, closed_enum};
use segc::store::{Needs, Space};
use segc::types::{Digits, Ty, Type};

use super::show::{dataset, elements, entries, needs};

const MONEY: Ty = Ty::Decimal(Digits { precision: 10, scale: 2 });

/// A schema with one field of every type, lists, maps, nested lists and a class.
pub fn schema() -> Schema {
    let optional = Type::optional;
    let list = |ty: Ty| Ty::List(Box::new(ty));
    build(
        &[
            ("name", optional(Ty::String)),
            ("tier", optional(closed_enum(["gold", "silver"]))),
            ("born", optional(Ty::Date)),
            ("since", optional(Ty::Timestamp)),
            ("points", optional(Ty::Int)),
            ("spent", optional(MONEY)),
            ("rate", optional(Ty::Float)),
            ("optIn", optional(Ty::Bool)),
            ("tags", optional(list(Ty::String))),
            ("home.city", optional(Ty::String)),
            ("consents", optional(Ty::Map(Box::new(Ty::Bool)))),
            ("identities{}.state", optional(Ty::String)),
            ("propensity.churn.probability", optional(Ty::Probability)),
            ("propensity.churn.factors[].feature", optional(Ty::String)),
        ],
        &[
            ("order.total", optional(MONEY)),
            ("items[].sku -> product", optional(Ty::String)),
            ("items[].count", optional(Ty::Int)),
            ("items[].options[].name", optional(Ty::String)),
        ],
        &["view", "buy"],
        &[("product", "sku", &[("sku", Type::required(Ty::String)), ("brand", optional(Ty::String))])],
    )
}

/// Everything that the schema has.
pub fn all() -> Needs {
    let list = |ty: Ty| Ty::List(Box::new(ty));
    let items = elements(&Space::Events, "items");
    needs(&[
        (
            Space::Profiles,
            &[
                ("name", Ty::String),
                ("tier", closed_enum(["gold", "silver"])),
                ("born", Ty::Date),
                ("since", Ty::Timestamp),
                ("points", Ty::Int),
                ("spent", MONEY),
                ("rate", Ty::Float),
                ("optIn", Ty::Bool),
                ("tags", list(Ty::String)),
                ("home.city", Ty::String),
                ("consents.#email", Ty::Bool),
                ("propensity.churn.probability", Ty::Probability),
            ],
        ),
        (entries(&Space::Profiles, "consents"), &[("", Ty::Bool)]),
        (entries(&Space::Profiles, "identities"), &[("state", Ty::String)]),
        (elements(&Space::Profiles, "propensity.churn.factors"), &[("feature", Ty::String)]),
        (Space::Events, &[("order.total", MONEY), ("items.sku", list(Ty::String)), ("eventType", Ty::String)]),
        (items.clone(), &[("sku", Ty::String), ("count", Ty::Int)]),
        (elements(&items, "options"), &[("name", Ty::String)]),
        (elements(&Space::Events, "items.options"), &[("name", Ty::String)]),
        (Space::Class("product".into()), &[("brand", Ty::String)]),
    ])
}

const NOW: i64 = 1_795_000_000_000_000;

/// Loads files that are written to a folder; settings as `key=value`.
pub fn load_files(
    files: &[(&str, &[u8])],
    settings: &[&str],
    schema: &Schema,
    needs: &Needs,
) -> Result<Loaded, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let settings: Vec<Override> = settings
        .iter()
        .map(|s| s.split_once('=').unwrap())
        .map(|(key, value)| Override { key: key.trim().into(), value: value.trim().into() })
        .collect();
    let (project, diagnostics) = default_project(&settings);
    assert_eq!(diagnostics, []);
    load(&project, folder.path(), schema, needs, NOW)
}

const PROFILES: &str = r#"{"_id":"b","name":"Bo \"B\" Åse","tier":"gold","born":"1990-02-28","since":"2020-01-01T00:00:00Z","points":7,"spent":12.5,"rate":0.1,"optIn":true,"tags":["x",null,"y"],"home":{"city":"Oslo"},"consents":{"sms":false,"email":true},"identities":{"z":{"state":"open"},"a":{"state":null}},"propensity":{"churn":{"probability":0.25,"factors":[{"feature":"f"},{"feature":"g"}]}}}

{"unknown":{"deep":[1,{"a":[]}]},"_id":"a","tags":[],"points":3.0,"spent":"7","consents":{}}
"#;
const EVENTS: &str = r#"{"_id":"e3","profileId":"a","eventType":"buy","timestamp":"2026-11-01T12:00:00+01:00","order":{"total":9.99},"items":[{"sku":"s1","count":2,"options":[{"name":"o1"},{"name":"o2"}]},{"sku":"s2"}]}
{"_id":"e2","profileId":"a","eventType":"view","timestamp":"2026-11-01T11:00:00Z","items":[{"count":1},null]}
{"_id":"e1","profileId":"b","eventType":"view","timestamp":"2026-10-01T00:00:00.1234567Z"}
{"_id":"e4","profileId":"a","eventType":"view","timestamp":"2026-09-01T00:00:00Z"}
"#;
const PRODUCTS: &str = "{\"sku\":\"s1\",\"brand\":\"Acme\"}\n{\"sku\":\"s2\"}";

const FILES: [&str; 4] =
    ["profiles.files=p.ndjson", "events.files=e.ndjson", "events.id=_id", "classes.product.files=c.ndjson"];

#[test]
fn every_type_lists_maps_nested_lists_and_classes() {
    let files: [(&str, &[u8]); 3] =
        [("p.ndjson", PROFILES.as_bytes()), ("e.ndjson", EVENTS.as_bytes()), ("c.ndjson", PRODUCTS.as_bytes())];
    let loaded = load_files(&files, &FILES, &schema(), &all()).unwrap();
    assert_eq!(loaded.report.to_text(), "");
    insta::assert_snapshot!(dataset(&loaded.dataset));
}

/// Records of so many fields, by number: which of them one has, in which order, and how their keys are written.
fn records(count: usize, write: impl Fn(usize, Vec<(&str, String)>) -> String) -> String {
    let record = |i: usize| {
        let fields = [
            ("name", format!("\"name {i} of someone with a long name\"")),
            ("points", format!("{i}")),
            ("rate", format!("{}.5", i % 7)),
            ("other", format!("{{\"{i}\":[null]}}")),
            ("tier", "\"gold\"".to_owned()),
            ("tags", format!("[\"t{}\"]", i % 3)),
            ("home", format!("{{\"street\":1,\"city\":\"c{}\"}}", i % 5)),
            ("optIn", format!("{}", i.is_multiple_of(2))),
        ];
        let kept =
            fields.into_iter().enumerate().filter(|(n, _)| (i * 2_654_435_761) >> n & 3 != 0).map(|(_, field)| field);
        let id = ("_id", format!("\"{i:04}\""));
        write(i, std::iter::once(id).chain(kept).collect())
    };
    (0..count).map(record).collect()
}

#[test]
fn neither_the_order_of_keys_nor_how_they_are_written_says_anything() {
    let plain = |(key, value): &(&str, String)| format!("\"{key}\":{value}");
    let ordered = records(500, |_, fields| format!("{{{}}}\n", fields.iter().map(plain).collect::<Vec<_>>().join(",")));
    let mixed = records(500, |i, mut fields| {
        let middle = i * i % fields.len();
        fields.rotate_left(middle);
        let field = |(n, (key, value)): (usize, &(&str, String))| match (i + n) % 4 {
            0 => format!("\"\\u{:04x}{}\" : {value}", key.as_bytes()[0], &key[1..]),
            _ => format!(" \"{key}\":\t{value} "),
        };
        format!("{{{}}}\n", fields.iter().enumerate().map(field).collect::<Vec<_>>().join(","))
    });
    let loaded = [ordered, mixed].map(|text| {
        let files = [("p.ndjson", text.as_bytes()), ("e.ndjson", b"".as_slice()), ("c.ndjson", b"")];
        let loaded = load_files(&files, &FILES, &schema(), &all()).unwrap();
        // Nothing but that there are no events and no objects.
        assert!(loaded.report.to_text().lines().all(|line| line.contains("empty")), "{}", loaded.report.to_text());
        dataset(&loaded.dataset)
    });
    assert_eq!(loaded[0], loaded[1]);
    assert!(loaded[0].contains("name 499 of someone"));

    let twice = "{\"_id\":\"a\",\"points\":1}\n{\"_id\":\"b\",\"points\":1,\"po\\u0069nts\":2}\n";
    let files = [("p.ndjson", twice.as_bytes()), ("e.ndjson", b"".as_slice()), ("c.ndjson", b"")];
    let loaded = load_files(&files, &FILES, &schema(), &all()).unwrap();
    insta::assert_snapshot!(loaded.report.to_text(), @r"
    records left out that have a key twice: 1 (duplicate-key)
        p.ndjson:2: a key occurs twice (byte 37)
    empty files, and no others beside them: 2 (empty-file)
        e.ndjson: it is empty
        c.ndjson: it is empty
    ");
}

/// Numbers of few digits without an exponent are taken apart while they are passed; an exponent takes the long way.
#[test]
fn an_exponent_of_nothing_changes_no_number() {
    let numbers = [
        "0",
        "-0",
        "-0.0",
        "7",
        "-12",
        "3.0",
        "0.1",
        "12.50",
        "1.500",
        "1.005",
        "0.30000000000000004",
        "99999999.99",
        "100000000",
        "9007199254740993",
        "-9007199254740992.5",
        "123456789012345678",
        "9223372036854775807",
        "9223372036854775808",
        "0.000000000000001",
        "179769313486231570000",
    ];
    let line = |(n, number): (usize, &&str), exponent: &str| {
        format!(
            "{{\"_id\":\"p{n:02}\",\"points\":{number}{exponent},\"spent\":{number}{exponent},\"rate\":{number}{exponent},\"propensity\":{{\"churn\":{{\"probability\":{number}{exponent}}}}},\"name\":{number}{exponent}}}\n"
        )
    };
    let loaded = ["", "e0"].map(|exponent| {
        let text: String = numbers.iter().enumerate().map(|number| line(number, exponent)).collect();
        let files = [("p.ndjson", text.as_bytes()), ("e.ndjson", b"".as_slice()), ("c.ndjson", b"")];
        let loaded = load_files(&files, &FILES, &schema(), &all()).unwrap();
        (dataset(&loaded.dataset), loaded.report.to_text().replace("e0", ""))
    });
    assert_eq!(loaded[0], loaded[1]);
}

/// SQL compares the words as they are stored.
#[test]
fn a_bucket_is_one_of_three_words_as_they_are_written() {
    let schema = build(&[("level", Type::optional(Ty::Bucket))], &[], &[], &[]);
    let wanted = needs(&[(Space::Profiles, &[("level", Ty::Bucket)])]);
    let levels = ["low", "medium", "high", "High", "4"];
    let line = |(n, level): (usize, &&str)| format!("{{\"_id\":\"p{n}\",\"level\":\"{level}\"}}\n");
    let lines: String = levels.iter().enumerate().map(line).collect();
    let loaded = load_files(&[("p.ndjson", lines.as_bytes())], &["profiles.files=p.ndjson"], &schema, &wanted).unwrap();
    insta::assert_snapshot!(dataset(&loaded.dataset) + &loaded.report.to_text(), @r#"
    block 0: 5 profiles, 0 events
    profile p0 level=bucket 0
    profile p1 level=bucket 1
    profile p2 level=bucket 2
    profile p3 level=-
    profile p4 level=-
    values of another type, absent in `level`: 2 (wrong-type)
        p.ndjson:4: "High" is not a bucket
        p.ndjson:5: "4" is not a bucket
    "#);
}

/// It is absent in SQL, too, or refused: nothing that it holds is a value of the list around it.
#[test]
fn a_list_among_the_values_of_a_list_is_none_of_them() {
    let tags = Ty::List(Box::new(Ty::String));
    let schema = build(&[("tags", Type::optional(tags.clone()))], &[], &[], &[]);
    let wanted = needs(&[(Space::Profiles, &[("tags", tags)])]);
    let lines = "{\"_id\":\"a\",\"tags\":[\"x\",[\"y\"],\"z\"]}\n{\"_id\":\"b\",\"tags\":[[[]]]}\n";
    let loaded = load_files(&[("p.ndjson", lines.as_bytes())], &["profiles.files=p.ndjson"], &schema, &wanted).unwrap();
    insta::assert_snapshot!(dataset(&loaded.dataset) + &loaded.report.to_text(), @r#"
    block 0: 2 profiles, 0 events
    profile a tags=["x" "z"]
    profile b tags=[]
    values of another type, absent in `tags`: 2 (wrong-type)
        p.ndjson:1: a list is not a scalar
        p.ndjson:2: a list is not a scalar
    "#);
}

/// Values as nobody writes them, and as everybody does.
fn odd_values() -> Vec<String> {
    let numbers = "0 -0 00 01 -01 7 -7 1. .5 1.5 -0.0 0.1 1e2 1.5E-3 1.e3 - 1234567 12345678 -123456789012345678 1.2.3 \
                   1234567.1234567 12345678.12345678 99999999999999999999 0.30000000000000004 1x 1.5x 12345678x";
    let instants = "2020-02-29T00:00:00Z 2020-02-30T00:00:00Z 2020-01-01T23:59:59.1Z 2020-01-01T23:59:59.123456Z \
                    2020-01-01T23:59:59.1234567Z 2020-01-01T23:59:59.Z 2020-01-01T24:00:00Z 2020-01-01T23:60:00Z \
                    2020-01-01T00:00:00.123456 2020-01-01T00:00:00Zx 0000-01-01T00:00:00Z 9999-12-31T23:59:59.999999Z \
                    2020-0a-01T00:00:00Z 2020-01-01T00:00:00.12345aZ";
    let texts = (0..20).map(|length| format!("\"{}\"", &"abcdefghijklmnöpqrst"[..length + usize::from(length > 14)]));
    let broken =
        ["\"\\n\"", "\"a\tb\"", "\"", "\"abc", "\"\\", "\"\\u00e9 \\\"\"", "nul", "null", "nullx", "true", "[1]", "{}"];
    let quoted = instants.split_whitespace().map(|text| format!("\"{text}\""));
    numbers.split_whitespace().map(str::to_owned).chain(quoted).chain(texts).chain(broken.map(str::to_owned)).collect()
}

#[test]
fn a_space_before_a_value_says_nothing() {
    for field in ["since", "points", "rate", "name", "born", "optIn", "tags"] {
        let read = |before: &str, between: &str| {
            // The first record tells how keys are written.
            let mut text = format!("{{\"_id\":\"first\",\"{field}\":null,\"tier\":\"gold\"}}\n");
            for (i, value) in odd_values().iter().enumerate() {
                text += &format!("{before}{{\"_id\":\"{i:03}\",\"{field}\":{between}{value},\"tier\":\"gold\"}}\n");
            }
            let loaded = load_files(&[("p.ndjson", text.as_bytes())], &FILES[..1], &schema(), &all()).unwrap();
            (dataset(&loaded.dataset), loaded.report.to_text())
        };
        assert_eq!(read(" ", ""), read("", " "), "{field}");
    }
}
