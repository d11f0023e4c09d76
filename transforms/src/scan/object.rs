//! A frozen list of objects.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::path::Path;

use crate::dms::csv::{BadRows, Layout};
use crate::dms::name::{Compression, ObjectKind};
use crate::source::Source;

/// An object to be read, as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Where it is in its store.
    pub path: Path,
    /// What messages and the ledger call it: the key relative to the table's folder.
    pub key: String,
    /// Its place among all objects of the generation.
    pub ordinal: u32,
    /// What it is.
    pub kind: ObjectKind,
    /// How it is packed.
    pub compression: Compression,
    /// Bytes as stored.
    pub size: u64,
    /// When it was written.
    pub modified: DateTime<Utc>,
    /// The store's tag of its content, where the listing had it.
    pub e_tag: Option<String>,
}

/// A source and the objects that make it up.
#[derive(Debug, Clone)]
pub struct FrozenTable {
    /// The declaration.
    pub source: Arc<Source>,
    /// The store that holds the objects.
    pub store: ObjectStoreUrl,
    /// The folder as the user knows it, with a slash at the end, for messages.
    pub folder: String,
    /// The objects in the order of application.
    pub objects: Vec<Frozen>,
    /// What becomes of objects with bad rows.
    pub bad_rows: BadRows,
}

impl FrozenTable {
    /// The same source with only some of its objects.
    #[must_use]
    pub fn with_objects(&self, objects: Vec<Frozen>) -> Self {
        Self { objects, ..self.clone() }
    }

    /// How the fields of an object of a kind are laid out.
    #[must_use]
    pub fn layout(&self, kind: ObjectKind) -> Layout {
        let settings = &self.source.settings;
        Layout {
            columns: self.source.columns(),
            key: self.source.key.clone(),
            has_op: kind == ObjectKind::Change || settings.include_op_for_full_load,
            timestamp_column: settings.timestamp_column_name.clone(),
            csv: settings.csv.clone(),
            drift: self.source.drift,
        }
    }
}
