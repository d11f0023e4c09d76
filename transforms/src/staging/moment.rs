//! Moments of the past, and which objects a source was made of then.
//!
//! Objects are applied as a whole, so between two of them a source has no state. A moment is therefore a place in the order
//! of application, or a set of applied objects:
//! * an object: the state right after it. Other sources: after what is named by its time or an earlier one.
//! * a time: after the changes whose names have that time or an earlier one. Names have the time in UTC, or in the source's
//!   `DatePartitionTimezone`, which is reckoned with. The name of a full load has no time, so that of its writing counts,
//!   unless the objects were copied: then it counts as there before all changes.
//! * what was applied, by all runs or by those up to one: the state that the target tables follow from.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use staged::change_time;

use super::object::{LOAD_CLASS, WRITTEN_WITHIN};
use super::{SourceState, Staged};
use crate::sql::nearest;

/// A moment, as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// After an object: where it is, its key, the end of either, or its name without what it ends with.
    Object(String),
    /// At a time.
    Time(DateTime<Utc>),
    /// After all that is applied.
    Applied,
    /// After what had been applied when a run had committed.
    Run(String),
}

impl Moment {
    /// Reads a moment. What is none of the other forms is an object's name. A time without a zone is in UTC.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        if ["applied", "last-run"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Self::Applied;
        }
        if let Some(run) = text.strip_prefix("run:") {
            return Self::Run(run.trim().to_owned());
        }
        time(text).map_or_else(|| Self::Object(text.to_owned()), Self::Time)
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    const LOCAL: [&str; 2] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    const DAY: &str = "%Y-%m-%d";
    let in_utc = text.strip_suffix(" UTC").or_else(|| text.strip_suffix('Z')).unwrap_or(text);
    let (text, in_utc) = (text.replacen('T', " ", 1), &in_utc.replacen('T', " ", 1));
    if let Ok(day) = NaiveDate::parse_from_str(in_utc, DAY) {
        return day.and_hms_opt(0, 0, 0).map(|time| time.and_utc());
    }
    LOCAL.iter().find_map(|form| {
        let local = NaiveDateTime::parse_from_str(in_utc, form);
        let zoned = || {
            let forms = [format!("{form}%#z"), format!("{form} %#z")];
            forms.iter().find_map(|form| DateTime::parse_from_str(&text, form).ok())
        };
        local.ok().map(|time| time.and_utc()).or_else(|| zoned().map(|time| time.to_utc()))
    })
}

/// A source with what is staged for it.
#[derive(Debug, Clone)]
pub struct Timeline<'a> {
    /// The source's name.
    pub source: &'a str,
    /// Its generation.
    pub state: &'a SourceState,
    /// Where its objects are, in their order.
    pub labels: Vec<&'a str>,
}

/// The sources of a job, side by side.
#[derive(Debug, Clone)]
pub struct Timelines<'a> {
    of: Vec<Timeline<'a>>,
    /// Whether times of writing are those of a copy.
    are_copies: bool,
}

/// Which objects a moment takes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// What sorts not behind an object of a source, by its index, and of other sources what is not newer.
    Behind {
        /// The objects.
        objects: BTreeMap<String, usize>,
        /// For the other sources.
        until: Until,
    },
    /// What was applied: the keys of objects by source.
    Applied(BTreeMap<String, BTreeSet<String>>),
}

/// How far a source goes that has no object of the moment's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// Its full load.
    Load,
    /// Changes up to a time as names have it, and a full load that was written by then.
    Stamp(String, DateTime<Utc>),
}

/// Why there is nothing to see at a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPast {
    /// No object has that name.
    #[error("no staged object is named `{name}`, and it is no time")]
    UnknownObject {
        /// The name.
        name: String,
        /// One that is like it.
        near: Option<String>,
    },
    /// Several objects of a source end so.
    #[error("several objects of source `{source_name}` are named `{name}`")]
    Ambiguous {
        /// The source.
        source_name: String,
        /// What they share.
        name: String,
        /// The keys of two.
        keys: [String; 2],
    },
    /// The time is before all that is staged.
    #[error("nothing that is staged is as old as that")]
    BeforeAll {
        /// The oldest time that something is known of.
        oldest: Option<DateTime<Utc>>,
    },
    /// A source's full load came later.
    #[error("source `{source_name}` begins later: its full load was written at {}", utc(*loaded))]
    LoadedLater {
        /// The source.
        source_name: String,
        /// When the last object of its full load was written.
        loaded: DateTime<Utc>,
    },
    /// An object that had been applied cannot be read any more.
    #[error("`{key}` of source `{source_name}` was applied by then and is not staged any more")]
    Gone {
        /// The source.
        source_name: String,
        /// The object's key.
        key: String,
    },
    /// An object that had been applied has another content now.
    #[error(
        "`{key}` of source `{source_name}` was applied by then and has been written again since"
    )]
    Rewritten {
        /// The source.
        source_name: String,
        /// The object's key.
        key: String,
    },
}

