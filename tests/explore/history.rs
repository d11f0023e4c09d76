//! What changed: all changes of a source, the versions of its keys, and the history of one key.

use datafusion::arrow::datatypes::DataType;
use libtest_mimic::Trial;
use serde_json::Value;

use crate::scenarios::site::{ALL, JOB, MYSQL, SQLITE, Site, gzipped, scenarios};
use crate::support::parquet::{Column, Written, parquet};
use crate::support::{Output, Shared};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    let all = scenarios![servers, ALL;
        every_change_of_a_key_is_told_with_its_object_and_line,
        changes_and_versions_are_tables,
    ];
    let some = scenarios![servers, [SQLITE, MYSQL.with_s3()];
        the_history_of_a_key_in_parquet,
        a_row_of_a_model_has_the_history_of_the_row_that_it_is_made_of,
        a_bad_object_that_is_not_applied_can_be_left_out,
        a_key_whose_row_was_set_aside_says_so,
    ];
    let one = scenarios![servers, [SQLITE];
        a_key_of_several_columns_that_moves,
        what_is_no_key_is_told,
        models_see_no_changes,
        names_of_changes_in_the_engines_own_dialect,
        without_its_target_a_history_is_that_of_what_is_staged,
    ];
    all.chain(some).chain(one).collect()
}

const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sold DECIMAL(10,2), PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs' OPTIONS ('TimestampColumnName' 'ts')";
const SONGS: &str = "SELECT * FROM staged";

fn stamp(second: u32) -> String {
    format!("2026-01-01 00:00:{second:02}.000000")
}

/// A full load, an applied object of changes, and one that is pending.
fn stage(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    let load = format!("{0},1,one,1.00\n{0},2,\"two\nlines\",2.00\n{0},3,three,\n", stamp(0));
    site.stage("songs/LOAD00000001.csv", load);
    let first = format!("U,{},3,drei,3.00\nD,{},1,,\n", stamp(1), stamp(2));
    site.stage("songs/20260101-000001000.csv.gz", gzipped(&first));
    site.run();
    let second = format!(
        "U,{},3,drei,3.00\nD,{},3,drei,3.00\n\nI,{},3,trois,3.50\n",
        stamp(3),
        stamp(4),
        stamp(5)
    );
    site.stage("songs/20260101-000005000.csv", second);
}

fn history(site: &Site<'_>, table: &str, more: &[&str]) -> Output {
    let args = ["history", "--job", JOB, "--table", table];
    site.command(args.iter().chain(more)).run()
}

