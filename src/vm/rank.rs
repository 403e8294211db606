//! `rank`: the best of all members. Invariant: ties are decided by profile id, and absent keys come last.

use super::Found;
use crate::plan::RankPlan;
use crate::store::Dataset;
use crate::types::{Ty, Value};
use crate::vector::kernels::lists::sorted_rows;
use crate::vector::select::concat;

/// Members as block and row with their keys, best first.
pub(super) fn best(
    blocks: &[Found],
    rank: &RankPlan,
    key: &Ty,
    data: &Dataset,
) -> (Vec<(u32, u32)>, Vec<Option<Value>>) {
    // Blocks and the profiles in them are in the order of ids, but for stores that were added to.
    let members: Vec<(u32, u32)> = blocks
        .iter()
        .enumerate()
        .flat_map(|(block, (bits, _))| bits.ones().map(move |row| (block as u32, row as u32)))
        .collect();
    let keys: Vec<_> = blocks
        .iter()
        .filter_map(|(bits, keys)| {
            let rows: Vec<u32> = bits.ones().map(|row| row as u32).collect();
            keys.as_ref().map(|keys| keys.take(&rows))
        })
        .collect();
    let keys = concat(&keys, key);
    let mut all: Vec<u32> = (0..members.len() as u32).collect();
    if !data.is_ordered() {
        let id =
            |at: &u32| members.get(*at as usize).and_then(|&(b, row)| data.blocks[b as usize].ids.get(row as usize));
        all.sort_unstable_by_key(id);
    }
    let mut order = sorted_rows(&keys, all.iter().copied(), rank.descending);
    order.extend(all.into_iter().filter(|&at| !keys.is_present(at as usize)));
    order.truncate(rank.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX));
    let values = order.iter().map(|&at| keys.value(at as usize, key)).collect();
    (order.into_iter().filter_map(|at| members.get(at as usize).copied()).collect(), values)
}
