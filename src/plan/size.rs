//! How much of the plan one result needs. Invariant: what is shared is counted once.

use rustc_hash::FxHashSet;

use super::{DomainId, NodeId, Plan};

impl Plan {
    /// Whether computing a node takes more than so many operations and row sets.
    pub fn needs_more_than(&self, limit: usize, node: NodeId) -> bool {
        // Where the whole plan has no more, nothing has.
        if self.nodes.len() + self.domains.len() <= limit {
            return false;
        }
        let (mut nodes, mut domains) = (FxHashSet::default(), FxHashSet::default());
        let (mut work, mut open) = (vec![node], Vec::<DomainId>::new());
        while let Some(id) = work.pop() {
            if !nodes.insert(id) {
                continue;
            }
            let node = &self.nodes[id.0 as usize];
            work.extend(node.op.inputs());
            open.extend(node.op.domains());
            open.push(node.domain);
            while let Some(id) = open.pop() {
                if domains.insert(id) {
                    let domain = &self.domains[id.0 as usize];
                    open.extend(domain.parent);
                    open.extend(domain.kind.domains());
                    work.extend(domain.kind.inputs());
                }
            }
            if nodes.len() + domains.len() > limit {
                return true;
            }
        }
        false
    }
}
