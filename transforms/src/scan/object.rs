//! A frozen list of objects.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use object_store::path::Path;

use super::exec::ROW_BITS;
use crate::dms::csv::{BadRows, Declared, Layout, Ops, TableName};
use crate::source::Source;
use staged::{Format, ObjectKind};

/// An object to be read, as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Where it is in its store.
    pub path: Path,
    /// What the ledger calls it: the key relative to its folder.
    pub key: String,
    /// What messages call it: where it is.
    pub label: String,
    /// Its place among all objects of the generation.
    pub ordinal: u32,
    /// What it is.
    pub kind: ObjectKind,
    /// How it is written.
    pub format: Format,
    /// Its rows are of several tables, and name theirs.
    pub of_tables: bool,
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
    /// The table's name at the source, which rows of objects of several tables bear.
    pub name: Option<TableName>,
    /// The objects in the order of application.
    pub objects: Vec<Frozen>,
    /// What becomes of objects with bad rows.
    pub bad_rows: BadRows,
    /// What plans take for granted about the full-load objects.
    pub loads: Loads,
    /// What comes before the objects, if they are only the end of what the source is made of.
    pub before: Option<Before>,
}

/// The objects of a source that are not read, since those behind them tell all that is new.
///
/// That is so as long as the rows hold all columns, and none is older than what was applied before. A scan ends in an error where
/// it is not so, and the [`super::ScanLog`] says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// The newest change sequence in them ([`Source::change_sequence`]), as far as it is known; empty if they have none.
    pub newest_sequence: Option<String>,
}

/// As an extension of a session's configuration: whatever a [`FrozenTable`] says, its plans take nothing for granted
/// ([`Loads::Any`]).
#[derive(Debug, Clone, Copy)]
pub struct AnyLoads;

/// What plans take for granted about full-load objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loads {
    /// They hold each key once. A scan ends in an error where they do not, and the [`super::ScanLog`] says so.
    Once,
    /// Nothing.
    #[default]
    Any,
}

/// Above so many bytes of change objects the changed keys are not held in memory. Packed ones count as more.
const CHANGE_BYTES_MAX: u64 = 256 * 1024 * 1024;
const PACKED_TIMES: u64 = 8;

impl FrozenTable {
    /// The same source with only some of its objects.
    #[must_use]
    pub fn with_objects(&self, objects: Vec<Frozen>) -> Self {
        Self { objects, ..self.clone() }
    }

    /// The object of a row's position ([`super::POSITION`]).
    #[must_use]
    pub fn object_at(&self, position: u64) -> Option<&Frozen> {
        let ordinal = position >> ROW_BITS;
        self.objects.iter().find(|object| u64::from(object.ordinal) == ordinal)
    }

    /// Which filters may be decided before the rows of a key are compared: those of the key's columns alone, as each keeps or drops
    /// all rows of a key alike.
    pub(super) fn key_filters(&self, filters: &[&Expr]) -> Vec<TableProviderFilterPushDown> {
        let is_key = |name: &str| self.source.key_names().any(|key| key == name);
        let support = |filter: &&Expr| {
            let is_of_key = filter.column_refs().iter().all(|column| is_key(&column.name));
            match is_of_key && !filter.is_volatile() {
                true => TableProviderFilterPushDown::Exact,
                false => TableProviderFilterPushDown::Unsupported,
            }
        };
        filters.iter().map(support).collect()
    }

    /// Full-load and change objects apart, if the full load can be read without sorting it: it has a key that is there once,
    /// comes first as a whole, and the changes are few.
    pub(super) fn split_loads(&self) -> Option<(Arc<Self>, Option<Arc<Self>>)> {
        // A row that leaves columns out needs those of the full load.
        if self.source.key.is_empty() || self.source.settings.csv.no_sup_value.is_some() {
            return None;
        }
        let is_load = |object: &&Frozen| object.kind == ObjectKind::FullLoad;
        let (loads, changes): (Vec<&Frozen>, Vec<&Frozen>) = self.objects.iter().partition(is_load);
        let last_load = loads.iter().map(|object| object.ordinal).max()?;
        let bytes = |object: &&Frozen| match object.format {
            Format::Csv => object.size,
            Format::GzippedCsv | Format::Parquet => object.size.saturating_mul(PACKED_TIMES),
        };
        if changes.iter().any(|object| object.ordinal < last_load)
            || changes.iter().map(bytes).fold(0, u64::saturating_add) > CHANGE_BYTES_MAX
        {
            return None;
        }
        let with = |objects: Vec<&Frozen>| {
            Arc::new(self.with_objects(objects.into_iter().cloned().collect()))
        };
        let changes = (!changes.is_empty()).then(|| with(changes));
        Some((with(loads), changes))
    }

    /// How the fields of an object are laid out.
    #[must_use]
    pub fn layout(&self, object: &Frozen) -> Layout {
        let settings = &self.source.settings;
        let is_change = object.kind == ObjectKind::Change;
        let declared = || Declared {
            settings: settings.clone(),
            kind: object.kind,
            before_key: self.source.before_key.clone(),
        };
        let layout = Layout {
            columns: self.source.columns(),
            key: self.source.key.clone(),
            has_op: false,
            op_may_lack: false,
            ops: Ops::All,
            timestamp_column: None,
            of_table: self.name.clone().filter(|_| object.of_tables),
            csv: settings.csv.clone(),
            change_sequence: self.source.change_sequence.filter(|_| is_change),
            before_key: if is_change { self.source.before_key.clone() } else { Vec::new() },
            drift: self.source.drift,
            first_look: settings.check_first_rows.then(|| Arc::new(declared())),
        };
        layout.with_settings(settings, object.kind)
    }
}
