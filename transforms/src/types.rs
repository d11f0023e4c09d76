//! SQL types as they are declared in `sources.sql`, and the arrow types they are computed in.
//!
//! DataFusion's own mapping lacks the types of MySQL, Oracle and Spark (`DATETIME`, `VARBINARY`, `JSON`, `NUMBER`, …) and
//! takes nanoseconds for `TIMESTAMP`, which ends in 2262. [`DeclaredTypes`] is asked before it.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, DataType, Field, FieldRef, TimeUnit,
};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{self, DataType as SqlType, ExactNumberInfo};

use crate::place::DefinitionError;
use crate::sql::nearest;

/// Field metadata key under which a column keeps the SQL type that it was declared with, upper-cased: `VARCHAR(20)`.
pub const SQL_TYPE: &str = "unglue.sql_type";

/// The declared SQL type of a field, if it comes unchanged from a declared column.
#[must_use]
pub fn declared_type(field: &Field) -> Option<&str> {
    field.metadata().get(SQL_TYPE).map(String::as_str)
}

/// A declared type's name without its arguments, and its arguments: `DECIMAL(10, 2)` is (`DECIMAL`, [10, 2]).
#[must_use]
pub fn split_declared(declared: &str) -> (&str, Vec<u32>) {
    let Some((name, rest)) = declared.split_once('(') else { return (declared.trim(), Vec::new()) };
    let arguments = rest.split(')').next().unwrap_or_default();
    (name.trim(), arguments.split(',').filter_map(|n| n.trim().parse().ok()).collect())
}

/// Names of types that declarations usually have, for a name that is none.
const USUAL: [&str; 31] = [
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "MEDIUMINT",
    "INT",
    "INTEGER",
    "BIGINT",
    "REAL",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
    "NUMERIC",
    "NUMBER",
    "DATE",
    "TIME",
    "DATETIME",
    "TIMESTAMP",
    "YEAR",
    "CHAR",
    "VARCHAR",
    "STRING",
    "TEXT",
    "CLOB",
    "ENUM",
    "JSON",
    "UUID",
    "BINARY",
    "VARBINARY",
    "BLOB",
    "BYTEA",
    "BIT",
];

