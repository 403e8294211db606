//! Operators: comparisons, membership, arithmetic.

use super::{a, named, text_of};
use crate::builtins::{Func, Test};
use crate::check::literal;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::hir::{Expr, ExprKind};
use crate::schema::Schema;
use crate::source::Span;
use crate::syntax::ast::BinaryOp;
use crate::types::{BUCKETS, Digits, EnumType, Ty, Value};

fn sides(diagnostic: Diagnostic, lhs: &Expr, rhs: &Expr) -> Diagnostic {
    diagnostic
        .with_label(lhs.span, format!("{} is {}", named(lhs), a(&lhs.ty.ty)))
        .with_label(rhs.span, format!("{} is {}", named(rhs), a(&rhs.ty.ty)))
}

pub fn mismatched(lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0301,
        format!("{} and {} do not compare", a(&lhs.ty.ty), a(&rhs.ty.ty)),
        at,
        "types differ",
    );
    let diagnostic = sides(diagnostic, lhs, rhs);
    let diagnostic = mend(diagnostic, &lhs.ty.ty, rhs);
    mend(diagnostic, &rhs.ty.ty, lhs)
}

/// What to write instead of `literal` where a value of type `other` is wanted.
pub(super) fn mend(diagnostic: Diagnostic, other: &Ty, literal: &Expr) -> Diagnostic {
    let replace = |diagnostic: Diagnostic, help: &str, text: String| {
        diagnostic.with_help(help).with_fix(format!("write `{text}`"), literal.span, text, Applicability::Unsafe)
    };
    match (other, literal.as_literal()) {
        (Ty::Date | Ty::Timestamp, Some(Value::String(text)))
            if literal::date(text).is_ok() || literal::timestamp(text).is_ok() =>
        {
            replace(diagnostic, "dates are written without quotes", text.to_string())
        }
        (Ty::Date | Ty::Timestamp, Some(Value::String(_))) => {
            diagnostic.with_help("a date is written `2026-11-23`, a timestamp `2026-11-23T10:00:00Z`")
        }
        (Ty::Int | Ty::Decimal(_) | Ty::Float, Some(Value::String(text))) if is_number(text) => {
            replace(diagnostic, "numbers are written without quotes", text.to_string())
        }
        (Ty::Bool, Some(Value::String(text))) if matches!(&**text, "true" | "false") => {
            replace(diagnostic, "`true` and `false` are written without quotes", text.to_string())
        }
        (Ty::Bool, Some(Value::Int(number @ (0 | 1)))) => {
            replace(diagnostic, "a `bool` is `true` or `false`", (*number == 1).to_string())
        }
        (Ty::Enum(values), Some(value)) if !literal.ty.ty.is_text() && !is_listed(values, value) => {
            diagnostic.with_help(super::types::listed(values))
        }
        (Ty::String | Ty::Enum(_), Some(value @ (Value::Int(_) | Value::Decimal { .. } | Value::Bool(_)))) => {
            match super::literal_text(value) {
                Some(text) => replace(diagnostic, "text is written in quotes", format!("\"{text}\"")),
                None => diagnostic,
            }
        }
        (Ty::Bucket, Some(Value::String(text))) if BUCKETS.contains(&&**text) => {
            replace(diagnostic, "buckets are written without quotes", text.to_string())
        }
        (Ty::Bucket, _) => diagnostic.with_help("a bucket is `low`, `medium` or `high`"),
        (Ty::Date | Ty::Timestamp, Some(Value::Duration(_))) => diagnostic
            .with_help("a length of time is no point in time: `30 days ago` is one")
            .with_fix("write `ago` behind it", literal.span.at_end(), " ago", Applicability::Unsafe),
        (Ty::Date | Ty::Timestamp, None)
            if literal.ty.ty.is_number() && matches!(literal.kind, ExprKind::Call { .. }) =>
        {
            diagnostic.with_help("a date is written `2026-11-23`, a timestamp `2026-11-23T10:00:00Z`")
        }
        (Ty::Duration, Some(Value::String(text))) if literal::is_duration(text) => {
            replace(diagnostic, "durations are written without quotes", text.to_string())
        }
        (Ty::Duration, Some(Value::Int(number))) => diagnostic.with_help(format!("say of what: `{number} days`, say")),
        _ => diagnostic,
    }
}

/// Whether an enum has the text of a literal among its values.
fn is_listed(values: &EnumType, value: &Value) -> bool {
    let text = super::literal_text(value);
    text.is_some_and(|text| values.values.iter().any(|(value, _)| *value == text))
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_digit() || c == '.')
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit())
        && text.matches('.').count() <= 1
}

