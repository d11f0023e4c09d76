//! Values of a file in the types that its table has for them.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, new_null_array,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{
    DataType, FieldRef, Fields, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType,
};
use datafusion::error::Result;
use transforms::functions::to_text;

use super::usual::usual_type;

/// The same values in another type: whatever is no text has the one that CAST makes of it, and nanoseconds are cut off towards the past.
///
/// # Errors
/// A value that the type does not hold, and bytes that are no UTF-8 as a text.
pub(super) fn fit(values: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    use DataType::{List, Map, Struct, Timestamp, Utf8};
    if values.data_type() == to {
        return Ok(Arc::clone(values));
    }
    if values.data_type().is_null() {
        return Ok(new_null_array(to, values.len()));
    }
    let values = plain(values)?;
    match (values.data_type(), to) {
        (own, to) if own == to => Ok(values),
        (List(_), List(item)) => lists(&values, item),
        (Struct(_), Struct(fields)) => structures(&values, fields),
        (Map(..), Map(entries, sorted)) => maps(&values, entries, *sorted),
        (Timestamp(TimeUnit::Microsecond, _), Timestamp(TimeUnit::Microsecond, zone)) => {
            let moments = values.as_primitive::<TimestampMicrosecondType>().clone();
            Ok(Arc::new(moments.with_timezone_opt(zone.clone())))
        }
        (own, Utf8) if !own.is_nested() && *own != DataType::Binary => {
            Ok(Arc::new(to_text(&values)?))
        }
        (_, to) => checked(&values, to),
    }
}

/// The values in the usual type of their kind, but for what is within lists, structures and maps.
fn plain(values: &ArrayRef) -> Result<ArrayRef> {
    use DataType::{
        Dictionary, FixedSizeList, LargeList, LargeListView, ListView, Map, Struct, Timestamp,
    };
    match values.data_type() {
        Dictionary(_, of) => plain(&checked(values, of)?),
        LargeList(item) | ListView(item) | LargeListView(item) | FixedSizeList(item, _) => {
            checked(values, &DataType::List(FieldRef::clone(item)))
        }
        DataType::List(_) | Struct(_) | Map(..) => Ok(Arc::clone(values)),
        Timestamp(TimeUnit::Nanosecond, _) => {
            let moments = values.as_primitive::<TimestampNanosecondType>();
            let micros =
                moments.unary::<_, TimestampMicrosecondType>(|nanos| nanos.div_euclid(1000));
            Ok(Arc::new(micros))
        }
        // The same moments: only their unit is another one.
        Timestamp(_, zone) => checked(values, &Timestamp(TimeUnit::Microsecond, zone.clone())),
        own => checked(values, &usual_type(own)),
    }
}

fn lists(values: &ArrayRef, item: &FieldRef) -> Result<ArrayRef> {
    let lists = values.as_list::<i32>();
    let items = fit(lists.values(), item.data_type())?;
    let (offsets, nulls) = (lists.offsets().clone(), lists.nulls().cloned());
    Ok(Arc::new(ListArray::try_new(FieldRef::clone(item), offsets, items, nulls)?))
}

/// Structures, whose fields are found by their names; one that there is not is NULL.
fn structures(values: &ArrayRef, fields: &Fields) -> Result<ArrayRef> {
    let own = values.as_struct();
    let field = |field: &FieldRef| match own.column_by_name(field.name()) {
        Some(values) => fit(values, field.data_type()),
        None => Ok(new_null_array(field.data_type(), own.len())),
    };
    let columns = fields.iter().map(field).collect::<Result<Vec<_>>>()?;
    let nulls = own.nulls().cloned();
    Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls, own.len())?))
}

/// Maps, whose keys and values are found by their order.
fn maps(values: &ArrayRef, entries: &FieldRef, sorted: bool) -> Result<ArrayRef> {
    let own = values.as_map();
    let DataType::Struct(fields) = entries.data_type() else {
        return checked(values, &DataType::Map(FieldRef::clone(entries), sorted));
    };
    let pairs = own.entries().columns().iter().zip(fields);
    let columns = pairs.map(|(values, field)| fit(values, field.data_type()));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let pairs = StructArray::try_new(fields.clone(), columns, None)?;
    let (offsets, nulls) = (own.offsets().clone(), own.nulls().cloned());
    Ok(Arc::new(MapArray::try_new(FieldRef::clone(entries), offsets, pairs, nulls, sorted)?))
}

