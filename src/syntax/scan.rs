//! Text to raw tokens, one at a time: what stands between two blanks, whatever it means. Comments and blank lines go to
//! the trivia; mistakes that one token shows (other languages' quotes, operators and comments, hidden characters) are
//! reported here and read as what was meant. Alone names logos. Invariant: every byte is skipped, trivia, or in exactly
//! one raw token; spans lie on character boundaries.

use logos::{Lexer, Logos};

use super::errors;
use super::strings;
use super::trivia::{Comment, Trivia};
use crate::diagnostics::Diagnostic;
use crate::limits;
use crate::source::{FileId, Span};

/// A raw token.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(skip r"[ \t\r]+")]
pub(super) enum Raw {
    #[token("\n")]
    Newline,
    #[token("//")]
    Comment,
    #[token("#")]
    Hash,
    #[token("--")]
    DoubleDash,
    #[token("/*")]
    BlockComment,
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    #[token("`")]
    Quoted,
    #[regex(r"[0-9][0-9_]*")]
    Int,
    #[regex(r"[0-9][0-9_]*\.[0-9][0-9_]*")]
    Decimal,
    /// A number with letters behind it: `30days`, `1e9`.
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?[A-Za-z][A-Za-z0-9_]*")]
    Suffixed,
    #[regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", priority = 20)]
    Date,
    #[regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*([Zz]|[+-][0-9:]+)?", priority = 20)]
    Timestamp,
    #[token("\"")]
    Str,
    #[token("'")]
    SingleQuote,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token(",")]
    Comma,
    #[token(".")]
    Dot,
    #[token(":")]
    Colon,
    #[token("?")]
    Question,
    #[token(";")]
    Semicolon,
    #[token("=")]
    Assign,
    #[token("==")]
    EqEq,
    #[token("!=")]
    Ne,
    #[token("<")]
    Lt,
    #[token("<=")]
    Le,
    #[token(">")]
    Gt,
    #[token(">=")]
    Ge,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("===")]
    EqEqEq,
    #[token("!==")]
    NotEqEq,
    #[token("<>")]
    LtGt,
    #[token("=<")]
    EqLt,
    #[token("=>")]
    EqGt,
    #[token("&&")]
    #[token("&")]
    Ampersand,
    #[token("||")]
    #[token("|")]
    Bar,
    #[token("!")]
    Bang,
    #[regex(r"[^\x00-\x7F]")]
    NonAscii,
    /// What means nothing; already reported.
    Invalid,
}

/// A raw token where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawLexeme<'s> {
    /// What it is.
    pub raw: Raw,
    /// The whole text; of a string and of a quoted name the inside.
    pub text: &'s str,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Whether it is the first of its line.
    pub first: bool,
}

/// What scanning a file gives.
pub(super) struct Scan<'s> {
    /// In the order of the text.
    pub raws: Vec<RawLexeme<'s>>,
    /// Comments and blank lines.
    pub trivia: Trivia,
    /// Mistakes of single tokens.
    pub diagnostics: Vec<Diagnostic>,
    /// Where strings begin that do not end.
    pub unterminated: Vec<u32>,
    /// Whether the file has more tokens than the limit.
    pub too_long: bool,
}

/// Scans a text of at most [`limits::SOURCE_FILE_BYTES`] bytes.
pub(super) fn scan(file: FileId, text: &str) -> Scan<'_> {
    let mut scanner = Scanner {
        file,
        lexer: Raw::lexer(text),
        first: true,
        blank: true,
        line: 0,
        fruitless: [0; 4],
        scan: Scan {
            raws: Vec::with_capacity(text.len() / 6),
            trivia: Trivia::default(),
            diagnostics: Vec::new(),
            unterminated: Vec::new(),
            too_long: false,
        },
    };
    if text.starts_with('\u{FEFF}') {
        scanner.lexer.bump('\u{FEFF}'.len_utf8());
    }
    scanner.run();
    scanner.scan
}