/// A time as messages have it.
#[must_use]
pub fn utc(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.f UTC").to_string()
}

impl<'a> Timelines<'a> {
    /// Puts sources side by side.
    #[must_use]
    pub fn new(of: Vec<Timeline<'a>>) -> Self {
        // DMS writes an object soon after the time that it is named by, a copy is written at any time.
        let is_copy = |object: &Staged| {
            time_of(object).is_some_and(|time| object.listed.modified > time + WRITTEN_WITHIN)
        };
        let are_copies = of.iter().any(|line| line.state.objects.iter().any(is_copy));
        Self { of, are_copies }
    }

    /// What a moment takes in that is an object or a time; none for one that only the ledger knows.
    ///
    /// # Errors
    /// [`NoPast::UnknownObject`], [`NoPast::Ambiguous`], [`NoPast::BeforeAll`].
    pub fn point(&self, moment: &Moment) -> Result<Option<Point>, NoPast> {
        match moment {
            Moment::Object(name) => self.behind(name).map(Some),
            Moment::Time(time) => {
                let oldest = self.of.iter().filter_map(|line| self.begins(line)).min();
                if oldest.is_none_or(|oldest| *time < oldest) {
                    return Err(NoPast::BeforeAll { oldest });
                }
                let until = Until::Stamp(padded(&stamp_of(*time)), *time);
                Ok(Some(Point::Behind { objects: BTreeMap::new(), until }))
            }
            Moment::Applied | Moment::Run(_) => Ok(None),
        }
    }

    fn behind(&self, name: &str) -> Result<Point, NoPast> {
        let (mut objects, mut until) = (BTreeMap::new(), Until::Load);
        for line in &self.of {
            let Some(index) = line.named(name)? else { continue };
            let _none = objects.insert(line.source.to_owned(), index);
            let Some(object) = line.state.objects.get(index) else { continue };
            let reached = match (time_of(object), self.loaded(line)) {
                (Some(time), _) => Until::Stamp(padded(&object.name.order), time),
                (None, Some(loaded)) => Until::Stamp(padded(&stamp_of(loaded)), loaded),
                (None, None) => Until::Load,
            };
            until = until.max(reached);
        }
        if objects.is_empty() {
            let keys = self.of.iter().flat_map(|line| &line.state.objects);
            let names = keys.map(|object| file_of(&object.listed.key));
            let near = nearest(name, names).map(str::to_owned);
            return Err(NoPast::UnknownObject { name: name.to_owned(), near });
        }
        Ok(Point::Behind { objects, until })
    }

    /// The objects of a source at a point, as indices in the order of application.
    ///
    /// # Errors
    /// [`NoPast::LoadedLater`], [`NoPast::Gone`], [`NoPast::Rewritten`].
    pub fn cut(&self, point: &Point, source: &str) -> Result<Vec<usize>, NoPast> {
        let Some(line) = self.of.iter().find(|line| line.source == source) else {
            return Ok(Vec::new());
        };
        let (objects, until) = match point {
            Point::Applied(keys) => return line.applied(keys.get(source)),
            Point::Behind { objects, until } => (objects, until),
        };
        let last = objects.get(source).and_then(|index| line.state.objects.get(*index));
        let last = last.map(|object| (object.position(), object.listed.key.as_str()));
        let is_within = |position: &str, key: &str| match (&last, until) {
            (Some((last, last_key)), _) => (position, key) <= (last.as_str(), *last_key),
            (None, Until::Load) => position.starts_with(LOAD_CLASS),
            (None, Until::Stamp(stamp, _)) => {
                let order = position.split_once('/').map_or(position, |(_, order)| order);
                position.starts_with(LOAD_CLASS) || padded(order) <= *stamp
            }
        };
        let all = line.state.objects.iter();
        let cut = all.take_while(|object| is_within(&object.position(), &object.listed.key));
        let cut: Vec<usize> = cut.enumerate().map(|(index, _)| index).collect();
        let mut gone = line.state.gone.iter();
        if let Some(gone) = gone.find(|gone| is_within(&gone.position, &gone.key)) {
            let (source_name, key) = (source.to_owned(), gone.key.clone());
            return Err(NoPast::Gone { source_name, key });
        }
        let has_changes = |cut: &[usize]| {
            let mut objects = cut.iter().filter_map(|index| line.state.objects.get(*index));
            objects.any(|object| !object.is_load())
        };
        match (self.loaded(line), until) {
            (Some(loaded), Until::Stamp(_, time))
                if last.is_none() && loaded > *time && !has_changes(&cut) =>
            {
                Err(NoPast::LoadedLater { source_name: source.to_owned(), loaded })
            }
            _ => Ok(cut),
        }
    }

