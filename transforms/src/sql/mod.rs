//! The one path of every statement: parse, rewrite of the syntax tree, plan.
//!
//! Errors of all three steps come as [`DefinitionError`] with the file, line and column they are about.

mod arity;
mod around;
mod as_of;
mod blame;
pub(crate) mod build;
mod call_at;
mod chains;
mod checks;
mod dialect;
mod explain;
mod habits;
mod lacking;
mod limits;
mod located;
mod notes;
mod parameters;
mod relation;
mod sample;
mod seek;
mod spark;
mod spark_types;
mod tokens;
mod unnest;
mod words;

use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::{DFParser, DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{self, Spanned};
use datafusion::sql::sqlparser::dialect::{GenericDialect, SparkSqlDialect};
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, TokenizerError};

use crate::place::DefinitionError;
pub use around::{Around, around};
pub use as_of::{moment_of, place_of, schema_of};
pub use call_at::call_at;
pub use explain::{explain, nearest};
pub use located::locations;
pub use notes::notes;
pub use parameters::is_of_parameter;
pub use relation::relation_at;
pub use sample::is_of_sample;
pub(crate) use spark::{column_name, ilike, like, taken};
pub use words::with_sql_types;

/// The table of one row that stands where a SELECT has no FROM; its column is nobody's.
pub(crate) const ONE_ROW: &str = "__one";

/// The language of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Spark SQL as Spark 3.5 answers it with ANSI off, which is what AWS Glue runs.
    #[default]
    Spark,
    /// DataFusion's own, untouched but for AS OF.
    DataFusion,
}

impl Dialect {
    /// The dialect that a session was made for.
    #[must_use]
    pub fn of(state: &SessionState) -> Self {
        match state.config_options().sql_parser.dialect {
            datafusion::config::Dialect::Spark => Self::Spark,
            _ => Self::DataFusion,
        }
    }

    /// What stands around names that are kept as they are.
    fn quote(self) -> char {
        match self {
            Self::Spark => '`',
            Self::DataFusion => '"',
        }
    }
}

/// Parses the statements of a file.
///
/// # Errors
/// The first syntax error, with its line and column; names that are joined by more than twelve dots; AS OF in a wrong place.
pub fn parse(dialect: Dialect, file: &str, text: &str) -> Result<Vec<Statement>, DefinitionError> {
    let parser = match tokens_of(dialect, text) {
        Ok(tokens) => parser(dialect, as_of::qualified(file, tokens, dialect.quote())?),
        Err(error) => Err(ParserError::from(error).into()),
    };
    statements(file, text, parser)
}

/// Whether a text is one expression.
#[must_use]
pub fn is_expression(dialect: Dialect, text: &str) -> bool {
    chains::check("", text).is_ok()
        && tokens_of(dialect, text).is_ok_and(|tokens| {
            parser(dialect, tokens).is_ok_and(|mut parser| {
                let parsed = parser.parser.parse_expr();
                parsed.is_ok() && parser.parser.peek_token_ref().token == Token::EOF
            })
        })
}

fn tokens_of(dialect: Dialect, text: &str) -> Result<Vec<TokenWithSpan>, TokenizerError> {
    match dialect {
        Dialect::Spark => tokens::tokenize(text),
        Dialect::DataFusion => Tokenizer::new(&GenericDialect, text).tokenize_with_location(),
    }
}

fn parser(
    dialect: Dialect,
    tokens: Vec<TokenWithSpan>,
) -> Result<DFParser<'static>, DataFusionError> {
    let builder = DFParserBuilder::new(tokens);
    match dialect {
        Dialect::Spark => builder.with_dialect(&dialect::Spark).build(),
        Dialect::DataFusion => builder.build(),
    }
}

/// Parses declarations of sources, which are DataFusion's in any dialect: a backslash in a text is a backslash.
///
/// # Errors
/// See [`parse`].
pub fn parse_declarations(file: &str, text: &str) -> Result<Vec<Statement>, DefinitionError> {
    statements(file, text, DFParserBuilder::new(text).with_dialect(&SparkSqlDialect).build())
}

fn statements(
    file: &str,
    text: &str,
    parser: Result<DFParser<'_>, DataFusionError>,
) -> Result<Vec<Statement>, DefinitionError> {
    chains::check(file, text)?;
    let parsed = parser.and_then(|mut parser| parser.parse_statements());
    parsed.map(Vec::from).map_err(|error| {
        let explained = habits::meant(text, explain(file, &error));
        if let Some(clause) = words::Clause::lacking(&explained.message) {
            return match lacking::place(text, clause) {
                Some((line, column)) => explained.at(line, column),
                None => explained,
            };
        }
        // The parser gives no position for what is missing at the end.
        if explained.place.at.is_none() && explained.message.ends_with("found: EOF") {
            let lines = || text.trim_end().lines();
            let column = lines().last().map_or(0, |line| line.chars().count()) + 1;
            let place = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            explained.at(place(lines().count().max(1)), place(column))
        } else {
            explained
        }
    })
}

