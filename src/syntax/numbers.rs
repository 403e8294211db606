//! Numbers with what belongs to them: units, `times`, percent signs, and the dot, which is a number's or a path's. Part of
//! the lexer. Imports the scanner and `words`. Invariant: a number that is not written as the language writes it is
//! reported once and read as what it most likely means.

use super::errors;
use super::lexer::Lexer;
use super::scan::{Raw, RawLexeme};
use super::token::Token;
use super::words;
use crate::source::Span;

impl<'s> Lexer<'s, '_> {
    pub(super) fn number(&mut self, raw: RawLexeme<'s>) {
        let word = self.peek(0).filter(|next| next.raw == Raw::Word && !next.first);
        let is_key = self.brackets.in_test() && self.peek(1).is_some_and(|next| next.raw == Raw::Colon);
        match word.filter(|_| !is_key) {
            Some(unit) if words::is_unit(unit.text) => {
                self.at += 1;
                self.push_span(Token::Duration(raw.text, unit.text), raw.start, unit.end, raw.first);
            }
            Some(times) if times.text == "times" && raw.raw == Raw::Int => {
                self.at += 1;
                self.push_span(Token::Times(raw.text), raw.start, times.end, raw.first);
            }
            _ if raw.raw == Raw::Int => self.push(Token::Int(raw.text), raw),
            _ => self.push(Token::Decimal(raw.text), raw),
        }
    }

    /// A number with letters behind it: a duration without its blank or with a short unit, or nothing at all.
    pub(super) fn suffixed(&mut self, raw: RawLexeme<'s>) {
        let split = raw.text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(raw.text.len());
        let (amount, suffix) = raw.text.split_at(split);
        let amount = amount.trim_end_matches('_');
        match unit(suffix) {
            Some(unit) => {
                let write = format!("{amount} {unit}");
                let why = "is not how a duration is written";
                self.report(errors::malformed_literal(self.span(raw), raw.text, why, Some(&write)));
                self.push(Token::Duration(amount, unit), raw);
            }
            None => {
                let exponent = suffix[1..].bytes().all(|b| b.is_ascii_digit()) && suffix.starts_with(['e', 'E']);
                let why = if exponent { "has an exponent; numbers are written out" } else { "is not a number" };
                let diagnostic =
                    errors::malformed_literal(self.span(raw), raw.text, why, written_out(raw.text).as_deref());
                let declared = self.previous().is_some_and(|token| words::item(token.text()).is_some());
                self.report(if declared { diagnostic.with_help("a name begins with a letter") } else { diagnostic });
                self.push(Token::Invalid, raw);
            }
        }
    }

    pub(super) fn timestamp(&mut self, raw: RawLexeme<'s>) {
        let clock = raw.text.get(11..).unwrap_or_default();
        let has_offset = clock.ends_with(['Z', 'z']) || clock.contains(['+', '-']);
        if has_offset && clock.starts_with(|c: char| c.is_ascii_digit()) {
            return self.push(Token::Timestamp(raw.text), raw);
        }
        let why = "has no offset: end it with `Z` or, say, `+01:00`";
        self.report(errors::malformed_literal(self.span(raw), raw.text, why, None));
        self.push(Token::Invalid, raw);
    }

    /// A dot and the name behind it: directly behind it every word is a name.
    pub(super) fn dot(&mut self, raw: RawLexeme<'s>) {
        let next = self.peek(0);
        let adjacent = next.filter(|next| next.start == raw.end);
        if let Some(number) = adjacent.filter(|next| next.raw == Raw::Int && !self.after_operand()) {
            let span = self.span(raw).to(self.span(number));
            let found = format!(".{}", number.text);
            let write = format!("0.{}", number.text);
            self.report(errors::malformed_literal(span, &found, "has no digit before its point", Some(&write)));
            self.at += 1;
            return self.push_span(
                Token::Decimal(self.text.get(span.range()).unwrap_or("0")),
                raw.start,
                number.end,
                raw.first,
            );
        }
        self.push(Token::Dot, raw);
        let name = next.filter(|next| {
            let on_line = next.raw == Raw::Word && !next.first && !words::is_reserved(next.text);
            next.raw == Raw::Quoted || on_line || (next.raw == Raw::Word && next.start == raw.end)
        });
        match name {
            Some(name) => {
                self.at += 1;
                self.push(Token::Name(name.text), name);
            }
            None if adjacent.is_some_and(|next| next.raw == Raw::Invalid) => {
                self.at += 1;
                self.skip_adjacent(raw.end + 1);
                self.insert(Token::Hole);
            }
            None => {
                self.report(errors::missing_field_name(self.span(raw)));
                self.insert(Token::Hole);
            }
        }
    }

    /// `%` is the remainder, but behind a number with no operand after it people mean a percentage.
    pub(super) fn percent(&mut self, raw: RawLexeme<'s>) {
        let before = |back: usize| self.tokens.len().checked_sub(back).map(|at| self.tokens[at]);
        let number = before(1).and_then(|l| match l.token {
            Token::Int(text) | Token::Decimal(text) => Some((text, l)),
            _ => None,
        });
        let clause = before(2).is_some_and(|l| matches!(l.token, Token::Sample | Token::Control));
        let operand_follows = self.peek(0).is_some_and(|next| match next.raw {
            Raw::Word => !words::is_reserved(next.text) && !next.first,
            Raw::Int | Raw::Decimal | Raw::Suffixed | Raw::LParen | Raw::Quoted | Raw::Minus => true,
            _ => false,
        });
        match number.filter(|_| !clause && !operand_follows) {
            Some((text, lexeme)) => {
                let span = Span { file: self.file, start: lexeme.start, end: raw.end };
                let found = self.text.get(span.range()).unwrap_or_default();
                self.report(errors::percent_sign(span, found, &hundredth(text)));
                self.tokens.pop();
                self.push_span(Token::Invalid, span.start, span.end, lexeme.first);
            }
            None => self.push(Token::Percent, raw),
        }
    }
}

/// The unit that letters behind a number stand for.
fn unit(suffix: &str) -> Option<&str> {
    if words::is_unit(suffix) {
        return Some(suffix);
    }
    Some(match suffix {
        "s" | "sec" | "secs" => "seconds",
        "min" | "mins" => "minutes",
        "h" | "hr" | "hrs" => "hours",
        "d" => "days",
        "w" | "wk" | "wks" => "weeks",
        "mo" | "mon" => "months",
        "q" => "quarters",
        "y" | "yr" | "yrs" => "years",
        _ => return None,
    })
}

/// A percentage as the number it is a hundredth of: `12.5` to `0.125`.
fn hundredth(text: &str) -> String {
    let digits = text.replace('_', "");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let padded = format!("{whole:0>3}");
    let (front, back) = padded.split_at(padded.len() - 2);
    let number = format!("{front}.{back}{fraction}");
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number with an exponent or a `k` in plain digits: `1e5`, `10k`.
fn written_out(text: &str) -> Option<String> {
    let (digits, zeros) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<usize>().ok().filter(|zeros| *zeros <= 15)?),
        None => (text.strip_suffix(['k', 'K'])?, 3),
    };
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| format!("{digits}{}", "0".repeat(zeros)))
}
