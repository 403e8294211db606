//! The call that an offset is inside of: its signatures and which argument is being written.

use crate::builtins::registry;
use crate::source::FileId;
use crate::syntax;
use crate::syntax::token::{Lexeme, Token, aggregate_name};

use super::Analysis;

/// A call being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The ways to write it.
    pub usages: Vec<String>,
    /// What it does.
    pub docs: String,
    /// From 0.
    pub argument: usize,
}

/// The innermost call around an offset.
pub fn call(analysis: &Analysis, text: &str, offset: usize) -> Option<Call> {
    let lexed = syntax::lex(FileId::default(), text);
    let tokens: Vec<Lexeme<'_>> = lexed.tokens.into_iter().filter(|lexeme| !lexeme.is_inserted()).collect();
    let end = tokens.partition_point(|lexeme| (lexeme.end as usize) <= offset);
    let (mut depth, mut argument) = (0usize, 0);
    for index in (0..end).rev() {
        match tokens[index].token {
            token if token.is_closer() => depth += 1,
            Token::LParen if depth == 0 => {
                let name = index.checked_sub(1).and_then(|before| named(tokens[before].token));
                return name.and_then(|name| described(analysis, name, argument));
            }
            Token::LBrace if depth == 0 => return None,
            Token::LParen | Token::LBrace | Token::LBracket => depth = depth.saturating_sub(1),
            Token::Comma if depth == 0 => argument += 1,
            token if depth == 0 && tokens[index].first && token.begins_item() => return None,
            _ => {}
        }
    }
    None
}

fn named(token: Token<'_>) -> Option<&str> {
    match token {
        Token::Name(name) => Some(name),
        Token::Aggregate(function) => Some(aggregate_name(function)),
        Token::Any | Token::None | Token::All | Token::Count | Token::Sequence => Some(token.text()),
        _ => None,
    }
}

fn described(analysis: &Analysis, name: &str, argument: usize) -> Option<Call> {
    if let Some(definition) = analysis.definitions.get(name).filter(|definition| !definition.params.is_empty()) {
        let usages = vec![format!("{name}({})", definition.params.join(", "))];
        return Some(Call { usages, docs: definition.docs.clone(), argument });
    }
    let builtin = registry::all().find(|builtin| builtin.name == name)?;
    Some(Call { usages: builtin.usages(), docs: builtin.doc.to_owned(), argument })
}
