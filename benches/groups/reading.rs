//! Reading and SQL alone, without a target, beside plain DataFusion over the same files.

use std::cell::RefCell;
use std::process::Command;

use crate::again;
use crate::bench::{Bench, Way};
use crate::child;
use crate::measured::{Measured, What};
use crate::staging::Staging;

const SOURCES: &str = include_str!("../jobs/orders/sources.sql");
const MODEL: &str = include_str!("../jobs/orders/orders.sql");

pub(super) fn measure(bench: &Bench, measured: &mut Measured) {
    let staging = Staging::folder(bench);
    let load = bench.data.load(bench.rows);
    staging.add(&load.objects());
    for round in 0..bench.rounds {
        let results = RefCell::new(Vec::new());
        let note = |mut command| results.borrow_mut().push(child::exec(&mut command));
        let ways: Vec<Way<'_>> = vec![
            (What::Reading, Box::new(|| note(with_the_job(bench, &staging)))),
            (What::ReadingWithoutKey, Box::new(|| note(without_key(bench, &staging)))),
            (What::PlainDataFusion, Box::new(|| note(plain(&load.objects())))),
        ];
        bench.compare(measured, round, ways);
        for result in results.borrow().iter() {
            check(result, &results.borrow()[0], load.after.rows);
        }
    }
}

/// The job's model, as a run would read it.
fn with_the_job(bench: &Bench, staging: &Staging<'_>) -> Command {
    let jobs = bench.jobs().display().to_string();
    let staging = format!("STAGING={}", staging.location());
    bench.command(&[
        "sql",
        "--jobs",
        &jobs,
        "--job",
        "orders",
        "--var",
        &staging,
        "--target",
        "sqlite:orders.db",
        "--format",
        "csv",
        "--command",
        &query("orders"),
    ])
}

/// The same SQL where no key has to be looked at, as plain DataFusion has none.
pub(super) fn without_key(bench: &Bench, staging: &Staging<'_>) -> Command {
    let keyless = SOURCES.replace(",\n    PRIMARY KEY (order_id)", "");
    assert_ne!(keyless, SOURCES, "the key is declared in another way");
    let sources = keyless.replace("${STAGING}", &staging.location());
    let sql = format!("{sources}\n{}", query(&model()));
    let mut command = bench.command(&["sql", "--format", "csv", "--command", &sql]);
    command.envs(staging.env());
    command
}

fn plain(objects: &std::path::Path) -> Command {
    again::plain_datafusion(objects, &query(&model()))
}

/// Results must be equal, and of all rows.
pub(super) fn check(result: &str, expected: &str, rows: u64) {
    assert_eq!(result, expected, "two ways to read have different results");
    let counts = result.lines().skip(1).map(|line| line.split(',').nth(1)?.parse::<u64>().ok());
    assert_eq!(counts.sum::<Option<u64>>(), Some(rows), "the number of rows in {result}");
}

fn model() -> String {
    format!("({MODEL}) AS orders")
}

/// Looks at each column, so that none can be left unread.
fn query(orders: &str) -> String {
    format!(
        "SELECT currency, count(*) AS orders, sum(order_id) AS order_ids, max(customer_id) AS customer_id, \
         sum(quantity) AS quantity, max(unit_price) AS unit_price, sum(amount) AS amount, \
         min(order_date) AS order_date, max(updated_at) AS updated_at, max(customer) AS customer, \
         max(product) AS product, max(note) AS note \
         FROM {orders} GROUP BY currency ORDER BY currency"
    )
}
