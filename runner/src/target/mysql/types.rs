//! SQL types: what a declared type means here, what a created column gets, and what an existing one is read as.

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};
use transforms::types::SQL_TYPE;

use crate::error::{Error, Result};
use crate::target::mysql::connect::Server;

/// Microseconds: what staged values and ours have.
pub(super) const FRACTION_MAX: u32 = 6;
/// The longest VARCHAR of utf8mb4 that fits into a row of 65,535 bytes.
const VARCHAR_LENGTH_MAX: u32 = 16_383;
/// The same for VARBINARY, with room for the other columns.
const VARBINARY_LENGTH_MAX: u32 = 65_000;
/// A key column's length where nothing is declared.
const KEY_LENGTH: u32 = 255;
const DECIMAL_PRECISION_MAX: u8 = 65;
const DECIMAL_SCALE_MAX: i8 = 30;
const DECIMAL128_PRECISION_MAX: u8 = 38;

/// A SQL type taken apart: `DECIMAL(10,2) UNSIGNED` is `DECIMAL`, `[10, 2]`, unsigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlType {
    /// Upper case, without what follows in parentheses or after.
    pub(super) name: String,
    /// The numbers in parentheses; none if something else is there.
    pub(super) arguments: Vec<u32>,
    pub(super) unsigned: bool,
}

impl SqlType {
    /// Reads a type as it is declared, or as `information_schema` prints it.
    pub(super) fn parse(text: &str) -> Self {
        let (head, rest) = match text.split_once('(') {
            Some((head, rest)) => (head, Some(rest)),
            None => (text, None),
        };
        let (inside, tail) = rest.and_then(|rest| rest.rsplit_once(')')).unwrap_or(("", ""));
        let head = head.trim().to_ascii_uppercase();
        let tail = tail.to_ascii_uppercase();
        let arguments = inside
            .split(',')
            .map(|number| number.trim().parse())
            .collect::<std::result::Result<_, _>>();
        let name = match head.as_str() {
            "DOUBLE PRECISION" => "DOUBLE",
            "CHARACTER VARYING" | "CHAR VARYING" | "NVARCHAR" => "VARCHAR",
            other => other.split_whitespace().next().unwrap_or_default(),
        };
        let unsigned = [&head, &tail]
            .iter()
            .any(|part| part.split_whitespace().any(|word| word == "UNSIGNED"));
        Self { name: name.to_owned(), arguments: arguments.unwrap_or_default(), unsigned }
    }

    /// The declared type of a field, if it has one.
    pub(super) fn declared(field: &Field) -> Option<Self> {
        field.metadata().get(SQL_TYPE).map(|text| Self::parse(text))
    }

    /// The first number in parentheses: a length, precision or number of digits of a second.
    pub(super) fn argument(&self) -> Option<u32> {
        self.arguments.first().copied()
    }

    /// The declared length of a text or binary type.
    pub(super) fn length(&self) -> Option<u32> {
        match self.name.as_str() {
            "CHAR" | "CHARACTER" | "NCHAR" | "BINARY" => Some(self.argument().unwrap_or(1)),
            "VARCHAR" | "VARBINARY" => self.argument(),
            _ => None,
        }
    }

    /// Digits of a second of a declared type: none named are all for a type of other databases.
    pub(super) fn declared_fraction(&self) -> Option<u32> {
        matches!(self.name.as_str(), "DATETIME" | "TIMESTAMP" | "TIMESTAMPTZ" | "TIME")
            .then(|| self.argument().unwrap_or(FRACTION_MAX).min(FRACTION_MAX))
    }

    /// The least and the largest number of an integer type.
    pub(super) fn integer_range(&self) -> Option<(i128, i128)> {
        let bits = match self.name.as_str() {
            "TINYINT" => 8,
            "SMALLINT" | "INT2" => 16,
            "MEDIUMINT" => 24,
            "INT" | "INTEGER" | "INT4" => 32,
            "BIGINT" | "INT8" => 64,
            _ => return None,
        };
        Some(range(bits, !self.unsigned))
    }

    /// Digits before and after the point of a decimal type.
    pub(super) fn decimal_digits(&self) -> Option<(u32, u32)> {
        if !matches!(self.name.as_str(), "DECIMAL" | "NUMERIC" | "DEC" | "FIXED") {
            return None;
        }
        let precision = self.argument().unwrap_or(10);
        let scale = self.arguments.get(1).copied().unwrap_or(0);
        Some((precision.saturating_sub(scale), scale))
    }
}

fn range(bits: u32, signed: bool) -> (i128, i128) {
    if signed { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) }
}

