//! Rules that compare the model's rows with another dataset: a model or a source of the job, by its name.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::NullEquality;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, lit};

use super::catalog::Kind;
use super::custom_sql::count_matching;
use super::measure::{Empty, Slot, Test, Value, Verdict};
use super::number::NumberTest;
use super::scope::{Field, Filter, PRIMARY, Result, Scope, test, text_of};
use super::statistics::exact;
use super::syntax::{At, Leaf, Param};

const NO_ROWS: &str = "Primary data frame contains no data.";
const REPEATED_KEYS: &str =
    "Comparison keys must be unique, and the key columns have the same values in several rows";

/// The verdict of a rule with a reference.
pub(super) async fn verdict(scope: &mut Scope<'_>, kind: Kind, leaf: &Leaf) -> Result<Verdict> {
    let asked = scope.number_test(leaf.condition.as_ref())?;
    let texts: Vec<String> = leaf.params.iter().map(text_of).collect();
    match (kind, leaf.params.as_slice(), texts.as_slice()) {
        (Kind::RowCountMatch, [param], [name]) => {
            row_count_match(scope, name, param.at, asked).await
        }
        (Kind::SchemaMatch, [param], [name]) => schema_match(scope, name, param.at, &asked).await,
        (Kind::AggregateMatch, [first, second], _) => {
            aggregate_match(scope, [first, second], asked).await
        }
        (Kind::ReferentialIntegrity, [from, to], _) => {
            referential_integrity(scope, leaf.at, from, to, asked).await
        }
        (Kind::DatasetMatch, params, _) => dataset_match(scope, leaf.at, params, asked).await,
        _ => Err(scope.error(leaf.at, "parameters that do not belong together")),
    }
}

/// How many rows a dataset has.
fn size(scope: &mut Scope<'_>, name: &str, plan: LogicalPlan, at: At) -> Result<Slot> {
    let plan = || {
        let rows = [count(lit(1_i64)).alias("m0")];
        LogicalPlanBuilder::from(plan).aggregate(Vec::<Expr>::new(), rows)?.build()
    };
    let slots = scope.measures.own(format!("size {name}"), plan);
    let [slot] = slots.map_err(|error| scope.engine(at, &error))?;
    Ok(slot)
}

async fn row_count_match(
    scope: &mut Scope<'_>,
    name: &str,
    at: At,
    asked: NumberTest,
) -> Result<Verdict> {
    let other = scope.dataset(name, at).await?;
    let there = size(scope, name, other, at)?;
    let here = scope.row_count(&Filter::default(), at)?;
    let metric = format!("Dataset.{name}.RowCountMatch");
    let test = test(metric, Value::ratio(here, there), asked, &Filter::default());
    Ok(Verdict::Tests(vec![Test { empty: Empty::Fails("the reference has no rows"), ..test }]))
}

/// The share of the columns that the other dataset has by name and type.
async fn schema_match(
    scope: &Scope<'_>,
    name: &str,
    at: At,
    asked: &NumberTest,
) -> Result<Verdict> {
    let other = scope.dataset(name, at).await?;
    let (here, there) = (scope.rows.schema().fields(), other.schema().fields());
    let is_there = |name: &str, data_type: &DataType| {
        there.iter().any(|field| field.name() == name && field.data_type() == data_type)
    };
    let metric = format!("Dataset.{name}.SchemaMatch");
    if here.len() != there.len() {
        let failure = Some("Column counts do not match".to_owned());
        return Ok(Verdict::Known { metric: Some((metric, 0.0)), failure });
    }
    let same = here.iter().filter(|field| is_there(field.name(), field.data_type())).count();
    let ratio = share(same, here.len());
    let failure = (!asked.holds(ratio))
        .then(|| format!("{:.2}% of columns passed the threshold", ratio * 100.0));
    Ok(Verdict::Known { metric: Some((metric, ratio)), failure })
}

/// A part of a number of columns.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    let exact = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    exact(part) / exact(whole)
}

/// `sum(a)` against `avg(other.b)`. Nothing is 0 here, and two of them are the same: `AggregateMatchExecutor` of deequ.
async fn aggregate_match(
    scope: &mut Scope<'_>,
    params: [&Param; 2],
    asked: NumberTest,
) -> Result<Verdict> {
    let (first_name, first) = aggregate(scope, params[0]).await?;
    let (second_name, second) = aggregate(scope, params[1]).await?;
    let instance =
        if first_name == second_name { first_name } else { format!("{first_name},{second_name}") };
    let slots = first.into_iter().chain(second);
    let value = Value::made(slots, |values| {
        let number = |pair: &[Option<f64>]| match pair {
            [Some(total), Some(count)] if *count != 0.0 => total / count,
            _ => 0.0,
        };
        let (first, second) = values.split_at_checked(2)?;
        let (first, second) = (number(first), number(second));
        Some(match second {
            0.0 if first == 0.0 => 1.0,
            0.0 => 0.0,
            second => first / second,
        })
    });
    let metric = format!("Column.{instance}.AggregateMatch");
    Ok(Verdict::Tests(vec![test(metric, value, asked, &Filter::default())]))
}

