//! The one place where names become part of SQLite statements.

use crate::target::name::TableName;

/// An identifier in double quotes, those within it doubled.
pub(super) fn name(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A table's quoted name in the main database.
pub(super) fn table(table: &TableName) -> String {
    format!("main.{}", name(table.name()))
}

/// Quoted names, separated by commas.
pub(super) fn list<'a>(identifiers: impl IntoIterator<Item = &'a str>) -> String {
    identifiers.into_iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_one_identifier_that_sqlite_reads_back() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for hostile in [
            "plain",
            "users\"; DROP TABLE users; --",
            "\"",
            "\"\"",
            "a`b",
            "a'b",
            "a\\",
            "[x]",
            "select",
            "ünïcode 🎈",
            "a b",
            "?1",
            ":x",
            "%s",
        ] {
            let quoted = name(hostile);
            connection
                .execute_batch(&format!("CREATE TABLE {quoted} ({quoted} TEXT)"))
                .unwrap_or_else(|error| panic!("{hostile}: {error}"));
            let found: String = connection
                .query_row("SELECT name FROM pragma_table_info(?1)", [hostile], |row| row.get(0))
                .unwrap();
            assert_eq!(found, hostile);
        }
    }

    #[test]
    fn a_list_quotes_each_name() {
        assert_eq!(list(["a", "b\"c"]), "\"a\", \"b\"\"c\"");
    }
}
