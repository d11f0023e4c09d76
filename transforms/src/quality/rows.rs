//! Rules on each row's value: the share of rows that are as asked.

use chrono::{NaiveDate, TimeDelta};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::functions::expr_fn::{btrim, character_length};
use datafusion::functions::regex::expr_fn::regexp_like;
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{Expr, cast, lit, not, try_cast};

use super::DOUBLE;
use super::measure::{Empty, Test, Value, Verdict};
use super::number::{NumberTest, value_of};
use super::scope::{Field, Filter, Result, Scope, test, texts};
use super::syntax::{At, Condition, Keyword, Leaf, Operand, Operator, Shift, Span, SpanUnit};

const NULL_FOUND: &str = "NULL";

/// `ColumnValues`.
pub(super) fn column_values(
    scope: &mut Scope<'_>,
    leaf: &Leaf,
    condition: &Condition,
    filter: &Filter,
) -> Result<Verdict> {
    let field = scope.column_of_rule(leaf)?;
    let threshold = scope.threshold(leaf)?;
    let has = |is_it: fn(&Operand) -> bool| condition.operands.iter().any(is_it);
    let is_date = |operand: &Operand| date_of(operand, scope).is_some();
    let values =
        condition.operands.iter().filter(|o| !matches!(o, Operand::Keyword(Keyword::Null)));
    let is_pattern = matches!(condition.operator, Operator::Matches | Operator::NotMatches);
    let is_dates = !is_pattern && values.clone().count() > 0 && values.clone().all(is_date);
    if has(|operand| matches!(operand, Operand::Number(_))) {
        return numbers(scope, &field, condition, threshold, filter);
    }
    let is_it =
        if is_dates { dates(scope, &field, condition)? } else { text(scope, &field, condition)? };
    let name = if is_pattern { "PatternMatch" } else { "ColumnValues.Compliance" };
    let value = scope.share_of(is_it, filter, condition.at)?;
    let asked = threshold.unwrap_or_else(NumberTest::is_one);
    Ok(Verdict::Tests(vec![test(format!("Column.{}.{name}", field.name), value, asked, filter)]))
}

/// Conditions on numbers. Without a threshold, those that name a bound are judged by the least and the greatest value, and by
/// whether there is a NULL: `ColumnValuesRule.mkNumericCheck` of deequ. Glue has thresholds here too, deequ not: they are of rows.
fn numbers(
    scope: &mut Scope<'_>,
    field: &Field,
    condition: &Condition,
    threshold: Option<NumberTest>,
    filter: &Filter,
) -> Result<Verdict> {
    let at = condition.at;
    if !field.data_type.is_numeric() {
        let message = format!("`{}` holds no numbers, and is compared with one", field.name);
        let error = scope.error(at, message);
        return Err(
            error.help("write the values in \"quotes\", or convert the column in the model")
        );
    }
    let numbers: Vec<f64> = condition.operands.iter().filter_map(value_of).collect();
    let has_null = condition.operands.iter().any(|o| matches!(o, Operand::Keyword(Keyword::Null)));
    if numbers.len() + usize::from(has_null) < condition.operands.len() {
        return Err(scope.error(at, "numbers and other values in one condition"));
    }
    let metric = |name: &str| format!("Column.{}.{name}", field.name);
    let operator = condition.operator;
    let is_it = number_rows(scope, field, operator, &numbers, has_null, at)?;
    if let Some(asked) = threshold {
        let value = scope.share_of(is_it, filter, at)?;
        let name = metric("ColumnValues.Compliance");
        return Ok(Verdict::Tests(vec![test(name, value, asked, filter)]));
    }
    let bounds = match operator {
        Operator::Greater | Operator::GreaterOrEqual => [true, false],
        Operator::Less | Operator::LessOrEqual => [false, true],
        Operator::Equal => [true, true],
        _ => [false, false],
    };
    let mut tests = Vec::new();
    for (is_asked, is_least, name) in [(bounds[0], true, "Minimum"), (bounds[1], false, "Maximum")]
    {
        if is_asked {
            let value = filter.given(field.expr.clone(), scope, at)?;
            let slot = scope.measures.shared(if is_least { min(value) } else { max(value) });
            let asked = NumberTest::new(operator, numbers.clone());
            tests.push(test(metric(name), Value::of(slot), asked, filter));
        }
    }
    if tests.is_empty() {
        let value = scope.share_of(is_it, filter, at)?;
        tests.push(test(metric("ColumnValues.Compliance"), value, NumberTest::is_one(), filter));
    }
    if bounds != [false, false] || operator == Operator::Between {
        let value = scope.share_of(field.expr.clone().is_not_null(), filter, at)?;
        tests.push(Test {
            metric: None,
            said: Some(NULL_FOUND),
            // That there are no values has been said.
            empty: Empty::Passes,
            ..test(String::new(), value, NumberTest::is_one(), filter)
        });
    }
    Ok(Verdict::Tests(tests))
}

