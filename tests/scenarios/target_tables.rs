//! Tables of the user's own making: what hangs on them stays right, or the run refuses and says why.

use std::fmt::Write as _;

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::scenarios::troubles::assert_told;
use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        rows_of_other_tables_that_refer_to_a_table_live_through_updates_and_full_loads,
        rows_that_could_only_be_replaced_keep_those_that_refer_to_them,
        a_row_that_refers_to_none_is_refused,
        a_table_that_refers_to_itself_is_written,
        what_triggers_write_is_part_of_the_transaction,
    ]
    .chain(scenarios![servers, [MYSQL, MARIADB];
        unique_indexes_on_parts_and_expressions_are_kept,
        a_row_that_is_referred_to_is_not_replaced,
        a_trigger_that_refuses_a_row_is_told_without_its_text,
        a_trigger_that_changes_values_has_the_last_word,
        columns_that_the_server_fills_are_left_to_it,
        a_partitioned_table_is_written_and_a_row_without_a_partition_is_named,
        a_table_in_another_schema_is_written,
    ])
    .chain(scenarios![servers, [MARIADB];
        a_table_with_its_history_and_a_sequence_is_changed_in_place,
    ])
    .chain(scenarios![servers, [SQLITE];
        generated_columns_and_partial_indexes_of_sqlite_are_kept,
    ])
    .collect()
}

const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), n INT, PRIMARY KEY (id))
STORED AS DMS LOCATION '${STAGING}/songs';
";
const LOAD: &str = "songs/LOAD00000001.csv";

fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", "SELECT id, title, n FROM staged")]);
    site.stage(LOAD, "1,one,1\n2,two,2\n");
}

/// Stages the next changes.
fn change(site: &Site<'_>, number: u32, rows: &str) {
    site.stage(&format!("songs/2026{number:04}-000000000.csv"), rows);
}

/// More changes than go as parameters: rows from 1000 on, none of which anything refers to.
fn many() -> String {
    let mut rows = String::new();
    for id in 1000..2500 {
        writeln!(rows, "I,{id},t{id},{id}").unwrap();
    }
    rows
}

fn assert_refused(site: &Site<'_>, said: &[&str]) {
    let before = site.dump();
    assert_told(&site.fail(), 4, said);
    assert_eq!(site.dump(), before);
}

fn rows_of_other_tables_that_refer_to_a_table_live_through_updates_and_full_loads(site: &Site<'_>) {
    prepare(site);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT)");
    site.execute(
        "CREATE TABLE plays (song INT, FOREIGN KEY (song) REFERENCES songs (id) ON DELETE CASCADE)",
    );
    assert_eq!(site.run().models(), ["songs replay +2 -0"]);
    site.execute("INSERT INTO plays VALUES (1), (2)");
    let plays = || site.rows("SELECT song FROM plays ORDER BY song");
    change(site, 101, "U,1,uno,1\nU,2,dos,2\n");
    site.run();
    change(site, 102, &format!("U,1,eins,1\n{}", many()));
    site.run();
    assert_eq!(plays(), ["1", "2"]);
    site.run_with(&["--full-refresh"]);
    assert_eq!(plays(), ["1", "2"]);
    site.stage(LOAD, "1,anew,1\n2,two,2\n");
    site.run_with(&["--allow-deletes"]);
    assert_eq!(plays(), ["1", "2"]);
    assert_eq!(site.rows("SELECT title FROM songs WHERE id = 1"), ["anew"]);
    // The row goes for good, and so do those that go with it.
    change(site, 103, "D,2,,\n");
    site.run();
    assert_eq!(plays(), ["1"]);
}

fn rows_that_could_only_be_replaced_keep_those_that_refer_to_them(site: &Site<'_>) {
    prepare(site);
    site.job(&[("job.toml", "[guard]\ntake_over = true\n")]);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT)");
    site.execute("CREATE UNIQUE INDEX one_title ON songs (title)");
    site.execute("INSERT INTO songs VALUES (1, 'before', 1)");
    site.execute("CREATE TABLE plays (song INT, FOREIGN KEY (song) REFERENCES songs (id) ON DELETE SET NULL)");
    site.execute("INSERT INTO plays VALUES (1)");
    // The first one makes the ledger's tables.
    assert_told(&site.fail(), 4, &["`songs`", "foreign key", "ON DELETE"]);
    assert_refused(site, &["`songs`", "foreign key", "ON DELETE"]);
    // Without a key all rows would be replaced.
    let of = if site.is_server() { " ON songs" } else { "" };
    site.execute(&format!("DROP INDEX one_title{of}"));
    site.job(&[
        ("sources.sql", &SOURCES.replace(", PRIMARY KEY (id)", "")),
        ("songs.sql", "SELECT id, title, n FROM staged"),
    ]);
    assert_refused(site, &["`songs`", "emptied", "ON DELETE"]);
    assert_eq!(site.rows("SELECT song FROM plays"), ["1"]);
}

