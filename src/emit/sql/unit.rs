//! Named queries with one row per profile: aggregates over the events of a type, members of ranked segments, matches of
//! sequences. Requests come first, from what reads them; the queries are built afterwards, the highest layer first,
//! since building one may ask for more of the layers below. Invariant: a unit is built once, after its last request.

use std::sync::Arc;

use super::facts::base;
use super::names::singular;
use super::scope::{Frame, Joined, Row, Scope};
use super::{Emitter, Failure, Result, event_name};
use crate::plan::{DomainId, FieldPath, NodeId, Reduction};
use crate::sql::tree::{Cte, Item, Join, JoinKind, Source, Table};
use crate::sql::{Expr, Ident, Select, layout};

/// The column by which units are joined.
const PROFILE_ID: &str = "profile_id";

/// A named query with one row per profile.
#[derive(Debug)]
pub(super) struct Unit {
    pub kind: UnitKind,
    /// 1 and up: it reads units of lower levels only.
    pub level: u32,
    pub name: Ident,
    pub features: Vec<Feature>,
    /// Lists of events (indices) that it also has.
    pub lists: Vec<usize>,
    pub built: bool,
    /// Its queries, the last of which has its name.
    pub ctes: Vec<Cte>,
}

/// What a unit is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum UnitKind {
    /// The events of a type, or all.
    Events(Option<Arc<str>>),
    /// The profiles that match a sequence (a node).
    Sequence(NodeId),
    /// The members of a segment (an index).
    Members(u32),
}

/// An aggregate over a unit's events.
#[derive(Debug)]
pub(super) struct Feature {
    pub column: Ident,
    /// The domain whose rows are aggregated.
    pub row: DomainId,
    pub reduction: Reduction,
    /// Which of them count.
    pub conditions: Vec<NodeId>,
}

/// The events of a profile as a list of structs.
#[derive(Debug)]
pub(super) struct EventList {
    pub column: Ident,
    pub row: DomainId,
    /// Which of them it has.
    pub conditions: Vec<NodeId>,
    /// The fields of the structs, by what they hold.
    pub fields: Vec<(FieldPath, Ident)>,
    /// Whether their order matters.
    pub ordered: bool,
}

/// The objects of a related class as a map, for use inside lambdas.
#[derive(Debug)]
pub(super) struct Lookup {
    pub class: Arc<str>,
    pub name: Ident,
    pub fields: Vec<(FieldPath, Ident)>,
}

