//! Collections to domains with masks, and aggregates to reductions.

use std::sync::Arc;

use super::{Lowerer, Scope, erase};
use crate::builtins::Func;
use crate::hir::walk::{self, Uses};
use crate::hir::{Aggregate, BinderId, Collection, EventDefId, Expr, ExprKind, Source, Step};
use crate::plan::{DomainId, DomainKind, FieldStep, NodeId, Op, Reduction};
use crate::types::{Digits, MAX_DIGITS, Ty, Type};

/// A collection as rows: those of `domain` where `mask` is true, for each row of `parent`.
pub(super) struct Rows {
    pub parent: DomainId,
    pub domain: DomainId,
    pub mask: Option<NodeId>,
}

impl Lowerer<'_> {
    /// A function over a collection, in the domain of the outermost subject that it depends on.
    pub(super) fn aggregate(&mut self, function: &Aggregate, collection: &Collection, ty: Ty, scope: &Scope) -> NodeId {
        match function {
            Aggregate::Average(value) if value.ty.ty != Ty::Float => {
                let (sum, count) = self.sum_and_count(value, collection, scope);
                let count = self.exact(count);
                return self.graph.call(Func::Div, vec![sum, count], ty);
            }
            Aggregate::All(condition) => {
                let rows = self.collection(collection, &[condition], scope);
                let holds = self.expr(condition, scope);
                let fails = self.graph.not(holds);
                let mask = self.and_mask(rows.mask, fails, rows.domain);
                let some = self.reduce(&Rows { mask, ..rows }, Reduction::Any, Type::BOOL);
                return self.graph.not(some);
            }
            Aggregate::None => {
                let rows = self.collection(collection, &[], scope);
                let some = self.reduce(&rows, Reduction::Any, Type::BOOL);
                return self.graph.not(some);
            }
            _ => {}
        }
        let rows = self.collection(collection, function.value().as_slice(), scope);
        let value = match function.value() {
            Some(value) => self.expr(value, scope),
            None => self.graph.bool(true),
        };
        let (rows, value) = self.single_values(rows, value);
        let sum = |this: &mut Self| {
            let ty = sum_type(&this.graph.get(value).ty.ty);
            let optional = ty == Ty::Int;
            (Reduction::Sum(value), Type { ty, optional })
        };
        let (reduction, result) = match function {
            Aggregate::Any | Aggregate::None | Aggregate::All(_) => (Reduction::Any, Type::BOOL),
            Aggregate::Count => (Reduction::Count, Type::required(Ty::Int)),
            Aggregate::CountDistinct(_) => (Reduction::CountDistinct(value), Type::required(Ty::Int)),
            Aggregate::Sum(_) => sum(self),
            Aggregate::Min(_) => (Reduction::Min(value), Type::optional(ty.clone())),
            Aggregate::Max(_) => (Reduction::Max(value), Type::optional(ty.clone())),
            Aggregate::Average(_) => (Reduction::Mean(value), Type::optional(Ty::Float)),
            Aggregate::First(_) => {
                let ties = self.ties(rows.domain);
                (Reduction::First { value, ties }, Type::optional(ty.clone()))
            }
            Aggregate::Last(_) => {
                let ties = self.ties(rows.domain);
                (Reduction::Last { value, ties }, Type::optional(ty.clone()))
            }
            Aggregate::List(_) => (Reduction::List(value), Type::required(ty.clone())),
        };
        let node = self.reduce(&rows, reduction, result);
        self.convert(node, &ty)
    }

    /// The exact sum of the present values and how many there are.
    pub(super) fn sum_and_count(&mut self, value: &Expr, collection: &Collection, scope: &Scope) -> (NodeId, NodeId) {
        let rows = self.collection(collection, &[value], scope);
        let value = self.expr(value, scope);
        let (rows, value) = self.single_values(rows, value);
        let value = self.exact(value);
        let ty = Type::required(sum_type(&self.graph.get(value).ty.ty));
        let sum = self.reduce(&rows, Reduction::Sum(value), ty);
        let count = self.reduce(&rows, Reduction::CountPresent(value), Type::required(Ty::Int));
        (sum, count)
    }

    /// The values that an aggregate reads of its rows: of a list its elements, so that a function over a path through a
    /// list of each event sees the values of all of them.
    fn single_values(&mut self, rows: Rows, value: NodeId) -> (Rows, NodeId) {
        let value = self.graph.gather(value, rows.domain);
        let Ty::List(element) = self.graph.get(value).ty.ty.clone() else { return (rows, value) };
        let domain = self.graph.domain(Some(rows.domain), DomainKind::Values { list: value });
        let mask = rows.mask.map(|mask| self.graph.gather(mask, domain));
        let element = self.graph.node(Op::Column([].into()), domain, Type::required(*element));
        (Rows { domain, mask, ..rows }, element)
    }

    pub(super) fn reduce(&mut self, rows: &Rows, reduction: Reduction, ty: Type) -> NodeId {
        self.graph.node(Op::Reduce { from: rows.domain, mask: rows.mask, reduction }, rows.parent, ty)
    }

    /// The timestamp by which events without ids are simultaneous.
    fn ties(&mut self, domain: DomainId) -> Option<NodeId> {
        let ambiguous = !self.module.settings.event_ids && self.record_is_event(domain);
        ambiguous.then(|| self.event_time(domain))
    }

    /// The timestamp of the events of a domain.
    pub(super) fn event_time(&mut self, domain: DomainId) -> NodeId {
        let path = [FieldStep::Field(crate::schema::TIMESTAMP.into())];
        self.graph.node(Op::Column(path.into()), domain, Type::required(Ty::Timestamp))
    }

    /// The rows of a collection; `values` are expressions read in its scope. Binds its subject.
    pub(super) fn collection(&mut self, collection: &Collection, values: &[&Expr], scope: &Scope) -> Rows {
        let mut uses = Uses::default();
        uses.collection(collection);
        values.iter().for_each(|value| uses.expr(value));
        let parent = self.reach(&uses, scope);
        self.rows(collection, parent, scope)
    }

    /// The deepest domain of the subjects from outside that are used: where the result can be computed.
    pub(super) fn reach(&self, uses: &Uses, scope: &Scope) -> DomainId {
        let locals =
            uses.locals.iter().filter_map(|&index| scope.locals.get(index)).map(|&node| self.graph.get(node).domain);
        let subjects = uses.free().map(|subject| self.domain_of(subject));
        subjects.chain(locals).fold(DomainId::PROFILES, |deepest, domain| self.graph.deeper(deepest, domain))
    }

    pub(super) fn rows(&mut self, collection: &Collection, parent: DomainId, scope: &Scope) -> Rows {
        let (domain, mask, windowed) = self.source(collection, parent, scope);
        self.subjects.insert(collection.binder, domain);
        if let Ty::Object(object) = collection.element {
            self.objects.insert(collection.binder, object);
        }
        let mut tests: Vec<NodeId> = mask.into_iter().collect();
        if let Some(window) = &collection.window {
            let time = self.event_time(domain);
            tests.extend(self.window_tests(time, window, scope));
        } else if !windowed {
            tests.extend(self.not_after_now(domain));
        }
        let (cheap, pairing) = split(collection);
        for condition in cheap {
            tests.push(self.expr(condition, scope));
        }
        let mut domain = domain;
        if !pairing.is_empty() {
            if !tests.is_empty() {
                domain = self.filter(domain, std::mem::take(&mut tests));
                self.subjects.insert(collection.binder, domain);
            }
            for condition in pairing {
                tests.push(self.expr(condition, scope));
            }
        }
        let mask = self.mask(tests, domain);
        Rows { parent, domain, mask }
    }

    /// The rows of a domain where all tests are true, as a domain.
    pub(super) fn filter(&mut self, domain: DomainId, tests: Vec<NodeId>) -> DomainId {
        match self.mask(tests, domain) {
            Some(mask) => self.graph.domain(Some(domain), DomainKind::Filter { mask }),
            None => domain,
        }
    }

    /// The conjunction of tests as a mask over a domain.
    pub(super) fn mask(&mut self, tests: Vec<NodeId>, domain: DomainId) -> Option<NodeId> {
        if tests.is_empty() {
            return None;
        }
        let mask = self.graph.and(tests);
        Some(self.graph.gather(mask, domain))
    }

    fn and_mask(&mut self, mask: Option<NodeId>, test: NodeId, domain: DomainId) -> Option<NodeId> {
        self.mask(mask.into_iter().chain([test]).collect(), domain)
    }

    /// Events after `now` are seen only by windows that reach past it.
    pub(super) fn not_after_now(&mut self, domain: DomainId) -> Option<NodeId> {
        if !self.record_is_event(domain) {
            return None;
        }
        let (time, now) = (self.event_time(domain), self.timestamp(self.now));
        Some(self.graph.test(crate::builtins::Test::Le, vec![time, now]))
    }

    /// The domain of a source with what restricts it, and whether the source has already been through a window (its
    /// own, or that of the collection that it is made of).
    fn source(&mut self, collection: &Collection, parent: DomainId, scope: &Scope) -> (DomainId, Option<NodeId>, bool) {
        match &collection.source {
            Source::Events { event_type, via } => self.events(parent, event_type, via, scope),
            Source::List(path) if matches!(collection.element, Ty::Object(_)) => {
                let of = self.domain_of(path.subject);
                let (domain, mask) = self.elements(parent, of, path.subject, &path.steps);
                (domain, mask, true)
            }
            Source::List(path) => {
                let ty = Ty::List(Box::new(erase(&collection.element)));
                let of = self.domain_of(path.subject);
                let (outer, mask, rest) = self.walk_lists(parent, of, path.subject, &path.steps);
                let base = if outer == parent { of } else { outer };
                let list = self.scalar(base, rest, ty);
                let list = self.graph.gather(list, outer);
                let domain = self.graph.domain(Some(outer), DomainKind::Values { list });
                (domain, mask.map(|mask| self.graph.gather(mask, domain)), true)
            }
            Source::Entries(path) => {
                let of = self.domain_of(path.subject);
                let (outer, mask, rest) = self.walk_lists(parent, of, path.subject, &path.steps);
                let of = if outer == parent { of } else { outer };
                let path = rest
                    .iter()
                    .filter_map(|step| match step {
                        Step::Field(name) => Some(FieldStep::Field(name.clone())),
                        Step::Key(key) => Some(FieldStep::Key(key.clone())),
                        _ => None,
                    })
                    .collect();
                let domain = self.graph.domain(Some(outer), DomainKind::Entries { of, path });
                (domain, mask.map(|mask| self.graph.gather(mask, domain)), true)
            }
            Source::Values(list) => {
                let list = self.expr(list, scope);
                let list = self.graph.gather(list, parent);
                (self.graph.domain(Some(parent), DomainKind::Values { list }), None, true)
            }
            Source::Top { of, by, count, descending } => {
                let inner = self.rows(of, parent, scope);
                let key = self.expr(by, scope);
                let key = self.graph.gather(key, inner.domain);
                let op = Op::Top { parent, mask: inner.mask, key, count: *count, descending: *descending };
                (inner.domain, Some(self.graph.node(op, inner.domain, Type::BOOL)), true)
            }
            Source::Groups { of, by } => {
                let inner = self.rows(of, parent, scope);
                let key = self.expr(by, scope);
                let key = self.graph.gather(key, inner.domain);
                let kind = DomainKind::Groups { of: inner.domain, mask: inner.mask, key };
                (self.graph.domain(Some(parent), kind), None, true)
            }
            Source::Members(group) => {
                let groups = self.groups_domain(*group);
                (self.graph.domain(Some(parent), DomainKind::Members { groups }), None, true)
            }
        }
    }

    /// The groups that a subject is bound to, behind the filters on them.
    fn groups_domain(&self, group: BinderId) -> DomainId {
        let mut domain = self.domain_of(group);
        while let (DomainKind::Filter { .. }, Some(parent)) =
            (&self.graph.get_domain(domain).kind, self.graph.get_domain(domain).parent)
        {
            domain = parent;
        }
        domain
    }

    /// Goes through the lists of objects on a path: the domain reached, a guard, and the steps behind the last list.
    fn walk_lists<'s>(
        &mut self,
        parent: DomainId,
        of: DomainId,
        subject: BinderId,
        steps: &'s [Step],
    ) -> (DomainId, Option<NodeId>, &'s [Step]) {
        match steps.iter().rposition(|step| *step == Step::Each) {
            None => (parent, None, steps),
            Some(each) => {
                let (domain, mask) = self.elements(parent, of, subject, &steps[..each]);
                (domain, mask, &steps[each + 1..])
            }
        }
    }

    fn events(
        &mut self,
        parent: DomainId,
        event_type: &Option<Arc<str>>,
        via: &[EventDefId],
        scope: &Scope,
    ) -> (DomainId, Option<NodeId>, bool) {
        let kind = DomainKind::Events { event_type: event_type.clone() };
        let domain = self.graph.domain(Some(parent), kind);
        let (tests, windowed) = self.custom_events(domain, via, scope);
        (domain, self.mask(tests, domain), windowed)
    }

    /// The filters and windows of custom events over a domain of events.
    fn custom_events(&mut self, domain: DomainId, via: &[EventDefId], scope: &Scope) -> (Vec<NodeId>, bool) {
        let module = self.module;
        let mut tests = Vec::new();
        let mut windowed = false;
        for id in via {
            let definition = &module.events[id.0 as usize].collection;
            self.subjects.insert(definition.binder, domain);
            self.objects.insert(definition.binder, module.schema.event);
            if let Some(window) = &definition.window {
                let time = self.event_time(domain);
                tests.extend(self.window_tests(time, window, scope));
                windowed = true;
            }
            if let Some(filter) = &definition.filter {
                tests.push(self.expr(filter, scope));
            }
        }
        (tests, windowed)
    }
}

