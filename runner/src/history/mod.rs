//! The history of a key: every change of it that is staged, where it stands, and what differed.
//!
//! ```text
//! --table, --key (key) -> a source and its key (subject) -> its versions (find, version), and bad rows that are
//!   none (bad_rows) -> told (report)
//! ```

pub(crate) mod bad_rows;
pub(crate) mod find;
mod report;
mod subject;
mod version;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::execution::SessionState;
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt;
use transforms::scan::{ReadCounts, ScanLog};

use crate::drift::Reach;
use crate::engine;
use crate::error::{Error, Result};
use crate::explore::changes;
use crate::explore::{OfJob, as_applied, staged};
use crate::job::Job;
use crate::target::ledger::{Ledger, everything};
use crate::target::rows::Rows;
use bad_rows::bad_rows;
use find::{column, rows_of};
pub(crate) use report::{History, push_bad_rows};
use subject::Subject;
use version::{Reader, Values, Version};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    /// A source, a model or its table.
    pub(crate) table: &'a str,
    /// Its key, as [`key::Key::read`] takes it.
    pub(crate) key: &'a [String],
    /// How many changes are told, the newest.
    pub(crate) most: usize,
    /// Whether what is not applied yet is left out.
    pub(crate) only_applied: bool,
}

/// The history of a key. All objects of the generation are read, and of their rows those of the key are held.
///
/// # Errors
/// Kind `Usage` for what is not there; those of the ledger, of listing and of reading.
pub(crate) async fn history(
    of: &OfJob,
    asked: &Asked<'_>,
    notes: &mut Vec<String>,
) -> Result<History> {
    let ledger = match &of.target {
        Ok(target) => target.ledger(of.job.name.as_str(), &everything).await?,
        Err(error) => {
            notes.push(format!("what is applied is not known: {error}"));
            Ledger::default()
        }
    };
    let mut reach = Reach::known(&of.job, &ledger, false);
    loop {
        let log = Arc::new(ScanLog::default());
        let job = reach.job(&of.job, &of.engine).await?;
        let mut told = reach.notes(&job);
        match over(of, &job, &ledger, asked, (&log, &mut told)).await {
            Err(error) if !reach.look(&log) => return Err(error),
            // What is pending is wider than is known.
            Err(_) => {}
            Ok(history) => {
                notes.append(&mut told);
                return Ok(history);
            }
        }
    }
}

/// The history of a key in sources that are as wide as is known; `log` gets what is found of them.
async fn over(
    of: &OfJob,
    job: &Job,
    ledger: &Ledger,
    asked: &Asked<'_>,
    (log, notes): (&Arc<ScanLog>, &mut Vec<String>),
) -> Result<History> {
    let surveys = staged(job, &of.folder, &of.engine, ledger, notes).await?;
    let subject = subject::find(job, &surveys, asked.table, asked.key)?;
    let cut = match asked.only_applied {
        true => Some(as_applied(ledger, subject.survey)?),
        false => None,
    };
    let survey = cut.as_ref().unwrap_or(subject.survey);
    let subject = Subject { survey, ..subject };
    let mut told = Told { versions: VecDeque::new(), count: 0, objects: HashSet::new() };
    let counts = Arc::new(ReadCounts::default());
    let engine = engine::of_run(&of.engine, Arc::clone(&counts), Arc::clone(log));
    told.read(&subject, ledger, &engine, asked.most).await?;
    let set_aside = bad_rows(survey, Some(&subject.key), &counts, &engine).await?;
    let moves = moved_to(&subject, &told.versions, ledger, &of.engine).await?;
    let mut versions = Vec::from(told.versions);
    for version in versions.iter_mut().filter(|version| version.op == "M") {
        version.moved_to = moves.get(&version.position).cloned();
    }
    let options = FormatOptions::default();
    let key = subject.key.iter().map(|(name, value)| {
        let value = value.to_array()?;
        let shown = ArrayFormatter::try_new(value.as_ref(), &options).map_err(arrow)?;
        let value = shown.value(0).to_string();
        Ok((name.clone(), Some(value)))
    });
    Ok(History {
        schema_version: crate::report::SCHEMA_VERSION,
        job: job.name.to_string(),
        source: survey.source.name.clone(),
        model: subject.model.map(|output| output.model.clone()),
        location: survey.places.to_string(),
        generation: survey.state.generation,
        objects: survey.whole.objects.len(),
        objects_with_changes: told.objects.len(),
        key: Values(key.collect::<Result<_>>()?),
        applied_is_known: of.target.is_ok(),
        is_there: versions.last().is_some_and(|last| last.is_current),
        left_out: told.count - versions.len(),
        changes: versions,
        set_aside,
    })
}

