//! Full loads that are written again.

use super::*;

#[test]
fn another_full_load_object_is_added_to_the_generation() {
    check(&[
        ("+L1@1 +c1@9", "first g1: L1* c1*"),
        ("+L2@2", "lateload g1: L1 L2* c1"),
        ("+L3@3 +c2@9", "lateload g1: L1 L2 L3* c1 c2*"),
        ("+c3@9", "changes g1: L1 L2 L3 c1 c2 c3*"),
    ]);
}

#[test]
fn a_rewritten_full_load_begins_a_generation() {
    // Old changes deleted, left, rewritten, and one that comes after the new load.
    check(&[
        ("+L1@1 +L2@1 +c1@2 +c2@2", "first g1: L1* L2* c1* c2*"),
        ("-c1 -c2 +L1@5 +L2@5", "reload g2: L1* L2*"),
        ("+c3@6", "changes g2: L1 L2 c3*"),
    ]);
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("+L1@5", "reload g2: L1*"),
        ("+c2@6", "changes g2: L1 c2*"),
        ("+L1@7", "reload g3: L1*"),
        ("+c3@8", "changes g3: L1 c3*"),
    ]);
    check(&[("+L1@1 +c1@2", "first g1: L1* c1*"), ("+L1@5 +c1@6 +c2@6", "reload g2: L1* c1* c2*")]);
}

#[test]
fn a_reload_that_lacks_objects_of_the_load_before_is_waited_for_unless_they_are_given_up() {
    check(&[
        ("+L1@1 +L2@1 +c1@2", "first g1: L1* L2* c1*"),
        ("-L2 -c1 +L1@5", "L1 without L2"),
        ("+L2@6", "reload g2: L1* L2*"),
        ("-L2 +L1@7", "L1 without L2"),
        ("accept", "reload g3: L1*"),
        ("-L1 +L3@8", "L3 without L1"),
        ("ignore", "reload g4: L3*"),
    ]);
}

#[test]
fn changes_of_an_ended_generation_stay_void_whatever_happens_to_their_files() {
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("+L1@3 +c2@4", "reload g2: L1* c2*"),
        // Touched, and written anew.
        ("=c1@5", "nothing g2: L1 c2"),
        ("+c1@6", "nothing g2: L1 c2"),
        ("=c1@7 +c3@7", "changes g2: L1 c2 c3*"),
        ("refresh =c1@8", "refresh g3: L1* c2* c3*"),
        ("=c1@9 +L1@9", "reload g4: L1*"),
    ]);
    // The whole folder is copied in place.
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("+L1@3 +c2@4", "reload g2: L1* c2*"),
        ("=L1@5 =c1@5 =c2@5", "restamped L1"),
        ("refresh", "refresh g3: L1* c2*"),
    ]);
    check_in(
        LOCAL,
        &[
            ("+c2@1 +L1@1 +c3@2", "first g1: L1* c2* c3*"),
            ("+L1@3 +c1@3 +c4@4", "reload g2: L1* c4* superseded c1"),
            ("=c1@5", "nothing g2: L1 c4"),
        ],
    );
    // An applied change is touched, and the table loaded anew.
    for view in [IN_S3, LOCAL] {
        let steps =
            [("+L1@1 +c1@2", "first g1: L1* c1*"), ("=c1@6 +L1@5", "reload g2: L1* superseded c1")];
        check_in(view, &steps);
    }
    check(&[("+L1@1 +c1@2", "first g1: L1* c1*"), ("+c1@3 +L1@5", "reload g2: L1* superseded c1")]);
}

/// It was applied to the table that the load ended, since the load was not seen in time.
#[test]
fn a_change_behind_a_new_full_load_is_applied_again() {
    let steps = [("+L1@1", "first g1: L1*"), ("+c2@9", "changes g1: L1 c2*")];
    check_in(IN_S3, &[&steps[..], &[("+L1@5", "reload g2: L1* c2*")]].concat());
    check_in(LOCAL, &[&steps[..], &[("+L1@5", "reload g2: L1*")]].concat());
}

