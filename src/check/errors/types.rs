//! Band 03: values, conditions, literals, collections.

use super::{a, mend, named, text_of};
use crate::check::scope::Subject;
use crate::diagnostics::{Applicability, Code, Diagnostic, Severity, suggest};
use crate::hir::Expr;
use crate::schema::Schema;
use crate::source::Span;
use crate::syntax::ast::{AggregateFn, Ident};
use crate::syntax::token::aggregate_name;
use crate::types::{EnumType, Ty};

pub fn not_a_condition(value: &Expr) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0302,
        format!("a condition should stand here, not {}", a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    );
    let text = text_of(value).unwrap_or_else(|| "…".to_owned());
    if value.as_literal().is_some() {
        return diagnostic
            .with_help(format!("a condition is whole on each side of `and` and `or`: `… == {text}`"))
            .with_help(format!("for one of several values write `… in [{text}, …]`"));
    }
    diagnostic.with_help(match &value.ty.ty {
        Ty::List(_) | Ty::Map(_) => format!("ask whether it has elements: `any({text})`, or one: `{text} contains …`"),
        Ty::Object(_) if text == "…" => "name one of its fields".to_owned(),
        Ty::Object(_) => format!("ask for it: `{text} is present`, or name a field"),
        Ty::Int | Ty::Decimal(_) | Ty::Float => format!("compare it: `{text} > 0`, or ask `{text} is present`"),
        _ => format!("compare it: `{text} == …`, or ask `{text} is present`"),
    })
}

pub fn condition_is_always_present(value: &Expr, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0328, "a condition is never absent", span, "always present")
        .with_label(value.span, "true or false")
        .with_help("ask `is present` of a field, or leave it out")
}

pub fn unknown_enum_value(values: &EnumType, text: &str, span: Span) -> Diagnostic {
    let listed = || values.values.iter().map(|(value, _)| value.as_str());
    let mut diagnostic = if values.open {
        Diagnostic::new(
            Code::SEG0311,
            format!("`\"{text}\"` is not among the values that the schema lists"),
            span,
            "other values may occur, but this one is not known",
        )
    } else {
        Diagnostic::new(Code::SEG0309, format!("`\"{text}\"` is no value of this enum"), span, "never equal")
    };
    debug_assert!(values.open == (diagnostic.severity != Severity::Error));
    if let Some(known) = suggest::closest(text, listed()) {
        return diagnostic.with_help(format!("did you mean `\"{known}\"`?")).with_fix(
            format!("write `\"{known}\"`"),
            span,
            format!("\"{known}\""),
            Applicability::Unsafe,
        );
    }
    if !values.values.is_empty() {
        diagnostic = diagnostic.with_help(self::listed(values));
    }
    diagnostic
}

/// The values of an enum.
pub(super) fn listed(values: &EnumType) -> String {
    let shown: Vec<String> = values.values.iter().take(10).map(|(v, _)| format!("`\"{v}\"`")).collect();
    let more = if values.values.len() > shown.len() { ", …" } else { "" };
    format!("the values are {}{more}", shown.join(", "))
}

pub fn branches_differ(then: &Expr, otherwise: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0310,
        format!("`then` gives {}, `else` {}", a(&then.ty.ty), a(&otherwise.ty.ty)),
        otherwise.span,
        format!("{} is {}", named(otherwise), a(&otherwise.ty.ty)),
    )
    .with_label(then.span, format!("{} is {}", named(then), a(&then.ty.ty)))
    .with_help("both must be of one type")
}

pub fn default_differs(value: &Expr, default: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0310,
        format!("the value is {}, its default {}", a(&value.ty.ty), a(&default.ty.ty)),
        default.span,
        format!("{} is {}", named(default), a(&default.ty.ty)),
    )
    .with_label(value.span, format!("{} is {}", named(value), a(&value.ty.ty)))
    .with_help("both must be of one type")
}

pub fn invalid_number(text: &str, why: &str, span: Span) -> Diagnostic {
    let shown: String = text.chars().take(60).collect();
    Diagnostic::new(Code::SEG0312, format!("`{shown}` is too large"), span, why)
}

pub fn too_large_string(bytes: usize, span: Span) -> Diagnostic {
    let limit = crate::limits::STRING_LITERAL_BYTES;
    Diagnostic::new(Code::SEG0325, "a text is too long", span, format!("{bytes} bytes; the limit is {limit}"))
}

pub fn nul_in_string(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0325, "a text cannot hold U+0000", span, "no data has it either")
}

pub fn list_too_long(elements: usize, span: Span) -> Diagnostic {
    let limit = crate::limits::IN_LIST;
    Diagnostic::new(Code::SEG0325, "a list is too long", span, format!("{elements} elements; the limit is {limit}"))
        .with_help("put the values into a field of the profile or a related class")
}

pub fn list_element(first: &Expr, element: &Expr) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0319,
        if first.span == element.span {
            format!("a list cannot hold {}", a(&element.ty.ty))
        } else {
            format!("a list holds values of one type, not {} and {}", a(&first.ty.ty), a(&element.ty.ty))
        },
        element.span,
        format!("{} is {}", named(element), a(&element.ty.ty)),
    );
    if first.span == element.span {
        return diagnostic;
    }
    diagnostic.with_label(first.span, format!("{} is {}", named(first), a(&first.ty.ty)))
}

