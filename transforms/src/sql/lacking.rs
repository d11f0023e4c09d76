//! The declaration that lacks a clause, of which the parser does not tell where it is.

use datafusion::sql::sqlparser::dialect::SparkSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::words::Clause;

/// Line and column of the first `CREATE EXTERNAL TABLE` of a text without a clause.
pub(super) fn place(text: &str, clause: Clause) -> Option<(u64, u64)> {
    let tokens = Tokenizer::new(&SparkSqlDialect, text).tokenize_with_location().ok()?;
    let word = clause.word();
    let lacks = |statement: &&[TokenWithSpan]| {
        let mut words = statement.iter().filter_map(plain_word);
        let is_declaration = words.next().is_some_and(|word| is(word, "CREATE"))
            && words.by_ref().take(3).any(|word| is(word, "EXTERNAL"));
        is_declaration && !words.any(|found| is(found, word))
    };
    let lacking = tokens.split(|token| token.token == Token::SemiColon).find(lacks)?;
    let first = lacking.iter().find(|token| plain_word(token).is_some())?;
    Some((first.span.start.line, first.span.start.column))
}

fn plain_word(token: &TokenWithSpan) -> Option<&str> {
    match &token.token {
        Token::Word(word) if word.quote_style.is_none() => Some(&word.value),
        _ => None,
    }
}

fn is(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}
