//! Tables that are altered at the source while their changes are applied.

mod looks;

use libtest_mimic::Trial;

use crate::scenarios::site::{ALL, EACH, MARIADB, MYSQL, Site, gzipped, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, ALL;
        a_new_column_comes_to_the_models_that_take_all_columns,
        columns_of_a_header_are_added_by_name,
    ]
    .chain(scenarios![servers, EACH;
        an_altered_table_is_refused_with_the_ways_to_go_on,
        several_sources_and_several_columns_are_added_in_one_run,
        objects_older_than_a_declared_column_have_null_in_it,
        a_column_that_is_declared_later_wins,
        a_source_without_a_key_gets_columns_too,
        a_column_dropped_without_a_header_is_refused,
        a_column_dropped_while_drift_was_refused_is_not_taken_later,
        models_that_cannot_take_a_column_are_refused,
        a_table_gets_the_columns_that_its_model_got,
        a_wrong_setting_is_not_taken_for_a_new_column,
    ])
    .chain(scenarios![servers, [MYSQL, MARIADB];
        a_table_that_cannot_be_exchanged_gets_columns_in_place,
    ])
    .chain(looks::trials(servers))
    .collect()
}

const WIDEN: &str = "drift = \"widen\"\n";
const LOAD: &str = "songs/LOAD00000001.csv";
const FIRST: &str = "songs/20260101-000000001.csv";
const SECOND: &str = "songs/20260102-000000001.csv";
const THIRD: &str = "songs/20260103-000000001.csv";

fn sources(columns: &str, options: &str) -> String {
    format!(
        "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40){columns}, PRIMARY KEY (id))
        STORED AS DMS LOCATION '${{STAGING}}/songs' OPTIONS ('AllowEmpty' 'true'{options});"
    )
}

const HEADER: &str = ", 'AddColumnName' 'true'";
const NAMED: &str = "SELECT id, upper(title) AS title FROM staged";
const TITLES: &str = "SELECT title, count(*) AS songs FROM staged GROUP BY title";

/// A model of each kind: all columns, named ones, and one that is replayed.
fn prepare(site: &Site<'_>, options: &str) {
    site.job(&[
        ("job.toml", WIDEN),
        ("sources.sql", &sources("", options)),
        ("songs.sql", "SELECT * FROM staged"),
        ("named.sql", NAMED),
        ("titles.sql", TITLES),
    ]);
    if options.contains("AddColumnName") {
        site.stage(LOAD, "id,title\n1,one\n2,two\n");
    } else {
        site.stage(LOAD, "1,one\n2,two\n");
    }
    site.run();
}

fn songs(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT * FROM songs ORDER BY id")
}

fn refused(site: &Site<'_>, said: &[&str]) {
    let before = site.dump();
    let output = site.fail();
    assert_eq!(output.status, Some(4), "{}{}", output.stdout, output.stderr);
    for said in said {
        assert!(output.stderr.contains(said), "`{said}` is not said: {}", output.stderr);
    }
    assert_eq!(site.dump(), before);
}

fn an_altered_table_is_refused_with_the_ways_to_go_on(site: &Site<'_>) {
    prepare(site, "");
    site.job(&[("job.toml", "")]);
    let next = ["sources.sql", "drift = \"widen\""];
    for (rows, said) in [
        ("I,3,three,more\n", "songs/20260101-000000001.csv:1: expected 3 fields, found 4: wider"),
        (
            "I,3,three\nI,4\n",
            "songs/20260101-000000001.csv:2: expected 3 fields, found 2: narrower",
        ),
    ] {
        site.stage(FIRST, rows);
        refused(site, &[&[said][..], &next].concat());
    }
    site.unstage(FIRST);
    site.job(&[("sources.sql", &sources("", HEADER))]);
    site.stage(LOAD, "id,title\n1,one\n");
    site.stage(SECOND, "Op,id,name,size\nI,3,three,big\n");
    refused(site, &[&["`name`", "`size`", "`title`", "not declared"][..], &next].concat());
}

