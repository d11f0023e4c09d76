//! Fields of `LOAD DATA` for the types of which there is much, straight from the array.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

use super::text::{
    MICROS_OF_DAY, date, has_special, write_date, write_decimal, write_moment, write_whole,
};

/// Writes a value; never asked for NULL.
pub(super) type Write<'a> =
    Box<dyn Fn(usize, &mut Vec<u8>) -> std::result::Result<(), &'static str> + Send + 'a>;

/// The same text as [`Cell::write`] gives, for the types of which there is much.
pub(super) fn direct(array: &dyn Array) -> Option<Write<'_>> {
    fn whole<T>(array: &dyn Array) -> Write<'_>
    where
        T: ArrowPrimitiveType,
        T::Native: itoa::Integer,
    {
        let values = array.as_primitive::<T>().values();
        Box::new(move |row, out| {
            write_whole(values[row], out);
            Ok(())
        })
    }
    Some(match array.data_type() {
        DataType::Int8 => whole::<Int8Type>(array),
        DataType::Int16 => whole::<Int16Type>(array),
        DataType::Int32 => whole::<Int32Type>(array),
        DataType::Int64 => whole::<Int64Type>(array),
        DataType::UInt8 => whole::<UInt8Type>(array),
        DataType::UInt16 => whole::<UInt16Type>(array),
        DataType::UInt32 => whole::<UInt32Type>(array),
        DataType::UInt64 => whole::<UInt64Type>(array),
        DataType::Decimal128(_, scale) => {
            let scale = usize::try_from(*scale).ok()?;
            let values = array.as_primitive::<Decimal128Type>().values();
            Box::new(move |row, out| {
                write_decimal(values[row], scale, out);
                Ok(())
            })
        }
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            if has_special(values.value_data()) {
                return None;
            }
            Box::new(move |row, out| {
                out.extend_from_slice(values.value(row).as_bytes());
                Ok(())
            })
        }
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>().values();
            Box::new(move |row, out| {
                write_date(date(i64::from(values[row]))?, out);
                Ok(())
            })
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            let values = array.as_primitive::<TimestampMicrosecondType>().values();
            Box::new(move |row, out| {
                let micros = values[row];
                write_moment(
                    date(micros.div_euclid(MICROS_OF_DAY))?,
                    micros.rem_euclid(MICROS_OF_DAY),
                    out,
                );
                Ok(())
            })
        }
        _ => return None,
    })
}
