//! What the canary asks of JSON: whether what segments read in it is what the schema says. A text where an integer belongs,
//! or JSON's null in place of a list, is absent in files, and a query takes it for what it is not. Invariant: of what no
//! segment reads, and of what its query reads as files have it, nothing is asked; what is there is looked at once.

use super::beyond::Beyond;
use super::columns::{Column, Step, alias, below, shown_steps, told_once};
use super::{columns, row};
use crate::sql::dialect::Built;
use crate::sql::stored_json::{Scalar, StoredJson};
use crate::sql::tree::{BinaryOp, Item, Source, Table};
use crate::sql::{Dialect, Expr, Ident, Select, SqlType};

/// What is read of a value: an object has the fields that steps lead to, and no other; one that is read itself has none.
pub(super) fn read_of(whole: &SqlType, steps: &[Step]) -> Option<SqlType> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(match whole {
            SqlType::Struct(_) => SqlType::object(),
            other => other.clone(),
        });
    };
    let inner = read_of(&below(whole, step)?, rest)?;
    Some(match step {
        Step::Field(name) => SqlType::Struct(vec![(Ident::physical(name), inner)]),
        Step::Element => SqlType::List(Box::new(inner)),
        Step::Value(key) if key.is_empty() => SqlType::Map(Box::new(inner)),
        // Of the values of a map one is read as that of a field is.
        Step::Value(key) => SqlType::Struct(vec![(Ident::physical(key), inner)]),
    })
}

/// What is read of a value, which may be one of several, of which two things are; none where these are not asked together.
fn merged(a: &SqlType, b: &SqlType, is_element: bool) -> Option<SqlType> {
    match (a, b) {
        (SqlType::Struct(a), SqlType::Struct(b)) if is_element || a.is_empty() == b.is_empty() => {
            let mut all = a.clone();
            for (name, ty) in b {
                match all.iter_mut().find(|(known, _)| known == name) {
                    Some((_, known)) => *known = merged(known, ty, false)?,
                    None => all.push((name.clone(), ty.clone())),
                }
            }
            Some(SqlType::Struct(all))
        }
        (SqlType::List(a), SqlType::List(b)) => Some(SqlType::List(Box::new(merged(a, b, true)?))),
        (SqlType::Map(a), SqlType::Map(b)) => Some(SqlType::Map(Box::new(merged(a, b, true)?))),
        (a, b) => (a == b).then(|| a.clone()),
    }
}

/// Puts what is read beside what else is.
pub(super) fn add(read: &mut Vec<SqlType>, ty: SqlType) {
    for known in read.iter_mut() {
        if let Some(both) = merged(known, &ty, false) {
            *known = both;
            return;
        }
    }
    read.push(ty);
}

/// The question whether the JSON of a column is what is read in it. It is asked once in a run, and looks at every value that
/// is read: of 100,000 profiles with five integers each it takes less than a segment that adds them up (0.6 of its time in
/// SQLite, 0.2 in PostgreSQL, 0.1 in MariaDB); with five objects each, of which two fields are read, 5 to 14 times as long
/// as a segment that looks for the first that meets a condition.
pub(super) fn of_json(dialect: &dyn Dialect, column: &Column, read: &[SqlType]) -> Option<Beyond> {
    let walk = Walk { dialect, json: dialect.stored_json()? };
    let alias = alias();
    let value = Expr::column(&alias, &column.name);
    let found: Vec<Expr> = read.iter().filter_map(|ty| walk.column(&value, ty).ok()).collect();
    let found = first_of(found)?;
    let found = Select {
        items: vec![Item { expr: Expr::aggregate("min", [found], vec![]), alias: None }],
        from: Some(Table { source: Source::Named(column.table.clone()), alias }),
        ..Select::default()
    };
    let name = format!("values in the JSON of {}", columns::shown(column, &[]));
    let told = columns::told();
    let row = row(Expr::text(name.as_str()), told.clone().is_null(), told);
    let row = Select { from: Some(told_once(Expr::Query(Box::new(found)))), ..row };
    Some(Beyond { name, row, way_out: None, leaf: None })
}

/// The way through what is in a column: what is found that is not as it should be, null if nothing is.
struct Walk<'a> {
    dialect: &'a dyn Dialect,
    json: &'static StoredJson,
}

