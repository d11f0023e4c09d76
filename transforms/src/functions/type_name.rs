//! The name of a type in Spark SQL, as `typeof` tells it and as a cast takes it.

use datafusion::arrow::datatypes::{DataType, IntervalUnit};

/// `array<int>`, `decimal(10,2)`, `struct<a:int>`: the name of a type.
#[must_use]
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Null => "void".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int8 => "tinyint".to_owned(),
        DataType::Int16 | DataType::UInt8 => "smallint".to_owned(),
        DataType::Int32 | DataType::UInt16 => "int".to_owned(),
        DataType::Int64 | DataType::UInt32 => "bigint".to_owned(),
        DataType::UInt64 => "decimal(20,0)".to_owned(),
        DataType::Float16 | DataType::Float32 => "float".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string".to_owned(),
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => "binary".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(_, _) => "timestamp".to_owned(),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Interval(IntervalUnit::YearMonth) => "interval year to month".to_owned(),
        DataType::Interval(_) => "interval".to_owned(),
        DataType::Duration(_) => "interval day to second".to_owned(),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            format!("array<{}>", type_name(item.data_type()))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                let names: Vec<String> =
                    fields.iter().map(|field| type_name(field.data_type())).collect();
                format!("map<{}>", names.join(","))
            }
            other => other.to_string(),
        },
        DataType::Struct(fields) => {
            let names: Vec<String> = fields
                .iter()
                .map(|field| format!("{}:{}", field.name(), type_name(field.data_type())))
                .collect();
            format!("struct<{}>", names.join(","))
        }
        other => other.to_string().to_lowercase(),
    }
}

/// `ARRAY<INT>`, `DECIMAL(10,2)`, `STRUCT<a: INT>`: a type as it is declared, for messages.
#[must_use]
pub fn sql_type(data_type: &DataType) -> String {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            format!("ARRAY<{}>", sql_type(item.data_type()))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => {
                let types: Vec<String> =
                    fields.iter().map(|field| sql_type(field.data_type())).collect();
                format!("MAP<{}>", types.join(", "))
            }
            other => sql_type(other),
        },
        DataType::Struct(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| format!("{}: {}", field.name(), sql_type(field.data_type())))
                .collect();
            format!("STRUCT<{}>", fields.join(", "))
        }
        DataType::Time32(_) | DataType::Time64(_) => "TIME".to_owned(),
        other => type_name(other).to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{Field, TimeUnit};

    use super::*;

    #[test]
    fn types_in_messages_are_those_that_are_declared() {
        let list = DataType::new_list(DataType::Decimal128(12, 1), true);
        let fields = vec![Field::new("Ids", list, true), Field::new("at", DataType::Utf8, true)];
        let time = DataType::Time64(TimeUnit::Microsecond);
        for (data_type, told) in [
            (DataType::Struct(fields.into()), "STRUCT<Ids: ARRAY<DECIMAL(12,1)>, at: STRING>"),
            (time, "TIME"),
            (DataType::Interval(IntervalUnit::MonthDayNano), "INTERVAL"),
        ] {
            assert_eq!(sql_type(&data_type), told);
        }
    }
}
