//! What can be wrong with an object; every message names it.

use datafusion::error::DataFusionError;

use crate::cause;

use crate::dms::csv::RowErrors;

/// An object that cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Rows that are not what the source declares, all or too many to be set aside. Nothing of the object is used.
    #[error("{}", rejected(object, errors))]
    Rejected {
        /// The object.
        object: String,
        /// Its bad rows, as far as they were collected.
        errors: RowErrors,
    },
    /// The compressed form is broken.
    #[error("{object}: {reason}")]
    Broken {
        /// The object.
        object: String,
        /// What is wrong.
        reason: String,
    },
    /// A full load does not hold each key once, or there is no memory to see that it does. Whoever planned with
    /// [`super::Loads::Once`] plans with [`super::Loads::Any`] instead.
    #[error("source `{source_name}`: the full load holds a key more than once")]
    Repeated {
        /// The source.
        source_name: String,
    },
    /// Changes that depend on what came before them. Whoever planned with [`super::Before`] plans without it instead.
    #[error("source `{source_name}`: its changes depend on those before them")]
    Dependent {
        /// The source.
        source_name: String,
    },
    /// The object is not the one that was listed.
    #[error("{object}: changed while it was read")]
    Changed {
        /// The object.
        object: String,
    },
    /// The store did not give it.
    #[error("{object}: cannot be read")]
    Store {
        /// The object.
        object: String,
        /// Why.
        #[source]
        source: object_store::Error,
    },
}

impl ScanError {
    /// Finds a scan's error in an engine's error.
    #[must_use]
    pub fn find(error: &DataFusionError) -> Option<&Self> {
        cause::find(error)
    }
}

impl From<ScanError> for DataFusionError {
    fn from(error: ScanError) -> Self {
        Self::External(Box::new(error))
    }
}

fn rejected(object: &str, errors: &RowErrors) -> String {
    let mut lines: Vec<String> = errors
        .errors
        .iter()
        .map(|error| {
            // Of Parquet all rows may be wrong alike.
            let place = match error.line {
                0 => object.to_owned(),
                line => format!("{object}:{line}"),
            };
            match &error.column {
                Some(column) => format!("{place}: column `{column}`: {}", error.reason),
                None => format!("{place}: {}", error.reason),
            }
        })
        .collect();
    if let Some(stop) = &errors.stop {
        lines.push(format!("{object}: {stop}"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::error::ArrowError;
    use datafusion::physical_plan::collect;

    use super::*;
    use crate::scan::FrozenTable;
    use crate::testing::Staging;

    fn broken() -> DataFusionError {
        ScanError::Broken { object: "x.gz".to_owned(), reason: "cut".to_owned() }.into()
    }

    #[test]
    fn a_scan_error_is_found_through_all_that_wraps_it() {
        let arrow = |error: DataFusionError| ArrowError::ExternalError(Box::new(error));
        let wrapped = [
            broken(),
            broken().context("sorting").context("merging"),
            DataFusionError::Shared(Arc::new(broken())),
            DataFusionError::Shared(Arc::new(DataFusionError::Shared(Arc::new(broken())))),
            DataFusionError::Shared(Arc::new(broken())).context("build side"),
            DataFusionError::ArrowError(Box::new(arrow(broken())), None),
            DataFusionError::ArrowError(Box::new(arrow(broken().context("sorting"))), None),
            DataFusionError::ArrowError(
                Box::new(arrow(DataFusionError::Shared(Arc::new(broken())))),
                None,
            ),
            DataFusionError::External(Box::new(broken())),
            DataFusionError::External(Box::new(Arc::new(broken()))),
            DataFusionError::External(Box::new(arrow(broken()))),
            DataFusionError::Collection(vec![broken()]),
            DataFusionError::Collection(vec![DataFusionError::Plan("first".to_owned()), broken()]),
        ];
        for error in wrapped {
            let found = ScanError::find(&error).map(ToString::to_string);
            assert_eq!(found.as_deref(), Some("x.gz: cut"), "{error:?}");
        }
    }

    #[test]
    fn other_errors_are_not_taken_for_it() {
        for error in [
            DataFusionError::Plan("x".to_owned()),
            DataFusionError::External("x".into()),
            DataFusionError::Shared(Arc::new(DataFusionError::Execution("x".to_owned()))),
        ] {
            assert!(ScanError::find(&error).is_none(), "{error:?}");
        }
    }

    /// `t` has a bad number in line 2 of its second object, `d` is right.
    async fn tables(staging: &Staging) -> Vec<FrozenTable> {
        let sources = staging
            .sources(
                "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT) STORED AS DMS LOCATION 't';
                CREATE EXTERNAL TABLE d (id INT PRIMARY KEY, n INT) STORED AS DMS LOCATION 'd'",
            )
            .await;
        let good: (&str, &[u8]) = ("LOAD00000001.csv", b"1,1\n2,2\n");
        let bad: (&str, &[u8]) = ("20260101-000000001.csv", b"I,3,3\nU,1,x\nI,y,4\n");
        vec![
            staging.freeze(&sources[0], &[good, bad]).await,
            staging.freeze(&sources[1], &[good]).await,
        ]
    }

    #[tokio::test]
    async fn a_bad_row_is_named_whatever_reads_it() {
        let mut staging = Staging::new();
        let tables = tables(&staging).await;
        for prefer_hash_join in [false, true] {
            let options = staging.state.config_mut().options_mut();
            options.optimizer.prefer_hash_join = prefer_hash_join;
            for sql in [
                "SELECT * FROM t",
                "SELECT count(*) AS c FROM t",
                "SELECT id FROM t ORDER BY id",
                "SELECT id FROM t ORDER BY n LIMIT 1",
                "SELECT n, count(*) AS c FROM t GROUP BY n",
                "SELECT DISTINCT n FROM t",
                "SELECT id, row_number() OVER (ORDER BY n) AS rn FROM t",
                "SELECT t.id, d.n FROM t JOIN d ON t.id = d.id",
                "SELECT d.id, t.n FROM d JOIN t ON t.id = d.id",
                "SELECT d.id, t.n FROM d LEFT JOIN t ON t.n = d.n",
                "SELECT d.id, t.n FROM d FULL JOIN t ON t.n = d.n",
                "SELECT d.id, t.n FROM d JOIN t ON t.n < d.n",
                "SELECT d.id, t.n FROM d CROSS JOIN t",
                "SELECT id FROM d WHERE n IN (SELECT n FROM t)",
                "SELECT id FROM d WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.id = d.id)",
                "SELECT id, (SELECT max(n) FROM t) AS m FROM d",
                "SELECT id FROM d UNION ALL SELECT n FROM t",
                "SELECT a.id, b.n FROM t a JOIN t b ON a.id = b.n",
            ] {
                let plan = staging.plan(sql, &tables).await;
                let physical = staging.state.create_physical_plan(&plan).await.unwrap();
                let error = collect(physical, staging.state.task_ctx()).await.unwrap_err();
                let found = ScanError::find(&error).map(ToString::to_string);
                assert_eq!(
                    found.as_deref(),
                    Some(
                        "memory://staging/20260101-000000001.csv:2: column `n`: not an INT\n\
                        memory://staging/20260101-000000001.csv:3: column `id`: not an INT"
                    ),
                    "{sql}: {error:?}"
                );
            }
        }
    }
}
