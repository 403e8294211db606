//! Where an expression is evaluated: which rows are bound to what, and the `FROM` clause that grows as columns of further
//! tables are asked for. Invariant: a frame joins a table at most once, and never in a way that changes the number of
//! its rows, except for joins that are asked for as required.

use std::sync::Arc;

use crate::plan::DomainId;
use crate::sql::{Expr, Ident};

/// What a row of a domain is bound to.
#[derive(Debug, Clone)]
pub(super) enum Row {
    /// The profile: columns of the profile table.
    Profile,
    /// A row of the event table under this alias.
    Event(Ident),
    /// An event as a struct of a list (an index into the emitter's lists).
    EventItem { list: usize, item: Expr },
    /// An event as a row of a named query with the columns of a list (an index).
    Projected { list: usize, table: Ident },
    /// An object that is an element of a stored list.
    Object(Expr),
    /// An element of a list of scalars.
    Scalar(Expr),
    /// An entry of a map: a struct of `key` and `value`.
    Entry(Expr),
    /// A group, by its key.
    Group(Expr),
    /// A group as a row of a named query of a unit (an index).
    GroupOfTable { unit: usize, table: Ident },
}

/// The list that a row is an element of, where ranks within it are asked for.
#[derive(Debug, Clone)]
pub(super) struct Position {
    /// The whole list.
    pub list: Expr,
    /// The parameter that holds the element's position.
    pub index: Ident,
    /// Conditions that all elements of the list satisfy.
    pub satisfied: Vec<crate::plan::NodeId>,
    /// The field of the list's structs that holds the row, where each struct holds several.
    pub packed: Option<usize>,
}

impl Row {
    /// The expression that holds the row; none where it is a row of a table.
    pub(super) fn item(&self) -> Expr {
        match self {
            Row::EventItem { item, .. }
            | Row::Object(item)
            | Row::Scalar(item)
            | Row::Entry(item)
            | Row::Group(item) => item.clone(),
            Row::Profile | Row::Event(_) | Row::Projected { .. } | Row::GroupOfTable { .. } => Expr::bool(true),
        }
    }

    /// Such a row held by another expression.
    pub(super) fn at(&self, item: Expr) -> Row {
        match self {
            Row::EventItem { list, .. } => Row::EventItem { list: *list, item },
            Row::Object(_) => Row::Object(item),
            Row::Scalar(_) => Row::Scalar(item),
            Row::Entry(_) => Row::Entry(item),
            Row::Group(_) => Row::Group(item),
            table @ (Row::Profile | Row::Event(_) | Row::Projected { .. } | Row::GroupOfTable { .. }) => table.clone(),
        }
    }

    /// Whether it is a row of a table of the `FROM` clause.
    pub(super) fn is_of_table(&self) -> bool {
        matches!(self, Row::Profile | Row::Event(_) | Row::Projected { .. } | Row::GroupOfTable { .. })
    }
}

/// The rows in sight, innermost last.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    rows: Vec<(DomainId, Row, Option<Position>)>,
}

impl Scope {
    /// This scope with a further row.
    pub(super) fn with(&self, domain: DomainId, row: Row) -> Scope {
        self.with_position(domain, row, None)
    }

    /// This scope with a further row and its place in its list.
    pub(super) fn with_position(&self, domain: DomainId, row: Row, position: Option<Position>) -> Scope {
        let mut rows = self.rows.clone();
        rows.push((domain, row, position));
        Scope { rows }
    }

    /// The row of a domain that is no filter.
    pub(super) fn row(&self, domain: DomainId) -> Option<&Row> {
        self.rows.iter().rev().find(|(bound, ..)| *bound == domain).map(|(_, row, _)| row)
    }

    /// Where the row of a domain is in its list.
    pub(super) fn position(&self, domain: DomainId) -> Option<&Position> {
        self.rows.iter().rev().find(|(bound, ..)| *bound == domain).and_then(|(.., position)| position.as_ref())
    }
}

/// A `FROM` clause in the making.
#[derive(Debug)]
pub(super) struct Frame {
    /// The first table.
    pub first: First,
    /// The alias of the profile table.
    pub profile: Ident,
    /// Whether the profile table is in it.
    pub has_profile: bool,
    /// Tables joined, in order.
    pub joins: Vec<Joined>,
    /// Units (indices) whose rows a result must have.
    pub required: Vec<usize>,
}

/// The first table of a frame.
#[derive(Debug, Clone)]
pub(super) enum First {
    /// The profile table, under the frame's alias for it.
    Profiles,
    /// The event table under an alias.
    Events(Ident),
    /// A named query with the profile's id, under an alias.
    Query { name: Ident, alias: Ident },
}

/// A table joined to a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Joined {
    /// The profile of an event.
    Profile,
    /// An aggregated table, by its index.
    Unit(usize),
    /// A table with one row per profile, by the path that it holds.
    Attached { path: String, alias: Ident },
    /// An object of a related class by its key.
    Related { class: Arc<str>, key: Expr, alias: Ident },
    /// All objects of a related class, as a map.
    Lookup(usize),
}

impl Frame {
    /// Over the profile table.
    pub(super) fn profiles() -> Frame {
        Frame { has_profile: true, ..Frame::over(First::Profiles) }
    }

    /// Over the event table under an alias.
    pub(super) fn events(alias: &Ident) -> Frame {
        Frame::over(First::Events(alias.clone()))
    }

    /// Over a table.
    pub(super) fn over(first: First) -> Frame {
        Frame { first, profile: Ident::generated("p"), has_profile: false, joins: vec![], required: vec![] }
    }

    /// Brings in a table unless it is there.
    pub(super) fn join(&mut self, table: Joined) {
        if !self.joins.contains(&table) {
            self.joins.push(table);
        }
    }

    /// The alias of the profile table, which is then in the frame.
    pub(super) fn profile(&mut self) -> Ident {
        if !self.has_profile {
            self.has_profile = true;
            self.joins.insert(0, Joined::Profile);
        }
        self.profile.clone()
    }
}
