//! Decides for each model what a run does with its table. Pure.

use std::collections::{BTreeMap, BTreeSet};

use transforms::model::way::Way;
use transforms::staging::News;

use crate::job::Output;
use crate::target::ledger::GONE;

/// What a run does with a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing that the model reads is new.
    Untouched,
    /// The delta comes from the net changes of the driver.
    RowWise {
        /// The source whose changes are applied.
        driver: String,
    },
    /// The driver's new rows are appended.
    Append {
        /// The source whose rows are appended.
        driver: String,
    },
    /// The sources are replayed and the result is compared with the table.
    Replay,
    /// The sources are replayed and the result replaces the table's content in place.
    Replace,
    /// The table is filled anew beside the old one and exchanged.
    Rebuild,
}

impl Step {
    /// The word for reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::RowWise { .. } => "row-wise",
            Self::Append { .. } => "append",
            Self::Replay => "replay",
            Self::Replace => "replace",
            Self::Rebuild => "full load",
        }
    }
}

/// A step and why it is this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is done.
    pub step: Step,
    /// Why, as a lowercase fragment.
    pub reason: String,
    /// Columns of the model that the table lacks and gets, as indices into the model's schema.
    pub adds: Vec<usize>,
}

impl Decision {
    fn new(step: Step, reason: impl Into<String>) -> Self {
        Self { step, reason: reason.into(), adds: Vec::new() }
    }
}

/// What is known of a model's table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// Whether it exists.
    pub exists: bool,
    /// Why it cannot be exchanged, if it cannot.
    pub swap_obstacle: Option<String>,
    /// The fingerprint of the definition that it was last written with.
    pub written_with: Option<String>,
    /// Columns of the model that it lacks and gets, as indices into the model's schema.
    pub lacks: Vec<usize>,
}

/// Decides for all models together, since a run either exchanges tables or changes them in one transaction. `dependent` are the
/// sources whose pending objects do not tell all that is new.
#[must_use]
pub fn decide(
    outputs: &[Output],
    news: &BTreeMap<String, News>,
    dependent: &BTreeSet<String>,
    facts: &[TableFacts],
) -> Vec<Decision> {
    let wished: Vec<Decision> = outputs
        .iter()
        .zip(facts)
        .map(|(output, facts)| match must_rebuild(output, news, facts) {
            Some(reason) => {
                Decision { adds: facts.lacks.clone(), ..Decision::new(Step::Rebuild, reason) }
            }
            None => of_changes(output, news, dependent),
        })
        .collect();
    if wished.iter().all(|decision| decision.step != Step::Rebuild) {
        return wished;
    }
    let obstacle = wished
        .iter()
        .zip(facts)
        .filter(|(decision, _)| decision.step != Step::Untouched)
        .find_map(|(_, facts)| facts.swap_obstacle.clone());
    wished
        .into_iter()
        .zip(outputs)
        .map(|(decision, output)| match (&decision.step, &obstacle) {
            (Step::Untouched, _) => decision,
            (Step::Rebuild, None) => decision,
            (_, None) => Decision::new(
                Step::Rebuild,
                "other tables of the job are exchanged in the same step",
            ),
            (Step::Rebuild, Some(obstacle)) => Decision {
                step: if output.key.is_empty() { Step::Replace } else { Step::Replay },
                reason: format!("{}; in place, since {obstacle}", decision.reason),
                ..decision
            },
            (_, Some(_)) => decision,
        })
        .collect()
}

fn must_rebuild(
    output: &Output,
    news: &BTreeMap<String, News>,
    facts: &TableFacts,
) -> Option<String> {
    let loaded = output.analysis.sources.iter().find_map(|source| match news.get(source) {
        Some(News::Rebuild(reason)) => Some(format!("`{source}`: {}", reason.as_str())),
        _ => None,
    });
    if loaded.is_some() {
        return loaded;
    }
    if !facts.exists {
        return Some("the table does not exist".to_owned());
    }
    if !facts.lacks.is_empty() {
        return Some(format!("the table gets columns that it lacks: {}", lacking(output, facts)));
    }
    redefined(output, facts.written_with.as_deref()).map(str::to_owned)
}

/// Why a table is to be built anew whatever is staged, if its model is another one than it was last written with.
#[must_use]
pub fn redefined(output: &Output, written_with: Option<&str>) -> Option<&'static str> {
    match written_with {
        Some(fingerprint) if *fingerprint == output.fingerprint => None,
        Some(GONE) => Some("the job has the model again"),
        Some(_) => Some("the model's definition has changed"),
        None => Some("the model is new"),
    }
}

fn lacking(output: &Output, facts: &TableFacts) -> String {
    let name =
        |index: &usize| output.schema.fields().get(*index).map(|field| field.name().as_str());
    facts.lacks.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

fn of_changes(
    output: &Output,
    news: &BTreeMap<String, News>,
    dependent: &BTreeSet<String>,
) -> Decision {
    let changed: Vec<(&String, usize)> = output
        .analysis
        .sources
        .iter()
        .filter_map(|source| match news.get(source) {
            Some(News::Changes { read_again }) => Some((source, *read_again)),
            _ => None,
        })
        .collect();
    let replay = |reason: String| {
        let step = if output.key.is_empty() { Step::Replace } else { Step::Replay };
        Decision::new(step, reason)
    };
    let [(source, read_again)] = changed.as_slice() else {
        return if changed.is_empty() {
            Decision::new(Step::Untouched, "nothing that it reads has changed")
        } else if output.analysis.way == Way::Replay {
            replay(output.analysis.reason.clone())
        } else {
            replay("more than one of its sources has changed".to_owned())
        };
    };
    match &output.analysis.way {
        Way::Replay => replay(output.analysis.reason.clone()),
        Way::RowWise { driver, .. } | Way::Append { driver, .. } if driver != *source => {
            replay(format!("`{source}`, which it joins, has changed"))
        }
        Way::RowWise { driver, .. } if dependent.contains(driver) => replay(format!(
            "changes of `{driver}` leave columns out, or are older than applied ones"
        )),
        Way::Append { driver, .. } => {
            Decision::new(Step::Append { driver: driver.clone() }, output.analysis.reason.clone())
        }
        Way::RowWise { driver, .. } => {
            let reason = match read_again {
                0 => output.analysis.reason.clone(),
                objects => format!(
                    "{}; an object came late, so {objects} applied ones after it are read again",
                    output.analysis.reason
                ),
            };
            Decision::new(Step::RowWise { driver: driver.clone() }, reason)
        }
    }
}

#[cfg(test)]
mod tests;
