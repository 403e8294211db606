//! Runs code over one block. Invariant: an instruction's result depends on the block and the members of earlier levels
//! alone.

use std::ops::Range;

use super::cache::Cache;
use super::frame::Frame;
use super::load::{Action, Loaded, Piece};
use super::rows::Rows;
use super::times::Looked;
use super::{Found, Members, TooManyRows, Trouble};
use crate::bytecode::{Output, Register};
use crate::plan::DomainId;
use crate::store::{Block, Dataset};
use crate::types::Ty;
use crate::vector::select::concat;
use crate::vector::{Bitmap, Column};

/// Rows that may be made at once where the work cannot be cut into chunks.
const ALL_ROWS: usize = 256 << 20;

/// What code runs over.
pub(super) struct Environment<'e, 'd> {
    pub loaded: &'e Loaded<'e>,
    pub data: &'d Dataset,
    pub cache: &'e Cache,
    /// The members of the segments of earlier levels.
    pub members: &'e [Members],
    /// The block.
    pub index: usize,
    /// Rows that may be made at once in a fold.
    pub chunk_rows: usize,
    /// What was looked at closely while an instruction ran.
    pub looked: Looked,
}

impl<'d> Environment<'_, 'd> {
    pub fn block(&self) -> &'d Block {
        &self.data.blocks[self.index]
    }

    /// Runs a level's code and reads its outputs.
    pub fn outputs(&self, piece: &Piece<'_>, outputs: &[Output]) -> Result<Vec<Found>, Trouble> {
        let profiles = self.block().ids.len();
        let mut frame = Frame::new(piece, None, None, ALL_ROWS);
        frame.set_rows(DomainId::PROFILES, Rows::profiles(profiles));
        self.piece(piece, &mut frame)?;
        let found = outputs.iter().map(|output| {
            let bits = frame
                .read(output.condition)
                .map_or_else(|| Bitmap::filled(profiles, false), |condition| condition.truth(profiles));
            let bits = match &self.block().alive {
                Some(alive) => bits.and(alive),
                None => bits,
            };
            let key = output.rank.as_ref().and_then(|rank| frame.read(rank.key)).map(|key| key.expand(profiles));
            (bits, key)
        });
        let found = found.collect();
        self.looked.fault.get().map_or(Ok(found), |fault| Err(Trouble::Store(fault.clone())))
    }

    fn piece(&self, piece: &Piece<'_>, frame: &mut Frame<'_, 'd>) -> Result<(), Trouble> {
        for step in &piece.steps {
            // Right before: what is read for its checksum is still in cache.
            if let Some(reads) = &step.reads {
                self.block().check(reads).map_err(Trouble::Store)?;
            }
            match &step.action {
                Action::Rows { domain, kind } => {
                    let rows = self.make(*domain, kind, frame).map_err(Trouble::TooManyRows)?;
                    frame.set_rows(*domain, rows);
                }
                Action::Later => {}
                Action::Set(set) => {
                    let value = self.set(set, frame);
                    frame.write(set.to, Some(value));
                }
                Action::Fold { over, body, yields } => {
                    let columns = self.fold(*over, body, yields, frame)?;
                    for ((_, to, _), column) in yields.iter().zip(columns) {
                        frame.write(*to, Some(crate::vector::kernels::Datum::Column(column)));
                    }
                }
            }
            step.drop_registers.iter().for_each(|&register| frame.write(register, None));
            step.drop_rows.iter().for_each(|&domain| frame.drop_rows(domain));
            step.drop_cuts.iter().for_each(|&cut| frame.drop_cut(cut));
        }
        Ok(())
    }

    /// Runs a body over chunks of a domain's rows: over all at once if it fits, else over halves of them.
    fn fold(
        &self,
        over: DomainId,
        body: &Piece<'_>,
        yields: &[(Register, Register, Ty)],
        outer: &Frame<'_, 'd>,
    ) -> Result<Vec<Column>, Trouble> {
        let mut parts: Vec<Vec<Column>> = vec![Vec::new(); yields.len()];
        let mut open: Vec<Range<usize>> = vec![outer.range(over)];
        while let Some(chunk) = open.pop() {
            let limit = if chunk.len() > 1 { self.chunk_rows } else { ALL_ROWS };
            let mut frame = Frame::new(body, Some((over, chunk.clone())), Some(outer), limit);
            match self.piece(body, &mut frame) {
                Ok(()) => {
                    for ((from, _, ty), parts) in yields.iter().zip(&mut parts) {
                        let column = frame.read(*from).map(|datum| datum.expand(chunk.len()));
                        parts.push(column.unwrap_or_else(|| Column::absent(ty, chunk.len())));
                    }
                }
                Err(Trouble::TooManyRows(TooManyRows)) if chunk.len() > 1 => {
                    let middle = chunk.start + chunk.len() / 2;
                    open.push(middle..chunk.end);
                    open.push(chunk.start..middle);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(yields.iter().zip(parts).map(|((_, _, ty), parts)| concat(&parts, ty)).collect())
    }
}
