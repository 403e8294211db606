//! All ids of several parts in one order. Invariant: a cursor stands at a profile that is its part's business, or at the
//! end.

use std::sync::Arc;

use super::{Input, Item};
use crate::store::fault::Fault;
use crate::vector::{Bitmap, Strings};

/// A run of blocks of one input whose ids ascend.
pub(super) struct Cursor {
    input: u32,
    leads: bool,
    blocks: Vec<usize>,
    /// Index into `blocks`.
    at: usize,
    ids: Strings,
    records: Bitmap,
    row: usize,
    /// Whether the present id is part of the item that was given last.
    taken: bool,
}

/// The cursors of all inputs, in their order.
pub(super) fn cursors(inputs: &[Input]) -> Result<Vec<Cursor>, Fault> {
    let mut cursors = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        let blocks = &input.part.directory.blocks;
        let ascending = blocks.windows(2).all(|pair| pair[0].ids.1 < pair[1].ids.0);
        let of = |known: bool| (0..blocks.len()).filter(|&b| blocks[b].known == known).collect::<Vec<_>>();
        let runs = if ascending { vec![(0..blocks.len()).collect()] } else { vec![of(true), of(false)] };
        for blocks in runs {
            let mut cursor = Cursor {
                input: number as u32,
                leads: input.leads,
                blocks,
                at: 0,
                ids: Strings::default(),
                records: Bitmap::filled(0, false),
                row: 0,
                taken: false,
            };
            cursor.load(input)?;
            cursor.settle(input)?;
            cursors.push(cursor);
        }
    }
    Ok(cursors)
}

/// The next profile of those that lead, with the rows of all.
pub(super) fn next(cursors: &mut [Cursor], inputs: &[Input]) -> Result<Option<Item>, Fault> {
    let Some(id) = cursors.iter().filter(|c| c.leads).filter_map(Cursor::id).min().map(Arc::<str>::from) else {
        return Ok(None);
    };
    let mut rows = Vec::new();
    for cursor in cursors {
        if !cursor.leads {
            cursor.seek(&id, &inputs[cursor.input as usize])?;
        }
        if cursor.id() == Some(&*id) {
            cursor.taken = true;
            rows.push((cursor.input, cursor.blocks[cursor.at] as u32, cursor.row as u32));
        }
    }
    Ok(Some(Item { id, rows }))
}

/// Goes past the profile that was given last.
pub(super) fn pass(cursors: &mut [Cursor], inputs: &[Input]) -> Result<(), Fault> {
    for cursor in cursors.iter_mut().filter(|cursor| cursor.taken) {
        cursor.taken = false;
        cursor.row += 1;
        cursor.settle(&inputs[cursor.input as usize])?;
    }
    Ok(())
}

impl Cursor {
    fn id(&self) -> Option<&str> {
        self.ids.get(self.row)
    }

    /// Whether a row at which this stands has a record.
    pub fn has_record(&self, input: u32, block: u32, row: u32) -> bool {
        self.input == input
            && self.row == row as usize
            && self.blocks.get(self.at) == Some(&(block as usize))
            && self.records.get(row as usize)
    }

    /// The ids of the present block; none at the end.
    fn load(&mut self, input: &Input) -> Result<(), Fault> {
        self.row = 0;
        match self.blocks.get(self.at) {
            Some(&block) => {
                self.ids = input.part.ids(block)?;
                self.records = input.part.records(block)?;
            }
            None => self.ids = Strings::default(),
        }
        Ok(())
    }

    /// Goes on to the next row that is the part's business.
    fn settle(&mut self, input: &Input) -> Result<(), Fault> {
        loop {
            let Some(&block) = self.blocks.get(self.at) else { return Ok(()) };
            let gone = |row: usize| input.superseded.get(block).is_some_and(|gone| gone.get(row));
            while self.row < self.ids.len() && gone(self.row) {
                self.row += 1;
            }
            if self.row < self.ids.len() {
                return Ok(());
            }
            self.at += 1;
            self.load(input)?;
        }
    }

    /// Goes on to the first id that is not before one.
    fn seek(&mut self, id: &str, input: &Input) -> Result<(), Fault> {
        if self.id().is_none_or(|own| own >= id) {
            return Ok(());
        }
        let last = |block: &usize| input.part.directory.blocks[*block].ids.1.as_str() < id;
        let skipped = self.blocks[self.at..].iter().take_while(|block| last(block)).count();
        if skipped > 0 {
            self.at += skipped;
            self.load(input)?;
        }
        self.row = self.ids.place(id).max(self.row);
        self.settle(input)
    }
}
