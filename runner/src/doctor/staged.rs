//! The staging folders.

use std::sync::Arc;

use chrono::Utc;
use datafusion::execution::SessionState;
use staged::ObjectKind;
use transforms::scan::Loads;
use transforms::source::Source;

use super::finding::Finding;
use crate::job::{Job, JobFolder};
use crate::store::{Location, Places};
use crate::survey::{self, SourceSurvey, survey_declared};
use crate::target::Target;
use crate::target::ledger::everything;
use crate::units::{counted, counted_are};
use crate::wishes::Wishes;

/// Looks at what is staged for a source; a finding if that cannot be done.
pub(super) async fn survey(
    source: &Arc<Source>,
    folder: &JobFolder,
    engine: &SessionState,
) -> Result<SourceSurvey, Finding> {
    let surveyed = match Places::of(source, Some(folder.location())) {
        Ok(places) => survey_declared(source, places, engine).await,
        Err(error) => Err(error),
    };
    surveyed.map_err(|error| {
        Finding::of_error("staging.listing", format!("source {}", source.name), &error)
    })
}

/// Why a run would end before it reads rows, if what is staged does not go with what was applied: objects that are gone, half a
/// full load.
pub(super) async fn against_ledger(
    job: &Job,
    folder: &JobFolder,
    engine: &SessionState,
    target: &Arc<dyn Target>,
) -> Option<Finding> {
    let look = async {
        let ledger = target.ledger(job.name.as_str(), &everything).await?;
        survey::survey(job, folder, &ledger, engine, &Wishes::default(), &|_| Loads::Any).await
    };
    let error = look.await.err()?;
    Some(Finding::of_error("staging.applied", format!("job {}", job.name), &error))
}

/// Examines a folder.
pub(super) fn examine(survey: &SourceSurvey) -> Vec<Finding> {
    listing(survey, &format!("source {}", survey.source.name))
}

fn listing(survey: &SourceSurvey, place: &str) -> Vec<Finding> {
    let objects = &survey.whole.objects;
    let loads = objects.iter().filter(|object| object.kind == ObjectKind::FullLoad).count();
    let changes = objects.len() - loads;
    let location = &survey.places;
    let [full, change] = [(loads, "full-load object"), (changes, "change object")]
        .map(|(n, one)| counted(n as u64, one));
    let message = format!("{full} and {change} in {location}");
    let mut findings = vec![Finding::note("staging.objects", place, message)];
    let has_beside = survey.state.objects.iter().any(|object| object.listed.beside);
    if let (Some(folder), false) = (&survey.places.changes, has_beside) {
        let message = format!("there are no changes in {folder}, which CdcPath names");
        findings.push(Finding::warning("staging.no_changes", place, message).next(
            "right before the first change; else check CdcPath, and whether PreserveTransactions is set: then the folder holds CDC_TXN-… objects, without it a folder for each table",
        ));
    }
    if loads == 0 && changes > 0 {
        let message = format!("there are changes but no full load in {location}");
        findings.push(Finding::warning("staging.no_load", place, message).next(
            "right for a task that replicates changes only; else check LOCATION, or load the table anew",
        ));
    }
    if let Some(first) = survey.foreign.first() {
        let count = survey.foreign.len();
        let message = format!(
            "{} left alone in {location}, the first is `{}`: {}",
            counted_are(count as u64, "object"),
            first.key,
            first.reason
        );
        findings.push(Finding::note("staging.foreign", place, message));
    }
    // Only S3's times are those of writing. Copies in the order of names have changes first too, so this is no error.
    let of = |kind: ObjectKind| objects.iter().filter(move |object| object.kind == kind);
    let loaded = of(ObjectKind::FullLoad).map(|object| object.modified).min();
    let old = of(ObjectKind::Change).filter(|object| Some(object.modified) < loaded).count();
    if old > 0 && matches!(location.table, Location::S3 { .. }) {
        let message = format!(
            "older than the full load: {} in {location}",
            counted(old as u64, "change object")
        );
        findings.push(Finding::warning("staging.old_changes", place, message).next(
            "if they belong to an earlier full load, which a first run cannot tell, delete them; in a copy of a folder it means nothing",
        ));
    }
    // The store's clock against this machine's: only the future shows.
    let newest = objects.iter().map(|object| object.modified).max();
    let ahead = newest.map_or(0, |newest| (newest - Utc::now()).num_seconds());
    if ahead > super::CLOCK_TOLERANCE_SECONDS {
        let message = format!("the newest object was written {ahead} s from now");
        findings.push(
            Finding::warning("staging.clock", place, message)
                .next("set this machine's clock: reloads are told from copies by times"),
        );
    }
    findings
}
