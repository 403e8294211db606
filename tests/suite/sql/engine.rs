//! What each engine makes of literals, names, case folding and table definitions. One test per engine, since some of
//! them take long to start.

use std::collections::BTreeSet;

use segc::emit::ddl;
use segc::sql::dialect::Case;
use segc::sql::tree::{CreateTable, Item, Literal, Source, SqlType, Table};
use segc::sql::{self, Dialect, DuckDb, Expr, Ident, Layout, Query, Select};
use serde_json::{Value as Json, json};

use super::civil;
use super::hostile::hostile;
use crate::check::RETAIL;
use crate::conformance::engine::Engine;
use crate::oracle::text;

#[test]
fn duckdb_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("duckdb");
}

#[test]
fn postgres_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("postgres");
}

#[test]
fn clickhouse_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("clickhouse");
}

#[test]
fn sqlite_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("sqlite");
}

#[test]
fn datafusion_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("datafusion");
}

#[test]
fn spark_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("spark");
}

#[test]
fn mariadb_reads_what_is_written_for_it() {
    reads_what_is_written_for_it("mariadb");
}

fn reads_what_is_written_for_it(dialect: &str) {
    let mut engine = Engine::start(dialect);
    let texts = hostile_texts_come_back(&mut engine);
    let names = hostile_names_are_names(&mut engine);
    generated_names_are_names(&mut engine);
    // Others take long for a table, or are given its rows by a way that has rules of its own for names.
    let stored = if ["duckdb", "postgres", "sqlite", "mariadb"].contains(&dialect) {
        hostile_names_of_what_is_stored(&mut engine)
    } else {
        0
    };
    literals_keep_their_values(&mut engine);
    letters_are_folded(&mut engine);
    civil::times_are_the_same(&mut engine);
    tables_can_be_made(&mut engine);
    engine.report(&format!(
        "{texts} hostile texts, {names} hostile names, {stored} of tables, the case of every letter, civil times"
    ));
}

/// A query of expressions, perhaps over a table called `t`.
pub(super) fn select(dialect: &dyn Dialect, items: Vec<Expr>, from: Option<&str>) -> String {
    // To some engines a conversion is called what it is of, and no two columns may be called the same.
    let name = |number| Some(Ident::generated(&format!("column_{number}")));
    let items = items.into_iter().enumerate().map(|(number, expr)| Item { expr, alias: name(number) }).collect();
    let alias = Ident::generated("t");
    let from = from.map(|name| Table { source: Source::Named(vec![Ident::physical(name)]), alias });
    sql::print(&Query { comment: vec![], ctes: vec![], body: Select { items, from, ..Select::default() } }, dialect)
}

/// A column of the table of a query.
pub(super) fn column(name: &str) -> Expr {
    Expr::column(&Ident::generated("t"), &Ident::physical(name))
}

/// The rows of a query, which is shown if it fails.
pub(super) fn rows(engine: &mut Engine, query: &str) -> Vec<Vec<Json>> {
    engine.rows(query).unwrap_or_else(|error| panic!("{error}\n{query}"))
}

/// A table of rows with these columns.
pub(super) fn load(engine: &mut Engine, table: &str, columns: &[(&str, SqlType)], rows: &[Json]) {
    let folder = tempfile::tempdir().unwrap();
    let columns = columns.iter().map(|(name, ty)| (Ident::physical(name), ty.clone())).collect::<Vec<_>>();
    engine.load_table(table, &columns, rows, folder.path());
}

fn hostile_texts_come_back(engine: &mut Engine) -> usize {
    let texts = hostile();
    assert!(texts.len() >= 200, "{}", texts.len());
    for chunk in texts.chunks(40) {
        let query = select(engine.dialect(), chunk.iter().map(|text| Expr::text(text.as_str())).collect(), None);
        let rows = rows(engine, &query);
        let read: Vec<&str> = rows[0].iter().map(|value| value.as_str().unwrap()).collect();
        assert_eq!(read, chunk);
    }
    texts.len()
}

