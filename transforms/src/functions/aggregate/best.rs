//! The value of the row in which another value is the greatest or the least.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, make_comparator};
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Accumulator, AggregateUDF};

use super::own::{Aggregate, at};

/// [max_by](https://spark.apache.org/docs/3.5.6/api/sql/index.html#max_by) and
/// [min_by](https://spark.apache.org/docs/3.5.6/api/sql/index.html#min_by): rows whose second value is NULL are left out; of equal ones the last
/// row wins.
pub(super) fn all() -> Vec<Arc<AggregateUDF>> {
    let takes = |types: &[DataType]| match types {
        [_, _] => Ok(types.to_vec()),
        _ => plan_err!("a value and what is compared are needed"),
    };
    let gives = |types: &[DataType]| Ok(at(types, 0)?.clone());
    let keeps = |types: &[DataType]| types.to_vec();
    vec![
        Aggregate::udaf("max_by", takes, gives, keeps, |types, _| {
            Ok(Box::new(Best::new(types, Ordering::Greater)?))
        }),
        Aggregate::udaf("min_by", takes, gives, keeps, |types, _| {
            Ok(Box::new(Best::new(types, Ordering::Less)?))
        }),
    ]
}

#[derive(Debug)]
struct Best {
    value: ScalarValue,
    compared: ScalarValue,
    wanted: Ordering,
}

impl Best {
    fn new(types: &[DataType], wanted: Ordering) -> Result<Self> {
        let value = ScalarValue::try_new_null(at(types, 0)?)?;
        let compared = ScalarValue::try_new_null(at(types, 1)?)?;
        Ok(Self { value, compared, wanted })
    }

    fn see(&mut self, values: &ArrayRef, compared: &ArrayRef) -> Result<()> {
        // An array of NULLs alone does not tell that they are.
        if compared.data_type().is_null() {
            return Ok(());
        }
        let compare = make_comparator(compared, compared, SortOptions::default())?;
        let mut best: Option<usize> = None;
        for row in (0..compared.len()).filter(|row| compared.is_valid(*row)) {
            if best.is_none_or(|best| compare(row, best) != self.wanted.reverse()) {
                best = Some(row);
            }
        }
        let Some(row) = best else { return Ok(()) };
        let found = ScalarValue::try_from_array(compared, row)?;
        let better = self.compared.is_null() || {
            let kept = self.compared.to_array()?;
            make_comparator(compared, &kept, SortOptions::default())?(row, 0)
                != self.wanted.reverse()
        };
        if better {
            self.value = ScalarValue::try_from_array(values, row)?.compacted();
            self.compared = found.compacted();
        }
        Ok(())
    }
}

impl Accumulator for Best {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.see(at(values, 0)?, at(values, 1)?)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.see(at(states, 0)?, at(states, 1)?)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.value.clone(), self.compared.clone()])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.value.clone())
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.value.size() + self.compared.size()
    }
}
