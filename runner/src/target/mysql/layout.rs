//! How a model's columns lie in an existing table, and how its rows can be written there.

use std::sync::Arc;

use datafusion::arrow::datatypes::Field;
use transforms::dms::csv::same_name;

use crate::error::Error;
use crate::target::mysql::check::check;
use crate::target::mysql::describe::Table;
use crate::target::mysql::encode::Column;
use crate::target::mysql::error::{Failure, Result};
use crate::target::mysql::statement::{Insertion, KeyColumn, OnDuplicate};
use crate::target::name::TableName;
use crate::target::{ColumnDef, TableSpec, mismatch};

/// A model's columns as the table has them, in the model's order.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) table: TableName,
    pub(super) defs: Vec<ColumnDef>,
    pub(super) columns: Arc<[Column]>,
    /// Indices of the key columns.
    pub(super) key_indices: Vec<usize>,
    pub(super) key: Vec<KeyColumn>,
    /// A unique index leads to the rows of a key.
    pub(super) indexed: bool,
    /// The server finds the row to update by the key and by nothing else.
    pub(super) updates_by_key: bool,
    /// A row can also be put in place of the one with its key: nothing of the old one is kept, and nothing else notices.
    pub(super) replaces_by_key: bool,
    delete_cascades: bool,
}

impl Layout {
    /// # Errors
    /// Kind `Refused` if the table cannot hold what the model gives.
    pub(super) fn new(spec: &TableSpec, table: &Table) -> Result<Self> {
        let mismatches = check(spec, &table.def);
        if !mismatches.is_empty() {
            return Err(mismatch::refusal(&spec.table, None, &mismatches, true).into());
        }
        let columns = &table.def.columns;
        let of = |field: &Arc<Field>| {
            columns.iter().find(|def| same_name(&def.name, field.name())).cloned()
        };
        let defs: Vec<_> = spec.schema.fields().iter().filter_map(of).collect();
        let key: Vec<_> = spec.key.iter().map(|&index| KeyColumn::new(&defs[index])).collect();
        Ok(Self {
            table: spec.table.clone(),
            columns: defs.iter().map(Column::new).collect(),
            indexed: table.def.unique.iter().any(|index| same_columns(index, &key)),
            updates_by_key: updates_by_key(table, &defs, &key),
            replaces_by_key: updates_by_key(table, &defs, &key)
                && table.def.swap_obstacle.is_none()
                && columns.iter().all(|column| column.generated || defs.contains(column)),
            delete_cascades: table.delete_cascades,
            key_indices: spec.key.clone(),
            defs,
            key,
        })
    }

    /// The columns of the key alone.
    pub(super) fn key_columns(&self) -> Arc<[Column]> {
        self.key_indices.iter().map(|&index| self.columns[index].clone()).collect()
    }

    /// Where a column of the table is among the model's.
    pub(super) fn place_of(&self, column: &str) -> Option<usize> {
        self.defs.iter().position(|def| same_name(&def.name, column))
    }

    /// Whether columns are the key's, and are compared otherwise than exactly.
    pub(super) fn is_inexact_key(&self, columns: &[String]) -> bool {
        same_columns(columns, &self.key) && self.key.iter().any(|column| !column.exact)
    }

    /// Inserts rows of which none is there.
    pub(super) fn insert(&self) -> Insertion<'_> {
        Insertion {
            table: &self.table,
            columns: &self.columns,
            key: &[],
            on_duplicate: OnDuplicate::Fail,
        }
    }

    /// Inserts or updates rows by key.
    pub(super) fn upsert(&self) -> Insertion<'_> {
        Insertion {
            table: &self.table,
            columns: &self.columns,
            key: &self.key,
            on_duplicate: OnDuplicate::Update,
        }
    }

    /// Whether rows can be deleted and inserted anew in order to update them.
    pub(super) fn check_replaceable(&self) -> Result<()> {
        if !self.delete_cascades {
            return Ok(());
        }
        let message = format!(
            "rows of table `{}` can only be updated by deleting and inserting them, and a foreign key of another table \
             would delete or change its rows with them",
            self.table
        );
        let hint = "give the table a primary key of exactly the model's key (text in utf8mb4_0900_bin or utf8mb4_nopad_bin) \
                    and no other unique index, or drop the foreign key's ON DELETE action";
        Err(Error::refused(message).hint(hint).into())
    }
}

impl Layout {
    /// Whether the table can be emptied and filled again: ON DELETE actions would take other tables' rows along.
    pub(super) fn check_emptiable(&self) -> Result<()> {
        if !self.delete_cascades {
            return Ok(());
        }
        let message = format!(
            "table `{}` has to be emptied and filled again, and a foreign key of another table would delete or change its \
             rows with them",
            self.table
        );
        Err(Error::refused(message)
            .hint("give the model a key, or drop the foreign key's ON DELETE action")
            .into())
    }

