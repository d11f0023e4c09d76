//! A line of SQL with a mark below the place that a message is about.

use transforms::place::Place;
use unicode_width::UnicodeWidthChar;

/// How many characters of a line are shown at most: SQL that a program wrote may be one long line.
const SHOWN_MAX: usize = 100;

/// The line of a text that a place is in, with its number, and a caret below the place's column; nothing without such a line.
#[must_use]
pub(crate) fn line(place: &Place, text: &str) -> Option<String> {
    let (number, column) = place.at?;
    let index = |counted: u64| usize::try_from(counted).ok()?.checked_sub(1);
    let line: Vec<char> = text.lines().nth(index(number)?)?.chars().map(printable).collect();
    // What is missing at the end is behind it.
    let column = index(column)?.min(line.len());
    let from = column.saturating_sub(SHOWN_MAX / 2).min(line.len().saturating_sub(SHOWN_MAX));
    let to = line.len().min(from + SHOWN_MAX);
    let shown: String = line.get(from..to)?.iter().collect();
    let [before, behind] = [from > 0, to < line.len()].map(|is_cut| if is_cut { "…" } else { "" });
    let width = |c: &char| c.width().unwrap_or(0);
    let indent = before.chars().count() + line.get(from..column)?.iter().map(width).sum::<usize>();
    let margin = number.to_string().len();
    Some(format!(
        "{number} | {before}{}{behind}\n{:margin$} | {:indent$}^",
        shown.trim_end(),
        "",
        ""
    ))
}

/// A tab would be as wide as the terminal has it.
fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u64, column: u64, text: &str) -> Option<String> {
        super::line(&Place { file: "q.sql".to_owned(), at: Some((line, column)) }, text)
    }

    #[test]
    fn the_caret_is_below_the_column() {
        let text = "select 1;\n\tselect nam\n  from t";
        assert_eq!(at(2, 9, text).unwrap(), "2 |  select nam\n  |         ^");
        assert_eq!(at(1, 1, text).unwrap(), "1 | select 1;\n  | ^");
    }

    #[test]
    fn letters_may_be_wider_than_one_column() {
        assert_eq!(at(1, 6, "'日本' x").unwrap(), "1 | '日本' x\n  |        ^");
    }

    #[test]
    fn what_is_missing_at_the_end_is_marked_behind_it() {
        assert_eq!(at(1, 99, "select").unwrap(), "1 | select\n  |       ^");
    }

    #[test]
    fn of_a_long_line_what_is_around_is_shown() {
        let text = format!("{}nam{}", "a".repeat(500), "b".repeat(500));
        let shown = at(1, 501, &text).unwrap();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].chars().count() < 110, "{shown}");
        let column = lines[1].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[0].chars().skip(column).take(4).collect::<String>(), "namb");
    }

    #[test]
    fn where_there_is_no_such_line_nothing_is_shown() {
        for (line, column) in [(0, 1), (1, 0), (3, 1), (u64::MAX, 1)] {
            assert_eq!(at(line, column, "a\nb"), None);
        }
        assert_eq!(super::line(&Place { file: String::new(), at: None }, "a"), None);
    }
}
