//! Aggregates over frames that lose rows at their start: computed anew for each frame.

use std::collections::VecDeque;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, not_impl_err};
use datafusion::error::Result;
use datafusion::logical_expr::Accumulator;

use super::own::Makes;

/// The rows of a frame, which another accumulator sees when the result is asked for.
#[derive(Debug)]
pub(super) struct Sliding {
    takes: Vec<DataType>,
    gives: DataType,
    makes: Makes,
    /// Batches of arguments, the oldest first.
    frame: VecDeque<Vec<ArrayRef>>,
}

impl Sliding {
    pub(super) fn new(takes: Vec<DataType>, gives: DataType, makes: Makes) -> Self {
        Self { takes, gives, makes, frame: VecDeque::new() }
    }
}

impl Accumulator for Sliding {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.frame.push_back(values.to_vec());
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let mut left = values.first().map_or(0, Array::len);
        while left > 0 {
            let Some(mut oldest) = self.frame.pop_front() else { break };
            let rows = oldest.first().map_or(0, Array::len);
            if rows > left {
                for column in &mut oldest {
                    *column = column.slice(left, rows - left);
                }
                self.frame.push_front(oldest);
            }
            left = left.saturating_sub(rows);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut seen = (self.makes)(&self.takes, &self.gives)?;
        for values in &self.frame {
            seen.update_batch(values)?;
        }
        seen.evaluate()
    }

    fn merge_batch(&mut self, _states: &[ArrayRef]) -> Result<()> {
        not_impl_err!("the frames of a window are not merged")
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        not_impl_err!("the frames of a window are not merged")
    }

    fn size(&self) -> usize {
        let columns = self.frame.iter().flatten();
        size_of::<Self>() + columns.map(Array::get_array_memory_size).sum::<usize>()
    }
}
