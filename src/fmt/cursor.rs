//! Walks the tokens of a file in order and puts each into the document, with the comments before it. The layouts
//! ([`super::items`], [`super::exprs`]) say only where a line may break; they cannot leave out, repeat or reorder
//! anything. May import `syntax`. Invariant: every token and every comment is written once, in the order of the text;
//! only commas that the grammar does not ask for may come or go, and comments before a comma stand after it.

use std::borrow::Cow;

use super::doc::{Builder, Doc};
use crate::syntax::token::{Lexeme, Token, TokenClass};
use crate::syntax::trivia::{Comment, Trivia};

/// What stands between two tokens that have no comment between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sep {
    /// Nothing.
    None,
    /// A blank.
    Space,
    /// A blank or a line break, as the group has it.
    Line,
    /// Nothing or a line break, as the group has it.
    SoftLine,
    /// A line break, and the author's empty line.
    Hard,
    /// A line break and an empty line.
    Blank,
}

/// Columns of one level.
pub(super) const INDENT: usize = 4;

/// The formatter's state.
pub(super) struct Cursor<'s> {
    text: &'s str,
    tokens: &'s [Lexeme<'s>],
    trivia: &'s Trivia,
    /// The next token.
    at: usize,
    /// The next comment.
    comment: usize,
    /// Where the last token or comment ended in the author's text.
    end: u32,
    /// Whether the last thing written is a comment, so that a line break has to come.
    after_comment: bool,
    /// Whether the last token is an opening bracket, after which no empty line is kept.
    after_opener: bool,
    /// Whether the separator before the next token is written.
    separated: bool,
    /// The document.
    pub(super) out: Builder<'s>,
}

impl<'s> Cursor<'s> {
    /// At the beginning of a file.
    pub(super) fn new(text: &'s str, tokens: &'s [Lexeme<'s>], trivia: &'s Trivia) -> Self {
        Cursor {
            text,
            tokens,
            trivia,
            at: 0,
            comment: 0,
            end: 0,
            after_comment: false,
            after_opener: true,
            separated: false,
            out: Builder::new(),
        }
    }

    /// The next token.
    pub(super) fn peek(&self) -> Option<Token<'s>> {
        self.tokens.get(self.at).map(|lexeme| lexeme.token)
    }

    /// The token before the one that begins at `offset`, as an offset.
    pub(super) fn token_before(&self, offset: u32) -> u32 {
        let next = self.tokens.partition_point(|lexeme| lexeme.start < offset);
        next.checked_sub(1).map_or(0, |i| self.tokens[i].start)
    }

    /// Whether the author broke the line between what is written and `offset`.
    pub(super) fn has_line_break_before(&self, offset: u32) -> bool {
        self.text.get(self.end as usize..offset as usize).is_some_and(|text| text.contains('\n'))
    }

    /// Writes what stands before the next token: its comments, or the separator.
    pub(super) fn sep(&mut self, sep: Sep) {
        let nested = matches!(sep, Sep::None | Sep::Space);
        let next = self.next_start();
        let mut force_blank = sep == Sep::Blank && !self.trivia.blank_line_between(self.end, next);
        self.comments(nested, &mut force_blank);
        if self.after_comment {
            let blank = force_blank || self.keeps_blank(next);
            self.line_break(blank, nested);
        } else {
            match sep {
                Sep::None => {}
                Sep::Space => self.out.push(Doc::Text(Cow::Borrowed(" "))),
                Sep::Line => self.out.push(Doc::Line),
                Sep::SoftLine => self.out.push(Doc::SoftLine),
                Sep::Hard | Sep::Blank => {
                    let blank = sep == Sep::Blank || self.keeps_blank(next);
                    if self.at > 0 {
                        self.out.push(Doc::Hard { blank });
                    }
                }
            }
        }
        self.after_comment = false;
        self.separated = true;
    }

    /// Writes the comments before the next token, which is a closing bracket or the end of the file.
    pub(super) fn inner_comments(&mut self) {
        self.comments(false, &mut false);
    }

    fn comments(&mut self, nested: bool, force_blank: &mut bool) {
        let next = self.next_start();
        while let Some(&Comment { span, own_line, .. }) = self.trivia.comments.get(self.comment) {
            if span.start >= next {
                break;
            }
            let text = self.text.get(span.range()).unwrap_or_default();
            let trailing = !own_line && !self.after_comment && self.end > 0;
            if !trailing && (self.end > 0 || self.after_comment) {
                let blank = std::mem::take(force_blank) || self.keeps_blank(span.start);
                self.line_break(blank, nested);
            }
            self.out.push(Doc::Comment { text, trailing });
            self.end = self.end.max(span.end);
            self.after_comment = true;
            self.after_opener = false;
            self.comment += 1;
        }
    }

    /// Whether the author's empty line before `next` stays.
    fn keeps_blank(&self, next: u32) -> bool {
        let before_closer = next == self.next_start()
            && matches!(self.peek(), None | Some(Token::RBrace | Token::RBracket | Token::RParen));
        !self.after_opener && !before_closer && self.trivia.blank_line_between(self.end, next)
    }

    fn line_break(&mut self, blank: bool, nested: bool) {
        if nested {
            self.out.begin();
        }
        self.out.push(Doc::Hard { blank });
        if nested {
            self.out.end_indent(INDENT);
        }
    }

    fn next_start(&self) -> u32 {
        self.tokens.get(self.at).map_or(u32::MAX, |lexeme| lexeme.start)
    }

    /// Writes the next token, and says how many columns it has.
    pub(super) fn token(&mut self) -> usize {
        let Some(&lexeme) = self.tokens.get(self.at) else { return 0 };
        let text = self.spelling(lexeme);
        let columns = text.chars().count();
        self.token_as(text);
        columns
    }

