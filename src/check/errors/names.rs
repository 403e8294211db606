//! Band 02: names, scopes, definitions.

use crate::check::names::DefKind;
use crate::check::unknown::{deeper, path_text};
use crate::diagnostics::{Applicability, Code, Diagnostic, suggest};
use crate::schema::Schema;
use crate::source::Span;
use crate::syntax::ast::{Ident, Path, Str};
use crate::types::{ObjectId, Ty};

use super::a;

fn did_you_mean(diagnostic: Diagnostic, span: Span, known: Option<&str>) -> Diagnostic {
    match known {
        Some(known) => diagnostic.with_help(format!("did you mean `{known}`?")).with_fix(
            format!("write `{known}`"),
            span,
            known,
            Applicability::Unsafe,
        ),
        None => diagnostic,
    }
}

pub fn unknown_name(path: &Path, innermost: &str) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0201,
        format!("unknown name `{}`", path.root.node),
        path.root.span,
        format!("neither a field of {innermost} nor a definition"),
    )
}

pub fn unknown_source(path: &Path, known: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0202,
        format!("`{}` is no event type, list or map", path_text(path)),
        path.span,
        "nothing of this name to go through",
    );
    did_you_mean(diagnostic, path.span, known)
}

pub fn unknown_attribute(schema: &Schema, object: ObjectId, name: &Ident, path: &Path) -> Diagnostic {
    let fields = || schema.object(object).into_iter().flat_map(|o| o.fields.keys().map(String::as_str));
    let mut diagnostic = Diagnostic::new(
        Code::SEG0203,
        format!("unknown attribute `{}` in `{}`", name.node, path_text(path)),
        name.span,
        "the schema has no such field here",
    );
    if let Some(known) = suggest::closest(&name.node, fields()) {
        return did_you_mean(diagnostic, name.span, Some(known));
    }
    if let Some(known) = deeper(schema, object, &name.node) {
        return did_you_mean(diagnostic, name.span, Some(&known));
    }
    let listed: Vec<String> = fields().take(8).map(|f| format!("`{f}`")).collect();
    if listed.is_empty() {
        return diagnostic;
    }
    let more = if fields().count() > listed.len() { ", …" } else { "" };
    diagnostic = diagnostic.with_help(format!("the fields here are {}{more}", listed.join(", ")));
    diagnostic
}

pub fn not_of_subject(name: &Ident, what: &str, names: &[&str]) -> Diagnostic {
    let known: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    Diagnostic::new(
        Code::SEG0203,
        format!("unknown attribute `{}` of {what}", name.node),
        name.span,
        format!("{what} has only {}", known.join(" and ")),
    )
}

pub fn duplicate_name(name: &Ident, first: &Ident) -> Diagnostic {
    Diagnostic::new(Code::SEG0205, format!("`{}` is defined twice", name.node), name.span, "defined again here")
        .with_label(first.span, "first defined here")
        .with_help("names are unique in the whole project")
}

pub fn duplicate_parameter(name: &Ident) -> Diagnostic {
    Diagnostic::new(Code::SEG0205, format!("two parameters are named `{}`", name.node), name.span, "named again here")
}

pub fn duplicate_profile(name: &Ident, first: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0205, format!("two profiles are named `{}`", name.node), name.span, "named again here")
        .with_label(first, "first named here")
}

pub fn hides(name: &Ident, hidden: &str) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0206,
        format!("`{}` would hide {hidden} of the same name", name.node),
        name.span,
        "this name is taken",
    )
    .with_help("choose another name")
}

pub fn outer_name(path: &Path, inner: &str, outer: &str, prefix: Option<&str>) -> Diagnostic {
    let name = &path.root.node;
    let diagnostic = Diagnostic::new(
        Code::SEG0207,
        format!("`{name}` is a field of {outer}, not of {inner}"),
        path.root.span,
        format!("bare names start at {inner} here"),
    );
    match prefix {
        Some(prefix) => diagnostic.with_help(format!("reach {outer} by `{prefix}.`")).with_fix(
            format!("write `{prefix}.{name}`"),
            path.root.span.at_start(),
            format!("{prefix}."),
            Applicability::Unsafe,
        ),
        None => diagnostic.with_help(format!("give {outer} a name with `as`, and write that name before the dot")),
    }
}

pub fn definition_cycle(chain: &[(&Ident, Span)], at: Span) -> Diagnostic {
    let mut names: Vec<&str> = chain.iter().map(|(name, _)| name.node.as_str()).collect();
    let first = names.first().copied().unwrap_or_default();
    names.push(first);
    let message = if chain.len() == 1 {
        format!("`{first}` is defined by itself")
    } else {
        format!("`{first}` is defined by itself: {}", names.join(" → "))
    };
    let mut diagnostic = Diagnostic::new(Code::SEG0208, message, at, "the circle closes here");
    for (name, _) in chain {
        diagnostic = diagnostic.with_label(name.span, format!("`{}` is defined here", name.node));
    }
    diagnostic
}

