//! How much of a parser's stack a statement takes, by its text: that of the engine has a fixed size. Invariant: no less
//! than is kept by a parser that reads from left to right and puts together what is complete.

/// What is kept of an open parenthesis, or of a `CASE`.
#[derive(Debug, Default)]
struct Open {
    /// The words that opened it.
    words: usize,
    /// The clause that is being read.
    clause: usize,
    /// Whether elements of a list were read.
    listed: bool,
    /// The binding strengths of the operators whose right operand is being read.
    operators: Vec<u8>,
}

impl Open {
    fn kept(&self) -> usize {
        self.words + self.clause + 2 * usize::from(self.listed) + 2 * self.operators.len()
    }

    fn operator(&mut self, strength: u8) {
        while self.operators.last().is_some_and(|last| *last >= strength) {
            self.operators.pop();
        }
        self.operators.push(strength);
    }

    fn next_clause(&mut self, kept: usize) {
        self.clause = kept;
        self.listed = false;
        self.operators.clear();
    }

    fn read(&mut self, token: &str) {
        match token {
            "WITH" | "SELECT" | "THEN" => self.next_clause(if token == "WITH" { 6 } else { 4 }),
            "FROM" | "WHERE" | "JOIN" => self.next_clause(7),
            "ON" | "GROUP" | "HAVING" | "ORDER" | "LIMIT" | "PARTITION" => self.next_clause(10),
            "UNION" => self.next_clause(2),
            "WHEN" | "ELSE" => self.next_clause(2),
            "," => {
                self.listed = true;
                self.operators.clear();
            }
            "OR" => self.operator(1),
            "AND" => self.operator(2),
            "NOT" => self.operator(3),
            "=" | "<>" | "IS" | "IN" | "LIKE" | "GLOB" => self.operator(4),
            "<" | "<=" | ">" | ">=" => self.operator(5),
            "&" | "|" | "<<" | ">>" => self.operator(6),
            "+" | "-" => self.operator(7),
            "*" | "/" | "%" => self.operator(8),
            "||" | "->" | "->>" | "COLLATE" => self.operator(9),
            _ => {}
        }
    }
}

/// The most symbols that are kept at once while a text is read.
pub(super) fn most_kept(text: &str) -> usize {
    let mut open = vec![Open::default()];
    let (mut most, mut before) = (0, "");
    for token in tokens(text) {
        if matches!(token, ")" | "END") && open.len() > 1 {
            open.pop();
        } else if let Some(last) = open.last_mut() {
            last.read(token);
        }
        let words = match token {
            // A name before it makes it a call: of arguments that may be distinct.
            "(" if before.starts_with(|c: char| c.is_alphabetic()) && before != before.to_uppercase() => 3,
            "(" => 2,
            // And its operand, and the branches before this one.
            "CASE" => 3,
            _ => 0,
        };
        if words > 0 {
            open.push(Open { words, ..Open::default() });
        }
        most = most.max(2 + open.iter().map(Open::kept).sum::<usize>());
        before = token;
    }
    most
}

/// Words, numbers, operators and parentheses; a literal or a quoted name is one token.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            if !rest.starts_with("--") {
                break;
            }
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        }
        let first = rest.chars().next()?;
        let length = match first {
            '\'' | '"' => quoted(rest, first),
            c if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.')).unwrap_or(rest.len())
            }
            '(' | ')' | ',' => 1,
            c => {
                let end = rest.find(|c: char| !"<>=|-+*/%&".contains(c)).unwrap_or(rest.len());
                end.max(c.len_utf8())
            }
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some(token)
    })
}

/// The length of what stands between two marks, of which a doubled one is part of it.
fn quoted(text: &str, mark: char) -> usize {
    let mut from = 1;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(mark)) {
        let after = from + at + 1;
        if !text.get(after..).is_some_and(|rest| rest.starts_with(mark)) {
            return after;
        }
        from = after + 1;
    }
    text.len()
}
