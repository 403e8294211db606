//! The binary form of a program, version 1.
//!
//! ```text
//! "SEGB"  4 bytes
//! version 2 bytes, little endian
//! length  4 bytes, little endian: of the payload
//! digest  32 bytes: BLAKE3 of the payload
//! payload
//! ```
//!
//! The payload is a sequence of numbers and texts. Numbers are LEB128 (signed ones zigzag); decimals 16 and floats 8
//! bytes little endian; a text or a list is its length and its content; an option is 0, or 1 and its content; the cases
//! of an enumeration are numbered in the order of [`super::decode`]'s tables. First comes the table of texts, then that
//! of constants, to which the rest refers by index; then header, needs, domains, segments and levels, as they stand in
//! [`Program`]. Invariant: equal programs have equal bytes.

use indexmap::IndexSet;

use super::{Code, Instruction, Program};
use crate::plan::{Domain, DomainId, DomainKind, FieldPath, FieldStep, NodeId, RankPlan, Space};
use crate::schema::digest;
use crate::types::{Ty, Type};

mod operation;

/// The first bytes of a program.
pub const MAGIC: &[u8; 4] = b"SEGB";
/// The version of the form.
pub const VERSION: u16 = 2;
/// Bytes before the payload.
pub const HEADER: usize = 4 + 2 + 4 + 32;

/// The bytes of a program.
pub fn encode(program: &Program) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.program(program);
    let mut payload = Writer::default();
    payload.count(writer.texts.len());
    for text in &writer.texts {
        payload.count(text.len());
        payload.bytes.extend_from_slice(text.as_bytes());
    }
    payload.count(writer.constants.len());
    for constant in &writer.constants {
        payload.bytes.extend_from_slice(constant);
    }
    payload.bytes.append(&mut writer.bytes);
    let mut all = Vec::with_capacity(HEADER + payload.bytes.len());
    all.extend_from_slice(MAGIC);
    all.extend_from_slice(&VERSION.to_le_bytes());
    all.extend_from_slice(&(payload.bytes.len() as u32).to_le_bytes());
    all.extend_from_slice(&digest(&payload.bytes));
    all.append(&mut payload.bytes);
    all
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    texts: IndexSet<String>,
    /// Constants by their bytes.
    constants: IndexSet<Vec<u8>>,
}

impl Writer {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn signed(&mut self, value: i64) {
        self.number((value << 1 ^ value >> 63) as u64);
    }

    fn flag(&mut self, value: bool) {
        self.bytes.push(u8::from(value));
    }

    fn tag(&mut self, tag: u8) {
        self.bytes.push(tag);
    }

    fn text(&mut self, text: &str) {
        let index = match self.texts.get_index_of(text) {
            Some(index) => index,
            None => self.texts.insert_full(text.to_string()).0,
        };
        self.count(index);
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.count(items.len());
        items.iter().for_each(|item| write(self, item));
    }

    fn program(&mut self, program: &Program) {
        self.text(&program.compiler);
        self.bytes.extend_from_slice(&program.schema);
        self.signed(program.now);
        self.text(&program.settings.zone);
        self.tag(program.settings.week_start);
        self.flag(program.settings.event_ids);
        self.count(program.needs.spaces.len());
        for (space, columns) in &program.needs.spaces {
            self.space(space);
            self.count(columns.len());
            for (path, ty) in columns {
                self.path(path);
                self.ty(ty);
            }
        }
        self.option(program.needs.event_types.as_deref(), |w, types| w.list(types, |w, name| w.text(name)));
        self.list(&program.domains, Writer::domain);
        self.list(&program.segments, |w, segment| {
            w.text(&segment.name);
            w.bytes.extend_from_slice(&segment.definition);
        });
        self.list(&program.levels, |w, level| {
            w.code(&level.code);
            w.list(&level.outputs, |w, output| {
                w.number(u64::from(output.segment));
                w.node(output.condition);
                w.option(output.rank.as_ref(), Writer::rank);
            });
        });
    }

    fn rank(&mut self, rank: &RankPlan) {
        self.node(rank.key);
        self.flag(rank.descending);
        self.option(rank.limit, Writer::number);
    }

