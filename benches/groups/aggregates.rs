//! A table of aggregates after some changes: evaluated anew, and compared with what is there.

use crate::bench::{Bench, Way};
use crate::fingerprint;
use crate::history::Batch;
use crate::measured::{Measured, What};
use crate::site::Site;

/// One change for so many rows.
const ROWS_PER_CHANGE: u64 = 1_000;
const COLUMNS: [&str; 5] = ["order_day", "currency", "orders", "quantity", "amount"];
/// What `jobs/totals/totals.sql` says, in the server's SQL over the finished rows.
const TOTALS: &str = "(SELECT order_date AS order_day, currency, COUNT(*) AS orders, \
    SUM(quantity) AS quantity, SUM(amount) AS amount FROM orders GROUP BY order_date, currency)";

pub(super) fn measure(bench: &Bench, measured: &mut Measured) {
    let load = bench.data.load(bench.rows);
    let batch = Batch::one_object((bench.rows / ROWS_PER_CHANGE).max(1));
    let rounds = usize::try_from(bench.rounds).expect("a number of rounds");
    let changes = bench.data.history("aggregates", bench.rows, &vec![batch; rounds]);

    let site = Site::new(bench);
    site.stage(&load.objects());
    site.run("totals", "full load");
    site.run("orders", "full load");
    for (round, staged) in (0..).zip(&changes) {
        site.stage(&staged.objects());
        let ways: Vec<Way<'_>> =
            vec![(What::Aggregates, Box::new(|| site.run("totals", "replay")))];
        bench.compare(measured, round, ways);
        // The table that the other job keeps from the same objects tells what is right.
        site.run("orders", "row-wise");
        site.database.check(staged.after);
        let totals = |table| site.database.query(&fingerprint::query(&COLUMNS, table));
        assert_eq!(totals("totals"), totals(TOTALS), "the rows of `totals`");
    }
    site.remove();
}
