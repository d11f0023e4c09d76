//! How a function of this family is made: exact types in, columns of equal length to compute from.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, PrimitiveArray, StringArray, StringBuilder,
};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::common::{ScalarValue, exec_datafusion_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr_fn::SimpleScalarUDF;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Signature, TypeSignature, Volatility};

pub(super) const DATE: DataType = DataType::Date32;
pub(super) const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);
pub(super) const INT: DataType = DataType::Int32;
pub(super) const LONG: DataType = DataType::Int64;
pub(super) const TEXT: DataType = DataType::Utf8;

/// Other names of the functions that ours replace. Ours take them too: else the replaced one would stay registered by its other name, and
/// come back by its first when a session is made from another.
const ALIASES: &[(&str, &str)] =
    &[("date_add", "dateadd"), ("date_diff", "datediff"), ("date_trunc", "datetrunc")];

/// A function of exactly these parameters: any of the lists.
pub(super) fn function(
    name: &str,
    params: &[&[DataType]],
    returns: DataType,
    run: fn(&Columns) -> Result<ArrayRef>,
) -> Arc<ScalarUDF> {
    let lists = params.iter().map(|list| TypeSignature::Exact(list.to_vec())).collect();
    make(name, Signature::one_of(lists, Volatility::Immutable), returns, run)
}

/// A function of so many parameters, of whatever types.
pub(super) fn function_of_any(
    name: &str,
    counts: &[usize],
    returns: DataType,
    run: fn(&Columns) -> Result<ArrayRef>,
) -> Arc<ScalarUDF> {
    let lists = counts.iter().map(|count| TypeSignature::Any(*count)).collect();
    make(name, Signature::one_of(lists, Volatility::Immutable), returns, run)
}

fn make(
    name: &str,
    signature: Signature,
    returns: DataType,
    run: fn(&Columns) -> Result<ArrayRef>,
) -> Arc<ScalarUDF> {
    let run = move |values: &[ColumnarValue]| {
        let columns = Columns {
            arrays: ColumnarValue::values_to_arrays(values)?,
            literal: values.iter().map(|v| matches!(v, ColumnarValue::Scalar(_))).collect(),
        };
        let result = run(&columns)?;
        if columns.literal.iter().all(|literal| *literal) {
            return ScalarValue::try_from_array(&result, 0).map(ColumnarValue::Scalar);
        }
        Ok(ColumnarValue::Array(result))
    };
    let made = SimpleScalarUDF::new_with_signature(name, signature, returns, Arc::new(run));
    let aliases = ALIASES.iter().filter(|(of, _)| *of == name).map(|(_, alias)| *alias);
    Arc::new(ScalarUDF::from(made).with_aliases(aliases))
}

/// The arguments of a call, one value a row in each.
pub(super) struct Columns {
    arrays: Vec<ArrayRef>,
    literal: Vec<bool>,
}

impl Columns {
    pub(super) fn rows(&self) -> usize {
        self.arrays.first().map_or(0, Array::len)
    }

    pub(super) fn count(&self) -> usize {
        self.arrays.len()
    }

    /// Whether an argument is the same in all rows: written in the SQL, and no value of a row.
    pub(super) fn is_literal(&self, index: usize) -> bool {
        self.literal.get(index).is_some_and(|literal| *literal)
    }

    pub(super) fn array(&self, index: usize) -> Result<&ArrayRef> {
        self.arrays.get(index).ok_or_else(|| exec_datafusion_err!("argument {index} is missing"))
    }

    fn primitive<T: ArrowPrimitiveType>(&self, index: usize) -> Result<&PrimitiveArray<T>> {
        let array = self.array(index)?;
        array.as_primitive_opt().ok_or_else(|| wrong_type(index, array.data_type()))
    }

    pub(super) fn dates(&self, index: usize) -> Result<&PrimitiveArray<Date32Type>> {
        self.primitive(index)
    }

    pub(super) fn timestamps(
        &self,
        index: usize,
    ) -> Result<&PrimitiveArray<TimestampMicrosecondType>> {
        self.primitive(index)
    }

    pub(super) fn ints(&self, index: usize) -> Result<&PrimitiveArray<Int32Type>> {
        self.primitive(index)
    }

    pub(super) fn longs(&self, index: usize) -> Result<&PrimitiveArray<Int64Type>> {
        self.primitive(index)
    }

    pub(super) fn texts(&self, index: usize) -> Result<&StringArray> {
        let array = self.array(index)?;
        array.as_string_opt().ok_or_else(|| wrong_type(index, array.data_type()))
    }
}

fn wrong_type(index: usize, found: &DataType) -> datafusion::error::DataFusionError {
    exec_datafusion_err!("argument {index} has the type {}", crate::functions::sql_type(found))
}

/// A column computed row by row; `None` is NULL.
pub(super) fn column<T: ArrowPrimitiveType>(
    rows: usize,
    row: impl FnMut(usize) -> Option<T::Native>,
) -> ArrayRef {
    Arc::new((0..rows).map(row).collect::<PrimitiveArray<T>>())
}

/// The same, where a row may fail.
pub(super) fn try_column<T: ArrowPrimitiveType>(
    rows: usize,
    row: impl FnMut(usize) -> Result<Option<T::Native>>,
) -> Result<ArrayRef> {
    let values: PrimitiveArray<T> = (0..rows).map(row).collect::<Result<_>>()?;
    Ok(Arc::new(values))
}

/// A column of texts, each written into a buffer; `None` is NULL.
pub(super) fn try_texts(
    rows: usize,
    mut row: impl FnMut(usize, &mut String) -> Result<Option<()>>,
) -> Result<ArrayRef> {
    let mut texts = StringBuilder::with_capacity(rows, rows * 16);
    let mut buffer = String::new();
    for index in 0..rows {
        buffer.clear();
        texts.append_option(row(index, &mut buffer)?.map(|()| &buffer));
    }
    Ok(Arc::new(texts.finish()))
}

/// The value of a row, if it has one.
pub(super) fn at<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    row: usize,
) -> Option<T::Native> {
    array.is_valid(row).then(|| array.value(row))
}

/// The text of a row, if it has one.
pub(super) fn text_at(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}
