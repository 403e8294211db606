//! What MariaDB and MySQL share. Lists, maps and objects are JSON, whose elements `JSON_TABLE` gives, so that what walks
//! through a list is a subquery ([`list`]). Instants are the `DATETIME` of UTC, since a `TIMESTAMP` ends in 2038, and the
//! clocks of zones are written out, since most servers have none. Texts are compared by code points with trailing blanks,
//! whatever the collation of a column. Invariant: as [`Dialect`] says; what the two do differently is asked of a
//! [`Product`].

mod json;
pub(super) mod list;
mod product;
mod stored_types;
mod time;
pub(super) mod value;
mod words;

pub use product::Product;

use super::dialect::{Abilities, Built, Case, Dialect, Limits, Part, Unsupported, Wild};
use super::stored_json::StoredJson;
use super::stored_types::StoredTypes;
use super::tree::{BinaryOp, Expr, Ident, Literal, Order, SqlType};
use super::type_names::TypeNames;
use super::{float, literal, text as texts, within};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

impl<P: Product> Dialect for P {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn limits(&self) -> Limits {
        Limits {
            text_bytes: 1 << 20,
            in_list: 10_000,
            digits: 38,
            narrow_digits: 65,
            quotient_digits: 38,
            product_scale: P::SCALE,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities { peer_frames: false, filter_clause: false, ..Abilities::STANDARD }
    }

    fn prelude(&self) -> Vec<&'static str> {
        P::PRELUDE.to_vec()
    }

    fn session_checks(&self) -> Vec<(&'static str, Expr)> {
        let enough = Expr::words("@@group_concat_max_len").binary(BinaryOp::Ge, Expr::int(1 << 30));
        // Columns of the type `TIMESTAMP` are read by the clocks of the session.
        let utc = Expr::call("NOW", []).eq(Expr::call("UTC_TIMESTAMP", []));
        let mut checks = vec![("group_concat_max_len", enough), ("time_zone", utc)];
        checks.extend(P::session_checks());
        checks
    }

    fn create_table_as(&self, name: &str) -> String {
        P::create_table_as(name)
    }

    fn can_hold(&self, ty: &SqlType) -> Result<(), Unsupported> {
        match ty {
            SqlType::Decimal { scale, .. } if *scale > P::SCALE => {
                Err(Unsupported("a decimal with more than 30 digits after the point".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn function_of(&self, op: BinaryOp) -> Option<&'static str> {
        // `||` is a disjunction in most sessions.
        (op == BinaryOp::Concat).then_some("CONCAT")
    }

    fn nulls_last(&self) -> bool {
        false
    }

    fn reserves(&self, name: &str) -> bool {
        words::reserves(name)
    }

    fn quoted(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
    }

    fn literal(&self, literal: &Literal) -> String {
        match literal {
            Literal::Bool(true) => "TRUE".to_owned(),
            Literal::Bool(false) => "FALSE".to_owned(),
            Literal::Int(value) => value.to_string(),
            Literal::Decimal { unscaled, scale, .. } => literal::digits(*unscaled, *scale),
            Literal::Float(value) => literal::float(*value),
            Literal::Text(text) => value::text_literal(text),
            Literal::Date(days) => match literal::date(*days) {
                Some(text) => format!("DATE '{text}'"),
                None => format!("TIMESTAMPADD(DAY, {days}, DATE '1970-01-01')"),
            },
            Literal::Timestamp(micros) | Literal::LocalTimestamp(micros) => match literal::timestamp(*micros) {
                Some(text) => format!("TIMESTAMP '{text}'"),
                None => format!("TIMESTAMPADD(MICROSECOND, {micros}, TIMESTAMP '1970-01-01 00:00:00')"),
            },
        }
    }

    fn type_names(&self) -> &'static TypeNames {
        P::TYPES
    }

    fn stored_types(&self) -> Option<&'static StoredTypes> {
        Some(&stored_types::STORED_TYPES)
    }

    fn stored_json(&self) -> Option<&'static StoredJson> {
        Some(&const { json::stored_json::<P>() })
    }

    fn column_type(&self, ty: &SqlType, required: bool) -> String {
        let name = match ty {
            SqlType::Bool => "BOOLEAN".to_owned(),
            SqlType::Int32 => "INT".to_owned(),
            SqlType::Int => "BIGINT".to_owned(),
            // A key has to have a length.
            SqlType::Text if required => format!("VARCHAR(255) CHARACTER SET utf8mb4 COLLATE {}", P::COLLATION),
            SqlType::Text => format!("LONGTEXT CHARACTER SET utf8mb4 COLLATE {}", P::COLLATION),
            SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_) => "JSON".to_owned(),
            SqlType::WideInt
            | SqlType::Decimal { .. }
            | SqlType::Float
            | SqlType::Date
            | SqlType::Timestamp
            | SqlType::LocalTimestamp => self.type_name(ty),
        };
        if required { format!("{name} NOT NULL") } else { name }
    }

