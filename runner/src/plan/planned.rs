//! What a plan says that is done with a model's table, and whether it is. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::changes::Changes;
use super::report::ModelPlan;
use crate::decide::Step;
use crate::target::Loss;

/// What is done with a model's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedModel {
    /// The model.
    pub model: String,
    /// Its table.
    pub table: String,
    /// How it is written.
    pub step: String,
    /// Rows that are written, also those that are there just so.
    pub upserts: u64,
    /// Rows that the table does not have.
    pub insert: u64,
    /// Rows that are different.
    pub update: u64,
    /// Rows that go.
    pub delete: u64,
    /// Of these, rows whose key the table has several times, and has once then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repeated: u64,
    /// Of the rows that are different, in how many each column is.
    pub columns: BTreeMap<String, u64>,
}

impl PlannedModel {
    pub(super) fn of(plan: &ModelPlan) -> Self {
        let Changes { insert, update, delete, repeated, .. } = plan.changes;
        Self {
            model: plan.model.clone(),
            table: plan.table.clone(),
            step: plan.step.to_owned(),
            upserts: plan.upserts,
            insert,
            update,
            delete,
            repeated,
            columns: of_columns(&plan.changes),
        }
    }

    /// What is changed otherwise than it was planned, a line each.
    pub(super) fn differs(&self, changes: &Changes) -> Vec<String> {
        let Self { table, insert, update, delete, columns, .. } = self;
        let mut lines = Vec::new();
        for (what, was, is) in [
            ("insert", *insert, changes.insert),
            ("update", *update, changes.update),
            ("delete", *delete, changes.delete),
        ] {
            if was != is {
                lines.push(format!("table `{table}`: {is} to {what} instead of {was}"));
            }
        }
        let now = of_columns(changes);
        let names: BTreeSet<&String> = columns.keys().chain(now.keys()).collect();
        for name in names {
            let [was, is] = [columns, &now].map(|of| of.get(name).copied().unwrap_or_default());
            if was != is {
                lines.push(format!(
                    "table `{table}`: {is} to update in column `{name}` instead of {was}"
                ));
            }
        }
        lines
    }

    /// How it is written otherwise than it was planned, if it is; `loss` as far as it is known.
    pub(super) fn moved(&self, step: &Step, loss: Option<&Loss>) -> Option<String> {
        let Self { model, upserts, delete, repeated, .. } = self;
        let deleted = delete.saturating_sub(*repeated);
        if self.step != step.as_str() {
            let step = step.as_str();
            return Some(format!("model `{model}` is written by {step} instead of {}", self.step));
        }
        let loss = loss?;
        if loss.written != *upserts {
            let written = loss.written;
            return Some(format!("model `{model}` gives {written} rows instead of {upserts}"));
        }
        // What a replacement takes away is not counted row by row.
        let is_merge = matches!(step, Step::RowWise { .. } | Step::Replay);
        (is_merge && loss.gone != deleted).then(|| {
            format!("table `{}` loses {} rows instead of {deleted}", self.table, loss.gone)
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn of_columns(changes: &Changes) -> BTreeMap<String, u64> {
    changes.columns.iter().map(|one| (one.column.clone(), one.rows)).collect()
}