fn a_row_that_is_referred_to_is_not_replaced(site: &Site<'_>) {
    prepare(site);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT, UNIQUE KEY one_title (title))");
    site.execute("CREATE TABLE plays (song INT, FOREIGN KEY (song) REFERENCES songs (id))");
    site.run();
    site.execute("INSERT INTO plays VALUES (2)");
    change(site, 101, "U,1,uno,1\n");
    site.run();
    let place = |line: usize| format!("20260102-000000000.csv:{line}: ");
    change(site, 102, "U,1,one,1\nU,2,dos,2\n");
    assert_refused(site, &[&place(2), "foreign key", "only updated"]);
    change(site, 102, &format!("{}U,2,dos,2\n", many()));
    assert_refused(site, &[&place(1501), "foreign key", "only updated"]);
    change(site, 102, "D,2,,\n");
    assert_refused(site, &[&place(1), "foreign key"]);
}

fn a_row_that_refers_to_none_is_refused(site: &Site<'_>) {
    prepare(site);
    site.execute("CREATE TABLE years (n INT NOT NULL PRIMARY KEY)");
    site.execute("INSERT INTO years VALUES (1), (2)");
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT, FOREIGN KEY (n) REFERENCES years (n))");
    site.run();
    change(site, 101, "I,3,three,2\nI,4,four,5\n");
    if site.is_server() {
        assert_refused(site, &["20260101-000000000.csv:2: ", "foreign key", "`n`"]);
    } else {
        // SQLite looks at the commit, which no row is part of.
        assert_refused(site, &["FOREIGN KEY"]);
    }
    change(site, 101, &format!("I,4,four,5\n{}", many()));
    assert_refused(
        site,
        &[if site.is_server() { "20260101-000000000.csv:1: " } else { "FOREIGN KEY" }],
    );
    change(site, 101, "I,3,three,2\nI,4,four,\n");
    assert_eq!(site.run().models(), ["songs row-wise +2 -0"]);
}

fn a_table_that_refers_to_itself_is_written(site: &Site<'_>) {
    prepare(site);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT, FOREIGN KEY (n) REFERENCES songs (id))");
    site.run();
    change(site, 101, "I,3,three,1\nI,4,four,3\nU,1,uno,1\n");
    assert_eq!(site.run().models(), ["songs row-wise +3 -0"]);
    change(site, 102, "D,4,,\nU,1,one,3\n");
    site.run();
    site.stage(LOAD, "1,one,3\n2,two,2\n3,three,1\n");
    site.run();
    assert_eq!(site.rows("SELECT id, n FROM songs ORDER BY id"), ["1|3", "2|2", "3|1"]);
}

fn what_triggers_write_is_part_of_the_transaction(site: &Site<'_>) {
    prepare(site);
    site.execute(
        "CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT CHECK (n >= 0))",
    );
    site.execute("CREATE TABLE log (line VARCHAR(99))");
    let body = |statement: &str| match site.is_server() {
        true => statement.to_owned(),
        false => format!("BEGIN {statement}; END"),
    };
    for (event, row) in [("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")] {
        let insert = body(&format!("INSERT INTO log VALUES ({row}.title)"));
        site.execute(&format!(
            "CREATE TRIGGER on_{event} AFTER {event} ON songs FOR EACH ROW {insert}"
        ));
    }
    let log = || site.rows("SELECT line FROM log ORDER BY line");
    site.run();
    assert_eq!(log(), ["one", "two"]);
    change(site, 101, "U,1,uno,1\nI,3,three,3\nD,2,,\n");
    site.run();
    assert_eq!(log(), ["one", "three", "two", "two", "uno"]);
    change(site, 102, "I,4,four,4\nI,5,five,-5\n");
    assert_refused(site, &["20260102-000000000.csv:2: "]);
    assert_eq!(log().len(), 5);
}

fn a_trigger_that_refuses_a_row_is_told_without_its_text(site: &Site<'_>) {
    prepare(site);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT)");
    site.execute(
        "CREATE TRIGGER guarded BEFORE INSERT ON songs FOR EACH ROW
         IF NEW.n > 9 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'confidential'; END IF",
    );
    site.run();
    change(site, 101, "I,3,three,3\nI,4,four,10\n");
    assert_refused(site, &["20260101-000000000.csv:2: ", "trigger"]);
    change(site, 101, &many());
    assert_refused(site, &["20260101-000000000.csv:1: ", "trigger"]);
}

