//! The graph under construction: domains and nodes are interned, so that equal ones are one.

use rustc_hash::FxHashMap;

use super::{Domain, DomainId, DomainKind, Node, NodeId, Op};
use crate::types::{Duration, Ty, Type, Value};

/// Domains and nodes with their index.
#[derive(Debug, Clone)]
pub struct Graph {
    domains: Vec<Domain>,
    depths: Vec<u32>,
    domain_ids: FxHashMap<Domain, DomainId>,
    nodes: Vec<Node>,
    node_ids: FxHashMap<Node, NodeId>,
}

impl Default for Graph {
    fn default() -> Self {
        let mut graph = Graph {
            domains: Vec::new(),
            depths: Vec::new(),
            domain_ids: FxHashMap::default(),
            nodes: Vec::new(),
            node_ids: FxHashMap::default(),
        };
        graph.domain(None, DomainKind::Profiles);
        graph
    }
}

impl Graph {
    /// The domain of a kind under a parent.
    pub fn domain(&mut self, parent: Option<DomainId>, kind: DomainKind) -> DomainId {
        let domain = Domain { parent, kind };
        if let Some(&id) = self.domain_ids.get(&domain) {
            return id;
        }
        let id = DomainId(self.domains.len() as u32);
        self.depths.push(parent.map_or(0, |parent| self.depth(parent) + 1));
        self.domains.push(domain.clone());
        self.domain_ids.insert(domain, id);
        id
    }

    /// The node of an operation in a domain.
    pub fn node(&mut self, op: Op, domain: DomainId, ty: Type) -> NodeId {
        let node = Node { op, domain, ty };
        if let Some(&id) = self.node_ids.get(&node) {
            return id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node.clone());
        self.node_ids.insert(node, id);
        id
    }

    /// A node by its id.
    pub fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// A domain by its id.
    pub fn get_domain(&self, id: DomainId) -> &Domain {
        &self.domains[id.0 as usize]
    }

    /// The finished parts.
    pub fn into_parts(self) -> (Vec<Domain>, Vec<Node>) {
        (self.domains, self.nodes)
    }

    /// How far a domain is from the profiles.
    pub fn depth(&self, domain: DomainId) -> u32 {
        self.depths[domain.0 as usize]
    }

    /// The deeper of two domains of one chain.
    pub fn deeper(&self, a: DomainId, b: DomainId) -> DomainId {
        if self.depth(b) > self.depth(a) { b } else { a }
    }

    /// The value of a constant node.
    pub fn constant(&self, id: NodeId) -> Option<&Value> {
        match &self.get(id).op {
            Op::Const(value) => Some(value),
            _ => None,
        }
    }

    /// The duration that a constant node holds.
    pub fn constant_duration(&self, id: NodeId) -> Option<Duration> {
        match self.constant(id)? {
            Value::Duration(duration) => Some(*duration),
            _ => None,
        }
    }

    /// A constant over the profiles; [`Graph::gather`] moves it anywhere.
    pub fn literal(&mut self, value: Value, ty: Ty) -> NodeId {
        self.node(Op::Const(value), DomainId::PROFILES, Type::required(ty))
    }

    /// `true` or `false`.
    pub fn bool(&mut self, value: bool) -> NodeId {
        self.literal(Value::Bool(value), Ty::Bool)
    }

    /// The node's value at the rows of a descendant domain. Constants are the same everywhere.
    pub fn gather(&mut self, node: NodeId, to: DomainId) -> NodeId {
        let Node { op, domain, ty } = self.get(node).clone();
        if domain == to {
            return node;
        }
        match op {
            Op::Const(_) | Op::Absent => self.node(op, to, ty),
            Op::Gather(inner) => self.node(Op::Gather(inner), to, ty),
            _ => self.node(Op::Gather(node), to, ty),
        }
    }

    /// Moves all nodes to the deepest of their domains (which lie on one chain) and names it.
    pub fn align(&mut self, nodes: &mut [NodeId]) -> DomainId {
        let domain = nodes.iter().fold(DomainId::PROFILES, |deepest, &node| {
            if matches!(self.get(node).op, Op::Const(_) | Op::Absent) {
                deepest
            } else {
                self.deeper(deepest, self.get(node).domain)
            }
        });
        for node in nodes.iter_mut() {
            *node = self.gather(*node, domain);
        }
        domain
    }

    /// A predicate over values of one chain of domains.
    pub fn test(&mut self, op: crate::builtins::Test, mut args: Vec<NodeId>) -> NodeId {
        let domain = self.align(&mut args);
        self.node(Op::Test { op, negated: false, ignoring_case: false, args }, domain, Type::BOOL)
    }

    /// A value function over values of one chain of domains; absent where an argument is.
    pub fn call(&mut self, func: crate::builtins::Func, mut args: Vec<NodeId>, ty: Ty) -> NodeId {
        let domain = self.align(&mut args);
        self.node(Op::Call { func, args }, domain, Type::optional(ty))
    }

    /// The conjunction; `true` of nothing.
    pub fn and(&mut self, mut nodes: Vec<NodeId>) -> NodeId {
        match nodes.as_slice() {
            [] => self.bool(true),
            [one] => *one,
            _ => {
                let domain = self.align(&mut nodes);
                self.node(Op::And(nodes), domain, Type::BOOL)
            }
        }
    }

    /// The disjunction; `false` of nothing.
    pub fn or(&mut self, mut nodes: Vec<NodeId>) -> NodeId {
        match nodes.as_slice() {
            [] => self.bool(false),
            [one] => *one,
            _ => {
                let domain = self.align(&mut nodes);
                self.node(Op::Or(nodes), domain, Type::BOOL)
            }
        }
    }

    /// The negation.
    pub fn not(&mut self, node: NodeId) -> NodeId {
        let domain = self.get(node).domain;
        self.node(Op::Not(node), domain, Type::BOOL)
    }

    /// Whether a value is present.
    pub fn is_present(&mut self, node: NodeId) -> NodeId {
        let domain = self.get(node).domain;
        self.node(Op::IsPresent(node), domain, Type::BOOL)
    }
}
