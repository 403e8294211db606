//! What ClickHouse calls its types, and what it tells of those of columns. A civil time is one of UTC.

use crate::sql::stored_types::{StoredTypes, Teller};
use crate::sql::type_names::{Brackets, Decimal, Nested, TypeNames};

pub(super) static TYPES: TypeNames = TypeNames {
    bool: "Bool",
    int32: "Int32",
    int: "Int64",
    wide_int: "Int128",
    decimal: Decimal::Sized("Decimal"),
    float: "Float64",
    text: "String",
    date: "Date32",
    timestamp: "DateTime64(6, 'UTC')",
    local_timestamp: "DateTime64(6, 'UTC')",
    nullable: ["Nullable(", ")"],
    nested: Nested::Typed(Brackets {
        list: ["Array(", ")"],
        map: ["Map(String, ", ")"],
        object: ["Tuple(", ")"],
        field: " ",
    }),
};

pub(super) static STORED_TYPES: StoredTypes = StoredTypes {
    teller: Teller::OfRow("toTypeName"),
    bool: &["Bool"],
    int: &["Int64", "Int32", "Int16", "Int8", "UInt64", "UInt32", "UInt16", "UInt8"],
    decimal: &["Decimal(%, {})"],
    float: &["Float64"],
    text: &["String"],
    uuid: &["UUID"],
    date: &["Date32"],
    timestamp: &["DateTime64(6)", "DateTime64(6, %)"],
    local_timestamp: &["DateTime64(6)", "DateTime64(6, 'UTC')"],
    nested: &[],
    around: &[["", ""], ["Nullable(", ")"], ["LowCardinality(", ")"], ["LowCardinality(Nullable(", "))"]],
    collates: false,
};
