//! The best rows of a collection: a row is one of them if fewer than so many are better. Invariant: the rows that are
//! ranked are those that the ranking's own conditions leave, whatever else is asked of them.

use super::predicate::Predicate;
use super::rows::{Loop, Opened};
use super::scope::{Frame, Position, Row, Scope};
use super::{Emitter, Failure, Result};
use crate::plan::{DomainId, NodeId, Op};
use crate::sql::tree::BinaryOp;
use crate::sql::{Expr, Ident, SqlType};

impl Emitter<'_> {
    /// Binds the row of the first loop; of several at once where a rank goes over the rows of all of them.
    pub(super) fn open_first<'l>(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        loops: &'l [Loop],
        ordered: bool,
    ) -> Result<(Opened, &'l [Loop])> {
        let depth = (1..loops.len()).rev().find(|&depth| {
            loops[depth].conditions.iter().any(|&node| match self.node(node).op {
                Op::Top { parent, .. } => self.base(parent) != self.base_of_parent(loops[depth].domain),
                _ => false,
            })
        });
        let Some(depth) = depth else {
            return Ok((self.open(frame, scope, &loops[0], ordered)?, &loops[1..]));
        };
        let (packed, rest) = loops.split_at(depth + 1);
        Ok((self.open_packed(frame, scope, packed)?, rest))
    }

    pub(super) fn base_of_parent(&self, domain: DomainId) -> DomainId {
        self.plan.domains[domain.0 as usize].parent.map_or(domain, |parent| self.base(parent))
    }

    /// Binds the rows of nested loops as one list of structs, to rank them.
    pub(super) fn open_packed(&mut self, frame: &mut Frame, scope: &Scope, loops: &[Loop]) -> Result<Opened> {
        let Some((last, outer)) = loops.split_last() else {
            return Err(Failure::Unsupported("a rank of nothing".to_owned()));
        };
        // What the ranking asks of rows is tested by the ranking.
        let bare = Loop { domain: last.domain, conditions: vec![] };
        let loops: Vec<Loop> = outer.iter().cloned().chain([bare]).collect();
        let mut rows = Vec::new();
        let list = self.pack(frame, scope, &loops, &mut rows)?;
        let param = self.names.fresh("found");
        let item = Expr::Var(param.clone());
        let index = self.names.fresh("place");
        let mut inner = scope.clone();
        for (number, (domain, row)) in rows.into_iter().enumerate() {
            let place = self.dialect.field(item.clone(), &packed_field(number), &SqlType::object())?;
            let position = (domain == last.domain).then(|| Position {
                list: list.clone(),
                index: index.clone(),
                satisfied: vec![],
                packed: Some(number),
            });
            inner = inner.with_position(domain, row.at(place), position);
        }
        let conditions = self.conditions(frame, &inner, &last.conditions)?;
        Ok(Opened { list, params: vec![param, index], item, scope: inner, conditions })
    }

    /// The rows of nested loops as structs with a field per loop.
    pub(super) fn pack(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        loops: &[Loop],
        rows: &mut Vec<(DomainId, Row)>,
    ) -> Result<Expr> {
        let Some((first, rest)) = loops.split_first() else {
            let fields = rows.iter().enumerate();
            let fields = fields.map(|(number, (_, row))| (packed_field(number), row.item(), SqlType::object()));
            return Ok(self.dialect.pack(fields.collect())?);
        };
        let opened = self.open(frame, scope, first, true)?;
        rows.push((first.domain, self.row(&opened.scope, first.domain)?));
        let body = self.pack(frame, &opened.scope, rest, rows)?;
        let params = opened.params[..1].to_vec();
        let list = self.filtered(opened.list, opened.params, opened.conditions)?;
        let to = if rest.is_empty() { SqlType::object() } else { SqlType::List(Box::new(SqlType::object())) };
        let lists = self.dialect.list_transform(list, params, body, &to)?;
        Ok(if rest.is_empty() { lists } else { self.dialect.list_flatten(lists)? })
    }

    /// What may be tested before rows are ranked: what the ranking itself asks of them.
    pub(super) fn ranked_conditions(&mut self, step: &Loop) -> Vec<NodeId> {
        let ranking: Vec<NodeId> =
            step.conditions.iter().copied().filter(|&node| self.analysis.of(node).ranks_rows).collect();
        let [only] = ranking.as_slice() else { return vec![] };
        match &self.node(*only).op {
            Op::Top { mask, .. } => {
                let masks = mask.iter().flat_map(|&mask| self.conjuncts(mask));
                masks.chain(self.filters(self.node(*only).domain)).collect()
            }
            _ => vec![],
        }
    }

    /// Whether a row is among the best of its list: fewer than so many are better.
    pub(super) fn top(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId) -> Result<Predicate> {
        let node = self.node(id);
        let Op::Top { mask, key, count, descending, .. } = &node.op else {
            return Err(Failure::Unsupported("a rank".to_owned()));
        };
        let domain = self.base(node.domain);
        let (Some(position), row) = (scope.position(domain).cloned(), self.row(scope, domain)?) else {
            return Err(Failure::Unsupported("the best rows of a collection behind a collection".to_owned()));
        };
        let masks = mask.iter().flat_map(|&mask| self.conjuncts(mask)).chain(self.filters(node.domain));
        let masks: Vec<NodeId> = masks.filter(|node| !position.satisfied.contains(node)).collect();
        let mut all = self.conditions(frame, scope, &masks)?;
        let own_key = self.value(frame, scope, *key)?;
        if self.nullable(*key) {
            all.push(own_key.clone().is_present());
        }
        let (other, other_index) = (self.names.fresh("other"), self.names.fresh("other_place"));
        let item = Expr::Var(other.clone());
        let item = match position.packed {
            Some(number) => self.dialect.field(item, &packed_field(number), &SqlType::object())?,
            None => item,
        };
        let other_row = row.at(item);
        let inner = scope.with(domain, other_row);
        let mut better = self.conditions(frame, &inner, &masks)?;
        let other_key = self.value(frame, &inner, *key)?;
        let op = if *descending { BinaryOp::Gt } else { BinaryOp::Lt };
        let (own_key, other_key) = (self.ordered(*key, own_key)?, self.ordered(*key, other_key)?);
        let earlier = Expr::Var(other_index.clone()).binary(BinaryOp::Lt, Expr::Var(position.index));
        let tied = Expr::and([other_key.clone().eq(own_key.clone()), earlier]);
        better.push(Expr::or([other_key.binary(op, own_key), tied]));
        let list = self.dialect.list_filter(position.list, vec![other, other_index], Expr::and(better))?;
        let rank = self.dialect.list_length(list)?;
        let count = Expr::int(i64::try_from(*count).unwrap_or(i64::MAX));
        all.push(rank.binary(BinaryOp::Lt, count));
        Ok(Predicate::new(Expr::and(all), false))
    }
}

/// The field of a packed struct that holds the row of a loop.
fn packed_field(number: usize) -> Ident {
    Ident::generated(&format!("row_{number}"))
}
