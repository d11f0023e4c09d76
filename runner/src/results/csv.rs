//! CSV and TSV with a header.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::write::{Encoded, Encoder};

/// Values with a delimiter between them.
pub(super) struct Csv {
    schema: SchemaRef,
    delimiter: u8,
    null: String,
}

impl Csv {
    pub(super) fn of(schema: &SchemaRef, delimiter: u8, null: &str) -> Self {
        Self { schema: Arc::clone(schema), delimiter, null: null.to_owned() }
    }

    fn write(&self, batch: &RecordBatch, with_header: bool) -> Encoded {
        let mut text = Vec::new();
        let mut writer = WriterBuilder::new()
            .with_header(with_header)
            .with_delimiter(self.delimiter)
            .with_null(self.null.clone())
            .build(&mut text);
        writer.write(batch)?;
        drop(writer);
        Ok(text)
    }
}

impl Encoder for Csv {
    fn start(&mut self) -> Encoded {
        let names = self.schema.fields().iter().map(|field| {
            let name: ArrayRef = Arc::new(StringArray::from(Vec::<&str>::new()));
            (field.name().as_str(), name)
        });
        self.write(&RecordBatch::try_from_iter(names)?, true)
    }

    fn rows(&mut self, batch: &RecordBatch) -> Encoded {
        self.write(&flat(batch)?, false)
    }
}

/// Lists and structures are no values of CSV: they are written as the texts that tables show.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let options = FormatOptions::default();
    let columns = batch.columns().iter().zip(batch.schema_ref().fields()).map(|(column, field)| {
        if !column.data_type().is_nested() {
            return Ok((Field::clone(field), Arc::clone(column)));
        }
        let formatter = ArrayFormatter::try_new(column, &options)?;
        let texts: StringArray = (0..column.len())
            .map(|row| column.is_valid(row).then(|| formatter.value(row).to_string()))
            .collect();
        Ok((Field::new(field.name(), DataType::Utf8, true), Arc::new(texts) as ArrayRef))
    });
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) =
        columns.collect::<Result<Vec<_>, ArrowError>>()?.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

#[cfg(test)]
mod tests {
    use super::super::style::{ResultFormat, Style};
    use super::super::testing::{answer, lists, songs, written};

    #[tokio::test]
    async fn values_are_quoted_where_they_must_be() {
        let csv = Style::whole(ResultFormat::Csv);
        insta::assert_snapshot!(written(answer(&[songs()]), &csv).await, @r#"
        id,song,price,sold
        1,"He said ""Maybe"", so",12.95,2024-10-04
        20,,,
        300,,1.00,1970-01-01
        "#);
        assert_eq!(written(answer(&[songs().slice(0, 0)]), &csv).await, "id,song,price,sold\n");
        let tsv = Style { null: Some("\\N".to_owned()), ..Style::whole(ResultFormat::Tsv) };
        let text = written(answer(&[songs().slice(0, 1), songs().slice(1, 1)]), &tsv).await;
        assert_eq!(
            text,
            "id\tsong\tprice\tsold\n1\t\"He said \"\"Maybe\"\", so\"\t12.95\t2024-10-04\n20\t\t\\N\t\\N\n"
        );
    }

    #[tokio::test]
    async fn a_list_is_a_text() {
        let csv = Style::whole(ResultFormat::Csv);
        assert_eq!(written(answer(&[lists()]), &csv).await, "many\n\"[1, 2]\"\n\"\"\n");
    }
}
