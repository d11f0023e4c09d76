//! What a row must meet to be there, and how it is said that it does not.

use std::fmt;

use datafusion::common::Column;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Subquery};

use crate::place::Place;

/// What a row must meet to be there. Its text says why one that does not is left out; of [`Demand::NotDeleted`] only that it was deleted:
/// by what, the positions tell.
#[derive(Debug, Clone)]
pub struct Condition {
    /// What is asked of it.
    pub demand: Demand,
    /// Where it stands in the job's files, if that is known.
    pub place: Option<Place>,
    /// The columns that it names, with their spans.
    pub(super) names: Vec<Column>,
    /// Those that its subqueries name, also of what they read.
    pub(super) inner: Vec<Column>,
    /// The names under which what it is asked of is read, the innermost last.
    pub(super) within: Vec<String>,
}

/// What is asked of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// The newest change of its key does not delete it, in the source that a scan (by its index) reads.
    NotDeleted(usize),
    /// A condition of WHERE, HAVING or QUALIFY.
    Holds(String),
    /// A row of what is joined meets it.
    Meets {
        /// What is joined.
        with: String,
        /// What they are joined by.
        by: String,
    },
    /// No row of what is joined meets it.
    MeetsNone {
        /// What is joined.
        with: String,
        /// What they are joined by.
        by: String,
    },
    /// It is among the rows that are taken by this.
    Taken(String),
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.demand {
            Demand::NotDeleted(_) => f.write_str("it was deleted")?,
            Demand::Holds(condition) => write!(f, "left out by the condition {condition}")?,
            Demand::Meets { with, by } if by.is_empty() => write!(f, "{with} has no row")?,
            Demand::Meets { with, by } => write!(f, "no row of {with} meets it by {by}")?,
            Demand::MeetsNone { with, by } if by.is_empty() => write!(f, "{with} has a row")?,
            Demand::MeetsNone { with, by } => write!(f, "a row of {with} meets it by {by}")?,
            Demand::Taken(by) => write!(f, "{by} does not take it")?,
        }
        match &self.place {
            Some(place) => write!(f, " ({place})"),
            None => Ok(()),
        }
    }
}

/// The columns that an expression names, as often as it does; with those that its subqueries name of it.
pub(super) fn names_of(expr: &Expr) -> Result<Vec<Column>> {
    let mut names = Vec::new();
    expr.apply(|inner| {
        let outer = match inner {
            Expr::Column(column) => {
                names.push(column.clone());
                return Ok(TreeNodeRecursion::Continue);
            }
            Expr::ScalarSubquery(subquery) => &subquery.outer_ref_columns,
            Expr::InSubquery(of) => &of.subquery.outer_ref_columns,
            Expr::Exists(of) => &of.subquery.outer_ref_columns,
            Expr::SetComparison(of) => &of.subquery.outer_ref_columns,
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        names.extend(outer.iter().filter_map(|outer| match outer {
            Expr::OuterReferenceColumn(_, column) => Some(column.clone()),
            _ => None,
        }));
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(names)
}

/// The subquery that an expression is of, not one within its parts.
pub(super) fn subquery_of(expr: &Expr) -> Option<&Subquery> {
    match expr {
        Expr::ScalarSubquery(subquery) => Some(subquery),
        Expr::InSubquery(of) => Some(&of.subquery),
        Expr::Exists(of) => Some(&of.subquery),
        Expr::SetComparison(of) => Some(&of.subquery),
        _ => None,
    }
}

/// The columns that the subqueries of an expression name.
pub(super) fn names_within(expr: &Expr) -> Result<Vec<Column>> {
    let mut names = Vec::new();
    expr.apply(|inner| {
        let Some(subquery) = subquery_of(inner) else { return Ok(TreeNodeRecursion::Continue) };
        subquery.subquery.apply_with_subqueries(|plan| {
            plan.apply_expressions(|expr| {
                names.extend(names_of(expr)?);
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(names)
}