pub fn compares_a_whole(schema: &Schema, op: Test, side: &Expr, lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0318,
        format!("{} is not compared as a whole", a(&side.ty.ty)),
        at,
        "single values should stand on both sides",
    );
    let diagnostic = sides(diagnostic, lhs, rhs);
    match &side.ty.ty {
        Ty::List(element) if matches!(op, Test::Eq | Test::Ne) => {
            let diagnostic = diagnostic.with_help("for lists there are `contains`, `has any`, `has all` and `within`");
            let is_element =
                std::ptr::eq(side, lhs) && (rhs.ty.ty == **element || (rhs.ty.ty.is_text() && element.is_text()));
            let write = if op == Test::Eq { "contains" } else { "not contains" };
            if is_element {
                diagnostic.with_fix(format!("write `{write}`"), at, write, Applicability::Unsafe)
            } else {
                diagnostic
            }
        }
        Ty::List(_) => diagnostic.with_help("go through the list: `any(… where …)`, or ask for its `size(…)`"),
        Ty::Map(_) => diagnostic.with_help("name a key: `m[\"key\"]`, or go through the entries: `any(m where …)`"),
        _ => diagnostic.with_help(super::types::fields_of(schema, side)),
    }
}

pub fn no_order(lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::SEG0305, format!("{} has no order", a(&lhs.ty.ty)), at, "smaller or larger by what?");
    sides(diagnostic, lhs, rhs).with_help(match lhs.ty.ty {
        Ty::Bool => "use `==`, or the value by itself",
        _ => "list the values that count: `… in [\"a\", \"b\"]`",
    })
}

pub fn key_without_order(value: &Expr, wanted_by: &str) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0305,
        format!("{wanted_by} needs values with an order, not {}", a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
}

pub fn float_equality(unequal: bool, lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0306,
        "a `float` is not compared for equality",
        at,
        if unequal { "two floats that should be equal often differ in the last bit" } else { "hardly ever true" },
    );
    let value = if lhs.as_literal().is_none() { lhs } else { rhs };
    match text_of(value) {
        Some(text) => diagnostic.with_help(format!("say how near: `{text} between … and …`")),
        None => diagnostic.with_help("say how near: `… between … and …`"),
    }
}

pub fn float_distinct(value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0306,
        "floats are not compared for equality, so there are no distinct ones",
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
    .with_help("give the field a scale in the schema, so that it is a `decimal`, or round it")
}

pub fn mixed_scales(scale: &Expr, other: &Expr, at: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0308,
        format!("{} and {} do not compare", a(&scale.ty.ty), a(&other.ty.ty)),
        at,
        "different scales",
    );
    let diagnostic = sides(diagnostic, scale, other);
    if other.ty.ty.is_scale() {
        return diagnostic
            .with_help("a probability goes from 0 to 1, a score from 0 to 100, a percentile from 1 to 100");
    }
    if matches!(other.kind, ExprKind::Param(_) | ExprKind::Local(_)) {
        return diagnostic.with_help(format!("declare it `: {}`", scale.ty.ty));
    }
    diagnostic.with_help(format!("compare {} with another one, or with a number written out", a(&scale.ty.ty)))
}

pub fn outside_scale(scale: &Ty, number: f64, low: f64, high: f64, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0307,
        format!("{number} is no {scale}"),
        span,
        format!("a {scale} goes from {low} to {high}"),
    );
    let suggestion = match scale {
        Ty::Probability if number > 1.0 && number <= 100.0 => number / 100.0,
        _ => return diagnostic,
    };
    diagnostic.with_help(format!("did you mean `{suggestion}`?")).with_fix(
        format!("write `{suggestion}`"),
        span,
        suggestion.to_string(),
        Applicability::Unsafe,
    )
}

pub fn decimal_and_float(lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::SEG0323, "a `decimal` and a `float` do not mix", at, "one is exact, the other is not");
    sides(diagnostic, lhs, rhs).with_help("give the field a scale in the schema, or convert with `float(…)`")
}

/// Two operands whose result would leave too few digits before the point; `scale` is how many it has behind it.
pub fn too_many_digits(lhs: Digits, rhs: Digits, scale: u8, at: Span) -> Diagnostic {
    let digits = |d: Digits| format!("{} digits, {} of them after the point", d.precision, d.scale);
    let (side, larger) = if lhs.scale >= rhs.scale { ("left", lhs.scale) } else { ("right", rhs.scale) };
    Diagnostic::new(
        Code::SEG0313,
        format!("the result has {scale} digits after the point, which leaves too few of 38 before it"),
        at,
        format!("left: up to {}; right: up to {}", digits(lhs), digits(rhs)),
    )
    .with_help(format!("round the {side} side, which has {larger} digits after the point: `round(…, 2)`"))
}

/// SEG0313: values of a sum whose digits after the point leave no room.
pub fn too_many_digits_to_sum(values: Digits, at: Span) -> Diagnostic {
    let message = format!("values with {} digits after the point leave too few of 28 before it", values.scale);
    Diagnostic::new(Code::SEG0313, message, at, "these are added up").with_help("round them: `round(…, 2)`")
}

fn sign(func: Func) -> &'static str {
    match func {
        Func::Add => "+",
        Func::Sub => "-",
        Func::Mul => "*",
        Func::Div => "/",
        Func::IntDiv => "div",
        _ => "%",
    }
}

