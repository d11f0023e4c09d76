//! `runner init`: what it writes from what exists, and that the result runs.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use libtest_mimic::Trial;
use serde_json::Value;

use crate::scenarios::site::{JOB, MARIADB, MYSQL, SQLITE, Site, gzipped, scenarios};
use crate::support::parquet::{Column, Written, parquet};
use crate::support::{Output, Servers, Shared, trials};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, SQLITE.with_s3()];
        csv_without_a_header_is_inferred,
        csv_with_a_header_is_read_by_its_names,
        columns_that_come_and_go_are_all_declared,
        parquet_has_names_and_types,
        several_folders_make_several_sources,
        what_rules_of_the_task_add_is_declared_as_what_it_is,
        a_column_that_only_may_be_a_key_before_a_change_is_told_and_not_taken_for_it,
    ]
    .chain(scenarios![servers, [SQLITE];
        a_job_that_is_there_is_not_overwritten,
        nothing_is_written_where_something_is_wrong,
        passwords_are_not_written,
    ])
    .chain(scenarios![servers, [MYSQL, MARIADB];
        a_table_of_mysql_gives_columns_types_and_key,
    ])
    .chain(trials![servers;
        a_table_of_postgresql_gives_columns_types_and_key,
        what_the_log_of_postgresql_lacks_is_told,
        postgresql_is_connected_to_with_tls,
    ])
    .collect()
}

const LOAD: &str = "songs/LOAD00000001.csv";
const CHANGE: &str = "songs/20260102-030405000.csv";

fn init(site: &Site<'_>, more: &[&str]) -> Output {
    let args = ["init", "--job", JOB, "--output", "json"];
    site.command(args.iter().chain(more))
        .env("PGPASSWORD", "secret")
        .env("MYSQL_PWD", "secret")
        .run()
}

/// Makes a job, and answers the report.
fn made(site: &Site<'_>, more: &[&str]) -> Value {
    let output = init(site, more);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(!output.stdout.contains("secret"), "{}", output.stdout);
    let leftovers: Vec<String> =
        site.files().into_iter().filter(|file| file.contains(".unglue-init")).collect();
    assert_eq!(leftovers, [""; 0]);
    serde_json::from_str(&output.stdout).unwrap()
}

fn refused(site: &Site<'_>, more: &[&str], status: i32) -> String {
    let before = site.files();
    let output = init(site, more);
    assert_eq!(output.status, Some(status), "{}{}", output.stdout, output.stderr);
    assert_eq!(site.files(), before, "nothing is written: {}", output.stderr);
    output.stderr
}

/// `name TYPE` of each column of a source.
fn columns(report: &Value, source: usize) -> Vec<String> {
    let columns = report["sources"][source]["columns"].as_array().unwrap();
    let text = |column: &Value, name: &str| column[name].as_str().unwrap().to_owned();
    columns
        .iter()
        .map(|column| format!("{} {}", text(column, "name"), text(column, "type")))
        .collect()
}

fn checks(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter_map(|finding| finding["check"].as_str()).collect()
}

/// Runs the job and answers what a query finds in its target.
fn rows_after_run(site: &Site<'_>, sql: &str) -> Vec<String> {
    let report = site.run();
    assert_eq!(report.outcome(), "applied");
    let output = site.command(["sql", "--job", JOB, "--format", "csv", "-c", sql]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    output.stdout.lines().skip(1).map(str::to_owned).collect()
}

fn songs(site: &Site<'_>) -> String {
    format!("{}/songs", site.staging_url())
}

fn file(site: &Site<'_>, name: &str) -> String {
    std::fs::read_to_string(site.folder().join("sql").join(JOB).join(name)).unwrap()
}

fn csv_without_a_header_is_inferred(site: &Site<'_>) {
    site.stage(
        LOAD,
        "1,one,2026-01-01,1.50,true,007,+2.1804858784530072e+04,\n2,\"a, b\",,20.00,false,+49,,\n",
    );
    site.stage(
        "songs/20260102-030404000.csv",
        "U,1,uno,2026-01-02,2.50,true,007,,\nI,3,new,,3.00,,1,,\n",
    );
    site.stage(CHANGE, "D,2,,,,,,,\n");
    let report = made(site, &["--from", &songs(site)]);
    assert_eq!(
        columns(&report, 0),
        [
            "column_1 BIGINT",
            "column_2 TEXT",
            "column_3 DATE",
            "column_4 DECIMAL(38,2)",
            "column_5 BOOLEAN",
            "column_6 TEXT",
            "column_7 DOUBLE",
            "column_8 TEXT",
        ]
    );
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["files"].as_array().unwrap().len(), 3);
    assert_eq!(report["sources"][0]["key"][0], "column_1");
    assert_eq!(report["sources"][0]["options"], serde_json::json!({}));
    assert_eq!(
        checks(&report),
        ["init.types", "init.types", "init.names", "init.key", "init.read"]
    );
    let sources = file(site, "sources.sql");
    assert!(
        sources.contains(
            "2 rows of 1 full-load object (the first), 3 rows of 2 change objects (the newest)"
        ),
        "{sources}"
    );
    assert!(!sources.contains("uno") && !sources.contains("007"), "{sources}");
    let sql = "SELECT column_1, column_2, column_4, column_6 FROM target.songs ORDER BY 1";
    assert_eq!(rows_after_run(site, sql), ["1,uno,2.50,007", "3,new,3.00,1"]);
}

