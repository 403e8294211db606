//! Which types the operands of an operation may have. By storage rather than by name: enums are text, the propensity
//! scales are floats, timestamps and durations are stored as ints. Invariant: a pattern that is accepted also compiles.

use super::verify::Checked;
use crate::builtins::{Func, Test};
use crate::plan::{Op, Reduction};
use crate::types::{Ty, Type, Value};
use crate::vector::pattern::Pattern;
use crate::vector::select::{Kind, constants};

/// Whether two types are stored alike, decimals with the same scale.
pub(super) fn same(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::List(a), Ty::List(b)) => same(a, b),
        (Ty::Decimal(a), Ty::Decimal(b)) => a.scale == b.scale,
        _ => Kind::of(a).is_some() && Kind::of(a) == Kind::of(b),
    }
}

fn ensure(holds: bool, problem: &str) -> Checked<()> {
    if holds { Ok(()) } else { Err(problem.to_string()) }
}

/// Checks an operation by the types of its operands, which stand in the order of its inputs.
pub(super) fn check(op: &Op, types: &[&Ty], ty: &Type) -> Checked<()> {
    let is = |index: usize, kind: Kind| types.get(index).is_some_and(|ty| Kind::of(ty) == Some(kind));
    let all = |wanted: &Ty| types.iter().all(|ty| same(ty, wanted));
    let predicate = ty.ty == Ty::Bool;
    match op {
        Op::Const(value) => ensure(fits(value, &ty.ty), "the constant is not of its type"),
        Op::Absent | Op::Column(_) | Op::Key | Op::Gather(_) => Ok(()),
        Op::Related { .. } => ensure(is(0, Kind::Text) || is(0, Kind::Int), "the key of an object is no text or int"),
        Op::Test { op, args, .. } => {
            ensure(predicate && args.len() == types.len() && test(*op, types), "a test has operands of wrong types")
        }
        Op::Call { func, args } => {
            ensure(args.len() == types.len() && call(*func, types, &ty.ty), "a function has operands of wrong types")
        }
        Op::List(_) => match &ty.ty {
            Ty::List(element) => ensure(all(element), "the elements of a list are of several types"),
            _ => Err("a list is of another type".into()),
        },
        Op::And(items) | Op::Or(items) => {
            ensure(predicate && !items.is_empty() && all(&Ty::Bool), "a connective joins what is no predicate")
        }
        Op::Not(_) => ensure(predicate && all(&Ty::Bool), "a negation is of what is no predicate"),
        Op::If { .. } => ensure(
            types.len() == 3 && is(0, Kind::Bool) && same(types[1], &ty.ty) && same(types[2], &ty.ty),
            "a choice has operands of wrong types",
        ),
        Op::Default { .. } => ensure(all(&ty.ty), "a default is of another type"),
        Op::IsPresent(_) => ensure(predicate, "presence is a predicate"),
        Op::Reduce { mask, reduction, .. } => {
            ensure(mask.is_none() || is(0, Kind::Bool), "the mask is no predicate")?;
            let values = &types[usize::from(mask.is_some()).min(types.len())..];
            ensure(reduce(reduction, values, &ty.ty), "a reduction has operands of wrong types")
        }
        Op::Top { mask, .. } => {
            ensure(mask.is_none() || is(0, Kind::Bool), "the mask is no predicate")?;
            let key = types.last().and_then(|ty| Kind::of(ty));
            ensure(predicate && key.is_some_and(|kind| kind != Kind::List), "rows are ranked by a list")
        }
        Op::Sequence(_) | Op::Sample { .. } | Op::Membership(_) => ensure(predicate, "the result is a predicate"),
        Op::ProfileId => ensure(Kind::of(&ty.ty) == Some(Kind::Text), "a profile's id is text"),
    }
}

fn fits(value: &Value, ty: &Ty) -> bool {
    match (value, ty) {
        // Calendar parts count beside a date.
        (Value::Duration(_), Ty::Duration) => true,
        (Value::Decimal { scale, .. }, Ty::Decimal(digits)) => *scale == digits.scale,
        (Value::Bucket(bucket), Ty::Bucket) => *bucket <= 2,
        _ => constants(std::slice::from_ref(value), ty).is_some(),
    }
}

fn test(op: Test, types: &[&Ty]) -> bool {
    let kind = |ty: &Ty| Kind::of(ty);
    let scalar = |ty: &Ty| kind(ty).is_some_and(|kind| kind != Kind::List);
    match (op, types) {
        (Test::IsTrue, [a]) => kind(a) == Some(Kind::Bool),
        (Test::Eq | Test::Ne | Test::Lt | Test::Le | Test::Gt | Test::Ge, [a, b]) => scalar(a) && same(a, b),
        (Test::In, [a, Ty::List(element)]) => same(a, element),
        (Test::Contains | Test::StartsWith | Test::EndsWith | Test::Like | Test::Matches, [a, b]) => {
            kind(a) == Some(Kind::Text) && kind(b) == Some(Kind::Text)
        }
        (Test::HasAny | Test::HasAll | Test::Within, [a, b]) => kind(a) == Some(Kind::List) && same(a, b),
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
        ) => false,
    }
}

