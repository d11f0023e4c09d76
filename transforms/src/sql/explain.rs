//! Errors of parsing and planning, as ones with a place and a suggestion.

use datafusion::common::diagnostic::Diagnostic;
use datafusion::common::utils::datafusion_strsim::normalized_levenshtein;
use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::sql::parser::Statement;

use super::seek::Subject;
use super::words::Worded;
use super::{arity, seek, words};
use crate::place::DefinitionError;

/// Turns an error of parsing or planning into one with a place, if the engine knows it.
#[must_use]
pub fn explain(file: &str, error: &DataFusionError) -> DefinitionError {
    worded(file, error).0
}

/// Turns an error of planning a statement into one with a place, which is that of what the message names.
pub(super) fn explain_in(
    file: &str,
    statement: &Statement,
    state: &SessionState,
    error: &DataFusionError,
) -> DefinitionError {
    let (explained, subjects) = worded(file, error);
    if let Some(wrong) = arity::wrong(file, statement, state) {
        return wrong;
    }
    let Some((subject, (line, column))) = subjects
        .iter()
        .find_map(|subject| Some((subject, seek::place(statement, subject)?)))
        .filter(|_| explained.place.at.is_none())
    else {
        return explained;
    };
    match subject {
        Subject::Type(_) => explained.at(line, column).help(TYPES),
        _ => explained.at(line, column),
    }
}

const TYPES: &str = "there are BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DECIMAL(p, s), STRING, BINARY, DATE, TIMESTAMP, ARRAY<…>, MAP<…>, STRUCT<…>";

/// An error in our words, and what of the statement it is about.
fn worded(file: &str, error: &DataFusionError) -> (DefinitionError, Vec<Subject>) {
    if let DataFusionError::Collection(errors) = error
        && let Some(first) = errors.first()
    {
        return worded(file, first);
    }
    let root = error.find_root();
    let text = root.strip_backtrace();
    // A function of ours that stands for Spark's bears its name.
    let text = text.replace("unglue_", "");
    let (message, parsed_at) = split_position(plain(&text));
    let Worded { message, help: said, about } = words::of(root, &message);
    let mut explained = DefinitionError::in_file(file, message);
    let diagnostic = error.diagnostic();
    if let Some(span) = diagnostic.and_then(|d| d.span) {
        explained = explained.at(span.start.line, span.start.column);
    } else if let Some((line, column)) = parsed_at {
        explained = explained.at(line, column);
    }
    let explained = match said.or_else(|| suggestion(root, diagnostic)) {
        Some(help) => explained.help(help),
        None => explained,
    };
    (explained, about)
}

/// Without DataFusion's prefixes, which name its own modules.
fn plain(text: &str) -> &str {
    let prefixes = [
        "SQL error: ",
        "Error during planning: ",
        "Schema error: ",
        "This feature is not implemented: ",
        "Invalid or Unsupported Configuration: ",
        "Execution error: ",
    ];
    let mut rest = text;
    while let Some(stripped) = prefixes.iter().find_map(|prefix| rest.strip_prefix(prefix)) {
        rest = stripped;
    }
    rest
}

/// The SQL parser prints ` at Line: 3, Column: 8` at the end of its messages, inside `ParserError("…")`.
fn split_position(text: &str) -> (String, Option<(u64, u64)>) {
    let inner = text
        .strip_prefix("ParserError(\"")
        .or_else(|| text.strip_prefix("TokenizerError(\""))
        .map(|inner| inner.strip_suffix("\")").unwrap_or(inner));
    // As a program would write it.
    let unescaped = inner.map(|inner| inner.replace("\\\"", "\"").replace(r"\\", r"\"));
    let text = unescaped.as_deref().unwrap_or(text);
    let Some((message, position)) = text.rsplit_once(" at Line: ") else {
        return (first_lower(text), None);
    };
    let position = position.split_once(", Column: ").and_then(|(line, column)| {
        let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
        Some((line.parse().ok()?, digits.parse().ok()?))
    });
    (first_lower(message), position)
}

fn first_lower(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    match chars.next() {
        // An abbreviation such as SQL or UNION keeps its capitals.
        Some(first) if !chars.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

fn suggestion(root: &DataFusionError, diagnostic: Option<&Diagnostic>) -> Option<String> {
    if let DataFusionError::SchemaError(schema, _) = root
        && let SchemaError::FieldNotFound { field, valid_fields } = schema.as_ref()
    {
        // Another table's column of that name, as the table is called here.
        if let Some(there) = valid_fields.iter().find(|valid| valid.name() == field.name()) {
            return Some(format!("did you mean `{}`?", there.flat_name()));
        }
        // Behind a table's name only that table's columns can be meant, unless another table has the one that is.
        if let Some(table) = &field.relation {
            let is_of_it = |valid: &&Column| {
                valid.relation.as_ref().is_some_and(|of| of.table() == table.table())
            };
            let own = || valid_fields.iter().filter(is_of_it);
            if own().next().is_some() {
                let near = nearest(field.name(), own().map(Column::name));
                let others = || valid_fields.iter().filter(|valid| !is_of_it(valid));
                let elsewhere = || {
                    let near = nearest(field.name(), others().map(Column::name))?;
                    let there = others().find(|valid| valid.name() == near)?;
                    Some(there.flat_name())
                };
                return Some(match near.map(str::to_owned).or_else(elsewhere) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        let own: Vec<&str> = own().map(Column::name).collect();
                        format!("`{table}` has the columns {}", own.join(", "))
                    }
                });
            }
        }
        let mut names: Vec<&str> = Vec::new();
        for name in valid_fields.iter().map(Column::name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            return Some("without FROM there are no columns".to_owned());
        }
        return nearest(field.name(), names.iter().copied())
            .map(|name| format!("did you mean `{name}`?"))
            .or_else(|| Some(format!("there are the columns {}", names.join(", "))));
    }
    let diagnostic = diagnostic?;
    // Notes of the engine tell more of what is wrong, not what to do.
    let said: Vec<&str> = diagnostic.helps.iter().map(|help| help.message.as_str()).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// The candidate that is most like `name`, if any is like it at all. What was typed is no help, so it is none.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE_MIN: f64 = 0.5;
    let typed = name;
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| *candidate != typed)
        .map(|candidate| (normalized_levenshtein(&name, &candidate.to_lowercase()), candidate))
        .filter(|(alike, _)| *alike >= ALIKE_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
