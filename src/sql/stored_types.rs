//! How a database tells of which types the columns of its tables are, and which of them a query may take for the type that
//! it reads: a table of names for each dialect that tells, and the one reader of it. Invariant: of a type that is listed,
//! every value is one of the language's type, and is computed with as such.

use super::tree::{BinaryOp, Item, Source, Table};
use super::{Expr, Ident, Select, SqlType};

/// What a database calls the types of columns, where it is asked. In a name `%` stands for any text.
#[derive(Debug, Clone, Copy)]
pub struct StoredTypes {
    /// What tells them.
    pub teller: Teller,
    /// Truth values.
    pub bool: &'static [&'static str],
    /// Integers of 64 bits or fewer.
    pub int: &'static [&'static str],
    /// Those of them without a sign, of which some are beyond the ones that have one.
    pub unsigned: &'static [&'static str],
    /// Exact digits: each name once for each number of digits after the point that fits, in place of `{}`.
    pub decimal: &'static [&'static str],
    /// IEEE doubles.
    pub float: &'static [&'static str],
    /// Unicode text, of which no two are equal.
    pub text: &'static [&'static str],
    /// Ids that are neither text nor integers, and are equal as their texts are.
    pub uuid: &'static [&'static str],
    /// Civil days.
    pub date: &'static [&'static str],
    /// Instants.
    pub timestamp: &'static [&'static str],
    /// Civil dates and times.
    pub local_timestamp: &'static [&'static str],
    /// Lists, maps and objects, where they have one type.
    pub nested: &'static [&'static str],
    /// What may stand around each of these.
    pub around: &'static [[&'static str; 2]],
    /// Whether days and instants may be in other years than 1 to 9999, or in none: infinite ones, and dates of zeros.
    pub has_times_beyond: bool,
    /// Whether a column of text may have a collation of its own, of which the type does not tell.
    pub collates: bool,
    /// What may be cast to some of these.
    pub cast: Castable,
}

/// The types of which each value is one of another type when it is cast: what does not fit is an error of the database, and
/// no two values become one.
#[derive(Debug, Clone, Copy)]
pub struct Castable {
    /// To integers.
    pub int: &'static [&'static str],
    /// To exact digits.
    pub decimal: &'static [&'static str],
    /// To doubles.
    pub float: &'static [&'static str],
    /// To text.
    pub text: &'static [&'static str],
    /// To civil days.
    pub date: &'static [&'static str],
    /// To instants.
    pub timestamp: &'static [&'static str],
    /// To civil dates and times.
    pub local_timestamp: &'static [&'static str],
}

/// What tells the type of a column.
#[derive(Debug, Clone, Copy)]
pub enum Teller {
    /// A function of a value, which tells it of the value of no row, too.
    OfNone(&'static str),
    /// A function that is asked of one row.
    OfRow(&'static str),
    /// What each value tells, by the type that it is read as: the first is told that has no name which is expected.
    OfValues(fn(&Expr, &SqlType) -> Expr),
    /// A query of the catalog, by the table and its column.
    Catalog(fn(&[Ident], &Ident) -> Select),
}

/// A table, and an expression over one row of it under an alias.
#[derive(Debug, Clone)]
pub struct InTable<'a> {
    /// The table.
    pub table: &'a [Ident],
    /// Its alias.
    pub alias: &'a Ident,
    /// The column that the expression reads.
    pub column: &'a Ident,
    /// The expression.
    pub value: Expr,
    /// The type that it is read as.
    pub ty: &'a SqlType,
}

impl StoredTypes {
    /// The names of what may be read as a type; none where that is no type of its own.
    pub fn names(&self, ty: &SqlType) -> Vec<String> {
        let names = match ty {
            SqlType::Bool => self.bool,
            SqlType::Int32 | SqlType::Int | SqlType::WideInt => self.int,
            SqlType::Decimal { .. } => self.decimal,
            SqlType::Float => self.float,
            SqlType::Text => self.text,
            SqlType::Date => self.date,
            SqlType::Timestamp => self.timestamp,
            SqlType::LocalTimestamp => self.local_timestamp,
            SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_) => self.nested,
        };
        let scales = match ty {
            SqlType::Decimal { scale, .. } => 0..=*scale,
            _ => 0..=0,
        };
        let one = |name: &str| scales.clone().map(|scale| name.replace("{}", &scale.to_string())).collect::<Vec<_>>();
        let mut all: Vec<String> = names.iter().flat_map(|name| one(name)).collect();
        all.dedup();
        self.wrapped(all)
    }

