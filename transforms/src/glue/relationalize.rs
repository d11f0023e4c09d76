//! `Relationalize`: nested columns as tables that are joined by keys.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, UnnestOptions};
use datafusion::dataframe::DataFrame;
use datafusion::functions_nested::expr_fn::{array_length, gen_series, map_entries};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlanBuilder, cast, ident, lit, when};

use super::collection::FrameCollection;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, columns, named};
use super::nested::{Part, check_names, flatten};
use crate::functions;

const NAME: &str = "Relationalize";

/// `Relationalize`: a frame without structs and arrays, and one for each array.
///
/// Fields of structs are columns `a.b`. In place of an array `c` stands a number; its elements are the rows of the frame
/// `<name>_c` with the columns `id`, which is that number, `index`, from 0, and `c.val`, or `c.val.<field>` for each field of elements
/// that are structs. Arrays within elements go the same way: `<name>_c.val.d`. Maps are arrays of `key` and `value`.
///
/// The number counts the rows in the order of their values, so that all frames agree on it although each is computed on its own: for that
/// each of them sorts all rows. It is another one when the rows are others, and is no key to keep. An array that is NULL has
/// none.
#[derive(Debug, Clone)]
pub struct Relationalize {
    name: String,
    stage: Stage,
}

impl Default for Relationalize {
    fn default() -> Self {
        Self::new("roottable")
    }
}

impl Relationalize {
    /// The name of the root frame (`name`, `roottable` by default). There is no `staging_path`: nothing is staged.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), stage: Stage::default() }
    }
}

impl Transform for Relationalize {
    type Output = FrameCollection;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<FrameCollection> {
        let all = frame.columns().into_iter().map(|part| part.expr).collect();
        let order = vec![functions::row_order().call(all).sort(true, true)];
        let mut pivot = Pivot { transform: self, frame, frames: FrameCollection::default() };
        pivot.table(self.name.as_str(), frame.to_df(), order)?;
        Ok(pivot.frames)
    }
}

/// A name that no table has.
const ID: &str = "__unglue_id";

struct Pivot<'a> {
    transform: &'a Relationalize,
    frame: &'a Frame,
    frames: FrameCollection,
}

impl Pivot<'_> {
    /// Adds the frame of `data`, and those of the arrays in it.
    fn table(&mut self, name: &str, data: DataFrame, order: Vec<Sort>) -> Result<()> {
        let parts = columns(&data);
        let flat: Vec<Part> = flatten(parts.clone()).into_iter().map(array_of_map).collect();
        if !flat.iter().any(is_array) {
            return self.add(
                name,
                data,
                flat.into_iter().map(|part| (part.name, part.expr)).collect(),
            );
        }
        let number = cast(row_number().order_by(order).build()?, DataType::Int64);
        let mut list: Vec<Expr> = parts.into_iter().map(|part| part.expr).collect();
        list.push(number.alias(ID));
        let numbered = data.select(list)?;
        let mut table = Vec::new();
        for part in &flat {
            let expr = match is_array(part) {
                true => when(part.expr.clone().is_not_null(), ident(ID)).end()?,
                false => part.expr.clone(),
            };
            table.push((part.name.clone(), expr));
        }
        self.add(name, numbered.clone(), table)?;
        for part in flat.into_iter().filter(is_array) {
            let name = format!("{}_{}", self.transform.name, part.name);
            let elements = elements(numbered.clone(), part)?;
            let order = vec![ident("id").sort(true, true), ident("index").sort(true, true)];
            self.table(&name, elements, order)?;
        }
        Ok(())
    }

    fn add(&mut self, name: &str, data: DataFrame, list: Vec<(String, Expr)>) -> Result<()> {
        check_names(NAME, &list)?;
        if self.frames.get(name).is_some() {
            return Err(GlueError::new(NAME, format!("two frames would be called `{name}`")));
        }
        let frame = self.frame.then(&self.transform.stage, data.select(named(list))?)?;
        self.frames.insert(frame.with_name(name));
        Ok(())
    }
}

fn is_array(part: &Part) -> bool {
    matches!(part.data_type, DataType::List(_))
}

fn array_of_map(part: Part) -> Part {
    match &part.data_type {
        DataType::Map(entries, _) => Part {
            data_type: DataType::List(Arc::clone(entries)),
            expr: map_entries(part.expr),
            name: part.name,
        },
        _ => part,
    }
}

/// A row for each element of the array: `id`, `index`, `<array>.val`.
fn elements(numbered: DataFrame, array: Part) -> Result<DataFrame> {
    let value = format!("{}.val", array.name);
    let length = cast(array_length(array.expr.clone()), DataType::Int64);
    let indices = gen_series(lit(0_i64), length - lit(1_i64), lit(1_i64));
    let lists = numbered.filter(array.expr.clone().is_not_null())?.select(vec![
        ident(ID).alias("id"),
        indices.alias("index"),
        array.expr.alias(value.as_str()),
    ])?;
    let (state, plan) = lists.into_parts();
    let both = ["index", value.as_str()].map(Column::new_unqualified).to_vec();
    let options = UnnestOptions::new().with_preserve_nulls(false);
    let plan =
        LogicalPlanBuilder::from(plan).unnest_columns_with_options(both, options)?.build()?;
    Ok(DataFrame::new(state, plan))
}
