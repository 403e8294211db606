//! What MariaDB and MySQL tell of the types of columns: as their catalog spells them, for views as well.

use crate::sql::stored_types::{Castable, StoredTypes, Teller, is};
use crate::sql::tree::{BinaryOp, Item, Source, Table};
use crate::sql::{Expr, Ident, Select, SqlType};

pub(super) static STORED_TYPES: StoredTypes = StoredTypes {
    teller: Teller::Catalog(in_catalog),
    bool: &["tinyint(1)"],
    int: &["bigint%", "int%", "mediumint%", "smallint%", "tinyint%"],
    unsigned: &["bigint% unsigned"],
    decimal: &["decimal(%,{})"],
    float: &["double"],
    text: &["varchar(%", "char(%", "longtext", "mediumtext", "text", "tinytext"],
    uuid: &["uuid"],
    date: &["date"],
    timestamp: &["datetime%"],
    local_timestamp: &["datetime%"],
    nested: &["json", "longtext", "mediumtext", "text"],
    around: &[["", ""]],
    has_times_beyond: true,
    collates: false,
    cast: Castable {
        int: &[],
        decimal: &[],
        float: &["float", "int%", "mediumint%", "smallint%", "tinyint%"],
        text: &["enum(%", "text in %", "uuid", "bigint%", "int%", "mediumint%", "smallint%", "tinyint%"],
        date: &[],
        timestamp: &[],
        local_timestamp: &[],
    },
};

/// The type of a column, of a table in its database or that of the session; of texts of another character set this set, in
/// which they cannot be compared with the queries' own.
fn in_catalog(table: &[Ident], column: &Ident) -> Select {
    let alias = Ident::generated("catalog_column");
    let database = match table {
        [.., database, _] => Expr::text(database.text()),
        _ => Expr::call("DATABASE", []),
    };
    let name = table.last().map_or("", Ident::text);
    let of = |name: &str| Expr::column(&alias, &Ident::physical(name)).cast(SqlType::Text);
    let set = of("character_set_name");
    let told = Expr::choose(
        set.clone().binary(BinaryOp::Ne, Expr::text("utf8mb4")),
        Expr::call("CONCAT", [Expr::text("text in "), set]),
        of("column_type"),
    );
    Select {
        items: vec![Item { expr: told, alias: None }],
        filter: vec![
            is(&alias, "table_schema", database),
            is(&alias, "table_name", Expr::text(name)),
            is(&alias, "column_name", Expr::text(column.text())),
        ],
        from: Some(Table {
            source: Source::Named(["information_schema", "columns"].map(Ident::physical).to_vec()),
            alias,
        }),
        ..Select::default()
    }
}