    /// The names of what becomes a type, without a loss, when it is cast.
    pub fn castable(&self, ty: &SqlType) -> Vec<String> {
        let names = match ty {
            SqlType::Int32 | SqlType::Int | SqlType::WideInt => self.cast.int,
            SqlType::Decimal { .. } => self.cast.decimal,
            SqlType::Float => self.cast.float,
            SqlType::Text => self.cast.text,
            SqlType::Date => self.cast.date,
            SqlType::Timestamp => self.cast.timestamp,
            SqlType::LocalTimestamp => self.cast.local_timestamp,
            SqlType::Bool | SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_) => &[],
        };
        self.wrapped(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Whether a type has no exact numbers or times that are beyond those of the type that it is read as. Of one that is not known
    /// nothing is.
    pub fn has_no_more(&self, told: &str, ty: &SqlType) -> bool {
        self.around.iter().filter_map(|[open, close]| told.strip_prefix(open)?.strip_suffix(close)).any(|told| match ty
        {
            SqlType::Decimal { precision, scale } => {
                let before = precision - scale;
                let fits = |(name, scale): (&&str, u8)| {
                    let name = name.replace("{}", &scale.to_string());
                    let digits =
                        name.split_once('%').and_then(|(start, end)| told.strip_prefix(start)?.strip_suffix(end));
                    digits.and_then(|digits| digits.parse().ok()).is_some_and(|digits: u8| digits <= before + scale)
                };
                self.decimal.iter().flat_map(|name| (0..=*scale).map(move |scale| (name, scale))).any(fits)
            }
            _ => {
                let is_one_of = |names: &[&str]| names.iter().any(|name| is_of(told, name));
                match ty {
                    // What is cast to a time is none itself.
                    SqlType::Date => !is_one_of(self.date),
                    SqlType::Timestamp => !is_one_of(self.timestamp),
                    SqlType::LocalTimestamp => !is_one_of(self.local_timestamp),
                    _ => is_one_of(self.int) && !is_one_of(self.unsigned),
                }
            }
        })
    }

    /// Whether the values are asked with the types: each then tells of itself.
    pub fn tells_of_values(&self) -> bool {
        matches!(self.teller, Teller::OfValues(_))
    }

    /// Whether a type of exact digits does not say how many of them are after the point.
    pub fn has_decimals_of_any_scale(&self) -> bool {
        self.decimal.iter().any(|name| !name.contains("{}"))
    }

    /// The names of each kind of type that may be a key which is read as text.
    pub fn keys(&self) -> [Vec<String>; 3] {
        [self.int, self.text, self.uuid]
            .map(|names| self.wrapped(names.iter().map(|name| (*name).to_owned()).collect()))
    }

    fn wrapped(&self, names: Vec<String>) -> Vec<String> {
        let all = self.around.iter().flat_map(|pair| names.iter().map(move |name| (pair, name)));
        all.map(|([open, close], name)| format!("{open}{name}{close}")).collect()
    }

    /// What the database tells; null if it holds nothing that is not of one of the names.
    pub fn told(&self, place: &InTable<'_>, names: &[String]) -> Expr {
        let rows = |item: Expr, limit: u64| Select {
            items: vec![Item { expr: item, alias: None }],
            from: Some(Table { source: Source::Named(place.table.to_vec()), alias: place.alias.clone() }),
            limit: Some(limit),
            ..Select::default()
        };
        let of = |function| Expr::call(function, [place.value.clone()]);
        let query = match self.teller {
            Teller::OfNone(function) => {
                return Expr::call(function, [Expr::Query(Box::new(rows(place.value.clone(), 0)))]);
            }
            Teller::OfRow(function) => rows(of(function), 1),
            Teller::OfValues(told) => {
                let told = told(&place.value, place.ty);
                let known = names.iter().map(String::as_str).chain(["null"]).map(Expr::text).collect();
                let other = Expr::In { expr: Box::new(told.clone()), list: known }.negate();
                Select { filter: vec![other], ..rows(told, 1) }
            }
            Teller::Catalog(query) => query(place.table, place.column),
        };
        Expr::Query(Box::new(query))
    }
}

/// Whether a type is the one of a name, in which `%` stands for any text.
pub fn is_of(ty: &str, name: &str) -> bool {
    match name.split_once('%') {
        Some((start, end)) => ty.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
        None => ty == name,
    }
}

/// Whether a column's collation takes `a` for one of some other texts: what is united with its rows is compared as they are.
pub fn takes_for_equal(place: &InTable<'_>) -> Expr {
    let [united, text] = ["united", "text_"].map(Ident::generated);
    let item = |expr| vec![Item { expr, alias: Some(text.clone()) }];
    let letter = Select { items: item(Expr::text("a")), ..Select::default() };
    let rows = Select {
        items: item(place.value.clone()),
        from: Some(Table { source: Source::Named(place.table.to_vec()), alias: place.alias.clone() }),
        filter: vec![Expr::bool(false)],
        union_all: vec![letter],
        ..Select::default()
    };
    let compared = ["A", "a ", "\u{e1}"].map(|other| Expr::column(&united, &text).eq(Expr::text(other)));
    Expr::Query(Box::new(Select {
        items: vec![Item { expr: Expr::or(compared), alias: None }],
        from: Some(Table { source: Source::Select(Box::new(rows)), alias: united }),
        ..Select::default()
    }))
}

/// `table.column = value`, of the catalog.
pub(super) fn is(table: &Ident, column: &str, value: Expr) -> Expr {
    Expr::column(table, &Ident::physical(column)).binary(BinaryOp::Eq, value)
}
