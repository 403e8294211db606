//! Text to tree: every construct, every mistake, every limit, and any bytes.

mod broken;
mod constructs;
mod editors;
mod limits;
mod pages;
mod soup;
mod spans;
mod trivia;

use segc::source::FileId;
use segc::syntax::ast::{Item, ItemKind};
use segc::syntax::{Parse, dump, parse};

/// The parse of a text as the only file.
pub fn read(text: &str) -> Parse {
    parse(FileId(0), text)
}

/// The tree of a text that has no mistake.
pub fn tree(text: &str) -> String {
    let parse = read(text);
    assert_eq!(parse.diagnostics, [], "{text}");
    dump::file(&parse.file)
}

/// The tree of an expression that has no mistake.
pub fn expression(text: &str) -> String {
    let parse = read(&format!("let x = {text}"));
    assert_eq!(parse.diagnostics, [], "{text}");
    match &parse.file.items[..] {
        [Item { kind: ItemKind::Let { value, .. }, .. }] => dump::expression(value),
        other => panic!("{text}: {other:?}"),
    }
}

/// Sources with what `show` makes of each, for a snapshot.
pub fn table(sources: &[&str], show: impl Fn(&str) -> String) -> String {
    sources
        .iter()
        .map(|source| format!("{source}\n    {}\n", show(source).trim_end().replace('\n', "\n    ")))
        .collect()
}
