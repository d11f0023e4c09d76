//! The models' tables, as any target knows them.

use std::sync::Arc;

use transforms::dms::DriftPolicy;

use super::finding::Finding;
use crate::job::{Job, Output};
use crate::target::Target;
use crate::target::mismatch::next_step;
use crate::work::spec;

/// Examines the tables of all models.
pub(super) async fn examine(job: &Job, target: &Arc<dyn Target>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for output in &job.outputs {
        findings.extend(table(job, output, target).await);
    }
    findings
}

async fn table(job: &Job, output: &Output, target: &Arc<dyn Target>) -> Vec<Finding> {
    let place = format!("table {}", output.table);
    let spec = spec(output);
    let def = match target.describe(&output.table).await {
        Ok(Some(def)) => def,
        Ok(None) => {
            return match target.create_statement(&spec) {
                Ok(_) => vec![Finding::note("table.missing", place, "the first run creates it")],
                Err(error) => vec![Finding::of_error("table.definition", place, &error)],
            };
        }
        Err(error) => return vec![Finding::of_error("table.definition", place, &error)],
    };
    let mut findings: Vec<Finding> = target
        .check(&spec, &def)
        .into_iter()
        .map(|mismatch| {
            let is_widened = job.drift() == DriftPolicy::Widen;
            let next = next_step(&output.table, std::slice::from_ref(&mismatch), is_widened);
            Finding::error("table.columns", &place, mismatch.told()).next(next)
        })
        .collect();
    if let Some(obstacle) = &def.swap_obstacle {
        let message = format!(
            "{obstacle}: a full load changes it in place, in one transaction, instead of exchanging it"
        );
        findings.push(Finding::note("table.exchange", &place, message));
    }
    let key = output.key_names();
    let is_key = |columns: &Vec<String>| {
        columns.len() == key.len()
            && columns.iter().all(|column| key.iter().any(|k| k.eq_ignore_ascii_case(column)))
    };
    for columns in def.unique.iter().filter(|columns| !is_key(columns)) {
        let message = format!(
            "has a unique index on ({}), which is not the model's key: rows that it forbids stop a run",
            columns.join(", ")
        );
        findings.push(
            Finding::warning("table.unique", &place, message)
                .next("drop it, unless the model's rows are unique in it at every moment"),
        );
    }
    findings
}
