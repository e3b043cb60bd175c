//! What a document consists of, counted before it is parsed. Parsing and everything after it does
//! work in proportion to these counts, so that bounding them bounds it.

use super::bounds::{
    ARGUMENTS_MAX, DEFINITIONS_MAX, DIRECTIVES_MAX, DOCUMENT_BYTES_MAX, NAME_BYTES_MAX,
    NESTING_MAX, SPREADS_MAX, STRING_BYTES_MAX, TOKENS_MAX, VARIABLES_MAX,
};
use super::tokens::{Token, Tokens};
use super::{parse_failed, too_large};
use async_graphql::ServerError;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) tokens: usize,
    pub(super) nesting: usize,
    definitions: usize,
    spreads: usize,
    directives: usize,
    variables: usize,
    arguments: usize,
    /// Whether a string contains the character NUL.
    pub(super) has_nul: bool,
    /// How deep the current token is.
    depth: usize,
}

/// Counts a document, and stops at the first bound that it exceeds.
pub(super) fn count(document: &str) -> Result<Counts, ServerError> {
    if document.len() > DOCUMENT_BYTES_MAX {
        return Err(too_large(format!("a document can have at most {DOCUMENT_BYTES_MAX} bytes")));
    }
    let mut counts = Counts::default();
    for token in Tokens::of(document) {
        let token = token.map_err(|_| parse_failed("a string is not closed".to_owned()))?;
        counts.add(token)?;
    }
    Ok(counts)
}

impl Counts {
    fn add(&mut self, token: Token<'_>) -> Result<(), ServerError> {
        one_more(&mut self.tokens, TOKENS_MAX, "tokens")?;
        match token {
            Token::Spread => one_more(&mut self.spreads, SPREADS_MAX, "spreads of fragments"),
            Token::Character('@') => one_more(&mut self.directives, DIRECTIVES_MAX, "directives"),
            Token::Character('$') => one_more(&mut self.variables, VARIABLES_MAX, "variables"),
            Token::Character(':') => {
                one_more(&mut self.arguments, ARGUMENTS_MAX, "arguments, input fields and aliases")
            }
            Token::Character(bracket @ ('{' | '[' | '(')) => self.open(bracket),
            Token::Character('}' | ']' | ')') => {
                self.depth = self.depth.saturating_sub(1);
                Ok(())
            }
            Token::Word(word) if word.len() > NAME_BYTES_MAX => {
                Err(too_large(format!("a name can have at most {NAME_BYTES_MAX} bytes")))
            }
            Token::String(text, _) if text.len() > STRING_BYTES_MAX => {
                Err(too_large(format!("a string can have at most {STRING_BYTES_MAX} bytes")))
            }
            Token::String(text, is_block) => {
                self.has_nul |= text.contains('\0') || (!is_block && escapes_nul(text));
                Ok(())
            }
            Token::Word(_) | Token::Character(_) => Ok(()),
        }
    }

    fn open(&mut self, bracket: char) -> Result<(), ServerError> {
        // The parser reads `fragmentA` as the fragment `A`, so definitions are counted by what each
        // has once: braces that are not inside others.
        if self.depth == 0 && bracket == '{' {
            one_more(&mut self.definitions, DEFINITIONS_MAX, "operations and fragments")?;
        }
        self.depth += 1;
        self.nesting = self.nesting.max(self.depth);
        if self.nesting > NESTING_MAX {
            let why = format!("brackets can be nested at most {NESTING_MAX} deep");
            return Err(too_large(why));
        }
        Ok(())
    }
}

fn one_more(counted: &mut usize, most: usize, what: &str) -> Result<(), ServerError> {
    *counted += 1;
    match *counted > most {
        true => Err(too_large(format!("a document can have at most {most} {what}"))),
        false => Ok(()),
    }
}

/// Whether `\u0000` is written, and not only a backslash before `u0000`.
fn escapes_nul(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with("u0000") {
            return true;
        }
        rest = escape.char_indices().nth(1).map_or("", |(next, _)| &escape[next..]);
    }
    false
}
