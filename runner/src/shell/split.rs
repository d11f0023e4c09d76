//! Where a text of statements and commands has its parts.

use std::iter::repeat_n;

use transforms::sql::Dialect;

use super::lex::{Token, TokenKind, tokens};

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A statement, moved to the line and column of the text where it is: messages name these. `\gx` ends one whose rows are blocks.
    Statement { text: String, is_expanded: bool },
    /// A line that begins with a backslash, without blanks around it.
    Command(String),
}

/// Where a statement ends.
struct End {
    /// What of the text is the statement.
    statement: usize,
    /// Where the next one begins.
    next: usize,
    is_expanded: bool,
}

/// The first end of a statement: `;`, or as in `psql` and `mysql` `\g`, `\gx` or `\G` at the end of a line.
fn end(text: &str, tokens: &[Token]) -> Option<End> {
    tokens.iter().enumerate().find_map(|(at, token)| match token.kind {
        TokenKind::Symbol(';') => {
            let end = token.span.end;
            Some(End { statement: end, next: end, is_expanded: false })
        }
        TokenKind::Symbol('\\') => {
            let word = tokens.get(at + 1)?;
            let is_expanded = match text.get(word.span.clone())? {
                "g" => false,
                "gx" | "G" => true,
                _ => return None,
            };
            let behind = text.get(word.span.end..)?.lines().next().unwrap_or_default();
            let is_last = behind.trim().trim_matches(';').is_empty();
            is_last.then_some(End { statement: token.span.start, next: word.span.end, is_expanded })
        }
        _ => None,
    })
}

/// Splits a text at semicolons and at lines of commands, which end no statement but stand between two.
pub(super) fn parts(dialect: Dialect, text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.trim().is_empty()) {
        let begin = start + (rest.len() - rest.trim_start().len());
        let rest = text.get(begin..).unwrap_or_default();
        if rest.starts_with('\\') {
            let line = rest.lines().next().unwrap_or_default();
            parts.push(Part::Command(line.trim().to_owned()));
            start = begin + line.len();
            continue;
        }
        let tokens = tokens(dialect, rest);
        let all = End { statement: rest.len(), next: rest.len(), is_expanded: false };
        let End { statement: end, next, is_expanded } = end(rest, &tokens).unwrap_or(all);
        let is_void = |token: &Token| token.is_void() || token.kind == TokenKind::Symbol(';');
        if let Some(statement) = rest.get(..end)
            && tokens.iter().any(|token| token.span.end <= end && !is_void(token))
        {
            let text = moved(text.get(..begin).unwrap_or_default(), statement);
            parts.push(Part::Statement { text, is_expanded });
        }
        start = begin + next;
    }
    parts
}

/// A statement with as many lines and columns before it as `before` takes.
fn moved(before: &str, statement: &str) -> String {
    let lines = before.matches('\n').count();
    let columns = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let blanks = repeat_n('\n', lines).chain(repeat_n(' ', columns));
    blanks.chain(statement.chars()).collect()
}

/// Whether what was typed can be taken as it is: a command, or statements of which the last one is ended.
pub(super) fn is_complete(dialect: Dialect, text: &str) -> bool {
    let text = text.trim_start();
    if text.is_empty() || text.starts_with(['\\', '.']) || word(text).is_some() {
        return true;
    }
    let tokens = tokens(dialect, text);
    let is_open = tokens.last().is_some_and(|token| {
        token.is_open && !text.get(token.span.clone()).is_some_and(|text| text.starts_with("--"))
    });
    (!is_open && is_ended(text, &tokens)) || meanwhile(dialect, text).is_some()
}

/// Whether nothing stands behind the last statement's end.
fn is_ended(text: &str, tokens: &[Token]) -> bool {
    let is_there = |tokens: &[Token]| tokens.iter().any(|token| !token.is_void());
    let (mut rest, mut tokens) = (text, tokens.to_vec());
    while is_there(&tokens) {
        let Some(End { next, .. }) = end(rest, &tokens) else { return false };
        tokens.retain(|token| token.span.start >= next);
        for token in &mut tokens {
            token.span = token.span.start - next..token.span.end - next;
        }
        rest = rest.get(next..).unwrap_or_default();
    }
    true
}