pub fn not_imported(definition: &Ident, import: &str, at: Span) -> Diagnostic {
    let file_start = Span { start: 0, end: 0, ..at };
    Diagnostic::new(
        Code::SEG0209,
        format!("`{}` is defined in a file that this one does not import", definition.node),
        at,
        "not visible here",
    )
    .with_label(definition.span, "defined here")
    .with_fix(format!("import `{import}`"), file_start, format!("import \"{import}\"\n"), Applicability::Safe)
}

/// `files` are the other files of the project, as this one would write them.
pub fn missing_import(path: &Str, files: &[String]) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0210,
        format!("there is no file `{}` to import", path.node),
        path.span,
        "not found from the folder of this file",
    );
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let with_ending = format!("{}.seg", path.node);
    let known = files.iter().find(|file| **file == with_ending);
    let known = known.or_else(|| files.iter().find(|file| name(file) == name(&path.node))).map(String::as_str);
    if let Some(known) = known.or_else(|| suggest::closest(&path.node, files.iter().map(String::as_str))) {
        return did_you_mean_quoted(diagnostic, path.span, Some(known));
    }
    if path.node.starts_with('/') || path.node.split('/').any(|part| part == "..") {
        return diagnostic.with_help("only files below the project's folder can be imported");
    }
    if !path.node.ends_with(".seg") {
        return diagnostic.with_help("what is imported is a file whose name ends in `.seg`");
    }
    diagnostic
}

fn did_you_mean_quoted(diagnostic: Diagnostic, span: Span, known: Option<&str>) -> Diagnostic {
    match known {
        Some(known) => diagnostic.with_help(format!("did you mean `{known}`?")).with_fix(
            format!("write `\"{known}\"`"),
            span,
            format!("\"{known}\""),
            Applicability::Unsafe,
        ),
        None => diagnostic,
    }
}

pub fn wrong_kind(name: &Ident, kind: DefKind) -> Diagnostic {
    let what = kind.a();
    let diagnostic = Diagnostic::new(
        Code::SEG0211,
        format!("`{}` is {what}, not a value", name.node),
        name.span,
        "a value or condition should stand here",
    );
    match kind {
        DefKind::Event(_) => diagnostic.with_help(format!("ask `any({0})`, or count: `count({0}) >= 1`", name.node)),
        DefKind::Propensity(_) => {
            diagnostic.with_help(format!("write `propensity.{}.probability`, `.score`, `.bucket`, …", name.node))
        }
        DefKind::Let(_) | DefKind::Param(_) | DefKind::Segment(_) => diagnostic,
    }
}

pub fn not_a_source(name: &Ident, kind: DefKind) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0211,
        format!("`{}` is {}, nothing to go through", name.node, kind.a()),
        name.span,
        "an event type, list or map should stand here",
    )
    .with_help("a segment is a condition by itself: write its name outside of the parentheses")
}

pub fn event_as_value(path: &Path, event: &str, condition: bool) -> Diagnostic {
    let function = if condition { "any" } else { "count" };
    Diagnostic::new(
        Code::SEG0211,
        format!("`{event}` is an event type, not a field"),
        path.span,
        "a value or condition should stand here",
    )
    .with_help(format!("ask `any({event})`, or count: `count({event}) >= 1`"))
    .with_fix(
        format!("write `{function}({event})`"),
        path.span,
        format!("{function}({event})"),
        Applicability::Unsafe,
    )
}

pub fn field_behind_event(path: &Path, event: &str, field: &str) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0211,
        format!("`{event}` is an event type, not a field"),
        path.span,
        "a profile has many such events",
    )
    .with_help(format!(
        "say which: `sum({field} of {event})`, `last({field} of {event})`, `any({event} where {field} …)`"
    ))
}

pub fn steps_behind_event(path: &Path) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0211,
        format!("`{}` is a custom event, not a field", path.root.node),
        path.span,
        "nothing follows the name of an event here",
    )
    .with_help(format!("name the event in `{}` and its fields in `where` or before `of`", path.root.node))
}

pub fn not_callable(name: &Ident, kind: DefKind) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0211,
        format!("`{}` is {}, not a function", name.node, kind.a()),
        name.span,
        "takes no arguments",
    )
}

pub fn expects_segment(name: &Ident, kind: DefKind) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0211,
        format!("`{}` is {}, not a segment", name.node, kind.a()),
        name.span,
        "a segment should stand here",
    )
}

pub fn unknown_segment<'a>(name: &Ident, segments: impl Iterator<Item = &'a str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::SEG0219, format!("unknown segment `{}`", name.node), name.span, "no such segment");
    did_you_mean(diagnostic, name.span, suggest::closest(&name.node, segments))
}

pub fn unknown_profile<'a>(name: &Ident, profiles: impl Iterator<Item = &'a str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::SEG0220, format!("unknown profile `{}`", name.node), name.span, "not of this test");
    did_you_mean(diagnostic, name.span, suggest::closest(&name.node, profiles))
}

