//! One query per segment, out of the plan. What is aggregated over a profile's events becomes a named query, one per
//! event type and layer ([`unit`]); what walks through lists, or pairs events with each other, becomes list functions
//! with lambdas ([`rows`]); a sequence becomes a chain of window functions ([`sequence`]), or a funnel ([`funnel`]).
//!
//! Invariants: every expression is total; a predicate that stands where null would matter is never null; no table but
//! the event table is scanned more often than needed, and its raw timestamp is compared with constants.

mod absent;
mod aggregate;
mod bounds;
mod build;
mod call;
mod chained;
mod counted;
mod ends;
mod events;
mod facts;
mod funnel;
mod made;
mod magnitude;
mod missing;
mod names;
mod narrow;
mod nesting;
mod number;
mod paired;
mod predicate;
mod presence;
mod rank;
mod record;
mod rows;
mod scope;
mod sequence;
mod time;
mod together;
mod unit;
mod value;

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostic;
use crate::emit::errors;
use crate::plan::{DomainId, Node, NodeId, Plan, SegmentPlan};
use crate::sql::tree::{Cte, Item, Order, Source, Table};
use crate::sql::{Dialect, Expr, Ident, Layout, Query, Select, SqlType, Unsupported, quote};
use crate::types::{MICROS_PER_DAY, Ty};
use crate::vector::time::{Zone, civil};

pub(in crate::emit) use record::stored_type;
pub use together::emit_together;

use events::EventColumn;
use facts::{Analysis, Facts};
use names::Names;
use scope::{First, Frame, Row, Scope};
use unit::{EventList, Lookup, Unit, UnitKind};

/// The most nodes a segment may have when everything shared is written out.
const MAX_SIZE: u64 = 100_000;

/// The most operations inside each other: databases refuse expressions that are nested more deeply than some hundreds
/// to a thousand levels, and an operation is one to four of them.
const MAX_DEPTH: u32 = 250;

/// The query of a segment (an index into [`Plan::segments`]): the ids of its profiles. Ordered if it is ranked.
pub fn emit(
    plan: &Plan,
    segment: usize,
    dialect: &dyn Dialect,
    layout: &Layout,
) -> std::result::Result<Query, Vec<Diagnostic>> {
    Ok(emit_printed(plan, segment, dialect, layout)?.0)
}

/// The same and its text without the comment, which is printed to learn whether the database would read it.
pub fn emit_printed(
    plan: &Plan,
    segment: usize,
    dialect: &dyn Dialect,
    layout: &Layout,
) -> std::result::Result<(Query, String), Vec<Diagnostic>> {
    let (index, Some(segment)) = (segment, plan.segments.get(segment)) else { return Err(vec![]) };
    let refuse = |failure: Failure| vec![failure.diagnostic(dialect, segment)];
    // What is read of the events is known only once all is written.
    let mut first = Emitter::new(plan, vec![index], dialect, layout);
    let mut query = first.query(segment).map_err(refuse)?;
    let (scans, per_profile) = (first.scans_in_common(), first.reads_no_members());
    if !scans.is_empty() || !per_profile {
        let mut emitter = Emitter { scans, per_profile, ..Emitter::new(plan, vec![index], dialect, layout) };
        query = emitter.query(segment).map_err(refuse)?;
    }
    within_limits(query, dialect).map_err(refuse)
}

/// A query that the database reads and its text without the comment, or why it does not.
fn within_limits(query: Query, dialect: &dyn Dialect) -> Result<(Query, String)> {
    let (query, text) = nesting::shallow_enough(query, dialect);
    if text.len() > dialect.limits().text_bytes {
        return Err(Failure::TooLarge(text.len()));
    }
    match dialect.symbols_kept(&text) {
        Some((kept, size)) if kept > size => Err(Failure::Unsupported(format!(
            "a query whose parts are nested so deeply that more than {size} of them are open at once,"
        ))),
        _ => Ok((query, text)),
    }
}

/// Why there is no query.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The dialect, or this emitter, cannot express something.
    Unsupported(String),
    /// A decimal of this many digits.
    TooManyDigits(u32),
    /// A query of about this many bytes.
    TooLarge(usize),
    /// An expression of this many operations inside each other.
    TooDeep(u32),
}

impl From<Unsupported> for Failure {
    fn from(unsupported: Unsupported) -> Failure {
        Failure::Unsupported(unsupported.0)
    }
}

impl Failure {
    fn diagnostic(self, dialect: &dyn Dialect, segment: &SegmentPlan) -> Diagnostic {
        let (name, limits) = (dialect.name(), dialect.limits());
        match self {
            Failure::Unsupported(what) => errors::not_in_target(name, &what, segment.span),
            Failure::TooManyDigits(digits) => errors::too_many_digits(name, digits, limits.digits, segment.span),
            Failure::TooDeep(depth) => errors::query_too_deep(name, depth, MAX_DEPTH, segment.span),
            Failure::TooLarge(bytes) => errors::query_too_large(name, bytes, limits.text_bytes, segment.span),
        }
    }
}

