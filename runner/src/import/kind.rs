//! What kinds of nodes there are, as the API of Glue calls them. Pure.

use super::fields::Fields;

/// Kinds that are known by name, in the spelling of the API (CodeGenConfigurationNode).
const KNOWN: [&str; 36] = [
    "S3CsvSource",
    "S3ParquetSource",
    "S3JsonSource",
    "S3CatalogSource",
    "CatalogSource",
    "MySQLCatalogSource",
    "DirectJDBCSource",
    "JDBCConnectorSource",
    "ApplyMapping",
    "SelectFields",
    "DropFields",
    "RenameField",
    "Filter",
    "Join",
    "SparkSQL",
    "Aggregate",
    "DropDuplicates",
    "DropNullFields",
    "Merge",
    "Union",
    "SelectFromCollection",
    "SplitFields",
    "FillMissingValues",
    "Spigot",
    "EvaluateDataQuality",
    "EvaluateDataQualityMultiFrame",
    "CustomCode",
    "DynamicTransform",
    "Route",
    "PIIDetection",
    "Recipe",
    "MySQLCatalogTarget",
    "CatalogTarget",
    "JDBCConnectorTarget",
    "S3DirectTarget",
    "S3GlueParquetTarget",
];

/// What a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Source,
    Transform,
    Target,
}

/// A kind in the API's spelling; one that is not known stays as it is.
pub(super) fn canonical(kind: &str) -> String {
    let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(kind));
    known.map_or_else(|| kind.to_owned(), |known| (*known).to_owned())
}

/// What a kind is for: the API's names end with it.
pub(super) fn role(kind: &str) -> Role {
    if kind.ends_with("Source") {
        Role::Source
    } else if kind.ends_with("Target") {
        Role::Target
    } else {
        Role::Transform
    }
}

/// The kind of a node as Glue Studio downloads it: its type says less than the API's name.
pub(super) fn downloaded(node: Fields<'_>) -> Option<String> {
    let called = node.text("type")?;
    let format = node.text("format").unwrap_or_default().to_lowercase();
    Some(match node.text("classification") {
        Some("DataSource") => match (called, format.as_str()) {
            ("S3", "csv") => "S3CsvSource".to_owned(),
            ("S3", "parquet") => "S3ParquetSource".to_owned(),
            ("S3", "json") => "S3JsonSource".to_owned(),
            ("MySQL", _) => "MySQLCatalogSource".to_owned(),
            (other, _) => canonical(&with_role(other, "Source")),
        },
        Some("DataSink") => match (called, format.as_str()) {
            ("S3", "glueparquet") => "S3GlueParquetTarget".to_owned(),
            ("S3", _) => "S3DirectTarget".to_owned(),
            ("MySQL", _) => "MySQLCatalogTarget".to_owned(),
            (other, _) => canonical(&with_role(other, "Target")),
        },
        _ => match called {
            "SQL" | "SqlCode" | "Sql" => "SparkSQL".to_owned(),
            other => canonical(other),
        },
    })
}

fn with_role(called: &str, role: &str) -> String {
    if called.ends_with(role) { called.to_owned() } else { format!("{called}{role}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_downloaded_node_is_of_the_kind_that_the_api_calls_it() {
        for (class, called, format, kind) in [
            ("DataSource", "S3", "csv", "S3CsvSource"),
            ("DataSource", "Catalog", "", "CatalogSource"),
            ("DataSource", "MySQL", "", "MySQLCatalogSource"),
            ("DataSource", "DirectJDBCSource", "", "DirectJDBCSource"),
            ("DataSource", "S3", "avro", "S3Source"),
            ("DataSink", "S3", "glueparquet", "S3GlueParquetTarget"),
            ("DataSink", "Redshift", "", "RedshiftTarget"),
            ("Transform", "ApplyMapping", "", "ApplyMapping"),
            ("Transform", "SparkSQL", "", "SparkSQL"),
            ("Transform", "Whatever", "", "Whatever"),
        ] {
            let node = json!({ "classification": class, "type": called, "format": format });
            assert_eq!(downloaded(Fields(node.as_object().unwrap())).unwrap(), kind);
        }
        assert_eq!(canonical("s3CsvSource"), "S3CsvSource");
        assert_eq!(role("S3HudiDirectTarget"), Role::Target);
    }
}
