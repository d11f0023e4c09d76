//! Errors of running plans, sorted into what the user can do about them.

use datafusion::error::DataFusionError;
use transforms::scan::error::ScanError;

use crate::error::Error;
use crate::store;

/// Explains an error of a running plan. Values that the engine quotes in its messages are left out.
#[must_use]
pub(crate) fn explain(error: &DataFusionError) -> Error {
    if let Some(scan) = ScanError::find(error) {
        return explain_scan(scan);
    }
    if let Some(own) = find_own(error) {
        return own;
    }
    let root = error.find_root();
    if matches!(root, DataFusionError::ResourcesExhausted(_)) {
        return Error::failed("the query needs more memory than there is")
            .hint("give the process more memory");
    }
    if let DataFusionError::IoError(io) = root {
        return Error::temporary(format!("the engine cannot use its temporary folder: {io}"))
            .hint("make room in the temporary folder (TMPDIR), then run again");
    }
    let text = without_values(&root.strip_backtrace());
    if matches!(
        root,
        DataFusionError::Plan(_)
            | DataFusionError::SchemaError(..)
            | DataFusionError::NotImplemented(_)
            | DataFusionError::Internal(_)
    ) {
        return Error::failed(format!("the engine cannot plan this: {text}"));
    }
    Error::refused(format!("the SQL failed on the staged rows: {text}"))
        .hint("use TRY_CAST, NULLIF or a WHERE for the rows that it fails on")
}

fn explain_scan(error: &ScanError) -> Error {
    match error {
        ScanError::Rejected { .. } => Error::refused(error.to_string()).hint(
            "nothing was written; correct the declaration in sources.sql or the object, and run again",
        ),
        ScanError::Broken { .. } => Error::refused(error.to_string())
            .hint("nothing was written; stage the object again, and run again"),
        ScanError::Changed { .. } => Error::temporary(error.to_string()).hint("run again"),
        ScanError::Store { object, source } => explain_store(object, source),
    }
}

/// The store's error stays in the engine's, so its text is the cause that is told.
fn explain_store(object: &str, source: &object_store::Error) -> Error {
    if let object_store::Error::NotFound { .. } = source {
        return Error::temporary(format!("{object}: vanished while the run began"))
            .hint("run again");
    }
    store::explain(format!("{object}: cannot be read"), source, source.to_string())
}

/// An error of our own that travelled through the engine, such as one of reading a target.
fn find_own(error: &DataFusionError) -> Option<Error> {
    let mut current: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(here) = current {
        if let Some(own) = here.downcast_ref::<Error>() {
            let copy = Error::new(own.kind(), own.to_string());
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

/// Replaces everything between quotes: the engine quotes the values that it could not cast.
fn without_values(text: &str) -> String {
    let first_line = text.lines().next().unwrap_or_default();
    let mut out = String::new();
    for (index, part) in first_line.split(['\'', '"']).enumerate() {
        if index % 2 == 0 {
            out.push_str(part);
        } else {
            out.push_str("'…'");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn values_in_the_engines_messages_are_left_out() {
        let text = "Arrow error: Cast error: Cannot cast string 'my secret' to value of Int32 type";
        let error = explain(&DataFusionError::Execution(text.to_owned()));
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(error.to_string().contains("Int32"), "{error}");
    }

    #[test]
    fn an_error_of_our_own_keeps_its_kind_through_the_engine() {
        let own = Error::temporary("gone").hint("run again");
        let error = explain(&DataFusionError::External(Box::new(own)));
        assert_eq!(error.kind(), Kind::Temporary);
        assert_eq!(error.next_step(), Some("run again"));
    }
}
