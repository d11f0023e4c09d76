//! Sums and means of DECIMALs: exact, and NULL where they do not fit.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Int64Array, ListArray, PrimitiveArray,
};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type, i256};
use datafusion::common::ScalarValue;
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

use super::own::at;

type Answer<T> = datafusion::error::Result<T>;

/// What is told of the values that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Result {
    Sum {
        precision: u8,
        scale: i8,
    },
    /// The scale of the values is `from`.
    Mean {
        precision: u8,
        scale: i8,
        from: i8,
    },
}

impl Result {
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Sum { precision, scale } | Self::Mean { precision, scale, .. } => {
                DataType::Decimal128(precision, scale)
            }
        }
    }

    /// NULL for no values, and for what does not fit.
    fn of(self, total: Total, bound: i128) -> Option<i128> {
        let sum = total.sum.filter(|sum| sum.unsigned_abs() < bound.unsigned_abs())?;
        match self {
            _ if total.count == 0 => None,
            Self::Sum { .. } => Some(sum),
            Self::Mean { precision, scale, from } => {
                let mean = divide(sum, total.count, i32::from(scale) - i32::from(from))?;
                (mean.unsigned_abs() < limit(precision).unsigned_abs()).then_some(mean)
            }
        }
    }
}

/// `10^precision`.
fn limit(precision: u8) -> i128 {
    10_i128.checked_pow(u32::from(precision)).unwrap_or(i128::MAX)
}

/// `sum * 10^digits / count`, halves away from zero.
fn divide(sum: i128, count: i64, digits: i32) -> Option<i128> {
    let unit = i256::from_i128(10_i128.checked_pow(u32::try_from(digits).ok()?)?);
    let count = i256::from_i128(i128::from(count));
    let value = i256::from_i128(sum).checked_mul(unit)?;
    let (quotient, rest) = (value.checked_div(count)?, value.checked_rem(count)?);
    let doubled = rest.wrapping_abs().checked_mul(i256::from_i128(2))?;
    let away = match (doubled >= count, sum < 0) {
        (false, _) => i256::ZERO,
        (true, false) => i256::ONE,
        (true, true) => i256::MINUS_ONE,
    };
    quotient.checked_add(away)?.to_i128()
}

/// The sum so far (none once it has left all bounds) and the number of values.
#[derive(Debug, Clone, Copy)]
struct Total {
    sum: Option<i128>,
    count: i64,
}

impl Total {
    const NOTHING: Self = Self { sum: Some(0), count: 0 };

    fn add(&mut self, sum: Option<i128>, count: i64) {
        self.sum = self.sum.and_then(|own| own.checked_add(sum?));
        self.count = self.count.wrapping_add(count);
    }
}

/// Of one group.
#[derive(Debug)]
pub(super) struct DecimalMean {
    bound: i128,
    scale: i8,
    result: Result,
    total: Total,
    /// The values that were seen, if each counts once.
    distinct: Option<HashSet<i128>>,
}

impl DecimalMean {
    /// The sum may have `precision` digits, of which `scale` are after the point.
    pub(super) fn new(precision: u8, scale: i8, result: Result, distinct: bool) -> Self {
        let distinct = distinct.then(HashSet::new);
        Self { bound: limit(precision), scale, result, total: Total::NOTHING, distinct }
    }

    fn see(&mut self, values: &ArrayRef) {
        for value in values.as_primitive::<Decimal128Type>().iter().flatten() {
            if self.distinct.as_mut().is_none_or(|seen| seen.insert(value)) {
                self.total.add(Some(value), 1);
            }
        }
    }
}

