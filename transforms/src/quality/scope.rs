//! What rules may name: the columns of the model, `where` conditions over them, other datasets.

use chrono::{DateTime, Utc};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Column, TableReference};
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionContext;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, LogicalPlan, lit, when};

use crate::place::DefinitionError;
use crate::session::{CATALOG, SCHEMA};
use crate::sql::{self, Dialect};

use super::measure::{Empty, Measures, Slot, Test, Value};
use super::number::{NumberTest, value_of};
use super::syntax::{At, Condition, Leaf, Operand, Operator, Param, ParamValue};

pub(super) type Result<T> = std::result::Result<T, DefinitionError>;

/// The name of the model's rows in SQL.
pub(super) const PRIMARY: &str = "primary";

/// What a rule without values has failed by: deequ's `EmptyStateException`.
pub(super) const NO_VALUES: &str = "there are no values: no rows, or only NULL";

/// Where rules are checked.
pub(super) struct Scope<'a> {
    pub(super) file: &'a str,
    pub(super) model: &'a str,
    /// Sources and models are its tables, and the model's rows are `primary`.
    pub(super) context: &'a SessionContext,
    /// The model's rows.
    pub(super) rows: LogicalPlan,
    pub(super) now: DateTime<Utc>,
    pub(super) measures: Measures,
}

/// A column.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) data_type: DataType,
    pub(super) expr: Expr,
}

impl Field {
    pub(super) fn is_text(&self) -> bool {
        self.data_type == DataType::Utf8
    }
}

/// The rows that a rule is about: all, or those for which `where` is true.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// Its SQL.
    pub(super) text: String,
    pub(super) expr: Option<Expr>,
}

impl Filter {
    /// The value in rows that count, else NULL, which aggregates pass over.
    pub(super) fn given(&self, value: Expr, scope: &Scope<'_>, at: At) -> Result<Expr> {
        match &self.expr {
            None => Ok(value),
            Some(filter) => when(filter.clone(), value).end().map_err(|e| scope.engine(at, &e)),
        }
    }

    /// Without a value, a rule with a filter has passed, one without has failed: `AnalysisBasedConstraint` of deequ.
    pub(super) fn empty(&self) -> Empty {
        match &self.expr {
            None => Empty::Fails(NO_VALUES),
            Some(_) => Empty::Passes,
        }
    }
}