fn a_new_column_comes_to_the_models_that_take_all_columns(site: &Site<'_>) {
    prepare(site, "");
    // Before and after the column was added at the source.
    site.stage(FIRST, "U,1,uno\nI,3,three,red\nD,2\n");
    let before = site.dump();
    let plan = site.command(["plan", "--job", "shop"]).run();
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    assert!(plan.stdout.contains("to source staged: column_3"), "{}", plan.stdout);
    assert!(plan.stdout.contains("  added  column_3"), "{}", plan.stdout);
    assert_eq!(site.dump(), before);

    let report = site.run();
    assert_eq!(report.0["columns_added"]["staged"][0], "column_3");
    assert_eq!(report.0["models"][1]["columns_added"][0], "column_3", "{}", report.0);
    assert_eq!(report.0["models"][0].get("columns_added"), None);
    assert_eq!(songs(site), ["1|uno|NULL", "3|three|red"]);
    assert_eq!(site.rows("SELECT * FROM named ORDER BY id"), ["1|UNO", "3|THREE"]);
    assert_eq!(site.rows("SELECT COUNT(*) FROM titles"), ["2"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");

    // From now on it is known.
    site.stage(SECOND, "U,1,uno,blue\nI,4,four,\nD,3,,\n");
    let report = site.run();
    assert_eq!(report.0.get("columns_added"), None);
    assert_eq!(
        report.models(),
        ["named row-wise +2 -1", "songs row-wise +2 -1", "titles replay +1 -1"]
    );
    assert_eq!(songs(site), ["1|uno|blue", "4|four|NULL"]);
    let output = site
        .command(["sql", "--job", "shop", "-c", "SELECT column_3 FROM staged", "--format", "csv"])
        .run();
    assert!(output.stdout.contains("blue"), "{}{}", output.stdout, output.stderr);
    let same = "SELECT count(*) AS c FROM (SELECT * FROM songs EXCEPT SELECT * FROM target.songs)";
    let output = site.command(["sql", "--job", "shop", "-c", same, "--format", "csv"]).run();
    assert_eq!(output.stdout, "c\n0\n", "{}", output.stderr);

    // A load holds all columns, and so does a refresh of older and newer objects.
    site.run_with(&["--full-refresh"]);
    assert_eq!(songs(site), ["1|uno|blue", "4|four|NULL"]);
    site.stage(LOAD, "7,seven,green,tall\n");
    site.run();
    assert_eq!(songs(site), ["7|seven|green|tall"]);
}

fn columns_of_a_header_are_added_by_name(site: &Site<'_>) {
    prepare(site, HEADER);
    site.stage(FIRST, "Op,id,Size,title\nU,1,big,uno\n");
    site.stage(SECOND, "Op,colour,id,title,size\nI,red,3,three,\n");
    let report = site.run();
    assert_eq!(report.0["columns_added"]["staged"], serde_json::json!(["colour", "size"]));
    assert_eq!(songs(site), ["1|uno|NULL|big", "2|two|NULL|NULL", "3|three|red|NULL"]);
    // `title` is renamed, `size` dropped.
    site.stage(THIRD, "Op,id,name,colour\nU,3,trois,blue\n");
    site.run();
    let expected = ["1|uno|NULL|big|NULL", "2|two|NULL|NULL|NULL", "3|NULL|blue|NULL|trois"];
    assert_eq!(songs(site), expected);
    site.stage("songs/20260104-000000001.csv", "Op,title\nI,no key\n");
    refused(site, &["does not have column `id`"]);
}

fn several_sources_and_several_columns_are_added_in_one_run(site: &Site<'_>) {
    prepare(site, "");
    let artists = "CREATE EXTERNAL TABLE artists (id INT PRIMARY KEY, name VARCHAR(40))
        STORED AS DMS LOCATION '${STAGING}/artists';";
    site.job(&[
        ("sources.sql", &(sources("", "") + artists)),
        ("artists_all.sql", "SELECT * FROM artists"),
        ("joined.sql", "SELECT s.*, a.name FROM staged s LEFT JOIN artists a ON s.id = a.id"),
    ]);
    site.stage("artists/LOAD00000001.csv", "1,Ann\n2,Bob\n");
    site.run();
    site.stage(FIRST, "U,1,uno,a\nU,1,uno,a,b\n");
    site.stage(&format!("{SECOND}.gz"), gzipped("I,3,three,c,d,e\n"));
    site.stage("artists/20260101-000000001.csv", "U,2,Bobby,x\n");
    let report = site.run();
    let added = serde_json::json!({"artists": ["column_3"], "staged": ["column_3", "column_4", "column_5"]});
    assert_eq!(report.0["columns_added"], added);
    assert_eq!(songs(site), ["1|uno|a|b|NULL", "2|two|NULL|NULL|NULL", "3|three|c|d|e"]);
    assert_eq!(site.rows("SELECT * FROM artists_all ORDER BY id"), ["1|Ann|NULL", "2|Bobby|x"]);
    let joined = "SELECT id, title, column_3, column_4, column_5, name FROM joined ORDER BY id";
    let expected = ["1|uno|a|b|NULL|Ann", "2|two|NULL|NULL|NULL|Bobby", "3|three|c|d|e|NULL"];
    assert_eq!(site.rows(joined), expected);
}

fn objects_older_than_a_declared_column_have_null_in_it(site: &Site<'_>) {
    site.job(&[
        ("job.toml", WIDEN),
        ("sources.sql", &sources(", note VARCHAR(20), size INT", "")),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.stage(LOAD, "1,one\n2,two\n");
    site.stage(FIRST, "I,3,three,x\n");
    site.stage(SECOND, "U,1,uno,y,7\n");
    assert_eq!(site.run().0.get("columns_added"), None);
    assert_eq!(songs(site), ["1|uno|y|7", "2|two|NULL|NULL", "3|three|x|NULL"]);
    site.stage(THIRD, "D,3\nU\n");
    refused(site, &[":2: expected 5 fields, found 1: narrower than declared"]);
}

fn a_column_that_is_declared_later_wins(site: &Site<'_>) {
    prepare(site, "");
    site.stage(FIRST, "I,3,three,12,x\n");
    site.run();
    site.job(&[("sources.sql", &sources(", size INT", ""))]);
    let report = site.run();
    assert_eq!(report.0["columns_added"]["staged"], serde_json::json!(["column_4"]));
    let rows = site.rows("SELECT id, title, size, column_4 FROM songs ORDER BY id");
    assert_eq!(rows, ["1|one|NULL|NULL", "2|two|NULL|NULL", "3|three|12|x"]);
    site.stage(SECOND, "U,1,uno,11,y\n");
    assert_eq!(site.run().models()[1], "songs row-wise +1 -0");
    assert_eq!(site.rows("SELECT size, column_4 FROM songs WHERE id = 1"), ["11|y"]);
}

fn a_source_without_a_key_gets_columns_too(site: &Site<'_>) {
    site.job(&[
        ("job.toml", WIDEN),
        ("sources.sql", "CREATE EXTERNAL TABLE staged (at INT, what VARCHAR(20)) STORED AS DMS LOCATION '${STAGING}/songs'"),
        ("log.sql", "SELECT * FROM staged"),
        ("seen.sql", "SELECT what FROM staged"),
    ]);
    site.stage(LOAD, "1,in\n");
    site.run();
    site.stage(FIRST, "I,2,out\nI,3,in,me\n");
    assert_eq!(site.run().models()[0], "log full load +3 -0");
    site.stage(SECOND, "I,4,out,you\n");
    assert_eq!(site.run().models(), ["log append +1 -0", "seen append +1 -0"]);
    let rows = site.rows("SELECT * FROM log ORDER BY at");
    assert_eq!(rows, ["1|in|NULL", "2|out|NULL", "3|in|me", "4|out|you"]);
}

fn a_column_dropped_without_a_header_is_refused(site: &Site<'_>) {
    site.job(&[
        ("job.toml", WIDEN),
        ("sources.sql", &sources(", note VARCHAR(20), size VARCHAR(9)", "")),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.stage(LOAD, "1,one,x,big\n");
    site.run();
    let said = "a column was dropped at the source";
    site.stage(FIRST, "I,3,three,y,small\nI,4,four,small\n");
    refused(site, &["songs/20260101-000000001.csv:2", said]);
    site.stage(FIRST, "I,4,four,small\n");
    refused(site, &["`20260101-000000001.csv`", said, "AddColumnName"]);
    // A new load of the table without it is seen as well, until it is declared as it is.
    site.stage(LOAD, "4,four,small\n");
    site.unstage(FIRST);
    refused(site, &["`LOAD00000001.csv`", said]);
    site.job(&[("sources.sql", &sources(", size VARCHAR(9)", ""))]);
    site.run();
    assert_eq!(site.rows("SELECT id, title, size FROM songs"), ["4|four|small"]);
}

fn a_column_dropped_while_drift_was_refused_is_not_taken_later(site: &Site<'_>) {
    site.job(&[
        ("sources.sql", &sources(", note VARCHAR(20), size VARCHAR(9)", "")),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.stage(LOAD, "1,one,x,big\n");
    site.run();
    site.stage(FIRST, "I,4,four,small\n");
    refused(site, &["expected 5 fields, found 4: narrower", "drift = \"widen\""]);
    // What the hint says; the ledger knows nothing of how wide the load was.
    site.job(&[("job.toml", WIDEN)]);
    let said = "a column was dropped at the source";
    refused(site, &["`20260101-000000001.csv`", "rows of 3 columns", "may have 4", said]);
    // Nor from a load of the altered table.
    site.unstage(FIRST);
    site.stage(LOAD, "4,four,small\n");
    refused(site, &["`LOAD00000001.csv`", said]);
    site.stage(LOAD, "1,one,x,large\n");
    site.stage(FIRST, "I,4,four,y,small,red\n");
    let report = site.run();
    assert_eq!(report.0["columns_added"]["staged"], serde_json::json!(["column_5"]));
    assert_eq!(songs(site), ["1|one|x|large|NULL", "4|four|y|small|red"]);
}

fn models_that_cannot_take_a_column_are_refused(site: &Site<'_>) {
    prepare(site, "");
    site.job(&[("twice.sql", "SELECT *, title AS column_3 FROM staged")]);
    site.run();
    site.stage(FIRST, "I,3,three,red\n");
    refused(site, &["column_3", "twice.sql", "sources.sql"]);
    site.stage(FIRST, format!("I,3,three{}\n", ",x".repeat(101)));
    refused(site, &["`staged`", "101 columns more than declared"]);
}

fn a_table_gets_the_columns_that_its_model_got(site: &Site<'_>) {
    prepare(site, "");
    site.job(&[("named.sql", "SELECT id, upper(title) AS title, id * 2 AS twice FROM staged")]);
    let report = site.run();
    assert_eq!(report.0["models"][0]["columns_added"][0], "twice");
    assert_eq!(site.rows("SELECT * FROM named ORDER BY id"), ["1|ONE|2", "2|TWO|4"]);
    // Someone drops it: what was in it is not lost.
    site.execute("ALTER TABLE named DROP COLUMN twice");
    site.stage(FIRST, "I,3,three\n");
    site.run();
    assert_eq!(site.rows("SELECT * FROM named ORDER BY id"), ["1|ONE|2", "2|TWO|4", "3|THREE|6"]);
    site.execute("DROP TABLE named");
    site.execute("CREATE TABLE named (title VARCHAR(40))");
    refused(site, &["`id`"]);
}

fn a_wrong_setting_is_not_taken_for_a_new_column(site: &Site<'_>) {
    prepare(site, "");
    site.stage(LOAD, "I,1,one\n");
    refused(site, &["IncludeOpForFullLoad"]);
    site.stage(LOAD, "id,title\n1,one\n");
    refused(site, &["AddColumnName"]);
}

fn a_table_that_cannot_be_exchanged_gets_columns_in_place(site: &Site<'_>) {
    prepare(site, "");
    site.execute("CREATE TRIGGER noted BEFORE INSERT ON songs FOR EACH ROW SET @seen = 1");
    site.stage(FIRST, "I,3,three,red\nU,1,uno,\n");
    assert_eq!(site.run().models()[1], "songs replay +2 -0");
    assert_eq!(songs(site), ["1|uno|NULL", "2|two|NULL", "3|three|red"]);
    let triggers =
        "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()";
    assert_eq!(site.rows(triggers), ["1"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}
