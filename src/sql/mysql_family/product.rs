//! What MariaDB and MySQL do each in its own way. Invariant: all else they do alike.

use crate::sql::dialect::{Built, Case, Unsupported, Wild};
use crate::sql::tree::{Expr, SqlType};
use crate::sql::type_names::TypeNames;

/// One of the family.
pub trait Product: Sync + Sized {
    /// How the command line calls it.
    const NAME: &'static str;
    /// The collation of code points that counts trailing blanks.
    const COLLATION: &'static str;
    /// Digits that a decimal has behind the point at most.
    const SCALE: u8;
    /// The path to the last element of a list.
    const LAST: &'static str;
    /// Whether a name that begins with a minus is found in a path only if that is escaped.
    const ESCAPES_MINUS: bool;
    /// What a conversion calls the types.
    const TYPES: &'static TypeNames;
    /// Statements that a session needs before a query.
    const PRELUDE: &'static [&'static str];

    /// Settings of the session that the canary asks for beside those of both.
    fn session_checks() -> Vec<(&'static str, Expr)>;
    /// What stands before a query that becomes a table of this name, one of that name being replaced.
    fn create_table_as(name: &str) -> String;
    /// Whether a list, a map or an object of one gives values of a type as they were stored.
    fn can_read(ty: &SqlType) -> Result<(), Unsupported>;

    /// See [`Dialect::can_compare`](crate::sql::Dialect::can_compare).
    fn can_compare(element: &SqlType) -> Result<(), Unsupported>;

    /// The text of a scalar in JSON, null of JSON's null.
    fn scalar(json: Expr) -> Expr;
    /// The text of the scalar at a path, null where there is none.
    fn scalar_at(json: Expr, path: Expr) -> Expr;
    /// JSON, null of JSON's null.
    fn without_null(json: Expr) -> Expr;
    /// The truth value of a JSON scalar's text.
    fn truth(text: Expr) -> Expr;
    /// A value of a type as one that a JSON function takes for what it is: of equal values it makes the same JSON, but for
    /// what [`Product::same`] overlooks.
    fn packed(value: Expr, ty: &SqlType) -> Expr;
    /// Text of JSON as JSON.
    fn json(text: Expr) -> Expr;
    /// JSON as text of it.
    fn json_text(json: Expr) -> Expr;
    /// The list whose one element is a list.
    fn list_of(list: Expr) -> Expr;
    /// A text as a key of a map that is made.
    fn map_key(key: Expr) -> Expr;
    /// Whether two elements of lists are equal, however the JSON of a scalar is spelled.
    fn same(a: Expr, b: Expr) -> Expr;
    /// An expression out of a value of a type that is written once, however often the body names it.
    fn once(value: Expr, ty: &SqlType, body: impl FnOnce(Expr) -> Expr) -> Expr;

    /// See [`Dialect::odd_letters`](crate::sql::Dialect::odd_letters).
    fn odd_letters(case: Case) -> Vec<char>;
    /// See [`Dialect::date`](crate::sql::Dialect::date).
    fn date(local: Expr) -> Expr;
    /// See [`Dialect::like`](crate::sql::Dialect::like).
    fn like(text: Expr, pattern: &[Wild]) -> Built;
    /// See [`Dialect::matches`](crate::sql::Dialect::matches); the pattern minds case.
    fn matches(text: Expr, pattern: &str) -> Built;
    /// What a group of the first match holds, of a text that has one.
    fn group(text: Expr, pattern: &str, group: u32) -> Built;
    /// See [`Dialect::url_host`](crate::sql::Dialect::url_host).
    fn url_host(url: Expr) -> Built;
}
