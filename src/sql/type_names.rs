//! How dialects spell types: a table of names for each of them, and the one writer that reads it. Invariant: a type is
//! spelled alike in conversions and in table definitions.

use super::tree::{Ident, SqlType};

/// What a dialect calls its types.
#[derive(Debug, Clone, Copy)]
pub struct TypeNames {
    /// `TRUE` or `FALSE`.
    pub bool: &'static str,
    /// An integer of 32 bits at least.
    pub int32: &'static str,
    /// An integer of 64 bits.
    pub int: &'static str,
    /// An integer of at least 38 digits.
    pub wide_int: &'static str,
    /// Exact digits.
    pub decimal: Decimal,
    /// IEEE double.
    pub float: &'static str,
    /// Unicode text.
    pub text: &'static str,
    /// A civil day.
    pub date: &'static str,
    /// An instant.
    pub timestamp: &'static str,
    /// A civil date and time.
    pub local_timestamp: &'static str,
    /// What stands around each of these and around objects, so that a value may be null.
    pub nullable: [&'static str; 2],
    /// What holds other values.
    pub nested: Nested,
}

/// What a dialect calls exact digits.
#[derive(Debug, Clone, Copy)]
pub enum Decimal {
    /// This, how many, and how many after the point.
    Sized(&'static str),
    /// This, which has room for all.
    Any(&'static str),
}

/// What a dialect calls lists, maps and objects.
#[derive(Debug, Clone, Copy)]
pub enum Nested {
    /// Types that say what they hold.
    Typed(Brackets),
    /// One type for all, whatever they hold.
    Untyped(&'static str),
}

/// What stands around the types of what is held.
#[derive(Debug, Clone, Copy)]
pub struct Brackets {
    /// The elements of a list.
    pub list: [&'static str; 2],
    /// The values of a map from text.
    pub map: [&'static str; 2],
    /// The fields of an object.
    pub object: [&'static str; 2],
    /// Between a field's name and its type.
    pub field: &'static str,
}

/// The name of a type; fields are quoted as the dialect does.
pub(super) fn spelled(names: &TypeNames, ty: &SqlType, quoted: &dyn Fn(&str) -> String) -> String {
    let of = |ty: &SqlType| spelled(names, ty, quoted);
    let nullable = |name: &str| around(names.nullable, name);
    match ty {
        SqlType::Bool => nullable(names.bool),
        SqlType::Int32 => nullable(names.int32),
        SqlType::Int => nullable(names.int),
        SqlType::WideInt => nullable(names.wide_int),
        SqlType::Decimal { precision, scale } => match names.decimal {
            Decimal::Sized(name) => nullable(&format!("{name}({precision}, {scale})")),
            Decimal::Any(name) => nullable(name),
        },
        SqlType::Float => nullable(names.float),
        SqlType::Text => nullable(names.text),
        SqlType::Date => nullable(names.date),
        SqlType::Timestamp => nullable(names.timestamp),
        SqlType::LocalTimestamp => nullable(names.local_timestamp),
        SqlType::List(element) => nested(names, |brackets| around(brackets.list, &of(element))),
        SqlType::Map(value) => nested(names, |brackets| around(brackets.map, &of(value))),
        SqlType::Struct(fields) => nested(names, |brackets| {
            let field = |(name, ty): &(Ident, SqlType)| format!("{}{}{}", quoted(name.text()), brackets.field, of(ty));
            let fields: Vec<String> = fields.iter().map(field).collect();
            nullable(&around(brackets.object, &fields.join(", ")))
        }),
    }
}

fn nested(names: &TypeNames, typed: impl FnOnce(&Brackets) -> String) -> String {
    match &names.nested {
        Nested::Typed(brackets) => typed(brackets),
        Nested::Untyped(name) => (*name).to_owned(),
    }
}

fn around([open, close]: [&str; 2], inner: &str) -> String {
    format!("{open}{inner}{close}")
}
