//! Band 04: dates, durations, windows, sequences.

use super::{a, named, text_of};
use crate::builtins::Func;
use crate::check::literal::UNITS;
use crate::check::scope::Subject;
use crate::check::window::CALENDAR;
use crate::diagnostics::{Applicability, Code, Diagnostic, Edit, Fix, suggest};
use crate::hir::Expr;
use crate::source::Span;
use crate::syntax::ast::Ident;
use crate::types::{Ty, Value};

pub fn invalid_date(text: &str, why: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0401, format!("there is no date `{text}`"), span, why)
}

pub fn invalid_timestamp(text: &str, why: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0402, format!("there is no timestamp `{text}`"), span, why)
}

pub fn test_now(value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0402,
        "`now` of a test is a timestamp",
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
    .with_help("write `2026-11-23T12:00:00Z`, or with an offset such as `+01:00`")
}

pub fn fractional_duration(amount: &str, unit: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0403,
        format!("`{amount} {unit}` is no duration"),
        span,
        "durations are whole numbers of a unit",
    )
    .with_help("write it in a smaller unit: `90 minutes` for an hour and a half")
}

pub fn too_long_duration(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0403, "a duration is too long", span, "the limit is 10000 years")
}

pub fn unknown_unit(unit: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0403,
        format!("`{unit}` is no unit of time"),
        span,
        "the units are seconds, minutes, hours, days, weeks, months, quarters, years",
    );
    if matches!(unit.to_lowercase().as_str(), "fortnight" | "fortnights") {
        return diagnostic.with_help("a fortnight is `2 weeks`");
    }
    match suggest::closest(unit, UNITS.into_iter()) {
        Some(known) => diagnostic.with_help(format!("did you mean `{known}s`?")),
        None => diagnostic,
    }
}

pub fn not_a_duration(value: &Expr) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0404,
        format!("a duration should stand here, not {}", a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    );
    match value.as_literal() {
        Some(Value::Int(number)) => diagnostic.with_help(format!("say of what: `{number} days`, say")).with_fix(
            format!("write `{number} days`"),
            value.span,
            format!("{number} days"),
            Applicability::Unsafe,
        ),
        _ => diagnostic.with_help("write `30 days`, say"),
    }
}

pub fn bare_unit(unit: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0404, format!("`{unit}` is a unit, not a length"), span, "how many?")
        .with_help(format!("`in last 1 {unit}` counts back from now; `in previous {unit}` and `in this {unit}` are whole ones of the calendar"))
}

pub fn varying_length(value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0411,
        "the length of a window must be the same for all profiles",
        value.span,
        "differs from profile to profile",
    )
    .with_help("use a literal or a `param`; to compare with a time of the profile use `after` or `before`")
}

pub fn empty_length(zero: bool, span: Span) -> Diagnostic {
    let what = if zero { "no length" } else { "a negative length" };
    let diagnostic =
        Diagnostic::new(Code::SEG0405, format!("a window of {what} holds nothing"), span, "at least 1 of a unit");
    if zero { diagnostic } else { diagnostic.with_help("`last` looks back and `next` ahead: leave the minus sign out") }
}

pub fn inexact_duration(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0407,
        "a month or year has no exact length when it is counted from an event",
        span,
        "30 or 31 days?",
    )
    .with_help("write days, or count from a day: `date(…) + 1 month`")
}

pub fn hours_on_a_date(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0413, "hours cannot be added to a date", span, "a date has no time of day")
        .with_help("use whole days, or a timestamp")
}

pub fn unknown_calendar_unit(unit: &Ident) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0406,
        format!("`{}` is no calendar unit", unit.node),
        unit.span,
        "day, week, month, quarter or year",
    );
    match suggest::closest(&unit.node, CALENDAR.into_iter().map(|(word, _)| word)) {
        Some(known) => diagnostic.with_help(format!("did you mean `{known}`?")).with_fix(
            format!("write `{known}`"),
            unit.span,
            known,
            Applicability::Unsafe,
        ),
        None => diagnostic,
    }
}

pub fn previous_needs_units(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0406,
        "`previous` takes whole calendar units written out",
        span,
        "such as `3 months`, `1 week`, `2 quarters`",
    )
    .with_help("for an exact length back from now use `in last`")
}

pub fn not_a_day(value: &Expr) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0414,
        format!("`on` takes a day, not {}", a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    );
    match value.ty.ty {
        Ty::Timestamp => diagnostic.with_help("`date(…)` gives the day of a timestamp"),
        _ => diagnostic.with_help("write `on today`, `on 2026-11-23`"),
    }
}

pub fn not_a_moment(value: &Expr, place: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0414,
        format!("{place} is a date or timestamp, not {}", a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    );
    match (&value.ty.ty, value.as_literal()) {
        (Ty::Duration, _) => diagnostic.with_help("write `30 days ago` for the time so long before now"),
        (_, Some(Value::String(text)))
            if crate::check::literal::date(text).is_ok() || crate::check::literal::timestamp(text).is_ok() =>
        {
            diagnostic.with_help("dates are written without quotes").with_fix(
                format!("write `{text}`"),
                value.span,
                text.to_string(),
                Applicability::Unsafe,
            )
        }
        _ => diagnostic,
    }
}

