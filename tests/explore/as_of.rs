//! Tables as of a moment: what the past was is what runs wrote then.

use libtest_mimic::Trial;

use crate::scenarios::site::{MYSQL, Report, SQLITE, Site, scenarios};
use crate::support::{Output, Shared};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    let everywhere = scenarios![servers, [SQLITE, MYSQL, SQLITE.with_s3()];
        models_as_of_objects_and_runs_are_what_the_runs_wrote,
    ];
    let both = scenarios![servers, [SQLITE, MYSQL];
        runs_count_in_the_order_of_their_commits_and_are_refused_where_it_is_not_known,
    ];
    let once = scenarios![servers, [SQLITE];
        moments_stand_wherever_tables_do,
        a_moment_that_nothing_is_known_of_is_told_with_what_there_is,
        what_was_applied_is_not_told_of_an_older_full_load,
        a_declared_source_has_a_past_too,
    ];
    everywhere.chain(both).chain(once).collect()
}

const SOURCES: &str = "
    CREATE EXTERNAL TABLE orders (id INT PRIMARY KEY, customer INT, amount INT)
    STORED AS DMS LOCATION '${STAGING}/orders';
    CREATE EXTERNAL TABLE customers (id INT PRIMARY KEY, name VARCHAR(20))
    STORED AS DMS LOCATION '${STAGING}/customers';";
const LARGE: &str = "SELECT id, amount FROM orders WHERE amount >= 20";
const BY_NAME: &str = "SELECT c.name, count(*) AS orders, sum(o.amount) AS amount \
    FROM orders o JOIN customers c ON c.id = o.customer GROUP BY c.name";

fn job(site: &Site<'_>, more: &str) {
    let toml = format!("target = \"${{TARGET}}\"\n{more}[model.by_name]\nkey = [\"name\"]\n");
    site.job(&[
        ("sources.sql", SOURCES),
        ("large.sql", LARGE),
        ("by_name.sql", BY_NAME),
        ("job.toml", &toml),
    ]);
}

/// Objects are written a second after each other, from the first second of 2026 on.
fn stage_loads(site: &Site<'_>) {
    site.stage("orders/LOAD00000001.csv", "1,1,10\n2,1,20\n3,2,30\n");
    site.stage("customers/LOAD00000001.csv", "1,Ada\n2,Ben\n");
}

fn sql(site: &Site<'_>, more: &[&str], query: &str) -> Output {
    let args = ["sql", "--job", "shop", "--format", "csv", "-c", query];
    site.command(args.iter().chain(more)).run()
}

/// Rows of a query, values separated by `|`.
fn rows_with(site: &Site<'_>, more: &[&str], query: &str) -> Vec<String> {
    let output = sql(site, more, query);
    assert_eq!(output.status, Some(0), "{query}: {}", output.stderr);
    output.stdout.lines().skip(1).map(|line| line.replace(',', "|")).collect()
}

fn rows(site: &Site<'_>, query: &str) -> Vec<String> {
    rows_with(site, &[], query)
}

/// What a statement is refused with: the message, and what to do.
fn told(site: &Site<'_>, more: &[&str], query: &str) -> String {
    let output = sql(site, more, query);
    assert_eq!(output.status, Some(2), "{query}: {}", output.stderr);
    assert_eq!(output.stdout, "");
    output.stderr
}

/// Both tables as a run left them.
struct Written {
    object: &'static str,
    run_id: String,
    large: Vec<String>,
    by_name: Vec<String>,
}

impl Written {
    fn after(site: &Site<'_>, object: &'static str) -> Self {
        Self::of(site, site.run(), object)
    }

    fn of(site: &Site<'_>, Report(report): Report, object: &'static str) -> Self {
        let rows = |table: &str| site.rows(&format!("SELECT * FROM {table} ORDER BY 1"));
        let (large, by_name) = (rows("large"), rows("by_name"));
        Self { object, run_id: report["run_id"].as_str().unwrap().to_owned(), large, by_name }
    }

    /// That its models as of the run are that.
    fn check_run(&self, site: &Site<'_>) {
        self.check(site, &format!("run:{}", self.run_id));
    }

