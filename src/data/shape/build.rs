//! How a shape is made: the places of what a program needs, and the columns that their values go into. Names `schema`,
//! `project`, `store`. Invariant: a place is made once, whoever asks for it.

use std::collections::BTreeMap;

use super::{Join, Kind, Node, Shape, Slot, Spaces};
use crate::data::cell::Cell;
use crate::hir::ScoreField;
use crate::plan::{FieldPath, FieldStep};
use crate::project::{Column, Joined};
use crate::store::Space;
use crate::store::raw::TableSpec;
use crate::types::{Ty, Type};

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Name(String),
    Wild,
}

/// The steps from the record to the rows of a space.
fn absolute(space: &Space) -> Vec<Step> {
    match space {
        Space::Profiles | Space::Events | Space::Class(_) => Vec::new(),
        Space::Elements(outer, path) => joined(outer, path),
        Space::Entries(outer, path) => {
            let mut steps = joined(outer, path);
            steps.push(Step::Wild);
            steps
        }
    }
}

fn joined(outer: &Space, path: &FieldPath) -> Vec<Step> {
    let mut steps = absolute(outer);
    steps.extend(path.iter().map(step));
    steps
}

fn step(step: &FieldStep) -> Step {
    match step {
        FieldStep::Field(name) | FieldStep::Key(name) => Step::Name(name.to_string()),
    }
}

/// The shape of one kind of record.
pub fn shape(kind: &Kind<'_>, spaces: &Spaces) -> Shape {
    let mut builder =
        Builder { kind, nodes: vec![Node::default()], specs: vec![], joins: vec![], slots: 0, constants: vec![] };
    builder.system();
    let mut wanted: Vec<(&Space, &BTreeMap<FieldPath, Type>)> =
        spaces.iter().filter(|(space, _)| builder.is_read(space, &[])).collect();
    wanted.sort_by_key(|(space, _)| absolute(space).len());
    for (space, columns) in wanted {
        builder.space(space, columns);
    }
    builder.finish()
}

struct Builder<'a, 'k> {
    kind: &'a Kind<'k>,
    nodes: Vec<Node>,
    specs: Vec<TableSpec>,
    joins: Vec<Join>,
    slots: usize,
    constants: Vec<(usize, String)>,
}

impl Builder<'_, '_> {
    /// Whether the rows or a column of a space are read from this kind of record.
    fn is_read(&self, space: &Space, path: &[FieldStep]) -> bool {
        if *crate::store::build::root_of(space) != self.kind.space {
            return false;
        }
        let mut steps = absolute(space);
        steps.extend(path.iter().map(step));
        let begins = |prefix: &[&str]| {
            steps.len() >= prefix.len()
                && prefix.iter().zip(&steps).all(|(name, step)| matches!(step, Step::Name(n) if n == name))
        };
        let excepted = self.kind.except.iter().any(|path| begins(&path.iter().map(String::as_str).collect::<Vec<_>>()));
        // The records themselves are always read, whatever their columns.
        !excepted && (begins(self.kind.below) || (path.is_empty() && *space == self.kind.space))
    }

    fn system(&mut self) {
        let system = self.kind.system.iter().map(|column| column.kind).collect();
        let space = self.kind.space.clone();
        self.specs.push(TableSpec { space, parent: None, columns: Vec::new(), system, keyed: false });
        for (i, column) in self.kind.system.iter().enumerate() {
            if let Some(physical) = &column.physical {
                let node = match physical {
                    Column::At(steps) => self.node(0, steps, column.name),
                    Column::Joined(joined) => self.joined(joined, column.name),
                };
                self.slot(node, 0, i, column.cell.clone());
            }
        }
        if let Some(name) = self.kind.event_type {
            self.constants.push((crate::store::events::TYPE_COLUMN, name.to_owned()));
        }
    }

    /// The place of a text that is made of several columns.
    fn joined(&mut self, joined: &Joined, shown: &str) -> usize {
        if let Some(known) = self.joins.iter().find(|join| join.joined == *joined) {
            return known.place;
        }
        let parts: Vec<usize> = joined.columns.iter().map(|column| self.node(0, column, &column.join("."))).collect();
        for (part, place) in parts.iter().enumerate() {
            self.nodes[*place].parts.push((self.joins.len(), part));
        }
        let place = self.nodes.len();
        self.nodes.push(Node { path: shown.to_owned(), ..Node::default() });
        self.joins.push(Join { joined: joined.clone(), place, parts });
        place
    }

