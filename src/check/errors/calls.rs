//! Calls and their arguments.

use super::{a, mend, named};
use crate::builtins::Kind;
use crate::builtins::registry::Builtin;
use crate::check::call::declaration;
use crate::diagnostics::{Applicability, Code, Diagnostic, suggest};
use crate::hir::Expr;
use crate::source::Span;
use crate::syntax::ast::Ident;
use crate::types::{Ty, Type};

/// What other languages call a function, and how it is said here.
const OTHER_NAMES: [(&str, &str); 26] = [
    ("tolowercase", "lower"),
    ("touppercase", "upper"),
    ("len", "length"),
    ("lowercase", "lower"),
    ("lcase", "lower"),
    ("tolower", "lower"),
    ("uppercase", "upper"),
    ("ucase", "upper"),
    ("toupper", "upper"),
    ("substr", "substring"),
    ("ceiling", "ceil"),
    ("datediff", "days_between"),
    ("date_diff", "days_between"),
    ("date_trunc", "start_of"),
    ("dayofweek", "weekday"),
    ("day_of_week", "weekday"),
    ("avg", "average"),
    ("mean", "average"),
    ("exists", "any"),
    ("unique", "distinct"),
    ("strlen", "length"),
    ("greatest", "max"),
    ("least", "min"),
    ("insegment", "member"),
    ("array_length", "size"),
    ("cardinality", "size"),
];

/// What is written without a function.
const OTHER_FORMS: [(&str, &str); 12] = [
    ("coalesce", "a default b"),
    ("ifnull", "a default b"),
    ("nvl", "a default b"),
    ("isnull", "a is absent"),
    ("isnotnull", "a is present"),
    ("startswith", "a starts with b"),
    ("endswith", "a ends with b"),
    ("contains", "a contains b"),
    ("iff", "if P then a else b"),
    ("regexp_like", "a matches b"),
    ("current_date", "today"),
    ("current_timestamp", "now"),
];

pub fn unknown_function<'a>(name: &Ident, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let lower = name.node.to_lowercase().replace('_', "");
    let same = |other: &str| other.replace('_', "") == lower;
    let diagnostic =
        Diagnostic::new(Code::SEG0204, format!("unknown function `{}`", name.node), name.span, "no such function");
    if let Some((_, form)) = OTHER_FORMS.iter().find(|(other, _)| same(other)) {
        return diagnostic.with_help(format!("write `{form}`"));
    }
    let other = OTHER_NAMES.iter().find(|(other, _)| same(other)).map(|(_, name)| *name);
    match other.or_else(|| suggest::closest(&name.node, known)) {
        Some(known) => diagnostic.with_help(format!("did you mean `{known}`?")).with_fix(
            format!("write `{known}`"),
            name.span,
            known,
            Applicability::Unsafe,
        ),
        None => diagnostic,
    }
}

/// `meant` is what the author has probably meant.
pub fn aggregate_without_collection(builtin: &Builtin, meant: Option<String>, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0304,
        format!("`{}` goes through events, a list or a map", builtin.name),
        span,
        "through what?",
    );
    if let Some(meant) = meant {
        return diagnostic.with_help(format!("write `{meant}`"));
    }
    let usages: Vec<String> = builtin.usages().into_iter().map(|u| format!("`{u}`")).collect();
    diagnostic.with_help(format!("it is {}", usages.join(" or ")))
}

fn signatures(builtin: &Builtin) -> String {
    let usages: Vec<String> = builtin.usages().into_iter().map(|u| format!("`{u}`")).collect();
    format!("it is {}", usages.join(" or "))
}

fn arguments(count: usize) -> String {
    if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") }
}

pub fn argument_count(builtin: &Builtin, found: usize, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0304,
        format!("`{}` does not take {}", builtin.name, arguments(found)),
        span,
        format!("called with {}", arguments(found)),
    )
    .with_help(signatures(builtin))
}

pub fn argument_type(builtin: &Builtin, wanted: &[Kind], value: &Expr) -> Diagnostic {
    let mut kinds: Vec<&str> = wanted.iter().map(|kind| kind.a()).collect();
    kinds.dedup();
    let wanted_text = kinds.join(" or ");
    let diagnostic = Diagnostic::new(
        Code::SEG0303,
        format!("`{}` takes {wanted_text} here, not {}", builtin.name, a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
    .with_help(signatures(builtin));
    if wanted.iter().all(|kind| *kind == Kind::Date) && value.ty.ty == Ty::Timestamp {
        return diagnostic.with_help("`date(…)` gives the day of a timestamp");
    }
    diagnostic
}

pub fn literal_argument(builtin: &Builtin, kind: Kind, value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0315,
        format!("`{}` needs {} here", builtin.name, kind.a()),
        value.span,
        "must be written out",
    )
    .with_help(signatures(builtin))
}

pub fn argument_range(builtin: &Builtin, min: i64, max: i64, value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0315,
        format!("`{}` needs a number from {min} to {max} here", builtin.name),
        value.span,
        format!("{} is outside", named(value)),
    )
    .with_help(signatures(builtin))
}

pub fn no_such_group(groups: usize, asked: i64, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0315,
        format!("the pattern has no group {asked}"),
        span,
        match groups {
            0 => "it has no groups in parentheses; group 0 is the whole match".to_owned(),
            1 => "it has one group".to_owned(),
            n => format!("it has {n} groups"),
        },
    )
}

pub fn unit_expected(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0303,
        "`start_of` takes a calendar unit here",
        span,
        "`day`, `week`, `month`, `quarter` or `year`",
    )
    .with_help("it is `start_of(month, t)`")
}

pub fn definition_argument_count(name: &str, params: &[(String, Type)], found: usize, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0304,
        format!("`{name}` does not take {}", arguments(found)),
        span,
        format!("called with {}", arguments(found)),
    );
    if params.is_empty() {
        return diagnostic.with_help(format!("write `{name}` without parentheses"));
    }
    diagnostic.with_help(format!("it is `{}`", declaration(name, params)))
}

pub fn call_without_arguments(name: &str, params: &[(String, Type)], span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0304, format!("`{name}` needs arguments"), span, "named without them")
        .with_help(format!("it is `{}`", declaration(name, params)))
}

pub fn definition_argument_type(param: &str, wanted: &Ty, value: &Expr) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0303,
        format!("parameter `{param}` is {}, not {}", a(wanted), a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    );
    mend(diagnostic, wanted, value)
}

pub fn argument_scale(param: &str, scale: u8, value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0303,
        format!("parameter `{param}` has {scale} digits after the point"),
        value.span,
        format!("{} has more", named(value)),
    )
    .with_help(format!("round it: `round(…, {scale})`"))
}

pub fn unquoted_audience(text: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0303, "the id of an audience stands in quotes", span, "a name, not a text").with_fix(
        format!("write `\"{text}\"`"),
        span,
        format!("\"{text}\""),
        Applicability::Unsafe,
    )
}

pub fn member_arguments(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0303, "`member` takes one or two text literals", span, "not so here")
        .with_help("it is `member(\"audience\")` or `member(\"audience\", \"namespace\")`")
}
