//! The shell of `runner sql`: what its commands show, and where results go.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, JOB, MYSQL, SQLITE, Site, scenarios};
use crate::support::{Shared, Terminal};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        the_tables_of_a_job_are_listed_described_and_queried,
    ]
    .chain(scenarios![servers, [SQLITE, MYSQL];
        what_is_staged_meanwhile_is_seen_after_a_refresh,
    ])
    .chain(scenarios![servers, [SQLITE];
        an_error_is_shown_with_a_caret_and_the_shell_goes_on,
        a_caret_shows_the_line_of_a_file_an_argument_and_stdin,
        commands_change_how_results_are_shown,
        results_go_to_a_file,
        a_file_of_statements_and_commands_is_run,
        without_a_job_tables_are_declared,
        results_that_do_not_fit_go_through_the_pager,
        a_result_that_fits_needs_no_pager,
        commands_are_obeyed_where_nobody_types,
        a_pager_of_the_folder_is_not_run,
    ])
    .collect()
}

/// A job with a source, two models, and their tables.
pub(super) fn shop(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE orders (order_id INT PRIMARY KEY, customer VARCHAR(20), total DECIMAL(8,2)) \
             STORED AS DMS LOCATION '${STAGING}/orders'",
        ),
        ("big_orders.sql", "SELECT order_id, customer, total FROM orders WHERE total > 10"),
        ("customers.sql", "SELECT customer, sum(total) AS spent FROM orders GROUP BY customer"),
    ]);
    site.stage("orders/LOAD00000001.csv", "1,Ada,5.00\n2,Bob,20.00\n3,Ada,30.00\n");
    let _report = site.run();
}

/// The shell on the job, without colours, and without the history of a person.
pub(super) fn open(site: &Site<'_>) -> Terminal {
    open_with(site, &["--job", JOB], &[("NO_COLOR", "1")])
}

pub(super) fn open_with(site: &Site<'_>, args: &[&str], variables: &[(&str, &str)]) -> Terminal {
    let mut runner = site.command(["sql"].iter().chain(args));
    for (name, value) in variables {
        runner = runner.env(name, value);
    }
    Terminal::open(runner, 100, 40).0
}

fn the_tables_of_a_job_are_listed_described_and_queried(site: &Site<'_>) {
    shop(site);
    let runner = site.command(["sql", "--job", JOB]).env("NO_COLOR", "1");
    let (mut shell, greeting) = Terminal::open(runner, 100, 40);
    assert!(greeting.starts_with("Unglue "), "{greeting}");
    assert!(greeting.contains(": shop -> ") && greeting.contains("\\? for help"), "{greeting}");
    let listed = shell.line("\\d");
    for (table, kind) in [
        ("orders", "source"),
        ("big_orders", "model"),
        ("customers", "model"),
        ("target.big_orders", "target"),
        ("target.customers", "target"),
    ] {
        let words = [table, kind];
        let is_listed = listed.lines().any(|line| line.split_whitespace().eq(words));
        assert!(is_listed, "{table}: {listed}");
    }
    let described = shell.line("\\d orders");
    assert!(described.contains("source orders\n"), "{described}");
    assert!(described.lines().any(|line| line.starts_with("order_id") && line.ends_with("key")));
    assert!(!described.contains("location"), "{described}");
    let full = shell.line("\\d+ orders");
    assert!(full.contains("DECIMAL(8,2)") && full.contains("/orders"), "{full}");
    let staged = "staged: 1 object, 35 B; applied: 1 object with 3 rows\n";
    assert!(full.contains(staged), "{full}");
    assert_eq!(shell.line("\\l").trim(), JOB);
    let model = shell.line("\\d+ customers");
    assert!(model.contains("way: replay: "), "{model}");
    let target = shell.line("\\d+ target.big_orders");
    assert!(target.contains("target target.big_orders\n"), "{target}");
    let declared = if site.is_server() { "decimal(8,2)" } else { "TEXT" };
    let is_total = |line: &str| line.starts_with("total") && line.ends_with(declared);
    assert!(target.lines().any(is_total), "{target}");
    let joined = shell.line(
        "SELECT count(*) AS n FROM orders JOIN target.big_orders b ON orders.order_id = b.order_id;",
    );
    assert!(joined.contains(" 2 |") && joined.contains("1 row\n"), "{joined}");
    shell.keys("\\q\r");
    assert_eq!(shell.end().0, Some(0));
}

