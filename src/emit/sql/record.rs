//! Columns of records: where a path of the schema is in the row that is bound, and the reading of related objects.
//! Invariant: a list read as a value holds no nulls, and a float read as a value is finite.

use super::scope::{Frame, Joined, Row, Scope};
use super::{Emitter, Failure, Result};
use crate::plan::{DomainId, FieldPath, FieldStep, NodeId};
use crate::sql::layout::{self, Records};
use crate::sql::tree::Order;
use crate::sql::{Expr, Ident};
use crate::types::Ty;

impl Emitter<'_> {
    /// A path of the record of a domain's row, as it is stored.
    pub(super) fn record_path(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        domain: DomainId,
        path: &FieldPath,
    ) -> Result<Expr> {
        match self.row(scope, domain)? {
            Row::Profile => {
                let layout = self.layout;
                let (fields, rest) = leading_fields(path);
                if let Some((root, table, below)) = layout.attached_at(&fields) {
                    let alias = self.attached(frame, &root);
                    return self.below(layout::column(&alias, &table.records.place(below)), rest);
                }
                let alias = frame.profile();
                let place = if matches!(fields.as_slice(), [only] if Some(*only) == id_field(layout)) {
                    layout.profile_id.clone()
                } else {
                    layout.profiles.place(&fields)
                };
                self.below(layout::column(&alias, &place), rest)
            }
            Row::Event(alias) => {
                let (fields, rest) = leading_fields(path);
                self.below(layout::column(&alias, &self.layout.event_path(&fields)), rest)
            }
            Row::Projected { list, table } => {
                let field = self.event_field(list, path);
                Ok(Expr::column(&table, &field))
            }
            Row::EventItem { list, item } => {
                let field = self.event_field(list, path);
                Ok(item.field(&field))
            }
            Row::Item(item) => self.below(item, path),
            Row::Entry(entry) => self.below(entry.field(&Ident::physical("value")), path),
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
    pub(super) fn physical(&self, alias: &Ident, records: &Records, path: &FieldPath) -> Result<Expr> {
        let (fields, rest) = leading_fields(path);
        self.below(layout::column(alias, &records.place(&fields)), rest)
    }

    /// Steps below an expression.
    fn below(&self, base: Expr, steps: &[FieldStep]) -> Result<Expr> {
        let mut here = base;
        for step in steps {
            here = match step {
                FieldStep::Field(name) => here.field(&Ident::physical(name)),
                FieldStep::Key(key) => self.dialect.map_get(here, Expr::text(key.clone()))?,
            };
        }
        Ok(here)
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
        let stored = self.record_path(frame, scope, domain, path)?;
        self.read(stored, ty)
    }

    /// What is stored, as a value of the language.
    pub(super) fn read(&mut self, stored: Expr, ty: &Ty) -> Result<Expr> {
        Ok(match ty {
            Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile if !self.layout.finite_floats => {
                let finite = self.dialect.is_finite(stored.clone())?;
                stored.when(finite)
            }
            Ty::List(element) => {
                let item = self.names.fresh("item");
                let present = self.present_element(Expr::Var(item.clone()), element)?;
                self.dialect.list_filter(stored, vec![item], present)?
            }
            Ty::Bucket => {
                let is = |name: &str| stored.clone().eq(Expr::text(name));
                Expr::Case {
                    branches: vec![(is("low"), Expr::int(0)), (is("medium"), Expr::int(1)), (is("high"), Expr::int(2))],
                    otherwise: None,
                }
            }
            _ => stored,
        })
    }

    /// Whether an element of a list counts.
    pub(super) fn present_element(&self, item: Expr, ty: &Ty) -> Result<Expr> {
        Ok(match ty {
            Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile if !self.layout.finite_floats => {
                self.dialect.is_finite(item)?
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
            self.physical(&alias, &table.records, path)?
        } else {
            let (lookup, field) = self.lookup(class, path);
            frame.join(Joined::Lookup(lookup));
            let objects = Expr::column(&self.lookups[lookup].name, &Ident::generated("objects"));
            self.dialect.map_get(objects, key)?.field(&field)
        };
        self.read(stored, ty)
    }

    /// The instant of the event that a row is.
    pub(super) fn event_time(&mut self, scope: &Scope, domain: DomainId) -> Result<Expr> {
        let path: FieldPath = [FieldStep::Field(crate::schema::TIMESTAMP.into())].into();
        self.record_path(&mut Frame::profiles(), scope, domain, &path)
    }

    /// The id of the event that a row is, where events have ids.
    pub(super) fn event_id(&mut self, scope: &Scope, domain: DomainId) -> Result<Option<Expr>> {
        if !self.plan.settings.event_ids || self.layout.event_id.is_none() {
            return Ok(None);
        }
        let path: FieldPath = [FieldStep::Field(crate::schema::ID.into())].into();
        self.record_path(&mut Frame::profiles(), scope, domain, &path).map(Some)
    }

    /// The order of events.
    pub(super) fn event_order(&mut self, scope: &Scope, domain: DomainId) -> Result<Vec<Order>> {
        let time = self.event_time(scope, domain)?;
        let id = self.event_id(scope, domain)?;
        let order = |expr| Order { expr, descending: false, nullable: false };
        Ok([Some(time), id].into_iter().flatten().map(order).collect())
    }
}

/// The fields before the first map key, and the rest.
fn leading_fields(path: &[FieldStep]) -> (Vec<&str>, &[FieldStep]) {
    let length = path.iter().take_while(|step| matches!(step, FieldStep::Field(_))).count();
    let (fields, rest) = path.split_at(length);
    let fields = fields
        .iter()
        .filter_map(|step| match step {
            FieldStep::Field(name) => Some(&**name),
            FieldStep::Key(_) => None,
        })
        .collect();
    (fields, rest)
}

/// The field of the schema that is the profile's id, where the layout places it by name.
fn id_field(layout: &crate::sql::Layout) -> Option<&'static str> {
    (!layout.profiles.columns.contains_key(crate::schema::ID)).then_some(crate::schema::ID)
}
