//! A scalar function made of plain parts, and how such a function sees its arguments.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::RangeInclusive;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, PrimitiveArray, StringArray,
    StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int32Type, Int64Type};
use datafusion::common::{ScalarValue, exec_datafusion_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    TypeSignature, Volatility,
};

/// The type that a call gives: by the types of its arguments and by those that are literals.
pub(crate) type Returns = fn(&[DataType], &[Option<&ScalarValue>]) -> Result<DataType>;
/// Computes the rows of a call.
pub(crate) type Invoke = fn(&Arguments) -> Result<ArrayRef>;

/// A function whose arguments the call's table has brought to its types already.
pub(crate) struct Scalar {
    name: &'static str,
    signature: Signature,
    returns: Returns,
    invoke: Invoke,
}

impl Scalar {
    /// A function of that many arguments; `usize::MAX` is any number.
    pub(crate) fn of(
        name: &'static str,
        arity: RangeInclusive<usize>,
        returns: Returns,
        invoke: Invoke,
    ) -> Arc<ScalarUDF> {
        let signature = if *arity.end() == usize::MAX {
            let least = (*arity.start()..*arity.start() + 1).map(of_arity);
            Signature::one_of(
                least.chain([TypeSignature::VariadicAny]).collect(),
                Volatility::Immutable,
            )
        } else {
            Signature::one_of(arity.map(of_arity).collect(), Volatility::Immutable)
        };
        Arc::new(ScalarUDF::from(Self { name, signature, returns, invoke }))
    }

    /// A function that gives text.
    pub(crate) fn text(
        name: &'static str,
        arity: RangeInclusive<usize>,
        invoke: Invoke,
    ) -> Arc<ScalarUDF> {
        Self::of(name, arity, |_, _| Ok(DataType::Utf8), invoke)
    }

    /// A function that gives INT.
    pub(crate) fn int(
        name: &'static str,
        arity: RangeInclusive<usize>,
        invoke: Invoke,
    ) -> Arc<ScalarUDF> {
        Self::of(name, arity, |_, _| Ok(DataType::Int32), invoke)
    }

    /// A function that gives BOOLEAN.
    pub(crate) fn boolean(
        name: &'static str,
        arity: RangeInclusive<usize>,
        invoke: Invoke,
    ) -> Arc<ScalarUDF> {
        Self::of(name, arity, |_, _| Ok(DataType::Boolean), invoke)
    }

    /// A function that gives BINARY.
    pub(crate) fn binary(
        name: &'static str,
        arity: RangeInclusive<usize>,
        invoke: Invoke,
    ) -> Arc<ScalarUDF> {
        Self::of(name, arity, |_, _| Ok(DataType::Binary), invoke)
    }
}

fn of_arity(arity: usize) -> TypeSignature {
    if arity == 0 { TypeSignature::Nullary } else { TypeSignature::Any(arity) }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scalar").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Scalar {}

impl Hash for Scalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Scalar {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        (self.returns)(types, &vec![None; types.len()])
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> =
            args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let gives = (self.returns)(&types, args.scalar_arguments)?;
        Ok(Arc::new(Field::new(self.name, gives, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arguments = Arguments::new(&args)?;
        let gives = (self.invoke)(&arguments)?;
        if arguments.is_constant() && gives.len() == 1 {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&gives, 0)?));
        }
        Ok(ColumnarValue::Array(gives))
    }
}

/// The arguments of a call for the rows of a batch.
#[derive(Debug)]
pub(crate) struct Arguments {
    columns: Vec<Argument>,
    rows: usize,
    gives: DataType,
}

/// One argument: a value for each row, or one for all.
#[derive(Debug)]
pub(crate) struct Argument {
    array: ArrayRef,
    one: bool,
}

impl Argument {
    /// Where the value of a row stands in [`Argument::array`].
    pub(crate) fn at(&self, row: usize) -> usize {
        if self.one { 0 } else { row }
    }

    /// The values: one, or as many as there are rows.
    pub(crate) fn array(&self) -> &ArrayRef {
        &self.array
    }
}

impl Arguments {
    fn new(args: &ScalarFunctionArgs) -> Result<Self> {
        let columns: Vec<Argument> = args
            .args
            .iter()
            .map(|value| match value {
                ColumnarValue::Array(array) => {
                    Ok(Argument { array: Arc::clone(array), one: false })
                }
                ColumnarValue::Scalar(value) => {
                    Ok(Argument { array: value.to_array()?, one: true })
                }
            })
            .collect::<Result<_>>()?;
        // With only constants there is one row to compute, however many there are.
        let rows = if !columns.is_empty() && columns.iter().all(|column| column.one) {
            1
        } else {
            args.number_rows
        };
        Ok(Self { columns, rows, gives: args.return_type().clone() })
    }

    fn is_constant(&self) -> bool {
        !self.columns.is_empty() && self.columns.iter().all(|column| column.one)
    }

    /// How many rows are to be computed.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// How many arguments there are.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The type that the call gives.
    pub(crate) fn gives(&self) -> &DataType {
        &self.gives
    }

    /// All arguments.
    pub(crate) fn columns(&self) -> &[Argument] {
        &self.columns
    }