fn csv_with_a_header_is_read_by_its_names(site: &Site<'_>) {
    let at = "2026-01-02 03:04:00.000000";
    let load =
        format!("Op;ts;Song_ID;order;sold at\nI;{at};1;first;2026-01-01 10:00:00\nI;{at};2;;\n");
    site.stage("songs/LOAD00000001.csv.gz", gzipped(&load));
    site.stage(
        CHANGE,
        format!("Op;ts;Song_ID;order;sold at\nU;{at};1;last;2026-01-01 10:00:00.5\n"),
    );
    let report = made(site, &["--from", &songs(site)]);
    assert_eq!(columns(&report, 0), ["song_id BIGINT", "order TEXT", "sold at TIMESTAMP"]);
    assert_eq!(report["sources"][0]["key"][0], "song_id");
    let options = serde_json::json!({
        "AddColumnName": "true", "CsvDelimiter": ";", "IncludeOpForFullLoad": "true", "TimestampColumnName": "ts"
    });
    assert_eq!(report["sources"][0]["options"], options);
    let rows =
        rows_after_run(site, "SELECT song_id, `order`, `sold at` FROM target.songs ORDER BY 1");
    assert_eq!(rows, ["1,last,2026-01-01 10:00:00.500000", "2,,"]);
}

fn columns_that_come_and_go_are_all_declared(site: &Site<'_>) {
    site.stage(LOAD, "id,old\n1,a\n2,b\n");
    site.stage(CHANGE, "Op,id,new\nU,1,c\n");
    let report = made(site, &["--from", &songs(site)]);
    assert_eq!(columns(&report, 0), ["id BIGINT", "new TEXT", "old TEXT"]);
    let rows = rows_after_run(site, "SELECT id, new, old FROM target.songs ORDER BY 1");
    assert_eq!(rows, ["1,c,", "2,,b"]);
}

fn parquet_has_names_and_types(site: &Site<'_>) {
    let object = |rows: &[[&str; 5]]| {
        let column = |index: usize, name: &str, data_type: DataType| Column {
            name: name.to_owned(),
            data_type,
            values: rows
                .iter()
                .map(|row| (!row[index].is_empty()).then(|| row[index].to_owned()))
                .collect(),
        };
        let moment = DataType::Timestamp(TimeUnit::Microsecond, None);
        let mut columns = vec![
            column(1, "id", DataType::Int32),
            column(2, "is_new", DataType::Utf8),
            column(3, "sold", DataType::Decimal128(10, 2)),
            column(4, "at", moment),
        ];
        if !rows[0][0].is_empty() {
            columns.insert(0, column(0, "Op", DataType::Utf8));
        }
        let written = Written { gzip: true, version_2: false, dictionary: true, row_group_rows: 2 };
        parquet(columns, written)
    };
    site.stage(
        "songs/LOAD00000001.parquet",
        object(&[
            ["", "1", "true", "1.50", "2024-01-02 03:04:05.123456"],
            ["", "2", "false", "", ""],
        ]),
    );
    site.stage(
        "songs/20260102-030405000.parquet",
        object(&[["U", "1", "false", "2.50", ""], ["D", "2", "", "", ""]]),
    );
    let report = made(site, &["--from", &songs(site)]);
    assert_eq!(
        columns(&report, 0),
        ["id INT", "is_new BOOLEAN", "sold DECIMAL(10,2)", "at TIMESTAMP"]
    );
    assert_eq!(report["sources"][0]["options"], serde_json::json!({"DataFormat": "parquet"}));
    assert_eq!(report["sources"][0]["key"][0], "id");
    assert_eq!(rows_after_run(site, "SELECT id, sold, at FROM target.songs"), ["1,2.50,"]);
}

