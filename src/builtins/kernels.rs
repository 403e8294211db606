//! Which kernel each operation of the language runs, over columns or on one row (constant folding). May name `types` and
//! `vector`. Invariant: total, whatever the arguments: what does not fit is absent, or `false`.

use std::borrow::Cow;

use super::{Func, Test};
use crate::types::{Duration, MICROS_PER_DAY, MICROS_PER_SECOND, Ty, Value};
use crate::vector::kernels::compare::{self, Comparison, ListTest, Set};
use crate::vector::kernels::numbers::{self, Arithmetic, Rounding};
use crate::vector::kernels::{Datum, lists, strings, times};
use crate::vector::pattern::{Matcher, Pattern};
use crate::vector::text::{self, Like};
use crate::vector::time::{self, Zone};
use crate::vector::{Bitmap, Column, Data};

/// What the settings of a project mean for functions of time.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The project's zone.
    pub zone: &'a Zone,
    /// ISO weekday on which weeks start.
    pub week_start: u8,
}

/// What is computed once of an operation's constant arguments.
#[derive(Debug, Clone)]
pub enum Prepared {
    /// Nothing.
    Nothing,
    /// The pattern of `like`.
    Like(Like),
    /// The pattern of `matches` or `capture`.
    Pattern(Matcher),
    /// The list of `in`.
    Set(Set),
    /// A duration whose calendar parts count: beside a date.
    Calendar(Duration),
}

/// Prepares a predicate; constant arguments are known, the others `None`.
pub fn prepare_test(op: Test, ignoring_case: bool, constants: &[Option<Value>], types: &[&Ty]) -> Prepared {
    let folded = |text: &str| if ignoring_case { text::fold(text).into_owned() } else { text.to_string() };
    match (op, constants) {
        (Test::Like, [_, Some(Value::String(pattern))]) => Prepared::Like(Like::new(&folded(pattern))),
        (Test::Matches, [_, Some(Value::String(pattern))]) => match Pattern::parse(pattern) {
            Ok(parsed) => compiled(if ignoring_case { parsed.fold() } else { parsed }),
            Err(_) => Prepared::Nothing,
        },
        (Test::In, [_, Some(list)]) => {
            let ty = types.get(1).copied().unwrap_or(&Ty::Error);
            let list = Datum::Constant(Column::constant(list, ty));
            let list = if ignoring_case { strings::fold(&list) } else { list };
            Set::new(list.column()).map_or(Prepared::Nothing, Prepared::Set)
        }
        _ => Prepared::Nothing,
    }
}

/// Prepares a function.
pub fn prepare_call(func: Func, constants: &[Option<Value>]) -> Prepared {
    match (func, constants) {
        (Func::Capture, [_, Some(Value::String(pattern)), ..]) => {
            Pattern::parse(pattern).map_or(Prepared::Nothing, compiled)
        }
        (Func::AddDuration | Func::SubDuration, [_, Some(Value::Duration(duration))]) => Prepared::Calendar(*duration),
        _ => Prepared::Nothing,
    }
}

fn compiled(pattern: Pattern) -> Prepared {
    pattern.compile().map_or(Prepared::Nothing, Prepared::Pattern)
}

/// A predicate over `len` rows: false where an operand is absent, negated or not.
pub fn test(op: Test, negated: bool, ignoring_case: bool, prepared: &Prepared, args: &[Datum], len: usize) -> Bitmap {
    let folded: Vec<Datum>;
    let args = if ignoring_case {
        folded = args.iter().map(strings::fold).collect();
        &folded[..]
    } else {
        args
    };
    let comparison =
        |op: Comparison, a: &Datum, b: &Datum| compare::compare(if negated { op.negate() } else { op }, a, b, len);
    match (op, args) {
        (Test::IsTrue, [a]) => compare::is_true(a, negated, len),
        (Test::Eq, [a, b]) => comparison(Comparison::Eq, a, b),
        (Test::Ne, [a, b]) => comparison(Comparison::Ne, a, b),
        (Test::Lt, [a, b]) => comparison(Comparison::Lt, a, b),
        (Test::Le, [a, b]) => comparison(Comparison::Le, a, b),
        (Test::Gt, [a, b]) => comparison(Comparison::Gt, a, b),
        (Test::Ge, [a, b]) => comparison(Comparison::Ge, a, b),
        (Test::In, [a, b]) => match prepared {
            Prepared::Set(set) => compare::in_set(a, set, negated, len),
            _ => compare::in_list(a, b, negated, len),
        },
        (Test::Contains, [a, b]) => strings::test_pair(a, b, negated, len, |text, part| text.contains(part)),
        (Test::StartsWith, [a, b]) => strings::test_bytes(a, b, negated, len, |text, part| text.starts_with(part)),
        (Test::EndsWith, [a, b]) => strings::test_bytes(a, b, negated, len, |text, part| text.ends_with(part)),
        (Test::Like, [a, b]) => match prepared {
            Prepared::Like(like) => strings::test(a, negated, len, |text| like.matches(text)),
            _ => strings::test_pair(a, b, negated, len, |text, pattern| Like::new(pattern).matches(text)),
        },
        (Test::Matches, [a, _]) => match prepared {
            Prepared::Pattern(matcher) => strings::test(a, negated, len, |text| matcher.is_match(text)),
            _ => Bitmap::filled(len, false),
        },
        (Test::HasAny, [a, b]) => compare::list_test(ListTest::HasAny, a, b, negated, len),
        (Test::HasAll, [a, b]) => compare::list_test(ListTest::HasAll, a, b, negated, len),
        (Test::Within, [a, b]) => compare::list_test(ListTest::Within, a, b, negated, len),
        (
            Test::IsTrue
            | Test::Eq
            | Test::Ne
            | Test::Lt
            | Test::Le
            | Test::Gt
            | Test::Ge
            | Test::In
            | Test::Contains
            | Test::StartsWith
            | Test::EndsWith
            | Test::Like
            | Test::Matches
            | Test::HasAny
            | Test::HasAll
            | Test::Within,
            _,
        ) => Bitmap::filled(len, false),
    }
}

