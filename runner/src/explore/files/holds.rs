//! Whether a column's type holds the values of a file that has types of its own.

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use transforms::functions::type_name;

use crate::error::{Error, Result};

/// Declared columns as what a Parquet file is read as.
///
/// # Errors
/// A column whose values would be cut, rounded or guessed, with the file and both types.
pub(super) fn check(file: &str, found: &Schema, declared: &Schema) -> Result<()> {
    unfit(found, declared).map_or(Ok(()), |(field, own)| {
        let (name, wanted, own) = (field.name().to_lowercase(), told(field), told(own));
        Err(Error::usage(format!("{file}: column `{name}` is {own}, and declared as {wanted}"))
            .hint(format!(
                "declare `{name}` as {own}, or leave the columns out; for {wanted}, write CAST({name} AS {wanted}) in the SELECT"
            )))
    })
}

/// The first column whose type does not hold the values of a file, and what the file has.
pub(super) fn unfit<'a>(
    found: &'a Schema,
    columns: &'a Schema,
) -> Option<(&'a FieldRef, &'a FieldRef)> {
    columns.fields().iter().find_map(|field| {
        let own = named(found, field.name())?;
        (!holds(field.data_type(), own.data_type())).then_some((field, own))
    })
}

/// The first column that is read and that a file has under a name which differs in case alone, and what the file has. It would be NULL.
pub(super) fn respelled<'a>(
    found: &'a Schema,
    read: &'a Schema,
    columns: &Schema,
) -> Option<(&'a FieldRef, &'a FieldRef)> {
    read.fields().iter().find_map(|field| {
        let own = named(found, field.name())?;
        columns.field_with_name(own.name()).is_err().then_some((field, own))
    })
}

/// The columns whose times a file has in nanoseconds, of which microseconds are kept.
pub(super) fn shortened<'a>(found: &Schema, columns: &'a Schema) -> Vec<&'a Field> {
    let is_one = |field: &&FieldRef| {
        named(found, field.name()).is_some_and(|own| cuts(field.data_type(), own.data_type()))
    };
    columns.fields().iter().filter(is_one).map(AsRef::as_ref).collect()
}

/// A column's type as SQL names it.
pub(super) fn told(field: &FieldRef) -> String {
    type_name(field.data_type()).to_uppercase()
}

/// The column of this name, or else the first of one that differs in case alone.
fn named<'a>(schema: &'a Schema, name: &str) -> Option<&'a FieldRef> {
    let lower = name.to_lowercase();
    let exact = schema.fields().iter().find(|field| field.name() == name);
    exact.or_else(|| schema.fields().iter().find(|field| field.name().to_lowercase() == lower))
}

/// Whether each value of a file's type is one of the declared type, but for a time's nanoseconds ([`shortened`]).
fn holds(declared: &DataType, own: &DataType) -> bool {
    use DataType::{Binary, BinaryView, Date32, FixedSizeBinary, LargeBinary, LargeUtf8, List};
    use DataType::{Map, Null, Struct, Timestamp, Utf8, Utf8View};
    match (declared, own) {
        _ if declared == own => true,
        (_, Null) => true,
        (Struct(declared), Struct(own)) => holds_fields(declared, own),
        (List(declared), List(own)) => holds(declared.data_type(), own.data_type()),
        // What holds the keys and the values has no one name.
        (Map(declared, _), Map(own, _)) => match (declared.data_type(), own.data_type()) {
            (Struct(declared), Struct(own)) => {
                let mut pairs = declared.iter().zip(own);
                pairs.all(|(declared, own)| holds(declared.data_type(), own.data_type()))
            }
            _ => false,
        },
        _ if declared.is_nested() || own.is_nested() => false,
        (Utf8, _) | (Timestamp(..), Timestamp(..) | Date32) => true,
        (Binary, Utf8 | Utf8View | LargeUtf8 | BinaryView | LargeBinary | FixedSizeBinary(_)) => {
            true
        }
        _ => holds_numbers(declared, own),
    }
}

/// The same of structures, whose fields are found by their names as they are written. Without any in common they are no pair.
fn holds_fields(declared: &Fields, own: &Fields) -> bool {
    let of = |name: &str| own.iter().find(|own| own.name() == name);
    let is_alike =
        |name: &str| own.iter().any(|own| own.name().to_lowercase() == name.to_lowercase());
    let holds = |field: &FieldRef| match of(field.name()) {
        Some(own) => holds(field.data_type(), own.data_type()),
        None => !is_alike(field.name()),
    };
    declared.iter().all(holds) && declared.iter().any(|field| of(field.name()).is_some())
}

/// The same of numbers, with all their digits.
fn holds_numbers(declared: &DataType, own: &DataType) -> bool {
    use DataType::{Float16, Float32, Float64};
    match (declared, own) {
        (Float64, Float16 | Float32) | (Float32, Float16) => return true,
        _ => {}
    }
    if let Some((bits, is_signed)) = integer(own) {
        return match (declared, integer(declared), decimal(declared)) {
            (Float64, ..) => bits <= 32,
            (Float32, ..) => bits <= 16,
            (_, Some((room, with_sign)), _) => bits <= room && (with_sign || !is_signed),
            (_, _, Some((whole, _))) => {
                // As many digits as the power of two has: log10(2) is 0.30103.
                whole > i32::from(bits) * 30_103 / 100_000
            }
            _ => false,
        };
    }
    match (decimal(declared), decimal(own)) {
        (Some((whole, scale)), Some((own_whole, own_scale))) => {
            whole >= own_whole && scale >= own_scale
        }
        _ => false,
    }
}