/// As aliases of columns and of a query.
fn hostile_names_are_names(engine: &mut Engine) -> usize {
    // To some engines names are the same that differ in case.
    let mut taken = BTreeSet::new();
    let is_name = |name: &String| name.len() < 64 && !name.trim().is_empty() && taken.insert(name.to_lowercase());
    let names: Vec<String> = hostile().into_iter().filter(is_name).collect();
    assert!(names.len() >= 200, "{}", names.len());
    // To one engine they are the same that differ in accents too, or where one has a character that does not count; and
    // some it cannot have.
    let is_possible = |name: &&String| engine.dialect().stored(column(name), &[], &SqlType::Int).is_ok();
    let possible: Vec<String> = names.iter().filter(is_possible).cloned().collect();
    let together = if engine.dialect().name() == "mariadb" { 1 } else { 40 };
    for (at, chunk) in possible.chunks(together).enumerate() {
        let source = Ident::physical(&possible[at]);
        let item = |(number, name): (usize, &String)| Item {
            expr: Expr::int(number as i64),
            alias: Some(Ident::physical(name)),
        };
        let inner = Select { items: chunk.iter().enumerate().map(item).collect(), ..Select::default() };
        let of = |name: &String| Item {
            expr: Expr::column(&source, &Ident::physical(name)),
            alias: Some(Ident::physical(name)),
        };
        let from = Some(Table { source: Source::Select(Box::new(inner)), alias: source.clone() });
        let body = Select { items: chunk.iter().map(of).collect(), from, ..Select::default() };
        let query = sql::print(&Query { comment: vec![], ctes: vec![], body }, engine.dialect());
        let expected: Vec<Json> = (0..chunk.len()).map(|number| json!(number)).collect();
        assert_eq!(rows(engine, &query), [expected], "{query}");
    }
    possible.len()
}

/// Names made of words that some database reserves, as aliases of columns and of a query.
fn generated_names_are_names(engine: &mut Engine) {
    let words = "change condition convert div dual each exit float force group item keys key lead leave load lock long \
                 loop match mod option order out place procedure range rank read release rename repeat replace require \
                 row rows schema separator signal sql ssl starting system table undo usage user values when while window \
                 write zerofill";
    let mut texts: Vec<String> = words.split_whitespace().map(|w| sql::quote::generated_name(w, "name")).collect();
    texts.push("change".to_owned());
    for name in texts.iter().map(|text| Ident::generated(text)) {
        let item = |expr| vec![Item { expr, alias: Some(name.clone()) }];
        let inner = Select { items: item(Expr::int(1)), ..Select::default() };
        let from = Some(Table { source: Source::Select(Box::new(inner)), alias: name.clone() });
        let body = Select { items: item(Expr::column(&name, &name)), from, ..Select::default() };
        let query = sql::print(&Query { comment: vec![], ctes: vec![], body }, engine.dialect());
        assert_eq!(rows(engine, &query), [[json!(1)]], "{query}");
    }
}

/// As the name of a table, a column and a field.
fn hostile_names_of_what_is_stored(engine: &mut Engine) -> usize {
    let dialect = engine.dialect();
    let mut taken = 0;
    let names: Vec<String> = hostile().into_iter().filter(|name| name.len() < 64).collect();
    for (number, name) in names.iter().enumerate() {
        let ident = Ident::physical(name);
        let ty = SqlType::Struct(vec![(ident.clone(), SqlType::Int)]);
        let Ok(expr) = dialect.stored(column(name), std::slice::from_ref(&ident), &SqlType::Int) else { continue };
        taken += 1;
        load(engine, name, &[(name, ty)], &[json!({ name: { name: number } })]);
        let query = select(dialect, vec![expr], Some(name));
        let read = rows(engine, &query)[0][0].clone();
        assert!(read == json!(number) || read == json!(number.to_string()), "{name:?}: {read}");
        engine.execute(&format!("DROP TABLE {}", dialect.quoted(name))).unwrap();
    }
    assert!(taken * 4 >= names.len() * 3, "{taken} of {}", names.len());
    taken
}

