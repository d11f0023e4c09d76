//! Whatever fails, the target and its ledger are as before.

use runner::error::Kind;
use runner::target::{Change, Loss, TableChange, TableRebuild};

use crate::conformance::fixtures::{
    Guarded, Unrecorded, apply, assert_holds, counts, failing_rows, fill, ids, merge, merging,
    objects, rebuild, rows, titled, titles, update, upsert,
};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        rows_that_end_with_an_error_change_nothing,
        deletes_that_end_with_an_error_change_nothing,
        a_rebuild_whose_rows_end_with_an_error_changes_nothing,
        a_rebuild_that_fails_creates_no_table,
        a_failing_record_changes_nothing,
        a_loss_is_told_before_the_commit_and_changes_nothing_if_it_is_not_allowed,
        a_table_that_fails_undoes_the_one_before_it,
        a_rebuild_of_two_tables_is_all_or_nothing,
        a_missing_table_is_an_error_and_undoes_the_one_before_it,
        a_dropped_apply_changes_nothing,
        after_a_failure_the_same_target_works,
    ]
}

async fn rows_that_end_with_an_error_change_nothing(subject: Subject) {
    let (spec, before) = (titles("song_titles"), titled(&[(1, Some("one")), (2, None)]));
    fill(&subject.target, &spec, &before).await;
    let many: Vec<_> = (0..5000).map(|id| (id, Some("new"))).collect();
    for bad in [titled(&[(1, Some("uno")), (9, None)]), titled(&many)] {
        let changes = [
            merging(rows(&ids(&[2])), failing_rows(&bad)),
            Change::Append { rows: failing_rows(&titled(&[(9, None)])) },
            Change::Replace { rows: failing_rows(&bad) },
        ];
        for change in changes {
            let change = TableChange { spec: spec.clone(), change };
            let error = apply(&subject.target, change).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Refused, "the producer's error is lost: {error:?}");
            assert_holds(&subject.target, &spec, &before).await;
            assert_eq!(objects(&subject.target).await, ["LOAD1"]);
        }
    }
}