/// The bits that an integer's value may have, and whether there is a sign besides.
fn integer(data_type: &DataType) -> Option<(u8, bool)> {
    use DataType::{Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64};
    Some(match data_type {
        Int8 => (7, true),
        Int16 => (15, true),
        Int32 => (31, true),
        Int64 => (63, true),
        UInt8 => (8, false),
        UInt16 => (16, false),
        UInt32 => (32, false),
        UInt64 => (64, false),
        _ => return None,
    })
}

/// The digits before and behind the point that a type keeps; `None` of one that has no point.
fn decimal(data_type: &DataType) -> Option<(i32, i32)> {
    match data_type {
        DataType::Decimal32(digits, scale)
        | DataType::Decimal64(digits, scale)
        | DataType::Decimal128(digits, scale)
        | DataType::Decimal256(digits, scale) => {
            Some((i32::from(*digits) - i32::from(*scale), i32::from(*scale)))
        }
        _ => None,
    }
}

/// Whether nanoseconds are cut off.
fn cuts(declared: &DataType, own: &DataType) -> bool {
    use DataType::{List, Struct, Timestamp};
    match (declared, own) {
        (Timestamp(unit, _), Timestamp(TimeUnit::Nanosecond, _)) => *unit != TimeUnit::Nanosecond,
        (List(declared), List(own)) => cuts(declared.data_type(), own.data_type()),
        (Struct(declared), Struct(own)) => declared.iter().any(|field| {
            let own = own.iter().find(|own| own.name() == field.name());
            own.is_some_and(|own| cuts(field.data_type(), own.data_type()))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_type_holds_what_it_neither_cuts_nor_guesses() {
        use DataType::{Boolean, Date32, Decimal128, Float32, Float64, Int16, Int32, Int64, UInt8};
        use DataType::{UInt32, UInt64, Utf8};
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        // One way, and the other.
        for (one, other, expected) in [
            (Int64, Int32, (true, false)),
            (Int16, UInt8, (true, false)),
            (Int64, UInt32, (true, false)),
            (Int64, UInt64, (false, false)),
            (Int32, Utf8, (false, true)),
            (Int32, Float64, (false, true)),
            (Int32, Decimal128(5, 2), (false, false)),
            (Float64, Float32, (true, false)),
            (Float64, Int64, (false, false)),
            (Float64, Decimal128(38, 2), (false, false)),
            (Float32, Int16, (true, false)),
            (Float32, Int32, (false, false)),
            (Decimal128(20, 2), Decimal128(5, 2), (true, false)),
            (Decimal128(5, 1), Decimal128(20, 2), (false, true)),
            (Decimal128(5, 1), Float64, (false, false)),
            (Decimal128(19, 0), Int64, (true, false)),
            (Decimal128(20, 2), Int64, (false, false)),
            (Utf8, Int64, (true, false)),
            (Date32, Utf8, (false, true)),
            (micros.clone(), Date32, (true, false)),
            (Boolean, Int32, (false, false)),
        ] {
            let both = (holds(&one, &other), holds(&other, &one));
            assert_eq!(both, expected, "{one} and {other}");
        }
    }

    #[test]
    fn lists_and_structures_hold_what_their_items_and_fields_do() {
        use DataType::{Float64, Int32, Int64, Utf8};
        let list = |of: DataType| DataType::new_list(of, true);
        let of = |fields: &[(&str, DataType)]| {
            let field = |(name, of): &(&str, DataType)| Field::new(*name, of.clone(), true);
            DataType::Struct(fields.iter().map(field).collect())
        };
        for (declared, own, expected) in [
            (list(Int64), list(Int32), true),
            (list(Int32), list(Float64), false),
            (list(of(&[("x", Int32)])), list(of(&[("x", Float64)])), false),
            (of(&[("x", Int64), ("z", Utf8)]), of(&[("y", Float64), ("x", Int32)]), true),
            (of(&[("x", Int32), ("y", Float64)]), of(&[("x", Int32), ("y", Int64)]), false),
            // They would be NULL.
            (of(&[("x", Int32)]), of(&[("X", Int32)]), false),
            (of(&[("x", Int32)]), of(&[("y", Int32)]), false),
            (list(Int32), of(&[("x", Int32)]), false),
            (Utf8, list(Int32), false),
            (list(Int32), Int32, false),
        ] {
            assert_eq!(holds(&declared, &own), expected, "{declared} of {own}");
        }
    }

    #[test]
    fn names_that_differ_in_case_are_told_unless_they_are_columns_of_their_own() {
        let of = |names: &[&str]| {
            let field = |name: &&str| Field::new(*name, DataType::Int32, true);
            Schema::new(names.iter().map(field).collect::<Vec<_>>())
        };
        for (found, columns, expected) in [
            (&["Äa"][..], &["äa"][..], true),
            (&["äa"], &["äa"], false),
            (&["Äa"], &["äa", "Äa"], false),
            (&["b"], &["äa"], false),
        ] {
            let (found, columns) = (of(found), of(columns));
            assert_eq!(respelled(&found, &columns, &columns).is_some(), expected, "{columns}");
        }
    }
}
