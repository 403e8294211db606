//! Expressions.

use std::collections::BTreeMap;

use segc::builtins::Func;
use segc::hir::{Aggregate, BinderId, Expr, ExprKind};
use segc::types::Ty;
use serde_json::Value as Json;

use super::{Event, Person, V, World, calendar};

/// What a subject is bound to.
#[derive(Debug, Clone)]
pub(super) enum Element<'e, 'a> {
    /// The profile, or an object of a list.
    Record(&'a Json),
    /// An event.
    Event(&'e Event<'a>),
    /// An element of a list of scalars.
    Scalar(V),
    /// An entry of a map.
    Entry { key: &'a str, value: &'a Json },
    /// A group with its members.
    Group { key: V, members: Vec<Element<'e, 'a>> },
}

/// Everything that an expression can see.
#[derive(Clone)]
pub(super) struct Scope<'e, 'a> {
    pub world: &'e World<'a>,
    pub person: &'e Person<'a>,
    subjects: BTreeMap<BinderId, Element<'e, 'a>>,
    locals: Vec<Option<V>>,
}

impl<'e, 'a> Scope<'e, 'a> {
    /// A profile, and nothing else.
    pub fn of(world: &'e World<'a>, person: &'e Person<'a>) -> Scope<'e, 'a> {
        let subjects = BTreeMap::from([(BinderId::PROFILE, Element::Record(person.record))]);
        Scope { world, person, subjects, locals: vec![] }
    }

    /// With one more subject.
    pub fn with(&self, binder: BinderId, element: &Element<'e, 'a>) -> Scope<'e, 'a> {
        let mut scope = self.clone();
        scope.subjects.insert(binder, element.clone());
        scope
    }

    pub fn subject(&self, binder: BinderId) -> &Element<'e, 'a> {
        self.subjects.get(&binder).unwrap_or_else(|| panic!("{binder:?} is not bound here"))
    }

    /// Whether a predicate is true.
    pub fn holds(&self, expr: &Expr) -> bool {
        match self.value(expr) {
            Some(V::Bool(truth)) => truth,
            other => panic!("a predicate is {other:?}"),
        }
    }

    /// The value of an expression; of a predicate always a bool. A quotient has 12 digits behind the point.
    pub fn value(&self, expr: &Expr) -> Option<V> {
        self.evaluate(expr, false)
    }

    /// As [`Scope::value`], but a quotient is the exact ratio: what a comparison compares.
    pub fn exact(&self, expr: &Expr) -> Option<V> {
        self.evaluate(expr, true)
    }

    fn evaluate(&self, expr: &Expr, exact: bool) -> Option<V> {
        let quotient = |value: V| match value {
            V::Number(ratio) if !exact => V::Number(ratio.round(12)),
            other => other,
        };
        let bool = |truth: bool| Some(V::Bool(truth));
        let value = match &expr.kind {
            ExprKind::Error => panic!("a module with errors is not run"),
            ExprKind::Literal(value) => Some(V::constant(value)),
            ExprKind::Now => Some(V::Instant(self.world.now)),
            ExprKind::Today(days) => Some(V::Date(self.today() + days)),
            ExprKind::FromNow { duration, negative } => match self.value(duration)? {
                V::Span(by) => calendar::moved(self.world.now, by, *negative, &self.world.zone).map(V::Instant),
                other => panic!("{other:?} is no duration"),
            },
            ExprKind::Path(path) => self.path(path, &expr.ty.ty),
            ExprKind::Let(id, args) => {
                let body = &self.world.module.lets[id.0 as usize].body;
                self.inside_let(args).evaluate(body, exact)
            }
            ExprKind::Local(index) => self.locals[*index].clone(),
            ExprKind::Param(id) => Some(V::constant(&self.world.module.params[id.0 as usize].value)),
            ExprKind::Segment(id) => bool(self.world.members(*id).contains(self.person.id)),
            ExprKind::Member { audience, namespace } => bool(self.is_member(audience, namespace)),
            ExprKind::List(items) => Some(V::List(items.iter().filter_map(|item| self.value(item)).collect())),
            ExprKind::Not(inner) => bool(!self.holds(inner)),
            ExprKind::And(items) => bool(items.iter().all(|item| self.holds(item))),
            ExprKind::Or(items) => bool(items.iter().any(|item| self.holds(item))),
            ExprKind::If { condition, then, otherwise } => {
                self.value(if self.holds(condition) { then } else { otherwise })
            }
            ExprKind::Default { value, default } => self.value(value).or_else(|| self.value(default)),
            ExprKind::IsPresent(inner) => bool(self.value(inner).is_some()),
            ExprKind::Test { op, negated, ignoring_case, args } => bool(self.test(*op, *negated, *ignoring_case, args)),
            ExprKind::Call { func: Func::Convert, args } => {
                let value = self.evaluate(&args[0], exact && matches!(expr.ty.ty, Ty::Decimal(_)));
                value.filter(|value| fits(value, &args[0].ty.ty, &expr.ty.ty))
            }
            ExprKind::Call { func: Func::Div, args } => self.call(Func::Div, args, &expr.ty.ty).map(quotient),
            ExprKind::Call { func, args } => self.call(*func, args, &expr.ty.ty),
            ExprKind::InWindow { value, window, negated, ignoring_year } => {
                let inside = self.value(value).and_then(|value| self.in_window(&value, window, *ignoring_year));
                bool(inside.is_some_and(|inside| inside != *negated))
            }
            ExprKind::Entry { .. } => {
                let (map, keys) = entry(expr);
                let mut place = self.places(map).first().copied();
                for key in keys {
                    place = place.and_then(|place| place.get(key));
                }
                V::read(place?, &expr.ty.ty)
            }
            ExprKind::Aggregate { function, collection } => {
                let value = self.aggregate(function, collection, &expr.ty.ty);
                if matches!(function, Aggregate::Average(_)) { value.map(quotient) } else { value }
            }
            ExprKind::Sequence(sequence) => bool(self.sequence(sequence)),
        };
        value.map(|value| value.widened(&expr.ty.ty))
    }

    /// The scope of the body of a `let`: the profile and the arguments.
    fn inside_let(&self, args: &[Expr]) -> Scope<'e, 'a> {
        let locals = args.iter().map(|arg| self.value(arg)).collect();
        Scope { locals, ..Scope::of(self.world, self.person) }
    }

    /// The civil day of now.
    pub fn today(&self) -> i32 {
        calendar::day_of(self.world.now, &self.world.zone)
    }
}

/// The path to the outermost map of `m["a"]["b"]`, and the keys.
/// Whether a decimal has no more digits before the point than the type it becomes.
fn fits(value: &V, from: &Ty, to: &Ty) -> bool {
    match (value, from, to) {
        (V::Number(number), Ty::Decimal(_), Ty::Decimal(to)) => {
            number.trunc().unsigned_abs() < 10u128.pow(u32::from(to.precision - to.scale))
        }
        _ => true,
    }
}

fn entry(expr: &Expr) -> (&segc::hir::Path, Vec<&str>) {
    match &expr.kind {
        ExprKind::Entry { map, key } => {
            let (path, mut keys) = entry(map);
            keys.push(key);
            (path, keys)
        }
        ExprKind::Path(path) => (path, vec![]),
        other => panic!("an entry of {other:?}"),
    }
}