/// The least and the largest number of an arrow integer type.
pub(super) fn integer_range(data_type: &DataType) -> Option<(i128, i128)> {
    let bits = match data_type {
        DataType::Int8 | DataType::UInt8 => 8,
        DataType::Int16 | DataType::UInt16 => 16,
        DataType::Int32 | DataType::UInt32 => 32,
        DataType::Int64 | DataType::UInt64 => 64,
        _ => return None,
    };
    Some(range(bits, data_type.is_signed_integer()))
}

/// Whether a range of numbers lies within another one.
pub(super) fn within((least, most): (i128, i128), (low, high): (i128, i128)) -> bool {
    low <= least && most <= high
}

/// The type of a column that we create: the declared one where MySQL has it and it can hold the arrow type's values, else
/// the one that the arrow type asks for.
///
/// CHAR becomes VARCHAR, since MySQL drops a CHAR's trailing blanks; TIMESTAMP becomes DATETIME, since MySQL's ends in 2038.
///
/// # Errors
/// For a type that MySQL has no column for.
pub(super) fn column_type(field: &Field, key: bool, server: Server) -> Result<String> {
    if key && *field.data_type() == DataType::Utf8 {
        let declared = SqlType::declared(field);
        let length = declared.as_ref().and_then(SqlType::length).unwrap_or(KEY_LENGTH);
        return Ok(format!("VARCHAR({length}) COLLATE {}", server.exact_collation()));
    }
    value_type(field, key)
}

/// The same of a column that is no text in a key, which is no other for any server.
///
/// # Errors
/// See [`column_type`].
pub(super) fn value_type(field: &Field, key: bool) -> Result<String> {
    let declared = SqlType::declared(field);
    let declared = declared.as_ref();
    let sql = match field.data_type() {
        DataType::Boolean => {
            if declared.is_some_and(|sql| sql.name == "BIT") { "BIT(1)" } else { "TINYINT(1)" }
                .to_owned()
        }
        data_type if data_type.is_integer() => integer(data_type, declared),
        DataType::Float32 => "FLOAT".to_owned(),
        DataType::Float64 => "DOUBLE".to_owned(),
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            decimal(field.name(), *precision, *scale)?
        }
        DataType::Utf8 => text(declared),
        DataType::Binary => binary(declared, key),
        DataType::Date32 => "DATE".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            format!("DATETIME({})", fraction(declared))
        }
        DataType::Time64(TimeUnit::Microsecond) => format!("TIME({})", fraction(declared)),
        other => {
            let message = format!("column `{}`: MySQL has no type for {other}", field.name());
            return Err(Error::usage(message).hint("cast the column in the model"));
        }
    };
    Ok(sql)
}

fn integer(data_type: &DataType, declared: Option<&SqlType>) -> String {
    let needed = integer_range(data_type).unwrap_or((i128::MIN, i128::MAX));
    let fits = |sql: &&SqlType| sql.integer_range().is_some_and(|range| within(needed, range));
    let mediumint = declared.filter(|sql| sql.name == "MEDIUMINT").filter(fits);
    let name = match data_type {
        _ if mediumint.is_some() => "MEDIUMINT",
        DataType::Int8 | DataType::UInt8 => "TINYINT",
        DataType::Int16 | DataType::UInt16 => "SMALLINT",
        DataType::Int32 | DataType::UInt32 => "INT",
        _ => "BIGINT",
    };
    match declared.filter(fits) {
        // A declared type may be wider than the values.
        Some(sql) => {
            let name = match sql.name.as_str() {
                "INT2" => "SMALLINT",
                "INT4" | "INTEGER" => "INT",
                "INT8" => "BIGINT",
                other => other,
            };
            format!("{name}{}", if sql.unsigned { " UNSIGNED" } else { "" })
        }
        None => format!("{name}{}", if data_type.is_unsigned_integer() { " UNSIGNED" } else { "" }),
    }
}

fn decimal(column: &str, precision: u8, scale: i8) -> Result<String> {
    let whole = precision.saturating_add_signed(-scale.min(0));
    if whole > DECIMAL_PRECISION_MAX || scale > DECIMAL_SCALE_MAX {
        let message = format!(
            "column `{column}`: MySQL's DECIMAL ends at ({DECIMAL_PRECISION_MAX},{DECIMAL_SCALE_MAX}), the model gives ({precision},{scale})"
        );
        return Err(Error::usage(message).hint("cast the column in the model"));
    }
    Ok(format!("DECIMAL({whole},{})", scale.max(0)))
}

