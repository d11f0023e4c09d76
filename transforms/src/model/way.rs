//! The way of a model: how its delta is found, decided from its logical plan.
//!
//! The plan must be the raw one, as planned from SQL. The optimizer removes a DISTINCT where a key makes it void, and
//! turns joins and subqueries into each other, so that an optimized plan can look row-wise only because of what the key
//! promises, or hide the column that the key comes from.

use std::collections::BTreeSet;
use std::fmt;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Constraint, JoinType};
use datafusion::error::Result;
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::utils::{find_valid_equijoin_key_pair, split_conjunction};
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Distinct, Expr, ExprSchemable, Join, LogicalPlan, Operator, TableScan, Volatility,
};

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
    Ok(Analysis { way, reason, key, key_origin, sources, volatile: functions.volatile })
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
    scan.source
        .constraints()
        .and_then(|constraints| {
            constraints.iter().find_map(|constraint| match constraint {
                Constraint::PrimaryKey(columns) => Some(columns.clone()),
                Constraint::Unique(_) => None,
            })
        })
        .unwrap_or_default()
}

fn drive_join(join: &Join) -> Result<std::result::Result<Driven, String>> {
    let (driving, other, is_left) = match join.join_type {
        JoinType::Inner | JoinType::Left => (&join.left, &join.right, true),
        JoinType::Right => (&join.right, &join.left, false),
        _ => return Ok(Err("it joins in a way that is not row by row".to_owned())),
    };
    if join.filter.as_ref().is_some_and(has_subquery) {
        return Ok(Err("a join condition holds a subquery".to_owned()));
    }
    let mut driven = match drive(driving)? {
        Ok(driven) => driven,
        Err(reason) => return Ok(Err(reason)),
    };
    let beside = sources(other)?;
    let names: Vec<&str> = beside.iter().map(String::as_str).collect();
    let names = names.join(", ");
    let joined = joined_columns(join, !is_left)?;
    let matches_once =
        unique_key(other)?.is_some_and(|key| key.iter().all(|column| joined.contains(column)));
    if !matches_once {
        return Ok(Err(format!("it joins {names} by columns that are not its key")));
    }
    if beside.contains(&driven.driver) {
        return Ok(Err(format!("it joins `{}` to itself", driven.driver)));
    }
    let unknown = vec![None; other.schema().fields().len()];
    driven.lineage = match is_left {
        true => [driven.lineage, unknown].concat(),
        false => [unknown, driven.lineage].concat(),
    };
    driven.references.extend(beside);
    Ok(Ok(driven))
}

/// The columns of one side that an equality of the join compares with the other side.
fn joined_columns(join: &Join, of_left: bool) -> Result<Vec<usize>> {
    let side = if of_left { &join.left } else { &join.right };
    let mut pairs = join.on.clone();
    // In a raw plan an ON condition stands in the filter; only USING fills `on`.
    for conjunct in join.filter.iter().flat_map(split_conjunction) {
        if let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = conjunct
            && let Some(pair) =
                find_valid_equijoin_key_pair(left, right, join.left.schema(), join.right.schema())?
        {
            pairs.push(pair);
        }
    }
    let schema = side.schema();
    let mut columns = Vec::new();
    for (left, right) in &pairs {
        let (mine, theirs, other) =
            if of_left { (left, right, &join.right) } else { (right, left, &join.left) };
        let Some(index) = plain_column(mine).and_then(|mine| schema.maybe_index_of_column(mine))
        else {
            continue;
        };
        let theirs = theirs.get_type(other.schema())?;
        if keeps_apart(schema.field(index).data_type(), &theirs) {
            columns.push(index);
        }
    }
    Ok(columns)
}

/// Whether different values of type `mine` stay different when they are compared with values of type `theirs`: as numbers,
/// the texts '1' and '01' are one.
fn keeps_apart(mine: &DataType, theirs: &DataType) -> bool {
    let Some(compared) = comparison_coercion(mine, theirs) else { return false };
    let is_float = |data_type: &DataType| data_type.is_floating();
    let is_time = |data_type: &DataType| {
        matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
    };
    let is_text = |data_type: &DataType| {
        matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
    };
    let is_bytes = |data_type: &DataType| {
        matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
    };
    let is_exact =
        |data_type: &DataType| data_type.is_integer() || is_decimal(data_type);
    // Conversions within a kind that the engine chooses widen; an integer may be too long for a float.
    *mine == compared
        || is_exact(mine) && is_exact(&compared)
        || is_text(mine) && is_text(&compared)
        || is_bytes(mine) && is_bytes(&compared)
        || is_time(mine) && is_time(&compared)
        || is_float(mine) && is_float(&compared)
        || is_short_integer(mine) && compared == DataType::Float64
}

