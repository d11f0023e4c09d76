//! The key of a table from its rows. Pure.

use std::collections::HashSet;

use transforms::dms::csv::{is_change_sequence, same_name};
use transforms::dms::{ObjectKind, Op};

use super::grid::Row;

/// A key that was found, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Indices of columns.
    pub(super) columns: Vec<usize>,
    pub(super) because: String,
}

/// A table as far as a key is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    /// The last part of its folder, lower-case.
    pub(super) name: &'a str,
    pub(super) columns: &'a [String],
    /// Whether the columns' names are the table's own.
    pub(super) is_named: bool,
    /// Columns that cannot be a key, such as floating point numbers.
    pub(super) unfit: &'a [bool],
    pub(super) rows: &'a [Row],
}

/// Looks for a key that holds in all rows that were read.
pub(super) fn find(table: Table<'_>) -> Option<Key> {
    let found = [by_deletes(table), if table.is_named { by_name(table) } else { first(table) }];
    found.into_iter().flatten().find(|key| is_key(table.rows, &key.columns))
}

/// Whether columns are never NULL, and unique among the rows of the full load. Changes repeat keys.
pub(super) fn is_key(rows: &[Row], columns: &[usize]) -> bool {
    let mut seen = HashSet::new();
    rows.iter().all(|row| {
        let values: Option<Vec<&[u8]>> =
            columns.iter().map(|index| row.values.get(*index)?.as_deref()).collect();
        values.is_some_and(|values| row.kind == ObjectKind::Change || seen.insert(values))
    })
}

/// PostgreSQL logs of a deleted row its key alone, so that is all that such rows hold.
fn by_deletes(Table { columns, unfit, rows, .. }: Table<'_>) -> Option<Key> {
    let has = |row: &Row, index: usize| row.values.get(index).is_some_and(Option::is_some);
    let (deletes, others): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| row.op == Op::Delete);
    let held: Vec<usize> =
        (0..columns.len()).filter(|index| deletes.iter().any(|row| has(row, *index))).collect();
    // A column that is NULL in deletes alone shows that they lack values.
    let lacks = (0..columns.len())
        .any(|index| !held.contains(&index) && others.iter().all(|row| has(row, index)));
    // What rules of the task add stands in rows that delete too.
    let held: Vec<usize> = held.into_iter().filter(|index| !is_of_a_rule(rows, *index)).collect();
    let fits = !held.is_empty() && held.iter().all(|index| unfit.get(*index) != Some(&true));
    (fits && lacks && !others.is_empty()).then(|| Key {
        columns: held,
        because: format!("rows that delete hold nothing else ({} of them)", deletes.len()),
    })
}

/// Whether a column of changes holds what `$AR_H_OPERATION` or `$AR_H_CHANGE_SEQ` give. A time may be that of a commit, and may be a part of
/// the key.
fn is_of_a_rule(rows: &[Row], index: usize) -> bool {
    let changes = rows.iter().filter(|row| row.kind == ObjectKind::Change);
    let texts: Vec<&[u8]> = changes.filter_map(|row| row.values.get(index)?.as_deref()).collect();
    let is_word = |text: &&[u8]| matches!(*text, b"INSERT" | b"UPDATE" | b"DELETE");
    !texts.is_empty()
        && (texts.iter().all(is_word) || texts.iter().all(|text| is_change_sequence(text)))
}

/// `id`, or the table's name with `id`.
fn by_name(Table { name, columns, unfit, .. }: Table<'_>) -> Option<Key> {
    let singular = match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    };
    let names =
        ["id".to_owned(), format!("{name}_id"), format!("{singular}_id"), format!("{singular}id")];
    let places =
        names.iter().filter_map(|name| columns.iter().position(|column| same_name(column, name)));
    let found = places.into_iter().find(|index| unfit.get(*index) != Some(&true))?;
    Some(Key { columns: vec![found], because: "its name says so".to_owned() })
}

/// Without names: what tables begin with.
fn first(Table { unfit, rows, .. }: Table<'_>) -> Option<Key> {
    let fits = unfit.first() == Some(&false) && !rows.is_empty();
    fits.then(|| Key { columns: vec![0], because: "it is the first column".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: ObjectKind, op: Op, values: &[&str]) -> Row {
        let cell = |value: &&str| (!value.is_empty()).then(|| value.as_bytes().to_vec());
        Row { kind, op, values: values.iter().map(cell).collect() }
    }

    fn load(rows: &[&[&str]]) -> Vec<Row> {
        rows.iter().map(|values| row(ObjectKind::FullLoad, Op::Insert, values)).collect()
    }

    fn columns_of(
        name: &str,
        columns: &[&str],
        is_named: bool,
        rows: &[Row],
    ) -> Option<Vec<usize>> {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let unfit = vec![false; columns.len()];
        let table = Table { name, columns: &columns, is_named, unfit: &unfit, rows };
        find(table).map(|key| key.columns)
    }

    #[test]
    fn a_column_that_is_named_as_a_key_is_one_if_it_is_unique() {
        let rows = load(&[&["a", "1"], &["a", "2"]]);
        for (table, column) in
            [("orders", "ID"), ("orders", "order_id"), ("cities", "city_id"), ("bus", "bus_id")]
        {
            let found = columns_of(table, &["kind", column], true, &rows);
            assert_eq!(found, Some(vec![1]), "{table} {column}");
        }
        assert_eq!(columns_of("orders", &["id", "kind"], true, &rows), None);
        assert_eq!(columns_of("orders", &["kind", "customer_id"], true, &rows), None);
    }

    #[test]
    fn without_names_the_first_column_is_the_key_if_it_is_unique_and_never_null() {
        assert_eq!(
            columns_of("t", &["a", "b"], false, &load(&[&["1", ""], &["2", ""]])),
            Some(vec![0])
        );
        assert_eq!(columns_of("t", &["a", "b"], false, &load(&[&["1", "x"], &["1", "y"]])), None);
        assert_eq!(columns_of("t", &["a", "b"], false, &load(&[&["1", "x"], &["", "y"]])), None);
        assert_eq!(columns_of("t", &["a"], false, &[]), None);
    }

    #[test]
    fn rows_that_delete_tell_the_key_where_they_hold_nothing_else() {
        let mut rows = load(&[&["1", "a", "x"], &["1", "b", "y"]]);
        rows.push(row(ObjectKind::Change, Op::Delete, &["1", "a", ""]));
        assert_eq!(columns_of("t", &["a", "b", "c"], false, &rows), Some(vec![0, 1]));
        // All values are there, as MySQL logs them.
        rows.push(row(ObjectKind::Change, Op::Delete, &["1", "b", "y"]));
        assert_eq!(columns_of("t", &["a", "b", "c"], false, &rows), None);
    }

    #[test]
    fn a_key_may_come_again_in_changes_but_not_as_null() {
        let mut rows = load(&[&["1"], &["2"]]);
        rows.push(row(ObjectKind::Change, Op::Update, &["1"]));
        assert!(is_key(&rows, &[0]));
        rows.push(row(ObjectKind::Change, Op::Update, &[""]));
        assert!(!is_key(&rows, &[0]));
    }
}
