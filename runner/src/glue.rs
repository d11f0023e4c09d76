//! Arguments of AWS Glue's jobs that are Glue's or Spark's own.
//!
//! From the list of special parameters in the developer guide, and from what getResolvedOptions reserves.

/// Arguments that say how Glue runs a job, and nothing of what it computes.
const MEANINGLESS: [&str; 41] = [
    "JOB_ID",
    "JOB_NAME",
    "JOB_RUN_ID",
    "RedshiftTempDir",
    "SECURITY_CONFIGURATION",
    "TempDir",
    "additional-python-modules",
    "class",
    "conf",
    "continuous-log-conversionPattern",
    "continuous-log-logGroup",
    "continuous-log-logStreamPrefix",
    "continuous-log-streamPrefix",
    "customer-driver-class",
    "customer-driver-env-vars",
    "datalake-formats",
    "debug",
    "enable-auto-scaling",
    "enable-continuous-cloudwatch-log",
    "enable-continuous-log-filter",
    "enable-data-lineage",
    "enable-glue-datacatalog",
    "enable-job-insights",
    "enable-metrics",
    "enable-observability-metrics",
    "enable-rename-algorithm-v2",
    "enable-s3-parquet-optimized-committer",
    "enable-spark-ui",
    "encryption-type",
    "extra-files",
    "extra-jars",
    "extra-py-files",
    "job-language",
    "mode",
    "python-modules-installer-option",
    "scriptLocation",
    "spark-event-logs-path",
    "spark-ui-event-logs-path",
    "use-postgres-driver",
    "user-jars-first",
    "write-shuffle-files-to-s3",
];

/// Arguments by which Glue says where a job goes on.
const BOOKMARK: [&str; 4] =
    ["continuation-option", "job-bookmark-from", "job-bookmark-option", "job-bookmark-to"];

/// Whether an argument, without its dashes, is one of job bookmarks.
pub(crate) fn is_bookmark(name: &str) -> bool {
    BOOKMARK.contains(&name)
}

/// Whether an argument, without its dashes, is Glue's or Spark's own.
pub(crate) fn is_own(name: &str) -> bool {
    MEANINGLESS.contains(&name) || is_bookmark(name)
}

/// The variable that an argument gives: getResolvedOptions replaces dashes too.
pub(crate) fn variable(name: &str) -> String {
    name.replace('-', "_")
}
