//! The registry: one entry for each operation, read by the type checker, the rule trees, the documentation, hover and
//! completion. Names its siblings. Invariant: names are unique within a [`Form`].

use super::aggregates::AGGREGATES;
use super::functions;
use super::operators::OPERATORS;
use super::signature::{Absence, Signature};
use super::{Func, Test};

/// How an operation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `lower(text)`
    Function,
    /// `a + b`, `a contains b`
    Operator,
    /// `count(collection)`
    Aggregate,
}

/// What an operation is about, for the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// `and`, `if`, `default`, …
    Logic,
    /// `==`, `<`, …
    Comparison,
    /// Numbers.
    Number,
    /// Strings.
    Text,
    /// Dates, timestamps, durations.
    Time,
    /// Lists and maps.
    List,
    /// Functions over collections.
    Collection,
}

/// An operation.
#[derive(Debug)]
pub struct Builtin {
    /// Its name or sign.
    pub name: &'static str,
    /// How it is written.
    pub form: Form,
    /// What it is about.
    pub category: Category,
    /// How it is written, in full; for functions made from the signatures where this is empty.
    pub usage: &'static [&'static str],
    /// The ways to call it; empty for what is no function.
    pub signatures: &'static [Signature],
    /// What it is, in a few sentences.
    pub doc: &'static str,
    /// When its result is absent (of a predicate: it never is, see the language reference).
    pub absence: Absence,
    /// Conditions over the quickstart's profile that use it.
    pub examples: &'static [&'static str],
    /// Its name in rule trees: the `op` of a node, or the `kind` of a window.
    pub rule: &'static str,
}

impl Builtin {
    /// Every way to write it.
    pub fn usages(&self) -> Vec<String> {
        if self.usage.is_empty() {
            self.signatures.iter().map(|s| s.text(self.name)).collect()
        } else {
            self.usage.iter().map(|u| (*u).to_owned()).collect()
        }
    }
}

/// Every operation: functions, operators, functions over collections.
pub fn all() -> impl Iterator<Item = &'static Builtin> {
    functions::all().chain(OPERATORS).chain(AGGREGATES)
}

/// The function of a name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    functions::all().find(|b| b.name == name)
}

/// The function over collections of a name.
pub fn find_aggregate(name: &str) -> Option<&'static Builtin> {
    AGGREGATES.iter().find(|b| b.name == name)
}

/// The names of all functions that are called by name.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    functions::all().map(|b| b.name)
}

/// The name of a value function in rule trees.
pub fn rule_of_func(func: Func) -> &'static str {
    match func {
        Func::Add => "add",
        Func::Sub => "subtract",
        Func::Mul => "multiply",
        Func::Div => "divide",
        Func::IntDiv => "div",
        Func::Rem => "remainder",
        Func::Neg => "negate",
        Func::Abs => "abs",
        Func::Round => "round",
        Func::Floor => "floor",
        Func::Ceil => "ceil",
        Func::MinOf => "least",
        Func::MaxOf => "greatest",
        Func::Lower => "lower",
        Func::Upper => "upper",
        Func::Trim => "trim",
        Func::Length => "length",
        Func::Substring => "substring",
        Func::Replace => "replace",
        Func::Concat => "concat",
        Func::Split => "split",
        Func::Capture => "capture",
        Func::EmailDomain => "email_domain",
        Func::UrlHost => "url_host",
        Func::UrlPath => "url_path",
        Func::Year => "year",
        Func::Quarter => "quarter",
        Func::Month => "month",
        Func::Day => "day",
        Func::Weekday => "weekday",
        Func::Hour => "hour",
        Func::DateOf => "date",
        Func::StartOf(_) => "start_of",
        Func::Age => "age",
        Func::DaysBetween => "days_between",
        Func::WeeksBetween => "weeks_between",
        Func::HoursBetween => "hours_between",
        Func::MinutesBetween => "minutes_between",
        Func::SecondsBetween => "seconds_between",
        Func::AddDuration => "add_duration",
        Func::SubDuration => "subtract_duration",
        Func::Difference => "difference",
        Func::Size => "size",
        Func::Distinct => "distinct",
        Func::Intersect => "intersect",
        Func::Union => "union",
        Func::Keys => "keys",
        Func::Values => "values",
        Func::Convert => "convert",
    }
}

/// The name of a predicate in rule trees.
pub fn rule_of_test(test: Test) -> &'static str {
    match test {
        Test::IsTrue => "is_true",
        Test::Eq => "eq",
        Test::Ne => "ne",
        Test::Lt => "lt",
        Test::Le => "le",
        Test::Gt => "gt",
        Test::Ge => "ge",
        Test::In => "in",
        Test::Contains => "contains",
        Test::StartsWith => "starts_with",
        Test::EndsWith => "ends_with",
        Test::Like => "like",
        Test::Matches => "matches",
        Test::HasAny => "has_any",
        Test::HasAll => "has_all",
        Test::Within => "within",
    }
}
