//! The way of a model: how its delta is found, decided from its logical plan.
//!
//! The plan must be the raw one, as planned from SQL. The optimizer removes a DISTINCT where a key makes it void, and
//! turns joins and subqueries into each other, so that an optimized plan can look row-wise only because of what the key
//! promises, or hide the column that the key comes from.

mod joins;
mod unique;

use std::collections::BTreeSet;
use std::fmt;

use datafusion::common::Column;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan, TableScan, Volatility};

use super::early::stops_early;
use crate::scan::SourceTable;
use joins::drive_join;
use unique::unique_key;

/// How a model's delta is found when only changes are pending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// From the net changes of one source alone. Holds as long as none of the references changes.
    RowWise {
        /// The source whose changes drive the model.
        driver: String,
        /// Sources that are joined without changing the number of rows.
        references: BTreeSet<String>,
    },
    /// As row-wise, for a driver without a key: its inserts are appended.
    Append {
        /// The source whose inserts are appended.
        driver: String,
        /// Sources that are joined without changing the number of rows.
        references: BTreeSet<String>,
    },
    /// By replay of the sources and comparison with the target.
    Replay,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RowWise { .. } => "row-wise",
            Self::Append { .. } => "append",
            Self::Replay => "replay",
        })
    }
}

/// What a model's plan says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analysis {
    /// How its delta is found.
    pub way: Way,
    /// Why it is this way and no faster one.
    pub reason: String,
    /// Output columns that are unique by construction, in key order.
    pub key: Option<Vec<usize>>,
    /// For a row-wise model the driver's columns that the key's columns are, in the same order; else empty.
    pub key_origin: Vec<usize>,
    /// All sources that it reads.
    pub sources: BTreeSet<String>,
    /// A function whose value differs at each call, if there is one: such a result can be equal to nothing.
    pub volatile: Option<String>,
    /// Whether it may be complete before it has read its sources to their ends.
    pub stops_early: bool,
}

/// Analyses a raw plan whose table scans are sources.
///
/// `key` is the key that the job names for the model, as output columns.
///
/// # Errors
/// Those of walking the plan.
pub fn analyze(plan: &LogicalPlan, key: Option<&[usize]>) -> Result<Analysis> {
    let functions = functions(plan)?;
    let sources = sources(plan)?;
    let proven = unique_key(plan)?;
    let stable = functions.stable.map(|name| {
        format!(
            "`{name}` gives another value in another run, so rows of different runs would differ"
        )
    });
    let driven = match stable {
        Some(reason) => Err(reason),
        None => drive(plan)?,
    };
    let Choice { way, reason, carried } = match driven {
        Err(reason) => Choice::replay(reason),
        Ok(driven) => choose(driven, key),
    };
    let (carried, key_origin): (Vec<usize>, Vec<usize>) = carried.into_iter().unzip();
    let key = match key {
        Some(named) => Some(named.to_vec()),
        None if !carried.is_empty() => Some(carried),
        None => proven,
    };
    let (volatile, stops_early) = (functions.volatile, stops_early(plan)?);
    Ok(Analysis { way, reason, key, key_origin, sources, volatile, stops_early })
}

/// Whether `key` (output columns) is unique by construction: it holds all columns of a proven key.
///
/// # Errors
/// Those of walking the plan.
pub fn is_proven(plan: &LogicalPlan, key: &[usize]) -> Result<bool> {
    Ok(unique_key(plan)?.is_some_and(|proven| proven.iter().all(|column| key.contains(column))))
}

/// A plan that follows one source row by row.
struct Driven {
    driver: String,
    /// Columns of the driver's key; empty if it has none.
    key: Vec<usize>,
    references: BTreeSet<String>,
    /// For each output column the driver's column that it is, unchanged.
    lineage: Vec<Option<usize>>,
}

struct Choice {
    way: Way,
    reason: String,
    /// The key's columns with the driver's columns that they are.
    carried: Vec<(usize, usize)>,
}

impl Choice {
    fn replay(reason: String) -> Self {
        Self { way: Way::Replay, reason, carried: Vec::new() }
    }
}

fn choose(driven: Driven, named: Option<&[usize]>) -> Choice {
    let Driven { driver, key, references, lineage } = driven;
    let beside = if references.is_empty() {
        String::new()
    } else {
        let names: Vec<&str> = references.iter().map(String::as_str).collect();
        format!(", joined to {} by key", names.join(", "))
    };
    if key.is_empty() {
        let reason = format!("it follows `{driver}`, which has no key{beside}");
        return match named {
            None | Some([]) => {
                Choice { way: Way::Append { driver, references }, reason, carried: Vec::new() }
            }
            Some(_) => Choice::replay(format!("a key is named, but `{driver}` has none")),
        };
    }
    let carried: Option<Vec<(usize, usize)>> = match named {
        None => key
            .iter()
            .map(|origin| Some((lineage.iter().position(|from| from == &Some(*origin))?, *origin)))
            .collect(),
        Some(named) => named
            .iter()
            .map(|column| Some((*column, lineage.get(*column).copied().flatten()?)))
            .collect(),
    };
    let is_key = |carried: &[(usize, usize)]| {
        carried.len() == key.len()
            && key.iter().all(|origin| carried.iter().any(|(_, from)| from == origin))
    };
    match carried {
        Some(carried) if is_key(&carried) => {
            let reason =
                format!("it keeps the key of `{driver}` and maps each of its rows{beside}");
            Choice { way: Way::RowWise { driver, references }, reason, carried }
        }
        _ if named.is_some() => Choice::replay(format!("its key is not the key of `{driver}`")),
        _ => Choice::replay(format!("it does not keep the key of `{driver}`")),
    }
}

