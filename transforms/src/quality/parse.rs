//! The parser of rulesets: recursive descent over the tokens, bounded in depth and length.

mod condition;
mod document;
mod rule;

use crate::place::DefinitionError;
use crate::sql::nearest;

use super::lexer::{Token, tokens};
use super::syntax::{At, Ruleset};
use super::{DEPTH_MAX, ENTRIES_MAX};

type Result<T> = std::result::Result<T, DefinitionError>;

/// Reads a ruleset.
///
/// # Errors
/// The first thing that is not DQDL, with line and column.
pub fn parse(file: &str, text: &str) -> Result<Ruleset> {
    let tokens = tokens(file, text)?;
    Parser { file, tokens, next: 0, depth: 0, rules: 0 }.document()
}

struct Parser<'a> {
    file: &'a str,
    /// The last one is the end.
    tokens: Vec<(Token, At)>,
    next: usize,
    depth: usize,
    rules: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> &Token {
        self.tokens.get(self.next + count).map_or(&Token::End, |(token, _)| token)
    }

    fn at(&self) -> At {
        let last = self.tokens.last().map_or(At { line: 1, column: 1 }, |(_, at)| *at);
        self.tokens.get(self.next).map_or(last, |(_, at)| *at)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    /// Whether the next token is one of these words, as they are written here.
    fn is_word(&self, words: &[&str]) -> bool {
        matches!(self.peek(), Token::Word(found) if words.contains(&found.as_str()))
    }

    fn took_sign(&mut self, sign: &str) -> bool {
        let is_next = self.is_sign(sign);
        self.next += usize::from(is_next);
        is_next
    }

    fn took_word(&mut self, words: &[&str]) -> bool {
        let is_next = self.is_word(words);
        self.next += usize::from(is_next);
        is_next
    }

    fn sign(&mut self, sign: &str) -> Result<()> {
        if self.took_sign(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    fn text(&mut self, what: &str) -> Result<String> {
        match self.peek() {
            Token::Text(text) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.expected(what)),
        }
    }

    fn word(&mut self, what: &str) -> Result<String> {
        match self.peek() {
            Token::Word(word) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.expected(what)),
        }
    }

    /// `[a, b, …]`.
    fn list<T>(&mut self, mut entry: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.sign("[")?;
        let mut entries = Vec::new();
        if self.took_sign("]") {
            return Ok(entries);
        }
        loop {
            entries.push(entry(self)?);
            if entries.len() > ENTRIES_MAX {
                return Err(self.error(format!("a list of more than {ENTRIES_MAX} entries")));
            }
            if !self.took_sign(",") {
                break;
            }
        }
        if !self.took_sign("]") {
            return Err(self.expected("`,` or `]`"));
        }
        Ok(entries)
    }

    /// Runs a part of the grammar that may contain itself.
    fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error(format!("nested deeper than {DEPTH_MAX} parentheses")));
        }
        let result = part(self);
        self.depth -= 1;
        result
    }

    fn expected(&self, what: &str) -> DefinitionError {
        self.error(format!("expected {what}, found {}", self.peek().shown()))
    }

    fn error(&self, message: impl Into<String>) -> DefinitionError {
        self.error_at(self.at(), message)
    }

    fn error_at(&self, at: At, message: impl Into<String>) -> DefinitionError {
        DefinitionError::in_file(self.file, message).at(at.line, at.column)
    }
}

/// Adds what was probably meant.
fn hinted<'a>(
    error: DefinitionError,
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> DefinitionError {
    match nearest(found, known) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}

#[cfg(test)]
mod tests;
