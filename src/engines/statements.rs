//! The statements of a run around a segment's query. Invariant: they are built of the tree; a name or a text of the
//! user's is an identifier or a literal.

use crate::sql::tree::{Cte, Item, Source, Statement, Table};
use crate::sql::{Expr, Ident, Query, Select, SqlType};

/// The columns of a membership table.
const COLUMNS: [&str; 2] = ["segment", "profile_id"];

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

/// The statements that make a table's rows of some segments their members: the table is made if it is missing, rows of
/// other segments stay.
pub fn into_table(name: &[String], segments: &[Membership], text_ids: bool) -> Vec<Statement> {
    let table: Vec<Ident> = name.iter().map(|part| Ident::physical(part)).collect();
    let columns = COLUMNS.map(|column| (Ident::physical(column), SqlType::Text, true));
    let mut statements = vec![Statement::TableIfMissing(crate::sql::tree::CreateTable {
        name: table.clone(),
        columns: columns.to_vec(),
        order: columns.map(|(column, ..)| column).to_vec(),
    })];
    let last = table.last().cloned().unwrap_or_else(|| Ident::physical(""));
    for segment in segments {
        let of_segment = Expr::column(&last, &Ident::physical(COLUMNS[0])).eq(Expr::text(segment.segment.as_str()));
        statements.push(Statement::Delete(table.clone(), vec![of_segment]));
        statements.push(Statement::Insert(table.clone(), inserted(segment, text_ids)));
    }
    statements
}

/// A segment's members as a query that can be inserted: a ranked one keeps its order and limit inside.
fn inserted(segment: &Membership, text_ids: bool) -> Query {
    let Query { comment, mut ctes, body } = members(segment, text_ids);
    let name = Ident::generated("new_members");
    let item = |column: &str| Item { expr: Expr::column(&name, &Ident::generated(column)), alias: None };
    let items = COLUMNS.map(item).to_vec();
    ctes.push(Cte { name: name.clone(), select: body });
    let from = Some(Table { source: Source::Named(vec![name.clone()]), alias: name.clone() });
    Query { comment, ctes, body: Select { items, from, ..Select::default() } }
}
