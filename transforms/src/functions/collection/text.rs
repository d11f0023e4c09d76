//! Maps out of texts.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::function::Function;
use super::map::{assemble, map_type};

/// `unglue_str_to_map(text, between pairs, between key and value)`, for delimiters that are plain texts: of
/// [str_to_map](https://spark.apache.org/docs/3.5.6/api/sql/index.html#str_to_map). A part without a value has NULL.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let gives = |_: &[DataType], _: &[Option<&datafusion::common::ScalarValue>]| {
        Ok(map_type(DataType::Utf8, DataType::Utf8))
    };
    vec![Function::new("unglue_str_to_map", gives, |args, _| str_to_map(args)).udf()]
}

fn str_to_map(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [text, pairs, key_value] = args else { return plan_err!("three texts are needed") };
    let (texts, pairs, key_value) =
        (text.as_string::<i32>(), pairs.as_string::<i32>(), key_value.as_string::<i32>());
    let (mut keys, mut values) = (StringBuilder::new(), StringBuilder::new());
    let (mut lengths, mut valid) = (vec![], vec![]);
    for row in 0..texts.len() {
        let known = texts.is_valid(row) && pairs.is_valid(row) && key_value.is_valid(row);
        let mut count = 0;
        if known {
            for part in texts.value(row).split(pairs.value(row)) {
                match part.split_once(key_value.value(row)) {
                    Some((key, value)) => {
                        keys.append_value(key);
                        values.append_value(value);
                    }
                    None => {
                        keys.append_value(part);
                        values.append_null();
                    }
                }
                count += 1;
            }
        }
        lengths.push(count);
        valid.push(known);
    }
    let offsets = OffsetBuffer::from_lengths(lengths);
    assemble(Arc::new(keys.finish()), Arc::new(values.finish()), offsets, NullBuffer::from(valid))
}
