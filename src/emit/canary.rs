//! One query of expressions with known answers, which a session is asked before any segment: a version, a setting or a
//! time zone that would select other profiles is found there, by its name, and so are [columns] of other types than the
//! schema's. Invariant: every check is built by the dialect as the segments' expressions are; what a dialect cannot
//! express is not asked.

mod beyond;
mod collect;
mod columns;
mod json;
mod order;
mod told;

pub use beyond::Beyond;
pub use columns::{Asked, Castable, Columns};
pub use told::told_of_columns;

use crate::sql::dialect::{Built, Case, Part, Unsupported};
use crate::sql::tree::{BinaryOp, Item, Literal};
use crate::sql::{Dialect, Expr, Ident, Query, Select, SqlType};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// The columns of the answer: what is checked, `1` where the database agrees, and the type that was found where it is one
/// that is checked.
pub const COLUMNS: [&str; 3] = ["setting", "agrees", "found"];

/// The canary of a dialect for segments in a zone that read some columns: a row per check.
pub fn canary(dialect: &dyn Dialect, zone: &Zone, columns: &Columns) -> Query {
    let checks = checks(dialect, zone).into_iter().filter_map(|(name, check)| Some((name, check.ok()?)));
    let settings = checks.chain(dialect.session_checks());
    let settings = settings.map(|(name, check)| row(Expr::text(name), check, Expr::Null(SqlType::Text)));
    let of_columns = columns.asked(dialect).into_values();
    let of_columns = of_columns.flat_map(|asked| [Some(asked.row), asked.beyond.map(|beyond| beyond.row)]).flatten();
    let rows = settings.chain(of_columns);
    let mut comment = vec![
        "canary: every row must say 1 before the segments may run in this session".to_owned(),
        format!("zone {}", zone.name()),
    ];
    comment.extend(dialect.prelude().into_iter().map(|statement| format!("the session begins with {statement};")));
    Query { comment, ..together(rows) }
}

/// The query of all rows.
pub fn together(rows: impl IntoIterator<Item = Select>) -> Query {
    let mut rows = rows.into_iter();
    let mut body = rows.next().unwrap_or_default();
    body.union_all = rows.collect();
    Query { comment: vec![], ctes: vec![], body }
}

/// A row of the answer.
fn row(setting: Expr, check: Expr, found: Expr) -> Select {
    let values = [setting, Expr::choose(check, Expr::int(1), Expr::int(0)), found];
    let items = values.into_iter().zip(COLUMNS).map(|(expr, name)| Item { expr, alias: Some(Ident::generated(name)) });
    Select { items: items.collect(), ..Select::default() }
}

/// What a session may have another opinion on, and a condition that is true where it has ours.
fn checks(d: &dyn Dialect, zone: &Zone) -> Vec<(&'static str, Built)> {
    let text = |text: &str| Expr::text(text);
    let day = |days: i32| Expr::Literal(Literal::Date(days));
    let instant = |micros: i64| Expr::Literal(Literal::Timestamp(micros));
    let same = |built: Built, value: Expr| built.map(|expr| expr.eq(value));
    let before = |a: &str, b: &str| {
        let (a, b) = (d.by_code_point(Expr::text(a))?, d.by_code_point(Expr::text(b))?);
        Ok(a.binary(BinaryOp::Lt, b))
    };
    let differ = |a: Expr, b: Expr| Ok(d.compared_texts(a, BinaryOp::Ne, b));
    let (noon, late) = (1_711_886_400_000_000, 1_711_925_999_999_999);
    let civil_day = |at: i64| (at + zone.offset(at)).div_euclid(crate::types::MICROS_PER_DAY) as i32;
    vec![
        ("order of text", before("Z", "a")),
        ("order of text beyond ascii", before("z", "\u{e9}")),
        ("case of compared text", differ(text("a"), text("A"))),
        ("accents of compared text", differ(text("e"), text("\u{e9}"))),
        ("trailing blanks of compared text", differ(text("a"), text("a "))),
        ("case of searched text", d.starts_with(text("Abc"), text("a")).map(Expr::negate)),
        ("wildcards in searched text", d.contains(text("abc"), text("%")).map(Expr::negate)),
        ("backslashes in literals", same(d.text_length(text("\\")), Expr::int(1))),
        ("substitution of variables in literals", same(d.text_length(text("${env:HOME}")), Expr::int(11))),
        ("length of text", same(d.text_length(text("\u{e9}\u{1f469}")), Expr::int(2))),
        ("lower case", same(d.fold(text("\u{c9}"), Case::Lower, true), text("\u{e9}"))),
        ("md5", same(d.md5(text("abc")), text("900150983cd24fb0d6963f7d28e17f72"))),
        ("integer division", same(d.int_div(Expr::int(-7), Expr::int(2)), Expr::int(-3))),
        (
            "sums of decimals",
            match d.abilities().counts_decimals {
                // Those of integers.
                true => Err(Unsupported("decimals".to_owned())),
                false => d
                    .can_hold(&SqlType::Decimal { precision: 2, scale: 1 })
                    .map(|()| decimal(1).binary(BinaryOp::Add, decimal(2)).eq(decimal(3))),
            },
        ),
        ("comparison with null", Ok(Expr::Null(SqlType::Int).eq(Expr::int(1)).is_not_true())),
        ("value of instants", same(d.micros(instant(noon)), Expr::int(noon))),
        ("rules of the time zone", same(d.local(instant(late), zone).and_then(|l| d.date(l)), day(civil_day(late)))),
        (
            "rules of the time zone in summer",
            same(d.local(instant(noon), zone).and_then(|l| d.date(l)), day(civil_day(noon))),
        ),
        ("beginning of days", same(d.start_of_day(day(19_813), zone), instant(zone.start_of_day(19_813)))),
        // 2024-01-07 was a Sunday.
        ("weekday of a Sunday", same(d.part(Part::Weekday, day(19_729)), Expr::int(7))),
        ("first day of weeks", same(d.start_of(CalendarUnit::Week, day(19_729), 1), day(19_723))),
        // 31 January and a month.
        ("steps of months", same(d.add_months(day(19_753), 1), day(19_782))),
    ]
}

/// Tenths.
fn decimal(unscaled: i128) -> Expr {
    Expr::Literal(Literal::Decimal { unscaled, precision: 2, scale: 1 })
}
