//! Small data sets from plain rows, and plans by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use segc::builtins::{Func, Test};
use segc::bytecode::{Program, decode, encode, verify};
use segc::emit::bytecode::{Provenance, emit};
use segc::hir::{SegmentId, Settings};
use segc::plan::{
    DomainId, DomainKind, FieldPath, FieldStep, Graph, NodeId, Op, Plan, RankPlan, Reduction, SegmentPlan, Space,
};
use segc::source::{FileId, Span};
use segc::store::{Block, ChildTable, ClassTable, Dataset, Ends, EventTable, Scale, Slots, Table, TypeRange};
use segc::types::{Ty, Type, Value};
use segc::vector::Column;
use segc::vector::select::{Interner, constants};
use segc::vm::{Options, Output, run};

/// A field path of names.
pub fn path(text: &str) -> FieldPath {
    text.split('.').filter(|name| !name.is_empty()).map(|name| FieldStep::Field(name.into())).collect()
}

pub type Fields = Vec<(&'static str, Value)>;

/// A profile.
#[derive(Debug, Clone, Default)]
pub struct Person {
    pub id: String,
    pub fields: Fields,
    /// Entries of the map `marks`.
    pub marks: Vec<(&'static str, i64)>,
    pub events: Vec<Event>,
}

/// An event.
#[derive(Debug, Clone, Default)]
pub struct Event {
    pub kind: &'static str,
    pub time: i64,
    /// Orders events of one time; 0 everywhere makes them simultaneous.
    pub id: i64,
    pub fields: Fields,
    /// Elements of the list `items`.
    pub items: Vec<Fields>,
}

/// The types of all fields that occur.
pub fn schema() -> Vec<(&'static str, Ty)> {
    let texts = Ty::List(Box::new(Ty::String));
    vec![
        ("name", Ty::String),
        ("score", Ty::Int),
        ("ratio", Ty::Float),
        ("flag", Ty::Bool),
        ("tags", texts),
        ("born", Ty::Date),
        ("product", Ty::String),
        ("amount", Ty::Int),
        ("timestamp", Ty::Timestamp),
        ("sku", Ty::String),
    ]
}

fn type_of(name: &str) -> Ty {
    schema().into_iter().find(|(field, _)| *field == name).unwrap().1
}

/// Columns of records, with dictionaries that all blocks share, as a real data set has them.
struct Columns(BTreeMap<&'static str, Column>);

impl Columns {
    fn new(records: &[Fields]) -> Columns {
        let columns = schema().into_iter().map(|(name, ty)| {
            let values: Vec<Option<Value>> =
                records.iter().map(|r| r.iter().find(|(field, _)| *field == name).map(|(_, v)| v.clone())).collect();
            (name, column(&values, &ty))
        });
        Columns(columns.collect())
    }

    fn table(&self, rows: &[u32]) -> Table {
        let columns = self.0.iter().map(|(name, column)| (path(name), column.take(rows)));
        Table { rows: rows.len(), columns: columns.collect() }
    }
}

/// A column of these values, `None` absent.
pub fn column(values: &[Option<Value>], ty: &Ty) -> Column {
    let present: Vec<Value> = values.iter().flatten().cloned().collect();
    let mut next = 0;
    let rows: Vec<u32> = values
        .iter()
        .map(|value| {
            next += u32::from(value.is_some());
            if value.is_some() { next - 1 } else { u32::MAX }
        })
        .collect();
    constants(&present, ty).unwrap().take(&rows)
}

/// The data set of some people, in blocks of so many.
pub fn dataset(people: &[Person], block: usize) -> Dataset {
    let mut people: Vec<Person> = people.to_vec();
    people.sort_by(|a, b| a.id.cmp(&b.id));
    for person in &mut people {
        // The order of the table: by type, then by time and id.
        person.events.sort_by_key(|event| (event.kind, event.time, event.id));
    }
    let profiles = Columns::new(&people.iter().map(|person| person.fields.clone()).collect::<Vec<_>>());
    let all: Vec<&Event> = people.iter().flat_map(|person| &person.events).collect();
    let events = Columns::new(
        &all.iter()
            .map(|event| {
                let mut fields = event.fields.clone();
                fields.push(("timestamp", Value::Timestamp(event.time)));
                fields
            })
            .collect::<Vec<_>>(),
    );
    let items = Columns::new(&all.iter().flat_map(|event| event.items.clone()).collect::<Vec<_>>());
    let mut keys = Interner::default();
    let marks: Vec<(u32, i64)> =
        people.iter().flat_map(|p| &p.marks).map(|(key, value)| (keys.code((*key).into()), *value)).collect();
    let keys = Arc::new(keys.finish());
    let parts = Parts { profiles, events, items, marks, keys };
    let (mut blocks, mut first) = (Vec::new(), First::default());
    for chunk in people.chunks(block) {
        let mut block = parts.block(chunk, &mut first);
        // As blocks of a store; those of files have none.
        if blocks.len() % 2 == 0 {
            let (scale, events) = (Scale::of(&block.events.types), &block.events);
            let [rows, in_order] = [&events.time, &events.by_profile_time].map(|times| scale.slots(times).into());
            block.events.slots = Some(Slots { scale, rows, in_order });
            block.events.ends = Some(Ends::of(&block.events));
        }
        blocks.push(block);
    }
    let products = [("p1", "shoes"), ("p2", "hats")];
    let names = constants(&products.map(|(_, name)| Value::String(name.into())), &Ty::String).unwrap();
    let class = ClassTable::new(
        products.iter().enumerate().map(|(row, (key, _))| (Arc::from(*key), row as u32)).collect(),
        Table { rows: 2, columns: [(path("name"), names)].into() },
    );
    Dataset { blocks, classes: [("product".into(), class)].into() }
}

struct Parts {
    profiles: Columns,
    events: Columns,
    items: Columns,
    marks: Vec<(u32, i64)>,
    keys: Arc<segc::vector::Dictionary>,
}

/// The first record of the next block.
#[derive(Default)]
struct First {
    profile: u32,
    event: u32,
    item: u32,
    mark: u32,
}

impl Parts {
    fn block(&self, people: &[Person], first: &mut First) -> Block {
        let count = people.len() as u32;
        let profiles = self.profiles.table(&(first.profile..first.profile + count).collect::<Vec<_>>());
        first.profile += count;
        // Where each event stands in the order of people, and its place in the table.
        let mut order: Vec<(u32, usize, usize)> = Vec::new();
        for (p, person) in people.iter().enumerate() {
            order.extend((0..person.events.len()).map(|e| (p as u32, e, 0)));
        }
        for (global, entry) in order.iter_mut().enumerate() {
            entry.2 = global;
        }
        order.sort_by_key(|&(p, e, _)| (people[p as usize].events[e].kind, p, e));
        let event = |&(p, e, _): &(u32, usize, usize)| &people[p as usize].events[e];
        let rows: Vec<u32> = order.iter().map(|&(_, _, global)| first.event + global as u32).collect();
        let mut table = EventTable {
            table: self.events.table(&rows),
            profile: order.iter().map(|&(p, _, _)| p as u16).collect(),
            time: order.iter().map(|at| event(at).time).collect(),
            ..EventTable::default()
        };
        let (mut ranks, mut by_profile, mut by_profile_offsets) = (vec![0; order.len()], Vec::new(), vec![0]);
        for p in 0..count {
            let mut mine: Vec<u32> = (0..order.len() as u32).filter(|&row| order[row as usize].0 == p).collect();
            let key = |row: &u32| (event(&order[*row as usize]).time, event(&order[*row as usize]).id);
            mine.sort_by_key(key);
            let mut rank = 0;
            for (at, row) in mine.iter().enumerate() {
                rank += u32::from(at > 0 && key(&mine[at - 1]) != key(row));
                ranks[*row as usize] = rank;
            }
            by_profile.extend(mine);
            by_profile_offsets.push(by_profile.len() as u32);
        }
        table.by_profile_time = by_profile.iter().map(|&row| table.time[row as usize]).collect();
        table.rank = ranks.into();
        table.by_profile = by_profile.into();
        table.by_profile_offsets = by_profile_offsets.into();
        for kind in order.iter().map(|at| event(at).kind).collect::<std::collections::BTreeSet<_>>() {
            let begin = order.partition_point(|at| event(at).kind < kind) as u32;
            let end = order.partition_point(|at| event(at).kind <= kind) as u32;
            let mine = &order[begin as usize..end as usize];
            let offsets = (0..=count).map(|p| begin + mine.partition_point(|at| at.0 < p) as u32).collect();
            let times = || mine.iter().map(|at| event(at).time);
            let times = (times().min().unwrap(), times().max().unwrap());
            table.types.insert(kind.into(), TypeRange { rows: begin..end, offsets, times });
        }
        // Items of all events so far, by their event.
        let mut starts = vec![first.item];
        for person in people {
            for event in &person.events {
                starts.push(starts.last().unwrap() + event.items.len() as u32);
            }
        }
        let mut item_rows = Vec::new();
        let mut offsets = vec![0u32];
        for &(_, _, global) in &order {
            item_rows.extend(starts[global]..starts[global + 1]);
            offsets.push(item_rows.len() as u32);
        }
        first.event += order.len() as u32;
        first.item = *starts.last().unwrap();
        let items = ChildTable { table: self.items.table(&item_rows), keys: None, offsets: offsets.into() };
        let mut children = BTreeMap::new();
        children.insert(Space::Elements(Arc::new(Space::Events), path("items")), items);
        children.insert(Space::Entries(Arc::new(Space::Profiles), path("marks")), self.marks(people, first));
        Block {
            ids: people.iter().map(|p| p.id.as_str()).collect(),
            profiles,
            events: table,
            children,
            alive: None,
            place: None,
        }
    }

    fn marks(&self, people: &[Person], first: &mut First) -> ChildTable {
        let mut offsets = vec![0u32];
        people.iter().for_each(|p| offsets.push(offsets.last().unwrap() + p.marks.len() as u32));
        let count = *offsets.last().unwrap() as usize;
        let mine = &self.marks[first.mark as usize..first.mark as usize + count];
        first.mark += count as u32;
        let values = constants(&mine.iter().map(|m| Value::Int(m.1)).collect::<Vec<_>>(), &Ty::Int).unwrap();
        let codes = mine.iter().map(|m| m.0).collect();
        let keys = Column::present(segc::vector::Data::Text { codes, dictionary: self.keys.clone() });
        let table = Table { rows: count, columns: [(path(""), values)].into() };
        ChildTable { table, keys: Some(keys), offsets: offsets.into() }
    }
}

/// A plan being written by hand.
pub struct Sketch {
    pub graph: Graph,
    segments: Vec<SegmentPlan>,
    pub event_ids: bool,
}

pub const NOW: i64 = 1_000;

impl Sketch {
    pub fn new() -> Sketch {
        Sketch { graph: Graph::default(), segments: Vec::new(), event_ids: true }
    }

    pub fn column(&mut self, domain: DomainId, name: &str) -> NodeId {
        self.graph.node(Op::Column(path(name)), domain, Type::optional(type_of(name)))
    }

    pub fn int(&mut self, value: i64) -> NodeId {
        self.graph.literal(Value::Int(value), Ty::Int)
    }

    pub fn text(&mut self, value: &str) -> NodeId {
        self.graph.literal(Value::String(value.into()), Ty::String)
    }

    pub fn test(&mut self, op: Test, a: NodeId, b: NodeId) -> NodeId {
        self.graph.test(op, vec![a, b])
    }

    pub fn call(&mut self, func: Func, args: &[NodeId], ty: Ty) -> NodeId {
        self.graph.call(func, args.to_vec(), ty)
    }

    pub fn events(&mut self, parent: DomainId, kind: Option<&str>) -> DomainId {
        self.graph.domain(Some(parent), DomainKind::Events { event_type: kind.map(Into::into) })
    }

    pub fn domain(&mut self, parent: DomainId, kind: DomainKind) -> DomainId {
        self.graph.domain(Some(parent), kind)
    }

    pub fn filter(&mut self, parent: DomainId, mask: NodeId) -> DomainId {
        let mask = self.graph.gather(mask, parent);
        self.graph.domain(Some(parent), DomainKind::Filter { mask })
    }

    pub fn reduce(
        &mut self,
        to: DomainId,
        from: DomainId,
        mask: Option<NodeId>,
        reduction: Reduction,
        ty: Ty,
    ) -> NodeId {
        let mask = mask.map(|mask| self.graph.gather(mask, from));
        let optional = !matches!(reduction, Reduction::Any | Reduction::Count | Reduction::List(_));
        self.graph.node(Op::Reduce { from, mask, reduction }, to, Type { ty, optional })
    }

    pub fn any(&mut self, to: DomainId, from: DomainId, mask: Option<NodeId>) -> NodeId {
        self.reduce(to, from, mask, Reduction::Any, Ty::Bool)
    }

    pub fn count(&mut self, to: DomainId, from: DomainId, mask: Option<NodeId>) -> NodeId {
        self.reduce(to, from, mask, Reduction::Count, Ty::Int)
    }

    /// A segment of the profiles for which a predicate is true.
    pub fn segment(&mut self, name: &str, condition: NodeId) {
        self.ranked(name, condition, None, 0);
    }

    pub fn ranked(&mut self, name: &str, condition: NodeId, rank: Option<RankPlan>, level: u32) {
        let condition = self.graph.gather(condition, DomainId::PROFILES);
        let id = SegmentId(self.segments.len() as u32);
        let span = Span { file: FileId(0), start: 0, end: 0 };
        self.segments.push(SegmentPlan { id, name: name.into(), span, condition, rank, level });
    }

    pub fn plan(self) -> Plan {
        let (domains, nodes) = self.graph.into_parts();
        let settings = Settings { zone: "Europe/Berlin".into(), week_start: 1, event_ids: self.event_ids };
        Plan { domains, nodes, segments: self.segments, now: NOW, settings }
    }

    pub fn program(self) -> Program {
        let program = emit(&self.plan(), &Provenance::default());
        verify(&program).unwrap_or_else(|fault| panic!("{fault}\n{}", segc::bytecode::list(&program)));
        let bytes = encode(&program);
        assert_eq!(decode(&bytes).as_ref(), Ok(&program));
        program
    }

    /// The ids of each segment's members, in order; the same for every number of threads, block and chunk size.
    pub fn run(self, people: &[Person]) -> Vec<Vec<String>> {
        let program = self.program();
        members(&program, people)
    }
}

/// Runs a program in several ways and compares.
pub fn members(program: &Program, people: &[Person]) -> Vec<Vec<String>> {
    let ids = |output: &Output, data: &Dataset| -> Vec<Vec<String>> {
        output.segments.iter().map(|s| s.ids(data).into_iter().map(|id| id.to_string()).collect()).collect()
    };
    let whole = dataset(people, 2048);
    let expected = ids(&run(program, &whole, Options { threads: 1, chunk_rows: 0 }).unwrap(), &whole);
    for (block, threads, chunk_rows) in [(1, 1, 1), (3, 4, 2), (2048, 1, 7), (2, 2, 0)] {
        let data = dataset(people, block);
        let found = ids(&run(program, &data, Options { threads, chunk_rows }).unwrap(), &data);
        assert_eq!(found, expected, "blocks of {block}, {threads} threads, chunks of {chunk_rows}");
    }
    expected
}

/// A small generator of numbers, the same on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// The domain of the profiles.
pub const PROFILES: DomainId = DomainId::PROFILES;
