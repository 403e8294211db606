//! The typed tree as text, for people and snapshots: names instead of ids, types where they are not plain, everything
//! implicit written out. Imports what [`super`] does. Invariant: the same module gives the same text, on one line for
//! each definition but for conjunctions and disjunctions, which have a line for each part.

use std::fmt::Write;

use super::{
    Aggregate, BinderId, Collection, Expr, ExprKind, Let, Module, Propensity, PropensityOrigin, ScoreField, Segment,
    Source, Step, Test, TestValue, Window,
};
use crate::types::{BUCKETS, CalendarUnit, Duration, Ty, Type, Value};

/// Everything that a module declares.
pub fn module(module: &Module) -> String {
    let mut out = String::new();
    for param in &module.params {
        let _ = writeln!(out, "param {}: {} = {}", param.name, ty(&param.ty), value(&param.value));
    }
    for definition in &module.lets {
        let _ = writeln!(out, "{}", of_let(module, definition));
    }
    for event in &module.events {
        let _ = writeln!(out, "event {} = {}", event.name, Dump::new(module).collection(&event.collection));
    }
    for propensity in &module.propensities {
        let _ = writeln!(out, "{}", of_propensity(module, propensity));
    }
    for segment in &module.segments {
        out.push_str(&of_segment(module, segment));
    }
    for test in &module.tests {
        out.push_str(&of_test(module, test));
    }
    out
}

fn of_let(module: &Module, definition: &Let) -> String {
    let params: Vec<String> = definition.params.iter().map(|(name, t)| format!("{name}: {}", ty(t))).collect();
    let params = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
    let dump = Dump { module, locals: definition.params.iter().map(|(name, _)| name.as_str()).collect() };
    let body = dump.expr(&definition.body);
    format!("let {}{params}: {} = {body}", definition.name, ty(&definition.body.ty))
}

fn of_propensity(module: &Module, propensity: &Propensity) -> String {
    let dump = Dump::new(module);
    let origin = match &propensity.origin {
        PropensityOrigin::Data(table) => {
            let id = table.id.as_ref().map_or(String::new(), |id| format!(" id at {}", id.join(".")));
            format!("from {:?}{id}{}", table.from, of_scores(&table.fields))
        }
        PropensityOrigin::Profile { adapter, fields } => format!("from {adapter}{}", of_scores(fields)),
        PropensityOrigin::Model(model) => {
            let eligible = model.eligible.as_ref().map_or(String::new(), |expr| format!(" for {}", dump.expr(expr)));
            let columns = model.columns.iter().map(|(name, expr)| format!(" {name:?} at {}", dump.expr(expr)));
            let columns: String = columns.collect();
            format!("from {} {:?}{eligible}{columns}", model.format.name(), model.file)
        }
        PropensityOrigin::Declared { predict, eligible, .. } => {
            format!("predict {} for {}", dump.expr(predict), dump.expr(eligible))
        }
    };
    let [low, medium] = propensity.buckets;
    let age = propensity.max_age.as_ref().map_or(String::new(), |age| format!(" max age {}", dump.expr(age)));
    format!("propensity {} {origin} buckets {low} {medium}{age}", propensity.name)
}

fn of_scores(fields: &[(ScoreField, Vec<String>)]) -> String {
    fields.iter().map(|(field, path)| format!(" {} at {}", field.name(), path.join("."))).collect()
}

fn of_segment(module: &Module, segment: &Segment) -> String {
    let dump = Dump::new(module);
    let mut out = format!("segment {}\n  where ", segment.name);
    dump.condition(&segment.condition, 2, &mut out);
    out.push('\n');
    if let Some(rank) = &segment.rank {
        let order = if rank.descending { "desc" } else { "asc" };
        let limit = rank.limit.map_or(String::new(), |limit| format!(" limit {limit}"));
        let _ = writeln!(out, "  rank by {} {order}{limit}", dump.expr(&rank.by));
    }
    if let Some(sample) = &segment.sample {
        let _ = writeln!(out, "  sample {} of 2^32 salt {:?}", sample.threshold, sample.salt);
    }
    out
}

fn of_test(module: &Module, test: &Test) -> String {
    let name = |id: super::SegmentId| module.segments.get(id.0 as usize).map_or("?", |s| s.name.as_str());
    let mut out = format!("test {}\n", test.segment.map_or("", name));
    if let Some(now) = test.now {
        let _ = writeln!(out, "  now {now}us");
    }
    for profile in &test.profiles {
        let _ = writeln!(out, "  profile {} {}", profile.name, fields(&profile.fields));
        for event in &profile.events {
            let at = test_value(&event.at);
            let _ = writeln!(out, "    {} at {at} {}", event.event_type, fields(&event.fields));
        }
    }
    for expect in &test.expects {
        let profile = test.profiles.get(expect.profile).map_or("?", |p| p.name.as_str());
        let not = if expect.negated { " not" } else { "" };
        let _ = writeln!(out, "  expect {profile}{not} in {}", name(expect.segment));
    }
    out
}

