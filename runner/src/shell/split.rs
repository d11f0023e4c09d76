//! Where a text of statements and commands has its parts.

use std::iter::repeat_n;

use transforms::sql::Dialect;

use super::lex::{Token, TokenKind, tokens};

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A statement, moved to the line and column of the text where it is: messages name these.
    Statement(String),
    /// A line that begins with a backslash, without blanks around it.
    Command(String),
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
        let end = tokens.iter().find(|token| token.kind == TokenKind::Symbol(';'));
        let end = end.map_or(rest.len(), |token| token.span.end);
        let is_void = |token: &Token| token.is_void() || token.kind == TokenKind::Symbol(';');
        if let Some(statement) = rest.get(..end)
            && tokens.iter().any(|token| token.span.end <= end && !is_void(token))
        {
            parts.push(Part::Statement(moved(text.get(..begin).unwrap_or_default(), statement)));
        }
        start = begin + end;
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
    (!is_open && is_ended(&tokens)) || meanwhile(dialect, text).is_some()
}

fn is_ended(tokens: &[Token]) -> bool {
    let last = tokens.iter().rev().find(|token| !token.is_void());
    last.is_none_or(|token| token.kind == TokenKind::Symbol(';'))
}

/// A command in the last line of a statement that goes on: the statement so far, and the line. As in `psql` it is obeyed at once, and
/// the statement stays begun.
pub(super) fn meanwhile(dialect: Dialect, text: &str) -> Option<(&str, &str)> {
    let (statement, line) = text.split_at(text.trim_end().rfind('\n')? + 1);
    let line = line.trim();
    let tokens = tokens(dialect, statement);
    let is_within = tokens.last().is_some_and(|token| token.is_open);
    (line.starts_with('\\') && !is_within && !is_ended(&tokens)).then_some((statement, line))
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
        let statement = |text: &str| Part::Statement(text.to_owned());
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
        let statement = Part::Statement("\nselect 1\n\\d;".to_owned());
        assert_eq!(parts, [command("\\x on"), statement, command("\\timing")]);
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
