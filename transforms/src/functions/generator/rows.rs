//! The lists that become rows.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, ListArray, StructArray, new_null_array,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

/// Elements of an array as `col`, or entries of a map as `key` and `value`.
pub(super) const EXPLODE: &str = "unglue_explode";
/// The same behind their positions from 0, `pos`.
pub(super) const POSEXPLODE: &str = "unglue_posexplode";
/// The structs of an array.
pub(super) const INLINE: &str = "unglue_inline";
/// Values in so many rows.
pub(super) const STACK: &str = "unglue_stack";
/// Members of a JSON object, in one row.
pub(super) const JSON_TUPLE: &str = "json_tuple";

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    [
        (EXPLODE, Shape::Elements { with_position: false }),
        (POSEXPLODE, Shape::Elements { with_position: true }),
        (INLINE, Shape::Structs),
    ]
    .into_iter()
    .map(|(name, shape)| Arc::new(ScalarUDF::from(Rows::new(name, shape))))
    .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shape {
    Elements { with_position: bool },
    Structs,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Rows {
    name: &'static str,
    shape: Shape,
    signature: Signature,
}

impl Rows {
    fn new(name: &'static str, shape: Shape) -> Self {
        Self { name, shape, signature: Signature::any(1, Volatility::Immutable) }
    }

    /// The columns of a row.
    fn columns(&self, from: &DataType) -> Result<Fields> {
        let mut columns: Vec<FieldRef> = Vec::new();
        match (self.shape, from) {
            (Shape::Structs, DataType::List(item)) => match item.data_type() {
                DataType::Struct(fields) => {
                    columns.extend(
                        fields
                            .iter()
                            .map(|field| Arc::new(field.as_ref().clone().with_nullable(true))),
                    );
                }
                other => return plan_err!("inline takes an array of structs, not of {other}"),
            },
            (Shape::Elements { .. }, DataType::List(item)) => {
                columns.push(Arc::new(item.as_ref().clone().with_name("col").with_nullable(true)));
            }
            (Shape::Elements { .. }, DataType::Map(entries, _)) => match entries.data_type() {
                DataType::Struct(fields) => {
                    for (field, name) in fields.iter().zip(["key", "value"]) {
                        columns.push(Arc::new(
                            field.as_ref().clone().with_name(name).with_nullable(true),
                        ));
                    }
                }
                other => return plan_err!("a map of {other}"),
            },
            (Shape::Elements { .. }, other) => {
                return plan_err!("explode takes an array or a map, not {other}");
            }
            (Shape::Structs, other) => {
                return plan_err!("inline takes an array of structs, not {other}");
            }
        }
        if self.shape == (Shape::Elements { with_position: true }) {
            columns.insert(0, Arc::new(Field::new("pos", DataType::Int32, true)));
        }
        Ok(columns.into())
    }
}

impl ScalarUDFImpl for Rows {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let Some(from) = types.first() else { return plan_err!("{} takes a value", self.name) };
        let columns = self.columns(from)?;
        Ok(DataType::List(Arc::new(Field::new_list_field(DataType::Struct(columns), true))))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> =
            args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Arc::new(Field::new(self.name, self.return_type(&types)?, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(array) = arrays.first() else { return exec_err!("{} takes a value", self.name) };
        let columns = self.columns(array.data_type())?;
        let (mut values, offsets, nulls): (Vec<ArrayRef>, _, _) = match array.data_type() {
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                let values = match (self.shape, list.values().as_struct_opt()) {
                    // A NULL among the structs is a row of NULLs.
                    (Shape::Structs, Some(structs)) => masked(structs)?,
                    _ => vec![Arc::clone(list.values())],
                };
                (values, list.offsets().clone(), list.nulls().cloned())
            }
            DataType::Map(..) => {
                let map = array.as_map();
                let values = vec![Arc::clone(map.keys()), Arc::clone(map.values())];
                (values, map.offsets().clone(), map.nulls().cloned())
            }
            other => return exec_err!("{} takes an array or a map, not {other}", self.name),
        };
        let length = values.first().map_or(0, Array::len);
        if self.shape == (Shape::Elements { with_position: true }) {
            let mut positions = vec![0; length];
            for pair in offsets.windows(2) {
                let &[from, to] = pair else { continue };
                let range = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
                for (position, place) in (0..).zip(positions.get_mut(range).into_iter().flatten()) {
                    *place = position;
                }
            }
            values.insert(0, Arc::new(Int32Array::from(positions)));
        }
        let rows = StructArray::try_new_with_length(columns.clone(), values, None, length)?;
        let item = Arc::new(Field::new_list_field(DataType::Struct(columns), true));
        Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
            item,
            offsets,
            Arc::new(rows),
            nulls,
        )?)))
    }
}

/// The columns of structs, NULL where the struct is.
fn masked(structs: &StructArray) -> Result<Vec<ArrayRef>> {
    let Some(nulls) = structs.nulls() else { return Ok(structs.columns().to_vec()) };
    let is_there = datafusion::arrow::array::BooleanArray::new(nulls.inner().clone(), None);
    structs
        .columns()
        .iter()
        .map(|column| {
            let none = new_null_array(column.data_type(), column.len());
            Ok(datafusion::arrow::compute::kernels::zip::zip(&is_there, column, &none)?)
        })
        .collect()
}
