//! Whether a column's type holds the values of a file that has types of its own.

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use transforms::functions::type_name;

use crate::error::{Error, Result};

/// Where a column's type is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Types {
    /// Somebody declared it: a text may be made of what is none.
    Declared,
    /// It is that of some of the files: the others have values of the same kind.
    Found,
}

/// Declared columns as what a Parquet file is read as, whose columns have usual types.
///
/// # Errors
/// A column whose values would be cut, rounded or guessed, with the file and both types.
pub(super) fn check(file: &str, found: &Schema, declared: &Schema) -> Result<()> {
    unfit(found, declared, Types::Declared).map_or(Ok(()), |(field, own)| {
        let (name, (wanted, own)) = (field.name().to_lowercase(), both(field, own));
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
    types: Types,
) -> Option<(&'a FieldRef, &'a FieldRef)> {
    columns.fields().iter().find_map(|field| {
        let own = named(found, field.name())?;
        (!types.holds(field.data_type(), own.data_type())).then_some((field, own))
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

/// The types of two columns as SQL names them, or as the engine does if that is one name.
pub(super) fn both(one: &Field, other: &Field) -> (String, String) {
    let [of_one, of_other] = [one, other].map(|field| type_name(field.data_type()).to_uppercase());
    match of_one == of_other {
        true => (one.data_type().to_string(), other.data_type().to_string()),
        false => (of_one, of_other),
    }
}

/// The column of this name, or else the first of one that differs in case alone.
fn named<'a>(schema: &'a Schema, name: &str) -> Option<&'a FieldRef> {
    let lower = name.to_lowercase();
    let exact = schema.fields().iter().find(|field| field.name() == name);
    exact.or_else(|| schema.fields().iter().find(|field| field.name().to_lowercase() == lower))
}

impl Types {
    /// Whether each value of a file's usual type is one of a column's type, but for a time's nanoseconds ([`shortened`]).
    pub(super) fn holds(self, column: &DataType, own: &DataType) -> bool {
        use DataType::{
            Binary, Date32, Duration, Interval, List, Map, Null, Struct, Timestamp, Utf8,
        };
        match (column, own) {
            _ if column == own => true,
            (_, Null) => true,
            (Struct(column), Struct(own)) => self.holds_fields(column, own),
            (List(column), List(own)) => self.holds(column.data_type(), own.data_type()),
            // What holds the keys and the values has no one name.
            (Map(column, _), Map(own, _)) => match (column.data_type(), own.data_type()) {
                (Struct(column), Struct(own)) => {
                    let mut pairs = column.iter().zip(own);
                    pairs.all(|(column, own)| self.holds(column.data_type(), own.data_type()))
                }
                _ => false,
            },
            _ if column.is_nested() || own.is_nested() => false,
            // Bytes may be no UTF-8, and the engine does not look.
            (Utf8, Binary | Interval(_) | Duration(_)) => false,
            (Utf8, _) | (Binary, Utf8) => self == Self::Declared,
            (Timestamp(..), Timestamp(..) | Date32) => true,
            _ => holds_numbers(column, own),
        }
    }

    /// The same of structures, whose fields are found by their names as they are written. Without any in common they are no pair.
    fn holds_fields(self, column: &Fields, own: &Fields) -> bool {
        let of = |name: &str| own.iter().find(|own| own.name() == name);
        let holds = |field: &FieldRef| match of(field.name()) {
            Some(own) => self.holds(field.data_type(), own.data_type()),
            None => !is_alike(own, field.name()),
        };
        column.iter().all(holds) && column.iter().any(|field| of(field.name()).is_some())
    }
}

/// Whether a field's name differs in case alone, or not at all.
pub(super) fn is_alike(fields: &Fields, name: &str) -> bool {
    fields.iter().any(|field| field.name().to_lowercase() == name.to_lowercase())
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

/// Whether nanoseconds are cut off, in a file's own type.
fn cuts(column: &DataType, own: &DataType) -> bool {
    use DataType::{FixedSizeList, LargeList, List, Map, Struct, Timestamp};
    match (column, own) {
        (Timestamp(unit, _), Timestamp(TimeUnit::Nanosecond, _)) => *unit != TimeUnit::Nanosecond,
        (DataType::Utf8, Timestamp(TimeUnit::Nanosecond, _)) => true,
        (List(column), List(own) | LargeList(own) | FixedSizeList(own, _))
        | (Map(column, _), Map(own, _)) => cuts(column.data_type(), own.data_type()),
        (Struct(column), Struct(own)) => column.iter().any(|field| {
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
            // Bytes may be no UTF-8.
            (DataType::Binary, Utf8, (true, false)),
        ] {
            let holds = |one, other| Types::Declared.holds(one, other);
            let both = (holds(&one, &other), holds(&other, &one));
            assert_eq!(both, expected, "{one} and {other}");
        }
    }

    #[test]
    fn a_type_that_was_found_holds_values_of_its_kind_alone() {
        use DataType::{Binary, Boolean, Date32, Int32, Int64, Utf8};
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (one, other, expected) in [
            (Int64, Int32, (true, false)),
            (micros, Date32, (true, false)),
            (Utf8, Boolean, (false, false)),
            (Utf8, Int32, (false, false)),
            (Utf8, Binary, (false, false)),
        ] {
            let holds = |one, other| Types::Found.holds(one, other);
            assert_eq!((holds(&one, &other), holds(&other, &one)), expected, "{one} and {other}");
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
            assert_eq!(Types::Declared.holds(&declared, &own), expected, "{declared} of {own}");
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
