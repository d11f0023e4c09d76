//! What a plan depends on, and what has moved since. Comparing is pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use transforms::staging::Staged;

use super::effect::Effect;
use super::moment;
use super::planned::PlannedModel;
use super::values::PinnedValues;
use crate::decide::{Decision, Step};
use crate::digest;
use crate::error::{Error, Result};
use crate::job::{Job, Output};
use crate::survey::SourceSurvey;
use crate::target::ledger::Ledger;
use crate::target::{Loss, TableDef, Target};

/// Bytes of a digest: all of SHA-256.
const DIGEST_BYTES: usize = 32;

/// A plan's inputs, and what is to come of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// What the plan was made from.
    pub inputs: Inputs,
    /// What is done with each model's table.
    pub models: Vec<PlannedModel>,
    /// The values of the job's variables, if it has any and the plan is to be kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub values: Option<PinnedValues>,
}

/// What a plan was made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The job.
    pub job: String,
    /// The target, without its password.
    pub target: String,
    /// The run whose commit was the last; empty before the first.
    pub last_run: String,
    /// The job's files, with the digests of their texts; variables are not replaced.
    pub files: BTreeMap<String, String>,
    /// The models' tables, with the digests of their definitions; `None` for one that is not there.
    pub tables: BTreeMap<String, Option<String>>,
    /// What is staged for each source.
    pub sources: BTreeMap<String, PinnedSource>,
}

/// What is staged for a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedSource {
    /// Where.
    pub location: String,
    /// The generation that the pending objects belong to.
    pub generation: u32,
    /// The last object in the order of application, applied or pending; `None` if there is none.
    pub newest: Option<Place>,
    /// What is to be applied, and what is to be noted as void (`superseded`) or gone.
    pub objects: Vec<PinnedObject>,
}

/// A place in the order of application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The position in the generation.
    pub position: String,
    /// The key, which decides between equal positions.
    pub key: String,
}

/// An object that a plan counts on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedObject {
    /// Its key relative to the source's folder.
    pub key: String,
    /// `load`, `change`, `superseded` or `gone`.
    pub kind: String,
    /// Its ETag, size and time, as the ledger keeps them; empty for one that is gone.
    pub fingerprint: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub modified: Option<String>,
}

impl Inputs {
    /// What is known before a look at what is staged.
    ///
    /// # Errors
    /// Those of asking for the tables' definitions.
    pub(crate) async fn of(job: &Job, target: &Arc<dyn Target>, ledger: &Ledger) -> Result<Self> {
        let mut tables = BTreeMap::new();
        for output in &job.outputs {
            let found = target.describe(&output.table).await?;
            tables.insert(output.table.to_string(), found.as_ref().map(definition));
        }
        Ok(Self {
            job: job.name.to_string(),
            target: target.display_name(),
            last_run: ledger.last_run.clone(),
            files: job.files.clone(),
            tables,
            sources: BTreeMap::new(),
        })
    }

    /// The same with what is staged.
    pub(crate) fn with_sources(self, surveys: &[SourceSurvey]) -> Self {
        let sources = surveys.iter().map(|s| (s.source.name.clone(), PinnedSource::of(s)));
        Self { sources: sources.collect(), ..self }
    }

    /// Whether an object is of no concern: it is none of the plan's and sorts behind all that the plan knew of its source. It is
    /// left to the next run, as if it had been staged later.
    pub(crate) fn leaves(&self, source: &str, object: &Staged) -> bool {
        let Some(pinned) = self.sources.get(source) else { return false };
        if pinned.objects.iter().any(|known| known.key == object.listed.key) {
            return false;
        }
        let place = Place { position: object.position(), key: object.listed.key.clone() };
        pinned.newest.as_ref().is_none_or(|newest| place > *newest)
    }

