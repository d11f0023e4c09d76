//! Rows that the table refuses: the run names the staged object, the line and the column, and never the value.

use std::fmt::Write as _;

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, Site, scenarios};
use crate::scenarios::troubles::{VALUE, assert_told};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL, MARIADB];
        a_row_that_the_table_refuses_is_named_in_a_small_change,
        a_row_that_the_table_refuses_is_named_in_a_large_change,
        a_row_that_the_table_refuses_is_named_in_a_full_load,
        keys_that_differ_in_case_only_are_named_in_a_table_without_case,
    ]
    .chain(scenarios![servers, EACH;
        both_rows_of_a_duplicate_are_named_where_they_are_found,
        a_row_of_an_aggregate_is_told_by_a_query_that_finds_it,
        the_line_of_a_row_is_that_of_the_file,
        sql_that_fails_on_a_row_is_named_by_its_file,
    ])
    .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (
    id INT, title VARCHAR(40), n INT, code VARCHAR(20), kind VARCHAR(20), doc TEXT, at TIMESTAMP, PRIMARY KEY (id)
)
STORED AS DMS
LOCATION '${STAGING}/songs';
";
/// `concat` gives texts of no declared length, which are for the server to check.
const SONGS: &str =
    "SELECT id, concat(title, '') AS title, n, code, concat(kind, '') AS kind, doc, at FROM staged";
const TABLE: &str = "CREATE TABLE songs (
    id INT NOT NULL PRIMARY KEY,
    title VARCHAR(8) NOT NULL,
    n INT CHECK (n >= 0),
    code VARCHAR(20),
    kind ENUM('a', 'b'),
    doc JSON,
    at TIMESTAMP(6) NULL,
    UNIQUE KEY one_code (code)
) CHARACTER SET utf8mb4";

/// Rows without their key, of which one thing is wrong, and what is said of it.
const WRONG: [(&str, &[&str]); 7] = [
    ("confidential,1,,a,{},2026-01-01 00:00:00", &["`title`", "too long"]),
    (",1,,a,{},2026-01-01 00:00:00", &["`title`", "NOT NULL"]),
    ("t,-1,,a,{},2026-01-01 00:00:00", &["check constraint"]),
    ("t,1,taken,a,{},2026-01-01 00:00:00", &["`one_code`", "duplicates"]),
    ("t,1,,confidential,{},2026-01-01 00:00:00", &["`kind`", "ENUM"]),
    ("t,1,,b,{confidential,2026-01-01 00:00:00", &["doc"]),
    ("t,1,,b,{},1960-01-01 00:00:00", &["`at`"]),
];

/// The table holds two rows.
fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.execute(TABLE);
    site.stage("songs/LOAD00000001.csv", "1,one,1,taken,a,{},2026-01-01 00:00:00\n2,two,2,,b,,\n");
    site.run();
}

/// Stages the wrong rows one after the other, which are refused by name and leave everything as it was.
fn assert_named(site: &Site<'_>, key: &str, line: usize, content: impl Fn(&str) -> String) {
    let before = site.dump();
    for (row, said) in WRONG {
        site.stage(key, content(row));
        // Rows of a full load come in any order, so of two duplicates it may be the rival.
        let place = format!("{}/{key}:{line}", site.staging_url());
        assert_told(&site.fail(), 4, &[&[place.as_str(), "table `songs`"], said].concat());
        assert_eq!(site.dump(), before, "{row}");
    }
}

fn a_row_that_the_table_refuses_is_named_in_a_small_change(site: &Site<'_>) {
    prepare(site);
    // 2 becomes what it was, so that the wrong row is neither the first nor the last.
    assert_named(site, "songs/20260101-000000000.csv", 2, |row| {
        format!("U,2,two,2,,b,,\nI,3,{row}\nI,4,four,4,,b,,\n")
    });
}