    fn slot(&mut self, node: usize, table: usize, column: usize, cell: Cell) {
        let id = self.slots;
        self.slots += 1;
        self.nodes[node].slots.push(Slot { table, column, cell, id });
    }

    fn space(&mut self, space: &Space, columns: &BTreeMap<FieldPath, Type>) {
        let table = if *space == self.kind.space { 0 } else { self.child(space) };
        for (path, ty) in columns {
            if self.is_read(space, path) {
                self.column(table, space, path, ty);
            }
        }
        if table != 0 {
            self.presence(table, space);
        }
    }

    /// Rows of which nothing else is read are read themselves: an element or value that is null is no row.
    fn presence(&mut self, table: usize, space: &Space) {
        if !self.specs[table].columns.is_empty() {
            return;
        }
        let mut ty = self.type_at(&absolute(space));
        while let Some(Ty::List(element)) = ty {
            ty = Some(*element);
        }
        if let Some(ty) = ty {
            self.column(table, space, &[].into(), &Type::optional(ty));
        }
    }

    /// The table of the rows of a list or a map; makes the outer ones too.
    fn child(&mut self, space: &Space) -> usize {
        if let Some(known) = self.specs.iter().position(|spec| spec.space == *space) {
            return known;
        }
        let (outer, keyed) = match space {
            Space::Elements(outer, _) => (outer, false),
            Space::Entries(outer, _) => (outer, true),
            Space::Profiles | Space::Events | Space::Class(_) => return 0,
        };
        let parent = self.child(outer);
        let table = self.specs.len();
        let spec =
            TableSpec { space: space.clone(), parent: Some(parent), columns: Vec::new(), system: Vec::new(), keyed };
        self.specs.push(spec);
        let mut steps = absolute(space);
        if keyed {
            steps.pop();
            let node = self.place(&steps);
            let value = self.nodes.len();
            self.nodes.push(Node { path: format!("{}.*", self.nodes[node].path), ..Node::default() });
            self.nodes[node].entries.push((table, value));
        } else {
            let node = self.place(&steps);
            self.nodes[node].list = true;
            self.nodes[node].rows.push(table);
        }
        table
    }

    fn column(&mut self, table: usize, space: &Space, path: &FieldPath, ty: &Type) {
        let column = self.specs[table].system.len() + self.specs[table].columns.len();
        self.specs[table].columns.push((path.clone(), ty.clone()));
        let is_type = matches!(&**path, [FieldStep::Field(name)] if **name == *crate::schema::EVENT_TYPE);
        if let (Space::Events, true, Some(name)) = (space, is_type, self.kind.event_type) {
            self.constants.push((column, name.to_owned()));
            return;
        }
        let own = absolute(space).len();
        let mut steps = absolute(space);
        steps.extend(path.iter().map(step));
        let node = self.place(&steps);
        let cell = self.accepted(&steps, &ty.ty);
        self.slot(node, table, column, cell);
        if matches!(ty.ty, Ty::List(_)) {
            let outermost = (own + 1..=steps.len()).find(|&end| self.is_list(&steps[..end])).unwrap_or(steps.len());
            let opens = self.place(&steps[..outermost]);
            self.nodes[opens].list = true;
            self.nodes[opens].opens.push((table, column));
        }
    }

    /// The place of a path; the lists and objects on the way are known as such afterwards.
    fn place(&mut self, steps: &[Step]) -> usize {
        let names = |steps: &[Step]| -> Vec<String> {
            steps.iter().filter_map(|s| if let Step::Name(name) = s { Some(name.clone()) } else { None }).collect()
        };
        let wild = steps.iter().rposition(|s| *s == Step::Wild);
        let (from, before) = match wild {
            None => (0, self.kind.below.len().min(steps.len())),
            Some(at) => (self.values(&steps[..at]), at + 1),
        };
        let whole = names(&steps[before..]);
        if let (None, Some(joined)) = (wild, self.kind.mapping.joined.get(&whole.join("."))) {
            return self.joined(joined, &names(steps).join("."));
        }
        let mut here = from;
        for end in before + 1..=steps.len() {
            let path = names(&steps[before..end]);
            let physical = match wild {
                None => self.kind.mapping.physical(path.iter().map(String::as_str)),
                Some(_) => path,
            };
            let shown = names(&steps[..end]).join(".");
            here = self.node(from, &physical, &shown);
            if self.is_list(&steps[..end]) {
                self.nodes[here].list = true;
            }
        }
        here
    }

