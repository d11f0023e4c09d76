//! Sums and means: DECIMALs by Spark's rules, all other numbers as the engine adds them.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};

use super::decimal_mean::{DecimalMean, DecimalMeans, Result as Of};
use super::own::at;

/// [sum](https://spark.apache.org/docs/3.5.6/api/sql/index.html#sum) (a BIGINT wraps around, a DECIMAL that does not fit is NULL),
/// [try_sum](https://spark.apache.org/docs/3.5.6/api/sql/index.html#try_sum) (NULL for both) and
/// [avg](https://spark.apache.org/docs/3.5.6/api/sql/index.html#avg) (a DECIMAL with four digits more, halves go away from zero).
pub(super) fn all() -> Vec<Arc<AggregateUDF>> {
    let of = |name, mean, others| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::from(Means { name, mean, others, signature }))
    };
    vec![
        of("unglue_sum", false, sum_udaf()),
        of("unglue_try_sum", false, datafusion_spark::function::aggregate::try_sum()),
        of("unglue_avg", true, avg_udaf()),
    ]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Means {
    name: &'static str,
    /// Whether the sum is divided by the number of values.
    mean: bool,
    /// Who answers for numbers that are no DECIMAL.
    others: Arc<AggregateUDF>,
    signature: Signature,
}

impl Means {
    /// The type of the values, if they are DECIMALs.
    fn decimal(fields: &[FieldRef]) -> Result<Option<(u8, i8)>> {
        Ok(match at(fields, 0)?.data_type() {
            DataType::Decimal128(precision, scale) => Some((*precision, *scale)),
            _ => None,
        })
    }

    fn result(&self, precision: u8, scale: i8) -> Of {
        if self.mean {
            Of::Mean { precision: (precision + 4).min(38), scale: (scale + 4).min(38), from: scale }
        } else {
            Of::Sum { precision: (precision + 10).min(38), scale }
        }
    }
}

impl AggregateUDFImpl for Means {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [value] = types else { return plan_err!("one number is needed") };
        Ok(vec![match value {
            DataType::Decimal128(..) => value.clone(),
            _ if self.mean => DataType::Float64,
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => DataType::Int64,
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => DataType::Int64,
            number if number.is_numeric() && !number.is_floating() => number.clone(),
            DataType::Null | DataType::Utf8 => DataType::Float64,
            number if number.is_numeric() => DataType::Float64,
            other => return plan_err!("a number is needed, not {other}"),
        }])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match at(types, 0)? {
            DataType::Decimal128(precision, scale) => {
                Ok(self.result(*precision, *scale).data_type())
            }
            _ => self.others.return_type(types),
        }
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        match Self::decimal(args.expr_fields)? {
            Some((precision, scale)) => Ok(Box::new(DecimalMean::new(
                (precision + 10).min(38),
                scale,
                self.result(precision, scale),
                args.is_distinct,
            ))),
            None => self.others.accumulator(args),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let Some((_, scale)) = Self::decimal(args.input_fields)? else {
            return self.others.state_fields(args);
        };
        let sum = DataType::Decimal128(38, scale);
        let types = if args.is_distinct {
            vec![DataType::new_list(sum, true)]
        } else {
            vec![sum, DataType::Int64]
        };
        Ok(types
            .into_iter()
            .enumerate()
            .map(|(at, kept)| Arc::new(Field::new(format!("{}[{at}]", args.name), kept, true)))
            .collect())
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        match Self::decimal(args.expr_fields) {
            Ok(Some(_)) => !args.is_distinct,
            _ => self.others.groups_accumulator_supported(args),
        }
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        match Self::decimal(args.expr_fields)? {
            Some((precision, scale)) => Ok(Box::new(DecimalMeans::new(
                (precision + 10).min(38),
                scale,
                self.result(precision, scale),
            ))),
            None => self.others.create_groups_accumulator(args),
        }
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        match Self::decimal(args.expr_fields)? {
            Some(_) => self.accumulator(args),
            None => self.others.create_sliding_accumulator(args),
        }
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        ScalarValue::try_new_null(data_type)
    }
}
