//! Structs out of arrays and values.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, ListArray, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::function::Function;
use super::super::type_name::type_name;
use super::list::{Items, Picks, at, item_type, list_type};

/// `unglue_arrays_zip('name', array, …)`, which
/// [arrays_zip](https://spark.apache.org/docs/3.5.6/api/sql/index.html#arrays_zip) becomes: shorter arrays are filled up with NULL.
/// `unglue_stack(n, value, …)`: the rows of [stack](https://spark.apache.org/docs/3.5.6/api/sql/index.html#stack) as an array of structs with the
/// fields `col0`, `col1`, …
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Function::new("unglue_arrays_zip", zipped_type, zip).taking(takes_zip).udf(),
        Function::new("unglue_stack", stack_type, stack).udf(),
    ]
}

fn takes_zip(types: &[DataType]) -> Result<Vec<DataType>> {
    let list = |(index, data_type): (usize, &DataType)| {
        if index % 2 == 0 { Ok(DataType::Utf8) } else { Ok(list_type(item_type(data_type)?)) }
    };
    types.iter().enumerate().map(list).collect()
}

fn zipped_type(types: &[DataType], literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    let fields: Vec<Field> = types
        .chunks(2)
        .zip(literals.chunks(2))
        .map(|pair| match pair {
            ([_, list], [Some(ScalarValue::Utf8(Some(name))), _]) => {
                Ok(Field::new(name, item_type(list)?, true))
            }
            _ => plan_err!("the arrays come with their names"),
        })
        .collect::<Result<_>>()?;
    Ok(list_type(DataType::Struct(fields.into())))
}

fn zip(args: &[ArrayRef], gives: &DataType) -> Result<ArrayRef> {
    let DataType::List(item) = gives else { return plan_err!("an array is given") };
    let DataType::Struct(fields) = item.data_type() else { return plan_err!("of structs") };
    let lists: Vec<Items<'_>> =
        args.iter().skip(1).step_by(2).map(Items::of).collect::<Result<_>>()?;
    let mut columns: Vec<Picks> =
        lists.iter().map(|list| Picks::of(list.values().data_type(), &[list.values()])).collect();
    for row in 0..args.first().map_or(1, Array::len) {
        let ranges = lists.iter().map(|list| list.row(row)).collect::<Option<Vec<_>>>();
        let Some(ranges) = ranges else {
            columns.iter_mut().for_each(Picks::end_null);
            continue;
        };
        let most = ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        for (column, range) in columns.iter_mut().zip(ranges) {
            column.extend(0, range);
            while column.in_row() < most {
                column.push_null();
            }
            column.end();
        }
    }
    together(fields, Arc::clone(item), columns)
}

/// The lists of one column each as one list of structs.
fn together(fields: &Fields, item: Arc<Field>, columns: Vec<Picks>) -> Result<ArrayRef> {
    let mut parts = columns.into_iter().map(Picks::parts).collect::<Result<Vec<_>>>()?.into_iter();
    let Some((first, offsets, nulls)) = parts.next() else {
        return plan_err!("one array at least is needed");
    };
    let count = first.len();
    let arrays = std::iter::once(first).chain(parts.map(|(values, ..)| values)).collect();
    let structs = StructArray::try_new_with_length(fields.clone(), arrays, None, count)?;
    Ok(Arc::new(ListArray::try_new(item, offsets, Arc::new(structs), Some(nulls))?))
}

/// How many columns so many values make, if they are this many rows.
fn width(rows: i64, values: usize) -> Result<usize> {
    match usize::try_from(rows) {
        Ok(rows) if rows > 0 => Ok(values.div_ceil(rows)),
        _ => plan_err!("the number of rows of stack is a positive literal"),
    }
}

/// The types of the columns. Values of a column are of one type, as Spark brings them to none.
fn column_types(rows: i64, values: &[DataType]) -> Result<Vec<DataType>> {
    let width = width(rows, values.len())?;
    (0..width)
        .map(|column| {
            let mut own = values.iter().skip(column).step_by(width);
            let known = own.clone().find(|data_type| !data_type.is_null());
            let known = known.unwrap_or(&DataType::Null);
            match own.find(|data_type| !data_type.is_null() && *data_type != known) {
                Some(other) => plan_err!(
                    "column {column} of stack has values of the types {} and {}",
                    type_name(known),
                    type_name(other)
                ),
                None => Ok(known.clone()),
            }
        })
        .collect()
}

fn stack_type(types: &[DataType], literals: &[Option<&ScalarValue>]) -> Result<DataType> {
    let rows = match literals.first().copied().flatten() {
        Some(ScalarValue::Int64(Some(rows))) => *rows,
        Some(ScalarValue::Int32(Some(rows))) => i64::from(*rows),
        _ => return plan_err!("the number of rows of stack is a positive literal"),
    };
    let columns = column_types(rows, types.get(1..).unwrap_or_default())?;
    let fields: Vec<Field> = columns
        .into_iter()
        .enumerate()
        .map(|(at, data_type)| Field::new(format!("col{at}"), data_type, true))
        .collect();
    Ok(list_type(DataType::Struct(fields.into())))
}

fn stack(args: &[ArrayRef], gives: &DataType) -> Result<ArrayRef> {
    let DataType::List(item) = gives else { return plan_err!("an array is given") };
    let DataType::Struct(fields) = item.data_type() else { return plan_err!("of structs") };
    let count = at(args, 0)?.len();
    let values = args.get(1..).unwrap_or_default();
    let width = fields.len();
    if width == 0 {
        return exec_err!("stack needs values");
    }
    let rows = match datafusion::common::ScalarValue::try_from_array(at(args, 0)?, 0)? {
        ScalarValue::Int64(Some(rows)) => usize::try_from(rows).unwrap_or(0),
        ScalarValue::Int32(Some(rows)) => usize::try_from(rows).unwrap_or(0),
        _ => 0,
    };
    let mut columns = Vec::with_capacity(width);
    for (column, field) in fields.iter().enumerate() {
        let own: Vec<ArrayRef> = values
            .iter()
            .skip(column)
            .step_by(width)
            .map(|value| Ok(datafusion::arrow::compute::cast(value, field.data_type())?))
            .collect::<Result<_>>()?;
        let mut picks = Picks::of(field.data_type(), &own.iter().collect::<Vec<_>>());
        for row in 0..count {
            (0..own.len()).for_each(|source| picks.push(source, row));
            while picks.in_row() < rows {
                picks.push_null();
            }
            picks.end();
        }
        columns.push(picks);
    }
    together(fields, Arc::clone(item), columns)
}
