//! Percentiles, exact ones: all values of a group are held.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array};
use datafusion::arrow::compute::{SortOptions, cast, concat, filter, sort_to_indices, take};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Accumulator, AggregateUDF};

use super::own::{Aggregate, at};
use crate::functions::Told;

/// [percentile](https://spark.apache.org/docs/3.5.6/api/sql/index.html#percentile) (a DOUBLE between the two nearest values, with a frequency as
/// third argument), [percentile_approx](https://spark.apache.org/docs/3.5.6/api/sql/index.html#percentile_approx) (a value that is there: the
/// least one that at least this part of the values does not exceed; what Spark gives for up to its accuracy, 10000, of different values), and
/// `unglue_percentile_disc(value, percentage, descending)`. The percentage may be an array.
pub(super) fn all() -> Vec<Arc<AggregateUDF>> {
    vec![
        Aggregate::udaf("percentile", double_takes, gives, keeps, |types, gives| {
            Quantile::boxed("percentile", types, gives, How::Between)
        }),
        Aggregate::udaf("percentile_approx", approx_takes, gives, keeps, |types, gives| {
            Quantile::boxed("percentile_approx", types, gives, How::Existing)
        }),
        Aggregate::udaf("unglue_percentile_disc", disc_takes, gives, keeps, |types, gives| {
            Quantile::boxed("percentile_disc", types, gives, How::Existing)
        }),
    ]
}

fn percentage(types: &[DataType]) -> Result<DataType> {
    match types.get(1) {
        Some(DataType::List(_)) => Ok(DataType::new_list(DataType::Float64, true)),
        Some(number) if number.is_numeric() => Ok(DataType::Float64),
        _ => plan_err!("a percentage from 0 to 1 is needed, or an array of them"),
    }
}

fn double_takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let mut takes = vec![DataType::Float64, percentage(types)?];
    match types {
        [_, _] => {}
        [_, _, frequency] if frequency.is_integer() => takes.push(DataType::Int64),
        _ => return plan_err!("a number, a percentage and perhaps a frequency are needed"),
    }
    Ok(takes)
}

fn approx_takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let value = match at(types, 0)? {
        DataType::Utf8 | DataType::Null => DataType::Float64,
        value if value.is_nested() => return plan_err!("a number or a time is needed"),
        value => value.clone(),
    };
    let accuracy = types.get(2).map(|_| DataType::Utf8);
    Ok([value, percentage(types)?].into_iter().chain(accuracy).collect())
}

fn disc_takes(types: &[DataType]) -> Result<Vec<DataType>> {
    Ok(vec![DataType::Float64, percentage(types)?, DataType::Boolean])
}

fn gives(types: &[DataType]) -> Result<DataType> {
    let value = at(types, 0)?.clone();
    Ok(match at(types, 1)? {
        DataType::List(_) => DataType::new_list(value, true),
        _ => value,
    })
}

