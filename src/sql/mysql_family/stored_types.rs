//! What MariaDB and MySQL tell of the types of columns: as their catalog spells them, for views as well.

use crate::sql::stored_types::{Castable, StoredTypes, Teller, is};
use crate::sql::tree::{Item, Source, Table};
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
        text: &["enum(%", "uuid", "bigint%", "int%", "mediumint%", "smallint%", "tinyint%"],
        date: &[],
        timestamp: &[],
        local_timestamp: &[],
    },
};

/// The type of a column, of a table in its database or that of the session.
fn in_catalog(table: &[Ident], column: &Ident) -> Select {
    let alias = Ident::generated("catalog_column");
    let database = match table {
        [.., database, _] => Expr::text(database.text()),
        _ => Expr::call("DATABASE", []),
    };
    let name = table.last().map_or("", Ident::text);
    let told = Expr::column(&alias, &Ident::physical("column_type")).cast(SqlType::Text);
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