fn a_row_that_the_table_refuses_is_named_in_a_large_change(site: &Site<'_>) {
    prepare(site);
    assert_named(site, "songs/20260101-000000000.csv", 1717, |row| many("I,", row, 1717));
}

fn a_row_that_the_table_refuses_is_named_in_a_full_load(site: &Site<'_>) {
    prepare(site);
    assert_named(site, "songs/LOAD00000001.csv", 1717, |row| {
        // The code of the duplicate.
        many("", row, 1717).replacen("10,t10,1,", "10,t10,1,taken", 1)
    });
}

/// Rows from 10 on, the wrong one on a line.
fn many(op: &str, wrong: &str, line: usize) -> String {
    let mut rows = String::new();
    for number in 1..3000 {
        let id = number + 9;
        if number == line {
            writeln!(rows, "{op}{id},{wrong}").unwrap();
        } else {
            writeln!(rows, "{op}{id},t{id},1,,a,,").unwrap();
        }
    }
    rows
}

fn keys_that_differ_in_case_only_are_named_in_a_table_without_case(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (code VARCHAR(20), n INT, PRIMARY KEY (code)) STORED AS DMS LOCATION '${STAGING}/songs'",
        ),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.execute(
        "CREATE TABLE songs (code VARCHAR(20) NOT NULL PRIMARY KEY, n INT) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    );
    site.stage("songs/LOAD00000001.csv", "a,1\nb,2\n");
    site.run();
    let before = site.dump();
    let place = |key: &str, line: usize| format!("{}/songs/{key}:{line}", site.staging_url());
    site.stage("songs/20260101-000000000.csv", "I,c,3\nI,A,4\n");
    let first = place("LOAD00000001.csv", 1);
    let said = [&place("20260101-000000000.csv", 2), "`PRIMARY`", &first, "utf8mb4_0900_bin"];
    assert_told(&site.fail(), 4, &said);
    assert_eq!(site.dump(), before);
    site.unstage("songs/20260101-000000000.csv");
    site.stage("songs/LOAD00000001.csv", "a,1\nb,2\nB,3\n");
    let said = [&place("LOAD00000001.csv", 3), &place("LOAD00000001.csv", 2), "utf8mb4_0900_bin"];
    assert_told(&site.fail(), 4, &said);
    assert_eq!(site.dump(), before);
}

fn both_rows_of_a_duplicate_are_named_where_they_are_found(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT, code VARCHAR(20), day DATE, PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}/songs'",
        ),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, code VARCHAR(20), day DATE)");
    site.execute("CREATE UNIQUE INDEX one_code ON songs (code, day)");
    site.stage(
        "songs/LOAD00000001.csv",
        "1,confidential,2026-01-01\n2,,2026-01-01\n3,,2026-01-01\n",
    );
    site.run();
    site.stage("songs/20260101-000000000.csv", "U,2,next,\n");
    site.run();
    let before = site.dump();
    let refused = |key: &str, line: usize, rival: &str| {
        let output = site.fail();
        assert_told(&output, 4, &[&format!("{}/songs/{key}:{line}: ", site.staging_url())]);
        if site.is_server() {
            let rival = format!("the other row is {}/songs/{rival}", site.staging_url());
            assert_told(&output, 4, &[&rival, "`one_code`"]);
        }
        assert_eq!(site.dump(), before);
    };
    // With a row that was there, and with one that comes with it.
    site.stage("songs/20260102-000000000.csv", "I,4,ok,\nI,5,confidential,2026-01-01\n");
    refused("20260102-000000000.csv", 2, "LOAD00000001.csv:1");
    site.stage("songs/20260102-000000000.csv", "I,4,twice,2026-02-02\nI,5,twice,2026-02-02\n");
    refused("20260102-000000000.csv", 2, "20260102-000000000.csv:1");
    // NULL is like nothing, and a value may go from one row to another.
    site.stage(
        "songs/20260102-000000000.csv",
        "I,4,,2026-01-01\nU,1,next,2026-03-03\nU,2,confidential,2026-01-01\n",
    );
    site.run();
    assert_eq!(
        site.rows("SELECT id, code FROM songs ORDER BY id"),
        ["1|next", "2|confidential", "3|NULL", "4|NULL"]
    );
}

