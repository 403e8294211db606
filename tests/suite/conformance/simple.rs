//! Generated predicates over values: comparisons, tests of text and lists, windows, arithmetic, functions.

use segc::types::Ty;

use super::generate::{Atom, Generator, quoted};
use super::rows::{EMAILS, TEXTS, URLS};
use super::tree::Predicate;

const LIKES: [&str; 10] = ["%", "_", "sh%s", "%a%", "100\\%", "a\\_b", "a_b", "%\\\\%", "_́%", "%é"];
const PATTERNS: [&str; 14] = [
    "^a",
    "o+e",
    "^[A-Z][a-z]+$",
    "^\\w+$",
    "\\d{2,3}",
    "(a|b)c?$",
    "^$",
    "sh.es",
    "\\s",
    "[^a-z]",
    "é",
    "b.a?r",
    "^.$",
    "\\$\\{\\w+",
];

impl Generator<'_> {
    /// A predicate without collections.
    pub(super) fn simple(&mut self) -> Predicate {
        let atoms = self.atoms();
        if atoms.is_empty() {
            return Predicate::text("true");
        }
        let atom = self.random.pick(&atoms).clone();
        Predicate::Text(self.about(&atom))
    }

    fn about(&mut self, atom: &Atom) -> String {
        let text = &atom.text;
        let is_map_of_objects = matches!(&atom.ty, Ty::Map(of) if matches!(**of, Ty::Object(_)));
        if self.random.percent(6) && !is_map_of_objects {
            return format!("{text} {}", self.random.word(&["is present", "is absent"]));
        }
        match &atom.ty {
            Ty::Bool => match self.random.below(4) {
                0 => text.clone(),
                1 => format!("not {text}"),
                2 => format!("({text} default true)"),
                _ => format!("{text} {} {}", self.random.word(&["==", "!="]), self.random.word(&["true", "false"])),
            },
            Ty::Int => self.about_int(text),
            Ty::Decimal(_) => self.about_decimal(text),
            Ty::Float => self.about_float(text),
            Ty::Enum(_) => self.about_enum(atom),
            Ty::String => self.about_text(text),
            Ty::Date => self.about_date(text),
            Ty::Timestamp => self.about_timestamp(text),
            Ty::List(of) => self.about_list(text, of),
            Ty::Map(of) => self.about_map(text, of),
            Ty::Error | Ty::Duration | Ty::Object(_) | Ty::Probability | Ty::Score | Ty::Percentile | Ty::Bucket => {
                format!("{text} is present")
            }
        }
    }

    fn about_int(&mut self, text: &str) -> String {
        let compare = self.compare();
        let literal = self.literal(&Ty::Int);
        match self.random.below(12) {
            0 => format!("{text} {} [1, 2, 42]", self.random.word(&["in", "not in"])),
            1 => format!("{text} {} 0 and {literal}", self.random.word(&["between", "not between"])),
            2 => format!("{text} + {} {compare} {literal}", self.random.word(&["1", "9223372036854775807", "-5"])),
            3 => format!("{text} * {} {compare} {literal}", self.random.word(&["3", "-1", "4611686018427387904"])),
            4 => format!("{text} div {} {compare} {literal}", self.random.word(&["2", "-3", "0", "7"])),
            5 => format!("{text} % {} {compare} {literal}", self.random.word(&["2", "-3", "7"])),
            6 => format!(
                "{text} / {} {compare} {}",
                self.random.word(&["3", "-7", "2"]),
                self.random.word(&["0.5", "14", "0.333"])
            ),
            7 => format!("abs({text}) {compare} {literal}"),
            8 => format!("-{text} {compare} {literal}"),
            9 => format!("{text} {compare} {}", self.random.word(&["1.5", "2.0", "-0.5"])),
            10 => format!("({text} default {literal}) {compare} 2"),
            _ => format!("{text} {compare} {literal}"),
        }
    }

    fn about_decimal(&mut self, text: &str) -> String {
        let compare = self.compare();
        let literal = self.literal(&Ty::Int);
        let money = self.literal(&Ty::Decimal(segc::types::Digits { precision: 10, scale: 2 }));
        match self.random.below(13) {
            0 => format!("{text} {} [9.99, 0, 2.5]", self.random.word(&["in", "not in"])),
            1 => format!("{text} {} -2.50 and {money}", self.random.word(&["between", "not between"])),
            2 => format!("{text} + 0.001 {compare} {money}"),
            3 => format!("{text} * {} {compare} {money}", self.random.word(&["3", "1.5", "-0.1"])),
            4 => format!("{text} / {} {compare} {money}", self.random.word(&["3", "0.7", "-2"])),
            5 => format!("round({text}) {compare} {literal}"),
            6 => format!("round({text}, 1) {compare} {money}"),
            7 => format!("{}({text}) {compare} {literal}", self.random.word(&["floor", "ceil"])),
            8 => match self.atom_where(|ty| matches!(ty, Ty::Decimal(_) | Ty::Int)) {
                Some(other) => {
                    format!("{text} {} {} {compare} {money}", self.random.word(&["+", "-", "/"]), other.text)
                }
                None => format!("{text} > 0"),
            },
            9 => format!("(if {text} > 1 then {text} else 0) {compare} {money}"),
            10 => format!("max({text}, {money}) {compare} 2.5"),
            11 => format!("{text} % 0.3 {compare} 0.1"),
            _ => format!("{text} {compare} {money}"),
        }
    }

    fn about_float(&mut self, text: &str) -> String {
        let compare = self.random.word(&["<", "<=", ">", ">="]);
        let literal = self.literal(&Ty::Float);
        match self.random.below(7) {
            0 => format!("{text} between -1 and {literal}"),
            1 => format!("{text} + 0.5 {compare} {literal}"),
            2 => format!("{text} * 2 {compare} {literal}"),
            3 => format!("abs({text}) {compare} {literal}"),
            4 => format!("{}({text}) {compare} {literal}", self.random.word(&["round", "floor", "ceil"])),
            5 => format!("({text} default 2.5) {compare} {literal}"),
            _ => format!("{text} {compare} {literal}"),
        }
    }

    fn about_enum(&mut self, atom: &Atom) -> String {
        let (text, literal) = (&atom.text, self.literal(&atom.ty));
        match self.random.below(4) {
            0 => {
                let other = self.literal(&atom.ty);
                format!("{text} {} [{literal}, {other}]", self.random.word(&["in", "not in"]))
            }
            1 => format!("{text} starts with \"s\""),
            _ => format!("{text} {} {literal}", self.random.word(&["==", "!="])),
        }
    }

    fn about_text(&mut self, text: &str) -> String {
        let compare = self.compare();
        let literal = self.literal(&Ty::String);
        let case = self.random.word(&["", "", " ignoring case"]);
        let not = self.random.word(&["", "", "not "]);
        let length = self.random.below(6);
        match self.random.below(20) {
            0 => format!("{text} {not}in [\"shoes\", \"a\", {literal}]{case}"),
            1 => format!("{text} {not}in words"),
            2 => format!("{text} {not}contains {literal}{case}"),
            3 => format!("{text} {not}starts with {literal}{case}"),
            4 => format!("{text} {not}ends with {literal}{case}"),
            5 => format!("{text} {not}like {}{case}", quoted(&self.random.word(&LIKES))),
            6 | 7 => format!("{text} {not}matches {}", quoted(&self.random.word(&PATTERNS))),
            8 => format!("length({text}) {compare} {length}"),
            9 => format!("{}({text}) == {literal}", self.random.word(&["lower", "upper", "trim"])),
            10 => format!("substring({text}, 2, 3) {compare} {literal}"),
            11 => format!("replace({text}, {literal}, \"+\") {compare} {}", quoted(&self.random.word(&TEXTS))),
            12 => format!("concat({text}, \"-\", {text}) {compare} {literal}"),
            13 => format!("split({text}, \",\") {not}contains {literal}"),
            14 => format!("capture({text}, {}, 1) == {literal}", quoted("([a-z]+)[ %]?")),
            15 => {
                let domain = quoted(&self.random.word(&["example.com", "c.org", "straße.de"]));
                let email = self.profile_path("email");
                format!("email_domain({email}) {compare} {domain}", email = self.one_of(text, &email, &EMAILS))
            }
            16 => {
                let site = self.profile_path("site");
                format!("url_host({}) {compare} \"host.example\"", self.one_of(text, &site, &URLS))
            }
            17 => {
                let site = self.profile_path("site");
                format!("url_path({}) {compare} \"/shoes/red\"", self.one_of(text, &site, &URLS))
            }
            18 => format!(
                "({text} default \"shoes\") {compare} {literal}{case}",
                case = if compare.len() == 2 && compare != "<=" && compare != ">=" { &case } else { "" }
            ),
            _ if compare == "==" || compare == "!=" => format!("{text} {compare} {literal}{case}"),
            _ => format!("{text} {compare} {literal}"),
        }
    }

    fn profile_path(&self, name: &str) -> String {
        if self.in_profile() { name.to_owned() } else { format!("profile.{name}") }
    }

    /// The first, the second, or a literal.
    fn one_of(&mut self, a: &str, b: &str, literals: &[&str]) -> String {
        match self.random.below(5) {
            0 => a.to_owned(),
            1 => quoted(&self.random.word(literals)),
            _ => b.to_owned(),
        }
    }

    fn about_date(&mut self, text: &str) -> String {
        let compare = self.compare();
        let number = self.random.word(&["0", "1", "2", "3", "29", "12", "7", "2024", "26"]);
        let literal = self.literal(&Ty::Date);
        let unit = self.random.word(&["day", "week", "month", "quarter", "year"]);
        let not = self.random.word(&["", "", "not "]);
        match self.random.below(12) {
            0..3 => format!("{text} {}", self.window()),
            3 => format!("{text} {not}{}", self.window()),
            4 => format!("{text} {} ignoring year", self.constant_window()),
            5 => {
                let function = self.random.word(&["year", "quarter", "month", "day", "weekday"]);
                format!("{function}({text}) {compare} {number}")
            }
            6 => format!("age({text}) {compare} {number}"),
            7 => format!("days_between({text}, {literal}) {compare} {number}"),
            8 => format!("start_of({unit}, {text}) {compare} {literal}"),
            9 => {
                format!("{text} + {} {compare} {literal}", self.random.word(&["1 day", "2 weeks", "1 month", "1 year"]))
            }
            10 => format!("{text} {compare} now"),
            _ => format!("{text} {compare} {literal}"),
        }
    }

    /// A window of constant bounds, for anniversaries.
    fn constant_window(&mut self) -> String {
        loop {
            let window = self.window();
            // An anniversary is neither before nor after.
            if !["since", "before", "after"].iter().any(|word| window.contains(word)) {
                return window;
            }
        }
    }

    fn about_timestamp(&mut self, text: &str) -> String {
        let compare = self.compare();
        let number = self.random.word(&["0", "1", "2", "3", "11", "12", "23", "2026", "31"]);
        let literal = self.literal(&Ty::Timestamp);
        let unit = self.random.word(&["day", "week", "month", "quarter", "year"]);
        let not = self.random.word(&["", "", "not "]);
        match self.random.below(14) {
            0..3 => format!("{text} {}", self.window()),
            3 => format!("{text} in last {}", self.duration()),
            4 => format!("{text} {not}{}", self.window()),
            5 => {
                let function = self.random.word(&["year", "quarter", "month", "day", "weekday", "hour"]);
                format!("{function}({text}) {compare} {number}")
            }
            6 => format!("date({text}) {compare} {}", self.literal(&Ty::Date)),
            7 => {
                let function = self.random.word(&["days", "weeks", "hours", "minutes", "seconds"]);
                format!("{function}_between({text}, now) {compare} {number}")
            }
            8 => format!("start_of({unit}, {text}) {compare} {literal}"),
            9 => format!("{text} {} {} {compare} {literal}", self.random.word(&["+", "-"]), self.exact_duration()),
            10 => format!("now - {text} {compare} {}", self.exact_duration()),
            11 => format!("{text} {compare} {}", self.literal(&Ty::Date)),
            12 => format!("{text} {compare} now - {}", self.random.word(&["1 month", "2 days", "90 minutes"])),
            _ => format!("{text} {compare} {literal}"),
        }
    }

    fn about_list(&mut self, text: &str, of: &Ty) -> String {
        if matches!(of, Ty::Float) {
            return format!("size({text}) {} 1", self.compare());
        }
        let list = (0..1 + self.random.below(3)).map(|_| self.literal(of)).collect::<Vec<_>>().join(", ");
        let literal = self.literal(of);
        let not = self.random.word(&["", "", "not "]);
        let compare = self.compare();
        match self.random.below(10) {
            0 => format!("{text} {not}contains {literal}"),
            1 => format!("{literal} {not}in {text}"),
            2 => format!("{text} {not}has any [{list}]"),
            3 => format!("{text} {not}has all [{list}]"),
            4 => format!("{text} {not}within [{list}]"),
            5 => format!("size({text}) {compare} {}", self.random.below(4)),
            6 => format!("size(distinct({text})) {compare} {}", self.random.below(3)),
            7 => format!(
                "size({}({text}, [{list}])) {compare} {}",
                self.random.word(&["intersect", "union"]),
                self.random.below(3)
            ),
            8 => format!("size(distinct({text})) == size({text})"),
            _ => match self.atom_where(|ty| ty == of) {
                Some(other) => format!("{} {not}in {text}", other.text),
                None => format!("{text} contains {literal}"),
            },
        }
    }

    fn about_map(&mut self, text: &str, of: &Ty) -> String {
        match (self.random.below(4), of) {
            (0, Ty::String) => format!("values({text}) contains {}", self.literal(&Ty::String)),
            (0, Ty::Int) => format!("values({text}) contains 2"),
            (1, _) => format!("keys({text}) has any [\"k\", \"é\"]"),
            _ => format!("size({text}) {} {}", self.compare(), self.random.below(3)),
        }
    }
}
