//! The query of a segment's members as a run asks it. Invariant: it is built of the tree; a text of the user's is a literal.

use std::sync::Arc;

use super::{Fault, Session, keys};
use crate::data::output::Members;
use crate::sql::tree::{Item, Statement};
use crate::sql::{Dialect, Expr, Ident, Query, SqlType, print_statement};
use crate::types::Ty;
use crate::vm::key_text;

/// The columns of a membership table.
pub(super) const COLUMNS: [&str; 2] = ["segment", "profile_id"];

/// A segment and its query.
pub struct Membership {
    /// The segment's name.
    pub segment: String,
    /// The query of its members.
    pub query: Query,
    /// Of a ranked segment, the type of what it is ranked by.
    pub key: Option<Ty>,
}

impl Membership {
    /// The members, asked of a session: by rank with their keys, else in the order of their ids.
    pub fn fetch(&self, session: &mut Session, text_ids: bool, dialect: &dyn Dialect) -> Result<Members, Fault> {
        let mut query = members(self, text_ids);
        let first = query.body.order_by.first().map(|order| order.expr.clone());
        let key = self.key.as_ref().zip(first);
        if let Some((ty, expr)) = &key {
            let expr = keys::carried(expr.clone(), ty, dialect)?;
            query.body.items.push(Item { expr, alias: Some(Ident::generated("rank_key")) });
        }
        let text = print_statement(&Statement::Query(query), dialect);
        let (mut ids, mut cells) = (Vec::new(), Vec::new());
        session.query(&text, &mut |row: &[Option<String>]| {
            if let [_, id, rest @ ..] = row {
                ids.push(Arc::from(id.as_deref().unwrap_or_default()));
                cells.extend(rest.first().cloned());
            }
        })?;
        let Some((ty, _)) = key else {
            ids.sort_unstable();
            return Ok(Members { segment: self.segment.clone(), ids, keys: None });
        };
        let read = |cell: Option<String>| {
            cell.map(|cell| keys::read(&cell, ty, dialect).map(|key| key_text(&key))).transpose()
        };
        let keys = cells.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Members { segment: self.segment.clone(), ids, keys: Some(keys) })
    }
}

/// A segment's members as rows of its name and the id as text, in the order of the query.
pub(super) fn members(Membership { segment, query, .. }: &Membership, text_ids: bool) -> Query {
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
