//! Queries that nest more deeply than a parser of fixed size reads: a part that reads one table alone becomes a column of
//! a named query over that table, one part after the other until the rest is shallow enough. Invariant: the rows are the
//! same; a query that is shallow enough stays as it is.

use crate::sql::tree::{Cte, Item, Lifted};
use crate::sql::{Dialect, Ident, Query, Select, print};

/// How many symbols may be kept around a part of a named query: those before its place in the list of columns, with room
/// to spare. Too large a figure takes smaller parts out than need be, too small a one ends in a refusal; with this one all of
/// the corpus is read.
const AROUND: usize = 20;
/// How many symbols are kept around each of a query's selects, which are measured by themselves.
const BEFORE: usize = 8;
/// More parts, and more bytes, than a query has that anybody reads: a longer one takes too long to be taken apart.
const MOST_PARTS: usize = 24;
const MOST_BYTES: usize = 1 << 16;

/// A query that the dialect's parser has room for, or the nearest to one that is found; and its text without the comment.
pub(super) fn shallow_enough(mut query: Query, dialect: &dyn Dialect) -> (Query, String) {
    let comment = std::mem::take(&mut query.comment);
    let mut text = print(&query, dialect);
    for _ in 0..MOST_PARTS {
        let kept = dialect.symbols_kept(&text).filter(|_| text.len() <= MOST_BYTES);
        let Some((_, size)) = kept.filter(|(kept, size)| kept > size) else { break };
        // A column of the database may have any name.
        let mut numbers = (1..).map(|number| format!("part_{number}_"));
        let Some(column) = numbers.find(|name| !text.contains(name.as_str())) else { break };
        let named = |name: &str| Ident::generated(name);
        let names = || Lifted { query: named(&format!("with_{column}")), column: named(&column) };
        let selects = query.ctes.iter_mut().map(|cte| &mut cte.select).chain([&mut query.body]);
        let taken = selects.enumerate().find_map(|(at, select)| Some((at, part_of(select, names, size, dialect)?)));
        let Some((at, part)) = taken else { break };
        query.ctes.insert(at, part);
        text = print(&query, dialect);
    }
    (Query { comment, ..query }, text)
}

/// Takes the deepest part that there is room for out of a select that there is no room for.
fn part_of(select: &mut Select, names: impl Fn() -> Lifted, size: usize, dialect: &dyn Dialect) -> Option<Cte> {
    let following = std::mem::take(&mut select.union_all);
    let mut all: Vec<Select> = [std::mem::take(select)].into_iter().chain(following).collect();
    let part = all.iter_mut().find_map(|one| {
        if symbols(one.clone(), dialect) + BEFORE <= size {
            return None;
        }
        let found = one.liftable().into_iter().map(|(alias, part)| {
            let item = Item { expr: part.clone(), alias: None };
            (symbols(Select { items: vec![item], ..Select::default() }, dialect), alias, part)
        });
        let fitting = found.filter(|(kept, ..)| *kept <= size.saturating_sub(AROUND));
        let (_, alias, part) = fitting.max_by_key(|(kept, ..)| *kept)?;
        let (query, rest) = std::mem::take(one).lifted(&alias, &part, names());
        *one = rest;
        Some(query)
    });
    let mut all = all.into_iter();
    *select = all.next().unwrap_or_default();
    select.union_all = all.collect();
    part
}

/// How many symbols a select by itself has the parser keep.
fn symbols(body: Select, dialect: &dyn Dialect) -> usize {
    let query = Query { comment: vec![], ctes: vec![], body };
    dialect.symbols_kept(&print(&query, dialect)).map_or(0, |(kept, _)| kept)
}
