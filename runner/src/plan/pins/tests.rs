use transforms::staging::{Listed, Naming, sort_listing};

use super::super::changes::{Changes, ColumnChanges};
use super::*;

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn object(key: &str, fingerprint: &str) -> PinnedObject {
    PinnedObject {
        key: key.to_owned(),
        kind: "change".to_owned(),
        fingerprint: fingerprint.to_owned(),
        bytes: 1,
        modified: None,
    }
}

fn inputs(objects: Vec<PinnedObject>) -> Inputs {
    let source = PinnedSource {
        location: "s3://b/t/".to_owned(),
        generation: 1,
        newest: Some(Place {
            position: "1-change/20260101-000000005".to_owned(),
            key: "20260101-000000005.csv".to_owned(),
        }),
        objects,
    };
    Inputs {
        job: "shop".to_owned(),
        target: "sqlite:a.db".to_owned(),
        last_run: "r1".to_owned(),
        files: texts(&[("sources.sql", "1"), ("t.sql", "2")]),
        tables: [("t".to_owned(), Some("d".to_owned())), ("u".to_owned(), None)].into(),
        sources: [("staged".to_owned(), source)].into(),
    }
}

#[test]
fn what_has_not_moved_is_not_named() {
    let was = inputs(vec![object("a.csv", "1")]);
    assert_eq!(was.moved(&was.clone()), [""; 0]);
    assert_eq!(was.restaged(&was.clone()), [""; 0]);
}

#[test]
fn each_thing_that_moved_is_named() {
    let was = inputs(Vec::new());
    let is = Inputs {
        target: "sqlite:b.db".to_owned(),
        last_run: String::new(),
        files: texts(&[("sources.sql", "9"), ("u.sql", "2")]),
        tables: [("t".to_owned(), None), ("u".to_owned(), Some("d".to_owned()))].into(),
        ..was.clone()
    };
    assert_eq!(
        was.moved(&is),
        [
            "the target was sqlite:a.db, and is sqlite:b.db",
            "the ledger has moved on: its last run is none",
            "file sources.sql has another text",
            "file t.sql is gone",
            "file u.sql is new",
            "table `t` is gone",
            "table `u` was not there, and is now",
        ]
    );
}

#[test]
fn each_object_that_is_another_one_is_named() {
    let was = inputs(vec![object("a.csv", "1"), object("b.csv", "1"), object("c.csv", "1")]);
    let is = inputs(vec![object("a.csv", "1"), object("b.csv", "2"), object("d.csv", "1")]);
    assert_eq!(
        was.restaged(&is),
        [
            "object `b.csv` of source `staged` was written again",
            "object `c.csv` of source `staged` is gone",
            "object `d.csv` of source `staged` is new, and sorts before what was planned",
        ]
    );
    let mut other = was.clone();
    other.sources.get_mut("staged").unwrap().generation = 2;
    assert_eq!(was.restaged(&other), ["source `staged` is in another generation"]);
    other.sources.get_mut("staged").unwrap().location = "s3://c/".to_owned();
    assert_eq!(was.restaged(&other), ["source `staged` was in s3://b/t/, and is in s3://c/"]);
}

#[test]
fn only_what_sorts_behind_all_that_was_known_is_left_alone() {
    let was = inputs(vec![object("20260101-000000009.csv", "1")]);
    let key = |key: &str| Listed {
        key: key.to_owned(),
        beside: false,
        size: 1,
        modified: chrono::DateTime::UNIX_EPOCH,
        e_tag: None,
    };
    for (name, is_left) in [
        ("20260101-000000006.csv", true),
        ("20260101-000000005.csv", false),
        ("20260101-000000004.csv", false),
        ("20260101-000000009.csv", false),
        ("LOAD00000002.csv", false),
    ] {
        let (staged, _) = sort_listing(vec![key(name)], Naming::default()).unwrap();
        assert_eq!(was.leaves("staged", &staged[0]), is_left, "{name}");
        assert!(!was.leaves("other", &staged[0]));
    }
    let mut empty = was;
    empty.sources.get_mut("staged").unwrap().newest = None;
    let (staged, _) = sort_listing(vec![key("LOAD00000001.csv")], Naming::default()).unwrap();
    assert!(empty.leaves("staged", &staged[0]), "nothing was there at all");
}

#[test]
fn tables_are_written_in_the_planned_way_by_the_planned_numbers() {
    let planned = PlannedModel {
        model: "m".to_owned(),
        table: "t".to_owned(),
        step: "replay".to_owned(),
        upserts: 5,
        insert: 5,
        update: 3,
        delete: 3,
        // Replaced by the row that is written, which counts as written.
        repeated: 1,
        columns: [("a".to_owned(), 3)].into(),
    };
    let loss = |written, gone| Loss { before: 10, gone, written };
    assert_eq!(planned.moved(&Step::Replay, Some(&loss(5, 2))), None);
    assert_eq!(planned.moved(&Step::Replay, None), None);
    let moved = |step: &Step, loss: &Loss| planned.moved(step, Some(loss)).unwrap_or_default();
    assert_eq!(moved(&Step::Replay, &loss(6, 2)), "model `m` gives 6 rows instead of 5");
    assert_eq!(moved(&Step::Replay, &loss(5, 3)), "table `t` loses 3 rows instead of 2");
    assert_eq!(
        moved(&Step::Rebuild, &loss(5, 2)),
        "model `m` is written by full load instead of replay"
    );
    let mut changes = Changes { insert: 5, update: 3, delete: 3, ..Changes::default() };
    changes.columns = vec![ColumnChanges { column: "a".to_owned(), rows: 3 }];
    assert_eq!(planned.differs(&changes), [""; 0]);
    changes = Changes { insert: 4, update: 4, ..changes };
    changes.columns.push(ColumnChanges { column: "b".to_owned(), rows: 1 });
    assert_eq!(
        planned.differs(&changes),
        [
            "table `t`: 4 to insert instead of 5",
            "table `t`: 4 to update instead of 3",
            "table `t`: 1 to update in column `b` instead of 0",
        ]
    );
    let whole = PlannedModel { step: "replace".to_owned(), ..planned.clone() };
    assert_eq!(whole.moved(&Step::Replace, Some(&loss(5, 0))), None, "not counted row by row");
}
