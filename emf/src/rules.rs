//! What CloudWatch demands of a line.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{Namespace, Unit};

/// The most bytes of an event in CloudWatch Logs.
const LINE_BYTES_MAX: usize = 256 * 1024;
/// The largest value of a metric, and its reciprocal the smallest: see `MetricDatum` of `PutMetricData`.
const VALUE_MAX: f64 = 1e108;

/// Reads a document of one line as CloudWatch would.
///
/// # Errors
/// The first rule that it breaks; CloudWatch would drop it without a word.
pub fn read(line: &str) -> Result<Map<String, Value>, String> {
    if line.contains('\n') || line.len() > LINE_BYTES_MAX {
        return Err("more than a line".to_owned());
    }
    let Ok(Value::Object(root)) = serde_json::from_str(line) else {
        return Err("not a JSON object".to_owned());
    };
    let metadata = member(&root, "_aws", Value::as_object)?;
    has_only(metadata, &["CloudWatchMetrics", "Timestamp"])?;
    let _milliseconds = member(metadata, "Timestamp", Value::as_u64)?;
    let directives = member(metadata, "CloudWatchMetrics", Value::as_array)?;
    if directives.is_empty() {
        return Err("no metrics".to_owned());
    }
    for directive in directives {
        let directive = directive.as_object().ok_or("a directive that is no object")?;
        check_directive(directive, &root)?;
    }
    Ok(root)
}

fn check_directive(
    directive: &Map<String, Value>,
    root: &Map<String, Value>,
) -> Result<(), String> {
    has_only(directive, &["Dimensions", "Metrics", "Namespace"])?;
    let namespace = member(directive, "Namespace", Value::as_str)?;
    Namespace::read(Some(namespace)).map_err(|error| error.to_string())?;
    let sets = member(directive, "Dimensions", Value::as_array)?;
    if sets.is_empty() {
        return Err("no set of dimensions".to_owned());
    }
    for set in sets {
        check_dimensions(set.as_array().ok_or("a set of dimensions that is no list")?, root)?;
    }
    let metrics = member(directive, "Metrics", Value::as_array)?;
    if !(1..=100).contains(&metrics.len()) {
        return Err("not 1 to 100 metrics".to_owned());
    }
    let mut seen = BTreeSet::new();
    for metric in metrics {
        let metric = metric.as_object().ok_or("a metric that is no object")?;
        if !seen.insert(check_metric(metric, root)?) {
            return Err("a metric twice".to_owned());
        }
    }
    Ok(())
}

fn check_dimensions(set: &[Value], root: &Map<String, Value>) -> Result<(), String> {
    if set.len() > 30 {
        return Err("more than 30 dimensions".to_owned());
    }
    for name in set {
        let name = name.as_str().filter(|name| (1..=250).contains(&name.chars().count()));
        let name = name.ok_or("a dimension whose name has not 1 to 250 characters")?;
        let value = member(root, name, Value::as_str)?;
        if !(1..=1024).contains(&value.chars().count()) {
            return Err(format!("dimension {name} has not 1 to 1024 characters"));
        }
    }
    Ok(())
}

fn check_metric<'a>(
    metric: &'a Map<String, Value>,
    root: &Map<String, Value>,
) -> Result<&'a str, String> {
    has_only(metric, &["Name", "Unit"])?;
    let name = member(metric, "Name", Value::as_str)?;
    if !(1..=1024).contains(&name.chars().count()) {
        return Err("a metric whose name has not 1 to 1024 characters".to_owned());
    }
    let unit = member(metric, "Unit", Value::as_str)?;
    if !Unit::ALL.iter().any(|known| known.as_str() == unit) {
        return Err(format!("metric {name} has a unit that is not known"));
    }
    let size = member(root, name, Value::as_f64)?.abs();
    if size > VALUE_MAX || (size > 0.0 && size < VALUE_MAX.recip()) {
        return Err(format!("metric {name} has a value that CloudWatch does not take"));
    }
    Ok(name)
}

fn member<'a, T>(
    of: &'a Map<String, Value>,
    name: &str,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Result<T, String> {
    of.get(name).and_then(read).ok_or_else(|| format!("no {name}, or of another type"))
}

fn has_only(object: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    match object.keys().find(|key| !names.contains(&key.as_str())) {
        None => Ok(()),
        Some(other) => Err(format!("{other} is not known")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Emf;

    fn document() -> Emf {
        let mut emf = Emf::new(&Namespace::default(), 1_774_599_300_000, &[&["Job"], &[]]);
        emf.metric("Runs", Unit::Count, 1);
        emf.metric("Cost", Unit::None, 0.5);
        emf.property("Job", json!("load_sales"));
        emf
    }

    #[test]
    fn what_is_written_is_what_cloudwatch_takes() {
        let root = read(&document().to_json()).unwrap();
        let whole = json!({
            "_aws": { "Timestamp": 1_774_599_300_000_i64, "CloudWatchMetrics": [{
                "Namespace": "Unglue",
                "Dimensions": [["Job"], []],
                "Metrics": [{ "Name": "Runs", "Unit": "Count" }, { "Name": "Cost", "Unit": "None" }],
            }]},
            "Runs": 1, "Cost": 0.5, "Job": "load_sales",
        });
        assert_eq!(Value::Object(root), whole);
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let mut emf = document();
        emf.metric("Share", Unit::None, f64::NAN);
        assert!(!read(&emf.to_json()).unwrap().contains_key("Share"));
    }

    #[test]
    fn a_line_that_cloudwatch_would_drop_is_told() {
        let line = document().to_json();
        let about = |pointer: &str, value: Value| {
            let mut root: Value = serde_json::from_str(&line).unwrap();
            *root.pointer_mut(pointer).unwrap() = value;
            read(&root.to_string()).unwrap_err()
        };
        let directive = "/_aws/CloudWatchMetrics/0";
        let within = |name: &str| format!("{directive}/{name}");
        let many: Vec<Value> =
            (0..101).map(|n| json!({ "Name": n.to_string(), "Unit": "Count" })).collect();
        for (pointer, value, told) in [
            ("/_aws".to_owned(), json!(1), "no _aws"),
            ("/_aws/Timestamp".to_owned(), json!("now"), "no Timestamp"),
            ("/_aws/CloudWatchMetrics".to_owned(), json!([]), "no metrics"),
            (directive.to_owned(), json!(1), "a directive"),
            (within("Namespace"), json!("AWS/ECS"), "no namespace"),
            (within("Dimensions"), json!([]), "no set of dimensions"),
            (within("Dimensions"), json!([["Other"]]), "no Other"),
            (within("Dimensions"), json!([[""]]), "1 to 250"),
            (within("Metrics"), json!([]), "1 to 100"),
            (within("Metrics"), json!(many), "1 to 100"),
            (within("Metrics/1"), json!({ "Name": "Runs", "Unit": "Count" }), "twice"),
            (within("Metrics/0/Unit"), json!("Pieces"), "a unit"),
            (within("Metrics/0"), json!({ "Name": "Runs", "Unit": "Count", "x": 1 }), "x is not"),
            ("/Runs".to_owned(), json!("1"), "no Runs"),
            ("/Runs".to_owned(), json!(1e109), "does not take"),
            ("/Job".to_owned(), json!(""), "dimension Job"),
            ("/Job".to_owned(), json!("x".repeat(LINE_BYTES_MAX)), "more than a line"),
        ] {
            let error = about(&pointer, value);
            assert!(error.contains(told), "{pointer}: {error}");
        }
        assert!(read("{}\n").is_err() && read("[]").is_err());
    }
}