    /// What a source as of the run is refused with.
    fn refused(&self, site: &Site<'_>) -> String {
        told(
            site,
            &[],
            &format!("SELECT * FROM orders FOR SYSTEM_TIME AS OF 'run:{}'", self.run_id),
        )
    }

    /// That its models as of a moment are that.
    fn check(&self, site: &Site<'_>, moment: &str) {
        for (model, expected) in [("large", &self.large), ("by_name", &self.by_name)] {
            let query =
                format!("SELECT * FROM {model} FOR SYSTEM_TIME AS OF '{moment}' ORDER BY 1");
            assert_eq!(rows(site, &query), *expected, "{model} as of {moment}");
        }
    }
}

fn models_as_of_objects_and_runs_are_what_the_runs_wrote(site: &Site<'_>) {
    job(site, "");
    stage_loads(site);
    let mut written = vec![Written::after(site, "customers/LOAD00000001.csv")];
    for (object, content) in [
        ("orders/2026/01/01/20260101-000010000.csv", "U,1,1,25\nI,4,2,40\nD,3,2,30\n"),
        ("customers/20260101-000020000.csv", "U,2,Bea\nI,3,Cid\n"),
        ("orders/2026/01/01/20260101-000030000.csv", "U,4,3,5\nI,5,3,50\n"),
        ("customers/20260101-000040000.csv", "D,1,Ada\n"),
    ] {
        site.stage(object, content);
        written.push(Written::after(site, object));
    }
    for pair in written.windows(2) {
        assert_ne!(pair[0].by_name, pair[1].by_name, "{}", pair[1].object);
    }
    for state in &written {
        state.check(site, state.object);
        state.check(site, &format!("run:{}", state.run_id));
    }
    written[1].check(site, "20260101-000010000");
    written[1].check(site, "2026-01-01 00:00:19.999");
    written[2].check(site, "2026-01-01T01:00:20+01:00");
    written[4].check(site, "applied");
    // One that comes late: as of an object, what sorts before it counts; as of a run, what had come.
    let late = "orders/2026/01/01/20260101-000015000.csv";
    site.stage(late, "U,2,2,22\nU,4,1,44\n");
    written[4].check(site, "applied");
    written.push(Written::after(site, late));
    assert_ne!(written[4].large, written[5].large);
    for state in &written {
        state.check(site, &format!("run:{}", state.run_id));
    }
    written[0].check(site, written[0].object);
    written[1].check(site, written[1].object);
    written[5].check(site, "applied");
    written[5].check(site, written[4].object);
    let query = "SELECT id, amount FROM orders VERSION AS OF '20260101-000015000.csv' ORDER BY id";
    assert_eq!(rows(site, query), ["1|25", "2|22", "4|44"]);
}

