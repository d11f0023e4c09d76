//! The plan node that reads objects.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use futures::stream::{self, Stream, StreamExt, TryStreamExt};

use super::assemble::{Assembled, Assembly, Raw};
use super::content::Content;
use super::counts::{ObjectRead, ReadCounts};
use super::error::ScanError;
use super::log::ScanLog;
use super::meter::{ObjectMeter, ScanMeter};
use super::object::{Frozen, FrozenTable};
use super::pieces::{Opened, PieceStore, begin};
use super::raw::{Added, RawTable};
use crate::dms::csv::{BadRows, Decoded, ROW_ERRORS_MAX, RowErrors, Stop};

/// How many objects of a partition are asked for at once, if they are small.
const OBJECTS_AHEAD: usize = 8;
/// A position is the object's ordinal above the row in the object; 2^40 rows are more than DMS's largest object can hold.
pub(super) const ROW_BITS: u32 = 40;

/// Reads the objects of a table, each by one partition.
#[derive(Debug, Clone)]
pub(super) struct StagedExec {
    raw: RawTable,
    /// Columns of the raw schema.
    projection: Vec<usize>,
    /// For each partition the indices of its objects.
    partitions: Vec<Vec<usize>>,
    properties: Arc<PlanProperties>,
}

impl StagedExec {
    pub(super) fn try_new(
        raw: &RawTable,
        projection: Vec<usize>,
        partitions: usize,
    ) -> Result<Self> {
        let schema = Arc::new(raw.schema().project(&projection)?);
        let partitions = distribute(&raw.table.objects, partitions);
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(partitions.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Ok(Self { raw: raw.clone(), projection, partitions, properties })
    }

    /// Bytes of all objects, as they are staged.
    pub(super) fn bytes(&self) -> u64 {
        self.raw.table.objects.iter().map(|object| object.size).sum()
    }
}

/// Gives each object to the partition that has the fewest bytes so far.
fn distribute(objects: &[Frozen], partitions: usize) -> Vec<Vec<usize>> {
    let partitions = partitions.clamp(1, objects.len().max(1));
    let mut shares: Vec<(u64, Vec<usize>)> = vec![(0, Vec::new()); partitions];
    for (index, object) in objects.iter().enumerate() {
        if let Some(share) = shares.iter_mut().min_by_key(|share| share.0) {
            share.0 += object.size;
            share.1.push(index);
        }
    }
    shares.into_iter().map(|share| share.1).collect()
}

impl DisplayAs for StagedExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StagedExec: source={}, objects={}, partitions={}",
            self.raw.table.source.name,
            self.raw.table.objects.len(),
            self.partitions.len()
        )
    }
}

impl ExecutionPlan for StagedExec {
    fn name(&self) -> &'static str {
        "StagedExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { internal_err!("StagedExec has no children") }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let Some(mine) = self.partitions.get(partition) else {
            return internal_err!("StagedExec has no partition {partition}");
        };
        let table = &self.raw.table;
        let url = &table.store;
        let store = PieceStore::new(url, context.runtime_env().object_store(url)?);
        let reader = Arc::new(Reader {
            table: Arc::clone(table),
            added: self.raw.added.clone(),
            digits: self.raw.digits,
            schema: self.schema(),
            projection: self.projection.clone(),
            batch_rows: context.session_config().batch_size(),
            counts: context.session_config().get_extension::<ReadCounts>(),
            drift: context.session_config().get_extension::<ScanLog>(),
            meter: context.session_config().get_extension::<ScanMeter>(),
        });
        let facts = &self.raw.facts;
        let with_facts = |index: &usize| {
            let object = table.objects.get(*index).cloned()?;
            Some((
                object,
                if facts.num_columns() == 0 { facts.clone() } else { facts.slice(*index, 1) },
            ))
        };
        let objects: Vec<(Frozen, RecordBatch)> = mine.iter().filter_map(with_facts).collect();
        if let Some(meter) = &reader.meter {
            meter.begin(objects.iter().map(|(object, _)| object.size).sum());
        }
        let meter = reader.meter.clone();
        let batches = stream::iter(objects)
            .map(move |(object, facts)| {
                let meter = ObjectMeter::new(meter.as_ref());
                let begun = begin(store.clone().metered(meter.clone()), &object);
                async move { Ok((object, facts, meter, begun.await?)) }
            })
            .buffered(OBJECTS_AHEAD)
            .map_ok(move |(object, facts, meter, opened)| {
                Arc::clone(&reader).open(object, facts, meter, opened)
            })
            .try_flatten()
            .map_err(Into::into);
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

/// What reading needs to know, whichever object it is.
struct Reader {
    table: Arc<FrozenTable>,
    added: Vec<Added>,
    digits: usize,
    schema: SchemaRef,
    projection: Vec<usize>,
    batch_rows: usize,
    counts: Option<Arc<ReadCounts>>,
    drift: Option<Arc<ScanLog>>,
    meter: Option<Arc<ScanMeter>>,
}

