//! SQLite from 3.38 on (`->>`). Lists, maps and objects are JSON text, walked through by subqueries over `json_each`
//! ([`list`]); a date is the text `2026-11-23`, an instant an integer of microseconds since 1970, a civil time a text
//! like `2026-11-23 11:00:00`. There are no exact
//! decimals, regular expressions, hashes or zones: decimals are counted in integers, a zone's offsets are written out
//! ([`time`]), and what needs one of the others is refused. Invariant: as [`Dialect`] says; each spelling here has been run on the engine.

mod first;
mod json;
mod list;
mod stack;
mod text;
mod time;
mod value;

use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Unsupported, Wild};
use super::quote;
use super::stored_json::StoredJson;
use super::stored_types::{Castable, StoredTypes, Teller};
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::{Decimal, Nested, TypeNames};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// SQLite.
#[derive(Debug, Clone, Copy)]
pub struct Sqlite;

static TYPES: TypeNames = TypeNames {
    bool: "INTEGER",
    int32: "INTEGER",
    int: "INTEGER",
    wide_int: "INTEGER",
    decimal: Decimal::Any("NUMERIC"),
    float: "REAL",
    text: "TEXT",
    date: "TEXT",
    timestamp: "INTEGER",
    local_timestamp: "TEXT",
    nullable: ["", ""],
    nested: Nested::Untyped("TEXT"),
};

static STORED_TYPES: StoredTypes = StoredTypes {
    teller: Teller::OfValues(value::told_type),
    bool: &["integer"],
    int: &["integer"],
    unsigned: &[],
    decimal: &["integer", "real"],
    float: &["real"],
    text: &["text"],
    uuid: &[],
    date: &["text"],
    timestamp: &["integer"],
    local_timestamp: &["text"],
    nested: &["text"],
    around: &[["", ""]],
    has_times_beyond: false,
    collates: true,
    cast: Castable {
        int: &[],
        decimal: &[],
        float: &[],
        text: &["integer"],
        date: &[],
        timestamp: &[],
        local_timestamp: &[],
    },
};

fn refuse<T>(what: &str) -> Result<T, Unsupported> {
    Err(Unsupported(what.to_owned()))
}

impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn limits(&self) -> Limits {
        Limits {
            text_bytes: 900_000,
            in_list: 10_000,
            digits: 18,
            narrow_digits: 18,
            quotient_digits: 18,
            product_scale: 18,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities { counts_decimals: true, ..Abilities::STANDARD }
    }

    fn prelude(&self) -> Vec<&'static str> {
        vec![]
    }

    fn create_view_as(&self, name: &str) -> String {
        format!("DROP VIEW IF EXISTS {name};\nCREATE VIEW {name} AS")
    }

    fn symbols_kept(&self, text: &str) -> Option<(usize, usize)> {
        // Versions before 3.46 keep 100 symbols.
        Some((stack::most_kept(text), 100))
    }

    fn quoted(&self, name: &str) -> String {
        quote::double_quoted(name)
    }

    fn literal(&self, literal: &Literal) -> String {
        value::literal(literal)
    }

    fn null(&self, _: &SqlType) -> String {
        "NULL".to_owned()
    }

    fn type_names(&self) -> &'static TypeNames {
        &TYPES
    }

    fn stored_types(&self) -> Option<&'static StoredTypes> {
        Some(&STORED_TYPES)
    }

    fn stored_json(&self) -> Option<&'static StoredJson> {
        Some(&json::JSON)
    }

    fn lambda(&self, _: &[String], body: &str) -> String {
        // No function takes one: what walks through a list is a subquery.
        body.to_owned()
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}, {value}")).collect();
        format!("json_object({})", fields.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("json_array({})", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, _: &str, _: Option<&str>) -> String {
        // Its columns have names of their own.
        format!("json_each({list}) AS {alias}")
    }

    fn stored(&self, base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
        value::stored(base, fields, ty)
    }

    fn element(&self, element: Expr, ty: &SqlType) -> Built {
        Ok(value::of_json(list::element(element), ty))
    }

    fn pack(&self, fields: Vec<(Ident, Expr, SqlType)>) -> Built {
        let field = |(name, expr, ty): (Ident, Expr, SqlType)| [Expr::text(name.text()), value::to_json(expr, &ty)];
        Ok(Expr::call("json_object", fields.into_iter().flat_map(field).collect::<Vec<_>>()))
    }

    fn field(&self, packed: Expr, field: &Ident, ty: &SqlType) -> Built {
        Ok(value::member(list::element(packed), field.text(), ty))
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        text::fold(text, case, exact)
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        text::odd_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("trim", [text, Expr::text(" ")]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(Expr::call("length", [text]))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        Ok(Expr::call("substr", [Some(text), Some(start), length].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        text::split(text, &separator)
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("instr", [text, part]).binary(BinaryOp::Gt, Expr::int(0)))
    }

    fn starts_with(&self, text: Expr, part: Expr) -> Built {
        let length = Expr::call("length", [part.clone()]);
        Ok(Expr::call("substr", [text, Expr::int(1), length]).eq(part))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        // A text has the part at its end if it is what is left when as much is taken from the front.
        Ok(Expr::with([text, part], |[text, part]| {
            let length = |text: &Expr| Expr::call("length", [text.clone()]);
            let from = length(&text).binary(BinaryOp::Sub, length(&part)).binary(BinaryOp::Add, Expr::int(1));
            let fits = length(&text).binary(BinaryOp::Ge, length(&part));
            Expr::and([fits, Expr::call("substr", [text, from]).eq(part)])
        }))
    }

    fn like(&self, text: Expr, pattern: &[Wild]) -> Built {
        let mut glob = String::new();
        for part in pattern {
            match part {
                Wild::Text(text) => text.chars().for_each(|c| match c {
                    '*' | '?' | '[' => glob.push_str(&format!("[{c}]")),
                    c => glob.push(c),
                }),
                Wild::One => glob.push('?'),
                Wild::Any => glob.push('*'),
            }
        }
        Ok(text.binary(BinaryOp::Other("GLOB"), Expr::text(glob)))
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        text::matches(self, text, pattern)
    }

    fn capture(&self, _: Expr, _: &str, _: u32) -> Built {
        refuse("a regular expression")
    }

    fn url_host(&self, _: Expr) -> Built {
        refuse("a regular expression")
    }

    fn md5(&self, _: Expr) -> Built {
        refuse("`sample`, which needs the hash MD5,")
    }

    fn is_finite(&self, float: Expr) -> Built {
        Ok(Expr::call("abs", [float]).binary(BinaryOp::Le, Expr::Literal(Literal::Float(f64::MAX))))
    }

    fn float_arithmetic(&self, op: BinaryOp, left: Expr, right: Expr) -> Built {
        match op {
            BinaryOp::Rem => refuse("the remainder of numbers that are not exact"),
            op => Ok(left.binary(op, right)),
        }
    }

    fn floor(&self, number: Expr, _: &SqlType) -> Built {
        Ok(value::rounded(number, Some(BinaryOp::Lt)))
    }

    fn ceil(&self, number: Expr, _: &SqlType) -> Built {
        Ok(value::rounded(number, Some(BinaryOp::Gt)))
    }

    fn abs(&self, number: Expr) -> Built {
        // The function raises an error for the smallest integer.
        Ok(Expr::with([number], |[number]| {
            let negative = number.clone().binary(BinaryOp::Lt, Expr::int(0));
            Expr::choose(negative, Expr::Negative(Box::new(number.clone())), number)
        }))
    }

    fn trunc(&self, float: Expr) -> Built {
        Ok(value::rounded(float, None))
    }

    fn sign(&self, float: Expr) -> Built {
        Ok(Expr::call("sign", [float]).cast(SqlType::Float))
    }

    // Of decimals that are not counted, of which there are none.
    fn decimal_to_float(&self, _: Expr, _: u8) -> Built {
        refuse("decimals by themselves")
    }

    fn guarded(&self, _: Expr, _: &SqlType) -> Built {
        refuse("decimals by themselves")
    }

    fn narrowed(&self, number: Expr, from: &SqlType, to: &SqlType) -> Built {
        match (from, to) {
            (SqlType::Float, to) => Ok(number.cast(to.clone())),
            // An integer that does not fit has become a double.
            _ => Ok(Expr::with([number], |[number]| {
                let is_integer = Expr::call("typeof", [number.clone()]).eq(Expr::text("integer"));
                number.when(is_integer)
            })),
        }
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        Ok(left.binary(BinaryOp::IntDiv("/"), right))
    }

    fn least(&self, values: Vec<Expr>) -> Built {
        Ok(Expr::call("min", values))
    }

    fn greatest(&self, values: Vec<Expr>) -> Built {
        Ok(Expr::call("max", values))
    }

    fn micros(&self, instant: Expr) -> Built {
        Ok(instant)
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(micros)
    }

    fn compared_local(&self, local: Expr, op: BinaryOp, micros: i64) -> Expr {
        time::compared(local, op, micros)
    }

    fn of_local(&self, local: Expr, zone: &Zone) -> Built {
        Ok(time::instant_of(local, zone))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(time::local(instant, zone))
    }

    fn date(&self, local: Expr) -> Built {
        Ok(Expr::call("date", [local]))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        Ok(time::part(part, value))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        Ok(time::start_of(unit, date, week_start))
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        Ok(time::start_of_day(date, zone))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        Ok(time::add(date, days, " days"))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        Ok(time::add_months(date, months))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        let day = |date: Expr| Expr::call("julianday", [date]);
        Ok(day(to).binary(BinaryOp::Sub, day(from)).cast(SqlType::Int))
    }

    fn list(&self, items: Vec<Expr>, element: &SqlType) -> Expr {
        Expr::List(items.into_iter().map(|item| value::to_json(item, element)).collect())
    }

    fn empty_list(&self, _: &SqlType) -> Built {
        Ok(Expr::text("[]"))
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(Expr::call("json_array_length", [list]))
    }

    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        list::filter(list, &params, &body)
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        list::exists(list, &params, &body)
    }

    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, to: &SqlType) -> Built {
        list::transform(list, &params, &body, to)
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(list::flatten(list))
    }

    fn list_distinct(&self, list: Expr) -> Built {
        Ok(list::distinct(list))
    }

    fn list_sort(&self, list: Expr, element: &SqlType) -> Built {
        Ok(list::sort(list, element))
    }

    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(list::contains(list, element))
    }

    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built {
        Ok(list::position(list, element))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(list::overlaps(a, b))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(list::includes(a, b))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(list::concat(a, b))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        Ok(list::sum(list, element))
    }

    fn list_mean(&self, list: Expr) -> Built {
        Ok(list::aggregate("avg", list, &SqlType::Float))
    }

    fn list_min(&self, list: Expr, element: &SqlType) -> Built {
        Ok(list::least(list, element, false))
    }

    fn list_max(&self, list: Expr, element: &SqlType) -> Built {
        Ok(list::least(list, element, true))
    }

    fn list_first(&self, list: Expr, element: &SqlType) -> Built {
        Ok(list::at(list, 0, element))
    }

    fn list_last(&self, list: Expr, element: &SqlType) -> Built {
        Ok(list::at(list, -1, element))
    }

    fn map_get(&self, map: Expr, key: Expr, value: &SqlType) -> Built {
        value::counted(list::value_of(map, key, value), value)
    }

    fn map_entries(&self, map: Expr) -> Built {
        Ok(list::entries(map))
    }

    fn agg_list(&self, value: Expr, ty: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        if order_by.is_empty() {
            return Ok(Expr::aggregate("json_group_array", [value::to_json(value, ty)], filter));
        }
        refuse("lists that are gathered in an order")
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        Ok(Expr::aggregate("json_group_object", [key, value], vec![]))
    }

    fn agg_sum(&self, value: Expr, ty: &SqlType, filter: Vec<Expr>) -> Built {
        Ok(value::sum(value, ty, &filter))
    }

    fn agg_first(&self, value: Expr, ty: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        first::agg_first(value, ty, order_by, filter)
    }
}
