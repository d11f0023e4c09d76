//! Calls with dates and timestamps whose meaning hangs on the number of their arguments, or on words among them.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned, Value,
};

use super::syntax::cast_to;
use crate::functions::conversion::{ARGUMENT, TEMPORAL};
use crate::functions::time::{ADD, DEFAULT_PATTERN, DIFF, is_unit, of_field};
use crate::place::DefinitionError;
use crate::sql::build::{call, text};

/// Rewrites such a call; others stay as they are.
///
/// # Errors
/// A field or a unit that Spark does not have, at the place of the function's name.
pub(super) fn rewrite(file: &str, expr: &mut Expr) -> Result<(), DefinitionError> {
    let Expr::Function(function) = expr else { return Ok(()) };
    let name = function.name.to_string().to_lowercase();
    let Some(arguments) = arguments(function) else { return Ok(()) };
    let rewritten = match (name.as_str(), arguments.as_slice()) {
        ("date_part" | "datepart" | "extract", [field, value]) => {
            let Some(field) = word(field) else {
                return Err(at_name(file, function, "a part of a date or time must be a literal"));
            };
            match of_field(&field) {
                Some(part) => call(part, [value.clone()]),
                None => {
                    return Err(at_name(file, function, &format!("there is no field `{field}`")));
                }
            }
        }
        (_, [unit, one, other]) => {
            let Some(of_units) = of_units(&name) else { return Ok(()) };
            let answers = if of_units == "timestampadd" { ADD } else { DIFF };
            call(answers, [text(unit_of(file, function, unit)?), one.clone(), other.clone()])
        }
        // A number is no date: it is taken for text, as Spark does.
        ("to_date", [value]) => cast_to(call(ARGUMENT, [value.clone(), text(TEMPORAL)]), "DATE"),
        (
            "to_timestamp" | "to_timestamp_ltz" | "to_timestamp_ntz" | "try_to_timestamp",
            [value],
        ) => cast_to(value.clone(), "TIMESTAMP"),
        ("unix_timestamp", []) => call("unix_seconds", [call("now", [])]),
        ("unix_timestamp" | "to_unix_timestamp" | "from_unixtime", [value]) => {
            call(&name, [value.clone(), text(DEFAULT_PATTERN)])
        }
        ("convert_timezone", [to, value]) => call(&name, [text("UTC"), to.clone(), value.clone()]),
        ("current_timezone", []) => text("UTC"),
        _ => return Ok(()),
    };
    *expr = rewritten;
    Ok(())
}

/// The function whose calls with three arguments, the first a unit, these are.
pub(super) fn of_units(called: &str) -> Option<&'static str> {
    match called {
        "timestampadd" | "dateadd" | "date_add" => Some("timestampadd"),
        "timestampdiff" | "datediff" | "date_diff" => Some("timestampdiff"),
        _ => None,
    }
}

/// Numbers of arguments that calls are rewritten from, besides those that the function itself takes.
pub(in crate::sql) fn also_taken(called: &str) -> &'static [usize] {
    match called {
        "to_date" | "to_timestamp" | "to_timestamp_ltz" | "to_timestamp_ntz"
        | "try_to_timestamp" | "to_unix_timestamp" | "from_unixtime" => &[1],
        "unix_timestamp" => &[0, 1],
        "convert_timezone" => &[2],
        _ if of_units(called).is_some() => &[3],
        _ => &[],
    }
}

/// The function and the arguments that Spark names a column by: with what it puts in for arguments that are left out.
pub(super) fn column(called: String, mut shown: Vec<String>) -> (String, Vec<String>) {
    match (called.as_str(), shown.len()) {
        ("unix_timestamp", 0) => {
            shown = vec!["current_timestamp()".to_owned(), DEFAULT_PATTERN.to_owned()];
        }
        ("unix_timestamp" | "to_unix_timestamp" | "from_unixtime", 1) => {
            shown.push(DEFAULT_PATTERN.to_owned());
        }
        ("months_between", 2) => shown.push("true".to_owned()),
        ("convert_timezone", 2) => shown.insert(0, "current_timezone()".to_owned()),
        ("curdate", 0) => return ("current_date".to_owned(), shown),
        (_, 3) => {
            if let Some(function) = of_units(&called) {
                return (function.to_owned(), shown);
            }
        }
        _ => {}
    }
    (called, shown)
}

