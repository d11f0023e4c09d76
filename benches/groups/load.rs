//! A full load, beside LOAD DATA of the finished rows.

use super::twins::{Timing, Twins};
use crate::baseline;
use crate::bench::Way;
use crate::measured::What;
use crate::site::Database;

pub(super) fn step(twins: &Twins<'_>, timing: Option<Timing<'_>>) {
    let Twins { bench, own, by_hand } = twins;
    let staged = bench.data.load(bench.rows);
    let finished = bench.data.finished(bench.rows);
    own.stage(&staged.objects());
    // Only to be measured: nothing comes after it.
    let two_streams = timing.is_some().then(|| Database::new(bench));

    let mut ways: Vec<Way<'_>> = vec![
        (What::FullLoad, Box::new(|| own.run("orders", "full load"))),
        (
            What::LoadDataOneStream,
            Box::new(|| bench.by_hand(baseline::load(&by_hand.url(), &finished))),
        ),
    ];
    if let Some(database) = &two_streams {
        let load = || bench.by_hand(baseline::load_both(&database.url(), &finished));
        ways.push((What::LoadDataTwoStreams, Box::new(load)));
    }
    twins.advance(timing, ways);
    twins.check(&staged);
    if let Some(database) = two_streams {
        database.check(staged.after);
        database.remove();
    }
}
