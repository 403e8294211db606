//! Raw tokens to the tokens of the grammar: words become keywords or names, brackets are balanced, numbers join their
//! units, and what people write by mistake becomes what they mean, with a diagnostic. Imports the scanner, `words` and
//! `brackets`. Invariant: the tokens' brackets are balanced and nest no deeper than the limit; tokens never overlap.

use super::brackets::Brackets;
use super::errors;
use super::scan::{self, Raw, RawLexeme};
use super::strings;
use super::token::{Lexeme, Token};
use super::trivia::Trivia;
use super::words::{self, Block, Following, Mistake, Place};
use crate::diagnostics::Diagnostic;
use crate::limits;
use crate::source::{FileId, Span};

/// A file as tokens.
#[derive(Debug, Clone, Default)]
pub struct Lexed<'s> {
    /// In the order of the text, brackets balanced.
    pub tokens: Vec<Lexeme<'s>>,
    /// Comments and blank lines.
    pub trivia: Trivia,
    /// What is wrong with single tokens and with brackets.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the file is over a limit, so that its tokens must not be parsed.
    pub refused: bool,
}

/// Reads a text as tokens. Never fails: a file over a limit has no tokens and one diagnostic.
pub fn lex(file: FileId, text: &str) -> Lexed<'_> {
    if text.len() > limits::SOURCE_FILE_BYTES {
        let diagnostics = vec![errors::file_too_large(Span::new(file, 0, 0), text.len())];
        return Lexed { diagnostics, refused: true, ..Lexed::default() };
    }
    let scan = scan::scan(file, text);
    if scan.too_long {
        let diagnostics = scan.diagnostics.into_iter().rev().take(1).collect();
        return Lexed { trivia: scan.trivia, diagnostics, refused: true, ..Lexed::default() };
    }
    let mut lexer = Lexer {
        file,
        text,
        tokens: Vec::with_capacity(scan.raws.len() + 16),
        raws: &scan.raws,
        at: 0,
        brackets: Brackets::default(),
        item: None,
        item_opened: false,
        diagnostics: scan.diagnostics,
        reported: 0,
        unterminated: &scan.unterminated,
    };
    while let Some(raw) = lexer.raws.get(lexer.at) {
        lexer.at += 1;
        lexer.step(*raw);
    }
    lexer.close_all(true);
    Lexed { tokens: lexer.tokens, trivia: scan.trivia, diagnostics: lexer.diagnostics, refused: false }
}

pub(super) struct Lexer<'s, 'r> {
    pub(super) file: FileId,
    pub(super) text: &'s str,
    pub(super) tokens: Vec<Lexeme<'s>>,
    raws: &'r [RawLexeme<'s>],
    /// The next raw token.
    pub(super) at: usize,
    pub(super) brackets: Brackets<'s>,
    /// The word of the item that is being read.
    pub(super) item: Option<Token<'s>>,
    /// Whether its `{` was read.
    pub(super) item_opened: bool,
    diagnostics: Vec<Diagnostic>,
    /// How many diagnostics are this pass's own.
    reported: usize,
    pub(super) unterminated: &'r [u32],
}

