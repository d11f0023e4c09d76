//! What a plan tells.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::changes::Changes;
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
    pub(crate) pending: Vec<PendingObject>,
    /// Rows that would be set aside in all that the tables are made of.
    pub(crate) rejected_rows: u64,
    /// Columns that sources would get beyond their declaration.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) columns_added: BTreeMap<String, Vec<String>>,
    pub(crate) models: Vec<ModelPlan>,
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
}
