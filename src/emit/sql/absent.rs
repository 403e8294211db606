//! Lists and maps where the database has no null ones: whether one is present is asked beside its value, which is empty
//! where it is absent. Invariant: a list that is absent is never taken for an empty one where the difference matters;
//! one that is stored has been made empty by whoever stored it.

use super::scope::{Frame, Scope};
use super::{Emitter, Failure, Result, sql_type};
use crate::builtins::Func;
use crate::plan::{FieldPath, FieldStep, NodeId, Op};
use crate::sql::tree::Literal;
use crate::sql::{Expr, SqlType};
use crate::types::Ty;

impl Emitter<'_> {
    /// Whether values of a type cannot be null in the database.
    pub(super) fn cannot_be_null(&self, ty: &Ty) -> bool {
        matches!(ty, Ty::List(_) | Ty::Map(_)) && !self.dialect.abilities().null_lists
    }

    /// The conditions under which all lists among some nodes are present; none where null says it.
    pub(super) fn lists_present(&mut self, frame: &mut Frame, scope: &Scope, nodes: &[NodeId]) -> Result<Vec<Expr>> {
        let mut all = Vec::new();
        for &node in nodes {
            if self.cannot_be_null(&self.node(node).ty.ty) {
                all.extend(self.list_present(frame, scope, node)?);
            }
        }
        Ok(all)
    }

    /// The conditions under which a list is present.
    pub(super) fn list_present(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId) -> Result<Vec<Expr>> {
        let node = self.node(id);
        Ok(match &node.op {
            Op::Const(_) | Op::List(_) | Op::Reduce { .. } => vec![],
            Op::Absent => vec![Expr::bool(false)],
            Op::Gather(inner) => self.list_present(frame, scope, *inner)?,
            Op::Column(path) => match path.split_last() {
                Some((FieldStep::Field(_), [])) | None => vec![],
                Some((FieldStep::Field(_), above)) => {
                    let above: FieldPath = above.into();
                    vec![self.record_path(frame, scope, node.domain, &above, &SqlType::object())?.is_present()]
                }
                Some((FieldStep::Key(_), _)) => return Err(unknown()),
            },
            Op::Call { func: Func::Split, args } => {
                let mut all = Vec::new();
                for &arg in args.iter() {
                    if self.nullable(arg) {
                        all.push(self.value(frame, scope, arg)?.is_present());
                    }
                }
                all
            }
            Op::Call { args, .. } => self.lists_present(frame, scope, args)?,
            Op::If { condition, then, otherwise } => {
                let condition = self.predicate(frame, scope, *condition)?.expr;
                let then = Expr::and(self.list_present(frame, scope, *then)?);
                let otherwise = Expr::and(self.list_present(frame, scope, *otherwise)?);
                if then == otherwise { then.conjuncts() } else { vec![Expr::choose(condition, then, otherwise)] }
            }
            Op::Default { value, default } => {
                let value = Expr::and(self.list_present(frame, scope, *value)?);
                let default = Expr::and(self.list_present(frame, scope, *default)?);
                Expr::or([value, default]).conjuncts()
            }
            Op::Related { .. }
            | Op::Key
            | Op::ProfileId
            | Op::Test { .. }
            | Op::And(_)
            | Op::Or(_)
            | Op::Not(_)
            | Op::IsPresent(_)
            | Op::Top { .. }
            | Op::Sequence(_)
            | Op::Sample { .. }
            | Op::Membership(_) => return Err(unknown()),
        })
    }

    /// One of two lists, empty where that is absent.
    pub(super) fn choice_of_lists(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        condition: Expr,
        [then, otherwise]: [NodeId; 2],
        ty: &Ty,
    ) -> Result<Expr> {
        let Ty::List(element) = ty else { return Err(Failure::Unsupported("a choice of maps".to_owned())) };
        let mut branch = |node: NodeId| match self.node(node).op {
            Op::Absent => Ok(self.dialect.empty_list(&sql_type(element))?),
            _ => self.value(frame, scope, node),
        };
        let (then, otherwise) = (branch(then)?, branch(otherwise)?);
        Ok(match condition {
            Expr::Literal(Literal::Bool(true)) => then,
            condition => Expr::choose(condition, then, otherwise),
        })
    }
}

fn unknown() -> Failure {
    Failure::Unsupported("a list that may be absent, of a related object or a map,".to_owned())
}
