//! Every construct of the language, as the tree that it is read as.

use super::{expression, table, tree};

/// A file that shows the whole language.
pub const WHOLE: &str = r#"schema "schema/retail.json"
import "shared.seg"

/// Custom events give a name to a filtered event type.
event shoe_view = commerce.productViews
    where any(productListItems where product.category == "shoes")

param recency: duration = 30 days

let spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)

propensity churn {
    predict none(commerce.purchases in next 60 days)
    for     any(commerce.purchases in last 365 days)
    using   person, homeAddress, commerce.purchases, commerce.productViews
}

/// Looked for shoes lately and did not buy.
segment forgot_sneakers "Forgot to buy your sneakers?" {
    where homeAddress.countryCode in ["SE", "NO", "DK"]
      and count(shoe_view in last recency) >= 3
      and none(commerce.purchases in last recency)
}

segment abandoned_cart {
    where sequence(
        commerce.productListAdds as add in last 7 days
        then not commerce.purchases within 1 hour
             where any(productListItems where SKU in add.productListItems.SKU)
    )
}

segment save_them {
    where spend(365 days) > 5000
      and propensity.churn.probability >= 0.7
      and any(propensity.churn.factors where feature == "days_since_last_purchase")
      and not forgot_sneakers
    rank  by propensity.churn.probability desc limit 10000
}

test save_them {
    now 2026-11-23T12:00:00+01:00
    profile anna {
        homeAddress.countryCode: "SE"
        propensity.churn: { probability: 0.81, factors: [{ feature: "days_since_last_purchase" }] }
        events [
            commerce.purchases at -200 days { commerce.order.priceTotal: 6000 }
        ]
    }
    expect anna in save_them
    expect anna not in forgot_sneakers
}
"#;

#[test]
fn a_whole_file() {
    insta::assert_snapshot!(tree(WHOLE));
}

#[test]
fn the_grammar_as_ebnf() {
    insta::assert_snapshot!(segc::syntax::ebnf());
}

#[test]
fn every_example_is_read() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "seg") {
                tree(&std::fs::read_to_string(path).unwrap());
                seen += 1;
            }
        }
    }
    assert!(seen > 0);
}

#[test]
fn declarations() {
    let sources = [
        "",
        "// nothing\n",
        "schema \"a.json\"",
        "import \"b.seg\"",
        "param since: date = 2026-01-31",
        "param countries: list<string> = [\"SE\", \"NO\",]",
        "param x: map<list<int?>>? = y",
        "let adult = person.age >= 18",
        "let both(a: bool, b: bool,): bool = a and b",
        "let none_of(): int = 0",
        "event late = commerce.purchases as p in last 7 days where p.hour >= 22",
        "event any_event = events",
        "event `Order Completed` = `Order Completed` where total > 0",
        "segment s { where true }",
        "segment s \"a \\\"title\\\" \\u{1F45F}\" { where a where b }",
        "segment empty {}",
        "segment s { where a rank by sum(x of y) }",
        "segment s { where a rank by b + 1 asc limit 10 sample 0.5% salt \"x\" }",
        "segment s { sample 10 % }",
    ];
    insta::assert_snapshot!(table(&sources, tree));
}

#[test]
fn propensities() {
    let sources = [
        "propensity p { predict any(buy in next 30 days) for true using person, web.visits static person.gender, country
            deny person.birthDate cutoffs every 30 days over last 400 days trees 200 depth 4 seed 7
            buckets low < 25, medium < 75.5, high require auc >= 0.70, positives >= 500 max age 7 days
            control 5% salt \"x\" }",
        "propensity p from \"scores.parquet\" { kind churn scale probability scored at _tenant.scores.at value at x.y
            id at profile_id factors at scores.reasons quality 0.81 max age 7 days }",
        "propensity p from \"scores.parquet\" { quality at model.auc kind at a.b }",
        "propensity p from customer_ai _tenant.churn\nsegment s { where true }",
        "propensity p from customer_ai { scale percentile }",
        "propensity p {}",
        "propensity trees { for trees > 3 and depth < 4 trees 5 }",
    ];
    insta::assert_snapshot!(table(&sources, tree));
}

#[test]
fn tests() {
    let sources = [
        "test { now 2026-11-23T12:00:00Z }",
        "test s { now today expect a in s expect b not in s }",
        "test s { profile a { x: 1 y.z: -2.5, w: [1, 2,] v: [] u: {} \"odd key\": \"s\" `in`: true now: now where: false } }",
        "test s { profile a { m[\"key\"].n: { a.b: 1, \"c d\": [{ e: 2026-01-01 }], f: 3 days ago } } }",
        "test s { profile a { at: 2 days from now, days: 3\n day: 4 events: 5 } }",
        "test s { product \"SKU-1\" { category: \"shoes\" } store 7 {} profile a { events [] } }",
        "test s { profile a { events [] } }",
        "test s { profile a { events [ view at -3 days like at -2 days, on at now matches.x at now ] } }",
        "test s { profile a { events [ buy at -3 days buy at now - 2 hours { x: 1, y: 2 }, `a b` at 2026-01-01 {} ] } }",
        "test s { profile a { propensity.churn: { bucket: \"high\" } events [ buy at today { items: [{ SKU: \"1\" }] } ] } }",
    ];
    insta::assert_snapshot!(table(&sources, tree));
}

