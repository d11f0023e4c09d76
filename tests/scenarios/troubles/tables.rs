//! Tables that were there before the job.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, Site, scenarios};
use crate::scenarios::troubles::{LOAD, SONGS, SOURCES, assert_told, assert_trouble, prepare};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_table_that_lacks_a_column_is_refused,
        a_model_that_gets_a_column_is_refused_until_the_table_has_it,
        a_table_keeps_its_index_through_full_loads_and_changes,
        a_table_that_another_job_writes_is_refused,
        a_table_that_two_jobs_took_at_the_same_time_is_refused_to_both,
    ]
    .chain(scenarios![servers, [MYSQL, MARIADB];
        a_table_with_narrower_columns_is_refused,
        a_table_keeps_its_definition_through_full_loads_and_changes,
        a_view_is_refused,
        a_value_that_the_table_cannot_hold_is_refused,
        a_key_without_case_in_an_existing_table_is_refused,
        a_table_with_a_trigger_is_changed_in_place,
    ])
    .collect()
}

/// The job and its objects, which have not been applied.
fn prepare_only(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage("songs/LOAD00000001.csv", LOAD);
}

/// A first run that is refused: it may leave the empty ledger and nothing else.
fn assert_refused(site: &Site<'_>, said: &[&str]) {
    let songs = || {
        let definition = if site.is_server() {
            "SHOW CREATE TABLE songs"
        } else {
            "SELECT sql FROM sqlite_master WHERE name = 'songs'"
        };
        (site.rows(definition), site.rows("SELECT * FROM songs"))
    };
    let before = songs();
    let dump = site.dump();
    assert_told(&site.command(["plan", "--job", "shop"]).run(), 4, said);
    assert_eq!(site.dump(), dump);
    assert_told(&site.fail(), 4, said);
    assert_eq!(songs(), before);
    assert_eq!(site.rows("SELECT COUNT(*) FROM unglue_ledger"), ["0"]);
}

fn a_table_that_lacks_a_column_is_refused(site: &Site<'_>) {
    prepare_only(site);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), day DATE)");
    site.execute("INSERT INTO songs VALUES (7, 'kept', '2026-01-01')");
    let said = ["`songs`", "column `sold`: the table does not have this column"];
    let sold = if site.is_server() { "DECIMAL(10,2)" } else { "TEXT" };
    let next = &format!(
        "  next: ALTER TABLE songs ADD COLUMN sold {sold}, or leave the column out of the SELECT"
    );
    assert_refused(site, &[said[0], said[1], next]);
    // It is known before a run, by whoever asks how the job stands.
    let status = site.command(["status", "--job", "shop"]).run();
    assert_eq!(status.status, Some(4), "{status:?}");
    assert!(status.stdout.contains("\nrefused\n"), "{}", status.stdout);
    for said in [said[0], said[1], next] {
        assert!(status.stderr.contains(said), "{said}: {}", status.stderr);
    }
}