fn several_folders_make_several_sources(site: &Site<'_>) {
    site.stage("songs/LOAD00000001.csv", "1,a\n2,b\n");
    site.stage("other/songs/LOAD00000001.csv", "1\tx\ty\n");
    // The folder above them is none of a table.
    site.stage("users/LOAD00000001.csv", "1,x,y\n");
    let above = refused(site, &["--from", site.staging_url()], 4);
    assert!(above.contains("if songs, users are the folders of tables"), "{above}");
    // Wider since a column was added.
    site.stage("other/songs/20260102-030405000.csv", "I\t2\tz\ty\tnew\n");
    let (one, two) = (songs(site), format!("{}/other/songs", site.staging_url()));
    let report = made(site, &["--from", &one, "--from", &two]);
    assert_eq!(report["sources"][1]["model"], "songs_2");
    assert_eq!(report["sources"][1]["options"]["CsvDelimiter"], "\\t");
    assert!(checks(&report).contains(&"init.drift"), "{report}");
    assert!(file(site, "job.toml").contains("drift = \"widen\""));
    let rows = rows_after_run(site, "SELECT column_1, column_4 FROM target.songs_2 ORDER BY 1");
    assert_eq!(rows, ["1,", "2,new"]);
}

fn a_job_that_is_there_is_not_overwritten(site: &Site<'_>) {
    site.stage(LOAD, "1,a\n2,b\n");
    for name in ["sources.sql", "songs.sql", "job.toml"] {
        site.job(&[(name, "mine")]);
        let said = refused(site, &["--from", &songs(site)], 2);
        assert!(said.contains(name) && said.contains("nothing is overwritten"), "{said}");
        assert_eq!(file(site, name), "mine");
        std::fs::remove_dir_all(site.folder().join("sql").join(JOB)).unwrap();
    }
    // Samples may be there before the job.
    site.job(&[("notes.txt", "mine")]);
    made(site, &["--from", &songs(site)]);
    assert_eq!(file(site, "notes.txt"), "mine");
    assert_eq!(rows_after_run(site, "SELECT count(*) AS c FROM target.songs"), ["2"]);
}

fn nothing_is_written_where_something_is_wrong(site: &Site<'_>) {
    let from = songs(site);
    let said = refused(site, &["--from", &from], 2);
    assert!(said.contains("songs"), "{said}");
    let said = refused(site, &[], 2);
    assert!(said.contains("--from"), "{said}");
    site.stage("songs/notes.txt", "x");
    let said = refused(site, &["--from", &from], 2);
    assert!(said.contains("LOAD00000001.csv"), "{said}");
    // Two rows of one value in the first column, and an update.
    site.stage(LOAD, "1,a\n1,b\n");
    site.stage(CHANGE, "U,1,c\n");
    let said = refused(site, &["--from", &from], 2);
    assert!(said.contains("--key"), "{said}");
    let said = refused(site, &["--from", &from, "--key", "column_1"], 2);
    assert!(said.contains("not unique"), "{said}");
    let said = refused(site, &["--from", &from, "--key", "nothing"], 2);
    assert!(said.contains("column_1, column_2"), "{said}");
    // A row that no declaration fits.
    site.stage(LOAD, "1,a\n2,b,s3cret\n3,c\n4,d\n");
    let said = refused(site, &["--from", &from], 4);
    assert!(said.contains("LOAD00000001.csv:2") && !said.contains("s3cret"), "{said}");
    site.stage(LOAD, "1,a\n1,b\n");
    let report = made(site, &["--from", &from, "--key", "column_1,column_2"]);
    assert_eq!(report["sources"][0]["key"].as_array().unwrap().len(), 2);
    assert_eq!(rows_after_run(site, "SELECT count(*) AS c FROM target.songs"), ["3"]);
}

fn passwords_are_not_written(site: &Site<'_>) {
    site.stage(LOAD, "1,a\n2,b\n");
    let said = refused(site, &["--from", &songs(site), "--target", "mysql://me:s3/cret@h/db"], 2);
    assert!(!said.contains("/cret"), "{said}");
    let said = refused(site, &["--table", "t", "--database", "postgres://me:s3/cret@h/db"], 2);
    assert!(!said.contains("/cret"), "{said}");
    let report = made(site, &["--from", &songs(site), "--target", "mysql://me:s3cret@h/db"]);
    assert!(checks(&report).contains(&"init.target"), "{report}");
    assert!(!report.to_string().contains("s3cret"), "{report}");
    for name in ["job.toml", "sources.sql", "songs.sql"] {
        assert!(!file(site, name).contains("s3cret"), "{name}");
    }
    assert!(file(site, "job.toml").contains("mysql://me@h/db?password-env=TARGET_PASSWORD"));
}

