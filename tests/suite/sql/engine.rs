//! What each engine makes of literals, names, case folding, civil days and table definitions.

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
pub fn hostile() -> Vec<String> {
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

fn select(items: Vec<Expr>, dialect: &dyn Dialect) -> String {
    let items = items.into_iter().map(|expr| Item { expr, alias: None }).collect();
    sql::print(&Query { comment: vec![], ctes: vec![], body: Select { items, ..Select::default() } }, dialect)
}

#[test]
fn duckdb_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("duckdb");
}

#[test]
fn postgres_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("postgres");
}

fn reads_what_is_written_for_it(dialect: &str) {
    let mut engine = Engine::start(dialect);
    let texts = hostile_texts_come_back(&mut engine);
    let names = hostile_names_are_names(&mut engine);
    letters_are_folded(&mut engine);
    days_begin_when_their_zone_says(&mut engine);
    engine.report(&format!("{texts} hostile texts, {names} hostile names, the case of every letter, first instants"));
}

/// A table of rows with these columns.
fn load(engine: &mut Engine, table: &str, columns: &[(&str, SqlType)], rows: &[serde_json::Value]) {
    let folder = tempfile::tempdir().unwrap();
    let columns = columns.iter().map(|(name, ty)| (Ident::physical(name), ty.clone())).collect::<Vec<_>>();
    engine.load_table(table, &columns, rows, folder.path());
}

fn hostile_texts_come_back(engine: &mut Engine) -> usize {
    let texts = hostile();
    assert!(texts.len() >= 200, "{}", texts.len());
    for chunk in texts.chunks(20) {
        let query = select(chunk.iter().map(|text| Expr::text(text.as_str())).collect(), engine.dialect());
        let rows = engine.rows(&query).unwrap_or_else(|error| panic!("{error}\n{query}"));
        let read: Vec<&str> = rows[0].iter().map(|value| value.as_str().unwrap()).collect();
        assert_eq!(read, chunk);
    }
    texts.len()
}

/// As the name of a table, a column and a field.
fn hostile_names_are_names(engine: &mut Engine) -> usize {
    let dialect = engine.dialect();
    let names: Vec<String> = hostile().into_iter().filter(|name| name.len() < 64).collect();
    for (number, name) in names.iter().enumerate() {
        let ident = Ident::physical(name);
        let ty = SqlType::Struct(vec![(ident.clone(), SqlType::Int)]);
        load(engine, name, &[(name, ty)], &[json!({ name: { name: number } })]);
        let column = Expr::column(&Ident::generated("t"), &ident);
        let expr = dialect.stored(column, std::slice::from_ref(&ident), &SqlType::Int).unwrap();
        let table = dialect.quoted(name);
        let query = select(vec![expr], dialect).trim_end().to_owned() + &format!(" FROM {table} AS t");
        let rows = engine.rows(&query).unwrap_or_else(|error| panic!("{name:?}: {error}\n{query}"));
        assert_eq!(rows, [[json!(number)]], "{name:?}");
        engine.execute(&format!("DROP TABLE {table}")).unwrap();
    }
    names.len()
}

/// Exactly where that is asked for, and else all but the odd letters.
fn letters_are_folded(engine: &mut Engine) {
    let dialect = engine.dialect();
    // Every letter that has case, and the planes where letters are.
    let cased = |c: &char| text::lower(&c.to_string()) != c.to_string() || text::upper(&c.to_string()) != c.to_string();
    let letters =
        |c: &char| matches!(u32::from(*c), 1..=0x2fff | 0xa000..=0xafff | 0xfb00..=0xffff | 0x10000..=0x1efff);
    let all: Vec<char> = ('\u{1}'..=char::MAX).filter(|c| letters(c) || cased(c)).collect();
    let mut texts: Vec<String> =
        all.chunks(400).map(|chunk| chunk.iter().map(|c| format!("|{c}")).collect::<String>()).collect();
    // A letter that some fold otherwise at the end of a word.
    texts.push("ΟΔΟΣ ΟΔΟΣ.".to_owned());
    let rows: Vec<serde_json::Value> =
        texts.iter().enumerate().map(|(number, text)| json!({ "n": number, "c": text })).collect();
    load(engine, "letters", &[("n", SqlType::Int), ("c", SqlType::Text)], &rows);
    for (case, exact) in [Case::Lower, Case::Upper, Case::AsciiLower].into_iter().flat_map(|c| [(c, true), (c, false)])
    {
        let column = |name: &str| Expr::column(&Ident::generated("t"), &Ident::generated(name));
        let Ok(folded) = dialect.fold(column("c"), case, exact) else { continue };
        let query = select(vec![column("n"), folded], dialect) + "FROM letters AS t";
        let odd = if exact { vec![] } else { dialect.odd_letters(case) };
        for row in engine.rows(&query).unwrap() {
            let text = &texts[row[0].as_u64().unwrap() as usize];
            let expected = match case {
                Case::Lower => text::lower(text),
                Case::Upper => text::upper(text),
                Case::AsciiLower => text.to_ascii_lowercase(),
            };
            let actual = row[1].as_str().unwrap();
            let parts = text.split('|').zip(expected.split('|')).zip(actual.split('|'));
            for ((text, expected), actual) in parts {
                let letters = || [text, expected, actual].concat();
                let is_odd = !odd.is_empty() && letters().chars().all(|c| odd.contains(&c));
                assert!(actual == expected || is_odd, "{case:?} of {text:?}: {actual:?}, not {expected:?}");
            }
            assert_eq!(expected.split('|').count(), actual.split('|').count());
        }
    }
}

/// Up to the day from which on the engine's table of zones may be older than the compiler's.
fn days_begin_when_their_zone_says(engine: &mut Engine) {
    let dialect = engine.dialect();
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
    let day = |n: i32| {
        let civil = time::civil(n);
        json!({ "n": n, "d": format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day) })
    };
    let rows: Vec<serde_json::Value> = (first..last).map(day).collect();
    load(engine, "days", &[("n", SqlType::Int), ("d", SqlType::Date)], &rows);
    for name in zones {
        let zone = Zone::new(name).unwrap();
        let column = |name: &str| Expr::column(&Ident::generated("t"), &Ident::generated(name));
        let Ok(start) = dialect.start_of_day(column("d"), &zone) else { continue };
        let query = select(vec![column("n"), dialect.micros(start).unwrap()], dialect) + "FROM days AS t";
        let rows = engine.rows(&query).unwrap();
        assert_eq!(rows.len(), (last - first) as usize);
        for row in rows {
            let day = row[0].as_i64().unwrap() as i32;
            let civil = time::civil(day);
            assert_eq!(row[1].as_i64(), Some(zone.start_of_day(day)), "{name}, {civil:?}");
        }
    }
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
        let text = select(vec![Expr::call("typeof", [expr.clone()])], &DuckDb);
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
        assert_eq!(engine.rows(&select(vec![same], &DuckDb)).unwrap(), [[json!(true)]], "{literal:?}");
    }
    engine.report("typed literals");
}
