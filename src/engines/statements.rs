//! The query of a segment's members as a run asks it. Invariant: it is built of the tree; a text of the user's is a literal.

use crate::sql::tree::Item;
use crate::sql::{Expr, Ident, Query, SqlType};

/// The columns of a membership table.
pub(super) const COLUMNS: [&str; 2] = ["segment", "profile_id"];

/// A segment and its query.
pub struct Membership {
    /// The segment's name.
    pub segment: String,
    /// The query of its members.
    pub query: Query,
}

/// A segment's members as rows of its name and the id as text, in the order of the query.
pub fn members(Membership { segment, query }: &Membership, text_ids: bool) -> Query {
    let [segment_column, id_column] = COLUMNS.map(Ident::generated);
    let mut query = query.clone();
    if let Some(id) = query.body.items.last_mut() {
        if !text_ids {
            id.expr = id.expr.clone().cast(SqlType::Text);
        }
        id.alias = Some(id_column);
    }
    query.body.items.insert(0, Item { expr: Expr::text(segment.as_str()), alias: Some(segment_column) });
    query
}
