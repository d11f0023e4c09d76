//! From a ruleset to what to measure: whether its rules fit a model, before any row is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::common::TableReference;
use datafusion::datasource::ViewTable;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::LogicalPlan;

use crate::place::DefinitionError;
use crate::sql;

use super::catalog::{Kind, kind_of};
use super::judge::{Judged, RuleResult, Tree};
use super::measure::{Measured, Measures, Value, Verdict};
use super::references::share;
use super::resolve::resolve;
use super::scope::{PRIMARY, Result, Scope, raw_text, test, text_of, unescaped};
use super::syntax::{At, Condition, Label, Leaf, Rule, Ruleset};
use super::{EXPANDED_BYTES_MAX, custom_sql, data_type, groups, references, rows, statistics};

/// What rules are checked against.
#[expect(missing_debug_implementations, reason = "a session has none")]
pub struct Subject<'a> {
    /// The ruleset's file, for messages.
    pub file: &'a str,
    /// The model.
    pub model: &'a str,
    /// Its rows.
    pub rows: LogicalPlan,
    /// Where the job's sources and models are tables. `primary` becomes the model's rows.
    pub context: &'a SessionContext,
    /// What `now()` is.
    pub now: DateTime<Utc>,
}

/// Rules that fit their model.
#[derive(Debug)]
pub struct Checked {
    plans: Vec<Option<LogicalPlan>>,
    rules: Vec<Judged>,
}

impl Checked {
    /// The plans to run, of whose results [`super::row`] makes what is judged; where there is none, nothing is to be run.
    #[must_use]
    pub fn plans(&self) -> &[Option<LogicalPlan>] {
        &self.plans
    }

    /// What came of each rule, in their order, from the rows that the plans gave.
    #[must_use]
    pub fn judge(&self, measured: &Measured) -> Vec<RuleResult> {
        self.rules.iter().map(|rule| rule.judge(measured)).collect()
    }
}

/// Checks a ruleset against a model, and plans what it measures.
///
/// # Errors
/// With line and column: rules that there are not or that cannot be evaluated, columns, models and sources that there are not,
/// conditions that do not fit a column's type, SQL that does not plan.
pub async fn check(ruleset: &Ruleset, subject: Subject<'_>) -> Result<Checked> {
    let Subject { file, model, rows, context, now } = subject;
    let at = At { line: 1, column: 1 };
    let engine = |error| sql::explain(file, &error).at(at.line, at.column);
    let view = Arc::new(ViewTable::new(rows, None));
    let primary = TableReference::bare(PRIMARY);
    // A session is made for these rules only; what had this name is not to be seen.
    let _other = context.deregister_table(primary.clone()).map_err(engine)?;
    let _none = context.register_table(primary.clone(), view).map_err(engine)?;
    let rows = context.table(primary).await.map_err(engine)?.into_unoptimized_plan();
    let mut scope = Scope { file, model, context, rows, now, measures: Measures::default() };
    for (name, at) in &ruleset.additional {
        let _exists = scope.dataset(name, *at).await?;
    }
    let mut verdicts = Vec::new();
    let mut rules = Vec::new();
    let mut bytes = 0;
    for rule in &ruleset.rules {
        let resolved = resolved(file, rule, ruleset)?;
        let evaluated = resolved.to_string();
        bytes += evaluated.len();
        if bytes > EXPANDED_BYTES_MAX {
            let message = format!(
                "the rules are more than {EXPANDED_BYTES_MAX} bytes with their variables worked out"
            );
            return Err(scope.error(rule.at(), message).help("name fewer values"));
        }
        for leaf in leaves(&resolved) {
            verdicts.push(verdict(&mut scope, leaf).await?);
        }
        let mut verdicts = verdicts.drain(..);
        let tree = tree(&resolved, &mut verdicts);
        rules.push(Judged {
            at: rule.at(),
            rule: rule.to_string(),
            evaluated,
            labels: labels(&ruleset.default_labels, rule.labels()),
            tree,
        });
    }
    let plans = scope.measures.plans(&scope.rows).map_err(engine)?;
    Ok(Checked { plans, rules })
}

fn resolved(file: &str, rule: &Rule, ruleset: &Ruleset) -> Result<Rule> {
    Ok(match rule {
        Rule::Leaf(leaf) => Rule::Leaf(resolve(file, leaf, &ruleset.variables)?),
        Rule::Composite { operator, rules, labels } => Rule::Composite {
            operator: *operator,
            rules: rules.iter().map(|rule| resolved(file, rule, ruleset)).collect::<Result<_>>()?,
            labels: labels.clone(),
        },
    })
}

/// The single rules of a rule, in order.
fn leaves(rule: &Rule) -> Vec<&Leaf> {
    match rule {
        Rule::Leaf(leaf) => vec![leaf],
        Rule::Composite { rules, .. } => rules.iter().flat_map(leaves).collect(),
    }
}