/// The values, the percentages, the frequencies and whether the order is descending.
fn keeps(types: &[DataType]) -> Vec<DataType> {
    let value = types.first().cloned().unwrap_or(DataType::Null);
    vec![
        DataType::new_list(value, true),
        types.get(1).cloned().unwrap_or(DataType::Null),
        DataType::new_list(DataType::Int64, true),
        DataType::Boolean,
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// On the line between the two nearest values.
    Between,
    /// A value that is there.
    Existing,
}

#[derive(Debug)]
struct Quantile {
    /// The function's name, for messages.
    name: &'static str,
    value: DataType,
    gives: DataType,
    how: How,
    weighted: bool,
    chunks: Vec<ArrayRef>,
    frequencies: Vec<ArrayRef>,
    percentage: ScalarValue,
    descending: bool,
}

impl Quantile {
    fn boxed(
        name: &'static str,
        types: &[DataType],
        gives: &DataType,
        how: How,
    ) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Self {
            name,
            value: at(types, 0)?.clone(),
            gives: gives.clone(),
            how,
            weighted: types.get(2) == Some(&DataType::Int64),
            chunks: vec![],
            frequencies: vec![],
            percentage: ScalarValue::try_new_null(at(types, 1)?)?,
            descending: false,
        }))
    }

    fn percentages(&self) -> Result<Vec<f64>> {
        let percentages: Vec<Option<f64>> = match &self.percentage {
            ScalarValue::Float64(percentage) => vec![*percentage],
            ScalarValue::List(list) if list.is_valid(0) => {
                cast(&list.value(0), &DataType::Float64)?
                    .as_primitive::<Float64Type>()
                    .iter()
                    .collect()
            }
            _ => vec![None],
        };
        let checked = percentages
            .into_iter()
            .map(|percentage| percentage.filter(|percentage| (0.0..=1.0).contains(percentage)));
        match checked.collect::<Option<Vec<f64>>>() {
            Some(percentages) => Ok(percentages),
            None => {
                Err(Told::error(format!("{}: a percentage is a number from 0 to 1", self.name)))
            }
        }
    }

    /// The values in their order, and how many there are up to each.
    fn sorted(&self) -> Result<(ArrayRef, Vec<i64>)> {
        let chunks: Vec<&dyn Array> = self.chunks.iter().map(AsRef::as_ref).collect();
        let values = concat(&chunks)?;
        let options = SortOptions { descending: self.descending, nulls_first: false };
        let order = sort_to_indices(&values, Some(options), None)?;
        let values = take(&values, &order, None)?;
        let mut total = 0_i64;
        let counts = if self.weighted {
            let frequencies: Vec<&dyn Array> = self.frequencies.iter().map(AsRef::as_ref).collect();
            let frequencies = take(&concat(&frequencies)?, &order, None)?;
            let add = |frequency: i64| {
                total = total.saturating_add(frequency);
                total
            };
            frequencies.as_primitive::<Int64Type>().values().iter().copied().map(add).collect()
        } else {
            (1..=i64::try_from(values.len()).unwrap_or(i64::MAX)).collect()
        };
        Ok((values, counts))
    }

    fn result(&self) -> Result<ScalarValue> {
        if self.chunks.iter().all(Array::is_empty) {
            return ScalarValue::try_new_null(&self.gives);
        }
        let (values, counts) = self.sorted()?;
        let percentages = self.percentages()?;
        let found: Vec<ScalarValue> = percentages
            .iter()
            .map(|percentage| match self.how {
                How::Between => between(&values, &counts, *percentage),
                How::Existing => existing(&values, &counts, *percentage),
            })
            .collect::<Result<_>>()?;
        match (&self.gives, found.into_iter()) {
            (DataType::List(_), found) => Ok(ScalarValue::List(ScalarValue::new_list_nullable(
                &found.collect::<Vec<_>>(),
                &self.value,
            ))),
            (_, mut found) => match found.next() {
                Some(found) => Ok(found),
                None => ScalarValue::try_new_null(&self.gives),
            },
        }
    }
}

/// The index of the value at a rank, counted from one.
fn index(counts: &[i64], rank: i64) -> usize {
    counts.partition_point(|count| *count < rank).min(counts.len().saturating_sub(1))
}

#[expect(clippy::cast_precision_loss, reason = "no group has 2^53 values")]
fn between(values: &ArrayRef, counts: &[i64], percentage: f64) -> Result<ScalarValue> {
    let total = counts.last().copied().unwrap_or(0);
    if total <= 0 {
        return Ok(ScalarValue::Float64(None));
    }
    let position = (total - 1) as f64 * percentage;
    let (lower, higher) = (position.floor(), position.ceil());
    #[expect(clippy::cast_possible_truncation, reason = "it is between 0 and the number of values")]
    let value =
        |rank: f64| values.as_primitive::<Float64Type>().value(index(counts, rank as i64 + 1));
    let (low, high) = (value(lower), value(higher));
    if lower >= higher || low.total_cmp(&high).is_eq() {
        return Ok(ScalarValue::from(low));
    }
    Ok(ScalarValue::from((higher - position) * low + (position - lower) * high))
}

