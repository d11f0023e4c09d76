//! Reading files so that what is wrong in one is told with its name and the row.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::physical_plan::{FileOpener, FileScanConfig, FileSource};
use datafusion::datasource::projection::{ProjectionOpener, SplitProjection};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::DisplayFormatType;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use object_store::ObjectStore;
use object_store::path::Path;

use super::convert::Texts;
use super::csv;
use super::format::{Format, Options};
use super::json::{self, Kind};
use super::unfit::Told;

/// Files of CSV and of JSON.
#[derive(Clone)]
pub(super) struct Source {
    /// The engine's, of which only the names are used.
    reader: Arc<dyn FileSource>,
    columns: TableSchema,
    projection: SplitProjection,
    how: How,
    batch_rows: usize,
    told: Arc<Told>,
}

/// How values are made of what is read.
#[derive(Clone)]
enum How {
    Csv { options: Options, texts: Texts },
    Json { kinds: Arc<Vec<Kind>>, is_array: Option<bool> },
}

/// Rows of a batch, if the engine does not say it.
const BATCH_ROWS: usize = 8192;

impl Source {
    /// CSV files with these columns.
    pub(super) fn csv(options: &Options, columns: TableSchema, told: Arc<Told>) -> Self {
        let own = TableSchema::from(Arc::clone(columns.file_schema()));
        let reader = options.reader(Format::Csv).file_source(own);
        let null = options.null_value.clone().filter(|word| !word.is_empty());
        let texts = Texts { null, are_found: told.are_found };
        Self::new(reader, columns, How::Csv { options: options.clone(), texts }, told)
    }

    /// JSON files with these columns, each of its kind.
    pub(super) fn json(
        options: &Options,
        columns: TableSchema,
        kinds: Vec<Kind>,
        told: Arc<Told>,
    ) -> Self {
        let own = TableSchema::from(Arc::clone(columns.file_schema()));
        let reader = options.reader(Format::Json).file_source(own);
        let how = How::Json { kinds: Arc::new(kinds), is_array: options.is_array };
        Self::new(reader, columns, how, told)
    }

    fn new(reader: Arc<dyn FileSource>, columns: TableSchema, how: How, told: Arc<Told>) -> Self {
        let projection = SplitProjection::unprojected(&columns);
        Self { reader, columns, projection, how, batch_rows: BATCH_ROWS, told }
    }

    /// Opens CSV files, of which some columns are read.
    fn csv_opener(
        &self,
        options: &Options,
        how: &Texts,
        store: Arc<dyn ObjectStore>,
    ) -> Result<Arc<dyn FileOpener>> {
        let indices = self.projection.file_indices.clone();
        let columns = self.columns.file_schema();
        Ok(Arc::new(csv::Opener {
            store,
            options: options.clone(),
            texts: Arc::new(as_texts(columns)),
            schema: Arc::new(columns.project(&indices)?),
            indices,
            batch_rows: self.batch_rows,
            how: how.clone(),
            told: Arc::clone(&self.told),
        }))
    }

    /// The same of JSON files.
    fn json_opener(
        &self,
        kinds: &[Kind],
        is_array: Option<bool>,
        store: Arc<dyn ObjectStore>,
    ) -> Result<Arc<dyn FileOpener>> {
        let indices = &self.projection.file_indices;
        let schema = Arc::new(self.columns.file_schema().project(indices)?);
        let kinds = indices.iter().filter_map(|index| kinds.get(*index).cloned());
        let names = schema.fields().iter().map(|field| field.name().clone());
        let columns = Arc::new(names.zip(kinds).collect());
        let (batch_rows, told) = (self.batch_rows, Arc::clone(&self.told));
        Ok(Arc::new(json::Opener { store, columns, schema, batch_rows, is_array, told }))
    }
}

/// The columns, each a text.
fn as_texts(schema: &Schema) -> Schema {
    let text = |field: &FieldRef| Field::new(field.name(), DataType::Utf8, true);
    Schema::new(schema.fields().iter().map(text).collect::<Vec<_>>())
}

impl FileSource for Source {
    fn create_file_opener(
        &self,
        object_store: Arc<dyn ObjectStore>,
        _base_config: &FileScanConfig,
        _partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let opener = match &self.how {
            How::Csv { options, texts } => self.csv_opener(options, texts, object_store)?,
            How::Json { kinds, is_array } => self.json_opener(kinds, *is_array, object_store)?,
        };
        ProjectionOpener::try_new(self.projection.clone(), opener, self.columns.file_schema())
    }

    fn table_schema(&self) -> &TableSchema {
        &self.columns
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        let reader = self.reader.with_batch_size(batch_size);
        Arc::new(Self { reader, batch_rows: batch_size, ..self.clone() })
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        Some(&self.projection.source)
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        self.reader.metrics()
    }

    fn file_type(&self) -> &str {
        self.reader.file_type()
    }

    fn fmt_extra(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reader.fmt_extra(format, f)
    }

    /// Rows are counted from a file's beginning.
    fn supports_repartitioning(&self) -> bool {
        false
    }

    fn try_pushdown_projection(
        &self,
        projection: &ProjectionExprs,
    ) -> Result<Option<Arc<dyn FileSource>>> {
        let merged = self.projection.source.try_merge(projection)?;
        let projection = SplitProjection::new(self.columns.file_schema(), &merged);
        Ok(Some(Arc::new(Self { projection, ..self.clone() })))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for projected in self.projection.source.iter() {
            if f(&projected.expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }
}

/// Files by where they are in their store, as people know them.
pub(super) type Names = HashMap<Path, String>;
