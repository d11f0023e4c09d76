//! What a long past costs: one new object after many applied ones, and after few.

use crate::bench::{Bench, Way};
use crate::generator::Staged;
use crate::history::{Baseline, Batch};
use crate::measured::{Measured, What};
use crate::site::Site;

const FEW: u64 = 20;
/// One applied object for so many rows.
const ROWS_PER_OBJECT: u64 = 50;
/// Rows of the table, which does not matter here.
const ROWS: u64 = 1_000;
const NEW_CHANGES: u64 = 6;
/// New objects for each round, since a run of one takes little.
const RUNS: u64 = 3;

pub(super) fn measure(bench: &Bench, measured: &mut Measured) {
    let runs = bench.rounds * RUNS;
    let (many, many_new) = with_past(bench, (bench.rows / ROWS_PER_OBJECT).max(FEW), runs);
    let (few, few_new) = with_past(bench, FEW, runs);
    for (run, (after_many, after_few)) in (0..).zip(many_new.iter().zip(&few_new)) {
        many.stage(&after_many.objects());
        few.stage(&after_few.objects());
        let ways: Vec<Way<'_>> = vec![
            (What::ObjectAfterMany, Box::new(|| many.run("orders", "row-wise"))),
            (What::ObjectAfterFew, Box::new(|| few.run("orders", "row-wise"))),
        ];
        bench.compare(measured, run, ways);
        many.database.check(after_many.after);
        few.database.check(after_few.after);
    }
    many.remove();
    few.remove();
}

/// A table that so many change objects were applied to, and new objects for it.
fn with_past(bench: &Bench, objects: u64, runs: u64) -> (Site<'_>, Vec<Staged>) {
    // Single changes are updates, so that the table stays as it is.
    let past = Batch { objects, changes_each: 1, baseline: Baseline::Nothing };
    let mut batches = vec![past];
    batches.extend((0..runs).map(|_| Batch::one_object(NEW_CHANGES)));
    let mut new = bench.data.history(&format!("ledger-{objects}"), ROWS, &batches);
    let past = new.remove(0);

    let site = Site::new(bench);
    site.stage(&bench.data.load(ROWS).objects());
    site.stage(&past.objects());
    site.run("orders", "full load");
    site.database.check(past.after);
    (site, new)
}