/// An error that refuses a declared type, with the type that is named nearly so.
#[must_use]
pub fn with_nearest_type(error: DefinitionError) -> DefinitionError {
    let wrong = error.message.split_once("unsupported SQL type ");
    let declared = wrong.map(|(_, declared)| split_declared(declared).0);
    // Of one that is named rightly something else is wrong.
    let unknown =
        declared.filter(|name| !USUAL.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let near = unknown.and_then(|name| nearest(name, USUAL));
    match near.filter(|_| error.help.is_none()) {
        Some(near) => error.help(format!("did you mean {near}?")),
        None => error,
    }
}

/// The planner of types in DDL and casts.
#[derive(Debug)]
pub struct DeclaredTypes;

impl TypePlanner for DeclaredTypes {
    fn plan_type_field(&self, sql_type: &ast::DataType) -> Result<Option<FieldRef>> {
        let Some(data_type) = arrow_type(sql_type) else { return Ok(None) };
        let declared = HashMap::from([(SQL_TYPE.to_owned(), sql_type.to_string().to_uppercase())]);
        Ok(Some(Arc::new(Field::new("", data_type, true).with_metadata(declared))))
    }
}

/// The arrow type of a SQL type; `None` where DataFusion's own mapping (or refusal) holds.
fn arrow_type(sql: &SqlType) -> Option<DataType> {
    Some(match sql {
        SqlType::Boolean | SqlType::Bool | SqlType::Bit(None | Some(1)) => DataType::Boolean,
        SqlType::TinyInt(_) => DataType::Int8,
        SqlType::SmallInt(_) | SqlType::Int2(_) => DataType::Int16,
        SqlType::Int(_) | SqlType::Integer(_) | SqlType::Int4(_) | SqlType::MediumInt(_) => {
            DataType::Int32
        }
        SqlType::BigInt(_) | SqlType::Int8(_) => DataType::Int64,
        SqlType::TinyIntUnsigned(_) | SqlType::UTinyInt => DataType::UInt8,
        SqlType::SmallIntUnsigned(_) | SqlType::USmallInt => DataType::UInt16,
        SqlType::IntUnsigned(_)
        | SqlType::IntegerUnsigned(_)
        | SqlType::MediumIntUnsigned(_)
        | SqlType::Int4Unsigned(_) => DataType::UInt32,
        SqlType::BigIntUnsigned(_) | SqlType::Int8Unsigned(_) | SqlType::UBigInt => {
            DataType::UInt64
        }
        SqlType::Real | SqlType::Float4 => DataType::Float32,
        SqlType::Float(info) => float(*info),
        SqlType::Double(_) | SqlType::DoublePrecision | SqlType::Float8 => DataType::Float64,
        SqlType::Decimal(info) | SqlType::Numeric(info) | SqlType::Dec(info) => decimal(*info)?,
        SqlType::Date => DataType::Date32,
        SqlType::Datetime(_) | SqlType::Timestamp(..) | SqlType::TimestampNtz(_) => TIMESTAMP,
        SqlType::Time(..) => DataType::Time64(TimeUnit::Microsecond),
        SqlType::Binary(_)
        | SqlType::Varbinary(_)
        | SqlType::Blob(_)
        | SqlType::TinyBlob
        | SqlType::MediumBlob
        | SqlType::LongBlob
        | SqlType::Bytes(_)
        | SqlType::Bytea => DataType::Binary,
        sql if is_text(sql) => DataType::Utf8,
        SqlType::Custom(name, arguments) => custom(&name.to_string(), arguments)?,
        _ => return None,
    })
}

const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

fn is_text(sql: &SqlType) -> bool {
    matches!(
        sql,
        SqlType::Character(_)
            | SqlType::Char(_)
            | SqlType::CharacterVarying(_)
            | SqlType::CharVarying(_)
            | SqlType::Varchar(_)
            | SqlType::Nvarchar(_)
            | SqlType::Text
            | SqlType::TinyText
            | SqlType::MediumText
            | SqlType::LongText
            | SqlType::String(_)
            | SqlType::Clob(_)
            | SqlType::CharacterLargeObject(_)
            | SqlType::Uuid
            | SqlType::JSON
            | SqlType::JSONB
            | SqlType::Enum(..)
            | SqlType::Set(_)
    )
}

/// Types that the SQL parser does not know by name: Oracle's, and MySQL's `YEAR`.
fn custom(name: &str, arguments: &[String]) -> Option<DataType> {
    let numbers: Vec<u64> = arguments.iter().filter_map(|n| n.parse().ok()).collect();
    match name.to_uppercase().as_str() {
        "NUMBER" => decimal(match *numbers.as_slice() {
            [] => ExactNumberInfo::None,
            [precision] => ExactNumberInfo::Precision(precision),
            [precision, scale, ..] => {
                ExactNumberInfo::PrecisionAndScale(precision, i64::try_from(scale).ok()?)
            }
        }),
        "VARCHAR2" | "NVARCHAR2" | "NCHAR" | "NCLOB" => Some(DataType::Utf8),
        "YEAR" => Some(DataType::Int16),
        "LONG" => Some(DataType::Int64),
        "SHORT" => Some(DataType::Int16),
        "BYTE" => Some(DataType::Int8),
        "TIMESTAMP_LTZ" | "DATETIME2" => Some(TIMESTAMP),
        "RAW" => Some(DataType::Binary),
        _ => None,
    }
}

/// `FLOAT(p)` with p over 24 is a double, as in MySQL and PostgreSQL.
fn float(info: ExactNumberInfo) -> DataType {
    match info {
        ExactNumberInfo::Precision(precision) if precision > 24 => DataType::Float64,
        _ => DataType::Float32,
    }
}

/// Without arguments a decimal has 38 digits, 10 of them after the point: DataFusion's and Oracle-friendly choice, since
/// DMS writes PostgreSQL's unbounded `numeric` as NUMERIC(28,6) (DMS guide, PostgreSQL source data types).
fn decimal(info: ExactNumberInfo) -> Option<DataType> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => (38, 10),
        ExactNumberInfo::Precision(precision) => (precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (precision, scale),
    };
    let precision = u8::try_from(precision).ok()?;
    let scale = i8::try_from(scale).ok()?;
    if precision == 0 || scale < 0 || i16::from(scale) > i16::from(precision) {
        return None;
    }
    match precision {
        1..=DECIMAL128_MAX_PRECISION => Some(DataType::Decimal128(precision, scale)),
        ..=DECIMAL256_MAX_PRECISION => Some(DataType::Decimal256(precision, scale)),
        _ => None,
    }
}
