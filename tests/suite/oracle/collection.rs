//! Collections: the elements of a source that lie in the window and for which the filter is true.

use std::cmp::Ordering;

use segc::hir::{Collection, Source};
use segc::types::Ty;
use serde_json::Value as Json;

use super::V;
use super::expr::{Element, Scope};

impl<'e, 'a> Scope<'e, 'a> {
    /// The elements that count, in order.
    pub fn elements(&self, collection: &Collection) -> Vec<Element<'e, 'a>> {
        let mut elements = self.source(collection);
        elements.retain(|element| self.counts(collection, element));
        elements
    }

    /// The elements of a source with what the source itself demands, the windows of custom events included.
    fn source(&self, collection: &Collection) -> Vec<Element<'e, 'a>> {
        match &collection.source {
            Source::Events { event_type, .. } => {
                let events = self.person.events.iter();
                let of_type = events.filter(|event| event_type.as_ref().is_none_or(|name| **name == *event.kind));
                of_type.map(Element::Event).collect()
            }
            Source::List(path) => {
                let lists = self.places(path).into_iter();
                let items = lists.flat_map(|list| list.as_array().into_iter().flatten());
                items.filter_map(|item| element(item, &collection.element)).collect()
            }
            Source::Entries(path) => {
                let maps = self.places(path).into_iter().filter_map(Json::as_object);
                maps.flat_map(|map| {
                    let mut entries: Vec<_> = map.iter().filter(|(_, value)| !value.is_null()).collect();
                    entries.sort_by_key(|(key, _)| *key);
                    entries.into_iter().map(|(key, value)| Element::Entry { key, value })
                })
                .collect()
            }
            Source::Values(list) => match self.value(list) {
                Some(V::List(items)) => items.into_iter().map(Element::Scalar).collect(),
                _ => vec![],
            },
            Source::Top { of, by, count, descending } => {
                let elements = self.elements(of);
                let key = |element: &Element<'e, 'a>| self.with(of.binder, element).value(by);
                let mut keyed: Vec<(usize, V)> =
                    elements.iter().enumerate().filter_map(|(i, element)| Some((i, key(element)?))).collect();
                keyed.sort_by(|a, b| if *descending { b.1.order(&a.1) } else { a.1.order(&b.1) });
                keyed.truncate(*count as usize);
                let mut kept: Vec<usize> = keyed.into_iter().map(|(i, _)| i).collect();
                kept.sort_unstable();
                kept.into_iter().map(|i| elements[i].clone()).collect()
            }
            Source::Groups { of, by } => {
                let mut groups: Vec<(V, Vec<Element<'e, 'a>>)> = Vec::new();
                for element in self.elements(of) {
                    let Some(key) = self.with(of.binder, &element).value(by) else { continue };
                    match groups.iter_mut().find(|(other, _)| other.same(&key)) {
                        Some((_, members)) => members.push(element),
                        None => groups.push((key, vec![element])),
                    }
                }
                groups.sort_by(|a, b| a.0.order(&b.0));
                groups.into_iter().map(|(key, members)| Element::Group { key, members }).collect()
            }
            Source::Members(group) => match self.subject(*group) {
                Element::Group { members, .. } => members.clone(),
                other => panic!("{other:?} is no group"),
            },
        }
    }

    /// Whether an element of the source lies in the window and satisfies the filter.
    pub fn counts(&self, collection: &Collection, element: &Element<'e, 'a>) -> bool {
        let mut windowed = collection.window.is_some() || !matches!(collection.source, Source::Events { .. });
        let mut definitions = Vec::new();
        if let Source::Events { via, .. } = &collection.source {
            definitions.extend(via.iter().map(|id| &self.world.module.events[id.0 as usize].collection));
        }
        windowed |= definitions.iter().any(|definition| definition.window.is_some());
        if let (false, Element::Event(event)) = (windowed, element)
            && event.time > self.world.now
        {
            return false;
        }
        definitions.into_iter().chain([collection]).all(|collection| {
            let scope = self.with(collection.binder, element);
            let in_window = match (&collection.window, element) {
                (None, _) => true,
                (Some(window), Element::Event(event)) => {
                    scope.in_window(&V::Instant(event.time), window, false) == Some(true)
                }
                (Some(_), other) => panic!("{other:?} has no time"),
            };
            in_window && collection.filter.as_ref().is_none_or(|filter| scope.holds(filter))
        })
    }
}

/// An element of a list: an object as a record, a scalar as its value. Nulls are not elements.
fn element<'e, 'a>(item: &'a Json, ty: &Ty) -> Option<Element<'e, 'a>> {
    match ty {
        Ty::Object(_) => item.is_object().then_some(Element::Record(item)),
        _ => V::read(item, ty).map(Element::Scalar),
    }
}

impl Element<'_, '_> {
    /// How two events are ordered; elements of other kinds have no order but their places.
    pub fn order(&self) -> Option<(i64, &str)> {
        match self {
            Element::Event(event) => Some(event.order),
            Element::Record(_) | Element::Scalar(_) | Element::Entry { .. } | Element::Group { .. } => None,
        }
    }
}

/// Among elements of one order the smallest value; `last` looks from the end.
pub fn first_value(values: Vec<(Option<(i64, &str)>, V)>, last: bool) -> Option<V> {
    let best = if last { values.last()? } else { values.first()? };
    match best.0 {
        None => Some(best.1.clone()),
        Some(order) => {
            let tied = values.iter().filter(|(other, _)| *other == Some(order)).map(|(_, value)| value);
            tied.min_by(|a, b| a.order(b)).cloned()
        }
    }
}

#[test]
fn the_first_of_simultaneous_events_is_the_smallest_value() {
    let values = |order: &[(i64, &'static str)]| order.iter().map(|o| Some(*o)).zip([3, 2, 1].map(V::int)).collect();
    assert_eq!(first_value(values(&[(1, ""), (1, ""), (2, "")]), false), Some(V::int(2)));
    assert_eq!(first_value(values(&[(1, ""), (2, ""), (2, "")]), true), Some(V::int(1)));
    assert_eq!(first_value(values(&[(1, "a"), (1, "b"), (2, "")]), false), Some(V::int(3)));
    assert_eq!(first_value(vec![], false).map(|v| v.order(&V::int(0)) == Ordering::Equal), None);
}
