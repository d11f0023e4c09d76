//! Which source rows made a row of a model: why-provenance, by rewriting the model's plan.
//!
//! ```text
//! raw plan of a model -> plan with the positions of the rows that each row is made of (trace, joins, groups)
//!   -> those of one row, by a condition on the model's columns -> positions by source (found)
//! ```
//!
//! The rewritten plan gives every row of the model, once for each combination of source rows that it is made of, and no other
//! row. So everything of the model keeps its meaning in it: what a row of a group is made of is found by joining the real group
//! with the rows that fall into it, and a HAVING, or a filter on a window's result, sees the real values.
//!
//! Of a row that is not there, [`Lineage::of_absent`] tells what it would be made of, and what leaves it out: there nothing is
//! left out, but each row says which conditions it does not meet (filters). A key that is deleted is taken for what it was before. A
//! condition is told as the job's files have it (written), or as a SELECT would (words).

mod condition;
mod filters;
mod found;
mod groups;
mod joins;
mod trace;
mod words;
mod written;

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use crate::model::Models;
use crate::scan::{FrozenTable, column};
pub use condition::{Condition, Demand};
pub use found::{Found, FoundRows};
use trace::Tracer;
use written::WrittenConditions;

/// A read of a source within a model; a model that joins a source to itself has two of it.
#[derive(Debug, Clone)]
pub struct TracedScan {
    /// The source and its objects.
    pub table: Arc<FrozenTable>,
    /// What it is called where it is read, from the outermost name to its own; empty if that is the source's name.
    pub alias: String,
}

/// A model's plan that tells of each row which rows it is made of.
#[derive(Debug, Clone)]
pub struct Lineage {
    plan: LogicalPlan,
    /// The names of the columns that hold positions, and then of those that say whether a condition is met.
    added: Vec<String>,
    /// The sources' scans.
    pub scans: Vec<TracedScan>,
    /// What leaves rows out; only of an absent row's lineage.
    pub conditions: Vec<Condition>,
    /// What is not told, or not exactly.
    pub notes: Vec<String>,
}

impl Lineage {
    /// Of the rows that a raw plan gives.
    ///
    /// # Errors
    /// Those of building plans.
    pub fn of(plan: &LogicalPlan) -> Result<Self> {
        Tracer::new(false).lineage(plan)
    }

    /// Of rows that a raw plan does not give: no filter and no join leaves a row out, and deleted rows are there as they were before.
    ///
    /// # Errors
    /// Those of building plans.
    pub fn of_absent(plan: &LogicalPlan) -> Result<Self> {
        Tracer::new(true).lineage(plan)
    }

    /// Puts the conditions into the words of the files that they stand in, those of a model and of the models that it reads, where they
    /// are found there.
    pub fn in_words_of(&mut self, models: &Models, model: &str) {
        let texts = WrittenConditions::of(models, model);
        self.conditions.iter_mut().for_each(|condition| texts.put_into_words(condition));
    }

    /// The plan whose rows [`Found`] gathers: those of the model's rows that meet a condition on its columns.
    ///
    /// # Errors
    /// Those of building plans.
    pub fn rows(&self, condition: Expr) -> Result<LogicalPlan> {
        let added = self.added.iter().map(|name| column(name));
        LogicalPlanBuilder::from(self.plan.clone()).filter(condition)?.project(added)?.build()
    }
}

#[cfg(test)]
mod tests;