fn json(site: &Site<'_>, table: &str, more: &[&str]) -> Value {
    let more: Vec<&str> = more.iter().copied().chain(["--output", "json"]).collect();
    let output = history(site, table, &more);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

/// Each change: what it does, where, and what differs.
fn changes(history: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("NULL").to_owned();
    let changes = history["changes"].as_array().unwrap().iter().map(|change| {
        let differs =
            change["differs"].as_array().unwrap().iter().map(|d| {
                format!(" {} {}>{}", text(&d["column"]), text(&d["old"]), text(&d["new"]))
            });
        let applied = if change["applied"] == true { "" } else { " pending" };
        let (op, object, line) = (text(&change["op"]), text(&change["object"]), &change["line"]);
        format!("{op} {object}:{line}{applied}{}", differs.collect::<String>())
    });
    changes.collect()
}

fn select(site: &Site<'_>, sql: &str) -> Vec<String> {
    let output = site.command(["sql", "--job", JOB, "--format", "csv", "-c", sql]).run();
    assert_eq!(output.status, Some(0), "{sql}: {}", output.stderr);
    output.stdout.lines().skip(1).map(str::to_owned).collect()
}

fn a_bad_object_that_is_not_applied_can_be_left_out(site: &Site<'_>) {
    stage(site);
    site.stage("songs/20260101-000009000.csv.gz", "this was never packed");
    let run = |args: &[&str]| site.command(args).run();
    let query = ["sql", "--job", JOB, "--format", "csv", "-c"];
    let of_sql = |sql: &'static str| [query.as_slice(), &[sql]].concat();
    let history = ["history", "--job", JOB, "--table", "staged", "--key", "3"].to_vec();
    let explain = ["explain-row", "--job", JOB, "--table", "songs", "--key", "3"].to_vec();
    let refused = [
        of_sql("SELECT count(*) FROM songs"),
        of_sql("SELECT count(*) FROM staged$changes"),
        of_sql("SELECT count(*) FROM staged$history"),
        history.clone(),
        explain.clone(),
    ];
    for args in refused {
        let output = run(&args);
        assert_eq!(output.status, Some(4), "{args:?}: {output:?}");
        let told = &output.stderr;
        assert!(told.contains("songs/20260101-000009000.csv.gz: "), "{args:?}: {told}");
        assert!(told.contains("--as-of applied"), "{args:?}: {told}");
        assert!(!told.contains("nothing was written"), "nothing would have been: {told}");
    }
    let applied = ["--as-of", "applied"];
    let good = |args: Vec<&str>| {
        let output = run(&[args.as_slice(), &applied].concat());
        assert_eq!(output.status, Some(0), "{args:?}: {output:?}");
        output.stdout
    };
    assert_eq!(good(of_sql("SELECT title FROM songs WHERE id = 3")), "title\ndrei\n");
    for table in ["changes", "history"] {
        let count = format!("SELECT count(*) AS c, max(_object) AS o FROM staged${table}");
        let told = good([query.as_slice(), &[count.as_str()]].concat());
        assert_eq!(told, "c,o\n5,LOAD00000001.csv\n", "{table}");
    }
    let changes = "SELECT count(*) AS c FROM staged$changes WHERE _applied";
    assert_eq!(select(site, changes), ["5"], "what is known before is not read");
    // As of any other moment too.
    let then = "SELECT count(*) AS c FROM staged$changes FOR SYSTEM_TIME AS OF 'LOAD00000001.csv'";
    assert_eq!(select(site, then), ["3"]);
    let told = good(history);
    assert!(told.contains("updated by 20260101-000001000.csv.gz:1"), "{told}");
    assert!(!told.contains("20260101-000005000.csv") && !told.contains("pending"), "{told}");
    assert!(told.contains("(generation 1, 2 objects)"), "{told}");
    let told = good(explain);
    assert!(told.contains("drei") && !told.contains("pending"), "{told}");
    // It was applied, and is another one now: what it was cannot be had any more.
    site.stage("songs/20260101-000001000.csv.gz", "neither was this");
    let output =
        run(&[["history", "--job", JOB, "--table", "staged", "--key", "3"].as_slice(), &applied]
            .concat());
    assert_eq!(output.status, Some(2), "{output:?}");
    assert!(output.stderr.contains("has been written again since"), "{output:?}");
}

fn a_key_whose_row_was_set_aside_says_so(site: &Site<'_>) {
    let count = "SELECT title, count(*) AS n FROM staged GROUP BY title";
    let config = "target = '${TARGET}'\nrejected_rows = 9\nrejects = './rejects'\n";
    let files = [("sources.sql", SOURCES), ("songs.sql", SONGS), ("counts.sql", count)];
    site.job(&[files.as_slice(), &[("job.toml", config)]].concat());
    site.stage("songs/LOAD00000001.csv", format!("{0},1,one,1.00\n{0},2,two,2.00\n", stamp(0)));
    let (first, second) = ("20260101-000001000.csv", "20260101-000002000.csv");
    let bad = format!("I,{0},3,drei,confidential\nI,{0},many,x,1.00\nU,{0},1,uno,1.50\n", stamp(1));
    site.stage(&format!("songs/{first}"), bad);
    site.run();
    let told = |key: &str| {
        let output = history(site, "staged", &["--key", key]);
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        assert!(!output.stdout.contains("confidential"), "{}", output.stdout);
        output.stdout
    };
    let may_be = format!("\nset aside as bad, and may be of it: {first}:2: column `id`: ");
    let text = told("3");
    let is_it = format!("\nset aside as bad: {first}:1: column `sold`: ");
    for said in [&is_it, &may_be, "\nno object has a good row of this key\n"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // Another key's bad row is none of this one's.
    let text = told("1");
    assert!(text.contains(&may_be) && !text.contains(&format!("{first}:1")), "{text}");
    assert!(text.ends_with("\nnow: as after the last change\n"), "{text}");
    let text = told("9");
    let unless = "\nno object has a row of this key, unless one of the bad ones is of it\n";
    assert!(text.contains(&may_be) && text.ends_with(unless), "{text}");
    // What waits would be set aside.
    site.stage(&format!("songs/{second}"), format!("U,{},2,zwei,x\n", stamp(2)));
    let text = told("2");
    assert!(text.contains(&format!("\nset aside as bad: {second}:1, pending: column ")), "{text}");
    assert!(text.contains("loaded by LOAD00000001.csv:2"), "{text}");
    let all = json(site, "songs", &["--key", "3"]);
    let row = &all["set_aside"][0];
    assert_eq!((&row["object"], &row["line"]), (&first.into(), &1.into()), "{all}");
    assert_eq!((&row["of_key"], &row["pending"]), (&true.into(), &false.into()), "{all}");
    assert_eq!(all["set_aside"].as_array().unwrap().len(), 2, "{all}");
    // The same of a row of a model.
    let explain = |table: &str, key: &str| {
        let args = ["explain-row", "--job", JOB, "--table", table, "--key", key];
        let output = site.command(args).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        output.stdout
    };
    let of = |said: &str| said.replace(first, &format!("staged {first}"));
    let text = explain("songs", "3");
    for said in ["no source row was found that would give such a row", &of(&is_it), &of(&may_be)] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // A row of a group may be made of any.
    let text = explain("counts", "drei");
    let of_group = format!("and may be of it: {first}:1: column `sold`: ");
    assert!(text.contains(&of(&of_group)) && text.contains(&of(&may_be)), "{text}");
}

fn every_change_of_a_key_is_told_with_its_object_and_line(site: &Site<'_>) {
    stage(site);
    let before = site.dump();
    let found = json(site, "staged", &["--key", "3"]);
    let expected = [
        "L LOAD00000001.csv:4 title NULL>three sold NULL>NULL",
        "U 20260101-000001000.csv.gz:1 title three>drei sold NULL>3.00",
        "U 20260101-000005000.csv:1 pending",
        "D 20260101-000005000.csv:2 pending",
        "I 20260101-000005000.csv:4 pending title NULL>trois sold NULL>3.50",
    ];
    assert_eq!(changes(&found), expected);
    assert_eq!(found["key"], serde_json::json!({"id": "3"}));
    assert_eq!((&found["is_there"], &found["objects"]), (&true.into(), &3.into()));
    let runs = site.rows("SELECT DISTINCT run_id FROM unglue_ledger");
    let all = found["changes"].as_array().unwrap();
    assert_eq!(all[1]["run_id"], runs[0].as_str());
    assert_eq!(all[0]["commit_time"], Value::Null);
    assert_eq!(all[3]["commit_time"], "2026-01-01T00:00:04Z");
    assert_eq!(all[4]["is_current"], true);

    let newest = json(site, "staged", &["--key", "id=3", "--limit", "2"]);
    assert_eq!(changes(&newest), expected[3..]);
    assert_eq!(newest["left_out"], 3);

    let output = history(site, "staged", &["--key", "3"]);
    let heading = format!("source `staged`, id = '3', in {}/songs", site.staging_url());
    for told in [
        heading.as_str(),
        "(generation 1, 3 objects)\n",
        "loaded by LOAD00000001.csv:4, applied ",
        "  title: 'three' -> 'drei'\n  sold: NULL -> '3.00'\n",
        "updated by 20260101-000005000.csv:1, committed 2026-01-01 00:00:03 UTC, pending\n  nothing differs\n",
        "deleted by 20260101-000005000.csv:2, committed 2026-01-01 00:00:04 UTC, pending\n",
        "  title: 'trois'\n",
        "now: as after the last change\n",
    ] {
        assert!(output.stdout.contains(told), "{told}: {}", output.stdout);
    }
    let gone = history(site, "staged", &["--key", "1"]);
    assert!(gone.stdout.ends_with("now: there is no such row\n"), "{}", gone.stdout);
    let none = history(site, "staged", &["--key", "-7"]);
    assert!(none.stdout.ends_with("no object has a row of this key\n"), "{}", none.stdout);
    let multi = history(site, "staged", &["--key", "2"]);
    assert!(multi.stdout.contains("loaded by LOAD00000001.csv:2"), "{}", multi.stdout);
    assert!(multi.stdout.contains("  title: 'two\\nlines'\n"), "{}", multi.stdout);
    assert_eq!(site.dump(), before);
}

fn changes_and_versions_are_tables(site: &Site<'_>) {
    stage(site);
    let ops = "SELECT _op, count(*) AS c FROM staged$changes GROUP BY _op ORDER BY _op";
    assert_eq!(select(site, ops), ["D,2", "I,1", "L,3", "U,2"]);
    let quoted = "SELECT _position, _line, title FROM `staged$changes` WHERE id = 3 AND NOT _applied ORDER BY _position";
    let expected =
        ["000003.0000000001,1,drei", "000003.0000000002,2,", "000003.0000000003,4,trois"];
    assert_eq!(select(site, quoted), expected);
    let object = "SELECT id, _op, _commit_time FROM staged$changes WHERE _object = '20260101-000001000.csv.gz' ORDER BY _line";
    assert_eq!(select(site, object), ["3,U,2026-01-01T00:00:01", "1,D,2026-01-01T00:00:02"]);
    let versions = "SELECT title, _valid_from, _valid_to, _is_current FROM staged$history WHERE id = 3 ORDER BY _position";
    let expected = [
        "three,,2026-01-01T00:00:01,false",
        "drei,2026-01-01T00:00:01,2026-01-01T00:00:03,false",
        "drei,2026-01-01T00:00:03,2026-01-01T00:00:04,false",
        ",2026-01-01T00:00:04,2026-01-01T00:00:05,false",
        "trois,2026-01-01T00:00:05,,true",
    ];
    assert_eq!(select(site, versions), expected);
    // A sort by what the versions are told by stays above them.
    let ids =
        |order: &str| select(site, &format!("SELECT id FROM staged$history ORDER BY {order}"));
    let (by_key, by_place) = (ids("id, _position"), ids("_position"));
    assert!(by_key.is_sorted() && by_key.len() == by_place.len(), "{by_key:?} {by_place:?}");
    assert_eq!(ids("id"), by_key);
    // The current versions are the source; the rows of the applied objects are the table.
    let same = "SELECT count(*) AS c FROM staged s JOIN staged$history h ON s.id = h.id AND s.title = h.title AND s.sold = h.sold WHERE h._is_current";
    assert_eq!(select(site, same), ["2"]);
    assert_eq!(select(site, "SELECT count(*) AS c FROM staged"), ["2"]);
    let runs = "SELECT count(*) AS c FROM staged$changes WHERE _run_id = (SELECT max(_run_id) FROM staged$changes)";
    assert_eq!(select(site, runs), ["5"]);
    let target = "SELECT t.id, h._op FROM target.songs t JOIN staged$history h ON h.id = t.id WHERE h._next_position IS NULL ORDER BY t.id";
    assert_eq!(select(site, target), ["2,L", "3,I"]);
}

/// Rows of `Op`, unless it is a full load, and texts of `id`, `title` and `sold`.
fn object(rows: &[[&str; 4]]) -> Vec<u8> {
    let is_load = rows.iter().all(|row| row[0].is_empty());
    let types = [DataType::Utf8, DataType::Int32, DataType::Utf8, DataType::Decimal128(10, 2)];
    let columns = ["Op", "id", "title", "sold"].into_iter().zip(types).enumerate();
    let columns = columns.filter(|(at, _)| *at > 0 || !is_load).map(|(at, (name, data_type))| {
        let value = |row: &[&str; 4]| (!row[at].is_empty()).then(|| row[at].to_owned());
        Column { name: name.to_owned(), data_type, values: rows.iter().map(value).collect() }
    });
    let written = Written { gzip: true, version_2: false, dictionary: true, row_group_rows: 2 };
    parquet(columns.collect(), written)
}

fn the_history_of_a_key_in_parquet(site: &Site<'_>) {
    let sources = SOURCES.replace("'TimestampColumnName' 'ts'", "'DataFormat' 'parquet'");
    site.job(&[("sources.sql", &sources), ("songs.sql", SONGS)]);
    let load = [["", "1", "one", "1.00"], ["", "2", "two", ""], ["", "3", "three", "3.00"]];
    site.stage("songs/LOAD00000001.parquet", object(&load));
    let rows = [["U", "1", "eins", "1.00"], ["U", "3", "drei", "3.00"], ["D", "3", "", ""]];
    site.stage("songs/20260101-000000000.parquet", object(&rows));
    let found = json(site, "staged", &["--key", "3"]);
    let expected = [
        "L LOAD00000001.parquet:3 pending title NULL>three sold NULL>3.00",
        "U 20260101-000000000.parquet:2 pending title three>drei",
        "D 20260101-000000000.parquet:3 pending",
    ];
    assert_eq!(changes(&found), expected);
    let sql = "SELECT _op, _line FROM staged$changes WHERE id = 1 ORDER BY _position";
    assert_eq!(select(site, sql), ["L,1", "U,1"]);
}

fn a_row_of_a_model_has_the_history_of_the_row_that_it_is_made_of(site: &Site<'_>) {
    stage(site);
    site.job(&[
        ("named.sql", "SELECT id AS song_id, upper(title) AS name FROM staged WHERE id > 0"),
        ("totals.sql", "SELECT title, sum(sold) AS sold FROM staged GROUP BY title"),
    ]);
    let found = json(site, "named", &["--key", "song_id=3"]);
    assert_eq!(found["changes"].as_array().unwrap().len(), 5);
    assert_eq!((&found["model"], &found["source"]), (&"named".into(), &"staged".into()));
    assert_eq!(changes(&found), changes(&json(site, "staged", &["--key", "3"])));
    let output = history(site, "totals", &["--key", "x"]);
    assert_eq!(output.status, Some(2), "{}", output.stdout);
    for told in
        ["model `totals`", "it reads staged", "runner explain-row --job shop --table totals"]
    {
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
    }
}

fn a_key_of_several_columns_that_moves(site: &Site<'_>) {
    let sources = "CREATE EXTERNAL TABLE staged (a INT, b VARCHAR(9), n INT, BI_a INT, BI_b VARCHAR(9), PRIMARY KEY (b, a))
        STORED AS DMS LOCATION '${STAGING}/songs' OPTIONS ('BeforeImagePrefix' 'BI_')";
    site.job(&[("sources.sql", sources), ("songs.sql", "SELECT a, b, n FROM staged")]);
    site.stage("songs/LOAD00000001.csv", "1,\"x,y\",10,,\n2,z,20,,\n");
    site.stage("songs/20260101-000000000.csv", "U,2,z,21,2,z\nU,1,q,11,1,\"x,y\"\n");
    site.run();
    let before = json(site, "staged", &["--key", "b=x,y,a=1"]);
    let expected = ["L LOAD00000001.csv:1 n NULL>10", "M 20260101-000000000.csv:2"];
    assert_eq!(changes(&before), expected);
    assert_eq!(before["is_there"], false);
    let to = &before["changes"][1]["moved_to"];
    assert_eq!(*to, serde_json::json!({"b": "q", "a": "1"}));
    let after = json(site, "staged", &["--key", "a=1", "--key", "b=q"]);
    assert_eq!(changes(&after), ["U 20260101-000000000.csv:2 n NULL>11"]);
    let from = &after["changes"][0]["moved_from"];
    assert_eq!(*from, serde_json::json!({"b": "x,y", "a": "1"}));
    let stays = json(site, "staged", &["--key", "a=2,b=z"]);
    assert_eq!(changes(&stays)[1], "U 20260101-000000000.csv:1 n 20>21");
    assert_eq!(stays["changes"][1].get("moved_from"), None);
}

fn what_is_no_key_is_told(site: &Site<'_>) {
    stage(site);
    for (table, key, told) in [
        ("stagd", "1", "did you mean `staged`?"),
        ("staged", "secret", "the value of `id` is no INT"),
        ("staged", "idd=7", "its key is (id INT): write --key 'VALUE'"),
        ("songs", "id=99999999999", "--key of model `songs`: the value of `id` is no INT"),
    ] {
        let output = history(site, table, &["--key", key]);
        assert_eq!(output.status, Some(2), "{told}: {}", output.stdout);
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
        assert!(!output.stderr.contains("secret") && !output.stderr.contains("9999"));
    }
    let keyless = SOURCES.replace(", PRIMARY KEY (id)", "");
    site.job(&[("sources.sql", &keyless)]);
    let output = history(site, "staged", &["--key", "1"]);
    assert!(output.stderr.contains("SELECT * FROM `staged$changes`"), "{}", output.stderr);
}

fn models_see_no_changes(site: &Site<'_>) {
    stage(site);
    site.job(&[("songs.sql", "SELECT id\nFROM staged$changes")]);
    let output = site.fail();
    assert_eq!(output.status, Some(2));
    for told in [
        "songs.sql:2:6",
        "there is no source or model `staged$changes`",
        "a model sees `staged` as it stands",
    ] {
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
    }
}

fn names_of_changes_in_the_engines_own_dialect(site: &Site<'_>) {
    stage(site);
    site.job(&[("job.toml", "target = '${TARGET}'\ndialect = 'datafusion'\n")]);
    for name in ["\"staged$changes\"", "staged$changes"] {
        let sql = format!("SELECT count(*) AS c FROM {name} WHERE _op = 'L'");
        assert_eq!(select(site, &sql), ["3"], "{name}");
    }
}

fn without_its_target_a_history_is_that_of_what_is_staged(site: &Site<'_>) {
    stage(site);
    let away = "mysql://nobody@127.0.0.1:1/none";
    let output = history(site, "staged", &["--key", "3", "--target", away]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("what is applied is not known"), "{}", output.stderr);
    assert!(output.stdout.contains("inserted by 20260101-000005000.csv:4"), "{}", output.stdout);
    assert!(!output.stdout.contains("pending"), "{}", output.stdout);
}
