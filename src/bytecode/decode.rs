//! Reads the binary form, see [`mod@super::encode`]. Bytes are untrusted: lengths are checked against what is left before
//! anything is allocated, nesting and the number of instructions are bounded, nothing is left over at the end.
//! Invariant: never panics; what it accepts encodes to the same bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::encode::{HEADER, MAGIC, VERSION, encode};
use super::{Code, Instruction, Level, Output, Program, Segment, Yield};
use crate::builtins::{Func, Test};
use crate::hir::Settings;
use crate::limits::{BYTECODE_BYTES, NESTING};
use crate::plan::{
    Domain, DomainId, DomainKind, FieldPath, FieldStep, Needs, NodeId, Op, RankPlan, Reduction, SequenceStep, Space,
    StepSpan,
};
use crate::schema::digest;
use crate::types::{CalendarUnit, Digits, Duration, MAX_DIGITS, ObjectId, Ty, Type, Value};

/// The numbers of the tests.
pub const TESTS: &[Test] = &[
    Test::IsTrue,
    Test::Eq,
    Test::Ne,
    Test::Lt,
    Test::Le,
    Test::Gt,
    Test::Ge,
    Test::In,
    Test::Contains,
    Test::StartsWith,
    Test::EndsWith,
    Test::Like,
    Test::Matches,
    Test::HasAny,
    Test::HasAll,
    Test::Within,
];

/// The numbers of the functions; `start_of` is 255 and its unit.
pub const FUNCS: &[Func] = &[
    Func::Add,
    Func::Sub,
    Func::Mul,
    Func::Div,
    Func::IntDiv,
    Func::Rem,
    Func::Neg,
    Func::Abs,
    Func::Round,
    Func::Floor,
    Func::Ceil,
    Func::MinOf,
    Func::MaxOf,
    Func::Lower,
    Func::Upper,
    Func::Trim,
    Func::Length,
    Func::Substring,
    Func::Replace,
    Func::Concat,
    Func::Split,
    Func::Capture,
    Func::EmailDomain,
    Func::UrlHost,
    Func::UrlPath,
    Func::Year,
    Func::Quarter,
    Func::Month,
    Func::Day,
    Func::Weekday,
    Func::Hour,
    Func::DateOf,
    Func::Age,
    Func::DaysBetween,
    Func::WeeksBetween,
    Func::HoursBetween,
    Func::MinutesBetween,
    Func::SecondsBetween,
    Func::AddDuration,
    Func::SubDuration,
    Func::Difference,
    Func::Size,
    Func::Distinct,
    Func::Intersect,
    Func::Union,
    Func::Keys,
    Func::Values,
    Func::Convert,
];

/// The numbers of the calendar units.
pub const UNITS: &[CalendarUnit] =
    &[CalendarUnit::Day, CalendarUnit::Week, CalendarUnit::Month, CalendarUnit::Quarter, CalendarUnit::Year];

/// The program of some bytes; an error says what is wrong with them, as a phrase.
pub fn decode(bytes: &[u8]) -> Result<Program, &'static str> {
    if bytes.len() > BYTECODE_BYTES {
        return Err("the file is larger than a program may be");
    }
    if bytes.len() < HEADER || !bytes.starts_with(MAGIC) {
        return Err("this is not a compiled program");
    }
    let (header, payload) = bytes.split_at(HEADER);
    let mut header = Reader { rest: &header[MAGIC.len()..], texts: Vec::new(), constants: Vec::new() };
    if u16::from_le_bytes(header.array()?) != VERSION {
        return Err("the program was compiled by another version of the compiler");
    }
    if u32::from_le_bytes(header.array()?) as usize != payload.len() {
        return Err("the program is cut short, or something follows it");
    }
    if header.array::<32>()? != digest(payload) {
        return Err("the program is damaged: its checksum is wrong");
    }
    let mut reader = Reader { rest: payload, texts: Vec::new(), constants: Vec::new() };
    reader.tables()?;
    let program = reader.program()?;
    if !reader.rest.is_empty() {
        return Err("something follows the program");
    }
    // A program has one spelling, so that equal files are equal programs and the other way round.
    if encode(&program) == bytes { Ok(program) } else { Err("the program is not written as the compiler writes it") }
}

type Read<T> = Result<T, &'static str>;

