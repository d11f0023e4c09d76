//! The type that a cast names.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use datafusion::common::{plan_datafusion_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{DataType as SqlType, ExactNumberInfo};
use datafusion::sql::sqlparser::dialect::SparkSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::types::{DeclaredTypes, declared_type};

/// What an argument is cast to when its parameter takes numbers; no SQL type.
pub(crate) const NUMBER: &str = "NUMBER_AS_IT_IS";
/// The same for dates, timestamps and texts.
pub(crate) const TEMPORAL: &str = "TEMPORAL_AS_IT_IS";
/// The same for BINARY.
pub(crate) const TEXT_OR_BINARY: &str = "TEXT_OR_BINARY_AS_IT_IS";
/// The same for BINARY and whatever has parts.
pub(crate) const TEXT_OR_NESTED: &str = "TEXT_OR_NESTED_AS_IT_IS";

const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// How deep types may be within each other.
const DEPTH_MAX: usize = 32;

/// The field that casting `from` to the SQL type of this text gives. A type that a column can be declared with is kept as the
/// field's declared type.
///
/// # Errors
/// A text that is no type, or one that nothing can be cast to.
pub(super) fn field(sql_type: &str, from: &DataType) -> Result<FieldRef> {
    Ok(match sql_type {
        NUMBER if from.is_numeric() || from.is_null() => plain(from.clone()),
        NUMBER => plain(DataType::Float64),
        TEMPORAL => plain(match from {
            DataType::Null | DataType::Date32 => from.clone(),
            DataType::Timestamp(..) | DataType::Date64 => TIMESTAMP,
            _ => DataType::Utf8,
        }),
        TEXT_OR_BINARY | TEXT_OR_NESTED if *from == DataType::Binary => plain(DataType::Binary),
        TEXT_OR_NESTED if from.is_nested() => plain(from.clone()),
        TEXT_OR_BINARY | TEXT_OR_NESTED => plain(DataType::Utf8),
        _ => parse(sql_type.trim(), DEPTH_MAX)?,
    })
}

/// Whether texts cast to this field's type have a wall clock's time, whatever their zone.
pub(super) fn is_wall_clock(field: &Field) -> bool {
    declared_type(field).is_some_and(|declared| declared.starts_with("TIMESTAMP_NTZ"))
}

fn plain(data_type: DataType) -> FieldRef {
    Arc::new(Field::new("", data_type, true))
}

fn parse(sql_type: &str, depth: usize) -> Result<FieldRef> {
    let Some(depth) = depth.checked_sub(1) else { return plan_err!("a type is nested too deeply") };
    let inner =
        |sql_type: &str| -> Result<DataType> { Ok(parse(sql_type, depth)?.data_type().clone()) };
    if let Some(element) = arguments(sql_type, "ARRAY") {
        return Ok(plain(DataType::new_list(inner(element)?, true)));
    }
    if let Some(both) = arguments(sql_type, "MAP") {
        let parts = split(both)?;
        let [key, value] = parts.as_slice() else {
            return plan_err!("{sql_type} is no type: a MAP has a key and a value");
        };
        return Ok(plain(map_of(inner(key)?, inner(value)?)));
    }
    if let Some(members) = arguments(sql_type, "STRUCT") {
        let fields = split(members)?
            .iter()
            .map(|member| {
                let (name, sql_type) = split_member(member)?;
                Ok(Field::new(name, inner(sql_type)?, true))
            })
            .collect::<Result<Fields>>()?;
        return Ok(plain(DataType::Struct(fields)));
    }
    leaf(sql_type)
}

/// A map as the engine makes them.
fn map_of(key: DataType, value: DataType) -> DataType {
    let entries =
        Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)]);
    let entries = Field::new("entries", DataType::Struct(entries), false);
    DataType::Map(Arc::new(entries), false)
}

/// What is between the brackets of `NAME<…>`, or `NAME(…)` as the syntax tree prints some.
fn arguments<'a>(sql_type: &'a str, name: &str) -> Option<&'a str> {
    let (head, rest) = sql_type.split_at_checked(name.len())?;
    let rest = rest.trim_start();
    let inner = rest
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .or_else(|| rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')))?;
    head.eq_ignore_ascii_case(name).then_some(inner.trim())
}

/// The parts between commas that are in no brackets.
fn split(list: &str) -> Result<Vec<&str>> {
    let mut depth = 0_usize;
    let mut start = 0;
    let mut parts = Vec::new();
    for (index, byte) in list.bytes().enumerate() {
        match byte {
            b'<' | b'(' => depth += 1,
            b'>' | b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(list.get(start..index).unwrap_or_default().trim());
                start = index + 1;
            }
            _ => {}
        }
    }
    if !list.is_empty() {
        parts.push(list.get(start..).unwrap_or_default().trim());
    }
    if parts.contains(&"") {
        return plan_err!("a type is missing in {list}");
    }
    Ok(parts)
}

