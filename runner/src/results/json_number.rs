//! Floating point numbers that JSON has no word for, as texts: `"NaN"`, `"Infinity"` and `"-Infinity"`, as Spark's `to_json`
//! writes them. The engine's writer makes them null, which is another value.

use datafusion::arrow::array::{Array, ArrowPrimitiveType, AsArray, PrimitiveArray};
use datafusion::arrow::datatypes::{DataType, FieldRef, Float32Type, Float64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::json::writer::EncoderOptions;
use datafusion::arrow::json::writer::{Encoder, EncoderFactory, NullableEncoder, make_encoder};

/// Writes numbers of floating point, in lists and structures too.
#[derive(Debug)]
pub(super) struct Numbers;

/// How the engine writes those that are finite.
static FINITE: std::sync::LazyLock<EncoderOptions> =
    std::sync::LazyLock::new(EncoderOptions::default);

impl EncoderFactory for Numbers {
    fn make_default_encoder<'a>(
        &self,
        field: &'a FieldRef,
        array: &'a dyn Array,
        _options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let nulls = array.nulls().cloned();
        let encoder: Box<dyn Encoder + 'a> = match array.data_type() {
            DataType::Float32 => {
                let numbers = array.as_primitive::<Float32Type>();
                Box::new(Number { numbers, finite: make_encoder(field, array, &FINITE)? })
            }
            DataType::Float64 => {
                let numbers = array.as_primitive::<Float64Type>();
                Box::new(Number { numbers, finite: make_encoder(field, array, &FINITE)? })
            }
            _ => return Ok(None),
        };
        Ok(Some(NullableEncoder::new(encoder, nulls)))
    }
}

struct Number<'a, T: ArrowPrimitiveType> {
    numbers: &'a PrimitiveArray<T>,
    finite: NullableEncoder<'a>,
}

impl<T: ArrowPrimitiveType> Encoder for Number<'_, T>
where
    T::Native: Into<f64>,
{
    fn encode(&mut self, index: usize, out: &mut Vec<u8>) {
        let number: f64 = self.numbers.value(index).into();
        let word: &[u8] = match number {
            _ if number.is_finite() => return self.finite.encode(index, out),
            _ if number.is_nan() => b"\"NaN\"",
            f64::INFINITY => b"\"Infinity\"",
            _ => b"\"-Infinity\"",
        };
        out.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{
        ArrayRef, Float32Array, Float64Array, ListArray, RecordBatch, StructArray,
    };
    use datafusion::arrow::datatypes::Field;

    use super::super::style::{ResultFormat, Style};
    use super::super::testing::{answer, written};
    use super::*;

    #[tokio::test]
    async fn numbers_that_json_has_no_word_for_are_texts_wherever_they_are() {
        let doubles =
            [Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY), Some(0.1), None];
        let doubles: ArrayRef = Arc::new(Float64Array::from(doubles.to_vec()));
        let floats: ArrayRef = Arc::new(Float32Array::from(vec![f32::NAN, 0.1, 1.0, -0.0, 2.5]));
        let list = ListArray::from_iter_primitive::<Float64Type, _, _>(
            [f64::NAN, 1.5, f64::INFINITY, 2.0, 3.0].map(|number| Some(vec![Some(number), None])),
        );
        let inner = Arc::new(Field::new("x", DataType::Float64, true));
        let within = StructArray::from(vec![(inner, Arc::clone(&doubles))]);
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("d", doubles, true),
            ("f", floats, true),
            ("l", Arc::new(list) as ArrayRef, true),
            ("s", Arc::new(within) as ArrayRef, true),
        ]);
        let text = written(answer(&[batch.unwrap()]), &Style::whole(ResultFormat::Ndjson)).await;
        insta::assert_snapshot!(text, @r#"
        {"d":"NaN","f":"NaN","l":["NaN",null],"s":{"x":"NaN"}}
        {"d":"Infinity","f":0.1,"l":[1.5,null],"s":{"x":"Infinity"}}
        {"d":"-Infinity","f":1.0,"l":["Infinity",null],"s":{"x":"-Infinity"}}
        {"d":0.1,"f":-0.0,"l":[2.0,null],"s":{"x":0.1}}
        {"d":null,"f":2.5,"l":[3.0,null],"s":{"x":null}}
        "#);
    }
}
