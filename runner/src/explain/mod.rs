//! Why a row of a target table is as it is: the row in the table, the row that the model gives now, and the source rows that it is
//! made of.
//!
//! ```text
//! key as typed (key_text) -> condition on the model's columns -> rows of the model and of the table (rows)
//!   -> how they differ, and why (verdict) -> source rows, by lineage (made) -> report (report)
//! ```

mod made;
mod report;
mod rows;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use datafusion::common::Column;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, lit};
use datafusion::scalar::ScalarValue;
use transforms::lineage::Lineage;
use transforms::model::output::canonical;
use transforms::model::way::Way;
use transforms::scan::{AnyLoads, ReadCounts, ScanLog};
use transforms::sql::nearest;
use transforms::staging::{News, RebuildReason};

use crate::drift::Reach;
use crate::engine;
use crate::error::{Error, Result};
use crate::explore::{OfJob, as_applied, staged};
use crate::history::bad_rows::{BadRow, bad_rows};
use crate::job::{Job, Output};
use crate::key_text::{Key, KeyColumn, names_but};
use crate::survey::SourceSurvey;
use crate::target::Target;
use crate::target::ledger::{Ledger, everything};
use crate::work::{paired_keys, tables};
use made::Search;
pub(crate) use report::Explanation;
use rows::{Kept, kept, of_table};
use verdict::{State, Verdict};

/// Nothing bounds how many rows there are where nothing is left out.
const ABSENT_TIME_MAX: Duration = Duration::from_secs(60);

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// A model, or the table that it is written to.
    pub(crate) table: &'a str,
    /// The key as typed.
    pub(crate) key: &'a [String],
    /// At most so many rows of each source, and of each table.
    pub(crate) most: usize,
    /// Whether what is not applied yet is left out.
    pub(crate) only_applied: bool,
}

/// Explains a row.
///
/// # Errors
/// A table or a key that is none of the job's; staged folders that are missing, empty or cannot be read; those of running the model.
pub(crate) async fn explain(
    of: &OfJob,
    asked: Asked<'_>,
    notes: &mut Vec<String>,
) -> Result<Explanation> {
    let name = of.job.name.as_str();
    let (target, ledger) = match &of.target {
        Err(error) => (Err(error.to_string()), Ledger::default()),
        Ok(target) => match target.ledger(name, &everything).await {
            Err(error) => (Err(error.to_string()), Ledger::default()),
            Ok(ledger) => (Ok(Arc::clone(target)), ledger),
        },
    };
    let mut reach = Reach::known(&of.job, &ledger, false);
    loop {
        let log = Arc::new(ScanLog::default());
        let job = reach.job(&of.job, &of.engine).await?;
        let mut told = reach.notes(&job);
        let known = (&ledger, target.clone());
        match over(of, &job, known, &asked, (&log, &mut told)).await {
            Err(error) if !reach.look(&log) => return Err(error),
            // What is pending is wider than is known.
            Err(_) => {}
            Ok(explanation) => {
                notes.append(&mut told);
                return Ok(explanation);
            }
        }
    }
}

/// Explains a row over sources that are as wide as is known; `log` gets what is found of them.
async fn over(
    of: &OfJob,
    job: &Job,
    (ledger, target): (&Ledger, std::result::Result<Arc<dyn Target>, String>),
    asked: &Asked<'_>,
    (log, notes): (&Arc<ScanLog>, &mut Vec<String>),
) -> Result<Explanation> {
    // What is typed wrong is told before anything is read.
    let output = output_of(job, asked.table)?;
    let values = values_of(output, asked.key)?;
    let engine = engine::of_run(&of.engine, Arc::<ReadCounts>::default(), Arc::clone(log));
    let mut surveys = staged(job, &of.folder, &engine, ledger, notes).await?;
    if asked.only_applied {
        for survey in &mut surveys {
            if output.analysis.sources.contains(&survey.source.name) {
                *survey = as_applied(ledger, survey)?;
            }
        }
    }
    let inquiry = Inquiry { job, output, values, surveys: &surveys, ledger, target };
    // What is taken for granted of full loads may be wrong: then all is sorted.
    match Box::pin(inquiry.answer(&engine, asked.most)).await {
        Ok(answer) => Ok(answer),
        Err(error) if !log.beyond().is_empty() => Err(error),
        Err(_) => {
            let config = engine.config().clone().with_extension(Arc::new(AnyLoads));
            let mut sorting = engine;
            *sorting.config_mut() = config;
            Box::pin(inquiry.answer(&sorting, asked.most)).await
        }
    }
}

