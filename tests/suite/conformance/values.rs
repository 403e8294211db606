//! Generated values made of other values, and relations between two of them: what single fields do not reach.

use segc::types::Ty;

use super::generate::Generator;
use super::tree::Predicate;

impl Generator<'_> {
    /// A relation between two values of a kind.
    pub(super) fn relation(&mut self, depth: usize) -> Predicate {
        let compare = self.compare();
        let not = self.random.word(&["", "", "not "]);
        Predicate::Text(match self.random.below(9) {
            0 | 1 => format!("{} {compare} {}", self.number(depth), self.number(depth)),
            2 => {
                let (a, b) = (self.number(depth), self.number(0));
                format!("{a} / {b} {compare} {}", self.random.word(&["0.5", "1", "-3", "0"]))
            }
            3 => format!("{} {compare} {}", self.time(depth), self.time(depth)),
            4 => format!("{} {not}{}", self.time(depth), self.window()),
            5 => format!("{} {not}between {} and {}", self.time(depth), self.time(depth), self.time(0)),
            6 => {
                let test = self.random.word(&["==", "!=", "<", "contains", "starts with", "ends with"]);
                format!("{} {test} {}", self.words(depth), self.words(depth))
            }
            7 => {
                let test = self.random.word(&["has any", "has all", "within"]);
                format!("{} {not}{test} {}", self.texts(depth), self.texts(depth))
            }
            _ => format!("{} {not}in {}", self.words(depth), self.texts(depth)),
        })
    }

    fn function_of(&mut self, depth: usize, function: &str, fits: fn(&Ty) -> bool) -> Option<String> {
        let opened = self.open();
        let atoms: Vec<String> = self
            .atoms_of(&opened.subject, "")
            .into_iter()
            .filter(|atom| fits(&atom.ty))
            .map(|atom| atom.text)
            .collect();
        if atoms.is_empty() {
            return None;
        }
        let atom = self.random.pick(&atoms).clone();
        if depth > 0 && self.random.percent(40) {
            let inner = self.inside(&opened.subject, |g| g.predicate(depth - 1)).write();
            return Some(format!("{function}({atom} of {} where {inner})", opened.text));
        }
        Some(format!("{function}({atom} of {})", opened.text))
    }

    /// An `int` or `decimal` of few digits.
    fn number(&mut self, depth: usize) -> String {
        let is_number = |ty: &Ty| matches!(ty, Ty::Int | Ty::Decimal(_));
        let atom = self.atom_where(is_number).map_or("1".to_owned(), |atom| atom.text);
        if depth == 0 {
            return atom;
        }
        match self.random.below(14) {
            0 | 1 => {
                let opened = self.open();
                format!("count({})", opened.text)
            }
            2 | 3 => self.function_of(depth - 1, "sum", is_number).unwrap_or(atom),
            4 => {
                let function = self.random.word(&["min", "max"]);
                self.function_of(depth - 1, &function, is_number).unwrap_or(atom)
            }
            5 => self.function_of(depth - 1, "average", is_number).unwrap_or(atom),
            6 => format!("({} {} {})", atom, self.random.word(&["+", "-"]), self.number(depth - 1)),
            7 => format!("(if {} then {} else {})", self.predicate(depth - 1).write(), atom, self.number(depth - 1)),
            8 => format!("({} default {})", atom, self.random.word(&["0", "1", "-2.5"])),
            9 => format!("days_between({}, now)", self.timestamp(depth - 1)),
            10 => format!("length({})", self.words(depth - 1)),
            11 => format!("size({})", self.texts(depth - 1)),
            12 => format!("abs({atom})"),
            _ => atom,
        }
    }

    /// A date or timestamp.
    fn time(&mut self, depth: usize) -> String {
        match self.random.below(7) {
            0 => format!("date({})", self.timestamp(depth)),
            1 => self.atom_where(|ty| matches!(ty, Ty::Date)).map_or("today".to_owned(), |atom| atom.text),
            2 => self.moment(),
            3 => format!("start_of({}, {})", self.random.word(&["week", "month", "year"]), self.timestamp(depth)),
            _ => self.timestamp(depth),
        }
    }

    fn timestamp(&mut self, depth: usize) -> String {
        let atom = self.atom_where(|ty| matches!(ty, Ty::Timestamp)).map_or("now".to_owned(), |atom| atom.text);
        if depth == 0 {
            return atom;
        }
        match self.random.below(6) {
            0 | 1 => {
                let function = self.random.word(&["first", "last", "max", "min"]);
                let found = self.function_of(depth - 1, &function, |ty| matches!(ty, Ty::Timestamp));
                found.filter(|text| !text.contains(" of preferences")).unwrap_or(atom)
            }
            2 => format!("({atom} {} {})", self.random.word(&["+", "-"]), self.exact_duration()),
            3 => format!("({atom} default now)"),
            _ => atom,
        }
    }

    /// A text.
    fn words(&mut self, depth: usize) -> String {
        let atom = self.atom_where(|ty| matches!(ty, Ty::String)).map_or("\"a\"".to_owned(), |atom| atom.text);
        if depth == 0 {
            return atom;
        }
        match self.random.below(8) {
            0 => format!("concat({atom}, {})", self.words(depth - 1)),
            1 => format!("{}({atom})", self.random.word(&["lower", "upper", "trim"])),
            2 => {
                let function = self.random.word(&["min", "max"]);
                self.function_of(depth - 1, &function, |ty| matches!(ty, Ty::String)).unwrap_or(atom)
            }
            3 => format!("(if {} then {atom} else {})", self.predicate(depth - 1).write(), self.words(depth - 1)),
            4 => format!("({atom} default {})", self.literal(&Ty::String)),
            5 => format!("substring({atom}, 1, 2)"),
            _ => atom,
        }
    }

    /// A list of texts.
    fn texts(&mut self, depth: usize) -> String {
        let is_texts = |ty: &Ty| matches!(ty, Ty::List(of) if matches!(**of, Ty::String));
        let atom = self.atom_where(is_texts).map_or("words".to_owned(), |atom| atom.text);
        if depth == 0 {
            return atom;
        }
        match self.random.below(7) {
            0 | 1 => self.function_of(depth - 1, "list", |ty| matches!(ty, Ty::String)).unwrap_or(atom),
            2 => format!("distinct({atom})"),
            3 => format!("{}({atom}, {})", self.random.word(&["union", "intersect"]), self.texts(depth - 1)),
            4 => format!("[{}, {}]", self.words(depth - 1), self.literal(&Ty::String)),
            5 => format!("split({}, \",\")", self.words(depth - 1)),
            _ => atom,
        }
    }
}
