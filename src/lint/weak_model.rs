//! Segments that rely on a weak model, or that compare places among the profiles of two models. What is known of a model
//! is in its declaration (`quality`) or was read from its file.

use super::Context;
use crate::builtins::Test;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::walk::children;
use crate::hir::{BinderId, Expr, ExprKind, Module, Path, Propensity, Segment, Step};
use crate::source::Span;
use crate::types::Ty;

/// AUC below which scores hardly tell profiles apart: 0.5 is a coin.
const WEAK: f64 = 0.65;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    walk_segments(context, found, |walk, expr| {
        let model = match &expr.kind {
            ExprKind::Path(path) => model_of(walk.module, path),
            ExprKind::Aggregate { collection, .. } => match &collection.source {
                crate::hir::Source::List(path) => model_of(walk.module, path),
                _ => None,
            },
            _ => None,
        };
        if let Some(model) = model {
            walk.model(model, walk.inside.unwrap_or(expr.span));
        }
    });
}

pub(super) fn check_compared(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    walk_segments(context, found, |walk, expr| {
        if let ExprKind::Test { op: Test::Eq | Test::Lt | Test::Le | Test::Gt | Test::Ge, args, .. } = &expr.kind {
            walk.comparison(args, walk.inside.unwrap_or(expr.span));
        }
    });
}

fn walk_segments<'a>(context: &Context<'a>, found: &mut Vec<Diagnostic>, visit: fn(&mut Walk<'a, '_>, &'a Expr)) {
    for segment in context.segments() {
        let mut walk = Walk { module: context.module, segment, found, told: Vec::new(), inside: None, visit };
        walk.expr(&segment.condition);
        segment.rank.iter().for_each(|rank| walk.expr(&rank.by));
    }
}

struct Walk<'a, 'f> {
    module: &'a Module,
    segment: &'a Segment,
    found: &'f mut Vec<Diagnostic>,
    /// Models of which something has been said at this segment.
    told: Vec<&'a str>,
    /// The place in the segment of the definition that is being followed.
    inside: Option<Span>,
    visit: fn(&mut Walk<'a, 'f>, &'a Expr),
}

impl<'a> Walk<'a, '_> {
    fn expr(&mut self, expr: &'a Expr) {
        (self.visit)(self, expr);
        if let ExprKind::Let(id, _) = &expr.kind
            && self.inside.is_none()
            && let Some(definition) = self.module.lets.get(id.0 as usize)
        {
            self.inside = Some(expr.span);
            self.expr(&definition.body);
            self.inside = None;
        }
        children(expr, &mut |child| self.expr(child));
    }

    /// A model that is weak or fails its own requirements.
    fn model(&mut self, model: &'a Propensity, span: Span) {
        let failed = model.model.as_ref().and_then(|facts| facts.failed.first());
        let auc = model.model.as_ref().and_then(|facts| facts.auc).or(model.quality);
        let reason = match (failed, auc) {
            (Some(failed), _) => failed.clone(),
            (None, Some(auc)) if auc < WEAK => format!("its AUC is {auc:.3}, under {WEAK}"),
            _ => return,
        };
        if self.told.contains(&model.name.as_str()) {
            return;
        }
        self.told.push(&model.name);
        let message = format!("segment `{}` relies on the weak model `{}`", self.segment.name, model.name);
        self.found.push(
            Diagnostic::new(Code::SEG0631, message, span, reason)
                .with_help("train it on more history, or choose by what people did"),
        );
    }

    /// Scores or percentiles of two models, which do not share a scale.
    fn comparison(&mut self, args: &'a [Expr], span: Span) {
        let scaled: Vec<&Propensity> = args
            .iter()
            .filter(|arg| matches!(arg.ty.ty, Ty::Score | Ty::Percentile))
            .filter_map(|arg| if let ExprKind::Path(path) = &arg.kind { model_of(self.module, path) } else { None })
            .collect();
        if let [a, b] = scaled.as_slice()
            && a.name != b.name
        {
            let message = format!("scores of `{}` and `{}` have no common scale", a.name, b.name);
            let label = "each is a place among the profiles of its own model";
            self.found.push(Diagnostic::new(Code::SEG0632, message, span, label).with_help("compare probabilities"));
        }
    }
}

/// The propensity whose value a path of the profile reads.
fn model_of<'m>(module: &'m Module, path: &Path) -> Option<&'m Propensity> {
    match path.steps.as_slice() {
        [Step::Field(root), Step::Field(name), ..] if path.subject == BinderId::PROFILE && &**root == "propensity" => {
            module.propensities.iter().find(|propensity| propensity.name == **name)
        }
        _ => None,
    }
}