type Result<T> = std::result::Result<T, Failure>;

/// The state of an emission.
struct Emitter<'a> {
    plan: &'a Plan,
    dialect: &'a dyn Dialect,
    layout: &'a Layout,
    zone: Zone,
    analysis: Analysis<'a>,
    names: Names,
    units: Vec<Unit>,
    lists: Vec<EventList>,
    lookups: Vec<Lookup>,
    /// The layers in which one scan of the events serves all types, and its name.
    scans: BTreeMap<u32, String>,
    /// The columns that are asked for of events that are not one plain table.
    event_columns: Vec<EventColumn>,
    /// Conditions on attributes that a unit's events are joined with before they are aggregated.
    guard: Option<(usize, Vec<NodeId>)>,
    /// Whether each row of every named query is made of what is known of one profile.
    per_profile: bool,
    /// The segments of the query.
    segments: Vec<usize>,
    /// Units without whose rows a profile is no member and need not be looked at, of a segment by itself.
    required: Vec<usize>,
}

impl<'a> Emitter<'a> {
    fn new(plan: &'a Plan, segments: Vec<usize>, dialect: &'a dyn Dialect, layout: &'a Layout) -> Self {
        let mut names = Names::default();
        layout.all_records().flat_map(|records| &records.table).for_each(|part| names.reserve(part));
        ["p", "e", "s", "b", "g", "r", "profile_id", "part", "place_in_order", "group_key"]
            .into_iter()
            .for_each(|name| names.reserve(name));
        Emitter {
            plan,
            dialect,
            layout,
            zone: Zone::new(&plan.settings.zone).unwrap_or_else(Zone::utc),
            analysis: Analysis::new(plan),
            names,
            units: vec![],
            lists: vec![],
            lookups: vec![],
            scans: BTreeMap::new(),
            event_columns: vec![],
            guard: None,
            per_profile: true,
            segments,
            required: vec![],
        }
    }

