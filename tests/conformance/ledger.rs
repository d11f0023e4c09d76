//! The ledger, the lock, and recovery.

use std::time::Duration;

use runner::error::Kind;
use runner::target::ledger::{AppliedObject, EntryKind, Ledger, LedgerEntry, Part, everything};

use crate::conformance::fixtures::{
    JOB, Recorded, assert_holds, entry, fill, objects, rebuild, titled, titles, update,
};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        a_database_without_a_ledger_has_an_empty_one_and_gets_none,
        recovery_creates_the_ledger_and_may_be_repeated,
        the_ledger_reads_back_in_order_what_was_written,
        the_recent_part_of_a_ledger_can_be_read_alone,
        an_entry_that_is_there_is_replaced,
        a_run_that_another_one_has_overtaken_writes_nothing,
        the_ledger_of_another_job_is_another,
        the_fingerprint_of_a_model_is_the_last_one_written,
        a_later_version_of_the_ledger_is_refused,
        the_lock_keeps_a_second_run_out_until_it_is_dropped,
        the_lock_of_another_job_is_free,
        a_run_waits_for_the_lock,
    ]
}

async fn a_database_without_a_ledger_has_an_empty_one_and_gets_none(subject: Subject) {
    assert_eq!(subject.target.ledger(JOB, &everything).await.unwrap(), Ledger::default());
    for table in ["unglue_ledger", "unglue_meta"] {
        let found = subject.target.describe(&table.parse().unwrap()).await.unwrap();
        assert!(found.is_none(), "{table} is there");
    }
}

async fn recovery_creates_the_ledger_and_may_be_repeated(subject: Subject) {
    subject.target.recover(JOB).await.unwrap();
    subject.target.recover(JOB).await.unwrap();
    assert_eq!(subject.target.ledger(JOB, &everything).await.unwrap(), Ledger::default());
    let found = subject.target.describe(&"unglue_ledger".parse().unwrap()).await.unwrap();
    assert!(found.is_some());

    fill(&subject.target, &titles("song_titles"), &titled(&[(1, Some("one"))])).await;
    let before = subject.target.ledger(JOB, &everything).await.unwrap();
    subject.target.recover(JOB).await.unwrap();
    assert_eq!(subject.target.ledger(JOB, &everything).await.unwrap(), before);
}

async fn the_ledger_reads_back_in_order_what_was_written(subject: Subject) {
    subject.target.recover(JOB).await.unwrap();
    let load = LedgerEntry {
        kind: EntryKind::Load,
        size: 1 << 40,
        rows: 5_000_000_000,
        ..entry("LOAD00000001.csv")
    };
    let odd =
        LedgerEntry { object: "a 'quoted' \\ \"näme\" 🎈.csv".into(), ..entry("20260101") };
    let late = LedgerEntry { kind: EntryKind::Superseded, ..entry("20251231") };
    let second = LedgerEntry { generation: 2, ..entry("LOAD00000001.csv") };
    let another = LedgerEntry { source: "albums".into(), ..entry("LOAD00000001.csv") };
    let mut record = update("unused");
    record.0.entries = [&second, &odd, &late, &load, &another].into_iter().cloned().collect();
    subject.target.apply(&[], &record).await.unwrap();

    let ledger = subject.other.ledger(JOB, &everything).await.unwrap();
    let expected = [another, late, odd, load, second].map(|entry| AppliedObject {
        entry,
        run_id: record.0.run_id.clone(),
        applied_at: record.0.applied_at,
    });
    assert_eq!(ledger.applied, expected);
    assert_eq!(ledger.models, record.0.models);
}

async fn the_recent_part_of_a_ledger_can_be_read_alone(subject: Subject) {
    subject.target.recover(JOB).await.unwrap();
    let of = |source: &str, generation: u32, object: &str| LedgerEntry {
        source: source.to_owned(),
        generation,
        ..entry(object)
    };
    let emptied =
        LedgerEntry { kind: EntryKind::Emptied, position: String::new(), ..of("a", 3, "") };
    let entries = [
        of("a", 1, "20260102-2.csv"),
        of("a", 1, "LOAD00000001.csv"),
        of("a", 2, "20260101-9.csv"),
        of("a", 2, "20260102.csv"),
        of("a", 2, "20260103.csv"),
        emptied,
        // A generation that the notes do not know of, and a source of which everything is wanted.
        of("a", 4, "20260103.csv"),
        of("b", 1, "20260101.csv"),
    ];
    let mut record = update("unused");
    record.0.entries = entries.to_vec();
    record.0.models = [("horizon:a".to_owned(), "20260102".to_owned())].into();
    subject.target.apply(&[], &record).await.unwrap();

    let wanted = |notes: &std::collections::BTreeMap<String, String>| {
        let behind = notes["horizon:a"].clone();
        [("a".to_owned(), Part { behind, generation: 3 })].into()
    };
    let ledger = subject.other.ledger(JOB, &wanted).await.unwrap();
    assert_eq!(ledger.parts, wanted(&record.0.models));
    assert_eq!(ledger.last_run, record.0.run_id);
    let found: Vec<_> = ledger
        .applied
        .iter()
        .map(|AppliedObject { entry, .. }| {
            (entry.source.as_str(), entry.generation, entry.object.as_str())
        })
        .collect();
    let expected = [
        ("a", 1, "20260102-2.csv"),
        ("a", 1, "LOAD00000001.csv"),
        ("a", 2, "20260102.csv"),
        ("a", 2, "20260103.csv"),
        ("a", 3, ""),
        ("b", 1, "20260101.csv"),
    ];
    assert_eq!(found, expected);
    // Without notes, as before the first run, everything is wanted.
    let ledger = subject.other.ledger("another", &|_| Default::default()).await.unwrap();
    assert_eq!(ledger, Ledger::default());
}

