//! Why a row is as it is.

use datafusion::arrow::datatypes::DataType;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::scenarios::site::{EACH, JOB, MYSQL, SQLITE, Site, gzipped, scenarios};
use crate::support::Shared;
use crate::support::parquet::{Column, Written, parquet};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_row_is_explained_by_the_staged_rows_that_it_is_made_of,
        a_row_that_differs_is_told_with_what_is_pending_and_who_else_changed_it,
    ]
    .chain(scenarios![servers, [SQLITE, MYSQL];
        of_a_row_that_is_not_there_it_is_told_what_leaves_it_out,
        of_a_deleted_row_only_the_delete_is_told_and_of_a_subquery_what_it_leaves_out,
        a_question_that_is_wrong_is_told_and_a_target_that_is_away_is_a_note,
    ])
    .collect()
}

const SOURCES: &str = "
    CREATE EXTERNAL TABLE orders (id INT PRIMARY KEY, customer INT, amount DECIMAL(10, 2), state VARCHAR(10))
    STORED AS DMS LOCATION '${STAGING}/orders';
    CREATE EXTERNAL TABLE customers (id INT PRIMARY KEY, name VARCHAR(20))
    STORED AS DMS LOCATION '${STAGING}/customers'";
const VALID: &str = "SELECT id, customer, amount FROM orders WHERE state <> 'void'";
const OPEN: &str = "SELECT id, amount FROM orders WHERE state = 'open' AND amount > 1";
const TOTALS: &str = "SELECT c.name, count(*) AS n, sum(v.amount) AS total
    FROM _valid v JOIN customers c ON v.customer = c.id GROUP BY c.name";

fn job(site: &Site<'_>) {
    site.job(&[
        ("sources.sql", SOURCES),
        ("_valid.sql", VALID),
        ("open_orders.sql", OPEN),
        ("by_customer.sql", TOTALS),
        ("job.toml", "[model.by_customer]\ntable = \"totals\"\n"),
    ]);
    let load = "1,7,10.00,open\n2,7,5.50,open\n3,8,1.00,open\n5,8,9.00,void\n";
    site.stage("orders/LOAD00000001.csv.gz", gzipped(load));
    let column = |name: &str, data_type, values: [&str; 2]| Column {
        name: name.to_owned(),
        data_type,
        values: values.map(|value| Some(value.to_owned())).into(),
    };
    let customers = vec![
        column("id", DataType::Int32, ["7", "8"]),
        column("name", DataType::Utf8, ["Ann", "Bob"]),
    ];
    let written = Written { gzip: true, version_2: false, dictionary: true, row_group_rows: 10 };
    site.stage("customers/LOAD00000001.parquet", parquet(customers, written));
    site.stage("orders/20260101-000000000.csv", "U,2,7,6.50,open\nI,4,8,2.00,open\n");
    site.run();
}

