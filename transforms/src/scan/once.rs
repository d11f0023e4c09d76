//! The plan node that checks that full-load objects hold each key once.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::common::hash_utils::{RandomState, create_hashes};
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;
use roaring::RoaringTreemap;

use super::error::ScanError;
use super::log::ScanLog;

/// Above so many parts of 2^32 numbers a bitmap is larger than a set of the numbers.
const BITMAP_PARTS_MAX: usize = 1 << 12;
/// A set's slot: a number and the byte that says whether it is taken.
const SLOT_BYTES: usize = 9;

/// Passes rows on, and ends in an error at a key that came before, or at a row that deletes.
///
/// A full load is a table's content, so a key is there once, and to be sure of that costs some bits for each key instead of a
/// sort of all rows. Where it does not hold (a row that moved from one part of a parallel load to another while both were
/// read), or where memory does not suffice, the [`ScanLog`] says so, and what was planned is planned anew without it.
#[derive(Debug, Clone)]
pub(super) struct OnceExec {
    input: Arc<dyn ExecutionPlan>,
    /// Of the input's columns: the key, and the one that says whether a row deletes.
    key: Vec<usize>,
    deleted: usize,
    source: String,
    seen: Arc<Mutex<Seen>>,
}

impl OnceExec {
    pub(super) fn new(
        input: Arc<dyn ExecutionPlan>,
        key: Vec<usize>,
        deleted: usize,
        source: String,
    ) -> Self {
        Self { input, key, deleted, source, seen: Arc::default() }
    }
}

impl DisplayAs for OnceExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OnceExec: source={}", self.source)
    }
}

impl ExecutionPlan for OnceExec {
    fn name(&self) -> &'static str {
        "OnceExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    /// Another distribution of the rows would only cost.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    /// Nothing is seen yet in the new node: this is how a plan is reset before it runs again.
    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (Some(input), true) = (children.pop(), children.is_empty()) else {
            return internal_err!("OnceExec has one child");
        };
        Ok(Arc::new(Self { input, seen: Arc::default(), ..Self::clone(&self) }))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, Arc::clone(&context))?;
        let log = context.session_config().get_extension::<ScanLog>();
        let exec = self.clone();
        let memory = MemoryConsumer::new("OnceExec").register(context.memory_pool());
        self.seen().memory.get_or_insert(memory);
        let checked = rows.map(move |batch| {
            let batch = batch?;
            if exec.is_new(&batch)? {
                return Ok(batch);
            }
            if let Some(log) = &log {
                log.repeats(&exec.source);
            }
            Err(ScanError::Repeated { source_name: exec.source.clone() }.into())
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), checked)))
    }
}

/// Whether a plan takes for granted that full loads hold each key once, so that it may end in [`ScanError::Repeated`].
#[must_use]
pub fn trusts_loads(plan: &dyn ExecutionPlan) -> bool {
    plan.downcast_ref::<OnceExec>().is_some()
        || plan.children().into_iter().any(|child| trusts_loads(child.as_ref()))
}

impl OnceExec {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no row of the batch deletes and all of its keys are seen for the first time.
    fn is_new(&self, batch: &RecordBatch) -> Result<bool> {
        if batch.column(self.deleted).as_boolean().true_count() > 0 {
            return Ok(false);
        }
        let key: Vec<ArrayRef> =
            self.key.iter().map(|column| Arc::clone(batch.column(*column))).collect();
        // Outside of the lock.
        let numbers = match key.as_slice() {
            [only] => numbers(only.as_ref()),
            _ => None,
        };
        match numbers {
            Some(numbers) => Ok(self.seen().are_new(Keys::Numbers, numbers)),
            None => {
                let mut hashes = vec![0; batch.num_rows()];
                create_hashes(&key, &RandomState::default(), &mut hashes)?;
                Ok(self.seen().are_new(Keys::Hashes, hashes))
            }
        }
    }
}

/// How a key was made a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// It is one.
    Numbers,
    /// By a hash, which may be another key's too: then a key only seems to be there twice.
    Hashes,
}

/// The values of a column of whole numbers; none for other types.
fn numbers(array: &dyn Array) -> Option<Vec<u64>> {
    fn of<T: ArrowPrimitiveType>(array: &dyn Array, number: fn(T::Native) -> u64) -> Vec<u64> {
        array.as_primitive::<T>().values().iter().map(|value| number(*value)).collect()
    }
    Some(match array.data_type() {
        DataType::Int8 => of::<Int8Type>(array, |value| i64::from(value).cast_unsigned()),
        DataType::Int16 => of::<Int16Type>(array, |value| i64::from(value).cast_unsigned()),
        DataType::Int32 => of::<Int32Type>(array, |value| i64::from(value).cast_unsigned()),
        DataType::Int64 => of::<Int64Type>(array, i64::cast_unsigned),
        DataType::UInt8 => of::<UInt8Type>(array, u64::from),
        DataType::UInt16 => of::<UInt16Type>(array, u64::from),
        DataType::UInt32 => of::<UInt32Type>(array, u64::from),
        DataType::UInt64 => of::<UInt64Type>(array, u64::from),
        DataType::Date32 => of::<Date32Type>(array, |value| i64::from(value).cast_unsigned()),
        _ => return None,
    })
}

/// The keys of all rows so far.
#[derive(Debug, Default)]
struct Seen {
    /// Some bits for each key where keys are near to each other, as numbers given out in turn are.
    bitmap: RoaringTreemap,
    set: HashSet<u64>,
    memory: Option<MemoryReservation>,
}

impl Seen {
    fn are_new(&mut self, keys: Keys, numbers: Vec<u64>) -> bool {
        if keys == Keys::Numbers && self.set.is_empty() {
            let all_new = numbers.into_iter().all(|number| self.bitmap.insert(number));
            if self.bitmap.bitmaps().count() > BITMAP_PARTS_MAX {
                self.set = self.bitmap.iter().collect();
                self.bitmap.clear();
            }
            return all_new;
        }
        if !self.may_grow(numbers.len()) {
            return false;
        }
        numbers.into_iter().all(|number| self.set.insert(number))
    }

    /// Whether there is memory for so many more numbers in the set.
    fn may_grow(&mut self, by: usize) -> bool {
        // A set doubles when seven eighths of its slots are taken.
        let slots = ((self.set.len() + by) * 8 / 7).next_power_of_two();
        match &self.memory {
            Some(memory) => memory.try_resize(slots * SLOT_BYTES).is_ok(),
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(batches: &[&[u64]]) -> Vec<bool> {
        let mut seen = Seen::default();
        batches.iter().map(|batch| seen.are_new(Keys::Numbers, batch.to_vec())).collect()
    }

    #[test]
    fn a_number_is_new_once_whatever_it_is_kept_in() {
        assert_eq!(seen(&[&[3, 1, 2], &[5, 4], &[6, 1], &[7]]), [true, true, false, true]);
        assert_eq!(seen(&[&[3, 3]]), [false]);
        // Far apart, so that a set takes the bitmap's place.
        let far: Vec<u64> = (0..20_000).map(|number| number << 40).collect();
        let (first, second) = far.split_at(10_000);
        assert_eq!(seen(&[first, second, &[1], &[far[7]]]), [true, true, true, false]);
    }

    #[test]
    fn numbers_of_all_signs_stay_apart() {
        let array = datafusion::arrow::array::Int32Array::from(vec![-1, 1, i32::MIN, i32::MAX]);
        let numbers: HashSet<u64> = numbers(&array).unwrap().into_iter().collect();
        assert_eq!(numbers.len(), 4);
    }
}
