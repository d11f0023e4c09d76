//! Quoting of identifiers, and of names that are asked for. Values of rows never come through here.

use crate::target::name::TableName;

/// The longest name of a database, table or column that MySQL accepts, in characters.
pub(super) const IDENTIFIER_LENGTH_MAX: usize = 64;

/// Quotes a column's name.
pub(super) fn column(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// Quotes a table's name, with its database if that is named.
pub(super) fn table(name: &TableName) -> String {
    match name.schema() {
        Some(schema) => format!("{}.{}", column(schema), column(name.name())),
        None => column(name.name()),
    }
}

/// Quotes column names and separates them by commas.
pub(super) fn columns<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(column).collect::<Vec<_>>().join(", ")
}

/// A name as a text to compare with. Our sessions have backslashes escape (no `NO_BACKSLASH_ESCAPES`).
pub(super) fn text(name: &str) -> String {
    format!("'{}'", name.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_cannot_end_a_text() {
        for (name, quoted) in [
            ("orders", "'orders'"),
            ("o'brien", "'o''brien'"),
            ("\\", "'\\\\'"),
            ("\\'; DROP TABLE x; -- ", "'\\\\''; DROP TABLE x; -- '"),
            ("ä`?", "'ä`?'"),
        ] {
            assert_eq!(text(name), quoted);
        }
    }

    #[test]
    fn a_backtick_cannot_end_a_name() {
        for (name, quoted) in [
            ("id", "`id`"),
            ("`", "````"),
            ("a`; DROP TABLE x; -- ", "`a``; DROP TABLE x; -- `"),
            ("a``b", "`a````b`"),
            ("\\`", "`\\```"),
            ("a'b\"c", "`a'b\"c`"),
            ("?", "`?`"),
            ("ä %s", "`ä %s`"),
        ] {
            assert_eq!(column(name), quoted);
        }
    }

    #[test]
    fn both_parts_of_a_table_name_are_quoted() {
        let name: TableName = "sh`op.sal es`x".parse().unwrap();
        assert_eq!(table(&name), "`sh``op`.`sal es``x`");
        assert_eq!(table(&name.sibling("y`")), "`sh``op`.`y```");
        assert_eq!(table(&"t".parse().unwrap()), "`t`");
    }

    #[test]
    fn lists_are_separated_by_commas() {
        assert_eq!(columns(["a", "b`"]), "`a`, `b```");
    }
}
