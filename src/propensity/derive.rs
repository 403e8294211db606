//! Features and outcomes of every eligible profile as of a cut-off, by the plan and the evaluator that segments run on.
//! Names `plan`, `emit`, `vm` and what lies below. Invariant: a cut-off T is evaluated with `now` one microsecond before
//! it: windows into the past end there, and those into the future begin at T, so that no event is in both.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::category::ABSENT;
use crate::bytecode::Program;
use crate::emit::bytecode::{Provenance, emit};
use crate::hir::Module;
use crate::plan::{self, Plan};
use crate::store::Dataset;
use crate::types::Ty;
use crate::vector::{Column, Data};
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
pub type Number<N> = fn(f64) -> N;

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

impl<N> Default for Slice<N> {
    fn default() -> Self {
        Slice { rows: Vec::new(), labels: Vec::new(), columns: Vec::new() }
    }
}

impl<N: Copy> Slice<N> {
    /// The rows that are wanted.
    pub fn only(self, wanted: &dyn Fn(&(u32, u32)) -> bool) -> Slice<N> {
        let kept: Vec<usize> = (0..self.rows.len()).filter(|&at| wanted(&self.rows[at])).collect();
        if kept.len() == self.rows.len() {
            return self;
        }
        let columns = self.columns.into_iter().map(|cells| match cells {
            Cells::Numbers(numbers) => Cells::Numbers(kept.iter().map(|&at| numbers[at]).collect()),
            Cells::Categories { codes, values } => {
                Cells::Categories { codes: kept.iter().map(|&at| codes[at]).collect(), values }
            }
        });
        Slice {
            columns: columns.collect(),
            rows: kept.iter().map(|&at| self.rows[at]).collect(),
            labels: kept.iter().map(|&at| self.labels[at]).collect(),
        }
    }
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
        self.slice_with(dataset, now, NUMBER)
    }

    /// The same, with numbers made of doubles (`NaN` is absent).
    pub fn slice_with<N: Send + Copy>(
        &self,
        dataset: &Dataset,
        now: i64,
        number: Number<N>,
    ) -> Result<Slice<N>, String> {
        let blocks: Vec<usize> = (0..dataset.blocks.len()).collect();
        let mut slices = self.by_block(dataset, now, &blocks, number, &|slice| slice)?.into_iter();
        let mut all = slices.next().unwrap_or_default();
        for slice in slices {
            all.rows.extend(slice.rows);
            all.labels.extend(slice.labels);
            append(&mut all.columns, slice.columns);
        }
        Ok(all)
    }

    /// Features and outcomes of some blocks, each a slice of its own that is made into something before the next is there.
    pub fn by_block<N: Send, T: Send>(
        &self,
        dataset: &Dataset,
        now: i64,
        blocks: &[usize],
        number: Number<N>,
        make: &(dyn Fn(Slice<N>) -> T + Sync),
    ) -> Result<Vec<T>, String> {
        let plan = self.plan(now);
        let program = emit(&plan, &Provenance::default());
        let types: Vec<Ty> = self.features.iter().map(|segment| key_type(&plan, *segment)).collect();
        let found = vm::values(&program, dataset, blocks, &|block, values| {
            self.slice_of(block, values, &types, number).map(make)
        });
        found.map_err(|error| error.to_string())?.into_iter().collect()
    }

    /// The slice of a block.
    fn slice_of<N>(
        &self,
        block: usize,
        values: Vec<(usize, Values)>,
        types: &[Ty],
        number: Number<N>,
    ) -> Result<Slice<N>, String> {
        let mut values: FxHashMap<usize, Values> = values.into_iter().collect();
        let late = || "it reads which profiles are the best of a ranked segment; features, `predict` and `for` cannot";
        let eligible = values.remove(&self.eligible).ok_or_else(late)?;
        let label = values.remove(&self.label).ok_or_else(late)?;
        let rows: Vec<u32> = eligible.holds.ones().map(|row| row as u32).collect();
        let mut columns = Vec::with_capacity(types.len());
        for (segment, ty) in self.features.iter().zip(types) {
            let key = values.remove(segment).and_then(|values| values.key).ok_or_else(late)?;
            columns.push(cells(&key, ty, &rows, number));
        }
        let labels = rows.iter().map(|&row| label.holds.get(row as usize)).collect();
        Ok(Slice { rows: rows.into_iter().map(|row| (block as u32, row)).collect(), labels, columns })
    }
}

