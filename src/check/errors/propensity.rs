//! Band 07: propensity declarations.

use crate::check::unknown::path_text;
use crate::diagnostics::{Applicability, Code, Diagnostic, suggest};
use crate::hir::{Adapter, AdapterShape, ScoreField};
use crate::source::Span;
use crate::syntax::ast::{Ident, Path};
use crate::types::Ty;

pub fn missing_propensity_clause(name: &Ident, word: &str) -> Diagnostic {
    let help = match word {
        "predict" => "write what is to be predicted: `predict none(… in next 60 days)`",
        _ => "write for whom: `for any(… in last 365 days)`",
    };
    Diagnostic::new(Code::SEG0701, format!("propensity `{}` has no `{word}`", name.node), name.span, "needed to learn")
        .with_help(help)
}

pub fn misplaced_clause(word: &str, imported: bool, span: Span) -> Diagnostic {
    let label = if imported { "the scores come from elsewhere (`from`)" } else { "this model is learnt here" };
    let kind = match (imported, word) {
        (true, "scale") => "scores that are read; a model file gives probabilities",
        (true, _) => "a model that is learnt here",
        (false, _) => "scores that come `from` elsewhere",
    };
    Diagnostic::new(Code::SEG0702, format!("`{word}` is a clause of {kind}"), span, label)
}

pub fn predicts_the_past(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0703, "`predict` looks at nothing that is still to come", span, "no window ahead")
        .with_help("use `in next`: `none(commerce.purchases in next 60 days)`")
}

pub fn population_looks_ahead(at: Span, inside: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::SEG0704, "`for` looks at what is still to come", at, "not known at the cut-off")
            .with_help("say who is eligible by what has happened: `in last`");
    with_place(diagnostic, at, inside, "this window may reach past the cut-off")
}

pub fn feature_looks_ahead(at: Span, inside: Span) -> Diagnostic {
    let message = "a feature looks at what is still to come";
    let diagnostic = Diagnostic::new(Code::SEG0714, message, at, "what is predicted would be visible in it")
        .with_help("features end at the cut-off: `in last 30 days`, `in previous month`, `before now`");
    with_place(diagnostic, at, inside, "this window may reach past the cut-off")
}

pub fn attribute_not_known_then(attribute: &str, at: Span, inside: Span) -> Diagnostic {
    let message = format!("what `{attribute}` was at a cut-off is not known");
    let text = "an attribute has no history: it may have been written after what is predicted";
    let diagnostic = match attribute.starts_with("propensity") || attribute == "segmentMembership" {
        true => Diagnostic::new(Code::SEG0710, message, at, "only today's is known"),
        false => Diagnostic::new(Code::SEG0710, message, at, text).with_help(format!(
            "if it never changes, declare it: `static {attribute}` (and `deny {attribute}` if it is to be no feature)"
        )),
    };
    with_place(diagnostic, at, inside, "read here")
}

/// Points at what a definition has inside, where that is elsewhere.
fn with_place(diagnostic: Diagnostic, at: Span, inside: Span, text: &str) -> Diagnostic {
    if at == inside { diagnostic } else { diagnostic.with_label(inside, text) }
}

pub fn invalid_buckets(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0705, "buckets are `low`, `medium` and `high` with two rising bounds", span, "not so here")
        .with_help("write `buckets low < 25, medium < 75, high`; the bounds lie between 0 and 100")
}

pub fn invalid_setting(name: &str, wanted: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0706, format!("`{name}` needs {wanted}"), span, "outside")
}

pub fn unknown_word(what: &str, word: &Ident, known: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0707,
        format!("unknown {what} `{}`", word.node),
        word.span,
        format!("known: {}", known.join(", ")),
    );
    match suggest::closest(&word.node, known.iter().copied()) {
        Some(known) => diagnostic.with_help(format!("did you mean `{known}`?")).with_fix(
            format!("write `{known}`"),
            word.span,
            known,
            Applicability::Unsafe,
        ),
        None => diagnostic,
    }
}

