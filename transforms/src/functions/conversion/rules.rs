//! Which types are cast to which, and what that may do.
//!
//! <https://spark.apache.org/docs/3.5.6/sql-ref-ansi-compliance.html#cast> lists the pairs with ANSI on; with ANSI off there are more.

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};

/// How values that do not fit are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// As CAST does: integers wrap, floats saturate, of a text's number the fraction is left out.
    Cast,
    /// As TRY_CAST does: they are NULL.
    TryCast,
}

/// The kinds of types that the rules tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Null,
    Boolean,
    Integer,
    Unsigned,
    Float,
    Decimal,
    Text,
    Binary,
    Date,
    Timestamp,
    Time,
    Nested,
    Other,
}

/// The class of a type.
pub(super) fn class(data_type: &DataType) -> Class {
    match data_type {
        DataType::Null => Class::Null,
        DataType::Boolean => Class::Boolean,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Class::Integer,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => Class::Unsigned,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Class::Float,
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => Class::Decimal,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Class::Text,
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => Class::Binary,
        DataType::Date32 => Class::Date,
        DataType::Date64 | DataType::Timestamp(..) => Class::Timestamp,
        DataType::Time32(_) | DataType::Time64(_) => Class::Time,
        DataType::Dictionary(_, values) => class(values),
        other if other.is_nested() => Class::Nested,
        _ => Class::Other,
    }
}

impl Class {
    fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Unsigned | Self::Float | Self::Decimal)
    }
}

/// Whether a cast exists.
pub(super) fn is_castable(from: &DataType, to: &DataType, strictness: Strictness) -> bool {
    if from == to {
        return true;
    }
    let lenient = strictness == Strictness::Cast;
    match (class(from), class(to)) {
        (Class::Null, _) => true,
        (Class::Other, _) | (_, Class::Other | Class::Null) => false,
        (Class::Nested, Class::Nested) => lenient && is_castable_inside(from, to),
        (_, Class::Text) => true,
        (Class::Text, to) => to != Class::Nested,
        (Class::Integer, Class::Binary) => lenient,
        (Class::Timestamp, Class::Boolean)
        | (Class::Date, Class::Boolean | Class::Integer | Class::Unsigned)
        | (Class::Date, Class::Float | Class::Decimal) => lenient,
        (Class::Date | Class::Timestamp, Class::Date | Class::Timestamp) => true,
        (from, to) if from == to => true,
        (from, to) => {
            let (number, moment) =
                (|class: Class| class.is_number() || class == Class::Boolean, Class::Timestamp);
            (number(from) && (number(to) || to == moment)) || (from == moment && to.is_number())
        }
    }
}

fn is_castable_inside(from: &DataType, to: &DataType) -> bool {
    let castable =
        |from: &Field, to: &Field| is_castable(from.data_type(), to.data_type(), Strictness::Cast);
    match (from, to) {
        (list, DataType::List(to)) => element(list).is_some_and(|from| castable(from, to)),
        (DataType::Map(from, _), DataType::Map(to, _)) => {
            match (from.data_type(), to.data_type()) {
                (DataType::Struct(from), DataType::Struct(to)) => {
                    let key = |fields: &datafusion::arrow::datatypes::Fields| {
                        fields.first().map(|key| key.data_type().clone())
                    };
                    // A key cannot be NULL.
                    let safe = key(from)
                        .zip(key(to))
                        .is_some_and(|(from, to)| !may_give_null(&from, &to, Strictness::Cast));
                    safe && from.iter().zip(to).all(|(from, to)| castable(from, to))
                }
                _ => false,
            }
        }
        (DataType::Struct(from), DataType::Struct(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| castable(from, to))
        }
        _ => false,
    }
}

/// The element of a list.
pub(super) fn element(list: &DataType) -> Option<&Field> {
    match list {
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => Some(element),
        _ => None,
    }
}

/// Whether an argument is cast where a parameter takes this type: there is less than a CAST does.
pub(super) fn is_implicit(from: &DataType, to: &DataType) -> bool {
    if from == to {
        return true;
    }
    match (class(from), class(to)) {
        (Class::Null, _) => true,
        (Class::Nested | Class::Other, _) => false,
        (_, Class::Text) => true,
        (Class::Text, to) => {
            to.is_number() || matches!(to, Class::Date | Class::Timestamp | Class::Binary)
        }
        (Class::Date | Class::Timestamp, Class::Date | Class::Timestamp) => true,
        (from, to) => from == to || (from.is_number() && to.is_number()),
    }
}