fn a_table_of_mysql_gives_columns_types_and_key(site: &Site<'_>) {
    let (server, database) = site.server();
    site.execute(
        "CREATE TABLE songs (week INT UNSIGNED NOT NULL, place TINYINT NOT NULL, title VARCHAR(40), sold DECIMAL(12,2),
            kind ENUM('single','album'), at DATETIME(3), took TIME, raw VARBINARY(8), PRIMARY KEY (week, place))",
    );
    site.stage(
        LOAD,
        "1,1,one,1.50,single,2026-01-01 10:00:00.123,12:30:00,cafe\n1,2,two,,,,838:59:59,\n",
    );
    site.stage(
        CHANGE,
        "D,1,1,one,1.50,single,2026-01-01 10:00:00.123,12:30:00,cafe\nI,1,3,three,0.10,album,,,\n",
    );
    let url = server.url(database).replace(":secret@", "@");
    let table = format!("{database}.songs");
    let asked = ["--database", &url, "--table", &table, "--target", "sqlite:target.db"];
    let report = made(site, &[asked.as_slice(), &["--from", &songs(site)]].concat());
    assert_eq!(
        columns(&report, 0),
        [
            "week INT UNSIGNED",
            "place TINYINT",
            "title VARCHAR(40)",
            "sold DECIMAL(12,2)",
            "kind VARCHAR(255)",
            "at DATETIME(3)",
            "took VARCHAR(20)",
            "raw VARBINARY(8)",
        ]
    );
    assert_eq!(report["sources"][0]["key"], serde_json::json!(["week", "place"]));
    let rows = rows_after_run(site, "SELECT place, title, sold, took FROM target.songs ORDER BY 1");
    assert_eq!(rows, ["2,two,,838:59:59", "3,three,0.10,"]);
    // Objects of another table, and a table that is not there.
    std::fs::remove_dir_all(site.folder().join("sql").join(JOB)).unwrap();
    site.stage("others/LOAD00000001.csv", "1,2\n");
    let others = format!("{}/others", site.staging_url());
    let said = refused(site, &[asked.as_slice(), &["--from", &others]].concat(), 4);
    assert!(said.contains("2 fields, 8 columns"), "{said}");
    let said = refused(site, &["--database", &url, "--table", "nothing"], 2);
    assert!(said.contains("nothing") && !said.contains("secret"), "{said}");
    let wrong = url.replace("unglue@", "nobody@");
    let said = refused(site, &["--database", &wrong, "--table", "songs"], 2);
    assert!(said.contains("nobody") && !said.contains("secret"), "{said}");
}

fn a_table_of_postgresql_gives_columns_types_and_key(servers: &Servers) {
    let (site, server) = (Site::sqlite_alone(), servers.postgres());
    let database = server.fresh_database();
    server.execute(
        &database,
        "CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE DOMAIN price AS numeric(12,2);
        CREATE TABLE songs (id bigint PRIMARY KEY, title varchar(40), sold price, rate numeric, tags text[], mood mood,
            is_new boolean, at timestamptz(3), raw bytea, about jsonb, gone int);
        ALTER TABLE songs DROP COLUMN gone",
    );
    site.stage(LOAD, "1,one,1.50,0.500000,\"{a,b}\",good,true,2026-01-01 10:00:00.123,cafe,\"{\"\"a\"\": 1}\"\n2,two,,,,,false,,,\n");
    site.stage(
        CHANGE,
        "U,1,uno,2.50,0.500000,\"{a,b}\",bad,true,2026-01-01 10:00:00.123,cafe,\nD,2,,,,,,,,,\n",
    );
    let url = server.url(&database);
    let asked = ["--database", url.as_str(), "--table", "public.songs"];
    let report = made(&site, &[asked.as_slice(), &["--from", &songs(&site)]].concat());
    assert_eq!(
        columns(&report, 0),
        [
            "id BIGINT",
            "title VARCHAR(40)",
            "sold DECIMAL(12,2)",
            "rate DECIMAL(28,6)",
            "tags TEXT",
            "mood VARCHAR(64)",
            "is_new BOOLEAN",
            "at TIMESTAMP(3)",
            "raw BLOB",
            "about JSON",
        ]
    );
    assert_eq!(report["sources"][0]["key"], serde_json::json!(["id"]));
    assert!(checks(&report).contains(&"init.toast"), "{report}");
    let rows = rows_after_run(&site, "SELECT id, title, sold, mood, at FROM target.songs");
    assert_eq!(rows, ["1,uno,2.50,bad,2026-01-01 10:00:00.123000"]);
    // Without objects they are expected where DMS puts them.
    std::fs::remove_dir_all(site.folder().join("sql")).unwrap();
    let report = made(&site, &asked);
    assert_eq!(report["sources"][0]["location"], "${STAGING}/public/songs/");
    site.stage("public/songs/LOAD00000001.csv", "5,five,,,,,,,,\n");
    std::fs::remove_file(site.folder().join("target.db")).unwrap();
    assert_eq!(rows_after_run(&site, "SELECT id, title FROM target.songs"), ["5,five"]);
}

