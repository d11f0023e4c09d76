//! Where a source's objects are.

use std::fmt;

use chrono_tz::Tz;
use transforms::dms::csv::TableName;
use transforms::source::Source;

use super::Location;
use crate::error::{Error, Result};

/// The folders of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The table's own: `[BucketFolder/]schema/table/`.
    pub table: Location,
    /// The one of changes, if it is another (`CdcPath`).
    pub changes: Option<Location>,
    /// The table's name, where rows bear it (`PreserveTransactions`).
    pub name: Option<TableName>,
    /// The zone of the times in names (`DatePartitionTimezone`): another one is as if the objects were others.
    pub time_zone: Option<Tz>,
}

impl Places {
    /// A relative LOCATION is relative to `base`, else to the current folder. `CdcPath` is relative to where the folders of schemas
    /// are (DMS API reference, "S3Settings": `CdcPath`), unless it is an URL.
    ///
    /// # Errors
    /// Kind `Usage` for a location that cannot be, and one that does not end in schema and table where these must be known.
    pub fn of(source: &Source, base: Option<&Location>) -> Result<Self> {
        let table = Location::parse(&source.location, base)?;
        let settings = &source.settings;
        let time_zone = settings.time_zone;
        let Some(cdc_path) = &settings.cdc_path else {
            return Ok(Self { time_zone, ..Self::of_table(table) });
        };
        let name = table.schema_and_table().ok_or_else(|| {
            Error::usage(format!(
                "source `{}`: with CdcPath, LOCATION ends in the names of schema and table, and {table} does not",
                source.name
            ))
            .hint("DMS writes a table's full load to [BucketFolder/]schema/table/")
        })?;
        let root = table.join("../..");
        let folder = match cdc_path.contains("://") {
            true => Location::parse(cdc_path, None)?,
            false => root.join(cdc_path.trim_start_matches('/')),
        };
        if !folder.is_beside(&table) {
            return Err(Error::usage(format!(
                "source `{}`: CdcPath is in another bucket than LOCATION",
                source.name
            ))
            .hint("DMS writes both into one bucket"));
        }
        if settings.preserve_transactions {
            return Ok(Self { table, changes: Some(folder), name: Some(name), time_zone });
        }
        let changes = folder.join(&name.schema).join(&name.table);
        let changes = Some(changes).filter(|changes| *changes != table);
        Ok(Self { changes, time_zone, ..Self::of_table(table) })
    }

    /// A table's own folder alone.
    #[must_use]
    pub fn of_table(table: Location) -> Self {
        Self { table, changes: None, name: None, time_zone: None }
    }

    /// The key of an `s3://bucket/key` URL below one of the folders, if it is there.
    #[must_use]
    pub fn relative_key(&self, url: &str) -> Option<String> {
        let folders = [Some(&self.table), self.changes.as_ref()];
        folders.into_iter().flatten().find_map(|folder| folder.relative_key(url))
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.table)?;
        if let Some(changes) = &self.changes {
            write!(f, " with changes in {changes}")?;
        }
        match self.time_zone {
            None => Ok(()),
            Some(zone) => write!(f, " named in {zone}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use transforms::session::session_state;
    use transforms::source::{no_files, parse_sources};

    use super::*;

    async fn places(location: &str, options: &str) -> Result<Places> {
        let ddl = format!(
            "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY) STORED AS DMS LOCATION '{location}' OPTIONS ({options})"
        );
        let state = session_state(transforms::sql::Dialect::Spark, 1, std::sync::Arc::default());
        let sources = parse_sources(&state, "sources.sql", &ddl, &no_files).await.unwrap();
        Places::of(&sources[0], Some(&Location::parse("/jobs/j", None).unwrap()))
    }

    #[tokio::test]
    async fn the_folder_of_changes_is_where_dms_makes_it() {
        const ORDERED: &str = "'PreserveTransactions' 'true', 'CdcPath' 'cdc/tx'";
        for (location, options, expected) in [
            ("s3://b/shop/orders/", "'CsvDelimiter' ';'", "s3://b/shop/orders/"),
            ("s3://b/shop/orders", ORDERED, "s3://b/shop/orders/ with changes in s3://b/cdc/tx/"),
            (
                "s3://b/lake/shop/orders/",
                "'PreserveTransactions' 'true', 'CdcPath' '/tx/'",
                "s3://b/lake/shop/orders/ with changes in s3://b/lake/tx/",
            ),
            (
                "../lake/shop/orders",
                ORDERED,
                "/jobs/lake/shop/orders/ with changes in /jobs/lake/cdc/tx/",
            ),
            (
                "s3://b/lake/shop/orders/",
                "'CdcPath' 'cdc'",
                "s3://b/lake/shop/orders/ with changes in s3://b/lake/cdc/shop/orders/",
            ),
            (
                "s3://b/lake/shop/orders/",
                "'PreserveTransactions' 'true', 'CdcPath' 's3://b/x'",
                "s3://b/lake/shop/orders/ with changes in s3://b/x/",
            ),
        ] {
            assert_eq!(places(location, options).await.unwrap().to_string(), expected);
        }
        let places = places("s3://b/lake/shop/orders/", ORDERED).await.unwrap();
        let name = TableName { schema: "shop".to_owned(), table: "orders".to_owned() };
        assert_eq!(places.name, Some(name));
        let key = |url: &str| places.relative_key(url);
        assert_eq!(key("s3://b/lake/shop/orders/LOAD00000001.csv").unwrap(), "LOAD00000001.csv");
        assert_eq!(key("s3://b/lake/cdc/tx/CDC_TXN-1.csv").unwrap(), "CDC_TXN-1.csv");
        assert_eq!(key("s3://b/lake/cdc/other.csv"), None);
    }

    #[tokio::test]
    async fn a_folder_of_changes_that_cannot_be_is_told() {
        for (location, options, told) in [
            ("s3://b/orders/", "'CdcPath' 'cdc'", "LOCATION ends in the names of schema and table"),
            ("s3://b/shop/orders/", "'CdcPath' 's3://c/cdc'", "CdcPath is in another bucket"),
            ("s3://b/shop/orders/", "'CdcPath' 'gs://c/cdc'", "this scheme is not known"),
        ] {
            let error = places(location, options).await.unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
