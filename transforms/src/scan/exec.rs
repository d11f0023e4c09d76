//! The plan node that reads objects.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, UInt64Array,
};
use datafusion::arrow::datatypes::SchemaRef;
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
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};

use super::counts::{ObjectRead, ReadCounts};
use super::error::ScanError;
use super::log::ScanLog;
use super::object::{Frozen, FrozenTable};
use super::pieces::{PieceStore, Pieces, begin};
use crate::dms::Op;
use crate::dms::csv::{BadRows, Decoded, Decoder, Layout, ROW_ERRORS_MAX, RowErrors, Stop};
use crate::dms::gunzip::{Gunzip, GunzipError};
use crate::dms::name::Compression;

/// How many objects of a partition are asked for at once, if they are small.
const OBJECTS_AHEAD: usize = 8;
/// Bytes decoded at once: the decoder keeps the batches of one push.
pub(super) const CHUNK_BYTES: usize = 256 * 1024;
/// A position is the object's ordinal above the row in the object; 2^40 rows are more than DMS's largest object can hold.
pub(super) const ROW_BITS: u32 = 40;

/// Reads the objects of a table, each by one partition.
#[derive(Debug, Clone)]
pub(super) struct StagedExec {
    table: Arc<FrozenTable>,
    /// Columns of the raw schema.
    projection: Vec<usize>,
    /// For each partition the indices of its objects.
    partitions: Vec<Vec<usize>>,
    properties: Arc<PlanProperties>,
}

