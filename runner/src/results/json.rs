//! JSON: an array of objects, or an object on each line.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::json::WriterBuilder;
use datafusion::arrow::json::writer::{JsonArray, LineDelimited};

use super::json_number::Numbers;
use super::write::{Encoded, Encoder};

/// An array of objects.
#[derive(Default)]
pub(super) struct Json {
    has_rows: bool,
}

/// An object on each line.
pub(super) struct Ndjson;

/// A value that is NULL is there, so that all objects have the same names.
fn builder() -> WriterBuilder {
    WriterBuilder::new().with_explicit_nulls(true).with_encoder_factory(Arc::new(Numbers))
}

impl Encoder for Json {
    fn start(&mut self) -> Encoded {
        Ok(b"[".to_vec())
    }

    fn rows(&mut self, batch: &RecordBatch) -> Encoded {
        let mut writer = builder().build::<_, JsonArray>(Vec::new());
        writer.write(batch)?;
        writer.finish()?;
        let mut text = writer.into_inner();
        // One array over all batches: this one's brackets are not it.
        let _end = text.pop();
        match (text.first_mut(), self.has_rows) {
            (Some(start), true) => *start = b',',
            (Some(_), false) => drop(text.remove(0)),
            (None, _) => {}
        }
        self.has_rows = true;
        Ok(text)
    }

    fn end(&mut self) -> Vec<u8> {
        b"]\n".to_vec()
    }
}

impl Encoder for Ndjson {
    fn rows(&mut self, batch: &RecordBatch) -> Encoded {
        let mut writer = builder().build::<_, LineDelimited>(Vec::new());
        writer.write(batch)?;
        writer.finish()?;
        Ok(writer.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::{ResultFormat, Style};
    use super::super::testing::{answer, lists, songs, written};

    #[tokio::test]
    async fn all_batches_are_one_array() {
        let json = Style::whole(ResultFormat::Json);
        let batches = [songs().slice(0, 1), songs().slice(0, 0), songs().slice(1, 2)];
        let text = written(answer(&batches), &json).await;
        assert_eq!(text, written(answer(&[songs()]), &json).await);
        insta::assert_snapshot!(text, @r#"[{"id":1,"song":"He said \"Maybe\", so","price":12.95,"sold":"2024-10-04"},{"id":20,"song":"","price":null,"sold":null},{"id":300,"song":null,"price":1.00,"sold":"1970-01-01"}]"#);
        assert_eq!(written(answer(&[songs().slice(0, 0)]), &json).await, "[]\n");
    }

    #[tokio::test]
    async fn each_row_is_a_line() {
        let ndjson = Style::whole(ResultFormat::Ndjson);
        let batches = [songs().slice(0, 1), songs().slice(1, 2)];
        insta::assert_snapshot!(written(answer(&batches), &ndjson).await, @r#"
        {"id":1,"song":"He said \"Maybe\", so","price":12.95,"sold":"2024-10-04"}
        {"id":20,"song":"","price":null,"sold":null}
        {"id":300,"song":null,"price":1.00,"sold":"1970-01-01"}
        "#);
        assert_eq!(written(answer(&[songs().slice(0, 0)]), &ndjson).await, "");
        let lines = written(answer(&[lists()]), &ndjson).await;
        assert_eq!(lines, "{\"many\":[1,2]}\n{\"many\":null}\n");
    }
}
