//! The plain reading of a condition: the typed tree in words, for hovers. What has no short words is quoted as a test of its
//! parts. Invariant: never longer than a paragraph; deeper parts are left out with `…`.

use crate::builtins::Test;
use crate::hir::{Aggregate, Collection, Expr, ExprKind, Module, Path, Source, Step, Window};
use crate::plan::value_text;
use crate::types::CalendarUnit;

/// How deep conditions are read.
const DEPTH: usize = 6;

/// An expression in words.
pub(super) fn expr(module: &Module, of: &Expr) -> String {
    Reader { module, depth: 0 }.expr(of)
}

/// A collection in words.
pub(super) fn collection(module: &Module, of: &Collection) -> String {
    Reader { module, depth: 0 }.collection(of)
}

struct Reader<'m> {
    module: &'m Module,
    depth: usize,
}

impl Reader<'_> {
    fn expr(&self, of: &Expr) -> String {
        if self.depth > DEPTH {
            return "…".to_owned();
        }
        let inner = Reader { module: self.module, depth: self.depth + 1 };
        match &of.kind {
            ExprKind::Error => "…".to_owned(),
            ExprKind::Literal(value) => value_text(value),
            ExprKind::Now => "now".to_owned(),
            ExprKind::Today(0) => "today".to_owned(),
            ExprKind::Today(days) => format!("the day {days:+} days from today"),
            ExprKind::FromNow { duration, negative } => {
                let direction = if *negative { "ago" } else { "from now" };
                format!("{} {direction}", inner.expr(duration))
            }
            ExprKind::Path(path) => name(path),
            ExprKind::Let(id, args) => {
                let name = self.module.lets.get(id.0 as usize).map_or("…", |known| &known.name);
                if args.is_empty() { format!("`{name}`") } else { format!("`{name}` of {}", inner.all(args, ", ")) }
            }
            ExprKind::Local(_) => "its parameter".to_owned(),
            ExprKind::Param(id) => {
                self.module.params.get(id.0 as usize).map_or("…".to_owned(), |known| value_text(&known.value))
            }
            ExprKind::Segment(id) => {
                let name = self.module.segments.get(id.0 as usize).map_or("…", |known| &known.name);
                format!("the profile is in `{name}`")
            }
            ExprKind::Member { audience, .. } => format!("the profile is in the audience “{audience}”"),
            ExprKind::List(items) => format!("[{}]", inner.all(items, ", ")),
            ExprKind::Not(operand) => format!("not ({})", inner.expr(operand)),
            ExprKind::And(items) => inner.all(items, ", and "),
            ExprKind::Or(items) => format!("({})", inner.all(items, " or ")),
            ExprKind::If { condition, then, otherwise } => {
                format!("{} if {}, else {}", inner.expr(then), inner.expr(condition), inner.expr(otherwise))
            }
            ExprKind::Default { value, default } => {
                format!("{} ({} if absent)", inner.expr(value), inner.expr(default))
            }
            ExprKind::IsPresent(value) => format!("there is a {}", inner.expr(value)),
            ExprKind::Test { op, negated, ignoring_case, args } => {
                let case = if *ignoring_case { ", case ignored" } else { "" };
                match args.as_slice() {
                    [one] => inner.expr(one),
                    [a, b] => format!("{} {} {}{case}", inner.expr(a), test(*op, *negated), inner.expr(b)),
                    _ => "…".to_owned(),
                }
            }
            ExprKind::Call { args, .. } => {
                let written = inner.all(args, ", ");
                if args.len() == 1 { written } else { format!("({written})") }
            }
            ExprKind::InWindow { value, window, negated, .. } => {
                let not = if *negated { "not " } else { "" };
                format!("{} is {not}{}", inner.expr(value), inner.window(window))
            }
            ExprKind::Entry { map, key } => format!("{} “{key}”", inner.expr(map)),
            ExprKind::Aggregate { function, collection } => inner.aggregate(function, collection),
            ExprKind::Sequence(sequence) => {
                let steps = sequence.steps.iter().map(|step| {
                    let not = if step.negated { "no " } else { "" };
                    let within = step.within.as_ref().map(|d| format!(" within {}", inner.expr(d)));
                    format!("{not}{}{}", inner.collection(&step.collection), within.unwrap_or_default())
                });
                format!("there are, in this order: {}", steps.collect::<Vec<_>>().join("; then "))
            }
        }
    }

    fn all(&self, items: &[Expr], between: &str) -> String {
        items.iter().map(|item| self.expr(item)).collect::<Vec<_>>().join(between)
    }

    fn aggregate(&self, function: &Aggregate, of: &Collection) -> String {
        let elements = self.collection(of);
        match function {
            Aggregate::Any => format!("there is at least one of {elements}"),
            Aggregate::None => format!("there is none of {elements}"),
            Aggregate::All(test) => format!("{} for each of {elements}", self.expr(test)),
            Aggregate::Count => format!("the number of {elements}"),
            Aggregate::CountDistinct(value) => format!("the number of different {} of {elements}", self.expr(value)),
            Aggregate::Sum(value) => format!("the sum of {} of {elements}", self.expr(value)),
            Aggregate::Min(value) => format!("the smallest {} of {elements}", self.expr(value)),
            Aggregate::Max(value) => format!("the largest {} of {elements}", self.expr(value)),
            Aggregate::Average(value) => format!("the average {} of {elements}", self.expr(value)),
            Aggregate::First(value) => format!("the first {} of {elements}", self.expr(value)),
            Aggregate::Last(value) => format!("the last {} of {elements}", self.expr(value)),
            Aggregate::List(value) => format!("all {} of {elements}", self.expr(value)),
        }
    }

    fn collection(&self, of: &Collection) -> String {
        let mut out = match &of.source {
            Source::Events { event_type, via } => match (via.first(), event_type) {
                (Some(id), _) => {
                    let name = self.module.events.get(id.0 as usize).map_or("…", |event| &event.name);
                    format!("`{name}`")
                }
                (None, Some(name)) => match self.module.schema.event_types.get(&**name) {
                    Some(event) if !event.title.is_empty() => format!("“{}”", event.title),
                    _ => format!("`{name}`"),
                },
                (None, None) => "all events".to_owned(),
            },
            Source::List(path) | Source::Entries(path) => name(path),
            Source::Values(values) => self.expr(values),
            Source::Top { of, count, descending, .. } => {
                let word = if *descending { "largest" } else { "smallest" };
                format!("the {count} {word} of {}", self.collection(of))
            }
            Source::Groups { of, .. } => format!("groups of {}", self.collection(of)),
            Source::Members(_) => "the group".to_owned(),
        };
        if let Some(window) = &of.window {
            out.push_str(&format!(" {}", self.window(window)));
        }
        if let Some(filter) = &of.filter {
            out.push_str(&format!(" where {}", self.expr(filter)));
        }
        out
    }

    fn window(&self, window: &Window) -> String {
        match window {
            Window::Last(length) => format!("in the last {}", self.expr(length)),
            Window::Next(length) => format!("in the next {}", self.expr(length)),
            Window::This(unit) => format!("in this {}", unit_word(*unit)),
            Window::Previous { count, unit } => format!("in the previous {count} {}s", unit_word(*unit)),
            Window::On(day) => format!("on {}", self.expr(day)),
            Window::Before(time) => format!("before {}", self.expr(time)),
            Window::After(time) => format!("after {}", self.expr(time)),
            Window::Between(low, high) => format!("between {} and {}", self.expr(low), self.expr(high)),
        }
    }
}