/// A sum and what it is to be divided by.
async fn aggregate(scope: &mut Scope<'_>, param: &Param) -> Result<(String, [Slot; 2])> {
    let (text, at) = (text_of(param), param.at);
    let call = text.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
    let (is_average, column) = match call {
        Some(("sum" | "SUM", column)) => (false, column),
        Some(("avg" | "AVG", column)) => (true, column),
        _ => {
            let error = scope.error(at, "not an aggregate");
            return Err(error.help("write sum(column), avg(column) or sum(dataset.column)"));
        }
    };
    let (dataset, column) = column.rsplit_once('.').unwrap_or((PRIMARY, column));
    let column = column.replace('"', "");
    let other = match dataset {
        PRIMARY => scope.rows.clone(),
        dataset => scope.dataset(dataset, at).await?,
    };
    let field = scope.column_in(dataset, &other, &column, at)?;
    if !field.data_type.is_numeric() {
        return Err(scope.error(at, format!("`{}` holds no numbers", field.name)));
    }
    let total = sum(exact(&field)).alias("m0");
    let divisor = if is_average { count(field.expr.clone()) } else { count(lit(1_i64)) };
    let plan = || {
        let columns = [total, divisor.alias("m1")];
        LogicalPlanBuilder::from(other).aggregate(Vec::<Expr>::new(), columns)?.build()
    };
    let slots = scope.measures.own(format!("aggregate {text}"), plan);
    let [total, divisor] = slots.map_err(|error| scope.engine(at, &error))?;
    // A sum is divided by nothing but itself being there.
    let slots = if is_average { [total, divisor] } else { [total, one(scope, at)?] };
    Ok((field.name, slots))
}

/// The number one.
fn one(scope: &mut Scope<'_>, at: At) -> Result<Slot> {
    let plan = || LogicalPlanBuilder::empty(true).project([lit(1_i64).alias("m0")])?.build();
    let slots = scope.measures.own("one".to_owned(), plan);
    let [slot] = slots.map_err(|error| scope.engine(at, &error))?;
    Ok(slot)
}

/// The share of the rows whose values are in the other dataset; NULL is in none.
async fn referential_integrity(
    scope: &mut Scope<'_>,
    at: At,
    from: &Param,
    to: &Param,
    asked: NumberTest,
) -> Result<Verdict> {
    let from_names = names(&text_of(from));
    let reference = text_of(to);
    let braced =
        reference.split_once(".{").and_then(|(a, rest)| Some((a, rest.strip_suffix('}')?)));
    let (dataset, to_names) = match braced.or_else(|| reference.rsplit_once('.')) {
        Some((dataset, columns)) => (dataset, names(columns)),
        None => {
            let error = scope.error(to.at, "no dataset and columns");
            return Err(error.help("write \"dataset.column\" or \"dataset.{column,column}\""));
        }
    };
    if from_names.len() != to_names.len() {
        return Err(scope.error(to.at, "another number of columns than before it"));
    }
    let other = scope.dataset(dataset, to.at).await?;
    let mut pairs = Vec::new();
    for (here, there) in from_names.iter().zip(&to_names) {
        let here = scope.column(here, from.at)?;
        let there = scope.column_in(dataset, &other, there, to.at)?;
        pairs.push(comparable(scope, &here, &there, to.at)?);
    }
    let rows = scope.rows.clone();
    let plan = || count_matching(rows, other, pairs, NullEquality::NullEqualsNothing);
    let slots = scope.measures.own(format!("integrity {from_names:?} {reference}"), plan);
    let [matched] = slots.map_err(|error| scope.engine(at, &error))?;
    let whole = scope.row_count(&Filter::default(), at)?;
    let metric = format!("Column.{dataset}.ReferentialIntegrity");
    let test = test(metric, Value::ratio(matched, whole), asked, &Filter::default());
    Ok(Verdict::Tests(vec![Test { empty: Empty::Fails(NO_ROWS), ..test }]))
}

/// `"a, b"`.
fn names(text: &str) -> Vec<String> {
    text.replace('"', "").split(',').map(|name| name.trim().to_owned()).collect()
}

/// Two columns in one type. Where only one is a text both are compared as text: not every text is a number or a date.
fn comparable(scope: &Scope<'_>, here: &Field, there: &Field, at: At) -> Result<(Expr, Expr)> {
    if here.data_type == there.data_type {
        return Ok((here.expr.clone(), there.expr.clone()));
    }
    if here.is_text() != there.is_text() {
        let text = |field: &Field| cast(field.expr.clone(), DataType::Utf8);
        return Ok((text(here), text(there)));
    }
    let Some(common) = comparison_coercion(&here.data_type, &there.data_type) else {
        let message =
            format!("`{}` and `{}` are of types without a common one", here.name, there.name);
        return Err(scope.error(at, message));
    };
    Ok((cast(here.expr.clone(), common.clone()), cast(there.expr.clone(), common)))
}

