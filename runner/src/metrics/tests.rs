use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::*;
use crate::report::{ModelReport, Outcome, SCHEMA_VERSION};

const NOW: &str = "2026-03-24T06:05:00.250Z";

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn object(key: &str, kind: EntryKind, numbers: [u64; 3], committed: Option<&str>) -> ObjectReport {
    let [rows, rejected, bytes] = numbers;
    ObjectReport {
        source: "sales".to_owned(),
        key: key.to_owned(),
        kind: kind.as_str(),
        late: false,
        rows,
        rejected,
        bytes,
        rejects: None,
        committed: committed.map(time),
    }
}

fn report(objects: Vec<ObjectReport>) -> Report {
    let model = |name: &str, upserted, deleted| ModelReport {
        model: name.to_owned(),
        table: name.to_owned(),
        way: "row-wise",
        upserted,
        deleted,
        replaced: None,
        read_again: 0,
        columns_added: Vec::new(),
        columns_reset: Vec::new(),
    };
    Report {
        schema_version: SCHEMA_VERSION,
        job: "load_sales".to_owned(),
        run_id: "r1".to_owned(),
        outcome: if objects.is_empty() { Outcome::NothingToDo } else { Outcome::Applied },
        rows_read: objects.iter().map(|object| object.rows).sum(),
        columns_added: BTreeMap::new(),
        models: match objects.is_empty() {
            true => Vec::new(),
            false => vec![model("song_sales", 5, 1), model("weeks", 2, 3)],
        },
        objects,
        quality: Vec::new(),
        quality_score: None,
        target: "sqlite:t.db".to_owned(),
        elapsed_ms: 12,
    }
}

fn rates() -> Rates {
    let value = |name: &str| match name {
        "UNGLUE_VCPU" => Some("1".to_owned()),
        "UNGLUE_MEMORY_GB" => Some("2".to_owned()),
        _ => None,
    };
    Rates::read(&value).unwrap()
}

fn ended<'a>(status: u8, report: Option<&'a Report>, waiting: &'a Waiting) -> Ended<'a> {
    Ended {
        job: Some("load_sales"),
        run_id: "r1",
        status,
        report,
        waiting,
        at: time(NOW),
        duration: Duration::from_millis(90_500),
        peak_memory_bytes: Some(64 << 20),
    }
}

/// The metrics of a run, as CloudWatch takes them.
fn document(ended: &Ended<'_>) -> Map<String, Value> {
    let document = emf::read(&metrics(ended, &rates(), &Namespace::default()).to_json()).unwrap();
    assert_eq!(document["_aws"]["Timestamp"], time(NOW).timestamp_millis());
    document
}

fn number(document: &Map<String, Value>, name: &str) -> Option<f64> {
    document.get(name).map(|value| value.as_f64().unwrap())
}

