//! A line of JSON on stderr: one flat object, so that a field is found by its name alone.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

/// The run that a line is of, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RunOfLine {
    pub(crate) job: Option<String>,
    pub(crate) run_id: Option<String>,
}

/// What is told in one line.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) at: DateTime<Utc>,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    pub(crate) level: &'a str,
    /// The part of the program that logs.
    pub(crate) module: Option<&'a str>,
    pub(crate) message: &'a str,
    pub(crate) run: &'a RunOfLine,
    /// Whatever else it tells; what has the name of a field above is left out.
    pub(crate) fields: Map<String, Value>,
}

/// The fields in their order; those that each line may have come first.
#[derive(Serialize)]
struct Shape<'a> {
    timestamp: String,
    level: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<&'a str>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

const OWN: [&str; 4] = ["timestamp", "level", "message", "module"];

impl Line<'_> {
    /// The object, without a line end in it or after it.
    pub(crate) fn into_json(mut self) -> String {
        let RunOfLine { job, run_id } = self.run;
        let of_run = [("job", job.is_some()), ("run_id", run_id.is_some())];
        self.fields.retain(|name, _| {
            !OWN.contains(&name.as_str()) && !of_run.contains(&(name.as_str(), true))
        });
        let shape = Shape {
            timestamp: self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            level: self.level,
            message: self.message,
            job: self.run.job.as_deref(),
            run_id: self.run.run_id.as_deref(),
            module: self.module,
            fields: self.fields,
        };
        // Texts and values of JSON are always written.
        serde_json::to_string(&shape).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_one_flat_object_without_a_line_end() {
        let run = RunOfLine { job: Some("load_sales".to_owned()), run_id: Some("r1".to_owned()) };
        let Value::Object(fields) = json!({"rows": 3, "job": "other", "level": 1, "a\nb": "c\nd"})
        else {
            panic!("an object")
        };
        let at = DateTime::UNIX_EPOCH;
        let line = Line { at, level: "INFO", module: None, message: "a\n\"b\"", run: &run, fields };
        let text = line.into_json();
        assert!(!text.contains('\n'), "{text}");
        assert!(text.starts_with(r#"{"timestamp":"1970-01-01T00:00:00.000000Z","level":"INFO""#));
        let read: Value = serde_json::from_str(&text).unwrap();
        let expected = json!({
            "timestamp": "1970-01-01T00:00:00.000000Z", "level": "INFO", "message": "a\n\"b\"",
            "job": "load_sales", "run_id": "r1", "rows": 3, "a\nb": "c\nd",
        });
        assert_eq!(read, expected);
        assert_eq!(text.matches("\"job\"").count(), 1);
        let fields = Map::from_iter([("job".to_owned(), json!("asked for"))]);
        let run = &RunOfLine::default();
        let line = Line { at, level: "INFO", module: None, message: "", run, fields };
        assert!(line.into_json().ends_with(r#","job":"asked for"}"#), "outside of a run");
    }
}
