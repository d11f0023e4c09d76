//! The words of a Spark statement, before they are parsed: what Spark's lexer knows and the SQL parser's does not.
//!
//! Escapes in strings (`'it\'s'`, `'\u00e9'`), `"text"`, raw strings (`r'\d+'`), literals next to each other, and numbers with a
//! type (`1L`, `2.5D`). Rules: <https://spark.apache.org/docs/3.5.6/sql-ref-literals.html>.

use datafusion::sql::sqlparser::tokenizer::{
    Token, TokenWithSpan, Tokenizer, TokenizerError, Whitespace, Word,
};

use super::dialect::Spark;

/// What is said of a doubled quote, which stands behind it.
pub(super) const DOUBLED: &str = "a quote is doubled within a text:";

/// Splits a text into tokens whose values are what Spark takes them for.
///
/// # Errors
/// What is no token, such as a string without an end.
pub(super) fn tokenize(text: &str) -> Result<Vec<TokenWithSpan>, TokenizerError> {
    let raw = Tokenizer::new(&Spark, text).with_unescape(false).tokenize_with_location()?;
    let mut tokens: Vec<TokenWithSpan> = Vec::with_capacity(raw.len());
    // OPTIONS are pairs of texts.
    let mut options = Options::default();
    for TokenWithSpan { token, span } in raw {
        let is_behind = |last: &TokenWithSpan| span.start.line > 0 && last.span.end == span.start;
        let follows = tokens.last().is_some_and(is_behind);
        let in_options = options.hold(&token);
        let quote = if matches!(token, Token::DoubleQuotedString(_)) { '"' } else { '\'' };
        match token {
            Token::SingleQuotedString(text) | Token::DoubleQuotedString(text) => {
                let is_raw = follows && tokens.last().is_some_and(|last| is_word(last, &["R"]));
                let text = if is_raw {
                    let _prefix = tokens.pop();
                    text
                } else if in_options {
                    // As in declarations.
                    text.replace("''", "'")
                } else if has_doubled(&text, quote) {
                    // Spark joins the two texts that it reads, SQL elsewhere has a quote there: neither is taken for granted.
                    let message = format!("{DOUBLED} {quote}");
                    return Err(TokenizerError { message, location: span.start });
                } else {
                    unescaped(&text)
                };
                match in_options {
                    true => {
                        tokens.push(TokenWithSpan { token: Token::SingleQuotedString(text), span });
                    }
                    false => push_text(&mut tokens, text, span),
                }
            }
            Token::Word(word) if word.quote_style.is_none() && follows => {
                push_word(&mut tokens, word, span);
            }
            // A doubled quote in a name is one.
            Token::Word(Word { value, quote_style: Some(quote), keyword }) => {
                let value = value.replace("``", "`");
                let token = Token::Word(Word { value, quote_style: Some(quote), keyword });
                tokens.push(TokenWithSpan { token, span });
            }
            token => tokens.push(TokenWithSpan { token, span }),
        }
    }
    name_views(&mut tokens);
    Ok(tokens)
}

/// Whether a token stands between the parentheses of OPTIONS.
#[derive(Default)]
struct Options {
    is_next: bool,
    depth: u32,
}

impl Options {
    fn hold(&mut self, token: &Token) -> bool {
        match token {
            Token::Whitespace(_) => {}
            Token::LParen if self.is_next || self.depth > 0 => {
                self.depth += 1;
                self.is_next = false;
            }
            Token::RParen => self.depth = self.depth.saturating_sub(1),
            Token::Word(word) => {
                self.is_next =
                    word.quote_style.is_none() && word.value.eq_ignore_ascii_case("OPTIONS");
            }
            _ => self.is_next = false,
        }
        self.depth > 0
    }
}

/// The name that a lateral view's columns get where they have none: the parser would take the word behind the view for one.
pub(super) const UNNAMED: &str = "__unnamed";

/// `LATERAL VIEW explode(a) v ORDER BY …` becomes `LATERAL VIEW explode(a) v AS __unnamed ORDER BY …`.
fn name_views(tokens: &mut Vec<TokenWithSpan>) {
    let mut index = 0;
    while let Some(view) = next(tokens, index) {
        index = view + 1;
        if !tokens.get(view).is_some_and(|token| is_word(token, &["LATERAL"])) {
            continue;
        }
        let Some(mut at) = next(tokens, view + 1) else { return };
        if !tokens.get(at).is_some_and(|token| is_word(token, &["VIEW"])) {
            continue;
        }
        // To the end of the call, then its name.
        let mut depth = 0_u32;
        loop {
            let Some(following) = next(tokens, at + 1) else { return };
            at = following;
            match tokens.get(at).map(|token| &token.token) {
                Some(Token::LParen) => depth += 1,
                Some(Token::RParen) => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                break;
            }
        }
        let Some(name) = next(tokens, at + 1) else { return };
        let is_named =
            next(tokens, name + 1).and_then(|after| tokens.get(after)).is_some_and(|after| {
                matches!(after.token, Token::Word(_)) && !is_word(after, &CLAUSES)
            });
        if !is_named && let Some(TokenWithSpan { span, .. }) = tokens.get(name).cloned() {
            let alias = [Token::make_keyword("AS"), Token::make_word(UNNAMED, None)];
            let alias = alias.into_iter().map(|token| TokenWithSpan { token, span });
            tokens.splice(name + 1..name + 1, alias);
        }
        index = name + 1;
    }
}

/// The words that may stand behind a table.
const CLAUSES: [&str; 22] = [
    "WHERE",
    "GROUP",
    "CLUSTER",
    "HAVING",
    "LATERAL",
    "ORDER",
    "SORT",
    "DISTRIBUTE",
    "LIMIT",
    "OFFSET",
    "WINDOW",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "MINUS",
    "JOIN",
    "LEFT",
    "RIGHT",
    "FULL",
    "INNER",
    "CROSS",
    "ON",
];