fn what_is_staged_meanwhile_is_seen_after_a_refresh(site: &Site<'_>) {
    shop(site);
    let mut shell = open(site);
    let count = "SELECT count(*) AS n FROM orders;";
    assert!(shell.line(count).contains(" 3 |"));
    site.stage("orders/20260101-000000000.csv", "I,4,Eve,1.00\n");
    assert!(shell.line(count).contains(" 3 |"));
    assert!(shell.line("\\refresh").contains(" tables\n"));
    assert!(shell.line(count).contains(" 4 |"));
    // What is applied stays that, also where a full load was written anew.
    site.stage("orders/LOAD00000001.csv", "7,Zoe,1.00\n");
    assert!(shell.line("\\refresh").contains(" tables\n"));
    let full = shell.line("\\d+ orders");
    assert!(full.contains("; applied: 1 object with 3 rows\n"), "{full}");
}

fn an_error_is_shown_with_a_caret_and_the_shell_goes_on(site: &Site<'_>) {
    shop(site);
    let mut shell = open(site);
    let told = shell.line("SELECT order_id,\r       custmer FROM orders;");
    let expected = "error: sql:2:8: there is no column `custmer`\n  2 |        custmer FROM orders;\n    |        ^\n  \
                    next: did you mean `customer`?\n";
    assert!(told.contains(expected), "{told}");
    let told = shell.line("SELECT 1; SELEC 2;");
    // What is before the error has run.
    assert!(told.contains("1 row\n") && told.contains("    |           ^\n"), "{told}");
    assert!(told.contains("next: did you mean SELECT?\n"), "{told}");
    let told = shell.line("SELECT 1 +;");
    assert!(told.contains("docs/exploring.md") && !told.contains("docs/jobs.md"), "{told}");
    let told = shell.line("\\d ordrs");
    assert!(told.contains("there is no table `ordrs`") && told.contains("`orders`?"), "{told}");
    assert!(told.contains("\\d lists what there is"), "{told}");
    for (typed, ours) in [("\\tming", "\\timing"), (".tables", "\\d"), (".quit", "\\q")] {
        let told = shell.line(typed);
        let expected = format!("error: there is no command {typed}\n  next: did you mean {ours}? ");
        assert!(told.contains(&expected), "{told}");
    }
    assert!(shell.line("SELECT 41 + 1 AS n;").contains(" 42 |"));
}

fn a_caret_shows_the_line_of_a_file_an_argument_and_stdin(site: &Site<'_>) {
    let text = "SELECT 1 AS a;\nSELECT b\n  FROM (SELECT 1 AS a);\n";
    let file = site.folder().join("query.sql");
    std::fs::write(&file, text).unwrap();
    for (output, name) in [
        (site.command(["sql", "--format", "csv", "-f", "query.sql"]).run(), "query.sql"),
        (site.command(["sql", "--format", "csv", "-c", text]).run(), "-c"),
        (
            site.command(["sql", "--format", "csv", "-c", "SELECT 1 AS a", "-c", "\nSELECT b"])
                .run(),
            "-c 2",
        ),
        (site.command(["sql", "--format", "csv"]).stdin(&file).run(), "stdin"),
    ] {
        assert_eq!(output.status, Some(2), "{}", output.stderr);
        assert_eq!(output.stdout, "a\n1\n", "{}", output.stderr);
        let place = format!("error: {name}:2:8: there is no column `b`\n");
        let shown = format!("{place}  2 | SELECT b\n    |        ^\n");
        assert!(output.stderr.starts_with(&shown), "{}", output.stderr);
    }
}

