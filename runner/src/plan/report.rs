//! What a plan tells.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::changes::Changes;
use crate::error::Error;
use crate::owner::LeftTable;
use crate::quality::RuleReport;
use crate::resets::ColumnReset;

/// What a run would do.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PlanReport {
    pub(crate) schema_version: u32,
    pub(crate) job: String,
    pub(crate) target: String,
    /// Whether a run would write anything: rows, or what the ledger holds.
    pub(crate) changes: bool,
    /// Whether a run would be refused, by a guard or a rule: the models say why.
    pub(crate) refused: bool,
    pub(crate) pending: Vec<PendingObject>,
    /// Rows that are set aside in all that the tables are made of, those of earlier runs too: what `rejected_rows` allows.
    pub(crate) rejected_rows: u64,
    /// Of these, rows that this run would set aside.
    pub(crate) set_aside_rows: u64,
    /// Columns that sources would get beyond their declaration.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) columns_added: BTreeMap<String, Vec<String>>,
    pub(crate) models: Vec<ModelPlan>,
    /// Tables that the job wrote and writes no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_tables: Vec<LeftTable>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PendingObject {
    pub(crate) source: String,
    pub(crate) key: String,
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) late: bool,
    pub(crate) bytes: u64,
    /// When it was written.
    pub(crate) modified: String,
    /// The store's tag of its content, where the store has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) e_tag: Option<String>,
    /// Rows of it that would be set aside.
    pub(crate) rejected: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ModelPlan {
    pub(crate) model: String,
    pub(crate) table: String,
    /// How changes of this model are applied in general.
    pub(crate) way: String,
    pub(crate) way_reason: String,
    /// What this run does.
    pub(crate) step: &'static str,
    pub(crate) reason: String,
    pub(crate) key: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) create: Option<String>,
    /// Columns that the table would get.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) columns_added: Vec<String>,
    /// Columns that the model lacks and that would be set to their default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) columns_reset: Vec<ColumnReset>,
    /// Rows that are written, also those that are there just so.
    pub(crate) upserts: u64,
    /// Keys that are deleted, also those that are not there.
    pub(crate) deletes: u64,
    pub(crate) changes: Changes,
    /// What would be sent to the target, without values.
    pub(crate) statements: Vec<String>,
    /// What would come of its rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) quality: Vec<RuleReport>,
    /// Why a run would be refused, if it would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<String>,
    /// What to do about it.
    #[serde(skip)]
    pub(crate) hint: Option<&'static str>,
}

impl PlanReport {
    /// The error that a run would end with, if it would be refused.
    pub(crate) fn refusal(&self) -> Option<Error> {
        let refused: Vec<&str> =
            self.models.iter().filter_map(|model| model.refused.as_deref()).collect();
        let error = Error::refused(format!("a run is refused: {}", refused.join("\n")));
        let hint = self.models.iter().find_map(|model| model.hint).unwrap_or_default();
        self.refused.then(|| error.hint(hint))
    }

    /// Whether a table would be another one than it is: what is in its rows, or its columns.
    pub(crate) fn alters_tables(&self) -> bool {
        self.models.iter().any(|model| {
            let Changes { insert, update, delete, .. } = &model.changes;
            insert + update + delete > 0
                || model.create.is_some()
                || !model.columns_added.is_empty()
        })
    }
}
