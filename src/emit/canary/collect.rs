//! What the canary finds to ask: what segments read, put where the layout has it. Invariant: each column is found with the
//! type that a query reads it as.

use super::columns::{Column, Columns, Step, below, inner_type};
use crate::plan::{FieldStep, Space};
use crate::schema::ID;
use crate::sql::layout::{EventType, Layout, Physical, Records};
use crate::sql::{Ident, SqlType};
use std::collections::BTreeMap;

/// The space of whole records that a path of a space's records is in, and how it goes on from there.
pub(super) fn steps<'s>(space: &'s Space, path: &[FieldStep]) -> (&'s Space, Vec<Step>) {
    let own = path.iter().map(|step| match step {
        FieldStep::Field(name) => Step::Field(name.clone()),
        FieldStep::Key(key) => Step::Value(key.clone()),
    });
    let (outer, path, inner) = match space {
        Space::Elements(outer, list) => (outer, list, Step::Element),
        Space::Entries(outer, map) => (outer, map, Step::Value("".into())),
        Space::Profiles | Space::Events | Space::Class(_) => return (space, own.collect()),
    };
    let (root, mut above) = steps(outer, path);
    above.push(inner);
    above.extend(own);
    (root, above)
}

/// Puts what the schema calls by paths where the layout has it.
pub(super) struct Collect<'a> {
    pub layout: &'a Layout,
    /// The types of columns by the schema.
    pub declared: BTreeMap<Column, SqlType>,
    pub found: Columns,
}

