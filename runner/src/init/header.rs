//! Whether CSV begins with a header (`AddColumnName`). Pure.

use std::collections::HashSet;

use transforms::dms::ObjectKind;

use super::csv::{has_name_of_op, has_op};
use super::grid::{Cell, Grid};
use super::infer::infer;

/// The longest text that is taken for a column's name.
const NAME_LENGTH_MAX: usize = 128;

/// What speaks for a header or against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// First rows hold what no name is.
    NoNames,
    /// The first rows are names, and nothing says whether they are a header.
    Doubtful,
    /// Changes begin with `Op`, the operation's name.
    Op,
    /// All objects begin with the same names.
    Repeated,
    /// The first row is names, and those below hold values of other types.
    Types,
}

impl Evidence {
    /// Whether there is a header.
    pub(super) fn is_header(self) -> bool {
        matches!(self, Self::Op | Self::Repeated | Self::Types)
    }
}

/// Looks at the first rows of all objects; each has a header, or none.
pub(super) fn find(grids: &[Grid]) -> Evidence {
    let with_rows: Vec<(&Grid, &Vec<Cell>)> =
        grids.iter().filter_map(|grid| Some((grid, grid.records.first()?))).collect();
    let Some((_, first)) = with_rows.first() else { return Evidence::NoNames };
    let mut changes =
        with_rows.iter().filter(|(grid, _)| grid.kind == ObjectKind::Change).peekable();
    let is_op = |(_, record): &(&Grid, &Vec<Cell>)| has_name_of_op(record);
    let names_op =
        if changes.peek().is_some() { changes.any(is_op) } else { with_rows.iter().all(is_op) };
    // A column may have any name then.
    if names_op && with_rows.iter().all(|(_, record)| distinct(record).is_some()) {
        return Evidence::Op;
    }
    if !with_rows.iter().all(|(_, record)| are_names(record)) {
        return Evidence::NoNames;
    }
    // `I` and `U` could be names.
    if with_rows.iter().any(|(grid, record)| grid.kind == ObjectKind::Change && has_op(record)) {
        return Evidence::NoNames;
    }
    if with_rows.len() > 1 {
        let is_same = with_rows.iter().all(|(_, record)| record == first);
        return if is_same { Evidence::Repeated } else { Evidence::NoNames };
    }
    let columns = 0..first.len();
    let is_typed = with_rows.iter().any(|(grid, _)| {
        columns.clone().any(|index| {
            let values = grid.field(index).skip(1).flatten();
            let found = infer(values);
            found.values > 0 && found.sql_type != "TEXT"
        })
    });
    if is_typed { Evidence::Types } else { Evidence::Doubtful }
}

/// Whether all fields could be columns' names, no two of them the same.
fn are_names(record: &[Cell]) -> bool {
    distinct(record).is_some_and(|texts| texts.into_iter().all(is_name))
}

/// The texts of all fields, if none is NULL and no two are one name.
fn distinct(record: &[Cell]) -> Option<Vec<&str>> {
    let texts: Vec<&str> = record
        .iter()
        .map(|cell| std::str::from_utf8(cell.as_deref()?).ok().filter(|text| !text.is_empty()))
        .collect::<Option<_>>()?;
    let mut seen = HashSet::new();
    texts.iter().all(|text| seen.insert(text.to_lowercase())).then_some(texts)
}

fn is_name(text: &str) -> bool {
    let begins = |c: char| c.is_alphabetic() || matches!(c, '_' | '$');
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '-' | '.' | ' ');
    text.len() <= NAME_LENGTH_MAX && text.starts_with(begins) && text.chars().all(goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(kind: ObjectKind, rows: &[&str]) -> Grid {
        let cells = |row: &&str| row.split(',').map(|text| Some(text.into())).collect();
        let records = rows.iter().map(cells).collect();
        Grid { key: String::new(), kind, names: None, types: None, records }
    }

    fn of(loads: &[&[&str]], changes: &[&[&str]]) -> Evidence {
        let loads = loads.iter().map(|rows| grid(ObjectKind::FullLoad, rows));
        let changes = changes.iter().map(|rows| grid(ObjectKind::Change, rows));
        find(&loads.chain(changes).collect::<Vec<_>>())
    }

    #[test]
    fn a_header_is_told_by_op_by_repetition_or_by_types_below() {
        assert_eq!(of(&[&["id,name", "1,a"]], &[&["Op,id,name", "U,1,b"]]), Evidence::Op);
        assert_eq!(of(&[&["Op,a,b", "I,x,y"]], &[]), Evidence::Op);
        assert_eq!(of(&[&["Op,1%,${X}", "I,x,y"]], &[]), Evidence::Op);
        assert_eq!(of(&[&["a,b", "x,y"], &["a,b", "z,y"]], &[]), Evidence::Repeated);
        assert_eq!(of(&[&["id,name", "1,x", "2,y"]], &[]), Evidence::Types);
    }

    #[test]
    fn rows_are_no_header() {
        assert_eq!(of(&[&["1,a", "2,b"]], &[]), Evidence::NoNames);
        assert_eq!(of(&[&["Berlin,DE", "Paris,FR"]], &[]), Evidence::Doubtful);
        assert_eq!(of(&[&["Berlin,DE"]], &[&["U,Berlin,DE"]]), Evidence::NoNames);
        assert_eq!(of(&[&["a,b"], &["c,d"]], &[]), Evidence::NoNames);
        assert_eq!(of(&[&["a,a", "1,2"]], &[]), Evidence::NoNames);
        assert_eq!(of(&[&[]], &[]), Evidence::NoNames);
    }
}
