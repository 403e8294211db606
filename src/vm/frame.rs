//! Registers and rows while code runs. A fold's body has a frame of its own, inside that of the code around; a domain
//! below the fold's has its rows of the chunk there. Invariant: rows of a frame's `over` domain are numbered as in the
//! frame around, also in a chunk.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cuts::Cut;
use super::load::{Loaded, Piece};
use super::rows::Rows;
use super::since::Recent;
use super::windows::Instant;
use crate::bytecode::Register;
use crate::plan::DomainId;
use crate::vector::Buffer;
use crate::vector::kernels::Datum;
use crate::vector::kernels::reduce::Steps;

/// By the domain that a map is from and the one that it leads to.
type Maps = FxHashMap<(DomainId, DomainId), Arc<Vec<u32>>>;

pub(super) struct Frame<'f, 'd> {
    base: u32,
    registers: Vec<Option<Datum>>,
    rows: FxHashMap<DomainId, Rows<'d>>,
    /// The domain that is taken in chunks, and this chunk.
    over: Option<(DomainId, Range<usize>)>,
    outer: Option<&'f Frame<'f, 'd>>,
    /// Row maps that were asked for.
    maps: RefCell<Maps>,
    /// The instants that events may be cut at, and the cuts that were asked for.
    instants: &'f [Instant],
    cuts: RefCell<Vec<Option<Cut>>>,
    /// Where the values of registers change, where that was asked for; `None` if they do not ascend.
    steps: RefCell<FxHashMap<Register, Option<Arc<Steps>>>>,
    /// The values since an instant that were asked for, with the number of the call.
    recent: RefCell<FxHashMap<Register, (usize, Arc<Recent>)>>,
    /// The time of the last event of each profile or its slot, of domains of which that was asked for.
    lasts: RefCell<FxHashMap<DomainId, Arc<Vec<i64>>>>,
    /// How many rows of a domain may be made at once.
    pub limit: usize,
}

impl<'f, 'd> Frame<'f, 'd> {
    pub fn new(
        piece: &'f Piece<'_>,
        over: Option<(DomainId, Range<usize>)>,
        outer: Option<&'f Frame<'f, 'd>>,
        limit: usize,
    ) -> Self {
        Frame {
            base: piece.base,
            registers: vec![None; piece.registers as usize],
            rows: FxHashMap::default(),
            over,
            outer,
            maps: RefCell::default(),
            instants: &piece.cuts,
            cuts: RefCell::new(vec![None; piece.cuts.len()]),
            steps: RefCell::default(),
            recent: RefCell::default(),
            lasts: RefCell::default(),
            limit,
        }
    }

    /// The value of a register; a verified program reads only what is defined.
    #[inline]
    pub fn read(&self, register: Register) -> Option<&Datum> {
        if register.0 >= self.base {
            return self.registers.get((register.0 - self.base) as usize)?.as_ref();
        }
        self.outer?.read(register)
    }

    pub fn write(&mut self, register: Register, value: Option<Datum>) {
        self.steps.get_mut().remove(&register);
        self.recent.get_mut().remove(&register);
        if let Some(slot) = self.registers.get_mut(register.0.wrapping_sub(self.base) as usize) {
            *slot = value;
        }
    }

