//! What the declarations alone tell. Pure.

use datafusion::arrow::datatypes::DataType;
use transforms::source::Source;

use super::finding::Finding;
use crate::job::Job;

/// What DMS makes of PostgreSQL's `numeric` without precision ("Source data types for PostgreSQL" of the DMS guide).
const BARE_NUMERIC: DataType = DataType::Decimal128(28, 6);

/// Examines the sources' and the models' declarations.
pub(super) fn examine(job: &Job) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &job.sources {
        findings.extend(key(source));
        findings.extend(numerics(source));
        findings.extend(overrides(source));
    }
    for output in job.outputs.iter().filter(|output| output.key.is_empty()) {
        let message = "has no key: every change replaces the whole table, or appends to it";
        findings.push(
            Finding::note("model.key", &output.file, message)
                .next("select the key's columns as they are, or name a unique `key` in job.toml"),
        );
    }
    findings
}

fn key(source: &Source) -> Option<Finding> {
    let place = format!("source {}", source.name);
    if source.key.is_empty() {
        let message = "has no PRIMARY KEY: updates and deletes cannot be applied, and DMS does not stage them for a PostgreSQL table without one";
        return Some(
            Finding::warning("source.key", place, message)
                .next("declare the key; at the source the table needs one too"),
        );
    }
    if !source.before_key.is_empty() {
        return None;
    }
    let message =
        "an update of a key is staged as the new row alone, so the row of the old key stays";
    Some(Finding::note("source.key_updates", place, message).next(
        "where keys are updated, let a rule of the task add before-images (add-before-image-columns, pk-only), and declare the columns and 'BeforeImagePrefix'; or load the table anew after such an update",
    ))
}

fn numerics(source: &Source) -> Option<Finding> {
    let rounded: Vec<&str> = source
        .schema
        .fields()
        .iter()
        .filter(|field| *field.data_type() == BARE_NUMERIC)
        .map(|field| field.name().as_str())
        .collect();
    (!rounded.is_empty()).then(|| {
        let columns = rounded.join(", ");
        let message = format!("{columns}: DECIMAL(28,6) is what DMS makes of `numeric` without precision, and it rounds to six digits");
        Finding::warning("source.numeric", format!("source {}", source.name), message)
            .next("give the column a precision at the source if it holds more digits")
    })
}

fn overrides(source: &Source) -> Option<Finding> {
    (!source.overrides.is_empty()).then(|| {
        let names = source.overrides.join(", ");
        let message = format!("options say otherwise than the file of 'S3Settings', and are stronger: {names}");
        Finding::warning("source.settings", format!("source {}", source.name), message).next(
            "take them out of OPTIONS, unless the file is not of the endpoint that writes the objects",
        )
    })
}
