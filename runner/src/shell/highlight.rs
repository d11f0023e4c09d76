//! Colours of what is typed: keywords, literals and comments, no more.

use transforms::sql::Dialect;

use super::lex::{TokenKind, tokens};
use super::words::is_keyword;

const KEYWORD: &str = "\u{1b}[1m";
const TEXT: &str = "\u{1b}[32m";
const COMMENT: &str = "\u{1b}[2m";
const END: &str = "\u{1b}[0m";

/// A text with colours, as wide as without.
pub(super) fn highlighted(dialect: Dialect, text: &str) -> String {
    if text.trim_start().starts_with('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    for token in tokens(dialect, text) {
        let piece = text.get(token.span).unwrap_or_default();
        let colour = match token.kind {
            TokenKind::Word if is_keyword(piece) => KEYWORD,
            TokenKind::Text => TEXT,
            TokenKind::Comment => COMMENT,
            _ => {
                out.push_str(piece);
                continue;
            }
        };
        out.extend([colour, piece, END]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_literals_and_comments_have_colours() {
        let coloured = highlighted(Dialect::Spark, "select a, 'b' -- c");
        assert_eq!(
            coloured,
            "\u{1b}[1mselect\u{1b}[0m a, \u{1b}[32m'b'\u{1b}[0m \u{1b}[2m-- c\u{1b}[0m"
        );
        assert_eq!(highlighted(Dialect::Spark, "\\d select"), "\\d select");
    }
}
