//! Reading files so that what is wrong in one is told with its name and the row.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    CsvSource, FileOpenFuture, FileOpener, FileScanConfig, FileSource,
};
use datafusion::datasource::projection::{ProjectionOpener, SplitProjection};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::DisplayFormatType;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::{FutureExt, StreamExt};
use object_store::ObjectStore;
use object_store::path::Path;

use super::convert::{Texts, Unfit};
use super::format::{Format, Options};
use super::json::{self, Kind};
use super::unfit::Told;

/// Files of CSV, which the engine's reader reads as texts, and of JSON, which is read here.
#[derive(Clone)]
pub(super) struct Source {
    /// The engine's; of JSON files only its names are used.
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
    Csv(Texts),
    Json { kinds: Arc<Vec<Kind>>, is_array: Option<bool> },
}

/// Rows of a batch, if the engine does not say it.
const BATCH_ROWS: usize = 8192;

impl Source {
    /// CSV files with these columns.
    pub(super) fn csv(options: &Options, columns: TableSchema, told: Arc<Told>) -> Self {
        let texts = TableSchema::from(Arc::new(as_texts(columns.file_schema())));
        let reader = CsvSource::new(texts).with_csv_options(options.csv());
        let null = options.null_value.clone().filter(|word| !word.is_empty());
        let how = How::Csv(Texts { null, are_found: told.are_found });
        Self::new(Arc::new(reader), columns, how, told)
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
        texts: &Texts,
        object_store: Arc<dyn ObjectStore>,
        base_config: &FileScanConfig,
        partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let indices = &self.projection.file_indices;
        let wanted =
            ProjectionExprs::from_indices(indices, self.reader.table_schema().table_schema());
        let reader = self.reader.try_pushdown_projection(&wanted)?;
        let reader = reader.unwrap_or_else(|| Arc::clone(&self.reader));
        Ok(Arc::new(Opener {
            inner: reader.create_file_opener(object_store, base_config, partition)?,
            schema: Arc::new(self.columns.file_schema().project(indices)?),
            texts: texts.clone(),
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
        base_config: &FileScanConfig,
        partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let opener = match &self.how {
            How::Csv(texts) => self.csv_opener(texts, object_store, base_config, partition)?,
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

/// Opens CSV files, of which the columns of `schema` are read.
struct Opener {
    inner: Arc<dyn FileOpener>,
    schema: SchemaRef,
    texts: Texts,
    told: Arc<Told>,
}

impl FileOpener for Opener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        let (schema, texts) = (Arc::clone(&self.schema), self.texts.clone());
        let (told, path) = (Arc::clone(&self.told), file.object_meta.location.clone());
        let opened = self.inner.open(file)?;
        let mut rows = 0;
        let values = move |batch: Result<RecordBatch>| -> Result<RecordBatch> {
            let batch = batch.map_err(|error| told.explain(&path, error))?;
            let before = rows;
            rows += batch.num_rows();
            values(&texts, &batch, &schema).map_err(|(index, unfit)| match unfit {
                Unfit::Row(row, fault) => {
                    told.unfit(&path, schema.field(index), before + row + 1, fault)
                }
                Unfit::Engine(error) => DataFusionError::from(error),
            })
        };
        Ok(async move { Ok(opened.await?.map(values).boxed()) }.boxed())
    }
}

/// Rows of texts as rows of values; the column that cannot be is told by its index.
fn values(
    texts: &Texts,
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> std::result::Result<RecordBatch, (usize, Unfit)> {
    let columns = batch.columns().iter().zip(schema.fields()).enumerate();
    let columns = columns
        .map(|(index, (column, field))| {
            texts.values(column, field.data_type()).map_err(|unfit| (index, unfit))
        })
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
        .map_err(|error| (0, Unfit::Engine(error)))
}

/// Files by where they are in their store, as people know them.
pub(super) type Names = HashMap<Path, String>;
