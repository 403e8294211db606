//! Regular expressions as ICU reads them: of several matches it prefers the first, as the language does. Invariant: a
//! pattern is of classes that name all their characters and of anchors at the very ends of the text, since ICU's own are
//! those of Unicode and of lines.

use crate::sql::dialect::{Built, Unsupported, Wild};
use crate::sql::tree::{BinaryOp, Expr};
use crate::vector::pattern::{Class, Node, Pattern};

/// Any code point.
const ANY: &str = r"[\x{0}-\x{10ffff}]";

pub(super) fn like(text: Expr, wild: &[Wild]) -> Expr {
    let part = |part: &Wild| match part {
        Wild::Text(text) => text.chars().map(character).collect(),
        Wild::One => ANY.to_owned(),
        Wild::Any => format!("{ANY}*"),
    };
    let parts: String = wild.iter().map(part).collect();
    regexp_like(text, format!(r"\A{parts}\z"))
}

pub(super) fn matches(text: Expr, pattern: &str) -> Built {
    Ok(regexp_like(text, print(&parse(pattern)?)))
}

pub(super) fn group(text: Expr, pattern: &str, group: u32) -> Built {
    Ok(replaced(text, &print(&parse(pattern)?), group))
}

pub(super) fn url_host(url: Expr) -> Expr {
    let found = Expr::call("LOCATE", [Expr::text("//"), url.clone()]).binary(BinaryOp::Gt, Expr::int(0));
    replaced(url, "//(?:[^/?#]*@)?([^/?#@:]*)", 1).when(found)
}

/// The first match and all around it, replaced by what the group holds.
fn replaced(text: Expr, pattern: &str, group: u32) -> Expr {
    let all = format!(r"\A{ANY}*?(?:{pattern}){ANY}*\z");
    let (held, minding_case) = (Expr::text(format!("${group}")), Expr::text("c"));
    Expr::call("REGEXP_REPLACE", [text, Expr::text(all), held, Expr::int(1), Expr::int(0), minding_case])
}

fn regexp_like(text: Expr, pattern: String) -> Expr {
    Expr::call("REGEXP_LIKE", [text, Expr::text(pattern), Expr::text("c")])
}

fn parse(pattern: &str) -> Result<Node, Unsupported> {
    let parsed = Pattern::parse(pattern).map_err(|_| Unsupported("this regular expression".to_owned()))?;
    Ok(parsed.root)
}

fn print(node: &Node) -> String {
    match node {
        Node::Empty => String::new(),
        Node::Char(c) => character(*c),
        Node::Any => r"[^\x{a}]".to_owned(),
        Node::Class(class) => class_text(class),
        Node::Start => r"\A".to_owned(),
        Node::End => r"\z".to_owned(),
        Node::Group(index, inner) => format!("{}{})", if index.is_some() { "(" } else { "(?:" }, print(inner)),
        Node::Concat(items) => items.iter().map(print).collect(),
        Node::Alternate(items) => items.iter().map(print).collect::<Vec<_>>().join("|"),
        Node::Repeat { node, min, max, lazy } => {
            let max = max.map_or_else(String::new, |max| max.to_string());
            format!("{}{{{min},{max}}}{}", print(node), if *lazy { "?" } else { "" })
        }
    }
}

fn character(c: char) -> String {
    if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\x{{{:x}}}", u32::from(c)) }
}

fn class_text(class: &Class) -> String {
    if class.ranges.is_empty() {
        // Nothing, or anything.
        return if class.negated { ANY.to_owned() } else { r"[^\x{0}-\x{10ffff}]".to_owned() };
    }
    let range = |(low, high): &(char, char)| format!("{}-{}", character(*low), character(*high));
    let ranges: String = class.ranges.iter().map(range).collect();
    format!("[{}{ranges}]", if class.negated { "^" } else { "" })
}