/// An object of a test whose class the schema does not have.
pub fn unknown_class<'a>(name: &Ident, classes: impl Iterator<Item = &'a str>) -> Diagnostic {
    let classes: Vec<&str> = classes.collect();
    let message = format!("unknown class `{}`", name.node);
    let diagnostic = Diagnostic::new(Code::SEG0222, message, name.span, "no class of the schema");
    let close = suggest::closest(&name.node, classes.iter().copied());
    let listed: Vec<String> = classes.iter().map(|class| format!("`{class}`")).collect();
    match (close, listed.is_empty()) {
        (Some(_), _) => did_you_mean(diagnostic, name.span, close),
        (None, true) => diagnostic.with_help("the schema has no classes beside the profile and the event"),
        (None, false) => diagnostic.with_help(format!("there are {}", listed.join(", "))),
    }
}

/// The names of types.
const TYPES: [&str; 13] = [
    "bool",
    "int",
    "decimal",
    "float",
    "string",
    "date",
    "timestamp",
    "duration",
    "probability",
    "score",
    "percentile",
    "bucket",
    "list",
];

/// What other languages call a type.
const OTHER_TYPES: [(&str, &str); 12] = [
    ("boolean", "bool"),
    ("integer", "int"),
    ("long", "int"),
    ("number", "decimal"),
    ("double", "float"),
    ("real", "float"),
    ("text", "string"),
    ("str", "string"),
    ("varchar", "string"),
    ("datetime", "timestamp"),
    ("time", "timestamp"),
    ("array", "list"),
];

pub fn unknown_type(name: &Ident) -> Diagnostic {
    let known = OTHER_TYPES.iter().find(|(other, _)| name.node.eq_ignore_ascii_case(other)).map(|(_, ty)| *ty);
    let known = known.or_else(|| suggest::closest(&name.node, TYPES.into_iter()));
    let diagnostic = Diagnostic::new(Code::SEG0212, format!("unknown type `{}`", name.node), name.span, "no such type");
    match known {
        Some(known) => did_you_mean(diagnostic, name.span, Some(known)),
        None => diagnostic.with_help(format!("the types are {}", TYPES.join(", "))),
    }
}

pub fn list_without_element(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0212, "a list needs the type of its elements", span, "of what?")
        .with_help("write `list<string>`, say")
}

pub fn list_of_lists(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0212, "a list cannot hold lists", span, "elements are single values")
}

pub fn type_argument(name: &Ident, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0212,
        format!("`{}` takes no type between `<` and `>`", name.node),
        span,
        "only `list` does",
    )
}

pub fn not_a_collection(path: &Path, ty: &Ty) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0213,
        format!("`{}` is {}, nothing to go through", path_text(path), a(ty)),
        path.span,
        "an event type, list or map should stand here",
    )
    .with_help("a single value is compared directly, or asked for with `is present`")
}

pub fn no_fields(ty: &Ty, name: &Ident, path: &Path) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::SEG0214,
        format!("`{}` cannot be reached in `{}`: what stands before it is {}", name.node, path_text(path), a(ty)),
        name.span,
        "has no fields",
    );
    match ty {
        Ty::Map(_) => diagnostic.with_help("the value of a key of a map is written in brackets").with_fix(
            format!("write `[\"{}\"]`", name.node),
            Span { start: name.span.start.saturating_sub(1), ..name.span },
            format!("[\"{}\"]", name.node),
            Applicability::Unsafe,
        ),
        _ => diagnostic,
    }
}

pub fn key_of_no_map(ty: &Ty, key: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0214, format!("`[\"{key}\"]` needs a map before it, not {}", a(ty)), span, "no map here")
}

pub fn too_large(name: &Ident, size: u64) -> Diagnostic {
    let limit = crate::limits::NODES_PER_SEGMENT;
    let size = if size > 1_000_000_000 { "more than 1000000000".to_owned() } else { size.to_string() };
    Diagnostic::new(
        Code::SEG0216,
        format!("`{}` is too large: {size} parts with the definitions it uses written out", name.node),
        name.span,
        format!("the limit is {limit}"),
    )
    .with_help("a segment that is used by name counts as one part")
}

pub fn too_deep(name: &Ident, at: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0216,
        format!("`{}` is reached through too long a chain of definitions", name.node),
        at,
        "the chain ends here",
    )
}

pub fn segment_without_where(name: &Ident) -> Diagnostic {
    Diagnostic::new(Code::SEG0217, format!("segment `{}` has no `where`", name.node), name.span, "who belongs to it?")
        .with_help("write `where` and a condition")
}

pub fn repeated_clause(word: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::SEG0218, format!("a second `{word}`"), span, "only one may stand here")
        .with_label(first, "the first")
        .with_help(if word == "where" { "join conditions with `and`" } else { "remove one of them" })
}

pub fn no_memberships(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::SEG0221,
        "`member` needs memberships in the profile",
        span,
        "the schema has no map `segmentMembership` of maps",
    )
}