#[test]
fn literals_and_paths() {
    let sources = [
        "true",
        "false",
        "10_000",
        "0.75",
        r#""a \"b\" \\ \n \t \u{e9}""#,
        "2026-11-23",
        "2026-11-23T10:00:00.123+02:00",
        "30 days",
        "1.5 hours",
        "[]",
        "[1, [2], \"x\",]",
        "person.name.firstName",
        "a.in.where.segment.`odd name`",
        "`segment`.x",
        "segment.x + propensity.churn.score + profile.event.test",
        "identityMap[\"email\"].primary",
        "m[\"a\"][\"b\"].c",
        "_tenant.fält",
        "now - 3 days",
        "today",
        "[yesterday, tomorrow]",
        "30 days ago",
        "7 days from now",
        "recency ago",
    ];
    insta::assert_snapshot!(table(&sources, expression));
}

#[test]
fn operators_and_their_precedence() {
    let sources = [
        "a or b and c or d",
        "(a or b) and not c and not not d",
        "a and b and (c and d)",
        "a + b * c - d / e % f div g",
        "-a + - -b * -1",
        "a default 0 + 1",
        "a default b default -1 * 2",
        "-a default b",
        "a + 1 == b * 2",
        "not a == b",
        "a != \"x\" ignoring case",
        "a in [1, 2] and a not in b",
        "a in [\"x\"] ignoring case",
        "a contains \"x\" ignoring case and a not contains \"y\"",
        "a starts with \"x\" or a not starts with \"x\" or a ends with \"y\" ignoring case",
        "a like \"%x\\\\_\" or a not like \"y\" or a matches \"^x$\" or a not matches \"z\"",
        "a has any [1] or a has all [2] or a within [3] or a not has any [4] or a not within b",
        "a is present and b.c is absent and not (a is present)",
        "a between 1 and 2 and b not between c + 1 and -d",
        "if a then b else if c then d else e",
        "if a or b then if c then d else e else f",
        "1 + (if a then 1 else 2)",
        "a < b and c <= d and e > f and g >= h",
        "(a < b) == (c > d)",
    ];
    insta::assert_snapshot!(table(&sources, expression));
}

#[test]
fn windows_on_values() {
    let sources = [
        "t in last 30 days",
        "t in last recency and u in last params.recency",
        "t not in next 7 days",
        "t in this month",
        "t in previous 3 quarters",
        "person.birthDate in next 7 days ignoring year",
        "t on today and t on 2026-11-23 and t not on tomorrow",
        "t on yesterday ignoring year",
        "t before 2026-01-01 and t after 30 days ago and t not before now",
        "t between 2026-01-01 and today ignoring year",
        "x in last",
        "x in last(y of z)",
        "x in next.y or x in (last)",
    ];
    insta::assert_snapshot!(table(&sources, expression));
}

#[test]
fn collections() {
    let sources = [
        "any(commerce.purchases)",
        "none(events as e in last 3 days where e.x == 1 and y)",
        "all(productListItems satisfy quantity > 0)",
        "all(productListItems as i where i.x satisfy i.y)",
        "count(buy) >= 3",
        "count(distinct product.id of items where x)",
        "count(distinct (a + b) of items)",
        "sum(a * b of items) + min(a of b) + max(a of b) + average(a of b)",
        "first(timestamp of buy in last 1 year) < last(timestamp of visit)",
        "list(x of y) has any [1]",
        "min(a, b) + max(1, 2, c)",
        "any(top 3 of items by price where x)",
        "sum(price of bottom 2 of items where a by price * quantity)",
        "count(groups of buy in last 4 weeks by start_of(week, timestamp) where count(group) >= 2) >= 3",
        "count(groups of top 5 of buy by x by y)",
        "any(buy on today)",
        "any(buy before 2026-01-01 where x)",
        "any(buy after t)",
        "any(buy between 2026-01-01 and 30 days ago where x)",
        "any(buy in this week)",
        "any(buy in previous 2 months)",
        "none(commerce.purchases as p where p.timestamp > last(timestamp of commerce.productViews))",
        "any(`Order Completed` where `total price` > 1)",
        "any(m[\"key\"] where x)",
    ];
    insta::assert_snapshot!(table(&sources, expression));
}

#[test]
fn sequences() {
    let sources = [
        "sequence(a)",
        "sequence(a then b then not c)",
        "sequence(3 times a as x in last 7 days where p then 2 times b)",
        "sequence(a then b within 1 hour after at least 10 minutes where c)",
        "sequence(a then b after at least 1 day within gap)",
        "sequence(a after 2026-01-01 then b after at least 1 day)",
        "sequence(a before now within 3 days where if p then q else r then b)",
        "sequence(a then not b in last 3 days within 1 hour where SKU in a.items.SKU then c)",
    ];
    insta::assert_snapshot!(table(&sources, expression));
}

#[test]
fn calls() {
    let sources = [
        "lower(trim(a))",
        "f()",
        "member(\"x\") or member(\"x\", \"ns\")",
        "capture(url, \"id=([0-9]+)\", 1,)",
        "start_of(month, t) == date(timestamp)",
        "age(person.birthDate) >= 18",
        "days_between(a, b) + day(c)",
        "spend(365 days)",
        "any(items where size(distinct(tags)) > 1)",
    ];
    insta::assert_snapshot!(table(&sources, expression));
}

#[test]
fn words_are_keywords_only_where_they_can_be() {
    let sources = [
        "date and day and count and first and last and list and any and sum and top and groups",
        "contains contains contains",
        "like like like or within within within",
        "on on on",
        "by + of * as - default default from",
        "limit.rank.sample",
        "starts == ends",
        "times > 3 times_two",
        "is_present is present",
        "kind == scale and trees == depth and profile == events and at == quality",
        "distinct == distinct",
        "ago ago",
    ];
    let show = |text: &str| {
        let parse = super::read(&format!("let x = {text}"));
        let codes: Vec<String> = parse.diagnostics.iter().map(|d| d.message.clone()).collect();
        format!("{}{}", segc::syntax::dump::file(&parse.file), codes.join("\n"))
    };
    insta::assert_snapshot!(table(&sources, show));
}
