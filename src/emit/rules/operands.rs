//! What the operands of each operation are called. Names `builtins`. Invariant: the names of an operation stand in
//! the order of its arguments; optional ones come last.

use crate::builtins::{Func, Test};

/// The names of an operation's operands.
pub(super) enum Operands {
    /// One name each; those at the end may be missing.
    Named(&'static [&'static str]),
    /// All of them in one array.
    All(&'static str),
}

const VALUE: Operands = Operands::Named(&["value"]);
const TEXT: Operands = Operands::Named(&["text"]);
const TIME: Operands = Operands::Named(&["time"]);
const LIST: Operands = Operands::Named(&["list"]);
const MAP: Operands = Operands::Named(&["map"]);
const PAIR: Operands = Operands::Named(&["left", "right"]);
const FROM_TO: Operands = Operands::Named(&["from", "to"]);

pub(super) fn of_test(test: Test) -> Operands {
    match test {
        Test::IsTrue => VALUE,
        Test::Eq | Test::Ne | Test::Lt | Test::Le | Test::Gt | Test::Ge => PAIR,
        Test::In => Operands::Named(&["value", "list"]),
        Test::Contains | Test::StartsWith | Test::EndsWith => Operands::Named(&["text", "part"]),
        Test::Like | Test::Matches => Operands::Named(&["text", "pattern"]),
        Test::HasAny | Test::HasAll | Test::Within => PAIR,
    }
}

pub(super) fn of_func(func: Func) -> Operands {
    match func {
        Func::Add | Func::Sub | Func::Mul | Func::Div | Func::IntDiv | Func::Rem => PAIR,
        Func::Neg | Func::Abs | Func::Floor | Func::Ceil => VALUE,
        Func::Round => Operands::Named(&["value", "digits"]),
        Func::MinOf | Func::MaxOf => Operands::All("values"),
        Func::Lower | Func::Upper | Func::Trim | Func::Length => TEXT,
        Func::Substring => Operands::Named(&["text", "start", "length"]),
        Func::Replace => Operands::Named(&["text", "from", "to"]),
        Func::Concat => Operands::All("texts"),
        Func::Split => Operands::Named(&["text", "separator"]),
        Func::Capture => Operands::Named(&["text", "pattern", "group"]),
        Func::EmailDomain | Func::UrlHost | Func::UrlPath => TEXT,
        Func::Year | Func::Quarter | Func::Month | Func::Day | Func::Weekday | Func::Hour => TIME,
        Func::DateOf | Func::StartOf(_) => TIME,
        Func::Age => Operands::Named(&["date", "today"]),
        Func::DaysBetween | Func::WeeksBetween | Func::HoursBetween | Func::MinutesBetween => FROM_TO,
        Func::SecondsBetween => FROM_TO,
        Func::AddDuration | Func::SubDuration => Operands::Named(&["time", "duration"]),
        Func::Difference => PAIR,
        Func::Size => VALUE,
        Func::Distinct => LIST,
        Func::Intersect | Func::Union => PAIR,
        Func::Keys | Func::Values => MAP,
        Func::Convert => VALUE,
    }
}
