//! `FROM orders FOR SYSTEM_TIME AS OF '…'`: a table as of a moment, in every dialect.
//!
//! The SQL parser reads the clause in some dialects only, in which `changes`, `at` and `before` are no aliases; of Spark's
//! `VERSION AS OF` it takes numbers only; and the planner passes over it without a word. So the clause is taken out of the
//! tokens before they are parsed: the table is then one of a schema that is named by the moment, and whoever plans the
//! statement has such schemas ready ([`schema_of`], [`moment_of`]). Forms:
//! <https://spark.apache.org/docs/3.5.6/sql-ref-syntax-qry-select.html> (`temporalClause` of its grammar) and SQL:2011.

use std::ops::ControlFlow;

use datafusion::sql::parser::{ExplainStatement, Statement};
use datafusion::sql::sqlparser::ast::{Ident, ObjectName, Visit, Visitor};
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::place::DefinitionError;
use crate::session::{CATALOG, SCHEMA};

/// What the names of such schemas begin with.
const PREFIX: &str = "as of ";

const FORMS: &str = "after AS OF comes a text: an object's name, a time such as '2026-03-10 06:00:00', 'applied', or 'run:' and a run's id";

/// The schema that holds tables as of a moment.
#[must_use]
pub fn schema_of(moment: &str) -> String {
    format!("{PREFIX}{moment}")
}

/// The moment that a schema is named by.
#[must_use]
pub fn moment_of(schema: &str) -> Option<&str> {
    schema.strip_prefix(PREFIX)
}

/// Where a statement first reads a table as of a moment; `moment` tells of which, and of any without it.
#[must_use]
pub fn place_of(statement: &Statement, moment: Option<&str>) -> Option<(u64, u64)> {
    let mut finder = Finder { moment };
    let found = match statement {
        Statement::Statement(inner) => inner.visit(&mut finder),
        Statement::Explain(ExplainStatement { statement, .. }) => {
            return place_of(statement, moment);
        }
        _ => return None,
    };
    found.break_value()
}

struct Finder<'a> {
    moment: Option<&'a str>,
}

impl Visitor for Finder<'_> {
    type Break = (u64, u64);

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Self::Break> {
        let schema = relation.0.first().and_then(|part| part.as_ident());
        let schema = schema.filter(|_| relation.0.len() > 1);
        match schema.and_then(|schema| Some((schema, moment_of(&schema.value)?))) {
            Some((Ident { span, .. }, found)) if self.moment.is_none_or(|m| m == found) => {
                ControlFlow::Break((span.start.line, span.start.column))
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

/// Tables with a moment become ones of its schema; `quote` is what the dialect writes around names.
///
/// # Errors
/// A clause that stands elsewhere than behind the name of a source or model, or has no text.
pub(super) fn qualified(
    file: &str,
    tokens: Vec<TokenWithSpan>,
    quote: char,
) -> Result<Vec<TokenWithSpan>, DefinitionError> {
    let mut done: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match Clause::at(file, &tokens, at)? {
            None => {
                done.push(token.clone());
                at += 1;
            }
            Some(clause) => {
                qualify_last(file, &mut done, &clause.moment, token, quote)?;
                at = clause.end;
            }
        }
    }
    Ok(done)
}

/// A clause, and the token behind it.
struct Clause {
    moment: String,
    end: usize,
}

impl Clause {
    fn at(
        file: &str,
        tokens: &[TokenWithSpan],
        start: usize,
    ) -> Result<Option<Self>, DefinitionError> {
        if tokens.get(start).is_some_and(is_blank) {
            return Ok(None);
        }
        let mut words = Words { tokens, at: start };
        let is_sure = words.take(&["FOR"]);
        let is_kind = words.take(&["SYSTEM_TIME", "TIMESTAMP", "SYSTEM_VERSION", "VERSION"]);
        if !(is_kind && words.take(&["AS"]) && words.take(&["OF"])) {
            return Ok(None);
        }
        let value = words;
        let _type_name = words.take(&["TIMESTAMP", "DATE"]);
        if let Some(moment) = words.text() {
            return Ok(Some(Self { moment, end: words.at }));
        }
        // `SELECT version AS of FROM t` is none.
        match value.next() {
            Some(token) if is_sure || matches!(token.token, Token::Number(..)) => {
                Err(at(file, token, "AS OF has no text behind it").help(FORMS))
            }
            _ => Ok(None),
        }
    }
}

/// Tokens that are not blank.
#[derive(Clone, Copy)]
struct Words<'a> {
    tokens: &'a [TokenWithSpan],
    at: usize,
}

impl<'a> Words<'a> {
    fn index(self) -> usize {
        self.at + self.tokens.iter().skip(self.at).take_while(|token| is_blank(token)).count()
    }

    fn next(self) -> Option<&'a TokenWithSpan> {
        self.tokens.get(self.index())
    }

    fn take(&mut self, names: &[&str]) -> bool {
        let is_there = self.next().is_some_and(|token| is_word(token, names));
        if is_there {
            self.at = self.index() + 1;
        }
        is_there
    }

    fn text(&mut self) -> Option<String> {
        let Token::SingleQuotedString(text) = &self.next()?.token else { return None };
        self.at = self.index() + 1;
        Some(text.clone())
    }
}

