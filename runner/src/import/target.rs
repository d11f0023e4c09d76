//! Nodes that write: which table each is here, and what of them is another's business. Pure.

use super::graph::Node;
use crate::scaffold::names;

/// The table that a node writes, as the job calls it; of files it is the folder's name.
pub(super) fn table(node: &Node) -> String {
    let fields = node.fields();
    let named = fields.text("Table").or_else(|| fields.text("ConnectionTable"));
    let named =
        named.or_else(|| fields.text("Path").map(names::last_part).filter(|part| !part.is_empty()));
    named.unwrap_or(&node.name).to_owned()
}

/// What a reader has to know of it; `table` is what `job.toml` says if the model is called otherwise.
pub(super) fn notes(node: &Node, table: Option<&str>) -> Vec<String> {
    let fields = node.fields();
    let mut notes = Vec::new();
    match node.kind.as_str() {
        "MySQLCatalogTarget" | "CatalogTarget" => {
            let database = fields.text("Database").unwrap_or_default();
            notes.push(format!(
                "its name is that of the Data Catalog ({database}); if the table in MySQL is called otherwise, name it in job.toml"
            ));
        }
        "JDBCConnectorTarget" => {}
        kind => notes.push(format!("{kind} becomes a table of the job's target, MySQL or SQLite: no files and no other database are written")),
    }
    if !fields.paths("PartitionKeys").is_empty() {
        notes.push("its partition keys are left out".to_owned());
    }
    if fields.object("AutoDataQuality").is_some_and(|auto| auto.is("IsEnabled")) {
        notes.push("its automatic data quality is left out".to_owned());
    }
    if let Some(table) = table {
        notes.push(format!("job.toml names its table, {table}"));
    }
    notes
}