/// The arguments, if they are plain expressions.
fn arguments(function: &Function) -> Option<Vec<Expr>> {
    match &function.args {
        FunctionArguments::List(list) => {
            let plain = |argument: &FunctionArg| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => Some(value.clone()),
                _ => None,
            };
            list.args.iter().map(plain).collect()
        }
        FunctionArguments::None => Some(vec![]),
        FunctionArguments::Subquery(_) => None,
    }
}

fn word(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn unit_of(file: &str, function: &Function, unit: &Expr) -> Result<String, DefinitionError> {
    match unit {
        Expr::Identifier(ident) if is_unit(&ident.value) => Ok(ident.value.clone()),
        other => Err(at_name(file, function, &format!("{other} is no unit of time"))
            .help("units are words without quotes: YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFYEAR, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND")),
    }
}

fn at_name(file: &str, function: &Function, message: &str) -> DefinitionError {
    let start = function.name.span().start;
    let error = DefinitionError::in_file(file, format!("`{}`: {message}", function.name));
    if start.line > 0 { error.at(start.line, start.column) } else { error }
}

#[cfg(test)]
mod tests {
    use datafusion::execution::SessionState;

    use crate::sql::{parse_select, plan};
    use crate::testing::{Staging, assert_all, told};

    async fn columns(state: &SessionState, select: &str) -> String {
        let planned = match parse_select(crate::sql::Dialect::Spark, "m.sql", select) {
            Ok(statement) => plan(state, "m.sql", statement).await,
            Err(error) => Err(error),
        };
        match planned {
            Ok(plan) => plan.schema().field_names().join(" | "),
            Err(error) => told(&error),
        }
    }

    #[tokio::test]
    async fn columns_are_named_with_what_is_put_in() {
        let staging = Staging::new();
        let from = "FROM (SELECT TIMESTAMP'2026-01-01 00:00:00' AS a)";
        let mut cases = Vec::new();
        for (calls, expected) in [
            (
                "dateadd(Day, 1, a), datediff(day, a, a)",
                "timestampadd(Day, 1, a) | timestampdiff(day, a, a)",
            ),
            ("date_add(a, 1), datediff(a, a)", "date_add(a, 1) | datediff(a, a)"),
            ("to_date(a), date_part('y', a)", "to_date(a) | date_part(y, a)"),
            (
                "from_unixtime(0), months_between(a, a)",
                "from_unixtime(0, yyyy-MM-dd HH:mm:ss) | months_between(a, a, true)",
            ),
            (
                "unix_timestamp(), curdate()",
                "unix_timestamp(current_timestamp(), yyyy-MM-dd HH:mm:ss) | current_date()",
            ),
        ] {
            let select = format!("SELECT {calls} {from}");
            let found = columns(&staging.state, &select).await;
            cases.push((select, found, expected.to_owned()));
        }
        assert_all(cases);
    }

    #[tokio::test]
    async fn words_that_are_no_part_and_no_unit_are_told_with_their_place() {
        let staging = Staging::new();
        let mut cases = Vec::new();
        for (call, expected) in [
            ("date_part('epoch', now())", "m.sql:1:8: `date_part`: there is no field `epoch`"),
            ("extract(century FROM now())", "there is no field `CENTURY`"),
            (
                "date_part(upper('y'), now())",
                "m.sql:1:8: `date_part`: a part of a date or time must be a literal",
            ),
            (
                "timestampadd(nanosecond, 1, now())",
                "m.sql:1:8: `timestampadd`: nanosecond is no unit of time",
            ),
            ("dateadd('DAY', 1, now())", "m.sql:1:8: `dateadd`: 'DAY' is no unit of time"),
            ("window(now(), '1 day')", "m.sql:1:8: `window` is not supported"),
        ] {
            let found = columns(&staging.state, &format!("SELECT {call}")).await;
            let is_told = found.contains(expected);
            cases.push((
                call.to_owned(),
                if is_told { expected.to_owned() } else { found },
                expected.to_owned(),
            ));
        }
        assert_all(cases);
    }
}
