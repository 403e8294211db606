//! Patterns of `like` and `matches`: what is accepted, and one canonical text of a regular expression whose meaning is
//! the same in every engine. Names `regex-syntax` for all. Invariant: a canonical text holds no class escapes, no
//! flags and no anchors but `\A` and `\z`, so that Unicode tables and match modes of an engine make no difference.

use std::fmt::Write;

use regex_syntax::ast::{
    AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSet, ClassSetItem, GroupKind, RepetitionKind, RepetitionRange,
    parse::Parser,
};

use crate::limits::{REGEX_BYTES, REGEX_REPEAT};

/// How many characters and classes a pattern may have after its repetitions are written out.
const EXPANDED_PARTS: u64 = 10_000;

/// A regular expression of the language: an RE2 subset, unanchored, with ASCII classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The pattern with everything implicit written out.
    pub canonical: String,
    /// How many capturing groups it has.
    pub groups: usize,
}

impl Pattern {
    /// Parses a pattern as written; the error says what is not supported or wrong.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        if text.len() > REGEX_BYTES {
            return Err(format!("a pattern has at most {REGEX_BYTES} bytes"));
        }
        let ast = Parser::new().parse(text).map_err(|e| parse_error(&e.kind().to_string()))?;
        let mut printer = Printer { out: String::new(), groups: 0 };
        let parts = printer.print(&ast)?;
        if parts > EXPANDED_PARTS {
            return Err(format!("the repetitions make it longer than {EXPANDED_PARTS} parts"));
        }
        Ok(Pattern { canonical: printer.out, groups: printer.groups })
    }
}

fn parse_error(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    if first.contains("look-around") {
        "look-around is not supported".to_owned()
    } else if first.contains("backreferences") {
        "backreferences are not supported".to_owned()
    } else {
        first.to_owned()
    }
}

struct Printer {
    out: String,
    groups: usize,
}