/// A member's name and type: `a: INT`, `a INT`, `` `a b` INT ``.
fn split_member(member: &str) -> Result<(String, &str)> {
    let (name, sql_type) = match member.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
        Some(split) => split,
        None => {
            let end = member.find(|char: char| char == ':' || char.is_whitespace());
            end.and_then(|end| member.split_at_checked(end)).unwrap_or((member, ""))
        }
    };
    let sql_type = sql_type.trim_start();
    let sql_type = sql_type.strip_prefix(':').unwrap_or(sql_type).trim_start();
    if name.is_empty() || sql_type.is_empty() {
        return plan_err!("a STRUCT's member has a name and a type: {member}");
    }
    Ok((name.to_owned(), sql_type))
}

fn leaf(sql_type: &str) -> Result<FieldRef> {
    if sql_type.eq_ignore_ascii_case("VOID") {
        return Ok(plain(DataType::Null));
    }
    let mut parser = Parser::new(&SparkSqlDialect)
        .try_with_sql(sql_type)
        .map_err(|error| plan_datafusion_err!("{sql_type} is no type: {error}"))?;
    let mut parsed = parser
        .parse_data_type()
        .map_err(|error| plan_datafusion_err!("{sql_type} is no type: {error}"))?;
    if let SqlType::Decimal(info) | SqlType::Numeric(info) | SqlType::Dec(info) = &mut parsed
        && *info == ExactNumberInfo::None
    {
        // Of a declared column it is another, since PostgreSQL's has no bound.
        *info = ExactNumberInfo::PrecisionAndScale(10, 0);
    }
    if matches!(parsed, SqlType::Interval { .. }) {
        return plan_err!("CAST to an interval is not supported; write it as INTERVAL '1' DAY");
    }
    DeclaredTypes
        .plan_type_field(&parsed)?
        .ok_or_else(|| plan_datafusion_err!("CAST to {sql_type} is not supported"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql_type: &str) -> String {
        match field(sql_type, &DataType::Null) {
            Ok(field) => match declared_type(&field) {
                Some(declared) => format!("{} {declared}", field.data_type()),
                None => field.data_type().to_string(),
            },
            Err(error) => error.strip_backtrace(),
        }
    }

    #[test]
    fn types_are_those_of_spark_and_of_declared_columns() {
        crate::testing::assert_all(
            [
                ("STRING", "Utf8 STRING"),
                ("varchar(20)", "Utf8 VARCHAR(20)"),
                ("CHAR(3)", "Utf8 CHAR(3)"),
                ("LONG", "Int64 BIGINT"),
                ("SHORT", "Int16 SHORT"),
                ("BYTE", "Int8 BYTE"),
                ("REAL", "Float32 REAL"),
                ("FLOAT", "Float32 FLOAT"),
                ("BINARY", "Binary BINARY"),
                ("DECIMAL", "Decimal128(10, 0) DECIMAL(10,0)"),
                ("NUMERIC", "Decimal128(10, 0) NUMERIC(10,0)"),
                ("DEC(5)", "Decimal128(5, 0) DEC(5)"),
                ("DECIMAL(5,6)", "Error during planning: CAST to DECIMAL(5,6) is not supported"),
                ("TIMESTAMP", "Timestamp(µs) TIMESTAMP"),
                ("TIMESTAMP_NTZ", "Timestamp(µs) TIMESTAMP_NTZ"),
                ("TIMESTAMP_LTZ", "Timestamp(µs) TIMESTAMP_LTZ"),
                ("VOID", "Null"),
                ("array<array<int>>", "List(List(Int32))"),
                (
                    "MAP<STRING, DECIMAL(5,2)>",
                    "Map(\"entries\": non-null Struct(\"key\": non-null Utf8, \"value\": Decimal128(5, 2)), unsorted)",
                ),
                (
                    "struct<a: int, b array<string>, `c d`: date>",
                    "Struct(\"a\": Int32, \"b\": List(Utf8), \"c d\": Date32)",
                ),
                (
                    "INTERVAL DAY",
                    "Error during planning: CAST to an interval is not supported; write it as INTERVAL '1' DAY",
                ),
                ("MAP<INT>", "Error during planning: MAP<INT> is no type: a MAP has a key and a value"),
                ("ARRAY<>", "Error during planning:  is no type: sql parser error: Expected: a data type name, found: EOF"),
                ("STRUCT<a>", "Error during planning: a STRUCT's member has a name and a type: a"),
            ]
            .map(|(sql_type, expected)| (sql_type.to_owned(), shown(sql_type), expected.to_owned())),
        );
        let deep = format!("{}INT{}", "ARRAY<".repeat(40), ">".repeat(40));
        assert!(shown(&deep).ends_with("a type is nested too deeply"));
    }
}
