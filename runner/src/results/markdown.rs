//! A table in Markdown.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use super::cells::{Cells, harmless, is_number};
use super::write::{Encoded, Encoder};

/// Rows between bars. Columns are not drawn as wide as their values, so that no row waits for the last.
pub(super) struct Markdown {
    schema: SchemaRef,
    null: String,
}

impl Markdown {
    pub(super) fn of(schema: &SchemaRef, null: &str) -> Self {
        Self { schema: SchemaRef::clone(schema), null: null.to_owned() }
    }
}

impl Encoder for Markdown {
    fn start(&mut self) -> Encoded {
        let fields = self.schema.fields();
        let mut text = String::new();
        push(&mut text, fields.iter().map(|field| harmless(field.name()).into_owned()));
        text.push('|');
        for field in fields {
            text.push_str(if is_number(field.data_type()) { " ---: |" } else { " --- |" });
        }
        text.push('\n');
        Ok(text.into_bytes())
    }

    fn rows(&mut self, batch: &RecordBatch) -> Encoded {
        let cells = Cells::of(batch, &self.null)?;
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            push(&mut text, cells.row(row));
        }
        Ok(text.into_bytes())
    }
}

/// Appends a row. What means something to Markdown in a table is written so that the value is seen as it is.
fn push(text: &mut String, cells: impl Iterator<Item = String>) {
    text.push('|');
    for cell in cells {
        text.push(' ');
        for char in cell.chars() {
            match char {
                '|' => text.push_str("\\|"),
                '\n' => text.push_str("<br>"),
                '<' => text.push_str("&lt;"),
                '&' => text.push_str("&amp;"),
                '\\' | '`' | '*' | '_' | '[' | '~' => text.extend(['\\', char]),
                _ => text.push(char),
            }
        }
        text.push_str(" |");
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::style::{ResultFormat, Style};
    use super::super::testing::{answer, songs, written};
    use super::*;

    #[tokio::test]
    async fn a_table_says_where_its_numbers_stand() {
        let markdown = Style::whole(ResultFormat::Markdown);
        insta::assert_snapshot!(written(answer(&[songs()]), &markdown).await, @r#"
        | id | song | price | sold |
        | ---: | --- | ---: | --- |
        | 1 | He said "Maybe", so | 12.95 | 2024-10-04 |
        | 20 |  | NULL | NULL |
        | 300 | NULL | 1.00 | 1970-01-01 |
        "#);
    }

    #[test]
    fn what_means_something_is_seen_as_it_is() {
        let mut text = String::new();
        push(&mut text, ["a|b".to_owned(), "<i>*x*\ny & z_1".to_owned()].into_iter());
        assert_eq!(text, "| a\\|b | &lt;i>\\*x\\*<br>y &amp; z\\_1 |\n");
    }
}
