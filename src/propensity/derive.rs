//! Features and outcomes of every eligible profile as of a cut-off, by the plan and the evaluator that segments run on.
//! Names `plan`, `emit`, `vm` and what lies below. Invariant: a cut-off T is evaluated with `now` one microsecond before
//! it: windows into the past end there, and those into the future begin at T, so that no event is in both.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::category::ABSENT;
use crate::bytecode::Program;
use crate::emit::bytecode::{Provenance, emit};
use crate::hir::Module;
use crate::plan::{self, Plan};
use crate::store::Dataset;
use crate::types::Ty;
use crate::vector::{Column, Data, Dictionary};
use crate::vm::{self, Values};

/// A module whose segments compute features: for each feature a segment that is ranked by it.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The module.
    pub module: Module,
    /// The segment of the prediction.
    pub label: usize,
    /// The segment of the eligible profiles.
    pub eligible: usize,
    /// The segment of each feature.
    pub features: Vec<usize>,
}

/// Makes a number of a double.
type Number<N> = fn(f64) -> N;

/// A column of a slice.
#[derive(Debug, Clone)]
pub enum Cells<N = f32> {
    /// Numbers; `NaN` is absent.
    Numbers(Vec<N>),
    /// Codes of texts; [`ABSENT`] is absent.
    Categories { codes: Vec<u32>, values: Vec<Arc<str>> },
}

impl<N: Copy> Cells<N> {
    /// Whether there are rows and none has a value.
    pub fn are_absent(&self, is_absent: fn(N) -> bool) -> bool {
        match self {
            Cells::Numbers(numbers) => !numbers.is_empty() && numbers.iter().all(|number| is_absent(*number)),
            Cells::Categories { codes, .. } => !codes.is_empty() && codes.iter().all(|code| *code == ABSENT),
        }
    }
}

/// The eligible profiles at a cut-off.
#[derive(Debug, Clone)]
pub struct Slice<N = f32> {
    /// Block and row of each.
    pub rows: Vec<(u32, u32)>,
    /// Whether the prediction came true; means nothing where the label window has not closed.
    pub labels: Vec<bool>,
    /// By feature.
    pub columns: Vec<Cells<N>>,
}

impl Compiled {
    fn plan(&self, now: i64) -> Plan {
        plan::optimize(&plan::lower(&self.module, now))
    }

    /// The program for an instant.
    pub fn program(&self, now: i64) -> Program {
        emit(&self.plan(now), &Provenance::default())
    }

    /// Features and outcomes with `now` at an instant.
    pub fn slice(&self, dataset: &Dataset, now: i64) -> Result<Slice, String> {
        // Zero has one sign, and nothing is infinite.
        self.slice_with(dataset, now, |value| (value.clamp(-LARGEST, LARGEST) + 0.0) as f32)
    }

    /// The same, with numbers made of doubles (`NaN` is absent).
    pub fn slice_with<N: Send>(&self, dataset: &Dataset, now: i64, number: Number<N>) -> Result<Slice<N>, String> {
        let plan = self.plan(now);
        let program = emit(&plan, &Provenance::default());
        let found = vm::values(&program, dataset).map_err(|error| error.to_string())?;
        let mut values: FxHashMap<usize, Values> = found.into_iter().collect();
        let late = || "it reads which profiles are the best of a ranked segment; features, `predict` and `for` cannot";
        let eligible = values.remove(&self.eligible).ok_or_else(late)?;
        let label = values.remove(&self.label).ok_or_else(late)?;
        let members = eligible.holds.iter().enumerate();
        let rows: Vec<(u32, u32)> =
            members.flat_map(|(block, bits)| bits.ones().map(move |row| (block as u32, row as u32))).collect();
        let labels = rows.iter().map(|&(block, row)| label.holds[block as usize].get(row as usize)).collect();
        let mut columns = Vec::new();
        for segment in &self.features {
            let key = values.remove(segment).ok_or_else(late)?;
            let ty = plan
                .segments
                .get(*segment)
                .and_then(|s| s.rank.as_ref())
                .map(|rank| &plan.nodes[rank.key.0 as usize].ty.ty);
            columns.push((key.keys, ty.cloned().unwrap_or(Ty::Float)));
        }
        let columns = columns.into_par_iter().map(|(keys, ty)| cells(&keys, &ty, &rows, number)).collect();
        Ok(Slice { rows, labels, columns })
    }
}