fn text(declared: Option<&SqlType>) -> String {
    let Some(sql) = declared else { return "LONGTEXT".to_owned() };
    match (sql.name.as_str(), sql.length()) {
        (_, Some(length))
            if !sql.name.contains("BINARY") && (1..=VARCHAR_LENGTH_MAX).contains(&length) =>
        {
            format!("VARCHAR({length})")
        }
        ("TINYTEXT" | "MEDIUMTEXT", _) => sql.name.clone(),
        ("JSON" | "JSONB", _) => "JSON".to_owned(),
        ("UUID", _) => "VARCHAR(36)".to_owned(),
        _ => "LONGTEXT".to_owned(),
    }
}

fn binary(declared: Option<&SqlType>, key: bool) -> String {
    let sized = declared.and_then(|sql| match (sql.name.as_str(), sql.length()) {
        ("BINARY", Some(length @ 1..=255)) => Some(format!("BINARY({length})")),
        ("BINARY" | "VARBINARY", Some(length @ 1..=VARBINARY_LENGTH_MAX)) => {
            Some(format!("VARBINARY({length})"))
        }
        ("TINYBLOB" | "MEDIUMBLOB", _) if !key => Some(sql.name.clone()),
        _ => None,
    });
    sized.unwrap_or_else(|| {
        if key { format!("VARBINARY({KEY_LENGTH})") } else { "LONGBLOB".to_owned() }
    })
}

fn fraction(declared: Option<&SqlType>) -> u32 {
    // A plain DATETIME has whole seconds in MySQL, but staged values have microseconds.
    declared.and_then(SqlType::declared_fraction).unwrap_or(FRACTION_MAX)
}

