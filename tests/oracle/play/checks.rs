//! What is checked after each run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use runner::target::ledger::EntryKind;

use super::{Outcome, Player};
use crate::oracle::compare::{Rows, difference, expected};
use crate::oracle::source::Row;
use crate::oracle::subject::Failure;
use crate::oracle::world::{Look, Order, Table};

impl Player<'_> {
    pub(super) fn check_tables(&self) -> Outcome {
        let told = |failure: Failure| format!("cannot be read: {failure}");
        let (_, _, job) = self.subject.load().map_err(told)?;
        let rows: Vec<Vec<Row>> = self.tables.iter().map(Table::replay).collect();
        let wanted: Vec<Rows> = self
            .runtime
            .block_on(Box::pin(expected(&job, &rows)))
            .map_err(|error| format!("the oracle cannot evaluate: {error}"))?;
        let found = self.subject.tables(&job).map_err(told)?;
        for ((output, wanted), found) in job.outputs.iter().zip(&wanted).zip(&found) {
            if let Some(difference) = difference(wanted, found) {
                return Err(format!("table of {} is wrong\n  {difference}", output.model));
            }
        }
        let models = self.models.iter().filter(|model| !model.is_helper());
        let mut names: BTreeSet<String> = models.map(|model| model.name.clone()).collect();
        names.extend(["unglue_ledger", "unglue_meta"].map(str::to_owned));
        let there = self.subject.table_names();
        if there != names {
            return Err(format!("tables {there:?} instead of {names:?}"));
        }
        Ok(())
    }

    /// A file for each applied object with rows set aside, and no other of the generation.
    pub(super) fn check_rejects(&self, table: &Table, generation: u32) -> Outcome {
        let folder = self.subject.rejects().join(table.source.name).join(generation.to_string());
        let mut found = BTreeMap::new();
        rejects_below(&folder, "", &mut found);
        let files = table.applied.keys().map(|key| (key.clone(), table.of_applied(key).rejected));
        let wanted: BTreeMap<String, u64> = files.filter(|(_, rejected)| *rejected > 0).collect();
        if found != wanted {
            let name = table.source.name;
            return Err(format!("the rejects of {name} are {found:?} instead of {wanted:?}"));
        }
        Ok(())
    }

    /// One entry for each applied object of the current generation, and one for each that came too late.
    pub(super) fn check_ledger(&self) -> Outcome {
        let ledger = self.subject.ledger().map_err(|f| format!("no ledger: {f}"))?;
        let mut superseded = BTreeSet::new();
        for table in &self.tables {
            let name = table.source.name;
            let entries: Vec<_> = ledger
                .applied
                .iter()
                .map(|applied| &applied.entry)
                .filter(|entry| entry.source == name)
                .collect();
            let is_late = |kind: EntryKind| kind == EntryKind::Superseded;
            let is_applied = |kind: EntryKind| {
                matches!(kind, EntryKind::Load | EntryKind::Change | EntryKind::Gone)
            };
            superseded.extend(
                entries
                    .iter()
                    .filter(|entry| is_late(entry.kind))
                    .map(|entry| (name.to_owned(), entry.object.clone())),
            );
            let newest = entries.iter().map(|entry| entry.generation).max();
            let mut found: Vec<(String, u64, u64)> = entries
                .iter()
                .filter(|entry| Some(entry.generation) == newest && is_applied(entry.kind))
                .map(|entry| (entry.object.clone(), entry.rows, entry.rejected))
                .collect();
            found.sort();
            let wanted: Vec<(String, u64, u64)> = table
                .applied
                .keys()
                .map(|key| {
                    let file = table.of_applied(key);
                    (key.clone(), file.rows.len() as u64, file.rejected)
                })
                .collect();
            if found != wanted {
                return Err(format!("the ledger of {name} has {found:?} instead of {wanted:?}"));
            }
            self.check_rejects(table, newest.unwrap_or(0))?;
        }
        if !superseded.is_superset(&self.superseded) {
            return Err(format!("superseded: {superseded:?} without {:?}", self.superseded));
        }
        Ok(())
    }
}

/// The lines that the files of rejects below a folder hold, by the object's key.
pub(super) fn rejects_below(folder: &Path, prefix: &str, found: &mut BTreeMap<String, u64>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            rejects_below(&entry.path(), &format!("{name}/"), found);
        } else if let Some(key) = name.strip_suffix(".jsonl") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let lines = text.lines().map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                line["lines"].as_u64().unwrap()
            });
            found.insert(key.to_owned(), lines.sum());
        }
    }
}

/// The report names the objects and the ways that it must.
pub(super) fn check_report(
    report: &serde_json::Value,
    tables: &[Table],
    looks: &[Look],
    ways: &BTreeMap<String, &'static str>,
) -> Outcome {
    let mut wanted = BTreeMap::new();
    let mut late = BTreeSet::new();
    for (table, look) in tables.iter().zip(looks) {
        for key in &look.pending {
            let file = &table.files[key];
            let kind = if matches!(file.order, Order::Load(_)) { "load" } else { "change" };
            wanted.insert(
                (table.source.name.to_owned(), key.clone()),
                (kind.to_owned(), file.rows.len() as u64, file.rejected),
            );
        }
        let name = table.source.name;
        for key in &look.superseded {
            wanted.insert((name.to_owned(), key.clone()), ("superseded".to_owned(), 0, 0));
        }
        for (key, file) in table.gone.iter().filter(|(_, file)| !look.ends && !file.is_ignored) {
            wanted.insert((name.to_owned(), key.clone()), ("gone".to_owned(), 0, file.rejected));
        }
        late.extend(table.late(look).into_iter().map(|key| (name.to_owned(), key)));
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let objects = report["objects"].as_array().cloned().unwrap_or_default();
    let found: BTreeMap<_, _> = objects
        .iter()
        .map(|object| {
            let [rows, rejected] =
                ["rows", "rejected"].map(|name| object[name].as_u64().unwrap_or(u64::MAX));
            let name = (text(&object["source"]), text(&object["key"]));
            (name, (text(&object["kind"]), rows, rejected))
        })
        .collect();
    if found != wanted || found.len() != objects.len() {
        return Err(format!("the report has the objects {found:?} instead of {wanted:?}"));
    }
    let told = objects.iter().filter(|object| object["late"] == true);
    let told: BTreeSet<_> =
        told.map(|object| (text(&object["source"]), text(&object["key"]))).collect();
    if told != late {
        return Err(format!("the report calls {told:?} late instead of {late:?}"));
    }
    let models = report["models"].as_array().cloned().unwrap_or_default();
    let found: BTreeMap<_, _> =
        models.iter().map(|model| (text(&model["model"]), text(&model["way"]))).collect();
    let wanted_ways: BTreeMap<_, _> =
        ways.iter().map(|(model, way)| (model.clone(), (*way).to_owned())).collect();
    if found != wanted_ways || found.len() != models.len() {
        return Err(format!("the models went {found:?} instead of {wanted_ways:?}"));
    }
    let is_idle = wanted.is_empty() && ways.is_empty();
    let outcome = if is_idle { "nothing_to_do" } else { "applied" };
    if report["outcome"] != outcome {
        return Err(format!("the outcome is {} instead of {outcome}", report["outcome"]));
    }
    Ok(())
}