pub fn invalid_gate(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0708, "`require` compares a metric with a number", span, "not so here")
        .with_help("write `require auc >= 0.70`")
}

pub fn attribute_without_history(path: &Path) -> Diagnostic {
    let path_text = path_text(path);
    Diagnostic::new(
        Code::SEG0710,
        format!("what `{path_text}` was at a cut-off is not known"),
        path.span,
        "an attribute has no history: it may have been written after what is predicted",
    )
    .with_help(format!("if it never changes, declare it: `static {path_text}`; else leave it out"))
}

pub fn not_a_feature(path: &Path) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0711,
        format!("`{}` cannot be a feature", path_text(path)),
        path.span,
        "it has parameters besides one `duration`",
    )
}

pub fn adapter_without_path(adapter: &Ident) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0709,
        format!("`from {}` needs the object of the profile to read", adapter.node),
        adapter.span,
        "where are the scores?",
    )
}

pub fn adapter_needs_object(path: &Path) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0709,
        format!("`{}` is a single value, not an object with scores", path_text(path)),
        path.span,
        "an object should stand here",
    )
}

pub fn adapter_with_path(adapter: &Ident, path: &Path) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0709,
        format!("`from {}` names each field by a clause", adapter.node),
        path.span,
        "reads no object",
    )
    .with_help(format!("write `from {} {{ probability at {} … }}`", adapter.node, path_text(path)))
}

pub fn adapter_without_scores(adapter: &Adapter, span: Span) -> Diagnostic {
    let wanted = match &adapter.shape {
        AdapterShape::Object { fields, .. } => {
            let numbers = fields.iter().filter(|(field, _)| ScoreField::SCALES.contains(field));
            let theirs: Vec<String> = numbers.map(|(_, theirs)| format!("`{theirs}`")).collect();
            format!("`{}` writes {}", adapter.name, theirs.join(", "))
        }
        AdapterShape::Number(_) | AdapterShape::Clauses => "name one: `probability at PATH`".to_owned(),
    };
    Diagnostic::new(Code::SEG0709, "no field has a probability, a score or a percentile", span, "no score here")
        .with_help(wanted)
}

pub fn scale_without_value(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0713, "`scale` says how `value at …` is read, which is missing", span, "of which value?")
        .with_help("write `scale percent  value at PATH`, or name the feature: `probability at PATH`")
}

pub fn value_without_scale(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0713, "the scale of `value` is not said", span, "0 to 1, or 0 to 100?").with_help(
        "write `scale probability` (0 to 1), `percent` (a probability as 0 to 100), `score` (0 to 100), `percentile` \
         (1 to 100) or `quantile` (a percentile as 0 to 1)",
    )
}

pub fn mapped_twice(what: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0713, format!("`{what}` is given twice"), span, "second place")
}

pub fn mapping_without_effect(word: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0713,
        format!("`{word}` names a column of a score file"),
        span,
        "the profile's own fields are read",
    )
}

pub fn age_without_time(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0713, "when the scores were computed is not said", span, "every score would be too old")
        .with_help("name the field that says it: `scored at PATH`; or leave `max age` out")
}

pub fn wrong_score_field(field: ScoreField, path: &Path, ty: &Ty) -> Diagnostic {
    let wanted = match field {
        ScoreField::Probability => "a number of 0 to 1",
        ScoreField::Percent | ScoreField::Score => "a number of 0 to 100",
        ScoreField::Percentile => "a number of 1 to 100",
        ScoreField::Quantile => "a number of 0 to 1",
        ScoreField::ScoredAt => "a timestamp",
        ScoreField::Model => "a text",
        ScoreField::Factors => "a list of objects",
    };
    Diagnostic::new(
        Code::SEG0713,
        format!("`{}` cannot be the {} of a propensity", path_text(path), field.feature()),
        path.span,
        format!("is {ty}, should be {wanted}"),
    )
}