fn fields(fields: &[(Vec<String>, TestValue)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(path, value)| format!("{}: {}", path.join("."), test_value(value))).collect();
    format!("{{{}}}", fields.join(", "))
}

fn test_value(test: &TestValue) -> String {
    match test {
        TestValue::Value(v) => value(v),
        TestValue::FromNow { duration: d, negative } => {
            format!("now {} {}", if *negative { "-" } else { "+" }, duration(*d))
        }
        TestValue::List(items) => {
            let items: Vec<String> = items.iter().map(test_value).collect();
            format!("[{}]", items.join(", "))
        }
        TestValue::Object(entries) => fields(entries),
    }
}

/// An expression of a module.
pub fn expr(module: &Module, expr: &Expr) -> String {
    Dump::new(module).expr(expr)
}

struct Dump<'m> {
    module: &'m Module,
    locals: Vec<&'m str>,
}

impl<'m> Dump<'m> {
    fn new(module: &'m Module) -> Dump<'m> {
        Dump { module, locals: Vec::new() }
    }

    /// A condition, conjunctions and disjunctions over several lines.
    fn condition(&self, expr: &Expr, indent: usize, out: &mut String) {
        let (word, items) = match &expr.kind {
            ExprKind::And(items) => ("and", items),
            ExprKind::Or(items) => ("or", items),
            _ => {
                out.push_str(&self.expr(expr));
                return;
            }
        };
        out.push_str(word);
        for item in items {
            let _ = write!(out, "\n{:indent$}", "", indent = indent + 2);
            self.condition(item, indent + 2, out);
        }
    }

    fn all(&self, exprs: &[Expr]) -> String {
        exprs.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(", ")
    }

    fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Error => "<error>".to_owned(),
            ExprKind::Literal(v) => typed(value(v), &expr.ty.ty),
            ExprKind::Now => "now".to_owned(),
            ExprKind::Today(days) => format!("today{days:+}"),
            ExprKind::FromNow { duration, negative } => {
                format!("now {} {}", if *negative { "-" } else { "+" }, self.expr(duration))
            }
            ExprKind::Path(path) => format!("{}: {}", self.path(path), ty(&expr.ty)),
            ExprKind::Let(id, args) => {
                let name = self.module.lets.get(id.0 as usize).map_or("?", |l| l.name.as_str());
                if args.is_empty() { name.to_owned() } else { format!("{name}({})", self.all(args)) }
            }
            ExprKind::Local(index) => self.locals.get(*index).copied().unwrap_or("?").to_owned(),
            ExprKind::Param(id) => self.module.params.get(id.0 as usize).map_or("?", |p| p.name.as_str()).to_owned(),
            ExprKind::Segment(id) => {
                format!("segment {}", self.module.segments.get(id.0 as usize).map_or("?", |s| s.name.as_str()))
            }
            ExprKind::Member { audience, namespace } => format!("member({audience:?}, {namespace:?})"),
            ExprKind::List(items) => format!("[{}]", self.all(items)),
            ExprKind::Not(e) => format!("not({})", self.expr(e)),
            ExprKind::And(items) => format!("and({})", self.all(items)),
            ExprKind::Or(items) => format!("or({})", self.all(items)),
            ExprKind::If { condition, then, otherwise } => {
                format!("if({}, {}, {})", self.expr(condition), self.expr(then), self.expr(otherwise))
            }
            ExprKind::Default { value, default } => format!("default({}, {})", self.expr(value), self.expr(default)),
            ExprKind::IsPresent(e) => format!("present({})", self.expr(e)),
            ExprKind::Test { op, negated, ignoring_case, args } => {
                let not = if *negated { "not " } else { "" };
                let case = if *ignoring_case { " ignoring case" } else { "" };
                format!("{not}{op:?}({}){case}", self.all(args))
            }
            ExprKind::Call { func, args } => format!("{func:?}({}): {}", self.all(args), ty(&expr.ty)),
            ExprKind::InWindow { value, window, negated, ignoring_year } => {
                let not = if *negated { " not" } else { "" };
                let year = if *ignoring_year { " ignoring year" } else { "" };
                format!("({}{not} {}{year})", self.expr(value), self.window(window))
            }
            ExprKind::Entry { map, key } => format!("{}[{key:?}]: {}", self.expr(map), ty(&expr.ty)),
            ExprKind::Aggregate { function, collection } => {
                let of = self.collection(collection);
                match self.function(function) {
                    (name, Some(value)) => format!("{name}({value} of {of}): {}", ty(&expr.ty)),
                    (name, None) => format!("{name}({of})"),
                }
            }
            ExprKind::Sequence(sequence) => {
                let steps: Vec<String> = sequence.steps.iter().map(|step| self.step(step)).collect();
                format!("sequence({})", steps.join(" then "))
            }
        }
    }

    fn step(&self, step: &super::SequenceStep) -> String {
        let mut out = String::new();
        if step.negated {
            out.push_str("not ");
        }
        if step.times != 1 {
            let _ = write!(out, "{} times ", step.times);
        }
        out.push_str(&self.collection(&step.collection));
        for (word, gap) in [("within", &step.within), ("after at least", &step.after_at_least)] {
            if let Some(gap) = gap {
                let _ = write!(out, " {word} {}", self.expr(gap));
            }
        }
        out
    }

    fn function(&self, function: &Aggregate) -> (&'static str, Option<String>) {
        let name = match function {
            Aggregate::Any => "any",
            Aggregate::None => "none",
            Aggregate::All(_) => "all",
            Aggregate::Count => "count",
            Aggregate::CountDistinct(_) => "count distinct",
            Aggregate::Sum(_) => "sum",
            Aggregate::Min(_) => "min",
            Aggregate::Max(_) => "max",
            Aggregate::Average(_) => "average",
            Aggregate::First(_) => "first",
            Aggregate::Last(_) => "last",
            Aggregate::List(_) => "list",
        };
        (name, function.value().map(|value| self.expr(value)))
    }

    fn collection(&self, collection: &Collection) -> String {
        let mut out = match &collection.source {
            Source::Events { event_type, via } => {
                let mut text = event_type.as_deref().unwrap_or("events").to_owned();
                for id in via {
                    let name = self.module.events.get(id.0 as usize).map_or("?", |e| e.name.as_str());
                    let _ = write!(text, " via {name}");
                }
                text
            }
            Source::List(path) => self.path(path),
            Source::Entries(path) => format!("entries of {}", self.path(path)),
            Source::Values(list) => format!("values of {}", self.expr(list)),
            Source::Top { of, by, count, descending } => {
                let word = if *descending { "top" } else { "bottom" };
                format!("{word} {count} of ({}) by {}", self.collection(of), self.expr(by))
            }
            Source::Groups { of, by } => format!("groups of ({}) by {}", self.collection(of), self.expr(by)),
            Source::Members(group) => format!("members of {}", subject(*group)),
        };
        let _ = write!(out, " as {}", subject(collection.binder));
        if let Some(window) = &collection.window {
            let _ = write!(out, " {}", self.window(window));
        }
        if let Some(filter) = &collection.filter {
            let _ = write!(out, " where {}", self.expr(filter));
        }
        out
    }

    fn window(&self, window: &Window) -> String {
        match window {
            Window::Last(e) => format!("in last {}", self.expr(e)),
            Window::Next(e) => format!("in next {}", self.expr(e)),
            Window::This(unit) => format!("in this {}", unit_word(*unit)),
            Window::Previous { count, unit } => format!("in previous {count} {}", unit_word(*unit)),
            Window::On(e) => format!("on {}", self.expr(e)),
            Window::Before(e) => format!("before {}", self.expr(e)),
            Window::After(e) => format!("after {}", self.expr(e)),
            Window::Between(a, b) => format!("between {} and {}", self.expr(a), self.expr(b)),
        }
    }

    fn path(&self, path: &super::Path) -> String {
        let mut out = subject(path.subject);
        for step in &path.steps {
            match step {
                Step::Field(name) => {
                    let _ = write!(out, ".{name}");
                }
                Step::Each => out.push_str("[*]"),
                Step::Key(key) => {
                    let _ = write!(out, "[{key:?}]");
                }
                Step::Follow(class) => {
                    let _ = write!(out, "->{class}");
                }
                Step::Item => out.push_str("#item"),
                Step::EntryKey | Step::GroupKey => out.push_str("#key"),
                Step::EntryValue => out.push_str("#value"),
            }
        }
        out
    }
}