/// Whether a row's number is as asked. NULL is not, unless it is named, or what is asked is that it is another number.
fn number_rows(
    scope: &Scope<'_>,
    field: &Field,
    operator: Operator,
    numbers: &[f64],
    has_null: bool,
    at: At,
) -> Result<Expr> {
    let value = || cast(field.expr.clone(), DOUBLE);
    let is_null = || field.expr.clone().is_null();
    let among = |negated| value().in_list(numbers.iter().copied().map(lit).collect(), negated);
    Ok(match (operator, numbers, has_null) {
        (Operator::Greater, [bound], false) => value().gt(lit(*bound)),
        (Operator::GreaterOrEqual, [bound], false) => value().gt_eq(lit(*bound)),
        (Operator::Less, [bound], false) => value().lt(lit(*bound)),
        (Operator::LessOrEqual, [bound], false) => value().lt_eq(lit(*bound)),
        (Operator::Between, [from, to], false) => value().gt(lit(*from)).and(value().lt(lit(*to))),
        (Operator::NotBetween, [from, to], false) => {
            value().lt_eq(lit(*from)).or(value().gt_eq(lit(*to)))
        }
        (Operator::Equal | Operator::In, _, false) => among(false),
        (Operator::Equal | Operator::In, _, true) => among(false).or(is_null()),
        (Operator::NotEqual | Operator::NotIn, _, false) => is_null().or(among(true)),
        (Operator::NotEqual | Operator::NotIn, _, true) => among(true).and(not(is_null())),
        _ => return Err(scope.error(at, format!("`{operator}` takes no such values"))),
    })
}

/// Whether a row's text is as asked: `constructComplianceCondition` of deequ. Other types are compared as text.
fn text(scope: &Scope<'_>, field: &Field, condition: &Condition) -> Result<Expr> {
    let value = || match field.is_text() {
        true => field.expr.clone(),
        false => cast(field.expr.clone(), DataType::Utf8),
    };
    let has = |keyword| condition.operands.contains(&Operand::Keyword(keyword));
    let is_value = |operand: &Operand| matches!(operand, Operand::Text(_) | Operand::Keyword(_));
    if !condition.operands.iter().all(is_value) {
        let message = match condition.operands.len() {
            1 => "values of a kind that a column cannot have",
            _ => "texts and other values in one condition",
        };
        return Err(scope.error(condition.at, message));
    }
    let texts = texts(&condition.operands);
    let length = |text: Expr| character_length(text);
    let blank = || length(btrim(vec![value()])).eq(lit(0));
    let is_null = || field.expr.clone().is_null();
    let among =
        |negated| value().in_list(texts.iter().map(|text| lit(text.as_str())).collect(), negated);
    let (is_negated, has_texts) = match condition.operator {
        Operator::Equal | Operator::In => (false, !texts.is_empty()),
        Operator::NotEqual | Operator::NotIn => (true, !texts.is_empty()),
        Operator::Matches | Operator::NotMatches => return pattern(scope, value(), condition),
        operator => {
            let message = format!("`{operator}` is not for texts");
            let error = scope.error(condition.at, message);
            return Err(error.help("compare with a number or a date, \"2026-01-31\""));
        }
    };
    let parts = if is_negated {
        [
            has(Keyword::Null).then(|| not(is_null())),
            has(Keyword::Empty).then(|| value().not_eq(lit(""))),
            has(Keyword::WhitespacesOnly).then(|| not(blank()).or(length(value()).eq(lit(0)))),
            has_texts.then(|| is_null().or(among(true))),
        ]
    } else {
        [
            has(Keyword::Null).then(is_null),
            has(Keyword::Empty).then(|| value().eq(lit(""))),
            has(Keyword::WhitespacesOnly).then(|| blank().and(length(value()).gt(lit(0)))),
            has_texts.then(|| not(is_null()).and(among(false))),
        ]
    };
    let combined =
        parts.into_iter().flatten().reduce(if is_negated { Expr::and } else { Expr::or });
    combined.ok_or_else(|| scope.error(condition.at, "values of a kind that a column cannot have"))
}

