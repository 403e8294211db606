//! Factors that segments ask for and that a model does not have. Names `hir` and `diagnostics`. Invariant: only names that
//! are compared with a literal are judged, and only where the model's file has been read.

use crate::builtins::Test;
use crate::diagnostics::{Code, Diagnostic, suggest};
use crate::hir::walk::children;
use crate::hir::{BinderId, Collection, Expr, ExprKind, ModelFacts, Module, Path, Source, Step};
use crate::types::Value;

/// Factors that are listed where none is like the one that is asked for.
const LISTED: usize = 3;

/// A diagnostic for each unknown factor in the segments and definitions of a module.
pub fn unknown_factors(module: &Module) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if module.propensities.iter().all(|propensity| propensity.model.is_none()) {
        return found;
    }
    let segments = module.segments.iter().map(|segment| &segment.condition);
    for root in segments.chain(module.lets.iter().map(|definition| &definition.body)) {
        walk(module, root, &mut found);
    }
    found
}

fn walk(module: &Module, expr: &Expr, found: &mut Vec<Diagnostic>) {
    if let ExprKind::Aggregate { collection, .. } = &expr.kind
        && let Some((name, facts)) = factors_of(module, collection)
        && let Some(filter) = &collection.filter
    {
        judge(name, facts, collection.binder, filter, found);
    }
    children(expr, &mut |child| walk(module, child, found));
}

/// The model whose factors a collection goes through.
fn factors_of<'m>(module: &'m Module, collection: &Collection) -> Option<(&'m str, &'m ModelFacts)> {
    let Source::List(Path { subject, steps }) = &collection.source else { return None };
    match steps.as_slice() {
        [Step::Field(root), Step::Field(name), Step::Field(last)]
            if *subject == BinderId::PROFILE && &**root == "propensity" && &**last == "factors" =>
        {
            let propensity = module.propensities.iter().find(|propensity| propensity.name == **name)?;
            Some((&propensity.name, propensity.model.as_ref()?))
        }
        _ => None,
    }
}

fn judge(model: &str, facts: &ModelFacts, binder: BinderId, expr: &Expr, found: &mut Vec<Diagnostic>) {
    if let ExprKind::Test { op: Test::Eq, args, .. } = &expr.kind
        && let [value, literal] = args.as_slice()
        && let ExprKind::Path(Path { subject, steps }) = &value.kind
        && *subject == binder
        && matches!(steps.as_slice(), [Step::Field(field)] if &**field == "feature")
        && let ExprKind::Literal(Value::String(name)) = &literal.kind
        && !facts.factors.iter().any(|factor| **factor == **name)
    {
        let help = match suggest::closest(name, facts.factors.iter().map(String::as_str)) {
            Some(known) => format!("did you mean `{known}`?"),
            None => {
                let listed: Vec<String> =
                    facts.factors.iter().take(LISTED).map(|factor| format!("`{factor}`")).collect();
                format!("its strongest factors are {}", listed.join(", "))
            }
        };
        let message = format!("the model of `{model}` has no factor `{name}`");
        found.push(Diagnostic::new(Code::SEG0712, message, literal.span, "never true").with_help(help));
    }
    children(expr, &mut |child| judge(model, facts, binder, child, found));
}