fn runs_count_in_the_order_of_their_commits_and_are_refused_where_it_is_not_known(site: &Site<'_>) {
    const FIRST: &str = "orders/20260101-000010000.csv";
    const SECOND: &str = "orders/20260101-000020000.csv";
    job(site, "");
    stage_loads(site);
    let mut runs = vec![Written::after(site, "orders/LOAD00000001.csv")];
    for (object, content) in [(FIRST, "U,1,1,25\nI,4,2,40\n"), (SECOND, "D,3,2,30\n")] {
        site.stage(object, content);
        runs.push(Written::after(site, object));
    }
    // It began on a machine whose clock goes before, or began late and had to wait for less.
    let first = &runs[0].run_id;
    let ahead = "UPDATE unglue_ledger SET applied_at = '2030-01-01 00:00:00.000000' WHERE run_id =";
    site.execute(&format!("{ahead} '{first}'"));
    runs.iter().for_each(|run| run.check_run(site));

    // A run that applies no object: in MySQL the tables are exchanged.
    site.job(&[("large.sql", "SELECT id, amount FROM orders WHERE amount > 19")]);
    runs.push(Written::after(site, SECOND));
    runs.iter().for_each(|run| run.check_run(site));

    // What had been applied is written again: what it was is no part of the ledger any more.
    site.stage(FIRST, "U,1,1,26\nI,4,2,41\nI,5,1,50\n");
    runs.push(Written::after(site, FIRST));
    assert_ne!(runs[3].large, runs[4].large);
    for run in &runs[1..4] {
        let refused = run.refused(site);
        assert!(refused.contains("written again or are gone"), "{refused}");
        let next = format!("name that run or a later one (`run:{}`)", runs[4].run_id);
        assert!(refused.contains(&next), "{refused}");
    }
    runs[0].check_run(site);
    runs[4].check_run(site);
    let customers =
        format!("SELECT count(*) AS c FROM customers VERSION AS OF 'run:{}'", runs[1].run_id);
    assert_eq!(rows(site, &customers), ["2"], "nothing of this source was written again");

    // A ledger of a version that kept no list knows the last run and no other; the list begins with the next one.
    site.execute("DELETE FROM unglue_meta WHERE name = 'model/shop/runs:'");
    let refused = runs[3].refused(site);
    assert!(refused.contains("the ledger knows no run"), "no object was that run's: {refused}");
    let refused = runs[2].refused(site);
    assert!(refused.contains("cannot be told"), "{refused}");
    runs[4].check_run(site);
    site.stage("orders/20260101-000030000.csv", "U,5,1,51\n");
    runs.push(Written::after(site, "orders/20260101-000030000.csv"));
    runs[5].check_run(site);
    let refused = runs[4].refused(site);
    assert!(refused.contains(&format!("`run:{}`", runs[5].run_id)), "{refused}");

    // All anew: what is staged is of a generation that no run before knew.
    let refresh = site.run_with(&["--full-refresh"]);
    runs.push(Written::of(site, refresh, SECOND));
    runs[6].check_run(site);
    let refused = runs[5].refused(site);
    assert!(refused.contains("of an older full load"), "{refused}");
}

fn moments_stand_wherever_tables_do(site: &Site<'_>) {
    for dialect in ["spark", "datafusion"] {
        job(site, &format!("dialect = \"{dialect}\"\n"));
        stage_loads(site);
        let _report = site.run();
        site.stage("orders/20260101-000010000.csv", "U,1,1,25\nI,4,2,40\nD,3,2,30\n");
        site.stage("customers/20260101-000020000.csv", "U,2,Bea\n");
        // What changed between two moments.
        let changed = "SELECT coalesce(a.id, b.id) AS id, a.amount AS was, b.amount AS now
            FROM orders FOR SYSTEM_TIME AS OF 'LOAD00000001.csv' a
            FULL JOIN orders FOR SYSTEM_TIME AS OF TIMESTAMP '2026-01-01 00:00:10' AS b ON a.id = b.id
            WHERE a.amount IS DISTINCT FROM b.amount ORDER BY id";
        assert_eq!(rows(site, changed), ["1|10|25", "3|30|", "4||40"]);
        for (query, expected) in [
            // Now, beside then; a CTE of the source's name.
            (
                "WITH orders AS (SELECT * FROM orders VERSION AS OF 'LOAD00000001.csv') \
              SELECT count(*) AS c, (SELECT max(amount) FROM job.orders) AS m FROM orders",
                "3|40",
            ),
            (
                "SELECT max(id) AS m FROM orders WHERE id IN (SELECT id FROM orders TIMESTAMP AS OF '2026-01-01 00:00:05')",
                "2",
            ),
            (
                "SELECT name FROM by_name FOR SYSTEM_TIME AS OF 'applied' EXCEPT SELECT name FROM by_name",
                "Ben",
            ),
            (
                "SELECT count(*) AS c FROM target.by_name t JOIN by_name FOR SYSTEM_TIME AS OF 'applied' m ON t.name = m.name AND t.amount = m.amount",
                "2",
            ),
            (
                "CREATE VIEW v AS SELECT count(*) AS c FROM orders FOR SYSTEM_TIME AS OF 'LOAD00000001.csv' WHERE amount > 10; SELECT c FROM v",
                "2",
            ),
        ] {
            assert_eq!(rows(site, query), [expected], "{dialect}: {query}");
        }
        let plan = sql(site, &[], "EXPLAIN SELECT id FROM orders FOR SYSTEM_TIME AS OF 'applied'");
        assert!(plan.stdout.contains("as of applied.orders"), "{}", plan.stdout);
        // All tables at once, but one that says otherwise; no schema is left behind.
        let all = ["--as-of", "2026-01-01 00:00:12"];
        let names = "SELECT name FROM by_name WHERE name LIKE 'Be%'";
        assert_eq!(rows_with(site, &all, names), ["Ben"]);
        let both = "SELECT (SELECT max(amount) FROM large) AS a, (SELECT max(amount) FROM large FOR SYSTEM_TIME AS OF 'LOAD00000001.csv') AS b; \
            SELECT count(*) AS c FROM information_schema.tables WHERE table_schema LIKE 'as of%'";
        assert_eq!(rows_with(site, &all, both), ["40|30", "c", "0"]);
        let note = sql(site, &all, "SELECT 1 AS a").stderr;
        assert!(note.contains("tables of the target are as they are now"), "{note}");
        site.unstage("orders/20260101-000010000.csv");
        site.unstage("customers/20260101-000020000.csv");
        std::fs::remove_file(site.folder().join("target.db")).unwrap();
    }
}

