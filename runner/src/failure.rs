//! Errors of running plans, sorted into what the user can do about them.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use transforms::dms::csv::Stop;
use transforms::functions::Told;
use transforms::scan::error::ScanError;
use transforms::sql::with_sql_types;

use crate::error::Error;
use crate::store;

/// An error of running the SQL of a file.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {source}")]
pub(crate) struct InFile {
    file: Arc<str>,
    source: DataFusionError,
}

impl InFile {
    /// The same error, which knows where its SQL stands.
    pub(crate) fn name(file: &Arc<str>, source: DataFusionError) -> DataFusionError {
        DataFusionError::External(Box::new(Self { file: Arc::clone(file), source }))
    }

    fn find(error: &DataFusionError) -> Option<&Self> {
        match error {
            DataFusionError::External(inner) => inner.downcast_ref(),
            _ => None,
        }
    }
}

/// Explains an error of a running plan. Values that the engine quotes in its messages are left out.
#[must_use]
pub(crate) fn explain(error: &DataFusionError) -> Error {
    if let Some(scan) = ScanError::find(error) {
        return explain_scan(scan);
    }
    if let Some(own) = find_own(error) {
        return own;
    }
    let (place, error) = match InFile::find(error) {
        Some(named) => (format!("{}: ", named.file), &named.source),
        None => (String::new(), error),
    };
    if let Some(told) = Told::find(error) {
        let at = told.place().cloned();
        let place = at.as_ref().map_or(place, |at| format!("{at}: "));
        let error = Error::refused(format!("{place}the SQL failed on the staged rows: {told}"));
        return match at {
            Some(at) => error.at(at),
            None => error,
        };
    }
    let root = error.find_root();
    if matches!(root, DataFusionError::ResourcesExhausted(_)) {
        return Error::failed(format!("{place}the query needs more memory than there is"))
            .hint("give the process more memory");
    }
    if let DataFusionError::IoError(io) = root {
        return Error::temporary(format!("the engine cannot use its temporary folder: {io}"))
            .hint("make room in the temporary folder (TMPDIR), then run again");
    }
    if matches!(
        root,
        DataFusionError::Plan(_)
            | DataFusionError::SchemaError(..)
            | DataFusionError::NotImplemented(_)
            | DataFusionError::Internal(_)
    ) {
        // Planning sees names and types, no rows.
        let told = transforms::sql::explain("", root);
        let error = Error::failed(format!("{place}the engine cannot plan this: {}", told.message));
        return match told.help {
            Some(help) => error.hint(help),
            None => error,
        };
    }
    let kind = kind_of(&root.strip_backtrace());
    let hint = match kind.starts_with("a subquery") {
        true => "take one row of it: max(…), or a WHERE that only one row meets",
        false => "use NULLIF, CASE or a WHERE for the rows that it fails on",
    };
    Error::refused(format!("{place}the SQL failed on the staged rows: {kind}")).hint(hint)
}

/// What went wrong, in our own words: the engine's messages hold the values that it failed on.
fn kind_of(text: &str) -> String {
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    // At the very end, where no value stands.
    let wanted = text
        .strip_suffix(" type")
        .and_then(|rest| rest.rsplit_once("to value of "))
        .map(|(_, sql_type)| sql_type)
        .filter(|sql_type| {
            sql_type.chars().all(|c| c.is_ascii_alphanumeric() || "(), ".contains(c))
        });
    if says(&["subquery returned more than one row"]) {
        "a subquery that stands for a value has more than one row".to_owned()
    } else if says(&["divide by zero", "division by zero"]) {
        "a division by zero".to_owned()
    } else if let Some(wanted) = wanted {
        format!("a value cannot be cast to {}", with_sql_types(wanted))
    } else if says(&["cast", "parse", "pars"]) {
        "a value cannot be cast".to_owned()
    } else if says(&["overflow", "too large", "out of range"]) {
        "a number is too large for its type".to_owned()
    } else {
        "an expression cannot be computed".to_owned()
    }
}

fn explain_scan(error: &ScanError) -> Error {
    match error {
        ScanError::Rejected { errors, .. } => {
            Error::refused(error.to_string()).of_object().hint(match errors.stop {
                Some(Stop::TooMany { .. }) => "nothing was written; correct the declaration in sources.sql or the object, or raise `rejected_rows` in job.toml",
                Some(Stop::Contradicted) => "nothing was written; write OPTIONS in sources.sql as the endpoint's settings are; if the rows are right as they are, 'CheckFirstRows' 'false' among them reads them as declared",
                _ if errors.drift => "nothing was written; if the table was altered at the source, declare its columns in sources.sql as they are now and load it anew, or write drift = \"widen\" into job.toml, and new columns are added",
                _ => "nothing was written; correct the declaration in sources.sql or the object, and run again; docs/jobs.md says how bad rows can be set aside",
            })
        }
        ScanError::Broken { .. } => Error::refused(error.to_string())
            .of_object()
            .hint("nothing was written; stage the object again, and run again"),
        // Whoever plans so that this can come plans anew when it does.
        ScanError::Repeated { .. } | ScanError::Dependent { .. } => {
            Error::failed(error.to_string())
        }
        ScanError::Changed { .. } => Error::temporary(error.to_string()).hint("run again"),
        ScanError::Store { object, source } => explain_store(object, source),
    }
}

