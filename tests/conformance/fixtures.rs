//! Rows, specs and ledger updates for the checks.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::{
    SortColumn, concat_batches, lexsort_to_indices, take_record_batch,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::TryStreamExt;
use runner::error::{Error, Result};
use runner::guard::Guard;
use runner::target::ledger::{EntryKind, LedgerEntry, LedgerUpdate, everything};
use runner::target::name::TableName;
use runner::target::rows::Rows;
use runner::target::{
    Change, Condition, Counts, Filter, Loss, ReadRequest, Record, TableChange, TableRebuild,
    TableSpec, Target,
};

/// The job of all checks.
pub(super) const JOB: &str = "load_sales";

/// A spec; `key` names the key's columns.
pub(super) fn spec(table: &str, fields: Vec<Field>, key: &[&str]) -> TableSpec {
    let schema = Arc::new(Schema::new(fields));
    let key = key.iter().map(|name| schema.index_of(name).unwrap()).collect();
    TableSpec { table: table.parse().unwrap(), schema, key, added: vec![] }
}

/// `id` (the key) and `title`.
pub(super) fn titles(table: &str) -> TableSpec {
    let fields =
        vec![Field::new("id", DataType::Int64, false), Field::new("title", DataType::Utf8, true)];
    spec(table, fields, &["id"])
}

/// Rows of [`titles`].
pub(super) fn titled(rows: &[(i64, Option<&str>)]) -> RecordBatch {
    let ids = Int64Array::from_iter_values(rows.iter().map(|(id, _)| *id));
    let titles: StringArray = rows.iter().map(|(_, title)| *title).collect();
    batch(&titles_schema(), vec![Arc::new(ids), Arc::new(titles)])
}

fn titles_schema() -> SchemaRef {
    titles("t").schema
}

/// Keys of [`titles`].
pub(super) fn ids(ids: &[i64]) -> RecordBatch {
    let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, false)]));
    batch(&schema, vec![Arc::new(Int64Array::from(ids.to_vec()))])
}

/// A batch of the columns.
pub(super) fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(Arc::clone(schema), columns).unwrap()
}

/// The keys in a batch of a spec's rows.
pub(super) fn keys(spec: &TableSpec, rows: &RecordBatch) -> RecordBatch {
    rows.project(&spec.key).unwrap()
}

/// Rows of a batch, in two partitions and several batches if there are enough.
pub(super) fn rows(batch: &RecordBatch) -> Rows {
    let middle = batch.num_rows() / 2;
    let second = batch.slice(middle, batch.num_rows() - middle);
    let third = second.num_rows() / 3;
    let partitions = [
        vec![batch.slice(0, middle)],
        vec![second.slice(0, third), second.slice(third, second.num_rows() - third)],
    ];
    let plan = MemorySourceConfig::try_new_exec(&partitions, batch.schema(), None).unwrap();
    Rows::new(plan, Arc::new(TaskContext::default()))
}

/// Rows that end with an error.
pub(super) fn failing_rows(batch: &RecordBatch) -> Rows {
    let partition: Arc<dyn PartitionStream> = Arc::new(Failing(batch.clone()));
    let plan = StreamingTableExec::try_new(batch.schema(), vec![partition], None, [], false, None)
        .unwrap();
    Rows::new(Arc::new(plan), Arc::new(TaskContext::default()))
}

#[derive(Debug)]
struct Failing(RecordBatch);

impl PartitionStream for Failing {
    fn schema(&self) -> &SchemaRef {
        self.0.schema_ref()
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let error = Error::refused("the rows end here");
        let items = vec![Ok(self.0.clone()), Err(DataFusionError::External(Box::new(error)))];
        Box::pin(RecordBatchStreamAdapter::new(self.0.schema(), futures::stream::iter(items)))
    }
}

/// A merge of one table.
pub(super) fn merge(spec: &TableSpec, deletes: &RecordBatch, upserts: &RecordBatch) -> TableChange {
    let change = merging(rows(deletes), rows(upserts));
    TableChange { spec: spec.clone(), change }
}

/// A merge under the guard that nobody has set.
pub(super) fn merging(deletes: Rows, upserts: Rows) -> Change {
    let kept_counted_times = Guard::default().kept_counted_times();
    Change::Merge { deletes, upserts, kept_counted_times }
}

/// A merge that only inserts and updates.
pub(super) fn upsert(spec: &TableSpec, upserts: &RecordBatch) -> TableChange {
    merge(spec, &keys(spec, &upserts.slice(0, 0)), upserts)
}

/// A merge that only deletes.
pub(super) fn delete(spec: &TableSpec, gone: &RecordBatch) -> TableChange {
    merge(spec, gone, &RecordBatch::new_empty(Arc::clone(&spec.schema)))
}

/// A rebuild of one table.
pub(super) fn rebuild(spec: &TableSpec, batch: &RecordBatch) -> TableRebuild {
    TableRebuild { spec: spec.clone(), rows: rows(batch) }
}

/// Counts of a change.
pub(super) fn counts(upserted: u64, deleted: u64) -> Counts {
    Counts { upserted, deleted, replaced: None }
}

/// Counts of rows that took the place of all that were there.
pub(super) fn in_place_of(before: u64, upserted: u64) -> Counts {
    Counts { upserted, deleted: 0, replaced: Some(before) }
}