impl<'s> Lexer<'s, '_> {
    fn step(&mut self, raw: RawLexeme<'s>) {
        let token = match raw.raw {
            Raw::Word => return self.word(raw),
            Raw::Int | Raw::Decimal => return self.number(raw),
            Raw::Suffixed => return self.suffixed(raw),
            Raw::Timestamp => return self.timestamp(raw),
            Raw::LBrace => return self.open(raw, self.brace_block(), Token::LBrace, Token::RBrace),
            Raw::LParen => return self.open(raw, self.paren_block(), Token::LParen, Token::RParen),
            Raw::LBracket => return self.open(raw, self.bracket_block(), Token::LBracket, Token::RBracket),
            Raw::RBrace => return self.close(raw, Token::RBrace),
            Raw::RParen => return self.close(raw, Token::RParen),
            Raw::RBracket => return self.close(raw, Token::RBracket),
            Raw::Dot => return self.dot(raw),
            Raw::Percent => return self.percent(raw),
            Raw::Ampersand => return self.foreign(raw, Token::And),
            Raw::Bar => return self.foreign(raw, Token::Or),
            Raw::Bang => return self.foreign(raw, Token::Not),
            Raw::Quoted => Token::Name(raw.text),
            Raw::Str => Token::Str(raw.text),
            Raw::Date => Token::Date(raw.text),
            Raw::Comma => Token::Comma,
            Raw::Colon => Token::Colon,
            Raw::Question => Token::Question,
            Raw::Assign => Token::Assign,
            Raw::EqEq => Token::EqEq,
            Raw::Ne => Token::Ne,
            Raw::Lt => Token::Lt,
            Raw::Le => Token::Le,
            Raw::Gt => Token::Gt,
            Raw::Ge => Token::Ge,
            Raw::Star if self.counts() => {
                self.report(errors::count_of_star(self.span(raw)));
                Token::Invalid
            }
            Raw::Plus => Token::Plus,
            Raw::Minus => Token::Minus,
            Raw::Star => Token::Star,
            Raw::Slash => Token::Slash,
            Raw::Newline
            | Raw::Comment
            | Raw::Hash
            | Raw::DoubleDash
            | Raw::BlockComment
            | Raw::SingleQuote
            | Raw::Semicolon
            | Raw::EqEqEq
            | Raw::NotEqEq
            | Raw::LtGt
            | Raw::EqLt
            | Raw::EqGt
            | Raw::NonAscii
            | Raw::Invalid => {
                self.skip_adjacent(raw.end);
                Token::Invalid
            }
        };
        self.push(token, raw);
    }

    /// Skips a word directly behind an unreadable character: `$x`, `@id`.
    pub(super) fn skip_adjacent(&mut self, end: u32) {
        if self.peek(0).is_some_and(|next| next.raw == Raw::Word && next.start == end) {
            self.at += 1;
        }
    }

    pub(super) fn span(&self, raw: RawLexeme<'_>) -> Span {
        Span { file: self.file, start: raw.start, end: raw.end }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.reported += 1;
        if self.reported <= limits::DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(super) fn previous(&self) -> Option<Token<'s>> {
        self.tokens.last().map(|l| l.token)
    }

    pub(super) fn after_operand(&self) -> bool {
        self.previous().is_some_and(Token::ends_operand)
    }

    /// Whether `count(` stands before what comes.
    fn counts(&self) -> bool {
        matches!(self.tokens.as_slice(), [.., count, open] if count.token == Token::Count && open.token == Token::LParen)
    }

    /// The end of the last token.
    pub(super) fn end(&self) -> u32 {
        self.tokens.last().map_or(0, |l| l.end)
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<RawLexeme<'s>> {
        self.raws.get(self.at + ahead).copied()
    }

    /// Adds a token; puts in a comma that is missing before it in a list.
    pub(super) fn push(&mut self, token: Token<'s>, raw: RawLexeme<'s>) {
        self.push_span(token, raw.start, raw.end, raw.first);
    }

    pub(super) fn push_span(&mut self, token: Token<'s>, start: u32, end: u32, first: bool) {
        let in_list = matches!(self.brackets.block(), Some(Block::List | Block::Call));
        if in_list && token.only_begins_operand() && self.after_operand() {
            let gap = Span { file: self.file, start: self.end(), end: self.end() };
            self.report(errors::missing_comma(Span { file: self.file, start, end }, gap));
            self.insert(Token::Comma);
        }
        if !self.brackets.count(token, self.previous()) {
            return self.give_up(Span { file: self.file, start, end });
        }
        self.tokens.push(Lexeme { token, start, end, first });
    }

    /// Adds a token that the text does not have.
    pub(super) fn insert(&mut self, token: Token<'s>) {
        let end = self.end();
        self.tokens.push(Lexeme { token, start: end, end, first: false });
    }

    /// Reports that the nesting is too deep and skips the rest of the item.
    pub(super) fn give_up(&mut self, span: Span) {
        self.report(errors::too_deep(span));
        self.tokens.push(Lexeme { token: Token::Invalid, start: span.start, end: span.end, first: false });
        self.close_all(false);
        while self.at < self.raws.len() && !self.begins_item(self.at) {
            self.at += 1;
        }
    }

    fn foreign(&mut self, raw: RawLexeme<'s>, token: Token<'s>) {
        self.report(errors::foreign_operator(self.span(raw), raw.text, token.text()));
        self.push(token, raw);
    }

    fn following(&self) -> Following<'s> {
        let word = |ahead| self.peek(ahead).filter(|raw| raw.raw == Raw::Word).map(|raw| raw.text);
        let first = word(0);
        let next = self.peek(0).map(|raw| raw.raw);
        Following {
            words: [first, first.and_then(|_| word(1))],
            paren: next == Some(Raw::LParen),
            bracket: next == Some(Raw::LBracket),
            number: matches!(next, Some(Raw::Int | Raw::Decimal | Raw::Suffixed)),
            string: matches!(next, Some(Raw::Str)),
            quoted: next == Some(Raw::Quoted),
        }
    }

    /// Whether the raw token at an index begins a top-level item: an item word at the beginning of a line, at column 0 or
    /// with what must follow it.
    fn begins_item(&self, at: usize) -> bool {
        let Some(raw) = self.raws.get(at).filter(|raw| raw.raw == Raw::Word && raw.first) else { return false };
        let Some(token) = item_word(raw.text) else { return false };
        let next = self.raws.get(at + 1);
        let is_field = next.is_some_and(|next| match next.raw {
            Raw::Dot => next.start == raw.end,
            Raw::Colon => true,
            _ => false,
        });
        let column_0 = raw.start == 0 || self.text.as_bytes().get(raw.start as usize - 1) == Some(&b'\n');
        let has_shape = next.is_some_and(|next| match token {
            Token::Schema | Token::Import => next.raw == Raw::Str,
            Token::Test => matches!(next.raw, Raw::Word | Raw::Quoted | Raw::LBrace),
            _ => match next.raw {
                Raw::Quoted => true,
                Raw::Word => !words::is_reserved(next.text) && next.text != "is",
                _ => false,
            },
        });
        let exact = words::item(raw.text).is_some();
        !is_field && if column_0 { exact || has_shape } else { exact && has_shape }
    }

    fn word(&mut self, raw: RawLexeme<'s>) {
        let next = self.peek(0);
        let before_dot = next.is_some_and(|next| next.raw == Raw::Dot && next.start == raw.end);
        let is_key = self.brackets.in_test() && next.is_some_and(|next| next.raw == Raw::Colon);
        if is_key && raw.first && self.previous() == Some(Token::Colon) {
            let colon = Span { file: self.file, start: self.end().saturating_sub(1), end: self.end() };
            self.report(errors::missing_after(colon, ":", "a value", None));
            self.insert(Token::Invalid);
        }
        if before_dot || is_key {
            return self.push(Token::Name(raw.text), raw);
        }
        if let Some(token) = item_word(raw.text)
            && self.item(raw, token)
        {
            return;
        }
        match words::keyword(raw.text, &self.place(raw)) {
            Some(keyword) => self.keyword(raw, keyword),
            None => {
                let is_called = self.raws.get(self.at).is_some_and(|next| next.text == "(");
                if is_called && raw.text == Token::Sample.text() {
                    self.report(errors::clause_as_function(self.span(raw)));
                    return self.push(Token::Invalid, raw);
                }
                if words::is_reserved(raw.text) {
                    self.report(errors::reserved_word(self.span(raw), raw.text));
                }
                self.push(Token::Name(raw.text), raw);
            }
        }
    }

    fn place(&self, raw: RawLexeme<'s>) -> Place<'s> {
        let before = |back: usize| self.tokens.len().checked_sub(back).map(|at| self.tokens[at].token);
        let previous = before(1);
        let infix = previous.is_some_and(Token::ends_operand);
        Place {
            previous,
            infix,
            after_infix_not: previous == Some(Token::Not) && before(2).is_some_and(Token::ends_operand),
            clause: infix || matches!(previous, None | Some(Token::LBrace)),
            first: raw.first,
            block: self.brackets.block(),
            adapter: self.item == Some(Token::Propensity),
            counts: self.counts(),
            next: self.following(),
        }
    }

    /// Reads an item word as what it is; false where it is no item word after all.
    fn item(&mut self, raw: RawLexeme<'s>, token: Token<'s>) -> bool {
        let begins = self.begins_item(self.at - 1);
        if begins {
            self.close_all(true);
        }
        let outside = self.brackets.top().is_none() && (self.previous().is_none() || self.after_operand());
        let exact = words::item(raw.text).is_some();
        if !(begins || outside && exact) {
            return false;
        }
        if !exact {
            self.report(errors::foreign_word(self.span(raw), raw.text, token.text(), true));
        }
        self.item = Some(token);
        self.item_opened = false;
        self.push(token, raw);
        if matches!(token, Token::Schema | Token::Import) {
            self.unquoted_path();
        }
        true
    }

    /// Skips `()` behind a word that is a value: `now()`.
    fn needless_parentheses(&mut self, word: Span, token: Token<'s>) {
        let follows = |ahead, raw| self.peek(ahead).filter(|next| next.raw == raw);
        if let (Some(_), Some(closer)) = (follows(0, Raw::LParen), follows(1, Raw::RParen)) {
            let span = Span { end: closer.end, ..word };
            let found = self.text.get(span.range()).unwrap_or_default();
            self.report(errors::foreign_word(span, found, token.text(), true));
            self.at += 2;
        }
    }

    /// Reads the rest of the line as a path, where it begins with no string.
    fn unquoted_path(&mut self) {
        let first = match self.peek(0) {
            Some(next) if next.raw != Raw::Str && !next.first => next,
            _ => return,
        };
        let mut end = first.end;
        while let Some(next) = self.peek(0).filter(|next| !next.first) {
            end = next.end;
            self.at += 1;
        }
        let span = Span { file: self.file, start: first.start, end };
        let path = self.text.get(span.range()).unwrap_or_default();
        self.report(errors::unquoted_path(span, &strings::quote(path)));
        self.push_span(Token::Str(path), span.start, span.end, false);
    }

    fn keyword(&mut self, raw: RawLexeme<'s>, keyword: words::Keyword<'s>) {
        let end = (0..keyword.extra).filter_map(|ahead| self.peek(ahead)).map(|raw| raw.end).next_back();
        self.at += keyword.extra;
        let end = end.unwrap_or(raw.end);
        let span = Span { file: self.file, start: raw.start, end };
        if ends_inner_brackets(keyword.token) {
            while self.brackets.block().is_some_and(|block| !block.has_clauses()) {
                self.close_one(true);
            }
        }
        match keyword.mistake {
            Mistake::None => {}
            Mistake::Write(write) | Mistake::Perhaps(write) => {
                let found = self.text.get(span.range()).unwrap_or_default();
                let is_certain = matches!(keyword.mistake, Mistake::Write(_));
                self.report(errors::foreign_word(span, found, write, is_certain));
            }
            Mistake::Null => self.report(errors::null_literal(span, Some((span, keyword.token.text())))),
            Mistake::Empty => self.report(errors::is_empty(span)),
            Mistake::Near(near) => self.report(errors::near_word(self.span(raw), raw.text, near)),
            Mistake::Missing(word) => {
                self.report(errors::missing_word(span, word, raw.text));
                self.insert(Token::In);
            }
        }
        if keyword.token.begins_clause() {
            self.open_clauses();
        }
        if keyword.token == Token::Events && self.brackets.block() == Some(Block::Object) {
            self.close_one(true);
        }
        self.push_span(keyword.token, raw.start, end, raw.first);
        if matches!(keyword.token, Token::Now | Token::Today | Token::Yesterday | Token::Tomorrow) {
            self.needless_parentheses(span, keyword.token);
        }
        if keyword.token == Token::Profile && self.peek(0).is_some_and(|next| next.raw == Raw::LBrace) {
            self.report(errors::missing_name(span));
            self.insert(Token::Name(""));
        }
    }
}

/// The item word that a word is, in whatever case.
fn item_word(word: &str) -> Option<Token<'static>> {
    words::item(word).or_else(|| words::item(&word.to_ascii_lowercase()))
}

/// Whether a clause that this token begins cannot stand inside parentheses or lists.
fn ends_inner_brackets(token: Token<'_>) -> bool {
    matches!(
        token,
        Token::RankBy
            | Token::Sample
            | Token::Predict
            | Token::For
            | Token::Using
            | Token::Expect
            | Token::Evaluate
            | Token::Purpose
            | Token::Partition
    )
}
