//! `ColumnDataType`: the share of rows whose value can be had in a type.

use datafusion::arrow::compute::can_cast_types;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::functions::regex::expr_fn::{regexp_like, regexp_replace};
use datafusion::logical_expr::{Expr, cast, lit, not, try_cast, when};

use super::measure::{Empty, Test, Verdict};
use super::number::NumberTest;
use super::scope::{Field, Filter, Result, Scope, test, texts};
use super::syntax::{At, Condition, Leaf, Operator};

/// The types, as Glue names them.
const TYPES: &str = "Boolean, Date, Timestamp, Integer, Long, Float, Double or Decimal(p,s)";

/// The verdict. NULL is of no type. Without rows the rule has passed, as `RuleEvaluationHelper` of deequ has it.
pub(super) fn verdict(
    scope: &mut Scope<'_>,
    leaf: &Leaf,
    condition: &Condition,
    filter: &Filter,
) -> Result<Verdict> {
    let (field, at) = (scope.column_of_rule(leaf)?, condition.at);
    let is_equal = match condition.operator {
        Operator::Equal => true,
        Operator::NotEqual => false,
        _ => return Err(scope.error(at, "`ColumnDataType` compares by `=` or `!=`")),
    };
    let names = texts(&condition.operands);
    let wanted = names.first().and_then(|name| type_of(name));
    let Some(wanted) = wanted else {
        return Err(scope
            .error(at, "a type that Glue does not know")
            .help(format!("write {TYPES}")));
    };
    let format = match leaf.tags.iter().find(|tag| tag.name == "format") {
        None => None,
        Some(tag) if wanted != DataType::Date32 => {
            return Err(scope.error(tag.at, "`with format` is for dates"));
        }
        Some(tag) => match (tag.condition.operator, texts(&tag.condition.operands).as_slice()) {
            (Operator::Equal, [format]) => Some((format.clone(), tag.at)),
            _ => return Err(scope.error(tag.at, "`with format` takes `= \"…\"`")),
        },
    };
    let is_it = match format {
        // No number with a fraction is a day, and the like.
        None if !can_cast_types(&field.data_type, &wanted) => lit(false),
        None => try_cast(field.expr.clone(), wanted).is_not_null(),
        Some((format, at)) => formatted(scope, &field, &format, at)?,
    };
    let is_it = if is_equal { is_it } else { not(is_it) };
    let value = scope.share_of(is_it, filter, at)?;
    let asked = scope.threshold(leaf)?.unwrap_or_else(NumberTest::is_one);
    let metric = format!("Column.{}.ColumnDataType.Compliance", field.name);
    let test = Test { empty: Empty::Passes, ..test(metric, value, asked, filter) };
    Ok(Verdict::Tests(vec![test]))
}

fn type_of(name: &str) -> Option<DataType> {
    let name = name.to_uppercase();
    if let Some(digits) = name.strip_prefix("DECIMAL(").and_then(|rest| rest.strip_suffix(')')) {
        let (precision, scale) = digits.split_once(',')?;
        let (precision, scale): (u8, i8) =
            (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
        let fits = (1..=38).contains(&precision) && scale >= 0 && scale.unsigned_abs() <= precision;
        return fits.then_some(DataType::Decimal128(precision, scale));
    }
    Some(match name.as_str() {
        "BOOLEAN" => DataType::Boolean,
        "DATE" => DataType::Date32,
        "TIMESTAMP" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "INTEGER" => DataType::Int32,
        "LONG" => DataType::Int64,
        "FLOAT" => DataType::Float32,
        "DOUBLE" => super::DOUBLE,
        _ => return None,
    })
}

/// Whether a text is a day in a format: `dd`, `MM` and `yyyy` with `-` or `/` between them, of which one may be lacking. The lacking
/// ones are the first of a month and the year 2000, as in `ColumnDataTypeRule` of deequ.
fn formatted(scope: &Scope<'_>, field: &Field, format: &str, at: At) -> Result<Expr> {
    let separator = if format.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = format.split(separator).collect();
    let place = |part: &str| parts.iter().position(|other| *other == part);
    let known = parts.iter().all(|part| matches!(*part, "dd" | "MM" | "yyyy"));
    let (Some(month), true, true) =
        (place("MM"), known, matches!(parts.len(), 2 | 3) && parts.len() == count(&parts))
    else {
        let error = scope.error(at, "a format that Glue does not know");
        return Err(
            error.help("write dd, MM and yyyy, or two of them with MM, with - or / between")
        );
    };
    // yyyy-dd-MM and the like are none of Glue's.
    let is_known = match parts.as_slice() {
        [_, middle, last] => *last == "yyyy" && *middle != "yyyy" || parts == ["yyyy", "MM", "dd"],
        _ => true,
    };
    if !is_known {
        return Err(scope.error(at, "a format that Glue does not know"));
    }
    let group = |index: Option<usize>, lacking: &str| match index {
        Some(index) => format!("${{{}}}", index + 1),
        None => lacking.to_owned(),
    };
    let digits = parts.iter().map(|part| format!("([0-9]{{{}}})", part.len()));
    let pattern = format!("^{}$", digits.collect::<Vec<_>>().join(&separator.to_string()));
    let day = format!(
        "{}-{}-{}",
        group(place("yyyy"), "2000"),
        group(Some(month), ""),
        group(place("dd"), "01")
    );
    let text = match field.is_text() {
        true => field.expr.clone(),
        false => cast(field.expr.clone(), DataType::Utf8),
    };
    let date = try_cast(
        regexp_replace(text.clone(), lit(pattern.as_str()), lit(day), None),
        DataType::Date32,
    );
    let mut is_day = when(regexp_like(text, lit(pattern), None), date.is_not_null());
    is_day.otherwise(lit(false)).map_err(|error| scope.engine(at, &error))
}

/// How many different ones there are.
fn count(parts: &[&str]) -> usize {
    parts.iter().collect::<std::collections::BTreeSet<_>>().len()
}
