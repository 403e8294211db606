//! Calls: functions of the registry by their signatures, definitions with parameters, `member`. Imports `builtins`.
//! Invariant: which overload is meant is decided by the kinds of the arguments alone, in the registry's order.

use super::checker::{Checker, Needs};
use super::definitions::list_form;
use super::membership::regular_expression;
use super::names::{DefId, DefKind};
use super::path::Root;
use super::unknown::path_text;
use super::window::CALENDAR;
use super::{compare, convert, errors};
use crate::builtins::registry::{self, Builtin};
use crate::builtins::{Absence, Func, Kind, ResultRule, Signature};
use crate::hir::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::ast::{self, Ident};
use crate::types::{CalendarUnit, Ty, Type, Value};
use crate::vector::pattern::Pattern;

/// Reads a membership that was computed elsewhere.
const MEMBER: &str = "member";
/// The profile's field that holds such memberships.
const MEMBERSHIPS: &str = "segmentMembership";
/// The namespace of `member` where none is given.
const NAMESPACE: &str = "ups";

/// An argument: a value, or the word of a calendar unit.
enum Arg {
    Value(Expr),
    Unit(CalendarUnit),
}

impl Checker<'_> {
    /// `f(a, b)`
    pub fn call(&mut self, function: &Ident, args: &[ast::Expr], span: Span) -> Expr {
        let name = function.node.as_str();
        if name == MEMBER {
            return self.member(args, span);
        }
        if let Some(builtin) = registry::find(name) {
            return self.builtin(builtin, function, args, span);
        }
        if let Some(def) = self.names.find(name) {
            return self.call_definition(def, function, args, span);
        }
        if let Some(aggregate) = registry::find_aggregate(name) {
            let hint = self.meant_by(aggregate.name, args);
            self.report(errors::aggregate_without_collection(aggregate, hint, function.span));
            return Expr::error(span);
        }
        // The arguments have mistakes of their own.
        for arg in args {
            self.expr(arg, None);
        }
        if !name.is_empty() {
            let mut known: Vec<&str> = registry::function_names().collect();
            known.push(MEMBER);
            let lets = self.names.defs.iter().filter(|d| matches!(d.kind, DefKind::Let(_)));
            known.extend(lets.map(|d| d.name.node.as_str()));
            let diagnostic = errors::unknown_function(function, known.into_iter());
            self.report(diagnostic);
        }
        Expr::error(span)
    }

    /// `last(commerce.purchases)`, `sum(commerce.order.priceTotal)`: what was meant.
    fn meant_by(&self, function: &str, args: &[ast::Expr]) -> Option<String> {
        let [arg] = args else { return None };
        let ast::ExprKind::Path(path) = &arg.kind else { return None };
        let text = path_text(path);
        if self.schema.event_types.contains_key(&text) {
            let field = if matches!(function, "first" | "last" | "min" | "max") { "timestamp" } else { "E" };
            return Some(format!("{function}({field} of {text})"));
        }
        self.is_event_field(path).then(|| format!("{function}({text} of …)"))
    }

    fn builtin(&mut self, builtin: &'static Builtin, function: &Ident, args: &[ast::Expr], span: Span) -> Expr {
        let fitting: Vec<&Signature> = builtin.signatures.iter().filter(|s| s.takes(args.len())).collect();
        let units = builtin.signatures.iter().any(|s| s.params.iter().any(|p| p.kind == Kind::Unit));
        let checked: Vec<Option<Arg>> =
            args.iter().enumerate().map(|(i, arg)| self.argument(arg, units && i == 0)).collect();
        if fitting.is_empty() {
            self.report(errors::argument_count(builtin, args.len(), function.span));
            return Expr::error(span);
        }
        let Some(checked) = checked.into_iter().collect::<Option<Vec<Arg>>>() else { return Expr::error(span) };
        match fitting.iter().find(|s| accepts(s, &checked)) {
            Some(signature) => self.apply(builtin, signature, checked, span).unwrap_or(Expr::error(span)),
            None => {
                self.report_argument(builtin, &fitting, &checked);
                Expr::error(span)
            }
        }
    }

    fn argument(&mut self, arg: &ast::Expr, unit: bool) -> Option<Arg> {
        if unit {
            if let ast::ExprKind::Path(path) = &arg.kind
                && path.steps.is_empty()
                && let Some((_, unit)) = CALENDAR.iter().find(|(word, _)| *word == path.root.node)
            {
                return Some(Arg::Unit(*unit));
            }
            self.report(errors::unit_expected(arg.span));
            return None;
        }
        let value = self.expr(arg, None);
        (!value.is_error()).then_some(Arg::Value(value))
    }

    /// Names the first argument that no signature takes.
    fn report_argument(&mut self, builtin: &Builtin, fitting: &[&Signature], args: &[Arg]) {
        for (index, arg) in args.iter().enumerate() {
            let Arg::Value(value) = arg else { continue };
            let wanted: Vec<Kind> = fitting.iter().filter_map(|s| s.param(index)).map(|p| p.kind).collect();
            if !wanted.iter().any(|kind| kind.accepts(&value.ty.ty)) {
                self.report(errors::argument_type(builtin, &wanted, value));
                return;
            }
        }
        // Each argument fits some signature, but no signature all of them.
        if let Some(Arg::Value(value)) = args.last() {
            let wanted: Vec<Kind> = fitting.iter().filter_map(|s| s.param(0)).map(|p| p.kind).collect();
            self.report(errors::argument_type(builtin, &wanted, value));
        }
    }

    fn apply(&mut self, builtin: &Builtin, signature: &Signature, args: Vec<Arg>, span: Span) -> Option<Expr> {
        let mut func = signature.func;
        let mut values = Vec::with_capacity(args.len());
        for (index, arg) in args.into_iter().enumerate() {
            match arg {
                Arg::Unit(unit) => func = Func::StartOf(unit),
                Arg::Value(value) => {
                    let kind = signature.param(index)?.kind;
                    self.literal_argument(builtin, kind, &value)?;
                    values.push(if kind.accepts(&Ty::String) && value.ty.ty.is_text() {
                        convert::convert(value, &Ty::String).ok()?
                    } else {
                        value
                    });
                }
            }
        }
        if func == Func::Capture {
            self.capture_group(&values)?;
        }
        if signature.result == ResultRule::Common {
            values = self.common(values)?;
        }
        if func == Func::Age {
            values.push(Expr { kind: ExprKind::Today(0), ty: Type::required(Ty::Date), span });
        }
        if func == Func::Convert {
            return self.float_of(values, span);
        }
        if matches!(func, Func::Distinct | Func::Intersect | Func::Union)
            && values.iter().any(|v| compare::has_float(&v.ty.ty))
        {
            self.report(errors::float_distinct(&values[0]));
            return None;
        }
        let types: Vec<Ty> = values.iter().map(|v| v.ty.ty.clone()).collect();
        let ty = signature.result.of(&types, values.get(1).and_then(Expr::as_literal));
        if matches!(func, Func::Floor | Func::Ceil | Func::Round) && types.first() == Some(&Ty::Int) {
            // A whole number stays what it is.
            return values.into_iter().next();
        }
        let mut call = Expr::call(func, values, ty, span);
        call.ty.optional |= match builtin.absence {
            Absence::Arguments => false,
            Absence::Also(_) => true,
        };
        Some(call)
    }

    /// Checks what must be a literal.
    fn literal_argument(&mut self, builtin: &Builtin, kind: Kind, value: &Expr) -> Option<()> {
        let wrong = match (kind, value.as_literal()) {
            (Kind::IntLiteral { min, max }, Some(Value::Int(number))) => {
                if (min..=max).contains(number) {
                    return Some(());
                }
                errors::argument_range(builtin, min, max, value)
            }
            (Kind::Separator, Some(Value::String(text))) => {
                if !text.is_empty() {
                    return Some(());
                }
                errors::literal_argument(builtin, kind, value)
            }
            (Kind::Pattern, Some(Value::String(text))) => match regular_expression(text) {
                Ok(_) => return Some(()),
                Err(why) => errors::invalid_pattern(false, text, why, value.span),
            },
            (Kind::IntLiteral { .. } | Kind::Separator | Kind::Pattern, _) => {
                errors::literal_argument(builtin, kind, value)
            }
            _ => return Some(()),
        };
        self.report(wrong);
        None
    }

    fn capture_group(&mut self, values: &[Expr]) -> Option<()> {
        let [_, pattern, group] = values else { return Some(()) };
        if let (Some(Value::String(text)), Some(Value::Int(number))) = (pattern.as_literal(), group.as_literal())
            && let Ok(pattern) = Pattern::parse(text)
            && *number > i64::from(pattern.groups)
        {
            self.report(errors::no_such_group(pattern.groups as usize, *number, group.span));
            return None;
        }
        Some(())
    }

    /// All arguments at one type.
    fn common(&mut self, values: Vec<Expr>) -> Option<Vec<Expr>> {
        let mut values = values.into_iter();
        let mut done: Vec<Expr> = values.next().into_iter().collect();
        for value in values {
            let first = done.remove(0);
            let at = value.span;
            let (first, value) = if matches!(first.ty.ty, Ty::List(_)) {
                self.unify_lists(first, value, list_form(at))?
            } else {
                self.unify(first, value, at)?
            };
            done.insert(0, first);
            done.push(value);
        }
        // The first has been widened by every other: the rest follow it.
        let ty = done.first()?.ty.ty.clone();
        Some(done.into_iter().map(|value| convert::convert(value, &ty).unwrap_or_else(|e| e)).collect())
    }

    fn float_of(&mut self, values: Vec<Expr>, span: Span) -> Option<Expr> {
        let value = values.into_iter().next()?;
        let made = match convert::convert(value, &Ty::Float) {
            Ok(value) => value,
            Err(value) => convert::widen(value, &Ty::Float, false),
        };
        Some(Expr { span, ..made })
    }

    fn call_definition(&mut self, def: DefId, function: &Ident, args: &[ast::Expr], span: Span) -> Expr {
        let values: Vec<Expr> = args.iter().map(|arg| self.expr(arg, None)).collect();
        let definition = self.names.defs[def.0];
        let DefKind::Let(id) = definition.kind else {
            self.report(errors::not_callable(function, definition.kind));
            return Expr::error(span);
        };
        if !self.is_visible(def, function.span) || !self.demand(def, function.span) {
            return Expr::error(span);
        }
        let Some(definition) = &self.lets[id.0 as usize] else { return Expr::error(span) };
        let (params, ty) = (definition.params.clone(), definition.body.ty.clone());
        if params.len() != values.len() {
            let diagnostic = errors::definition_argument_count(&definition.name, &params, values.len(), function.span);
            self.report(diagnostic);
            return Expr::error(span);
        }
        let needs = self.needs[id.0 as usize].clone();
        let mut made = Vec::with_capacity(values.len());
        let mut failed = ty.ty == Ty::Error;
        for (index, (value, (name, ty))) in values.into_iter().zip(&params).enumerate() {
            match self.definition_argument(value, name, &ty.ty, needs.get(index).copied().unwrap_or_default()) {
                Some(value) => made.push(value),
                None => failed = true,
            }
        }
        if failed {
            return Expr::error(span);
        }
        Expr { kind: ExprKind::Let(id, made), ty, span }
    }

    fn definition_argument(&mut self, value: Expr, name: &str, wanted: &Ty, needs: Needs) -> Option<Expr> {
        if value.is_error() || *wanted == Ty::Error {
            return None;
        }
        if *wanted == Ty::Duration && value.ty.ty == Ty::Duration {
            if !self.is_constant(&value) {
                self.report(errors::varying_length(&value));
                return None;
            }
            return self.duration_is(&value, needs).then_some(value);
        }
        if let (true, Some(number)) = (wanted.is_scale(), value.as_literal().and_then(convert::as_double)) {
            self.scale_range(wanted, number, value.span).then_some(())?;
        }
        match (&value.ty.ty, wanted) {
            (Ty::Decimal(from), Ty::Decimal(to)) if from.scale > to.scale => {
                self.report(errors::argument_scale(name, to.scale, &value));
                return None;
            }
            (Ty::Decimal(_) | Ty::Int, Ty::Decimal(_)) if value.as_literal().is_none() => {
                return Some(convert::convert(value, wanted).unwrap_or_else(|e| e));
            }
            _ => {}
        }
        match convert::convert(value, wanted) {
            Ok(value) => Some(value),
            Err(value) => {
                self.report(errors::definition_argument_type(name, wanted, &value));
                None
            }
        }
    }

    /// `member("audience")`, `member("audience", "namespace")`
    fn member(&mut self, args: &[ast::Expr], span: Span) -> Expr {
        for arg in args {
            if let ast::ExprKind::Path(path) = &arg.kind
                && let Root::Unknown = self.root(path)
            {
                self.report(errors::unquoted_audience(&path_text(path), path.span));
                return Expr::predicate(ExprKind::Error, span);
            }
        }
        let values: Vec<Expr> = args.iter().map(|arg| self.expr(arg, None)).collect();
        if values.iter().any(Expr::is_error) {
            return Expr::predicate(ExprKind::Error, span);
        }
        let texts: Option<Vec<String>> = values
            .iter()
            .map(|v| match v.as_literal() {
                Some(Value::String(text)) => Some(text.to_string()),
                _ => None,
            })
            .collect();
        let Some(texts) = texts.filter(|t| matches!(t.len(), 1 | 2)) else {
            self.report(errors::member_arguments(span));
            return Expr::predicate(ExprKind::Error, span);
        };
        let memberships = self.schema.field(self.schema.profile, MEMBERSHIPS);
        if !memberships.is_some_and(|f| matches!(&f.ty.ty, Ty::Map(inner) if matches!(**inner, Ty::Map(_)))) {
            self.report(errors::no_memberships(span));
            return Expr::predicate(ExprKind::Error, span);
        }
        let mut texts = texts.into_iter();
        let audience = texts.next().unwrap_or_default();
        let namespace = texts.next().unwrap_or_else(|| NAMESPACE.to_owned());
        Expr::predicate(ExprKind::Member { audience, namespace }, span)
    }
}

fn accepts(signature: &Signature, args: &[Arg]) -> bool {
    args.iter().enumerate().all(|(index, arg)| match (signature.param(index), arg) {
        (Some(param), Arg::Value(value)) => param.kind.accepts(&value.ty.ty),
        (Some(param), Arg::Unit(_)) => param.kind == Kind::Unit,
        (None, _) => false,
    })
}

/// The parameters of a definition as in its declaration, for messages.
pub(super) fn declaration(name: &str, params: &[(String, Type)]) -> String {
    let params: Vec<String> = params.iter().map(|(name, ty)| format!("{name}: {}", ty.ty)).collect();
    format!("{name}({})", params.join(", "))
}