fn literals_keep_their_values(engine: &mut Engine) {
    let dialect = engine.dialect();
    let mut tests: Vec<(String, Expr)> = Vec::new();
    for micros in [-1, 0, 1_764_000_000_123_456, 253_402_300_799_999_999, -62_135_596_800_000_000] {
        let literal = Expr::Literal(Literal::Timestamp(micros));
        tests.push((format!("instant {micros}"), dialect.micros(literal.clone()).unwrap().eq(Expr::int(micros))));
        tests.push((format!("instant of {micros}"), dialect.instant(Expr::int(micros)).unwrap().eq(literal)));
    }
    for days in [0, -1, 20_000, -719_162, 2_932_896] {
        let from = Expr::Literal(Literal::Date(0));
        let days_between = dialect.days_between(from, Expr::Literal(Literal::Date(days))).unwrap();
        tests.push((format!("date {days}"), days_between.eq(Expr::int(i64::from(days)))));
    }
    for value in [0.1, -1e300, 5e-324, 9.2e18, 0.0, 1.0, 123_456.789, f64::MAX, 1e-7, 1.0 / 3.0] {
        let read = Expr::text(format!("{value:e}")).cast(SqlType::Float);
        tests.push((format!("double {value:e}"), Expr::Literal(Literal::Float(value)).eq(read)));
    }
    for value in [i64::MIN, i64::MAX, 0, -1, 2_147_483_648, 9_007_199_254_740_993] {
        let read = Expr::text(value.to_string()).cast(SqlType::Int);
        tests.push((format!("int {value}"), Expr::int(value).eq(read)));
    }
    for (unscaled, precision, scale) in [(5, 1, 2), (-12_345, 5, 2), (10i128.pow(37) + 1, 38, 2), (1, 1, 0)] {
        let precision = precision.max(scale);
        let digits = format!("{:0>3}", i128::abs(unscaled));
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
        let sign = if unscaled < 0 { "-" } else { "" };
        let read = Expr::text(format!("{sign}{whole}.{fraction}"));
        let digits = sql::SqlType::Decimal { precision: 38, scale };
        let literal = Expr::Literal(Literal::Decimal { unscaled, precision, scale });
        tests.push((format!("decimal {unscaled}"), literal.cast(digits.clone()).eq(read.cast(digits))));
    }
    let query = select(dialect, tests.iter().map(|(_, test)| test.clone()).collect(), None);
    let rows = rows(engine, &query);
    for ((name, _), value) in tests.iter().zip(&rows[0]) {
        assert!(*value == json!(true) || *value == json!(1), "{name} is read as another value: {value}");
    }
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
    let lines: Vec<Json> = texts.iter().enumerate().map(|(number, text)| json!({ "n": number, "c": text })).collect();
    load(engine, "letters", &[("n", SqlType::Int), ("c", SqlType::Text)], &lines);
    for (case, exact) in [Case::Lower, Case::Upper, Case::AsciiLower].into_iter().flat_map(|c| [(c, true), (c, false)])
    {
        let Ok(folded) = dialect.fold(column("c"), case, exact) else { continue };
        let query = select(dialect, vec![column("n"), folded], Some("letters"));
        let odd = if exact { vec![] } else { dialect.odd_letters(case) };
        for row in rows(engine, &query) {
            let text = &texts[row[0].as_u64().unwrap() as usize];
            let expected = match case {
                Case::Lower => text::lower(text),
                Case::Upper => text::upper(text),
                Case::AsciiLower => text.to_ascii_lowercase(),
            };
            let actual = row[1].as_str().unwrap();
            let parts = text.split('|').zip(expected.split('|')).zip(actual.split('|'));
            for ((text, expected), actual) in parts {
                let is_odd = !odd.is_empty() && only_odd_letters_differ(text, expected, actual, &odd);
                assert!(actual == expected || is_odd, "{case:?} of {text:?}: {actual:?}, not {expected:?}");
            }
            assert_eq!(expected.split('|').count(), actual.split('|').count());
        }
    }
}

fn only_odd_letters_differ(text: &str, expected: &str, actual: &str, odd: &[char]) -> bool {
    let lengths = [text, expected, actual].map(|text| text.chars().count());
    if lengths.iter().any(|length| *length != lengths[0]) {
        return [text, expected, actual].concat().chars().all(|c| odd.contains(&c));
    }
    let mut letters = text.chars().zip(expected.chars()).zip(actual.chars());
    letters.all(|((c, a), b)| a == b || [c, a, b].iter().all(|c| odd.contains(c)))
}

/// The tables of the quickstart, by their definitions.
fn tables_can_be_made(engine: &mut Engine) {
    let dialect = engine.dialect();
    let tables = ddl::tables(&RETAIL, &Layout::of(&RETAIL));
    let can_be_defined = |table: &CreateTable| table.columns.iter().all(|(_, ty, _)| dialect.can_define(ty).is_ok());
    let tables: Vec<CreateTable> = tables.into_iter().filter(can_be_defined).collect();
    assert!(!tables.is_empty());
    for table in tables {
        let text = sql::print_tables(std::slice::from_ref(&table), dialect);
        engine.execute(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let first = column(table.columns[0].0.text());
        assert_eq!(rows(engine, &select(dialect, vec![first], Some(table.name[0].text()))), Vec::<Vec<Json>>::new());
    }
}

#[test]
fn the_tables_of_the_quickstart() {
    insta::assert_snapshot!(ddl::ddl(&ddl::tables(&RETAIL, &Layout::of(&RETAIL)), &DuckDb));
}

#[test]
fn the_tables_of_the_quickstart_have_an_order_where_one_is_asked_for() {
    let text = ddl::ddl(&ddl::tables(&RETAIL, &Layout::of(&RETAIL)), &sql::ClickHouse);
    let clauses: Vec<&str> = text.lines().filter(|line| line.contains("ENGINE") || line.contains("CREATE")).collect();
    insta::assert_snapshot!(clauses.join("\n"));
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
        let text = select(&DuckDb, vec![Expr::call("typeof", [expr.clone()])], None);
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
        assert_eq!(engine.rows(&select(&DuckDb, vec![same], None)).unwrap(), [[json!(true)]], "{literal:?}");
    }
    engine.report("typed literals");
}