fn a_row_of_an_aggregate_is_told_by_a_query_that_finds_it(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}/songs'",
        ),
        ("songs.sql", "SELECT id % 2 AS half, max(title) AS `last title` FROM staged GROUP BY id % 2"),
        ("job.toml", "target = '${TARGET}'\n[model.songs]\nkey = ['half']\n"),
    ]);
    site.execute("CREATE TABLE songs (half BIGINT NOT NULL PRIMARY KEY, `last title` VARCHAR(8) NOT NULL CHECK (length(`last title`) <= 8))");
    site.stage("songs/LOAD00000001.csv", "1,one\n2,two\n");
    site.run();
    let before = site.dump();
    for row in ["I,3,zz confidential\n", "D,2,\nI,4,\n"] {
        site.stage("songs/20260101-000000000.csv", row);
        let output = site.fail();
        assert_told(&output, 4, &["model `songs`: ", "`songs`", "to find such rows: "]);
        assert_eq!(site.dump(), before);
        let (_, query) = output.stderr.split_once("runner sql --job shop -c '").unwrap();
        let (query, _) = query.split_once('\'').unwrap();
        let found = site.command(["sql", "--job", "shop", "-c", query]).run();
        assert_eq!(found.status, Some(0), "{query}: {}", found.stderr);
        assert!(found.stdout.contains('1') || found.stdout.contains('0'), "{}", found.stdout);
    }
}

/// With a header, an empty line, and line ends within values.
fn the_line_of_a_row_is_that_of_the_file(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}/songs' OPTIONS ('AddColumnName' 'true')",
        ),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40) NOT NULL)");
    let rows = "id,title\n1,one\n\n2,\"two\nlines\"\n3,\n4,four\n";
    site.stage("songs/LOAD00000001.csv", rows);
    let place = format!("{}/songs/LOAD00000001.csv:6: ", site.staging_url());
    let output = site.fail();
    assert_told(&output, 4, &[&place, "title"]);
    assert!(!output.stderr.contains(VALUE));
    assert_eq!(site.rows("SELECT COUNT(*) FROM songs"), ["0"]);
}

/// As a full load, row by row and as the whole of a query.
fn sql_that_fails_on_a_row_is_named_by_its_file(site: &Site<'_>) {
    const ROW_WISE: &str = "SELECT id, arrow_cast(code, 'Int32') AS number FROM staged";
    const AGGREGATE: &str =
        "SELECT kind, SUM(arrow_cast(code, 'Int32')) AS number FROM staged GROUP BY kind";
    let row = |id: u32, code: &str| format!("{id},t,1,{code},a,{{}},2026-01-01 00:00:00\n");
    let told = |site: &Site<'_>, file: &str| {
        let before = site.dump();
        assert_told(&site.fail(), 4, &[file, "cannot be cast to INT", "NULLIF"]);
        assert_eq!(site.dump(), before);
    };
    site.job(&[("sources.sql", SOURCES), ("numbers.sql", ROW_WISE)]);
    site.stage("songs/LOAD00000001.csv", row(1, "1"));
    site.run();
    site.stage("songs/20260101-000000000.csv", format!("I,{}", row(2, VALUE)));
    told(site, "numbers.sql: ");
    site.stage("songs/20260101-000000000.csv", format!("I,{}", row(2, "2")));
    site.job(&[("kinds.sql", AGGREGATE)]);
    site.run();
    site.stage("songs/20260102-000000000.csv", format!("I,{}", row(3, VALUE)));
    site.job(&[("numbers.sql", "SELECT id, n AS number FROM staged")]);
    told(site, "kinds.sql: ");
}
