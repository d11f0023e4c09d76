//! Errors of parsing and planning, as ones with a place and a suggestion.

use datafusion::common::diagnostic::Diagnostic;
use datafusion::common::utils::datafusion_strsim::normalized_levenshtein;
use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;

use crate::place::DefinitionError;

/// Turns an error of parsing or planning into one with a place.
#[must_use]
pub fn explain(file: &str, error: &DataFusionError) -> DefinitionError {
    if let DataFusionError::Collection(errors) = error
        && let Some(first) = errors.first()
    {
        return explain(file, first);
    }
    let root = error.find_root();
    let text = root.strip_backtrace();
    // A function of ours that stands for Spark's bears its name.
    let text = text.replace("unglue_", "");
    let (message, parsed_at) = split_position(plain(&text));
    let (message, said) = reworded(root, &message);
    let mut explained = DefinitionError::in_file(file, message);
    let diagnostic = error.diagnostic();
    if let Some(span) = diagnostic.and_then(|d| d.span) {
        explained = explained.at(span.start.line, span.start.column);
    } else if let Some((line, column)) = parsed_at {
        explained = explained.at(line, column);
    }
    match suggestion(root, diagnostic).or(said) {
        Some(help) => explained.help(help),
        None => explained,
    }
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
    let text = text
        .strip_prefix("ParserError(\"")
        .or_else(|| text.strip_prefix("TokenizerError(\""))
        .map_or(text, |inner| inner.strip_suffix("\")").unwrap_or(inner));
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

/// A message in one line, and what it says about what to do.
fn reworded(root: &DataFusionError, message: &str) -> (String, Option<String>) {
    if let DataFusionError::SchemaError(schema, _) = root {
        match schema.as_ref() {
            SchemaError::FieldNotFound { field, .. } => {
                return (format!("there is no column `{}`", field.flat_name()), None);
            }
            SchemaError::DuplicateQualifiedField { name, .. }
            | SchemaError::DuplicateUnqualifiedField { name } => {
                return (format!("two columns are named `{name}`"), None);
            }
            SchemaError::AmbiguousReference { field } => {
                let help = "write its table before it, or give one of them another name with AS";
                let message = format!("more than one column is named `{}`", field.name());
                return (message, Some(help.to_owned()));
            }
        }
    }
    // The planner calls a call with wrong arguments a bug of its own.
    if let Some((_, rest)) =
        message.split_once("No function matches the given name and argument types '")
        && let Some((call, rest)) = rest.split_once('\'')
    {
        let known: Vec<&str> = rest
            .lines()
            .skip_while(|line| !line.contains("Candidate"))
            .skip(1)
            .map(str::trim)
            .filter(|known| !known.ends_with("(UserDefined)"))
            .collect();
        let help = (!known.is_empty()).then(|| format!("there is {}", known.join(", ")));
        return (format!("no function takes {call}"), help);
    }
    if let Some((head, near)) = message.split_once(".\nDid you mean '") {
        let name = head.split('\'').nth(1).unwrap_or_default();
        let near = nearest(name, [near.trim_end_matches("'?")]);
        return (head.to_owned(), near.map(|near| format!("did you mean `{near}`?")));
    }
    if let Some(tree) = message.strip_prefix("unsupported ast node ") {
        let kind = tree.split(' ').next().unwrap_or_default();
        return (format!("not supported: {kind}"), None);
    }
    let line = message.lines().next().unwrap_or_default().trim_end_matches('.');
    if matches!(root, DataFusionError::NotImplemented(_)) && !line.contains("support") {
        return (format!("not supported: {line}"), None);
    }
    (line.to_owned(), None)
}

fn suggestion(root: &DataFusionError, diagnostic: Option<&Diagnostic>) -> Option<String> {
    if let DataFusionError::SchemaError(schema, _) = root
        && let SchemaError::FieldNotFound { field, valid_fields } = schema.as_ref()
    {
        // Another table's column of that name, as the table is called here.
        if let Some(there) = valid_fields.iter().find(|valid| valid.name() == field.name()) {
            return Some(format!("did you mean `{}`?", there.flat_name()));
        }
        let mut names: Vec<&str> = valid_fields.iter().map(Column::name).collect();
        names.dedup();
        return nearest(field.name(), names.iter().copied())
            .map(|name| format!("did you mean `{name}`?"))
            .or_else(|| {
                (!names.is_empty()).then(|| format!("there are the columns {}", names.join(", ")))
            });
    }
    let diagnostic = diagnostic?;
    // Notes tell more of what is wrong, not what to do.
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
