//! What `runner init` wrote and inferred, as text and as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::draft::Draft;
use crate::doctor::finding::{Finding, Severity};
use crate::lines::push_line;
use crate::report::SCHEMA_VERSION;
use crate::scaffold::names::comment;
use crate::scaffold::next;

/// What was written, and from what.
#[derive(Debug, Clone, Serialize)]
pub struct InitReport {
    /// The version of the layout.
    pub schema_version: u32,
    /// The job.
    pub job: String,
    /// Its folder.
    pub folder: String,
    /// The files in it.
    pub files: Vec<String>,
    /// Its sources in the order of the request.
    pub sources: Vec<SourceReport>,
    /// What was read and concluded, and what to look at.
    pub findings: Vec<Finding>,
}

/// A source that was declared.
#[derive(Debug, Clone, Serialize)]
pub struct SourceReport {
    /// Its name.
    pub source: String,
    /// The model that selects all of it.
    pub model: String,
    /// `LOCATION` as written.
    pub location: String,
    /// Columns in their order.
    pub columns: Vec<ColumnReport>,
    /// Names of the key's columns.
    pub key: Vec<String>,
    /// OPTIONS.
    pub options: BTreeMap<&'static str, String>,
    /// The objects that were looked at.
    pub objects: Vec<String>,
}

/// A column that was declared.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub sql_type: String,
    /// What the type is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

impl InitReport {
    pub(super) fn new(job: String, folder: String, files: Vec<String>, drafts: Vec<Draft>) -> Self {
        let mut findings: Vec<Finding> =
            drafts.iter().flat_map(|draft| draft.findings.iter().cloned()).collect();
        findings.sort_by_key(|finding| finding.severity);
        let sources = drafts.into_iter().map(SourceReport::from).collect();
        Self { schema_version: SCHEMA_VERSION, job, folder, files, sources, findings }
    }

    /// The report for people; `jobs` is the folder of jobs if it was given.
    #[must_use]
    pub fn to_text(&self, jobs: Option<&str>) -> String {
        let mut out = String::new();
        let Self { job, folder, files, sources, findings, .. } = self;
        push_line(&mut out, format_args!("{job} -> {folder}: {}", files.join(", ")));
        for SourceReport { source, model, columns, key, options, .. } in sources {
            let key = if key.is_empty() {
                "no key".to_owned()
            } else {
                format!("key ({})", key.join(", "))
            };
            let columns: Vec<String> = columns
                .iter()
                .map(|column| format!("{} {}", comment(&column.name), column.sql_type))
                .collect();
            push_line(
                &mut out,
                format_args!("  {source} -> {model}: {key}; {}", columns.join(", ")),
            );
            let options: Vec<String> =
                options.iter().map(|(name, value)| format!("{name} `{value}`")).collect();
            if !options.is_empty() {
                push_line(&mut out, format_args!("    options: {}", options.join(", ")));
            }
        }
        for Finding { severity, check, place, message, next } in findings {
            let word = match severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            push_line(&mut out, format_args!("{word:<8} {check}: {place}: {message}"));
            if let Some(next) = next {
                push_line(&mut out, format_args!("         next: {next}"));
            }
        }
        push_line(
            &mut out,
            format_args!("look at {folder}/sources.sql, then: {}", next::plan(job, jobs)),
        );
        out
    }
}

impl From<Draft> for SourceReport {
    fn from(draft: Draft) -> Self {
        let key = draft.key.iter().filter_map(|index| draft.columns.get(*index));
        let key = key.map(|column| column.name.clone()).collect();
        let columns = draft.columns.into_iter().map(|column| ColumnReport {
            name: column.name,
            sql_type: column.sql_type,
            remark: column.remark,
        });
        Self {
            source: draft.source,
            model: draft.model,
            location: draft.location,
            columns: columns.collect(),
            key,
            options: draft.options.into_iter().collect(),
            objects: draft.objects,
        }
    }
}