    fn lambda(&self, _: &[String], body: &str) -> String {
        // No function takes one: what walks through a list is a subquery.
        body.to_owned()
    }

    fn struct_literal(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}, {value}")).collect();
        format!("JSON_OBJECT({})", fields.join(", "))
    }

    fn list_literal(&self, items: &[String]) -> String {
        format!("JSON_ARRAY({})", items.join(", "))
    }

    fn unnest(&self, list: &str, alias: &str, column: &str, place: Option<&str>) -> String {
        let place = place.map_or_else(String::new, |place| format!(", {place} FOR ORDINALITY"));
        format!("JSON_TABLE({list}, '$[*]' COLUMNS ({column} JSON PATH '$'{place})) AS {alias}")
    }

    fn stored(&self, base: Expr, fields: &[Ident], ty: &SqlType) -> Built {
        value::stored::<P>(base, fields, ty)
    }

    fn element(&self, element: Expr, ty: &SqlType) -> Built {
        P::can_read(ty)?;
        Ok(value::of_json::<P>(element, ty))
    }

    fn pack(&self, fields: Vec<(Ident, Expr, SqlType)>) -> Built {
        let fields = fields.into_iter().flat_map(|(name, value, ty)| [Expr::text(name.text()), P::packed(value, &ty)]);
        Ok(Expr::call("JSON_OBJECT", fields.collect::<Vec<_>>()))
    }

    fn field(&self, packed: Expr, field: &Ident, ty: &SqlType) -> Built {
        Ok(value::member::<P>(packed, std::slice::from_ref(field), ty))
    }

    fn by_code_point(&self, text: Expr) -> Built {
        Ok(value::collated::<P>(text))
    }

    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built {
        match case {
            Case::AsciiLower => {
                let letters = ('A'..='Z').zip('a'..='z');
                Ok(letters.fold(text, |text, (upper, lower)| {
                    Expr::call("REPLACE", [text, Expr::text(upper.to_string()), Expr::text(lower.to_string())])
                }))
            }
            Case::Lower | Case::Upper if exact => Err(Unsupported(
                "another case of a text as a value, or beside letters that the engine folds otherwise,".to_owned(),
            )),
            Case::Lower => Ok(Expr::call("LOWER", [text])),
            Case::Upper => Ok(Expr::call("UPPER", [text])),
        }
    }

    fn odd_letters(&self, case: Case) -> Vec<char> {
        P::odd_letters(case)
    }

    fn trim(&self, text: Expr) -> Built {
        Ok(Expr::call("TRIM", [text]))
    }

    fn text_length(&self, text: Expr) -> Built {
        Ok(Expr::call("CHAR_LENGTH", [text]))
    }

    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built {
        Ok(Expr::call("SUBSTR", [Some(text), Some(start), length].into_iter().flatten().collect::<Vec<_>>()))
    }

    fn split(&self, text: Expr, separator: Expr) -> Built {
        value::split::<P>(text, separator)
    }

    fn contains(&self, text: Expr, part: Expr) -> Built {
        let found = Expr::call("LOCATE", [part.clone(), text.clone()]).binary(BinaryOp::Gt, Expr::int(0));
        Ok(texts::contains(text, &part, found))
    }

    fn starts_with(&self, text: Expr, part: Expr) -> Built {
        Ok(value::collated::<P>(Expr::call("LEFT", [text, texts::length("CHAR_LENGTH", &part)])).eq(part))
    }

    fn ends_with(&self, text: Expr, part: Expr) -> Built {
        Ok(value::collated::<P>(Expr::call("RIGHT", [text, texts::length("CHAR_LENGTH", &part)])).eq(part))
    }

    fn like(&self, text: Expr, pattern: &[Wild]) -> Built {
        P::like(text, pattern)
    }

    fn matches(&self, text: Expr, pattern: &str) -> Built {
        if pattern.starts_with("(?i)") {
            // Of which letters are the same but for case, the engine has an opinion of its own.
            return Err(Unsupported("a regular expression that ignores case".to_owned()));
        }
        P::matches(text, pattern)
    }

    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built {
        Ok(P::group(text.clone(), pattern, group)?.when(self.matches(text, pattern)?))
    }

    fn url_host(&self, url: Expr) -> Built {
        P::url_host(url)
    }

    fn md5(&self, text: Expr) -> Built {
        Ok(Expr::call("MD5", [text]))
    }

    fn is_finite(&self, float: Expr) -> Built {
        // There are no others.
        Ok(float.is_present())
    }

    fn float_arithmetic(&self, op: BinaryOp, left: Expr, right: Expr) -> Built {
        float::arithmetic(op, left, right, Some(value::short))
    }

    fn decimal_to_float(&self, decimal: Expr, _: u8) -> Built {
        Ok(decimal.cast(SqlType::Text).cast(SqlType::Float))
    }

    fn trunc(&self, float: Expr) -> Built {
        Ok(Expr::call("TRUNCATE", [float, Expr::int(0)]))
    }

    fn guarded(&self, arithmetic: Expr, ty: &SqlType) -> Built {
        match &arithmetic {
            // The engine has 65 digits, which a product could exceed.
            Expr::Binary { op: BinaryOp::Add | BinaryOp::Sub, .. } => within::fitting(arithmetic, ty),
            _ => Err(Unsupported("a product of decimals of more than 38 digits".to_owned())),
        }
    }

    fn narrowed(&self, number: Expr, from: &SqlType, to: &SqlType) -> Built {
        match (from, to) {
            (SqlType::Float, SqlType::Int) => Ok(number.cast(SqlType::Int)),
            (SqlType::Float, _) => Err(Unsupported("a number that is not exact as one that is".to_owned())),
            _ => within::fitting(number, to),
        }
    }

    fn int_div(&self, left: Expr, right: Expr) -> Built {
        if !left.is_wide() && !right.is_wide() {
            return Ok(left.binary(BinaryOp::IntDiv("DIV"), right));
        }
        // That operator gives 64 bits; a quotient without a remainder has no fraction.
        let rest = left.clone().binary(BinaryOp::Rem, right.clone());
        Ok(left.binary(BinaryOp::Sub, rest).binary(BinaryOp::Div, right).cast(SqlType::WideInt))
    }

    fn micros(&self, instant: Expr) -> Built {
        Ok(time::micros(instant))
    }

    fn instant(&self, micros: Expr) -> Built {
        Ok(time::later("MICROSECOND", micros, Expr::Literal(Literal::Timestamp(0))))
    }

    fn local(&self, instant: Expr, zone: &Zone) -> Built {
        Ok(if *zone == Zone::utc() { instant } else { time::local::<P>(instant, zone) })
    }

    fn of_local(&self, local: Expr, zone: &Zone) -> Built {
        Ok(if *zone == Zone::utc() { local } else { time::instant::<P>(local, zone) })
    }

    fn date(&self, local: Expr) -> Built {
        Ok(P::date(local))
    }

    fn part(&self, part: Part, value: Expr) -> Built {
        if part == Part::Weekday {
            return Ok(Expr::call("WEEKDAY", [value]).binary(BinaryOp::Add, Expr::int(1)));
        }
        Ok(Expr::call(part.name(), [value]))
    }

    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built {
        time::start_of::<P>(self, unit, date, week_start)
    }

    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built {
        Ok(time::start_of_day::<P>(date, zone))
    }

    fn add_days(&self, date: Expr, days: Expr) -> Built {
        Ok(time::later("DAY", days, date))
    }

    fn add_months(&self, date: Expr, months: i32) -> Built {
        Ok(time::later("MONTH", Expr::int(i64::from(months)), date))
    }

    fn days_between(&self, from: Expr, to: Expr) -> Built {
        Ok(Expr::call("DATEDIFF", [to, from]))
    }

    fn list(&self, items: Vec<Expr>, element: &SqlType) -> Expr {
        Expr::List(items.into_iter().map(|item| P::packed(item, element)).collect())
    }

    fn empty_list(&self, _: &SqlType) -> Built {
        Ok(Expr::List(vec![]))
    }

    fn list_length(&self, list: Expr) -> Built {
        Ok(Expr::call("JSON_LENGTH", [list]))
    }

    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        list::filter::<P>(list, params, body)
    }

    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        list::exists(list, params, body)
    }

    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, to: &SqlType) -> Built {
        list::transform::<P>(list, params, body, to)
    }

    fn list_flatten(&self, list: Expr) -> Built {
        Ok(list::flatten::<P>(list))
    }

    fn list_distinct(&self, list: Expr) -> Built {
        Ok(list::distinct::<P>(list))
    }

    fn list_sort(&self, list: Expr, element: &SqlType) -> Built {
        P::can_read(element)?;
        Ok(list::sort::<P>(list, element))
    }

    fn spells_anew(&self, element: &SqlType) -> bool {
        // In ISO 8601, with an offset or without, with a fraction or without.
        *element == SqlType::Timestamp
    }

    fn can_compare(&self, element: &SqlType) -> Result<(), Unsupported> {
        P::can_compare(element)
    }

    fn list_contains(&self, list: Expr, element: Expr, ty: &SqlType) -> Built {
        Ok(list::contains::<P>(list, value::to_json::<P>(element.clone(), ty), element.is_present()))
    }

    fn list_position(&self, list: Expr, element: Expr, ty: &SqlType) -> Built {
        Ok(list::position::<P>(list, value::to_json::<P>(element, ty)))
    }

    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(list::overlaps::<P>(a, b))
    }

    fn list_includes(&self, a: Expr, b: Expr) -> Built {
        Ok(list::includes::<P>(a, b))
    }

    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("JSON_MERGE_PRESERVE", [a, b]))
    }

    fn list_sum(&self, list: Expr, element: &SqlType) -> Built {
        P::can_read(element)?;
        Ok(list::aggregate::<P>("SUM", list, element))
    }

    fn list_mean(&self, list: Expr) -> Built {
        P::can_read(&SqlType::Float)?;
        Ok(list::aggregate::<P>("AVG", list, &SqlType::Float))
    }

    fn list_min(&self, list: Expr, element: &SqlType) -> Built {
        P::can_read(element)?;
        Ok(match element {
            SqlType::Struct(_) => list::least::<P>(list, element),
            _ => list::aggregate::<P>("MIN", list, element),
        })
    }

    fn list_max(&self, list: Expr, element: &SqlType) -> Built {
        P::can_read(element)?;
        match element {
            SqlType::Struct(_) => Err(Unsupported("the largest of several objects".to_owned())),
            _ => Ok(list::aggregate::<P>("MAX", list, element)),
        }
    }

    fn list_first(&self, list: Expr, element: &SqlType) -> Built {
        P::can_read(element)?;
        Ok(value::at::<P>(list, "$[0]", element))
    }

    fn list_last(&self, list: Expr, element: &SqlType) -> Built {
        P::can_read(element)?;
        Ok(value::at::<P>(list, P::LAST, element))
    }

    fn map_get(&self, map: Expr, key: Expr, ty: &SqlType) -> Built {
        if !value::is_of_table(&map) {
            P::can_read(ty)?;
        }
        Ok(match key {
            Expr::Literal(Literal::Text(key)) => value::member::<P>(map, &[Ident::physical(&key)], ty),
            key => value::at_key::<P>(map, key, ty),
        })
    }

    fn map_entries(&self, map: Expr) -> Built {
        Ok(list::entries::<P>(map))
    }

    fn agg_list(&self, value: Expr, ty: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        Ok(list::gathered::<P>(value::to_json::<P>(value, ty), order_by, filter))
    }

    fn agg_map(&self, key: Expr, value: Expr) -> Built {
        Ok(Expr::aggregate("JSON_OBJECTAGG", [P::map_key(key), value], vec![]))
    }

    fn agg_first(&self, value: Expr, ty: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built {
        let all = list::gathered::<P>(value::to_json::<P>(value, ty), order_by, filter);
        // An instant has become a civil time of UTC. An aggregate could not be moved into a query of its own.
        let ty = if *ty == SqlType::Timestamp { &SqlType::LocalTimestamp } else { ty };
        Ok(value::at::<P>(all, "$[0]", ty))
    }
}