#[test]
fn a_run_that_applied_something_tells_its_numbers() {
    let report = report(vec![
        ObjectReport {
            source: "artists".to_owned(),
            ..object("LOAD00000001.csv", EntryKind::Load, [60, 0, 4000], None)
        },
        object("a.csv", EntryKind::Change, [5, 2, 300], Some("2026-03-24T06:00:00Z")),
        object("b.csv", EntryKind::Change, [1, 0, 30], Some("2026-03-24T05:00:00Z")),
        object("gone.csv", EntryKind::Gone, [0, 9, 7], Some("2026-03-24T06:04:00Z")),
        object("old.csv", EntryKind::Superseded, [0, 0, 7], Some("2026-03-24T06:04:00Z")),
    ]);
    let document = document(&ended(0, Some(&report), &Waiting::default()));
    let expected: [(&str, f64); 13] = [
        ("Runs", 1.0),
        ("RunsFailed", 0.0),
        ("RunsInterrupted", 0.0),
        ("RowsRead", 66.0),
        ("RowsUpserted", 7.0),
        ("RowsDeleted", 4.0),
        ("RowsRejected", 2.0),
        ("Objects", 3.0),
        ("BytesRead", 4330.0),
        ("Duration", 90_500.0),
        ("Lag", 300.0),
        ("PeakMemory", 67_108_864.0),
        ("GlueCost", 2.0 * 0.44 * 91.0 / 3600.0),
    ];
    for (name, value) in expected {
        assert_eq!(number(&document, name), Some(value), "{name}");
    }
    let cost = (0.04048 + 2.0 * 0.004_445) * 91.0 / 3600.0;
    assert!((number(&document, "CostEstimate").unwrap() - cost).abs() < 1e-9);
    let directive = &document["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], "Unglue");
    assert_eq!(directive["Dimensions"], json!([["Job"], []]));
    assert_eq!(document["Job"], "load_sales");
    assert_eq!((&document["run_id"], &document["status"]), (&json!("r1"), &json!(0)));
    assert_eq!(document["outcome"], "applied");
    assert_eq!(document["models"], json!(["song_sales", "weeks"]));
}

#[test]
fn each_end_of_a_run_counts_once() {
    for (status, outcome, [failed, interrupted]) in [
        (1, "failed", [1.0, 0.0]),
        (2, "usage", [1.0, 0.0]),
        (3, "temporary", [0.0, 1.0]),
        (4, "refused", [1.0, 0.0]),
        (130, "interrupted", [0.0, 1.0]),
        (143, "interrupted", [0.0, 1.0]),
    ] {
        let document = document(&ended(status, None, &Waiting::default()));
        assert_eq!(document["outcome"], outcome);
        assert_eq!(number(&document, "RunsFailed"), Some(failed), "{status}");
        assert_eq!(number(&document, "RunsInterrupted"), Some(interrupted), "{status}");
        assert_eq!(number(&document, "Runs"), Some(1.0));
        assert_eq!(number(&document, "RowsRead"), Some(0.0));
    }
}

#[test]
fn a_run_of_no_known_job_has_no_dimension() {
    let waiting = Waiting::default();
    let ended = Ended { job: None, peak_memory_bytes: None, ..ended(2, None, &waiting) };
    let document = document(&ended);
    assert_eq!(document["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[]]));
    assert!(!document.contains_key("Job") && !document.contains_key("PeakMemory"));
}

#[test]
fn many_models_do_not_make_a_line_too_long() {
    let mut report = report(vec![object("a", EntryKind::Load, [1, 0, 1], None)]);
    let model = ModelReport { model: "m".repeat(255), ..report.models[0].clone() };
    report.models = vec![model; 5000];
    let document = document(&ended(0, Some(&report), &Waiting::default()));
    assert_eq!(document["models"].as_array().unwrap().len(), MODELS_MAX);
    assert_eq!(number(&document, "RowsUpserted"), Some(25_000.0));
}

#[test]
fn the_lag_grows_while_changes_wait_and_is_nothing_where_nothing_changes() {
    let lag = |status, report: Option<&Report>, waiting: &Waiting| {
        number(&document(&ended(status, report, waiting)), "Lag")
    };
    let (unknown, nothing, since) = (Waiting::default(), Waiting::default(), Waiting::default());
    nothing.set(None);
    since.set(Some(time("2026-03-24T04:05:00Z")));
    // Nothing was pending, however long ago the last change was.
    assert_eq!(lag(0, Some(&report(Vec::new())), &nothing), Some(0.0));
    let load = vec![object("LOAD00000001.csv", EntryKind::Load, [1, 0, 1], None)];
    assert_eq!(lag(0, Some(&report(load)), &since), None);
    // What was there for long before the first run, and what came late.
    let change = || object("a", EntryKind::Change, [1, 0, 1], Some("2026-03-24T06:04:00Z"));
    let load = object("LOAD00000001.csv", EntryKind::Load, [1, 0, 1], None);
    assert_eq!(lag(0, Some(&report(vec![load, change()])), &since), None);
    let late = ObjectReport { late: true, ..change() };
    assert_eq!(lag(0, Some(&report(vec![late.clone()])), &since), None);
    let older = object("b", EntryKind::Change, [1, 0, 1], Some("2026-03-24T06:00:00Z"));
    assert_eq!(lag(0, Some(&report(vec![late, older])), &since), Some(300.0));
    // A clock at the source that is ahead.
    let ahead = object("a", EntryKind::Change, [1, 0, 1], Some("2026-03-24T07:00:00Z"));
    assert_eq!(lag(0, Some(&report(vec![ahead])), &since), Some(0.0));
    for status in [1, 3, 4, 143] {
        assert_eq!(lag(status, None, &since), Some(7200.0));
        assert_eq!(lag(status, None, &nothing), Some(0.0));
        assert_eq!(lag(status, None, &unknown), None);
    }
}