/// The share of the rows that the other dataset has with the same key and the same values. NULL is no key, and as a value it is
/// the same as NULL: `DataSynchronization.columnMatchRowLevel` of deequ, which compares hashes.
async fn dataset_match(
    scope: &mut Scope<'_>,
    at: At,
    params: &[Param],
    asked: NumberTest,
) -> Result<Verdict> {
    let [dataset, keys, values @ ..] = params else {
        return Err(scope.error(at, "a dataset and its key were expected"));
    };
    let name = text_of(dataset);
    let other = scope.dataset(&name, dataset.at).await?;
    let mut keys_here = Vec::new();
    let keys_there = mapped(scope, keys, &name, &other, &mut keys_here)?;
    let mut values_here = Vec::new();
    let values_there = match values {
        [values] => mapped(scope, values, &name, &other, &mut values_here)?,
        _ => {
            let fields = scope.rows.schema().fields().clone();
            let is_key = |name: &str| keys_here.iter().any(|key: &Field| key.name == name);
            for field in fields.iter().filter(|field| !is_key(field.name())) {
                values_here.push(scope.column(field.name(), dataset.at)?);
            }
            let there = |here: &Field| scope.column_in(&name, &other, &here.name, dataset.at);
            values_here.iter().map(there).collect::<Result<Vec<_>>>()?
        }
    };
    if values_here.is_empty() {
        return Err(scope.error(at, "there are no columns to compare but those of the key"));
    }
    let here = keys_here.iter().chain(&values_here);
    let there = keys_there.iter().chain(&values_there);
    let pairs: Vec<(Expr, Expr)> =
        here.zip(there).map(|(h, t)| comparable(scope, h, t, at)).collect::<Result<_>>()?;
    let has_key = keys_here.iter().map(|key| key.expr.clone().is_not_null()).reduce(Expr::and);
    let (rows, there) = (scope.rows.clone(), other.clone());
    let plan = || {
        let keyed = LogicalPlanBuilder::from(rows);
        let keyed = keyed.filter(has_key.unwrap_or_else(|| lit(true)))?.build()?;
        count_matching(keyed, there, pairs, NullEquality::NullEqualsNull)
    };
    let slots = scope.measures.own(format!("match {params:?}"), plan);
    let [matched] = slots.map_err(|error| scope.engine(at, &error))?;
    let whole = scope.row_count(&Filter::default(), at)?;
    let mut tests = Vec::new();
    for (plan, keys, label) in
        [(scope.rows.clone(), &keys_here, PRIMARY), (other, &keys_there, &name)]
    {
        tests.push(unique_key(scope, plan, keys, label, at)?);
    }
    let metric = format!("Dataset.{name}.DatasetMatch");
    let test = test(metric, Value::ratio(matched, whole), asked, &Filter::default());
    tests.push(Test { empty: Empty::Fails(NO_ROWS), ..test });
    Ok(Verdict::Tests(tests))
}

/// `"a->b, c"`: the columns of the model, and those of the other dataset.
fn mapped(
    scope: &Scope<'_>,
    param: &Param,
    dataset: &str,
    other: &LogicalPlan,
    here: &mut Vec<Field>,
) -> Result<Vec<Field>> {
    let mut there = Vec::new();
    for name in names(&text_of(param)) {
        let (from, to) = name.split_once("->").unwrap_or((&name, &name));
        here.push(scope.column(from.trim(), param.at)?);
        there.push(scope.column_in(dataset, other, to.trim(), param.at)?);
    }
    Ok(there)
}

/// Whether no two rows have the same key.
fn unique_key(
    scope: &mut Scope<'_>,
    rows: LogicalPlan,
    keys: &[Field],
    label: &str,
    at: At,
) -> Result<Test> {
    let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    let name = format!("keys {label} {names:?}");
    let plan = || {
        let groups: Vec<Expr> =
            keys.iter().enumerate().map(|(i, k)| k.expr.clone().alias(format!("v{i}"))).collect();
        let n = || datafusion::logical_expr::ident("n");
        LogicalPlanBuilder::from(rows)
            .aggregate(groups, [count(lit(1_i64)).alias("n")])?
            .aggregate(Vec::<Expr>::new(), [count(lit(1_i64)).alias("m0"), sum(n()).alias("m1")])?
            .build()
    };
    let slots = scope.measures.own(name, plan);
    let [keys, rows] = slots.map_err(|error| scope.engine(at, &error))?;
    // Without rows there is nothing that could be there twice.
    let value = Value::made([keys, rows], |values| match values {
        [Some(keys), rows] if rows.unwrap_or(0.0) > *keys => None,
        _ => Some(1.0),
    });
    Ok(Test {
        metric: None,
        value,
        asked: NumberTest::is_one(),
        said: None,
        empty: Empty::Fails(REPEATED_KEYS),
    })
}