fn is_decimal(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..)
    )
}

/// Whether a double holds every value.
fn is_short_integer(data_type: &DataType) -> bool {
    data_type.is_integer() && data_type.primitive_width().is_some_and(|bytes| bytes < 8)
}

/// Output columns that no two rows share, proven by the plan.
fn unique_key(plan: &LogicalPlan) -> Result<Option<Vec<usize>>> {
    Ok(match plan {
        LogicalPlan::TableScan(scan) => {
            let key = key_of(scan);
            let lineage = scanned(scan).lineage;
            let place = |column: &usize| lineage.iter().position(|origin| *origin == Some(*column));
            if key.is_empty() { None } else { key.iter().map(place).collect() }
        }
        LogicalPlan::SubqueryAlias(alias) => unique_key(&alias.input)?,
        LogicalPlan::Filter(filter) => unique_key(&filter.input)?,
        LogicalPlan::Sort(sort) => unique_key(&sort.input)?,
        LogicalPlan::Limit(limit) => unique_key(&limit.input)?,
        LogicalPlan::Distinct(Distinct::All(input)) => unique_key(input)?,
        // A window adds columns behind those of its input.
        LogicalPlan::Window(window) => unique_key(&window.input)?,
        LogicalPlan::Aggregate(aggregate) => {
            let sets = aggregate.group_expr.iter().any(|e| matches!(e, Expr::GroupingSet(_)));
            let groups = deciding_groups(aggregate);
            (!groups.is_empty() && !sets).then_some(groups)
        }
        LogicalPlan::Projection(projection) => {
            let Some(key) = unique_key(&projection.input)? else { return Ok(None) };
            let outputs: Vec<Option<usize>> = projection
                .expr
                .iter()
                .map(|expr| projection.input.schema().maybe_index_of_column(plain_column(expr)?))
                .collect();
            key.iter()
                .map(|column| outputs.iter().position(|output| *output == Some(*column)))
                .collect()
        }
        LogicalPlan::Join(join) => unique_key_of_join(join)?,
        _ => None,
    })
}

/// The group columns that tell groups apart. Where a group column is a table's key the planner adds all other columns of that
/// table, which depend on it.
fn deciding_groups(aggregate: &Aggregate) -> Vec<usize> {
    let schema = aggregate.input.schema();
    let columns: Vec<Option<usize>> = aggregate
        .group_expr
        .iter()
        .map(|expr| schema.maybe_index_of_column(plain_column(expr)?))
        .collect();
    let mut deciding: Vec<usize> = (0..columns.len()).collect();
    for dependence in schema.functional_dependencies().iter() {
        let is_there =
            |source: &usize| deciding.iter().any(|i| columns.get(*i) == Some(&Some(*source)));
        if !dependence.source_indices.iter().all(is_there) {
            continue;
        }
        deciding.retain(|index| match columns.get(*index).copied().flatten() {
            Some(column) => {
                dependence.source_indices.contains(&column)
                    || !dependence.target_indices.contains(&column)
            }
            None => true,
        });
    }
    deciding
}

fn unique_key_of_join(join: &Join) -> Result<Option<Vec<usize>>> {
    let is_once = |plan: &LogicalPlan, of_left: bool| -> Result<bool> {
        let joined = joined_columns(join, of_left)?;
        Ok(unique_key(plan)?.is_some_and(|key| key.iter().all(|column| joined.contains(column))))
    };
    Ok(match join.join_type {
        JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => unique_key(&join.left)?,
        JoinType::RightSemi | JoinType::RightAnti => unique_key(&join.right)?,
        JoinType::Inner | JoinType::Left if is_once(&join.right, false)? => unique_key(&join.left)?,
        JoinType::Inner | JoinType::Right if is_once(&join.left, true)? => {
            let width = join.left.schema().fields().len();
            unique_key(&join.right)?
                .map(|key| key.into_iter().map(|column| column + width).collect())
        }
        _ => None,
    })
}

fn why_not(plan: &LogicalPlan) -> &'static str {
    match plan {
        LogicalPlan::Aggregate(_) => "it groups rows",
        LogicalPlan::Window(_) => "it uses window functions",
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