fn a_moment_that_nothing_is_known_of_is_told_with_what_there_is(site: &Site<'_>) {
    job(site, "");
    stage_loads(site);
    site.stage("orders/20260101-000010000.csv", "U,1,1,25\n");
    let of = |moment: &str| {
        told(site, &[], &format!("SELECT *\nFROM orders FOR SYSTEM_TIME AS OF '{moment}'"))
    };
    for (found, expected) in [
        (
            of("20260101-000010001.csv"),
            "-c:2:13: no staged object is named `20260101-000010001.csv`",
        ),
        (
            of("20260101-000010001.csv"),
            "did you mean `20260101-000010000.csv`? source `orders` has `LOAD00000001.csv` to `20260101-000010000.csv`",
        ),
        (of("?"), "name an object, a time such as"),
        (of("2025-12-31 23:59:59"), "-c:2:13: nothing that is staged is as old as that"),
        (of("2025-12-31 23:59:59"), "the oldest time is 2026-01-01 00:00:00 UTC"),
        (of("9999-01-01"), "-c:2:13: the time of AS OF is yet to come"),
        (of("applied"), "nothing is applied yet, or the ledger cannot be read"),
        (
            told(site, &[], "SELECT * FROM by_name FOR SYSTEM_TIME AS OF '2026-01-01 00:00:00'"),
            "source `customers` begins later: its full load was written at 2026-01-01 00:00:01 UTC",
        ),
        (
            told(site, &["--as-of", "2026-01-01 00:00:00"], "SELECT * FROM customers"),
            "source `customers` begins later",
        ),
        (
            told(site, &["--as-of", "LOAD00000002.csv"], "SELECT 1 AS a"),
            "--as-of: no staged object is named `LOAD00000002.csv`",
        ),
        (
            told(site, &[], "SELECT * FROM ordres FOR SYSTEM_TIME AS OF 'applied'"),
            "did you mean `orders`?",
        ),
        (
            told(site, &[], "SELECT * FROM orders o FOR SYSTEM_TIME AS OF 'applied'"),
            "-c:1:24: AS OF stands right behind a table's name, before its alias",
        ),
        (
            told(site, &[], "SELECT * FROM target.large FOR SYSTEM_TIME AS OF 'applied'"),
            "-c:1:15: only sources and models are there as of a moment",
        ),
    ] {
        assert!(found.contains(expected), "{expected}: {found}");
    }
    // What begins earlier is there.
    assert_eq!(
        rows(site, "SELECT count(*) AS c FROM orders FOR SYSTEM_TIME AS OF '2026-01-01'"),
        ["3"]
    );
    let Report(report) = site.run();
    let run_id = report["run_id"].as_str().unwrap();
    let other = format!("run:{}x", &run_id[1..]);
    let found = of(&other);
    assert!(found.contains(&format!("did you mean `run:{run_id}`?")), "{found}");
    // A model is over what is, whatever it says.
    site.job(&[("large.sql", "SELECT id, amount\nFROM orders FOR SYSTEM_TIME AS OF 'applied'")]);
    let output = site.fail();
    assert_eq!(output.status, Some(2));
    assert!(
        output.stderr.contains("large.sql:2:13: AS OF has no place in a job's files"),
        "{}",
        output.stderr
    );
}

