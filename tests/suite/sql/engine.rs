//! What DuckDB makes of literals, names, case folding, civil days and table definitions.

use std::collections::HashMap;

use segc::emit::ddl::ddl;
use segc::sql::dialect::Case;
use segc::sql::tree::{Item, Literal, SqlType};
use segc::sql::{self, Dialect, DuckDb, Expr, Ident, Layout, Query, Select};
use segc::vector::time::{self, Zone};
use serde_json::json;

use crate::check::RETAIL;
use crate::conformance::engine::Engine;
use crate::oracle::text;

/// Texts and names that break what is not quoted well.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "'",
        "''",
        "'''",
        "\"",
        "\"\"",
        "\\",
        "\\'",
        "\\\\'",
        "%",
        "_",
        "%_\\",
        "`",
        "``",
        ";",
        "--",
        "/*",
        "*/",
        "#",
        "$$",
        "$1",
        "?",
        ":x",
        "{",
        "{{",
        "{%",
        "}}",
        "${env:HOME}",
        "&x",
        "@x",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\u{1}",
        "\u{7f}",
        "\u{a0}",
        "\u{ad}",
        "\u{200b}",
        "\u{200e}",
        "\u{202e}",
        "\u{2028}",
        "\u{2029}",
        "\u{2066}",
        "\u{feff}",
        "ß",
        "İ",
        "é",
        "e\u{301}",
        "𝒳",
        "\u{10ffff}",
        "NULL",
        "null",
        "'||'",
        "a'; DROP TABLE t; --",
        "a\"; DROP TABLE t; --",
        "chr(39)",
        "') OR TRUE --",
        "\") OR TRUE --",
        "E'\\x27'",
        "U&'\\0027'",
        "0x27",
        "1 OR 1=1",
        " ",
        "  ",
        "a b",
        "select",
        "from",
        "lambda x: x",
        "x.y",
        "x\".\"y",
        "[1]",
        "{'a': 1}",
        "''''''''",
        "\u{2018}x\u{2019}",
        "＇",
        "ʼ",
    ]
    .map(str::to_owned)
    .into();
    let seeds = all.clone();
    for (at, text) in seeds.iter().enumerate() {
        all.push(format!("{text}{}", seeds[(at * 7 + 3) % seeds.len()]));
        all.push(format!("a{text}b{}c", seeds[(at * 11 + 5) % seeds.len()]));
    }
    all.push("'\"\\\n".repeat(16 << 10));
    all
}

fn select(items: Vec<Expr>) -> String {
    let items = items.into_iter().map(|expr| Item { expr, alias: None }).collect();
    sql::print(&Query { comment: vec![], ctes: vec![], body: Select { items, ..Select::default() } }, &DuckDb)
}

#[test]
fn hostile_texts_come_back_from_duckdb_as_they_were() {
    let mut engine = Engine::start("duckdb");
    let texts = hostile();
    assert!(texts.len() >= 200, "{}", texts.len());
    for chunk in texts.chunks(20) {
        let query = select(chunk.iter().map(|text| Expr::text(text.as_str())).collect());
        let rows = engine.rows(&query).unwrap_or_else(|error| panic!("{error}\n{query}"));
        let read: Vec<&str> = rows[0].iter().map(|value| value.as_str().unwrap()).collect();
        assert_eq!(read, chunk);
    }
    engine.report("hostile texts");
}

#[test]
fn hostile_names_are_names_in_duckdb() {
    let mut engine = Engine::start("duckdb");
    let names: Vec<String> = hostile().into_iter().filter(|name| name.len() < 1000).collect();
    for (number, name) in names.iter().enumerate() {
        let quoted = DuckDb.quoted(name);
        engine.execute(&format!("CREATE TABLE {quoted} ({quoted} STRUCT({quoted} BIGINT))")).unwrap();
        engine.execute(&format!("INSERT INTO {quoted} VALUES (struct_pack({quoted} := {number}))")).unwrap();
        let ident = Ident::physical(name);
        let expr = Expr::column(&Ident::generated("t"), &ident).field(&ident);
        let query = select(vec![expr]).trim_end().to_owned() + &format!(" FROM {quoted} AS t");
        let rows = engine.rows(&query).unwrap_or_else(|error| panic!("{name:?}: {error}\n{query}"));
        assert_eq!(rows, [[json!(number)]], "{name:?}");
        engine.execute(&format!("DROP TABLE {quoted}")).unwrap();
    }
    engine.report("hostile names");
}

#[test]
fn every_code_point_is_folded_as_unicode_says() {
    let mut engine = Engine::start("duckdb");
    for case in [Case::Lower, Case::Upper, Case::AsciiLower] {
        let folded = changed(&mut engine, case, true);
        for c in '\u{1}'..=char::MAX {
            let text = c.to_string();
            let expected = match case {
                Case::Lower => text::lower(&text),
                Case::Upper => text::upper(&text),
                Case::AsciiLower => text.to_ascii_lowercase(),
            };
            assert_eq!(folded.get(&text).unwrap_or(&text), &expected, "{case:?} of U+{:04X}", u32::from(c));
        }
    }
    engine.report("case of every code point");
}