    /// Explains why a row that is to stay was deleted.
    pub(super) fn replacing(failure: Failure) -> Failure {
        if !failure.is_referenced() {
            return failure;
        }
        failure.advise(
            "the row is only updated, but by deleting and inserting it, since the table has a unique index beside the model's \
             key or one that does not compare exactly: leave it a primary key of exactly the model's key and no other unique \
             index, or drop the foreign key",
        )
    }
}

fn same_columns(index: &[String], key: &[KeyColumn]) -> bool {
    !key.is_empty()
        && index.len() == key.len()
        && key.iter().all(|column| index.iter().any(|name| same_name(name, &column.name)))
}

/// `ON DUPLICATE KEY UPDATE` fires on any unique index, compares as the index does, and never for NULL. An index with a
/// number that the server gives anew to each row cannot fire.
fn updates_by_key(table: &Table, written: &[ColumnDef], key: &[KeyColumn]) -> bool {
    let own_number =
        table.auto_increment.as_ref().filter(|name| !written.iter().any(|def| def.name == **name));
    let mut indexes = table
        .def
        .unique
        .iter()
        .filter(|index| !own_number.is_some_and(|name| index.contains(name)))
        .peekable();
    indexes.peek().is_some()
        && indexes.all(|index| same_columns(index, key))
        && key.iter().all(|column| column.exact && !column.nullable)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{DataType, Schema};

    use super::*;
    use crate::target::TableDef;

    fn def(name: &str, collation: Option<&str>, nullable: bool) -> ColumnDef {
        ColumnDef {
            name: name.to_owned(),
            sql_type: if collation.is_some() { "varchar(9)" } else { "bigint" }.to_owned(),
            data_type: None,
            nullable,
            optional: true,
            generated: false,
            is_set: None,
            collation: collation.map(str::to_owned),
        }
    }

    fn updates(
        columns: Vec<ColumnDef>,
        unique: &[&[&str]],
        key: usize,
        auto_increment: Option<&str>,
    ) -> bool {
        let fields: Vec<_> = columns
            .iter()
            .filter(|def| Some(def.name.as_str()) != auto_increment)
            .map(|def| {
                Field::new(
                    &def.name,
                    if def.collation.is_some() { DataType::Utf8 } else { DataType::Int64 },
                    true,
                )
            })
            .collect();
        let name: TableName = "t".parse().unwrap();
        let unique = unique
            .iter()
            .map(|index| index.iter().map(|name| (*name).to_owned()).collect())
            .collect();
        let table = Table {
            def: TableDef { table: name.clone(), columns, unique, swap_obstacle: None },
            auto_increment: auto_increment.map(str::to_owned),
            delete_cascades: false,
        };
        let spec = TableSpec {
            table: name,
            schema: Arc::new(Schema::new(fields)),
            key: (0..key).collect(),
            added: vec![],
        };
        Layout::new(&spec, &table).unwrap().updates_by_key
    }

    #[test]
    fn rows_are_updated_in_place_only_where_the_key_alone_decides() {
        let id = || def("id", None, false);
        let text = |collation| def("code", Some(collation), false);
        assert!(updates(vec![id()], &[&["id"]], 1, None));
        assert!(updates(vec![id(), text("utf8mb4_0900_bin")], &[&["code", "ID"]], 2, None));
        assert!(!updates(vec![id()], &[], 1, None), "no index");
        assert!(
            !updates(vec![id(), def("b", None, false)], &[&["id"], &["b"]], 1, None),
            "two unique indexes"
        );
        assert!(
            !updates(vec![id(), def("b", None, false)], &[&["id", "b"]], 1, None),
            "a wider index"
        );
        assert!(
            !updates(vec![text("utf8mb4_0900_ai_ci")], &[&["code"]], 1, None),
            "regardless of case"
        );
        assert!(
            !updates(vec![text("utf8mb4_bin")], &[&["code"]], 1, None),
            "regardless of trailing blanks"
        );
        assert!(
            !updates(vec![def("id", None, true)], &[&["id"]], 1, None),
            "NULL is never a duplicate"
        );
    }

    #[test]
    fn a_number_that_the_server_gives_does_not_stand_in_the_way() {
        let columns = || vec![def("id", None, false), def("number", None, false)];
        assert!(updates(columns(), &[&["number"], &["id"]], 1, Some("number")));
        assert!(!updates(columns(), &[&["number"], &["id"]], 1, None));
    }
}