/// Whether a value that is not NULL may become NULL.
pub(super) fn may_give_null(from: &DataType, to: &DataType, strictness: Strictness) -> bool {
    if from == to || is_lossless(from, to) {
        return false;
    }
    match (class(from), class(to)) {
        (_, Class::Text | Class::Binary | Class::Boolean) if class(from) != Class::Text => {
            class(from) == Class::Date && class(to) == Class::Boolean
        }
        (Class::Text, Class::Text | Class::Binary) => false,
        (Class::Null | Class::Nested, _) => false,
        (Class::Text, _) | (Class::Date, _) => true,
        (Class::Timestamp, Class::Date) | (Class::Decimal, Class::Float) => false,
        (Class::Integer | Class::Unsigned | Class::Boolean | Class::Float, Class::Float)
        | (Class::Integer | Class::Unsigned | Class::Boolean, Class::Timestamp)
        | (Class::Timestamp, Class::Timestamp | Class::Float) => false,
        (Class::Boolean, Class::Unsigned) => false,
        (_, Class::Unsigned) => true,
        (_, Class::Integer) | (Class::Decimal, Class::Timestamp) => {
            strictness == Strictness::TryCast
        }
        _ => true,
    }
}

/// Whether the engine's own cast gives what Spark's does for every value, so that it can reason about it.
pub(super) fn is_lossless(from: &DataType, to: &DataType) -> bool {
    let (digits, scale) = match to {
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            (i16::from(*precision) - i16::from(*scale), i16::from(*scale))
        }
        _ => (0, 0),
    };
    match (from, to) {
        (DataType::Null, _) => true,
        (DataType::Date32, DataType::Timestamp(TimeUnit::Microsecond, None)) => true,
        (DataType::Float32, DataType::Float64) => true,
        (
            DataType::Decimal128(precision, from) | DataType::Decimal256(precision, from),
            DataType::Decimal128(..) | DataType::Decimal256(..),
        ) => i16::from(*from) <= scale && i16::from(*precision) - i16::from(*from) <= digits,
        _ => match (class(from), class(to)) {
            (Class::Integer | Class::Unsigned | Class::Boolean, Class::Text) => true,
            (Class::Text, Class::Text) | (Class::Binary, Class::Binary) => true,
            (Class::Boolean, Class::Integer | Class::Unsigned) => true,
            (Class::Integer, Class::Integer) => bits(from) < bits(to),
            (Class::Unsigned, Class::Integer | Class::Unsigned) => bits(from) < bits(to),
            (Class::Integer | Class::Unsigned, Class::Float) => true,
            (Class::Integer | Class::Unsigned, Class::Decimal) => digits_of(from) <= digits,
            _ => false,
        },
    }
}

fn bits(data_type: &DataType) -> usize {
    data_type.primitive_width().unwrap_or_default()
}

/// How many decimal digits an integer type has at most.
pub(super) fn digits_of(integer: &DataType) -> i16 {
    match integer {
        DataType::Int8 | DataType::UInt8 => 3,
        DataType::Int16 | DataType::UInt16 => 5,
        DataType::Int32 | DataType::UInt32 => 10,
        // Spark counts 20 for a BIGINT, which has 19 at most.
        _ => 20,
    }
}

/// A type as Spark names it.
pub(super) fn name(data_type: &DataType) -> String {
    let fixed = match data_type {
        DataType::Int8 => "TINYINT",
        DataType::Int16 => "SMALLINT",
        DataType::Int32 => "INT",
        DataType::Int64 => "BIGINT",
        DataType::Float16 | DataType::Float32 => "FLOAT",
        DataType::Float64 => "DOUBLE",
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            return format!("DECIMAL({precision},{scale})");
        }
        DataType::Map(..) => "MAP",
        DataType::Struct(_) => "STRUCT",
        other => match class(other) {
            Class::Null => "VOID",
            Class::Boolean => "BOOLEAN",
            Class::Text => "STRING",
            Class::Binary => "BINARY",
            Class::Date => "DATE",
            Class::Timestamp => "TIMESTAMP",
            Class::Time => "TIME",
            Class::Nested => "ARRAY",
            _ => return other.to_string(),
        },
    };
    fixed.to_owned()
}
