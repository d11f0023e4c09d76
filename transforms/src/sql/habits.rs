//! What people write who know another database or dbt, and what is written here. Pure: a text, and an error of parsing it.

use super::sample::NOT_SUPPORTED;
use crate::place::DefinitionError;

const JINJA: &str =
    "write FROM t for {{ ref('t') }}; settings are in job.toml, and variables are ${NAME}";

/// The same error with what is meant in place of what was written, if that is known.
pub(super) fn meant(text: &str, error: DefinitionError) -> DefinitionError {
    let Some((before, from)) = error.place.at.and_then(|at| split(text, at)) else { return error };
    let first = words(from);
    let begins = |words: &[&str]| {
        words.iter().zip(&first).filter(|(a, b)| a.eq_ignore_ascii_case(b)).count() == words.len()
    };
    let before = before.trim_end();
    let (message, help) = if ["{{", "{%", "{#"].iter().any(|open| from.starts_with(open)) {
        ("there is no Jinja here".to_owned(), JINJA)
    } else if before.ends_with('*') && begins(&["EXCLUDE"]) {
        ("`* EXCLUDE` is not there".to_owned(), "write * EXCEPT (column, …)")
    } else if before.ends_with('*') && from.starts_with('*') {
        ("there is no operator `**`".to_owned(), "write pow(a, b)")
    } else if begins(&["USING", "SAMPLE"]) {
        (format!("USING SAMPLE {NOT_SUPPORTED}"), super::sample::HELP)
    } else if error.message.starts_with("expected: fileformat, found: ") {
        (
            "what DMS staged is declared with CREATE EXTERNAL TABLE".to_owned(),
            "write CREATE EXTERNAL TABLE name (…) STORED AS DMS LOCATION '…'",
        )
    } else {
        return error;
    };
    DefinitionError { message, ..error }.help(help)
}

/// A text before a line and column, and from there on.
fn split(text: &str, (line, column): (u64, u64)) -> Option<(&str, &str)> {
    let index = |counted: u64| usize::try_from(counted).ok()?.checked_sub(1);
    let lines = text.split_inclusive('\n').take(index(line)?).map(str::len).sum::<usize>();
    let rest = text.get(lines..)?;
    let (in_line, _) = rest.char_indices().nth(index(column)?)?;
    text.split_at_checked(lines + in_line)
}

/// The first words of a text.
fn words(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).take(2).collect()
}