/// The arrow type that an existing column is read as, if there is one.
pub(super) fn data_type(column_type: &str) -> Option<DataType> {
    let sql = SqlType::parse(column_type);
    Some(match (sql.name.as_str(), sql.unsigned) {
        ("TINYINT" | "BIT", false) if sql.arguments == [1] => DataType::Boolean,
        ("TINYINT", false) => DataType::Int8,
        ("TINYINT", true) => DataType::UInt8,
        ("SMALLINT" | "YEAR", false) => DataType::Int16,
        ("SMALLINT" | "YEAR", true) => DataType::UInt16,
        ("MEDIUMINT" | "INT" | "INTEGER", false) => DataType::Int32,
        ("MEDIUMINT" | "INT" | "INTEGER", true) => DataType::UInt32,
        ("BIGINT", false) => DataType::Int64,
        ("BIGINT", true) | ("BIT", _) => DataType::UInt64,
        ("FLOAT", _) => DataType::Float32,
        ("DOUBLE" | "REAL", _) => DataType::Float64,
        ("DECIMAL" | "NUMERIC", _) => {
            let (whole, scale) = sql.decimal_digits()?;
            let precision = u8::try_from(whole + scale).ok()?;
            let scale = i8::try_from(scale).ok()?;
            if precision <= DECIMAL128_PRECISION_MAX {
                DataType::Decimal128(precision, scale)
            } else {
                DataType::Decimal256(precision, scale)
            }
        }
        (
            "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET"
            | "JSON" | "UUID" | "INET4" | "INET6",
            _,
        ) => DataType::Utf8,
        ("BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB", _) => {
            DataType::Binary
        }
        ("DATE", _) => DataType::Date32,
        ("DATETIME" | "TIMESTAMP", _) => DataType::Timestamp(TimeUnit::Microsecond, None),
        ("TIME", _) => DataType::Time64(TimeUnit::Microsecond),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::target::mysql::connect::Flavour;

    const MYSQL: Server =
        Server { flavour: Flavour::MySql, version: (8, 0, 36), packet_bytes_max: 1 << 20 };

    fn created(data_type: DataType, declared: &str, key: bool) -> String {
        let mut field = Field::new("c", data_type, true);
        if !declared.is_empty() {
            field.set_metadata(HashMap::from([(SQL_TYPE.to_owned(), declared.to_owned())]));
        }
        column_type(&field, key, MYSQL).unwrap()
    }

    #[test]
    fn types_are_taken_apart() {
        for (text, name, arguments, unsigned) in [
            ("VARCHAR(20)", "VARCHAR", vec![20], false),
            ("character varying(20)", "VARCHAR", vec![20], false),
            ("decimal(10, 2) unsigned", "DECIMAL", vec![10, 2], true),
            ("INT UNSIGNED", "INT", vec![], true),
            ("tinyint(1) unsigned zerofill", "TINYINT", vec![1], true),
            ("DOUBLE PRECISION", "DOUBLE", vec![], false),
            ("TIMESTAMP(3) WITHOUT TIME ZONE", "TIMESTAMP", vec![3], false),
            ("enum('unsigned','b)')", "ENUM", vec![], false),
            ("datetime /* mariadb-5.3 */", "DATETIME", vec![], false),
        ] {
            let expected = SqlType { name: name.to_owned(), arguments, unsigned };
            assert_eq!(SqlType::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_created_column_looks_as_declared_where_that_holds_the_values() {
        let timestamp = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (data_type, declared, expected) in [
            (DataType::Utf8, "VARCHAR(20)", "VARCHAR(20)"),
            (DataType::Utf8, "CHAR(2)", "VARCHAR(2)"),
            (DataType::Utf8, "VARCHAR(16384)", "LONGTEXT"),
            (DataType::Utf8, "VARCHAR", "LONGTEXT"),
            (DataType::Utf8, "CHAR", "VARCHAR(1)"),
            (DataType::Utf8, "STRING", "LONGTEXT"),
            (DataType::Utf8, "MEDIUMTEXT", "MEDIUMTEXT"),
            (DataType::Utf8, "JSON", "JSON"),
            (DataType::Utf8, "ENUM('a')", "LONGTEXT"),
            (DataType::Utf8, "INT", "LONGTEXT"),
            (DataType::Binary, "BINARY(16)", "BINARY(16)"),
            (DataType::Binary, "VARBINARY(16)", "VARBINARY(16)"),
            (DataType::Binary, "BYTEA", "LONGBLOB"),
            (DataType::Int32, "INT", "INT"),
            (DataType::Int32, "BIGINT", "BIGINT"),
            (DataType::Int32, "SMALLINT", "INT"),
            (DataType::Int32, "INT UNSIGNED", "INT"),
            (DataType::UInt32, "INT UNSIGNED", "INT UNSIGNED"),
            (DataType::Int16, "MEDIUMINT", "MEDIUMINT"),
            (DataType::Int32, "MEDIUMINT", "INT"),
            (DataType::Boolean, "BOOLEAN", "TINYINT(1)"),
            (DataType::Float64, "FLOAT", "DOUBLE"),
            (DataType::Decimal128(12, 3), "DECIMAL(10,2)", "DECIMAL(12,3)"),
            (DataType::Decimal128(5, -2), "", "DECIMAL(7,0)"),
            (timestamp.clone(), "TIMESTAMP", "DATETIME(6)"),
            (timestamp.clone(), "DATETIME", "DATETIME(6)"),
            (timestamp.clone(), "DATETIME(3)", "DATETIME(3)"),
            (timestamp.clone(), "TIMESTAMP(0)", "DATETIME(0)"),
            (timestamp, "", "DATETIME(6)"),
            (DataType::Time64(TimeUnit::Microsecond), "TIME(3)", "TIME(3)"),
        ] {
            assert_eq!(
                created(data_type.clone(), declared, false),
                expected,
                "{data_type} {declared}"
            );
        }
    }

    #[test]
    fn key_columns_have_a_length_and_compare_exactly() {
        assert_eq!(created(DataType::Utf8, "TEXT", true), "VARCHAR(255) COLLATE utf8mb4_0900_bin");
        assert_eq!(
            created(DataType::Utf8, "VARCHAR(36)", true),
            "VARCHAR(36) COLLATE utf8mb4_0900_bin"
        );
        assert_eq!(created(DataType::Binary, "BLOB", true), "VARBINARY(255)");
        assert_eq!(created(DataType::Binary, "BINARY(16)", true), "BINARY(16)");
    }

    #[test]
    fn a_decimal_that_mysql_does_not_have_is_an_error() {
        let field = Field::new("c", DataType::Decimal256(66, 2), true);
        assert!(column_type(&field, false, MYSQL).unwrap_err().to_string().contains("(66,2)"));
    }

    #[test]
    fn existing_columns_have_an_arrow_type() {
        for (sql, expected) in [
            ("tinyint(1)", Some(DataType::Boolean)),
            ("bit(1)", Some(DataType::Boolean)),
            ("tinyint", Some(DataType::Int8)),
            ("tinyint(1) unsigned", Some(DataType::UInt8)),
            ("int(10) unsigned", Some(DataType::UInt32)),
            ("bigint unsigned", Some(DataType::UInt64)),
            ("decimal(10,2)", Some(DataType::Decimal128(10, 2))),
            ("decimal(65,30)", Some(DataType::Decimal256(65, 30))),
            ("varchar(20)", Some(DataType::Utf8)),
            ("enum('a','b')", Some(DataType::Utf8)),
            ("json", Some(DataType::Utf8)),
            ("binary(16)", Some(DataType::Binary)),
            ("datetime(3)", Some(DataType::Timestamp(TimeUnit::Microsecond, None))),
            ("time", Some(DataType::Time64(TimeUnit::Microsecond))),
            ("geometry", None),
            ("vector(3)", None),
        ] {
            assert_eq!(data_type(sql), expected, "{sql}");
        }
    }
}
