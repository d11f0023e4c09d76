//! The statements that change a table: text only, names quoted, values as placeholders.

use crate::target::ColumnDef;
use crate::target::mysql::connect::Server;
use crate::target::mysql::encode::Column;
use crate::target::mysql::quote;
use crate::target::mysql::types::SqlType;
use crate::target::name::TableName;

/// A key column as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyColumn {
    pub(super) name: String,
    /// The server's comparison is exact: no text, or a binary collation without padding.
    pub(super) exact: bool,
    /// NULL is possible, and equals NULL.
    pub(super) nullable: bool,
    /// For a parameter that is compared with it.
    pub(super) placeholder: String,
}

impl KeyColumn {
    pub(super) fn new(def: &ColumnDef) -> Self {
        let exact = match def.collation.as_deref() {
            None => true,
            Some(name) => {
                name == "binary" || name == "utf8mb4_0900_bin" || name.ends_with("nopad_bin")
            }
        };
        Self {
            name: def.name.clone(),
            exact,
            nullable: def.nullable,
            placeholder: placeholder(def),
        }
    }

    /// `left` equals `right`; the plain comparison comes too, since only it can use an index.
    fn equals(&self, left: &str, right: &str) -> String {
        let operator = if self.nullable { "<=>" } else { "=" };
        if self.exact {
            format!("{left} {operator} {right}")
        } else {
            format!(
                "{left} {operator} {right} AND CAST({left} AS BINARY) {operator} CAST({right} AS BINARY)"
            )
        }
    }

    /// Placeholders for one comparison with a parameter.
    pub(super) fn placeholders(&self) -> usize {
        if self.exact { 1 } else { 2 }
    }
}

/// Decimals are bound as text, and the server would compare text and DECIMAL as floating-point numbers.
fn placeholder(def: &ColumnDef) -> String {
    match SqlType::parse(&def.sql_type).decimal_digits() {
        Some((whole, fraction)) => format!("CAST(? AS DECIMAL({},{fraction}))", whole + fraction),
        None => "?".to_owned(),
    }
}

/// What an INSERT does with a row whose key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnDuplicate {
    Fail,
    Update,
}

/// Where rows are inserted and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Insertion<'a> {
    pub(super) table: &'a TableName,
    pub(super) columns: &'a [Column],
    /// Empty where a duplicate is an error.
    pub(super) key: &'a [KeyColumn],
    pub(super) on_duplicate: OnDuplicate,
}

/// `DELETE` of rows by their keys.
pub(super) fn delete_keys(table: &TableName, key: &[KeyColumn], rows: usize) -> String {
    let quoted = quote::table(table);
    if let Some(column) = listed_key(key) {
        let marks = vec![column.placeholder.as_str(); rows].join(", ");
        return format!("DELETE FROM {quoted} WHERE {} IN ({marks})", quote::column(&column.name));
    }
    let comparison: Vec<_> = key
        .iter()
        .map(|column| column.equals(&quote::column(&column.name), &column.placeholder))
        .collect();
    let row = format!("({})", comparison.join(" AND "));
    format!("DELETE FROM {quoted} WHERE {}", vec![row; rows].join(" OR "))
}

/// The column of a key whose values can be given as a list. With many rows that is a multiple faster than comparisons joined by
/// OR, which the server takes apart one by one.
pub(super) fn listed_key(key: &[KeyColumn]) -> Option<&KeyColumn> {
    match key {
        [column] if column.exact && !column.nullable => Some(column),
        _ => None,
    }
}

/// `DELETE` of the rows whose keys are in another table.
pub(super) fn delete_join(
    table: &TableName,
    key: &[KeyColumn],
    keys: &TableName,
    indexed: bool,
) -> String {
    let on: Vec<_> = key
        .iter()
        .map(|column| {
            let name = quote::column(&column.name);
            column.equals(&format!("t.{name}"), &format!("s.{name}"))
        })
        .collect();
    // With an index on the key, the few rows lead to the many; without one, the server chooses.
    let join = if indexed { "STRAIGHT_JOIN" } else { "JOIN" };
    let (table, keys) = (quote::table(table), quote::table(keys));
    format!("DELETE t FROM {keys} AS s {join} {table} AS t ON {}", on.join(" AND "))
}

