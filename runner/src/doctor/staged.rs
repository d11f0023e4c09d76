//! The staging folders, and a first look into their objects.

use std::sync::Arc;

use chrono::Utc;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlanBuilder;
use futures::TryStreamExt;
use transforms::dms::csv::BadRows;
use transforms::dms::drift::DriftPolicy;
use transforms::dms::name::ObjectKind;
use transforms::scan::{Frozen, FrozenTable, Loads, RawTable};
use transforms::source::Source;

use super::finding::Finding;
use super::settings::guesses;
use crate::error::Result;
use crate::job::JobFolder;
use crate::store::{Location, Places};
use crate::survey::{SourceSurvey, survey_declared};
use crate::target::rows::Rows;

/// Rows of an object that are looked at.
const ROWS_MAX: usize = 1_000;
/// `LobMaxSize` of a task in limited LOB mode is 32 KiB unless it is set ("Setting LOB support" of the DMS guide); a longer
/// text is cut there without a mark.
const LOB_MAX_SIZE: usize = 32 << 10;

/// Examines what is staged for a source.
pub(super) async fn examine(
    source: &Arc<Source>,
    folder: &JobFolder,
    engine: &SessionState,
) -> Vec<Finding> {
    let place = format!("source {}", source.name);
    let surveyed = match Places::of(source, Some(folder.location())) {
        Ok(places) => survey_declared(source, places, engine).await,
        Err(error) => Err(error),
    };
    let survey = match surveyed {
        Ok(survey) => survey,
        Err(error) => return vec![Finding::of_error("staging.listing", place, &error)],
    };
    let mut findings = listing(&survey, &place);
    for object in of_each_kind(&survey.whole) {
        findings.extend(first_look(&survey, object, engine).await);
    }
    findings
}

fn listing(survey: &SourceSurvey, place: &str) -> Vec<Finding> {
    let objects = &survey.whole.objects;
    let loads = objects.iter().filter(|object| object.kind == ObjectKind::FullLoad).count();
    let changes = objects.len() - loads;
    let location = &survey.places;
    let message = format!("{loads} full-load and {changes} change objects in {location}");
    let mut findings = vec![Finding::note("staging.objects", place, message)];
    if loads == 0 && changes > 0 {
        let message = format!("there are changes but no full load in {location}");
        findings.push(Finding::warning("staging.no_load", place, message).next(
            "right for a task that replicates changes only; else check LOCATION, or load the table anew",
        ));
    }
    if let Some(first) = survey.foreign.first() {
        let count = survey.foreign.len();
        let message = format!(
            "{count} objects in {location} are left alone, the first is `{}`: {}",
            first.key, first.reason
        );
        findings.push(Finding::note("staging.foreign", place, message));
    }
    // Only S3's times are those of writing. Copies in the order of names have changes first too, so this is no error.
    let of = |kind: ObjectKind| objects.iter().filter(move |object| object.kind == kind);
    let loaded = of(ObjectKind::FullLoad).map(|object| object.modified).min();
    let old = of(ObjectKind::Change).filter(|object| Some(object.modified) < loaded).count();
    if old > 0 && matches!(location.table, Location::S3 { .. }) {
        let message =
            format!("{old} change objects in {location} were written before the full load");
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

/// The first full-load object, and the newest change object: what was written last is what comes next.
fn of_each_kind(table: &FrozenTable) -> impl Iterator<Item = &Frozen> {
    let is = |kind: ObjectKind| move |object: &&Frozen| object.kind == kind;
    let load = table.objects.iter().find(is(ObjectKind::FullLoad));
    let change = table.objects.iter().rfind(is(ObjectKind::Change));
    load.into_iter().chain(change)
}

async fn first_look(
    survey: &SourceSurvey,
    object: &Frozen,
    engine: &SessionState,
) -> Option<Finding> {
    let place = object.label.clone();
    match read(&survey.source, &survey.whole, object, engine).await {
        Ok(batches) => cut_texts(&batches).map(|columns| {
            let message = format!("{columns}: a text is exactly as long as the limit of LOBs in a task, so it may be cut");
            Finding::warning("staging.lob", place, message)
                .next("raise LobMaxSize of the task, or use full LOB mode")
        }),
        Err(error) => {
            let found = Finding::of_error("staging.rows", place, &error);
            Some(match fitting(survey, object, engine).await {
                Some(options) => found.next(format!(
                    "its first rows can be read with OPTIONS ({options}): compare with the endpoint's settings"
                )),
                None => found,
            })
        }
    }
}

/// The settings with which an object can be read, if there is one choice that is nearest.
async fn fitting(survey: &SourceSurvey, object: &Frozen, engine: &SessionState) -> Option<String> {
    for guess in guesses(&survey.source.settings) {
        let source = Source { settings: guess.settings, ..survey.source.as_ref().clone() };
        if read(&Arc::new(source), &survey.whole, object, engine).await.is_ok() {
            return Some(guess.written);
        }
    }
    None
}

/// The first rows; every bad one is an error, and so is an object that is wider or narrower than declared.
async fn read(
    source: &Arc<Source>,
    table: &FrozenTable,
    object: &Frozen,
    engine: &SessionState,
) -> Result<Vec<RecordBatch>> {
    let source = Source { drift: DriftPolicy::Refuse, ..source.as_ref().clone() };
    let name = source.name.clone();
    let table = FrozenTable {
        source: Arc::new(source),
        bad_rows: BadRows::Refuse,
        loads: Loads::Any,
        ..table.with_objects(vec![object.clone()])
    };
    let raw = provider_as_source(Arc::new(RawTable::new(Arc::new(table))));
    let plan = LogicalPlanBuilder::scan(name.as_str(), raw, None)?.limit(0, Some(ROWS_MAX))?;
    let physical = engine.create_physical_plan(&plan.build()?).await?;
    Ok(Rows::new(physical, engine.task_ctx()).stream()?.try_collect().await?)
}

/// The columns in which a text ends at the limit of LOBs.
fn cut_texts(batches: &[RecordBatch]) -> Option<String> {
    let batch = batches.first()?;
    let is_cut = |index: usize| {
        batches.iter().any(|batch| {
            let column = batch.column(index);
            let is_text = *column.data_type() == DataType::Utf8;
            is_text
                && column.as_string::<i32>().iter().flatten().any(|text| text.len() == LOB_MAX_SIZE)
        })
    };
    let schema = batch.schema();
    let cut: Vec<&str> = schema
        .fields()
        .iter()
        .enumerate()
        .filter(|(index, _)| is_cut(*index))
        .map(|(_, field)| field.name().as_str())
        .collect();
    (!cut.is_empty()).then(|| cut.join(", "))
}
