//! The words of a text that may not be finished: enough of SQL's lexical rules to find where statements end and what is typed.

use std::ops::Range;

use transforms::sql::Dialect;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name without quotes, a keyword or a number.
    Word,
    /// A name in quotes.
    QuotedName,
    /// A literal in quotes.
    Text,
    /// A comment.
    Comment,
    /// White space.
    Blank,
    /// Any other character.
    Symbol(char),
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Where it is, in bytes.
    pub(super) span: Range<usize>,
    /// Whether what it began with is still to be ended: a quote or a comment.
    pub(super) is_open: bool,
}

impl Token {
    /// Whether it is nothing to the parser.
    pub(super) fn is_void(&self) -> bool {
        matches!(self.kind, TokenKind::Blank | TokenKind::Comment)
    }
}

/// Splits a text into tokens that cover it. Only the last one may be open.
pub(super) fn tokens(dialect: Dialect, text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let (kind, bytes, is_open) = first(dialect, rest);
        tokens.push(Token { kind, span: start..start + bytes, is_open });
        start += bytes;
    }
    tokens
}

/// The first token of a text that is not empty: its kind, its length, whether it is open.
fn first(dialect: Dialect, text: &str) -> (TokenKind, usize, bool) {
    let while_all = |holds: fn(char) -> bool| text.find(|c| !holds(c)).unwrap_or(text.len());
    let mut chars = text.chars();
    let c = chars.next().unwrap_or(' ');
    let closed = |kind, bytes| (kind, bytes, false);
    let is_spark = dialect == Dialect::Spark;
    match c {
        _ if c.is_whitespace() => closed(TokenKind::Blank, while_all(char::is_whitespace)),
        _ if is_of_word(c) => closed(TokenKind::Word, while_all(is_of_word)),
        '-' if text.starts_with("--") => {
            let bytes = text.find('\n').unwrap_or(text.len());
            // What is typed behind it in the same line is still of the comment.
            (TokenKind::Comment, bytes, bytes == text.len())
        }
        '/' if text.starts_with("/*") => {
            let (bytes, is_open) = block_comment(text);
            (TokenKind::Comment, bytes, is_open)
        }
        '\'' => quoted(TokenKind::Text, text, is_spark),
        '"' if is_spark => quoted(TokenKind::Text, text, true),
        '"' | '`' => quoted(TokenKind::QuotedName, text, false),
        _ => closed(TokenKind::Symbol(c), c.len_utf8()),
    }
}

/// Whether a character is of a name. A `$` is: `orders$changes`.
pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// A doubled quote ends one text and begins the next, which comes to the same.
fn quoted(kind: TokenKind, text: &str, escapes: bool) -> (TokenKind, usize, bool) {
    let mut chars = text.char_indices();
    let Some((_, quote)) = chars.next() else { return (kind, text.len(), true) };
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return (kind, at + c.len_utf8(), false);
        }
        if escapes && c == '\\' {
            let _escaped = chars.next();
        }
    }
    (kind, text.len(), true)
}

/// Comments may hold comments.
fn block_comment(text: &str) -> (usize, bool) {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return (at, false);
        }
    }
    (text.len(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(dialect: Dialect, text: &str) -> Vec<(TokenKind, &str)> {
        tokens(dialect, text)
            .into_iter()
            .filter(|token| token.kind != TokenKind::Blank)
            .map(|token| (token.kind, text.get(token.span).unwrap()))
            .collect()
    }

    #[test]
    fn a_text_is_split_as_its_dialect_has_it() {
        use TokenKind::{Comment, QuotedName, Symbol, Text, Word};
        let text = r#"a.b1 'x\'y' "q" `n` -- c"#;
        let head = [(Word, "a"), (Symbol('.'), "."), (Word, "b1")];
        let spark = [(Text, r"'x\'y'"), (Text, "\"q\""), (QuotedName, "`n`"), (Comment, "-- c")];
        assert_eq!(kinds(Dialect::Spark, text), [&head[..], &spark].concat());
        let engine = kinds(Dialect::DataFusion, text);
        assert_eq!(engine[..5], [&head[..], &[(Text, r"'x\'"), (Word, "y")]].concat());
    }

    #[test]
    fn comments_hold_comments_and_end_where_they_end() {
        let text = "/* a /* b */ ; */x";
        let found = kinds(Dialect::Spark, text);
        assert_eq!(found, [(TokenKind::Comment, "/* a /* b */ ; */"), (TokenKind::Word, "x")]);
        for open in ["/* a /* b */", "'a", "`a", "-- a", "/*", "'a\\'", "/*/"] {
            let tokens = tokens(Dialect::Spark, open);
            assert!(tokens.len() == 1 && tokens[0].is_open, "{open}: {tokens:?}");
        }
        assert!(!tokens(Dialect::Spark, "-- a\n")[0].is_open);
    }

    #[test]
    fn the_tokens_of_any_text_cover_it() {
        for text in ["", "ü€;\u{0}'ä\\", "/*€", "a\\", "''''", "*/", "\u{2028}x-", "'\\"] {
            for dialect in [Dialect::Spark, Dialect::DataFusion] {
                let pieces: Vec<&str> = tokens(dialect, text)
                    .into_iter()
                    .map(|token| text.get(token.span).unwrap())
                    .collect();
                assert_eq!(pieces.concat(), text);
            }
        }
    }
}
