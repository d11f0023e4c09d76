//! The types that columns of files have in statements: one for each kind of values, however a writer keeps them.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef, Fields, Schema, TimeUnit};

/// The columns of a file in usual types, as sources and targets have them.
pub(super) fn usual(schema: &Schema) -> Schema {
    let field = |field: &FieldRef| usual_field(field);
    Schema::new(schema.fields().iter().map(field).collect::<Fields>())
}

fn usual_field(field: &FieldRef) -> FieldRef {
    let data_type = usual_type(field.data_type());
    Arc::new(field.as_ref().clone().with_data_type(data_type).with_nullable(true))
}

/// Plain texts, bytes and lists, days, and times in microseconds of UTC. A dictionary is what it has the values of.
pub(super) fn usual_type(data_type: &DataType) -> DataType {
    use DataType::{
        BinaryView, Date64, Dictionary, FixedSizeBinary, FixedSizeList, LargeBinary, LargeList,
        LargeListView, LargeUtf8, List, ListView, Map, Struct, Timestamp, Utf8View,
    };
    match data_type {
        Utf8View | LargeUtf8 => DataType::Utf8,
        BinaryView | LargeBinary | FixedSizeBinary(_) => DataType::Binary,
        Date64 => DataType::Date32,
        Timestamp(..) => Timestamp(TimeUnit::Microsecond, None),
        Dictionary(_, values) => usual_type(values),
        List(item)
        | LargeList(item)
        | ListView(item)
        | LargeListView(item)
        | FixedSizeList(item, _) => List(usual_field(item)),
        Struct(fields) => Struct(fields.iter().map(usual_field).collect()),
        Map(entries, sorted) => match entries.data_type() {
            Struct(pair) => {
                // Only a value may be NULL.
                let kept = |field: &FieldRef| {
                    let own = field.as_ref().clone();
                    Arc::new(own.with_data_type(usual_type(field.data_type())))
                };
                let pair = Struct(pair.iter().map(kept).collect());
                Map(Arc::new(entries.as_ref().clone().with_data_type(pair)), *sorted)
            }
            _ => data_type.clone(),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::Field;

    use super::*;

    #[test]
    fn a_kind_of_values_has_one_type_at_every_depth() {
        use DataType::{Binary, Int64, LargeUtf8, Utf8};
        let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(LargeUtf8));
        let seconds = DataType::Timestamp(TimeUnit::Second, Some("+02:00".into()));
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        let of = |data_type: &DataType| {
            DataType::Struct(vec![Field::new("x", data_type.clone(), true)].into())
        };
        for (own, expected) in [
            (words.clone(), Utf8),
            (of(&words), of(&Utf8)),
            (DataType::new_large_list(seconds, true), DataType::new_list(micros, true)),
            (DataType::FixedSizeBinary(16), Binary),
            (Int64, Int64),
        ] {
            assert_eq!(usual_type(&own), expected, "{own}");
        }
    }
}
