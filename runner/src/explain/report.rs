//! What is told of a row. Its values stand here and nowhere else.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Inquiry;
use super::made::{Made, MadeOf, MadeOfRow};
use super::rows::{Kept, ShownRow};
use super::verdict::{State, Verdict, pending};
use crate::error::Result;
use crate::history::bad_rows::BadRow;
use crate::history::push_bad_rows;
use crate::lines::push_line;
use crate::units::counted;

/// Pending objects that are named to people.
const PENDING_SHOWN_MAX: usize = 10;

/// Why a row is as it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Explanation {
    schema_version: u32,
    job: String,
    model: String,
    table: String,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// Rows of the model that have the key, and the first of them.
    model_count: usize,
    #[serde(serialize_with = "rows_as_objects")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    model_rows: Vec<ShownRow>,
    /// The same of the table; none if it was not read.
    table_count: Option<usize>,
    #[serde(serialize_with = "rows_as_objects")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    table_rows: Vec<ShownRow>,
    /// Columns in which the one row of the table and of the model differ.
    differences: Vec<String>,
    /// What the row is made of; or, if the model does not give it, each way in which it is left out. Empty if none was found.
    made_of: Vec<MadeReport>,
    /// Whether all that leaves rows out was looked through; not if that took too long.
    #[serde(skip)]
    is_searched: bool,
    /// Objects that no run has applied yet.
    pending: Vec<PendingObject>,
    /// Bad rows of the sources that were set aside and that the row is, or may be, made of; left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) set_aside: Vec<BadRow>,
    notes: Vec<String>,
}

/// What a row is made of, or would be.
#[derive(Debug, Serialize, JsonSchema)]
struct MadeReport {
    /// What leaves it out; none if the model gives the row, or if it is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out_by: Vec<String>,
    sources: Vec<SourceRows>,
}

/// The rows of one read of a source.
#[derive(Debug, Serialize, JsonSchema)]
struct SourceRows {
    source: String,
    /// What the model calls it, if that is another name.
    #[serde(skip_serializing_if = "String::is_empty")]
    alias: String,
    /// How many there are in all.
    count: u64,
    /// The first of them.
    rows: Vec<SourceRow>,
}

/// A staged row.
#[derive(Debug, Serialize, JsonSchema)]
struct SourceRow {
    object: String,
    /// Where it begins in the object: its line, of Parquet its row.
    line: Option<i64>,
    /// I, U or D, or `load` in a full load.
    op: String,
    /// Whether no run has applied its object yet.
    pending: bool,
    #[serde(serialize_with = "row_as_object")]
    #[schemars(with = "Map<String, Value>")]
    values: ShownRow,
}

/// An object that no run has applied yet.
#[derive(Debug, Serialize, JsonSchema)]
struct PendingObject {
    source: String,
    object: String,
}

fn object(row: &ShownRow) -> Map<String, Value> {
    row.iter().cloned().collect()
}

fn row_as_object<S: serde::Serializer>(
    row: &ShownRow,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    object(row).serialize(to)
}

fn rows_as_objects<S: serde::Serializer>(
    rows: &[ShownRow],
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    to.collect_seq(rows.iter().map(object))
}

pub(super) fn of(
    inquiry: &Inquiry<'_>,
    Verdict { state, because }: Verdict,
    (model, table): (&Kept, Option<&Kept>),
    made: Option<Vec<Made>>,
    notes: Vec<String>,
) -> Result<Explanation> {
    let (job, output) = (inquiry.job, inquiry.output);
    let model_rows = model.shown()?;
    let table_rows = table.map(Kept::shown).transpose()?.unwrap_or_default();
    let differences = match (state, model_rows.as_slice(), table_rows.as_slice()) {
        (State::Differs, [model], [table]) => differing(model, table),
        _ => Vec::new(),
    };
    let named = |(source, object): (&str, &str)| PendingObject {
        source: source.to_owned(),
        object: object.to_owned(),
    };
    Ok(Explanation {
        schema_version: crate::report::SCHEMA_VERSION,
        job: job.name.to_string(),
        model: output.model.clone(),
        table: output.table.to_string(),
        state,
        because,
        model_count: model.count,
        model_rows,
        table_count: (state != State::TableNotRead).then(|| table.map_or(0, |table| table.count)),
        table_rows,
        differences,
        is_searched: made.is_some(),
        made_of: made.into_iter().flatten().map(made_report).collect(),
        pending: pending(inquiry).map(named).collect(),
        set_aside: Vec::new(),
        notes,
    })
}

/// The columns of the model whose values the table does not have.
fn differing(model: &ShownRow, table: &ShownRow) -> Vec<String> {
    let there = |name: &str| table.iter().find(|(other, _)| other == name).map(|(_, value)| value);
    let differs = model.iter().filter(|(name, value)| there(name) != Some(value));
    differs.map(|(name, _)| name.clone()).collect()
}

