//! `runner doctor`: looks for what usually goes wrong, before it does. Reads, and writes nothing.
//!
//! | file | looks at |
//! |---|---|
//! | `declared` | what the declarations alone tell |
//! | `staged` | the staging folders |
//! | `rows` | the first rows of their objects, and which settings would fit those that cannot be read as declared |
//! | `values` | what stands in the rows |
//! | `tables` | the models' tables in the target |
//!
//! What only one kind of target has is in [`Target::examine`].

mod declared;
pub mod finding;
mod rows;
mod staged;
mod tables;
mod values;

use std::sync::Arc;

use datafusion::execution::SessionState;

use crate::error::Result;
use crate::job::{Job, JobFolder};
use crate::target::Target;
use crate::work::spec;
use finding::Finding;

/// So far may clocks be apart.
pub(crate) const CLOCK_TOLERANCE_SECONDS: i64 = 5;

/// Examines a job, what is staged for it, and its target; the worst comes first.
pub async fn examine(
    job: &Job,
    folder: &JobFolder,
    engine: &SessionState,
    target: Result<Arc<dyn Target>>,
) -> Vec<Finding> {
    let mut findings = declared::examine(job);
    let mut of_tables = Vec::new();
    for source in &job.sources {
        match staged::survey(source, folder, engine).await {
            Ok(survey) => {
                findings.extend(staged::examine(&survey));
                let looked = rows::examine(job, &survey, engine).await;
                findings.extend(looked.findings);
                of_tables.extend(looked.of_tables);
            }
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(rows::strangers(&of_tables));
    match target {
        Ok(target) => {
            let place = target.display_name();
            let specs: Vec<_> = job.outputs.iter().map(spec).collect();
            match target.examine(&specs).await {
                Ok(found) => findings.extend(found),
                Err(error) => {
                    findings.push(Finding::of_error("target.examination", place, &error));
                }
            }
            findings.extend(tables::examine(job, &target).await);
            if findings.iter().all(|finding| finding.check != "staging.listing") {
                findings.extend(staged::against_ledger(job, folder, engine, &target).await);
            }
        }
        Err(error) => findings.push(Finding::of_error("target.connection", "target", &error)),
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}
