//! Bad rows of a source that were set aside, so that no table has them: those of a key, and those whose key cannot be read.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type, Schema, UInt64Type};
use datafusion::catalog::TableProvider;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::Serialize;
use tracing::debug;
use transforms::dms::csv::BadRows;
use transforms::dms::{DriftPolicy, Extent};
use transforms::scan::{FrozenTable, RawTable, ReadCounts};
use transforms::source::Source;
use transforms::source::widen::COLUMNS_ADDED_MAX;

use super::find::{column, condition};
use crate::error::Result;
use crate::survey::SourceSurvey;
use crate::target::rows::Rows;

/// A row that was set aside, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct BadRow {
    /// The source that it is staged for.
    pub(crate) source: String,
    /// The object's key.
    pub(crate) object: String,
    /// Where it begins in the object: its line, of Parquet its row.
    pub(crate) line: u64,
    /// What is wrong with it, without its values.
    pub(crate) reason: String,
    /// Whether its object waits for a run.
    pub(crate) pending: bool,
    /// Whether it is of the key that is asked for. Otherwise that cannot be told, so it may be.
    pub(crate) of_key: bool,
}

/// The bad rows of a source that are, or may be, of a key, in the order of application. Without a key nothing tells them apart.
/// `counts` holds what the objects were read to hold.
///
/// # Errors
/// None that reading the source has not had.
pub(crate) async fn bad_rows(
    survey: &SourceSurvey,
    key: Option<&[(String, ScalarValue)]>,
    counts: &ReadCounts,
    engine: &SessionState,
) -> Result<Vec<BadRow>> {
    let pending: Vec<&str> =
        survey.state.pending_objects().map(|object| object.listed.key.as_str()).collect();
    let (mut found, mut objects) = (Vec::new(), Vec::new());
    for object in &survey.whole.objects {
        let Some(read) = counts.get(&survey.source.name, &object.key) else { continue };
        let told = read.rejects.iter().filter_map(|reject| reject.errors.first());
        let before = found.len();
        found.extend(told.map(|error| BadRow {
            source: survey.source.name.clone(),
            object: object.key.clone(),
            line: error.line,
            reason: match &error.column {
                Some(column) => format!("column `{column}`: {}", error.reason),
                None => error.reason.clone(),
            },
            pending: pending.contains(&object.key.as_str()),
            of_key: false,
        }));
        if found.len() > before {
            objects.push(object.clone());
        }
    }
    let Some(key) = key.filter(|_| !found.is_empty()) else { return Ok(found) };
    let mut keys: BTreeMap<(String, u64), Option<bool>> =
        found.iter().map(|row| ((row.object.clone(), row.line), None)).collect();
    for source in with_texts(&survey.source) {
        let bad_rows = BadRows::SetAside { most: u64::MAX };
        let (source, objects) = (Arc::new(source), objects.clone());
        let table = FrozenTable { source, objects, bad_rows, ..FrozenTable::clone(&survey.whole) };
        // What cannot be read even so may be of any key.
        if let Err(error) = read_keys(table, key, engine, &mut keys).await {
            debug!(%error, "keys of bad rows cannot be read");
        }
    }
    found.retain_mut(|row| {
        let is_it = keys.get(&(row.object.clone(), row.line)).copied().flatten();
        row.of_key = is_it == Some(true);
        is_it != Some(false)
    });
    Ok(found)
}

/// Tells for the rows at some places whether they have the key, as far as that can be read.
async fn read_keys(
    table: FrozenTable,
    key: &[(String, ScalarValue)],
    engine: &SessionState,
    keys: &mut BTreeMap<(String, u64), Option<bool>>,
) -> Result<()> {
    let Some(is_key) = condition(key) else { return Ok(()) };
    let table = Arc::new(table);
    let raw = RawTable::told(Arc::clone(&table));
    let (width, schema) = (table.source.schema.fields().len(), raw.schema());
    let [position, line] = [1, 3].map(|at| column(schema.field(width + at).name()));
    let plan = LogicalPlanBuilder::scan("staged", provider_as_source(Arc::new(raw)), None)?
        .project([is_key.alias("is_key"), position, line])?
        .build()?;
    // What is known of the objects stays what it is.
    let config = engine.config().clone().with_extension(Arc::<ReadCounts>::default());
    let mut engine = engine.clone();
    *engine.config_mut() = config;
    let physical = engine.create_physical_plan(&plan).await?;
    let mut rows = Rows::new(physical, engine.task_ctx()).stream()?;
    while let Some(batch) = rows.try_next().await? {
        let is_key = batch.column(0).as_boolean();
        let positions = batch.column(1).as_primitive::<UInt64Type>().values();
        let lines = batch.column(2).as_primitive::<Int64Type>().values();
        for (row, (position, line)) in positions.iter().zip(lines).enumerate() {
            let Some(object) = table.object_at(*position) else { continue };
            let Ok(line) = u64::try_from(*line) else { continue };
            // A row that moves is there with both keys.
            if let Some(of_key) = keys.get_mut(&(object.key.clone(), line)) {
                let is_it = is_key.is_valid(row) && is_key.value(row);
                *of_key = Some(is_it || *of_key == Some(true));
            }
        }
    }
    Ok(())
}

/// The ways to read a source for the keys of bad rows. One that may widen is read with the columns that it has, where rows of any other
/// number are passed over, and as wide as it may get: there rows that are narrower than a bad one before them are.
fn with_texts(source: &Source) -> Vec<Source> {
    let texts = all_texts(source);
    if source.drift == DriftPolicy::Refuse || source.settings.names_columns() {
        return vec![texts];
    }
    let most = Extent::Width(source.declared + COLUMNS_ADDED_MAX);
    let widest = texts.widened(&most).ok();
    std::iter::once(texts.with_drift(DriftPolicy::Refuse)).chain(widest).collect()
}

/// The same source with texts in all columns but those that tell which row it is and when it came, so that whatever stands in the
/// others is no reason to pass a row over.
fn all_texts(source: &Source) -> Source {
    let stays = |at: &usize| {
        source.key.contains(at)
            || source.before_key.contains(at)
            || source.change_sequence == Some(*at)
            || source.commit_column() == Some(*at)
    };
    let field = |(at, field): (usize, &FieldRef)| match stays(&at) {
        true => Arc::clone(field),
        false => Arc::new(Field::new(field.name(), DataType::Utf8, true)),
    };
    let fields: Vec<FieldRef> = source.schema.fields().iter().enumerate().map(field).collect();
    Source { schema: Arc::new(Schema::new(fields)), ..source.clone() }
}