fn a_trigger_that_changes_values_has_the_last_word(site: &Site<'_>) {
    prepare(site);
    site.execute("CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT)");
    site.execute("CREATE TRIGGER louder BEFORE INSERT ON songs FOR EACH ROW SET NEW.title = UPPER(NEW.title)");
    site.execute("CREATE TRIGGER louder_still BEFORE UPDATE ON songs FOR EACH ROW SET NEW.title = CONCAT(NEW.title, '!')");
    site.run();
    change(site, 101, "U,1,uno,1\nI,3,three,3\n");
    site.run();
    assert_eq!(site.rows("SELECT title FROM songs ORDER BY id"), ["UNO!", "TWO", "THREE"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    // To a comparison these rows differ, so they are written again.
    assert_eq!(site.run_with(&["--full-refresh"]).models(), ["songs replay +3 -0"]);
}

fn unique_indexes_on_parts_and_expressions_are_kept(site: &Site<'_>) {
    prepare(site);
    // MariaDB has no index over an expression, but over a column that is computed.
    let over_expression = match site.server().0.flavour() {
        "mysql" => "UNIQUE KEY one_sum ((n % 100))",
        _ => "hundred INT GENERATED ALWAYS AS (n % 100) VIRTUAL, UNIQUE KEY one_sum (hundred)",
    };
    site.execute(&format!(
        "CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT, UNIQUE KEY one_begin (title(2)), {over_expression})",
    ));
    site.run();
    // 1 and 2 exchange what is unique.
    change(site, 101, "U,1,twice,102\nU,2,once,201\n");
    assert_eq!(site.run().models(), ["songs row-wise +2 -0"]);
    assert_eq!(
        site.rows("SELECT id, title, n FROM songs ORDER BY id"),
        ["1|twice|102", "2|once|201"]
    );
    change(site, 102, "I,3,x,3\nI,4,only,4\n");
    assert_refused(site, &["20260102-000000000.csv:2: ", "`one_begin`"]);
    change(site, 102, "I,3,x,3\nI,4,y,303\n");
    assert_refused(site, &["20260102-000000000.csv:2: ", "`one_sum`"]);
    site.stage(LOAD, "1,one,1\n2,two,101\n");
    site.unstage("songs/20260101-000000000.csv");
    site.unstage("songs/20260102-000000000.csv");
    // Rows of a full load come in any order.
    assert_refused(site, &["LOAD00000001.csv:", "`one_sum`"]);
}

fn columns_that_the_server_fills_are_left_to_it(site: &Site<'_>) {
    prepare(site);
    let invisible = match site.server().0.flavour() {
        "mysql" => "hidden INT DEFAULT 7 INVISIBLE",
        _ => "hidden INT INVISIBLE DEFAULT 7",
    };
    site.execute(&format!(
        "CREATE TABLE songs (
           no BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
           id INT NOT NULL, title VARCHAR(40), n INT,
           twice INT GENERATED ALWAYS AS (n * 2) VIRTUAL,
           thrice INT GENERATED ALWAYS AS (n * 3) STORED,
           {invisible},
           changed TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
           UNIQUE KEY (id), KEY (thrice)
         )"
    ));
    site.run();
    let rows = || site.rows("SELECT id, twice, thrice, hidden FROM songs WHERE id < 3 ORDER BY id");
    let numbers = || site.rows("SELECT no FROM songs WHERE id < 3 ORDER BY id");
    let given = numbers();
    assert_eq!(rows(), ["1|2|3|7", "2|4|6|7"]);
    change(site, 101, "U,1,uno,10\nI,3,three,3\n");
    site.run();
    change(site, 102, &format!("U,2,dos,20\n{}", many()));
    site.run();
    assert_eq!(rows(), ["1|20|30|7", "2|40|60|7"]);
    // An updated row keeps its number.
    assert_eq!(numbers(), given);
    assert_eq!(site.rows("SELECT COUNT(*) FROM songs"), ["1503"]);
    // The key may be one that is computed only in part of the table's columns, never one that is computed.
    site.job(&[("songs.sql", "SELECT id, title, n, n * 2 AS twice FROM staged")]);
    assert_refused(site, &["`twice`", "computes"]);
}

fn a_partitioned_table_is_written_and_a_row_without_a_partition_is_named(site: &Site<'_>) {
    prepare(site);
    // Each unique key has the partition's column.
    site.execute(
        "CREATE TABLE songs (id INT NOT NULL, title VARCHAR(40), n INT NOT NULL, PRIMARY KEY (id, n))
         PARTITION BY RANGE (n) (PARTITION few VALUES LESS THAN (10), PARTITION many VALUES LESS THAN (100))",
    );
    let definition = || site.rows("SHOW CREATE TABLE songs");
    let before = definition();
    site.run();
    assert_eq!(definition(), before);
    // From one partition to the other.
    change(site, 101, "U,1,uno,50\nI,3,three,3\n");
    site.run();
    assert_eq!(site.rows("SELECT id, n FROM songs PARTITION (many)"), ["1|50"]);
    assert_eq!(site.rows("SELECT COUNT(*) FROM songs"), ["3"]);
    change(site, 102, "I,4,four,4\nI,5,five,500\n");
    assert_refused(site, &["20260102-000000000.csv:2: ", "partition"]);
    change(site, 102, &many());
    assert_refused(site, &["20260102-000000000.csv:1: ", "partition"]);
    site.unstage("songs/20260102-000000000.csv");
    site.stage(LOAD, "1,one,1\n2,two,200\n");
    assert_refused(site, &["LOAD00000001.csv:2: ", "partition"]);
    assert_eq!(definition(), before);
}

fn a_table_in_another_schema_is_written(site: &Site<'_>) {
    prepare(site);
    let own = site.rows("SELECT DATABASE()").concat();
    let other = format!("{own}_other");
    site.execute(&format!("CREATE DATABASE {other} CHARACTER SET utf8mb4"));
    site.execute(&format!("CREATE TABLE {other}.songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT, UNIQUE KEY one (title))"));
    site.job(&[("job.toml", &format!("[model.songs]\ntable = '{other}.songs'\n"))]);
    site.run();
    change(site, 101, "U,1,two,1\nU,2,one,2\n");
    site.run();
    change(site, 102, &many());
    site.run();
    change(site, 103, "I,3,one,3\n");
    assert_refused(site, &["20260103-000000000.csv:1: ", "`one`", "20260101-000000000.csv:2"]);
    let rows = format!("SELECT id, title FROM {other}.songs WHERE id < 9 ORDER BY id");
    assert_eq!(site.rows(&rows), ["1|two", "2|one"]);
    site.execute(&format!("DROP DATABASE {other}"));
}

fn a_table_with_its_history_and_a_sequence_is_changed_in_place(site: &Site<'_>) {
    prepare(site);
    site.execute("CREATE SEQUENCE numbers");
    site.execute(
        "CREATE TABLE songs (id INT NOT NULL PRIMARY KEY, title VARCHAR(40), n INT, no BIGINT DEFAULT NEXTVAL(numbers))
         WITH SYSTEM VERSIONING",
    );
    assert_eq!(site.run().models(), ["songs replay +2 -0"]);
    change(site, 101, "U,1,uno,1\nD,2,,\n");
    site.run();
    site.stage(LOAD, "1,one,1\n3,three,3\n");
    site.run();
    assert_eq!(site.rows("SELECT id, title FROM songs ORDER BY id"), ["1|one", "3|three"]);
    let versions = site.rows("SELECT COUNT(*) FROM songs FOR SYSTEM_TIME ALL WHERE id = 1");
    assert_eq!(versions, ["3"]);
    assert_eq!(site.rows("SELECT COUNT(*) FROM songs WHERE no IS NULL"), ["0"]);
}

fn generated_columns_and_partial_indexes_of_sqlite_are_kept(site: &Site<'_>) {
    prepare(site);
    site.execute(
        "CREATE TABLE songs (id INTEGER PRIMARY KEY, title TEXT, n INT, twice INT GENERATED ALWAYS AS (n * 2) STORED)",
    );
    site.execute("CREATE UNIQUE INDEX one_big ON songs (title) WHERE n > 10");
    site.execute("CREATE UNIQUE INDEX one_lower ON songs (lower(title))");
    site.run();
    change(site, 101, "U,1,two,11\nU,2,one,12\n");
    site.run();
    assert_eq!(site.rows("SELECT id, title, twice FROM songs"), ["1|two|22", "2|one|24"]);
    change(site, 102, "I,3,three,3\nI,4,ONE,4\n");
    assert_refused(site, &["20260102-000000000.csv:2: ", "one_lower"]);
    site.unstage("songs/20260102-000000000.csv");
    site.job(&[("songs.sql", "SELECT id, title, n, n * 2 AS twice FROM staged")]);
    assert_refused(site, &["`twice`"]);
}
