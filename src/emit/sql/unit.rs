//! Named queries with one row per profile: aggregates over the events of a type, members of ranked segments, matches of
//! sequences. Requests come first, from what reads them; the queries are built afterwards, the highest layer first,
//! since building one may ask for more of the layers below. Invariant: a unit is built once, after its last request.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bounds::Bound;
use super::facts::base;
use super::names::singular;
use super::scope::{First, Frame, Joined};
use super::{Emitter, event_name};
use crate::plan::{DomainId, DomainKind, FieldPath, NodeId, Reduction};
use crate::sql::tree::Cte;
use crate::sql::{Expr, Ident, SqlType};

/// The column by which units are joined.
pub(super) const PROFILE_ID: &str = "profile_id";
/// The column of a group's key.
pub(super) const GROUP_KEY: &str = "group_key";

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
    /// For groups: the aggregates over the members of each.
    pub inner: Vec<Feature>,
    pub built: bool,
    /// Its queries, the last of which has its name.
    pub ctes: Vec<Cte>,
}

/// What a unit is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum UnitKind {
    /// The events of a type, or all.
    Events(Option<Arc<str>>),
    /// The events of all types that a layer reads, in one scan.
    AllEvents,
    /// The best of a profile's events (a node that ranks them).
    Best(NodeId),
    /// The groups of a profile's events (a domain).
    Groups(DomainId),
    /// The profiles that match a sequence (a node).
    Sequence(NodeId),
    /// The profiles with a chain of events that are compared with each other (a node).
    Chain(NodeId),
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
    /// Not the value of the reduction (the first, or the last) but whether it is this constant.
    pub is: Option<NodeId>,
}

/// The events of a profile as a list of structs.
#[derive(Debug)]
pub(super) struct EventList {
    pub column: Ident,
    pub row: DomainId,
    /// Which of them it has.
    pub conditions: Vec<NodeId>,
    /// The fields of the structs, by what they hold.
    pub fields: Vec<Stored>,
    /// None of them matters that is earlier: they are compared with others that are not.
    pub since: Option<Bound>,
    /// Whether their order matters.
    pub ordered: bool,
}

/// The objects of a related class as a map, for use inside lambdas.
#[derive(Debug)]
pub(super) struct Lookup {
    pub class: Arc<str>,
    pub name: Ident,
    pub fields: Vec<Stored>,
}

/// A path of a record, the name of the field that holds it, and the type in which it is stored.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub path: FieldPath,
    pub field: Ident,
    pub ty: SqlType,
}

