//! Where declarations name their LOCATION, which the parser keeps without its place.

use datafusion::sql::sqlparser::dialect::SparkSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Line and column of the text behind each LOCATION of declarations, in their order; none of a text that cannot be read.
#[must_use]
pub fn locations(text: &str) -> Vec<(u64, u64)> {
    let tokens = Tokenizer::new(&SparkSqlDialect, text).tokenize_with_location();
    let mut tokens = tokens.unwrap_or_default();
    // Comments are there too.
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    let pairs = tokens.iter().zip(tokens.iter().skip(1));
    let located = pairs.filter(|(word, text)| {
        let is_clause = matches!(&word.token, Token::Word(word)
            if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("LOCATION"));
        let is_text =
            matches!(text.token, Token::SingleQuotedString(_) | Token::DoubleQuotedString(_));
        is_clause && is_text
    });
    located.map(|(_, text)| (text.span.start.line, text.span.start.column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_those_of_declarations_and_not_of_comments() {
        let text = "-- LOCATION 'x/'\nCREATE EXTERNAL TABLE a (location INT, `location` TEXT)\nSTORED AS DMS LOCATION -- here\n 'x/';\n/* LOCATION 'x/' */ CREATE EXTERNAL TABLE b (id INT) STORED AS DMS location 'x/' OPTIONS ('location' 'x/')";
        assert_eq!(locations(text), [(4, 2), (5, 77)]);
        assert_eq!(locations("LOCATION 'x"), []);
    }
}