impl Accumulator for DecimalMean {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Answer<()> {
        self.see(at(values, 0)?);
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Answer<()> {
        for value in at(values, 0)?.as_primitive::<Decimal128Type>().iter().flatten() {
            self.total.add(value.checked_neg(), -1);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        self.distinct.is_none()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Answer<()> {
        if self.distinct.is_some() {
            let lists: &ListArray = at(states, 0)?.as_list();
            for row in (0..lists.len()).filter(|row| lists.is_valid(*row)) {
                self.see(&lists.value(row));
            }
            return Ok(());
        }
        let sums = at(states, 0)?.as_primitive::<Decimal128Type>();
        let counts = at(states, 1)?.as_primitive::<Int64Type>();
        for (sum, count) in sums.iter().zip(counts.values()) {
            self.total.add(sum, *count);
        }
        Ok(())
    }

    fn state(&mut self) -> Answer<Vec<ScalarValue>> {
        let Some(seen) = &self.distinct else {
            return Ok(vec![
                ScalarValue::Decimal128(self.total.sum, 38, self.scale),
                ScalarValue::Int64(Some(self.total.count)),
            ]);
        };
        let values: Decimal128Array = seen.iter().map(|value| Some(*value)).collect();
        let values = values.with_precision_and_scale(38, self.scale)?;
        let list = SingleRowListArrayBuilder::new(Arc::new(values)).build_list_array();
        Ok(vec![ScalarValue::List(Arc::new(list))])
    }

    fn evaluate(&mut self) -> Answer<ScalarValue> {
        let value = self.result.of(self.total, self.bound);
        ScalarValue::try_from_array(&decimals([value], self.result)?, 0)
    }

    fn size(&self) -> usize {
        let seen = self.distinct.as_ref().map_or(0, HashSet::capacity);
        size_of::<Self>() + seen * size_of::<i128>()
    }
}

fn decimals(values: impl IntoIterator<Item = Option<i128>>, of: Result) -> Answer<ArrayRef> {
    let values: PrimitiveArray<Decimal128Type> = values.into_iter().collect();
    Ok(Arc::new(values.with_data_type(of.data_type())))
}

/// Of many groups.
#[derive(Debug)]
pub(super) struct DecimalMeans {
    bound: i128,
    scale: i8,
    result: Result,
    totals: Vec<Total>,
}

impl DecimalMeans {
    /// See [`DecimalMean::new`].
    pub(super) fn new(precision: u8, scale: i8, result: Result) -> Self {
        Self { bound: limit(precision), scale, result, totals: vec![] }
    }

    fn group(&mut self, index: usize) -> Answer<&mut Total> {
        match self.totals.get_mut(index) {
            Some(total) => Ok(total),
            None => datafusion::common::exec_err!("there is no group {index}"),
        }
    }
}

impl GroupsAccumulator for DecimalMeans {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        count: usize,
    ) -> Answer<()> {
        self.totals.resize(count, Total::NOTHING);
        let values = at(values, 0)?.as_primitive::<Decimal128Type>();
        for (row, (value, group)) in values.iter().zip(groups).enumerate() {
            let counts = filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if let Some(value) = value.filter(|_| counts) {
                self.group(*group)?.add(Some(value), 1);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Answer<ArrayRef> {
        let (result, bound) = (self.result, self.bound);
        let totals = emit.take_needed(&mut self.totals);
        decimals(totals.into_iter().map(|total| result.of(total, bound)), result)
    }

    fn state(&mut self, emit: EmitTo) -> Answer<Vec<ArrayRef>> {
        let totals = emit.take_needed(&mut self.totals);
        let sums: Decimal128Array = totals.iter().map(|total| total.sum).collect();
        let counts: Int64Array = totals.iter().map(|total| Some(total.count)).collect();
        Ok(vec![Arc::new(sums.with_precision_and_scale(38, self.scale)?), Arc::new(counts)])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], count: usize) -> Answer<()> {
        self.totals.resize(count, Total::NOTHING);
        let sums = at(values, 0)?.as_primitive::<Decimal128Type>();
        let counts = at(values, 1)?.as_primitive::<Int64Type>();
        for ((sum, count), group) in sums.iter().zip(counts.values()).zip(groups) {
            self.group(*group)?.add(sum, *count);
        }
        Ok(())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Answer<Vec<ArrayRef>> {
        let mut rows = Self::new(38, self.scale, self.result);
        let count = at(values, 0)?.len();
        let groups: Vec<usize> = (0..count).collect();
        rows.update_batch(values, &groups, filter, count)?;
        rows.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.totals.capacity() * size_of::<Total>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_four_digits_more_and_is_rounded_away_from_zero() {
        assert_eq!(divide(2, 3, 4), Some(6667));
        assert_eq!(divide(-2, 3, 4), Some(-6667));
        assert_eq!(divide(1, 3, 4), Some(3333));
        assert_eq!(divide(1, 2, 0), Some(1));
        assert_eq!(divide(-1, 2, 0), Some(-1));
        assert_eq!(divide(1, 0, 4), None);
    }

    #[test]
    fn what_does_not_fit_is_null() {
        let sum = Result::Sum { precision: 38, scale: 0 };
        let bound = limit(38);
        let of = |sum, count| Total { sum, count };
        assert_eq!(sum.of(of(Some(bound), 2), bound), None);
        assert_eq!(sum.of(of(Some(bound - 1), 2), bound), Some(bound - 1));
        assert_eq!(sum.of(of(None, 2), bound), None);
        assert_eq!(sum.of(Total::NOTHING, bound), None);
        let mut total = of(Some(i128::MAX), 1);
        total.add(Some(1), 1);
        assert_eq!(total.sum, None);
    }
}
