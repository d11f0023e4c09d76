//! `hash` and `xxhash64` over values of any type (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#hash>).
//!
//! The hash of one value is the seed of the next, NULL leaves the seed as it is, and the first seed is 42.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::xxhash64::Xx;
use crate::functions::scalar::{Arguments, Scalar};

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Scalar::of(
            "hash",
            1..=usize::MAX,
            |types, _| gives(types, DataType::Int32),
            |arguments| {
                let rows: Result<Vec<u32>> = rows::<Murmur3>(arguments);
                Ok(Arc::new(rows?.into_iter().map(u32::cast_signed).collect::<Int32Array>()))
            },
        ),
        Scalar::of(
            "unglue_xxhash64",
            1..=usize::MAX,
            |types, _| gives(types, DataType::Int64),
            |arguments| {
                let rows: Result<Vec<u64>> = rows::<Xx>(arguments);
                Ok(Arc::new(rows?.into_iter().map(u64::cast_signed).collect::<Int64Array>()))
            },
        ),
    ]
}

/// Maps with equal entries would have different hashes.
fn gives(types: &[DataType], hash: DataType) -> Result<DataType> {
    fn has_map(data_type: &DataType) -> bool {
        match data_type {
            DataType::Map(..) => true,
            DataType::List(item) => has_map(item.data_type()),
            DataType::Struct(fields) => fields.iter().any(|field| has_map(field.data_type())),
            _ => false,
        }
    }
    if types.iter().any(has_map) {
        return plan_err!("a map has no hash");
    }
    Ok(hash)
}

/// A hash function, of which there is one for each width that values have.
pub(super) trait Hash: Copy {
    /// What the hash is.
    const SEED: Self::Value;
    /// The hash, which is the seed of the next value.
    type Value: Copy;

    /// Of an integer of up to 32 bits.
    fn of_int(value: i32, seed: Self::Value) -> Self::Value;
    /// Of an integer of 64 bits.
    fn of_long(value: i64, seed: Self::Value) -> Self::Value;
    /// Of bytes.
    fn of_bytes(value: &[u8], seed: Self::Value) -> Self::Value;
}

fn rows<H: Hash>(arguments: &Arguments) -> Result<Vec<H::Value>> {
    let mut hashes = vec![H::SEED; arguments.rows()];
    for column in arguments.columns() {
        for (row, hash) in hashes.iter_mut().enumerate() {
            *hash = of_value::<H>(column.array(), column.at(row), *hash)?;
        }
    }
    Ok(hashes)
}

fn of_value<H: Hash>(array: &ArrayRef, row: usize, seed: H::Value) -> Result<H::Value> {
    if array.is_null(row) {
        return Ok(seed);
    }
    Ok(match array.data_type() {
        DataType::Null => seed,
        DataType::Boolean => H::of_int(i32::from(array.as_boolean().value(row)), seed),
        DataType::Int8 => H::of_int(array.as_primitive::<Int8Type>().value(row).into(), seed),
        DataType::Int16 => H::of_int(array.as_primitive::<Int16Type>().value(row).into(), seed),
        DataType::Int32 => H::of_int(array.as_primitive::<Int32Type>().value(row), seed),
        DataType::Date32 => H::of_int(array.as_primitive::<Date32Type>().value(row), seed),
        DataType::Int64 => H::of_long(array.as_primitive::<Int64Type>().value(row), seed),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            H::of_long(array.as_primitive::<TimestampMicrosecondType>().value(row), seed)
        }
        DataType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            // Both zeros are one value, and so are all that are no numbers.
            let bits = match value {
                0.0 => 0,
                value if value.is_nan() => 0x7FC0_0000,
                value => value.to_bits(),
            };
            H::of_int(bits.cast_signed(), seed)
        }
        DataType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            let bits = match value {
                0.0 => 0,
                value if value.is_nan() => 0x7FF8_0000_0000_0000,
                value => value.to_bits(),
            };
            H::of_long(bits.cast_signed(), seed)
        }
        DataType::Decimal128(precision, _) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            match i64::try_from(value) {
                Ok(value) if *precision <= 18 => H::of_long(value, seed),
                _ => H::of_bytes(shortest(&value.to_be_bytes()), seed),
            }
        }
        DataType::Utf8 => H::of_bytes(array.as_string::<i32>().value(row).as_bytes(), seed),
        DataType::Binary => H::of_bytes(array.as_binary::<i32>().value(row), seed),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let mut hash = seed;
            for item in 0..items.len() {
                hash = of_value::<H>(&items, item, hash)?;
            }
            hash
        }
        DataType::Struct(_) => {
            let mut hash = seed;
            for column in array.as_struct().columns() {
                hash = of_value::<H>(column, row, hash)?;
            }
            hash
        }
        other => return exec_err!("a value of type {other} has no hash"),
    })
}

/// The bytes of a number without those that only repeat the sign, as Java's `BigInteger` gives them.
fn shortest(bytes: &[u8]) -> &[u8] {
    let mut bytes = bytes;
    while let [first, rest @ ..] = bytes
        && let [next, ..] = rest
        && ((*first == 0 && *next < 0x80) || (*first == 0xFF && *next >= 0x80))
    {
        bytes = rest;
    }
    bytes
}

/// Murmur3 with 32 bits as Spark has it: each byte of an incomplete last word is mixed in as a word of its own.
#[derive(Debug, Clone, Copy)]
struct Murmur3;

impl Hash for Murmur3 {
    const SEED: u32 = 42;
    type Value = u32;

    fn of_int(value: i32, seed: u32) -> u32 {
        finished(mixed(seed, value.cast_unsigned()), 4)
    }

    fn of_long(value: i64, seed: u32) -> u32 {
        let bytes = value.to_le_bytes();
        let (words, _) = bytes.as_chunks::<4>();
        finished(words.iter().fold(seed, |hash, word| mixed(hash, u32::from_le_bytes(*word))), 8)
    }

    fn of_bytes(value: &[u8], seed: u32) -> u32 {
        let (words, rest) = value.as_chunks::<4>();
        let hash = words.iter().fold(seed, |hash, word| mixed(hash, u32::from_le_bytes(*word)));
        let hash = rest
            .iter()
            .fold(hash, |hash, byte| mixed(hash, i32::from(byte.cast_signed()).cast_unsigned()));
        finished(hash, u32::try_from(value.len()).unwrap_or(u32::MAX))
    }
}

fn mixed(hash: u32, word: u32) -> u32 {
    let word = word.wrapping_mul(0xCC9E_2D51).rotate_left(15).wrapping_mul(0x1B87_3593);
    (hash ^ word).rotate_left(13).wrapping_mul(5).wrapping_add(0xE654_6B64)
}

fn finished(hash: u32, length: u32) -> u32 {
    let hash = hash ^ length;
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_spark() {
        assert_eq!(Murmur3::of_int(1, 42).cast_signed(), -559_580_957);
        assert_eq!(Murmur3::of_long(1, 42).cast_signed(), -1_712_319_331);
        assert_eq!(Murmur3::of_bytes(b"Spark", 42).cast_signed(), 228_093_765);
        assert_eq!(Xx::of_bytes(b"Spark", 42).cast_signed(), -4_294_468_057_691_064_905);
    }

    #[test]
    fn bytes_that_repeat_the_sign_are_left_out() {
        for (value, expected) in [
            (0_i128, &[0_u8][..]),
            (15, &[15]),
            (-15, &[241]),
            (128, &[0, 128]),
            (-129, &[255, 127]),
        ] {
            assert_eq!(shortest(&value.to_be_bytes()), expected);
        }
    }
}
