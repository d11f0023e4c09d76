//! What a run did: the report, as text and as JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::lines::push_line;
use crate::quality::{self, RuleReport};
use crate::resets::ColumnReset;
use crate::target::ledger::EntryKind;
use crate::units::{counted, counted_were};

/// The version of the JSON report's layout.
pub const SCHEMA_VERSION: u32 = 1;

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was written.
    Applied,
    /// Nothing was pending.
    NothingToDo,
}

impl Outcome {
    /// The word in the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::NothingToDo => "nothing_to_do",
        }
    }
}

/// What a run did.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this layout.
    pub schema_version: u32,
    /// The job.
    pub job: String,
    /// The run, a UUID that sorts by time; the ledger's rows carry it.
    pub run_id: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The applied objects in the order of application.
    pub objects: Vec<ObjectReport>,
    /// Columns that sources got beyond their declaration, since their objects have them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns_added: BTreeMap<String, Vec<String>>,
    /// The models whose tables were written, in order.
    pub models: Vec<ModelReport>,
    /// What came of the rules of these models, in the order of the rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quality: Vec<RuleReport>,
    /// Of the rules, the share that holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_score: Option<f64>,
    /// Rows in the applied objects.
    pub rows_read: u64,
    /// The target without its password.
    pub target: String,
    /// Milliseconds from start to commit.
    pub elapsed_ms: u64,
}

/// An applied object.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ObjectReport {
    /// The source it belongs to.
    pub source: String,
    /// Its key relative to the source's folder.
    pub key: String,
    /// `load`, `change`, `superseded` or `gone`.
    pub kind: &'static str,
    /// Whether it came behind applied objects that sort after it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Rows in it.
    pub rows: u64,
    /// Rows that were set aside.
    pub rejected: u64,
    /// Its size as staged.
    pub bytes: u64,
    /// The file that holds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejects: Option<String>,
    /// When the newest change in it was committed at the source, as far as its rows or its name tell.
    #[serde(skip)]
    pub committed: Option<DateTime<Utc>>,
}

/// A written table.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ModelReport {
    /// The model.
    pub model: String,
    /// Its table.
    pub table: String,
    /// How the rows were found: `row-wise`, `append`, `replay`, `replace` or `full load`.
    pub way: &'static str,
    /// Rows inserted or updated.
    pub upserted: u64,
    /// Rows deleted. A full load and a replacement count none: see `replaced`.
    pub deleted: u64,
    /// Of a full load and a replacement, the rows that were in the table before: all went, also those that came again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced: Option<u64>,
    /// Applied objects that were read again since an object came late.
    #[serde(skip_serializing_if = "is_zero")]
    pub read_again: usize,
    /// Columns that the table got.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns_added: Vec<String>,
    /// Columns that the model lacks and that were set to their default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns_reset: Vec<ColumnReset>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl ModelReport {
    fn push_to(&self, out: &mut String) {
        let gone = match self.replaced {
            None => format!(", {} deleted", self.deleted),
            Some(0) => String::new(),
            Some(before) => format!(" in place of {before}"),
        };
        push_line(
            out,
            format_args!(
                "  wrote  {} ({}): {} upserted{gone}",
                self.table,
                self.way,
                counted(self.upserted, "row")
            ),
        );
        for reset in &self.columns_reset {
            push_line(out, format_args!("         set to its default: {reset}"));
        }
        if self.read_again > 0 {
            let again = counted(self.read_again as u64, "applied object");
            push_line(out, format_args!("         read again after a late one: {again}"));
        }
    }
}

impl Report {
    /// The report for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let seconds = f64::from(u32::try_from(self.elapsed_ms).unwrap_or(u32::MAX)) / 1000.0;
        if self.outcome == Outcome::NothingToDo {
            push_line(
                &mut out,
                format_args!("{}: nothing is pending, {} is up to date", self.job, self.target),
            );
            return out;
        }
        push_line(&mut out, format_args!("{} -> {}", self.job, self.target));
        for object in &self.objects {
            let ObjectReport { source, key, kind, late, rows, rejected, rejects, .. } = object;
            if *kind == EntryKind::Gone.as_str() {
                push_line(
                    &mut out,
                    format_args!("  gone   {source}/{key}: what it brought is kept"),
                );
                continue;
            }
            let late = if *late { ", late" } else { "" };
            // As plans and logs for people call it.
            let kind = if *kind == EntryKind::Load.as_str() { "full load" } else { kind };
            push_line(
                &mut out,
                format_args!("  read   {source}/{key} ({kind}{late}): {}", counted(*rows, "row")),
            );
            if let Some(file) = rejects {
                let were = counted_were(*rejected, "bad row");
                push_line(&mut out, format_args!("         {were} set aside: {file}"));
            }
        }
        for (source, columns) in &self.columns_added {
            let columns = columns.join(", ");
            push_line(&mut out, format_args!("  added  to source {source}: {columns}"));
        }
        for model in self.models.iter().filter(|model| !model.columns_added.is_empty()) {
            let columns = model.columns_added.join(", ");
            push_line(&mut out, format_args!("  added  to table {}: {columns}", model.table));
        }
        for model in &self.models {
            model.push_to(&mut out);
        }
        quality::push_lines(&mut out, "  rules  ", &self.quality);
        push_line(
            &mut out,
            format_args!(
                "{}, {} read, {seconds:.2} s, run {}",
                counted(self.objects.len() as u64, "object"),
                counted(self.rows_read, "row"),
                self.run_id
            ),
        );
        out
    }
}