impl Printer {
    /// Writes a part and tells how many parts it is when repetitions are written out.
    fn print(&mut self, ast: &Ast) -> Result<u64, String> {
        match ast {
            Ast::Empty(_) => Ok(1),
            Ast::Flags(_) => Err("flags are not supported; write `ignoring case` after the pattern".to_owned()),
            Ast::Literal(literal) => {
                self.literal(literal.c);
                Ok(1)
            }
            Ast::Dot(_) => {
                self.out.push_str(r"[^\n]");
                Ok(1)
            }
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine | AssertionKind::StartText => self.fixed(r"\A"),
                AssertionKind::EndLine | AssertionKind::EndText => self.fixed(r"\z"),
                _ => Err(r"word boundaries such as `\b` are not supported".to_owned()),
            },
            Ast::ClassUnicode(_) => Err(r"Unicode classes such as `\p{L}` are not supported".to_owned()),
            Ast::ClassPerl(class) => {
                self.out.push_str(if class.negated { "[^" } else { "[" });
                self.out.push_str(perl(class));
                self.fixed("]")
            }
            Ast::ClassBracketed(class) => {
                self.out.push_str(if class.negated { "[^" } else { "[" });
                self.class(&class.kind)?;
                self.fixed("]")
            }
            Ast::Repetition(repetition) => {
                let parts = self.atom(&repetition.ast)?;
                let (text, times) = range(&repetition.op.kind)?;
                self.out.push_str(&text);
                if !repetition.greedy {
                    self.out.push('?');
                }
                Ok(parts.saturating_mul(times))
            }
            Ast::Group(group) => self.group(&group.kind, &group.ast),
            Ast::Alternation(alternation) => {
                let mut parts = 0_u64;
                for (index, branch) in alternation.asts.iter().enumerate() {
                    if index > 0 {
                        self.out.push('|');
                    }
                    parts = parts.saturating_add(self.print(branch)?);
                }
                Ok(parts)
            }
            Ast::Concat(concat) => {
                let mut parts = 0_u64;
                for part in &concat.asts {
                    parts = parts.saturating_add(self.print(part)?);
                }
                Ok(parts)
            }
        }
    }

    fn fixed(&mut self, text: &str) -> Result<u64, String> {
        self.out.push_str(text);
        Ok(1)
    }

    fn group(&mut self, kind: &GroupKind, inner: &Ast) -> Result<u64, String> {
        match kind {
            GroupKind::CaptureIndex(_) => {
                self.groups += 1;
                self.out.push('(');
            }
            GroupKind::NonCapturing(flags) if flags.items.is_empty() => self.out.push_str("(?:"),
            GroupKind::NonCapturing(_) => {
                return Err("flags are not supported; write `ignoring case` after the pattern".to_owned());
            }
            GroupKind::CaptureName { .. } => {
                return Err("named groups are not supported; groups have numbers".to_owned());
            }
        }
        let parts = self.print(inner)?;
        self.out.push(')');
        Ok(parts)
    }

    /// What a repetition repeats; an anchor cannot be repeated in every engine.
    fn atom(&mut self, ast: &Ast) -> Result<u64, String> {
        match ast {
            Ast::Assertion(_) | Ast::Empty(_) | Ast::Repetition(_) => {
                Err("a repetition must follow a character, a class or a group".to_owned())
            }
            _ => self.print(ast),
        }
    }

    fn literal(&mut self, c: char) {
        match c {
            '\n' => self.out.push_str(r"\n"),
            '\r' => self.out.push_str(r"\r"),
            '\t' => self.out.push_str(r"\t"),
            c if r"\.+*?()|[]{}^$-&~#/".contains(c) => {
                self.out.push('\\');
                self.out.push(c);
            }
            c => self.out.push(c),
        }
    }

    fn class(&mut self, set: &ClassSet) -> Result<(), String> {
        match set {
            ClassSet::BinaryOp(_) => Err("set operations in classes are not supported".to_owned()),
            ClassSet::Item(item) => self.class_item(item),
        }
    }

    fn class_item(&mut self, item: &ClassSetItem) -> Result<(), String> {
        match item {
            ClassSetItem::Empty(_) => Ok(()),
            ClassSetItem::Literal(literal) => {
                self.literal(literal.c);
                Ok(())
            }
            ClassSetItem::Range(range) => {
                self.literal(range.start.c);
                self.out.push('-');
                self.literal(range.end.c);
                Ok(())
            }
            ClassSetItem::Perl(class) if class.negated => {
                Err(r"a negated class such as `\W` is not supported inside brackets".to_owned())
            }
            ClassSetItem::Perl(class) => {
                self.out.push_str(perl(class));
                Ok(())
            }
            ClassSetItem::Ascii(_) => Err("classes such as `[:alpha:]` are not supported; write `a-zA-Z`".to_owned()),
            ClassSetItem::Unicode(_) => Err(r"Unicode classes such as `\p{L}` are not supported".to_owned()),
            ClassSetItem::Bracketed(_) => Err("classes inside classes are not supported".to_owned()),
            ClassSetItem::Union(union) => union.items.iter().try_for_each(|item| self.class_item(item)),
        }
    }
}

fn perl(class: &ClassPerl) -> &'static str {
    match class.kind {
        ClassPerlKind::Digit => "0-9",
        ClassPerlKind::Space => r"\t\n\x0B\f\r ",
        ClassPerlKind::Word => "0-9A-Za-z_",
    }
}

/// The text of a repetition and how often it may be written out.
fn range(kind: &RepetitionKind) -> Result<(String, u64), String> {
    let (text, times) = match kind {
        RepetitionKind::ZeroOrOne => ("?".to_owned(), 1),
        RepetitionKind::ZeroOrMore => ("*".to_owned(), 1),
        RepetitionKind::OneOrMore => ("+".to_owned(), 1),
        RepetitionKind::Range(range) => {
            let (low, high) = match range {
                RepetitionRange::Exactly(n) => (*n, Some(*n)),
                RepetitionRange::AtLeast(n) => (*n, None),
                RepetitionRange::Bounded(low, high) => (*low, Some(*high)),
            };
            let mut text = format!("{{{low}");
            match high {
                Some(high) if high == low => {}
                Some(high) => {
                    let _ = write!(text, ",{high}");
                }
                None => text.push(','),
            }
            text.push('}');
            (text, u64::from(high.unwrap_or(low).max(low)).max(1))
        }
    };
    if times > REGEX_REPEAT as u64 {
        return Err(format!("a repetition goes up to {REGEX_REPEAT}"));
    }
    Ok((text, times))
}

/// Whether a `like` pattern is one: `\` stands only before `%`, `_` or `\`.
pub fn like_pattern(text: &str) -> Result<(), String> {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && !matches!(chars.next(), Some('%' | '_' | '\\')) {
            return Err(r"a backslash stands only before `%`, `_` or another backslash".to_owned());
        }
    }
    Ok(())
}
