//! Predicates over values: false when an operand is absent, negated or not.

use std::cmp::Ordering;

use segc::builtins::Test;
use segc::hir::Expr;

use super::expr::Scope;
use super::{V, calendar, text};

impl Scope<'_, '_> {
    pub fn test(&self, op: Test, negated: bool, ignoring_case: bool, args: &[Expr]) -> bool {
        let compares = matches!(op, Test::Eq | Test::Ne | Test::Lt | Test::Le | Test::Gt | Test::Ge);
        let read = |arg: &Expr| if compares { self.exact(arg) } else { self.value(arg) };
        let Some(mut values) = args.iter().map(read).collect::<Option<Vec<V>>>() else { return false };
        if ignoring_case && op != Test::Matches {
            values = values.into_iter().map(folded).collect();
        }
        let truth = match (op, values.as_slice()) {
            (Test::IsTrue, [V::Bool(value)]) => *value,
            (Test::Eq, [a, b]) => self.compare(a, b) == Ordering::Equal,
            (Test::Ne, [a, b]) => self.compare(a, b) != Ordering::Equal,
            (Test::Lt, [a, b]) => self.compare(a, b) == Ordering::Less,
            (Test::Le, [a, b]) => self.compare(a, b) != Ordering::Greater,
            (Test::Gt, [a, b]) => self.compare(a, b) == Ordering::Greater,
            (Test::Ge, [a, b]) => self.compare(a, b) != Ordering::Less,
            (Test::In, [value, list]) => contains(list, value),
            (Test::Contains, [a, b]) => a.text().contains(b.text()),
            (Test::StartsWith, [a, b]) => a.text().starts_with(b.text()),
            (Test::EndsWith, [a, b]) => a.text().ends_with(b.text()),
            (Test::Like, [a, b]) => text::like(a.text(), b.text()),
            (Test::Matches, [a, b]) => text::pattern(b.text(), ignoring_case).is_match(a.text()),
            (Test::HasAny, [a, b]) => b.list().iter().any(|item| contains(a, item)),
            (Test::HasAll, [a, b]) => b.list().iter().all(|item| contains(a, item)),
            (Test::Within, [a, b]) => a.list().iter().all(|item| contains(b, item)),
            (op, values) => panic!("{op:?} of {values:?}"),
        };
        truth != negated
    }

    /// A date beside a timestamp is compared with the timestamp's civil day.
    pub fn compare(&self, a: &V, b: &V) -> Ordering {
        match (a, b) {
            (V::Instant(a), V::Date(b)) => calendar::day_of(*a, &self.world.zone).cmp(b),
            (V::Date(a), V::Instant(b)) => a.cmp(&calendar::day_of(*b, &self.world.zone)),
            _ => a.order(b),
        }
    }
}

fn contains(list: &V, value: &V) -> bool {
    list.list().iter().any(|item| item.same(value))
}

fn folded(value: V) -> V {
    match value {
        V::Text(text) => V::Text(text::lower(&text)),
        V::List(items) => V::List(items.into_iter().map(folded).collect()),
        other => other,
    }
}
