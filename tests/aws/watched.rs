//! What the template's alarms and its dashboard ask CloudWatch for, of the metrics that the programs emit.

use std::collections::BTreeSet;

use serde_json::Value;

/// The namespace as the template writes it.
const NAMESPACE: &str = "Unglue/${Name}";

/// Returns the names of the metrics without dimensions that alarms and the dashboard ask for.
///
/// Panics if one is asked for by dimensions: alarms are of all jobs together, so that a new job needs no new alarm.
pub(crate) fn watched(template: &str) -> BTreeSet<String> {
    let names: Vec<String> = alarms(template).chain(graphs(template)).collect();
    let all = template.matches(NAMESPACE).count();
    assert_eq!(all, names.len() + SETTINGS, "something else has the namespace");
    names.into_iter().collect()
}

/// The function's variable and the container's.
const SETTINGS: usize = 2;

fn alarms(template: &str) -> impl Iterator<Item = String> {
    let resources = template.split("\n\n");
    resources.filter(|text| text.contains("Type: AWS::CloudWatch::Alarm")).filter_map(|alarm| {
        let field = |name: &str| {
            alarm.lines().find_map(|line| line.trim_start().strip_prefix(name)).map(str::trim)
        };
        if field("Namespace: !Sub")? != format!("'{NAMESPACE}'") {
            return None;
        }
        assert!(field("Dimensions:").is_none(), "{alarm}");
        Some(field("MetricName:")?.to_owned())
    })
}

fn graphs(template: &str) -> impl Iterator<Item = String> {
    let before = format!("[\"{NAMESPACE}\", \"");
    let rests: Vec<&str> = template.split(&before).skip(1).collect();
    rests.into_iter().map(|rest| {
        let (name, rest) = rest.split_once('"').expect("a name ends");
        // The end, or how it is drawn; else a dimension.
        assert!(rest.starts_with(']') || rest.starts_with(", {"), "{name} has a dimension");
        name.to_owned()
    })
}

/// Returns the names of the metrics without dimensions that lines of metrics have in a namespace.
pub(crate) fn emitted(lines: &[Value], namespace: &str) -> BTreeSet<String> {
    let directives = lines.iter().flat_map(|line| list(&line["_aws"]["CloudWatchMetrics"]));
    let without = directives.filter(|directive| {
        let is_none = |set: &Value| set.as_array().is_some_and(Vec::is_empty);
        directive["Namespace"] == namespace && list(&directive["Dimensions"]).iter().any(is_none)
    });
    let metrics = without.flat_map(|directive| list(&directive["Metrics"]));
    metrics.filter_map(|metric| metric["Name"].as_str().map(str::to_owned)).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