fn commands_change_how_results_are_shown(site: &Site<'_>) {
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1"), ("UNGLUE_PAGER", "")]);
    let help = shell.line("\\?");
    assert!(help.contains("\\d+ TABLE") && help.contains("\\refresh"), "{help}");
    assert_eq!(shell.line("help"), help);
    assert!(shell.line("\\df date_a").contains("date_add\n"));
    assert!(shell.line("\\timing").contains("timing is on\n"));
    assert!(shell.line("SELECT 1;").contains("\ntime: "));
    assert!(shell.line("\\timing off").contains("timing is off\n"));
    let block = shell.line("SELECT 41 + 1 AS n \\gx");
    assert!(block.contains("42") && !block.contains(" 42 |"), "{block}");
    assert!(shell.line("SELECT 41 + 1 AS n \\g").contains(" 42 |"), "for one statement only");
    assert!(!shell.line("SELECT 1;").contains("time: "));
    assert!(shell.line("\\x").contains("expanded display is on\n"));
    let block = shell.line("SELECT 7 AS days, 'a' AS letter;");
    assert!(!block.contains("+--") && block.contains("letter"), "{block}");
    assert!(shell.line("\\x off").contains("expanded display is off\n"));
    assert!(shell.line("\\format csv").contains("format is csv\n"));
    assert_eq!(shell.line("SELECT 7 AS days;"), "\ndays\n7\n");
    let told = shell.line("\\format jsn");
    assert!(
        told.contains("there is no format `jsn`") && told.contains("did you mean json?"),
        "{told}"
    );
    shell.line("\\format table");
    let cut = shell.line("SELECT value FROM generate_series(1, 100);");
    assert!(cut.contains("first 40 rows; all with \\rows all\n"), "{cut}");
    assert!(shell.line("\\rows 2").contains("of a result at most 2 rows are shown\n"));
    let cut = shell.line("SELECT value FROM generate_series(1, 100);");
    assert!(cut.contains(" 2 |") && cut.contains("first 2 rows; all with \\rows all\n"), "{cut}");
}

fn results_go_to_a_file(site: &Site<'_>) {
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1")]);
    assert!(shell.line("\\o 'a file.csv'").contains("results go to a file.csv\n"));
    // An error on the way is no end of it.
    assert!(shell.line("SELECT nothing;").contains("there is no column `nothing`"));
    let told = shell.line("SELECT 1 AS a, 'x,y' AS b;");
    assert!(
        told.contains("a file.csv is written, rows: 1; results are shown here again"),
        "{told}"
    );
    let read = |name: &str| std::fs::read_to_string(site.folder().join(name)).unwrap();
    assert_eq!(read("a file.csv"), "a,b\n1,\"x,y\"\n");
    assert!(shell.line("SELECT 2 AS c;").contains(" 2 |"));
    shell.line("\\o rows.ndjson");
    assert!(!shell.line("SELECT 1 AS a;").contains("{"));
    shell.line("SELECT 2 AS a;");
    assert!(shell.line("\\o").contains("rows.ndjson is written"));
    assert_eq!(read("rows.ndjson"), "{\"a\":1}\n{\"a\":2}\n");
    shell.line("\\o rows.parquet");
    assert!(shell.line("SELECT 1 AS a;").contains("rows.parquet is written"));
    assert!(read_bytes(site, "rows.parquet").starts_with(b"PAR1"));
    // A result that breaks off leaves nothing behind, and that is told.
    shell.line("\\o broken.ndjson");
    shell.line("SELECT 1 AS a;");
    let rows: String = (0..20_000).map(|n| format!("{n}\n")).collect();
    std::fs::write(site.folder().join("bad.csv"), format!("n\n{rows}x\n")).unwrap();
    let told = shell.line("SELECT n FROM 'bad.csv';");
    let lost = "broken.ndjson was not written; results are shown here again\n";
    assert!(told.contains(lost) && told.contains("error: "), "{told}");
    assert!(!site.folder().join("broken.ndjson").exists());
    assert!(shell.line("SELECT 2 AS c;").contains(" 2 |"));
    // A name that is wrong is told before anything is written.
    let told = shell.line("\\o rows.xlsx");
    assert!(told.contains("\\o writes no .xlsx files") && told.contains(".csv, .tsv, "), "{told}");
    let told = shell.line("\\o nowhere/rows.csv");
    let expected =
        "error: nowhere/rows.csv cannot be written\n  next: there is no folder nowhere: ";
    assert!(told.contains(expected), "{told}");
    // What is open is whole when the shell is left.
    shell.line("\\o last.md");
    shell.line("SELECT 3 AS a;");
    shell.keys("exit\r");
    assert_eq!(shell.end().0, Some(0));
    assert!(read("last.md").contains("3"));
}