/// The store's error stays in the engine's; what may be told of it is the cause.
fn explain_store(object: &str, source: &object_store::Error) -> Error {
    if let object_store::Error::NotFound { .. } = source {
        return Error::temporary(format!("{object}: vanished while the run began"))
            .hint("run again");
    }
    store::explain(format!("{object}: cannot be read"), source)
}

/// An error of our own that travelled through the engine, such as one of reading a target.
fn find_own(error: &DataFusionError) -> Option<Error> {
    let mut current: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(here) = current {
        if let Some(own) = here.downcast_ref::<Error>() {
            let copy = Error::new(own.kind(), own.to_string());
            let copy = if own.is_connection_lost() { copy.connection_lost() } else { copy };
            return Some(match own.next_step() {
                Some(hint) => copy.hint(hint),
                None => copy,
            });
        }
        if let Some(DataFusionError::Shared(shared)) = here.downcast_ref::<DataFusionError>() {
            return find_own(shared);
        }
        current = here.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn values_in_the_engines_messages_are_left_out() {
        for (text, said) in [
            (
                "Cast error: Cannot cast string 'O'Brien secret' x' to value of Int32 type",
                "cast to INT",
            ),
            ("Cast error: 5551234567 is too large to store in a Decimal128", "cast"),
            ("Divide by zero error", "division by zero"),
            ("Scalar subquery returned more than one row", "more than one row"),
            ("secret \n to value of secret! type", "computed"),
        ] {
            let error = explain(&DataFusionError::Execution(text.to_owned()));
            assert!(!error.to_string().contains("secret"), "{error}");
            assert!(!error.to_string().contains("555"), "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn an_error_of_the_sql_names_its_file() {
        let file = Arc::from("sql/job/sales.sql");
        let error = DataFusionError::Execution("Divide by zero error".to_owned());
        let error = explain(&InFile::name(&file, error));
        let said = "sql/job/sales.sql: the SQL failed on the staged rows: a division by zero";
        assert_eq!(error.to_string(), said);
        assert_eq!(error.kind(), Kind::Refused);
    }

    #[tokio::test]
    async fn an_error_of_a_function_of_ours_tells_its_reason_and_no_value() {
        let runtime = std::sync::Arc::default();
        let state = transforms::session::session_state(transforms::sql::Dialect::Spark, 1, runtime);
        let context = transforms::session::context(&state, []).unwrap();
        for (select, told) in [
            (
                "SELECT to_date(concat('2026-1', '-5'), 'yyyy-MM-dd')",
                "the pattern `yyyy-MM-dd` of dates and times: ",
            ),
            (
                "SELECT regexp_extract('2026', '(2)', 2026)",
                "regexp_extract: a group is asked for that the regular expression does not have; it has 1 group",
            ),
            ("SELECT percentile(1, 2026)", "percentile: a percentage is a number from 0 to 1"),
            (
                "SELECT 1,\n  assert_true(a > 1, concat('2026', a)) FROM VALUES (1) AS t(a)",
                "m.sql:2:3: the SQL failed on the staged rows: the condition of `assert_true` does not hold",
            ),
            (
                "SELECT assert_true(a > 1, 'too small') FROM VALUES (1) AS t(a)",
                "m.sql:1:8: the SQL failed on the staged rows: the condition of `assert_true` does not hold: too small",
            ),
            (
                "SELECT raise_error(a) FROM VALUES ('2026') AS t(a)",
                "m.sql:1:8: the SQL failed on the staged rows: `raise_error` was called",
            ),
            (
                "SELECT raise_error('no') AS x",
                "m.sql:1:8: the SQL failed on the staged rows: `raise_error` was called: no",
            ),
        ] {
            let parsed = transforms::sql::parse(transforms::sql::Dialect::Spark, "m.sql", select);
            let statement = parsed.unwrap().remove(0);
            let plan = transforms::sql::plan(&context.state(), "m.sql", statement).await.unwrap();
            let plan = context.execute_logical_plan(plan).await.unwrap();
            let error = explain(&plan.collect().await.unwrap_err()).to_string();
            assert!(error.contains(told), "{error}");
            assert!(!error.contains("2026"), "{error}");
        }
    }

    #[test]
    fn an_error_of_our_own_keeps_its_kind_through_the_engine() {
        let own = Error::temporary("gone").hint("run again");
        let error = DataFusionError::External(Box::new(own));
        let error = explain(&InFile::name(&Arc::from("sql/job/sales.sql"), error));
        assert_eq!(error.kind(), Kind::Temporary);
        assert_eq!(error.next_step(), Some("run again"));
    }
}