/// Finds the driving source, or says why there is none.
fn drive(plan: &LogicalPlan) -> Result<std::result::Result<Driven, String>> {
    Ok(match plan {
        LogicalPlan::TableScan(scan) => Ok(scanned(scan)),
        LogicalPlan::SubqueryAlias(alias) => return drive(&alias.input),
        LogicalPlan::Filter(filter) => {
            if has_subquery(&filter.predicate) {
                Err("its WHERE holds a subquery".to_owned())
            } else {
                return drive(&filter.input);
            }
        }
        LogicalPlan::Projection(projection) => {
            if projection.expr.iter().any(has_subquery) {
                Err("its SELECT holds a subquery".to_owned())
            } else {
                let input = drive(&projection.input)?;
                input.map(|driven| {
                    let lineage = projection
                        .expr
                        .iter()
                        .map(|expr| {
                            let column = plain_column(expr)?;
                            let index = projection.input.schema().maybe_index_of_column(column)?;
                            driven.lineage.get(index).copied().flatten()
                        })
                        .collect();
                    Driven { lineage, ..driven }
                })
            }
        }
        LogicalPlan::Join(join) => return drive_join(join),
        // Without a fetch a sort only orders, which a table does not.
        LogicalPlan::Sort(sort) if sort.fetch.is_none() => return drive(&sort.input),
        other => Err(why_not(other).to_owned()),
    })
}

fn scanned(scan: &TableScan) -> Driven {
    Driven {
        driver: scan.table_name.table().to_owned(),
        key: key_of(scan),
        references: BTreeSet::new(),
        lineage: (0..scan.projected_schema.fields().len())
            .map(|index| match &scan.projection {
                Some(projection) => projection.get(index).copied(),
                None => Some(index),
            })
            .collect(),
    }
}

fn key_of(scan: &TableScan) -> Vec<usize> {
    let provider = source_as_provider(&scan.source).ok();
    let source = provider.as_deref().and_then(|provider| provider.downcast_ref::<SourceTable>());
    source.map(|source| source.key().to_vec()).unwrap_or_default()
}

fn why_not(plan: &LogicalPlan) -> &'static str {
    match plan {
        LogicalPlan::Aggregate(_) => "it groups rows",
        LogicalPlan::Window(_) => "it uses window functions",
        LogicalPlan::Distinct(Distinct::All(input)) if matches!(**input, LogicalPlan::Union(_)) => {
            "it uses UNION"
        }
        LogicalPlan::Distinct(_) => "it uses DISTINCT",
        LogicalPlan::Union(_) => "it uses UNION",
        LogicalPlan::Limit(_) | LogicalPlan::Sort(_) => "it uses LIMIT",
        LogicalPlan::Unnest(_) => "it makes several rows of one",
        LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => "it reads no source",
        LogicalPlan::RecursiveQuery(_) => "it is recursive",
        _ => "it is not a mapping of single rows",
    }
}

fn plain_column(expr: &Expr) -> Option<&Column> {
    match expr {
        Expr::Alias(alias) => plain_column(&alias.expr),
        Expr::Column(column) => Some(column),
        _ => None,
    }
}

fn has_subquery(expr: &Expr) -> bool {
    expr.exists(|inner| {
        Ok(matches!(
            inner,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::SetComparison(_)
                | Expr::OuterReferenceColumn(..)
        ))
    })
    .unwrap_or(true)
}

/// The names of all scanned tables, those in subqueries included.
///
/// # Errors
/// Those of walking the plan.
pub fn sources(plan: &LogicalPlan) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            names.insert(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(names)
}

#[derive(Default)]
struct Functions {
    stable: Option<String>,
    volatile: Option<String>,
}

fn functions(plan: &LogicalPlan) -> Result<Functions> {
    let mut found = Functions::default();
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|inner| {
                if let Expr::ScalarFunction(call) = inner {
                    let name = || Some(call.func.name().to_owned());
                    match call.func.signature().volatility {
                        Volatility::Immutable => {}
                        Volatility::Stable => found.stable = name(),
                        Volatility::Volatile => found.volatile = name(),
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests;
