//! Staged objects: as listed, as DMS named them, and in the order of application.

use chrono::{DateTime, Utc};

use crate::dms::name::{Classified, ObjectKind, ObjectName, classify};

/// An object as a listing gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key relative to the table's folder.
    pub key: String,
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

/// An object that is none of DMS's, and why it is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The key relative to the table's folder.
    pub key: String,
    /// Why.
    pub reason: &'static str,
}

/// Sorts a listing into DMS's objects, in the order of application, and the others.
#[must_use]
pub fn sort_listing(listing: Vec<Listed>) -> (Vec<Staged>, Vec<Foreign>) {
    let mut staged = Vec::new();
    let mut foreign = Vec::new();
    for listed in listing {
        match classify(&listed.key) {
            Classified::Object(name) => staged.push(Staged { listed, name }),
            Classified::Foreign(reason) => foreign.push(Foreign { key: listed.key, reason }),
        }
    }
    staged.sort_by(|a, b| a.position().cmp(&b.position()).then(a.listed.key.cmp(&b.listed.key)));
    (staged, foreign)
}
