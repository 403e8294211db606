//! What the data holds before the newest training cut-off: which fields an event type has, and the commonest values of texts. Names
//! `features` and `store`. Invariants: nothing is looked at that no training row knows, nor of profiles
//! that do not count where they stand.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::features::{EventField, Sources, TOP_VALUES};
use crate::hir::{Module, Source};
use crate::plan::{FieldPath, FieldStep};
use crate::store::{Block, Dataset, Space};
use crate::types::Ty;
use crate::vector::{Column, Data};

/// Rows with a value, and the commonest values, by event source and field.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    fields: BTreeMap<(String, String), Seen>,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    rows: u64,
    /// Texts, commonest first; empty where nearly every row has its own.
    top: Vec<String>,
}

impl Observed {
    /// Whether any event of a source has the field.
    pub fn has(&self, event: &str, field: &EventField) -> bool {
        self.seen(event, field).is_some_and(|seen| seen.rows > 0)
    }

    /// The commonest values of a field.
    pub fn top(&self, event: &str, field: &EventField) -> &[String] {
        self.seen(event, field).map_or(&[], |seen| &seen.top)
    }

    fn seen(&self, event: &str, field: &EventField) -> Option<&Seen> {
        self.fields.get(&(event.to_owned(), field.path.clone()))
    }
}

/// The instants of the first and the last event.
pub fn span(dataset: &Dataset) -> Option<(i64, i64)> {
    let of = |block: &Block| {
        let counted = (0..block.events.time.len()).filter(|&row| block.counts_event(row));
        let times = counted.map(|row| block.events.time[row]);
        let span = times.fold(None, |span: Option<(i64, i64)>, time| {
            let (first, last) = span.unwrap_or((time, time));
            Some((first.min(time), last.max(time)))
        });
        block.forget();
        span
    };
    let spans = dataset.blocks.iter().filter_map(of);
    spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// Looks at the events before an instant.
pub fn observe(module: &Module, sources: &Sources, dataset: &Dataset, before: i64) -> Observed {
    let mut observed = Observed::default();
    for event in &sources.events {
        let event_type = event_type(module, event);
        for field in &sources.fields {
            let Some(place) = place(module, field) else { continue };
            let mut counts: FxHashMap<Arc<str>, u64> = FxHashMap::default();
            let mut rows = 0;
            for block in &dataset.blocks {
                rows += look(block, event_type.as_deref(), &place, before, &mut counts);
                block.forget();
            }
            let top = if field.number { Vec::new() } else { commonest(counts, rows) };
            observed.fields.insert((event.clone(), field.path.clone()), Seen { rows, top });
        }
    }
    observed
}

/// The event type of a source; `None` for all.
fn event_type(module: &Module, event: &str) -> Option<Arc<str>> {
    let custom = module.events.iter().find(|known| known.name == event);
    match custom.map(|custom| &custom.collection.source) {
        Some(Source::Events { event_type, .. }) => event_type.clone(),
        _ => Some(event.trim_matches('`').into()),
    }
}

/// Where a field is: of the event, or of the elements of one list.
struct Place {
    list: Option<FieldPath>,
    path: FieldPath,
}

fn place(module: &Module, field: &EventField) -> Option<Place> {
    let schema = &module.schema;
    let steps: Vec<&str> = field.path.trim_matches('`').split('.').collect();
    let path = |steps: &[&str]| steps.iter().map(|step| FieldStep::Field((*step).into())).collect::<FieldPath>();
    let lists: Vec<usize> = (1..=steps.len())
        .filter(|end| {
            let ty = schema.field_at(schema.event, steps[..*end].iter().copied()).map(|f| &f.ty.ty);
            matches!(ty, Some(Ty::List(inner)) if matches!(**inner, Ty::Object(_)))
        })
        .collect();
    match lists.as_slice() {
        [] => Some(Place { list: None, path: path(&steps) }),
        [end] => Some(Place { list: Some(path(&steps[..*end])), path: path(&steps[*end..]) }),
        _ => None,
    }
}

/// Counts a block's values; how many rows have one.
fn look(
    block: &Block,
    event_type: Option<&str>,
    place: &Place,
    before: i64,
    counts: &mut FxHashMap<Arc<str>, u64>,
) -> u64 {
    let rows: Range<u32> = match event_type {
        Some(name) => block.events.types.get(name).map_or(0..0, |range| range.rows.clone()),
        None => 0..block.events.time.len() as u32,
    };
    let early = rows.filter(|&row| block.events.time[row as usize] < before && block.counts_event(row as usize));
    match &place.list {
        None => {
            let Some(column) = block.events.table.columns.get(&place.path) else { return 0 };
            early.map(|row| count(column, row as usize, counts)).sum()
        }
        Some(list) => {
            let space = Space::Elements(Arc::new(Space::Events), list.clone());
            let Some(children) = block.children.get(&space) else { return 0 };
            let Some(column) = children.table.columns.get(&place.path) else { return 0 };
            let offsets = &children.offsets;
            let elements = early.flat_map(|row| offsets[row as usize]..offsets[row as usize + 1]);
            elements.map(|row| count(column, row as usize, counts)).sum()
        }
    }
}

fn count(column: &Column, row: usize, counts: &mut FxHashMap<Arc<str>, u64>) -> u64 {
    if !column.is_present(row) {
        return 0;
    }
    if let Data::Text { codes, dictionary } = &column.data
        && let Some(text) = dictionary.get(codes.get(row))
    {
        match counts.get_mut(text) {
            Some(count) => *count += 1,
            None => {
                counts.insert(text.into(), 1);
            }
        }
    }
    1
}

/// The commonest values of a text of which there are few kinds.
fn commonest(counts: FxHashMap<Arc<str>, u64>, rows: u64) -> Vec<String> {
    let mut counts: Vec<(Arc<str>, u64)> = counts.into_iter().collect();
    if counts.len() < 2 || counts.len() as u64 * 4 > rows {
        return Vec::new();
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.into_iter().take(TOP_VALUES).map(|(text, _)| text.to_string()).collect()
}