    /// The rows of a domain.
    pub fn rows(&self, domain: DomainId) -> Option<&Rows<'d>> {
        self.rows.get(&domain).or_else(|| self.outer?.rows(domain))
    }

    pub fn set_rows(&mut self, domain: DomainId, rows: Rows<'d>) {
        self.rows.insert(domain, rows);
    }

    pub fn drop_rows(&mut self, domain: DomainId) {
        if self.rows.remove(&domain).is_some() {
            self.maps.get_mut().retain(|&(from, _), _| from != domain);
            self.lasts.get_mut().remove(&domain);
        }
    }

    /// How many rows values of a domain have here.
    pub fn len(&self, domain: DomainId) -> usize {
        self.range(domain).len()
    }

    /// The rows of a domain that those below it are made for.
    pub fn range(&self, domain: DomainId) -> Range<usize> {
        match &self.over {
            Some((over, chunk)) if *over == domain => chunk.clone(),
            _ => 0..self.rows(domain).map_or(0, |rows| rows.len),
        }
    }

    /// For each row of a domain the row of one above it.
    pub fn map(&self, loaded: &Loaded<'_>, from: DomainId, to: DomainId) -> Arc<Vec<u32>> {
        if let Some(known) = self.maps.borrow().get(&(from, to)) {
            return known.clone();
        }
        let mut map: Vec<u32> = self.rows(from).map_or_else(Vec::new, Rows::parents);
        let mut here = loaded.parent(from);
        while here > to {
            let parents = self.rows(here).map_or_else(Vec::new, Rows::parents);
            map.iter_mut().for_each(|row| *row = parents.get(*row as usize).copied().unwrap_or(0));
            here = loaded.parent(here);
        }
        let map = Arc::new(map);
        self.maps.borrow_mut().insert((from, to), map.clone());
        map
    }

    /// The time of the last event of each profile or its slot, found now if that has not been asked for.
    pub fn lasts(&self, domain: DomainId, find: impl FnOnce() -> Vec<i64>) -> Arc<Vec<i64>> {
        self.lasts.borrow_mut().entry(domain).or_insert_with(|| Arc::new(find())).clone()
    }

    /// An instant that events may be cut at, by its number.
    pub fn instant(&self, number: usize) -> Option<&'f Instant> {
        self.instants.get(number)
    }

    /// The cut of an instant by its number, made now if it has not been asked for.
    pub fn cut(&self, number: usize, make: impl FnOnce(&Instant) -> Cut) -> Cut {
        if let Some(Some(known)) = self.cuts.borrow().get(number) {
            return known.clone();
        }
        let Some(instant) = self.instants.get(number) else { return Cut::Starts };
        let cut = make(instant);
        if let Some(place) = self.cuts.borrow_mut().get_mut(number) {
            *place = Some(cut.clone());
        }
        cut
    }

    /// Of the cuts of a domain's rows that are known, the one of the nearest instant.
    pub fn nearest_cut(&self, domain: DomainId, instant: i64) -> Option<(i64, Buffer<u32>)> {
        let cuts = self.cuts.borrow();
        let known = self.instants.iter().zip(cuts.iter()).filter_map(|(other, cut)| match cut {
            Some(Cut::At(rows)) if other.domain == domain => Some((other.instant, rows)),
            _ => None,
        });
        let (at, rows) = known.min_by_key(|(at, _)| at.abs_diff(instant))?;
        Some((at, rows.clone()))
    }

    pub fn drop_cut(&mut self, number: usize) {
        if let Some(place) = self.cuts.get_mut().get_mut(number) {
            *place = None;
        }
    }

    /// Where the values of a register change, made now if that has not been asked for.
    pub fn steps(&self, register: Register, make: impl FnOnce() -> Option<Steps>) -> Option<Arc<Steps>> {
        if let Some(known) = self.steps.borrow().get(&register) {
            return known.clone();
        }
        let made = make().map(Arc::new);
        self.steps.borrow_mut().insert(register, made.clone());
        made
    }

    /// The values since an instant of a call, computed now if that has not been asked for.
    pub fn recent(&self, (register, call): (Register, usize), make: impl FnOnce() -> Recent) -> Arc<Recent> {
        if let Some((_, known)) = self.recent.borrow().get(&register).filter(|(of, _)| *of == call) {
            return known.clone();
        }
        let made = Arc::new(make());
        self.recent.borrow_mut().insert(register, (call, made.clone()));
        made
    }

    /// The segments of the rows of a domain by the rows of one above it, from the first for which rows were made.
    pub fn bounds(&self, loaded: &Loaded<'_>, above: DomainId, domain: DomainId) -> Bounds {
        let mut path = Vec::new();
        let mut here = domain;
        while here > above {
            path.push(here);
            here = loaded.parent(here);
        }
        let mut bounds = Bounds { first: 0, at: vec![0].into() };
        for (depth, &step) in path.iter().rev().enumerate() {
            let Some(rows) = self.rows(step) else { return bounds };
            if depth == 0 {
                bounds = Bounds { first: rows.first, at: rows.ends.clone() };
            } else {
                let last = rows.ends.last().copied().unwrap_or(0);
                let end = |at: &u32| rows.ends.get((*at as usize).wrapping_sub(rows.first)).copied().unwrap_or(last);
                bounds.at = bounds.at.iter().map(end).collect();
            }
        }
        bounds
    }
}

/// Segments of rows: that of outer row `first + i` is `at[i]..at[i + 1]`.
pub(super) struct Bounds {
    pub first: usize,
    pub at: Buffer<u32>,
}

impl Bounds {
    /// The segment of an outer row.
    pub fn get(&self, row: usize) -> Range<usize> {
        let index = row.wrapping_sub(self.first);
        match (self.at.get(index), self.at.get(index.wrapping_add(1))) {
            (Some(&from), Some(&to)) => from as usize..to as usize,
            _ => 0..0,
        }
    }
}
