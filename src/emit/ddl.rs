//! `CREATE TABLE` statements for a schema in a layout: one column per field of the profile, of the event and of each
//! related class, objects as structs. Invariant: every path of the schema can be read through the layout from them.

use std::collections::BTreeMap;

use super::sql::stored_type;
use crate::plan::{FieldStep, Needs, Space, leading_fields};
use crate::schema::{ID, Object, Schema};
use crate::sql::layout::{EventTable, EventType, Layout, Physical, Records};
use crate::sql::tree::CreateTable;
use crate::sql::{Dialect, Ident, SqlType, print_tables};
use crate::types::{ObjectId, Ty};

/// The statements as text.
pub fn ddl(tables: &[CreateTable], dialect: &dyn Dialect) -> String {
    print_tables(tables, dialect)
}

/// The tables of scores, with the columns of them that are read.
pub fn score_tables(needs: &Needs, layout: &Layout) -> Vec<CreateTable> {
    let tables = layout.attached.iter().map(|(root, table)| {
        let mut columns = Columns::default();
        columns.require(&table.key, SqlType::Text);
        let mut add = |path: &[FieldStep], ty: SqlType| {
            let (fields, _) = leading_fields(path);
            if let Some((of, table, below)) = layout.attached_at(&fields)
                && of == *root
            {
                columns.add(&table.records.place(below), ty);
            }
        };
        for (space, paths) in &needs.spaces {
            match space {
                Space::Profiles => paths.iter().for_each(|(path, ty)| add(path, stored_type(&ty.ty))),
                Space::Elements(of, list) if **of == Space::Profiles => {
                    let fields = paths.iter().filter_map(|(path, ty)| match &path[..] {
                        [FieldStep::Field(name)] => Some((Ident::physical(name), stored_type(&ty.ty))),
                        _ => None,
                    });
                    add(list, SqlType::List(Box::new(SqlType::Struct(fields.collect()))));
                }
                Space::Elements(..) | Space::Entries(..) | Space::Events | Space::Class(_) => {}
            }
        }
        columns.table(&table.records, &[&table.key])
    });
    tables.collect()
}

/// The tables of profiles, events and related classes. Those whose paths are mapped elsewhere get the columns that the
/// mapping names.
pub fn tables(schema: &Schema, layout: &Layout) -> Vec<CreateTable> {
    let of_profile = |path: &[&str]| match path {
        [ID] => layout.profile_id.clone(),
        _ => layout.profiles.place(path),
    };
    let apart: Vec<&str> = layout.attached.keys().map(String::as_str).collect();
    let mut profiles = Columns::of(schema, schema.profile, (&layout.profiles, &apart), &of_profile);
    profiles.require(&layout.profile_id, SqlType::Text);
    let mut tables = vec![profiles.table(&layout.profiles, &[&layout.profile_id])];
    tables.extend(layout.all_event_tables().iter().map(|table| events(schema, table)));
    for (name, class) in &schema.classes {
        let Some(table) = layout.classes.get(name) else { continue };
        let of_object = |path: &[&str]| if class.key == path { table.key.clone() } else { table.records.place(path) };
        let mut columns = Columns::of(schema, class.object, (&table.records, &[]), &of_object);
        columns.require_known(&table.key);
        tables.push(columns.table(&table.records, &[&table.key]));
    }
    let lists: Vec<CreateTable> = layout.all_records().flat_map(|records| elements(records, &tables)).collect();
    tables.extend(lists);
    tables
}

fn events(schema: &Schema, table: &EventTable) -> CreateTable {
    let mut columns = Columns::of(schema, schema.event, (&table.records, &[]), &|path| table.place(path));
    if let EventType::Column(column) = &table.event_type {
        columns.require(column, SqlType::Text);
    }
    columns.require(&table.time, SqlType::Timestamp);
    if let Some(id) = &table.id {
        columns.add(id, SqlType::Text);
    }
    columns.require(&table.profile, SqlType::Text);
    columns.table(&table.records, &[&table.profile, &table.time])
}

/// Where a path of a record is.
type Place<'p> = &'p dyn Fn(&[&str]) -> Physical;

/// Columns by name, in order.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    types: BTreeMap<String, (SqlType, bool)>,
}

impl Columns {
    /// The columns of an object's fields, each where `place` says, but for paths that are in tables of their own.
    fn of(schema: &Schema, object: ObjectId, records: (&Records, &[&str]), place: Place<'_>) -> Columns {
        let mut columns = Columns::default();
        if let Some(fields) = schema.object(object) {
            columns.fields(schema, fields, &mut (vec![object], Vec::new()), records, place);
        }
        columns
    }

    /// Adds the fields of an object, whose objects and names above are given; those of which a part is mapped are taken
    /// apart.
    fn fields<'s>(
        &mut self,
        schema: &'s Schema,
        object: &'s Object,
        above: &mut (Vec<ObjectId>, Vec<&'s str>),
        records: (&Records, &[&str]),
        place: Place<'_>,
    ) {
        for (name, field) in &object.fields {
            above.1.push(name);
            let path = above.1.join(".");
            let is_below = |other: &str| other.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.'));
            let (mapped, apart) = (records.0.columns.keys().map(String::as_str), records.1.iter().copied());
            let taken_apart = mapped.chain(apart).any(is_below);
            match (&field.ty.ty, taken_apart) {
                _ if records.1.contains(&path.as_str()) || records.0.lists.contains_key(&path) => {}
                (Ty::Object(id), true) if !above.0.contains(id) => {
                    if let Some(inner) = schema.object(*id) {
                        above.0.push(*id);
                        self.fields(schema, inner, above, records, place);
                        above.0.pop();
                    }
                }
                (ty, _) => {
                    if let Some(ty) = column_type(schema, ty, &mut above.0) {
                        self.add(&place(&above.1), ty);
                    }
                }
            }
            above.1.pop();
        }
    }