/// The values of the rows.
fn cells<N>(blocks: &[Column], ty: &Ty, rows: &[(u32, u32)], make: Number<N>) -> Cells<N> {
    if matches!(ty, Ty::String | Ty::Enum(_)) {
        return categories(blocks, rows);
    }
    let scale = if let Ty::Decimal(digits) = ty { 10f64.powi(i32::from(digits.scale)) } else { 1.0 };
    let number = |&(block, row): &(u32, u32)| {
        let (column, row) = (&blocks[block as usize], row as usize);
        if !column.is_present(row) {
            return make(f64::NAN);
        }
        let value = match &column.data {
            Data::Int(v) => v[row] as f64,
            Data::Decimal(v) => v[row] as f64 / scale,
            Data::Float(v) => v[row],
            Data::Date(v) => f64::from(v[row]),
            Data::Bucket(v) => f64::from(v[row]),
            Data::Bool(bits) => f64::from(u8::from(bits.get(row))),
            Data::Text { .. } | Data::List { .. } => f64::NAN,
        };
        make(value)
    };
    Cells::Numbers(rows.iter().map(number).collect())
}

/// Beyond this all numbers are one.
const LARGEST: f64 = 1e37;

fn categories<N>(blocks: &[Column], rows: &[(u32, u32)]) -> Cells<N> {
    let mut values: Vec<Arc<str>> = Vec::new();
    let mut known: FxHashMap<Arc<str>, u32> = FxHashMap::default();
    // Codes are of a dictionary, of which there is one for many blocks.
    let mut codes_of: FxHashMap<(*const Dictionary, u32), u32> = FxHashMap::default();
    let mut codes = Vec::with_capacity(rows.len());
    for &(block, row) in rows {
        let (column, row) = (&blocks[block as usize], row as usize);
        let Data::Text { codes: texts, dictionary } = &column.data else {
            codes.push(ABSENT);
            continue;
        };
        if !column.is_present(row) {
            codes.push(ABSENT);
            continue;
        }
        let code = *codes_of.entry((Arc::as_ptr(dictionary), texts.get(row))).or_insert_with(|| {
            let text: Arc<str> = dictionary.get(texts.get(row)).unwrap_or_default().into();
            *known.entry(text.clone()).or_insert_with(|| {
                values.push(text);
                values.len() as u32 - 1
            })
        });
        codes.push(code);
    }
    Cells::Categories { codes, values }
}

/// Slices of several cut-offs as one table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// By row, the hash of the profile's id.
    pub ids: Vec<u64>,
    /// By row, the number of the cut-off.
    pub cutoffs: Vec<u16>,
    /// By row, whether the prediction came true.
    pub labels: Vec<bool>,
    /// By feature.
    pub columns: Vec<Cells>,
}

impl Table {
    /// Adds the rows of a cut-off by its number. `ids` are the hashes of the profiles' ids, by block.
    pub fn append(&mut self, cutoff: u16, slice: Slice, ids: &[Vec<u64>]) {
        self.ids.extend(slice.rows.iter().map(|&(block, row)| ids[block as usize][row as usize]));
        self.cutoffs.resize(self.ids.len(), cutoff);
        self.labels.extend(slice.labels);
        if self.columns.is_empty() {
            self.columns = slice.columns;
            return;
        }
        for (all, new) in self.columns.iter_mut().zip(slice.columns) {
            match (all, new) {
                (Cells::Numbers(all), Cells::Numbers(new)) => all.extend(new),
                (Cells::Categories { codes, values }, Cells::Categories { codes: new, values: texts }) => {
                    let mut known: FxHashMap<Arc<str>, u32> =
                        values.iter().enumerate().map(|(code, text)| (text.clone(), code as u32)).collect();
                    let map: Vec<u32> = texts
                        .into_iter()
                        .map(|text| {
                            *known.entry(text.clone()).or_insert_with(|| {
                                values.push(text);
                                values.len() as u32 - 1
                            })
                        })
                        .collect();
                    codes.extend(new.iter().map(|&code| map.get(code as usize).copied().unwrap_or(ABSENT)));
                }
                // One program gives every column the same type at all cut-offs.
                (Cells::Numbers(_) | Cells::Categories { .. }, _) => {}
            }
        }
    }
}
