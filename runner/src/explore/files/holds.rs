//! Whether a declared type holds the values of a file that has types of its own.

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use transforms::functions::type_name;

use crate::error::{Error, Result};

/// Declared columns as what a Parquet file is read as.
///
/// # Errors
/// A column whose values would be cut, rounded or guessed, with the file and both types.
pub(super) fn check(file: &str, found: &Schema, declared: &Schema) -> Result<()> {
    let of = |name: &str| {
        let alike = |field: &&FieldRef| field.name().eq_ignore_ascii_case(name);
        let exact = found.fields().iter().find(|field| field.name() == name);
        exact.or_else(|| found.fields().iter().find(alike))
    };
    let unfit = declared.fields().iter().find_map(|field| {
        let own = of(field.name())?;
        (!holds(field.data_type(), own.data_type())).then_some((field, own))
    });
    unfit.map_or(Ok(()), |(field, own)| Err(differs(file, field, own)))
}

fn differs(file: &str, declared: &Field, own: &Field) -> Error {
    let name = declared.name();
    let [wanted, own] = [declared, own].map(|field| type_name(field.data_type()).to_uppercase());
    Error::usage(format!("{file}: column `{name}` is {own}, and declared as {wanted}")).hint(format!(
        "declare `{name}` as {own}, or leave the columns out; for {wanted}, write CAST({name} AS {wanted}) in the SELECT"
    ))
}

/// Whether each value of a file's type is one of the declared type, or an error tells of the one that is not.
fn holds(declared: &DataType, own: &DataType) -> bool {
    use DataType::{Binary, BinaryView, Boolean, Date32, FixedSizeBinary, LargeBinary, LargeUtf8};
    use DataType::{Null, Timestamp, Utf8, Utf8View};
    if declared.is_nested() || own.is_nested() {
        return declared.is_nested() && own.is_nested();
    }
    match (declared, own) {
        _ if declared == own => true,
        (_, Null) | (Utf8, _) | (Timestamp(..), Timestamp(..) | Date32) => true,
        (Binary, Utf8 | Utf8View | LargeUtf8 | BinaryView | LargeBinary | FixedSizeBinary(_)) => {
            true
        }
        (Boolean, _) | (_, Boolean) => false,
        (declared, own) if declared.is_numeric() && own.is_numeric() => {
            let is_of_decimals = scale(own).is_some() && scale(declared) >= scale(own);
            own.is_integer() || declared.is_floating() && own.is_floating() || is_of_decimals
        }
        _ => false,
    }
}

/// The digits behind the point that a type keeps; `None` of one that has no point.
fn scale(data_type: &DataType) -> Option<i8> {
    match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => Some(*scale),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::TimeUnit;

    use super::*;

    #[test]
    fn a_declared_type_holds_what_it_neither_cuts_nor_guesses() {
        use DataType::{Date32, Decimal128, Float32, Float64, Int32, Int64, Utf8};
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (declared, own, expected) in [
            (Int32, Int64, true),
            (Int32, Utf8, false),
            (Int32, Float64, false),
            (Int32, Decimal128(5, 2), false),
            (Float64, Float32, true),
            (Float64, Decimal128(38, 2), false),
            (Float64, Int32, true),
            (Decimal128(5, 2), Decimal128(20, 2), true),
            (Decimal128(5, 1), Decimal128(20, 2), false),
            (Decimal128(5, 1), Float64, false),
            (Utf8, Int64, true),
            (Date32, Utf8, false),
            (Date32, micros.clone(), false),
            (micros, Date32, true),
            (DataType::Boolean, Int32, false),
        ] {
            assert_eq!(holds(&declared, &own), expected, "{declared} of {own}");
        }
    }
}