impl Scope<'_> {
    pub(super) fn error(&self, at: At, message: impl Into<String>) -> DefinitionError {
        DefinitionError::in_file(self.file, message).at(at.line, at.column)
    }

    /// An error of building a plan, at the rule that it is for.
    pub(super) fn engine(&self, at: At, error: &DataFusionError) -> DefinitionError {
        at_rule(sql::explain(self.file, error), at)
    }

    /// The model's column of that name. Case tells no columns apart in Glue.
    pub(super) fn column(&self, name: &str, at: At) -> Result<Field> {
        self.find(&self.rows, name).ok_or_else(|| {
            let message = format!("model `{}` has no column `{name}`", self.model);
            self.no_column(at, message, &self.rows, name)
        })
    }

    /// The column of a parameter.
    pub(super) fn column_of(&self, param: &Param) -> Result<Field> {
        self.column(&text_of(param), param.at)
    }

    /// The column that a rule is about.
    pub(super) fn column_of_rule(&self, leaf: &Leaf) -> Result<Field> {
        match leaf.params.first() {
            Some(param) => self.column_of(param),
            None => Err(self.error(leaf.at, "no column")),
        }
    }

    /// A column of another dataset.
    pub(super) fn column_in(
        &self,
        dataset: &str,
        plan: &LogicalPlan,
        name: &str,
        at: At,
    ) -> Result<Field> {
        self.find(plan, name).ok_or_else(|| {
            self.no_column(at, format!("`{dataset}` has no column `{name}`"), plan, name)
        })
    }

    /// The column by its exact name, else regardless of case.
    pub(super) fn find(&self, plan: &LogicalPlan, name: &str) -> Option<Field> {
        let name = name.strip_prefix('`').and_then(|n| n.strip_suffix('`')).unwrap_or(name);
        let named = |is_it: &dyn Fn(&str) -> bool| {
            plan.schema().iter().find(|(_, field)| is_it(field.name()))
        };
        let found = named(&|other| other == name);
        let (qualifier, field) =
            found.or_else(|| named(&|other| other.eq_ignore_ascii_case(name)))?;
        Some(Field {
            name: field.name().clone(),
            data_type: field.data_type().clone(),
            expr: Expr::Column(Column::new(qualifier.cloned(), field.name())),
        })
    }

    fn no_column(
        &self,
        at: At,
        message: String,
        plan: &LogicalPlan,
        name: &str,
    ) -> DefinitionError {
        let names: Vec<&str> = plan.schema().fields().iter().map(|f| f.name().as_str()).collect();
        let error = self.error(at, message);
        match sql::nearest(name, names.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("there are the columns {}", names.join(", "))),
        }
    }

    /// A column whose values are numbers.
    pub(super) fn number_column(&self, param: &Param, rule: &str) -> Result<Field> {
        let field = self.column_of(param)?;
        if field.data_type.is_numeric() {
            return Ok(field);
        }
        let message = format!("`{}` holds no numbers, and `{rule}` is of numbers", field.name);
        Err(self.error(param.at, message).help("convert it in the model, such as by CAST"))
    }

    /// The rows of another model or source of the job.
    pub(super) async fn dataset(&self, name: &str, at: At) -> Result<LogicalPlan> {
        let names = self.dataset_names();
        let Some(known) = names.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            let error = self.error(at, format!("there is no source or model `{name}`"));
            let names = names.iter().map(String::as_str).filter(|name| *name != PRIMARY);
            return Err(match sql::nearest(name, names.clone()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("there are {}", names.collect::<Vec<_>>().join(", "))),
            });
        };
        let table = self.context.table(TableReference::bare(known.as_str())).await;
        table.map(DataFrame::into_unoptimized_plan).map_err(|error| self.engine(at, &error))
    }

    fn dataset_names(&self) -> Vec<String> {
        let schema = self.context.catalog(CATALOG).and_then(|catalog| catalog.schema(SCHEMA));
        let mut names = schema.map(|schema| schema.table_names()).unwrap_or_default();
        names.sort();
        names
    }

    /// The plan of a statement of the user's that stands in a text of a rule.
    pub(super) async fn sql(&self, text: &str, at: At) -> Result<LogicalPlan> {
        let plan = async {
            let statement = sql::parse_select(Dialect::of(&self.context.state()), self.file, text)?;
            sql::plan(&self.context.state(), self.file, statement).await
        };
        plan.await.map_err(|error| at_rule(error, at))
    }

    /// The rows that a rule is about.
    pub(super) async fn filter(&self, leaf: &Leaf) -> Result<Filter> {
        let Some((raw, at)) = &leaf.filter else { return Ok(Filter::default()) };
        let text = sql_of(raw);
        let plan = self.sql(&format!("SELECT * FROM {PRIMARY} WHERE (\n{text}\n)"), *at).await?;
        // What is more than one condition would be another statement.
        let is_whole = sql::is_expression(Dialect::of(&self.context.state()), &text);
        let predicate = match plan.inputs().first() {
            Some(LogicalPlan::Filter(filter)) if is_whole => filter.predicate.clone(),
            _ => return Err(self.error(*at, "`where` is not one condition")),
        };
        let is_subquery = |expr: &Expr| {
            let found = matches!(
                expr,
                Expr::InSubquery(_)
                    | Expr::Exists(_)
                    | Expr::ScalarSubquery(_)
                    | Expr::SetComparison(_)
            );
            Ok(found)
        };
        if predicate.exists(is_subquery).unwrap_or(true) {
            let error = self.error(*at, "a SELECT within `where`");
            return Err(error.help("say it with CustomSql, or compute a column in the model"));
        }
        Ok(Filter { text, expr: Some(predicate) })
    }

    /// How many rows there are.
    pub(super) fn row_count(&mut self, filter: &Filter, at: At) -> Result<Slot> {
        let one = filter.given(lit(1_i64), self, at)?;
        Ok(self.measures.shared(count(one)))
    }

    /// In how many rows something is true.
    pub(super) fn count_of(&mut self, is_it: Expr, filter: &Filter, at: At) -> Result<Slot> {
        let one = when(is_it, lit(1_i64)).end().map_err(|error| self.engine(at, &error))?;
        let one = filter.given(one, self, at)?;
        Ok(self.measures.shared(count(one)))
    }

    /// In which share of the rows something is true.
    pub(super) fn share_of(&mut self, is_it: Expr, filter: &Filter, at: At) -> Result<Value> {
        let part = self.count_of(is_it, filter, at)?;
        Ok(Value::ratio(part, self.row_count(filter, at)?))
    }

    /// The condition on a number.
    pub(super) fn number_test(&self, condition: Option<&Condition>) -> Result<NumberTest> {
        let Some(condition) = condition else { return Ok(NumberTest::is_one()) };
        let numbers: Option<Vec<f64>> = condition.operands.iter().map(value_of).collect();
        let is_pattern = matches!(condition.operator, Operator::Matches | Operator::NotMatches);
        match numbers {
            Some(numbers) if !is_pattern => Ok(NumberTest::new(condition.operator, numbers)),
            _ => Err(self.error(condition.at, "a condition on a number was expected")),
        }
    }

    /// What `with threshold` asks of the share of rows; without it all rows are asked for.
    pub(super) fn threshold(&self, leaf: &Leaf) -> Result<Option<NumberTest>> {
        let tag = leaf.tags.iter().find(|tag| tag.name == "threshold");
        tag.map(|tag| self.number_test(Some(&tag.condition))).transpose()
    }
}

