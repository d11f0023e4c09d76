//! `runner doctor`: looks for what usually goes wrong, before it does. Reads, and writes nothing.
//!
//! | file | looks at |
//! |---|---|
//! | `declared` | what the declarations alone tell |
//! | `staged` | the staging folders, and a first look into their objects |
//! | `settings` | which settings would fit objects that cannot be read as declared |
//! | `tables` | the models' tables in the target |
//!
//! What only one kind of target has is in [`Target::examine`].

mod declared;
pub mod finding;
mod settings;
mod staged;
mod tables;

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
    for source in &job.sources {
        findings.extend(staged::examine(source, folder, engine).await);
    }
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
        }
        Err(error) => findings.push(Finding::of_error("target.connection", "target", &error)),
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}