struct Scanner<'s> {
    file: FileId,
    lexer: Lexer<'s, Raw>,
    /// Whether no token of this line was seen.
    first: bool,
    /// Whether neither token nor comment of this line was seen.
    blank: bool,
    /// Where this line begins.
    line: usize,
    /// Up to where a search for the closing mark of this kind is known to fail (single quotes, word processors' double
    /// quotes, word processors' single quotes, block comments), so that no text is searched again and again.
    fruitless: [usize; 4],
    scan: Scan<'s>,
}

impl<'s> Scanner<'s> {
    fn run(&mut self) {
        while let Some(raw) = self.lexer.next() {
            match raw.unwrap_or(Raw::Invalid) {
                Raw::Newline => self.newline(),
                Raw::Comment => self.comment(),
                Raw::Hash => self.foreign_line_comment("#"),
                Raw::DoubleDash => self.double_dash(),
                Raw::BlockComment => self.block_comment(),
                Raw::Word => {
                    self.rest_of_word();
                    self.push(Raw::Word);
                }
                Raw::Quoted => self.quoted_name(),
                Raw::Str => self.string(),
                Raw::SingleQuote => self.foreign_string(0, "'", &['\'']),
                Raw::Semicolon => {
                    let span = self.span();
                    self.report(errors::needless_terminator(span));
                }
                Raw::EqEqEq => self.foreign(Raw::EqEq, "=="),
                Raw::NotEqEq | Raw::LtGt => self.foreign(Raw::Ne, "!="),
                Raw::EqLt => self.foreign(Raw::Le, "<="),
                Raw::EqGt => self.foreign(Raw::Ge, ">="),
                Raw::NonAscii => self.non_ascii(),
                Raw::Invalid => self.invalid_ascii(),
                raw => self.push(raw),
            }
            if self.scan.raws.len() > limits::TOKENS {
                let span = self.span();
                self.scan.too_long = true;
                self.report(errors::too_many_tokens(span));
                return;
            }
        }
    }

    fn span(&self) -> Span {
        let range = self.lexer.span();
        Span::new(self.file, range.start, range.end)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.blank = false;
        if self.scan.diagnostics.len() < limits::DIAGNOSTICS {
            self.scan.diagnostics.push(diagnostic);
        }
    }

    fn push(&mut self, raw: Raw) {
        self.push_text(raw, self.lexer.slice());
    }

    fn push_text(&mut self, raw: Raw, text: &'s str) {
        let range = self.lexer.span();
        let (start, end) = (range.start as u32, range.end as u32);
        self.scan.raws.push(RawLexeme { raw, text, start, end, first: self.first });
        self.first = false;
        self.blank = false;
    }

    /// A token of another language, read as ours.
    fn foreign(&mut self, raw: Raw, write: &str) {
        self.report(errors::foreign_operator(self.span(), self.lexer.slice(), write));
        self.push(raw);
    }

    fn newline(&mut self) {
        if self.blank {
            self.scan.trivia.blank_lines.push(self.line as u32);
        }
        self.line = self.lexer.span().end;
        self.first = true;
        self.blank = true;
    }

