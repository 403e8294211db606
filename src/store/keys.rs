//! Columns at a key of a map, taken from the entries that a store holds: `attributes["color"]`. Names only `gather` and
//! `plan`. Invariant: what is derived is what the loader of files would have read.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::gather::{NO_ROW, gather};
use super::{Block, ChildTable, Needs, Space, Table};
use crate::plan::{FieldPath, FieldStep};
use crate::types::Type;
use crate::vector::{Column, Data};

/// The path to the first map that a path takes a key of, the key, and what follows.
fn split(path: &FieldPath) -> Option<(FieldPath, Arc<str>, FieldPath)> {
    let at = path.iter().position(|step| matches!(step, FieldStep::Key(_)))?;
    match &path[at] {
        FieldStep::Key(key) => Some((path[..at].into(), key.clone(), path[at + 1..].into())),
        FieldStep::Field(_) => None,
    }
}

/// The rows in which a path of a space ends, and the rest of the path: no keys in either.
fn plain(space: &Space, path: &FieldPath) -> (Space, FieldPath) {
    let (mut space, mut path) = (plain_space(space), path.clone());
    while let Some((map, _, rest)) = split(&path) {
        space = Space::Entries(Arc::new(space), map);
        path = rest;
    }
    (space, path)
}

fn plain_space(space: &Space) -> Space {
    match space {
        Space::Profiles | Space::Events | Space::Class(_) => space.clone(),
        Space::Elements(outer, path) => {
            let (outer, path) = plain(outer, path);
            Space::Elements(Arc::new(outer), path)
        }
        Space::Entries(outer, path) => {
            let (outer, path) = plain(outer, path);
            Space::Entries(Arc::new(outer), path)
        }
    }
}

/// What must be read of a store so that [`derive`] can give what is needed.
pub(super) fn expanded(needs: &Needs) -> Needs {
    let mut all = Needs { spaces: BTreeMap::new(), event_types: needs.event_types.clone() };
    for (space, columns) in &needs.spaces {
        all.spaces.entry(plain_space(space)).or_default();
        for (path, ty) in columns {
            let (space, path) = plain(space, path);
            add(&mut all, space, path, ty);
        }
    }
    all
}

fn add(all: &mut Needs, space: Space, path: FieldPath, ty: &Type) {
    all.spaces.entry(space).or_default().insert(path, ty.clone());
}

/// Adds the columns and tables at keys to a block that has what [`expanded`] asks for.
pub(super) fn derive(block: &mut Block, needs: &Needs) {
    let mut origins: FxHashMap<Space, Vec<u32>> = FxHashMap::default();
    let mut spaces: Vec<(&Space, &BTreeMap<FieldPath, Type>)> = needs.spaces.iter().collect();
    spaces.sort_by_key(|(space, _)| depth(space));
    for (space, columns) in spaces {
        if plain_space(space) != *space {
            derive_table(block, space, columns, &mut origins);
            continue;
        }
        for path in columns.keys().filter(|path| split(path).is_some()) {
            let rows = rows_of(block, space, &origins);
            let column = at_keys(block, space, path, rows);
            if let (Some(column), Some(table)) = (column, table_of(block, space)) {
                table.columns.insert(path.clone(), column);
            }
        }
    }
}

fn depth(space: &Space) -> usize {
    match space {
        Space::Profiles | Space::Events | Space::Class(_) => 0,
        Space::Elements(outer, _) | Space::Entries(outer, _) => 1 + depth(outer),
    }
}

fn table_of<'b>(block: &'b mut Block, space: &Space) -> Option<&'b mut Table> {
    match space {
        Space::Profiles | Space::Class(_) => Some(&mut block.profiles),
        Space::Events => Some(&mut block.events.table),
        Space::Elements(..) | Space::Entries(..) => block.children.get_mut(space).map(|child| &mut child.table),
    }
}

fn table<'b>(block: &'b Block, space: &Space) -> Option<&'b Table> {
    match space {
        Space::Profiles | Space::Class(_) => Some(&block.profiles),
        Space::Events => Some(&block.events.table),
        Space::Elements(..) | Space::Entries(..) => block.children.get(space).map(|child| &child.table),
    }
}

/// For each row of a space the row of its plain space.
fn rows_of(block: &Block, space: &Space, origins: &FxHashMap<Space, Vec<u32>>) -> Vec<u32> {
    match origins.get(space) {
        Some(rows) => rows.clone(),
        None => (0..table(block, space).map_or(0, |table| table.rows) as u32).collect(),
    }
}

/// Follows the keys of a path from rows of a plain space.
fn follow(block: &Block, space: &Space, path: &FieldPath, mut rows: Vec<u32>) -> (Space, FieldPath, Vec<u32>) {
    let (mut space, mut path) = (plain_space(space), path.clone());
    while let Some((map, key, rest)) = split(&path) {
        space = Space::Entries(Arc::new(space), map);
        path = rest;
        let child = block.children.get(&space);
        rows.iter_mut().for_each(|row| *row = child.map_or(NO_ROW, |child| entry(child, *row, &key)));
    }
    (space, path, rows)
}

/// The entry of a row that has a key.
fn entry(child: &ChildTable, row: u32, key: &str) -> u32 {
    let (Some(&from), Some(&to)) =
        (child.offsets.get(row as usize), child.offsets.get((row as usize).saturating_add(1)))
    else {
        return NO_ROW;
    };
    let Some(Column { data: Data::Text { codes, dictionary }, .. }) = &child.keys else { return NO_ROW };
    let is_key = |at: &u32| dictionary.get(codes.get(*at as usize)) == Some(key);
    (from..to).find(is_key).unwrap_or(NO_ROW)
}

/// The column that a path with keys reads, for rows of a plain space.
fn at_keys(block: &Block, space: &Space, path: &FieldPath, rows: Vec<u32>) -> Option<Column> {
    let (space, path, rows) = follow(block, space, path, rows);
    table(block, &space)?.columns.get(&path).map(|column| gather(column, &rows))
}

/// The table of elements or entries that are reached through a key.
fn derive_table(
    block: &mut Block,
    space: &Space,
    columns: &BTreeMap<FieldPath, Type>,
    origins: &mut FxHashMap<Space, Vec<u32>>,
) {
    let (Space::Elements(outer, path) | Space::Entries(outer, path)) = space else { return };
    let outer_rows = rows_of(block, outer, origins);
    let (_, _, rows) = follow(block, outer, path, outer_rows);
    let Some(base) = block.children.get(&plain_space(space)) else { return };
    let mut offsets = vec![0u32];
    let mut taken: Vec<u32> = Vec::new();
    for row in rows {
        if let (Some(&from), Some(&to)) =
            (base.offsets.get(row as usize), base.offsets.get((row as usize).saturating_add(1)))
        {
            taken.extend(from..to);
        }
        offsets.push(taken.len() as u32);
    }
    let keys = base.keys.as_ref().map(|keys| gather(keys, &taken));
    let mut table = Table { rows: taken.len(), columns: BTreeMap::new() };
    for path in columns.keys() {
        if let Some(column) = at_keys(block, space, path, taken.clone()) {
            table.columns.insert(path.clone(), column);
        }
    }
    origins.insert(space.clone(), taken);
    block.children.insert(space.clone(), ChildTable { table, keys, offsets: offsets.into() });
}