#[expect(clippy::cast_precision_loss, reason = "no group has 2^53 values")]
fn existing(values: &ArrayRef, counts: &[i64], percentage: f64) -> Result<ScalarValue> {
    let total = counts.last().copied().unwrap_or(0);
    #[expect(clippy::cast_possible_truncation, reason = "it is between 0 and the number of values")]
    let rank = (total as f64 * percentage).ceil() as i64;
    ScalarValue::try_from_array(values, index(counts, rank.max(1)))
}

impl Accumulator for Quantile {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let column = at(values, 0)?;
        if column.is_empty() {
            return Ok(());
        }
        self.percentage = ScalarValue::try_from_array(at(values, 1)?, 0)?;
        let frequencies = self.weighted.then(|| at(values, 2)).transpose()?;
        if let Some(DataType::Boolean) = values.get(2).map(Array::data_type) {
            self.descending = at(values, 2)?.as_boolean().value(0);
        }
        let counts = |row: usize| match frequencies {
            Some(frequencies) => {
                frequencies.is_valid(row) && frequencies.as_primitive::<Int64Type>().value(row) > 0
            }
            None => true,
        };
        let kept: BooleanArray =
            (0..column.len()).map(|row| Some(column.is_valid(row) && counts(row))).collect();
        self.chunks.push(filter(column, &kept)?);
        if let Some(frequencies) = frequencies {
            self.frequencies.push(filter(frequencies, &kept)?);
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (values, frequencies) = (at(states, 0)?, at(states, 2)?);
        let (percentages, descending) = (at(states, 1)?, at(states, 3)?);
        for row in (0..values.len()).filter(|row| values.is_valid(*row)) {
            let chunk = values.as_list::<i32>().value(row);
            if chunk.is_empty() {
                continue;
            }
            self.chunks.push(chunk);
            self.frequencies.push(frequencies.as_list::<i32>().value(row));
            self.percentage = ScalarValue::try_from_array(percentages, row)?;
            self.descending = descending.as_boolean().value(row);
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let list = |chunks: &[ArrayRef], item: &DataType| {
            let chunks: Vec<&dyn Array> = chunks.iter().map(AsRef::as_ref).collect();
            let values = match chunks.as_slice() {
                [] => datafusion::arrow::array::new_empty_array(item),
                chunks => concat(chunks)?,
            };
            Ok::<_, datafusion::error::DataFusionError>(ScalarValue::List(Arc::new(
                datafusion::common::utils::SingleRowListArrayBuilder::new(values)
                    .build_list_array(),
            )))
        };
        let frequencies: Vec<ArrayRef> = if self.weighted {
            self.frequencies.clone()
        } else {
            vec![Arc::new(Int64Array::from(Vec::<i64>::new()))]
        };
        Ok(vec![
            list(&self.chunks, &self.value)?,
            self.percentage.clone(),
            list(&frequencies, &DataType::Int64)?,
            ScalarValue::from(self.descending),
        ])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.result()
    }

    fn size(&self) -> usize {
        let held = |arrays: &[ArrayRef]| -> usize {
            arrays.iter().map(Array::get_array_memory_size).sum()
        };
        size_of::<Self>() + held(&self.chunks) + held(&self.frequencies)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::Float64Array;

    use super::*;

    #[test]
    fn a_percentile_is_between_values_or_one_of_them() {
        let values: ArrayRef = Arc::new(Float64Array::from(vec![0.0, 10.0]));
        for (percentage, expected) in [(0.0, 0.0), (0.3, 3.0), (0.5, 5.0), (1.0, 10.0)] {
            assert_eq!(between(&values, &[1, 2], percentage).unwrap(), ScalarValue::from(expected));
        }
        assert_eq!(between(&values, &[1, 4], 0.5).unwrap(), ScalarValue::from(10.0));
        let values: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4, 5]));
        for (percentage, expected) in [(0.0, 1_i64), (0.2, 1), (0.21, 2), (0.5, 3), (1.0, 5)] {
            let found = existing(&values, &[1, 2, 3, 4, 5], percentage).unwrap();
            assert_eq!(found, ScalarValue::from(expected), "{percentage}");
        }
    }
}