/// A sum has ten more digits than its values: ten thousand million of them.
fn sum_type(ty: &Ty) -> Ty {
    match ty {
        Ty::Decimal(digits) => {
            Ty::Decimal(Digits { precision: (digits.precision + 10).min(MAX_DIGITS), scale: digits.scale })
        }
        _ => ty.clone(),
    }
}

/// The conjuncts of a collection's filter: those that are a loop over its rows, and those that pair each row with the
/// events of its profile. The latter are worth a domain of their own, of the rows that the former leave.
fn split(collection: &Collection) -> (Vec<&Expr>, Vec<&Expr>) {
    conjuncts(collection.filter.as_deref()).into_iter().partition(|condition| !pairs(condition, collection.binder))
}

/// The conjuncts of an optional predicate.
pub(super) fn conjuncts(filter: Option<&Expr>) -> Vec<&Expr> {
    match filter {
        None => vec![],
        Some(Expr { kind: ExprKind::And(items), .. }) => items.iter().flat_map(|item| conjuncts(Some(item))).collect(),
        Some(other) => vec![other],
    }
}

fn pairs(expr: &Expr, binder: BinderId) -> bool {
    let here = match &expr.kind {
        ExprKind::Aggregate { collection, .. } => matches!(collection.source, Source::Events { .. }),
        ExprKind::Sequence(_) => true,
        _ => false,
    };
    if here {
        let mut uses = Uses::default();
        uses.expr(expr);
        if uses.uses(binder) {
            return true;
        }
    }
    let mut found = false;
    walk::children(expr, &mut |child| found |= pairs(child, binder));
    found
}