async fn deletes_that_end_with_an_error_change_nothing(subject: Subject) {
    let (spec, before) = (titles("song_titles"), titled(&[(1, Some("one")), (2, None)]));
    fill(&subject.target, &spec, &before).await;
    let change = merging(failing_rows(&ids(&[1])), rows(&titled(&[(2, Some("two"))])));
    apply(&subject.target, TableChange { spec: spec.clone(), change }).await.unwrap_err();
    assert_holds(&subject.target, &spec, &before).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_rebuild_whose_rows_end_with_an_error_changes_nothing(subject: Subject) {
    let (spec, before) = (titles("song_titles"), titled(&[(1, Some("one")), (2, None)]));
    fill(&subject.target, &spec, &before).await;
    let bad = failing_rows(&titled(&[(1, Some("uno")), (9, None)]));
    let table = TableRebuild { spec: spec.clone(), rows: bad };
    let error = subject.target.rebuild(&[table], &update("LOAD2")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "the producer's error is lost: {error:?}");
    assert_holds(&subject.target, &spec, &before).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_rebuild_that_fails_creates_no_table(subject: Subject) {
    let (spec, other) = (titles("song_titles"), titles("other"));
    fill(&subject.target, &other, &titled(&[])).await;
    let table =
        TableRebuild { spec: spec.clone(), rows: failing_rows(&titled(&[(1, Some("one"))])) };
    subject.target.rebuild(&[table], &update("LOAD2")).await.unwrap_err();
    assert!(subject.target.describe(&spec.table).await.unwrap().is_none());
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_failing_record_changes_nothing(subject: Subject) {
    let (spec, before) = (titles("song_titles"), titled(&[(1, Some("one")), (2, None)]));
    fill(&subject.target, &spec, &before).await;
    let after = titled(&[(2, Some("two")), (3, None)]);
    let applied = subject.target.apply(&[upsert(&spec, &after)], &Unrecorded).await;
    let rebuilt = subject.target.rebuild(&[rebuild(&spec, &after)], &Unrecorded).await;
    for error in [applied.unwrap_err(), rebuilt.unwrap_err()] {
        assert_eq!(error.kind(), Kind::Refused);
        assert_eq!(error.to_string(), "no update today");
    }
    assert_holds(&subject.target, &spec, &before).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_table_that_fails_undoes_the_one_before_it(subject: Subject) {
    let (first, second) = (titles("first"), titles("second"));
    let before = titled(&[(1, Some("one")), (2, None)]);
    fill(&subject.target, &first, &before).await;
    fill(&subject.target, &second, &before).await;
    let change = merging(rows(&ids(&[])), failing_rows(&titled(&[(5, Some("five"))])));
    let changes = [
        merge(&first, &ids(&[1]), &titled(&[(3, Some("three"))])),
        TableChange { spec: second.clone(), change },
    ];
    subject.target.apply(&changes, &update("change")).await.unwrap_err();
    assert_holds(&subject.target, &first, &before).await;
    assert_holds(&subject.target, &second, &before).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_rebuild_of_two_tables_is_all_or_nothing(subject: Subject) {
    let (first, second) = (titles("first"), titles("second"));
    let before = titled(&[(1, Some("one"))]);
    fill(&subject.target, &first, &before).await;
    let tables = [
        rebuild(&first, &titled(&[(2, None)])),
        TableRebuild { spec: second.clone(), rows: failing_rows(&titled(&[(3, None)])) },
    ];
    subject.target.rebuild(&tables, &update("LOAD2")).await.unwrap_err();
    assert_holds(&subject.target, &first, &before).await;
    assert!(subject.target.describe(&second.table).await.unwrap().is_none());
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_missing_table_is_an_error_and_undoes_the_one_before_it(subject: Subject) {
    let (first, missing) = (titles("first"), titles("missing"));
    let before = titled(&[(1, Some("one"))]);
    fill(&subject.target, &first, &before).await;
    let changes = [upsert(&first, &titled(&[(2, None)])), upsert(&missing, &titled(&[(2, None)]))];
    let error = subject.target.apply(&changes, &update("change")).await.unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
    assert_holds(&subject.target, &first, &before).await;
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}

async fn a_dropped_apply_changes_nothing(subject: Subject) {
    let (spec, before) = (titles("song_titles"), titled(&[(1, Some("one"))]));
    fill(&subject.target, &spec, &before).await;
    let changes = [upsert(&spec, &titled(&[(2, None)]))];
    // The record never answers, so that the transaction is open when the future is dropped.
    let apply = subject.target.apply(&changes, &Silent);
    tokio::time::timeout(std::time::Duration::from_millis(500), apply).await.unwrap_err();
    let done = apply_when_free(&subject, &spec).await;
    assert_eq!(done, counts(1, 0));
    assert_holds(&subject.target, &spec, &titled(&[(1, Some("one")), (3, None)])).await;
}

async fn apply_when_free(
    subject: &Subject,
    spec: &runner::target::TableSpec,
) -> runner::target::Counts {
    apply(&subject.other, upsert(spec, &titled(&[(3, None)]))).await.unwrap()
}

struct Silent;

#[async_trait::async_trait]
impl runner::target::Record for Silent {
    fn job(&self) -> &str {
        crate::conformance::fixtures::JOB
    }

    async fn update(&self) -> runner::error::Result<runner::target::ledger::LedgerUpdate> {
        std::future::pending().await
    }
}

async fn after_a_failure_the_same_target_works(subject: Subject) {
    let spec = titles("song_titles");
    fill(&subject.target, &spec, &titled(&[(1, Some("one"))])).await;
    for _ in 0..3 {
        let change = Change::Append { rows: failing_rows(&titled(&[(9, None)])) };
        apply(&subject.target, TableChange { spec: spec.clone(), change }).await.unwrap_err();
    }
    let done = apply(&subject.target, upsert(&spec, &titled(&[(2, None)]))).await.unwrap();
    assert_eq!(done, counts(1, 0));
    assert_holds(&subject.target, &spec, &titled(&[(1, Some("one")), (2, None)])).await;
}

async fn a_loss_is_told_before_the_commit_and_changes_nothing_if_it_is_not_allowed(
    subject: Subject,
) {
    let spec = titles("song_titles");
    let all: Vec<i64> = (1..=3000).collect();
    let named: Vec<_> = all.iter().map(|id| (*id, Some("a title"))).collect();
    let before = titled(&named);
    fill(&subject.target, &spec, &before).await;
    let whole = |change| TableChange { spec: spec.clone(), change };
    let loss = |before, gone, written| Loss { before, gone, written };
    let two = titled(&[(1, Some("one")), (4000, None)]);
    for (change, told) in [
        // Keys that are not there are no loss, and of the other rows no more are counted than matter.
        (merge(&spec, &ids(&[7, 8, 9999]), &two), loss(6, 2, 2)),
        (merge(&spec, &ids(&all[..2000]), &two), loss(3000, 2000, 2)),
        (merge(&spec, &ids(&all), &titled(&[])), loss(3000, 3000, 0)),
        (merge(&spec, &ids(&[9999]), &two), loss(0, 0, 2)),
        (whole(Change::Append { rows: rows(&titled(&[(4000, None)])) }), loss(0, 0, 1)),
        (whole(Change::Replace { rows: rows(&two) }), loss(3000, 2998, 2)),
    ] {
        let record = Guarded::default();
        let error = subject.target.apply(&[change], &record).await.unwrap_err();
        assert_eq!(error.to_string(), "too much");
        assert_eq!(*record.0.lock().unwrap(), [told]);
        assert_holds(&subject.target, &spec, &before).await;
    }
    let record = Guarded::default();
    let tables = [rebuild(&spec, &two), rebuild(&titles("new_titles"), &two)];
    subject.target.rebuild(&tables, &record).await.unwrap_err();
    assert_eq!(*record.0.lock().unwrap(), [loss(3000, 2998, 2), loss(0, 0, 2)]);
    assert_holds(&subject.target, &spec, &before).await;
    let new = subject.target.describe(&"new_titles".parse().unwrap()).await.unwrap();
    assert!(new.is_none(), "{new:?}");
    assert_eq!(objects(&subject.target).await, ["LOAD1"]);
}