impl Reader {
    fn open(
        self: Arc<Self>,
        object: Frozen,
        facts: RecordBatch,
        meter: ObjectMeter,
        opened: Opened,
    ) -> impl Stream<Item = Result<RecordBatch, ScanError>> + use<> {
        let opening = async move {
            let (source, schema) = (&self.table.source, Arc::clone(&self.schema));
            let raw = Raw { added: &self.added, facts, digits: self.digits };
            let assembly = Assembly::new(source, &object, schema, &self.projection, raw);
            let wanted = assembly.wanted(self.batch_rows);
            if let Some(counts) = &self.counts {
                counts.begin(&self.table.source.name, &object.key);
            }
            let content = Content::open(&self.table, &object, opened, wanted).await?;
            let reading = Reading { content, rows: 0, object, meter, assembly, reader: self };
            Ok(stream::try_unfold(reading, Reading::step))
        };
        stream::once(opening).try_flatten()
    }
}

/// One object while it is read.
struct Reading {
    content: Content,
    rows: u64,
    object: Frozen,
    meter: ObjectMeter,
    assembly: Assembly,
    reader: Arc<Reader>,
}

impl Reading {
    async fn step(mut self) -> Result<Option<(RecordBatch, Self)>, ScanError> {
        match self.content.next().await {
            Ok(Some(decoded)) => {
                let batch = self.batch(decoded)?;
                Ok(Some((batch, self)))
            }
            Ok(None) => {
                self.count()?;
                self.meter.finish(self.object.size);
                let source = &self.reader.table.source.name;
                if let (Some(drift), Some(widths)) = (&self.reader.drift, self.content.widths()) {
                    drift.read(source, &self.object.key, widths);
                }
                Ok(None)
            }
            Err(error) => {
                // What a scan may be planned anew with.
                if let (Some(drift), Some(beyond)) = (&self.reader.drift, self.content.beyond()) {
                    drift.reaches(&self.reader.table.source.name, beyond);
                }
                Err(error)
            }
        }
    }

    /// Tells what was read, and stops where the objects of the run have too many bad rows together.
    fn count(&mut self) -> Result<(), ScanError> {
        let Reader { counts: Some(counts), table, .. } = self.reader.as_ref() else {
            return Ok(());
        };
        let read = ObjectRead { rows: self.rows, rejects: self.content.take_rejects() };
        let first = read.rejects.iter().flat_map(|reject| &reject.errors).take(ROW_ERRORS_MAX);
        let errors = first.cloned().collect();
        counts.set(&table.source.name, &self.object.key, read);
        match table.bad_rows {
            BadRows::SetAside { most } if counts.rejected() > most => {
                let errors = RowErrors { errors, drift: false, stop: Some(Stop::TooMany { most }) };
                Err(ScanError::Rejected { object: self.object.label.clone(), errors })
            }
            _ => Ok(()),
        }
    }

    fn batch(&mut self, decoded: Decoded) -> Result<RecordBatch, ScanError> {
        self.rows = decoded.first_row + decoded.len as u64;
        let Assembled { batch, sequences, committed, has_gaps } =
            self.assembly.rows(decoded).map_err(|error| ScanError::Broken {
                object: self.object.label.clone(),
                reason: error.to_string(),
            })?;
        let Reader { table, drift, .. } = self.reader.as_ref();
        let texts = sequences.as_ref().and_then(|sequences| sequences.as_string_opt::<i32>());
        let texts = || texts.iter().flat_map(|texts| texts.iter().flatten());
        let is_dependent = table.before.as_ref().is_some_and(|before| {
            let known = before.newest_sequence.as_deref();
            has_gaps || texts().any(|text| known.is_none_or(|known| text < known))
        });
        if let (Some(drift), Some(newest)) = (drift, texts().max()) {
            drift.sequence(&table.source.name, newest);
        }
        if let (Some(drift), Some(newest)) = (drift, committed) {
            drift.commit(&table.source.name, &self.object.key, newest);
        }
        if is_dependent {
            let source_name = table.source.name.clone();
            if let Some(drift) = drift {
                drift.depends(&source_name);
            }
            return Err(ScanError::Dependent { source_name });
        }
        if let Some(meter) = &self.reader.meter {
            meter.add_rows(batch.num_rows());
        }
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use staged::{Format, ObjectKind};

    fn object(size: u64) -> Frozen {
        Frozen {
            path: "x".into(),
            key: "x".to_owned(),
            label: "x".to_owned(),
            of_tables: false,
            ordinal: 0,
            kind: ObjectKind::Change,
            format: Format::Csv,
            size,
            modified: chrono::DateTime::UNIX_EPOCH,
            e_tag: None,
        }
    }

    #[test]
    fn every_object_is_read_by_exactly_one_partition() {
        let objects: Vec<Frozen> = [5, 1, 1, 1, 9, 2].into_iter().map(object).collect();
        for partitions in [1, 2, 3, 100] {
            let shares = distribute(&objects, partitions);
            let mut all: Vec<usize> = shares.into_iter().flatten().collect();
            all.sort_unstable();
            assert_eq!(all, (0..objects.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_table_without_objects_has_one_empty_partition() {
        assert_eq!(distribute(&[], 2), vec![Vec::<usize>::new()]);
    }
}