    /// The rest of the line, the break excluded.
    fn rest_of_line(&self) -> &'s str {
        let rest = self.lexer.remainder();
        &rest[..rest.find('\n').unwrap_or(rest.len())]
    }

    fn comment(&mut self) {
        let rest = self.rest_of_line().trim_end();
        self.lexer.bump(rest.len());
        let text = self.lexer.slice();
        let doc = text.starts_with("///") && !text.starts_with("////");
        self.scan.trivia.comments.push(Comment { span: self.span(), own_line: self.first, doc });
        self.blank = false;
        self.report_hidden(text, self.lexer.span().start);
    }

    fn foreign_line_comment(&mut self, mark: &str) {
        let rest = self.rest_of_line().trim_end();
        self.lexer.bump(rest.len());
        let write = format!("// {}", self.lexer.slice()[mark.len()..].trim_start());
        self.report(errors::foreign_comment(self.span(), mark, write.trim_end()));
    }

    /// `--` before a blank begins a comment of SQL, else it is two signs.
    fn double_dash(&mut self) {
        if self.lexer.remainder().chars().next().is_none_or(char::is_whitespace) {
            return self.foreign_line_comment("--");
        }
        let start = self.lexer.span().start as u32;
        for at in [start, start + 1] {
            self.scan.raws.push(RawLexeme { raw: Raw::Minus, text: "-", start: at, end: at + 1, first: self.first });
            self.first = false;
        }
        self.blank = false;
    }

    fn block_comment(&mut self) {
        let rest = self.lexer.remainder();
        let closed = if self.fruitless[3] == 0 { rest.find("*/") } else { None };
        if closed.is_none() {
            self.fruitless[3] = usize::MAX;
        }
        self.lexer.bump(closed.map_or_else(|| self.rest_of_line().len(), |at| at + 2));
        let body = self.lexer.slice().trim_start_matches("/*").trim_end_matches("*/");
        let lines: Vec<String> = body.lines().map(|l| format!("// {}", l.trim().trim_start_matches("* "))).collect();
        let next = self.lexer.remainder().trim_start_matches([' ', '\t', '\r']).chars().next();
        let write = lines.join("\n") + if next.is_none_or(|c| c == '\n') { "" } else { "\n" };
        self.report(errors::foreign_comment(self.span(), "/*", &write));
    }

    fn rest_of_word(&mut self) {
        let rest = self.lexer.remainder();
        if rest.as_bytes().first().is_some_and(|b| !b.is_ascii()) {
            let length = rest.find(|c| !unicode_ident::is_xid_continue(c)).unwrap_or(rest.len());
            self.lexer.bump(length);
        }
    }

    fn quoted_name(&mut self) {
        let rest = self.lexer.remainder();
        match rest.find(['`', '\n']).filter(|at| rest[*at..].starts_with('`')) {
            Some(0) => {
                self.lexer.bump(1);
                self.report(errors::invalid_character(self.span(), '`'));
                self.push(Raw::Invalid);
            }
            Some(length) => {
                self.lexer.bump(length + 1);
                self.report_hidden(&rest[..length], self.lexer.span().start + 1);
                self.push_text(Raw::Quoted, &rest[..length]);
            }
            None => {
                let inside = self.rest_of_line().trim_end();
                self.lexer.bump(inside.len());
                self.scan.unterminated.push(self.lexer.span().start as u32);
                self.report(errors::unterminated(self.span(), "quoted name", "backquote"));
                self.push_text(if inside.is_empty() { Raw::Invalid } else { Raw::Quoted }, inside);
            }
        }
    }

    fn string(&mut self) {
        let start = self.lexer.span().start;
        let rest = self.lexer.remainder();
        let inside = match closing_quote(rest) {
            Some(length) => {
                self.lexer.bump(length + 1);
                &rest[..length]
            }
            None => {
                let inside = self.rest_of_line().trim_end();
                self.lexer.bump(inside.len());
                self.scan.unterminated.push(start as u32);
                self.report(errors::unterminated(self.span(), "string", "double quote"));
                inside
            }
        };
        self.report_hidden_in_string(inside, start + 1);
        let mut invalid = Vec::new();
        let decoded = strings::decode(inside, |range| invalid.push(range));
        for range in invalid {
            let span = Span::new(self.file, start + 1 + range.start, start + 1 + range.end);
            self.report(errors::invalid_escape(span, &inside[range]));
        }
        if decoded.len() > limits::STRING_LITERAL_BYTES {
            self.report(errors::string_too_long(self.span(), decoded.len()));
        }
        self.push_text(Raw::Str, inside);
    }

    /// A string in other quotes, where they close on the same line.
    fn foreign_string(&mut self, kind: usize, opener: &str, closers: &[char]) {
        let rest = self.lexer.remainder();
        let start = self.lexer.span().start;
        let searched = self.fruitless[kind] > start;
        let stop = rest.char_indices().find(|(_, c)| searched || *c == '\n' || closers.contains(c));
        let Some((length, closer)) = stop.filter(|(_, c)| !searched && *c != '\n') else {
            if !searched {
                self.fruitless[kind] = start + stop.map_or(rest.len(), |(at, _)| at) + 1;
            }
            let character = opener.chars().next().unwrap_or('\'');
            return self.report(errors::invalid_character(self.span(), character));
        };
        self.lexer.bump(length + closer.len_utf8());
        let inside = &rest[..length];
        self.report_hidden_in_string(inside, self.lexer.span().start + opener.len());
        self.report(errors::foreign_quotes(self.span(), &strings::quote(&strings::decode(inside, |_| ()))));
        self.push_text(Raw::Str, inside);
    }

    fn non_ascii(&mut self) {
        let Some(character) = self.lexer.slice().chars().next() else { return };
        match character {
            '≥' => self.foreign(Raw::Ge, ">="),
            '≤' => self.foreign(Raw::Le, "<="),
            '≠' => self.foreign(Raw::Ne, "!="),
            '–' | '—' | '−' => self.foreign(Raw::Minus, "-"),
            '“' | '”' | '„' | '«' => self.foreign_string(1, self.lexer.slice(), &['“', '”', '"', '»']),
            '‘' | '’' | '‚' => self.foreign_string(2, self.lexer.slice(), &['‘', '’', '\'']),
            c if unicode_ident::is_xid_start(c) => {
                self.rest_of_word_after_non_ascii();
                self.push(Raw::Word);
            }
            c if c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}') => {
                self.report(errors::hidden_character(self.span(), c, " "));
            }
            c if strings::is_hidden(c) || matches!(c, '\u{200C}'..='\u{200F}' | '\u{061C}') => {
                self.report(errors::hidden_character(self.span(), c, ""));
            }
            c => self.report_invalid(c),
        }
    }

    fn rest_of_word_after_non_ascii(&mut self) {
        let rest = self.lexer.remainder();
        let length = rest.find(|c| !unicode_ident::is_xid_continue(c)).unwrap_or(rest.len());
        self.lexer.bump(length);
    }

    fn invalid_ascii(&mut self) {
        let Some(character) = self.lexer.slice().chars().next() else { return };
        if strings::is_hidden(character) {
            self.report(errors::hidden_character(self.span(), character, ""));
        } else {
            self.report_invalid(character);
        }
    }

    fn report_invalid(&mut self, character: char) {
        self.report(errors::invalid_character(self.span(), character));
        self.push(Raw::Invalid);
    }

    /// Reports each hidden character of a comment or quoted name that begins at byte `start`; the fix removes it.
    fn report_hidden(&mut self, text: &str, start: usize) {
        self.report_hidden_as(text, start, |_| String::new());
    }

    /// The same of the inside of a string, where the fix writes the escape, which means the same.
    fn report_hidden_in_string(&mut self, inside: &str, start: usize) {
        self.report_hidden_as(inside, start, |c| format!("\\u{{{:X}}}", c as u32));
    }

    fn report_hidden_as(&mut self, text: &str, start: usize, write: fn(char) -> String) {
        if text.bytes().all(|b| (b' '..0x7F).contains(&b) || b == b'\t') {
            return;
        }
        for (at, character) in text.char_indices().filter(|(_, c)| strings::is_hidden(*c)) {
            let span = Span::new(self.file, start + at, start + at + character.len_utf8());
            self.report(errors::hidden_character(span, character, &write(character)));
        }
    }
}

/// The length of the inside of a string whose opening quote was read, if its line closes it.
fn closing_quote(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'\n' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}
