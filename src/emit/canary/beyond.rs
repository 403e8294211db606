//! What the canary asks of numbers and times: a value with more digits than its type has by the schema, or in no year from 1
//! to 9999, is absent in files, and there in a database whose column has room for it. Invariant: where the type of the column has no such room, nothing is asked.

use super::columns::{Column, Step, alias, below, shown, told_if_not};
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::stored_types::StoredTypes;
use crate::sql::tree::{BinaryOp, Item, Literal, Source, Table};
use crate::sql::{Dialect, Expr, Ident, Select, SqlType};
use crate::types::MAX_DIGITS;

/// What gives numbers more digits.
const DIGITS: &str = "`meta:digits` of the schema, or `[scales]` of `seg.toml`, gives a number more digits";

/// The first day of the year 1 and the last of the year 9999, in days since 1970.
const FIRST_DAY: i32 = -719_162;
const LAST_DAY: i32 = 2_932_896;

/// The first and the last instant of these years in UTC, in microseconds.
const FIRST: i64 = FIRST_DAY as i64 * DAY;
const LAST: i64 = (LAST_DAY as i64 + 1) * DAY - 1;
const DAY: i64 = 86_400_000_000;

/// The field of a map's entry that holds its value.
const VALUE: &str = "value";

/// A question to the values of a column that its type may answer.
#[derive(Debug)]
pub struct Beyond {
    /// What is asked.
    pub name: String,
    /// The row of the canary.
    pub row: Select,
    /// What to do where there is one, if a view with other types is no way out.
    pub way_out: Option<&'static str>,
    /// The type of what is asked for, beyond which some types of columns have nothing.
    pub(super) leaf: Option<(&'static StoredTypes, SqlType)>,
}

impl Beyond {
    /// Whether no column of the type that was found has such values.
    pub fn is_ruled_out_by(&self, found: Option<&str>) -> bool {
        let ruled_out = |(types, ty): &(&StoredTypes, SqlType)| found.is_some_and(|found| types.has_no_more(found, ty));
        self.leaf.as_ref().is_some_and(ruled_out)
    }
}

/// The question whether numbers or times within a column, of which the whole is of a type, are beyond those of the type that
/// they are read as; none for what is neither exact nor a time.
pub(super) fn of_values(
    dialect: &dyn Dialect,
    types: &'static StoredTypes,
    column: &Column,
    (steps, leaf): (&[Step], &SqlType),
    whole: &SqlType,
) -> Option<Beyond> {
    if types.tells_of_values() {
        return None;
    }
    let place = shown(column, steps);
    let (name, found, way_out) = match leaf {
        SqlType::Decimal { precision, scale } => {
            let before = precision - scale;
            let behind = types.has_decimals_of_any_scale().then(|| format!(" and {scale} behind it"));
            let name = format!("digits of {place}, {before} before the point{}", behind.unwrap_or_default());
            (name, "a number of more", Some(DIGITS))
        }
        SqlType::Int => (format!("values of {place}, integers of 64 bits"), "one that is beyond them", None),
        SqlType::Date | SqlType::Timestamp | SqlType::LocalTimestamp if types.has_times_beyond => {
            (format!("values of {place}, in the years 1 to 9999"), "one that is in none of them", None)
        }
        _ => return None,
    };
    let alias = alias();
    let value = Expr::column(&alias, &column.name);
    let test = Walk { dialect, types, leaf }.is_any_beyond(value, steps, whole, 0).ok()?;
    let beyond = Select {
        items: vec![Item { expr: Expr::int(1), alias: Some(Ident::generated("beyond")) }],
        from: Some(Table { source: Source::Named(column.table.clone()), alias }),
        filter: vec![test],
        limit: Some(1),
        ..Select::default()
    };
    let none = dialect.agg_count(None, false, vec![]).ok()?.eq(Expr::int(0));
    let from = Table { source: Source::Select(Box::new(beyond)), alias: Ident::generated("found_") };
    let row = Select { from: Some(from), ..told_if_not(&name, none, found) };
    Some(Beyond { name, row, way_out, leaf: Some((types, leaf.clone())) })
}

/// The way through the lists of a column.
struct Walk<'a> {
    dialect: &'a dyn Dialect,
    types: &'a StoredTypes,
    leaf: &'a SqlType,
}