/// What stands before a table's name.
const BEFORE_TABLES: [&str; 2] = ["FROM", "JOIN"];

/// Puts the moment's schema before the name at the end.
fn qualify_last(
    file: &str,
    done: &mut Vec<TokenWithSpan>,
    moment: &str,
    clause: &TokenWithSpan,
    quote: char,
) -> Result<(), DefinitionError> {
    let Some(Name { first, last, qualifiers }) = Name::at_end(done) else {
        let message = "AS OF stands right behind a table's name, before its alias";
        return Err(at(file, clause, message).help("write FROM orders FOR SYSTEM_TIME AS OF '…' o"));
    };
    let own = [SCHEMA, CATALOG];
    let is_own = qualifiers.len() <= own.len() && qualifiers.iter().zip(own).all(|(a, b)| a == b);
    if let Some(first) = done.get(first).filter(|_| !is_own) {
        let message = "only sources and models are there as of a moment";
        return Err(at(file, first, message)
            .help("a target table is as its model AS OF 'applied', written without a schema"));
    }
    let span = clause.span;
    let schema = [Token::make_word(&schema_of(moment), Some(quote)), Token::Period];
    let schema = schema.map(|token| TokenWithSpan { token, span });
    let _qualifiers: Vec<TokenWithSpan> = done.splice(first..last, schema).collect();
    Ok(())
}

/// The name of a table, by the places of its first and last words.
struct Name {
    first: usize,
    last: usize,
    /// From the innermost outwards.
    qualifiers: Vec<String>,
}

impl Name {
    /// The name at the end of a text's beginning, if it is that of a table to be read.
    fn at_end(done: &[TokenWithSpan]) -> Option<Self> {
        let before = |end: usize| done.get(..end)?.iter().rposition(|token| !is_blank(token));
        let last = before(done.len())?;
        let (mut first, mut words) = (last, Vec::new());
        loop {
            // A text is a path, which may stand for a table.
            let (Token::Word(Word { value: word, .. }) | Token::SingleQuotedString(word)) =
                &done.get(first)?.token
            else {
                return None;
            };
            words.push(word.to_lowercase());
            let ahead = before(first)?;
            match done.get(ahead)? {
                TokenWithSpan { token: Token::Period, .. } => first = before(ahead)?,
                TokenWithSpan { token: Token::Comma | Token::LParen, .. } => break,
                token if is_word(token, &BEFORE_TABLES) => break,
                _ => return None,
            }
        }
        Some(Self { first, last, qualifiers: words.into_iter().skip(1).collect() })
    }
}

fn is_blank(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::Whitespace(_))
}

fn is_word(token: &TokenWithSpan, names: &[&str]) -> bool {
    let Token::Word(word) = &token.token else { return false };
    word.quote_style.is_none() && names.iter().any(|name| word.value.eq_ignore_ascii_case(name))
}