fn explained(site: &Site<'_>, table: &str, key: &[&str]) -> Value {
    let args = ["explain-row", "--job", JOB, "--output", "json", "--table", table];
    let output = site.command(args.iter().copied().chain(key.iter().copied())).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

/// `SOURCE[ as ALIAS] OBJECT:LINE OP[ pending]` of each staged row that is told.
fn made_of(explained: &Value) -> Vec<String> {
    let mut told = Vec::new();
    for made in explained["made_of"].as_array().unwrap() {
        for source in made["sources"].as_array().unwrap() {
            for row in source["rows"].as_array().unwrap() {
                let object = row["object"].as_str().unwrap().rsplit('/').next().unwrap();
                let alias = source["alias"].as_str().map_or(String::new(), |a| format!(" as {a}"));
                let pending = if row["pending"] == true { " pending" } else { "" };
                told.push(format!(
                    "{}{alias} {object}:{} {}{pending}",
                    source["source"].as_str().unwrap(),
                    row["line"],
                    row["op"].as_str().unwrap(),
                ));
            }
        }
    }
    told
}

fn a_row_is_explained_by_the_staged_rows_that_it_is_made_of(site: &Site<'_>) {
    job(site);
    // A model that maps each row of a source.
    let row = explained(site, "open_orders", &["--key", "2"]);
    assert_eq!(row["state"], "same", "{row}");
    assert_eq!(row["model_rows"], json!([{"id": 2, "amount": "6.50"}]));
    assert_eq!(row["table_rows"], row["model_rows"]);
    assert_eq!(made_of(&row), ["orders 20260101-000000000.csv:1 U"]);
    let values = &row["made_of"][0]["sources"][0]["rows"][0]["values"];
    assert_eq!(*values, json!({"id": 2, "customer": 7, "amount": "6.50", "state": "open"}));
    // Groups over a helper and a join, by the table's name and by the model's.
    for (table, key) in [("totals", "Ann"), ("by_customer", "name=Ann")] {
        let row = explained(site, table, &["--key", key]);
        assert_eq!(row["state"], "same", "{row}");
        assert_eq!(row["model_rows"], json!([{"name": "Ann", "n": 2, "total": "16.50"}]));
        let expected = [
            "orders as v._valid LOAD00000001.csv.gz:1 load",
            "orders as v._valid 20260101-000000000.csv:1 U",
            "customers as c LOAD00000001.parquet:1 load",
        ];
        assert_eq!(made_of(&row), expected);
    }
    // As a person sees it, as few rows as are asked for.
    let args = ["explain-row", "--job", JOB, "--table", "totals", "--key", "Ann", "--limit", "1"];
    let output = site.command(args).run();
    for line in [
        "by_customer -> table totals: the table has what the model gives",
        "  total  16.50  16.50",
        "2 rows of orders as v._valid",
        "    id=1 customer=7 amount=10.00 state=open",
        "  … and 1 more",
        "1 row of customers as c",
    ] {
        assert!(output.stdout.lines().any(|other| other == line), "{line}\n{}", output.stdout);
    }
    assert!(!output.stderr.contains("Ann"), "{}", output.stderr);
}

fn a_row_that_differs_is_told_with_what_is_pending_and_who_else_changed_it(site: &Site<'_>) {
    job(site);
    site.stage("orders/20260101-000000001.csv", "U,2,7,7.50,open\nI,6,7,3.00,open\n");
    let row = explained(site, "totals", &["--key", "Ann"]);
    assert_eq!(row["state"], "differs", "{row}");
    assert_eq!(row["differences"], json!(["n", "total"]));
    let because = row["because"].as_str().unwrap();
    assert!(because.starts_with("1 object is pending"), "{because}");
    let pending = json!([{"source": "orders", "object": "20260101-000000001.csv"}]);
    assert_eq!(row["pending"], pending);
    let orders = "orders as v._valid";
    let expected = [
        format!("{orders} LOAD00000001.csv.gz:1 load"),
        format!("{orders} 20260101-000000001.csv:1 U pending"),
        format!("{orders} 20260101-000000001.csv:2 I pending"),
        "customers as c LOAD00000001.parquet:1 load".to_owned(),
    ];
    assert_eq!(made_of(&row), expected);
    assert_eq!(explained(site, "open_orders", &["--key", "6"])["state"], "only_in_model");
    site.run();
    assert_eq!(explained(site, "totals", &["--key", "Ann"])["state"], "same");
    // Nothing is pending now.
    site.execute("UPDATE totals SET n = 99 WHERE name = 'Ann'");
    let row = explained(site, "totals", &["--key", "Ann"]);
    assert_eq!((&row["state"], &row["differences"]), (&json!("differs"), &json!(["n"])));
    let because = row["because"].as_str().unwrap();
    assert!(because.contains("something else than a run has changed the table"), "{because}");
    // Another definition.
    site.job(&[("by_customer.sql", &TOTALS.replace("count(*)", "count(*) + 1"))]);
    let row = explained(site, "totals", &["--key", "Ann"]);
    let because = row["because"].as_str().unwrap();
    assert!(because.contains("definition has changed"), "{because}");
}

/// What leaves a row out, by way; objects without their folders.
fn left_out_by(explained: &Value) -> Vec<String> {
    let made = explained["made_of"].as_array().unwrap().iter();
    let reasons = made.flat_map(|made| made["left_out_by"].as_array().unwrap());
    let bare = |reason: &Value| {
        let words = reason.as_str().unwrap().split(' ');
        words.filter_map(|word| word.rsplit('/').next()).collect::<Vec<_>>().join(" ")
    };
    reasons.map(bare).collect()
}

fn of_a_row_that_is_not_there_it_is_told_what_leaves_it_out(site: &Site<'_>) {
    job(site);
    let row = explained(site, "open_orders", &["--key", "3"]);
    assert_eq!(row["state"], "nowhere", "{row}");
    let expected = "left out by the condition amount > 1 (open_orders.sql:1:56)";
    assert_eq!(left_out_by(&row), [expected]);
    assert_eq!(made_of(&row), ["orders LOAD00000001.csv.gz:3 load"]);
    // A deleted row, before and after a run.
    site.stage("orders/20260101-000000001.csv", "D,1,,,\n");
    for state in ["only_in_table", "nowhere"] {
        let row = explained(site, "open_orders", &["--key", "1"]);
        assert_eq!(row["state"], state, "{row}");
        let pending = if state == "nowhere" { "" } else { " pending" };
        let deletes = format!("orders 20260101-000000001.csv:1 D{pending}");
        assert_eq!(made_of(&row), ["orders LOAD00000001.csv.gz:1 load".to_owned(), deletes]);
        let rows = &row["made_of"][0]["sources"][0]["rows"];
        assert_eq!(rows[0]["values"]["amount"], "10.00", "{row}");
        assert_eq!(rows[1]["values"], json!({"id": 1}), "{row}");
        let expected = "its row of `orders` was deleted by 20260101-000000001.csv:1";
        assert_eq!(left_out_by(&row), [expected]);
        site.run();
    }
    // No such row is staged.
    let row = explained(site, "open_orders", &["--key", "77"]);
    assert_eq!((&row["state"], &row["made_of"]), (&json!("nowhere"), &json!([])));
}

fn of_a_deleted_row_only_the_delete_is_told_and_of_a_subquery_what_it_leaves_out(site: &Site<'_>) {
    let source = "CREATE EXTERNAL TABLE c (id INT PRIMARY KEY, city VARCHAR(20), day DATE)
        STORED AS DMS LOCATION '${STAGING}/c'";
    site.job(&[
        ("sources.sql", source),
        ("late.sql", "SELECT id, city FROM c WHERE day > '2021-08-20' AND city <> 'Ulm'"),
        ("newest.sql", "SELECT id, city FROM c WHERE id IN (SELECT max(id) FROM c GROUP BY city)"),
        (
            "cities.sql",
            "SELECT city, count(*) AS n FROM c WHERE city IS NOT NULL GROUP BY city
             HAVING count(*) <> 3",
        ),
        (
            "first.sql",
            "SELECT id, city FROM (SELECT id, city,
             row_number() OVER (PARTITION BY city ORDER BY id) AS rn FROM c) WHERE rn = 1",
        ),
    ]);
    site.stage(
        "c/LOAD00000001.csv",
        "1,Linz,2021-09-01\n36,Graz,2021-09-01\n69,Graz,2021-09-02\n70,Ulm,2021-07-01\n",
    );
    site.stage("c/20260101-000000000.csv", "D,1,,\nI,71,Ulm,2021-09-01\nI,72,Ulm,2021-09-01\n");
    site.run();
    let is_deleted = "its row of `c` was deleted by 20260101-000000000.csv:1";
    let load = |line: u8| format!("c LOAD00000001.csv:{line} load");
    let change = |line: u8, op: &str| format!("c 20260101-000000000.csv:{line} {op}");
    let condition = |text: &str| format!("left out by the condition {text}");
    let of_city = condition("city <> 'Ulm' (late.sql:1:53)");
    let of_day = condition("day > '2021-08-20' (late.sql:1:30)");
    let of_newest = condition("id IN (SELECT max(id) FROM c GROUP BY city) (newest.sql:1:30)");
    for (table, key, left_out, made) in [
        ("late", "1", vec![is_deleted], vec![load(1), change(1, "D")]),
        ("late", "71", vec![&of_city], vec![change(2, "I")]),
        ("late", "70", vec![&of_day, &of_city], vec![load(4)]),
        ("newest", "36", vec![&of_newest], vec![load(2)]),
        ("cities", "Linz", vec![is_deleted], vec![load(1), change(1, "D")]),
        (
            "cities",
            "Ulm",
            vec![&condition("count(*) <> 3 (cities.sql:2:21)")],
            vec![load(4), change(2, "I"), change(3, "I")],
        ),
        ("first", "69", vec![&condition("rn = 1 (first.sql:2:84)")], vec![load(2), load(3)]),
    ] {
        let row = explained(site, table, &["--key", key]);
        assert_eq!(row["state"], "nowhere", "{row}");
        assert_eq!(left_out_by(&row), left_out, "{row}");
        assert_eq!(made_of(&row), made, "{row}");
    }
    // As a person sees it.
    let args = ["explain-row", "--job", JOB, "--table", "late", "--key", "1"];
    let output = site.command(args).run();
    for said in [
        "\nthe model does not give it:\n  its row of `c` was deleted by ",
        "/20260101-000000000.csv:1\n",
        "\n    id=1 city=Linz day=2021-09-01\n",
        "\n    id=1\n",
    ] {
        assert!(output.stdout.contains(said), "{said}\n{}", output.stdout);
    }
}

fn a_question_that_is_wrong_is_told_and_a_target_that_is_away_is_a_note(site: &Site<'_>) {
    job(site);
    for (table, key, said) in [
        ("open_order", "1", "did you mean `open_orders`?"),
        ("_valid", "1", "writes no table `_valid`"),
        ("open_orders", "secret", "the value of `id` is no INT"),
        ("open_orders", "nr=1", "write --key 'VALUE'"),
    ] {
        let args = ["explain-row", "--job", JOB, "--table", table, "--key", key];
        let output = site.command(args).run();
        assert_eq!(output.status, Some(2), "{}", output.stderr);
        assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
        assert!(!output.stderr.contains("secret"), "{}", output.stderr);
    }
    let away = ["--key", "1", "--target", "mysql://nobody@127.0.0.1:1/shop"];
    let row = explained(site, "open_orders", &away);
    assert_eq!((&row["state"], &row["table_count"]), (&json!("table_not_read"), &Value::Null));
    assert_eq!(made_of(&row), ["orders LOAD00000001.csv.gz:1 load"]);
    let note = row["notes"][0].as_str().unwrap();
    assert!(note.starts_with("the table was not read: "), "{note}");
}