/// A value function over `len` rows, as a column of type `ty`; `types` are those of the arguments.
pub fn call(
    func: Func,
    prepared: &Prepared,
    args: &[Datum],
    types: &[&Ty],
    ty: &Ty,
    context: Context<'_>,
    len: usize,
) -> Column {
    let part = |value: &Datum, part: fn(i32) -> i64| times::of_day(value, context.zone, len, part);
    let arithmetic = |op: Arithmetic| match (args, types) {
        ([a, b], [x, y]) => numbers::arithmetic(op, a, b, [x, y], ty, len),
        _ => Column::absent(ty, len),
    };
    let rounded = |a: &Datum, rounding| numbers::round(a, rounding, types.first().unwrap_or(&&Ty::Error), ty, len);
    let column = match (func, args) {
        (Func::Add, [_, _]) => arithmetic(Arithmetic::Add),
        (Func::Sub, [_, _]) => arithmetic(Arithmetic::Sub),
        (Func::Mul, [_, _]) => arithmetic(Arithmetic::Mul),
        (Func::Div, [_, _]) => arithmetic(Arithmetic::Div),
        (Func::IntDiv, [_, _]) => arithmetic(Arithmetic::IntDiv),
        (Func::Rem, [_, _]) => arithmetic(Arithmetic::Rem),
        (Func::Neg, [a]) => numbers::negate(a, ty, len),
        (Func::Abs, [a]) => numbers::abs(a, ty, len),
        (Func::Round, [a]) => rounded(a, Rounding::Digits(0)),
        (Func::Round, [a, digits]) => rounded(a, Rounding::Digits(first_int(digits).clamp(0, 38) as u8)),
        (Func::Floor, [a]) => rounded(a, Rounding::Floor),
        (Func::Ceil, [a]) => rounded(a, Rounding::Ceil),
        (Func::MinOf, args) => numbers::extreme(args, false, ty, len),
        (Func::MaxOf, args) => numbers::extreme(args, true, ty, len),
        (Func::Lower, [a]) => strings::map(a, len, |text| Some(text::fold(text))),
        (Func::Upper, [a]) => strings::map(a, len, |text| Some(text::upper(text))),
        (Func::Trim, [a]) => strings::map(a, len, |text| Some(Cow::Borrowed(text::trim(text)))),
        (Func::Length, [a]) => strings::length(a, len),
        (Func::Substring, [a, start, length]) => strings::substring(a, start, length, len),
        (Func::Substring, [a, start]) => {
            let rest = Datum::Constant(Column::present(Data::Int(vec![i64::MAX].into())));
            strings::substring(a, start, &rest, len)
        }
        (Func::Replace, [_, _, _]) => strings::combine(args, len, |parts| match parts {
            [text, from, to] => Some(text::replace(text, from, to)),
            _ => None,
        }),
        (Func::Concat, args) => strings::combine(args, len, |parts| Some(parts.concat())),
        (Func::Split, [a, separator]) => strings::split(a, separator, len),
        (Func::Capture, [a, _, group]) => match (prepared, usize::try_from(first_int(group))) {
            (Prepared::Pattern(matcher), Ok(group)) => strings::capture(a, matcher, group, len),
            _ => Column::absent(ty, len),
        },
        (Func::EmailDomain, [a]) => strings::map(a, len, |text| text::email_domain(text).map(Cow::Owned)),
        (Func::UrlHost, [a]) => strings::map(a, len, |text| text::url_host(text).map(Cow::Owned)),
        (Func::UrlPath, [a]) => strings::map(a, len, |text| text::url_path(text).map(Cow::Borrowed)),
        (Func::Year, [a]) => part(a, |day| i64::from(time::civil(day).year)),
        (Func::Quarter, [a]) => part(a, |day| i64::from(time::quarter(day))),
        (Func::Month, [a]) => part(a, |day| i64::from(time::civil(day).month)),
        (Func::Day, [a]) => part(a, |day| i64::from(time::civil(day).day)),
        (Func::Weekday, [a]) => part(a, |day| i64::from(time::weekday(day))),
        (Func::Hour, [a]) => times::hour(a, context.zone, len),
        (Func::DateOf, [a]) => times::date(a, context.zone, len),
        (Func::StartOf(unit), [a]) => times::start_of(unit, a, context.zone, context.week_start, len),
        (Func::Age, [from, to]) => times::age(from, to, len),
        (Func::DaysBetween, [a, b]) => times::between(a, b, MICROS_PER_DAY, len),
        (Func::WeeksBetween, [a, b]) => times::between(a, b, times::WEEK, len),
        (Func::HoursBetween, [a, b]) => times::between(a, b, times::HOUR, len),
        (Func::MinutesBetween, [a, b]) => times::between(a, b, times::MINUTE, len),
        (Func::SecondsBetween, [a, b]) => times::between(a, b, MICROS_PER_SECOND, len),
        (Func::AddDuration | Func::SubDuration, [a, b]) => {
            let negative = func == Func::SubDuration;
            match (prepared, a.data()) {
                (Prepared::Calendar(duration), Data::Date(_)) => times::add_calendar(a, *duration, negative, len),
                _ => times::add(a, b, negative, ty, len),
            }
        }
        (Func::Difference, [a, b]) => times::difference(a, b, len),
        (Func::Size, [a]) => lists::size(a, len),
        (Func::Distinct, [a]) => lists::distinct(a, ty, len),
        (Func::Intersect, [a, b]) => lists::intersect(a, b, ty, len),
        (Func::Union, [a, b]) => lists::union(a, b, ty, len),
        (Func::Convert, [a]) => numbers::convert(a, types.first().unwrap_or(&&Ty::Error), ty, len),
        // Maps are read as domains of entries, never as columns.
        (Func::Keys | Func::Values, _) => Column::absent(ty, len),
        (
            Func::Add
            | Func::Sub
            | Func::Mul
            | Func::Div
            | Func::IntDiv
            | Func::Rem
            | Func::Neg
            | Func::Abs
            | Func::Round
            | Func::Floor
            | Func::Ceil
            | Func::Lower
            | Func::Upper
            | Func::Trim
            | Func::Length
            | Func::Substring
            | Func::Replace
            | Func::Split
            | Func::Capture
            | Func::EmailDomain
            | Func::UrlHost
            | Func::UrlPath
            | Func::Year
            | Func::Quarter
            | Func::Month
            | Func::Day
            | Func::Weekday
            | Func::Hour
            | Func::DateOf
            | Func::StartOf(_)
            | Func::Age
            | Func::DaysBetween
            | Func::WeeksBetween
            | Func::HoursBetween
            | Func::MinutesBetween
            | Func::SecondsBetween
            | Func::AddDuration
            | Func::SubDuration
            | Func::Difference
            | Func::Size
            | Func::Distinct
            | Func::Intersect
            | Func::Union
            | Func::Convert,
            _,
        ) => Column::absent(ty, len),
    };
    if column.data.fits(ty) { column } else { Column::absent(ty, len) }
}

