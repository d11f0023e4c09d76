//! Files as a table of the engine: what was listed is what is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DFSchema, DataFusionError, ScalarValue};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, FileSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use object_store::ObjectMeta;

use super::adapt::Adapt;
use super::footer::{self, Judge};
use super::format::{Format, Options};
use super::json::Kind;
use super::read::Source;
use super::unfit::Told;

/// Files of one format.
#[derive(Debug)]
pub(in crate::explore) struct FileTable {
    store: ObjectStoreUrl,
    /// As files name their columns.
    columns: TableSchema,
    /// As statements do.
    schema: SchemaRef,
    files: Vec<PartitionedFile>,
    format: Format,
    options: Options,
    /// How the columns of JSON are read.
    kinds: Vec<Kind>,
    faults: Arc<Told>,
    /// What it is, for a person.
    told: String,
}

/// What a table is made of.
pub(super) struct Parts {
    pub(super) store: ObjectStoreUrl,
    pub(super) schema: Schema,
    /// How the columns of JSON are read, in their order.
    pub(super) kinds: Vec<Kind>,
    /// The files, each with its key below the folder that was named.
    pub(super) files: Vec<(String, ObjectMeta)>,
    pub(super) format: Format,
    pub(super) options: Options,
    pub(super) told: String,
    /// What messages about them say.
    pub(super) faults: Told,
}

impl FileTable {
    /// Files whose folders are named `column=value` have these columns too, as texts, behind their own.
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { store, schema, kinds, files, format, options, told, faults } = parts;
        let own = |name: &str| schema.fields().iter().any(|field| field.name() == name);
        let names: Vec<String> = partitions(&files).into_iter().filter(|name| !own(name)).collect();
        let partitioned = |(key, meta): (String, ObjectMeta)| {
            let values = names.iter().map(|name| ScalarValue::Utf8(value_in(&key, name))).collect();
            PartitionedFile::new_from_meta(meta).with_partition_values(values)
        };
        let files = files.into_iter().map(partitioned).collect();
        let field = |name: &String| Arc::new(Field::new(name, DataType::Utf8, true));
        let fields: Vec<FieldRef> = names.iter().map(field).collect();
        let columns =
            TableSchema::builder(Arc::new(schema)).with_table_partition_cols(fields).build();
        let schema = Arc::new(lowered(columns.table_schema()));
        let faults = Arc::new(faults);
        Self { store, columns, schema, files, format, options, kinds, told, faults }
    }

    /// What it is and where, for a person.
    pub(in crate::explore) fn told(&self) -> &str {
        &self.told
    }

    /// What a file that has types of its own is judged by, of which these columns are read.
    fn judge(&self, projection: Option<&Vec<usize>>) -> Judge {
        let columns = Arc::clone(self.columns.file_schema());
        let is_read = |index: usize| projection.is_none_or(|read| read.contains(&index));
        let fields = columns.fields().iter().enumerate();
        let read: Vec<FieldRef> = fields
            .filter(|(index, _)| is_read(*index))
            .map(|(_, field)| FieldRef::clone(field))
            .collect();
        Judge { read: Schema::new(read), columns, told: Arc::clone(&self.faults) }
    }

    fn partition_schema(&self) -> Schema {
        Schema::new(self.columns.table_partition_cols().clone())
    }

    /// Whether a filter is of nothing but what folders' names say.
    fn is_of_folders(&self, filter: &Expr) -> bool {
        let columns = filter.column_refs();
        let names: BTreeSet<&str> =
            self.columns.table_partition_cols().iter().map(|field| field.name().as_str()).collect();
        !columns.is_empty() && columns.iter().all(|column| names.contains(column.name.as_str()))
    }

    /// Rows under the names that statements know.
    fn renamed(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let all = self.columns.table_schema();
        let shown = |(index, field): (usize, &FieldRef)| -> Result<ProjectionExpr> {
            let alias = self.schema.field(all.index_of(field.name())?).name().clone();
            Ok(ProjectionExpr { expr: Arc::new(Column::new(field.name(), index)), alias })
        };
        if **all == *self.schema {
            return Ok(plan);
        }
        let columns: Vec<ProjectionExpr> =
            plan.schema().fields().iter().enumerate().map(shown).collect::<Result<_>>()?;
        Ok(Arc::new(ProjectionExec::try_new(columns, plan)?))
    }

    /// The files whose folders a filter lets through.
    fn kept(&self, filters: &[Expr], session: &dyn Session) -> Result<Vec<PartitionedFile>> {
        let mut files = self.files.clone();
        let schema = Arc::new(self.partition_schema());
        let df_schema = DFSchema::try_from(Arc::clone(&schema))?;
        for filter in filters.iter().filter(|filter| self.is_of_folders(filter)) {
            let filter = session.create_physical_expr(filter.clone(), &df_schema)?;
            let column = |index: usize| -> ArrayRef {
                let value = |file: &PartitionedFile| match file.partition_values.get(index) {
                    Some(ScalarValue::Utf8(value)) => value.clone(),
                    _ => None,
                };
                Arc::new(StringArray::from_iter(files.iter().map(value)))
            };
            let columns = (0..schema.fields().len()).map(column).collect();
            let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
            let kept = filter.evaluate(&batch)?.into_array(files.len())?;
            let kept = kept.as_any().downcast_ref::<BooleanArray>().ok_or_else(|| {
                DataFusionError::Internal("a filter that is not true or false".to_owned())
            })?;
            let mut index = 0..;
            files.retain(|_| index.next().is_some_and(|at| kept.is_valid(at) && kept.value(at)));
        }
        Ok(files)
    }
}