impl Walk<'_> {
    /// Whether a number that some steps lead to is beyond; of several, one of them.
    fn is_any_beyond(&self, base: Expr, steps: &[Step], whole: &SqlType, depth: usize) -> Built {
        let dialect = self.dialect;
        let (mut value, mut ty, mut fields) = (base, whole.clone(), vec![]);
        for (at, step) in steps.iter().enumerate() {
            let inner = below(&ty, step).ok_or_else(|| Unsupported("what the schema does not have".to_owned()))?;
            match step {
                Step::Field(name) => fields.push(Ident::physical(name)),
                Step::Value(key) if !key.is_empty() => {
                    let map = dialect.stored(value, &std::mem::take(&mut fields), &ty)?;
                    value = dialect.map_get(map, Expr::text(key.clone()), &inner)?;
                }
                Step::Element | Step::Value(_) => {
                    let held = dialect.stored(value, &std::mem::take(&mut fields), &ty)?;
                    let param = Ident::generated(&format!("one_{depth}"));
                    let one = Expr::Var(param.clone());
                    let (list, one) = match step {
                        Step::Element => (held, one),
                        _ => (dialect.map_entries(held)?, dialect.stored(one, &[Ident::physical(VALUE)], &inner)?),
                    };
                    let body = self.is_any_beyond(one, &steps[at + 1..], &inner, depth + 1)?;
                    let body = Expr::choose(body, Expr::bool(true), Expr::bool(false));
                    return dialect.list_exists(list, vec![param], body);
                }
            }
            ty = inner;
        }
        self.is_beyond(dialect.stored(value, &fields, &ty)?)
    }

    fn is_beyond(&self, value: Expr) -> Built {
        let than = |op, bound: Literal| value.clone().binary(op, Expr::Literal(bound));
        let outside = |first, last| Ok(Expr::or([than(BinaryOp::Gt, last), than(BinaryOp::Lt, first)]));
        let (precision, scale) = match *self.leaf {
            SqlType::Decimal { precision, scale } => (precision, scale),
            // Infinite ones too, and dates of zeros.
            SqlType::Date => return outside(Literal::Date(FIRST_DAY), Literal::Date(LAST_DAY)),
            SqlType::Timestamp => return outside(Literal::Timestamp(FIRST), Literal::Timestamp(LAST)),
            SqlType::LocalTimestamp => return outside(Literal::LocalTimestamp(FIRST), Literal::LocalTimestamp(LAST)),
            _ => return outside(Literal::Int(i64::MIN), Literal::Int(i64::MAX)),
        };
        let before = precision - scale;
        // Compared with few digits: an engine makes one type of both sides. The largest power has one digit too many, and
        // what is next to it has none behind the point.
        let (unscaled, digits, [above, below]) = match 10i128.checked_pow(u32::from(before)) {
            Some(power) if before < MAX_DIGITS => (power, before + 1, [BinaryOp::Ge, BinaryOp::Le]),
            power => (power.map_or(i128::MAX, |power| power - 1), MAX_DIGITS, [BinaryOp::Gt, BinaryOp::Lt]),
        };
        let bound = |unscaled| Literal::Decimal { unscaled, precision: digits, scale: 0 };
        let mut all = vec![than(above, bound(unscaled)), than(below, bound(-unscaled))];
        if self.types.has_decimals_of_any_scale() {
            all.push(self.dialect.round(value.clone(), scale)?.binary(BinaryOp::Ne, value.clone()));
        }
        Ok(Expr::or(all))
    }
}
