//! Well-typed segments as text, directed by the schema. What is in scope decides what can be written: fields of the
//! innermost subject bare, those of others by their `as` name, the profile's by `profile.`.

use segc::schema::Schema;
use segc::types::{ObjectId, Ty};

use super::random::Random;
use super::rows::{COUNTRIES, KEYS, SKUS, Setting};
use super::tree::Predicate;

/// Definitions that all segments of a batch may use.
pub const PRELUDE: &str = include_str!("../../corpus/prelude.seg");

/// A generated segment.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub condition: Predicate,
    /// `rank` and `sample` clauses.
    pub clauses: String,
}

impl Case {
    pub fn text(&self) -> String {
        format!("segment {} {{\n    where {}\n{}}}\n", self.name, self.condition.write(), self.clauses)
    }
}

/// What a subject in scope can be asked for.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Object(ObjectId),
    Scalar(Ty),
    Entry(Ty),
    Group { key: Ty, members: Box<Kind> },
}

/// A subject in scope.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub kind: Kind,
    pub alias: Option<String>,
    /// Reached by its alias only: the event of an earlier step.
    pub aside: bool,
}

/// A value that can be written.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    pub text: String,
    pub ty: Ty,
}

pub struct Generator<'g> {
    pub(super) random: Random,
    pub(super) schema: &'g Schema,
    pub(super) setting: &'g Setting,
    pub(super) scope: Vec<Subject>,
    pub(super) aliases: usize,
    /// Segments that may be referred to.
    pub(super) segments: Vec<String>,
}

