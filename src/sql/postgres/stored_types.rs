//! What PostgreSQL tells of the types of columns: as its catalog spells them, for views as well.

use crate::sql::quote::double_quoted;
use crate::sql::stored_types::{Castable, StoredTypes, Teller, is};
use crate::sql::tree::{BinaryOp, Item, Join, JoinKind, Source, Table};
use crate::sql::{Expr, Ident, Select, SqlType};

pub(super) static STORED_TYPES: StoredTypes = StoredTypes {
    teller: Teller::Catalog(in_catalog),
    bool: &["boolean"],
    int: &["bigint", "integer", "smallint"],
    unsigned: &[],
    decimal: &["numeric", "numeric(%,{})"],
    float: &["double precision"],
    text: &["text", "character varying", "character varying(%)"],
    uuid: &["uuid"],
    date: &["date"],
    timestamp: &["timestamp with time zone", "timestamp(%) with time zone"],
    local_timestamp: &["timestamp without time zone", "timestamp(%) without time zone"],
    nested: &["jsonb"],
    around: &[["", ""]],
    has_times_beyond: true,
    collates: false,
    cast: Castable {
        int: &["numeric(%,0)"],
        decimal: &["bigint", "integer", "smallint"],
        float: &["real", "integer", "smallint"],
        text: &["enum %", "uuid", "character(%)", "bigint", "integer", "smallint"],
        date: &[],
        timestamp: &[],
        local_timestamp: &[],
    },
};

/// The type of a column, and whether its collation takes different texts for equal ones.
fn in_catalog(table: &[Ident], column: &Ident) -> Select {
    let [attribute, collation, ty] = ["attribute_", "collation_", "type_"].map(Ident::generated);
    let of = |name: &str| Expr::column(&attribute, &Ident::physical(name));
    let name: Vec<String> = table.iter().map(|part| double_quoted(part.text())).collect();
    let told = Expr::call("format_type", [of("atttypid"), of("atttypmod")]);
    let kind = Expr::column(&ty, &Ident::physical("typtype")).cast(SqlType::Text);
    let named = Expr::text("enum ").binary(BinaryOp::Concat, told.clone());
    let told = Expr::choose(kind.eq(Expr::text("e")), named, told);
    let blurs = Expr::column(&collation, &Ident::physical("collisdeterministic")).negate();
    let blurred = told.clone().binary(BinaryOp::Concat, Expr::text(" of a collation that is not deterministic"));
    let catalog = |name: &str, alias: &Ident| Table {
        source: Source::Named(["pg_catalog", name].map(Ident::physical).to_vec()),
        alias: alias.clone(),
    };
    Select {
        items: vec![Item { expr: Expr::choose(blurs, blurred, told), alias: None }],
        from: Some(catalog("pg_attribute", &attribute)),
        joins: vec![
            Join { kind: JoinKind::Inner, table: catalog("pg_type", &ty), on: vec![is(&ty, "oid", of("atttypid"))] },
            Join {
                kind: JoinKind::Left,
                table: catalog("pg_collation", &collation),
                on: vec![is(&collation, "oid", of("attcollation"))],
            },
        ],
        filter: vec![
            is(&attribute, "attrelid", Expr::call("to_regclass", [Expr::text(name.join("."))])),
            is(&attribute, "attname", Expr::text(column.text()).cast(SqlType::Text)),
            of("attisdropped").negate(),
        ],
        ..Select::default()
    }
}