    /// What is another now than it was, but for what is staged, a line each.
    pub(crate) fn moved(&self, now: &Self) -> Vec<String> {
        let mut moved = Vec::new();
        moved.extend(self.retargeted(&now.target));
        if self.last_run != now.last_run {
            let run = if now.last_run.is_empty() { "none" } else { &now.last_run };
            moved.push(format!("the ledger has moved on: its last run is {run}"));
        }
        moved.extend(differences(&self.files, &now.files, |file, state| match state {
            Difference::New => format!("file {file} is new"),
            Difference::Gone => format!("file {file} is gone"),
            Difference::Other => {
                format!("file {file} has another text")
            }
        }));
        let [was, is] = [self, now].map(|inputs| {
            let there = inputs.tables.iter().filter_map(|(table, definition)| {
                definition.as_ref().map(|definition| (table.clone(), definition.clone()))
            });
            there.collect::<BTreeMap<_, _>>()
        });
        moved.extend(differences(&was, &is, |table, state| match state {
            Difference::New => format!("table `{table}` was not there, and is now"),
            Difference::Gone => format!("table `{table}` is gone"),
            Difference::Other => format!("table `{table}` was altered"),
        }));
        moved
    }

    fn retargeted(&self, now: &str) -> Option<String> {
        let is_other = self.target != now;
        is_other.then(|| format!("the target was {}, and is {now}", self.target))
    }

    /// What is staged otherwise than it was, a line each.
    pub(crate) fn restaged(&self, now: &Self) -> Vec<String> {
        let mut moved = Vec::new();
        for (source, is) in &now.sources {
            let Some(was) = self.sources.get(source) else {
                moved.push(format!("source `{source}` is new"));
                continue;
            };
            if was.location != is.location {
                moved.push(format!(
                    "source `{source}` was in {}, and is in {}",
                    was.location, is.location
                ));
                continue;
            }
            let [before, after] = [was, is].map(PinnedSource::fingerprints);
            let objects = differences(&before, &after, |key, state| match state {
                Difference::New => format!(
                    "object `{key}` of source `{source}` is new, and sorts before what was planned"
                ),
                Difference::Gone => format!("object `{key}` of source `{source}` is gone"),
                Difference::Other => {
                    format!("object `{key}` of source `{source}` was written again")
                }
            });
            let is_other = objects.is_empty() && was.generation != is.generation;
            moved.extend(objects);
            if is_other {
                moved.push(format!("source `{source}` is in another generation"));
            }
        }
        let gone = self.sources.keys().filter(|source| !now.sources.contains_key(*source));
        moved.extend(gone.map(|source| format!("source `{source}` is gone")));
        moved
    }
}

impl PinnedSource {
    fn of(survey: &SourceSurvey) -> Self {
        let state = &survey.state;
        let pinned = |staged: &Staged, kind: String| PinnedObject {
            key: staged.listed.key.clone(),
            kind,
            fingerprint: staged.listed.fingerprint(),
            bytes: staged.listed.size,
            modified: Some(moment(staged.listed.modified)),
        };
        let pending = state.pending_objects().map(|o| pinned(o, o.name.kind.to_string()));
        let void = state.superseded.iter().map(|o| pinned(o, "superseded".to_owned()));
        let gone = state.gone.iter().filter(|gone| gone.is_news).map(|gone| PinnedObject {
            key: gone.key.clone(),
            kind: "gone".to_owned(),
            fingerprint: String::new(),
            bytes: 0,
            modified: None,
        });
        let places = state
            .objects
            .iter()
            .map(|object| Place { position: object.position(), key: object.listed.key.clone() });
        let kept = state
            .gone
            .iter()
            .map(|gone| Place { position: gone.position.clone(), key: gone.key.clone() });
        Self {
            location: survey.places.to_string(),
            generation: state.generation,
            newest: places.chain(kept).max(),
            objects: pending.chain(void).chain(gone).collect(),
        }
    }

    fn fingerprints(&self) -> BTreeMap<String, String> {
        let known = |object: &PinnedObject| {
            (object.key.clone(), format!("{} {}", object.kind, object.fingerprint))
        };
        self.objects.iter().map(known).collect()
    }
}