impl<'g> Generator<'g> {
    pub fn new(seed: u64, schema: &'g Schema, setting: &'g Setting) -> Generator<'g> {
        let profile = Subject { kind: Kind::Object(schema.profile), alias: None, aside: false };
        Generator { random: Random::new(seed), schema, setting, scope: vec![profile], aliases: 0, segments: vec![] }
    }

    /// The next segment.
    pub fn case(&mut self, name: String) -> Case {
        let condition = self.predicate(3);
        let mut clauses = String::new();
        if self.random.percent(6) {
            let key = self.number_or_time();
            let direction = self.random.word(&["asc", "desc"]);
            clauses.push_str(&format!("    rank by {key} {direction} limit {}\n", 1 + self.random.below(20)));
        }
        if self.random.percent(5) {
            let percent = self.random.word(&["50", "10", "0.5", "99.9", "100"]);
            clauses.push_str(&format!("    sample {percent}% salt \"{}\"\n", self.random.word(&["x", "é"])));
        }
        self.segments.push(name.clone());
        Case { name, condition, clauses }
    }

    /// A predicate of at most so many levels.
    pub fn predicate(&mut self, depth: usize) -> Predicate {
        if depth == 0 {
            return self.simple();
        }
        match self.random.below(100) {
            0..16 => Predicate::And((0..2 + self.random.below(2)).map(|_| self.predicate(depth - 1)).collect()),
            16..26 => Predicate::Or((0..2 + self.random.below(2)).map(|_| self.predicate(depth - 1)).collect()),
            26..36 => Predicate::Not(Box::new(self.predicate(depth - 1))),
            36..39 => {
                let [a, b, c] = [0; 3].map(|_| Box::new(self.predicate(depth - 1)));
                Predicate::If(a, b, c)
            }
            39..52 => self.quantified(depth - 1),
            52..66 => self.aggregated(depth - 1),
            66..73 if self.in_profile() || self.random.percent(15) => self.sequence(),
            73..77 if self.in_profile() => self.definition(),
            77..86 => self.relation(depth - 1),
            _ => self.simple(),
        }
    }

    pub(super) fn in_profile(&self) -> bool {
        self.scope.len() == 1
    }

    /// A definition of the prelude, another segment, a membership, a propensity.
    fn definition(&mut self) -> Predicate {
        let text = match self.random.below(10) {
            0 if !self.segments.is_empty() => self.random.pick(&self.segments).clone(),
            0 | 1 => format!("spend({}) > {}", self.duration(), self.random.word(&["0", "5", "100.5"])),
            2 => format!("doubled(points) {} 84", self.compare()),
            3 => "shout(name) in [\"SHOES\", \"-\", \"ΟΔΟΣ\"]".to_owned(),
            4 => "well_off(price)".to_owned(),
            5 => format!("share {} {}", self.compare(), self.random.word(&["0.5", "1", "-2.5"])),
            6 => format!("mean_amount {} {}", self.compare(), self.random.word(&["1.5", "5", "3.33"])),
            7 => format!(
                "member(\"{}\"{})",
                self.random.word(&["aud-1", "aud-2", "none"]),
                self.random.word(&[", \"ups\"", ""])
            ),
            _ => self.propensity(),
        };
        Predicate::Text(text)
    }

    fn propensity(&mut self) -> String {
        let compare = self.compare();
        let model = self.random.word(&["churn", "churn", "ltv"]);
        let ordered = self.random.word(&["<", "<=", ">", ">="]);
        match self.random.below(9) {
            0 => format!("propensity.{model}.probability {ordered} {}", self.random.word(&["0.25", "0.5", "1"])),
            1 => format!("propensity.{model}.score {ordered} {}", self.random.word(&["25", "75", "74.5"])),
            2 => format!("propensity.{model}.percentile >= {}", self.random.word(&["50", "99"])),
            3 => format!("propensity.{model}.bucket {compare} {}", self.random.word(&["low", "medium", "high"])),
            4 => format!("propensity.{model}.state == \"{}\"", self.random.word(&["scored", "stale", "unscored"])),
            5 => "any(propensity.churn.factors where feature == \"visits\" and weight > 0.25)".to_owned(),
            6 => "propensity.churn.factors.feature has any [\"visits\"]".to_owned(),
            7 => format!("any(propensity.{model}.factors where effect == \"raises\" or weight {ordered} 0.25)"),
            _ => format!("propensity.{model}.scored_at {}", self.window()),
        }
    }

    /// Values of the subjects in scope, the innermost most often.
    pub(super) fn atoms(&mut self) -> Vec<Atom> {
        let inner = self.scope.iter().rposition(|subject| !subject.aside).unwrap_or(0);
        let others: Vec<usize> =
            (0..self.scope.len()).filter(|&at| at != inner && (at == 0 || self.scope[at].alias.is_some())).collect();
        let at = if others.is_empty() || self.random.percent(75) { inner } else { *self.random.pick(&others) };
        let subject = self.scope[at].clone();
        let prefix = match &subject.alias {
            _ if at == inner && (subject.alias.is_none() || self.random.percent(70)) => String::new(),
            Some(alias) => format!("{alias}."),
            None => "profile.".to_owned(),
        };
        self.atoms_of(&subject, &prefix)
    }

    pub(super) fn atoms_of(&self, subject: &Subject, prefix: &str) -> Vec<Atom> {
        let atom = |name: &str, ty: &Ty| Atom { text: format!("{prefix}{name}"), ty: ty.clone() };
        match &subject.kind {
            Kind::Object(object) => {
                let mut atoms = Vec::new();
                self.fields(*object, prefix, false, 4, &mut atoms);
                atoms
            }
            Kind::Scalar(ty) if prefix.is_empty() => vec![atom("value", ty)],
            Kind::Scalar(ty) => vec![Atom { text: prefix.trim_end_matches('.').to_owned(), ty: ty.clone() }],
            Kind::Entry(Ty::Object(object)) => {
                let mut atoms = vec![atom("key", &Ty::String)];
                self.fields(*object, &format!("{prefix}value."), false, 3, &mut atoms);
                atoms
            }
            Kind::Entry(ty) => vec![atom("key", &Ty::String), atom("value", ty)],
            Kind::Group { key, .. } => vec![atom("key", key)],
        }
    }

    /// Every value below an object: through objects, lists (`many`), keys of maps and relationships.
    fn fields(&self, object: ObjectId, prefix: &str, many: bool, depth: usize, atoms: &mut Vec<Atom>) {
        let Some(object) = self.schema.object(object) else { return };
        for (name, field) in &object.fields {
            if ["propensity", "segmentMembership", "scores"].contains(&name.as_str()) {
                continue;
            }
            let text = format!("{prefix}{name}");
            self.value(&text, &field.ty.ty, many, depth, atoms);
            let class = field.relationship.as_ref().and_then(|name| self.schema.classes.get(name));
            if let (Some(class), true) = (class, depth > 0) {
                let many = many || matches!(field.ty.ty, Ty::List(_));
                self.fields(class.object, &format!("{text}."), many, depth.min(2) - 1, atoms);
            }
        }
    }

    fn value(&self, text: &str, ty: &Ty, many: bool, depth: usize, atoms: &mut Vec<Atom>) {
        match ty {
            Ty::Object(id) if depth > 0 => self.fields(*id, &format!("{text}."), many, depth - 1, atoms),
            Ty::List(of) => match &**of {
                Ty::Object(id) if depth > 0 => self.fields(*id, &format!("{text}."), true, depth - 1, atoms),
                Ty::Object(_) => {}
                _ => atoms.push(Atom { text: text.to_owned(), ty: ty.clone() }),
            },
            Ty::Map(of) => {
                if !many {
                    atoms.push(Atom { text: text.to_owned(), ty: ty.clone() });
                }
                for key in &KEYS[..2] {
                    self.value(&format!("{text}[\"{key}\"]"), of, many, depth.saturating_sub(1), atoms);
                }
            }
            Ty::Object(_) => {}
            _ if many => atoms.push(Atom { text: text.to_owned(), ty: Ty::List(Box::new(ty.clone())) }),
            _ => atoms.push(Atom { text: text.to_owned(), ty: ty.clone() }),
        }
    }

    /// A value of a type that fits, if the subjects have one.
    pub(super) fn atom_where(&mut self, fits: impl Fn(&Ty) -> bool) -> Option<Atom> {
        for _ in 0..4 {
            let atoms: Vec<Atom> = self.atoms().into_iter().filter(|atom| fits(&atom.ty)).collect();
            if !atoms.is_empty() {
                return Some(self.random.pick(&atoms).clone());
            }
        }
        None
    }

    fn number_or_time(&mut self) -> String {
        let fits = |ty: &Ty| matches!(ty, Ty::Int | Ty::Decimal(_) | Ty::Float | Ty::Date | Ty::Timestamp);
        self.atom_where(fits).map_or("rung".to_owned(), |atom| atom.text)
    }

    pub(super) fn compare(&mut self) -> String {
        self.random.word(&["==", "!=", "<", "<=", ">", ">="])
    }

    pub(super) fn duration(&mut self) -> String {
        self.random.word(&[
            "1 day",
            "2 days",
            "7 days",
            "30 days",
            "90 days",
            "1 week",
            "1 month",
            "3 months",
            "1 year",
            "1 hour",
            "90 minutes",
            "24 hours",
            "recency",
            "1 quarter",
            "30 seconds",
        ])
    }

    /// A duration that a day of 24 hours makes exact.
    pub(super) fn exact_duration(&mut self) -> String {
        self.random.word(&["1 day", "2 days", "7 days", "30 days", "1 hour", "90 minutes", "24 hours", "1 week"])
    }

    /// A window that a date may be in too.
    pub(super) fn window(&mut self) -> String {
        let unit = self.random.word(&["day", "week", "month", "quarter", "year"]);
        match self.random.below(12) {
            0..3 => format!("in last {}", self.calendar_duration()),
            3 => format!("in next {}", self.calendar_duration()),
            4 => format!("in this {unit}"),
            5 => format!("in previous {} {unit}s", 1 + self.random.below(3)),
            6 => format!("on {}", self.random.word(&["today", "yesterday", "2024-02-29", "tomorrow"])),
            7 => format!("before {}", self.moment()),
            8 => format!("after {}", self.moment()),
            _ => format!("between {} and {}", self.moment(), self.moment()),
        }
    }

    pub(super) fn calendar_duration(&mut self) -> String {
        self.random
            .word(&["1 day", "2 days", "7 days", "30 days", "90 days", "1 week", "1 month", "3 months", "1 year"])
    }

    /// A constant date or timestamp.
    pub(super) fn moment(&mut self) -> String {
        match self.random.below(8) {
            0 => "today".to_owned(),
            1 => "now".to_owned(),
            2 => "since".to_owned(),
            3 => self.random.word(&["2026-11-23", "2026-03-29", "2025-12-31", "2018-11-04", "2024-03-01"]),
            4 => format!("{} from now", self.duration_literal()),
            5 => {
                self.random.word(&["2026-11-23T11:00:00Z", "2026-03-29T02:00:00+01:00", "2026-11-01T05:30:00.000001Z"])
            }
            _ => format!("{} ago", self.duration_literal()),
        }
    }

    fn duration_literal(&mut self) -> String {
        let duration = self.duration();
        if duration == "recency" { "30 days".to_owned() } else { duration }
    }

    /// A literal of a scalar type, often one that the rows have.
    pub(super) fn literal(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => self.random.word(&["true", "false"]),
            Ty::Int => self.random.word(&["0", "1", "2", "3", "-1", "42", "100", "9007199254740992", "few"]),
            Ty::Decimal(_) => self.random.word(&["0", "0.01", "-2.50", "9.99", "100", "2.55", "5000", "price"]),
            Ty::Float => self.random.word(&["0.5", "1", "-1.25", "2.75", "0", "1000.5"]),
            Ty::Enum(values) => {
                let values: Vec<&str> = values.values.iter().map(|(value, _)| value.as_str()).collect();
                quoted(&self.random.word(&values))
            }
            Ty::Date => self.random.word(&["2024-02-29", "2000-12-31", "1970-01-01", "today", "yesterday", "since"]),
            Ty::Timestamp => self.moment_of_time(),
            _ => {
                let text = match self.random.below(6) {
                    0 => self.random.word(&COUNTRIES),
                    1 => self.random.word(&SKUS),
                    2 => self.random.word(&["view", "web", "m1"]),
                    _ => self.random.word(&super::rows::TEXTS),
                };
                quoted(&text)
            }
        }
    }

    fn moment_of_time(&mut self) -> String {
        if self.random.percent(30) {
            return "now".to_owned();
        }
        let instants = super::rows::instants(self.setting);
        let micros = *self.random.pick(&instants) + *self.random.pick(&[0, 0, 1, -1]);
        jiff::Timestamp::from_microsecond(micros).unwrap().to_string()
    }
}

/// A string literal.
pub fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    format!("\"{}\"", escaped.replace('\u{7f}', "\\u{7f}"))
}