/// Parses a file that holds one SELECT.
///
/// # Errors
/// A syntax error, no statement, a second statement, or a statement that is not a query; a table as of a moment, since what
/// follows from such a SELECT follows from the sources as they are.
pub fn parse_select(
    dialect: Dialect,
    file: &str,
    text: &str,
) -> Result<Statement, DefinitionError> {
    let mut statements = parse(dialect, file, text)?.into_iter();
    let Some(first) = statements.next() else {
        return Err(DefinitionError::in_file(file, "there is no statement in the file")
            .help("a model is one SELECT"));
    };
    if let Some(second) = statements.next() {
        return Err(at_statement(file, &second, "a second statement in one file")
            .help("a model is one SELECT; give each its own file"));
    }
    if let Some((line, column)) = place_of(&first, None) {
        return Err(DefinitionError::in_file(file, "AS OF has no place in a job's files")
            .at(line, column)
            .help("what a job writes follows from its sources as they are; ask for the past with `runner sql`"));
    }
    match &first {
        Statement::Statement(inner) if matches!(**inner, ast::Statement::Query(_)) => Ok(first),
        other => Err(at_statement(file, other, "not a SELECT").help("a model is one SELECT")),
    }
}

/// Rewrites and plans one statement against the tables of `state`.
///
/// # Errors
/// Unknown tables, columns and functions, wrong types, what the engine does not support: with place and suggestion.
pub async fn plan(
    state: &SessionState,
    file: &str,
    statement: Statement,
) -> Result<LogicalPlan, DefinitionError> {
    // On the heap, since it is kept while the engine plans.
    let written = Box::new(statement.clone());
    seek::refuse_windows(file, &written)?;
    limits::check(file, &written)?;
    parameters::check(file, &written)?;
    let error = match Box::pin(attempt(state, file, statement)).await {
        Ok(plan) => return Ok(plan),
        Err(Failed::Rewritten(error)) => return Err(*error),
        Err(Failed::Planned(error)) => explain::explain_in(file, &written, state, &error),
    };
    let error = at_second(error, &written);
    if error.place.at.is_some() {
        return Err(error);
    }
    let place = Box::pin(blame::place(state, file, &written, &error.message)).await;
    // Without the definition of a structure there is no such error either.
    let is_there = |place: &(u64, u64)| match words::field(&error.message) {
        Some(field) => seek::is_at(&written, *place, field),
        None => true,
    };
    Err(match place.filter(is_there) {
        Some((line, column)) => error.at(line, column),
        None => error,
    })
}

/// An error that a statement has two columns of one name, at the second of them. Other errors stay as they are.
#[must_use]
pub fn at_second(error: DefinitionError, statement: &Statement) -> DefinitionError {
    let name = name_of_two(&error).filter(|_| error.place.at.is_none());
    match name.and_then(|name| seek::second(statement, name)) {
        Some((line, column)) => error.at(line, column),
        None => error,
    }
}

/// The name, of an error that a statement has two columns of one.
#[must_use]
pub fn name_of_two(error: &DefinitionError) -> Option<&str> {
    error.message.strip_prefix("two columns are named `")?.strip_suffix('`')
}

/// Why there is no plan.
enum Failed {
    /// What is refused before anything is planned, with its place.
    Rewritten(Box<DefinitionError>),
    /// What the engine says.
    Planned(DataFusionError),
}

impl Failed {
    fn explained(self, file: &str) -> DefinitionError {
        match self {
            Self::Rewritten(error) => *error,
            Self::Planned(error) => explain(file, &error),
        }
    }
}

async fn attempt(
    state: &SessionState,
    file: &str,
    mut statement: Statement,
) -> Result<LogicalPlan, Failed> {
    let plan = match Dialect::of(state) {
        Dialect::Spark => {
            let rewritten = spark::rewrite(file, &mut statement);
            rewritten.map_err(|error| Failed::Rewritten(Box::new(error)))?;
            planned(state, statement).await.and_then(spark_types::apply)
        }
        Dialect::DataFusion => state.statement_to_plan(statement).await,
    };
    let plan = plan.and_then(unnest::forget_keys).and_then(|plan| coerced(state, plan));
    plan.map_err(Failed::Planned)
}

/// A plan whose types go together: else that would be found when it runs, where nobody knows the statement.
fn coerced(state: &SessionState, plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
    let analyzed =
        state.analyzer().execute_and_check(plan.clone(), state.config_options(), |_, _| {});
    analyzed.map(|_| plan)
}

/// Plans a statement whose names may be found only as Spark finds them.
async fn planned(
    state: &SessionState,
    mut statement: Statement,
) -> Result<LogicalPlan, DataFusionError> {
    for _ in 0..spark::NAMES_MAX {
        match state.statement_to_plan(statement.clone()).await {
            Err(error) if spark::correct(&mut statement, &error) => {}
            done => return done,
        }
    }
    state.statement_to_plan(statement).await
}

/// The names of the tables that a statement reads, as written.
///
/// # Errors
/// Those of resolving names.
pub fn tables_of(
    state: &SessionState,
    file: &str,
    statement: &Statement,
) -> Result<Vec<String>, DefinitionError> {
    let references =
        state.resolve_table_references(statement).map_err(|error| explain(file, &error))?;
    Ok(references.iter().map(|reference| reference.table().to_owned()).collect())
}

/// An error at the beginning of a statement.
#[must_use]
pub fn at_statement(file: &str, statement: &Statement, message: &str) -> DefinitionError {
    let error = DefinitionError::in_file(file, message);
    let span = match statement {
        Statement::Statement(inner) => inner.span(),
        _ => return error,
    };
    if span.start.line == 0 { error } else { error.at(span.start.line, span.start.column) }
}

#[cfg(test)]
mod tests;
