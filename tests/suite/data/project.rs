//! The project file.

use segc::diagnostics::Diagnostic;
use segc::project::{Column, EventTypeFrom, Override, Project, SETTINGS, apply_scales, check, read};
use segc::source::Sources;
use segc::types::Ty;

use super::ndjson::schema;

fn parse(text: &str, overrides: &[(&str, &str)]) -> (Project, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("seg.toml", text);
    let overrides: Vec<Override> =
        overrides.iter().map(|(k, v)| Override { key: (*k).into(), value: (*v).into() }).collect();
    let (project, diagnostics) = read(text, file, &overrides);
    (project, diagnostics, sources)
}

fn shown(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let line = |d: &Diagnostic| {
        let place = d.primary().map(|span| sources.text(span).to_owned()).unwrap_or_default();
        let label = d.labels.first().map(|l| l.message.clone()).unwrap_or_default();
        format!("{:?} {} | {place} | {label} | {}", d.code, d.message, d.help.join("; "))
    };
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_whole_project_file() {
    let (project, diagnostics, sources) = parse(
        r#"
schema = "schema/retail.json"
sources = ["segments/*.seg"]

[time]
zone = "Europe/Oslo"
week_start = "sunday"

[params]
recency = "30 days"
least = 3
share = 0.25

[lints]
unused-definition = "deny"

[scales]
"order.total" = 2
rate = { precision = 9, scale = 4 }

[profiles]
files = "people.csv"
id = "customer_id"
columns = { "home.city" = "city", name = ["full.name"] }

[[events]]
files = ["web-*.ndjson", "old/"]
profile = "user.id"
timestamp = "ts"
type = "event"
id = "uuid"
unit = "ms"

[[events]]
file = "buys.parquet"
profile = "customer"
type = { value = "buy" }
zone = "Europe/London"
columns.order = "o"

[classes.product]
files = "products.csv"
delimiter = ";"
key = "code"

[sql]
dialect = "duckdb"
profiles = "customers"
events = ["web", "buys"]
classes.product = "catalogue"
"#,
        &[],
    );
    assert_eq!(shown(&diagnostics, &sources), "");
    insta::assert_debug_snapshot!(project.layout());
    assert_eq!((project.zone.as_str(), project.week_start), ("Europe/Oslo", 7));
    assert!(!project.event_ids(), "the second events have no ids");
    assert_eq!(project.events[1].event_type, EventTypeFrom::Constant("buy".into()));
    assert_eq!(shown(&check(&project, &schema()), &sources), "");
    let mut schema = schema();
    assert_eq!(apply_scales(&project.scales, &mut schema), []);
    let field = schema.field_at(schema.profile, ["rate"]).unwrap();
    assert!(matches!(field.ty.ty, Ty::Decimal(d) if (d.precision, d.scale) == (9, 4)));
    let physical = |path: &[&str]| project.events[1].set.mapping.physical(path.iter().copied()).join("/");
    assert_eq!(physical(&["order", "total"]), "o/total");
    assert_eq!(physical(&["items", "sku"]), "items/sku");
}

#[test]
fn mistakes_are_told_at_their_place() {
    let (_, diagnostics, sources) = parse(
        r#"
scheme = "x.json"
strict = "yes"
[time]
zone = "Europe/Olso"
week_start = "mon"
[profiles]
fils = "p.csv"
format = "xlsx"
columns.name = 3
[events]
type = { constant = "buy" }
unit = "h"
[scales]
rate = 40
[lints]
unused-definition = "error"
[clases.product]
files = 7
"#,
        &[],
    );
    insta::assert_snapshot!(shown(&diagnostics, &sources));
}

#[test]
fn what_joins_no_columns_is_told() {
    let (project, diagnostics, sources) = parse(
        r#"
[profiles]
id = { join = ["a"], with = "|" }
columns.name = { join = ["a", "b.c"], with = "|" }
columns.points = { join = ["a", "b"], with = "|" }
columns.home = { join = ["a", "b"], city = "c" }
columns.city = { join = ["a", "b"] }
[[events]]
profile = { join = "a", with = "|" }
id = { join = ["a", "a"], with = "|" }
timestamp = { join = ["a", "b"], with = "|" }
columns.eventType = { join = ["a", "b"], with = "|" }
[classes.product]
key = { join = ["a", "b"], with = "" }
"#,
        &[],
    );
    let mut all = shown(&diagnostics, &sources);
    all.push_str(&shown(&check(&project, &schema()), &sources));
    insta::assert_snapshot!(all);
}

#[test]
fn ids_that_can_never_be_the_same_are_told() {
    let (project, diagnostics, sources) = parse(
        r#"
[profiles]
id = { join = ["a", "b"], with = "|" }
[[events]]
profile = { join = ["a", "b"], with = "/" }
[[events]]
profile = "whole"
[propensity.churn]
files = "c.csv"
id = { join = ["a", "b"], with = "|", from = "c" }
[propensity.buys]
files = "c.csv"
id = { join = ["b", "a"], with = "|" }
"#,
        &[],
    );
    let mut all = shown(&diagnostics, &sources);
    all.push_str(&shown(&check(&project, &schema()), &sources));
    insta::assert_snapshot!(all, @r#"SEG0852 `propensity.churn.id` joins no columns: it has `from`, and takes `join` and `with` alone | { join = ["a", "b"], with = "|", from = "c" } | not joined | write `{ join = ["first", "second"], with = "|" }`SEG0852 `profiles.id` joins columns with "|" and `events.profile` with "/": no id is in both | [[events]] | joined in another way | give both the same `with`"#);
}

#[test]
fn what_is_no_toml_is_told() {
    let (_, diagnostics, sources) = parse("schema = \"a\nstrict = true\n", &[]);
    insta::assert_snapshot!(shown(&diagnostics, &sources));
}

#[test]
fn the_schema_must_have_what_is_mapped() {
    let (project, diagnostics, sources) = parse(
        "[profiles]\nfiles=\"p.csv\"\ncolumns.nam = \"n\"\n[scales]\npoints = 2\nrat = 2\n[classes.produkt]\nfiles=\"x.csv\"\n",
        &[],
    );
    assert_eq!(shown(&diagnostics, &sources), "");
    let mut diagnostics = check(&project, &schema());
    diagnostics.extend(apply_scales(&project.scales, &mut schema()));
    insta::assert_snapshot!(shown(&diagnostics, &sources));
}

#[test]
fn the_command_line_overrides_the_file() {
    let (project, diagnostics, sources) = parse(
        "strict = false\n[profiles]\nfiles = \"a.csv\"\n[[events]]\nfiles = \"e1.csv\"\n[[events]]\nfiles = \"e2.csv\"\n",
        &[
            ("strict", "true"),
            ("profiles.files", "b.csv"),
            ("profiles.columns.home.city", "town"),
            ("events.1.profile", "uid"),
            ("events.0.id", "uuid"),
            ("time.zone", "Europe/Oslo"),
            ("params.recency", "14 days"),
            ("events.profile", "ambiguous"),
            ("nonsense.deep", "1"),
        ],
    );
    insta::assert_snapshot!(shown(&diagnostics, &sources));
    assert!(project.strict);
    assert_eq!(project.profiles.set.files, ["b.csv"]);
    assert_eq!(project.profiles.set.mapping.physical(["home", "city"]), ["town"]);
    assert_eq!(project.events[1].profile, Column::At(vec!["uid".to_owned()]));
    assert_eq!(project.events[0].id, Some(Column::At(vec!["uuid".to_owned()])));
    let (other, ..) = parse("[events]\nfiles=\"a.csv\"", &[("events.0.files", "[\"b.csv\"]")]);
    assert_eq!(other.events[0].set.files, ["b.csv"]);
    let (other, ..) = parse("", &[("events.0.files", "b.csv")]);
    assert_eq!(other.events[0].set.files, ["b.csv"]);
    assert_eq!(project.zone, "Europe/Oslo");
    assert_eq!(project.params.len(), 1);
    let (spelt, ..) = parse("[time]\nzone = \"europe/OSLO\"", &[]);
    assert_eq!(spelt.zone, "Europe/Oslo", "one zone has one name, however it is written");
}

#[test]
fn the_page_of_settings_is_a_project_file_with_all_of_them() {
    let blocks: Vec<&str> = SETTINGS.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let text = blocks.concat();
    let (project, diagnostics, sources) = parse(&text, &[]);
    assert_eq!(shown(&diagnostics, &sources), "");
    assert_eq!(project.dialect(), "postgres");
    // A setting that there is not is answered with those that there are.
    for section in ["", "time", "profiles", "events", "classes.a", "propensity.a", "sql", "governance"] {
        let place = if section.is_empty() { String::new() } else { format!("[{section}]\n") };
        let (_, unknown, _) = parse(&format!("{place}there_is_no_such_setting = 1\n"), &[]);
        let help = unknown.iter().flat_map(|diagnostic| &diagnostic.help).map(String::as_str).collect::<String>();
        let known: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
        assert!(known.len() > 1, "{section}: {help}");
        for name in known {
            let begins = [format!("{name} = "), format!("[{name}"), format!("[[{name}"), format!("[profiles.{name}")];
            let is_told = |line: &str| begins.iter().any(|begin| line.starts_with(begin));
            assert!(text.lines().any(is_told) || SETTINGS.contains(&format!("or `{name}`")), "{section}: {name}");
        }
    }
}

#[test]
fn names_of_tables_are_those_of_what_there_is() {
    let (project, diagnostics, sources) =
        parse("[[events]]\nfiles = \"e.csv\"\n[sql]\nevents = [\"a\", \"b\"]\nclasses = { nope = \"c\" }", &[]);
    assert_eq!(shown(&diagnostics, &sources), "");
    let told = shown(&check(&project, &schema()), &sources);
    assert!(told.contains("the schema has no class `nope`"), "{told}");
    assert!(told.contains("`sql.events` names 2 tables, and there are 1 `[[events]]`"), "{told}");
}