    /// The first and the newest object of a source, for messages; none if nothing is staged.
    #[must_use]
    pub fn range(&self, source: &str) -> Option<(&'a str, &'a str)> {
        let line = self.of.iter().find(|line| line.source == source)?;
        let ends = (line.state.objects.first()?, line.state.objects.last()?);
        Some((&ends.0.listed.key, &ends.1.listed.key))
    }

    /// When the last object of a full load was written, as far as that tells.
    fn loaded(&self, line: &Timeline<'_>) -> Option<DateTime<Utc>> {
        let loads = line.state.objects.iter().filter(|object| object.is_load());
        loads.map(|object| object.listed.modified).max().filter(|_| !self.are_copies)
    }

    /// From when on something is known of a source: its full load is there before its first change.
    fn begins(&self, line: &Timeline<'_>) -> Option<DateTime<Utc>> {
        let first_change = line.state.objects.iter().find_map(time_of);
        first_change.into_iter().chain(self.loaded(line)).min()
    }
}

impl Timeline<'_> {
    /// The object of a name: of that key, or the one that ends so.
    fn named(&self, name: &str) -> Result<Option<usize>, NoPast> {
        let objects = &self.state.objects;
        if let Some(exact) = objects.iter().position(|object| object.listed.key == name) {
            return Ok(Some(exact));
        }
        let is_named =
            |label: &&str| ends_with_path(label, name) || ends_with_path(stem(label), name);
        let labels = self.labels.iter().enumerate();
        let mut found = labels.filter(|(_, label)| is_named(label)).map(|(index, _)| index);
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => {
                let key = |index| {
                    objects.get(index).map(|o: &Staged| o.listed.key.clone()).unwrap_or_default()
                };
                let (source_name, name) = (self.source.to_owned(), name.to_owned());
                Err(NoPast::Ambiguous { source_name, name, keys: [first, second].map(key) })
            }
            (first, _) => Ok(first),
        }
    }

    /// The objects of these keys, all of which must be there as they were.
    fn applied(&self, keys: Option<&BTreeSet<String>>) -> Result<Vec<usize>, NoPast> {
        let source_name = || self.source.to_owned();
        let by_key: BTreeMap<&str, usize> = self
            .state
            .objects
            .iter()
            .enumerate()
            .map(|(index, object)| (object.listed.key.as_str(), index))
            .collect();
        let mut cut = Vec::new();
        for key in keys.into_iter().flatten() {
            match by_key.get(key.as_str()) {
                None => {
                    return Err(NoPast::Gone { source_name: source_name(), key: key.clone() });
                }
                Some(index) if self.state.pending.binary_search(index).is_ok() => {
                    return Err(NoPast::Rewritten { source_name: source_name(), key: key.clone() });
                }
                Some(index) => cut.push(*index),
            }
        }
        cut.sort_unstable();
        Ok(cut)
    }
}

/// The time that a change is named by, in UTC.
fn time_of(object: &Staged) -> Option<DateTime<Utc>> {
    let change = Some(object).filter(|object| !object.is_load())?;
    change_time(&change.name.order).map(|time| time.and_utc())
}

/// A time as names have it.
fn stamp_of(time: DateTime<Utc>) -> String {
    time.format("%Y%m%d-%H%M%S%9f").to_string()
}

/// The time of a name, so that those of more and fewer digits compare as times.
fn padded(order: &str) -> String {
    const WIDTH: usize = 32;
    let stamp = order.split_once('/').map_or(order, |(stamp, _)| stamp);
    format!("{stamp:0<WIDTH$}")
}

fn file_of(key: &str) -> &str {
    key.rsplit_once('/').map_or(key, |(_, file)| file)
}

/// Without what tells how an object is written.
fn stem(label: &str) -> &str {
    let plain = label.strip_suffix(".gz").unwrap_or(label);
    [".csv", ".parquet"].iter().find_map(|ending| plain.strip_suffix(ending)).unwrap_or(label)
}

/// Whether a path is another one, or ends with it behind a slash.
fn ends_with_path(path: &str, end: &str) -> bool {
    !end.is_empty()
        && path.strip_suffix(end).is_some_and(|head| head.is_empty() || head.ends_with('/'))
}

#[cfg(test)]
mod tests;
