//! `PreserveTransactions` and `CdcPath`: changes of all tables in one folder, in the order of transactions.

use std::fmt::Write as _;

use libtest_mimic::Trial;

use crate::scenarios::site::{ALL, Site, gzipped, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, ALL;
        all_tables_of_a_job_move_together_through_transactions,
        a_row_that_cannot_be_read_is_named_in_the_folder_of_changes,
        changes_of_one_table_may_lie_apart_from_its_full_load,
        a_folder_that_is_named_otherwise_than_the_table_is_not_taken_for_an_empty_one,
    ]
    .collect()
}

const OPTIONS: &str = "'PreserveTransactions' 'true', 'CdcPath' 'cdc/tx'";

fn sources(options: &str) -> String {
    let mut text = String::new();
    for (table, columns) in [
        ("orders", "id INT PRIMARY KEY, customer INT, total DECIMAL(10,2)"),
        ("customers", "id INT PRIMARY KEY, name VARCHAR(20)"),
    ] {
        writeln!(
            text,
            "CREATE EXTERNAL TABLE {table}_staged ({columns}) STORED AS DMS LOCATION '${{STAGING}}/lake/shop/{table}/' OPTIONS ({options});"
        )
        .unwrap();
    }
    text
}

const ORDERS: &str = "SELECT id, customer, total FROM orders_staged";
const CUSTOMERS: &str = "SELECT id, name FROM customers_staged";
const TOTALS: &str = "SELECT c.id, c.name, count(o.id) AS orders, sum(o.total) AS total
    FROM customers_staged c LEFT JOIN orders_staged o ON o.customer = c.id GROUP BY c.id, c.name";

fn job(site: &Site<'_>, options: &str) {
    site.job(&[
        ("sources.sql", &sources(options)),
        ("orders.sql", ORDERS),
        ("customers.sql", CUSTOMERS),
        ("totals.sql", TOTALS),
    ]);
}

fn totals(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT id, name, orders, total FROM totals ORDER BY id")
}

fn load(site: &Site<'_>) {
    site.stage("lake/shop/orders/LOAD00000001.csv", "1,1,10.00\n2,2,20.00\n");
    site.stage("lake/shop/customers/LOAD00000001.csv", "1,Ann\n2,\"Bo, the 2nd\"\n");
}

fn all_tables_of_a_job_move_together_through_transactions(site: &Site<'_>) {
    job(site, OPTIONS);
    load(site);
    site.run();
    assert_eq!(totals(site), ["1|Ann|1|10.00", "2|Bo, the 2nd|1|20.00"]);
    // Rows of a table that no source of the job reads, and of one of another schema, between those of ours.
    site.stage(
        "lake/cdc/tx/CDC_TXN-20260101000000000.csv",
        "I,customers,shop,3,Cy\nI,orders,shop,3,3,30.00\nI,orders,archive,9,9,99.00\nU,audit,shop,1,\"a\nb\",c,d,e\nU,orders,shop,1,3,11.00\n",
    );
    site.stage(
        "lake/cdc/tx/CDC_TXN-20260101000000001.csv",
        "D,orders,shop,2,,\nD,customers,shop,2,\nI,orders,shop,4,1,40.00\nU,orders,shop,4,1,41.00\n",
    );
    let report = site.run();
    assert_eq!(
        report.models(),
        ["customers row-wise +1 -1", "orders row-wise +3 -1", "totals replay +2 -1"]
    );
    assert_eq!(totals(site), ["1|Ann|1|41.00", "3|Cy|2|41.00"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    // Only what is new is read.
    site.stage("lake/cdc/tx/CDC_TXN-20260101000000002.csv", "U,customers,shop,1,Anna\n");
    let models = site.run().models();
    assert_eq!(
        models,
        ["customers row-wise +1 -0", "orders row-wise +0 -0", "totals replay +1 -0"]
    );
    let status = site.command(["status", "--job", "shop"]).run();
    assert!(status.stdout.contains("with changes in"), "{}", status.stdout);
    site.run_with(&["--full-refresh"]);
    assert_eq!(totals(site), ["1|Anna|1|41.00", "3|Cy|2|41.00"]);
}

fn a_row_that_cannot_be_read_is_named_in_the_folder_of_changes(site: &Site<'_>) {
    job(site, OPTIONS);
    load(site);
    site.run();
    site.stage(
        "lake/cdc/tx/CDC_TXN-20260101000000000.csv",
        "I,customers,shop,3,Cy\nI,orders,shop,x,3,30.00\nI,customers,shop,4\n",
    );
    let refused = site.fail();
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("lake/cdc/tx/CDC_TXN-20260101000000000.csv:"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        totals(site),
        ["1|Ann|1|10.00", "2|Bo, the 2nd|1|20.00"],
        "nothing of it is applied"
    );
    site.stage("lake/cdc/tx/CDC_TXN-20260101000000000.csv", "I,customers,shop,3,Cy\n");
    site.run();
    assert_eq!(totals(site), ["1|Ann|1|10.00", "2|Bo, the 2nd|1|20.00", "3|Cy|0|NULL"]);
}

fn changes_of_one_table_may_lie_apart_from_its_full_load(site: &Site<'_>) {
    job(site, "'CdcPath' 'cdc'");
    load(site);
    site.run();
    site.stage("lake/cdc/shop/orders/20260101-000000000.csv", "U,1,2,12.00\n");
    site.stage("lake/cdc/shop/customers/2026/01/01/20260101-000000000.csv.gz", gzipped("D,1,\n"));
    site.run();
    assert_eq!(totals(site), ["2|Bo, the 2nd|2|32.00"]);
    // Written before the endpoint had the setting.
    site.stage("lake/shop/orders/20251231-000000000.csv", "U,2,2,99.00\nU,1,2,99.00\n");
    site.run();
    assert_eq!(totals(site), ["2|Bo, the 2nd|2|111.00"]);
    site.run_with(&["--full-refresh"]);
    assert_eq!(totals(site), ["2|Bo, the 2nd|2|111.00"]);
    // A wrong name must not take the changes back.
    job(site, "'CdcPath' 'cdcx'");
    let refused = site.fail();
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("the folder of changes that CdcPath names now is empty"),
        "{}",
        refused.stderr
    );
    let doctor = site.command(["doctor", "--job", "shop"]).run();
    assert!(doctor.stdout.contains("staging.no_changes"), "{}", doctor.stdout);
    assert_eq!(totals(site), ["2|Bo, the 2nd|2|111.00"]);
    job(site, "'CdcPath' 'cdc'");
    site.run();
    assert_eq!(totals(site), ["2|Bo, the 2nd|2|111.00"]);
}

fn a_folder_that_is_named_otherwise_than_the_table_is_not_taken_for_an_empty_one(site: &Site<'_>) {
    job(site, OPTIONS);
    site.stage("lake/cdc/tx/CDC_TXN-20260101000000000.csv", "I,customers,shop,3,Cy\n");
    site.stage("lake/shop/orders/LOAD00000001.csv", "1,1,10.00\n");
    let refused = site.fail();
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    site.stage("lake/shop/customers/LOAD00000001.csv", "1,Ann\n");
    site.run();
    site.stage("lake/cdc/tx/CDC_TXN-20260101000000001.csv", "U,CUSTOMERS,SHOP,1,Anna\n");
    let refused = site.fail();
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains("but for their case"), "{}", refused.stderr);
    assert_eq!(totals(site), ["1|Ann|1|10.00", "3|Cy|0|NULL"]);
}