impl Collect<'_> {
    /// What is read at a path of records, as values of a type where the schema does not tell it.
    pub fn read(&mut self, root: &Space, steps: &[Step], ty: &SqlType) {
        let layout = self.layout;
        let fields = steps.iter().map_while(|step| match step {
            Step::Field(name) => Some(&**name),
            Step::Element | Step::Value(_) => None,
        });
        let fields: Vec<&str> = fields.collect();
        let rest = &steps[fields.len()..];
        match root {
            Space::Profiles => match (layout.attached_at(&fields), fields.as_slice()) {
                (Some((_, table, below)), _) => self.add(&table.records, table.records.place(below), rest, ty),
                (None, [ID]) => {}
                (None, _) => self.found_at(&layout.profiles, layout.profiles.place(&fields), rest, ty),
            },
            Space::Events => {
                for table in layout.all_event_tables() {
                    self.found_at(&table.records, table.place(&fields), rest, ty);
                }
            }
            Space::Class(name) => {
                if let Some(table) = layout.classes.get(&**name) {
                    self.found_at(&table.records, table.records.place(&fields), rest, ty);
                }
            }
            Space::Elements(..) | Space::Entries(..) => {}
        }
    }

    /// What is read at a place of records, or of the table of the elements of a list that is there.
    fn found_at(&mut self, records: &Records, place: Physical, rest: &[Step], ty: &SqlType) {
        let list = match place.as_slice() {
            [column] => records.lists.get(column),
            _ => None,
        };
        let Some(list) = list else { return self.add(records, place, rest, ty) };
        let value = vec![list.value.clone()];
        match (rest.split_first(), ty) {
            (Some((_, [])), single) => self.add(&list.records, value, &[], single),
            (None, SqlType::List(single)) => self.add(&list.records, value, &[], single),
            (Some((_, [Step::Field(name), below @ ..])), _) => {
                self.add(&list.records, list.records.place(&[name]), below, ty);
            }
            _ => {}
        }
    }

    /// What every query may read: ids, and the types and instants of events.
    pub fn ids(&mut self) {
        let layout = self.layout;
        if let [id] = layout.profile_id.as_slice() {
            let column = Column { table: layout.profiles.name(), name: Ident::physical(id) };
            self.found.ids = Some((column, layout.text_ids));
        }
        self.key(&layout.profiles, layout.profile_id.clone());
        for table in layout.all_event_tables() {
            self.key(&table.records, table.profile.clone());
            self.add(&table.records, table.time.clone(), &[], &SqlType::Timestamp);
            if let EventType::Column(column) = &table.event_type {
                self.add(&table.records, column.clone(), &[], &SqlType::Text);
            }
            if let Some(id) = &table.id {
                self.add(&table.records, id.clone(), &[], &SqlType::Text);
                if let [name] = id.as_slice() {
                    let column = Column { table: table.records.name(), name: Ident::physical(name) };
                    self.found.event_ids.push((column, table.clone()));
                }
            }
        }
        for table in layout.classes.values() {
            // A key is of the type that the schema gives it.
            let key = self.declared_at(&table.records, &table.key);
            self.add(&table.records, table.key.clone(), &[], &key.unwrap_or(SqlType::Text));
        }
        for table in layout.attached.values() {
            self.key(&table.records, table.key.clone());
        }
        // The order of elements is of any type unless it is cast.
        let lists = layout.all_records().flat_map(|records| records.lists.values());
        for list in lists.filter(|list| list.records.cast.contains_key(&list.order)) {
            self.add(&list.records, vec![list.order.clone()], &[], &SqlType::Int);
        }
        for list in layout.profiles.lists.values() {
            self.key(&list.records, vec![list.parent.clone()]);
        }
        for table in layout.all_event_tables() {
            let lists = table.records.lists.values();
            lists.for_each(|list| self.add(&list.records, vec![list.parent.clone()], &[], &SqlType::Text));
        }
        for table in layout.classes.values() {
            let key = self.declared_at(&table.records, &table.key).unwrap_or(SqlType::Text);
            let lists = table.records.lists.values();
            lists.for_each(|list| self.add(&list.records, vec![list.parent.clone()], &[], &key));
        }
    }

    /// A column that is a profile's id: text, or of the same kind as the profiles have it.
    fn key(&mut self, records: &Records, place: Physical) {
        let layout = self.layout;
        let column = |records: &Records, place: &Physical| match place.as_slice() {
            [name] => Some(Column { table: records.name(), name: Ident::physical(name) }),
            _ => None,
        };
        match (column(records, &place), column(&layout.profiles, &layout.profile_id)) {
            (Some(key), Some(id)) if !layout.text_ids => {
                if [&key, &id].into_iter().all(|column| self.found.cast_to(column).is_none()) {
                    self.found.keys.insert([key, id]);
                    return;
                }
                // What one of them is cast to, both are.
                self.add(&layout.profiles, layout.profile_id.clone(), &[], &SqlType::Text);
            }
            _ => {}
        }
        self.add(records, place, &[], &SqlType::Text);
    }

    /// The type by the schema of what is at a place.
    fn declared_at(&self, records: &Records, place: &Physical) -> Option<SqlType> {
        let (name, fields) = place.split_first()?;
        let whole = self.declared.get(&Column { table: records.name(), name: Ident::physical(name) })?;
        let steps: Vec<Step> = fields.iter().map(|field| Step::Field(field.as_str().into())).collect();
        inner_type(whole, &steps)
    }

    /// Something within a column, of a type unless the schema tells it.
    fn add(&mut self, records: &Records, place: Physical, rest: &[Step], ty: &SqlType) {
        let Some((name, fields)) = place.split_first() else { return };
        let column = Column { table: records.name(), name: Ident::physical(name) };
        let ty = &records.times.stored(ty);
        let fields = fields.iter().map(|field| Step::Field(field.as_str().into()));
        let mut steps: Vec<Step> = fields.chain(rest.iter().cloned()).collect();
        let around = |inner: SqlType, step: &Step| match step {
            Step::Field(name) => SqlType::Struct(vec![(Ident::physical(name), inner)]),
            Step::Element => SqlType::List(Box::new(inner)),
            Step::Value(_) => SqlType::Map(Box::new(inner)),
        };
        let read = steps.iter().rev().fold(ty.clone(), around);
        let declared = self.declared.get(&column).cloned();
        // A score that the schema has as a whole number is read as a double.
        let is_declared = declared.as_ref().and_then(|whole| inner_type(whole, &steps)).is_some_and(|inner| {
            inner == *ty || matches!((&inner, ty), (SqlType::Int | SqlType::Decimal { .. }, SqlType::Float))
        });
        let whole = declared.filter(|_| is_declared).unwrap_or(read);
        // A list or a map that is read as a whole is one of values of a type.
        let mut inner = inner_type(&whole, &steps);
        while let Some(ty @ (SqlType::List(_) | SqlType::Map(_))) = inner {
            let step = if matches!(ty, SqlType::List(_)) { Step::Element } else { Step::Value("".into()) };
            inner = below(&ty, &step);
            steps.push(step);
        }
        if inner.is_some() {
            let all = self.found.typed.entry((column, steps)).or_default();
            if !all.contains(&whole) {
                all.push(whole);
            }
        }
    }
}
