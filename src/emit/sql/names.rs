//! Names made for tables, columns and parameters: readable, stable, each used once. Invariant: no name given out is equal,
//! ignoring case, to another or to a physical name.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::plan::{FieldPath, FieldStep};
use crate::sql::{Ident, quote};

/// The names given out so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: FxHashSet<String>,
    /// The next number to try for a wanted name.
    next: FxHashMap<String, u32>,
}

impl Names {
    /// Keeps a physical name from being given out.
    pub(super) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_lowercase());
    }

    /// A name like the wanted one, which is generated text.
    pub(super) fn fresh(&mut self, wanted: &str) -> Ident {
        let mut name = wanted.to_owned();
        let number = self.next.entry(name.clone()).or_insert(2);
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            *number += 1;
        }
        Ident::generated(&name)
    }
}

/// A name for one of several things: `purchases` gives `purchase`.
pub(super) fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) if !stem.is_empty() => format!("{stem}y"),
        _ => match name.strip_suffix('s') {
            Some(stem) if stem.len() > 1 && !stem.ends_with('s') => quote::generated_name(stem, "row"),
            _ => format!("{name}_row"),
        },
    }
}

/// The name of the last field of a path.
pub(super) fn last_field(path: &FieldPath) -> &str {
    path.iter()
        .rev()
        .find_map(|step| match step {
            FieldStep::Field(name) => Some(&**name),
            FieldStep::Key(_) => None,
        })
        .unwrap_or("value")
}
