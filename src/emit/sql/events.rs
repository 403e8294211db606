//! The events where they are not one plain table: a nested query over the tables that may hold the types that are asked
//! for, of the columns that are asked for. Invariant: a condition on the time or the type stands within, over the raw
//! columns of each table, so that partitions out of it are not read; a table is asked for no column that none of its
//! events is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Emitter, Failure, Result};
use crate::plan::DomainId;
use crate::sql::layout::{EventTable, EventType};
use crate::sql::tree::{BinaryOp, Item, Literal, Source, Table};
use crate::sql::{Expr, Ident, Select, SqlType, quote};

/// A column of the nested queries.
#[derive(Debug)]
pub(super) struct EventColumn {
    /// Its name.
    pub name: Ident,
    /// The fields of the schema that lead to it.
    pub path: Vec<String>,
    /// The type of its values.
    pub ty: SqlType,
    /// The types of the events of which it is asked; `None` among them for all.
    pub asked_of: BTreeSet<Option<Arc<str>>>,
}

impl Emitter<'_> {
    /// The column of a path of the events of a domain.
    pub(super) fn event_column(&mut self, domain: DomainId, path: &[&str], ty: &SqlType) -> Ident {
        let event_type = self.event_type_of(domain);
        let known = self.event_columns.iter_mut().find(|column| column.path == path && column.ty == *ty);
        if let Some(column) = known {
            column.asked_of.insert(event_type);
            return column.name.clone();
        }
        let wanted = quote::generated_name(path.last().copied().unwrap_or_default(), "field");
        let mut name = wanted.clone();
        let mut number = 2;
        while self.event_columns.iter().any(|column| column.name.text() == name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        // A field may be called like a keyword.
        let name = Ident::physical(&name);
        self.event_columns.push(EventColumn {
            name: name.clone(),
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            ty: ty.clone(),
            asked_of: [event_type].into(),
        });
        name
    }

    /// What a query reads as its events, under their alias: the conditions that stand within are taken out of it.
    pub(super) fn events_source(&self, select: &mut Select, alias: &Ident) -> Result<Source> {
        let layout = self.layout;
        if layout.event_tables.is_empty() {
            return Ok(Source::Named(layout.events.name()));
        }
        let fixed =
            [&layout.event_time, &layout.event_type].map(|path| Ident::physical(path.first().map_or("", |p| p)));
        let is_fixed =
            |filter: &Expr| columns_of_expr(filter, alias).is_some_and(|all| all.iter().all(|c| fixed.contains(c)));
        let (within, rest): (Vec<Expr>, Vec<Expr>) = std::mem::take(&mut select.filter).into_iter().partition(is_fixed);
        let types = within.iter().chain(&rest).filter_map(|filter| self.types_in(filter, alias));
        let types = types.reduce(|a, b| a.intersection(&b).cloned().collect());
        select.filter = rest;
        let columns = columns_of(select, alias);
        let mut parts = Vec::new();
        for table in &layout.event_tables {
            if let (EventType::Constant(own), Some(types)) = (&table.event_type, &types)
                && !types.contains(own.as_str())
            {
                continue;
            }
            if let Some(part) = self.of_table(table, alias, &columns, &within)? {
                parts.push(part);
            }
        }
        if parts.is_empty()
            && let Some(table) = layout.event_tables.first()
        {
            let mut none = self.of_table(table, alias, &columns, &[])?.unwrap_or_default();
            none.filter = vec![Expr::bool(false)];
            parts.push(none);
        }
        let mut parts = parts.into_iter();
        let first = parts.next().ok_or_else(|| Failure::Unsupported("events of no table".to_owned()))?;
        Ok(Source::Select(Box::new(Select { union_all: parts.collect(), ..first })))
    }

    /// The types that an event must have one of for a condition to be true; none if it may have any.
    fn types_in(&self, condition: &Expr, events: &Ident) -> Option<BTreeSet<Arc<str>>> {
        let is_type = |expr: &Expr| match expr {
            Expr::Column { table, column } => {
                table == events && self.layout.event_type.first().is_some_and(|name| name == column.text())
            }
            _ => false,
        };
        match condition {
            Expr::Binary { op: BinaryOp::Eq, left, right } if is_type(left) => Some([text(right)?].into()),
            Expr::In { expr, list } if is_type(expr) => list.iter().map(text).collect(),
            Expr::And(all) => {
                let types = all.iter().filter_map(|inner| self.types_in(inner, events));
                types.reduce(|a, b| a.intersection(&b).cloned().collect())
            }
            Expr::Or(all) => {
                let types: Option<Vec<BTreeSet<Arc<str>>>> =
                    all.iter().map(|inner| self.types_in(inner, events)).collect();
                Some(types?.into_iter().flatten().collect())
            }
            _ => None,
        }
    }

    /// The events of one table; none where it cannot hold any that is asked for.
    fn of_table(
        &self,
        table: &EventTable,
        events: &Ident,
        columns: &BTreeSet<Ident>,
        within: &[Expr],
    ) -> Result<Option<Select>> {
        let alias = Ident::generated("t");
        let layout = self.layout;
        let mut filter = Vec::new();
        for condition in within {
            match self.over_raw(table, events, &alias, condition)? {
                Expr::Literal(Literal::Bool(true)) => {}
                Expr::Literal(Literal::Bool(false)) => return Ok(None),
                other => filter.push(other),
            }
        }
        let mut items = Vec::new();
        for column in columns {
            let is = |path: &[String]| path.first().is_some_and(|first| column.text() == first);
            let expr = if is(&layout.event_profile) {
                self.at(&alias, &table.profile, &SqlType::Text)?
            } else if is(&layout.event_type) {
                self.type_in(table, &alias)?
            } else if is(&layout.event_time) {
                self.time_in(table, &alias)?
            } else if layout.event_id.as_deref().is_some_and(is) {
                match &table.id {
                    Some(id) => self.at(&alias, id, &SqlType::Text)?,
                    None => Expr::Null(SqlType::Text),
                }
            } else {
                self.field_in(table, &alias, column)?
            };
            items.push(Item { expr, alias: Some(column.clone()) });
        }
        let from = Some(Table { source: Source::Named(table.records.name()), alias });
        Ok(Some(Select { items, from, filter, ..Select::default() }))
    }

    fn field_in(&self, table: &EventTable, alias: &Ident, column: &Ident) -> Result<Expr> {
        let Some(known) = self.event_columns.iter().find(|known| known.name == *column) else {
            return Err(Failure::Unsupported("a column of no field".to_owned()));
        };
        let asked = match &table.event_type {
            EventType::Column(_) => true,
            EventType::Constant(own) => {
                known.asked_of.iter().any(|asked| asked.as_deref().is_none_or(|asked| *asked == **own))
            }
        };
        if !asked {
            return Ok(self.nothing(&known.ty));
        }
        let path: Vec<&str> = known.path.iter().map(String::as_str).collect();
        self.placed(alias, &table.records.place(&path), &[], &known.ty, &table.records.times)
    }

    /// What stands for a column of events that nobody asks for it: of objects whose fields nobody knows there is no type.
    fn nothing(&self, ty: &SqlType) -> Expr {
        match ty {
            SqlType::List(_) if !self.dialect.abilities().null_lists => Expr::List(vec![]),
            ty if ty.holds_objects() => Expr::words("NULL"),
            ty => Expr::Null(ty.clone()),
        }
    }

    fn type_in(&self, table: &EventTable, alias: &Ident) -> Result<Expr> {
        match &table.event_type {
            EventType::Column(path) => self.at(alias, path, &SqlType::Text),
            EventType::Constant(name) => Ok(Expr::text(name.as_str())),
        }
    }

    fn time_in(&self, table: &EventTable, alias: &Ident) -> Result<Expr> {
        self.placed(alias, &table.time, &[], &SqlType::Timestamp, &table.records.times)
    }

    /// A condition on the type and the time of events over the raw columns of a table; a constant where it is one.
    fn over_raw(&self, table: &EventTable, events: &Ident, alias: &Ident, condition: &Expr) -> Result<Expr> {
        let layout = self.layout;
        let is = |expr: &Expr, path: &[String]| match expr {
            Expr::Column { table, column } => table == events && path.first().is_some_and(|p| p == column.text()),
            _ => false,
        };
        let (time, event_type) = (self.time_in(table, alias)?, self.type_in(table, alias)?);
        let raw = condition.clone().rewritten(&mut |expr| match expr {
            column if is(&column, &layout.event_time) => time.clone(),
            column if is(&column, &layout.event_type) => event_type.clone(),
            other => folded(other),
        });
        Ok(raw)
    }
}

