//! The named queries with one row per profile, and the joins that bring them into others. Invariant: when a unit is built,
//! all units that read it have been.

use std::sync::Arc;

use super::scope::{First, Frame, Joined, Row, Scope};
use super::unit::{Feature, GROUP_KEY, PROFILE_ID, Stored, UnitKind};
use super::{Emitter, Failure, Result};
use crate::plan::{DomainId, DomainKind, NodeId, Op};
use crate::sql::tree::{BinaryOp, Cte, Item, Join, JoinKind, Order, Source, Table};
use crate::sql::{Expr, Ident, Select, SqlType};

impl Emitter<'_> {
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
                UnitKind::Events(_) | UnitKind::AllEvents => vec![self.event_unit(unit)?],
                UnitKind::Best(top) => self.best_unit(unit, top)?,
                UnitKind::Groups(groups) => self.group_unit(unit, groups)?,
                UnitKind::Sequence(node) => self.sequence_unit(unit, node)?,
                UnitKind::Chain(node) => self.chain_unit(unit, node)?,
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

    /// The query of the aggregates over the events of a type, or of several.
    fn event_unit(&mut self, unit: usize) -> Result<Cte> {
        let event = Ident::generated("e");
        let mut frame = self.events_frame(&event);
        let features = std::mem::take(&mut self.units[unit].features);
        let lists = self.units[unit].lists.clone();
        let all: Vec<&[NodeId]> = features
            .iter()
            .map(|feature| feature.conditions.as_slice())
            .chain(lists.iter().map(|&list| self.lists[list].conditions.as_slice()))
            .collect();
        let common = common(&all);
        let bounds = self.unit_bounds(&features, &lists, &common);
        let row = Row::Event(event.clone());
        // What the scan asks for, no aggregate asks again.
        let asked: Vec<NodeId> = all_nodes(&all)
            .filter(|&node| common.contains(&node) || self.bound(node).is_some_and(|bound| bounds.contains(&bound)))
            .collect();
        let types = self.types_of(&features, &lists);
        let mut items = Vec::new();
        for feature in &features {
            let own = self.own_type(&event, feature.row, &types)?;
            items.push(self.feature_item(&mut frame, feature, &row, &asked, own)?);
        }
        for &list in &lists {
            let scope = Scope::default().with(self.lists[list].row, row.clone());
            let rest = without(&self.lists[list].conditions, &asked);
            let mut filter = self.own_type(&event, self.lists[list].row, &types)?;
            filter.extend(self.conditions(&mut frame, &scope, &rest)?);
            let time = self.time_of(&event)?;
            filter.extend(self.lists[list].since.filter(|since| !bounds.contains(since)).map(|since| since.over(time)));
            let expr = self.collected(&mut frame, &scope, list, filter)?;
            items.push(Item { expr, alias: Some(self.lists[list].column.clone()) });
        }
        let any_row = features.first().map(|f| f.row).or(lists.first().map(|&list| self.lists[list].row));
        let known: Option<Vec<&str>> = types.iter().map(Option::as_deref).collect();
        let mut filter = match known {
            Some(types) => self.of_types(&event, &types)?,
            None => vec![],
        };
        let time = self.time_of(&event)?;
        filter.extend(bounds.into_iter().map(|bound| bound.over(time.clone())));
        if let Some(domain) = any_row {
            filter.extend(self.conditions(&mut frame, &Scope::default().with(domain, row), &common)?);
        }
        if let Some((guarded, conditions)) = self.guard.clone()
            && guarded == unit
        {
            match self.dialect.thins_by_membership() {
                true => filter.push(self.profile_among(&frame, &conditions)?),
                false => {
                    frame.profile();
                    filter.extend(self.conditions(&mut frame, &Scope::default(), &conditions)?);
                }
            }
        }
        self.per_profile(unit, frame, items, filter)
    }

    /// Whether a frame's profile is one of those that meet some conditions on attributes.
    fn profile_among(&mut self, frame: &Frame, conditions: &[NodeId]) -> Result<Expr> {
        let expr = Box::new(self.profile_id(frame)?);
        let mut profiles = Frame::profiles();
        let filter = self.conditions(&mut profiles, &Scope::default(), conditions)?;
        let items = vec![Item { expr: self.profile_id(&profiles)?, alias: None }];
        let mut query = Select { items, filter, ..Select::default() };
        self.finish(profiles, &mut query)?;
        Ok(Expr::InQuery { expr, query: Box::new(query) })
    }

    /// The query with a unit's name: a row per profile.
    fn per_profile(&mut self, unit: usize, frame: Frame, items: Vec<Item>, filter: Vec<Expr>) -> Result<Cte> {
        let id = self.profile_id(&frame)?;
        let first = Item { expr: id.clone(), alias: Some(Ident::generated(PROFILE_ID)) };
        let items = std::iter::once(first).chain(items).collect();
        let mut select = Select { items, filter, group_by: vec![id], ..Select::default() };
        self.finish(frame, &mut select)?;
        Ok(Cte { name: self.units[unit].name.clone(), select })
    }

    /// Aggregates over rows that are bound alike.
    fn feature_items(
        &mut self,
        frame: &mut Frame,
        features: &[Feature],
        row: &Row,
        common: &[NodeId],
    ) -> Result<Vec<Item>> {
        features.iter().map(|feature| self.feature_item(frame, feature, row, common, vec![])).collect()
    }

    /// An aggregate over rows that meet some conditions already, and of which only some count.
    fn feature_item(
        &mut self,
        frame: &mut Frame,
        feature: &Feature,
        row: &Row,
        common: &[NodeId],
        mut filter: Vec<Expr>,
    ) -> Result<Item> {
        let scope = Scope::default().with(feature.row, row.clone());
        let rest = without(&feature.conditions, common);
        filter.extend(self.conditions(frame, &scope, &rest)?);
        let expr = match feature.is {
            Some(constant) => self.end_is(frame, &scope, &feature.reduction, constant, filter)?,
            None => self.aggregate(frame, &scope, &feature.reduction, filter)?,
        };
        Ok(Item { expr, alias: Some(feature.column.clone()) })
    }

    /// The types of the events that a unit reads; `None` among them if it reads all.
    fn types_of(&self, features: &[Feature], lists: &[usize]) -> Vec<Option<Arc<str>>> {
        let rows = features.iter().map(|feature| feature.row).chain(lists.iter().map(|&list| self.lists[list].row));
        let mut types = Vec::new();
        for event_type in rows.map(|row| self.event_type_of(row)) {
            if !types.contains(&event_type) {
                types.push(event_type);
            }
        }
        types
    }

    /// The type of a row's events.
    pub(super) fn event_type_of(&self, row: DomainId) -> Option<Arc<str>> {
        match &self.plan.domains[self.base(row).0 as usize].kind {
            DomainKind::Events { event_type } => event_type.clone(),
            _ => None,
        }
    }

    /// The condition that an event has a row's type, where a unit reads events of others too.
    fn own_type(&self, event: &Ident, row: DomainId, types: &[Option<Arc<str>>]) -> Result<Vec<Expr>> {
        if types.len() > 1 { self.of_type(event, self.event_type_of(row).as_deref()) } else { Ok(vec![]) }
    }

    /// The queries of the aggregates over the best of each profile's events: the events with their place in the order,
    /// and the aggregates over those that come first.
    fn best_unit(&mut self, unit: usize, top: NodeId) -> Result<Vec<Cte>> {
        let node = self.node(top);
        let Op::Top { mask, key, count, descending, .. } = &node.op else {
            return Err(Failure::Unsupported("a rank".to_owned()));
        };
        let domain = self.base(node.domain);
        let list = self.projection(domain);
        let name = self.names.fresh(&format!("ranked_{}", self.row_name(domain)));
        let alias = Ident::generated("b");
        let place = Ident::generated("place_in_order");
        let mut outer = Frame::over(First::Query { name: name.clone(), alias: alias.clone() });
        let features = std::mem::take(&mut self.units[unit].features);
        let row = Row::Projected { list, table: alias.clone() };
        let items = self.feature_items(&mut outer, &features, &row, &[])?;
        let limit = Expr::int(i64::try_from(*count).unwrap_or(i64::MAX));
        let filter = vec![Expr::column(&alias, &place).binary(BinaryOp::Le, limit)];
        let outer = self.per_profile(unit, outer, items, filter)?;

        let event = Ident::generated("e");
        let mut frame = self.events_frame(&event);
        let scope = Scope::default().with(domain, Row::Event(event.clone()));
        let id = self.profile_id(&frame)?;
        let mut items = vec![Item { expr: id.clone(), alias: Some(Ident::generated(PROFILE_ID)) }];
        for Stored { path, field, ty } in self.lists[list].fields.clone() {
            items.push(Item { expr: self.record_path(&mut frame, &scope, domain, &path, &ty)?, alias: Some(field) });
        }
        let key_expr = self.value(&mut frame, &scope, *key)?;
        let by_key = self.ordered(*key, key_expr.clone())?;
        let by_key = Order { expr: by_key, descending: *descending, nullable: false };
        let order_by = std::iter::once(by_key).chain(self.event_order(&scope, domain)?).collect();
        let rank = Expr::Window {
            function: Box::new(Expr::call("row_number", [])),
            partition_by: vec![id],
            order_by,
            frame: None,
        };
        items.push(Item { expr: rank, alias: Some(place) });
        let mut filter = match &self.plan.domains[domain.0 as usize].kind {
            DomainKind::Events { event_type } => self.of_type(&event, event_type.as_deref())?,
            _ => return Err(Failure::Unsupported("a rank of rows that are no events".to_owned())),
        };
        let masks: Vec<NodeId> =
            mask.iter().flat_map(|&mask| self.conjuncts(mask)).chain(self.filters(node.domain)).collect();
        filter.extend(self.conditions(&mut frame, &scope, &masks)?);
        if self.nullable(*key) {
            filter.push(key_expr.is_present());
        }
        let mut select = Select { items, filter, ..Select::default() };
        self.finish(frame, &mut select)?;
        Ok(vec![Cte { name, select }, outer])
    }

    /// The queries of the aggregates over the groups of each profile's events: a row per group, and a row per profile.
    fn group_unit(&mut self, unit: usize, groups: DomainId) -> Result<Vec<Cte>> {
        let DomainKind::Groups { of, mask, key } = &self.plan.domains[groups.0 as usize].kind else {
            return Err(Failure::Unsupported("groups".to_owned()));
        };
        let name = self.names.fresh(&self.group_name(groups));
        let alias = Ident::generated("g");
        let mut outer = Frame::over(First::Query { name: name.clone(), alias: alias.clone() });
        let features = std::mem::take(&mut self.units[unit].features);
        let row = Row::GroupOfTable { unit, table: alias };
        let items = self.feature_items(&mut outer, &features, &row, &[])?;
        let outer = self.per_profile(unit, outer, items, vec![])?;

        let domain = self.base(*of);
        let event = Ident::generated("e");
        let mut frame = self.events_frame(&event);
        let row = Row::Event(event.clone());
        let scope = Scope::default().with(domain, row.clone());
        let id = self.profile_id(&frame)?;
        let key_expr = self.value(&mut frame, &scope, *key)?;
        let mut items = vec![
            Item { expr: id.clone(), alias: Some(Ident::generated(PROFILE_ID)) },
            Item { expr: key_expr.clone(), alias: Some(Ident::generated(GROUP_KEY)) },
        ];
        let inner = std::mem::take(&mut self.units[unit].inner);
        items.extend(self.feature_items(&mut frame, &inner, &row, &[])?);
        let mut filter = match &self.plan.domains[domain.0 as usize].kind {
            DomainKind::Events { event_type } => self.of_type(&event, event_type.as_deref())?,
            _ => return Err(Failure::Unsupported("groups of rows that are no events".to_owned())),
        };
        let masks: Vec<NodeId> = mask.iter().flat_map(|&mask| self.conjuncts(mask)).chain(self.filters(*of)).collect();
        filter.extend(self.conditions(&mut frame, &scope, &masks)?);
        if self.nullable(*key) {
            filter.push(key_expr.clone().is_present());
        }
        if self.is_text(*key) {
            self.dialect.can_gather_texts()?;
        }
        let mut select = Select { items, filter, group_by: vec![id, key_expr], ..Select::default() };
        self.finish(frame, &mut select)?;
        Ok(vec![Cte { name, select }, outer])
    }

    /// The events of a type.
    pub(super) fn of_type(&self, event: &Ident, event_type: Option<&str>) -> Result<Vec<Expr>> {
        event_type.map_or(Ok(vec![]), |name| self.of_types(event, &[name]))
    }

    /// The events of some types.
    pub(super) fn of_types(&self, event: &Ident, types: &[&str]) -> Result<Vec<Expr>> {
        let column = self.at(event, &self.layout.event_type, &SqlType::Text)?;
        let list: Vec<Expr> = types.iter().map(|name| Expr::text(*name)).collect();
        Ok(if list.is_empty() { vec![] } else { self.dialect.is_one_of(column, list).conjuncts() })
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
                let on = self.at(&alias, &self.layout.profile_id, &SqlType::Text)?.eq(id.clone());
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
                let key = self.at(alias, &table.key, &SqlType::Text)?;
                let on = self.dialect.compared_texts(key, BinaryOp::Eq, id.clone());
                let table = Table { source: Source::Named(table.records.name()), alias: alias.clone() };
                Join { kind: JoinKind::Left, table, on: vec![on] }
            }
            Joined::Related { class, key, alias } => {
                let Some(table) = self.layout.classes.get(&**class) else {
                    return Err(Failure::Unsupported(format!("the class `{class}`, for which no table is given,")));
                };
                let own = self.at(alias, &table.key, &SqlType::Text)?;
                let on = self.dialect.compared_texts(own, BinaryOp::Eq, key.clone());
                let table = Table { source: Source::Named(table.records.name()), alias: alias.clone() };
                Join { kind: JoinKind::Left, table, on: vec![on] }
            }
            Joined::Lookup(index) => {
                let name = self.lookups[*index].name.clone();
                let table = Table { source: Source::Named(vec![name.clone()]), alias: name };
                let kind = self.dialect.joins_one_row();
                let on = if kind == JoinKind::Cross { vec![] } else { vec![Expr::bool(true)] };
                Join { kind, table, on }
            }
        })
    }

    /// The events of a list as structs in their order.
    fn collected(&mut self, frame: &mut Frame, scope: &Scope, list: usize, filter: Vec<Expr>) -> Result<Expr> {
        let (row, ordered) = (self.lists[list].row, self.lists[list].ordered);
        let order = if ordered { self.event_order(scope, row)? } else { vec![] };
        let mut fields = Vec::new();
        for Stored { path, field, ty } in self.lists[list].fields.clone() {
            fields.push((field, self.record_path(frame, scope, row, &path, &ty)?, ty));
        }
        if fields.is_empty() {
            fields.push((Ident::generated("present"), Expr::bool(true), SqlType::Bool));
        }
        Ok(self.dialect.agg_list(self.dialect.pack(fields)?, &SqlType::object(), order, filter)?)
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
            for Stored { path, field, ty } in &lookup.fields {
                fields.push((field.clone(), self.physical(&alias, &table.records, path, ty)?, ty.clone()));
            }
            let key = self.at(&alias, &table.key, &SqlType::Text)?;
            let expr = self.dialect.agg_map(key, self.dialect.pack(fields)?)?;
            let from = Table { source: Source::Named(table.records.name()), alias };
            let items = vec![Item { expr, alias: Some(Ident::generated("objects")) }];
            ctes.push(Cte {
                name: lookup.name.clone(),
                select: Select { items, from: Some(from), ..Select::default() },
            });
        }
        Ok(ctes)
    }
}

fn all_nodes<'a>(all: &'a [&[NodeId]]) -> impl Iterator<Item = NodeId> + 'a {
    all.iter().flat_map(|conditions| conditions.iter().copied())
}

/// The conditions that all have.
fn common(all: &[&[NodeId]]) -> Vec<NodeId> {
    let Some((first, rest)) = all.split_first() else { return vec![] };
    first.iter().copied().filter(|node| rest.iter().all(|other| other.contains(node))).collect()
}

fn without(conditions: &[NodeId], common: &[NodeId]) -> Vec<NodeId> {
    conditions.iter().copied().filter(|node| !common.contains(node)).collect()
}
