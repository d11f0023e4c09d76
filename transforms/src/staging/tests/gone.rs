//! Applied objects that are not there any more.

use super::*;

#[test]
fn applied_objects_must_not_vanish_unless_what_is_left_is_taken_as_the_truth() {
    check(&[
        ("+L1@1 +c1@2 +c2@3", "first g1: L1* c1* c2*"),
        ("-c1 +c3@4", "vanished c1"),
        ("-L1", "vanished c1 L1"),
        ("refresh", "refresh g2: c2* c3*"),
        ("+c4@5", "changes g2: c2 c3 c4*"),
    ]);
    // All objects of a truncated table go, and new rows come as changes.
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("-L1 -c1 +c2@3", "vanished c1 L1"),
        ("refresh", "refresh g2: c2*"),
    ]);
}

#[test]
fn what_is_left_may_be_accepted_as_the_whole() {
    check(&[
        ("+L1@1 +c1@2 +c2@3", "first g1: L1* c1* c2*"),
        ("accept -c1 +c3@4", "accepted g2: L1* c2* c3*"),
        ("accept", "nothing g2: L1 c2 c3"),
        ("accept -L1 -c2 -c3", "accepted g3:"),
        ("+L1@9", "reload g4: L1*"),
    ]);
    // Without a loss it means nothing.
    check(&[("+L1@1", "first g1: L1*"), ("accept +c1@2", "changes g1: L1 c1*")]);
    // What was ignored before can be accepted later.
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("ignore -L1", "nothing g1: c1 gone L1!"),
        ("accept", "accepted g2: c1*"),
    ]);
}

#[test]
fn what_vanished_objects_brought_may_be_kept() {
    check(&[
        ("+L1@1 +c1@2 +c2@3", "first g1: L1* c1* c2*"),
        ("ignore -L1 -c1", "nothing g1: c2 gone L1! gone c1!"),
        ("+c4@4", "changes g1: c2 c4* gone L1 gone c1"),
        // What is gone comes before, so nothing of it is needed.
        ("+c3@5", "changes 1 again g1: c2 c3*late c4 gone L1 gone c1"),
        // The next one is asked for again.
        ("-c2 +c5@6", "vanished c2"),
        ("ignore", "changes g1: c3 c4 c5* gone L1 gone c1 gone c2!"),
        ("-c3 -c4 -c5", "vanished c3 c4 c5"),
        ("ignore", "nothing g1: gone L1 gone c1 gone c2 gone c3! gone c4! gone c5!"),
        ("+c6@7", "changes g1: c6* gone L1 gone c1 gone c2 gone c3 gone c4 gone c5"),
    ]);
}

#[test]
fn a_late_change_before_one_that_is_gone_needs_it() {
    check(&[
        ("+L1@1 +c2@2 +c4@3", "first g1: L1* c2* c4*"),
        ("ignore -c2", "nothing g1: L1 c4 gone c2!"),
        ("+c3@4", "changes 1 again g1: L1 c3*late c4 gone c2"),
        ("+c1@5", "changes 2 again g1: L1 c1*late c3 c4 gone c2 needs c2"),
    ]);
    check(&[
        ("+L1@1 +c4@2", "first g1: L1* c4*"),
        ("ignore -c4", "nothing g1: L1 gone c4!"),
        ("+c3@3 +c5@3", "changes g1: L1 c3*late c5* gone c4 needs c4"),
    ]);
}

#[test]
fn an_object_that_comes_back_is_there_again() {
    check(&[
        ("+L1@1 +c1@2 +c2@3", "first g1: L1* c1* c2*"),
        ("ignore -c1 -L1", "nothing g1: c2 gone L1! gone c1!"),
        ("+L1@1 +c1@2", "nothing g1: L1 c1 c2"),
        ("+c3@4", "changes g1: L1 c1 c2 c3*"),
    ]);
    // With other content it is another one.
    check(&[
        ("+L1@1 +c1@2 +c2@3", "first g1: L1* c1* c2*"),
        ("ignore -c1", "nothing g1: L1 c2 gone c1!"),
        ("+c1@4", "rewritten g1: L1 c1* c2"),
    ]);
}

#[test]
fn a_reload_ends_what_is_gone() {
    check(&[
        ("+L1@1 +L2@1 +c1@2", "first g1: L1* L2* c1*"),
        ("ignore -L1 -L2 -c1", "nothing g1: gone L1! gone L2! gone c1!"),
        ("+L1@5 +c2@6", "reload g2: L1* c2*"),
        ("-c2", "vanished c2"),
    ]);
    // Of a half reload nothing is known until it is complete, or the old objects are gone.
    check(&[
        ("+L1@1 +L2@1 +c1@2", "first g1: L1* L2* c1*"),
        ("ignore -L1", "nothing g1: L2 c1 gone L1!"),
        ("+L1@5", "partly L1 but L2"),
        ("accept -L2", "reload g2: L1*"),
    ]);
    check(&[
        ("+L1@1 +L2@1", "first g1: L1* L2*"),
        ("ignore -L1", "nothing g1: L2 gone L1!"),
        ("+L3@5", "partly L3 but L2"),
    ]);
}

#[test]
fn objects_of_older_generations_may_vanish_at_any_time() {
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("+L1@3 +c2@4", "reload g2: L1* c2*"),
        ("-c1", "nothing g2: L1 c2"),
    ]);
}
