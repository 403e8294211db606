//! Names that hold in one definition only: parameters of a `let`, what `as` names, profiles of a test. Reads tokens, not the
//! tree, so that it holds in broken text. May import `syntax`. Invariant: a name that is no local one is never taken for one.

use std::ops::Range;

use crate::source::FileId;
use crate::syntax;
use crate::syntax::token::{Lexeme, Token};

/// A name that holds in one definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The name.
    pub name: String,
    /// The bytes of the definition that it holds in.
    pub item: Range<usize>,
    /// Where it is given.
    pub given: Range<usize>,
    /// Everywhere it stands, where it is given included.
    pub uses: Vec<Range<usize>>,
}

/// The local name at an offset.
pub fn local_at(text: &str, offset: usize) -> Option<Local> {
    let lexed = syntax::lex(FileId::default(), text);
    let tokens: Vec<Lexeme<'_>> = lexed.tokens.into_iter().filter(|lexeme| !lexeme.is_inserted()).collect();
    let item = item_around(&tokens, offset)?;
    let touches = |lexeme: &Lexeme<'_>| lexeme.start as usize <= offset && offset <= lexeme.end as usize;
    item.iter().enumerate().filter(|(_, lexeme)| touches(lexeme)).find_map(|(at, _)| local(item, at))
}

/// The tokens of the definition at an offset.
fn item_around<'t, 's>(tokens: &'t [Lexeme<'s>], offset: usize) -> Option<&'t [Lexeme<'s>]> {
    let begins = |lexeme: &Lexeme<'_>| lexeme.first && lexeme.token.begins_item();
    let until = tokens.partition_point(|lexeme| lexeme.start as usize <= offset);
    let start = tokens[..until].iter().rposition(begins)?;
    let end = tokens[until..].iter().position(begins).map_or(tokens.len(), |after| until + after);
    Some(&tokens[start..end])
}

/// The local name that a token of a definition is.
fn local(item: &[Lexeme<'_>], at: usize) -> Option<Local> {
    let Token::Name(name) = item[at].token else { return None };
    let (given, stands): (usize, Vec<usize>) = match item.first()?.token {
        Token::Test => {
            let places = || (0..item.len()).filter(|index| names_profile(item, *index, name));
            (places().find(|index| item[index - 1].token == Token::Profile)?, places().collect())
        }
        Token::Let if parameters(item).any(|index| item[index].token == Token::Name(name)) => {
            let given = parameters(item).find(|index| item[*index].token == Token::Name(name))?;
            (given, uses(item, name, 0..item.len()))
        }
        _ => alias(item, at, name)?,
    };
    let bytes = |index: usize| item[index].start as usize..item[index].end as usize;
    stands.contains(&at).then(|| Local {
        name: name.to_owned(),
        item: item[0].start as usize..item[item.len() - 1].end as usize,
        given: bytes(given),
        uses: stands.iter().map(|index| bytes(*index)).collect(),
    })
}

/// Whether a token of a test names a profile: where it is declared, or expected in a segment.
fn names_profile(item: &[Lexeme<'_>], index: usize, name: &str) -> bool {
    let before = index.checked_sub(1).map(|before| item[before].token);
    item[index].token == Token::Name(name) && matches!(before, Some(Token::Profile | Token::Expect))
}

/// The parameters that a `let` gives between its first parentheses.
fn parameters<'t>(item: &'t [Lexeme<'_>]) -> impl Iterator<Item = usize> + 't {
    let takes_any = item.get(2).is_some_and(|lexeme| lexeme.token == Token::LParen);
    let end = item.iter().position(|lexeme| lexeme.token == Token::RParen).filter(|_| takes_any).unwrap_or(0);
    (3..end).filter(|&index| {
        matches!(item[index].token, Token::Name(_))
            && matches!(item[index - 1].token, Token::LParen | Token::Comma)
            && item[index + 1].token == Token::Colon
    })
}

/// The name that `as` gives in the innermost brackets around a token that give it: it holds between those, or in all of a
/// custom event.
fn alias(item: &[Lexeme<'_>], at: usize, name: &str) -> Option<(usize, Vec<usize>)> {
    let mut around = Some(at);
    while let Some(inside) = around {
        let opener = opener(item, inside);
        let between = opener.map_or(0, |opener| opener + 1)..opener.map_or(item.len(), |opener| closer(item, opener));
        if let Some(given) = given(item, between.clone(), name) {
            return Some((given, uses(item, name, between)));
        }
        around = opener;
    }
    None
}

/// Where `as` gives a name between brackets, not in brackets within.
fn given(item: &[Lexeme<'_>], between: Range<usize>, name: &str) -> Option<usize> {
    let mut depth = 0usize;
    for index in between {
        match item[index].token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            Token::Name(found) if depth == 0 && found == name && index > 0 && item[index - 1].token == Token::As => {
                return Some(index);
            }
            _ => {}
        }
    }
    None
}

/// Where a name stands by itself, not as a field of something.
fn uses(item: &[Lexeme<'_>], name: &str, between: Range<usize>) -> Vec<usize> {
    let after_dot = |index: usize| index > 0 && item[index - 1].token == Token::Dot;
    between.filter(|&index| item[index].token == Token::Name(name) && !after_dot(index)).collect()
}

/// The open bracket that a token stands in.
pub(super) fn opener(item: &[Lexeme<'_>], inside: usize) -> Option<usize> {
    let mut depth = 0usize;
    for index in (0..inside).rev() {
        match item[index].token {
            Token::RParen | Token::RBracket | Token::RBrace => depth += 1,
            Token::LParen | Token::LBracket | Token::LBrace if depth == 0 => return Some(index),
            Token::LParen | Token::LBracket | Token::LBrace => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The bracket that closes another, or the end.
fn closer(item: &[Lexeme<'_>], opener: usize) -> usize {
    let mut depth = 0usize;
    for (index, lexeme) in item.iter().enumerate().skip(opener) {
        match lexeme.token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    item.len()
}