fn read_bytes(site: &Site<'_>, name: &str) -> Vec<u8> {
    std::fs::read(site.folder().join(name)).unwrap()
}

fn a_file_of_statements_and_commands_is_run(site: &Site<'_>) {
    let write = |name: &str, text: &str| std::fs::write(site.folder().join(name), text).unwrap();
    write("outer.sql", "\\format csv\n\\i inner.sql\nSELECT 'outer' AS who; -- done\n");
    write("inner.sql", "SELECT 'in;ner' AS who;\n");
    write("wrong.sql", "SELECT 1 AS a;\n\\x off\n  SELECT wrong;\nSELECT 'never' AS b;\n");
    write("itself.sql", "\\i itself.sql\n");
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1")]);
    let shown = shell.line("\\i outer.sql");
    assert!(shown.contains("who\nin;ner\nwho\nouter\n"), "{shown}");
    let told = shell.line("\\i wrong.sql");
    assert!(told.contains("error: wrong.sql:3:10: ") && !told.contains("never"), "{told}");
    assert!(told.contains("  3 |   SELECT wrong;\n    |          ^\n"), "{told}");
    assert!(shell.line("\\i itself.sql").contains("is run by a file that it runs"));
    let missing = shell.line("\\i nothing.sql");
    assert!(missing.contains("nothing.sql cannot be read"), "{missing}");
    assert!(missing.contains("next: name a file that is there"), "{missing}");
}

fn without_a_job_tables_are_declared(site: &Site<'_>) {
    site.stage("cities/LOAD00000001.csv", "1,Rom\n2,Oslo\n");
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1")]);
    assert!(shell.line("\\d").contains("there are no tables yet"));
    assert!(shell.raw().contains(": 0 tables;") && shell.raw().contains("unglue=> "));
    shell.line(&format!(
        "CREATE EXTERNAL TABLE cities (id INT, name TEXT, PRIMARY KEY (id)) STORED AS DMS LOCATION '{}/cities';",
        site.staging_url()
    ));
    let listed = shell.line("\\d");
    assert!(
        listed.lines().any(|line| line.split_whitespace().eq(["cities", "declared"])),
        "{listed}"
    );
    assert!(shell.line("SELECT name FROM cities WHERE id = 2;").contains("| Oslo "));
    let told = shell.line("\\d nope");
    assert!(told.contains("there is no table `nope`") && told.contains("next: there are cities"));
    // Files that nothing declares, by their path as SQL writes it and without quotes.
    std::fs::create_dir(site.folder().join("people")).unwrap();
    std::fs::write(site.folder().join("people/a.csv"), "id,born\n1,1815-12-10\n").unwrap();
    for path in ["'people/'", "people/", "csv.`people`", "'people/a.csv'", "people/a.csv"] {
        let told = shell.line(&format!("\\d {path}"));
        assert!(told.starts_with("\nfiles ") && told.contains("  date "), "{path}: {told}");
    }
    let told = shell.line("\\d 'peple/'");
    assert!(told.contains("there is no file or folder `peple/`"), "{told}");
    assert!(told.contains("did you mean `people`?"), "{told}");
}

/// A pager that notes what it is given.
const PAGER: &str = "tee paged > /dev/null; echo paged";