impl Pins {
    /// The same, to be kept: with the values of the job's variables.
    #[must_use]
    pub fn with_values(self, job: &Job) -> Self {
        Self { values: PinnedValues::of(&job.values), ..self }
    }

    /// Refuses another target.
    ///
    /// # Errors
    /// Kind `Refused`.
    pub(crate) fn check_target(&self, target: &Arc<dyn Target>) -> Result<()> {
        refuse(self.inputs.retargeted(&target.display_name()).into_iter().collect())
    }

    /// Refuses if anything that is known before a look at what is staged has moved.
    ///
    /// # Errors
    /// Kind `Refused`, naming each thing; those of asking the target.
    pub(crate) async fn check(
        &self,
        job: &Job,
        target: &Arc<dyn Target>,
        ledger: &Ledger,
    ) -> Result<()> {
        let mut moved = self.inputs.moved(&Inputs::of(job, target, ledger).await?);
        moved.extend(self.values.as_ref().and_then(|values| values.moved(&job.values)));
        refuse(moved)
    }

    /// Refuses if what is staged is not what was planned for.
    ///
    /// # Errors
    /// Kind `Refused`, naming each object.
    pub(crate) fn check_staged(&self, surveys: &[SourceSurvey]) -> Result<()> {
        refuse(self.inputs.restaged(&Inputs::default().with_sources(surveys)))
    }

    /// Refuses if what would be written does otherwise to the tables than was planned; effects are one for each output, as
    /// [`super::effect::effects`] answers them.
    ///
    /// # Errors
    /// Kind `Refused`, naming each table.
    pub(super) fn check_effects(
        &self,
        outputs: &[Output],
        effects: &[Option<Effect>],
    ) -> Result<()> {
        let mut moved = Vec::new();
        for (output, effect) in outputs.iter().zip(effects) {
            let planned = self.models.iter().find(|planned| planned.model == output.model);
            if let (Some(planned), Some(effect)) = (planned, effect) {
                moved.extend(planned.differs(&effect.changes));
            }
        }
        refuse(moved)
    }

    /// Refuses if tables are written in another way, or by other numbers of rows, than was planned; `losses` are those of the
    /// models that are written, in their order.
    ///
    /// # Errors
    /// Kind `Refused`, naming each model.
    pub(crate) fn check_written(
        &self,
        outputs: &[Output],
        decisions: &[Decision],
        losses: &[Loss],
    ) -> Result<()> {
        let mut losses = losses.iter();
        let mut moved = Vec::new();
        for (output, decision) in outputs.iter().zip(decisions) {
            let loss = match decision.step {
                Step::Untouched => None,
                _ => losses.next(),
            };
            match self.models.iter().find(|planned| planned.model == output.model) {
                None => moved.push(format!("model `{}` is new", output.model)),
                Some(planned) => moved.extend(planned.moved(&decision.step, loss)),
            }
        }
        refuse(moved)
    }
}

fn refuse(moved: Vec<String>) -> Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the plan is not of what is there now:\n    {}",
        moved.join("\n    ")
    ))
    .hint("nothing was written; plan again, look at it, and apply that"))
}

enum Difference {
    New,
    Gone,
    Other,
}

fn differences(
    was: &BTreeMap<String, String>,
    is: &BTreeMap<String, String>,
    say: impl Fn(&str, Difference) -> String,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, before) in was {
        match is.get(name) {
            None => lines.push(say(name, Difference::Gone)),
            Some(after) if after != before => lines.push(say(name, Difference::Other)),
            Some(_) => {}
        }
    }
    let new = is.keys().filter(|name| !was.contains_key(*name));
    lines.extend(new.map(|name| say(name, Difference::New)));
    lines
}

/// Stands for all that a database tells of a table.
fn definition(def: &TableDef) -> String {
    let TableDef { table, columns, unique, swap_obstacle } = def;
    let text = format!("{table}\n{columns:?}\n{unique:?}\n{swap_obstacle:?}");
    digest::hex(text.as_bytes(), DIGEST_BYTES)
}

#[cfg(test)]
mod tests;