fn unit_word(unit: CalendarUnit) -> &'static str {
    match unit {
        CalendarUnit::Day => "day",
        CalendarUnit::Week => "week",
        CalendarUnit::Month => "month",
        CalendarUnit::Quarter => "quarter",
        CalendarUnit::Year => "year",
    }
}

fn name(path: &Path) -> String {
    let names: Vec<&str> = path
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Field(name) | Step::Key(name) => Some(&**name),
            Step::Item | Step::EntryValue => Some("value"),
            Step::EntryKey | Step::GroupKey => Some("key"),
            Step::Each | Step::Follow(_) => None,
        })
        .collect();
    names.join(".")
}

fn test(op: Test, negated: bool) -> &'static str {
    match (op, negated) {
        (Test::IsTrue, _) => "is true",
        (Test::Eq, false) | (Test::Ne, true) => "is",
        (Test::Eq, true) | (Test::Ne, false) => "is not",
        (Test::Lt, false) => "is less than",
        (Test::Lt, true) => "is not less than",
        (Test::Le, false) => "is at most",
        (Test::Le, true) => "is not at most",
        (Test::Gt, false) => "is more than",
        (Test::Gt, true) => "is not more than",
        (Test::Ge, false) => "is at least",
        (Test::Ge, true) => "is not at least",
        (Test::In, false) => "is one of",
        (Test::In, true) => "is none of",
        (Test::Contains, false) => "contains",
        (Test::Contains, true) => "does not contain",
        (Test::StartsWith, false) => "starts with",
        (Test::StartsWith, true) => "does not start with",
        (Test::EndsWith, false) => "ends with",
        (Test::EndsWith, true) => "does not end with",
        (Test::Like | Test::Matches, false) => "matches",
        (Test::Like | Test::Matches, true) => "does not match",
        (Test::HasAny, false) => "has any of",
        (Test::HasAny, true) => "has none of",
        (Test::HasAll, false) => "has all of",
        (Test::HasAll, true) => "does not have all of",
        (Test::Within, false) => "lies within",
        (Test::Within, true) => "does not lie within",
    }
}
