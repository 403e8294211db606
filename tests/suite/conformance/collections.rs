//! Generated collections: sources, windows, filters, aggregates, groups, tops, sequences.

use segc::types::Ty;

use super::generate::{Atom, Generator, Kind, Subject};
use super::tree::Predicate;

const EVENTS: [&str; 6] = ["view", "buy", "ping", "commerce.purchases", "`Order Completed`", "events"];
const CUSTOM: [&str; 4] = ["big_buy", "recent_view", "coming", "noted_buy"];

/// A source with what its elements are.
struct Source {
    text: String,
    kind: Kind,
    is_event: bool,
}

/// A collection up to its filter, with the subject that the filter sees.
pub(super) struct Opened {
    pub text: String,
    pub subject: Subject,
    is_event: bool,
}

impl Generator<'_> {
    /// `any(C)`, `none(C)`, `all(C satisfy P)`
    pub(super) fn quantified(&mut self, depth: usize) -> Predicate {
        let opened = self.open();
        match self.random.below(5) {
            0 => {
                let inner = self.inside(&opened.subject, |g| g.predicate(depth.min(1)));
                Predicate::around(format!("all({} satisfy ", opened.text), inner, ")")
            }
            1 => Predicate::Text(format!("{}({})", self.random.word(&["any", "none"]), opened.text)),
            _ => {
                let inner = self.inside(&opened.subject, |g| g.predicate(depth.min(2)));
                let function = self.random.word(&["any", "none"]);
                Predicate::around(format!("{function}({} where ", opened.text), inner, ")")
            }
        }
    }

    /// A comparison of a function over a collection.
    pub(super) fn aggregated(&mut self, depth: usize) -> Predicate {
        if self.random.percent(12) {
            return self.grouped(depth);
        }
        let opened = self.open();
        let (function, after) = self.inside(&opened.subject, |g| g.aggregate(opened.is_event));
        let before = format!("{function}{}", opened.text);
        if self.random.percent(50) {
            return Predicate::Text(format!("{before}{after}"));
        }
        let inner = self.inside(&opened.subject, |g| g.predicate(depth.min(1)));
        Predicate::around(format!("{before} where "), inner, after)
    }

    /// What stands before a collection and behind it.
    fn aggregate(&mut self, is_event: bool) -> (String, String) {
        let compare = self.compare();
        let atoms = self.scope.last().cloned().map(|subject| self.atoms_of(&subject, "")).unwrap_or_default();
        let of = |fits: fn(&Ty) -> bool| atoms.iter().filter(|atom| fits(&atom.ty)).cloned().collect::<Vec<Atom>>();
        let scalars = of(|ty| !matches!(ty, Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Float));
        let numbers = of(|ty| matches!(ty, Ty::Int | Ty::Decimal(_)));
        let ordered = of(|ty| matches!(ty, Ty::Int | Ty::Decimal(_) | Ty::Date | Ty::Timestamp | Ty::String));
        let floats = of(|ty| matches!(ty, Ty::Float));
        let count = self.random.below(4);
        match self.random.below(12) {
            0 | 1 => ("count(".to_owned(), format!(") {compare} {count}")),
            2 if !scalars.is_empty() => {
                let atom = self.random.pick(&scalars).clone();
                (format!("count(distinct {} of ", atom.text), format!(") {compare} {count}"))
            }
            3 | 4 if !numbers.is_empty() => {
                let atom = self.random.pick(&numbers).clone();
                let times = self.random.word(&["", "", " + 1", " * 2"]);
                (format!("sum({}{times} of ", atom.text), format!(") {compare} {}", self.literal(&atom.ty)))
            }
            5 | 6 if !numbers.is_empty() => {
                let atom = self.random.pick(&numbers).clone();
                (format!("average({} of ", atom.text), format!(") {compare} {}", self.literal(&atom.ty)))
            }
            7 if !floats.is_empty() => {
                let atom = self.random.pick(&floats).clone();
                let function = self.random.word(&["sum", "min", "max", "average"]);
                let compare = self.random.word(&["<", ">="]);
                (format!("{function}({} of ", atom.text), format!(") {compare} {}", self.literal(&Ty::Float)))
            }
            8 if !scalars.is_empty() => {
                let atom = self.random.pick(&scalars).clone();
                (format!("list({} of ", atom.text), format!(") has any [{}]", self.literal(&atom.ty)))
            }
            9 if !scalars.is_empty() => {
                let atom = self.random.pick(&scalars).clone();
                let function = self.random.word(&["first", "last"]);
                if matches!(self.scope.last().map(|subject| &subject.kind), Some(Kind::Entry(_))) {
                    return ("count(".to_owned(), format!(") {compare} {count}"));
                }
                if matches!(atom.ty, Ty::Bool) && is_event && !self.setting.settings.event_ids {
                    return ("count(".to_owned(), ") == 1".to_owned());
                }
                let compare = if matches!(atom.ty, Ty::Enum(_) | Ty::Bool) { "==" } else { compare.as_str() };
                (format!("{function}({} of ", atom.text), format!(") {compare} {}", self.literal(&atom.ty)))
            }
            _ if !ordered.is_empty() => {
                let atom = self.random.pick(&ordered).clone();
                let function = self.random.word(&["min", "max"]);
                (format!("{function}({} of ", atom.text), format!(") {compare} {}", self.literal(&atom.ty)))
            }
            _ => ("count(".to_owned(), format!(") {compare} {count}")),
        }
    }

    /// `count(groups of C by E where …)`
    fn grouped(&mut self, depth: usize) -> Predicate {
        let opened = self.open();
        let fits = |ty: &Ty| !matches!(ty, Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Float);
        let keys: Vec<Atom> = self.atoms_of(&opened.subject, "").into_iter().filter(|a| fits(&a.ty)).collect();
        if keys.is_empty() {
            return Predicate::Text(format!("count({}) > 1", opened.text));
        }
        let key = self.random.pick(&keys).clone();
        let (written, key_type) = match (&key.ty, self.random.below(2)) {
            (Ty::Timestamp, 0) => (format!("date({})", key.text), Ty::Date),
            (Ty::Timestamp, _) => (format!("start_of(week, {})", key.text), Ty::Timestamp),
            _ => (key.text.clone(), key.ty.clone()),
        };
        let group = Subject {
            kind: Kind::Group { key: key_type, members: Box::new(opened.subject.kind.clone()) },
            alias: None,
            aside: false,
        };
        let inner = self.inside(&group, |g| {
            let members = Subject { kind: opened.subject.kind.clone(), alias: None, aside: false };
            let size = g.random.below(3);
            let about_group = match g.random.below(4) {
                0 => Predicate::Text(format!("count(group) >= {size}")),
                1 => {
                    let (before, after) = g.inside(&members, |g| g.aggregate(opened.is_event));
                    Predicate::Text(format!("{before}group{after}"))
                }
                2 => {
                    let inner = g.inside(&members, |g| g.predicate(depth.min(1)));
                    Predicate::around("any(group where ", inner, ")")
                }
                _ => g.simple(),
            };
            if g.random.percent(30) { Predicate::And(vec![about_group, g.simple()]) } else { about_group }
        });
        let count = self.random.below(3);
        let compare = self.compare();
        Predicate::around(
            format!("count(groups of {} by {written} where ", opened.text),
            inner,
            format!(") {compare} {count}"),
        )
    }

    /// `sequence(step then step)`
    pub(super) fn sequence(&mut self) -> Predicate {
        let steps = 2 + self.random.below(2);
        let outer = self.scope.len();
        let positive = self.random.below(steps);
        let mut written = Vec::new();
        let mut after_positive = false;
        for at in 0..steps {
            let negated = at != positive && self.random.percent(30);
            written.push(self.step(negated, after_positive));
            after_positive |= !negated;
        }
        self.scope.truncate(outer);
        Predicate::Text(format!("sequence({})", written.join(" then ")))
    }

    fn step(&mut self, negated: bool, after_positive: bool) -> String {
        let mut text = String::from(if negated { "not " } else { "" });
        if self.random.percent(12) {
            text.push_str("2 times ");
        }
        let source = self.event_source();
        text.push_str(&source.text);
        let alias = (!negated && self.random.percent(50)).then(|| self.fresh_alias());
        if let Some(alias) = &alias {
            text.push_str(&format!(" as {alias}"));
        }
        if self.random.percent(25) {
            text.push_str(&format!(" {}", self.window()));
        }
        if after_positive && self.random.percent(40) {
            text.push_str(&format!(" within {}", self.exact_duration()));
        }
        if after_positive && self.random.percent(15) {
            text.push_str(&format!(" after at least {}", self.random.word(&["1 hour", "1 day", "30 seconds"])));
        }
        let subject = Subject { kind: source.kind, alias, aside: false };
        if self.random.percent(55) {
            let filter = self.inside(&subject, |g| match g.random.below(3) {
                0 => g.correlated(),
                1 => g.quantified(1).write(),
                _ => g.simple().write(),
            });
            text.push_str(&format!(" where {filter}"));
        }
        if !negated && subject.alias.is_some() {
            self.scope.push(Subject { aside: true, ..subject });
        }
        text
    }

    /// A comparison with the event of an earlier step.
    fn correlated(&mut self) -> String {
        let aside: Vec<Subject> = self.scope.iter().filter(|subject| subject.aside).cloned().collect();
        if aside.is_empty() {
            return self.simple().write();
        }
        let alias = self.random.pick(&aside).alias.clone().unwrap_or_default();
        match self.random.below(6) {
            0 => format!("amount > {alias}.amount"),
            1 => format!("channel == {alias}.channel"),
            2 => format!("any(items where SKU in {alias}.items.SKU)"),
            3 => format!("items.SKU has any {alias}.items.SKU"),
            4 => format!("timestamp < {alias}.timestamp + {}", self.exact_duration()),
            _ => format!("quantity != {alias}.quantity"),
        }
    }

    fn fresh_alias(&mut self) -> String {
        self.aliases += 1;
        format!("x{}", self.aliases)
    }

    /// Runs with one more subject in scope.
    pub(super) fn inside<T>(&mut self, subject: &Subject, run: impl FnOnce(&mut Self) -> T) -> T {
        self.scope.push(subject.clone());
        let result = run(self);
        self.scope.pop();
        result
    }

    /// A collection without its filter.
    pub(super) fn open(&mut self) -> Opened {
        let source = self.source();
        let alias = self.random.percent(30).then(|| self.fresh_alias());
        let mut text = source.text;
        if let Some(alias) = &alias {
            text.push_str(&format!(" as {alias}"));
        }
        if source.is_event && self.random.percent(50) {
            text.push_str(&format!(" {}", self.event_window()));
        }
        Opened { text, subject: Subject { kind: source.kind, alias, aside: false }, is_event: source.is_event }
    }

    fn event_window(&mut self) -> String {
        if self.random.percent(40) { format!("in last {}", self.duration()) } else { self.window() }
    }

    fn event_source(&mut self) -> Source {
        let custom = self.random.percent(25);
        let text = if custom { self.random.word(&CUSTOM) } else { self.random.word(&EVENTS) };
        Source { text, kind: Kind::Object(self.schema.event), is_event: true }
    }

    /// Events, a list or map in scope, or the top of one of them.
    fn source(&mut self) -> Source {
        if let Some(Kind::Group { members, .. }) = self.scope.last().map(|subject| subject.kind.clone()) {
            // Whether the members are events decides if they have a window; without one both are written alike.
            return Source { text: "group".to_owned(), kind: *members, is_event: false };
        }
        let nested = self.nested_sources();
        let source = if nested.is_empty() || self.random.percent(if self.in_profile() { 70 } else { 25 }) {
            self.event_source()
        } else {
            let (text, kind) = self.random.pick(&nested).clone();
            Source { text, kind, is_event: false }
        };
        if self.random.percent(8) { self.top(source) } else { source }
    }

    fn top(&mut self, source: Source) -> Source {
        // Without event ids simultaneous events have no order of their own.
        if source.is_event && !self.setting.settings.event_ids {
            return source;
        }
        let subject = Subject { kind: source.kind.clone(), alias: None, aside: false };
        let fits = |ty: &Ty| matches!(ty, Ty::Int | Ty::Decimal(_) | Ty::Date | Ty::Timestamp | Ty::String);
        let keys: Vec<Atom> = self.atoms_of(&subject, "").into_iter().filter(|atom| fits(&atom.ty)).collect();
        if keys.is_empty() {
            return source;
        }
        let word = self.random.word(&["top", "bottom"]);
        let window = if source.is_event && self.random.percent(50) {
            format!(" {}", self.event_window())
        } else {
            String::new()
        };
        let key = self.random.pick(&keys).text.clone();
        let text = format!("{word} {} of {}{window} by {key}", 1 + self.random.below(3), source.text);
        Source { text, ..source }
    }

    /// Lists and maps of the innermost subject and of those with a name.
    fn nested_sources(&self) -> Vec<(String, Kind)> {
        let inner = self.scope.iter().rposition(|subject| !subject.aside).unwrap_or(0);
        let mut all = Vec::new();
        for (at, subject) in self.scope.iter().enumerate() {
            let prefix = match &subject.alias {
                _ if at == inner => String::new(),
                Some(alias) => format!("{alias}."),
                None => continue,
            };
            match &subject.kind {
                Kind::Object(object) => self.lists(*object, &prefix, 2, &mut all),
                Kind::Entry(Ty::Object(object)) => self.lists(*object, &format!("{prefix}value."), 1, &mut all),
                Kind::Entry(_) | Kind::Scalar(_) | Kind::Group { .. } => {}
            }
        }
        all
    }

    fn lists(&self, object: segc::types::ObjectId, prefix: &str, depth: usize, all: &mut Vec<(String, Kind)>) {
        let Some(object) = self.schema.object(object) else { return };
        for (name, field) in object
            .fields
            .iter()
            .filter(|(name, _)| !["propensity", "segmentMembership", "scores"].contains(&name.as_str()))
        {
            let text = format!("{prefix}{name}");
            match &field.ty.ty {
                Ty::List(of) => match &**of {
                    Ty::Object(id) => {
                        all.push((text.clone(), Kind::Object(*id)));
                        if depth > 0 {
                            // `cards.perks`: the perks of all cards.
                            self.lists(*id, &format!("{text}."), depth - 1, all);
                        }
                    }
                    scalar => all.push((text, Kind::Scalar(scalar.clone()))),
                },
                Ty::Map(of) => all.push((text, Kind::Entry((**of).clone()))),
                Ty::Object(id) if depth > 0 => self.lists(*id, &format!("{text}."), depth - 1, all),
                _ => {}
            }
        }
    }
}