/// The int of the first row; 0 if there is none.
fn first_int(datum: &Datum) -> i64 {
    match datum.data() {
        Data::Int(v) => v.first().copied().unwrap_or(0),
        _ => 0,
    }
}

/// A predicate over constants; `None` is an absent one.
pub fn eval_test(op: Test, negated: bool, ignoring_case: bool, args: &[Option<Value>], types: &[&Ty]) -> bool {
    let prepared = prepare_test(op, ignoring_case, args, types);
    test(op, negated, ignoring_case, &prepared, &constants(args, types), 1).get(0)
}

/// A value function over constants; `None` is an absent argument or result.
pub fn eval_call(func: Func, args: &[Option<Value>], types: &[&Ty], ty: &Ty, context: Context<'_>) -> Option<Value> {
    let prepared = prepare_call(func, args);
    call(func, &prepared, &constants(args, types), types, ty, context, 1).value(0, ty)
}

fn constants(args: &[Option<Value>], types: &[&Ty]) -> Vec<Datum> {
    let column = |(value, ty): (&Option<Value>, &&Ty)| match value {
        Some(value) => Datum::Constant(Column::constant(value, ty)),
        None => Datum::Constant(Column::absent(ty, 1)),
    };
    args.iter().zip(types).map(column).collect()
}