/// As when the lock was lost with its connection: both runs decided by the same ledger.
async fn a_run_that_another_one_has_overtaken_writes_nothing(subject: Subject) {
    subject.target.recover(JOB).await.unwrap();
    let seen = subject.target.ledger(JOB, &everything).await.unwrap().last_run;
    let run = |object: &str| {
        let mut record = update(object);
        record.0.based_on = Some(seen.clone());
        record.0.run_id = format!("run of {object}");
        record
    };
    let spec = titles("song_titles");
    let refill = |title| [rebuild(&spec, &titled(&[(1, Some(title))]))];
    subject.target.rebuild(&refill("first"), &run("20260101")).await.unwrap();
    let before = subject.target.ledger(JOB, &everything).await.unwrap();

    let late = subject.target.rebuild(&refill("late"), &run("20260102")).await.unwrap_err();
    assert_eq!(late.kind(), Kind::Temporary);
    let late = subject.target.apply(&[], &run("20260102")).await.unwrap_err();
    assert_eq!(late.kind(), Kind::Temporary);
    assert_eq!(subject.target.ledger(JOB, &everything).await.unwrap(), before);
    assert_holds(&subject.other, &spec, &titled(&[(1, Some("first"))])).await;
}

async fn an_entry_that_is_there_is_replaced(subject: Subject) {
    subject.target.recover(JOB).await.unwrap();
    subject.target.apply(&[], &update("20260101")).await.unwrap();
    let mut record = update("20260101");
    record.0.entries[0].fingerprint = "another".into();
    record.0.run_id = "run-2".into();
    subject.target.apply(&[], &record).await.unwrap();

    let applied = subject.target.ledger(JOB, &everything).await.unwrap().applied;
    assert_eq!(applied.len(), 1);
    assert_eq!(applied[0].entry, record.0.entries[0]);
    assert_eq!(applied[0].run_id, "run-2");
}

async fn the_ledger_of_another_job_is_another(subject: Subject) {
    subject.target.recover(JOB).await.unwrap();
    subject.target.apply(&[], &update("20260101")).await.unwrap();
    let mut record = update("20260102");
    record.0.job = "load_sales_2".into();
    subject.target.apply(&[], &record).await.unwrap();

    assert_eq!(objects(&subject.target).await, ["20260101"]);
    assert_eq!(subject.target.ledger("load_sales_2", &everything).await.unwrap().applied.len(), 1);
    assert_eq!(subject.target.ledger("load", &everything).await.unwrap(), Ledger::default());
    assert_eq!(subject.target.ledger("LOAD_SALES", &everything).await.unwrap(), Ledger::default());
}

async fn the_fingerprint_of_a_model_is_the_last_one_written(subject: Subject) {
    subject.target.recover(JOB).await.unwrap();
    let write = |model: &str, fingerprint: &str| {
        let mut record = update("20260101");
        record.0.models = [(model.to_owned(), fingerprint.to_owned())].into();
        record
    };
    let records: [Recorded; 3] = [write("songs", "1"), write("albums", "1"), write("songs", "2")];
    for record in &records {
        subject.target.apply(&[], record).await.unwrap();
    }
    let models = subject.target.ledger(JOB, &everything).await.unwrap().models;
    let expected = [("albums", "1"), ("songs", "2")];
    assert_eq!(models, expected.map(|(model, print)| (model.to_owned(), print.to_owned())).into());
}

async fn a_later_version_of_the_ledger_is_refused(subject: Subject) {
    subject.target.recover(JOB).await.unwrap();
    subject
        .native
        .execute("UPDATE unglue_meta SET value = '999' WHERE name LIKE '%version%'")
        .await;
    assert_eq!(subject.target.ledger(JOB, &everything).await.unwrap_err().kind(), Kind::Refused);
    assert_eq!(subject.target.recover(JOB).await.unwrap_err().kind(), Kind::Refused);
}

async fn the_lock_keeps_a_second_run_out_until_it_is_dropped(subject: Subject) {
    assert!(!subject.other.is_locked(JOB).await.unwrap());
    let held = subject.target.lock(JOB, Duration::ZERO).await.unwrap();
    assert!(subject.other.is_locked(JOB).await.unwrap());
    assert!(!subject.other.is_locked("another_job").await.unwrap());
    let refused = subject.other.lock(JOB, Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Temporary);
    drop(held);
    subject.other.lock(JOB, Duration::from_secs(10)).await.unwrap();
}

async fn the_lock_of_another_job_is_free(subject: Subject) {
    let _held = subject.target.lock(JOB, Duration::ZERO).await.unwrap();
    let long = "another_job_".repeat(5);
    subject.other.lock(&long, Duration::ZERO).await.unwrap();
}

async fn a_run_waits_for_the_lock(subject: Subject) {
    let held = subject.target.lock(JOB, Duration::ZERO).await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(held);
    };
    let (taken, ()) = tokio::join!(subject.other.lock(JOB, Duration::from_secs(30)), release);
    taken.unwrap();
}
