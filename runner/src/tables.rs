//! The target's tables as a run finds them, and what it decides for each.

use std::sync::Arc;

use transforms::dms::DriftPolicy;

use crate::decide::{Decision, Step, TableFacts, decide};
use crate::error::{Error, Result};
use crate::gaps;
use crate::job::{Job, Output};
use crate::owner;
use crate::run::Known;
use crate::survey::{SourceSurvey, news};
use crate::target::ledger::Ledger;
use crate::target::{TableDef, Target, mismatch};
use crate::work::spec;

/// The definitions of the models' tables, in the order of the models.
pub type Definitions = Vec<Result<Option<TableDef>>>;

/// Asks for the definitions of a job's tables.
pub async fn describe(job: &Job, target: &Arc<dyn Target>) -> Definitions {
    let mut described = Vec::with_capacity(job.outputs.len());
    for output in &job.outputs {
        described.push(target.describe(&output.table).await);
    }
    described
}

/// Checks the tables against the models, and decides.
///
/// # Errors
/// Those of [`describe`].
/// Kind `Refused` for a table that cannot take its model and for a model that needs objects that are gone, kind `Usage` for
/// a model that no table can take.
pub(crate) fn decisions(
    job: &Job,
    surveys: &[SourceSurvey],
    known: Known<'_>,
    target: &Arc<dyn Target>,
    described: Definitions,
) -> Result<Vec<Decision>> {
    let ledger = known.ledger;
    owner::check(job, ledger)?;
    let mut facts = Vec::with_capacity(job.outputs.len());
    for (output, described) in job.outputs.iter().zip(described) {
        facts.push(table_facts(job.drift(), output, ledger, target, described?)?);
    }
    let decisions = decide(&job.outputs, &news(surveys), known.reach.dependent(), &facts);
    let in_place =
        decisions.iter().any(|decision| matches!(decision.step, Step::Replay | Step::Replace));
    for ((output, decision), facts) in job.outputs.iter().zip(&decisions).zip(&facts) {
        if in_place
            && !facts.exists
            && decision.step != Step::Untouched
            && decision.step != Step::Rebuild
        {
            let statement = target.create_statement(&spec(output))?;
            return Err(Error::refused(format!(
                "table `{}` does not exist, and another table of the job cannot be exchanged",
                output.table
            ))
            .hint(format!("create it: {statement}")));
        }
    }
    gaps::check(&job.outputs, &decisions, surveys)?;
    Ok(decisions)
}

fn table_facts(
    drift: DriftPolicy,
    output: &Output,
    ledger: &Ledger,
    target: &Arc<dyn Target>,
    def: Option<TableDef>,
) -> Result<TableFacts> {
    let spec = spec(output);
    let mut lacks = Vec::new();
    match &def {
        None => {
            let _statement = target.create_statement(&spec)?;
        }
        Some(def) => {
            let mut mismatches = target.check(&spec, def);
            if drift == DriftPolicy::Widen {
                lacks = spec.take_lacking(&mut mismatches);
            }
            if !mismatches.is_empty() {
                let is_widened = drift == DriftPolicy::Widen;
                let model = Some(output.model.as_str());
                return Err(mismatch::refusal(&output.table, model, &mismatches, is_widened));
            }
        }
    }
    Ok(TableFacts {
        exists: def.is_some(),
        swap_obstacle: def.and_then(|def| def.swap_obstacle),
        written_with: ledger.models.get(&output.model).cloned(),
        lacks,
    })
}

/// The names of columns that a table gets.
pub(crate) fn columns_added(output: &Output, decision: &Decision) -> Vec<String> {
    let fields = output.schema.fields();
    decision.adds.iter().filter_map(|index| Some(fields.get(*index)?.name().clone())).collect()
}
