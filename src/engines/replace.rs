//! The statements that make a table's rows of some segments their members: the table is made if it is missing, rows of
//! other segments stay. Invariant: a name or a text of the user's is an identifier or a literal; whoever reads the table
//! meanwhile, or after a fault, finds it as it was.

use std::time::{SystemTime, UNIX_EPOCH};

use super::registry::{Replacing, replacing};
use super::statements::{COLUMNS, Membership, members};
use super::{Fault, Session};
use crate::sql::tree::{BinaryOp, CreateTable, Cte, Item, Join, JoinKind, Source, Statement, Table};
use crate::sql::{Dialect, Expr, Ident, Query, Select, SqlType, print_statement};

/// A statement, and the segment at work.
pub struct Step {
    /// What is run.
    pub sql: String,
    /// The segment whose members it writes.
    pub segment: Option<String>,
    /// Of a query, what it asks.
    pub asks: Option<Asks>,
}

/// What a query asks of the table before anything is written.
#[derive(Clone, Copy)]
pub enum Asks {
    /// A row that it gives is a fault: this one.
    NoRow(&'static str),
    /// That it is not read is a fault: this one.
    IsRead(&'static str),
}

/// What replaces the rows.
pub struct Replacement {
    /// The statements, in order.
    pub steps: Vec<Step>,
    /// What is run after a fault.
    pub undo: String,
    /// Gives each of the segments that has members, with how many they are.
    pub counts: String,
}

/// Where memberships go.
pub struct Place<'a> {
    /// The table's name in parts.
    pub name: &'a [String],
    /// Whether the ids are texts.
    pub text_ids: bool,
    /// The database's dialect.
    pub dialect: &'a dyn Dialect,
}

/// What replaces a table's rows of some segments; `None` where it is not known how all or nothing can be written.
pub fn replacement(place: &Place<'_>, segments: &[Membership]) -> Option<Replacement> {
    Some(match replacing(place.dialect.name())? {
        Replacing::Transaction(begin) => {
            in_transaction(vec![step(begin), made(place), has_columns(place)], place, segments)
        }
        Replacing::LockedTransaction => {
            // What another has committed meanwhile is seen by what follows the lock.
            let begin = step("BEGIN ISOLATION LEVEL READ COMMITTED");
            let lock = step(format!("DO $$ BEGIN PERFORM pg_advisory_xact_lock({}); END $$", place.lock()));
            in_transaction(vec![begin, lock, made(place), has_columns(place)], place, segments)
        }
        Replacing::TableFirst => {
            // Held until the session ends; waited for as long as a year.
            let lock = step(format!("DO GET_LOCK('segc {}', 31536000)", place.lock()));
            let first = vec![lock, made(place), has_transactions(place), has_columns(place), step("BEGIN")];
            in_transaction(first, place, segments)
        }
        Replacing::Exchange => by_exchange(place, segments),
    })
}

fn in_transaction(first: Vec<Step>, place: &Place<'_>, segments: &[Membership]) -> Replacement {
    let table = place.table();
    let mut steps = first;
    for segment in segments {
        let condition = place.segment_column().eq(Expr::text(segment.segment.as_str()));
        steps.push(place.printed(&Statement::Delete(table.clone(), vec![condition])));
        steps.push(place.insert(table.clone(), segment));
    }
    steps.push(step("COMMIT"));
    Replacement { steps, undo: "ROLLBACK".to_owned(), counts: place.counts(segments) }
}

/// A new table gets the rows that stay and the new ones, and then the other's name.
fn by_exchange(place: &Place<'_>, segments: &[Membership]) -> Replacement {
    let (table, new) = (place.table(), place.beside());
    let quoted =
        |name: &[Ident]| name.iter().map(|part| place.dialect.quoted(part.text())).collect::<Vec<_>>().join(".");
    let (old_name, new_name) = (quoted(&table), quoted(&new));
    let undo = format!("DROP TABLE IF EXISTS {new_name}");
    let mut steps = vec![
        made(place),
        has_columns(place),
        step(format!("CREATE TABLE {new_name} AS {old_name}")),
        place.printed(&Statement::Insert(new.clone(), columns(), place.of_others(segments))),
    ];
    steps.extend(segments.iter().map(|segment| place.insert(new.clone(), segment)));
    steps.push(step(format!("EXCHANGE TABLES {new_name} AND {old_name}")));
    steps.push(step(undo.clone()));
    Replacement { steps, undo, counts: place.counts(segments) }
}

/// The table, unless it is there.
fn made(place: &Place<'_>) -> Step {
    let defined = columns().into_iter().map(|column| (column, SqlType::Text, true));
    let table = CreateTable { name: place.table(), columns: defined.collect(), order: columns() };
    place.printed(&Statement::TableIfMissing(table))
}

/// Reads no row of the table, which may be somebody's own: the engine says what it lacks.
fn has_columns(place: &Place<'_>) -> Step {
    let mut query = place.rows(vec![Expr::bool(false)]);
    query.body.limit = Some(1);
    let wanted = "memberships go into the columns segment and profile_id";
    Step { asks: Some(Asks::IsRead(wanted)), ..place.printed(&Statement::Query(query)) }
}

/// Asks whether the table has transactions, which is a matter of the engine that keeps it.
fn has_transactions(place: &Place<'_>) -> Step {
    let [tables, engines] = ["tables", "engines"].map(Ident::physical);
    let of = |table: &Ident| Table {
        source: Source::Named(vec![Ident::physical("information_schema"), table.clone()]),
        alias: table.clone(),
    };
    let column = |table: &Ident, name: &str| Expr::column(table, &Ident::physical(name));
    let (last, above) = match place.name {
        [above @ .., last] => (last.as_str(), above.last()),
        [] => ("", None),
    };
    let database = above.map_or(Expr::call("DATABASE", []), |name| Expr::text(name.as_str()));
    let body = Select {
        items: vec![Item { expr: column(&tables, "engine"), alias: None }],
        from: Some(of(&tables)),
        joins: vec![Join {
            kind: JoinKind::Inner,
            table: of(&engines),
            on: vec![column(&engines, "engine").eq(column(&tables, "engine"))],
        }],
        filter: vec![
            column(&tables, "table_schema").eq(database),
            column(&tables, "table_name").eq(Expr::text(last)),
            column(&engines, "transactions").binary(BinaryOp::Ne, Expr::text("YES")),
        ],
        ..Select::default()
    };
    let mut step = place.printed(&Statement::Query(Query { comment: vec![], ctes: vec![], body }));
    step.asks = Some(Asks::NoRow("its engine has no transactions, so that a fault would leave it half written"));
    step
}

/// The columns that are written; a table may have them in another order, and more of them.
fn columns() -> Vec<Ident> {
    COLUMNS.map(Ident::physical).to_vec()
}

fn step(sql: impl Into<String>) -> Step {
    Step { sql: sql.into(), segment: None, asks: None }
}

impl Step {
    /// Runs it.
    pub fn run(&self, session: &mut Session) -> Result<(), Fault> {
        let Some(asks) = self.asks else { return session.execute(&self.sql) };
        let mut found = None;
        let read = session.query(&self.sql, &mut |row: &[Option<String>]| found = row.first().cloned().flatten());
        match (asks, read, found) {
            (Asks::IsRead(wanted), Err(fault), _) => Err(Fault(format!("{wanted}: {fault}"))),
            (Asks::NoRow(_), Err(fault), _) => Err(fault),
            (Asks::NoRow(fault), Ok(_), Some(found)) => Err(Fault(format!("the table is of {found}: {fault}"))),
            (_, Ok(_), _) => Ok(()),
        }
    }
}

impl Place<'_> {
    fn table(&self) -> Vec<Ident> {
        self.name.iter().map(|part| Ident::physical(part)).collect()
    }

