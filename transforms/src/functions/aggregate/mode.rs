//! The most frequent value.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Accumulator, AggregateUDF};

use super::own::{Aggregate, at};

/// [mode](https://spark.apache.org/docs/3.5.6/api/sql/index.html#mode): NULL is left out. Of equally frequent values Spark gives any; here it
/// is the least.
pub(super) fn all() -> Vec<Arc<AggregateUDF>> {
    vec![Aggregate::udaf(
        "mode",
        |types| match types {
            [_] => Ok(types.to_vec()),
            _ => plan_err!("mode takes one value"),
        },
        |types| Ok(at(types, 0)?.clone()),
        |types| {
            let values = types.first().cloned().unwrap_or(DataType::Null);
            vec![DataType::new_list(values, true), DataType::new_list(DataType::Int64, true)]
        },
        |types, _| Ok(Box::new(Mode { data_type: at(types, 0)?.clone(), counts: HashMap::new() })),
    )]
}

#[derive(Debug)]
struct Mode {
    data_type: DataType,
    counts: HashMap<ScalarValue, i64>,
}

impl Mode {
    fn see(&mut self, values: &ArrayRef, count: impl Fn(usize) -> i64) -> Result<()> {
        for row in (0..values.len()).filter(|row| values.is_valid(*row)) {
            let value = ScalarValue::try_from_array(values, row)?;
            match self.counts.get_mut(&value) {
                Some(seen) => *seen += count(row),
                None => {
                    self.counts.insert(value.compacted(), count(row));
                }
            }
        }
        Ok(())
    }
}

impl Accumulator for Mode {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.see(at(values, 0)?, |_| 1)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (values, counts) = (at(states, 0)?.as_list::<i32>(), at(states, 1)?.as_list::<i32>());
        for row in 0..values.len() {
            let counts = counts.value(row);
            let counts = counts.as_primitive::<Int64Type>();
            self.see(&values.value(row), |at| counts.value(at))?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (values, counts): (Vec<_>, Vec<_>) = self
            .counts
            .iter()
            .map(|(value, count)| (value.clone(), ScalarValue::Int64(Some(*count))))
            .unzip();
        Ok(vec![
            ScalarValue::List(ScalarValue::new_list_nullable(&values, &self.data_type)),
            ScalarValue::List(ScalarValue::new_list_nullable(&counts, &DataType::Int64)),
        ])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let most = self.counts.iter().max_by(|(value, count), (other, others)| {
            count
                .cmp(others)
                .then_with(|| other.partial_cmp(value).unwrap_or(std::cmp::Ordering::Equal))
        });
        match most {
            Some((value, _)) => Ok(value.clone()),
            None => ScalarValue::try_new_null(&self.data_type),
        }
    }

    fn size(&self) -> usize {
        let values: usize = self.counts.keys().map(ScalarValue::size).sum();
        size_of::<Self>() + values + self.counts.capacity() * size_of::<(ScalarValue, i64)>()
    }
}