/// A row that is asked for, and what is there to answer with.
struct Inquiry<'a> {
    job: &'a Job,
    output: &'a Output,
    /// Columns of the model, with the values that the row has.
    values: Vec<(usize, ScalarValue)>,
    surveys: &'a [SourceSurvey],
    ledger: &'a Ledger,
    /// The target, or why it cannot be read.
    target: std::result::Result<Arc<dyn Target>, String>,
}

impl Inquiry<'_> {
    async fn answer(&self, engine: &SessionState, most: usize) -> Result<Explanation> {
        let mut notes = Vec::new();
        let raw = self.raw_plan(engine).await?;
        let row = self.is_row(&raw);
        let model = canonical(&self.output.file, raw.clone())?;
        let model = LogicalPlanBuilder::from(model).filter(self.is_named())?.build()?;
        let of_model = kept(engine, &model, &self.output.file, most).await?;
        let read = self.of_table(engine, most, &mut notes).await;
        let is_read = read.is_some();
        let of_table = read.flatten();
        let verdict = match is_read {
            true => Verdict::of(self, engine, &of_model, of_table.as_ref()).await?,
            false => Verdict { state: State::TableNotRead, because: None },
        };
        let surveys = if self.knows_pending() { self.surveys } else { &[] };
        let search = Search { engine, surveys, file: &self.output.file, most };
        let is_absent = of_model.count == 0;
        let mut lineage = if is_absent { Lineage::of_absent(&raw) } else { Lineage::of(&raw) }?;
        lineage.in_words_of(&self.job.models, &self.output.model);
        let made = Box::pin(search.made(&lineage, row));
        let made = match is_absent {
            true => tokio::time::timeout(ABSENT_TIME_MAX, made).await.ok().transpose()?,
            false => Some(made.await?),
        };
        match &made {
            // Of a row that is nowhere it may be that what is not followed would give it.
            Some(_) => notes.extend(lineage.notes),
            None => {
                let seconds = ABSENT_TIME_MAX.as_secs();
                notes.push(format!("what leaves the row out was not found in {seconds} s"));
            }
        }
        let set_aside = self.set_aside(engine).await?;
        let rows = (&of_model, of_table.as_ref());
        let mut told = report::of(self, verdict, rows, made, notes)?;
        told.set_aside = set_aside;
        Ok(told)
    }

    /// The bad rows of its sources that may be what the row is made of: of a row that is made of one row of a source those that are, or
    /// may be, of its key; of any other source all.
    async fn set_aside(&self, engine: &SessionState) -> Result<Vec<BadRow>> {
        let Some(counts) = engine.config().get_extension::<ReadCounts>() else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let read = &self.output.analysis.sources;
        for survey in self.surveys.iter().filter(|survey| read.contains(&survey.source.name)) {
            let key = match &self.output.analysis.way {
                Way::RowWise { driver, .. } if *driver == survey.source.name => {
                    let (_, from) = paired_keys(self.output, survey)?;
                    let values = self.values.iter().map(|(_, value)| value.clone());
                    Some(from.into_iter().zip(values).collect::<Vec<_>>())
                }
                _ => None,
            };
            found.extend(bad_rows(survey, key.as_deref(), &counts, engine).await?);
        }
        Ok(found)
    }

    async fn raw_plan(&self, engine: &SessionState) -> Result<LogicalPlan> {
        let (models, name) = (&self.job.models, &self.output.model);
        let mut planned = models.plan_one(engine, tables(self.surveys, None), name).await?;
        let plan = planned.plans.remove(name);
        plan.ok_or_else(|| Error::failed(format!("model `{name}` was not planned")))
    }

    /// Whether it is known what is pending: not without the ledger, and not where a run would be refused, since all that is staged is
    /// shown then.
    fn knows_pending(&self) -> bool {
        let is_applied =
            |source: &str| self.ledger.applied.iter().any(|applied| applied.entry.source == source);
        let is_as_if_new = |survey: &SourceSurvey| {
            survey.state.news == News::Rebuild(RebuildReason::First)
                && is_applied(&survey.source.name)
        };
        self.target.is_ok() && !self.surveys.iter().any(is_as_if_new)
    }

    /// The condition that the row meets, on the columns of the model's raw plan.
    fn is_row(&self, raw: &LogicalPlan) -> Expr {
        let column = |index: usize| Column::from(raw.schema().qualified_field(index));
        let equal = self.values.iter().map(|(index, value)| {
            let field = raw.schema().field(*index);
            let column = Expr::Column(column(*index));
            if value.is_null() {
                return column.is_null();
            }
            match *field.data_type() == value.data_type() {
                true => column.eq(lit(value.clone())),
                false => cast(column, value.data_type()).eq(lit(value.clone())),
            }
        });
        equal.reduce(Expr::and).unwrap_or_else(|| lit(true))
    }

    /// The same on columns that are named as the model's.
    fn is_named(&self) -> Expr {
        let equal = self.values.iter().map(|(index, value)| {
            let column = Column::from_name(self.output.schema.field(*index).name());
            let column = Expr::Column(column);
            if value.is_null() { column.is_null() } else { column.eq(lit(value.clone())) }
        });
        equal.reduce(Expr::and).unwrap_or_else(|| lit(true))
    }

    /// The rows of the table, if there is one; `None` if it cannot be read.
    async fn of_table(
        &self,
        engine: &SessionState,
        most: usize,
        notes: &mut Vec<String>,
    ) -> Option<Option<Kept>> {
        let read = match &self.target {
            Err(error) => {
                notes.push(format!("the table was not read: {error}"));
                return None;
            }
            Ok(target) => {
                let looked_for: Vec<usize> = self.values.iter().map(|(index, _)| *index).collect();
                let row = (self.is_named(), looked_for.as_slice());
                of_table(engine, target, self.output, row, most, notes).await
            }
        };
        match read {
            Ok(rows) => Some(rows),
            Err(error) => {
                notes.push(format!("the table was not read: {error}"));
                None
            }
        }
    }
}