    /// A number by which all who write into a table of this name wait for each other, whatever schema it is in: as FNV-1a
    /// has it, the same in every version.
    fn lock(&self) -> i64 {
        let name = self.name.last().map_or(&b""[..], |name| name.as_bytes());
        let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        (name.iter().fold(0xcbf2_9ce4_8422_2325, fold) >> 1).cast_signed()
    }

    /// A name beside the table's that nobody has.
    fn beside(&self) -> Vec<Ident> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let mut name = self.table();
        if let Some(last) = name.last_mut() {
            *last = Ident::physical(&format!("{}_segc_{:x}_{now:x}", last.text(), std::process::id()));
        }
        name
    }

    fn segment_column(&self) -> Expr {
        let last = self.name.last().map_or("", String::as_str);
        Expr::column(&Ident::physical(last), &Ident::physical(COLUMNS[0]))
    }

    /// The rows of the table that are not of these segments.
    fn of_others(&self, segments: &[Membership]) -> Query {
        self.rows(vec![self.are_of(segments).is_not_true()])
    }

    /// The number of rows of each of these segments.
    fn counts(&self, segments: &[Membership]) -> String {
        let mut query = self.rows(vec![self.are_of(segments)]);
        query.body.items.pop();
        query
            .body
            .items
            .push(Item { expr: Expr::call("COUNT", [Expr::int(1)]), alias: Some(Ident::generated("members")) });
        query.body.group_by = vec![self.segment_column()];
        print_statement(&Statement::Query(query), self.dialect)
    }

    fn are_of(&self, segments: &[Membership]) -> Expr {
        let list = segments.iter().map(|segment| Expr::text(segment.segment.as_str())).collect();
        Expr::In { expr: Box::new(self.segment_column()), list }
    }

    /// Rows of the table.
    fn rows(&self, filter: Vec<Expr>) -> Query {
        let last = Ident::physical(self.name.last().map_or("", String::as_str));
        let item = |column: &str| Item { expr: Expr::column(&last, &Ident::physical(column)), alias: None };
        let from = Some(Table { source: Source::Named(self.table()), alias: last.clone() });
        let body = Select { items: COLUMNS.map(item).to_vec(), from, filter, ..Select::default() };
        Query { comment: vec![], ctes: vec![], body }
    }

    fn insert(&self, into: Vec<Ident>, segment: &Membership) -> Step {
        let mut step = self.printed(&Statement::Insert(into, columns(), inserted(segment, self.text_ids)));
        step.segment = Some(segment.segment.clone());
        step
    }

    fn printed(&self, statement: &Statement) -> Step {
        step(print_statement(statement, self.dialect))
    }
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