    fn code(&mut self, code: &Code) {
        self.number(u64::from(code.base));
        self.number(u64::from(code.registers));
        self.list(&code.instructions, |w, instruction| match instruction {
            Instruction::Rows { domain, inputs } => {
                w.tag(0);
                w.domain_id(*domain);
                w.nodes(inputs);
            }
            Instruction::Set { to, domain, op, ty } => {
                w.tag(1);
                w.node(*to);
                w.domain_id(*domain);
                w.ty(ty);
                w.op(op);
            }
            Instruction::Fold { over, body, yields } => {
                w.tag(2);
                w.domain_id(*over);
                w.code(body);
                w.list(yields, |w, each| {
                    w.node(each.from);
                    w.node(each.to);
                });
            }
        });
    }

    fn node(&mut self, node: NodeId) {
        self.number(u64::from(node.0));
    }

    fn nodes(&mut self, nodes: &[NodeId]) {
        self.list(nodes, |w, &node| w.node(node));
    }

    fn domain_id(&mut self, domain: DomainId) {
        self.number(u64::from(domain.0));
    }

    fn gap(&mut self, gap: Option<i64>) {
        self.option(gap, Writer::signed);
    }

    fn path(&mut self, path: &FieldPath) {
        self.list(path, |w, step| match step {
            FieldStep::Field(name) => {
                w.tag(0);
                w.text(name);
            }
            FieldStep::Key(key) => {
                w.tag(1);
                w.text(key);
            }
        });
    }

    fn space(&mut self, space: &Space) {
        match space {
            Space::Profiles => self.tag(0),
            Space::Events => self.tag(1),
            Space::Elements(of, path) => {
                self.tag(2);
                self.space(of);
                self.path(path);
            }
            Space::Entries(of, path) => {
                self.tag(3);
                self.space(of);
                self.path(path);
            }
            Space::Class(name) => {
                self.tag(4);
                self.text(name);
            }
        }
    }

    fn ty(&mut self, ty: &Type) {
        self.flag(ty.optional);
        self.bare_type(&ty.ty);
    }

    fn bare_type(&mut self, ty: &Ty) {
        match ty {
            Ty::Bool => self.tag(0),
            Ty::Int => self.tag(1),
            Ty::Decimal(digits) => {
                self.tag(2);
                self.tag(digits.precision);
                self.tag(digits.scale);
            }
            Ty::Float => self.tag(3),
            Ty::String | Ty::Enum(_) => self.tag(4),
            Ty::Date => self.tag(5),
            Ty::Timestamp => self.tag(6),
            Ty::Duration => self.tag(7),
            Ty::List(element) => {
                self.tag(8);
                self.bare_type(element);
            }
            Ty::Probability => self.tag(9),
            Ty::Score => self.tag(10),
            Ty::Percentile => self.tag(11),
            Ty::Bucket => self.tag(12),
            Ty::Map(value) => {
                self.tag(13);
                self.bare_type(value);
            }
            Ty::Object(id) => {
                self.tag(14);
                self.number(u64::from(id.0));
            }
            // Registers do not hold it; the decoder refuses it.
            Ty::Error => self.tag(u8::MAX),
        }
    }

    fn domain(&mut self, domain: &Domain) {
        self.option(domain.parent, Writer::domain_id);
        match &domain.kind {
            DomainKind::Profiles => self.tag(0),
            DomainKind::Events { event_type } => {
                self.tag(1);
                self.option(event_type.as_deref(), Writer::text);
            }
            DomainKind::Elements { of, path } => {
                self.tag(2);
                self.domain_id(*of);
                self.path(path);
            }
            DomainKind::Entries { of, path } => {
                self.tag(3);
                self.domain_id(*of);
                self.path(path);
            }
            DomainKind::Values { list } => {
                self.tag(4);
                self.node(*list);
            }
            DomainKind::Filter { mask } => {
                self.tag(5);
                self.node(*mask);
            }
            DomainKind::Groups { of, mask, key } => {
                self.tag(6);
                self.domain_id(*of);
                self.option(*mask, Writer::node);
                self.node(*key);
            }
            DomainKind::Members { groups } => {
                self.tag(7);
                self.domain_id(*groups);
            }
            DomainKind::Later { events, mask, after, since, within, at_least } => {
                self.tag(8);
                self.domain_id(*events);
                self.option(*mask, Writer::node);
                self.domain_id(*after);
                self.domain_id(*since);
                self.gap(*within);
                self.gap(*at_least);
            }
            DomainKind::Between { events, mask, after, before, at_least } => {
                self.tag(9);
                self.domain_id(*events);
                self.option(*mask, Writer::node);
                self.option(*after, Writer::domain_id);
                self.domain_id(*before);
                self.gap(*at_least);
            }
        }
    }
}
