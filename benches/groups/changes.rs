//! Pending changes, beside a merge of the net changes that a careful person writes.

use super::twins::{Timing, Twins};
use crate::baseline;
use crate::generator::Staged;
use crate::measured::What;

pub(super) fn step(twins: &Twins<'_>, staged: &Staged, timing: Option<Timing<'_>>) {
    let Twins { bench, own, by_hand } = twins;
    own.stage(&staged.objects());
    let net_changes = staged.net_changes();
    // The statistics of a table that was just filled are older than its rows, and would lead its joins astray.
    by_hand.execute("ANALYZE TABLE orders");
    twins.advance(
        timing,
        vec![
            (What::Changes, Box::new(|| own.run("orders", "row-wise"))),
            (
                What::MergeByHand,
                Box::new(|| bench.by_hand(baseline::merge(&by_hand.url(), &net_changes))),
            ),
        ],
    );
    twins.check(staged);
}
