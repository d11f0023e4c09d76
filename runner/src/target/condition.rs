//! Conditions that are left to the database: what they are, how they are asked, and which of an expression's there are.

use std::collections::HashMap;

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};
use datafusion::scalar::ScalarValue;

use crate::target::ColumnDef;

/// A condition on a row that the database can evaluate.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A column is compared with a value.
    Compares(Filter),
    /// A column is NULL, or is not.
    Null {
        /// The column's name.
        column: String,
        /// Whether it is.
        is_null: bool,
    },
    /// One in the database's own SQL, such as [`ColumnDef::is_set`].
    Holds(String),
    /// All conditions of at least one of these.
    Any(Vec<Vec<Condition>>),
}

/// What a database is asked for, with the values of its parameters in order.
#[derive(Debug)]
pub(crate) struct Asked<V> {
    pub(crate) sql: String,
    pub(crate) values: Vec<V>,
}

/// What is asked for a condition; `None` if the database is not to be asked.
pub(crate) type MayAsk<V, E> = std::result::Result<Option<Asked<V>>, E>;

impl Condition {
    /// The condition in SQL, of which `comparison` gives those of comparisons and `quote` names; `None` if the database is not
    /// to be asked. More rows may meet it than should, never fewer.
    ///
    /// # Errors
    /// Those of `comparison`.
    pub(crate) fn asked<V, E>(
        &self,
        quote: &dyn Fn(&str) -> String,
        comparison: &dyn Fn(&Filter) -> MayAsk<V, E>,
    ) -> MayAsk<V, E> {
        let branches = match self {
            Self::Compares(filter) => return comparison(filter),
            Self::Null { column, is_null } => {
                let is = if *is_null { "IS NULL" } else { "IS NOT NULL" };
                let sql = format!("{} {is}", quote(column));
                return Ok(Some(Asked { sql, values: Vec::new() }));
            }
            Self::Holds(sql) => {
                return Ok(Some(Asked { sql: format!("({sql})"), values: Vec::new() }));
            }
            Self::Any(branches) => branches,
        };
        let (mut any, mut values) = (Vec::with_capacity(branches.len()), Vec::new());
        for branch in branches {
            let mut all = Vec::with_capacity(branch.len());
            for condition in branch {
                if let Some(asked) = condition.asked(quote, comparison)? {
                    all.push(asked.sql);
                    values.extend(asked.values);
                }
            }
            match all.as_slice() {
                // Nothing of it is asked, so every row may meet it.
                [] => return Ok(None),
                [one] => any.push(one.clone()),
                all => any.push(format!("({})", all.join(" AND "))),
            }
        }
        Ok((!any.is_empty()).then(|| Asked { sql: format!("({})", any.join(" OR ")), values }))
    }
}

/// The metadata of a field to be read that is no column, but says whether this condition in the database's SQL holds.
const HOLDS: &str = "unglue:holds";

/// A field that says whether a column is set in a row ([`ColumnDef::is_set`]); `None` if that cannot be told.
pub(crate) fn set_flag(column: &ColumnDef) -> Option<Field> {
    let condition = column.is_set.clone()?;
    let field = Field::new(column.name.to_ascii_lowercase(), DataType::Boolean, false);
    Some(field.with_metadata(HashMap::from([(HOLDS.to_owned(), condition)])))
}

/// Whether a field is such a flag.
pub(crate) fn is_flag(field: &Field) -> bool {
    field.metadata().contains_key(HOLDS)
}

/// What is selected for a field: its column, else the condition.
pub(crate) fn selected(field: &Field, quote: &dyn Fn(&str) -> String) -> String {
    match field.metadata().get(HOLDS) {
        Some(condition) => format!("({condition})"),
        None => quote(field.name()),
    }
}

impl From<Filter> for Condition {
    fn from(filter: Filter) -> Self {
        Self::Compares(filter)
    }
}