fn reduce(reduction: &Reduction, values: &[&Ty], ty: &Ty) -> bool {
    let number = |ty: &Ty| matches!(Kind::of(ty), Some(Kind::Int | Kind::Decimal | Kind::Float));
    match (reduction, values) {
        (Reduction::Any, []) => *ty == Ty::Bool,
        (Reduction::Count, []) => Kind::of(ty) == Some(Kind::Int),
        (Reduction::CountDistinct(_) | Reduction::CountPresent(_), [_]) => Kind::of(ty) == Some(Kind::Int),
        (Reduction::Sum(_), [value]) => number(value) && same(value, ty),
        (Reduction::Mean(_), [value]) => Kind::of(value) == Some(Kind::Float) && same(value, ty),
        (Reduction::Min(_) | Reduction::Max(_), [value]) => Kind::of(value) != Some(Kind::List) && same(value, ty),
        (Reduction::First { ties, .. } | Reduction::Last { ties, .. }, [value, times @ ..]) => {
            let ordered = times.iter().all(|ty| Kind::of(ty) == Some(Kind::Int));
            same(value, ty) && ordered && times.len() == usize::from(ties.is_some())
        }
        (Reduction::List(_), [value]) => matches!(ty, Ty::List(element) if same(value, element)),
        (
            Reduction::Any
            | Reduction::Count
            | Reduction::CountDistinct(_)
            | Reduction::CountPresent(_)
            | Reduction::Sum(_)
            | Reduction::Min(_)
            | Reduction::Max(_)
            | Reduction::Mean(_)
            | Reduction::First { .. }
            | Reduction::Last { .. }
            | Reduction::List(_),
            _,
        ) => false,
    }
}

/// Whether a literal is a pattern that compiles.
pub(super) fn pattern_compiles(text: &str) -> bool {
    Pattern::parse(text).is_ok_and(|pattern| pattern.compile().is_ok() && pattern.fold().compile().is_ok())
}

fn call(func: Func, types: &[&Ty], ty: &Ty) -> bool {
    let kinds: Vec<Option<Kind>> = types.iter().map(|ty| Kind::of(ty)).collect();
    let result = Kind::of(ty);
    let number = |kind: &Option<Kind>| matches!(kind, Some(Kind::Int | Kind::Decimal | Kind::Float));
    let text = |kind: &Option<Kind>| *kind == Some(Kind::Text);
    let day = |kind: &Option<Kind>| matches!(kind, Some(Kind::Date | Kind::Int));
    let list = |kind: &Option<Kind>| *kind == Some(Kind::List);
    let int = result == Some(Kind::Int);
    let args = kinds.len();
    match func {
        Func::Add | Func::Sub | Func::Mul | Func::Div | Func::IntDiv | Func::Rem => {
            args == 2 && kinds.iter().all(number) && number(&result)
        }
        Func::Neg | Func::Abs => args == 1 && number(&kinds[0]) && same(types[0], ty),
        Func::Round => (1..=2).contains(&args) && number(&kinds[0]) && number(&result),
        Func::Floor | Func::Ceil => args == 1 && number(&kinds[0]) && number(&result),
        Func::MinOf | Func::MaxOf => {
            args >= 1 && types.iter().all(|other| same(other, ty)) && result != Some(Kind::List)
        }
        Func::Lower | Func::Upper | Func::Trim | Func::EmailDomain | Func::UrlHost | Func::UrlPath => {
            args == 1 && text(&kinds[0]) && text(&result)
        }
        Func::Length => args == 1 && text(&kinds[0]) && int,
        Func::Substring => {
            (2..=3).contains(&args)
                && text(&kinds[0])
                && kinds[1..].iter().all(|kind| *kind == Some(Kind::Int))
                && text(&result)
        }
        Func::Replace => args == 3 && kinds.iter().all(text) && text(&result),
        Func::Concat => kinds.iter().all(text) && text(&result),
        Func::Split => args == 2 && kinds.iter().all(text) && same(ty, &Ty::List(Box::new(Ty::String))),
        Func::Capture => {
            args == 3 && text(&kinds[0]) && text(&kinds[1]) && kinds[2] == Some(Kind::Int) && text(&result)
        }
        Func::Year | Func::Quarter | Func::Month | Func::Day | Func::Weekday => args == 1 && day(&kinds[0]) && int,
        Func::Hour => args == 1 && kinds[0] == Some(Kind::Int) && int,
        Func::DateOf => args == 1 && day(&kinds[0]) && result == Some(Kind::Date),
        Func::StartOf(_) => args == 1 && day(&kinds[0]) && same(types[0], ty),
        Func::Age => args == 2 && kinds.iter().all(|kind| *kind == Some(Kind::Date)) && int,
        Func::DaysBetween
        | Func::WeeksBetween
        | Func::HoursBetween
        | Func::MinutesBetween
        | Func::SecondsBetween
        | Func::Difference => args == 2 && day(&kinds[0]) && same(types[0], types[1]) && int,
        Func::AddDuration | Func::SubDuration => {
            args == 2 && day(&kinds[0]) && kinds[1] == Some(Kind::Int) && same(types[0], ty)
        }
        Func::Size => args == 1 && list(&kinds[0]) && int,
        Func::Distinct => args == 1 && list(&kinds[0]) && same(types[0], ty),
        Func::Intersect | Func::Union => args == 2 && list(&kinds[0]) && types.iter().all(|other| same(other, ty)),
        // Maps are read as domains of entries.
        Func::Keys | Func::Values => false,
        Func::Convert => args == 1 && result.is_some(),
    }
}