fn results_that_do_not_fit_go_through_the_pager(site: &Site<'_>) {
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1"), ("PAGER", PAGER)]);
    // Higher.
    let shown = shell.line("SELECT value FROM generate_series(1, 39);");
    assert!(shown.ends_with("paged\n") && !shown.contains(" 39 |"), "{shown}");
    let paged = std::fs::read_to_string(site.folder().join("paged")).unwrap();
    assert!(paged.contains(" 39 |") && paged.ends_with("39 rows\n"), "{paged}");
    // Wider.
    shell.line("\\format csv");
    assert!(shell.line("SELECT repeat('wide ', 30) AS w;").ends_with("paged\n"));
    let paged = std::fs::read_to_string(site.folder().join("paged")).unwrap();
    assert_eq!(paged, format!("w\n{}\n", "wide ".repeat(30)));
    // A pager that is left early ends the query.
    shell.keys("\\q\r");
    assert_eq!(shell.end().0, Some(0));
    let leaves = [("NO_COLOR", "1"), ("PAGER", "most"), ("UNGLUE_PAGER", "head -n 1")];
    let mut shell = open_with(site, &["--format", "csv"], &leaves);
    let shown = shell.line("SELECT value FROM generate_series(1, 100000000000);");
    assert_eq!(shown, "\nvalue\n");
}

fn a_result_that_fits_needs_no_pager(site: &Site<'_>) {
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1"), ("PAGER", PAGER)]);
    let shown = shell.line("SELECT value FROM generate_series(1, 5);");
    assert!(shown.contains(" 5 |") && !shown.contains("paged"), "{shown}");
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1"), ("PAGER", "")]);
    let shown = shell.line("SELECT value FROM generate_series(1, 39);");
    assert!(shown.contains(" 39 |"), "{shown}");
}

fn commands_are_obeyed_where_nobody_types(site: &Site<'_>) {
    shop(site);
    let file = site.folder().join("commands.sql");
    let text = "\\format csv\n\\d orders\nSELECT 1 AS a;\n\\o two.csv\nSELECT 2 AS b;\n\\x off\n\\q\nSELECT 3 AS c;\n";
    std::fs::write(&file, text).unwrap();
    for output in [
        site.command(["sql", "--job", JOB, "-f", "commands.sql"]).run(),
        site.command(["sql", "--job", JOB]).stdin(&file).run(),
    ] {
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        assert!(output.stdout.starts_with("source orders\n"), "{}", output.stdout);
        assert!(output.stdout.ends_with("\na\n1\n"), "{}", output.stdout);
        assert!(output.stderr.contains("two.csv is written, rows: 1"), "{}", output.stderr);
        assert_eq!(std::fs::read_to_string(site.folder().join("two.csv")).unwrap(), "b\n2\n");
    }
    let listed = site.command(["sql", "--job", JOB, "-c", "\\d", "-c", "SELECT 1 AS a"]).run();
    assert!(listed.stdout.contains("target.customers") && listed.stdout.contains("1 row\n"));
    for (typed, told) in [
        ("\\d ordrs", "did you mean `orders`?"),
        ("\\tming", "did you mean \\timing?"),
        (".tables", "did you mean \\d?"),
        ("SELECT 1 AS a; SELEC 2", "-c:1:16"),
    ] {
        let output = site.command(["sql", "--job", JOB, "-c", typed]).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
    let both = ["sql", "-c", "\\o a.csv", "--out", "b.csv"];
    let output = site.command(both).run();
    assert!(output.status == Some(2) && output.stderr.contains("without --out"), "{output:?}");
}

fn a_pager_of_the_folder_is_not_run(site: &Site<'_>) {
    let text = "pager = 'touch ran; cat'\nhistory = 'typed'\nmax_rows = 50\n";
    std::fs::write(site.folder().join("unglue.toml"), text).unwrap();
    let runner = site.command(["sql"]).env("NO_COLOR", "1").env("PAGER", "");
    let (mut shell, greeting) = Terminal::open(runner, 100, 40);
    assert!(greeting.contains("note: `pager` in unglue.toml is ignored"), "{greeting}");
    assert!(shell.line("SELECT value FROM generate_series(1, 49);").contains(" 49 |"));
    shell.keys("\\q\r");
    assert_eq!(shell.end().0, Some(0));
    assert!(!site.folder().join("ran").exists() && !site.folder().join("typed").exists());
    // A file that the user names is the user's.
    let named = [("NO_COLOR", "1"), ("UNGLUE_CONFIG", "unglue.toml")];
    let mut shell = open_with(site, &[], &named);
    shell.line("SELECT value FROM generate_series(1, 49);");
    assert!(site.folder().join("ran").exists());
}
