//! A block for each row, a line for each value.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;

use super::cells::{Cells, harmless, width};
use super::write::{Encoded, Encoder};

/// Rows as blocks.
pub(super) struct Expanded {
    null: String,
    names: Vec<String>,
    /// Of the longest name.
    width: usize,
    written: usize,
}

impl Expanded {
    pub(super) fn of(schema: &Schema, null: &str) -> Self {
        let names: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| harmless(field.name()).replace('\n', "\\n"))
            .collect();
        let width = names.iter().map(|name| width(name)).max().unwrap_or(0);
        Self { null: null.to_owned(), names, width, written: 0 }
    }

    fn head(&self) -> String {
        let mut head = format!("-[ row {} ]", self.written);
        while head.len() < self.width + 3 {
            head.push('-');
        }
        head + "\n"
    }
}

impl Encoder for Expanded {
    fn rows(&mut self, batch: &RecordBatch) -> Encoded {
        let mut text = String::new();
        let null = self.null.clone();
        let cells = Cells::of(batch, &null)?;
        for row in 0..batch.num_rows() {
            self.written += 1;
            text.push_str(&self.head());
            for (name, cell) in self.names.iter().zip(cells.row(row)) {
                let blanks = " ".repeat(self.width.saturating_sub(width(name)));
                text.extend([name, &*blanks, " |"]);
                let margin = " ".repeat(self.width);
                for (at, line) in cell.split('\n').enumerate() {
                    let margin = if at == 0 { "" } else { &*margin };
                    let bar = if at == 0 { "" } else { " |" };
                    let blank = if line.is_empty() { "" } else { " " };
                    text.extend([margin, bar, blank, line, "\n"]);
                }
            }
        }
        Ok(text.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::{ResultFormat, RowLimit, Style};
    use super::super::testing::{answer, songs, written};

    #[tokio::test]
    async fn each_value_has_a_line_and_each_row_a_block() {
        let style = Style { expanded: true, ..Style::whole(ResultFormat::Table) };
        insta::assert_snapshot!(written(answer(&[songs()]), &style).await, @r#"
        -[ row 1 ]
        id    | 1
        song  | He said "Maybe", so
        price | 12.95
        sold  | 2024-10-04
        -[ row 2 ]
        id    | 20
        song  |
        price | NULL
        sold  | NULL
        -[ row 3 ]
        id    | 300
        song  | NULL
        price | 1.00
        sold  | 1970-01-01
        3 rows
        "#);
    }

    #[tokio::test]
    async fn blocks_end_at_the_limit_and_without_rows_there_are_none() {
        let style = Style { expanded: true, ..Style::whole(ResultFormat::Table) };
        let none = written(answer(&[songs().slice(0, 0)]), &style).await;
        assert_eq!(none, "0 rows\n");
        let style = Style { max_rows: RowLimit::Rows(1), ..style };
        insta::assert_snapshot!(written(answer(&[songs()]), &style).await, @r#"
        -[ row 1 ]
        id    | 1
        song  | He said "Maybe", so
        price | 12.95
        sold  | 2024-10-04
        first row; more with --max-rows all
        "#);
    }
}