/// What the engine makes of each code point that it changes.
fn changed(engine: &mut Engine, case: Case, exact: bool) -> HashMap<String, String> {
    let chars = Expr::Var(Ident::generated("c"));
    let folded = DuckDb.fold(chars.clone(), case, exact).unwrap();
    let query = select(vec![chars, folded]);
    let scalar = "CASE WHEN n BETWEEN 55296 AND 57343 THEN 1 ELSE n END";
    let from = format!("FROM (SELECT chr(({scalar})::INTEGER) AS c FROM range(1, 1114112) AS t(n))");
    let query = format!("SELECT * FROM ({query}{from}) AS t(c, folded) WHERE c <> folded");
    let rows = engine.rows(&query).unwrap();
    rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned())).collect()
}

#[test]
fn the_engine_alone_folds_all_but_the_odd_letters() {
    let mut engine = Engine::start("duckdb");
    for case in [Case::Lower, Case::Upper] {
        let odd = DuckDb.odd_letters(case);
        let (own, exact) = (changed(&mut engine, case, false), changed(&mut engine, case, true));
        for (c, folded) in own.iter().chain(&exact) {
            let (own, exact) = (own.get(c).unwrap_or(c), exact.get(c).unwrap_or(c));
            let all = [c.as_str(), folded, own, exact].concat();
            assert!(own == exact || all.chars().all(|c| odd.contains(&c)), "{c:?} gives {own:?}, not {exact:?}");
        }
    }
    engine.report("odd letters");
}

/// Up to the day from which on the engine's table of zones may be older than the compiler's.
#[test]
fn days_begin_when_their_zone_says() {
    let mut engine = Engine::start("duckdb");
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/Havana",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Asia/Beirut",
        "Australia/Lord_Howe",
    ];
    let (first, last) = (time::days(1998, 1, 1).unwrap(), time::days(2026, 1, 1).unwrap());
    for name in zones {
        let zone = Zone::new(name).unwrap();
        let start = DuckDb.start_of_day(Expr::Var(Ident::generated("d")), &zone).unwrap();
        let query = select(vec![Expr::Var(Ident::generated("n")), DuckDb.micros(start).unwrap()]);
        let from = format!("FROM (SELECT n, DATE '1970-01-01' + n::INTEGER AS d FROM range({first}, {last}) AS t(n))");
        let rows = engine.rows(&format!("{query}{from}")).unwrap();
        assert_eq!(rows.len(), (last - first) as usize);
        for row in rows {
            let day = row[0].as_i64().unwrap() as i32;
            let civil = time::civil(day);
            assert_eq!(row[1].as_i64(), Some(zone.start_of_day(day)), "{name}, {civil:?}");
        }
    }
    engine.report("first instants of days");
}

#[test]
fn the_tables_of_the_quickstart_can_be_made() {
    let mut engine = Engine::start("duckdb");
    let layout = Layout::of(&RETAIL);
    let text = ddl(&RETAIL, &layout, &DuckDb);
    insta::assert_snapshot!(text);
    engine.execute(&text).unwrap();
    let count = engine.rows("SELECT count(*) FROM information_schema.tables").unwrap();
    assert_eq!(count, [[json!(2 + RETAIL.classes.len())]]);
    engine.report("table definitions");
}

#[test]
fn typed_literals_keep_their_types() {
    let mut engine = Engine::start("duckdb");
    let literals = [
        (Literal::Int(i64::MIN), "BIGINT"),
        (Literal::Int(i64::MAX), "BIGINT"),
        (Literal::Float(0.1), "DOUBLE"),
        (Literal::Float(-1e300), "DOUBLE"),
        (Literal::Float(5e-324), "DOUBLE"),
        (Literal::Float(9.2e18), "DOUBLE"),
        (Literal::Decimal { unscaled: 5, precision: 38, scale: 2 }, "DECIMAL(38,2)"),
        (Literal::Date(-719_162), "DATE"),
        (Literal::Date(2_932_896), "DATE"),
        (Literal::Timestamp(-1), "TIMESTAMP WITH TIME ZONE"),
        (Literal::Timestamp(253_402_300_799_999_999), "TIMESTAMP WITH TIME ZONE"),
        (Literal::Bool(true), "BOOLEAN"),
    ];
    for (literal, ty) in literals {
        let expr = Expr::Literal(literal.clone());
        let text = select(vec![Expr::call("typeof", [expr.clone()])]);
        assert_eq!(engine.rows(&text).unwrap(), [[json!(ty)]], "{text}");
        let same = match &literal {
            Literal::Timestamp(micros) => DuckDb.micros(expr).unwrap().eq(Expr::int(*micros)),
            Literal::Date(days) => {
                let epoch = Expr::Literal(Literal::Date(0));
                DuckDb.days_between(epoch, expr).unwrap().eq(Expr::int(i64::from(*days)))
            }
            Literal::Float(value) => expr.eq(Expr::text(format!("{value:e}")).cast(SqlType::Float)),
            _ => continue,
        };
        assert_eq!(engine.rows(&select(vec![same])).unwrap(), [[json!(true)]], "{literal:?}");
    }
    engine.report("typed literals");
}
