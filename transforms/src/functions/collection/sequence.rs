//! Arrays of numbers or times with equal steps.

use std::sync::Arc;

use chrono::{DateTime, Months, NaiveDateTime};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, PrimitiveArray};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Field, Int64Type, IntervalMonthDayNanoType, IntervalUnit, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::common_type::comparable_type;
use super::super::function::Function;
use super::list::{at, item_type, list_type};
use super::make::MOST;

const MOMENT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);
const MICROS_OF_DAY: i64 = 86_400_000_000;

/// [sequence](https://spark.apache.org/docs/3.5.6/api/sql/index.html#sequence): from start to stop, both included; without a step by one (a day
/// for dates), down where stop is less. Steps of months are counted from the start, so January 31 is followed by the end of February.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Function::new(
            "sequence",
            |types, _| Ok(list_type(at(types, 0)?.clone())),
            |args, gives| sequence(args, &item_type(gives)?),
        )
        .taking(takes)
        .udf(),
    ]
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let [start, stop, step @ ..] = types else { return plan_err!("a start and a stop are needed") };
    let common = comparable_type(&[start.clone(), stop.clone()])?;
    let interval = DataType::Interval(IntervalUnit::MonthDayNano);
    let step = match (&common, step) {
        (_, []) => None,
        (number, [step]) if number.is_integer() && (step.is_integer() || step.is_null()) => {
            let common = comparable_type(&[common.clone(), step.clone()])?;
            return Ok(vec![common.clone(), common.clone(), common]);
        }
        (DataType::Date32 | DataType::Timestamp(..), [DataType::Interval(_) | DataType::Null]) => {
            Some(interval)
        }
        _ => return plan_err!("the step of a sequence is a whole number, or an interval of times"),
    };
    let common = match common {
        DataType::Timestamp(..) => MOMENT,
        DataType::Null => DataType::Int32,
        DataType::Date32 => DataType::Date32,
        number if number.is_integer() => number,
        _ => return plan_err!("a sequence is of whole numbers, dates or timestamps"),
    };
    Ok([common.clone(), common].into_iter().chain(step).collect())
}

fn sequence(args: &[ArrayRef], item: &DataType) -> Result<ArrayRef> {
    let (start, stop) = (at(args, 0)?, at(args, 1)?);
    let mut lists = Lists::default();
    for row in 0..start.len() {
        let known = start.is_valid(row)
            && stop.is_valid(row)
            && args.get(2).is_none_or(|step| step.is_valid(row));
        if !known {
            lists.end(false)?;
            continue;
        }
        if item.is_integer() {
            let long = |array: &ArrayRef| -> Result<i64> {
                let one = cast(&array.slice(row, 1), &DataType::Int64)?;
                Ok(one.as_primitive::<Int64Type>().value(0))
            };
            let step = args.get(2).map(long).transpose()?;
            numbers(&mut lists, long(start)?, long(stop)?, step)?;
        } else {
            let moment = |array: &ArrayRef| -> Result<i64> {
                let one = cast(&array.slice(row, 1), &MOMENT)?;
                Ok(one.as_primitive::<TimestampMicrosecondType>().value(0))
            };
            let step = args.get(2).map(|step| {
                let step = step.as_primitive::<IntervalMonthDayNanoType>().value(row);
                (step.months, i64::from(step.days) * MICROS_OF_DAY + step.nanoseconds / 1000)
            });
            times(&mut lists, moment(start)?, moment(stop)?, step, *item == DataType::Date32)?;
        }
        lists.end(true)?;
    }
    lists.finish(item)
}

#[derive(Debug, Default)]
struct Lists {
    values: Vec<i64>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
    started: usize,
}

impl Lists {
    fn push(&mut self, value: i64) -> Result<()> {
        if i64::try_from(self.values.len() - self.started).unwrap_or(i64::MAX) >= MOST {
            return exec_err!("a sequence gives more than {MOST} items");
        }
        self.values.push(value);
        Ok(())
    }

    fn end(&mut self, valid: bool) -> Result<()> {
        if i32::try_from(self.values.len()).is_err() {
            return exec_err!("arrays of one batch have more than 2147483647 items");
        }
        self.lengths.push(self.values.len() - self.started);
        self.valid.push(valid);
        self.started = self.values.len();
        Ok(())
    }