pub fn not_a_number(func: Func, side: &Expr, lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0316,
        format!("`{}` takes numbers, not {}", sign(func), a(&side.ty.ty)),
        at,
        "both sides should be numbers",
    );
    let diagnostic = sides(diagnostic, lhs, rhs);
    if func == Func::Add && lhs.ty.ty.is_text() && rhs.ty.ty.is_text() {
        return diagnostic.with_help("texts are joined with `concat(a, b)`");
    }
    if !lhs.ty.ty.is_number() && !rhs.ty.ty.is_number() {
        return diagnostic;
    }
    mend(diagnostic, &Ty::Int, side)
}

pub fn negates_no_number(value: &Expr, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0316,
        format!("a minus sign needs a number, not {}", a(&value.ty.ty)),
        span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
}

pub fn not_a_list(op: BinaryOp, value: &Expr, list: &Expr, at: Span) -> Diagnostic {
    let word = if op == BinaryOp::In { "`in`" } else { "`contains`" };
    let diagnostic = Diagnostic::new(
        Code::SEG0317,
        format!("{word} needs a list, not {}", a(&list.ty.ty)),
        list.span,
        format!("{} is {}", named(list), a(&list.ty.ty)),
    );
    let _ = at;
    match (&list.ty.ty, text_of(list), text_of(value)) {
        (Ty::String | Ty::Enum(_), Some(text), _) if list.as_literal().is_some() => diagnostic
            .with_help("compare with one text by `==`, with several by a list; a part of a text is found by `contains`")
            .with_fix("write a list", list.span, format!("[{text}]"), Applicability::Unsafe),
        (Ty::String | Ty::Enum(_), Some(list), Some(value)) => {
            diagnostic.with_help(format!("a part of a text is found by `{list} contains {value}`"))
        }
        (Ty::Map(_), Some(list), _) => diagnostic.with_help(format!("the keys of a map are `keys({list})`")),
        _ => diagnostic,
    }
}

pub fn whole_in_list(op: BinaryOp, value: &Expr, list: &Expr, at: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0317,
        format!("{} is not an element that a list can have", a(&value.ty.ty)),
        at,
        "a single value should be looked for",
    );
    let diagnostic = sides(diagnostic, value, list);
    match (&value.ty.ty, op) {
        (Ty::List(_), BinaryOp::In) => diagnostic.with_help("use `within` (every element) or `has any` (one of them)"),
        (Ty::List(_), _) => diagnostic.with_help("use `has all` (every element) or `has any` (one of them)"),
        _ => diagnostic,
    }
}

pub fn list_of_objects(list: &Expr) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0317,
        "a list of objects has no elements to compare with",
        list.span,
        format!("{} is {}", named(list), a(&list.ty.ty)),
    );
    match text_of(list) {
        Some(text) => {
            diagnostic.with_help(format!("name a field of its elements: `{text}.field`, or ask `any({text} where …)`"))
        }
        None => diagnostic,
    }
}

pub fn needs_lists(op: BinaryOp, lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let word = match op {
        BinaryOp::HasAny => "has any",
        BinaryOp::HasAll => "has all",
        _ => "within",
    };
    let diagnostic = Diagnostic::new(Code::SEG0317, format!("`{word}` needs a list on both sides"), at, "not so here");
    let diagnostic = sides(diagnostic, lhs, rhs);
    if matches!(lhs.ty.ty, Ty::List(_)) {
        return diagnostic.with_help("for one value write `contains`");
    }
    diagnostic.with_help("for one value write `in`")
}

fn text_word(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Contains => "contains",
        BinaryOp::StartsWith => "starts with",
        BinaryOp::EndsWith => "ends with",
        BinaryOp::Like => "like",
        _ => "matches",
    }
}

pub fn needs_text(op: BinaryOp, side: &Expr, lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0324,
        format!("`{}` takes text, not {}", text_word(op), a(&side.ty.ty)),
        at,
        "text should stand on both sides",
    );
    let diagnostic = sides(diagnostic, lhs, rhs);
    match (&side.ty.ty, text_of(side)) {
        (Ty::List(_), Some(text)) => {
            diagnostic.with_help(format!("go through the list: `any({text} where value {} …)`", text_word(op)))
        }
        _ => mend(diagnostic, &Ty::String, side),
    }
}

pub fn case_needs_text(value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0324,
        "`ignoring case` follows a comparison of texts",
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
}

pub fn pattern_must_be_literal(op: BinaryOp, value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0315,
        format!("the pattern of `{}` must be written out", text_word(op)),
        value.span,
        "a text literal should stand here",
    )
    .with_help("to look for the text of a field use `contains`")
}

pub fn invalid_pattern(like: bool, text: &str, why: &str, span: Span) -> Diagnostic {
    let kind = if like { "`like` pattern" } else { "regular expression" };
    let shown: String = text.chars().take(60).collect();
    let diagnostic = Diagnostic::new(Code::SEG0314, format!("`{shown}` is no {kind} of the language"), span, why);
    if !like && text.starts_with("(?i)") {
        return diagnostic.with_help("write `ignoring case` behind the pattern");
    }
    diagnostic
}
