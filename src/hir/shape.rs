//! The shape of an expression: a text that two expressions share if they mean the same by construction. Places in the
//! source do not count, and subjects bound inside are numbered in the order in which they are bound.

use std::fmt::Write;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::walk;
use super::{Aggregate, BinderId, Collection, Expr, ExprKind, Path, SequenceStep, Source, Step, Window};
use crate::types::Value;

/// The shape of an expression.
pub fn shape(expr: &Expr) -> String {
    let mut shape = Shape::default();
    shape.expr(expr);
    shape.text
}

/// A number that expressions of one shape share; those of others hardly ever do. Far cheaper than the shape, which need be
/// made only where there are two of one outline.
pub fn outline(expr: &Expr) -> u64 {
    let mut hasher = FxHasher::default();
    add_outline(expr, &mut hasher);
    hasher.finish()
}

fn add_outline(expr: &Expr, hasher: &mut FxHasher) {
    std::mem::discriminant(&expr.kind).hash(hasher);
    match &expr.kind {
        ExprKind::Path(path) => path.steps.hash(hasher),
        ExprKind::Test { op, negated, .. } => (op, negated).hash(hasher),
        ExprKind::Call { func, .. } => func.hash(hasher),
        ExprKind::Let(id, _) => id.hash(hasher),
        ExprKind::Param(id) => id.hash(hasher),
        ExprKind::Segment(id) => id.hash(hasher),
        ExprKind::Literal(Value::Int(number)) => number.hash(hasher),
        ExprKind::Literal(Value::String(text)) => text.hash(hasher),
        _ => {}
    }
    walk::children(expr, &mut |child| add_outline(child, hasher));
}

/// The shape of a collection without its window, which the caller compares by itself.
pub fn shape_without_window(collection: &Collection) -> String {
    let mut shape = Shape::default();
    shape.collection(&Collection { window: None, ..collection.clone() });
    shape.text
}

#[derive(Default)]
struct Shape {
    text: String,
    bound: Vec<BinderId>,
}

impl Shape {
    fn expr(&mut self, expr: &Expr) {
        self.text.push('(');
        self.head(expr);
        match &expr.kind {
            ExprKind::Aggregate { function, collection } => {
                self.collection(collection);
                function.value().into_iter().for_each(|value| self.expr(value));
            }
            ExprKind::Sequence(sequence) => sequence.steps.iter().for_each(|step| self.step(step)),
            ExprKind::InWindow { value, window, .. } => {
                self.expr(value);
                self.window(window);
            }
            _ => walk::children(expr, &mut |child| self.expr(child)),
        }
        self.text.push(')');
    }

    /// What an expression is, without its children.
    fn head(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Error => self.put("error"),
            ExprKind::Literal(value) => self.put(&format!("{value:?}")),
            ExprKind::Now => self.put("now"),
            ExprKind::Today(days) => self.put(&format!("today {days}")),
            ExprKind::FromNow { negative, .. } => self.put(if *negative { "ago" } else { "from now" }),
            ExprKind::Path(path) => self.path(path),
            ExprKind::Let(id, _) => self.put(&format!("let {}", id.0)),
            ExprKind::Local(index) => self.put(&format!("local {index}")),
            ExprKind::Param(id) => self.put(&format!("param {}", id.0)),
            ExprKind::Segment(id) => self.put(&format!("segment {}", id.0)),
            ExprKind::Member { audience, namespace } => self.put(&format!("member {audience:?} {namespace:?}")),
            ExprKind::List(_) => self.put("list"),
            ExprKind::Not(_) => self.put("not"),
            ExprKind::And(_) => self.put("and"),
            ExprKind::Or(_) => self.put("or"),
            ExprKind::If { .. } => self.put("if"),
            ExprKind::Default { .. } => self.put("default"),
            ExprKind::IsPresent(_) => self.put("present"),
            ExprKind::Test { op, negated, ignoring_case, .. } => {
                self.put(&format!("{op:?} {negated} {ignoring_case}"));
            }
            ExprKind::Call { func, .. } => self.put(&format!("{func:?} {}", expr.ty)),
            ExprKind::InWindow { negated, ignoring_year, .. } => self.put(&format!("window {negated} {ignoring_year}")),
            ExprKind::Entry { key, .. } => self.put(&format!("entry {key:?}")),
            ExprKind::Aggregate { function, .. } => self.put(aggregate_name(function)),
            ExprKind::Sequence(_) => self.put("sequence"),
        }
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push(' ');
    }

    fn subject(&mut self, subject: BinderId) {
        let name = match self.bound.iter().rposition(|&bound| bound == subject) {
            Some(index) => format!("inner {index}"),
            None => format!("outer {}", subject.0),
        };
        self.put(&name);
    }

    fn path(&mut self, path: &Path) {
        self.subject(path.subject);
        for step in &path.steps {
            let text = match step {
                Step::Field(name) => format!(".{name}"),
                Step::Key(key) => format!("[{key:?}]"),
                Step::Follow(class) => format!("->{class}"),
                Step::Each => "*".into(),
                Step::Item => "item".into(),
                Step::EntryKey => "key".into(),
                Step::EntryValue => "value".into(),
                Step::GroupKey => "group key".into(),
            };
            self.put(&text);
        }
    }

    fn collection(&mut self, collection: &Collection) {
        match &collection.source {
            Source::Events { event_type, via } => self.put(&format!("events {event_type:?} {via:?}")),
            Source::List(path) | Source::Entries(path) => self.path(path),
            Source::Values(list) => self.expr(list),
            Source::Top { of, by, count, descending } => {
                self.put(&format!("top {count} {descending}"));
                self.collection(of);
                self.expr(by);
            }
            Source::Groups { of, by } => {
                self.put("groups");
                self.collection(of);
                self.expr(by);
            }
            Source::Members(group) => self.subject(*group),
        }
        self.bound.push(collection.binder);
        if let Some(window) = &collection.window {
            self.window(window);
        }
        if let Some(filter) = &collection.filter {
            self.expr(filter);
        }
    }

    fn step(&mut self, step: &SequenceStep) {
        self.put(&format!("step {} {}", step.negated, step.times));
        self.collection(&step.collection);
        for (name, gap) in [("within", &step.within), ("after", &step.after_at_least)] {
            if let Some(gap) = gap {
                self.put(name);
                self.expr(gap);
            }
        }
    }

    fn window(&mut self, window: &Window) {
        let _ = match window {
            Window::Last(_) => write!(self.text, "last "),
            Window::Next(_) => write!(self.text, "next "),
            Window::This(unit) => write!(self.text, "this {unit:?} "),
            Window::Previous { count, unit } => write!(self.text, "previous {count} {unit:?} "),
            Window::On(_) => write!(self.text, "on "),
            Window::Before(_) => write!(self.text, "before "),
            Window::After(_) => write!(self.text, "after "),
            Window::Between(..) => write!(self.text, "between "),
        };
        window.bounds().into_iter().for_each(|bound| self.expr(bound));
    }
}

fn aggregate_name(function: &Aggregate) -> &'static str {
    match function {
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
        Aggregate::List(_) => "list of",
    }
}
