//! Rows as lists: a nested collection is walked through with list functions and lambdas, in which outer rows and columns
//! can be used. Any domain of the plan can be walked through like this, so it is what everything falls back on.
//!
//! Invariant: a list of rows is in the domain's order if that was asked for, and null only where it would be empty.

use super::bounds::Bound;
use super::names::{last_field, singular};
use super::record::{KEY, VALUE, stored_type};
use super::scope::{Frame, Position, Row, Scope};
use super::unit::{EventList, UnitKind};
use super::{Emitter, Failure, Result, event_name, sql_type};
use crate::plan::{DomainId, DomainKind, NodeId, Op, Reduction};
use crate::sql::tree::Literal;
use crate::sql::{Expr, Ident, SqlType, quote};
use crate::types::Ty;

/// Nested loops over domains, outermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Loops {
    /// Conditions on the outer row alone.
    guards: Vec<NodeId>,
    loops: Vec<Loop>,
}

/// A loop over the rows of a domain for which conditions are true.
#[derive(Debug, Clone)]
pub(super) struct Loop {
    pub domain: DomainId,
    pub conditions: Vec<NodeId>,
}

/// A loop with its row bound.
pub(super) struct Opened {
    pub list: Expr,
    pub params: Vec<Ident>,
    pub item: Expr,
    pub scope: Scope,
    pub conditions: Vec<Expr>,
}

/// What a loop gathers of its rows.
#[derive(Clone, Copy)]
enum Body {
    /// The present values of a node.
    Value(NodeId),
    /// A `1` for each row.
    One,
    /// Structs of a time (negative if `last`) and a present value.
    Timed { value: NodeId, time: NodeId, last: bool },
}

impl Loops {
    pub(super) fn add_domain(&mut self, domain: DomainId) {
        self.loops.push(Loop { domain, conditions: vec![] });
    }

    pub(super) fn add_conditions(&mut self, conditions: Vec<NodeId>) {
        match self.loops.last_mut() {
            Some(last) => last.conditions.extend(conditions),
            None => self.guards.extend(conditions),
        }
    }
}