/// `INSERT` of rows given by parameters.
pub(super) fn insert_values(into: &Insertion<'_>, server: Server, rows: usize) -> String {
    let Insertion { table, columns, key, on_duplicate } = into;
    let names = quote::columns(columns.iter().map(|column| column.name.as_str()));
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    let values = vec![row; rows].join(", ");
    let insert = format!("INSERT INTO {} ({names}) VALUES {values}", quote::table(table));
    match on_duplicate {
        OnDuplicate::Fail => insert,
        OnDuplicate::Update if server.knows_row_alias() => {
            format!(
                "{insert} AS unglue_new ON DUPLICATE KEY UPDATE {}",
                assignments(columns, key, |name| format!("unglue_new.{name}"))
            )
        }
        OnDuplicate::Update => {
            format!(
                "{insert} ON DUPLICATE KEY UPDATE {}",
                assignments(columns, key, |name| format!("VALUES({name})"))
            )
        }
    }
}

/// `INSERT` of another table's rows.
pub(super) fn insert_select(into: &Insertion<'_>, from: &TableName) -> String {
    let Insertion { table, columns, key, on_duplicate } = into;
    let names = quote::columns(columns.iter().map(|column| column.name.as_str()));
    let values: Vec<_> =
        columns.iter().map(|column| format!("s.{}", quote::column(&column.name))).collect();
    let insert = format!(
        "INSERT INTO {} ({names}) SELECT {} FROM {} AS s",
        quote::table(table),
        values.join(", "),
        quote::table(from)
    );
    match on_duplicate {
        OnDuplicate::Fail => insert,
        OnDuplicate::Update => {
            format!(
                "{insert} ON DUPLICATE KEY UPDATE {}",
                assignments(columns, key, |name| format!("s.{name}"))
            )
        }
    }
}

fn assignments(columns: &[Column], key: &[KeyColumn], new: impl Fn(&str) -> String) -> String {
    let set = |name: &str| {
        let name = quote::column(name);
        let new = new(&name);
        format!("{name} = {new}")
    };
    let is_key = |column: &&Column| key.iter().any(|key| key.name == column.name);
    let mut assignments: Vec<_> =
        columns.iter().filter(|column| !is_key(column)).map(|column| set(&column.name)).collect();
    if assignments.is_empty() {
        // A table of nothing but its key: the row that is there is the new one.
        assignments.extend(key.first().map(|key| set(&key.name)));
    }
    assignments.join(", ")
}

/// `LOAD DATA` of fields as [`Column::fields`] gives them.
///
/// Without REPLACE, LOCAL means that a row whose key is there is skipped, which the server's account tells.
pub(super) fn load_data(table: &TableName, columns: &[Column], replaces: bool) -> String {
    let mut fields = Vec::with_capacity(columns.len());
    let mut expressions = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let (name, variable) = (quote::column(&column.name), format!("@v{index}"));
        match column.load_expression(&variable) {
            None => fields.push(name),
            Some(expression) => {
                expressions.push(format!("{name} = {expression}"));
                fields.push(variable);
            }
        }
    }
    let set = if expressions.is_empty() {
        String::new()
    } else {
        format!(" SET {}", expressions.join(", "))
    };
    format!(
        "LOAD DATA LOCAL INFILE 'unglue' {}INTO TABLE {} CHARACTER SET utf8mb4 \
         FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ({}){set}",
        if replaces { "REPLACE " } else { "" },
        quote::table(table),
        fields.join(", ")
    )
}

/// `DELETE` of all rows.
pub(super) fn delete_all(table: &TableName) -> String {
    format!("DELETE FROM {}", quote::table(table))
}

