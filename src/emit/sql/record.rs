//! Columns of records: where a path of the schema is in the row that is bound, and the reading of related objects.
//! Invariant: a list read as a value holds no nulls, and a float read as a value is finite.

use super::number::float_range;
use super::scope::{Frame, Joined, Row, Scope};
use super::{Emitter, Failure, Result, sql_type};
use crate::plan::{DomainId, DomainKind, FieldPath, FieldStep, NodeId, Op, leading_fields};
use crate::sql::layout::Records;
use crate::sql::times::Times;
use crate::sql::tree::{BinaryOp, Literal, Order};
use crate::sql::{Expr, Ident, SqlType};
use crate::types::{BUCKETS, Ty};

/// The field of a map's entry that holds its key.
pub(super) const KEY: &str = "key";
/// The field of a map's entry that holds its value.
pub(super) const VALUE: &str = "value";

impl Emitter<'_> {
    /// A path of the record of a domain's row as a value of a type, not yet [read](Self::read).
    pub(super) fn record_path(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        domain: DomainId,
        path: &FieldPath,
        ty: &SqlType,
    ) -> Result<Expr> {
        match self.row(scope, domain)? {
            Row::Profile => {
                let layout = self.layout;
                let (fields, rest) = leading_fields(path);
                if let Some((root, table, below)) = layout.attached_at(&fields) {
                    let alias = self.attached(frame, &root);
                    return self.placed(&alias, &table.records.place(below), rest, ty, &table.records.times);
                }
                let alias = frame.profile();
                let place = if matches!(fields.as_slice(), [only] if Some(*only) == id_field(layout)) {
                    layout.profile_id.clone()
                } else {
                    layout.profiles.place(&fields)
                };
                self.placed(&alias, &place, rest, ty, &layout.profiles.times)
            }
            Row::Event(alias) => {
                let (fields, rest) = leading_fields(path);
                if self.layout.event_tables.is_empty() || self.layout.is_apart(&fields) {
                    return self.at_event(&alias, &self.layout.event_path(&fields), rest, ty);
                }
                let stored = if rest.is_empty() { ty.clone() } else { SqlType::Map(Box::new(SqlType::object())) };
                let column = self.event_column(domain, &fields, &stored);
                if rest.is_empty() && self.is_counted(ty) {
                    // Counted in each of the tables already.
                    return Ok(Expr::column(&alias, &column));
                }
                // An instant by itself is one in each of the tables already.
                let times = if rest.is_empty() { &Times::Native } else { self.times_of_events()? };
                self.below(Expr::column(&alias, &column), &[], rest, ty, times)
            }
            Row::Projected { list, table } => {
                let field = self.event_field(list, path, ty);
                Ok(Expr::column(&table, &field))
            }
            Row::EventItem { list, item } => {
                let field = self.event_field(list, path, ty);
                Ok(self.dialect.field(item, &field, ty)?)
            }
            Row::Object(item) => self.below(item, &[], path, ty, self.times_of(domain)?),
            Row::Scalar(item) => self.element(item, ty, self.times_of(domain)?),
            Row::Entry(entry) => self.below(entry, &[Ident::physical(VALUE)], path, ty, self.times_of(domain)?),
            Row::Group(_) | Row::GroupOfTable { .. } => Err(Failure::Unsupported("a field of a group".to_owned())),
        }
    }

    /// The alias of a table that is attached to the profiles.
    fn attached(&mut self, frame: &mut Frame, root: &str) -> Ident {
        let known = frame.joins.iter().find_map(|joined| match joined {
            Joined::Attached { path, alias } if path == root => Some(alias.clone()),
            _ => None,
        });
        known.unwrap_or_else(|| {
            let alias = self.names.fresh(&format!("{}_table", crate::sql::quote::generated_name(root, "scores")));
            frame.join(Joined::Attached { path: root.to_owned(), alias: alias.clone() });
            alias
        })
    }

    /// A path of a table's records.
    pub(super) fn physical(&self, alias: &Ident, records: &Records, path: &FieldPath, ty: &SqlType) -> Result<Expr> {
        let (fields, rest) = leading_fields(path);
        self.placed(alias, &records.place(&fields), rest, ty, &records.times)
    }

    /// What is at a physical path of a table, of a type that holds no instants.
    pub(super) fn at(&self, table: &Ident, path: &[String], ty: &SqlType) -> Result<Expr> {
        self.placed(table, path, &[], ty, &Times::Native)
    }

    /// What is at a physical path of the events, and steps below it.
    fn at_event(&self, event: &Ident, path: &[String], steps: &[FieldStep], ty: &SqlType) -> Result<Expr> {
        self.placed(event, path, steps, ty, &self.layout.events.times)
    }

    /// The instant of an event.
    pub(super) fn time_of(&self, event: &Ident) -> Result<Expr> {
        self.at_event(event, &self.layout.event_time, &[], &SqlType::Timestamp)
    }

    /// Steps below a physical path of a table.
    pub(super) fn placed(
        &self,
        table: &Ident,
        path: &[String],
        steps: &[FieldStep],
        ty: &SqlType,
        times: &Times,
    ) -> Result<Expr> {
        let column = Ident::physical(path.first().map_or("", String::as_str));
        let fields: Vec<Ident> = path.iter().skip(1).map(|part| Ident::physical(part)).collect();
        self.below(Expr::column(table, &column), &fields, steps, ty, times)
    }

    /// Steps below fields of what is stored, as a value of a type.
    fn below(&self, base: Expr, fields: &[Ident], steps: &[FieldStep], ty: &SqlType, times: &Times) -> Result<Expr> {
        let (names, rest) = leading_fields(steps);
        let fields: Vec<Ident> = fields.iter().cloned().chain(names.into_iter().map(Ident::physical)).collect();
        let Some((FieldStep::Key(key), deeper)) = rest.split_first() else {
            let stored = match (ty, times) {
                (SqlType::Timestamp, Times::Civil(zone)) => self.dialect.stored_local(base, &fields, zone)?,
                (SqlType::Timestamp, Times::Counts(_)) => self.dialect.stored(base, &fields, &SqlType::Int)?,
                _ => return Ok(self.dialect.stored(base, &fields, ty)?),
            };
            return Ok(Expr::Instant { stored: Box::new(stored), times: times.clone() });
        };
        let value = match deeper.first() {
            None => ty.clone(),
            Some(FieldStep::Field(_)) => SqlType::object(),
            Some(FieldStep::Key(_)) => SqlType::Map(Box::new(SqlType::object())),
        };
        let map = self.dialect.stored(base, &fields, &SqlType::Map(Box::new(value.clone())))?;
        let is_other = value == SqlType::Timestamp && *times != Times::Native;
        let value = if is_other { SqlType::object() } else { value };
        let found = self.dialect.map_get(map, Expr::text(key.clone()), &value)?;
        if deeper.is_empty() && !is_other { Ok(found) } else { self.below(found, &[], deeper, ty, times) }
    }

    /// An element of a stored list of scalars.
    pub(super) fn element(&self, item: Expr, ty: &SqlType, times: &Times) -> Result<Expr> {
        if *ty == SqlType::Timestamp && *times != Times::Native {
            return self.below(item, &[], &[], ty, times);
        }
        Ok(self.dialect.element(item, ty)?)
    }

    /// How the instants in what events hold are stored, where that is one way.
    fn times_of_events(&self) -> Result<&Times> {
        let layout = self.layout;
        let mut all = layout.event_tables.iter().map(|table| &table.records.times);
        let Some(first) = all.next() else { return Ok(&layout.events.times) };
        if all.all(|times| times == first) {
            return Ok(first);
        }
        Err(Failure::Unsupported(
            "timestamps within lists and maps of tables that differ in `zone` or `unit`".to_owned(),
        ))
    }

    /// How the instants in the rows of a domain are stored.
    pub(super) fn times_of(&self, domain: DomainId) -> Result<&Times> {
        let layout = self.layout;
        let domain = self.base(domain);
        match &self.plan.domains[domain.0 as usize].kind {
            DomainKind::Profiles => Ok(&layout.profiles.times),
            DomainKind::Events { .. } | DomainKind::Later { .. } | DomainKind::Between { .. } => self.times_of_events(),
            DomainKind::Elements { of, path } | DomainKind::Entries { of, path } => self.times_below(*of, path),
            DomainKind::Values { list } => {
                let mut list = self.node(*list);
                while let Op::Gather(inner) = &list.op {
                    list = self.node(*inner);
                }
                match &list.op {
                    Op::Column(path) => self.times_below(list.domain, path),
                    // Made of values.
                    _ => Ok(&Times::Native),
                }
            }
            DomainKind::Members { groups } => match &self.plan.domains[self.base(*groups).0 as usize].kind {
                DomainKind::Groups { of, .. } => self.times_of(*of),
                _ => Ok(&Times::Native),
            },
            DomainKind::Groups { .. } | DomainKind::Filter { .. } => Ok(&Times::Native),
        }
    }

    /// How the instants at a path of a domain's rows are stored.
    fn times_below(&self, domain: DomainId, path: &FieldPath) -> Result<&Times> {
        let attached = match self.base(domain) {
            DomainId::PROFILES => self.layout.attached_at(&leading_fields(path).0).map(|(_, table, _)| table),
            _ => None,
        };
        match attached {
            Some(table) => Ok(&table.records.times),
            None => self.times_of(domain),
        }
    }

    /// A column as a value of the language.
    pub(super) fn column(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        domain: DomainId,
        path: &FieldPath,
        ty: &Ty,
    ) -> Result<Expr> {
        let stored = self.record_path(frame, scope, domain, path, &stored_type(ty))?;
        let times = if holds_instants(ty) { self.times_below(domain, path)?.clone() } else { Times::Native };
        self.read(stored, ty, &times)
    }

    /// What is stored, as a value of the language.
    fn read(&mut self, stored: Expr, ty: &Ty, times: &Times) -> Result<Expr> {
        Ok(match ty {
            Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile if !self.layout.finite_floats => {
                let present = self.present_element(stored.clone(), ty)?;
                stored.when(present)
            }
            Ty::List(element) => {
                let item = self.names.fresh("item");
                let value = self.element(Expr::Var(item.clone()), &stored_type(element), times)?;
                let present = self.present_element(value, element)?;
                let list = self.dialect.list_filter(stored, vec![item], present)?;
                let ty = sql_type(element);
                if self.holds_counted(element) {
                    let item = self.names.fresh("item");
                    let value = self.dialect.stored(Expr::Var(item.clone()), &[], &ty)?;
                    return Ok(self.dialect.list_transform(list, vec![item], value, &ty)?);
                }
                match times {
                    Times::Civil(_) | Times::Counts(_) if **element != Ty::Timestamp => {
                        return Err(Failure::Unsupported(
                            "times told by `zone` or `unit` in lists of lists".to_owned(),
                        ));
                    }
                    Times::Native if !self.dialect.spells_anew(&ty) => list,
                    times => {
                        let item = self.names.fresh("item");
                        let value = self.element(Expr::Var(item.clone()), &ty, times)?;
                        self.dialect.list_transform(list, vec![item], value, &ty)?
                    }
                }
            }
            Ty::Map(_) if *times != Times::Native => {
                return Err(Failure::Unsupported("a map of times told by `zone` or `unit`, as a value".to_owned()));
            }
            Ty::Bucket => {
                let is = |name: &str| self.dialect.compared_texts(stored.clone(), BinaryOp::Eq, Expr::text(name));
                let place = |(at, name): (i64, &str)| (is(name), Expr::int(at));
                Expr::Case { branches: (0..).zip(BUCKETS).map(place).collect(), otherwise: None }
            }
            _ => stored,
        })
    }

    /// Whether an element of a list counts.
    pub(super) fn present_element(&self, item: Expr, ty: &Ty) -> Result<Expr> {
        Ok(match ty {
            Ty::Float if !self.layout.finite_floats => self.dialect.is_finite(item)?,
            Ty::Probability | Ty::Score | Ty::Percentile if !self.layout.finite_floats => {
                let (low, high) = float_range(ty).unwrap_or((f64::MIN, f64::MAX));
                let than = |op, end| item.clone().binary(op, Expr::Literal(Literal::Float(end)));
                Expr::and([than(BinaryOp::Ge, low), than(BinaryOp::Le, high)])
            }
            _ => item.is_present(),
        })
    }

    /// A path of the object of a related class whose key is a value of this row.
    pub(super) fn related(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        class: &std::sync::Arc<str>,
        key: NodeId,
        path: &FieldPath,
        ty: &Ty,
    ) -> Result<Expr> {
        let domain = self.node(key).domain;
        let key = self.value(frame, scope, key)?;
        let layout = self.layout;
        let Some(table) = layout.classes.get(&**class) else {
            return Err(Failure::Unsupported(format!("the class `{class}`, for which no table is given,")));
        };
        let stored = if self.row(scope, domain)?.is_of_table() {
            let known = frame.joins.iter().find_map(|joined| match joined {
                Joined::Related { class: other, key: other_key, alias } if other == class && *other_key == key => {
                    Some(alias.clone())
                }
                _ => None,
            });
            let alias = match known {
                Some(alias) => alias,
                None => {
                    let alias = self.names.fresh(&crate::sql::quote::generated_name(class, "object"));
                    frame.join(Joined::Related { class: class.clone(), key, alias: alias.clone() });
                    alias
                }
            };
            self.physical(&alias, &table.records, path, &stored_type(ty))?
        } else {
            let (lookup, field) = self.lookup(class, path, &stored_type(ty));
            frame.join(Joined::Lookup(lookup));
            let objects = Expr::column(&self.lookups[lookup].name, &Ident::generated("objects"));
            let object = self.dialect.map_get(objects, key, &SqlType::object())?;
            self.dialect.field(object, &field, &stored_type(ty))?
        };
        let times = if holds_instants(ty) { &table.records.times } else { &Times::Native };
        self.read(stored, ty, times)
    }

    /// The instant of the event that a row is.
    pub(super) fn event_time(&mut self, scope: &Scope, domain: DomainId) -> Result<Expr> {
        let path: FieldPath = [FieldStep::Field(crate::schema::TIMESTAMP.into())].into();
        self.record_path(&mut Frame::profiles(), scope, domain, &path, &SqlType::Timestamp)
    }

    /// The id of the event that a row is, where events have ids; one that is absent is empty, and so comes first.
    pub(super) fn event_id(&mut self, scope: &Scope, domain: DomainId) -> Result<Option<Expr>> {
        if !self.plan.settings.event_ids || self.layout.event_id.is_none() {
            return Ok(None);
        }
        let path: FieldPath = [FieldStep::Field(crate::schema::ID.into())].into();
        let id = self.record_path(&mut Frame::profiles(), scope, domain, &path, &SqlType::Text)?;
        Ok(Some(id.or_else(Expr::text(""))))
    }

    /// The order of events.
    pub(super) fn event_order(&mut self, scope: &Scope, domain: DomainId) -> Result<Vec<Order>> {
        let time = self.event_time(scope, domain)?;
        let id = self.event_id(scope, domain)?;
        let id = id.map(|id| self.dialect.by_code_point(id)).transpose()?;
        let order = |expr| Order { expr, descending: false, nullable: false };
        Ok([Some(time), id].into_iter().flatten().map(order).collect())
    }
}

/// The type in which a value is stored: a bucket as its name.
pub(in crate::emit) fn stored_type(ty: &Ty) -> SqlType {
    match ty {
        Ty::Bucket => SqlType::Text,
        Ty::List(element) => SqlType::List(Box::new(stored_type(element))),
        other => sql_type(other),
    }
}

/// Whether there are instants in a value that is a list or a map.
fn holds_instants(ty: &Ty) -> bool {
    match ty {
        Ty::List(inner) | Ty::Map(inner) => **inner == Ty::Timestamp || holds_instants(inner),
        _ => false,
    }
}

/// The field of the schema that is the profile's id, where the layout places it by name.
fn id_field(layout: &crate::sql::Layout) -> Option<&'static str> {
    (!layout.profiles.columns.contains_key(crate::schema::ID)).then_some(crate::schema::ID)
}
