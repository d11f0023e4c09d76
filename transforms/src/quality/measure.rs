//! What rules are judged by: numbers that plans of one row give.

use std::collections::HashMap;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::number::NumberTest;

/// Where a number stands: which plan, which column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    plan: usize,
    column: usize,
}

/// The numbers of all rules. Those that are aggregates of the rows as they are come from one pass over them; what needs the rows
/// in groups, joined or by other SQL has a plan of its own.
#[derive(Debug, Default)]
pub(super) struct Measures {
    shared: Vec<Expr>,
    /// The places of these.
    places: HashMap<Expr, usize>,
    own: Vec<(String, LogicalPlan)>,
}

impl Measures {
    /// An aggregate over all rows; the same one is computed once.
    pub(super) fn shared(&mut self, aggregate: Expr) -> Slot {
        let next = self.shared.len();
        let column = *self.places.entry(aggregate.clone()).or_insert(next);
        if column == next {
            self.shared.push(aggregate);
        }
        Slot { plan: 0, column }
    }

    /// The columns of a plan that gives one row. One that was asked for under the same `name` is taken instead.
    pub(super) fn own<const COLUMNS: usize>(
        &mut self,
        name: String,
        plan: impl FnOnce() -> Result<LogicalPlan>,
    ) -> Result<[Slot; COLUMNS]> {
        let plan = match self.own.iter().position(|(other, _)| *other == name) {
            Some(known) => known + 1,
            None => {
                self.own.push((name, plan()?));
                self.own.len()
            }
        };
        Ok(std::array::from_fn(|column| Slot { plan, column }))
    }

    /// The plans over `rows`, each of one row of numbers. The first one is none if nothing is computed in one pass.
    pub(super) fn plans(self, rows: &LogicalPlan) -> Result<Vec<Option<LogicalPlan>>> {
        let shared = if self.shared.is_empty() {
            None
        } else {
            let named = self.shared.into_iter().enumerate();
            let named = named.map(|(index, expr)| expr.alias(format!("m{index}")));
            let aggregates = LogicalPlanBuilder::from(rows.clone())
                .aggregate(Vec::<Expr>::new(), named)?
                .build()?;
            Some(aggregates)
        };
        let own = self.own.into_iter().map(|(_, plan)| Some(plan));
        Ok(std::iter::once(shared).chain(own).collect())
    }
}

/// The row of a plan's result, as doubles; none of a result that is not one row.
///
/// # Errors
/// Columns that are no numbers, which no plan of rules has.
pub fn row(batches: &[RecordBatch]) -> Result<Option<Vec<Option<f64>>>> {
    let mut filled = batches.iter().filter(|batch| batch.num_rows() > 0);
    let (Some(batch), None) = (filled.next(), filled.next()) else { return Ok(None) };
    if batch.num_rows() > 1 {
        return Ok(None);
    }
    let number = |column: &ArrayRef| {
        let doubles = compute::cast(column, &super::DOUBLE)?;
        let doubles = doubles.as_primitive::<Float64Type>();
        Ok(doubles.is_valid(0).then(|| doubles.value(0)))
    };
    batch.columns().iter().map(number).collect::<Result<_>>().map(Some)
}

/// The one row of each plan; none of a plan that did not give one row.
pub type Measured = Vec<Option<Vec<Option<f64>>>>;

/// A number that is made of some.
#[derive(Debug, Clone)]
pub(super) struct Value {
    slots: Vec<Slot>,
    of: fn(&[Option<f64>]) -> Option<f64>,
}

impl Value {
    /// A number that is made of others by `of`.
    pub(super) fn made(
        slots: impl IntoIterator<Item = Slot>,
        of: fn(&[Option<f64>]) -> Option<f64>,
    ) -> Self {
        Self { slots: slots.into_iter().collect(), of }
    }

    /// The number itself.
    pub(super) fn of(slot: Slot) -> Self {
        Self::made([slot], |values| values.first().copied().flatten())
    }

    /// A part of a whole; nothing of a whole of nothing.
    pub(super) fn ratio(part: Slot, whole: Slot) -> Self {
        Self::made([part, whole], |values| match values {
            [Some(part), Some(whole)] if *whole != 0.0 => Some(part / whole),
            _ => None,
        })
    }

    /// What came out; no value if there is nothing that it could be of. `Err` if a plan did not give one row.
    pub(super) fn compute(&self, measured: &Measured) -> std::result::Result<Option<f64>, ()> {
        let of = |slot: &Slot| {
            let row = measured.get(slot.plan).and_then(Option::as_ref).ok_or(())?;
            Ok(row.get(slot.column).copied().flatten())
        };
        let values: Vec<Option<f64>> =
            self.slots.iter().map(of).collect::<std::result::Result<_, ()>>()?;
        Ok((self.of)(&values))
    }
}

/// A number and what is asked of it.
#[derive(Debug, Clone)]
pub(super) struct Test {
    /// Glue's name of the metric, if the result shows it.
    pub(super) metric: Option<String>,
    pub(super) value: Value,
    pub(super) asked: NumberTest,
    /// What to say instead of the value.
    pub(super) said: Option<&'static str>,
    /// What there is without a value.
    pub(super) empty: Empty,
}

/// The outcome where there is nothing to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Empty {
    /// The rule has failed, and this is why.
    Fails(&'static str),
    /// The rule has passed.
    Passes,
}

/// What a rule comes to.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    /// It follows from names and types alone: a metric, and why it failed if it did.
    Known { metric: Option<(String, f64)>, failure: Option<String> },
    /// All of these must hold.
    Tests(Vec<Test>),
}