    fn finish(self, item: &DataType) -> Result<ArrayRef> {
        let values: ArrayRef = if item.is_integer() {
            let values: PrimitiveArray<Int64Type> = self.values.into();
            cast(&values, item)?
        } else {
            let values: PrimitiveArray<TimestampMicrosecondType> = self.values.into();
            cast(&values, item)?
        };
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        let field = Arc::new(Field::new_list_field(item.clone(), true));
        let nulls = Some(NullBuffer::from(self.valid));
        Ok(Arc::new(ListArray::try_new(field, offsets, values, nulls)?))
    }
}

fn wrong_step<T>() -> Result<T> {
    exec_err!("the step of a sequence leads away from its end, or is 0")
}

fn numbers(lists: &mut Lists, start: i64, stop: i64, step: Option<i64>) -> Result<()> {
    let step = step.unwrap_or(if stop >= start { 1 } else { -1 });
    let right = (step > 0 && start <= stop) || (step < 0 && start >= stop) || start == stop;
    if !right {
        return wrong_step();
    }
    let mut next = Some(start);
    while let Some(value) =
        next.filter(|value| if step < 0 { *value >= stop } else { *value <= stop })
    {
        lists.push(value)?;
        next = if step == 0 { None } else { value.checked_add(step) };
    }
    Ok(())
}

/// Months and microseconds of a step.
type Step = (i32, i64);

fn times(lists: &mut Lists, start: i64, stop: i64, step: Option<Step>, dates: bool) -> Result<()> {
    let (months, micros) = step.unwrap_or((0, if stop >= start { 1 } else { -1 } * MICROS_OF_DAY));
    if dates && step.is_some() && micros % MICROS_OF_DAY != 0 {
        return exec_err!("dates are stepped by days, weeks, months or years");
    }
    // About a month, just to tell up from down.
    let down = i64::from(months).saturating_mul(28 * MICROS_OF_DAY).saturating_add(micros) < 0;
    let right = (months != 0 || micros != 0) && (if down { start >= stop } else { start <= stop });
    if !right && start != stop {
        return wrong_step();
    }
    for count in 0.. {
        let Some(value) = moved(start, months, micros, count) else { break };
        if (if down { value < stop } else { value > stop }) || (count > 0 && start == stop) {
            break;
        }
        lists.push(value)?;
    }
    Ok(())
}

/// So many steps after a moment.
fn moved(start: i64, months: i32, micros: i64, count: i64) -> Option<i64> {
    let micros = micros.checked_mul(count)?;
    if months == 0 {
        return start.checked_add(micros);
    }
    let months = i64::from(months).checked_mul(count)?;
    let moment = DateTime::from_timestamp_micros(start)?.naive_utc();
    let by = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    let date = if months < 0 {
        moment.date().checked_sub_months(by)?
    } else {
        moment.date().checked_add_months(by)?
    };
    NaiveDateTime::new(date, moment.time()).and_utc().timestamp_micros().checked_add(micros)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn of(start: i64, stop: i64, step: Option<i64>) -> Option<Vec<i64>> {
        let mut lists = Lists::default();
        numbers(&mut lists, start, stop, step).ok().map(|()| lists.values)
    }

    #[test]
    fn numbers_go_up_or_down_to_their_end() {
        assert_eq!(of(1, 4, None), Some(vec![1, 2, 3, 4]));
        assert_eq!(of(3, 1, None), Some(vec![3, 2, 1]));
        assert_eq!(of(1, 10, Some(3)), Some(vec![1, 4, 7, 10]));
        assert_eq!(of(10, 1, Some(-4)), Some(vec![10, 6, 2]));
        assert_eq!(of(1, 1, Some(0)), Some(vec![1]));
        assert_eq!(of(1, 5, Some(0)), None);
        assert_eq!(of(1, 5, Some(-1)), None);
        assert_eq!(of(i64::MAX - 1, i64::MAX, Some(2)), Some(vec![i64::MAX - 1]));
    }

    #[test]
    fn months_are_counted_from_the_start() {
        let day = |text: &str| {
            text.parse::<NaiveDate>()
                .unwrap()
                .and_hms_opt(0, 0, 0)
                .unwrap()
                .and_utc()
                .timestamp_micros()
        };
        let mut lists = Lists::default();
        times(&mut lists, day("2026-01-31"), day("2026-04-30"), Some((1, 0)), true).unwrap();
        let expected = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"].map(day);
        assert_eq!(lists.values, expected);
    }
}