impl StagedExec {
    pub(super) fn try_new(
        table: Arc<FrozenTable>,
        raw: &SchemaRef,
        projection: Vec<usize>,
        partitions: usize,
    ) -> Result<Self> {
        let schema = Arc::new(raw.project(&projection)?);
        let partitions = distribute(&table.objects, partitions);
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(partitions.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Ok(Self { table, projection, partitions, properties })
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
            self.table.source.name,
            self.table.objects.len(),
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
        let url = &self.table.store;
        let store = PieceStore::new(url, context.runtime_env().object_store(url)?);
        let table = Arc::clone(&self.table);
        let reader = Reader {
            table: Arc::clone(&self.table),
            schema: self.schema(),
            projection: self.projection.clone(),
            batch_rows: context.session_config().batch_size(),
            counts: context.session_config().get_extension::<ReadCounts>(),
            drift: context.session_config().get_extension::<ScanLog>(),
        };
        let objects: Vec<Frozen> =
            mine.iter().filter_map(|index| self.table.objects.get(*index).cloned()).collect();
        let batches = stream::iter(objects)
            .map(move |object| {
                let begun = begin(store.clone(), &object, label(&table, &object));
                async move { Ok((object, begun.await?)) }
            })
            .buffered(OBJECTS_AHEAD)
            .map(move |begun| begun.and_then(|(object, pieces)| reader.open(object, pieces)))
            .try_flatten()
            .map_err(Into::into);
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

/// An object as the user knows it.
fn label(table: &FrozenTable, object: &Frozen) -> String {
    format!("{}{}", table.folder, object.key)
}

/// What reading needs to know, whichever object it is.
struct Reader {
    table: Arc<FrozenTable>,
    schema: SchemaRef,
    projection: Vec<usize>,
    batch_rows: usize,
    counts: Option<Arc<ReadCounts>>,
    drift: Option<Arc<ScanLog>>,
}

impl Reader {
    fn open(
        &self,
        object: Frozen,
        pieces: Pieces,
    ) -> Result<BoxStream<'static, Result<RecordBatch, ScanError>>, ScanError> {
        let width = self.table.source.schema.fields().len();
        let columns = self.projection.iter().copied().filter(|column| *column < width).collect();
        let layout: Arc<Layout> = Arc::new(self.table.layout(object.kind));
        let label = label(&self.table, &object);
        let bad_rows = self.table.bad_rows;
        let decoder =
            Decoder::new(layout, self.batch_rows, Some(columns), bad_rows).map_err(|error| {
                ScanError::Broken { object: label.clone(), reason: error.to_string() }
            })?;
        if let Some(counts) = &self.counts {
            counts.begin(&self.table.source.name, &object.key);
        }
        let reading = Reading {
            pieces,
            rest: Bytes::new(),
            gunzip: (object.compression == Compression::Gzip).then(Gunzip::new),
            decoder,
            ended: false,
            rows: 0,
            label,
            object,
            schema: Arc::clone(&self.schema),
            projection: self.projection.clone(),
            width,
            source: self.table.source.name.clone(),
            bad_rows,
            counts: self.counts.clone(),
            drift: self.drift.clone(),
        };
        Ok(stream::try_unfold(reading, Reading::step).boxed())
    }
}

/// One object while it is read.
struct Reading {
    pieces: Pieces,
    /// What is left of the newest piece.
    rest: Bytes,
    gunzip: Option<Gunzip>,
    decoder: Decoder,
    ended: bool,
    rows: u64,
    label: String,
    object: Frozen,
    schema: SchemaRef,
    projection: Vec<usize>,
    /// Columns of the source; those after it are computed here.
    width: usize,
    source: String,
    bad_rows: BadRows,
    counts: Option<Arc<ReadCounts>>,
    drift: Option<Arc<ScanLog>>,
}

impl Reading {
    async fn step(mut self) -> Result<Option<(RecordBatch, Self)>, ScanError> {
        loop {
            if let Some(decoded) = self.decoder.next_batch() {
                let batch = self.batch(decoded)?;
                return Ok(Some((batch, self)));
            }
            if self.ended {
                self.count()?;
                if let (Some(drift), Some(widths)) = (&self.drift, self.decoder.widths()) {
                    drift.read(&self.source, &self.object.key, widths);
                }
                return Ok(None);
            }
            if self.rest.is_empty() {
                match self.pieces.next().await {
                    Some(piece) => self.rest = piece?,
                    None => self.finish().inspect_err(|_| self.note_drift())?,
                }
            } else {
                let chunk = self.rest.split_to(self.rest.len().min(CHUNK_BYTES));
                self.feed(&chunk).inspect_err(|_| self.note_drift())?;
            }
        }
    }

    /// What a scan may be planned anew with.
    fn note_drift(&self) {
        if let (Some(drift), Some(beyond)) = (&self.drift, self.decoder.beyond()) {
            drift.reaches(&self.source, beyond);
        }
    }

    /// Tells what was read, and stops where the objects of the run have too many bad rows together.
    fn count(&mut self) -> Result<(), ScanError> {
        let Some(counts) = &self.counts else { return Ok(()) };
        let read = ObjectRead { rows: self.rows, rejects: self.decoder.take_rejects() };
        let first = read.rejects.iter().flat_map(|reject| &reject.errors).take(ROW_ERRORS_MAX);
        let errors = first.cloned().collect();
        counts.set(&self.source, &self.object.key, read);
        match self.bad_rows {
            BadRows::SetAside { most } if counts.rejected() > most => {
                let stop = Some(Stop::TooMany { most });
                Err(rejected(&self.label, RowErrors { errors, drift: false, stop }))
            }
            _ => Ok(()),
        }
    }

    fn feed(&mut self, piece: &[u8]) -> Result<(), ScanError> {
        let decoder = &mut self.decoder;
        match &mut self.gunzip {
            None => decoder.push(piece).map_err(|errors| rejected(&self.label, errors)),
            Some(gunzip) => gunzip
                .push(piece, &mut |text: &[u8]| decoder.push(text))
                .map_err(|error| unzip(&self.label, error)),
        }
    }

    fn finish(&mut self) -> Result<(), ScanError> {
        self.ended = true;
        let decoder = &mut self.decoder;
        if let Some(gunzip) = self.gunzip.take() {
            gunzip
                .finish(&mut |text: &[u8]| decoder.push(text))
                .map_err(|error| unzip(&self.label, error))?;
        }
        decoder.finish().map_err(|errors| rejected(&self.label, errors))
    }

    fn batch(&mut self, decoded: Decoded) -> Result<RecordBatch, ScanError> {
        let first = (u64::from(self.object.ordinal) << ROW_BITS) | decoded.first_row;
        self.rows = decoded.first_row + decoded.len as u64;
        let mut columns = decoded.columns.into_iter();
        let arrays: Vec<ArrayRef> = self
            .projection
            .iter()
            .filter_map(|column| match column.checked_sub(self.width) {
                None => columns.next(),
                Some(0) => {
                    let deleted = decoded.ops.iter().map(|op| Some(*op == Op::Delete));
                    Some(Arc::new(deleted.collect::<BooleanArray>()) as ArrayRef)
                }
                Some(_) => {
                    let positions =
                        UInt64Array::from_iter_values(first..first + decoded.len as u64);
                    Some(Arc::new(positions) as ArrayRef)
                }
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(decoded.len));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options).map_err(
            |error| ScanError::Broken { object: self.label.clone(), reason: error.to_string() },
        )
    }
}

pub(super) fn rejected(label: &str, errors: RowErrors) -> ScanError {
    ScanError::Rejected { object: label.to_owned(), errors }
}

pub(super) fn unzip(label: &str, error: GunzipError<RowErrors>) -> ScanError {
    match error {
        GunzipError::Refused(errors) => rejected(label, errors),
        other => ScanError::Broken { object: label.to_owned(), reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dms::name::ObjectKind;

    fn object(size: u64) -> Frozen {
        Frozen {
            path: "x".into(),
            key: "x".to_owned(),
            ordinal: 0,
            kind: ObjectKind::Change,
            compression: Compression::None,
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