fn what_the_log_of_postgresql_lacks_is_told(servers: &Servers) {
    let (site, server) = (Site::sqlite_alone(), servers.postgres());
    let database = server.fresh_database();
    server.execute(
        &database,
        "CREATE TABLE bare (a int, b int); CREATE TABLE quiet (a int PRIMARY KEY); ALTER TABLE quiet REPLICA IDENTITY NOTHING;
        CREATE VIEW seen AS SELECT * FROM bare",
    );
    let url = server.url(&database);
    for (table, said) in [("bare", "no PRIMARY KEY"), ("quiet", "REPLICA IDENTITY NOTHING")] {
        let report = made(&site, &["--database", &url, "--table", table]);
        assert!(checks(&report).contains(&"init.replica_identity"), "{report}");
        assert!(report.to_string().contains(said), "{report}");
        assert!(file(&site, "sources.sql").contains(said));
        std::fs::remove_dir_all(site.folder().join("sql").join(JOB)).unwrap();
    }
    let said = refused(&site, &["--database", &url, "--table", "seen"], 2);
    assert!(said.contains("not a table"), "{said}");
    let said = refused(&site, &["--database", &url, "--table", "other.bare"], 2);
    assert!(said.contains("other.bare"), "{said}");
    let wrong = url.replace("reader@", "nobody@");
    let said = refused(&site, &["--database", &wrong, "--table", "bare"], 2);
    assert!(said.contains("nobody") && !said.contains("secret"), "{said}");
}

fn postgresql_is_connected_to_with_tls(servers: &Servers) {
    let (site, server) = (Site::sqlite_alone(), servers.postgres());
    let database = server.fresh_database();
    server.execute(&database, "CREATE TABLE songs (id int PRIMARY KEY)");
    let url = server.tls_url(&database);
    made(&site, &["--database", &url, "--table", "songs"]);
    std::fs::remove_dir_all(site.folder().join("sql").join(JOB)).unwrap();
    let other = url.replace("authority.pem", "other.pem");
    let said = refused(&site, &["--database", &other, "--table", "songs"], 2);
    assert!(said.contains("sslrootcert"), "{said}");
}

fn what_rules_of_the_task_add_is_declared_as_what_it_is(site: &Site<'_>) {
    let seq = |number: u32| format!("{number:035}");
    let changes = format!("U,9,uno,{},1\nI,3,three,{},\nU,2,due,{},2\n", seq(1), seq(2), seq(3));
    site.stage(LOAD, "id,title,seq,BI_id\n1,one,,\n2,two,,\n");
    site.stage("songs/20260102-030404000.csv", format!("Op,id,title,seq,BI_id\n{changes}"));
    let report = made(site, &["--from", &songs(site)]);
    assert_eq!(columns(&report, 0), ["id BIGINT", "title TEXT", "seq VARCHAR(35)", "bi_id BIGINT"]);
    let sources = file(site, "sources.sql");
    assert!(sources.contains("'ChangeSequenceColumn' 'seq'"), "{sources}");
    assert!(sources.contains("'BeforeImagePrefix' 'bi_'"), "{sources}");
    let found = rows_after_run(site, "SELECT id, title FROM target.songs ORDER BY 1");
    assert_eq!(found, ["2,due", "3,three", "9,uno"]);
}

fn a_column_that_only_may_be_a_key_before_a_change_is_told_and_not_taken_for_it(site: &Site<'_>) {
    // It may as well be what a row was merged into.
    site.stage(LOAD, "1,one,\n2,two,\n3,three,\n");
    site.stage("songs/20260102-030404000.csv", "I,4,four,\nU,2,due,3\n");
    let report = made(site, &["--from", &songs(site)]);
    assert_eq!(columns(&report, 0), ["column_1 BIGINT", "column_2 TEXT", "column_3 BIGINT"]);
    assert!(report.to_string().contains("as before-images of the key do"), "{report}");
    let found = rows_after_run(site, "SELECT column_1, column_2 FROM target.songs ORDER BY 1");
    assert_eq!(found, ["1,one", "2,due", "3,three", "4,four"]);
}
