//! A run from its begin to its end, for whoever watches: lines of logs, and metrics when it has ended, however that was.

use std::sync::{Arc, OnceLock};

use chrono::Utc;
use clap::ValueEnum;
use emf::Namespace;
use tracing::info;

use super::app::App;
use super::fail;
use crate::error::{Error, Result};
use crate::job::JobName;
use crate::lag::Waiting;
use crate::metrics::{Ended, Rates, metrics};
use crate::report::{ModelReport, ObjectReport, Report};
use crate::telemetry::{self, peak_memory};

/// So many objects of a run are named in logs.
const OBJECTS_MAX: usize = 100;

/// How metrics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum MetricsFormat {
    /// Not at all
    #[default]
    None,
    /// One line of CloudWatch's Embedded Metric Format on stderr when the run has ended
    Emf,
}

/// A run under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    /// None if what was asked for is no name of a job.
    job: Option<JobName>,
    run_id: String,
    /// If metrics are asked for.
    metrics: Option<(Rates, Namespace)>,
    /// What the run finds pending.
    pub(super) waiting: Arc<Waiting>,
    /// Set when the run has come to its end.
    report: OnceLock<Report>,
}

impl UnderWay {
    /// A run of a job of this name begins: from now on lines are of it.
    ///
    /// # Errors
    /// Kind `Usage` for variables that say how metrics are to be made, and are not understood.
    pub(super) fn begin<'a>(
        app: &'a App,
        name: &str,
        metrics: Option<MetricsFormat>,
    ) -> Result<&'a Self> {
        // Another text may be anything.
        let job: Option<JobName> = name.parse().ok();
        let run_id = uuid::Uuid::now_v7().to_string();
        telemetry::begin_run(job.as_ref().map(JobName::as_str), &run_id);
        let format = metrics.map_or_else(|| app.choice("UNGLUE_METRICS"), Ok)?;
        let metrics = match format {
            MetricsFormat::None => None,
            MetricsFormat::Emf => Some((Rates::read(&|name| app.variable(name))?, namespace(app))),
        };
        let (waiting, report) = (Arc::default(), OnceLock::new());
        Ok(app.run.get_or_init(|| Self { job, run_id, metrics, waiting, report }))
    }

    pub(super) fn job(&self) -> Option<&str> {
        self.job.as_ref().map(JobName::as_str)
    }

    pub(super) fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Tells that the run begins.
    pub(super) fn tell_begin(&self, app: &App) {
        let version = env!("CARGO_PKG_VERSION");
        let attempt = app.variable("UNGLUE_ATTEMPT").and_then(|text| text.parse::<u64>().ok());
        info!(version, attempt, "run begins");
    }

    /// The run has come to its end; tells what it applied and wrote.
    pub(super) fn done(&self, report: &Report) {
        for object in report.objects.iter().take(OBJECTS_MAX) {
            let ObjectReport { source, key, kind, rows, rejected, bytes, .. } = object;
            info!(source, object = key, kind, rows, rejected, bytes, "applied object");
        }
        if let Some(more) = report.objects.len().checked_sub(OBJECTS_MAX).filter(|more| *more > 0) {
            info!(objects = more, "applied more objects");
        }
        for written in &report.models {
            let ModelReport { model, table, way, upserted, deleted, replaced, .. } = written;
            info!(model, table, way, upserted, deleted, replaced, "wrote table");
        }
        let _only_once = self.report.set(report.clone());
    }

    /// Tells that it has ended, with this exit status.
    pub(super) fn end(&self, app: &App, status: u8) {
        let ended = Ended {
            job: self.job(),
            run_id: &self.run_id,
            status,
            report: self.report.get(),
            waiting: &self.waiting,
            at: Utc::now(),
            duration: app.started.elapsed(),
            peak_memory_bytes: peak_memory::bytes(),
        };
        let objects = ended.report.map_or(0, |report| report.objects.len());
        let rows_read = ended.report.map_or(0, |report| report.rows_read);
        let elapsed_ms = u64::try_from(ended.duration.as_millis()).unwrap_or(u64::MAX);
        info!(outcome = ended.outcome(), status, objects, rows_read, elapsed_ms, "run ended");
        if let Some((rates, namespace)) = &self.metrics {
            telemetry::write(&format!("{}\n", metrics(&ended, rates, namespace).to_json()));
        }
    }
}

/// The namespace of metrics. A wrong one is no reason not to run.
fn namespace(app: &App) -> Namespace {
    Namespace::read(app.variable(Namespace::VARIABLE).as_deref()).unwrap_or_else(|error| {
        fail::note(&error.to_string());
        Namespace::default()
    })
}

impl App {
    /// What a variable chooses; the usual choice without it.
    ///
    /// # Errors
    /// Kind `Usage` for a word that is no choice.
    pub(super) fn choice<T: ValueEnum + Default>(&self, name: &str) -> Result<T> {
        let Some(word) = self.variable(name).filter(|word| !word.is_empty()) else {
            return Ok(T::default());
        };
        T::from_str(&word, true).map_err(|_| {
            let words = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let words: Vec<String> = words.map(|value| value.get_name().to_owned()).collect();
            Error::usage(format!(
                "{} has a value that is not known",
                self.environment.name_of(name)
            ))
            .hint(format!("it is one of: {}", words.join(", ")))
        })
    }
}