    fn node(&self, id: NodeId) -> &'a Node {
        &self.plan.nodes[id.0 as usize]
    }

    /// Refuses a segment that would be written out too large, before it is.
    fn bounded(&mut self, segment: &SegmentPlan) -> Result<()> {
        let Facts { size, depth, .. } = self.analysis.of(segment.condition);
        if depth > MAX_DEPTH {
            return Err(Failure::TooDeep(depth));
        }
        if size > MAX_SIZE {
            return Err(Failure::TooLarge(usize::try_from(size.saturating_mul(20)).unwrap_or(usize::MAX)));
        }
        Ok(())
    }

    fn query(&mut self, segment: &SegmentPlan) -> Result<Query> {
        self.bounded(segment)?;
        if self.per_profile {
            self.required = self.required_units(segment.condition);
            self.guard = self.attributes_first(segment);
        }
        let body = self.members(segment, None)?;
        let ctes = self.all_ctes()?;
        let comment = vec![format!("segment {}", segment.name), format!("now {}", instant_text(self.plan.now))];
        let query = Query { comment, ctes, body };
        let query = if self.per_profile { narrow::narrowed(query) } else { query };
        self.over_columns(presence::without_needless_counts(query, self.dialect)?)
    }

    /// A query over the columns as they are: some may hold other things than instants, some be of other types.
    fn over_columns(&self, mut query: Query) -> Result<Query> {
        if !self.layout.has_native_times() {
            query = crate::sql::times::built(query, self.dialect)?;
        }
        self.over_made_columns(query)
    }

    /// The named queries of what was asked for, each after those that it reads.
    fn all_ctes(&mut self) -> Result<Vec<Cte>> {
        self.build_units()?;
        let lookups = self.build_lookups()?;
        let mut units: Vec<&Unit> = self.units.iter().collect();
        units.sort_by_key(|unit| unit.level);
        Ok(lookups.into_iter().chain(units.into_iter().flat_map(|unit| unit.ctes.iter().cloned())).collect())
    }

    /// The unit of events that a segment cannot do without, and its conditions on attributes, which then thin out the
    /// events before they are aggregated.
    fn attributes_first(&mut self, segment: &SegmentPlan) -> Option<(usize, Vec<NodeId>)> {
        let mut attributes = self.conjuncts(segment.condition);
        attributes.retain(|&node| {
            let facts = self.analysis.of(node);
            facts.level == 0 && !facts.walks_events && facts.rows.is_empty()
        });
        if attributes.is_empty() {
            return None;
        }
        let events = self.required.iter().copied().find(|&unit| {
            let unit = &self.units[unit];
            unit.level == 1 && matches!(unit.kind, UnitKind::Events(_) | UnitKind::AllEvents)
        })?;
        Some((events, attributes))
    }

    /// The ids of a segment's profiles; under an alias where another query reads them.
    fn members(&mut self, segment: &SegmentPlan, alias: Option<Ident>) -> Result<Select> {
        let (mut frame, rest) = match self.guard.clone() {
            Some((unit, attributes)) => {
                let name = self.units[unit].name.clone();
                let conjuncts = self.conjuncts(segment.condition);
                let rest = conjuncts.into_iter().filter(|node| !attributes.contains(node)).collect();
                (Frame::over(First::Query { name: name.clone(), alias: name }), rest)
            }
            None => (Frame::profiles(), vec![segment.condition]),
        };
        frame.required = self.required_units(segment.condition);
        let scope = Scope::default();
        let filter = self.conditions(&mut frame, &scope, &rest)?;
        let id = self.profile_id(&frame)?;
        let alias = alias.or_else(|| {
            self.guard.as_ref().and_then(|_| self.layout.profile_id.last()).map(|name| Ident::physical(name))
        });
        let mut select = Select { items: vec![Item { expr: id.clone(), alias }], ..Select::default() };
        if let Some(rank) = &segment.rank {
            let key = self.value(&mut frame, &scope, rank.key)?;
            let key = self.ordered(rank.key, key)?;
            let nullable = self.nullable(rank.key);
            select.order_by = vec![
                Order { expr: key, descending: rank.descending, nullable },
                Order {
                    expr: self.dialect.by_code_point(self.profile_id_text(&frame)?)?,
                    descending: false,
                    nullable: false,
                },
            ];
            select.limit = rank.limit;
        }
        select.filter = filter;
        self.finish(frame, &mut select)?;
        Ok(select)
    }

    /// The profile's id as it is stored.
    fn profile_id(&self, frame: &Frame) -> Result<Expr> {
        match &frame.first {
            First::Profiles => self.at(&frame.profile, &self.layout.profile_id, &SqlType::Text),
            First::Events(alias) => self.at(alias, &self.layout.event_profile, &SqlType::Text),
            First::Query { alias, .. } => Ok(Expr::column(alias, &Ident::generated(unit::PROFILE_ID))),
        }
    }

    /// The profile's id as text.
    fn profile_id_text(&self, frame: &Frame) -> Result<Expr> {
        let id = self.profile_id(frame)?;
        Ok(if self.layout.text_ids { id } else { id.cast(SqlType::Text) })
    }

    /// Gives a select its `FROM` clause.
    fn finish(&mut self, frame: Frame, select: &mut Select) -> Result<()> {
        let id = self.profile_id(&frame)?;
        select.joins = frame.joins.iter().map(|joined| self.joined(joined, &frame, &id)).collect::<Result<Vec<_>>>()?;
        let (source, alias) = match &frame.first {
            First::Profiles => (Source::Named(self.layout.profiles.name()), frame.profile.clone()),
            First::Events(alias) => (self.events_source(select, alias)?, alias.clone()),
            First::Query { name, alias } => (Source::Named(vec![name.clone()]), alias.clone()),
        };
        select.from = Some(Table { source, alias });
        Ok(())
    }

    /// A row of a domain; filters have the rows of what they filter.
    fn row(&self, scope: &Scope, domain: DomainId) -> Result<Row> {
        let base = facts::base(self.plan, domain);
        match scope.row(base) {
            Some(row) => Ok(row.clone()),
            None if base == DomainId::PROFILES => Ok(Row::Profile),
            None => Err(Failure::Unsupported("a value of a row that is out of reach".to_owned())),
        }
    }
}

/// The type of a value.
fn sql_type(ty: &Ty) -> SqlType {
    match ty {
        Ty::Bool => SqlType::Bool,
        Ty::Int | Ty::Duration | Ty::Bucket => SqlType::Int,
        Ty::Decimal(digits) => SqlType::Decimal { precision: digits.precision, scale: digits.scale },
        Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => SqlType::Float,
        Ty::String | Ty::Enum(_) | Ty::Error => SqlType::Text,
        Ty::Object(_) => SqlType::object(),
        Ty::Date => SqlType::Date,
        Ty::Timestamp => SqlType::Timestamp,
        Ty::List(element) => SqlType::List(Box::new(sql_type(element))),
        Ty::Map(value) => SqlType::Map(Box::new(sql_type(value))),
    }
}

/// `2026-11-23T11:00:00Z`
fn instant_text(micros: i64) -> String {
    let date = civil(micros.div_euclid(MICROS_PER_DAY) as i32);
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let (year, month, day) = (date.year, date.month, date.day);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// A name for the rows of an event type.
fn event_name(event_type: Option<&str>) -> String {
    event_type.map_or("all_events".to_owned(), |name| quote::generated_name(name, "events"))
}