const SHORT: &str = "the program is cut short";
const NUMBER: &str = "a number is out of range";

struct Reader<'a> {
    rest: &'a [u8],
    texts: Vec<Arc<str>>,
    constants: Vec<Value>,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Read<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(SHORT)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| SHORT)
    }

    fn tag(&mut self) -> Read<u8> {
        self.array().map(|[byte]| byte)
    }

    fn flag(&mut self) -> Read<bool> {
        match self.tag()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err("a flag is neither 0 nor 1"),
        }
    }

    fn number(&mut self) -> Read<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.tag()?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                return Err(NUMBER);
            }
            value |= bits << shift;
            if byte < 0x80 {
                // One spelling for each number.
                return if byte == 0 && shift > 0 { Err(NUMBER) } else { Ok(value) };
            }
        }
        Err(NUMBER)
    }

    fn small(&mut self) -> Read<u32> {
        u32::try_from(self.number()?).map_err(|_| NUMBER)
    }

    fn signed(&mut self) -> Read<i64> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn signed_small(&mut self) -> Read<i32> {
        i32::try_from(self.signed()?).map_err(|_| NUMBER)
    }

    /// How many things follow, each of at least one byte.
    fn count(&mut self) -> Read<usize> {
        let count = usize::try_from(self.number()?).map_err(|_| NUMBER)?;
        if count <= self.rest.len() { Ok(count) } else { Err(SHORT) }
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.count()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    fn tables(&mut self) -> Read<()> {
        let texts = self.list(|r| {
            let length = r.count()?;
            let text = std::str::from_utf8(r.take(length)?).map_err(|_| "a text is not UTF-8")?;
            Ok(Arc::from(text))
        })?;
        self.texts = texts;
        self.constants = self.list(|r| r.value(0))?;
        Ok(())
    }

    fn text(&mut self) -> Read<Arc<str>> {
        let index = self.small()? as usize;
        self.texts.get(index).cloned().ok_or("a text is not in the table")
    }

    fn program(&mut self) -> Read<Program> {
        Ok(Program {
            compiler: self.text()?.to_string(),
            schema: self.array()?,
            now: self.signed()?,
            settings: Settings { zone: self.text()?.to_string(), week_start: self.tag()?, event_ids: self.flag()? },
            needs: self.needs()?,
            domains: self.list(Self::domain)?,
            segments: self.list(|r| Ok(Segment { name: r.text()?.to_string(), definition: r.array()? }))?,
            levels: self.list(|r| {
                let code = r.code(0)?;
                let outputs =
                    r.list(|r| Ok(Output { segment: r.small()?, condition: r.node()?, rank: r.option(Self::rank)? }))?;
                Ok(Level { code, outputs })
            })?,
        })
    }

    fn needs(&mut self) -> Read<Needs> {
        let mut spaces = BTreeMap::new();
        for _ in 0..self.count()? {
            let space = self.space(0)?;
            let mut columns = BTreeMap::new();
            for _ in 0..self.count()? {
                let path = self.path()?;
                if columns.last_key_value().is_some_and(|(last, _)| *last >= path) {
                    return Err("the columns are not in order");
                }
                columns.insert(path, self.ty()?);
            }
            if spaces.last_key_value().is_some_and(|(last, _)| *last >= space) {
                return Err("the columns are not in order");
            }
            spaces.insert(space, columns);
        }
        Ok(Needs { spaces, event_types: self.option(|r| r.list(Self::text))? })
    }

    fn rank(&mut self) -> Read<RankPlan> {
        Ok(RankPlan { key: self.node()?, descending: self.flag()?, limit: self.option(Self::number)? })
    }

    fn code(&mut self, depth: usize) -> Read<Code> {
        if depth > crate::limits::FOLDS {
            return Err("folds are nested too deep");
        }
        let (base, registers) = (self.small()?, self.small()?);
        let instructions = self.list(|r| match r.tag()? {
            0 => Ok(Instruction::Rows { domain: r.domain_id()?, inputs: r.nodes()? }),
            1 => {
                let (to, domain, ty) = (r.node()?, r.domain_id()?, r.ty()?);
                Ok(Instruction::Set { to, domain, op: r.op()?, ty })
            }
            2 => Ok(Instruction::Fold {
                over: r.domain_id()?,
                body: r.code(depth + 1)?,
                yields: r.list(|r| Ok(Yield { from: r.node()?, to: r.node()? }))?,
            }),
            _ => Err("an instruction is unknown"),
        })?;
        Ok(Code { base, registers, instructions })
    }

    fn node(&mut self) -> Read<NodeId> {
        self.small().map(NodeId)
    }

    fn nodes(&mut self) -> Read<Vec<NodeId>> {
        self.list(Self::node)
    }

    fn domain_id(&mut self) -> Read<DomainId> {
        self.small().map(DomainId)
    }

    fn gap(&mut self) -> Read<Option<i64>> {
        self.option(Self::signed)
    }

    fn path(&mut self) -> Read<FieldPath> {
        let steps = self.list(|r| match r.tag()? {
            0 => r.text().map(FieldStep::Field),
            1 => r.text().map(FieldStep::Key),
            _ => Err("a step of a path is unknown"),
        })?;
        Ok(steps.into())
    }

    fn space(&mut self, depth: usize) -> Read<Space> {
        if depth > NESTING {
            return Err("records are nested too deep");
        }
        Ok(match self.tag()? {
            0 => Space::Profiles,
            1 => Space::Events,
            2 => Space::Elements(Arc::new(self.space(depth + 1)?), self.path()?),
            3 => Space::Entries(Arc::new(self.space(depth + 1)?), self.path()?),
            4 => Space::Class(self.text()?),
            _ => return Err("a kind of record is unknown"),
        })
    }

    fn ty(&mut self) -> Read<Type> {
        let optional = self.flag()?;
        Ok(Type { optional, ty: self.bare_type(0)? })
    }

    fn bare_type(&mut self, depth: usize) -> Read<Ty> {
        Ok(match self.tag()? {
            0 => Ty::Bool,
            1 => Ty::Int,
            2 => {
                let (precision, scale) = (self.tag()?, self.tag()?);
                if precision > MAX_DIGITS || scale > MAX_DIGITS {
                    return Err("a decimal has too many digits");
                }
                Ty::Decimal(Digits { precision, scale })
            }
            3 => Ty::Float,
            4 => Ty::String,
            5 => Ty::Date,
            6 => Ty::Timestamp,
            7 => Ty::Duration,
            8 if depth < 8 => Ty::List(Box::new(self.bare_type(depth + 1)?)),
            9 => Ty::Probability,
            10 => Ty::Score,
            11 => Ty::Percentile,
            12 => Ty::Bucket,
            13 if depth < 8 => Ty::Map(Box::new(self.bare_type(depth + 1)?)),
            14 => Ty::Object(ObjectId(self.small()?)),
            _ => return Err("a type is unknown"),
        })
    }

    fn domain(&mut self) -> Read<Domain> {
        let parent = self.option(Self::domain_id)?;
        let kind = match self.tag()? {
            0 => DomainKind::Profiles,
            1 => DomainKind::Events { event_type: self.option(Self::text)? },
            2 => DomainKind::Elements { of: self.domain_id()?, path: self.path()? },
            3 => DomainKind::Entries { of: self.domain_id()?, path: self.path()? },
            4 => DomainKind::Values { list: self.node()? },
            5 => DomainKind::Filter { mask: self.node()? },
            6 => DomainKind::Groups { of: self.domain_id()?, mask: self.option(Self::node)?, key: self.node()? },
            7 => DomainKind::Members { groups: self.domain_id()? },
            8 => DomainKind::Later {
                events: self.domain_id()?,
                mask: self.option(Self::node)?,
                after: self.domain_id()?,
                since: self.domain_id()?,
                within: self.gap()?,
                at_least: self.gap()?,
            },
            9 => DomainKind::Between {
                events: self.domain_id()?,
                mask: self.option(Self::node)?,
                after: self.option(Self::domain_id)?,
                before: self.domain_id()?,
                at_least: self.gap()?,
            },
            _ => return Err("a kind of domain is unknown"),
        };
        Ok(Domain { parent, kind })
    }

    fn value(&mut self, depth: usize) -> Read<Value> {
        Ok(match self.tag()? {
            0 => Value::Bool(self.flag()?),
            1 => Value::Int(self.signed()?),
            2 => Value::Decimal { unscaled: i128::from_le_bytes(self.array()?), scale: self.tag()? },
            3 => Value::Float(f64::from_bits(u64::from_le_bytes(self.array()?))),
            4 => Value::String(self.text()?),
            5 => Value::Date(self.signed_small()?),
            6 => Value::Timestamp(self.signed()?),
            7 => Value::Duration(Duration {
                months: self.signed_small()?,
                days: self.signed_small()?,
                micros: self.signed()?,
            }),
            8 if depth < 8 => Value::List(self.list(|r| r.value(depth + 1))?),
            9 => Value::Bucket(self.tag()?),
            _ => return Err("a constant is unknown"),
        })
    }

    fn op(&mut self) -> Read<Op> {
        Ok(match self.tag()? {
            0 => {
                let index = self.small()? as usize;
                Op::Const(self.constants.get(index).cloned().ok_or("a constant is not in the table")?)
            }
            1 => Op::Absent,
            2 => Op::Column(self.path()?),
            3 => Op::Key,
            4 => Op::Related { class: self.text()?, key: self.node()?, path: self.path()? },
            5 => Op::Gather(self.node()?),
            6 => {
                let op = *TESTS.get(usize::from(self.tag()?)).ok_or("a test is unknown")?;
                Op::Test { op, negated: self.flag()?, ignoring_case: self.flag()?, args: self.nodes()? }
            }
            7 => Op::Call { func: self.func()?, args: self.nodes()? },
            8 => Op::List(self.nodes()?),
            9 => Op::And(self.nodes()?),
            10 => Op::Or(self.nodes()?),
            11 => Op::Not(self.node()?),
            12 => Op::If { condition: self.node()?, then: self.node()?, otherwise: self.node()? },
            13 => Op::Default { value: self.node()?, default: self.node()? },
            14 => Op::IsPresent(self.node()?),
            15 => Op::Reduce { from: self.domain_id()?, mask: self.option(Self::node)?, reduction: self.reduction()? },
            16 => Op::Top {
                parent: self.domain_id()?,
                mask: self.option(Self::node)?,
                key: self.node()?,
                count: self.number()?,
                descending: self.flag()?,
            },
            17 => Op::Sequence(self.list(Self::step)?.into()),
            18 => Op::Sample { threshold: self.number()?, salt: self.text()? },
            19 => Op::Membership(self.small()?),
            20 => Op::ProfileId,
            _ => return Err("an operation is unknown"),
        })
    }

    fn func(&mut self) -> Read<Func> {
        let unknown = "a function is unknown";
        match self.tag()? {
            u8::MAX => UNITS.get(usize::from(self.tag()?)).map(|&unit| Func::StartOf(unit)).ok_or(unknown),
            tag => FUNCS.get(usize::from(tag)).copied().ok_or(unknown),
        }
    }

    fn step(&mut self) -> Read<SequenceStep> {
        Ok(SequenceStep {
            negated: self.flag()?,
            times: self.small()?,
            events: self.domain_id()?,
            mask: self.option(Self::node)?,
            within: self.gap()?,
            at_least: self.gap()?,
            span: self.span()?,
        })
    }

    fn span(&mut self) -> Read<Option<StepSpan>> {
        let (within, step) = (self.gap()?, self.small()?);
        Ok(within.map(|within| StepSpan { step, within }))
    }

    fn reduction(&mut self) -> Read<Reduction> {
        let tag = self.tag()?;
        let nodes = self.nodes()?;
        Ok(match (tag, nodes.as_slice()) {
            (0, []) => Reduction::Any,
            (1, []) => Reduction::Count,
            (2, &[n]) => Reduction::CountDistinct(n),
            (3, &[n]) => Reduction::CountPresent(n),
            (4, &[n]) => Reduction::Sum(n),
            (5, &[n]) => Reduction::Min(n),
            (6, &[n]) => Reduction::Max(n),
            (7, &[n]) => Reduction::Mean(n),
            (8, &[value]) => Reduction::First { value, ties: None },
            (8, &[value, ties]) => Reduction::First { value, ties: Some(ties) },
            (9, &[value]) => Reduction::Last { value, ties: None },
            (9, &[value, ties]) => Reduction::Last { value, ties: Some(ties) },
            (10, &[n]) => Reduction::List(n),
            _ => return Err("a reduction is unknown"),
        })
    }
}