/// The newest versions, and how many there are in how many objects.
struct Told {
    versions: VecDeque<Version>,
    count: usize,
    objects: HashSet<String>,
}

impl Told {
    async fn read(
        &mut self,
        subject: &Subject<'_>,
        ledger: &Ledger,
        engine: &SessionState,
        most: usize,
    ) -> Result<()> {
        let Subject { survey, key, .. } = subject;
        let Some(table) = changes::history(survey, ledger)? else {
            return Err(Error::failed(format!("source `{}` has no key", survey.source.name)));
        };
        let position = table.position_name().to_owned();
        let plan = rows_of(Arc::new(table), key)?;
        let plan = plan.sort([column(&position).sort(true, true)])?.build()?;
        let physical = engine.create_physical_plan(&plan).await?;
        let mut rows = Rows::new(physical, engine.task_ctx()).stream()?;
        let mut reader = Reader::new(&survey.source);
        while let Some(batch) = rows.try_next().await? {
            for version in reader.read(&batch).map_err(arrow)? {
                self.count += 1;
                if !self.objects.contains(&version.object) {
                    let _is_news = self.objects.insert(version.object.clone());
                }
                self.versions.push_back(version);
                if self.versions.len() > most {
                    let _left_out = self.versions.pop_front();
                }
            }
        }
        Ok(())
    }
}

/// The keys that rows moved to, by the position of the change: such a row is one of another key.
async fn moved_to(
    subject: &Subject<'_>,
    versions: &VecDeque<Version>,
    ledger: &Ledger,
    engine: &SessionState,
) -> Result<BTreeMap<String, Values>> {
    let mut moves = BTreeMap::new();
    let source = &subject.survey.source;
    if !versions.iter().any(|version| version.op == "M") {
        return Ok(moves);
    }
    let name = |at: usize| source.schema.field(at).name().clone();
    let before: Vec<(String, ScalarValue)> = subject
        .key
        .iter()
        .filter_map(|(own, value)| {
            let place = source.key.iter().position(|at| name(*at) == *own)?;
            Some((name(*source.before_key.get(place)?), value.clone()))
        })
        .collect();
    let table = changes::changes(subject.survey, ledger)?;
    let [position, ..] = table.place_names().map(str::to_owned);
    let wanted = std::iter::once(position).chain(source.key_names().map(str::to_owned));
    let plan = rows_of(Arc::new(table), &before)?.project(wanted.map(|name| column(&name)))?;
    let physical = engine.create_physical_plan(&plan.build()?).await?;
    let mut rows = Rows::new(physical, engine.task_ctx()).stream()?;
    while let Some(batch) = rows.try_next().await? {
        let options = FormatOptions::default();
        let texts = batch.columns().iter();
        let texts = texts.map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let texts = texts.collect::<std::result::Result<Vec<_>, _>>().map_err(arrow)?;
        let Some((position, key)) = texts.split_first() else { continue };
        for row in 0..batch.num_rows() {
            let values = key.iter().map(|text| Some(text.value(row).to_string()));
            let values = Values(source.key_names().map(str::to_owned).zip(values).collect());
            let _none = moves.insert(position.value(row).to_string(), values);
        }
    }
    Ok(moves)
}

fn arrow(error: ArrowError) -> Error {
    Error::failed("a change cannot be told").source(error)
}