/// A command in the last line of a statement that goes on: the statement so far, and the line. As in `psql` it is obeyed at once, and
/// the statement stays begun.
pub(super) fn meanwhile(dialect: Dialect, text: &str) -> Option<(&str, &str)> {
    let (statement, line) = text.split_at(text.trim_end().rfind('\n')? + 1);
    let line = line.trim();
    let tokens = tokens(dialect, statement);
    let is_within = tokens.last().is_some_and(|token| token.is_open);
    let is_command = line.starts_with('\\') && end(line, &self::tokens(dialect, line)).is_none();
    (is_command && !is_within && !is_ended(statement, &tokens)).then_some((statement, line))
}

/// A word that is a command without a backslash, where it stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Tells what there is.
    Help,
    /// Leaves.
    Leave,
}

/// The word that a text is, as other shells have it.
pub(super) fn word(text: &str) -> Option<Word> {
    let word = text.trim().trim_end_matches(';').trim_end();
    let words = [("help", Word::Help), ("exit", Word::Leave), ("quit", Word::Leave)];
    words.into_iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<Part> {
        parts(Dialect::Spark, text)
    }

    #[test]
    fn statements_end_at_semicolons_that_are_not_quoted() {
        let statement = |text: &str| Part::Statement { text: text.to_owned(), is_expanded: false };
        assert_eq!(
            split("select ';' -- ;\n;select 2"),
            [statement("select ';' -- ;\n;"), statement("\n select 2")]
        );
        assert_eq!(split(" ;; -- nothing\n/* ; */ ;"), []);
    }

    #[test]
    fn a_command_is_a_line_between_statements() {
        let parts = split("\\x on \nselect 1\n\\d;\n  \\timing");
        let command = |text: &str| Part::Command(text.to_owned());
        let text = "\nselect 1\n\\d;".to_owned();
        let statement = Part::Statement { text, is_expanded: false };
        assert_eq!(parts, [command("\\x on"), statement, command("\\timing")]);
    }

    #[test]
    fn a_statement_also_ends_as_in_psql_and_mysql() {
        for (text, expected) in [
            ("select 1 \\gx", &[("select 1 ", true)][..]),
            (
                "select 1\\G\nselect 2 \\g\nselect 3",
                &[("select 1", true), ("\nselect 2 ", false), ("\n\nselect 3", false)],
            ),
            ("select 1\n  \\gx;\nselect 2;", &[("select 1\n  ", true), ("\n\nselect 2;", false)]),
            ("select '\\gx'", &[("select '\\gx'", false)]),
            // What it is in `psql`, a file for the rows, is not taken for granted.
            ("select 1 \\g a.txt", &[("select 1 \\g a.txt", false)]),
        ] {
            let statement = |(text, is_expanded): &(&str, bool)| Part::Statement {
                text: (*text).to_owned(),
                is_expanded: *is_expanded,
            };
            let expected: Vec<Part> = expected.iter().map(statement).collect();
            assert_eq!(split(text), expected, "{text}");
        }
        for (text, is_ended) in [
            ("select 1 \\gx", true),
            ("select 1\n\\G", true),
            ("select 1; select 2 \\g -- a", false),
            ("select 1 \\g\nselect 2", false),
            ("select '\\g", false),
        ] {
            assert_eq!(is_complete(Dialect::Spark, text), is_ended, "{text}");
            assert_eq!(meanwhile(Dialect::Spark, text), None, "{text}");
        }
    }

    #[test]
    fn a_command_in_a_line_of_a_statement_is_told_from_what_is_quoted() {
        for (text, found) in [
            ("select 1\n\\q", Some(("select 1\n", "\\q"))),
            ("select 1,\n -- a\n  \\d t \n", Some(("select 1,\n -- a\n", "\\d t"))),
            ("select 1; select\n\\?", Some(("select 1; select\n", "\\?"))),
            ("select '\n\\q", None),
            ("select /*\n\\q", None),
            ("select 1;\n\\q", None),
            ("\\q", None),
            ("select \\q", None),
        ] {
            assert_eq!(meanwhile(Dialect::Spark, text), found, "{text}");
            assert!(found.is_none() || is_complete(Dialect::Spark, text), "{text}");
        }
    }

    #[test]
    fn what_is_typed_is_complete_with_a_semicolon() {
        for complete in [
            "",
            " ",
            "\\d",
            ".help",
            "exit",
            "QUIT ;",
            "help",
            "select 1;",
            "select 1; -- a",
            "-- a",
        ] {
            assert!(is_complete(Dialect::Spark, complete), "{complete}");
        }
        for open in
            ["select 1", "select ';", "select 1; select", "select 1 /* ;", "exit now", "help me"]
        {
            assert!(!is_complete(Dialect::Spark, open), "{open}");
        }
    }
}