/// The next token that is not blank.
fn next(tokens: &[TokenWithSpan], from: usize) -> Option<usize> {
    let rest = tokens.get(from..)?;
    let offset = rest.iter().position(|token| !matches!(token.token, Token::Whitespace(_)))?;
    Some(from + offset)
}

/// The names of the hints in a statement's text: `/*+ BROADCAST(t), REPARTITION(3) */`.
pub(super) fn hints(text: &str) -> Vec<String> {
    let tokens = Tokenizer::new(&Spark, text).tokenize().unwrap_or_default();
    let within = tokens.into_iter().filter_map(|token| match token {
        Token::Whitespace(Whitespace::MultiLineComment(text)) => {
            text.trim_start().strip_prefix('+').map(str::to_owned)
        }
        _ => None,
    });
    within.flat_map(|text| names_of(&text)).collect()
}

/// The words outside of parentheses.
fn names_of(hint: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let outside: String = hint
        .chars()
        .map(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && (c.is_alphanumeric() || c == '_') {
                c.to_ascii_uppercase()
            } else {
                ' '
            }
        })
        .collect();
    outside.split_whitespace().map(str::to_owned).collect()
}

fn is_word(token: &TokenWithSpan, names: &[&str]) -> bool {
    let Token::Word(word) = &token.token else { return false };
    word.quote_style.is_none() && names.iter().any(|name| word.value.eq_ignore_ascii_case(name))
}

/// Text literals that only blanks separate are one: `'a' 'b'` is `'ab'`.
fn push_text(
    tokens: &mut Vec<TokenWithSpan>,
    text: String,
    span: datafusion::sql::sqlparser::tokenizer::Span,
) {
    let before = tokens.iter().rposition(|token| !matches!(token.token, Token::Whitespace(_)));
    if let Some(index) = before
        && let Some(TokenWithSpan { token: Token::SingleQuotedString(first), .. }) =
            tokens.get_mut(index)
    {
        first.push_str(&text);
        tokens.truncate(index + 1);
        return;
    }
    tokens.push(TokenWithSpan { token: Token::SingleQuotedString(text), span });
}

/// A word directly behind a number is the number's type: `2.5D`.
fn push_word(
    tokens: &mut Vec<TokenWithSpan>,
    word: Word,
    span: datafusion::sql::sqlparser::tokenizer::Span,
) {
    let typed = match word.value.to_uppercase().as_str() {
        "L" => Some("BIGINT"),
        "S" => Some("SMALLINT"),
        "Y" => Some("TINYINT"),
        "D" => Some("DOUBLE"),
        "F" => Some("FLOAT"),
        "BD" => Some("DECIMAL"),
        _ => None,
    };
    let number = match tokens.last() {
        Some(TokenWithSpan { token: Token::Number(number, _), span }) => {
            Some((number.clone(), *span))
        }
        _ => None,
    };
    let (Some(sql_type), Some((number, at))) = (typed, number) else {
        tokens.push(TokenWithSpan { token: Token::Word(word), span });
        return;
    };
    let _number = tokens.pop();
    let sql_type = match sql_type {
        "DECIMAL" => decimal_of(&number),
        other => other.to_owned(),
    };
    // As `BIGINT '1'`, like DATE '2026-01-01'.
    let of_type = Tokenizer::new(&Spark, &sql_type).tokenize().unwrap_or_default();
    let typed = of_type.into_iter().chain([Token::SingleQuotedString(number)]);
    tokens.extend(typed.map(|token| TokenWithSpan { token, span: at }));
}

/// `2.50BD` has the type `DECIMAL(3,2)`.
fn decimal_of(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('0').len();
    format!("DECIMAL({},{})", (whole + fraction.len()).max(1), fraction.len())
}

/// Whether a literal's own quote stands twice in it, as the tokenizer passes it on.
fn has_doubled(literal: &str, quote: char) -> bool {
    let mut rest = literal.chars();
    while let Some(c) = rest.next() {
        if c == '\\' {
            let _escaped = rest.next();
        } else if c == quote {
            return true;
        }
    }
    false
}

/// The text that a literal stands for. `\%` and `\_` keep the backslash, which LIKE is to see.
fn unescaped(literal: &str) -> String {
    let mut text = String::with_capacity(literal.len());
    let mut rest = literal.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let after = rest.as_str();
        if let Some((code, length)) = coded(after) {
            text.push(code);
            rest = after.get(length..).unwrap_or_default().chars();
            continue;
        }
        match rest.next() {
            Some('0') => text.push('\0'),
            Some('b') => text.push('\u{8}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('Z') => text.push('\u{1a}'),
            Some(kept @ ('%' | '_')) => text.extend(['\\', kept]),
            Some(other) => text.push(other),
            None => text.push('\\'),
        }
    }
    text
}

/// A character by its number behind a backslash, and how long that is: `u00e9`, `U0001F600`, octal `101`.
fn coded(after: &str) -> Option<(char, usize)> {
    let digits = |from: usize, to: usize, radix: u32| {
        let digits = after.get(from..to)?;
        digits.chars().all(|c| c.is_digit(radix)).then_some(())?;
        char::from_u32(u32::from_str_radix(digits, radix).ok()?)
    };
    match after.chars().next()? {
        'u' => Some((digits(1, 5, 16)?, 5)),
        'U' => Some((digits(1, 9, 16)?, 9)),
        '0' | '1' => Some((digits(0, 3, 8)?, 3)),
        _ => None,
    }
}