fn a_table_that_another_job_writes_is_refused(site: &Site<'_>) {
    prepare(site);
    site.job_named("other", &[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    let refused = |command: &str| {
        let output = site.command([command, "--job", "other", "--take-over"]).run();
        assert_told(&output, 4, &["`songs`", "written by job `shop`", "another table"]);
    };
    let before = site.dump();
    refused("plan");
    assert_eq!(site.dump(), before);
    // A run makes the row that commits of its job lock, and nothing else.
    refused("run");
    site.execute("DELETE FROM unglue_meta WHERE name = 'model/other/run:' AND value = ''");
    assert_eq!(site.dump(), before);
}

/// Their first runs could not know of each other.
fn a_table_that_two_jobs_took_at_the_same_time_is_refused_to_both(site: &Site<'_>) {
    prepare(site);
    site.execute("INSERT INTO unglue_meta VALUES ('model/other/table:songs', 'songs')");
    assert_told(&site.fail(), 4, &["`songs`", "written by job `other`"]);
    site.execute("UPDATE unglue_meta SET value = 'gone' WHERE name = 'model/other/table:songs'");
    site.run();
}

fn a_model_that_gets_a_column_is_refused_until_the_table_has_it(site: &Site<'_>) {
    prepare(site);
    site.job(&[("songs.sql", "SELECT id, title, sold, day, id AS next FROM staged")]);
    assert_trouble(site, 4, &["`songs`", "`next`"]);
    site.execute("ALTER TABLE songs ADD COLUMN next INT");
    assert_eq!(site.run().models(), ["songs full load +2 -0"]);
    assert_eq!(site.rows("SELECT id, next FROM songs ORDER BY id"), ["1|1", "2|2"]);
}

fn a_table_with_narrower_columns_is_refused(site: &Site<'_>) {
    prepare_only(site);
    for (column, narrower, said) in [
        (
            "id INT NOT NULL PRIMARY KEY",
            "id SMALLINT NOT NULL PRIMARY KEY",
            ["`id`", "INT", "smallint"],
        ),
        (
            "id INT NOT NULL PRIMARY KEY",
            "id INT UNSIGNED NOT NULL PRIMARY KEY",
            ["`id`", "INT", "unsigned"],
        ),
        ("title VARCHAR(40)", "title VARCHAR(39)", ["`title`", "VARCHAR(40)", "varchar(39)"]),
        (
            "title VARCHAR(40)",
            "title VARCHAR(40) CHARACTER SET latin1",
            ["`title`", "latin1", "utf8mb4"],
        ),
        ("title VARCHAR(40)", "title INT", ["`title`", "VARCHAR(40)", "int"]),
        ("sold DECIMAL(10,2)", "sold DECIMAL(10,1)", ["`sold`", "DECIMAL(10,2)", "decimal(10,1)"]),
        ("sold DECIMAL(10,2)", "sold DOUBLE", ["`sold`", "DECIMAL(10,2)", "double"]),
        ("day DATE", "day VARCHAR(10)", ["`day`", "DATE", "varchar(10)"]),
    ] {
        let right = "CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), sold DECIMAL(10,2), day DATE) CHARACTER SET utf8mb4";
        assert!(right.contains(column));
        site.execute(&right.replace(column, narrower));
        assert_refused(site, &[&["`songs`"][..], &said].concat());
        site.execute("DROP TABLE songs");
    }
}

fn a_table_keeps_its_index_through_full_loads_and_changes(site: &Site<'_>) {
    prepare_only(site);
    site.execute(
        "CREATE TABLE songs (note VARCHAR(9) DEFAULT 'mine', day DATE, sold DECIMAL(12,4), Title VARCHAR(60), ID BIGINT NOT NULL PRIMARY KEY)",
    );
    site.execute("CREATE INDEX by_title ON songs (title, day)");
    site.execute("INSERT INTO songs (id, title) VALUES (99, 'was there before')");
    let definition = || match site.is_server() {
        true => site.rows("SHOW CREATE TABLE songs"),
        false => site.rows("SELECT sql FROM sqlite_master WHERE tbl_name = 'songs' ORDER BY 1"),
    };
    let before = definition();
    assert_eq!(site.run_with(&["--take-over"]).models(), ["songs full load +2 -0"]);
    assert_eq!(definition(), before);
    site.stage("songs/20260101-000000000.csv", "U,1,uno,,\nD,2,,,\nI,3,three,3.25,2026-03-03\n");
    assert_eq!(site.run().models(), ["songs row-wise +2 -1"]);
    assert_eq!(
        site.rows("SELECT id, title, note FROM songs ORDER BY id"),
        ["1|uno|mine", "3|three|mine"]
    );
    // Extra columns keep their value in changes.
    site.execute("UPDATE songs SET note = 'changed' WHERE id = 3");
    site.stage("songs/20260102-000000000.csv", "U,3,drei,3.25,2026-03-03\n");
    site.run();
    assert_eq!(site.rows("SELECT title, note FROM songs WHERE id = 3"), ["drei|changed"]);
    site.stage("songs/LOAD00000001.csv", "4,four,4.00,2026-04-04\n");
    assert_eq!(site.fail().status, Some(4), "what someone wrote would be lost");
    assert_eq!(site.run_with(&["--reset-columns"]).models(), ["songs full load +1 -0"]);
    assert_eq!(definition(), before);
    assert_eq!(site.rows("SELECT id, note FROM songs"), ["4|mine"]);
}

fn a_table_keeps_its_definition_through_full_loads_and_changes(site: &Site<'_>) {
    prepare_only(site);
    site.execute(
        "CREATE TABLE songs (
           id INT NOT NULL COMMENT 'the key',
           title VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT 'none' COMMENT 'it''s',
           sold DECIMAL(14,2) NULL,
           day DATETIME(3) NULL,
           year INT GENERATED ALWAYS AS (YEAR(day)) STORED,
           changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
           PRIMARY KEY (id),
           UNIQUE KEY one_title (title, day),
           KEY by_year (year) COMMENT 'reports',
           FULLTEXT KEY words (title),
           CHECK (sold >= 0)
         ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC COMMENT='all ''songs''' CHARACTER SET utf8mb4",
    );
    let definition = || site.rows("SHOW CREATE TABLE songs");
    let before = definition();
    site.run();
    assert_eq!(definition(), before);
    let rows = || site.rows("SELECT id, title, sold, day, year FROM songs ORDER BY id");
    assert_eq!(rows(), ["1|one|1.50|2026-01-01 00:00:00.000|2026", "2|two|NULL|NULL|NULL"]);
    // 1 and 3 exchange their titles and days.
    site.stage("songs/20260101-000000000.csv", "I,3,three,3.00,2026-03-03\n");
    site.run();
    site.stage(
        "songs/20260102-000000000.csv",
        "U,1,three,1.00,2026-03-03\nU,3,one,3.00,2026-01-01\n",
    );
    assert_eq!(site.run().models(), ["songs row-wise +2 -0"]);
    assert_eq!(
        rows(),
        [
            "1|three|1.00|2026-03-03 00:00:00.000|2026",
            "2|two|NULL|NULL|NULL",
            "3|one|3.00|2026-01-01 00:00:00.000|2026"
        ]
    );
    assert_eq!(definition(), before);
    site.run_with(&["--full-refresh"]);
    assert_eq!(definition(), before);
    // A CHECK of the table's own is kept too.
    site.stage("songs/20260104-000000000.csv", "U,1,four,-1.00,2026-04-04\n");
    assert_trouble_of_the_server(site, &["`songs`"]);
}

/// Only the server knows that these rows do not fit, so a plan says nothing.
fn assert_trouble_of_the_server(site: &Site<'_>, said: &[&str]) {
    let before = site.dump();
    assert_told(&site.fail(), 4, said);
    assert_eq!(site.dump(), before);
}

fn a_view_is_refused(site: &Site<'_>) {
    prepare_only(site);
    site.execute("CREATE VIEW songs AS SELECT 1 AS id");
    assert_refused(site, &["`songs`", "view"]);
}

fn a_value_that_the_table_cannot_hold_is_refused(site: &Site<'_>) {
    prepare_only(site);
    // `upper` gives a text of no declared length, which is for the server to check.
    site.job(&[("songs.sql", "SELECT id, upper(title) AS title, day FROM staged")]);
    site.execute(
        "CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(5) NOT NULL, day DATE)",
    );
    site.run();
    for row in ["I,3,confidential,,\n", "I,3,,,\n"] {
        site.stage("songs/20260101-000000000.csv", row);
        assert_trouble_of_the_server(site, &["`songs`", "title"]);
        let rows = format!("{LOAD}{}", &row[2..]);
        site.stage("songs/LOAD00000001.csv", rows);
        assert_trouble_of_the_server(site, &["`songs`", "title"]);
        site.unstage("songs/20260101-000000000.csv");
    }
}

fn a_key_without_case_in_an_existing_table_is_refused(site: &Site<'_>) {
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
    let output = site.fail();
    if output.status == Some(4) {
        assert_told(&output, 4, &["`songs`", "code"]);
        return;
    }
    // As long as no two keys differ in case only, it may go well; never may one row take the place of another.
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    site.stage("songs/20260101-000000000.csv", "I,A,3\n");
    assert_trouble_of_the_server(site, &["`songs`"]);
    site.stage("songs/20260101-000000000.csv", "D,B,\n");
    assert_eq!(site.run().models(), ["songs row-wise +0 -0"]);
    assert_eq!(site.rows("SELECT * FROM songs ORDER BY code"), ["a|1", "b|2"]);
}

fn a_table_with_a_trigger_is_changed_in_place(site: &Site<'_>) {
    prepare_only(site);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), sold DECIMAL(10,2), day DATE) CHARACTER SET utf8mb4");
    site.execute("CREATE TABLE log (line VARCHAR(99)) CHARACTER SET utf8mb4");
    site.execute("CREATE TRIGGER logged AFTER INSERT ON songs FOR EACH ROW INSERT INTO log VALUES (NEW.title)");
    site.execute("INSERT INTO songs (id, title) VALUES (9, 'before')");
    assert_eq!(site.run_with(&["--take-over"]).models(), ["songs replay +2 -1"]);
    assert_eq!(site.rows("SELECT line FROM log ORDER BY line"), ["before", "one", "two"]);
    site.stage("songs/LOAD00000001.csv", "1,one,1.50,2026-01-01\n3,three,,\n");
    assert_eq!(site.run().models(), ["songs replay +1 -1"]);
    assert_eq!(site.rows("SELECT id FROM songs ORDER BY id"), ["1", "3"]);
    assert_eq!(site.rows("SELECT COUNT(*) FROM log"), ["4"]);
}
