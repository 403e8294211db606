//! Random files: every construct of the grammar, odd blanks and line breaks, comments between any two tokens. The same
//! seed gives the same file.

/// A readable file.
pub fn file(seed: u64) -> String {
    let mut g =
        Generator { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, out: String::new(), noise: 0, comments: 0 };
    g.noise = [0, 3, 12][seed as usize % 3];
    for _ in 0..1 + g.below(6) {
        g.item();
    }
    g.out
}

/// A file of which something is missing or doubled.
pub fn damaged(seed: u64) -> String {
    let text = file(seed);
    let mut g = Generator { state: seed | 1, out: String::new(), noise: 0, comments: 0 };
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..1 + g.below(3) {
        let at = g.below(chars.len());
        match g.below(3) {
            0 => drop(chars.remove(at)),
            1 => chars.insert(at, ['{', ')', '"', '\n', '/', '-', '.', 'x'][g.below(8)]),
            _ => chars.truncate(at.max(1)),
        }
    }
    chars.into_iter().collect()
}

struct Generator {
    state: u64,
    out: String,
    /// Of a hundred tokens so many have a comment before them.
    noise: usize,
    comments: usize,
}

const PATHS: &[&[&str]] = &[
    &["a"],
    &["homeAddress", ".", "countryCode"],
    &["commerce", ".", "purchases"],
    &["m", "[", "\"key\"", "]", ".", "x"],
    &["`Order Completed`", ".", "`in`"],
    &["p", ".", "where"],
];

