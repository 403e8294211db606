//! Operations and constants in the binary form. Invariant: the cases are numbered as the decoder numbers them.

use super::Writer;
use crate::builtins::{Func, Test};
use crate::bytecode::decode::{FUNCS, TESTS, UNITS};
use crate::plan::{Op, Reduction};
use crate::types::Value;

impl Writer {
    fn constant(&mut self, value: &Value) {
        let mut own = Writer { texts: std::mem::take(&mut self.texts), ..Writer::default() };
        own.value(value);
        self.texts = own.texts;
        let index = self.constants.insert_full(own.bytes).0;
        self.count(index);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Bool(v) => {
                self.tag(0);
                self.flag(*v);
            }
            Value::Int(v) => {
                self.tag(1);
                self.signed(*v);
            }
            Value::Decimal { unscaled, scale } => {
                self.tag(2);
                self.bytes.extend_from_slice(&unscaled.to_le_bytes());
                self.tag(*scale);
            }
            Value::Float(v) => {
                self.tag(3);
                self.bytes.extend_from_slice(&v.to_bits().to_le_bytes());
            }
            Value::String(v) => {
                self.tag(4);
                self.text(v);
            }
            Value::Date(v) => {
                self.tag(5);
                self.signed(i64::from(*v));
            }
            Value::Timestamp(v) => {
                self.tag(6);
                self.signed(*v);
            }
            Value::Duration(v) => {
                self.tag(7);
                self.signed(i64::from(v.months));
                self.signed(i64::from(v.days));
                self.signed(v.micros);
            }
            Value::List(items) => {
                self.tag(8);
                self.list(items, Writer::value);
            }
            Value::Bucket(v) => {
                self.tag(9);
                self.tag(*v);
            }
        }
    }

    pub(super) fn op(&mut self, op: &Op) {
        match op {
            Op::Const(value) => {
                self.tag(0);
                self.constant(value);
            }
            Op::Absent => self.tag(1),
            Op::Column(path) => {
                self.tag(2);
                self.path(path);
            }
            Op::Key => self.tag(3),
            Op::Related { class, key, path } => {
                self.tag(4);
                self.text(class);
                self.node(*key);
                self.path(path);
            }
            Op::Gather(node) => {
                self.tag(5);
                self.node(*node);
            }
            Op::Test { op, negated, ignoring_case, args } => {
                self.tag(6);
                self.tag(test_tag(*op));
                self.flag(*negated);
                self.flag(*ignoring_case);
                self.nodes(args);
            }
            Op::Call { func, args } => {
                self.tag(7);
                self.func(*func);
                self.nodes(args);
            }
            Op::List(items) => {
                self.tag(8);
                self.nodes(items);
            }
            Op::And(items) => {
                self.tag(9);
                self.nodes(items);
            }
            Op::Or(items) => {
                self.tag(10);
                self.nodes(items);
            }
            Op::Not(node) => {
                self.tag(11);
                self.node(*node);
            }
            Op::If { condition, then, otherwise } => {
                self.tag(12);
                self.node(*condition);
                self.node(*then);
                self.node(*otherwise);
            }
            Op::Default { value, default } => {
                self.tag(13);
                self.node(*value);
                self.node(*default);
            }
            Op::IsPresent(node) => {
                self.tag(14);
                self.node(*node);
            }
            Op::Reduce { from, mask, reduction } => {
                self.tag(15);
                self.domain_id(*from);
                self.option(*mask, Writer::node);
                self.reduction(reduction);
            }
            Op::Top { parent, mask, key, count, descending } => {
                self.tag(16);
                self.domain_id(*parent);
                self.option(*mask, Writer::node);
                self.node(*key);
                self.number(*count);
                self.flag(*descending);
            }
            Op::Sequence(steps) => {
                self.tag(17);
                self.list(steps, |w, step| {
                    w.flag(step.negated);
                    w.number(u64::from(step.times));
                    w.domain_id(step.events);
                    w.option(step.mask, Writer::node);
                    w.gap(step.within);
                    w.gap(step.at_least);
                    w.gap(step.span.as_ref().map(|span| span.within));
                    w.number(u64::from(step.span.as_ref().map_or(0, |span| span.step)));
                });
            }
            Op::Sample { threshold, salt } => {
                self.tag(18);
                self.number(*threshold);
                self.text(salt);
            }
            Op::Membership(segment) => {
                self.tag(19);
                self.number(u64::from(*segment));
            }
            Op::ProfileId => self.tag(20),
        }
    }

    fn func(&mut self, func: Func) {
        if let Func::StartOf(unit) = func {
            self.tag(u8::MAX);
            self.tag(UNITS.iter().position(|&other| other == unit).map_or(u8::MAX, |index| index as u8));
        } else {
            self.tag(FUNCS.iter().position(|&other| other == func).map_or(u8::MAX - 1, |index| index as u8));
        }
    }

    fn reduction(&mut self, reduction: &Reduction) {
        let (tag, nodes) = match reduction {
            Reduction::Any => (0, vec![]),
            Reduction::Count => (1, vec![]),
            Reduction::CountDistinct(n) => (2, vec![*n]),
            Reduction::CountPresent(n) => (3, vec![*n]),
            Reduction::Sum(n) => (4, vec![*n]),
            Reduction::Min(n) => (5, vec![*n]),
            Reduction::Max(n) => (6, vec![*n]),
            Reduction::Mean(n) => (7, vec![*n]),
            Reduction::First { value, ties } => (8, std::iter::once(*value).chain(*ties).collect()),
            Reduction::Last { value, ties } => (9, std::iter::once(*value).chain(*ties).collect()),
            Reduction::List(n) => (10, vec![*n]),
        };
        self.tag(tag);
        self.nodes(&nodes);
    }
}

fn test_tag(op: Test) -> u8 {
    TESTS.iter().position(|&other| other == op).map_or(u8::MAX, |index| index as u8)
}