/// As the engine casts, which tells a value that does not fit.
fn checked(values: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    Ok(cast_with_options(values, to, &options)?)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{
        BinaryArray, DictionaryArray, Float64Array, Int32Array, Int64Array, LargeListArray,
        StringArray, TimestampMillisecondArray, TimestampNanosecondArray,
    };
    use datafusion::arrow::datatypes::{Field, Int32Type};

    use super::*;

    const MICROS: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

    fn micros(values: &ArrayRef) -> Vec<Option<i64>> {
        fit(values, &MICROS).unwrap().as_primitive::<TimestampMicrosecondType>().iter().collect()
    }

    #[test]
    fn nanoseconds_are_cut_off_towards_the_past() {
        let nanos = [Some(1999), None, Some(-1), Some(-1000), Some(-1001), Some(i64::MIN)];
        let expected = [Some(1), None, Some(-1), Some(-1), Some(-2), Some(-9_223_372_036_854_776)];
        let values: ArrayRef = Arc::new(TimestampNanosecondArray::from(nanos.to_vec()));
        assert_eq!(micros(&values), expected);
        // At every depth.
        let field =
            |data_type: &DataType| Fields::from(vec![Field::new("at", data_type.clone(), true)]);
        let own = field(values.data_type());
        let own: ArrayRef = Arc::new(StructArray::new(own, vec![values], None));
        let within = fit(&own, &DataType::Struct(field(&MICROS))).unwrap();
        assert_eq!(micros(within.as_struct().column(0)), expected);
    }

    #[test]
    fn a_moment_is_the_same_in_another_unit_and_zone_or_an_error() {
        let of = |millis: i64| -> ArrayRef {
            Arc::new(TimestampMillisecondArray::from(vec![millis]).with_timezone("+02:00"))
        };
        assert_eq!(micros(&of(-5)), [Some(-5000)]);
        assert!(fit(&of(i64::MAX), &MICROS).is_err());
    }

    #[test]
    fn what_is_no_text_has_that_of_cast() {
        let doubles: ArrayRef = Arc::new(Float64Array::from(vec![1e25, 0.1]));
        let moments = fit(
            &(Arc::new(TimestampNanosecondArray::from(vec![1_577_836_800_123_456_789]))
                as ArrayRef),
            &DataType::Utf8,
        );
        let texts = |values: ArrayRef| -> Vec<String> {
            values.as_string::<i32>().iter().map(|text| text.unwrap().to_owned()).collect()
        };
        assert_eq!(texts(fit(&doubles, &DataType::Utf8).unwrap()), ["1.0E25", "0.1"]);
        assert_eq!(texts(moments.unwrap()), ["2020-01-01 00:00:00.123456"]);
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_no_text() {
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![b"ok".as_slice(), b"\xff\xfe"]));
        assert!(fit(&bytes, &DataType::Utf8).is_err());
        let texts: ArrayRef = Arc::new(BinaryArray::from(vec![b"ok".as_slice()]));
        assert!(fit(&texts, &DataType::Utf8).is_ok());
    }

    #[test]
    fn dictionaries_and_large_lists_are_their_values() {
        let words: DictionaryArray<Int32Type> =
            vec![Some("a"), None, Some("a")].into_iter().collect();
        let words = fit(&(Arc::new(words) as ArrayRef), &DataType::Utf8).unwrap();
        let expected: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("a")]));
        assert_eq!(&words, &expected);
        let large = LargeListArray::from_iter_primitive::<Int32Type, _, _>([
            Some(vec![Some(1), None]),
            None,
            Some(vec![Some(2)]),
        ]);
        let rest = (Arc::new(large) as ArrayRef).slice(1, 2);
        let lists = fit(&rest, &DataType::new_list(DataType::Int64, true)).unwrap();
        let lists = lists.as_list::<i32>();
        assert!(lists.is_null(0));
        let expected: ArrayRef = Arc::new(Int64Array::from(vec![2]));
        assert_eq!(&lists.value(1), &expected);
    }

    #[test]
    fn a_field_that_there_is_not_is_null() {
        let of = |names: &[&str], data_type: &DataType| -> Fields {
            names.iter().map(|name| Field::new(*name, data_type.clone(), true)).collect()
        };
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![7]));
        let own = StructArray::new(of(&["b"], &DataType::Int32), vec![numbers], None);
        let to = DataType::Struct(of(&["a", "b"], &DataType::Int64));
        let both = fit(&(Arc::new(own) as ArrayRef), &to).unwrap();
        let columns = both.as_struct().columns();
        assert!(columns[0].is_null(0));
        let expected: ArrayRef = Arc::new(Int64Array::from(vec![7]));
        assert_eq!(&columns[1], &expected);
    }
}