    /// The place of the values of a map.
    fn values(&mut self, steps: &[Step]) -> usize {
        let map = self.place(steps);
        if let Some((_, value)) = self.nodes[map].entries.first() {
            return *value;
        }
        map
    }

    /// What a column accepts: a program may read an enum as text and a probability as a number, and the data must hold
    /// what the schema says all the same.
    fn accepted(&self, steps: &[Step], read_as: &Ty) -> Cell {
        let element = |ty: Ty| {
            let mut ty = ty;
            while let Ty::List(inner) = ty {
                ty = *inner;
            }
            ty
        };
        let own = self.type_at(steps).map(element);
        match (element(read_as.clone()), own) {
            (Ty::String, Some(own @ Ty::Enum(_))) => Cell::of(&own),
            (Ty::Float, Some(own @ (Ty::Probability | Ty::Score | Ty::Percentile))) => Cell::of(&own),
            (Ty::Float, None) => match steps.last() {
                // A score on a scale that the language has no type for.
                Some(Step::Name(name)) if !self.kind.below.is_empty() => {
                    let scale = ScoreField::of_scale(name).map(ScoreField::written);
                    scale.map_or(Cell::of(&Ty::Float), |(least, most)| Cell::Float(least, most))
                }
                _ => Cell::of(&Ty::Float),
            },
            (read_as, _) => Cell::of(&read_as),
        }
    }

    /// Whether the schema has a list at the end of a path.
    fn is_list(&self, steps: &[Step]) -> bool {
        matches!(self.type_at(steps), Some(Ty::List(_)))
    }

    /// The schema's type at the end of a path.
    fn type_at(&self, steps: &[Step]) -> Option<Ty> {
        let mut object = Some(self.kind.object);
        let mut at: Option<Ty> = None;
        for step in steps {
            let mut outer = at.take();
            while let Some(Ty::List(inner)) = outer {
                outer = Some(*inner);
            }
            let next = match (outer, step) {
                (Some(Ty::Map(value)), _) => Some(*value),
                (_, Step::Name(name)) => {
                    object.and_then(|o| self.kind.schema.field(o, name)).map(|field| field.ty.ty.clone())
                }
                (_, Step::Wild) => None,
            };
            object = next.as_ref().and_then(Ty::inner_object);
            at = next;
        }
        at
    }

    fn node(&mut self, from: usize, physical: &[String], shown: &str) -> usize {
        let mut here = from;
        for name in physical {
            here = match self.nodes[here].field(name) {
                Some((_, next)) => next,
                None => {
                    let next = self.nodes.len();
                    self.nodes.push(Node { path: shown.to_owned(), ..Node::default() });
                    self.nodes[here].fields.push((name.as_str().into(), next));
                    next
                }
            };
        }
        here
    }

    /// The columns of the values of a score.
    fn scores(&self, below: &[&str]) -> Vec<usize> {
        let is_score = |path: &FieldPath| {
            let (FieldStep::Field(last) | FieldStep::Key(last)) = &path[path.len() - 1];
            path.len() == below.len() + 1 && ScoreField::SCALES.iter().any(|scale| scale.name() == &**last)
        };
        let table = &self.specs[0];
        let wanted = table.columns.iter().enumerate().filter(|(_, (path, _))| !path.is_empty() && is_score(path));
        wanted.map(|(i, _)| table.system.len() + i).collect()
    }

    fn finish(mut self) -> Shape {
        const MANY: usize = 12;
        for node in &mut self.nodes {
            if node.fields.len() > MANY {
                node.lookup = Some(node.fields.iter().enumerate().map(|(i, (name, _))| (name.clone(), i)).collect());
            }
        }
        let scores = match self.kind.below {
            [] => Vec::new(),
            below => self.scores(below),
        };
        let named = match self.kind.below {
            [] => Vec::new(),
            below => {
                let columns = self.kind.mapping.columns.keys();
                columns.flat_map(|path| [path.clone(), format!("{}.{path}", below.join("."))]).collect()
            }
        };
        let required =
            self.kind.system.iter().enumerate().filter_map(|(i, c)| c.required.map(|kind| (i, kind))).collect();
        Shape {
            nodes: self.nodes,
            specs: self.specs,
            rules: self.kind.rules.clone(),
            slots: self.slots,
            constants: self.constants,
            required,
            scores,
            looked: Vec::new(),
            joins: self.joins,
            named,
        }
    }
}
