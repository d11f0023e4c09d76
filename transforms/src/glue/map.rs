//! `Map`: another row for each row.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, StructArray, new_empty_array};
use datafusion::arrow::datatypes::{DataType, Fields};
use datafusion::error::Result as EngineResult;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::Expr;
use datafusion::scalar::ScalarValue;

use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, named};
use super::row::{Batch, Judged, Outcome, RecordError, Row, whole_rows};
use super::types::parse_schema;

/// A function from a row to the values of the new one.
pub type RowMapper =
    Arc<dyn Fn(&Row<'_>) -> std::result::Result<Vec<ScalarValue>, RecordError> + Send + Sync>;

#[derive(Clone)]
enum Mapper {
    Exprs(Vec<Expr>),
    Row { schema: String, function: RowMapper },
}

impl fmt::Debug for Mapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exprs(exprs) => f.debug_tuple("Exprs").field(exprs).finish(),
            Self::Row { schema, .. } => {
                f.debug_struct("Row").field("schema", schema).finish_non_exhaustive()
            }
        }
    }
}

/// `Map`: the row that `f` makes of each row.
///
/// A function of rows declares what it makes, since no row is read before the plan is made. A row for which it fails, gives nothing, or
/// values that do not fit the schema is an error record. It must give the same for the same row: rows and error records are computed apart. `preservesPartitioning` has no meaning here.
#[derive(Debug, Clone)]
pub struct Map {
    f: Mapper,
    stage: Stage,
}

impl Map {
    /// The new columns as expressions, which the engine plans.
    pub fn new(columns: impl IntoIterator<Item = Expr>) -> Self {
        Self { f: Mapper::Exprs(columns.into_iter().collect()), stage: Stage::default() }
    }

    /// A function of rows, and the schema of its rows as `struct<name:type,…>`; its values are in that order.
    pub fn row(
        schema: impl Into<String>,
        f: impl Fn(&Row<'_>) -> std::result::Result<Vec<ScalarValue>, RecordError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let f = Mapper::Row { schema: schema.into(), function: Arc::new(f) };
        Self { f, stage: Stage::default() }
    }
}

impl Transform for Map {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let (schema, mapper) = match &self.f {
            Mapper::Exprs(exprs) => {
                let data = Frame::new(frame.to_df().select(exprs.clone())?, frame.name())?.to_df();
                return frame.then(&self.stage, data);
            }
            Mapper::Row { schema, function } => (schema, Arc::clone(function)),
        };
        let fields = match parse_schema(schema) {
            Ok(DataType::Struct(fields)) => fields,
            Ok(_) => return Err(GlueError::new("Map", "the schema is not a struct")),
            Err(message) => return Err(GlueError::new("Map", message)),
        };
        let columns = fields
            .iter()
            .map(|field| (field.name().clone(), get_field(Judged::value(), field.name().as_str())));
        let columns = named(columns);
        let value = DataType::Struct(fields.clone());
        let function = Arc::new(move |batch: &Batch<'_>| mapped(batch, &fields, &mapper));
        let judged = Judged::new(frame, "unglue_map", whole_rows(frame), value, function)?;
        let errors = judged.errors(&self.stage, frame)?;
        frame.then_with(&self.stage, judged.good()?.select(columns)?, Some(errors))
    }
}

fn mapped(batch: &Batch<'_>, fields: &Fields, mapper: &RowMapper) -> EngineResult<Outcome> {
    let mut columns: Vec<Vec<ScalarValue>> = vec![Vec::with_capacity(batch.rows); fields.len()];
    let mut errors = Vec::with_capacity(batch.rows);
    for row in batch.iter() {
        let (values, error) = match mapper(&row).and_then(|values| fitted(values, fields)) {
            Ok(values) => (values, None),
            Err(error) => (nulls(fields)?, Some(error.to_string())),
        };
        columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        errors.push(error);
    }
    let arrays: EngineResult<Vec<ArrayRef>> = columns
        .into_iter()
        .zip(fields)
        .map(|(column, field)| match batch.rows {
            0 => Ok(new_empty_array(field.data_type())),
            _ => ScalarValue::iter_to_array(column),
        })
        .collect();
    let values = StructArray::try_new(fields.clone(), arrays?, None)?;
    debug_assert_eq!(values.len(), errors.len());
    Ok(Outcome { values: Arc::new(values), errors })
}

fn nulls(fields: &Fields) -> EngineResult<Vec<ScalarValue>> {
    fields.iter().map(|field| ScalarValue::try_from(field.data_type())).collect()
}

/// The values as the schema has them.
fn fitted(
    values: Vec<ScalarValue>,
    fields: &Fields,
) -> std::result::Result<Vec<ScalarValue>, RecordError> {
    if values.len() != fields.len() {
        return Err(RecordError::Value(format!(
            "the function gave {} values, the schema has {}",
            values.len(),
            fields.len()
        )));
    }
    let fit = values.into_iter().zip(fields).map(|(value, field)| {
        if value.data_type() == *field.data_type() {
            return Ok(value);
        }
        let is_null = value.is_null();
        match value.cast_to(field.data_type()) {
            Ok(cast) if cast.is_null() == is_null => Ok(cast),
            _ => Err(RecordError::Type(format!(
                "the value of `{}` is of another type",
                field.name()
            ))),
        }
    });
    fit.collect()
}
