//! Functions over whole maps, as reductions of their entries: no column holds a map, only whether there is one.

use super::Lowerer;
use crate::builtins::Func;
use crate::hir::{Expr, ExprKind, Path, Step};
use crate::plan::{DomainKind, NodeId, Op, Reduction};
use crate::types::{Ty, Type};

impl Lowerer<'_> {
    /// `size(m)`, `keys(m)`, `values(m)` of a map in a record of a subject; `None` for other arguments.
    pub(super) fn map_function(&mut self, func: Func, map: &Expr, ty: &Ty) -> Option<NodeId> {
        let Ty::Map(value) = &map.ty.ty else { return None };
        let path = map_path(map)?;
        if path.steps.iter().any(|step| matches!(step, Step::Each | Step::Follow(_))) {
            return None;
        }
        let subject = self.domain_of(path.subject);
        let kind = DomainKind::Entries { of: subject, path: super::path::field_path(&path.steps) };
        let entries = self.graph.domain(Some(subject), kind);
        let reduction = match func {
            Func::Size => Reduction::Count,
            Func::Keys => Reduction::List(self.graph.node(Op::Key, entries, Type::required(Ty::String))),
            Func::Values => {
                let value = Type::required(super::erase(value));
                Reduction::List(self.graph.node(Op::Column([].into()), entries, value))
            }
            _ => return None,
        };
        let reduced = Op::Reduce { from: entries, mask: None, reduction };
        let reduced = self.graph.node(reduced, subject, Type::required(ty.clone()));
        let map = self.path(&path, super::erase(&map.ty.ty));
        let present = self.graph.is_present(map);
        let absent = self.absent(ty.clone());
        Some(self.choose(present, reduced, absent))
    }
}

/// The path to a map, keys of outer maps included.
fn map_path(map: &Expr) -> Option<Path> {
    match &map.kind {
        ExprKind::Path(path) => Some(path.clone()),
        ExprKind::Entry { map, key } => {
            let mut path = map_path(map)?;
            path.steps.push(Step::Key(key.as_str().into()));
            Some(path)
        }
        _ => None,
    }
}