impl Walk<'_> {
    /// Of a column.
    fn column(&self, value: &Expr, ty: &SqlType) -> Built {
        let kind = (self.json.kind)(value, &[])?;
        let told = |when: Expr, told: &str| (when, Expr::text(told));
        let no_json =
            |is_json: fn(Expr) -> Expr| Expr::and([value.clone().is_present(), is_json(value.clone()).is_not_true()]);
        let no_json = self.json.is_json.map(no_json);
        let mut branches: Vec<_> = no_json.into_iter().map(|when| told(when, "text that is no JSON")).collect();
        if is_read_itself(ty) {
            branches.push(told(kind.eq(Expr::text(self.json.null)), "null in place of NULL"));
        }
        let within = self.place(value, &[], ty, (&[], 0))?;
        if branches.is_empty() {
            return Ok(within);
        }
        Ok(Expr::Case { branches, otherwise: Some(Box::new(within)) })
    }

    /// Of what a path of fields leads to, at some steps of the column and so many lists deep.
    fn place(&self, base: &Expr, fields: &[Ident], ty: &SqlType, (steps, depth): (&[Step], usize)) -> Built {
        let kind = (self.json.kind)(base, fields)?;
        let is_other_than = |kinds: &[&'static str]| {
            Expr::and(kinds.iter().map(|other| kind.clone().binary(BinaryOp::Ne, Expr::text(*other))))
        };
        let place = if steps.is_empty() {
            String::new()
        } else {
            format!(" at {}", shown_steps(steps).trim_start_matches('.'))
        };
        let wrong = Expr::text(format!("a value{place} that is no {}", self.type_told(ty)));
        let step = |step: Step| [steps, &[step]].concat();
        let (wanted, inner) = match ty {
            SqlType::List(inner) => {
                let list = self.dialect.stored(base.clone(), fields, ty)?;
                (self.json.array, Some(self.elements(list, inner, (&step(Step::Element), depth))?))
            }
            SqlType::Map(inner) => {
                let map = self.dialect.stored(base.clone(), fields, ty)?;
                let at = step(Step::Value("".into()));
                (self.json.object, Some(self.elements((self.json.values)(map), inner, (&at, depth))?))
            }
            SqlType::Struct(inner) => {
                let of_field = |(name, ty): &(Ident, SqlType)| {
                    let fields = [fields, std::slice::from_ref(name)].concat();
                    self.place(base, &fields, ty, (&step(Step::Field(name.text().into())), depth)).ok()
                };
                (self.json.object, first_of(inner.iter().filter_map(of_field).collect()))
            }
            scalar => {
                let is_read = (self.json.is_read_as)(&Scalar { kind: kind.clone(), base, fields }, scalar)?;
                return Ok(wrong.when(Expr::and([is_read.is_not_true(), is_other_than(&[self.json.null])])));
            }
        };
        // What is asked first answers it for most values.
        let mut branches: Vec<_> =
            inner.map(|inner| (kind.clone().eq(Expr::text(wanted)), inner)).into_iter().collect();
        if is_read_itself(ty) || matches!((base, fields), (Expr::Var(_), [])) {
            branches.push((is_other_than(&[self.json.null, wanted]), wrong));
        }
        Ok(Expr::Case { branches, otherwise: None })
    }

    /// Of the elements of a list.
    fn elements(&self, list: Expr, ty: &SqlType, (steps, depth): (&[Step], usize)) -> Built {
        let element = Ident::generated(&format!("one_{depth}"));
        let found = self.place(&Expr::Var(element.clone()), &[], ty, (steps, depth + 1))?;
        let alias = Ident::generated(&format!("{}_", element.text()));
        let source = Source::Unnest { list, column: element, place: None };
        Ok(Expr::Query(Box::new(Select {
            items: vec![Item { expr: Expr::aggregate("min", [found], vec![]), alias: None }],
            from: Some(Table { source, alias }),
            ..Select::default()
        })))
    }

    /// A value of a type, as people are told.
    fn type_told(&self, ty: &SqlType) -> String {
        match ty {
            SqlType::Bool => "truth value".to_owned(),
            SqlType::Int32 | SqlType::Int | SqlType::WideInt => "integer of 64 bits".to_owned(),
            SqlType::Decimal { precision, scale } => {
                format!("number of {} digits and {scale} behind the point", precision - scale)
            }
            SqlType::Float => "number".to_owned(),
            SqlType::Text => "text".to_owned(),
            SqlType::Date => "date like 2026-11-23".to_owned(),
            SqlType::Timestamp => self.json.instant.to_owned(),
            SqlType::LocalTimestamp => "civil time".to_owned(),
            SqlType::List(_) => "list".to_owned(),
            SqlType::Map(_) => "map".to_owned(),
            SqlType::Struct(_) => "object".to_owned(),
        }
    }
}

/// Whether it matters if a value is there: of an object of which only fields are read, these are absent otherwise, as they
/// are in files.
fn is_read_itself(ty: &SqlType) -> bool {
    !matches!(ty, SqlType::Struct(fields) if !fields.is_empty())
}

/// The most arguments of a function that any engine takes.
const ARGUMENTS: usize = 100;

/// The first that is not null.
fn first_of(mut all: Vec<Expr>) -> Option<Expr> {
    while all.len() > 1 {
        let some = |some: &[Expr]| match some {
            [only] => only.clone(),
            some => Expr::call("COALESCE", some.to_vec()),
        };
        all = all.chunks(ARGUMENTS).map(some).collect();
    }
    all.pop()
}
