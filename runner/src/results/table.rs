//! A table for people, drawn with lines.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::error::ArrowError;
use unicode_width::UnicodeWidthChar;

use super::cells::{Cells, harmless, is_number, width};

/// A column is never cut to less than this.
const CUT_WIDTH_MIN: usize = 24;

/// What stands for the rest of a text that is cut.
const CUT: char = '…';

/// The columns of a table, as wide as they are drawn.
pub(super) struct Table {
    columns: Vec<Column>,
}

struct Column {
    name: String,
    width: usize,
    /// Numbers stand at the right side.
    is_number: bool,
}

impl Table {
    /// The columns of these rows. With `fit`, the widest columns of texts are made so narrow that a terminal of this width
    /// holds the table, as far as that goes.
    ///
    /// # Errors
    /// A type that has no text.
    pub(super) fn of(
        schema: &Schema,
        batches: &[RecordBatch],
        null: &str,
        fit: Option<usize>,
    ) -> Result<Self, ArrowError> {
        let column = |name: &str, is_number| {
            let name = harmless(name).replace('\n', "\\n");
            Column { width: width(&name), name, is_number }
        };
        let fields = schema.fields();
        let mut columns: Vec<Column> =
            fields.iter().map(|field| column(field.name(), is_number(field.data_type()))).collect();
        let names: Vec<usize> = columns.iter().map(|column| column.width).collect();
        for batch in batches {
            let cells = Cells::of(batch, null)?;
            for row in 0..batch.num_rows() {
                for (column, cell) in columns.iter_mut().zip(cells.row(row)) {
                    column.width = column.width.max(width(&cell));
                }
            }
        }
        let mut table = Self { columns };
        if let Some(terminal) = fit.filter(|_| !is_explained(schema)) {
            table.fit(terminal, &names);
        }
        Ok(table)
    }

    fn fit(&mut self, terminal: usize, names: &[usize]) {
        // A bar and a blank on each side of a column, and the last bar.
        let bars = 3 * self.columns.len() + 1;
        let widest = self.columns.iter().map(|column| column.width).max().unwrap_or(0);
        let cut = |column: &Column, name: usize, most: usize| match column.is_number {
            true => column.width,
            false => column.width.min(most.max(name)),
        };
        let fits = |most: &usize| {
            let columns = self.columns.iter().zip(names);
            let widths = columns.map(|(column, name)| cut(column, *name, *most));
            bars + widths.sum::<usize>() <= terminal
        };
        let most = (CUT_WIDTH_MIN..=widest).rev().find(fits).unwrap_or(CUT_WIDTH_MIN);
        for (column, name) in self.columns.iter_mut().zip(names) {
            column.width = cut(column, *name, most);
        }
    }

    /// What stands above the rows.
    pub(super) fn head(&self) -> String {
        let mut text = self.line();
        self.push(&mut text, self.columns.iter().map(|column| column.name.clone()));
        text + &self.line()
    }

    /// The rows of a batch.
    ///
    /// # Errors
    /// A type that has no text.
    pub(super) fn rows(&self, batch: &RecordBatch, null: &str) -> Result<String, ArrowError> {
        let cells = Cells::of(batch, null)?;
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            self.push(&mut text, cells.row(row));
        }
        Ok(text)
    }

    /// A line between rows.
    pub(super) fn line(&self) -> String {
        let mut text = String::from("+");
        for column in &self.columns {
            text.push_str(&"-".repeat(column.width + 2));
            text.push('+');
        }
        text.push('\n');
        text
    }

    /// Appends a row; it takes as many lines as its longest value.
    fn push(&self, text: &mut String, cells: impl Iterator<Item = String>) {
        let cells: Vec<String> = cells.collect();
        let mut lines: Vec<_> = cells.iter().map(|cell| cell.split('\n')).collect();
        let height = cells.iter().map(|cell| cell.split('\n').count()).max().unwrap_or(1);
        for _line in 0..height {
            text.push('|');
            for (column, lines) in self.columns.iter().zip(&mut lines) {
                let line = cut_to(lines.next().unwrap_or_default(), column.width);
                let blanks = " ".repeat(column.width.saturating_sub(width(&line)));
                let (before, behind) =
                    if column.is_number { (&*blanks, "") } else { ("", &*blanks) };
                text.extend([" ", before, &line, behind, " |"]);
            }
            text.push('\n');
        }
    }
}