/// The type of what a segment is ranked by.
fn key_type(plan: &Plan, segment: usize) -> Ty {
    let rank = plan.segments.get(segment).and_then(|segment| segment.rank.as_ref());
    rank.map_or(Ty::Float, |rank| plan.nodes[rank.key.0 as usize].ty.ty.clone())
}

/// The values of the rows.
fn cells<N>(column: &Column, ty: &Ty, rows: &[u32], make: Number<N>) -> Cells<N> {
    if matches!(ty, Ty::String | Ty::Enum(_)) {
        return categories(column, rows);
    }
    let scale = if let Ty::Decimal(digits) = ty { 10f64.powi(i32::from(digits.scale)) } else { 1.0 };
    let number = |&row: &u32| {
        let row = row as usize;
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
/// A number as models take it: zero has one sign, and nothing is infinite.
pub const NUMBER: Number<f32> = |value| (value.clamp(-LARGEST, LARGEST) + 0.0) as f32;

fn categories<N>(column: &Column, rows: &[u32]) -> Cells<N> {
    let Data::Text { codes: texts, dictionary } = &column.data else {
        return Cells::Categories { codes: vec![ABSENT; rows.len()], values: Vec::new() };
    };
    let mut values: Vec<Arc<str>> = Vec::new();
    let mut known: FxHashMap<u32, u32> = FxHashMap::default();
    let code = |&row: &u32| {
        let row = row as usize;
        if !column.is_present(row) {
            return ABSENT;
        }
        *known.entry(texts.get(row)).or_insert_with(|| {
            values.push(dictionary.get(texts.get(row)).unwrap_or_default().into());
            values.len() as u32 - 1
        })
    };
    let codes = rows.iter().map(code).collect();
    Cells::Categories { codes, values }
}

/// Adds the rows of columns to others of the same types.
fn append<N: Copy>(all: &mut [Cells<N>], more: Vec<Cells<N>>) {
    for (all, more) in all.iter_mut().zip(more) {
        match (all, more) {
            (Cells::Numbers(all), Cells::Numbers(more)) => all.extend(more),
            (Cells::Categories { codes, values }, Cells::Categories { codes: more, values: texts }) => {
                append_codes((codes, values), &more, texts);
            }
            // One program gives every column the same type everywhere.
            (Cells::Numbers(_) | Cells::Categories { .. }, _) => {}
        }
    }
}

/// Adds codes of texts to those of others.
pub(super) fn append_codes((codes, values): (&mut Vec<u32>, &mut Vec<Arc<str>>), more: &[u32], texts: Vec<Arc<str>>) {
    let map: Vec<u32> = match texts.len() * values.len() {
        // Few are sought among few.
        0..FEW => texts.into_iter().map(|text| place(values, text)).collect(),
        _ => {
            let known = values.iter().enumerate().map(|(code, text)| (text.clone(), code as u32));
            let mut known: FxHashMap<Arc<str>, u32> = known.collect();
            let mut place = |text: Arc<str>| {
                *known.entry(text.clone()).or_insert_with(|| {
                    values.push(text);
                    values.len() as u32 - 1
                })
            };
            texts.into_iter().map(&mut place).collect()
        }
    };
    codes.extend(more.iter().map(|&code| map.get(code as usize).copied().unwrap_or(ABSENT)));
}

/// Comparisons of texts that cost less than a table of them.
const FEW: usize = 1000;

fn place(values: &mut Vec<Arc<str>>, text: Arc<str>) -> u32 {
    let known = values.iter().position(|known| *known == text);
    known.unwrap_or_else(|| {
        values.push(text);
        values.len() - 1
    }) as u32
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
        append(&mut self.columns, slice.columns);
    }
}
