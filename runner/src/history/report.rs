//! A history, as text and as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::bad_rows::BadRow;
use super::version::{Difference, Values, Version};
use crate::lines::push_line;
use crate::units::counted;

/// So many bad rows are told whose key cannot be read.
const BAD_ROWS_MAX: usize = 3;
/// Characters of a value that people are shown.
const VALUE_CHARS_MAX: usize = 200;

/// The history of a key.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct History {
    /// The version of this format.
    pub(crate) schema_version: u32,
    /// The job.
    pub(crate) job: String,
    /// The source whose key it is.
    pub(crate) source: String,
    /// The model whose row it was asked by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// Where the objects are.
    pub(crate) location: String,
    /// The generation that they are of.
    pub(crate) generation: u32,
    /// How many there are.
    pub(crate) objects: usize,
    /// Those that have changes of the key.
    pub(crate) objects_with_changes: usize,
    /// The key.
    pub(crate) key: Values,
    /// Whether the target could be asked what is applied.
    pub(crate) applied_is_known: bool,
    /// Whether the source has such a row now.
    pub(crate) is_there: bool,
    /// Older changes that are not told.
    pub(crate) left_out: usize,
    /// The changes in the order of application.
    pub(crate) changes: Vec<Version>,
    /// Bad rows that were set aside and are, or may be, of the key; left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) set_aside: Vec<BadRow>,
}

impl History {
    /// For people.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let Self { source, location, generation, .. } = self;
        let objects = counted(self.objects as u64, "object");
        let key = values(&self.key);
        if let Some(model) = &self.model {
            push_line(
                &mut out,
                format_args!("model `{model}`: its row is made of source `{source}`, {key}"),
            );
        }
        push_line(
            &mut out,
            format_args!(
                "source `{source}`, {key}, in {location} (generation {generation}, {objects})"
            ),
        );
        if self.left_out > 0 {
            let older = counted(self.left_out as u64, "older change");
            push_line(&mut out, format_args!("left out (--limit): {older}"));
        }
        for version in &self.changes {
            push_version(&mut out, version, self.applied_is_known);
        }
        push_bad_rows(&mut out, &self.set_aside, false);
        let has_bad = self.set_aside.iter().any(|row| row.of_key);
        let now = match (self.changes.last(), self.is_there) {
            (None, _) if has_bad => "no object has a good row of this key",
            (None, _) if !self.set_aside.is_empty() => {
                "no object has a row of this key, unless one of the bad ones is of it"
            }
            (None, _) => "no object has a row of this key",
            (Some(_), true) => "now: as after the last change",
            (Some(_), false) => "now: there is no such row",
        };
        push_line(&mut out, format_args!("{now}"));
        out
    }
}

/// All that are of the key, and the first of those that may be; with the sources that they are of if these may be several.
pub(crate) fn push_bad_rows(out: &mut String, rows: &[BadRow], names_source: bool) {
    let bad_row = |row: &BadRow| {
        let BadRow { source, object, line, reason, pending, .. } = row;
        let source = if names_source { format!("{source} ") } else { String::new() };
        let pending = if *pending { ", pending" } else { "" };
        format!("{source}{object}:{line}{pending}: {reason}")
    };
    for row in rows.iter().filter(|row| row.of_key) {
        push_line(out, format_args!("set aside as bad: {}", bad_row(row)));
    }
    let unknown = || rows.iter().filter(|row| !row.of_key);
    for row in unknown().take(BAD_ROWS_MAX) {
        push_line(out, format_args!("set aside as bad, and may be of it: {}", bad_row(row)));
    }
    let more = unknown().count().saturating_sub(BAD_ROWS_MAX);
    if more > 0 {
        let more = counted(more as u64, "bad row");
        push_line(out, format_args!("{more} more may be of it; --output json names all"));
    }
}

fn push_version(out: &mut String, version: &Version, applied_is_known: bool) {
    let Version { object, line, .. } = version;
    let what = match version.op.as_str() {
        "L" => "loaded",
        "I" => "inserted",
        "U" => "updated",
        "D" => "deleted",
        _ => "moved to another key",
    };
    let when = version.commit_time.as_ref().map(|time| format!(", committed {}", utc(time)));
    let applied = match (&version.run_id, &version.applied_at) {
        (Some(run), Some(at)) => format!(", applied {} by run {run}", utc(at)),
        _ if applied_is_known => ", pending".to_owned(),
        _ => String::new(),
    };
    let when = when.unwrap_or_default();
    push_line(out, format_args!("{what} by {object}:{line}{when}{applied}"));
    if let Some(key) = &version.moved_to {
        push_line(out, format_args!("  now {}", values(key)));
    }
    if let Some(key) = &version.moved_from {
        push_line(out, format_args!("  before {}", values(key)));
    }
    let is_new = matches!(version.op.as_str(), "L" | "I");
    if version.differs.is_empty() && matches!(version.op.as_str(), "L" | "I" | "U") {
        push_line(out, format_args!("  nothing differs"));
    }
    for Difference { column, old, new } in &version.differs {
        let new = shown(new.as_deref());
        match (is_new, old) {
            (true, None) => push_line(out, format_args!("  {column}: {new}")),
            (_, old) => {
                push_line(out, format_args!("  {column}: {} -> {new}", shown(old.as_deref())));
            }
        }
    }
}

fn values(values: &Values) -> String {
    let parts =
        values.0.iter().map(|(name, value)| format!("{name} = {}", shown(value.as_deref())));
    parts.collect::<Vec<_>>().join(", ")
}

/// A time as it is told elsewhere. All that is known of changes and runs is in UTC.
fn utc(time: &str) -> String {
    let time = time.strip_suffix('Z').unwrap_or(time);
    format!("{} UTC", time.replacen('T', " ", 1))
}

/// A value on one line: an empty text and a NULL are two things.
fn shown(value: Option<&str>) -> String {
    let Some(value) = value else { return "NULL".to_owned() };
    let mut shown: String = value.chars().take(VALUE_CHARS_MAX).flat_map(shown_char).collect();
    if value.chars().nth(VALUE_CHARS_MAX).is_some() {
        shown.push('…');
    }
    format!("'{shown}'")
}

/// What would break the line, or the terminal, is written as an escape.
fn shown_char(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_on_their_line_and_are_told_apart() {
        for (value, expected) in [
            (None, "NULL"),
            (Some(""), "''"),
            (Some("NULL"), "'NULL'"),
            (Some("it's é"), "'it's é'"),
            (Some("a\nb\u{1b}[0m"), "'a\\nb\\u{1b}[0m'"),
        ] {
            assert_eq!(shown(value), expected);
        }
        assert_eq!(shown(Some(&"x".repeat(201))), format!("'{}…'", "x".repeat(200)));
        assert_eq!(shown(Some(&"x".repeat(200))), format!("'{}'", "x".repeat(200)));
    }
}
