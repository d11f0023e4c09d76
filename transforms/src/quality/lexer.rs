//! The words of a ruleset, with their places.

use crate::place::DefinitionError;

use super::syntax::At;

/// One word, text or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Letters, digits, `_` and `.`: names, keywords and numbers.
    Word(String),
    /// What stands between quotes, as it is written: escapes are kept.
    Text(String),
    /// A sign.
    Sign(&'static str),
    /// The end of the file.
    End,
}

impl Token {
    /// As messages show it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Text(_) => "a text in quotes".to_owned(),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end of the file".to_owned(),
        }
    }
}

/// Longer ones first.
const SIGNS: [&str; 18] =
    [">=", "<=", ">", "<", "=", "!", ":", ",", "{", "}", "[", "]", "(", ")", "-", "+", "/", "*"];
const DOLLAR: &str = "$";

/// Takes a text apart. The last token is [`Token::End`].
///
/// # Errors
/// A text without its second quote, a character that the language does not have.
pub(super) fn tokens(file: &str, text: &str) -> Result<Vec<(Token, At)>, DefinitionError> {
    let mut lexer = Lexer { file, rest: text, at: At { line: 1, column: 1 } };
    let mut found = Vec::new();
    loop {
        lexer.skip();
        let at = lexer.at;
        let token = lexer.token()?;
        let is_end = token == Token::End;
        found.push((token, at));
        if is_end {
            return Ok(found);
        }
    }
}

struct Lexer<'a> {
    file: &'a str,
    rest: &'a str,
    at: At,
}

impl<'a> Lexer<'a> {
    /// Takes `bytes` of the rest, which end between two characters.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        for char in taken.chars() {
            if char == '\n' {
                self.at = At { line: self.at.line + 1, column: 1 };
            } else {
                self.at.column += 1;
            }
        }
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, is_taken: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|char| !is_taken(char)).unwrap_or(self.rest.len());
        self.take(end)
    }

    /// Blanks and comments.
    fn skip(&mut self) {
        loop {
            let _blanks = self.take_while(|char| matches!(char, ' ' | '\t' | '\r' | '\n'));
            if !self.rest.starts_with('#') {
                return;
            }
            let _comment = self.take_while(|char| char != '\n');
        }
    }

    fn token(&mut self) -> Result<Token, DefinitionError> {
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        if is_word(first) {
            return Ok(Token::Word(self.take_while(is_word).to_owned()));
        }
        if first == '"' {
            return self.text();
        }
        if let Some(sign) = SIGNS.iter().chain([&DOLLAR]).find(|sign| self.rest.starts_with(**sign))
        {
            let _sign = self.take(sign.len());
            return Ok(Token::Sign(sign));
        }
        let shown =
            if first.is_control() { first.escape_debug().to_string() } else { first.into() };
        let error = self.error(format!("`{shown}` is not a part of DQDL"));
        Err(match first {
            '\'' | '“' | '”' | '`' => error.help("texts and names stand between \"quotes\""),
            _ => error,
        })
    }

    /// A backslash makes the next character one of the text, a quote too.
    fn text(&mut self) -> Result<Token, DefinitionError> {
        let begin = self.at;
        let mut is_escaped = false;
        let mut chars = self.rest.char_indices().skip(1);
        let end = chars.find(|(_, char)| {
            let is_end = *char == '"' && !is_escaped;
            is_escaped = *char == '\\' && !is_escaped;
            is_end
        });
        let Some((end, _)) = end else {
            return Err(DefinitionError::in_file(self.file, "a text without its second quote")
                .at(begin.line, begin.column));
        };
        let _quote = self.take(1);
        let text = self.take(end - 1).to_owned();
        let _quote = self.take(1);
        Ok(Token::Text(text))
    }

    fn error(&self, message: String) -> DefinitionError {
        DefinitionError::in_file(self.file, message).at(self.at.line, self.at.column)
    }
}

fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '.')
}