/// The verdicts of the leaves as the leaves are combined.
fn tree(rule: &Rule, verdicts: &mut impl Iterator<Item = Verdict>) -> Tree {
    match rule {
        // There is one for each.
        Rule::Leaf(_) => Tree::Leaf(verdicts.next().unwrap_or(Verdict::Tests(Vec::new()))),
        Rule::Composite { operator, rules, .. } => Tree::Composite(
            *operator,
            rules.iter().map(|rule| tree(rule, &mut *verdicts)).collect(),
        ),
    }
}

/// A rule's own labels come before the ruleset's.
fn labels(default: &[Label], own: &[Label]) -> BTreeMap<String, String> {
    let all = default.iter().chain(own);
    all.map(|label| (unescaped(&label.key), unescaped(&label.value))).collect()
}

async fn verdict(scope: &mut Scope<'_>, leaf: &Leaf) -> Result<Verdict> {
    let kind = kind_of(scope.file, leaf)?;
    let filter = &scope.filter(leaf).await?;
    let at = leaf.at;
    let file = scope.file;
    let condition = || -> Result<&Condition> {
        let lacking = || DefinitionError::in_file(file, "no condition").at(at.line, at.column);
        leaf.condition.as_ref().ok_or_else(lacking)
    };
    match kind {
        Kind::RowCount => {
            let asked = scope.number_test(leaf.condition.as_ref())?;
            let value = Value::of(scope.row_count(filter, at)?);
            Ok(Verdict::Tests(vec![test("Dataset.*.RowCount".to_owned(), value, asked, filter)]))
        }
        Kind::Completeness | Kind::IsComplete => {
            let asked = scope.number_test(leaf.condition.as_ref())?;
            let mut tests = Vec::new();
            for param in &leaf.params {
                let field = scope.column_of(param)?;
                tests.push(groups::completeness(scope, &field, asked.clone(), filter, at)?);
            }
            Ok(Verdict::Tests(tests))
        }
        Kind::ColumnCount | Kind::ColumnExists | Kind::ColumnNamesMatchPattern => {
            of_names(scope, kind, leaf)
        }
        Kind::ColumnValues => rows::column_values(scope, leaf, condition()?, filter),
        Kind::ColumnLength => rows::column_length(scope, leaf, condition()?, filter),
        Kind::DataFreshness => rows::freshness(scope, leaf, condition()?, filter),
        Kind::ColumnDataType => data_type::verdict(scope, leaf, condition()?, filter),
        Kind::CustomSql => custom_sql::verdict(scope, leaf).await,
        Kind::ReferentialIntegrity
        | Kind::SchemaMatch
        | Kind::AggregateMatch
        | Kind::RowCountMatch
        | Kind::DatasetMatch => references::verdict(scope, kind, leaf).await,
        Kind::Uniqueness
        | Kind::IsUnique
        | Kind::IsPrimaryKey
        | Kind::UniqueValueRatio
        | Kind::DistinctValuesCount
        | Kind::DuplicateRowCount
        | Kind::Entropy => groups::verdict(scope, kind, leaf, filter),
        Kind::ZerosCount
        | Kind::Mean
        | Kind::Sum
        | Kind::Range
        | Kind::StandardDeviation
        | Kind::Variance
        | Kind::Skewness
        | Kind::Kurtosis
        | Kind::ColumnCorrelation => statistics::verdict(scope, kind, leaf, filter),
    }
}

/// Rules on the columns' names, which need no rows.
fn of_names(scope: &Scope<'_>, kind: Kind, leaf: &Leaf) -> Result<Verdict> {
    let fields = scope.rows.schema().fields();
    let param = leaf.params.first().map(|param| (text_of(param), param.at));
    let (name, value, failure) = match (kind, param) {
        (Kind::ColumnExists, Some((name, _))) => {
            let is_there = scope.find(&scope.rows, &name).is_some();
            let failure = (!is_there).then(|| format!("Column {name} does not exist"));
            (format!("Dataset.{name}.ColumnExists"), if is_there { 1.0 } else { 0.0 }, failure)
        }
        (Kind::ColumnNamesMatchPattern, Some((_, at))) => {
            let raw = leaf.params.first().map(raw_text).unwrap_or_default();
            let pattern = rows::check_pattern(scope, raw, at)?;
            let names = fields.iter().map(|field| field.name().as_str());
            let unlike: Vec<&str> = names.filter(|name| !pattern.is_match(name)).collect();
            let failure = (!unlike.is_empty())
                .then(|| format!("Columns that do not match the pattern: {}", unlike.join(", ")));
            let ratio = share(fields.len() - unlike.len(), fields.len());
            ("Dataset.*.ColumnNamesPatternMatchRatio".to_owned(), ratio, failure)
        }
        _ => {
            let asked = scope.number_test(leaf.condition.as_ref())?;
            let count = f64::from(u32::try_from(fields.len()).unwrap_or(u32::MAX));
            let failure = (!asked.holds(count))
                .then(|| format!("Value: {count:?} does not meet the constraint requirement!"));
            ("Dataset.*.ColumnCount".to_owned(), count, failure)
        }
    };
    Ok(Verdict::Known { metric: Some((name, value)), failure })
}

#[cfg(test)]
mod tests;