fn text(expr: &Expr) -> Option<Arc<str>> {
    match expr {
        Expr::Literal(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Comparisons of texts that are known, and what follows from them.
fn folded(expr: Expr) -> Expr {
    match expr {
        Expr::Binary { op: BinaryOp::Eq, left, right } => match (text(&left), text(&right)) {
            (Some(a), Some(b)) => Expr::bool(a == b),
            _ => Expr::eq(*left, *right),
        },
        Expr::In { expr, list } => match text(&expr) {
            Some(known) if list.iter().all(|item| text(item).is_some()) => {
                Expr::bool(list.iter().any(|item| text(item) == Some(known.clone())))
            }
            _ => Expr::In { expr, list },
        },
        Expr::And(all) => Expr::and(all),
        Expr::Or(all) => Expr::or(all),
        Expr::Not(inner) => inner.negate(),
        other => other,
    }
}

/// The columns of a table that a query names.
pub(super) fn columns_of(select: &Select, alias: &Ident) -> BTreeSet<Ident> {
    let mut columns = BTreeSet::new();
    select.walk(&mut |expr| {
        if let Expr::Column { table, column } = expr
            && table == alias
        {
            columns.insert(column.clone());
        }
    });
    columns
}

/// The same of an expression; none where it names other tables' columns too.
fn columns_of_expr(expr: &Expr, alias: &Ident) -> Option<BTreeSet<Ident>> {
    let (mut columns, mut own) = (BTreeSet::new(), true);
    expr.walk(&mut |expr| {
        if let Expr::Column { table, column } = expr {
            own &= table == alias;
            columns.insert(column.clone());
        }
    });
    own.then_some(columns)
}
