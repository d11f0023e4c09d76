//! A bound on names that are joined by dots.
//!
//! The parser tries what follows each dot in two ways, one within the other, so the time that it takes to find an error behind a
//! chain of names doubles with each dot: thirty dots before a stray word are minutes. Found by fuzzing; sqlparser 0.62,
//! `parse_compound_expr`.

use super::dialect::Spark;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::place::DefinitionError;

/// Dots in a chain, and in what its brackets and parentheses hold; a path through structs has three or four.
pub(super) const DOTS_MAX: usize = 12;

/// Checks a text that is going to be parsed.
///
/// # Errors
/// A longer chain, with the place of the first dot that is too much. A text that is not SQL at all is the parser's to refuse.
pub(super) fn check(file: &str, text: &str) -> Result<(), DefinitionError> {
    let dialect = Spark;
    let Ok(tokens) = Tokenizer::new(&dialect, text).tokenize_with_location() else {
        return Ok(());
    };
    let mut chain = Chain::default();
    for token in tokens {
        if chain.dots_after(&token.token) > DOTS_MAX {
            let start = token.span.start;
            let message = format!("more than {DOTS_MAX} names are joined by dots");
            return Err(DefinitionError::in_file(file, message).at(start.line, start.column));
        }
    }
    Ok(())
}

/// The dots that the next token would be tried under.
#[derive(Debug, Default)]
struct Chain {
    dots: usize,
    /// Of the chains that stand before the brackets that are open.
    outer: Vec<usize>,
    after_word: bool,
}

impl Chain {
    fn dots_after(&mut self, token: &Token) -> usize {
        let after_word = std::mem::replace(&mut self.after_word, matches!(token, Token::Word(_)));
        match token {
            Token::Whitespace(_) => self.after_word = after_word,
            Token::Period => self.dots += 1,
            Token::LBracket | Token::LParen => self.outer.push(self.dots),
            Token::RBracket | Token::RParen => self.dots = self.outer.pop().unwrap_or_default(),
            Token::Word(_) if !after_word => {}
            _ => self.dots = self.outer.last().copied().unwrap_or_default(),
        }
        self.dots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Option<String> {
        check("m.sql", text).err().map(|error| error.to_string())
    }

    #[test]
    fn names_of_ordinary_length_pass_however_many_there_are() {
        let column = "`c a t` . s.t.`x`.y[1].z";
        let columns = vec![column; 100].join(", ");
        let joins = vec!["JOIN a.b.c ON f(a.b.c) = coalesce(a.b.d, 1.5 + a.e)"; 100].join(" ");
        assert_eq!(place(&format!("SELECT {columns} FROM a.b.c {joins}")), None);
        assert_eq!(place(&"(SELECT a.b FROM ".repeat(100)), None);
        assert_eq!(place("'not SQL"), None);
    }

    #[test]
    fn a_chain_that_is_too_long_is_refused_where_it_is() {
        let chain = |names: usize| vec!["a"; names].join(".");
        let refused = |column: usize| {
            Some(format!("m.sql:1:{column}: more than 12 names are joined by dots"))
        };
        assert_eq!(place(&chain(13)), None);
        assert_eq!(place(&chain(14)), refused(26));
        for (open, close) in [("[", "]"), ("(", ")")] {
            assert_eq!(place(&format!("{}{open}{}{close}.a", chain(7), chain(7))), None);
            assert_eq!(place(&format!("{}{open}{}{close}", chain(7), chain(8))), refused(28));
        }
    }

    #[test]
    fn the_longest_chain_that_passes_is_parsed_in_no_time() {
        // Without the bound this is a matter of hours.
        let deep = format!("a{}[b ^ c c[", ".a".repeat(40));
        assert!(
            crate::sql::parse(crate::sql::Dialect::Spark, "m.sql", &format!("SELECT {deep}"))
                .is_err()
        );
        let longest = format!("a{}[b ^ c c[", ".a".repeat(DOTS_MAX));
        assert!(
            crate::sql::parse(crate::sql::Dialect::Spark, "m.sql", &format!("SELECT {longest}"))
                .is_err()
        );
    }
}