impl Generator {
    fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % n.max(1)
    }

    fn maybe(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A token after blanks, breaks and comments.
    fn t(&mut self, text: &str) {
        if self.out.ends_with('.') {
            // A field's name has to stand on the line of its dot.
        } else if self.noise > 0 && self.below(100) < self.noise {
            self.comments += 1;
            let comment = format!("{} {}", ["//", "///"][self.below(2)], self.comments);
            let before = [if self.out.ends_with('/') { " " } else { "" }, " ", "\n", "\n\n\n  "][self.below(4)];
            let after = ["\n", "\n\n"][self.below(2)];
            self.out.push_str(&format!("{before}{comment}{after}"));
        } else {
            let blanks = [" ", " ", " ", " ", " ", "  ", "\n", "\n\n\n "];
            let blank = blanks[self.below(blanks.len())];
            self.out.push_str(blank);
        }
        self.out.push_str(text);
    }

    fn ts(&mut self, tokens: &str) {
        for token in tokens.split('~') {
            self.t(token);
        }
    }

    fn any_of(&mut self, choices: &[&str]) {
        let choice = self.below(choices.len());
        self.ts(choices[choice]);
    }

    fn path(&mut self) {
        let path = PATHS[self.below(PATHS.len())];
        for token in path {
            self.t(token);
        }
    }

    fn commas(&mut self, min: usize, trailing: bool, one: fn(&mut Self, usize), depth: usize) {
        let most = [4, 4, 12][self.below(3)];
        let n = min + self.below(most);
        for i in 0..n {
            if i > 0 {
                self.t(",");
            }
            one(self, depth);
        }
        if n > 0 && trailing && self.maybe(30) {
            self.t(",");
        }
    }

    fn item(&mut self) {
        match self.below(8) {
            0 => self.ts("import~\"x y.seg\""),
            1 => {
                self.any_of(&["param~p~:~duration~=", "param~p~:~list~<~string~>~?~="]);
                self.expr(2);
            }
            2 => {
                self.ts("let~f");
                if self.maybe(50) {
                    self.ts("(~a~:~int~,~b~:~decimal");
                    self.any_of(&[",~)", ")"]);
                }
                self.t("=");
                self.expr(4);
            }
            3 => {
                self.ts("event~e~=");
                self.collection(3);
            }
            4 => self.propensity(),
            5 => self.test(),
            _ => {
                self.ts("segment~s");
                if self.maybe(40) {
                    self.t("\"A title // no comment\"");
                }
                self.t("{");
                if self.maybe(90) {
                    self.t("where");
                    self.expr(5);
                }
                if self.maybe(30) {
                    self.t("rank by");
                    self.sum(2);
                    self.any_of(&["desc", "asc~limit~10", "limit~10"]);
                }
                if self.maybe(30) {
                    self.ts("sample~10~%~salt~\"x\"");
                }
                self.t("}");
            }
        }
    }

    fn propensity(&mut self) {
        self.ts("propensity~churn");
        if self.maybe(30) {
            self.any_of(&["from~\"scores.parquet\"", "from~customer_ai"]);
            self.ts("{~kind~churn~scored~at");
            self.path();
            return self.t("}");
        }
        self.ts("{~predict");
        self.expr(3);
        self.t("for");
        self.expr(3);
        self.t("using");
        self.commas(1, false, |g, _| g.path(), 0);
        self.ts("cutoffs~every~30 days~over~last~400 days~trees~200~buckets~low~<~25~,~high~require");
        self.commas(1, false, |g, _| g.ts("auc~>=~0.7"), 0);
        self.ts("max age~7 days~control~5~%~salt~\"x\"~}");
    }

    fn test(&mut self) {
        self.ts("test~s~{~now~2026-11-23T12:00:00+01:00~profile~anna~{");
        for _ in 0..self.below(4) {
            self.path();
            self.t(":");
            self.value(3);
        }
        if self.maybe(60) {
            self.ts("events~[");
            for _ in 0..self.below(3) {
                self.path();
                self.any_of(&["at~-~3 days", "at~now", "at~2026-01-01"]);
                if self.maybe(60) {
                    self.t("{");
                    for _ in 0..self.below(3) {
                        self.path();
                        self.t(":");
                        self.value(2);
                    }
                    self.t("}");
                }
            }
            self.t("]");
        }
        self.ts("}~expect~anna~not~in~s~}");
    }

    fn value(&mut self, depth: usize) {
        match self.below(if depth == 0 { 2 } else { 4 }) {
            0 => self.literal(),
            1 => self.ts("-~3 days"),
            2 => {
                self.t("[");
                self.commas(0, true, Self::value, depth - 1);
                self.t("]");
            }
            _ => {
                self.t("{");
                for _ in 0..self.below(4) {
                    self.path();
                    self.t(":");
                    self.value(depth - 1);
                    if self.maybe(70) {
                        self.t(",");
                    }
                }
                self.t("}");
            }
        }
    }

    fn literal(&mut self) {
        let literals = ["1", "10_000", "0.75", "\"a  b // \\\"c\"", "\"short\"", "true", "2026-11-23", "30 days"];
        let literal = literals[self.below(literals.len())];
        self.t(literal);
    }

    fn expr(&mut self, depth: usize) {
        if depth == 0 {
            return self.predicate(0);
        }
        match self.below(8) {
            0 | 1 => self.chain("and", depth),
            2 => self.chain("or", depth),
            3 => {
                self.t("if");
                self.expr(depth - 1);
                self.t("then");
                self.expr(depth - 1);
                self.t("else");
                self.expr(depth - 1);
            }
            4 => {
                self.t("not");
                self.predicate(depth - 1);
            }
            _ => self.predicate(depth),
        }
    }

    fn chain(&mut self, word: &str, depth: usize) {
        self.predicate(depth - 1);
        for _ in 0..1 + self.below(4) {
            self.t(word);
            if self.maybe(20) {
                self.t("not");
            }
            self.predicate(depth - 1);
        }
    }

    fn predicate(&mut self, depth: usize) {
        self.sum(depth);
        match self.below(9) {
            0..=2 => {
                let op = ["==", "!=", "<", ">=", "contains", "not~in", "has any", "starts with"][self.below(8)];
                self.ts(op);
                self.sum(depth);
            }
            3 => self.t("is present"),
            4 => {
                self.t("between");
                self.sum(depth.min(1));
                self.t("and");
                self.sum(depth.min(1));
                self.t("ignoring year");
            }
            5 => self.window(depth),
            _ => {}
        }
    }

    fn window(&mut self, depth: usize) {
        match self.below(4) {
            0 => self.ts("in~last~30 days"),
            1 => self.ts("in~this~week"),
            2 => self.ts("on~today"),
            _ => {
                self.t("before");
                self.sum(depth.min(1));
            }
        }
    }

    fn sum(&mut self, depth: usize) {
        self.atom(depth);
        if depth > 0 && self.maybe(30) {
            for _ in 0..1 + self.below(3) {
                let op = ["+", "-", "*", "/", "div", "default"][self.below(6)];
                self.t(op);
                self.atom(depth - 1);
            }
        }
    }

    fn atom(&mut self, depth: usize) {
        match self.below(if depth == 0 { 4 } else { 12 }) {
            0 => self.literal(),
            1 | 2 => self.path(),
            3 => self.any_of(&["now", "today", "3 days~ago", "7 days~from now"]),
            4 => {
                self.t("[");
                let item = [Self::expr as fn(&mut Self, usize), |g, _| g.literal()][self.below(2)];
                self.commas(0, true, item, depth - 1);
                self.t("]");
            }
            5 => {
                self.t("(");
                self.expr(depth - 1);
                self.t(")");
            }
            6 => {
                self.any_of(&["concat~(", "min~("]);
                self.commas(1, true, Self::expr, depth - 1);
                self.t(")");
            }
            7 => {
                self.ts("all~(");
                self.collection(depth - 1);
                self.t("satisfy");
                self.expr(depth - 1);
                self.t(")");
            }
            8 => {
                self.any_of(&["count~(~distinct", "sum~(", "last~("]);
                self.sum(depth - 1);
                self.t("of");
                self.collection(depth - 1);
                self.t(")");
            }
            9 => {
                self.ts("sequence~(");
                self.step(depth - 1);
                for _ in 0..self.below(3) {
                    self.t("then");
                    if self.maybe(30) {
                        self.t("not");
                    }
                    self.step(depth - 1);
                }
                self.t(")");
            }
            10 => {
                self.t("-");
                self.path();
            }
            _ => {
                self.any_of(&["any~(", "none~(", "count~("]);
                self.collection(depth - 1);
                self.t(")");
            }
        }
    }

    fn collection(&mut self, depth: usize) {
        match self.below(if depth == 0 { 1 } else { 6 }) {
            0 if depth > 0 => {
                self.any_of(&["top~3~of", "groups of"]);
                self.collection(depth - 1);
                self.t("by");
                self.sum(depth - 1);
            }
            _ => self.path(),
        }
        if self.maybe(30) {
            self.ts("as~x");
        }
        if self.maybe(40) {
            self.window(0);
        }
        if self.maybe(50) {
            self.t("where");
            self.expr(depth.saturating_sub(1));
        }
    }

    fn step(&mut self, depth: usize) {
        if self.maybe(20) {
            self.t("3 times");
        }
        self.path();
        if self.maybe(40) {
            self.any_of(&["within~1 hour", "after at least~2 days", "within~w~after at least~v"]);
        }
        if self.maybe(50) {
            self.t("where");
            self.expr(depth.saturating_sub(1));
        }
    }
}