/// A model by its name or by that of its table.
fn output_of<'a>(job: &'a Job, name: &str) -> Result<&'a Output> {
    let is_it = |output: &&Output| {
        let table = output.table.to_string();
        [output.model.as_str(), &table, output.table.name()]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    if let Some(output) = job.outputs.iter().find(is_it) {
        return Ok(output);
    }
    if let Some(source) = job.sources.iter().find(|s| s.name.eq_ignore_ascii_case(name)) {
        let (job, name) = (&job.name, &source.name);
        return Err(Error::usage(format!("--table: `{name}` is a source, whose rows are staged"))
            .hint(format!("`runner history --job {job} --table {name} --key …` shows each change of one; explain-row is for the tables that the job writes")));
    }
    let error = Error::usage(format!("--table: job `{}` writes no table `{name}`", job.name));
    let names: Vec<&str> = job.outputs.iter().map(|output| output.model.as_str()).collect();
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it writes {}", names.join(", "))),
    })
}

/// The columns of a model that a key names, with their values. Of a model without a key any columns may be named.
fn values_of(output: &Output, given: &[String]) -> Result<Vec<(usize, ScalarValue)>> {
    let is_named = |index: &usize| {
        let name = output.schema.field(*index).name().to_lowercase();
        given.iter().any(|text| {
            let text = text.to_lowercase();
            let begins = |part: &str| {
                let part = part.trim_start().strip_prefix(name.as_str());
                part.is_some_and(|rest| rest.trim_start().starts_with('='))
            };
            text.split(',').any(begins)
        })
    };
    let columns: Vec<usize> = match output.key.as_slice() {
        [] => (0..output.schema.fields().len()).filter(is_named).collect(),
        key => key.to_vec(),
    };
    if columns.is_empty() {
        let names: Vec<&str> =
            output.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let error = Error::usage(format!("model `{}` has no key", output.model));
        return Err(error
            .hint(format!("name columns of it: --key 'COLUMN=VALUE', of {}", names.join(", "))));
    }
    let key = Key {
        of: format!("model `{}`", output.model),
        columns: columns
            .iter()
            .map(|index| KeyColumn::of(output.schema.field(*index), None))
            .collect(),
        others: names_but(&output.schema, &columns),
    };
    Ok(columns.into_iter().zip(key.read(given)?).collect())
}