/// Whether the whole text matches. NULL and the empty text never do, nor are they known not to, as in `PatternMatch` of deequ.
fn pattern(scope: &Scope<'_>, value: Expr, condition: &Condition) -> Result<Expr> {
    let [Operand::Text(pattern)] = condition.operands.as_slice() else {
        return Err(scope.error(condition.at, "a pattern in quotes was expected"));
    };
    check_pattern(scope, pattern, condition.at)?;
    // In parentheses, since `a|b` is a whole too; a comment of the pattern's own would hide what is put behind it.
    let whole = format!("^(?:{pattern})$");
    check_pattern(scope, &whole, condition.at)?;
    let matches = regexp_like(value.clone(), lit(whole), None);
    let is_match = if condition.operator == Operator::Matches { matches } else { not(matches) };
    Ok(value.not_eq(lit("")).and(is_match))
}

/// A pattern that the engine can run.
pub(super) fn check_pattern(scope: &Scope<'_>, pattern: &str, at: At) -> Result<regex::Regex> {
    regex::Regex::new(pattern).map_err(|error| {
        let last = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
        let reason = last.trim_start_matches("error: ");
        scope.error(at, format!("not a regular expression: {reason}")).help(
            "patterns have no look-around and no references to groups; the rest is as in Java",
        )
    })
}

/// Whether a row's day is as asked: `ColumnValuesRule.mkDateCheck` of deequ, for which a moment is its day.
fn dates(scope: &Scope<'_>, field: &Field, condition: &Condition) -> Result<Expr> {
    let at = condition.at;
    let day = || match &field.data_type {
        DataType::Date32 => Ok(field.expr.clone()),
        DataType::Timestamp(..) => Ok(cast(field.expr.clone(), DataType::Date32)),
        DataType::Utf8 => Ok(try_cast(field.expr.clone(), DataType::Date32)),
        _ => Err(scope.error(at, format!("`{}` is compared with a day and is none", field.name))),
    };
    let date = |operand: &Operand| date_of(operand, scope).map(|date| lit(days_of(date)));
    let dates: Vec<Expr> = condition.operands.iter().filter_map(date).collect();
    let has_null = dates.len() < condition.operands.len();
    let is_null = || field.expr.clone().is_null();
    let among = |negated| Ok(day()?.in_list(dates.clone(), negated));
    Ok(match (condition.operator, dates.as_slice(), has_null) {
        (Operator::Greater, [bound], false) => day()?.gt(bound.clone()),
        (Operator::GreaterOrEqual, [bound], false) => day()?.gt_eq(bound.clone()),
        (Operator::Less, [bound], false) => day()?.lt(bound.clone()),
        (Operator::LessOrEqual, [bound], false) => day()?.lt_eq(bound.clone()),
        (Operator::Between, [from, to], false) => {
            day()?.gt(from.clone()).and(day()?.lt(to.clone()))
        }
        (Operator::NotBetween, [from, to], false) => {
            is_null().or(day()?.lt_eq(from.clone())).or(day()?.gt_eq(to.clone()))
        }
        (Operator::Equal | Operator::In, _, false) => among(false)?,
        (Operator::Equal | Operator::In, _, true) => among(false)?.or(is_null()),
        (Operator::NotEqual | Operator::NotIn, _, false) => is_null().or(among(true)?),
        (Operator::NotEqual | Operator::NotIn, _, true) => among(true)?.and(not(is_null())),
        (operator, ..) => return Err(scope.error(at, format!("`{operator}` takes no such values"))),
    })
}

/// `"2026-01-31"`, `now()` and what is before or after it.
fn date_of(operand: &Operand, scope: &Scope<'_>) -> Option<NaiveDate> {
    match operand {
        Operand::Text(text) if text.len() == 10 => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
        Operand::Now(None) => Some(scope.now.date_naive()),
        Operand::Now(Some((shift, span))) => {
            let minutes = i64::try_from(minutes_of(*span)).ok()?;
            let minutes = TimeDelta::try_minutes(minutes)?;
            let moment = match shift {
                Shift::Before => scope.now.checked_sub_signed(minutes),
                Shift::After => scope.now.checked_add_signed(minutes),
            };
            Some(moment?.date_naive())
        }
        _ => None,
    }
}

fn days_of(date: NaiveDate) -> ScalarValue {
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    ScalarValue::Date32(i32::try_from(days).ok())
}

fn minutes_of(span: Span) -> u64 {
    span.amount
        * match span.unit {
            SpanUnit::Minutes => 1,
            SpanUnit::Hours => 60,
            SpanUnit::Days => 24 * 60,
        }
}