fn at(file: &str, token: &TokenWithSpan, message: &str) -> DefinitionError {
    let error = DefinitionError::in_file(file, message);
    let start = token.span.start;
    if start.line == 0 { error } else { error.at(start.line, start.column) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Dialect, parse, parse_select};
    use crate::testing::{assert_all, told};

    fn read(dialect: Dialect, text: &str) -> String {
        match parse(dialect, "m.sql", text) {
            Ok(statements) => {
                let texts = statements.iter().map(ToString::to_string);
                texts.collect::<Vec<_>>().join("; ").replace('"', "`")
            }
            Err(error) => told(&error),
        }
    }

    #[test]
    fn a_table_as_of_a_moment_is_one_of_a_schema_of_that_name() {
        let cases = [
            (
                "SELECT * FROM orders FOR SYSTEM_TIME AS OF '20260310-060118000.csv'",
                "SELECT * FROM `as of 20260310-060118000.csv`.orders",
            ),
            (
                "SELECT * FROM Orders for system_time\nAS OF TIMESTAMP '2026-03-10 06:00:00' AS o WHERE o.id = 1",
                "SELECT * FROM `as of 2026-03-10 06:00:00`.Orders AS o WHERE o.id = 1",
            ),
            (
                "SELECT * FROM job . orders TIMESTAMP AS OF '2026-03-10'",
                "SELECT * FROM `as of 2026-03-10`.orders",
            ),
            ("SELECT * FROM orders VERSION AS OF 'a.csv'", "SELECT * FROM `as of a.csv`.orders"),
            (
                "SELECT * FROM (orders FOR VERSION AS OF 'a' a JOIN unglue.job.orders FOR SYSTEM_VERSION AS OF 'b' b ON a.id = b.id), lines FOR TIMESTAMP AS OF DATE '2026-03-10'",
                "SELECT * FROM (`as of a`.orders a JOIN `as of b`.orders b ON a.id = b.id), `as of 2026-03-10`.lines",
            ),
            (
                "WITH x AS (SELECT * FROM orders FOR SYSTEM_TIME AS OF 'a') SELECT * FROM x WHERE id IN (SELECT id FROM orders FOR SYSTEM_TIME AS OF 'b')",
                "WITH x AS (SELECT * FROM `as of a`.orders) SELECT * FROM x WHERE id IN (SELECT id FROM `as of b`.orders)",
            ),
        ];
        for dialect in [Dialect::Spark, Dialect::DataFusion] {
            let read = |(text, expected): (&str, &str)| {
                (text.to_owned(), read(dialect, text), expected.to_owned())
            };
            assert_all(cases.map(read));
        }
    }

    #[test]
    fn words_of_the_clause_are_names_elsewhere() {
        for text in [
            "SELECT version AS of FROM t",
            "SELECT t.timestamp, t.version AS of FROM t AS of",
            "SELECT changes.a, at.a, before.a FROM t changes, t at, t before",
            "SELECT substring(a FOR 3) FROM t FOR UPDATE",
            "SELECT TIMESTAMP '2026-03-10 06:00:00' AS of",
        ] {
            for dialect in [Dialect::Spark, Dialect::DataFusion] {
                assert!(!read(dialect, text).contains("as of "), "{text}");
                assert_eq!(place_of(&parse(dialect, "m.sql", text).unwrap()[0], None), None);
            }
        }
    }

    #[test]
    fn a_clause_in_a_wrong_place_is_told_with_what_is_right() {
        let alias = "AS OF stands right behind a table's name, before its alias [write FROM orders FOR SYSTEM_TIME AS OF '…' o]";
        let cases = [
            (
                "SELECT * FROM orders FOR SYSTEM_TIME AS OF 3",
                format!("m.sql:1:44: AS OF has no text behind it [{FORMS}]"),
            ),
            (
                "SELECT * FROM orders VERSION AS OF 3",
                format!("m.sql:1:36: AS OF has no text behind it [{FORMS}]"),
            ),
            ("SELECT * FROM orders o FOR SYSTEM_TIME AS OF 'a'", format!("m.sql:1:24: {alias}")),
            ("SELECT * FROM orders AS o VERSION AS OF 'a'", format!("m.sql:1:27: {alias}")),
            ("SELECT * FROM (SELECT 1) FOR SYSTEM_TIME AS OF 'a'", format!("m.sql:1:26: {alias}")),
            ("FOR SYSTEM_TIME AS OF 'a'", format!("m.sql:1:1: {alias}")),
            (
                "SELECT * FROM\n  target.orders FOR SYSTEM_TIME AS OF 'a'",
                "m.sql:2:3: only sources and models are there as of a moment [a target table is as its model AS OF 'applied', written without a schema]".to_owned(),
            ),
        ];
        assert_all(
            cases.map(|(text, expected)| (text.to_owned(), read(Dialect::Spark, text), expected)),
        );
    }

    #[test]
    fn no_file_of_a_job_has_the_clause() {
        let text = "SELECT id\nFROM orders FOR SYSTEM_TIME AS OF 'a'";
        let error = parse_select(Dialect::Spark, "m.sql", text).unwrap_err();
        assert_eq!(
            told(&error),
            "m.sql:2:13: AS OF has no place in a job's files [what a job writes follows from its sources as they are; ask for the past with `runner sql`]"
        );
    }

    #[test]
    fn the_place_of_a_moment_is_found_among_others() {
        let text = "EXPLAIN SELECT * FROM t FOR SYSTEM_TIME AS OF 'a', t FOR SYSTEM_TIME AS OF 'b'";
        let statement = parse(Dialect::Spark, "m.sql", text).unwrap().remove(0);
        assert_eq!(place_of(&statement, None), Some((1, 25)));
        assert_eq!(place_of(&statement, Some("b")), Some((1, 54)));
        assert_eq!(place_of(&statement, Some("c")), None);
        assert_eq!(moment_of(&schema_of("a")), Some("a"));
        assert_eq!(moment_of("job"), None);
    }
}
