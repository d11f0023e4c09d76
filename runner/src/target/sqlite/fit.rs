//! Which SQLite column holds which values: SQLite's rules of type affinity
//! (<https://www.sqlite.org/datatype3.html>, section 3.1).

use datafusion::arrow::datatypes::{DataType, TimeUnit};

use crate::target::sqlite::shape;
use crate::target::{ColumnDef, Mismatch, TableDef, TableSpec};

/// Decimal digits that a REAL keeps.
const REAL_DIGITS: u8 = 15;

/// Decimal digits that an INTEGER keeps.
const INTEGER_DIGITS: u8 = 18;

/// What SQLite does with a value on its way into a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Affinity {
    /// Numbers in texts become numbers, integral ones INTEGER.
    Integer,
    /// Numbers become texts.
    Text,
    /// Nothing.
    Blob,
    /// Numbers in texts become REAL.
    Real,
    /// As INTEGER.
    Numeric,
}

impl Affinity {
    /// The affinity of a declared type.
    pub(super) fn of(sql_type: &str) -> Self {
        let declared = sql_type.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        if has(&["INT"]) {
            Self::Integer
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Self::Text
        } else if declared.is_empty() || has(&["BLOB"]) {
            Self::Blob
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Self::Real
        } else {
            Self::Numeric
        }
    }
}

/// The type of a column in a table that we create; `None` if there is none.
pub(super) fn sql_type(data_type: &DataType) -> Option<&'static str> {
    Some(match data_type {
        DataType::Boolean => "INTEGER",
        integer if integer.is_integer() => "INTEGER",
        DataType::Float32 | DataType::Float64 => "REAL",
        DataType::Decimal128(..) | DataType::Decimal256(..) | DataType::Utf8 => "TEXT",
        DataType::Date32
        | DataType::Timestamp(TimeUnit::Microsecond, None)
        | DataType::Time64(TimeUnit::Microsecond) => "TEXT",
        DataType::Binary => "BLOB",
        _ => return None,
    })
}

/// The arrow type that a column of a declared type is read as.
pub(super) fn read_type(sql_type: &str) -> Option<DataType> {
    let declared = sql_type.to_ascii_uppercase();
    let word = declared.split(['(', ' ']).next().unwrap_or_default();
    Some(match word {
        "BOOLEAN" | "BOOL" => DataType::Boolean,
        "DATE" => DataType::Date32,
        "DATETIME" | "TIMESTAMP" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "TIME" => DataType::Time64(TimeUnit::Microsecond),
        "BINARY" | "VARBINARY" => DataType::Binary,
        "DECIMAL" | "NUMERIC" => decimal_type(&declared).unwrap_or(DataType::Float64),
        _ => match Affinity::of(sql_type) {
            Affinity::Integer => DataType::Int64,
            Affinity::Real => DataType::Float64,
            Affinity::Blob if !declared.is_empty() => DataType::Binary,
            Affinity::Text | Affinity::Blob | Affinity::Numeric => DataType::Utf8,
        },
    })
}

fn decimal_type(declared: &str) -> Option<DataType> {
    let arguments = declared.split_once('(')?.1.split_once(')')?.0;
    let (precision, scale) = arguments.split_once(',').unwrap_or((arguments, "0"));
    let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    match precision {
        1..=38 => Some(DataType::Decimal128(precision, scale)),
        39..=76 => Some(DataType::Decimal256(precision, scale)),
        _ => None,
    }
}

/// Compares a model with a table; see [`crate::target::Target::check`].
pub(super) fn check(spec: &TableSpec, def: &TableDef) -> Vec<Mismatch> {
    let written = spec.schema.fields().iter().filter_map(|field| {
        let column = shape::find(def, field.name());
        let Some(column) = column else {
            let sql_type = sql_type(field.data_type()).map(str::to_owned);
            return Some(Mismatch::missing(field.name(), sql_type));
        };
        Some(Mismatch::unfit(field.name(), check_column(field.data_type(), column).err()?))
    });
    let is_in_model = |column: &ColumnDef| {
        spec.schema.fields().iter().any(|field| field.name().eq_ignore_ascii_case(&column.name))
    };
    let left_out = def.columns.iter().filter(|column| !column.optional && !is_in_model(column));
    written.chain(left_out.map(|column| Mismatch::left_out(&column.name))).collect()
}