#[test]
fn changes_that_a_new_full_load_holds_already_are_superseded() {
    // c2 was never applied, but is older than what was; c5 was written before the new load.
    check(&[
        ("+L1@1 +c1@2 +c3@3", "first g1: L1* c1* c3*"),
        ("+c2@4 +c5@5 +L1@6 +c6@7", "reload g2: L1* c6* superseded c2 superseded c5"),
        ("+c7@8", "changes g2: L1 c6 c7*"),
        ("refresh", "refresh g3: L1* c6* c7*"),
    ]);
}

#[test]
fn times_of_copies_are_not_compared() {
    check_in(
        LOCAL,
        &[
            ("+L1@1 +c1@2 +c3@3", "first g1: L1* c1* c3*"),
            ("+c2@4 +c5@5 +L1@6 +c6@7", "reload g2: L1* c5* c6* superseded c2"),
        ],
    );
}

#[test]
fn a_full_load_that_was_only_copied_is_told_from_a_new_one_by_a_person() {
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("=L1@5", "restamped L1"),
        ("refresh", "refresh g2: L1* c1*"),
    ]);
    check(&[("+L1@1 +L2@1 +c1@2", "first g1: L1* L2* c1*"), ("=L1@5 +L2@5", "reload g2: L1* L2*")]);
}

#[test]
fn half_a_new_full_load_is_waited_for() {
    check(&[
        ("+L1@1 +L2@1 +c1@2", "first g1: L1* L2* c1*"),
        ("+L1@5", "partly L1 but L2"),
        ("+L2@6 +c2@7", "reload g2: L1* L2* c2*"),
        ("+L2@8", "partly L2 but L1"),
        ("-L1", "L2 without L1"),
        ("accept", "reload g3: L2*"),
    ]);
    check(&[
        ("+L1@1 +L2@1 +c1@2", "first g1: L1* L2* c1*"),
        ("refresh +L1@5 +c2@6", "refresh g2: L1* L2* c2*"),
    ]);
}

#[test]
fn of_another_location_everything_is_new() {
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("moved -c1 +c2@3", "moved g2: L1* c2*"),
        ("+c3@4", "changes g2: L1 c2 c3*"),
        ("moved -L1 -c2 -c3", "moved g3:"),
        ("+L1@9", "reload g4: L1*"),
    ]);
}

#[test]
fn a_full_load_after_changes_alone_ends_their_generation() {
    check(&[("+c1@1 +c2@2", "first g1: c1* c2*"), ("+L1@3 +c3@4", "reload g2: L1* c3*")]);
}

#[test]
fn a_reload_may_have_other_names() {
    check(&[
        ("+L1@1 +L2@1 +c1@2", "first g1: L1* L2* c1*"),
        ("accept -L1 -L2 +L3@5 +s1L1@5", "reload g2: L3* s1L1*"),
        ("accept -L3 -s1L1 +L4@6 +c2@7", "reload g3: L4* c2*"),
    ]);
}

#[test]
fn a_reload_is_told_without_tags_by_size_or_time() {
    let listed = |size, at| Listed {
        key: key_of("L1"),
        beside: false,
        size,
        modified: DateTime::from_timestamp_millis(at).unwrap(),
        e_tag: None,
    };
    let applied = |object: &Listed| Applied {
        key: object.key.clone(),
        fingerprint: object.fingerprint(),
        generation: 1,
        position: "0-load/LOAD00000001.csv".to_owned(),
        gone: false,
        superseded: false,
    };
    let ledger = [applied(&listed(9, 1000))];
    for (size, at, news) in [
        (9, 1000, News::Nothing),
        (9, 1001, News::Rebuild(RebuildReason::Reload)),
        (8, 1000, News::Rebuild(RebuildReason::Reload)),
    ] {
        let staged = sort_listing(vec![listed(size, at)], Naming::default()).unwrap().0;
        assert_eq!(assess(staged, &ledger, LOCAL).unwrap().news, news, "{size} {at}");
    }
}
