//! What stands around the place of a syntax error, from which can be told what was meant.

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{Dialect, tokens_of};

/// So many words are told of each.
const WORDS: usize = 2;

/// Words around a place in a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Around {
    /// Those that its statement begins with, as written.
    pub first: Vec<String>,
    /// Those right before it in its statement.
    pub before: Vec<String>,
}

/// The words around a line and column of a text, which are those of an error; none where the text has no words.
#[must_use]
pub fn around(dialect: Dialect, text: &str, (line, column): (u64, u64)) -> Around {
    let tokens = tokens_of(dialect, text).unwrap_or_default();
    let is_word =
        |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_) | Token::EOF);
    let tokens: Vec<&TokenWithSpan> = tokens.iter().filter(is_word).collect();
    let is_before =
        |token: &TokenWithSpan| (token.span.start.line, token.span.start.column) < (line, column);
    let place = tokens.iter().take_while(|token| is_before(token)).count();
    let (before, _) = tokens.split_at(place);
    let is_end = |token: &&TokenWithSpan| token.token == Token::SemiColon;
    let begin = before.iter().rposition(is_end).map_or(0, |end| end + 1);
    let texts = |tokens: &[&TokenWithSpan]| -> Vec<String> {
        tokens.iter().map(|token| token.token.to_string()).collect()
    };
    let first: Vec<&TokenWithSpan> =
        tokens.iter().skip(begin).take_while(|token| !is_end(token)).take(WORDS).copied().collect();
    let last = before.get(begin.max(place.saturating_sub(WORDS))..).unwrap_or_default();
    Around { first: texts(&first), before: texts(last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_statement_that_the_place_is_in() {
        let words = |text: &str, at: (u64, u64)| {
            let Around { first, before } = around(Dialect::Spark, text, at);
            format!("{} / {}", first.join(" "), before.join(" "))
        };
        for (text, at, expected) in [
            ("FROM songs", (1, 1), "FROM songs / "),
            ("SELECT 1; -- so\nsummarize `a b`;", (2, 1), "summarize `a b` / "),
            ("SELECT 1;\nUPDATE", (2, 7), "UPDATE / UPDATE"),
            ("INSERT INTO t; SELECT 1", (1, 14), "INSERT INTO / INTO t"),
            ("SELECT * FROM t AS OF 'x'", (1, 23), "SELECT * / AS OF"),
            ("", (1, 1), " / "),
            ("'no end", (1, 1), " / "),
        ] {
            assert_eq!(words(text, at), expected, "{text}");
        }
    }
}