    /// Writes the next token in another spelling.
    pub(super) fn token_as(&mut self, text: Cow<'s, str>) {
        let Some(&lexeme) = self.tokens.get(self.at) else { return };
        // Comments before a comma wait until it is written, so that it does not begin a line.
        if !self.separated && (lexeme.token != Token::Comma || self.after_comment) {
            self.sep(Sep::None);
        }
        self.out.push(Doc::Text(text));
        self.pass(lexeme);
        self.separated = false;
    }

    fn pass(&mut self, lexeme: Lexeme<'s>) {
        self.at += 1;
        self.end = self.end.max(lexeme.end);
        self.after_opener = matches!(lexeme.token, Token::LBrace | Token::LBracket | Token::LParen);
    }

    /// The author's spelling; words that are one token are set apart by one blank.
    fn spelling(&self, lexeme: Lexeme<'s>) -> Cow<'s, str> {
        let text = self.text.get(lexeme.start as usize..lexeme.end as usize).unwrap_or_default();
        let composed = match lexeme.token.class() {
            TokenClass::Keyword | TokenClass::Function | TokenClass::Number => true,
            TokenClass::Operator
            | TokenClass::Punctuation
            | TokenClass::Name
            | TokenClass::String
            | TokenClass::Invalid => false,
        };
        if !composed || !text.contains(|c: char| c.is_whitespace() || c == '/') {
            return Cow::Borrowed(text);
        }
        let without_comments = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        Cow::Owned(without_comments.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" "))
    }

    /// Writes the tokens that begin before `offset`, set apart as their kinds ask for.
    pub(super) fn tokens_to(&mut self, offset: u32) {
        while self.next_start() < offset {
            if !self.separated && self.peek() != Some(Token::Comma) {
                self.sep(self.usual_sep());
            }
            self.token();
        }
    }

    /// Writes the tokens before the next `token`; whether it stands before `end`.
    pub(super) fn token_to(&mut self, token: Token<'_>, end: u32) -> bool {
        let found = self.tokens[self.at..].iter().take_while(|l| l.start < end).find(|l| l.token == token);
        self.tokens_to(found.map_or(end, |l| l.start));
        found.is_some()
    }

    /// As [`Cursor::tokens_to`], and what sets the token at `offset` apart.
    pub(super) fn lead_to(&mut self, offset: u32) {
        self.tokens_to(offset);
        if !self.separated {
            self.sep(self.usual_sep());
        }
    }

    /// Writes the tokens that begin before `offset` without blanks between them.
    pub(super) fn glue_to(&mut self, offset: u32) {
        while self.next_start() < offset {
            self.token();
        }
    }

    /// Writes a comma, where one is next.
    pub(super) fn comma(&mut self) {
        if self.peek() == Some(Token::Comma) {
            self.token();
        }
    }

    /// Writes a comma, whether the author did or not.
    pub(super) fn certain_comma(&mut self) {
        self.skip_comma();
        self.out.push(Doc::Text(Cow::Borrowed(",")));
    }

    /// A comma before a closing bracket stands where the group is broken, whatever the author did.
    pub(super) fn trailing_comma(&mut self) {
        self.skip_comma();
        self.out.push(Doc::IfBroken(","));
    }

    /// Leaves a comma out, where one is next.
    pub(super) fn skip_comma(&mut self) {
        if let Some(&lexeme) = self.tokens.get(self.at).filter(|lexeme| lexeme.token == Token::Comma) {
            self.pass(lexeme);
        }
    }

    /// Begins a group before the next token; its comments stay outside.
    pub(super) fn begin_group(&mut self) {
        if !self.separated {
            self.sep(self.usual_sep());
        }
        self.out.begin();
    }

    /// Writes an opening bracket, the inside one level deeper, and the closing bracket. `line` breaks after the one
    /// and before the other; `force` breaks it always.
    pub(super) fn bracketed(&mut self, line: Sep, force: bool, inside: impl FnOnce(&mut Self) -> bool) {
        self.begin_group();
        self.token();
        self.out.begin();
        let mut force = force;
        if !self.at_closer() {
            self.sep(line);
            force |= inside(self);
        }
        let empty = self.after_opener;
        self.inner_comments();
        self.out.end_indent(INDENT);
        self.sep(if empty && !self.after_comment { Sep::None } else { line });
        self.token();
        self.out.end_group(force);
    }

    /// Whether the next token closes a bracket.
    pub(super) fn at_closer(&self) -> bool {
        matches!(self.peek(), Some(Token::RBrace | Token::RBracket | Token::RParen))
    }

    /// Blanks after a clause's word, up to `width` columns.
    pub(super) fn pad(&mut self, written: usize, width: usize) {
        let comment = self.trivia.comments.get(self.comment).is_some_and(|c| c.span.start < self.next_start());
        if !comment && written < width {
            self.out.push(Doc::Text(Cow::Owned(" ".repeat(width - written))));
        }
    }

    /// What sets the next token apart from the last, where the layout does not say.
    fn usual_sep(&self) -> Sep {
        let last = self.at.checked_sub(1).map(|i| self.tokens[i].token);
        let (Some(last), Some(next)) = (last, self.peek()) else { return Sep::None };
        let names = matches!(last, Token::Name(_));
        let function = last.class() == TokenClass::Function;
        match (last, next) {
            (Token::LParen | Token::LBracket | Token::Dot, _) => Sep::None,
            (_, Token::Comma | Token::RParen | Token::RBracket | Token::Dot | Token::Colon | Token::Question) => {
                Sep::None
            }
            (_, Token::LParen) if names || function => Sep::None,
            (_, Token::LBracket) if names => Sep::None,
            (Token::LBrace, Token::RBrace) => Sep::None,
            _ => Sep::Space,
        }
    }
}
