//! A first look into the objects, as the job's run would read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SessionState;
use futures::TryStreamExt;
use staged::ObjectKind;
use transforms::dms::csv::BadRows;
use transforms::dms::drift::{DriftPolicy, Extent};
use transforms::dms::settings::Edits;
use transforms::scan::{Frozen, FrozenTable, Loads, ReadCounts, ScanLog};
use transforms::source::Source;

use super::finding::Finding;
use super::values;
use crate::engine::of_run;
use crate::error::Result;
use crate::job::Job;
use crate::raw_rows::raw_rows;
use crate::survey::SourceSurvey;

/// Rows of an object that are looked at.
const ROWS_MAX: usize = 1_000;
/// An object may reach beyond the declaration in several rows, each further than the one before.
const WIDENED_MAX: usize = 3;

/// What was found in a source's objects.
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    /// The newest object that holds changes of several tables, and how many rows of the source are in it.
    pub(super) of_tables: Option<OfTables>,
}

pub(super) struct OfTables {
    pub(super) object: String,
    /// None if it cannot be read.
    pub(super) rows: Option<usize>,
}

/// Looks into the first full-load object, and the newest change object: what was written last is what comes next.
pub(super) async fn examine(job: &Job, survey: &SourceSurvey, engine: &SessionState) -> Looked {
    let mut looked = Looked { findings: Vec::new(), of_tables: None };
    let objects = &survey.whole.objects;
    let is = |kind: ObjectKind| move |object: &&Frozen| object.kind == kind;
    let load = objects.iter().find(is(ObjectKind::FullLoad));
    let change = objects.iter().rfind(is(ObjectKind::Change));
    for object in load.into_iter().chain(change) {
        let (findings, rows) = look(job, survey, object, engine).await;
        looked.findings.extend(findings);
        if object.of_tables && object.size > 0 {
            looked.of_tables = Some(OfTables { object: object.label.clone(), rows });
        }
    }
    looked
}

/// Objects that all sources share, and that have rows of none of them.
pub(super) fn strangers(looked: &[OfTables]) -> Vec<Finding> {
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for OfTables { object, rows: of_source } in looked {
        // What cannot be read is told already.
        *rows.entry(object).or_default() += of_source.unwrap_or(1);
    }
    let strange = rows.into_iter().filter(|(_, rows)| *rows == 0);
    strange
        .map(|(object, _)| {
            let message = "no row in it is of a table of this job";
            Finding::warning("staging.other_tables", object, message).next(
                "compare the last two folders of each LOCATION with the names of schema and table in its rows, in case too: rows of other tables are passed over",
            )
        })
        .collect()
}

/// What is found in an object, and how many rows it has, as far as they were looked at; none if it cannot be read.
async fn look(
    job: &Job,
    survey: &SourceSurvey,
    object: &Frozen,
    engine: &SessionState,
) -> (Vec<Finding>, Option<usize>) {
    let place = object.label.as_str();
    let table = FrozenTable {
        bad_rows: job.rejects.bad_rows(),
        loads: Loads::Any,
        ..survey.whole.with_objects(vec![object.clone()])
    };
    let (table, batches) = match as_a_run(job, table, engine).await {
        Ok(read) => read,
        Err(error) => {
            let found = Finding::of_error("staging.rows", place, &error);
            let found = match fitting(survey, object, engine).await {
                Some(options) => found.next(format!(
                    "its first rows can be read with OPTIONS ({options}): compare with the endpoint's settings"
                )),
                None => found,
            };
            return (vec![found], None);
        }
    };
    let mut findings: Vec<Finding> = added(&table.source, place).into_iter().collect();
    findings.extend(set_aside(&table, place, engine).await);
    findings.extend(values::examine(&table.source, object, &batches));
    (findings, Some(batches.iter().map(RecordBatch::num_rows).sum()))
}

/// Reads the first rows as the job's run would: with columns that are new, and bad rows set aside, where it does so.
async fn as_a_run(
    job: &Job,
    mut table: FrozenTable,
    engine: &SessionState,
) -> Result<(FrozenTable, Vec<RecordBatch>)> {
    let mut tries = 0;
    loop {
        let log = Arc::new(ScanLog::default());
        let state = of_run(engine, Arc::new(ReadCounts::default()), Arc::clone(&log));
        let error = match read(&table, &state).await {
            Ok(batches) => return Ok((table, batches)),
            Err(error) => error,
        };
        let beyond: BTreeMap<String, Extent> = log.beyond();
        if beyond.is_empty() || tries == WIDENED_MAX {
            return Err(error);
        }
        tries += 1;
        let widened = job.widened(&beyond, engine).await?.sources;
        if let Some(source) = widened.into_iter().find(|source| source.name == table.source.name) {
            table.source = source;
        }
    }
}

fn added(source: &Source, place: &str) -> Option<Finding> {
    let added: Vec<&str> = source.added().collect();
    (!added.is_empty()).then(|| {
        let message =
            format!("has more columns than declared, which a run adds: {}", added.join(", "));
        Finding::note("staging.drift", place, message)
            .next("declare them in sources.sql to give them names and types")
    })
}

/// A warning if a run would set rows aside.
async fn set_aside(table: &FrozenTable, place: &str, engine: &SessionState) -> Option<Finding> {
    if table.bad_rows == BadRows::Refuse {
        return None;
    }
    let strict = FrozenTable { bad_rows: BadRows::Refuse, ..table.clone() };
    let error = read(&strict, engine).await.err()?;
    let message = format!("rows would be set aside, as `rejected_rows` in job.toml says: {error}");
    Some(Finding::warning("staging.rows", place, message).next(
        "correct the declaration in sources.sql or the object, unless these rows may be missing",
    ))
}

/// The settings with which an object can be read, if there is one choice that is nearest.
async fn fitting(survey: &SourceSurvey, object: &Frozen, engine: &SessionState) -> Option<String> {
    let declared = &survey.source.settings;
    for edits in Edits::of(declared, object.kind) {
        let source = Source {
            settings: edits.apply(declared),
            drift: DriftPolicy::Refuse,
            ..survey.source.as_ref().clone()
        };
        let table = FrozenTable {
            source: Arc::new(source),
            bad_rows: BadRows::Refuse,
            loads: Loads::Any,
            ..survey.whole.with_objects(vec![object.clone()])
        };
        if read(&table, engine).await.is_ok() {
            return Some(edits.to_string());
        }
    }
    None
}

/// The first rows of a table's objects.
async fn read(table: &FrozenTable, engine: &SessionState) -> Result<Vec<RecordBatch>> {
    Ok(raw_rows(table.clone(), Some(ROWS_MAX), engine).await?.try_collect().await?)
}