pub fn empty_list(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0320, "nothing tells the type of this empty list", span, "of what?")
        .with_help("write its elements, or leave the condition out")
}

pub fn not_of_declared_type(value: &Expr, wanted: &Ty, declared: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0321,
        format!("the value is {}, not {}", a(&value.ty.ty), a(wanted)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
    .with_label(declared, "declared here");
    match (wanted, &value.ty.ty) {
        (Ty::Int, Ty::Decimal(_)) => diagnostic.with_help("declare it `: decimal`, or round the value"),
        _ => mend(diagnostic, wanted, value),
    }
}

pub fn param_not_constant(name: &Ident, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0315,
        format!("the value of param `{}` must be written out", name.node),
        span,
        "a literal should stand here",
    )
    .with_help("use `let` for what is computed")
}

pub fn wrong_override(name: &str, text: &str, wanted: &Ty, why: &str) -> Diagnostic {
    let shown: String = text.chars().take(60).collect();
    Diagnostic::without_place(Code::SEG0322, format!("param `{name}` is {}; `{shown}` is none", a(wanted)))
        .with_help(why)
}

pub fn object_as_value(schema: &Schema, value: &Expr) -> Diagnostic {
    Diagnostic::new(Code::SEG0318, "an object is not a value", value.span, format!("{} has fields", named(value)))
        .with_help(fields_of(schema, value))
}

/// What to write instead of an object.
pub(super) fn fields_of(schema: &Schema, value: &Expr) -> String {
    let object = if let Ty::Object(object) = &value.ty.ty { schema.object(*object) } else { None };
    let names: Vec<&str> = object.map(|o| o.fields.keys().map(String::as_str).collect()).unwrap_or_default();
    let text = text_of(value).map_or(String::new(), |text| format!("{text}."));
    match names.as_slice() {
        [] => "name one of its fields".to_owned(),
        [one] => format!("name its field: `{text}{one}`"),
        [first, rest @ ..] => {
            let others: Vec<String> = rest.iter().take(5).map(|name| format!("`.{name}`")).collect();
            let more = if rest.len() > others.len() { ", …" } else { "" };
            format!("name one of its fields: `{text}{first}`, {}{more}", others.join(", "))
        }
    }
}

pub fn subject_as_value(name: &Ident, what: &str, names: &[&str]) -> Diagnostic {
    let known: Vec<String> = names.iter().map(|n| format!("`{}.{n}`", name.node)).collect();
    Diagnostic::new(Code::SEG0318, format!("`{}` is {what}, not a value", name.node), name.span, "not a single value")
        .with_help(format!("write {}", known.join(" or ")))
}

pub fn aggregates_objects(function: &str, value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0318,
        format!("`{function}` reads single values, not {}", a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
    .with_help("name one of its fields")
}

pub fn not_summable(function: &str, value: &Expr, at: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0316,
        format!("`{function}` needs numbers, not {}", a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
    .with_label(at, "adds them up")
    .with_help("to count elements use `count(…)`")
}

pub fn invalid_count(what: &str, text: &str, span: Span) -> Diagnostic {
    let shown: String = text.chars().take(60).collect();
    Diagnostic::new(
        Code::SEG0326,
        format!("`{shown}` is no number for {what}"),
        span,
        "a whole number of at least 1 should stand here",
    )
}

pub fn too_many_times(limit: u32, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0326, "too many repetitions of a step", span, format!("the limit is {limit}"))
        .with_help("to ask for many events use `count(…) >= N`")
}

pub fn invalid_percentage(text: &str, span: Span) -> Diagnostic {
    let shown: String = text.chars().take(60).collect();
    Diagnostic::new(Code::SEG0326, format!("`{shown}` is no percentage to keep"), span, "more than 0, at most 100")
}

pub fn count_of_values(value: &Expr, at: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0327, "`count` counts elements, not values", value.span, "needs `distinct` before it")
        .with_label(at, "counts elements")
        .with_help("write `count(distinct E of C)`, or `count(C where E is present)`")
}

pub fn function_needs_value(function: AggregateFn, span: Span) -> Diagnostic {
    let name = aggregate_name(function);
    Diagnostic::new(Code::SEG0327, format!("`{name}` of which values?"), span, "the value is missing")
        .with_help(format!("write `{name}(E of C)`"))
}

pub fn first_of_lists(function: &str, value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0327,
        format!("`{function}` reads one value of an element, not a list"),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
}

pub fn no_first(function: &str, subject: &Subject, at: Span) -> Diagnostic {
    let what = if matches!(subject, Subject::Group { .. }) { "groups" } else { "the entries of a map" };
    Diagnostic::new(Code::SEG0327, format!("{what} have no order, so none is `{function}`"), at, "by what?")
        .with_help("use `top 1 of … by …`, or `min` or `max`")
}

pub fn groups_of_groups(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0327, "groups cannot be grouped again", span, "these are groups")
}

pub fn no_group_key(by: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0327,
        format!("elements are not grouped by {}", a(&by.ty.ty)),
        by.span,
        format!("{} is {}", named(by), a(&by.ty.ty)),
    )
    .with_help("group by a text, a whole number, a date or another value that is equal or not")
}
