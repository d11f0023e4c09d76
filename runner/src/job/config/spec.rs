//! `job.toml` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use transforms::dms::DriftPolicy;
use transforms::sql::Dialect;
use transforms::staging::Vanished;

use super::{JobConfig, ModelConfig};
use crate::guard::{Guard, SHARE_MIN};
use crate::quality::OnFailure;
use crate::rejects::REJECTED_ROWS_MAX;

/// How far back late objects are looked for where the job does not say it.
const LATE_WINDOW_MINUTES: u32 = 60;

/// `job.toml` as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "job.toml")]
pub(super) struct JobSpec {
    /// Where its tables are: mysql://user:password@host:3306/db, secretsmanager://NAME or sqlite:PATH; ${NAME} is a variable
    target: Option<String>,
    /// The language of the models
    #[serde(default)]
    dialect: DialectSpec,
    /// How many bad rows may be set aside
    #[serde(default)]
    #[schemars(range(max = REJECTED_ROWS_MAX))]
    pub(super) rejected_rows: u64,
    /// Where they are kept: a folder or s3://bucket/prefix/
    pub(super) rejects: Option<String>,
    /// What becomes of objects that are wider or narrower than declared
    #[serde(default)]
    drift: DriftSpec,
    /// What becomes of applied objects that are gone
    #[serde(default)]
    vanished: VanishedSpec,
    /// How much older than the newest applied change an object may be that comes late and is still found at once
    pub(super) late_window_minutes: Option<u32>,
    /// What one run may take away from the tables of models that say nothing else
    #[serde(default)]
    guard: GuardSpec,
    /// What becomes of a run whose rules fail, of models that say nothing else
    #[serde(default)]
    quality: QualitySpec,
    /// Options of models by the model's name
    #[serde(default)]
    model: BTreeMap<String, ModelSpec>,
}

/// The language of the job's models.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DialectSpec {
    #[default]
    Spark,
    DataFusion,
}

impl From<DialectSpec> for Dialect {
    fn from(spec: DialectSpec) -> Self {
        match spec {
            DialectSpec::Spark => Self::Spark,
            DialectSpec::DataFusion => Self::DataFusion,
        }
    }
}

/// What is right once, such as to take what is left as the whole table, is no rule for all runs: only these two are.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum VanishedSpec {
    #[default]
    Refuse,
    Ignore,
}

/// What becomes of objects that are wider or narrower than declared.
#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DriftSpec {
    #[default]
    Refuse,
    Widen,
}

impl From<DriftSpec> for DriftPolicy {
    fn from(spec: DriftSpec) -> Self {
        match spec {
            DriftSpec::Refuse => Self::Refuse,
            DriftSpec::Widen => Self::Widen,
        }
    }
}

/// What one run may take away from a table.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GuardSpec {
    /// The largest share of a table's rows that a run may delete
    max_delete_share: Option<Share>,
    /// Whether a run may leave a table empty
    allow_empty: Option<bool>,
    /// Whether a run may replace a table that no run of this job wrote
    take_over: Option<bool>,
    /// Whether a run that builds a table anew may set columns to their default that the model lacks
    reset_columns: Option<bool>,
}

impl GuardSpec {
    fn over(self, other: Guard) -> Guard {
        Guard {
            max_delete_share: self.max_delete_share.map(|Share(s)| s).or(other.max_delete_share),
            allow_empty: self.allow_empty.unwrap_or(other.allow_empty),
            take_over: self.take_over.unwrap_or(other.take_over),
            reset_columns: self.reset_columns.unwrap_or(other.reset_columns),
        }
    }
}

/// Rules of `.dqdl` files.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct QualitySpec {
    /// Whether a run is refused if a rule fails, or only tells of it
    on_failure: Option<OnFailureSpec>,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnFailureSpec {
    Refuse,
    Report,
}

impl QualitySpec {
    fn over(self, other: OnFailure) -> OnFailure {
        match self.on_failure {
            None => other,
            Some(OnFailureSpec::Refuse) => OnFailure::Refuse,
            Some(OnFailureSpec::Report) => OnFailure::Report,
        }
    }
}

/// A share that a guard can watch.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(try_from = "f64")]
struct Share(#[schemars(range(min = SHARE_MIN, max = 1.0))] f64);

impl TryFrom<f64> for Share {
    type Error = String;

    fn try_from(share: f64) -> Result<Self, String> {
        if (SHARE_MIN..=1.0).contains(&share) {
            return Ok(Self(share));
        }
        Err(format!("a share is a number from {SHARE_MIN} to 1"))
    }
}

/// Options of a model.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ModelSpec {
    /// The table to write. Default: the model's name
    table: Option<String>,
    /// The key's columns. Default: the key that the SQL carries over from its source
    key: Option<Vec<String>>,
    #[serde(default)]
    guard: GuardSpec,
    #[serde(default)]
    quality: QualitySpec,
}

/// A file whose options fit each other.
impl From<JobSpec> for JobConfig {
    fn from(spec: JobSpec) -> Self {
        let guard = spec.guard.over(Guard::default());
        let quality = spec.quality.over(OnFailure::default());
        let models = spec.model.into_iter().map(|(name, model)| {
            let key = model.key.map(|key| key.iter().map(|name| name.to_lowercase()).collect());
            let guard = Some(model.guard.over(guard));
            let quality = Some(model.quality.over(quality));
            (name.to_lowercase(), ModelConfig { table: model.table, key, guard, quality })
        });
        let vanished = match spec.vanished {
            VanishedSpec::Refuse => Vanished::Refuse,
            VanishedSpec::Ignore => Vanished::Ignore,
        };
        Self {
            target: spec.target,
            dialect: spec.dialect.into(),
            rejected_rows: spec.rejected_rows,
            rejects: spec.rejects,
            vanished,
            late_window_minutes: spec.late_window_minutes.unwrap_or(LATE_WINDOW_MINUTES),
            guard,
            quality,
            drift: spec.drift.into(),
            models: models.collect(),
        }
    }
}
