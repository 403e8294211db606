//! Regular expressions as the engine's "advanced" ones. Whether one matches does not depend on the engine's preferences;
//! what a group holds does: the engine takes the longest match, the language the first. Invariant: a pattern whose groups
//! might differ is refused.

use super::fold;
use crate::sql::dialect::{Built, Case, Unsupported};
use crate::sql::tree::{BinaryOp, Expr};
use crate::vector::pattern::{Class, Node, Pattern};

pub(super) fn matches(text: Expr, pattern: &str) -> Built {
    let (text, pattern) = match pattern.strip_prefix("(?i)") {
        Some(pattern) => (fold::fold(text, Case::Lower, true), parse(pattern)?.fold()),
        None => (text, parse(pattern)?),
    };
    Ok(text.binary(BinaryOp::Other("~"), Expr::text(print(&pattern.root, None))))
}

pub(super) fn capture(text: Expr, pattern: &str, group: u32) -> Built {
    let pattern = parse(pattern)?;
    if !pattern.is_longest() {
        return Err(Unsupported(
            "`capture` by a pattern with alternatives or with repeated groups, of which it takes the longest match,"
                .to_owned(),
        ));
    }
    Ok(Expr::call("substring", [text, Expr::text(print(&pattern.root, Some(group)))]))
}

/// The host behind the first `//`, without what stands before an `@` in it: of all matches there the longest is right.
pub(super) fn url_host(url: Expr) -> Expr {
    Expr::call("substring", [url, Expr::text("//(?:[^/?#]*@)?([^/?#@:]*)")])
}

fn parse(pattern: &str) -> Result<Pattern, Unsupported> {
    Pattern::parse(pattern).map_err(|_| Unsupported("this regular expression".to_owned()))
}

/// The text of a pattern. `captured` is the one group that stays one.
fn print(node: &Node, captured: Option<u32>) -> String {
    match node {
        Node::Empty => String::new(),
        Node::Char(c) => character(*c),
        Node::Any => "[^\\n]".to_owned(),
        Node::Class(class) => class_text(class),
        Node::Start => "^".to_owned(),
        Node::End => "$".to_owned(),
        Node::Group(index, inner) => {
            let open = if index.is_some() && *index == captured { "(" } else { "(?:" };
            format!("{open}{})", print(inner, captured))
        }
        Node::Concat(items) => items.iter().map(|item| print(item, captured)).collect(),
        Node::Alternate(items) => items.iter().map(|item| print(item, captured)).collect::<Vec<_>>().join("|"),
        Node::Repeat { node, min, max, .. } => {
            let times = match (min, max) {
                (0, None) => "*".to_owned(),
                (1, None) => "+".to_owned(),
                (0, Some(1)) => "?".to_owned(),
                (min, None) => format!("{{{min},}}"),
                (min, Some(max)) if min == max => format!("{{{min}}}"),
                (min, Some(max)) => format!("{{{min},{max}}}"),
            };
            format!("{}{times}", print(node, captured))
        }
    }
}

fn character(c: char) -> String {
    match c {
        c if c.is_ascii_alphanumeric() => c.to_string(),
        c if c.is_ascii_punctuation() => format!("\\{c}"),
        ' ' => " ".to_owned(),
        c if u32::from(c) <= 0xffff => format!("\\u{:04x}", u32::from(c)),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}

fn class_text(class: &Class) -> String {
    if class.ranges.is_empty() {
        // Nothing, or anything.
        return if class.negated { "(?:[^\\n]|\\n)".to_owned() } else { "(?!)".to_owned() };
    }
    let mut out = String::from(if class.negated { "[^" } else { "[" });
    for &(low, high) in &class.ranges {
        out.push_str(&character(low));
        if low != high {
            out.push('-');
            out.push_str(&character(high));
        }
    }
    out.push(']');
    out
}