    /// Adds a physical path of a type.
    fn add(&mut self, path: &[String], ty: SqlType) {
        let Some((column, fields)) = path.split_first() else { return };
        if !self.types.contains_key(column) {
            self.names.push(column.clone());
        }
        let known = self.types.remove(column);
        let required = known.as_ref().is_some_and(|(_, required)| *required);
        let ty = merged(known.map(|(ty, _)| ty), fields, ty);
        self.types.insert(column.clone(), (ty, required));
    }

    /// Adds a path that is never null.
    fn require(&mut self, path: &[String], ty: SqlType) {
        self.add(path, ty);
        self.require_known(path);
    }

    /// The same of a path that has been added.
    fn require_known(&mut self, path: &[String]) {
        if let [column] = path
            && let Some((_, required)) = self.types.get_mut(column)
        {
            *required = true;
        }
    }

    /// The table, kept in the order of some paths as far as they are columns.
    fn table(self, records: &Records, order: &[&Physical]) -> CreateTable {
        let columns = self.names.iter().filter_map(|name| {
            let (ty, required) = self.types.get(name)?;
            Some((Ident::physical(name), records.times.stored(ty), *required))
        });
        let order = order.iter().filter_map(|path| match path.as_slice() {
            [column] => Some(Ident::physical(column)),
            _ => None,
        });
        CreateTable { name: records.name(), columns: columns.collect(), order: order.collect() }
    }
}

/// The tables of the elements of lists, each kept in the order of its lists. Their records have keys of the types that are
/// in the tables of these.
fn elements(records: &Records, tables: &[CreateTable]) -> Vec<CreateTable> {
    let own = tables.iter().find(|table| table.name == records.name());
    let type_of =
        |column: &str| own?.columns.iter().find(|(name, ..)| name.text() == column).map(|(_, ty, _)| ty.clone());
    let tables = records.lists.values().map(|list| {
        let mut columns = Columns::default();
        let [parent, order] = [&list.parent, &list.order].map(|name| vec![name.clone()]);
        columns.require(&parent, type_of(&list.key).unwrap_or(SqlType::Text));
        columns.require(&order, SqlType::Int);
        match &list.element {
            SqlType::Struct(fields) => {
                fields.iter().for_each(|(name, ty)| columns.add(&list.records.place(&[name.text()]), ty.clone()));
            }
            single => columns.add(std::slice::from_ref(&list.value), single.clone()),
        }
        columns.table(&list.records, &[&parent, &order])
    });
    tables.collect()
}

/// The type of a column that holds what the schema says.
pub fn type_of(schema: &Schema, ty: &Ty) -> Option<SqlType> {
    column_type(schema, ty, &mut vec![])
}

/// A column's type with a further field in it.
fn merged(known: Option<SqlType>, fields: &[String], ty: SqlType) -> SqlType {
    let Some((first, rest)) = fields.split_first() else { return known.unwrap_or(ty) };
    let mut all = match known {
        Some(SqlType::Struct(all)) => all,
        _ => vec![],
    };
    let name = Ident::physical(first);
    match all.iter().position(|(known, _)| *known == name) {
        Some(index) => {
            let inner = merged(Some(all[index].1.clone()), rest, ty);
            all[index].1 = inner;
        }
        None => all.push((name, merged(None, rest, ty))),
    }
    SqlType::Struct(all)
}

/// The type of a column; `None` for objects without fields and where an object holds itself.
fn column_type(schema: &Schema, ty: &Ty, above: &mut Vec<ObjectId>) -> Option<SqlType> {
    Some(match ty {
        Ty::Bool => SqlType::Bool,
        Ty::Int | Ty::Duration => SqlType::Int,
        Ty::Decimal(digits) => SqlType::Decimal { precision: digits.precision, scale: digits.scale },
        Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => SqlType::Float,
        Ty::String | Ty::Enum(_) | Ty::Bucket | Ty::Error => SqlType::Text,
        Ty::Date => SqlType::Date,
        Ty::Timestamp => SqlType::Timestamp,
        Ty::List(element) => SqlType::List(Box::new(column_type(schema, element, above)?)),
        Ty::Map(value) => SqlType::Map(Box::new(column_type(schema, value, above)?)),
        Ty::Object(id) => {
            if above.contains(id) {
                return None;
            }
            above.push(*id);
            let fields: Vec<(Ident, SqlType)> = schema
                .object(*id)
                .into_iter()
                .flat_map(|object| &object.fields)
                .filter_map(|(name, field)| Some((Ident::physical(name), column_type(schema, &field.ty.ty, above)?)))
                .collect();
            above.pop();
            if fields.is_empty() {
                return None;
            }
            SqlType::Struct(fields)
        }
    })
}