fn made_report(Made { left_out_by, scans }: Made) -> MadeReport {
    let row = |row: MadeOfRow| SourceRow {
        object: row.object,
        line: row.line,
        op: row.op.unwrap_or_else(|| "load".to_owned()),
        pending: row.is_pending,
        values: row.values,
    };
    let source = |MadeOf { source, alias, count, rows }| SourceRows {
        source,
        alias,
        count,
        rows: rows.into_iter().map(row).collect(),
    };
    MadeReport { left_out_by, sources: scans.into_iter().map(source).collect() }
}

impl Explanation {
    /// For people.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{} -> table {}: {}\n", self.model, self.table, self.state.text());
        if let Some(because) = &self.because {
            push_line(&mut out, format_args!("  {because}"));
        }
        self.push_row(&mut out);
        let is_absent = self.model_count == 0;
        for made in &self.made_of {
            match made.left_out_by.as_slice() {
                [] if is_absent => out.push_str("\nwhy the model does not give it is not known\n"),
                [] => {}
                reasons => {
                    out.push_str("\nthe model does not give it:\n");
                    for reason in reasons {
                        push_line(&mut out, format_args!("  {reason}"));
                    }
                }
            }
            made.sources.iter().for_each(|source| source.push(&mut out));
        }
        if is_absent && self.made_of.is_empty() {
            out.push_str(match self.is_searched {
                true => "\nno source row was found that would give such a row, or gave it until it was deleted\n",
                false => "\nwhy the model does not give it is not known\n",
            });
        }
        if !self.pending.is_empty() {
            out.push_str("\npending\n");
            for PendingObject { source, object } in self.pending.iter().take(PENDING_SHOWN_MAX) {
                push_line(&mut out, format_args!("  {source} {object}"));
            }
            push_more(&mut out, self.pending.len().saturating_sub(PENDING_SHOWN_MAX));
        }
        if !self.set_aside.is_empty() {
            out.push('\n');
            push_bad_rows(&mut out, &self.set_aside, true);
        }
        for note in &self.notes {
            push_line(&mut out, format_args!("\nnote: {note}"));
        }
        out
    }

    /// One row as its columns below each other, more of them as lines.
    fn push_row(&self, out: &mut String) {
        if let ([_] | [], [_] | []) = (self.model_rows.as_slice(), self.table_rows.as_slice()) {
            let (model, table) = (self.model_rows.first(), self.table_rows.first());
            let Some(row) = model.or(table) else { return };
            let value = |row: Option<&ShownRow>, name: &str| {
                let value = row.and_then(|row| row.iter().find(|(other, _)| other == name));
                value.map_or_else(|| "-".to_owned(), |(_, value)| plain(value))
            };
            let mut lines = vec![[String::new(), "table".to_owned(), "model now".to_owned()]];
            lines.extend(row.iter().map(|(name, _)| {
                let mark = if self.differences.contains(name) { "* " } else { "" };
                [format!("{mark}{name}"), value(table, name), value(model, name)]
            }));
            let width = |at: usize| {
                lines.iter().filter_map(|line| Some(line.get(at)?.chars().count())).max()
            };
            let (first, second) = (width(0).unwrap_or(0), width(1).unwrap_or(0));
            out.push('\n');
            for [name, table, model] in &lines {
                push_line(out, format_args!("  {name:<first$}  {table:<second$}  {model}"));
            }
            return;
        }
        for (of, count, rows) in [
            ("the table", self.table_count.unwrap_or(0), &self.table_rows),
            ("the model", self.model_count, &self.model_rows),
        ] {
            push_line(out, format_args!("\n{} of {of}", counted(count as u64, "row")));
            for row in rows {
                push_line(out, format_args!("  {}", listed(row)));
            }
            push_more(out, count.saturating_sub(rows.len()));
        }
    }
}

impl SourceRows {
    fn push(&self, out: &mut String) {
        let Self { source, alias, count, rows } = self;
        let called = if alias.is_empty() { String::new() } else { format!(" as {alias}") };
        push_line(out, format_args!("\n{} of {source}{called}", counted(*count, "row")));
        for row in rows {
            let SourceRow { object, line, op, pending, values } = row;
            let line = line.map_or_else(String::new, |line| format!(":{line}"));
            let pending = if *pending { "  pending" } else { "" };
            push_line(out, format_args!("  {object}{line}  {op}{pending}"));
            push_line(out, format_args!("    {}", listed(values)));
        }
        let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        push_more(out, usize::try_from(count.saturating_sub(shown)).unwrap_or(usize::MAX));
    }
}

fn push_more(out: &mut String, more: usize) {
    if more > 0 {
        push_line(out, format_args!("  … and {more} more"));
    }
}

fn listed(row: &ShownRow) -> String {
    let parts = row.iter().map(|(name, value)| format!("{name}={}", plain(value)));
    parts.collect::<Vec<_>>().join(" ")
}

/// A value on one line, without what a terminal obeys.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => return "NULL".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars()
        .flat_map(|c| match c.is_control() {
            true => c.escape_default().collect::<Vec<_>>(),
            false => vec![c],
        })
        .collect()
}