fn subject(binder: BinderId) -> String {
    if binder == BinderId::PROFILE { "profile".to_owned() } else { format!("${}", binder.0) }
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

/// A type with the digits of decimals.
fn ty(of: &Type) -> String {
    format!("{}{}", bare(&of.ty), if of.optional { "?" } else { "" })
}

fn bare(of: &Ty) -> String {
    match of {
        Ty::Decimal(digits) => format!("decimal({},{})", digits.precision, digits.scale),
        Ty::List(element) => format!("list<{}>", bare(element)),
        other => other.to_string(),
    }
}

/// A literal; its type is told where the text does not.
fn typed(text: String, of: &Ty) -> String {
    match of {
        Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile | Ty::Enum(_) => format!("{text}: {}", bare(of)),
        _ => text,
    }
}

fn value(of: &Value) -> String {
    match of {
        Value::Bool(v) => v.to_string(),
        Value::Int(v) => v.to_string(),
        Value::Decimal { unscaled, scale } => format!("{unscaled}e-{scale}"),
        Value::Float(v) => format!("{v:?}"),
        Value::String(v) => format!("{v:?}"),
        Value::Date(days) => format!("date {days}d"),
        Value::Timestamp(micros) => format!("timestamp {micros}us"),
        Value::Duration(d) => duration(*d),
        Value::List(items) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
        Value::Bucket(bucket) => BUCKETS.get(usize::from(*bucket)).copied().unwrap_or("?").to_owned(),
    }
}

fn duration(of: Duration) -> String {
    let parts = [(i64::from(of.months), "mo"), (i64::from(of.days), "d"), (of.micros, "us")];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n != 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join("") }
}