/// `DataFreshness`: ages in hours, rounded to hundredths as in deequ. Without rows the rule has passed.
pub(super) fn freshness(
    scope: &mut Scope<'_>,
    leaf: &Leaf,
    condition: &Condition,
    filter: &Filter,
) -> Result<Verdict> {
    let Some(param) = leaf.params.first() else { return Err(scope.error(leaf.at, "no column")) };
    let (field, at) = (scope.column_of(param)?, condition.at);
    let moment = DataType::Timestamp(TimeUnit::Microsecond, None);
    let moment = match &field.data_type {
        DataType::Date32 | DataType::Timestamp(..) => cast(field.expr.clone(), moment),
        DataType::Utf8 => try_cast(field.expr.clone(), moment),
        _ => {
            let message = format!("`{}` holds no dates or times", field.name);
            return Err(scope.error(param.at, message));
        }
    };
    let hours: Option<Vec<f64>> = condition.operands.iter().map(hours_of).collect();
    let Some(hours) = hours else {
        return Err(scope.error(at, "a time such as `24 hours` was expected"));
    };
    let micros = cast(moment, DataType::Int64);
    let seconds = lit(scope.now.timestamp()) - micros / lit(1_000_000_i64);
    let age = cast(seconds, DOUBLE) / lit(36.0);
    let age = datafusion::functions::math::expr_fn::round(vec![age]) / lit(100.0);
    let age = Field { expr: age, data_type: DOUBLE, ..field.clone() };
    // A moment that is not known is never as asked, nor is a text that is none.
    let is_it = number_rows(scope, &age, condition.operator, &hours, false, at)?;
    let is_it = is_it.and(age.expr.clone().is_not_null());
    let value = scope.share_of(is_it, filter, at)?;
    let metric = format!("Column.{}.DataFreshness.Compliance", field.name);
    let asked = NumberTest::is_one();
    let test = Test { empty: Empty::Passes, ..test(metric, value, asked, filter) };
    Ok(Verdict::Tests(vec![test]))
}

/// Minutes are rounded to ten thousandths of an hour, as in `DataFreshnessRule` of deequ.
fn hours_of(operand: &Operand) -> Option<f64> {
    let Operand::Span(span) = operand else { return None };
    // At most a million days.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let hours = minutes_of(*span) as f64 / 60.0;
    Some((hours * 10_000.0).round() / 10_000.0)
}

/// `ColumnLength`: in characters. With bounds the shortest and the longest text are judged and NULL is passed over.
/// Otherwise NULL is as a text without characters if 0 is named, as in deequ; else it fails `in` and passes the negations.
pub(super) fn column_length(
    scope: &mut Scope<'_>,
    leaf: &Leaf,
    condition: &Condition,
    filter: &Filter,
) -> Result<Verdict> {
    let Some(param) = leaf.params.first() else { return Err(scope.error(leaf.at, "no column")) };
    let (field, at) = (scope.column_of(param)?, condition.at);
    if !field.is_text() {
        return Err(scope.error(param.at, format!("`{}` holds no texts", field.name)));
    }
    let asked = scope.number_test(Some(condition))?;
    let lengths: Vec<f64> = condition.operands.iter().filter_map(value_of).collect();
    let length = character_length(field.expr.clone());
    let operator = condition.operator;
    let bounds = match operator {
        Operator::Greater | Operator::GreaterOrEqual => [true, false],
        Operator::Less | Operator::LessOrEqual => [false, true],
        Operator::Equal | Operator::Between => [true, true],
        _ => [false, false],
    };
    let metric = |name: &str| format!("Column.{}.{name}", field.name);
    let mut tests = Vec::new();
    for (is_asked, is_least, name) in
        [(bounds[0], true, "MinimumLength"), (bounds[1], false, "MaximumLength")]
    {
        if is_asked {
            let value = filter.given(length.clone(), scope, at)?;
            let slot = scope.measures.shared(if is_least { min(value) } else { max(value) });
            tests.push(test(metric(name), Value::of(slot), asked.clone(), filter));
        }
    }
    if tests.is_empty() {
        let field = Field { expr: length, data_type: DataType::Int32, ..field.clone() };
        let names_zero = lengths.contains(&0.0);
        let has_null = match operator {
            Operator::In | Operator::NotIn => names_zero,
            _ => false,
        };
        let is_it = number_rows(scope, &field, operator, &lengths, has_null, at)?;
        let is_it = match operator {
            Operator::NotBetween => is_it.or(field.expr.clone().is_null()),
            _ => is_it,
        };
        let value = scope.share_of(is_it, filter, at)?;
        tests.push(test(metric("LengthCompliance"), value, NumberTest::is_one(), filter));
    }
    Ok(Verdict::Tests(tests))
}
