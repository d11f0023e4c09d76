//! Skewness and kurtosis, by central moments that are merged without loss of digits.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Accumulator, AggregateUDF};

use super::own::{Aggregate, at};

/// [skewness](https://spark.apache.org/docs/3.5.6/api/sql/index.html#skewness) and
/// [kurtosis](https://spark.apache.org/docs/3.5.6/api/sql/index.html#kurtosis) (of which 3 is taken off); NULL where all values are equal.
pub(super) fn all() -> Vec<Arc<AggregateUDF>> {
    let takes = |types: &[DataType]| match types {
        [_] => Ok(vec![DataType::Float64]),
        _ => plan_err!("one number is needed"),
    };
    let gives = |_: &[DataType]| Ok(DataType::Float64);
    let keeps = |_: &[DataType]| vec![DataType::Float64; 5];
    vec![
        Aggregate::udaf("skewness", takes, gives, keeps, |_, _| {
            Ok(Box::new(Seen { moments: Moments::default(), result: Moments::skewness }))
        }),
        Aggregate::udaf("kurtosis", takes, gives, keeps, |_, _| {
            Ok(Box::new(Seen { moments: Moments::default(), result: Moments::kurtosis }))
        }),
    ]
}

/// The number of values, their mean, and the sums of the powers of their distances to it.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

impl Moments {
    fn of(value: f64) -> Self {
        Self { count: 1.0, mean: value, ..Self::default() }
    }

    /// Pébay, "Formulas for Robust, One-Pass Parallel Computation of Covariances and Arbitrary-Order Statistical Moments" (2008).
    fn join(self, other: Self) -> Self {
        if self.count == 0.0 {
            return other;
        }
        if other.count == 0.0 {
            return self;
        }
        let (a, b) = (self.count, other.count);
        let count = a + b;
        let delta = other.mean - self.mean;
        let part = delta / count;
        let second = self.second + other.second + delta * part * a * b;
        let third = self.third
            + other.third
            + part * part * delta * a * b * (a - b)
            + 3.0 * part * (a * other.second - b * self.second);
        let fourth = self.fourth
            + other.fourth
            + part * part * part * delta * a * b * (a * a - a * b + b * b)
            + 6.0 * part * part * (a * a * other.second + b * b * self.second)
            + 4.0 * part * (a * other.third - b * self.third);
        Self { count, mean: self.mean + b * part, second, third, fourth }
    }

    fn skewness(&self) -> Option<f64> {
        (self.second != 0.0).then(|| {
            self.count.sqrt() * self.third / (self.second * self.second * self.second).sqrt()
        })
    }

    fn kurtosis(&self) -> Option<f64> {
        (self.second != 0.0).then(|| self.count * self.fourth / (self.second * self.second) - 3.0)
    }
}

#[derive(Debug)]
struct Seen {
    moments: Moments,
    result: fn(&Moments) -> Option<f64>,
}

impl Accumulator for Seen {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for value in at(values, 0)?.as_primitive::<Float64Type>().iter().flatten() {
            self.moments = self.moments.join(Moments::of(value));
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let column = |index| -> Result<&[f64]> {
            Ok(at(states, index)?.as_primitive::<Float64Type>().values())
        };
        let (counts, means) = (column(0)?, column(1)?);
        let (seconds, thirds, fourths) = (column(2)?, column(3)?, column(4)?);
        let rows = counts.iter().zip(means).zip(seconds).zip(thirds.iter().zip(fourths));
        for (((count, mean), second), (third, fourth)) in rows {
            let (count, mean, second) = (*count, *mean, *second);
            let other = Moments { count, mean, second, third: *third, fourth: *fourth };
            self.moments = self.moments.join(other);
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let Moments { count, mean, second, third, fourth } = self.moments;
        Ok([count, mean, second, third, fourth].map(ScalarValue::from).to_vec())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64((self.result)(&self.moments)))
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_to_the_moments_of_all_values() {
        let of = |values: &[f64]| {
            values.iter().fold(Moments::default(), |seen, value| seen.join(Moments::of(*value)))
        };
        let all = of(&[-10.0, -20.0, 100.0, 1000.0]);
        let joined = of(&[-10.0, -20.0]).join(of(&[100.0, 1000.0]));
        for moments in [all, joined] {
            assert!((moments.skewness().unwrap() - 1.113_565_746_9).abs() < 1e-9);
            assert!((moments.kurtosis().unwrap() + 0.701_436_804_8).abs() < 1e-9);
        }
        assert_eq!(of(&[1.0]).skewness(), None);
        assert_eq!(of(&[]).kurtosis(), None);
    }
}
