//! Values: the expression of a node at a row. Invariant: null exactly where the node is absent.

use super::facts::is_profile;
use super::scope::{Frame, Row, Scope};
use super::unit::GROUP_KEY;
use super::{Emitter, Failure, Result, sql_type};
use crate::plan::{NodeId, Op, Reduction};
use crate::sql::tree::Literal;
use crate::sql::{Expr, Ident};
use crate::types::{Ty, Value};

impl Emitter<'_> {
    /// The value of a node.
    pub(super) fn value(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId) -> Result<Expr> {
        let node = self.node(id);
        let ty = &node.ty.ty;
        self.dialect.can_hold(&sql_type(ty))?;
        match &node.op {
            Op::Const(value) => self.constant(value, ty),
            Op::Absent => Ok(Expr::Null(sql_type(ty))),
            Op::Column(path) => self.column(frame, scope, node.domain, path, ty),
            Op::Key => match self.row(scope, node.domain)? {
                Row::Group(key) => Ok(key),
                Row::GroupOfTable { table, .. } => Ok(Expr::column(&table, &Ident::generated(GROUP_KEY))),
                Row::Entry(entry) => self.entry_key(entry),
                _ => Err(Failure::Unsupported("a key of a row that has none".to_owned())),
            },
            Op::Related { class, key, path } => self.related(frame, scope, class, *key, path, ty),
            Op::Gather(inner) => self.value(frame, scope, *inner),
            Op::Call { func, args } => self.call(frame, scope, *func, args, ty),
            Op::List(items) => self.list_of(frame, scope, items),
            Op::If { condition, then, otherwise } => {
                let condition = self.predicate(frame, scope, *condition)?.expr;
                if self.cannot_be_null(ty) {
                    return self.choice_of_lists(frame, scope, condition, [*then, *otherwise], ty);
                }
                let then = self.branch(frame, scope, *then, ty)?;
                let otherwise = self.branch(frame, scope, *otherwise, ty)?;
                Ok(match otherwise {
                    Expr::Null(_) => then.when(condition),
                    otherwise => Expr::choose(condition, then, otherwise),
                })
            }
            Op::Default { value, default } => {
                if self.cannot_be_null(ty) {
                    let present = Expr::and(self.list_present(frame, scope, *value)?);
                    return self.choice_of_lists(frame, scope, present, [*value, *default], ty);
                }
                let value = self.branch(frame, scope, *value, ty)?;
                let default = self.branch(frame, scope, *default, ty)?;
                Ok(value.or_else(default))
            }
            Op::Reduce { from, mask, reduction } => match reduction {
                Reduction::Any => Ok(self.predicate(frame, scope, id)?.never_null()),
                _ => {
                    self.can_hold_reduced(id, reduction)?;
                    self.reduce(frame, scope, id, *from, *mask, reduction)
                }
            },
            Op::ProfileId => self.profile_id_text(frame),
            Op::Test { .. }
            | Op::And(_)
            | Op::Or(_)
            | Op::Not(_)
            | Op::IsPresent(_)
            | Op::Top { .. }
            | Op::Sequence(_)
            | Op::Sample { .. }
            | Op::Membership(_) => Ok(self.predicate(frame, scope, id)?.never_null()),
        }
    }

    /// A value of a type where others of that type stand beside it.
    fn branch(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId, ty: &Ty) -> Result<Expr> {
        let value = self.value_as(frame, scope, id, ty)?;
        Ok(self.dialect.branch(value, &sql_type(ty))?)
    }

    /// A constant of a type.
    pub(super) fn constant(&mut self, value: &Value, ty: &Ty) -> Result<Expr> {
        if let Some(digits) = self.counted(ty) {
            return self.counted_constant(value, digits);
        }
        Ok(Expr::Literal(match value {
            Value::Bool(value) => Literal::Bool(*value),
            Value::Int(value) => Literal::Int(*value),
            Value::Decimal { unscaled, scale } => {
                let (mut unscaled, mut scale) = (*unscaled, *scale);
                while scale > 0 && unscaled % 10 == 0 {
                    (unscaled, scale) = (unscaled / 10, scale - 1);
                }
                let digits = unscaled.unsigned_abs().checked_ilog10().map_or(1, |log| log as u8 + 1);
                Literal::Decimal { unscaled, precision: digits.max(scale), scale }
            }
            Value::Float(value) => Literal::Float(*value),
            Value::String(text) if text.contains('\0') => {
                return Err(Failure::Unsupported("a text with U+0000".to_owned()));
            }
            Value::String(text) => Literal::Text(text.clone()),
            Value::Date(days) => Literal::Date(*days),
            Value::Timestamp(micros) => Literal::Timestamp(*micros),
            Value::Duration(duration) => match duration.exact_micros() {
                Some(micros) => Literal::Int(micros),
                None => return Err(Failure::Unsupported("a calendar duration as a value".to_owned())),
            },
            Value::Bucket(bucket) => Literal::Int(i64::from(*bucket)),
            Value::List(items) => {
                let element = if let Ty::List(element) = ty { element } else { ty };
                if items.is_empty() {
                    return Ok(self.dialect.empty_list(&sql_type(element))?);
                }
                let items: Result<Vec<Expr>> = items.iter().map(|item| self.constant(item, element)).collect();
                return Ok(self.dialect.list(items?, &sql_type(element)));
            }
        }))
    }

    /// The list of the present ones of some values.
    fn list_of(&mut self, frame: &mut Frame, scope: &Scope, items: &[NodeId]) -> Result<Expr> {
        let nullable = items.iter().any(|&item| self.nullable(item));
        let first = items.first().map_or(Ty::String, |&first| self.node(first).ty.ty.clone());
        let element = sql_type(&first);
        let values: Result<Vec<Expr>> = items.iter().map(|&item| self.value_as(frame, scope, item, &first)).collect();
        let list = self.dialect.list(values?, &element);
        if !nullable {
            return Ok(list);
        }
        let item = self.names.fresh("item");
        let present = self.dialect.element(Expr::Var(item.clone()), &element)?.is_present();
        Ok(self.dialect.list_filter(list, vec![item], present)?)
    }

    /// Whether a value may be null. True where in doubt: data may lack what a schema requires.
    pub(super) fn nullable(&self, id: NodeId) -> bool {
        let node = self.node(id);
        match &node.op {
            Op::Const(_)
            | Op::Key
            | Op::ProfileId
            | Op::List(_)
            | Op::Test { .. }
            | Op::And(_)
            | Op::Or(_)
            | Op::Not(_)
            | Op::IsPresent(_)
            | Op::Top { .. }
            | Op::Sequence(_)
            | Op::Sample { .. }
            | Op::Membership(_) => false,
            Op::Absent | Op::Related { .. } => true,
            Op::Column(path) => !path.is_empty() && !(self.is_event_time(id)),
            Op::Gather(inner) => self.nullable(*inner),
            Op::Call { args, .. } => self.may_fail(id) || args.iter().any(|&arg| self.nullable(arg)),
            Op::If { then, otherwise, .. } => self.nullable(*then) || self.nullable(*otherwise),
            Op::Default { value, default } => self.nullable(*value) && self.nullable(*default),
            Op::Reduce { reduction, .. } => match reduction {
                Reduction::Any
                | Reduction::Count
                | Reduction::CountDistinct(_)
                | Reduction::CountPresent(_)
                | Reduction::List(_) => false,
                Reduction::Sum(_) => !matches!(node.ty.ty, Ty::Decimal(_)),
                Reduction::Min(_)
                | Reduction::Max(_)
                | Reduction::Mean(_)
                | Reduction::First { .. }
                | Reduction::Last { .. } => true,
            },
        }
    }

    /// Whether a column is the instant of an event.
    pub(super) fn is_event_time(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let Op::Column(path) = &node.op else { return false };
        let named = matches!(&path[..], [crate::plan::FieldStep::Field(name)] if &**name == crate::schema::TIMESTAMP);
        named && !is_profile(self.plan, node.domain) && !node.ty.optional
    }

    /// A short name for what a value is.
    pub(super) fn value_name(&self, id: NodeId) -> String {
        let name = match &self.node(id).op {
            Op::Column(path) | Op::Related { path, .. } => super::names::last_field(path),
            Op::Gather(inner) => return self.value_name(*inner),
            Op::Call { args, .. } => match args.first() {
                Some(&arg) => return self.value_name(arg),
                None => "value",
            },
            _ => "value",
        };
        crate::sql::quote::generated_name(name, "value")
    }
}