/// The plan of EXPLAIN is for reading as a whole.
fn is_explained(schema: &Schema) -> bool {
    schema.fields().iter().map(|field| field.name().as_str()).eq(["plan_type", "plan"])
}

/// A line of a text in at most so many places.
fn cut_to(line: &str, places: usize) -> String {
    if width(line) <= places {
        return line.to_owned();
    }
    let mut left = places.saturating_sub(1);
    let mut shown = String::new();
    for char in line.chars() {
        let Some(rest) = left.checked_sub(char.width().unwrap_or(0)) else { break };
        left = rest;
        shown.push(char);
    }
    shown.push(CUT);
    shown
}

#[cfg(test)]
mod tests {
    use super::super::style::{ResultFormat, RowLimit, Style};
    use super::super::testing::{answer, long, songs, written};
    use super::*;

    fn table() -> Style {
        Style::whole(ResultFormat::Table)
    }

    #[tokio::test]
    async fn a_table_has_numbers_at_the_right_and_lines_of_texts_one_below_the_other() {
        insta::assert_snapshot!(written(answer(&[songs()]), &table()).await, @r#"
        +-----+---------------------+-------+------------+
        |  id | song                | price | sold       |
        +-----+---------------------+-------+------------+
        |   1 | He said "Maybe", so | 12.95 | 2024-10-04 |
        |  20 |                     |  NULL | NULL       |
        | 300 | NULL                |  1.00 | 1970-01-01 |
        +-----+---------------------+-------+------------+
        3 rows
        "#);
    }

    #[tokio::test]
    async fn a_table_without_rows_shows_its_columns() {
        let none = songs().slice(0, 0);
        insta::assert_snapshot!(written(answer(&[none]), &table()).await, @r#"
        +----+------+-------+------+
        | id | song | price | sold |
        +----+------+-------+------+
        +----+------+-------+------+
        0 rows
        "#);
    }

    #[tokio::test]
    async fn a_table_ends_at_the_limit_and_says_so() {
        let style = Style { max_rows: RowLimit::Rows(2), ..table() };
        let batches = [songs().slice(0, 1), songs().slice(1, 2)];
        insta::assert_snapshot!(written(answer(&batches), &style).await, @r#"
        +----+---------------------+-------+------------+
        | id | song                | price | sold       |
        +----+---------------------+-------+------------+
        |  1 | He said "Maybe", so | 12.95 | 2024-10-04 |
        | 20 |                     |  NULL | NULL       |
        +----+---------------------+-------+------------+
        first 2 rows; more with --max-rows all
        "#);
    }

    #[tokio::test]
    async fn long_texts_are_cut_to_fit_a_terminal() {
        let style = Style { fit: Some(60), ..table() };
        let text = written(answer(&[long()]), &style).await;
        assert!(text.lines().all(|line| width(line) <= 60), "{text}");
        insta::assert_snapshot!(text, @r#"
        +---------+-------+----------------------------------------+
        |      id | name  | note                                   |
        +---------+-------+----------------------------------------+
        | 1000000 | short | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… |
        |       2 | b     | two                                    |
        |         |       | lines                                  |
        |       3 | c     | 日本語日本語日本語日本語日本語日本語…  |
        |       4 | d     | \u{1b}[2J                              |
        +---------+-------+----------------------------------------+
        4 rows
        "#);
    }

    #[tokio::test]
    async fn nothing_is_cut_that_fits() {
        let wide = Style { fit: Some(300), ..table() };
        assert_eq!(
            written(answer(&[long()]), &wide).await,
            written(answer(&[long()]), &table()).await
        );
    }
}