impl Emitter<'_> {
    /// Whether the loops find a row; null counts as no.
    pub(super) fn any_row(&mut self, frame: &mut Frame, scope: &Scope, loops: &Loops) -> Result<Expr> {
        let mut all = self.conditions(frame, scope, &loops.guards)?;
        if !loops.loops.is_empty() {
            all.push(self.any_of(frame, scope, &loops.loops)?);
        }
        Ok(Expr::and(all))
    }

    fn any_of(&mut self, frame: &mut Frame, scope: &Scope, loops: &[Loop]) -> Result<Expr> {
        if loops.is_empty() {
            return Ok(Expr::bool(true));
        }
        let (mut opened, rest) = self.open_first(frame, scope, loops, false)?;
        if !rest.is_empty() {
            let inner = self.any_of(frame, &opened.scope, rest)?;
            opened.conditions.push(inner);
        }
        Ok(self.dialect.list_exists(opened.list, opened.params, Expr::and(opened.conditions))?)
    }

    /// The bare value of a reduction over loops.
    pub(super) fn reduce_list(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        loops: Loops,
        reduction: &Reduction,
    ) -> Result<Expr> {
        let dialect = self.dialect;
        let mut gather = |this: &mut Self, body: Body, ordered: bool| this.gather(frame, scope, &loops, body, ordered);
        Ok(match reduction {
            Reduction::Any | Reduction::Count => dialect.list_length(gather(self, Body::One, false)?)?,
            Reduction::CountPresent(node) => dialect.list_length(gather(self, Body::Value(*node), false)?)?,
            Reduction::CountDistinct(node) => {
                dialect.can_compare(&self.type_of(*node))?;
                dialect.list_length(dialect.list_distinct(gather(self, Body::Value(*node), false)?)?)?
            }
            Reduction::Sum(node) => {
                dialect.list_sum(gather(self, Body::Value(*node), false)?, &self.summed_type(*node))?
            }
            Reduction::Min(node) => dialect.list_min(gather(self, Body::Value(*node), false)?, &self.type_of(*node))?,
            Reduction::Max(node) => dialect.list_max(gather(self, Body::Value(*node), false)?, &self.type_of(*node))?,
            Reduction::Mean(node) => dialect.list_mean(gather(self, Body::Value(*node), false)?)?,
            Reduction::List(node) => gather(self, Body::Value(*node), true)?,
            Reduction::First { value, ties: None } => {
                dialect.list_first(gather(self, Body::Value(*value), true)?, &self.type_of(*value))?
            }
            Reduction::Last { value, ties: None } => {
                dialect.list_last(gather(self, Body::Value(*value), true)?, &self.type_of(*value))?
            }
            Reduction::First { value, ties: Some(time) } | Reduction::Last { value, ties: Some(time) } => {
                let last = matches!(reduction, Reduction::Last { .. });
                let pairs = gather(self, Body::Timed { value: *value, time: *time, last }, false)?;
                let ty = self.type_of(*value);
                dialect.field(dialect.list_min(pairs, &timed_type(&ty))?, &Ident::physical(VALUE), &ty)?
            }
        })
    }

    /// What the loops gather, as one list.
    fn gather(&mut self, frame: &mut Frame, scope: &Scope, loops: &Loops, body: Body, ordered: bool) -> Result<Expr> {
        let guards = self.conditions(frame, scope, &loops.guards)?;
        let list = if loops.loops.is_empty() {
            self.single(frame, scope, body)?
        } else {
            self.gather_loops(frame, scope, &loops.loops, body, ordered)?
        };
        if guards.is_empty() {
            return Ok(list);
        }
        Ok(self.dialect.list_when(list, Expr::and(guards), &self.body_type(body))?)
    }

    /// The row itself as a list of one.
    fn single(&mut self, frame: &mut Frame, scope: &Scope, body: Body) -> Result<Expr> {
        match body {
            Body::One => Ok(self.dialect.list(vec![Expr::int(1)], &SqlType::Int)),
            Body::Value(node) => {
                let value = self.value(frame, scope, node)?;
                let list = self.dialect.list(vec![value.clone()], &self.type_of(node));
                if !self.nullable(node) {
                    return Ok(list);
                }
                Ok(self.dialect.list_when(list, value.is_present(), &self.type_of(node))?)
            }
            Body::Timed { .. } => Err(Failure::Unsupported("a row without a collection".to_owned())),
        }
    }

    fn gather_loops(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        loops: &[Loop],
        body: Body,
        ordered: bool,
    ) -> Result<Expr> {
        if loops.is_empty() {
            return self.single(frame, scope, body);
        }
        let (mut opened, rest) = self.open_first(frame, scope, loops, ordered)?;
        if !rest.is_empty() {
            let inner = self.gather_loops(frame, &opened.scope, rest, body, ordered)?;
            let (param, list) =
                (opened.params[..1].to_vec(), self.filtered(opened.list, opened.params, opened.conditions)?);
            let to = SqlType::List(Box::new(self.body_type(body)));
            let lists = self.dialect.list_transform(list, param, inner, &to)?;
            return Ok(self.dialect.list_flatten(lists)?);
        }
        let value = match body {
            Body::One => None,
            Body::Value(node) => {
                let value = self.value(frame, &opened.scope, node)?;
                if self.nullable(node) {
                    opened.conditions.push(value.clone().is_present());
                }
                // A list of the very elements needs no transformation.
                (value != opened.item).then_some(value)
            }
            Body::Timed { value, time, last } => {
                let value_type = self.type_of(value);
                let value = self.value(frame, &opened.scope, value)?;
                opened.conditions.push(value.clone().is_present());
                let time = self.value(frame, &opened.scope, time)?;
                let micros = self.dialect.micros(time)?;
                let time = if last { Expr::Negative(Box::new(micros)) } else { micros };
                let fields =
                    vec![(Ident::physical(TIME), time, SqlType::Int), (Ident::physical(VALUE), value, value_type)];
                Some(self.dialect.pack(fields)?)
            }
        };
        let params = opened.params[..1].to_vec();
        let list = self.filtered(opened.list, opened.params, opened.conditions)?;
        match value {
            None => Ok(list),
            Some(value) => Ok(self.dialect.list_transform(list, params, value, &self.body_type(body))?),
        }
    }

    pub(super) fn filtered(&mut self, list: Expr, params: Vec<Ident>, conditions: Vec<Expr>) -> Result<Expr> {
        match Expr::and(conditions) {
            Expr::Literal(Literal::Bool(true)) => Ok(list),
            condition => Ok(self.dialect.list_filter(list, params, condition)?),
        }
    }

    /// Binds the row of a loop.
    pub(super) fn open(&mut self, frame: &mut Frame, scope: &Scope, step: &Loop, ordered: bool) -> Result<Opened> {
        let kind = &self.plan.domains[step.domain.0 as usize].kind;
        match kind {
            DomainKind::Events { event_type } => self.open_events(frame, scope, step, event_type.as_deref(), ordered),
            DomainKind::Later { .. } | DomainKind::Between { .. } => self.open_paired(frame, scope, step, ordered),
            DomainKind::Elements { of, path } => {
                let objects = SqlType::List(Box::new(SqlType::object()));
                let list = self.record_path(frame, scope, *of, path, &objects)?;
                let param = self.param(last_field(path));
                let row = Row::Object(Expr::Var(param.clone()));
                self.open_list(frame, scope, step, list, param, row, &Ty::Object(crate::types::ObjectId(0)))
            }
            DomainKind::Values { list } => {
                let name = self.value_name(*list);
                let (element, stored) = self.stored_list(frame, scope, *list)?;
                let param = self.param(&name);
                let row = Row::Scalar(Expr::Var(param.clone()));
                self.open_list(frame, scope, step, stored, param, row, &element)
            }
            DomainKind::Entries { of, path } => {
                let map = self.record_path(frame, scope, *of, path, &SqlType::Map(Box::new(SqlType::object())))?;
                let mut list = self.dialect.map_entries(map)?;
                if ordered {
                    list = self.dialect.list_sort(list, &entry_type())?;
                }
                let param = self.names.fresh("entry");
                let row = Row::Entry(Expr::Var(param.clone()));
                self.open_list(frame, scope, step, list, param, row, &Ty::Object(crate::types::ObjectId(0)))
            }
            DomainKind::Groups { of, mask, key } => {
                let parent = self.plan.domains[step.domain.0 as usize].parent.unwrap_or(DomainId::PROFILES);
                let loops = self.loops(*of, parent, *mask);
                let keys = self.gather(frame, scope, &loops, Body::Value(*key), false)?;
                let key_type = self.type_of(*key);
                self.dialect.can_compare(&key_type)?;
                let keys = self.dialect.list_distinct(keys)?;
                let keys = if ordered { self.dialect.list_sort(keys, &key_type)? } else { keys };
                let param = self.names.fresh("group_key");
                let row = Row::Group(self.dialect.element(Expr::Var(param.clone()), &key_type)?);
                let inner = scope.with(step.domain, row);
                let conditions = self.conditions(frame, &inner, &step.conditions)?;
                Ok(Opened { list: keys, item: Expr::Var(param.clone()), params: vec![param], scope: inner, conditions })
            }
            DomainKind::Members { groups } => self.open_members(frame, scope, step, *groups, ordered),
            DomainKind::Profiles | DomainKind::Filter { .. } => {
                Err(Failure::Unsupported("a loop over profiles".to_owned()))
            }
        }
    }

    /// A list value as it is stored (nulls included), and the type of its elements.
    fn stored_list(&mut self, frame: &mut Frame, scope: &Scope, list: NodeId) -> Result<(Ty, Expr)> {
        let mut inner = list;
        while let Op::Gather(next) = &self.node(inner).op {
            inner = *next;
        }
        let node = self.node(inner);
        let element = if let Ty::List(element) = &node.ty.ty { (**element).clone() } else { node.ty.ty.clone() };
        let expr = match &node.op {
            // Elements that are stored otherwise than they are computed with are read first.
            Op::Column(path) if !self.holds_counted(&element) => {
                self.record_path(frame, scope, node.domain, path, &stored_type(&node.ty.ty))?
            }
            _ => self.value(frame, scope, inner)?,
        };
        Ok((element, expr))
    }

    /// Binds an element of a list, whose nulls do not count.
    #[expect(clippy::too_many_arguments)]
    fn open_list(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        step: &Loop,
        list: Expr,
        param: Ident,
        row: Row,
        element: &Ty,
    ) -> Result<Opened> {
        let item = Expr::Var(param.clone());
        let present = match &row {
            Row::Entry(entry) => self.entry_value(entry.clone(), &SqlType::object())?.is_present(),
            Row::Scalar(_) => {
                let value = self.element(item.clone(), &stored_type(element), self.times_of(step.domain)?)?;
                self.present_element(value, element)?
            }
            _ => self.dialect.stored(item.clone(), &[], &SqlType::object())?.is_present(),
        };
        let mut params = vec![param];
        let ranks = step.conditions.iter().any(|&node| self.analysis.of(node).ranks_rows);
        // Those that do not count take no place in a ranking.
        let (list, present) = if ranks {
            (self.dialect.list_filter(list, params.clone(), present)?, Expr::bool(true))
        } else {
            (list, present)
        };
        let position = self.position(&mut params, step, &list, vec![]);
        let inner = scope.with_position(step.domain, row, position);
        let rejects_null = step.conditions.iter().any(|&node| self.rejects_null(node, step.domain));
        let finite_only = matches!(element, Ty::Float) && !self.layout.finite_floats;
        let mut conditions = if rejects_null && !finite_only { vec![] } else { vec![present] };
        conditions.extend(self.conditions(frame, &inner, &step.conditions)?);
        Ok(Opened { list, params, item, scope: inner, conditions })
    }

    /// Whether a condition is not true where the row of a domain is null.
    fn rejects_null(&self, id: NodeId, domain: DomainId) -> bool {
        match &self.node(id).op {
            Op::Test { args, .. } => args.iter().any(|&arg| {
                let node = self.node(arg);
                matches!(node.op, Op::Column(_)) && self.base(node.domain) == domain
            }),
            _ => false,
        }
    }

    /// The place of a loop's row in its list, if a condition ranks the rows.
    fn position(
        &mut self,
        params: &mut Vec<Ident>,
        step: &Loop,
        list: &Expr,
        satisfied: Vec<NodeId>,
    ) -> Option<Position> {
        let ranks = step.conditions.iter().any(|&node| self.analysis.of(node).ranks_rows);
        ranks.then(|| {
            let index = self.names.fresh("place");
            params.push(index.clone());
            Position { list: list.clone(), index, satisfied, packed: None }
        })
    }

    fn open_events(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        step: &Loop,
        event_type: Option<&str>,
        ordered: bool,
    ) -> Result<Opened> {
        let ranks = step.conditions.iter().any(|&node| self.analysis.of(node).ranks_rows);
        let candidates = if ranks { self.ranked_conditions(step) } else { step.conditions.clone() };
        let early = |&node: &NodeId| {
            if ranks { self.analysis.of(node).is_plain(step.domain) } else { self.is_early(node, step.domain) }
        };
        let early: Vec<NodeId> = candidates.into_iter().filter(early).collect();
        let late: Vec<NodeId> = step.conditions.iter().copied().filter(|node| !early.contains(node)).collect();
        let (list, column) = self.list_column(frame, event_type, step.domain, early.clone(), None, ordered || ranks);
        let param = self.names.fresh(&singular(&event_name(event_type)));
        let item = Expr::Var(param.clone());
        let mut params = vec![param];
        let position = self.position(&mut params, step, &column, early);
        let row = Row::EventItem { list, item: item.clone() };
        let inner = scope.with_position(step.domain, row, position);
        let conditions = self.conditions(frame, &inner, &late)?;
        Ok(Opened { list: column, params, item, scope: inner, conditions })
    }

    /// Whether a condition is asked where the events of a list are gathered; later, if another layer would have to be read
    /// for it that is read anew each time.
    pub(super) fn is_early(&mut self, node: NodeId, row: DomainId) -> bool {
        let facts = self.analysis.of(node);
        facts.is_plain(row) && (facts.level == 0 || !self.dialect.runs_named_again())
    }

    /// The column of a list of a profile's events.
    pub(super) fn list_column(
        &mut self,
        frame: &mut Frame,
        event_type: Option<&str>,
        row: DomainId,
        conditions: Vec<NodeId>,
        since: Option<Bound>,
        ordered: bool,
    ) -> (usize, Expr) {
        // Nothing new where the conditions say it.
        let said = |bound: &Bound| conditions.iter().any(|&node| self.bound(node) == Some(*bound));
        let since = since.filter(|bound| !said(bound));
        let level = conditions.iter().map(|&node| self.analysis.of(node).level).max().unwrap_or(0) + 1;
        let unit = self.unit(UnitKind::Events(event_type.map(Into::into)), level);
        let column = Ident::generated("");
        let list = self.event_list(unit, EventList { column, row, conditions, fields: vec![], since, ordered });
        let column = self.lists[list].column.clone();
        (list, self.unit_column(frame, unit, &column))
    }

    /// Binds a row of a group.
    fn open_members(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        step: &Loop,
        groups: DomainId,
        ordered: bool,
    ) -> Result<Opened> {
        let groups = self.base(groups);
        let domain = &self.plan.domains[groups.0 as usize];
        let (DomainKind::Groups { of, mask, key }, Some(parent)) = (&domain.kind, domain.parent) else {
            return Err(Failure::Unsupported("members of what is no group".to_owned()));
        };
        let Row::Group(group_key) = self.row(scope, groups)? else {
            return Err(Failure::Unsupported("members of a group that is out of reach".to_owned()));
        };
        let loops = self.loops(*of, parent, *mask);
        let [only] = loops.loops.as_slice() else {
            return Err(Failure::Unsupported("groups of a collection behind a collection".to_owned()));
        };
        let mut opened = self.open(frame, scope, only, ordered)?;
        let row = self.row(&opened.scope, only.domain)?;
        opened.conditions.push(self.value(frame, &opened.scope, *key)?.eq(group_key));
        opened.scope = opened.scope.with(step.domain, row);
        let further = self.conditions(frame, &opened.scope, &step.conditions)?;
        opened.conditions.extend(further);
        Ok(opened)
    }

    /// The conditions of the filters that a domain is.
    pub(super) fn filters(&self, mut domain: DomainId) -> Vec<NodeId> {
        let mut all = Vec::new();
        while let (DomainKind::Filter { mask }, Some(parent)) =
            (&self.plan.domains[domain.0 as usize].kind, self.plan.domains[domain.0 as usize].parent)
        {
            all.extend(self.conjuncts(*mask));
            domain = parent;
        }
        all
    }

    /// The value of a map's entry, as stored.
    pub(super) fn entry_value(&self, entry: Expr, ty: &SqlType) -> Result<Expr> {
        Ok(self.dialect.stored(entry, &[Ident::physical(VALUE)], ty)?)
    }

    /// The key of a map's entry.
    pub(super) fn entry_key(&self, entry: Expr) -> Result<Expr> {
        Ok(self.dialect.stored(entry, &[Ident::physical(KEY)], &SqlType::Text)?)
    }

    /// The type of a node's value.
    pub(super) fn type_of(&self, id: NodeId) -> SqlType {
        sql_type(&self.node(id).ty.ty)
    }

    fn body_type(&self, body: Body) -> SqlType {
        match body {
            Body::One => SqlType::Int,
            Body::Value(node) => self.type_of(node),
            Body::Timed { value, .. } => timed_type(&self.type_of(value)),
        }
    }

    /// A parameter named as one of several things.
    fn param(&mut self, name: &str) -> Ident {
        let name = singular(&quote::generated_name(name, "item"));
        self.names.fresh(&name)
    }
}

/// The field that holds the time of a value.
const TIME: &str = "time";

/// A value with its time, by which such structs are ordered.
fn timed_type(value: &SqlType) -> SqlType {
    SqlType::Struct(vec![(Ident::physical(TIME), SqlType::Int), (Ident::physical(VALUE), value.clone())])
}

/// The entries of a map, as far as they are ordered.
pub(super) fn entry_type() -> SqlType {
    SqlType::Struct(vec![(Ident::physical(KEY), SqlType::Text)])
}