impl Emitter<'_> {
    /// The unit of a kind and level.
    pub(super) fn unit(&mut self, kind: UnitKind, level: u32) -> usize {
        let kind = self.as_scanned(kind, level);
        if let Some(index) = self.find_unit(&kind, level) {
            return index;
        }
        let wanted = match &kind {
            UnitKind::Events(event_type) => event_name(event_type.as_deref()),
            UnitKind::AllEvents => self.scans.get(&level).cloned().unwrap_or_else(|| event_name(None)),
            UnitKind::Best(top) => format!("best_{}", self.row_name(self.node(*top).domain)),
            UnitKind::Groups(groups) => format!("{}_by_profile", self.group_name(*groups)),
            UnitKind::Sequence(_) => "sequence_matches".to_owned(),
            UnitKind::Chain(node) => self.chain_name(*node),
            UnitKind::Members(index) => {
                let name = self.plan.segments.get(*index as usize).map_or("segment", |segment| &segment.name);
                crate::sql::quote::generated_name(&format!("{name}_members"), "members")
            }
        };
        let name = self.names.fresh(&wanted);
        self.units.push(Unit {
            kind,
            level,
            name,
            features: vec![],
            lists: vec![],
            inner: vec![],
            built: false,
            ctes: vec![],
        });
        self.units.len() - 1
    }

    /// A name for the rows of a domain of events.
    pub(super) fn row_name(&self, domain: DomainId) -> String {
        match &self.plan.domains[self.base(domain).0 as usize].kind {
            DomainKind::Events { event_type } => event_name(event_type.as_deref()),
            _ => "rows".to_owned(),
        }
    }

    /// A name for the groups of events.
    pub(super) fn group_name(&self, groups: DomainId) -> String {
        match &self.plan.domains[groups.0 as usize].kind {
            DomainKind::Groups { of, .. } => format!("{}_groups", singular(&self.row_name(*of))),
            _ => "event_groups".to_owned(),
        }
    }

    /// The kind of the unit that has what is asked of another: one scan serves all types of a layer, where there are several.
    pub(super) fn as_scanned(&self, kind: UnitKind, level: u32) -> UnitKind {
        match kind {
            UnitKind::Events(_) if self.scans.contains_key(&level) => UnitKind::AllEvents,
            other => other,
        }
    }

    /// The layers whose units of events can be one: several, of some types each.
    pub(super) fn scans_in_common(&self) -> BTreeMap<u32, String> {
        // Tables of their own are best read each by itself.
        if !self.layout.event_tables.is_empty() {
            return BTreeMap::new();
        }
        let mut layers: BTreeMap<u32, Vec<Option<Arc<str>>>> = BTreeMap::new();
        for unit in &self.units {
            if let UnitKind::Events(event_type) = &unit.kind {
                layers.entry(unit.level).or_default().push(event_type.clone());
            }
        }
        layers.retain(|_, types| types.len() > 1);
        layers.into_iter().map(|(level, types)| (level, scan_name(&types))).collect()
    }

    pub(super) fn find_unit(&self, kind: &UnitKind, level: u32) -> Option<usize> {
        self.units.iter().position(|unit| unit.kind == *kind && unit.level == level)
    }

    /// A column of a unit, which is joined to the frame.
    pub(super) fn unit_column(&mut self, frame: &mut Frame, unit: usize, column: &Ident) -> Expr {
        self.join_unit(frame, unit);
        Expr::column(&self.units[unit].name, column)
    }

    /// Brings a unit into a frame, unless it is its first table.
    pub(super) fn join_unit(&self, frame: &mut Frame, unit: usize) {
        if !matches!(&frame.first, First::Query { name, .. } if *name == self.units[unit].name) {
            frame.join(Joined::Unit(unit));
        }
    }

    /// The column of an aggregate over a unit's events.
    pub(super) fn feature(
        &mut self,
        unit: usize,
        row: DomainId,
        reduction: Reduction,
        conditions: Vec<NodeId>,
        is: Option<NodeId>,
    ) -> Ident {
        let wanted = Feature { column: Ident::generated(""), row, reduction, conditions, is };
        if let Some(column) = column_of(&self.units[unit].features, &wanted) {
            return column;
        }
        let name = self.feature_name(unit, row, &wanted.reduction);
        let column = self.names.fresh(&if is.is_some() { format!("{name}_is") } else { name });
        self.units[unit].features.push(Feature { column: column.clone(), ..wanted });
        column
    }

    /// The column of an aggregate over the members of each of a unit's groups.
    pub(super) fn inner_feature(
        &mut self,
        unit: usize,
        row: DomainId,
        reduction: Reduction,
        conditions: Vec<NodeId>,
    ) -> Ident {
        let wanted = Feature { column: Ident::generated(""), row, reduction, conditions, is: None };
        if let Some(column) = column_of(&self.units[unit].inner, &wanted) {
            return column;
        }
        let name = match &wanted.reduction {
            Reduction::Any | Reduction::Count => "group_size".to_owned(),
            other => self.feature_name(unit, row, other),
        };
        let column = self.names.fresh(&name);
        self.units[unit].inner.push(Feature { column: column.clone(), ..wanted });
        column
    }

    fn feature_name(&self, unit: usize, row: DomainId, reduction: &Reduction) -> String {
        let name = match &self.units[unit].kind {
            UnitKind::Groups(_) => "group".to_owned(),
            UnitKind::Events(_) | UnitKind::AllEvents => singular(&self.row_name(row)),
            UnitKind::Best(_) | UnitKind::Sequence(_) | UnitKind::Chain(_) | UnitKind::Members(_) => {
                singular(self.units[unit].name.text())
            }
        };
        let of = |prefix: &str, node: &NodeId| format!("{prefix}_{}", self.value_name(*node));
        match reduction {
            Reduction::Any | Reduction::Count => format!("{name}_count"),
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

    /// A list that is none of a unit: the columns of a named query of events.
    pub(super) fn projection(&mut self, row: DomainId) -> usize {
        let column = Ident::generated("");
        let list = EventList { column, row, conditions: vec![], fields: vec![], since: None, ordered: false };
        self.lists.push(list);
        self.lists.len() - 1
    }

    /// The list of a profile's events in a unit for which some conditions are true.
    pub(super) fn event_list(&mut self, unit: usize, wanted: EventList) -> usize {
        let found = self.units[unit].lists.iter().copied().find(|&list| {
            let list = &self.lists[list];
            list.row == wanted.row && list.conditions == wanted.conditions && list.since == wanted.since
        });
        if let Some(index) = found {
            self.lists[index].ordered |= wanted.ordered;
            return index;
        }
        let name = format!("{}_list", singular(&self.row_name(wanted.row)));
        let column = self.names.fresh(&name);
        self.lists.push(EventList { column, ..wanted });
        self.units[unit].lists.push(self.lists.len() - 1);
        self.lists.len() - 1
    }

    /// The field of an event list that holds a path of the event's record.
    pub(super) fn event_field(&mut self, list: usize, path: &FieldPath, ty: &SqlType) -> Ident {
        field_of(&mut self.lists[list].fields, path, ty)
    }

    /// The index of the lookup of a class, and its field of a path.
    pub(super) fn lookup(&mut self, class: &Arc<str>, path: &FieldPath, ty: &SqlType) -> (usize, Ident) {
        let index = match self.lookups.iter().position(|lookup| lookup.class == *class) {
            Some(index) => index,
            None => {
                let wanted = format!("{}_lookup", crate::sql::quote::generated_name(class, "class"));
                let name = self.names.fresh(&wanted);
                self.lookups.push(Lookup { class: class.clone(), name, fields: vec![] });
                self.lookups.len() - 1
            }
        };
        let field = field_of(&mut self.lookups[index].fields, path, ty);
        (index, field)
    }

    /// The domain whose rows a domain's are.
    pub(super) fn base(&self, domain: DomainId) -> DomainId {
        base(self.plan, domain)
    }
}

/// A name for the scan of some types of events: the types, if there are few.
fn scan_name(types: &[Option<Arc<str>>]) -> String {
    let names: Vec<String> = types.iter().map(|event_type| event_name(event_type.as_deref())).collect();
    let name = names.join("_and_");
    if types.len() > 2 || name.len() > 40 { "events_by_profile".to_owned() } else { name }
}

/// The column of an aggregate that has been asked for before.
fn column_of(features: &[Feature], wanted: &Feature) -> Option<Ident> {
    let same = |feature: &&Feature| {
        feature.row == wanted.row
            && feature.reduction == wanted.reduction
            && feature.conditions == wanted.conditions
            && feature.is == wanted.is
    };
    features.iter().find(same).map(|feature| feature.column.clone())
}

/// The field that holds a path, made if there is none; named as the path's last step.
fn field_of(fields: &mut Vec<Stored>, path: &FieldPath, ty: &SqlType) -> Ident {
    if let Some(known) = fields.iter().find(|known| known.path == *path) {
        return known.field.clone();
    }
    let wanted = super::names::last_field(path).to_owned();
    let mut name = wanted.clone();
    let mut number = 2;
    while fields.iter().any(|taken| taken.field.text().eq_ignore_ascii_case(&name)) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    let name = Ident::physical(&name);
    fields.push(Stored { path: path.clone(), field: name.clone(), ty: ty.clone() });
    name
}