/// An empty table of another one's form.
pub(super) fn create_like(table: &TableName, other: &TableName) -> String {
    format!("CREATE TABLE {} LIKE {}", quote::table(table), quote::table(other))
}

/// Gives tables other names, all at one moment.
pub(super) fn rename(pairs: &[(TableName, TableName)]) -> String {
    let pair = |(from, to): &(TableName, TableName)| {
        format!("{} TO {}", quote::table(from), quote::table(to))
    };
    format!("RENAME TABLE {}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
}

/// Drops a table that may be gone.
pub(super) fn drop_table(table: &TableName) -> String {
    format!("DROP TABLE IF EXISTS {}", quote::table(table))
}

/// Drops a table that [`create_temporary`] has made.
pub(super) fn drop_temporary(table: &TableName) -> String {
    format!("DROP TEMPORARY TABLE {}", quote::table(table))
}

/// A temporary table for some columns of a table: their types and collations, but no index of theirs, no default and no NOT
/// NULL, so that it takes everything that the table's columns can hold. Some servers want a key for every table.
pub(super) fn create_temporary(name: &TableName, columns: &[&ColumnDef]) -> String {
    let lines: Vec<_> = columns
        .iter()
        .map(|column| {
            let collation = column
                .collation
                .as_deref()
                .map(|name| format!(" COLLATE {name}"))
                .unwrap_or_default();
            // MariaDB prints its JSON as LONGTEXT; a JSON of MySQL has no collation.
            format!("{} {}{collation} NULL", quote::column(&column.name), column.sql_type)
        })
        .chain(["`unglue_row` bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY".to_owned()])
        .collect();
    format!("CREATE TEMPORARY TABLE {} ({}) ENGINE=InnoDB", quote::table(name), lines.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::mysql::connect::Flavour;

    const MYSQL: Server =
        Server { flavour: Flavour::MySql, version: (9, 7, 0), packet_bytes_max: 1 << 20 };
    const MARIADB: Server =
        Server { flavour: Flavour::MariaDb, version: (10, 11, 0), packet_bytes_max: 1 << 20 };

    fn def(name: &str, sql_type: &str, collation: Option<&str>, nullable: bool) -> ColumnDef {
        ColumnDef {
            name: name.to_owned(),
            sql_type: sql_type.to_owned(),
            data_type: None,
            nullable,
            optional: false,
            generated: false,
            is_set: None,
            collation: collation.map(str::to_owned),
        }
    }

    fn defs() -> Vec<ColumnDef> {
        vec![
            def("id", "bigint", None, false),
            def("co`de", "varchar(9)", Some("utf8mb4_0900_ai_ci"), true),
            def("image", "blob", None, true),
        ]
    }

    fn columns() -> Vec<Column> {
        defs().iter().map(Column::new).collect()
    }

    fn key(count: usize) -> Vec<KeyColumn> {
        defs().iter().take(count).map(KeyColumn::new).collect()
    }

    fn table(name: &str) -> TableName {
        name.parse().unwrap()
    }

    fn insert(server: Server, key: &[KeyColumn], on_duplicate: OnDuplicate) -> String {
        let (table, columns) = (table("shop.sales"), columns());
        insert_values(&Insertion { table: &table, columns: &columns, key, on_duplicate }, server, 2)
    }

    #[test]
    fn text_keys_are_compared_twice_once_for_the_index_and_once_exactly() {
        insta::assert_snapshot!(delete_keys(&table("shop.sales"), &key(2), 2), @"DELETE FROM `shop`.`sales` WHERE (`id` = ? AND `co``de` <=> ? AND CAST(`co``de` AS BINARY) <=> CAST(? AS BINARY)) OR (`id` = ? AND `co``de` <=> ? AND CAST(`co``de` AS BINARY) <=> CAST(? AS BINARY))");
        insta::assert_snapshot!(delete_join(&table("sales"), &key(2), &table("d"), true), @"DELETE t FROM `d` AS s STRAIGHT_JOIN `sales` AS t ON t.`id` = s.`id` AND t.`co``de` <=> s.`co``de` AND CAST(t.`co``de` AS BINARY) <=> CAST(s.`co``de` AS BINARY)");
    }

    #[test]
    fn decimal_keys_are_compared_as_decimals() {
        let key = [KeyColumn::new(&def("k", "decimal(20,2)", None, false))];
        insta::assert_snapshot!(delete_keys(&table("t"), &key, 1), @"DELETE FROM `t` WHERE `k` IN (CAST(? AS DECIMAL(20,2)))");
    }

    #[test]
    fn exact_collations_need_no_second_comparison() {
        for collation in ["utf8mb4_0900_bin", "utf8mb4_nopad_bin", "binary"] {
            assert!(
                KeyColumn::new(&def("k", "varchar(9)", Some(collation), false)).exact,
                "{collation}"
            );
        }
        for collation in ["utf8mb4_bin", "utf8mb4_0900_ai_ci", "utf8mb4_general_ci"] {
            assert!(
                !KeyColumn::new(&def("k", "varchar(9)", Some(collation), false)).exact,
                "{collation}"
            );
        }
    }

    #[test]
    fn new_values_are_named_in_each_dialect() {
        insta::assert_snapshot!(insert(MYSQL, &key(1), OnDuplicate::Update), @"INSERT INTO `shop`.`sales` (`id`, `co``de`, `image`) VALUES (?, ?, ?), (?, ?, ?) AS unglue_new ON DUPLICATE KEY UPDATE `co``de` = unglue_new.`co``de`, `image` = unglue_new.`image`");
        insta::assert_snapshot!(insert(MARIADB, &key(1), OnDuplicate::Update), @"INSERT INTO `shop`.`sales` (`id`, `co``de`, `image`) VALUES (?, ?, ?), (?, ?, ?) ON DUPLICATE KEY UPDATE `co``de` = VALUES(`co``de`), `image` = VALUES(`image`)");
        insta::assert_snapshot!(insert(MYSQL, &[], OnDuplicate::Fail), @"INSERT INTO `shop`.`sales` (`id`, `co``de`, `image`) VALUES (?, ?, ?), (?, ?, ?)");
    }

    #[test]
    fn a_table_of_key_columns_only_updates_its_key_to_itself() {
        let all: Vec<_> = defs().iter().map(KeyColumn::new).collect();
        assert!(
            insert(MYSQL, &all, OnDuplicate::Update).ends_with("UPDATE `id` = unglue_new.`id`")
        );
    }

    #[test]
    fn a_temporary_table_leads_to_one_statement() {
        let (sales, columns, key) = (table("sales"), columns(), key(1));
        let into = Insertion {
            table: &sales,
            columns: &columns,
            key: &key,
            on_duplicate: OnDuplicate::Update,
        };
        insta::assert_snapshot!(insert_select(&into, &table("d")), @"INSERT INTO `sales` (`id`, `co``de`, `image`) SELECT s.`id`, s.`co``de`, s.`image` FROM `d` AS s ON DUPLICATE KEY UPDATE `co``de` = s.`co``de`, `image` = s.`image`");
        let defs = defs();
        insta::assert_snapshot!(create_temporary(&table("d"), &defs.iter().collect::<Vec<_>>()), @"CREATE TEMPORARY TABLE `d` (`id` bigint NULL, `co``de` varchar(9) COLLATE utf8mb4_0900_ai_ci NULL, `image` blob NULL, `unglue_row` bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB");
    }

    #[test]
    fn bytes_are_loaded_through_a_variable() {
        let sql = load_data(&table("sales"), &columns(), false);
        assert!(
            sql.contains(r"FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n'")
        );
        assert!(sql.ends_with(" (`id`, `co``de`, @v2) SET `image` = UNHEX(@v2)"), "{sql}");
        let sql = load_data(&table("sales"), &columns(), true);
        assert!(sql.starts_with("LOAD DATA LOCAL INFILE 'unglue' REPLACE INTO TABLE `sales`"));
    }
}