/// Names in lower case, as everywhere in SQL, unless two would be the same.
fn lowered(schema: &Schema) -> Schema {
    let count = |wanted: &str| {
        schema.fields().iter().filter(|field| field.name().to_lowercase() == wanted).count()
    };
    let field = |field: &FieldRef| {
        let lower = field.name().to_lowercase();
        let name = if count(&lower) == 1 { lower } else { field.name().clone() };
        field.as_ref().clone().with_name(name)
    };
    Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>())
}

/// The columns that the names of folders say of every file, in their order.
fn partitions(files: &[(String, ObjectMeta)]) -> Vec<String> {
    let names = |key: &str| -> Vec<String> {
        let mut folders: Vec<&str> = key.split('/').collect();
        let _file = folders.pop();
        let pairs = folders.into_iter().filter_map(|folder| folder.split_once('='));
        pairs.map(|(name, _)| name.to_lowercase()).collect()
    };
    let mut keys = files.iter().map(|(key, _)| names(key));
    let Some(first) = keys.next() else { return Vec::new() };
    keys.fold(first, |mut all, of_file| {
        all.retain(|name| of_file.contains(name));
        all
    })
}

/// The value of a column in a file's folders; Hive's word for NULL is NULL.
fn value_in(key: &str, name: &str) -> Option<String> {
    let pairs = key.split('/').filter_map(|folder| folder.split_once('='));
    let name = name.to_lowercase();
    let (_, value) = pairs.into_iter().find(|(column, _)| column.to_lowercase() == name)?;
    if value == "__HIVE_DEFAULT_PARTITION__" {
        return None;
    }
    let decoded = percent_encoding::percent_decode_str(value).decode_utf8();
    Some(decoded.map_or_else(|_| value.to_owned(), std::borrow::Cow::into_owned))
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // The others reach the files by the physical plan, where their format can do something with them.
        let support = |filter: &&Expr| match self.is_of_folders(filter) {
            true => TableProviderFilterPushDown::Inexact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.kept(filters, state)?;
        if files.is_empty() {
            let schema = match projection {
                Some(projection) => Arc::new(self.schema.project(projection)?),
                None => self.schema(),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let groups = FileGroup::new(files).split_files(state.config().target_partitions());
        let (columns, reader) = (self.columns.clone(), self.options.reader(self.format));
        let source: Arc<dyn FileSource> = match self.format {
            Format::Csv => Arc::new(Source::csv(&self.options, columns, Arc::clone(&self.faults))),
            Format::Json => {
                let (kinds, faults) = (self.kinds.clone(), Arc::clone(&self.faults));
                Arc::new(Source::json(&self.options, columns, kinds, faults))
            }
            Format::Parquet | Format::Dms => {
                let judge = self.judge(projection);
                footer::source(&reader.file_source(columns), state, &self.store, judge)?
            }
        };
        let scan = FileScanConfigBuilder::new(self.store.clone(), source)
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit.filter(|_| filters.is_empty()))
            .with_expr_adapter(Some(Arc::new(Adapt)))
            .build();
        self.renamed(DataSourceExec::from_data_source(scan))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_lower_case_unless_two_would_be_the_same() {
        let names = ["Id", "Größe", "a", "A"];
        let fields = names.map(|name| Field::new(name, DataType::Int64, true)).to_vec();
        let lowered = lowered(&Schema::new(fields));
        let names: Vec<&str> = lowered.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["id", "größe", "a", "A"]);
    }

    #[test]
    fn folders_that_are_named_as_columns_are_columns() {
        let meta = |key: &str| {
            let meta = ObjectMeta {
                location: object_store::path::Path::from(key),
                last_modified: chrono::DateTime::default(),
                size: 1,
                e_tag: None,
                version: None,
            };
            (key.to_owned(), meta)
        };
        let keys = ["Day=2026-01-01/h=1/a.csv", "day=2026-01-02/b.csv"];
        assert_eq!(partitions(&keys.map(meta)), ["day"]);
        assert_eq!(value_in("day=a%2Fb/x=1/a.csv", "day").as_deref(), Some("a/b"));
        assert_eq!(value_in("ÄPFEL=1/a.csv", "äpfel").as_deref(), Some("1"));
        assert_eq!(value_in("day=__HIVE_DEFAULT_PARTITION__/a.csv", "day"), None);
        assert_eq!(partitions(&["a.csv"].map(meta)), [""; 0]);
    }
}