    /// An argument of any type.
    ///
    /// # Errors
    /// Fewer arguments than that.
    pub(crate) fn column(&self, index: usize) -> Result<&Argument> {
        self.columns.get(index).ok_or_else(|| exec_datafusion_err!("argument {index} is missing"))
    }

    /// An argument that is text.
    ///
    /// # Errors
    /// An argument that is not there, or of another type.
    pub(crate) fn texts(&self, index: usize) -> Result<Texts<'_>> {
        let column = self.column(index)?;
        let Some(array) = column.array.as_string_opt::<i32>() else {
            return plan_err!(
                "argument {} is {} and no text",
                index + 1,
                crate::functions::sql_type(column.array.data_type())
            );
        };
        Ok(Texts { array, one: column.one })
    }

    /// The INT of an argument that may be left out, by row.
    ///
    /// # Errors
    /// An argument of another type.
    pub(crate) fn int_or(
        &self,
        index: usize,
        default: i32,
    ) -> Result<impl Fn(usize) -> Option<i32> + '_> {
        let given = (self.len() > index).then(|| self.ints(index)).transpose()?;
        Ok(move |row| given.map_or(Some(default), |given| given.get(row)))
    }

    /// An argument that is BINARY.
    ///
    /// # Errors
    /// An argument that is not there, or of another type.
    pub(crate) fn binaries(&self, index: usize) -> Result<Binaries<'_>> {
        let column = self.column(index)?;
        let Some(array) = column.array.as_binary_opt::<i32>() else {
            return plan_err!(
                "argument {} is {} and not BINARY",
                index + 1,
                column.array.data_type()
            );
        };
        Ok(Binaries { array, one: column.one })
    }

    /// An argument that is INT.
    ///
    /// # Errors
    /// An argument that is not there, or of another type.
    pub(crate) fn ints(&self, index: usize) -> Result<Numbers<'_, Int32Type>> {
        self.numbers(index)
    }

    /// An argument that is BIGINT.
    ///
    /// # Errors
    /// An argument that is not there, or of another type.
    pub(crate) fn longs(&self, index: usize) -> Result<Numbers<'_, Int64Type>> {
        self.numbers(index)
    }

    fn numbers<T: ArrowPrimitiveType>(&self, index: usize) -> Result<Numbers<'_, T>> {
        let column = self.column(index)?;
        let Some(array) = column.array.as_primitive_opt::<T>() else {
            return plan_err!(
                "argument {} is {} and not {}",
                index + 1,
                column.array.data_type(),
                T::DATA_TYPE
            );
        };
        Ok(Numbers { array, one: column.one })
    }

    /// Texts written row by row into one buffer; `None` is NULL.
    pub(crate) fn write(&self, mut row: impl FnMut(usize, &mut String) -> Option<()>) -> ArrayRef {
        let mut texts = StringBuilder::with_capacity(self.rows, 0);
        let mut buffer = String::new();
        for index in 0..self.rows {
            buffer.clear();
            texts.append_option(row(index, &mut buffer).map(|()| &buffer));
        }
        Arc::new(texts.finish())
    }

    /// The same with rows that may fail.
    ///
    /// # Errors
    /// That of the first row that fails.
    pub(crate) fn try_write(
        &self,
        mut row: impl FnMut(usize, &mut String) -> Result<Option<()>>,
    ) -> Result<ArrayRef> {
        let mut failed = None;
        let texts = self.write(|index, buffer| {
            if failed.is_some() {
                return None;
            }
            row(index, buffer).unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
        });
        failed.map_or(Ok(texts), Err)
    }

    /// A part of a given text for each row.
    pub(crate) fn slices<'a>(&self, row: impl FnMut(usize) -> Option<&'a str>) -> ArrayRef {
        Arc::new((0..self.rows).map(row).collect::<StringArray>())
    }

    /// INT for each row.
    pub(crate) fn each_int(&self, row: impl FnMut(usize) -> Option<i32>) -> ArrayRef {
        Arc::new((0..self.rows).map(row).collect::<PrimitiveArray<Int32Type>>())
    }
}

/// Texts by row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'a> {
    array: &'a StringArray,
    one: bool,
}

impl<'a> Texts<'a> {
    /// The text of a row.
    pub(crate) fn get(&self, row: usize) -> Option<&'a str> {
        let row = if self.one { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }
}

/// Bytes by row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binaries<'a> {
    array: &'a BinaryArray,
    one: bool,
}

impl<'a> Binaries<'a> {
    /// The bytes of a row.
    pub(crate) fn get(&self, row: usize) -> Option<&'a [u8]> {
        let row = if self.one { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }
}

/// Numbers by row.
#[derive(Debug)]
pub(crate) struct Numbers<'a, T: ArrowPrimitiveType> {
    array: &'a PrimitiveArray<T>,
    one: bool,
}

impl<T: ArrowPrimitiveType> Clone for Numbers<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ArrowPrimitiveType> Copy for Numbers<'_, T> {}

impl<T: ArrowPrimitiveType> Numbers<'_, T> {
    /// The number of a row.
    pub(crate) fn get(&self, row: usize) -> Option<T::Native> {
        let row = if self.one { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }
}