/// A comparison of a column with a value.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The column's name.
    pub column: String,
    /// How they are compared.
    pub comparison: Comparison,
    /// The value; never NULL.
    pub value: ScalarValue,
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The operator in SQL.
    #[must_use]
    pub fn operator(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// The most values of an `IN` that a database is asked for: each is a comparison of its own.
pub(crate) const VALUES_MAX: usize = 200;

/// Conditions that every row meets which an expression is true of; `None` if there are none that a database could be asked for.
pub(super) fn conditions(expr: &Expr, schema: &Schema) -> Option<Vec<Condition>> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            match (conditions(left, schema), conditions(right, schema)) {
                (Some(left), Some(right)) => Some(left.into_iter().chain(right).collect()),
                (left, right) => left.or(right),
            }
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let mut branches = Vec::new();
            for side in [left, right] {
                let mut found = conditions(side, schema)?;
                match found.as_mut_slice() {
                    [Condition::Any(inner)] => branches.append(inner),
                    _ => branches.push(found),
                }
            }
            (branches.len() <= VALUES_MAX).then(|| vec![Condition::Any(branches)])
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let filter = comparison(left, *op, right, schema)
                .or_else(|| comparison(right, op.swap()?, left, schema))?;
            Some(vec![filter.into()])
        }
        Expr::Between(Between { expr, negated: false, low, high }) => Some(vec![
            comparison(expr, Operator::GtEq, low, schema)?.into(),
            comparison(expr, Operator::LtEq, high, schema)?.into(),
        ]),
        Expr::InList(InList { expr, list, negated }) if list.len() <= VALUES_MAX => {
            let op = if *negated { Operator::NotEq } else { Operator::Eq };
            let one = |value: &Expr| comparison(expr, op, value, schema).map(Condition::from);
            let all: Vec<Condition> = list.iter().map(one).collect::<Option<_>>()?;
            match negated {
                true => Some(all),
                false => Some(vec![Condition::Any(all.into_iter().map(|one| vec![one]).collect())]),
            }
        }
        Expr::IsNull(expr) => null(expr, true, schema),
        Expr::IsNotNull(expr) => null(expr, false, schema),
        Expr::Column(_) => truth(expr, true, schema),
        Expr::Not(expr) => truth(expr, false, schema),
        _ => None,
    }
}

fn null(expr: &Expr, is_null: bool, schema: &Schema) -> Option<Vec<Condition>> {
    let Expr::Column(column) = expr else { return None };
    let column = schema.field_with_name(&column.name).ok()?.name().clone();
    Some(vec![Condition::Null { column, is_null }])
}

/// A column that is true or false by itself.
fn truth(column: &Expr, is_true: bool, schema: &Schema) -> Option<Vec<Condition>> {
    let value = Expr::Literal(ScalarValue::Boolean(Some(is_true)), None);
    Some(vec![comparison(column, Operator::Eq, &value, schema)?.into()])
}

fn comparison(column: &Expr, op: Operator, value: &Expr, schema: &Schema) -> Option<Filter> {
    let (Expr::Column(column), Expr::Literal(value, _)) = (column, value) else { return None };
    let comparison = match op {
        Operator::Eq => Comparison::Equal,
        Operator::NotEq => Comparison::NotEqual,
        Operator::Lt => Comparison::Less,
        Operator::LtEq => Comparison::LessOrEqual,
        Operator::Gt => Comparison::Greater,
        Operator::GtEq => Comparison::GreaterOrEqual,
        _ => return None,
    };
    // A value of another type would be compared by the database's rules of conversion.
    let field = schema.field_with_name(&column.name).ok()?;
    let fits = field.data_type() == &value.data_type() && !value.is_null();
    fits.then(|| Filter { column: column.name.clone(), comparison, value: value.clone() })
}

/// Whether the text of a default is a constant's: outside quotes nothing is called, no operator but a sign, no `CURRENT_…`.
pub(crate) fn is_constant(default: &str) -> bool {
    let mut outside = String::new();
    // Each second part is within quotes; a doubled quote makes an empty one outside.
    for part in default.split('\'').step_by(2) {
        outside.push_str(part);
    }
    !outside.contains(['(', '|']) && !outside.to_ascii_lowercase().contains("current_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_constant_unless_it_is_computed() {
        for default in ["0", "-1.5", "'new'", "''", "'it''s (new)'", "x'00'", "TRUE", "new"] {
            assert!(is_constant(default), "{default}");
        }
        for default in
            ["CURRENT_TIMESTAMP", "current_timestamp(6)", "uuid()", "random()", "'a' || lower('B')"]
        {
            assert!(!is_constant(default), "{default}");
        }
    }
}
