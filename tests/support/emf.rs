//! CloudWatch's Embedded Metric Format, as its specification has it ("Specification: Embedded metric format").

use serde_json::Value;

/// The units of a metric ("MetricDatum" of the CloudWatch API).
const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];
const METRICS_MAX: usize = 100;
const DIMENSIONS_MAX: usize = 30;
const NAME_MAX: usize = 1024;
const VALUES_MAX: usize = 100;
/// What CloudWatch Logs takes as one event.
const BYTES_MAX: usize = 256 * 1024;

/// The lines of a text that hold metrics. Panics if one of them is not as the specification has it.
pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .filter(|line| line.contains("\"_aws\""))
        .map(|line| {
            assert!(line.len() <= BYTES_MAX, "{} bytes", line.len());
            let value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            check(&value);
            value
        })
        .collect()
}

fn check(root: &Value) {
    let aws = &root["_aws"];
    assert!(aws["Timestamp"].as_u64().is_some_and(|time| time > 1_500_000_000_000), "{root}");
    let directives = aws["CloudWatchMetrics"].as_array().expect("a list of directives");
    assert!(!directives.is_empty(), "{root}");
    for directive in directives {
        is_name(&directive["Namespace"]);
        let sets = directive["Dimensions"].as_array().expect("a list of sets of dimensions");
        assert!(!sets.is_empty(), "{root}");
        for set in sets {
            let names = set.as_array().expect("a set of dimensions");
            assert!(names.len() <= DIMENSIONS_MAX, "{set}");
            for name in names {
                let value = &root[is_name(name)];
                assert!(value.as_str().is_some_and(|text| !text.is_empty()), "{name} in {root}");
            }
        }
        let metrics = directive["Metrics"].as_array().expect("a list of metrics");
        assert!((1..=METRICS_MAX).contains(&metrics.len()), "{} metrics", metrics.len());
        for metric in metrics {
            let value = &root[is_name(&metric["Name"])];
            let unit = metric["Unit"].as_str().expect("a unit");
            assert!(UNITS.contains(&unit), "{unit}");
            match value {
                Value::Array(values) => {
                    assert!(values.len() <= VALUES_MAX && values.iter().all(Value::is_number));
                }
                other => assert!(other.is_number(), "{metric} in {root}"),
            }
        }
    }
}

fn is_name(name: &Value) -> &str {
    let name = name.as_str().expect("a name");
    assert!((1..=NAME_MAX).contains(&name.len()) && name.is_ascii(), "{name}");
    name
}
