//! Staged objects: as listed, as DMS named them, and in the order of application.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;

use super::Trouble;
use crate::source::Source;
use staged::{Classified, InUtc, ObjectKind, ObjectName, classify, in_utc};

/// An object as a listing gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key relative to its folder.
    pub key: String,
    /// That is not the table's own folder, but the one of changes (`CdcPath`).
    pub beside: bool,
    /// Bytes.
    pub size: u64,
    /// When it was written.
    pub modified: DateTime<Utc>,
    /// The store's tag of its content, where the listing has it.
    pub e_tag: Option<String>,
}

impl Listed {
    /// What tells this object from another of the same name. The time is part of it: a reload that happens to write the
    /// same bytes is a reload all the same.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let tag = self.e_tag.as_deref().unwrap_or("-").trim_matches('"');
        format!("{tag}/{}/{}", self.size, self.modified.timestamp_millis())
    }
}

/// An object that DMS wrote for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// As listed.
    pub listed: Listed,
    /// What its name says.
    pub name: ObjectName,
}

/// What the positions of full-load objects begin with.
pub(super) const LOAD_CLASS: &str = "0-load";

impl Staged {
    /// The place in the order of application within a generation: full-load objects before changes. Sorts bytewise.
    #[must_use]
    pub fn position(&self) -> String {
        let class = match self.name.kind {
            ObjectKind::FullLoad => LOAD_CLASS,
            ObjectKind::Change => "1-change",
        };
        format!("{class}/{}", self.name.order)
    }

    pub(super) fn is_load(&self) -> bool {
        self.name.kind == ObjectKind::FullLoad
    }
}

/// How the names of a table's objects are to be understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Naming {
    /// The folder of changes holds those of several tables (`PreserveTransactions`).
    pub of_tables: bool,
    /// The zone of times in names (`DatePartitionTimezone`), if it is not UTC.
    pub time_zone: Option<Tz>,
    /// The rows themselves say in which order they are, so that of names no more is asked.
    pub is_sequenced: bool,
}

/// The time between an object's name and its writing is less than this.
pub(super) const WRITTEN_WITHIN: Duration = Duration::hours(1);
/// So far may the clocks of DMS and the store be apart.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

impl Naming {
    /// How the names of a source's objects are to be understood.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        Self {
            of_tables: source.settings.preserve_transactions,
            time_zone: source.settings.time_zone,
            is_sequenced: source.change_sequence.is_some(),
        }
    }

    /// The object that has a name, or why it is left alone.
    fn name(&self, listed: &Listed) -> Result<Result<ObjectName, &'static str>, Trouble> {
        let name = match classify(&listed.key) {
            Classified::Object(name) => name,
            Classified::Foreign(reason) => return Ok(Err(reason)),
        };
        if name.of_tables && !(listed.beside && self.of_tables) {
            return Ok(Err(
                "transaction order, and not in a folder that CdcPath and PreserveTransactions name",
            ));
        }
        if listed.beside && self.of_tables && !name.of_tables {
            return Ok(Err("not in transaction order, in the folder of PreserveTransactions"));
        }
        if listed.beside && name.kind == ObjectKind::FullLoad {
            return Ok(Err("a full load in the folder of changes"));
        }
        match self.time_zone {
            Some(zone) if name.kind == ObjectKind::Change => self.in_utc(listed, name, zone),
            _ => Ok(Ok(name)),
        }
    }

    fn in_utc(
        &self,
        listed: &Listed,
        name: ObjectName,
        zone: Tz,
    ) -> Result<Result<ObjectName, &'static str>, Trouble> {
        let order = match in_utc(&name.order, zone) {
            InUtc::Order(order) => order,
            InUtc::Never if self.is_sequenced => name.order.clone(),
            InUtc::Never => return Err(Trouble::NoSuchTime { key: listed.key.clone() }),
            // A copy is written at any time.
            InUtc::Either(_, _, second)
                if listed.modified > second + WRITTEN_WITHIN && !self.is_sequenced =>
            {
                return Err(Trouble::TwiceAnHour { key: listed.key.clone() });
            }
            InUtc::Either(first, second, time) => {
                if listed.modified < time - CLOCK_TOLERANCE {
                    first
                } else {
                    second
                }
            }
        };
        Ok(Ok(ObjectName { order, ..name }))
    }
}

/// An object that is none of DMS's, and why it is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The key relative to the table's folder.
    pub key: String,
    /// Why.
    pub reason: &'static str,
}

/// Sorts a listing into DMS's objects, in the order of application, and the others.
///
/// # Errors
/// [`Trouble::TwiceAnHour`] and [`Trouble::NoSuchTime`].
pub fn sort_listing(
    listing: Vec<Listed>,
    naming: Naming,
) -> Result<(Vec<Staged>, Vec<Foreign>), Trouble> {
    let mut staged = Vec::new();
    let mut foreign = Vec::new();
    for listed in listing {
        match naming.name(&listed)? {
            Ok(name) => staged.push(Staged { listed, name }),
            Err(reason) => foreign.push(Foreign { key: listed.key, reason }),
        }
    }
    staged.sort_by(|a, b| a.position().cmp(&b.position()).then(a.listed.key.cmp(&b.listed.key)));
    Ok((staged, foreign))
}