fn what_was_applied_is_not_told_of_an_older_full_load(site: &Site<'_>) {
    job(site, "");
    stage_loads(site);
    site.stage("orders/20260101-000010000.csv", "U,1,1,25\n");
    let first = Written::after(site, "orders/20260101-000010000.csv");
    first.check(site, &format!("run:{}", first.run_id));
    // The same names once more, with other content.
    site.stage("orders/LOAD00000001.csv", "1,1,11\n2,1,21\n");
    let applied = "SELECT id, amount FROM orders FOR SYSTEM_TIME AS OF 'applied' ORDER BY id";
    let older = "what was applied by then is of an older full load than what is staged now";
    assert!(told(site, &[], applied).contains(older));
    let second = Written::after(site, "orders/LOAD00000001.csv");
    second.check(site, "applied");
    let of_first = format!("SELECT * FROM orders FOR SYSTEM_TIME AS OF 'run:{}'", first.run_id);
    assert!(told(site, &[], &of_first).contains(older));
    let change = "SELECT * FROM orders FOR SYSTEM_TIME AS OF '20260101-000010000.csv'";
    assert!(told(site, &[], change).contains("a newer full load has taken its place"));
    // A change that has other content now.
    site.stage("orders/20260101-000050000.csv", "U,1,1,50\n");
    let third = Written::after(site, "orders/20260101-000050000.csv");
    site.stage("orders/20260101-000050000.csv", "U,1,1,55\n");
    assert!(told(site, &[], applied).contains("has been written again since"));
    second.check(site, &format!("run:{}", second.run_id));
    let fourth = Written::after(site, third.object);
    assert_ne!(third.large, fourth.large);
    fourth.check(site, "applied");
    // What is gone was part of what was applied.
    site.unstage("orders/20260101-000050000.csv");
    let _report = site.run_with(&["--vanished", "ignore"]);
    assert!(told(site, &[], applied).contains("was applied by then and is not staged any more"));
    let load = "SELECT id, amount FROM orders FOR SYSTEM_TIME AS OF 'LOAD00000001.csv' ORDER BY id";
    assert_eq!(rows(site, load), ["1|11", "2|21"]);
}

fn a_declared_source_has_a_past_too(site: &Site<'_>) {
    site.stage("cities/LOAD00000001.csv", "1,Rom\n2,Oslo\n");
    site.stage("cities/20260101-000010000.csv", "D,1,\nI,3,Bern\n");
    let declare = format!(
        "CREATE EXTERNAL TABLE cities (id INT, name TEXT, PRIMARY KEY (id)) STORED AS DMS LOCATION '{}/cities';",
        site.staging_url()
    );
    let run = |more: &[&str], query: &str| {
        let text = format!("{declare} {query}");
        site.command(["sql", "--format", "csv", "-c", &text].iter().chain(more)).run()
    };
    let then = "SELECT name FROM cities FOR SYSTEM_TIME AS OF 'LOAD00000001.csv' ORDER BY id";
    assert_eq!(run(&[], then).stdout, "name\nRom\nOslo\n");
    let now = "SELECT name FROM cities ORDER BY id";
    assert_eq!(run(&[], now).stdout, "name\nOslo\nBern\n");
    assert_eq!(run(&["--as-of", "2026-01-01 00:00:01"], now).stdout, "name\nRom\nOslo\n");
    let again = format!("{} {then}", declare.replace("TABLE", "TABLE IF NOT EXISTS"));
    assert_eq!(run(&[], &again).stdout, "name\nRom\nOslo\n");
    let path = format!("SELECT * FROM '{}/cities/' VERSION AS OF 'x'", site.staging_url());
    let path = run(&[], &path).stderr;
    assert!(path.contains("declare the folder: CREATE EXTERNAL TABLE"), "{path}");
    let applied = run(&[], "SELECT * FROM cities FOR SYSTEM_TIME AS OF 'applied'");
    assert!(applied.stderr.contains("only a job has something applied"), "{}", applied.stderr);
}