/// `commerce.purchases in last 30 days` by itself.
pub fn event_in_window(event: &str, negated: bool, path: Span, window: Span) -> Diagnostic {
    let function = if negated { "none" } else { "any" };
    let mut diagnostic = Diagnostic::new(
        Code::SEG0211,
        format!("`{event}` is an event type, not a date"),
        path,
        "a date or timestamp has a window by itself, events are asked for",
    )
    .with_help(format!("`any({event} in …)` is true if there was one, `none({event} in …)` if there was none"));
    let edit = |span, text: String| Edit { span, text };
    if !negated {
        diagnostic.fixes.push(Fix {
            title: format!("write `{function}(…)`"),
            edits: vec![edit(path.at_start(), format!("{function}(")), edit(window.at_end(), ")".to_owned())],
            applicability: Applicability::Unsafe,
        });
    }
    diagnostic
}

pub fn window_on_no_time(value: &Expr) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0408,
        format!("only a date or timestamp lies in a window of time, not {}", a(&value.ty.ty)),
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    );
    match (&value.ty.ty, text_of(value)) {
        (Ty::List(element), Some(text)) if matches!(**element, Ty::Date | Ty::Timestamp) => {
            diagnostic.with_help(format!("ask for one of them: `any({text} in last …)`"))
        }
        _ => diagnostic,
    }
}

pub fn window_without_time(subject: &Subject, span: Span) -> Diagnostic {
    let what = match subject {
        Subject::Group { .. } => "groups",
        Subject::Entry { .. } => "the entries of this map",
        _ => "the elements of this list",
    };
    let diagnostic =
        Diagnostic::new(Code::SEG0408, format!("{what} have no `timestamp`"), span, "a window of what time?");
    match subject {
        Subject::Group { .. } => {
            diagnostic.with_help("put the window on what is grouped: `groups of C in last … by E`")
        }
        _ => diagnostic.with_help("put the condition on a date field into `where`"),
    }
}

pub fn no_positive_step(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0409, "a sequence needs a step that happens", span, "all steps are excluded")
        .with_help("for events that did not happen write `none(…)`")
}

pub fn gap_without_step(word: &str, span: Span, negated: bool) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0410,
        format!("`{word}` counts from the step before, and there is none"),
        span,
        "from what?",
    );
    if negated {
        return diagnostic
            .with_help("to look at a time that is over, put a window on the step: `not C in last 7 days`");
    }
    diagnostic.with_help("to limit the first step, put a window on it: `C in last 7 days`")
}

pub fn step_is_no_event(span: Span, subject: &Subject) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0412,
        format!("a step of a sequence is an event, not {}", subject.a()),
        span,
        "an event type or custom event should stand here",
    )
}

pub fn not_an_event(span: Span, subject: &Subject) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0412,
        format!("a custom event is made of events, not of {}", subject.a()),
        span,
        "an event type or custom event should stand here",
    )
    .with_help("give a name to a condition with `let`")
}

pub fn time_arithmetic(func: Func, lhs: &Expr, rhs: &Expr, at: Span) -> Diagnostic {
    let (word, sign) = match func {
        Func::Add => ("added", "+"),
        Func::Sub => ("subtracted", "-"),
        Func::Mul => ("multiplied", "*"),
        _ => ("divided", "/"),
    };
    let diagnostic = Diagnostic::new(
        Code::SEG0413,
        format!("{} and {} cannot be {word}", a(&lhs.ty.ty), a(&rhs.ty.ty)),
        at,
        format!("`{sign}` has no meaning here"),
    )
    .with_label(lhs.span, format!("{} is {}", named(lhs), a(&lhs.ty.ty)))
    .with_label(rhs.span, format!("{} is {}", named(rhs), a(&rhs.ty.ty)));
    match (func, &lhs.ty.ty, &rhs.ty.ty) {
        (Func::Sub, Ty::Date, Ty::Date) => diagnostic.with_help("the days between two dates are `days_between(a, b)`"),
        (Func::Sub, Ty::Date, Ty::Timestamp) | (Func::Sub, Ty::Timestamp, Ty::Date) => {
            diagnostic.with_help("make both dates with `date(…)`, then use `days_between(a, b)`")
        }
        (Func::Add | Func::Sub, Ty::Date | Ty::Timestamp, Ty::Int) => match rhs.as_literal() {
            Some(Value::Int(number)) => diagnostic.with_help(format!("say of what: `{number} days`, say")),
            _ => diagnostic,
        },
        _ => diagnostic,
    }
}

pub fn year_needs_date(value: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0415,
        "`ignoring year` follows a test of a date",
        value.span,
        format!("{} is {}", named(value), a(&value.ty.ty)),
    )
}

pub fn anniversary_order(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0415,
        "an anniversary comes every year, so none is before or after",
        span,
        "in which year?",
    )
    .with_help("use `in last`, `in next`, `in this`, `on` or `between` with `ignoring year`")
}