impl Emitter<'_> {
    /// The unit of a kind and level.
    pub(super) fn unit(&mut self, kind: UnitKind, level: u32) -> usize {
        if let Some(index) = self.find_unit(&kind, level) {
            return index;
        }
        let wanted = match &kind {
            UnitKind::Events(event_type) => event_name(event_type.as_deref()),
            UnitKind::Sequence(_) => "sequence_matches".to_owned(),
            UnitKind::Members(index) => {
                let name = self.plan.segments.get(*index as usize).map_or("segment", |segment| &segment.name);
                crate::sql::quote::generated_name(&format!("{name}_members"), "members")
            }
        };
        let name = self.names.fresh(&wanted);
        self.units.push(Unit { kind, level, name, features: vec![], lists: vec![], built: false, ctes: vec![] });
        self.units.len() - 1
    }

    pub(super) fn find_unit(&self, kind: &UnitKind, level: u32) -> Option<usize> {
        self.units.iter().position(|unit| unit.kind == *kind && unit.level == level)
    }

    /// A column of a unit, which is joined to the frame.
    pub(super) fn unit_column(&mut self, frame: &mut Frame, unit: usize, column: &Ident) -> Expr {
        frame.join(Joined::Unit(unit));
        Expr::column(&self.units[unit].name, column)
    }

    /// The column of an aggregate over a unit's events.
    pub(super) fn feature(
        &mut self,
        unit: usize,
        row: DomainId,
        reduction: Reduction,
        conditions: Vec<NodeId>,
    ) -> Ident {
        let found = self.units[unit]
            .features
            .iter()
            .find(|feature| feature.row == row && feature.reduction == reduction && feature.conditions == conditions);
        if let Some(feature) = found {
            return feature.column.clone();
        }
        let column = self.names.fresh(&self.feature_name(unit, &reduction));
        self.units[unit].features.push(Feature { column: column.clone(), row, reduction, conditions });
        column
    }

    fn feature_name(&self, unit: usize, reduction: &Reduction) -> String {
        let unit = self.units[unit].name.text();
        let of = |prefix: &str, node: &NodeId| format!("{prefix}_{}", self.value_name(*node));
        match reduction {
            Reduction::Any | Reduction::Count => format!("{}_count", singular(unit)),
            Reduction::CountDistinct(node) => of("distinct", node),
            Reduction::CountPresent(node) => of("count", node),
            Reduction::Sum(node) => of("sum", node),
            Reduction::Min(node) => of("min", node),
            Reduction::Max(node) => of("max", node),
            Reduction::Mean(node) => of("mean", node),
            Reduction::First { value, .. } => of("first", value),
            Reduction::Last { value, .. } => of("last", value),
            Reduction::List(node) => of("list", node),
        }
    }

    /// The list of a profile's events in a unit for which some conditions are true.
    pub(super) fn event_list(&mut self, unit: usize, row: DomainId, conditions: Vec<NodeId>, ordered: bool) -> usize {
        let found = self.units[unit].lists.iter().copied().find(|&list| {
            let list = &self.lists[list];
            list.row == row && list.conditions == conditions
        });
        if let Some(index) = found {
            self.lists[index].ordered |= ordered;
            return index;
        }
        let wanted = format!("{}_list", singular(self.units[unit].name.text()));
        let column = self.names.fresh(&wanted);
        self.lists.push(EventList { column, row, conditions, fields: vec![], ordered });
        self.units[unit].lists.push(self.lists.len() - 1);
        self.lists.len() - 1
    }

    /// The field of an event list that holds a path of the event's record.
    pub(super) fn event_field(&mut self, list: usize, path: &FieldPath) -> Ident {
        field_of(&mut self.lists[list].fields, path)
    }

    /// Builds every unit that was asked for, the highest layer first.
    pub(super) fn build_units(&mut self) -> Result<()> {
        loop {
            let next = (0..self.units.len()).filter(|&unit| !self.units[unit].built).max_by_key(|&unit| {
                // Of one layer in the order of the requests.
                (self.units[unit].level, usize::MAX - unit)
            });
            let Some(unit) = next else { return Ok(()) };
            self.units[unit].built = true;
            let ctes = match self.units[unit].kind.clone() {
                UnitKind::Events(event_type) => vec![self.event_unit(unit, event_type)?],
                UnitKind::Sequence(node) => self.sequence_unit(unit, node)?,
                UnitKind::Members(index) => {
                    let Some(segment) = self.plan.segments.get(index as usize) else {
                        return Err(Failure::Unsupported("a segment that is not in the plan".to_owned()));
                    };
                    let select = self.members(segment, Some(Ident::generated(PROFILE_ID)))?;
                    vec![Cte { name: self.units[unit].name.clone(), select }]
                }
            };
            self.units[unit].ctes = ctes;
        }
    }

    /// The query of the aggregates over the events of a type.
    fn event_unit(&mut self, unit: usize, event_type: Option<Arc<str>>) -> Result<Cte> {
        let mut frame = Frame::events();
        let Some(event) = frame.event.clone() else { return Err(Failure::Unsupported("events".to_owned())) };
        let features = std::mem::take(&mut self.units[unit].features);
        let lists = self.units[unit].lists.clone();
        let all: Vec<&[NodeId]> = features
            .iter()
            .map(|feature| feature.conditions.as_slice())
            .chain(lists.iter().map(|&list| self.lists[list].conditions.as_slice()))
            .collect();
        let common = common(&all);
        let bounds = self.time_bounds(&all, &common);
        let scope = |row| Scope::default().with(row, Row::Event(event.clone()));
        let id = self.profile_id(&mut frame);
        let mut items = vec![Item { expr: id.clone(), alias: Some(Ident::generated(PROFILE_ID)) }];
        for feature in &features {
            let rest = without(&feature.conditions, &common);
            let filter = self.conditions(&mut frame, &scope(feature.row), &rest)?;
            let expr = self.aggregate(&mut frame, &scope(feature.row), &feature.reduction, filter)?;
            items.push(Item { expr, alias: Some(feature.column.clone()) });
        }
        for list in lists {
            let rest = without(&self.lists[list].conditions, &common);
            let row = self.lists[list].row;
            let filter = self.conditions(&mut frame, &scope(row), &rest)?;
            let expr = self.collected(&mut frame, &scope(row), list, filter)?;
            items.push(Item { expr, alias: Some(self.lists[list].column.clone()) });
        }
        let row = features.first().map(|f| f.row).or(self.units[unit].lists.first().map(|&list| self.lists[list].row));
        let mut filter = self.of_type(&event, event_type.as_deref());
        filter.extend(bounds.into_iter().map(|bound| bound.over(layout::column(&event, &self.layout.event_time))));
        if let Some(row) = row {
            filter.extend(self.conditions(&mut frame, &scope(row), &common)?);
        }
        let mut select = Select { items, filter, group_by: vec![id], ..Select::default() };
        self.finish(frame, &mut select)?;
        Ok(Cte { name: self.units[unit].name.clone(), select })
    }

    /// The events of a type.
    pub(super) fn of_type(&self, event: &Ident, event_type: Option<&str>) -> Vec<Expr> {
        let column = layout::column(event, &self.layout.event_type);
        event_type.map(|name| column.eq(Expr::text(name))).into_iter().collect()
    }

    /// Conditions as conjuncts of a clause where null counts as false.
    pub(super) fn conditions(&mut self, frame: &mut Frame, scope: &Scope, nodes: &[NodeId]) -> Result<Vec<Expr>> {
        let mut all = Vec::new();
        for &node in nodes {
            all.extend(self.predicate(frame, scope, node)?.expr.conjuncts());
        }
        Ok(all)
    }

    /// The join of a table to a frame with this id of the profile.
    pub(super) fn joined(&mut self, joined: &Joined, frame: &Frame, id: &Expr) -> Result<Join> {
        let profile_id = Ident::generated(PROFILE_ID);
        Ok(match joined {
            Joined::Profile => {
                let alias = frame.profile.clone();
                let on = layout::column(&alias, &self.layout.profile_id).eq(id.clone());
                let source = Source::Named(self.layout.profiles.name());
                Join { kind: JoinKind::Inner, table: Table { source, alias }, on: vec![on] }
            }
            Joined::Unit(unit) => {
                let name = self.units[*unit].name.clone();
                let on = Expr::column(&name, &profile_id).eq(id.clone());
                let kind = if frame.required.contains(unit) { JoinKind::Inner } else { JoinKind::Left };
                let table = Table { source: Source::Named(vec![name.clone()]), alias: name };
                Join { kind, table, on: vec![on] }
            }
            Joined::Attached { path, alias } => {
                let Some(table) = self.layout.attached.get(path) else {
                    return Err(Failure::Unsupported(format!("`{path}`, for which no table is given,")));
                };
                let on = layout::column(alias, &table.key).eq(id.clone());
                let table = Table { source: Source::Named(table.records.name()), alias: alias.clone() };
                Join { kind: JoinKind::Left, table, on: vec![on] }
            }
            Joined::Related { class, key, alias } => {
                let Some(table) = self.layout.classes.get(&**class) else {
                    return Err(Failure::Unsupported(format!("the class `{class}`, for which no table is given,")));
                };
                let on = layout::column(alias, &table.key).eq(key.clone());
                let table = Table { source: Source::Named(table.records.name()), alias: alias.clone() };
                Join { kind: JoinKind::Left, table, on: vec![on] }
            }
            Joined::Lookup(index) => {
                let name = self.lookups[*index].name.clone();
                let table = Table { source: Source::Named(vec![name.clone()]), alias: name };
                Join { kind: JoinKind::Cross, table, on: vec![] }
            }
        })
    }

    /// The events of a list as structs in their order.
    fn collected(&mut self, frame: &mut Frame, scope: &Scope, list: usize, filter: Vec<Expr>) -> Result<Expr> {
        let (row, ordered) = (self.lists[list].row, self.lists[list].ordered);
        let order = if ordered { self.event_order(scope, row)? } else { vec![] };
        let mut fields = Vec::new();
        for (path, name) in self.lists[list].fields.clone() {
            fields.push((name, self.record_path(frame, scope, row, &path)?));
        }
        if fields.is_empty() {
            fields.push((Ident::generated("present"), Expr::bool(true)));
        }
        Ok(self.dialect.agg_list(Expr::Struct(fields), order, filter)?)
    }

    /// The named queries of the maps of related objects.
    pub(super) fn build_lookups(&mut self) -> Result<Vec<Cte>> {
        let mut ctes = Vec::new();
        for lookup in &self.lookups {
            let Some(table) = self.layout.classes.get(&*lookup.class) else {
                return Err(Failure::Unsupported(format!(
                    "the class `{}`, for which no table is given,",
                    lookup.class
                )));
            };
            let alias = Ident::generated("r");
            let mut fields = Vec::new();
            for (path, name) in &lookup.fields {
                fields.push((name.clone(), self.physical(&alias, &table.records, path)?));
            }
            let key = layout::column(&alias, &table.key);
            let expr = self.dialect.agg_map(key, Expr::Struct(fields))?;
            let from = Table { source: Source::Named(table.records.name()), alias };
            let items = vec![Item { expr, alias: Some(Ident::generated("objects")) }];
            ctes.push(Cte {
                name: lookup.name.clone(),
                select: Select { items, from: Some(from), ..Select::default() },
            });
        }
        Ok(ctes)
    }

    /// The index of the lookup of a class, and its field of a path.
    pub(super) fn lookup(&mut self, class: &Arc<str>, path: &FieldPath) -> (usize, Ident) {
        let index = match self.lookups.iter().position(|lookup| lookup.class == *class) {
            Some(index) => index,
            None => {
                let wanted = format!("{}_lookup", crate::sql::quote::generated_name(class, "class"));
                let name = self.names.fresh(&wanted);
                self.lookups.push(Lookup { class: class.clone(), name, fields: vec![] });
                self.lookups.len() - 1
            }
        };
        let field = field_of(&mut self.lookups[index].fields, path);
        (index, field)
    }

    /// The domain whose rows a domain's are.
    pub(super) fn base(&self, domain: DomainId) -> DomainId {
        base(self.plan, domain)
    }
}

/// The field that holds a path, made if there is none; named as the path's last step.
fn field_of(fields: &mut Vec<(FieldPath, Ident)>, path: &FieldPath) -> Ident {
    if let Some((_, name)) = fields.iter().find(|(known, _)| known == path) {
        return name.clone();
    }
    let wanted = super::names::last_field(path).to_owned();
    let mut name = wanted.clone();
    let mut number = 2;
    while fields.iter().any(|(_, taken)| taken.text().eq_ignore_ascii_case(&name)) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    let name = Ident::physical(&name);
    fields.push((path.clone(), name.clone()));
    name
}

/// The conditions that all have.
fn common(all: &[&[NodeId]]) -> Vec<NodeId> {
    let Some((first, rest)) = all.split_first() else { return vec![] };
    first.iter().copied().filter(|node| rest.iter().all(|other| other.contains(node))).collect()
}

fn without(conditions: &[NodeId], common: &[NodeId]) -> Vec<NodeId> {
    conditions.iter().copied().filter(|node| !common.contains(node)).collect()
}