fn check_column(data_type: &DataType, column: &ColumnDef) -> Result<(), String> {
    if column.generated {
        return Err("the table computes this column, so it cannot be written".into());
    }
    if holds(Affinity::of(&column.sql_type), data_type) {
        return Ok(());
    }
    let declared = if column.sql_type.is_empty() { "no type" } else { &column.sql_type };
    let given = transforms::functions::sql_type(data_type);
    Err(format!("the model gives {given}, which {declared} in the table cannot hold exactly"))
}

/// Whether every value of a type is kept and found again as it was written.
fn holds(affinity: Affinity, data_type: &DataType) -> bool {
    match data_type {
        DataType::Int64 | DataType::UInt64 => affinity != Affinity::Real,
        DataType::Boolean => true,
        integer if integer.is_integer() => true,
        // As text a REAL has 15 digits.
        DataType::Float32 | DataType::Float64 => {
            !matches!(affinity, Affinity::Integer | Affinity::Text)
        }
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            match affinity {
                Affinity::Text | Affinity::Blob => true,
                Affinity::Integer => *scale <= 0 && *precision <= INTEGER_DIGITS,
                Affinity::Real | Affinity::Numeric => *precision <= REAL_DIGITS,
            }
        }
        DataType::Utf8 => matches!(affinity, Affinity::Text | Affinity::Blob),
        // VARBINARY, DATE and DATETIME have affinity NUMERIC, which leaves a BLOB and a text that is no number alone.
        DataType::Binary => matches!(affinity, Affinity::Blob | Affinity::Numeric),
        DataType::Date32 | DataType::Timestamp(..) | DataType::Time64(_) => {
            !matches!(affinity, Affinity::Integer | Affinity::Real)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affinity_follows_the_manual_in_its_order_of_rules() {
        for (sql_type, affinity) in [
            ("INTEGER", Affinity::Integer),
            ("bigint unsigned", Affinity::Integer),
            ("CHARINT", Affinity::Integer),
            ("varchar(20)", Affinity::Text),
            ("NCLOB", Affinity::Text),
            ("BLOB", Affinity::Blob),
            ("", Affinity::Blob),
            ("DOUBLE PRECISION", Affinity::Real),
            ("FLOAT", Affinity::Real),
            ("DECIMAL(10,2)", Affinity::Numeric),
            ("DATETIME", Affinity::Numeric),
            ("STRING", Affinity::Numeric),
        ] {
            assert_eq!(Affinity::of(sql_type), affinity, "{sql_type}");
        }
    }

    #[test]
    fn a_text_that_looks_like_a_number_does_not_fit_where_it_would_become_one() {
        for (affinity, holds_text) in [
            (Affinity::Integer, false),
            (Affinity::Real, false),
            (Affinity::Numeric, false),
            (Affinity::Text, true),
            (Affinity::Blob, true),
        ] {
            assert_eq!(holds(affinity, &DataType::Utf8), holds_text, "{affinity:?}");
        }
    }

    #[test]
    fn a_decimal_fits_a_number_as_long_as_no_digit_is_lost() {
        let holds_decimal =
            |affinity, precision, scale| holds(affinity, &DataType::Decimal128(precision, scale));
        assert!(holds_decimal(Affinity::Numeric, 15, 2));
        assert!(!holds_decimal(Affinity::Numeric, 16, 2));
        assert!(!holds_decimal(Affinity::Real, 16, 2));
        assert!(holds_decimal(Affinity::Integer, 18, 0));
        assert!(!holds_decimal(Affinity::Integer, 10, 2));
        assert!(holds_decimal(Affinity::Text, 38, 10));
    }

    #[test]
    fn a_declared_type_tells_what_it_is_read_as() {
        for (sql_type, data_type) in [
            ("INTEGER", DataType::Int64),
            ("VARCHAR(3)", DataType::Utf8),
            ("DECIMAL(10, 2)", DataType::Decimal128(10, 2)),
            ("numeric(40)", DataType::Decimal256(40, 0)),
            ("NUMERIC", DataType::Float64),
            ("date", DataType::Date32),
            ("DATETIME", DataType::Timestamp(TimeUnit::Microsecond, None)),
            ("BLOB", DataType::Binary),
            ("", DataType::Utf8),
        ] {
            assert_eq!(read_type(sql_type), Some(data_type), "{sql_type}");
        }
    }
}
