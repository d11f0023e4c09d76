use super::*;

const CHANGE: &str = "20260102-030405000.csv";

fn grid(key: &str, kind: ObjectKind, header: Option<&str>, rows: &[&str]) -> Grid {
    let cell = |text: &str| (!text.is_empty()).then(|| text.into());
    let records = rows.iter().map(|row| row.split(',').map(cell).collect()).collect();
    let names = header.map(|header| header.split(',').map(str::to_owned).collect());
    Grid { key: key.to_owned(), kind, names, types: None, records }
}

fn load(header: Option<&str>, rows: &[&str]) -> Grid {
    grid("LOAD00000001.csv", ObjectKind::FullLoad, header, rows)
}

fn change(header: Option<&str>, rows: &[&str]) -> Grid {
    grid(CHANGE, ObjectKind::Change, header, rows)
}

#[test]
fn operations_are_told_by_widths_and_values() {
    for (loads, changes, include, inserts_only, columns) in [
        (&["1,a", "2,b"][..], &["U,1,b", "D,2,"][..], false, false, 2),
        (&["I,1,a", "I,2,b"], &["U,1,b"], true, false, 2),
        (&["1,a"], &["1,b"], false, true, 2),
        (&["I,a", "I,b"], &["U,I,c", "U,I,d"], false, false, 2),
        (&["I,1"], &[], true, false, 1),
        (&["1,a"], &[], false, false, 2),
        (&[], &["I,1,a"], false, false, 2),
        (&["a"], &["I,b", "U,c"], false, false, 1),
    ] {
        let mut grids = Vec::new();
        grids.extend((!loads.is_empty()).then(|| load(None, loads)));
        grids.extend((!changes.is_empty()).then(|| change(None, changes)));
        let laid = lay_out(&grids, None);
        assert_eq!(laid.include_op_for_full_load, include, "{loads:?} {changes:?}");
        assert_eq!(laid.inserts_only, inserts_only, "{loads:?} {changes:?}");
        assert_eq!(laid.columns.len(), columns, "{loads:?} {changes:?}");
        assert_eq!((laid.uneven, laid.widens), (0, false), "{loads:?} {changes:?}");
        assert!(laid.rows.iter().all(|row| row.values.len() == columns));
    }
}

#[test]
fn a_time_stamp_of_dms_is_told_from_a_column_by_when_the_object_was_written() {
    let at = "2026-01-02 03:04:00.000000";
    let row = |stamp: &str| format!("{stamp},1,a");
    let change_row = |stamp: &str| format!("U,{stamp},1,b");
    let laid = |load_stamp: &str, change_stamp: &str, declared| {
        let loads = load(None, &[&row(load_stamp)]);
        let changes = change(None, &[&change_row(change_stamp)]);
        lay_out(&[loads, changes], declared)
    };
    let found = laid(at, at, None);
    assert_eq!(found.timestamp.as_deref(), Some("dms_timestamp"));
    assert_eq!(found.columns, ["column_1", "column_2"]);
    // Long before, after, or of another form: a column of the table.
    for stamp in ["2020-01-02 03:04:00.000000", "2026-01-02 04:04:00.000000", "2026-01-02 03:04:00"]
    {
        assert_eq!(laid(at, stamp, None).timestamp, None, "{stamp}");
    }
    assert_eq!(laid(at, at, Some(3)).timestamp, None);
    assert!(laid(at, "2020-01-02 03:04:00.000000", Some(2)).timestamp.is_some());
    let loads = load(Some("ts,id,name"), &[&row(at)]);
    let changes = change(Some("Op,ts,id,name"), &[&change_row(at)]);
    let found = lay_out(&[loads, changes], None);
    assert_eq!((found.timestamp.as_deref(), found.columns.len()), (Some("ts"), 2));
}

#[test]
fn newer_objects_that_are_wider_widen_the_table() {
    let laid = lay_out(&[load(None, &["1,a"]), change(None, &["U,1,b,x"])], None);
    assert_eq!((laid.columns.len(), laid.widens), (3, true));
    assert_eq!(laid.rows[0].values, [Some(b"1".to_vec()), Some(b"a".to_vec()), None]);
    let named = [load(Some("id,a"), &["1,a"]), change(Some("Op,id,b,a"), &["U,1,b,a"])];
    let laid = lay_out(&named, None);
    assert_eq!((laid.columns, laid.widens), (vec!["id".into(), "b".into(), "a".into()], true));
    assert_eq!(laid.rows[0].values, [Some(b"1".to_vec()), None, Some(b"a".to_vec())]);
}

#[test]
fn columns_that_only_older_objects_have_are_kept() {
    let laid =
        lay_out(&[load(Some("id,old"), &["1,a"]), change(Some("Op,id,new"), &["U,1,b"])], None);
    assert_eq!((laid.columns, laid.widens), (vec!["id".into(), "new".into(), "old".into()], true));
    assert_eq!(laid.rows[1].values, [Some(b"1".to_vec()), Some(b"b".to_vec()), None]);
}

#[test]
fn rows_of_another_width_are_counted_and_left_out() {
    let laid = lay_out(&[load(None, &["1,a", "2,b", "3,c,d"])], None);
    assert_eq!((laid.columns.len(), laid.rows.len(), laid.uneven), (2, 2, 1));
}

#[test]
fn a_change_without_an_operation_is_a_bad_row_among_others() {
    let laid = lay_out(&[load(None, &["1,a"]), change(None, &["U,1,b", "x,1,b", "D,1,"])], None);
    assert!(!laid.inserts_only);
    assert_eq!((laid.columns.len(), laid.rows.len(), laid.uneven), (2, 3, 1));
}