/// A test of a metric, with the outcome that a filter gives to a rule without values.
pub(super) fn test(metric: String, value: Value, asked: NumberTest, filter: &Filter) -> Test {
    Test { metric: Some(metric), value, asked, said: None, empty: filter.empty() }
}

/// The place in a text says nothing to whoever reads the file.
fn at_rule(error: DefinitionError, at: At) -> DefinitionError {
    error.at(at.line, at.column)
}

/// A parameter as text.
pub(super) fn text_of(param: &Param) -> String {
    match &param.value {
        ParamValue::Text(text) => unescaped(text),
        ParamValue::Word(word) => word.clone(),
        // There is none left after they have been resolved.
        ParamValue::Variable(name) => format!("${name}"),
    }
}

/// A parameter as it is written, for patterns, where a backslash is one.
pub(super) fn raw_text(param: &Param) -> &str {
    match &param.value {
        ParamValue::Text(text) | ParamValue::Word(text) | ParamValue::Variable(text) => text,
    }
}

/// SQL in quotes: only quotes are escaped, a backslash is SQL's.
pub(super) fn sql_of(text: &str) -> String {
    text.replace("\\\"", "\"")
}

/// A value: a backslash makes the next character one of the text, as `StringUtils.removeEscapes` of awslabs/dqdl has it.
pub(super) fn unescaped(text: &str) -> String {
    let mut chars = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(char) = chars.next() {
        match char {
            '\\' => plain.extend(chars.next()),
            char => plain.push(char),
        }
    }
    plain
}

/// The texts of a condition, without its keywords.
pub(super) fn texts(operands: &[Operand]) -> Vec<String> {
    let text = |operand: &Operand| match operand {
        Operand::Text(text) => Some(unescaped(text)),
        _ => None,
    };
    operands.iter().filter_map(text).collect()
}
