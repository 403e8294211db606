//! The first and the last value of a profile's events. Invariant: of simultaneous events, where no id tells which comes
//! first, it is the smallest value.

use super::predicate::Predicate;
use super::scope::{Frame, Scope};
use super::unit::UnitKind;
use super::{Emitter, Failure, Result};
use crate::builtins::Test;
use crate::plan::{NodeId, Op, Reduction};
use crate::sql::Expr;
use crate::sql::tree::{BinaryOp, Order};
use crate::types::Ty;

impl Emitter<'_> {
    /// The first or last present value.
    pub(super) fn end(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        value: NodeId,
        ties: Option<NodeId>,
        last: bool,
        mut filter: Vec<Expr>,
    ) -> Result<Expr> {
        let row = self.base(self.node(value).domain);
        let value_expr = self.value(frame, scope, value)?;
        if self.nullable(value) {
            filter.push(value_expr.clone().is_present());
        }
        let key = |expr, descending| Order { expr, descending, nullable: false };
        let order = match ties {
            Some(time) => {
                let time = self.value(frame, scope, time)?;
                // Of simultaneous events the smallest value, for the first and for the last.
                vec![key(time, last), key(self.ordered(value, value_expr.clone())?, false)]
            }
            None => {
                let order = self.event_order(scope, row)?;
                order.into_iter().map(|order| Order { descending: last, ..order }).collect()
            }
        };
        Ok(self.dialect.agg_first(value_expr, &self.type_of(value), order, filter)?)
    }

    /// Whether a comparison asks if the first or last value is a constant, where ties make the value itself dear.
    pub(super) fn is_end_with_ties(&mut self, value: NodeId, constant: NodeId) -> bool {
        let Op::Reduce { from, mask, reduction } = &self.node(value).op else { return false };
        let (Reduction::First { value: of, ties: Some(_) } | Reduction::Last { value: of, ties: Some(_) }) = reduction
        else {
            return false;
        };
        matches!(self.node(constant).op, Op::Const(_))
            && matches!(self.node(*of).ty.ty, Ty::String | Ty::Enum(_) | Ty::Int | Ty::Date)
            && !self.is_event_time(*of)
            && self
                .as_feature(value, *from, *mask, reduction)
                .is_some_and(|request| matches!(request.kind, UnitKind::Events(_)))
    }

    /// That comparison: a column of the unit.
    pub(super) fn is_end(&mut self, frame: &mut Frame, value: NodeId, constant: NodeId) -> Result<Predicate> {
        let request = match &self.node(value).op {
            Op::Reduce { from, mask, reduction } => {
                self.as_feature(value, *from, *mask, reduction).map(|request| (request, reduction.clone()))
            }
            _ => None,
        };
        let Some((request, reduction)) = request else {
            return Err(Failure::Unsupported("the first of a collection".to_owned()));
        };
        let unit = self.unit(request.kind, request.level);
        let column = self.feature(unit, request.row, reduction, request.conditions, Some(constant));
        Ok(Predicate::new(self.unit_column(frame, unit, &column), false))
    }

    /// Whether the first or last present value is a constant, by one number for each event: four times its time, and one
    /// less if its value is below the constant, one more if it is above. None where it is absent.
    pub(super) fn end_is(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        reduction: &Reduction,
        constant: NodeId,
        filter: Vec<Expr>,
    ) -> Result<Expr> {
        let (value, time, last) = match reduction {
            Reduction::First { value, ties: Some(time) } => (*value, *time, false),
            Reduction::Last { value, ties: Some(time) } => (*value, *time, true),
            _ => return Err(Failure::Unsupported("the first of a collection".to_owned())),
        };
        let found = self.value(frame, scope, value)?;
        let wanted = self.value(frame, scope, constant)?;
        let (place, bound) = (self.ordered(value, found.clone())?, self.ordered(constant, wanted.clone())?);
        let below = self.binary_test(Test::Lt, place.clone(), bound.clone())?;
        let above = self.binary_test(Test::Gt, place, bound)?;
        let same = match self.is_text(value) {
            true => self.dialect.compared_texts(found, BinaryOp::Eq, wanted),
            false => self.binary_test(Test::Eq, found, wanted)?,
        };
        // Of simultaneous events the smallest value, for the first and for the last.
        let digit = self.dialect.which(if last { [above, same, below] } else { [below, same, above] });
        let time = self.value(frame, scope, time)?;
        let number = self.dialect.micros(time)?.binary(BinaryOp::Mul, Expr::int(4)).binary(BinaryOp::Add, digit);
        let end = Expr::aggregate(if last { "max" } else { "min" }, [number], filter);
        Ok(end.binary(BinaryOp::Rem, Expr::int(4)).eq(Expr::int(0)))
    }
}
