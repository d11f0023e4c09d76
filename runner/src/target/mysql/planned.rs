//! The statements of a change before it is made: the choices of `apply` and `rebuild`, without a row.

use std::sync::Arc;

use datafusion::arrow::datatypes::Field;

use crate::target::mysql::apply::{DIRECT_ROWS_MAX, delta};
use crate::target::mysql::connect::{Connector, Server};
use crate::target::mysql::describe::{self, Table};
use crate::target::mysql::encode::Column;
use crate::target::mysql::error::Result;
use crate::target::mysql::layout::Layout;
use crate::target::mysql::statement::{self, Insertion};
use crate::target::mysql::{ddl, types};
use crate::target::name::TableName;
use crate::target::{ColumnDef, PlannedChange, TableSpec};

/// What stands in the names of tables whose names are made when they are.
const UNKNOWN: &str = "…";

/// See [`crate::target::Target::statements`].
pub(super) async fn statements(
    connector: &Connector,
    spec: &TableSpec,
    planned: PlannedChange,
) -> Result<Vec<String>> {
    let mut conn = connector.take().await?;
    let found = describe::describe(&mut conn, &spec.table).await?;
    connector.give(conn);
    let mut shape = Shape { connector, spec, statements: Vec::new() };
    match (found, planned) {
        (found, PlannedChange::Rebuild) | (found @ None, _) => shape.rebuild(found)?,
        (Some(found), planned) => shape.change(found, planned)?,
    }
    Ok(shape.statements)
}

struct Shape<'a> {
    connector: &'a Connector,
    spec: &'a TableSpec,
    statements: Vec<String>,
}

impl Shape<'_> {
    fn push(&mut self, statement: String) {
        self.statements.push(statement);
    }

    /// The layout of a table with the columns that it lacks.
    fn widened(&mut self, table: &TableName, mut found: Table) -> Result<Layout> {
        let (spec, server) = (self.spec, self.connector.server());
        if let Some(alter) = ddl::add_columns(spec, table, &found.def, server)? {
            self.push(alter);
            for field in spec.schema.fields() {
                if found.def.columns.iter().all(|def| !def.name.eq_ignore_ascii_case(field.name()))
                {
                    found.def.columns.push(created(field, false, server)?);
                }
            }
        }
        Layout::new(spec, &found)
    }

    fn change(&mut self, found: Table, planned: PlannedChange) -> Result<()> {
        let layout = self.widened(&self.spec.table, found)?;
        match planned {
            PlannedChange::Merge { deletes, upserts } => {
                if deletes > 0 {
                    self.deletes(&layout, deletes)?;
                }
                if upserts > 0 {
                    self.upserts(&layout, upserts)?;
                }
            }
            PlannedChange::Append { rows } => self.append(&layout, rows),
            PlannedChange::Replace { rows } => {
                self.push(statement::delete_all(&layout.table));
                self.append(&layout, rows);
            }
            PlannedChange::Rebuild => {}
        }
        Ok(())
    }

    fn deletes(&mut self, layout: &Layout, rows: u64) -> Result<()> {
        let is_listed = statement::listed_key(&layout.key).is_some() && layout.indexed;
        if is_few(rows) || is_listed {
            self.push(statement::delete_keys(&layout.table, &layout.key, 1));
            return Ok(());
        }
        let keys: Vec<_> = layout.key_indices.iter().map(|&index| &layout.defs[index]).collect();
        self.fill_delta(&keys, &layout.key_columns())?;
        self.push(delete_join(layout)?);
        self.push(statement::drop_temporary(&delta()?));
        Ok(())
    }

    fn upserts(&mut self, layout: &Layout, rows: u64) -> Result<()> {
        let server = self.connector.server();
        if is_few(rows) {
            if layout.updates_by_key {
                self.push(statement::insert_values(&layout.upsert(), server, 1));
            } else {
                self.push(statement::delete_keys(&layout.table, &layout.key, 1));
                self.push(statement::insert_values(&layout.insert(), server, 1));
            }
            return Ok(());
        }
        if layout.replaces_by_key && self.connector.takes_local_infile() {
            self.push(statement::load_data(&layout.table, &layout.columns, true));
            return Ok(());
        }
        let defs: Vec<_> = layout.defs.iter().collect();
        self.fill_delta(&defs, &layout.columns)?;
        let into = if layout.updates_by_key {
            layout.upsert()
        } else {
            self.push(delete_join(layout)?);
            layout.insert()
        };
        self.push(statement::insert_select(&into, &delta()?));
        self.push(statement::drop_temporary(&delta()?));
        Ok(())
    }

    fn append(&mut self, layout: &Layout, rows: u64) {
        match rows {
            0 => {}
            rows if is_few(rows) => {
                let server = self.connector.server();
                self.push(statement::insert_values(&layout.insert(), server, 1));
            }
            _ => self.load(layout.insert()),
        }
    }

    fn load(&mut self, into: Insertion<'_>) {
        self.push(match self.connector.takes_local_infile() {
            true => statement::load_data(into.table, into.columns, false),
            false => statement::insert_values(&into, self.connector.server(), 1),
        });
    }

    fn fill_delta(&mut self, defs: &[&ColumnDef], columns: &[Column]) -> Result<()> {
        let table = delta()?;
        self.push(statement::create_temporary(&table, defs));
        let on_duplicate = statement::OnDuplicate::Fail;
        self.load(Insertion { table: &table, columns, key: &[], on_duplicate });
        Ok(())
    }

    fn rebuild(&mut self, found: Option<Table>) -> Result<()> {
        let (table, server) = (&self.spec.table, self.connector.server());
        let [shadow, retired] =
            ["shadow", "retired"].map(|what| table.sibling(format!("unglue_{what}_{UNKNOWN}")));
        let exists = found.is_some();
        let columns: Vec<Column> = match found {
            Some(found) => {
                self.push(statement::create_like(&shadow, table));
                self.widened(&shadow, found)?.columns.to_vec()
            }
            None => {
                let spec = TableSpec { table: shadow.clone(), ..self.spec.clone() };
                self.push(ddl::create_statement(&spec, server)?);
                let def = |(index, field): (usize, &Arc<Field>)| {
                    created(field, self.spec.key.contains(&index), server)
                };
                let fields = self.spec.schema.fields().iter().enumerate();
                let defs: Vec<ColumnDef> = fields.map(def).collect::<Result<_>>()?;
                defs.iter().map(Column::new).collect()
            }
        };
        let on_duplicate = statement::OnDuplicate::Fail;
        self.load(Insertion { table: &shadow, columns: &columns, key: &[], on_duplicate });
        let mut pairs = vec![(shadow, table.clone())];
        if exists {
            pairs.insert(0, (table.clone(), retired.clone()));
        }
        self.push(statement::rename(&pairs));
        if exists {
            self.push(statement::drop_table(&retired));
        }
        Ok(())
    }
}

/// A column of a table that will be created.
fn created(field: &Field, is_key: bool, server: Server) -> Result<ColumnDef> {
    Ok(ColumnDef {
        name: field.name().clone(),
        sql_type: types::column_type(field, is_key, server)?.to_lowercase(),
        data_type: Some(field.data_type().clone()),
        nullable: true,
        optional: true,
        generated: false,
        is_set: None,
        collation: None,
    })
}

fn is_few(rows: u64) -> bool {
    usize::try_from(rows).is_ok_and(|rows| rows <= DIRECT_ROWS_MAX)
}

fn delete_join(layout: &Layout) -> Result<String> {
    Ok(statement::delete_join(&layout.table, &layout.key, &delta()?, layout.indexed))
}
