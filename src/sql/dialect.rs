//! What is asked of a database: how its text is spelled, and an expression for each concept in which databases differ.
//! Names the tree only. Invariant: whatever a method returns is null where an operand is null (unless its description
//! says otherwise), never raises an error, and has the value that its description says.

mod ability;
mod concept;

pub use ability::{Abilities, Limits};
pub use concept::{Case, Part, Running, Wild};

use super::stored_json::StoredJson;
use super::stored_types::StoredTypes;
use super::tree::{BinaryOp, Expr, Ident, JoinKind, Literal, Order, SqlType};
use super::type_names::{self, TypeNames};
use super::{quote, window};
use crate::types::CalendarUnit;
use crate::vector::time::Zone;

/// A construct that a database cannot express exactly, in words: "a regular expression".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported(pub String);

/// An expression, or why there is none.
pub type Built = Result<Expr, Unsupported>;

/// A database. Text of users reaches the spelling methods only as the argument of `quoted` and `literal`; the other
/// spelling methods are handed finished SQL. A method with a body is what the standard says, or most databases: one
/// that does not spell or do it so has its own.
pub trait Dialect: Sync {
    /// How the command line calls it.
    fn name(&self) -> &'static str;
    /// What it takes.
    fn limits(&self) -> Limits;
    /// What it has.
    fn abilities(&self) -> Abilities {
        Abilities::STANDARD
    }
    /// Statements that a session needs before a query.
    fn prelude(&self) -> Vec<&'static str>;
    /// Settings of the session that the [canary](crate::emit::canary) asks for beside what all have: a name, and a condition
    /// that is true where it is as it should be.
    fn session_checks(&self) -> Vec<(&'static str, Expr)> {
        vec![]
    }
    /// The last clause of every query, by which it runs under the settings that it needs.
    fn settings(&self) -> Option<&'static str> {
        None
    }

    /// What stands before a query that becomes a view of this name, one of that name being replaced.
    fn create_view_as(&self, name: &str) -> String {
        format!("CREATE OR REPLACE VIEW {name} AS")
    }
    /// What stands before a query that becomes a table of this name, one of that name being replaced.
    fn create_table_as(&self, name: &str) -> String {
        format!("DROP TABLE IF EXISTS {name};\nCREATE TABLE {name} AS")
    }

    /// The function that stands for an operator which the database lacks, or takes for another.
    fn function_of(&self, _: BinaryOp) -> Option<&'static str> {
        None
    }
    /// Whether an order can say `NULLS LAST`; else nulls are ordered by a key of their own.
    fn nulls_last(&self) -> bool {
        true
    }
    /// Whether the order of an aggregate's values stands behind it: `WITHIN GROUP (ORDER BY …)`.
    fn orders_within_group(&self) -> bool {
        false
    }
    /// Whether a named query is run anew for each place that reads it.
    fn runs_named_again(&self) -> bool {
        false
    }
    /// Whether rows are thinned out sooner by `IN (SELECT …)` than by a join.
    fn thins_by_membership(&self) -> bool {
        false
    }
    /// How a table of one row is joined, so that every row has it beside it.
    fn joins_one_row(&self) -> JoinKind {
        JoinKind::Cross
    }
    /// How many symbols its parser keeps at most while it reads a text, and how many it can, where that is a fixed number.
    fn symbols_kept(&self, _: &str) -> Option<(usize, usize)> {
        None
    }
    /// Whether values of a type can be held and computed with, whatever is done with them.
    fn can_hold(&self, _: &SqlType) -> Result<(), Unsupported> {
        Ok(())
    }

    /// Whether a statement can make a table with a column of a type.
    fn can_define(&self, _: &SqlType) -> Result<(), Unsupported> {
        Ok(())
    }

    /// An identifier.
    fn quoted(&self, name: &str) -> String;
    /// Whether a generated name is a word that this database reserves, though few others do: it is quoted.
    fn reserves(&self, _: &str) -> bool {
        false
    }
    /// A constant of its pinned type.
    fn literal(&self, literal: &Literal) -> String;
    /// A typed null.
    fn null(&self, ty: &SqlType) -> String {
        format!("CAST(NULL AS {})", self.type_name(ty))
    }
    /// What it calls its types.
    fn type_names(&self) -> &'static TypeNames;
    /// A type.
    fn type_name(&self, ty: &SqlType) -> String {
        type_names::spelled(self.type_names(), ty, &|name| self.quoted(name))
    }
    /// How it tells which types the columns of its tables are of; `None` where nobody has tried that.
    fn stored_types(&self) -> Option<&'static StoredTypes> {
        None
    }
    /// How it tells what is in JSON, where lists, maps and objects are kept as that; `None` where nobody has tried it.
    fn stored_json(&self) -> Option<&'static StoredJson> {
        None
    }
    /// A column's type in a table definition.
    fn column_type(&self, ty: &SqlType, required: bool) -> String {
        let name = self.type_name(ty);
        if required { format!("{name} NOT NULL") } else { name }
    }
    /// The last clause of a table definition, where one is asked for: that rows are kept in the order of some columns.
    fn kept_in_order(&self, _: &[String]) -> Option<String> {
        None
    }
    /// A lambda.
    fn lambda(&self, params: &[String], body: &str) -> String;
    /// A struct.
    fn struct_literal(&self, fields: &[(String, String)]) -> String;
    /// A list.
    fn list_literal(&self, items: &[String]) -> String;
    /// A table of the elements of a list, with their positions (from 1) in a second column if that is named.
    fn unnest(&self, list: &str, alias: &str, column: &str, place: Option<&str>) -> String;

    /// What the database stores at a path of struct fields (none: the base itself) as a value of a type. The base is a
    /// column, or an object or entry that is an element of a stored list or map. An empty struct type stands for any
    /// object, also as the element of a list.
    fn stored(&self, base: Expr, fields: &[Ident], _: &SqlType) -> Built {
        Ok(fields.iter().fold(base, Expr::field))
    }
    /// The civil time that is [stored](Dialect::stored) at a path, of the clocks of a zone.
    fn stored_local(&self, base: Expr, fields: &[Ident], _: &Zone) -> Built {
        self.stored(base, fields, &SqlType::LocalTimestamp)
    }
    /// An element of a list of scalars, where it is a parameter or was [packed](Dialect::pack), as a value of its type.
    fn element(&self, element: Expr, _: &SqlType) -> Built {
        Ok(element)
    }
    /// A struct of values of these types.
    fn pack(&self, fields: Vec<(Ident, Expr, SqlType)>) -> Built {
        Ok(Expr::Struct(fields.into_iter().map(|(name, value, _)| (name, value)).collect()))
    }
    /// A field of a struct that was packed, as a value of a type; objects as they were put in.
    fn field(&self, packed: Expr, field: &Ident, _: &SqlType) -> Built {
        Ok(packed.field(field))
    }
    /// A text as an operand of `<` and its like, of `min` and `max`, or of an order: by code points.
    fn by_code_point(&self, text: Expr) -> Built {
        Ok(text)
    }
    /// A double as an operand of an order: zero and minus zero are equal.
    fn with_one_zero(&self, float: Expr) -> Expr {
        float
    }

    /// -1, 0 or 1 as the first, the second or the third of three conditions is true; one of them is, or all are null.
    fn which(&self, [below, same, above]: [Expr; 3]) -> Expr {
        let branches = vec![(same, Expr::int(0)), (below, Expr::int(-1)), (above, Expr::int(1))];
        Expr::Case { branches, otherwise: None }
    }
    /// The comparison (`=` or `<>`) of two texts, blanks at their ends included.
    fn compared_texts(&self, left: Expr, op: BinaryOp, right: Expr) -> Expr {
        left.binary(op, right)
    }
    /// Whether a text is equal to one of several, none of them null; at least one.
    fn is_one_of(&self, text: Expr, list: Vec<Expr>) -> Expr {
        match <[Expr; 1]>::try_from(list) {
            Ok([only]) => text.eq(only),
            Err(list) => Expr::In { expr: Box::new(text), list },
        }
    }
    /// A text as one of those of which the distinct are counted.
    fn counted_text(&self, text: Expr) -> Expr {
        text
    }
    /// Whether texts that are grouped, or of which the smallest or largest is taken, are told apart by all that they hold.
    fn can_gather_texts(&self) -> Result<(), Unsupported> {
        Ok(())
    }

    /// A text in another case. Unless it must be `exact`, some [odd letters](Dialect::odd_letters) may be as the engine
    /// has them, which is enough for a comparison with a text that has none of these.
    fn fold(&self, text: Expr, case: Case, exact: bool) -> Built;
    /// Every code point that takes part where the engine folds other than Unicode does.
    fn odd_letters(&self, case: Case) -> Vec<char>;
    /// A text without the U+0020 at both ends.
    fn trim(&self, text: Expr) -> Built;
    /// How many code points.
    fn text_length(&self, text: Expr) -> Built;
    /// From the code point `start` (1 and up) on, `length` (0 and up) code points, or all.
    fn substring(&self, text: Expr, start: Expr, length: Option<Expr>) -> Built;
    /// Every non-overlapping occurrence replaced; an empty `from` changes nothing.
    fn replace(&self, text: Expr, from: Expr, to: Expr) -> Built {
        Ok(Expr::call("replace", [text, from, to]))
    }
    /// The parts between separators, at least one; the separator is not empty.
    fn split(&self, text: Expr, separator: Expr) -> Built;
    /// Whether a part occurs.
    fn contains(&self, text: Expr, part: Expr) -> Built;
    /// Whether it begins with a part.
    fn starts_with(&self, text: Expr, part: Expr) -> Built {
        Ok(Expr::call("starts_with", [text, part]))
    }
    /// Whether it ends with a part.
    fn ends_with(&self, text: Expr, part: Expr) -> Built;
    /// Whether the whole text is of a pattern.
    fn like(&self, text: Expr, pattern: &[Wild]) -> Built {
        self.matches(text, &quote::wild_regex(pattern))
    }
    /// Whether a pattern of the RE2 subset (ASCII classes, `.` not a line break) matches somewhere.
    fn matches(&self, text: Expr, pattern: &str) -> Built;
    /// What a group of the first match holds, empty where the group took no part; null without a match.
    fn capture(&self, text: Expr, pattern: &str, group: u32) -> Built;
    /// The host of a URL, not yet folded: what stands behind the first `//`, up to `/`, `?`, `#` or `:`, without what
    /// stands before an `@` in it; null without `//`.
    fn url_host(&self, url: Expr) -> Built {
        self.capture(url, r"\A(?s:.*?)//(?:[^/?#]*@)?([^/?#@:]*)", 1)
    }
    /// The MD5 of the UTF-8 text as 32 lower-case hex digits.
    fn md5(&self, text: Expr) -> Built {
        Ok(Expr::call("md5", [text]))
    }

    /// Whether a double is neither NaN nor infinite.
    fn is_finite(&self, float: Expr) -> Built;
    /// Arithmetic of doubles (`+ - * / %`), null or not finite where the result is not; a divisor is not zero.
    fn float_arithmetic(&self, op: BinaryOp, left: Expr, right: Expr) -> Built {
        Ok(left.binary(op, right))
    }
    /// A decimal or double rounded half away from zero to some digits after the point; of the operand's type.
    fn round(&self, number: Expr, digits: u8) -> Built {
        Ok(Expr::call("round", [number, Expr::int(i64::from(digits))]))
    }
    /// The largest integral number not above, of the operand's kind and type.
    fn floor(&self, number: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("floor", [number]))
    }
    /// The smallest integral number not below.
    fn ceil(&self, number: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("ceil", [number]))
    }
    /// The absolute value.
    fn abs(&self, number: Expr) -> Built {
        Ok(Expr::call("abs", [number]))
    }
    /// A double without its fraction.
    fn trunc(&self, float: Expr) -> Built {
        Ok(Expr::call("trunc", [float]))
    }
    /// -1, 0 or 1 as a double, for a double.
    fn sign(&self, float: Expr) -> Built {
        Ok(Expr::call("sign", [float]))
    }
    /// The double nearest to a decimal of at most this many digits.
    fn decimal_to_float(&self, decimal: Expr, precision: u8) -> Built;
    /// A decimal as an operand of arithmetic or of a comparison, of which so many digits are used.
    fn operand(&self, decimal: Expr, _: u8, _: u8) -> Built {
        Ok(decimal)
    }
    /// Arithmetic of a type, null where its result would not fit.
    fn guarded(&self, arithmetic: Expr, ty: &SqlType) -> Built;
    /// A number as one of another type, null where it does not fit; of more digits after the point, rounded half away
    /// from zero; of a double without a fraction.
    fn narrowed(&self, number: Expr, _: &SqlType, to: &SqlType) -> Built {
        Ok(Expr::Cast { expr: Box::new(number), ty: to.clone(), function: "TRY_CAST" })
    }
    /// A wide integer as a decimal of 38 digits, none of them behind the point.
    fn wide_to_decimal(&self, wide: Expr) -> Expr {
        wide.cast(SqlType::Decimal { precision: 38, scale: 0 })
    }
    /// The quotient of integers, wide if one of them is, truncated toward zero.
    fn int_div(&self, left: Expr, right: Expr) -> Built;
    /// A value of a type where others of that type stand beside it: as a branch of a choice, or as a default.
    fn branch(&self, value: Expr, _: &SqlType) -> Built {
        Ok(value)
    }
    /// The smallest of several values, none of them null.
    fn least(&self, values: Vec<Expr>) -> Built {
        Ok(Expr::call("least", values))
    }
    /// The largest of several values, none of them null.
    fn greatest(&self, values: Vec<Expr>) -> Built {
        Ok(Expr::call("greatest", values))
    }

    /// Microseconds since 1970 of an instant.
    fn micros(&self, instant: Expr) -> Built;
    /// The instant of microseconds since 1970.
    fn instant(&self, micros: Expr) -> Built;
    /// The civil date and time of an instant in a zone.
    fn local(&self, instant: Expr, zone: &Zone) -> Built;
    /// The comparison (`= <> < <= > >=`) of a stored civil time with a constant, in microseconds of the same clock.
    fn compared_local(&self, local: Expr, op: BinaryOp, micros: i64) -> Expr {
        local.binary(op, Expr::Literal(Literal::LocalTimestamp(micros)))
    }
    /// The instant of a civil date and time in a zone, as [`Times::Civil`](super::times::Times) says: what `local` does, turned round.
    fn of_local(&self, _: Expr, _: &Zone) -> Built {
        Err(Unsupported("a timestamp without a zone".to_owned()))
    }
    /// The date of a civil date and time.
    fn date(&self, local: Expr) -> Built {
        Ok(local.cast(SqlType::Date))
    }
    /// A part of a date, or of a civil date and time.
    fn part(&self, part: Part, value: Expr) -> Built {
        Ok(Expr::call(part.name(), [value]))
    }
    /// The first day of the unit that holds a date; weeks begin on an ISO weekday.
    fn start_of(&self, unit: CalendarUnit, date: Expr, week_start: u8) -> Built;
    /// The first instant of a civil day in a zone.
    fn start_of_day(&self, date: Expr, zone: &Zone) -> Built;
    /// A date some days later; both may be any expression.
    fn add_days(&self, date: Expr, days: Expr) -> Built;
    /// A date some calendar months later, the last day of the month where that lacks the day.
    fn add_months(&self, date: Expr, months: i32) -> Built;
    /// Days from one date to another.
    fn days_between(&self, from: Expr, to: Expr) -> Built {
        Ok(to.binary(BinaryOp::Sub, from))
    }

    /// The list of some values of a type, at least one.
    fn list(&self, items: Vec<Expr>, _: &SqlType) -> Expr {
        Expr::List(items)
    }
    /// The empty list of a type of elements.
    fn empty_list(&self, element: &SqlType) -> Built {
        Ok(Expr::List(vec![]).cast(SqlType::List(Box::new(element.clone()))))
    }
    /// A list where a condition is true; elsewhere null, or empty where lists cannot be null.
    fn list_when(&self, list: Expr, condition: Expr, _: &SqlType) -> Built {
        Ok(list.when(condition))
    }
    /// How many elements.
    fn list_length(&self, list: Expr) -> Built;
    /// The elements for which a predicate is true. A second parameter is the element's position, from 1.
    fn list_filter(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built {
        Ok(Expr::call("filter", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }
    /// Whether a predicate is true of an element; false or null if not. Parameters as in a filter.
    fn list_exists(&self, list: Expr, params: Vec<Ident>, body: Expr) -> Built;
    /// A value of a type for each element.
    fn list_transform(&self, list: Expr, params: Vec<Ident>, body: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("transform", [list, Expr::Lambda { params, body: Box::new(body) }]))
    }
    /// The elements of the lists of a list.
    fn list_flatten(&self, list: Expr) -> Built;
    /// The distinct elements, in any order.
    fn list_distinct(&self, list: Expr) -> Built {
        Ok(Expr::call("array_distinct", [list]))
    }
    /// The elements in ascending order; structs by their fields in order, of which the type may leave out the last.
    fn list_sort(&self, list: Expr, element: &SqlType) -> Built;
    /// Whether a stored list may spell values of a type otherwise than a made one, and is made anew before it is compared.
    fn spells_anew(&self, _: &SqlType) -> bool {
        false
    }
    /// Whether a stored list is searched for present elements as if it had no nulls.
    fn searches_past_nulls(&self) -> bool {
        false
    }
    /// Whether it is told of elements of a type if they are equal, by what searches lists and by what makes distinct ones.
    fn can_compare(&self, _: &SqlType) -> Result<(), Unsupported> {
        Ok(())
    }
    /// Whether a list without nulls has an element of a type.
    fn list_contains(&self, list: Expr, element: Expr, _: &SqlType) -> Built;
    /// The position of the first element equal to one of a type that the list has.
    fn list_position(&self, list: Expr, element: Expr, _: &SqlType) -> Built;
    /// Whether two lists have a common element.
    fn list_overlaps(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("arrays_overlap", [a, b]))
    }
    /// Whether `a` has every element of `b`.
    fn list_includes(&self, a: Expr, b: Expr) -> Built;
    /// The elements of `a`, then those of `b`.
    fn list_concat(&self, a: Expr, b: Expr) -> Built {
        Ok(Expr::call("concat", [a, b]))
    }
    /// The sum, null of none: a wide integer, a decimal of 38 digits, or a double.
    fn list_sum(&self, list: Expr, element: &SqlType) -> Built;
    /// The mean of doubles, null of none.
    fn list_mean(&self, list: Expr) -> Built;
    /// The smallest element, null of none; structs by their fields in order.
    fn list_min(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_min", [list]))
    }
    /// The largest element, null of none.
    fn list_max(&self, list: Expr, _: &SqlType) -> Built {
        Ok(Expr::call("array_max", [list]))
    }
    /// The first element, null of none.
    fn list_first(&self, list: Expr, element: &SqlType) -> Built;
    /// The last element, null of none.
    fn list_last(&self, list: Expr, element: &SqlType) -> Built;

    /// The value of a key as stored, null where there is none.
    fn map_get(&self, map: Expr, key: Expr, value: &SqlType) -> Built;
    /// The entries as structs of `key` and `value`.
    fn map_entries(&self, map: Expr) -> Built {
        Ok(Expr::call("map_entries", [map]))
    }

    /// Whether a window may end with the last of a row's peers, or at a value of what it is ordered by.
    fn can_frame_peers(&self) -> Result<(), Unsupported> {
        Ok(())
    }
    /// Window: an aggregate of the rows of a partition whose time, in microseconds, is at most `until` after the row's.
    fn by_time(&self, aggregate: Running, value: Expr, time: Expr, partition: Expr, until: i64) -> Built {
        Ok(window::by_time(aggregate, value, time, partition, until))
    }

    /// The most conditions of a [funnel](Dialect::agg_funnel).
    fn longest_funnel(&self) -> usize {
        0
    }
    /// Aggregate: whether conditions, none of them null, are met by one row each, in their order and the order of a key, the
    /// last at most `within` after the first. No row meets two of them, no two rows of one key meet different ones, and
    /// the key is from 0 to 2^62.
    fn agg_funnel(&self, _within: i64, _key: Expr, _conditions: Vec<Expr>) -> Built {
        Err(Unsupported("a funnel".to_owned()))
    }
    /// Aggregate: how many rows, or values that are not null.
    fn agg_count(&self, value: Option<Expr>, distinct: bool, filter: Vec<Expr>) -> Built {
        Ok(Expr::Aggregate { name: "count", args: value.into_iter().collect(), distinct, order_by: vec![], filter })
    }
    /// Aggregate: the values of a type in an order, null of no row.
    fn agg_list(&self, value: Expr, _: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built;
    /// Aggregate: a map from distinct keys, none of them null.
    fn agg_map(&self, key: Expr, value: Expr) -> Built;
    /// Aggregate: the sum, null of no value; a wide integer, a decimal of 38 digits, or a double. Of counted decimals it is
    /// an error of the engine beyond 2^53 where they have at most 15 digits, and beyond 2^60 where they have at most 18; of
    /// others it is a double where it does not fit 64 bits.
    fn agg_sum(&self, value: Expr, _: &SqlType, filter: Vec<Expr>) -> Built {
        Ok(Expr::aggregate("sum", [value], filter))
    }
    /// Aggregate: the first value of a type in an order, which is total.
    fn agg_first(&self, value: Expr, ty: &SqlType, order_by: Vec<Order>, filter: Vec<Expr>) -> Built;
}