/// Creates the ledger and fills a table.
pub(super) async fn fill(target: &Arc<dyn Target>, spec: &TableSpec, batch: &RecordBatch) {
    target.recover(JOB).await.unwrap();
    let done = target.rebuild(&[rebuild(spec, batch)], &update("LOAD1")).await.unwrap();
    let [Counts { upserted, deleted: 0, replaced: Some(_) }] = done[..] else { panic!("{done:?}") };
    assert_eq!(upserted, batch.num_rows() as u64);
}

/// Applies one change.
pub(super) async fn apply(target: &Arc<dyn Target>, change: TableChange) -> Result<Counts> {
    let done = target.apply(&[change], &update("change")).await?;
    assert_eq!(done.len(), 1);
    Ok(done[0])
}

/// An update with one object of this name.
pub(super) fn update(object: &str) -> Recorded {
    Recorded(LedgerUpdate {
        job: JOB.into(),
        run_id: "run-1".into(),
        applied_at: "2026-03-01T10:00:00.123456Z".parse().unwrap(),
        based_on: None,
        entries: vec![entry(object)],
        models: [("titles".to_owned(), "f00".to_owned())].into(),
    })
}

/// A ledger entry.
pub(super) fn entry(object: &str) -> LedgerEntry {
    LedgerEntry {
        source: "songs".into(),
        object: object.into(),
        fingerprint: "etag".into(),
        kind: EntryKind::Change,
        generation: 1,
        position: object.into(),
        size: 10,
        modified: "2026-02-28T23:59:59.5Z".parse().unwrap(),
        rows: 3,
        rejected: 1,
    }
}

/// A record that answers an update.
#[derive(Debug, Clone)]
pub(super) struct Recorded(pub(super) LedgerUpdate);

#[async_trait]
impl Record for Recorded {
    fn job(&self) -> &str {
        &self.0.job
    }

    async fn update(&self) -> Result<LedgerUpdate> {
        tokio::task::yield_now().await;
        Ok(self.0.clone())
    }
}

/// A record that fails.
#[derive(Debug)]
pub(super) struct Unrecorded;

#[async_trait]
impl Record for Unrecorded {
    fn job(&self) -> &str {
        JOB
    }

    async fn update(&self) -> Result<LedgerUpdate> {
        Err(Error::refused("no update today"))
    }
}

/// A record that allows no loss and keeps what it was asked.
#[derive(Debug, Default)]
pub(super) struct Guarded(pub(super) std::sync::Mutex<Vec<Loss>>);

#[async_trait]
impl Record for Guarded {
    fn job(&self) -> &str {
        JOB
    }

    async fn update(&self) -> Result<LedgerUpdate> {
        Err(Error::failed("asked for an update of what is not allowed"))
    }

    fn allow(&self, losses: &[Loss]) -> Result<()> {
        *self.0.lock().unwrap() = losses.to_vec();
        Err(Error::refused("too much"))
    }
}

/// The objects in the ledger.
pub(super) async fn objects(target: &Arc<dyn Target>) -> Vec<String> {
    let ledger = target.ledger(JOB, &everything).await.unwrap();
    ledger.applied.into_iter().map(|applied| applied.entry.object).collect()
}

/// Reads a request to its end.
pub(super) async fn read(target: &Arc<dyn Target>, request: ReadRequest) -> RecordBatch {
    let schema = Arc::clone(&request.schema);
    let batches: Vec<_> = target.read(request).await.unwrap().try_collect().await.unwrap();
    concat_batches(&schema, &batches).unwrap()
}

/// All of a table.
pub(super) fn all(table: &TableName, schema: &SchemaRef) -> ReadRequest {
    let (table, schema) = (table.clone(), Arc::clone(schema));
    ReadRequest { table, schema, filters: vec![], limit: None }
}

/// The rows of a table that meet filters, or more.
pub(super) fn filtered(spec: &TableSpec, filters: Vec<Filter>) -> ReadRequest {
    let filters = filters.into_iter().map(Condition::from).collect();
    ReadRequest { filters, ..all(&spec.table, &spec.schema) }
}

/// Asserts that a table holds exactly these rows, in any order.
pub(super) async fn assert_holds(
    target: &Arc<dyn Target>,
    spec: &TableSpec,
    expected: &RecordBatch,
) {
    let found = read(target, all(&spec.table, &spec.schema)).await;
    let (found, expected) = (sorted(&found), sorted(expected));
    if found == expected {
        return;
    }
    let differs = (0..expected.num_columns())
        .filter(|&index| found.column(index).to_data() != expected.column(index).to_data())
        .map(|index| spec.schema.field(index).name());
    panic!(
        "table `{}` holds {} rows instead of {}, columns that differ: {:?}\n{}\ninstead of\n{}",
        spec.table,
        found.num_rows(),
        expected.num_rows(),
        differs.collect::<Vec<_>>(),
        pretty_format_batches(&[found.slice(0, found.num_rows().min(10))]).unwrap(),
        pretty_format_batches(&[expected.slice(0, expected.num_rows().min(10))]).unwrap(),
    );
}

/// Sorted by all columns.
fn sorted(batch: &RecordBatch) -> RecordBatch {
    let columns = batch.columns().iter();
    let columns: Vec<_> =
        columns.map(|values| SortColumn { values: Arc::clone(values), options: None }).collect();
    let order = lexsort_to_indices(&columns, None).unwrap();
    take_record_batch(batch, &order).unwrap()
}
