//! `DropNullFields`: columns without a value.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, Operator, binary_expr, lit, when};

use super::cast::cast_expr;
use super::error::{GlueError, Result};
use super::fields::drop_field;
use super::frame::{Frame, Stage, Transform};
use super::nested::Part;
use super::path::{parse_path, path_of};
use super::types::{TypeName, parse_type};

const NAME: &str = "DropNullFields";

/// `DropNullFields`: drops columns in which all values are NULL. Rows stay, and so does a NULL among other values.
///
/// Glue computes the schema of the rows and drops what has no type. [`Transform::apply`] reads no rows and drops what is declared to have
/// none (the type `null`), also in structs and in arrays of structs. [`Self::apply_to_data`] reads all rows, in one query, and drops the
/// columns, and fields of structs, in which it finds NULL only, or what Glue Studio's options take for NULL. It drops nothing of a
/// frame without rows.
#[derive(Debug, Clone, Default)]
pub struct DropNullFields {
    is_empty: bool,
    is_null_string: bool,
    is_neg_one: bool,
    null_texts: Vec<(String, String)>,
    stage: Stage,
}

impl DropNullFields {
    /// Only NULL counts as NULL.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty text counts as NULL (Glue Studio's `IsEmpty`).
    #[must_use]
    pub fn is_empty(mut self, counts: bool) -> Self {
        self.is_empty = counts;
        self
    }

    /// The text `null` counts as NULL (`IsNullString`).
    #[must_use]
    pub fn is_null_string(mut self, counts: bool) -> Self {
        self.is_null_string = counts;
        self
    }

    /// The number -1 counts as NULL (`IsNegOne`).
    #[must_use]
    pub fn is_neg_one(mut self, counts: bool) -> Self {
        self.is_neg_one = counts;
        self
    }

    /// A value counts as NULL in columns of a type (`NullTextList`: `Value`, and `Id` of `Datatype`).
    #[must_use]
    pub fn null_text(mut self, value: impl Into<String>, data_type: impl Into<String>) -> Self {
        self.null_texts.push((value.into(), data_type.into()));
        self
    }

    /// Reads the rows, and drops what is NULL in all of them.
    ///
    /// # Errors
    /// A type that is none; no column that is left; those of the engine.
    pub async fn apply_to_data(&self, frame: &Frame) -> Result<Frame> {
        let mut leaves = Vec::new();
        for column in frame.columns() {
            add_leaves(column, &mut Vec::new(), &mut leaves);
        }
        let mut counts = vec![count(lit(1_i64)).alias("rows")];
        for (index, (_, leaf)) in leaves.iter().enumerate() {
            let value = when(self.has_value(leaf)?, lit(1_i64)).end()?;
            counts.push(count(value).alias(format!("values_{index}")));
        }
        let found = frame.to_df().aggregate(Vec::new(), counts)?.collect().await?;
        let of = |index: usize| {
            let counts = found.iter().filter(|batch| batch.num_rows() > 0);
            counts
                .map(|batch| batch.column(index).as_primitive::<Int64Type>().value(0))
                .sum::<i64>()
        };
        let mut data = frame.to_df();
        if of(0) > 0 {
            for (index, (names, _)) in leaves.iter().enumerate() {
                if of(index + 1) == 0 {
                    data = drop_field(NAME, data, &parse_path(NAME, &path_of(names))?)?;
                }
            }
        }
        frame.then(&self.stage, data)
    }

    /// Whether a value is none that counts as NULL.
    fn has_value(&self, leaf: &Part) -> Result<Expr> {
        let value = || leaf.expr.clone();
        let mut has = value().is_not_null();
        let is_text = leaf.data_type.is_string();
        if self.is_empty && is_text {
            has = has.and(value().not_eq(lit("")));
        }
        if self.is_null_string && is_text {
            has = has.and(value().not_eq(lit("null")));
        }
        if self.is_neg_one && leaf.data_type.is_numeric() {
            has = has.and(value().not_eq(lit(-1_i64)));
        }
        for (null, data_type) in &self.null_texts {
            let data_type = match parse_type(data_type) {
                Ok(TypeName::Type(data_type)) => data_type,
                Ok(TypeName::Shape(_)) => {
                    let message = format!("values of type `{data_type}` cannot count as NULL");
                    return Err(GlueError::new(NAME, message));
                }
                Err(message) => return Err(GlueError::new(NAME, message)),
            };
            if data_type == leaf.data_type {
                let null = cast_expr(lit(null.as_str()), &DataType::Utf8, &data_type);
                has = has.and(binary_expr(value(), Operator::IsDistinctFrom, null));
            }
        }
        Ok(has)
    }
}

impl Transform for DropNullFields {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let mut paths = Vec::new();
        for column in frame.columns() {
            add_untyped(&column.name, &column.data_type, &mut Vec::new(), &mut paths);
        }
        let mut data = frame.to_df();
        for path in paths {
            data = drop_field(NAME, data, &parse_path(NAME, &path_of(&path))?)?;
        }
        frame.then(&self.stage, data)
    }
}

fn add_untyped(
    name: &str,
    data_type: &DataType,
    above: &mut Vec<String>,
    paths: &mut Vec<Vec<String>>,
) {
    above.push(name.to_owned());
    match data_type {
        DataType::Null => paths.push(above.clone()),
        DataType::Struct(fields) => {
            fields
                .iter()
                .for_each(|field| add_untyped(field.name(), field.data_type(), above, paths));
        }
        DataType::List(element) => {
            if let DataType::Struct(fields) = element.data_type() {
                fields
                    .iter()
                    .for_each(|field| add_untyped(field.name(), field.data_type(), above, paths));
            }
        }
        _ => {}
    }
    above.pop();
}

fn add_leaves(part: Part, above: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, Part)>) {
    above.push(part.name.clone());
    let fields = part.fields();
    if fields.is_empty() {
        leaves.push((above.clone(), part));
    } else {
        fields.into_iter().for_each(|field| add_leaves(field, above, leaves));
    }
    above.pop();
}
