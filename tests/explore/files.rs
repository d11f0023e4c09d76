//! Files that no job declares, by their paths and by declarations, in local folders and in S3.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::Shared;
use crate::support::parquet::{Column, Written, parquet};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, SQLITE.with_s3()];
        files_of_each_format_are_read_by_their_paths,
        files_are_declared_with_and_without_columns,
        a_folder_that_dms_stages_shows_its_current_state,
        files_of_both_places_and_a_job_are_joined,
        what_a_path_cannot_be_is_told_with_what_to_do,
        statements_about_tables_work_or_say_what_to_use,
    ]
    .collect()
}

/// The CSV that statements answer; `{}` is the place of the files.
#[track_caller]
fn csv(site: &Site<'_>, statements: &str) -> String {
    let sql = statements.replace("{}", site.staging_url());
    let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
    assert_eq!(output.status, Some(0), "{sql}: {}", output.stderr);
    output.stdout
}

fn stage_all(site: &Site<'_>) {
    site.stage("cities/a ü.csv", "Id,Name,Since,Area\n1,Rom,2026-01-01,1.5\n2,\"Os\nlo\",,2\n");
    site.stage("cities/b.csv", "Id,Name,Since,Area\n3,Bern,2026-01-03 10:00:00,x\n");
    site.stage("cities/_SUCCESS", "");
    site.stage("plain/x.tsv", "1\tRom\n2\tOslo\n");
    site.stage("semi/x.csv", "id;price\n1;1.5\n");
    site.stage("lines/x.json", "{\"id\":1,\"tags\":[\"a\"]}\n{\"id\":2,\"name\":\"b\"}\n");
    site.stage("array/x.json", "[{\"id\":1,\"s\":{\"Deep\":5}},{\"id\":2}]");
    site.stage("days/day=2026-01-01/x.csv", "id,v\n1,10\n");
    site.stage("days/day=2026-01-02/x.csv", "id,v\n2,20\n");
    let column = |name: &str, data_type: DataType, values: [&str; 2]| Column {
        name: name.to_owned(),
        data_type,
        values: values.map(|value| Some(value.to_owned())).into(),
    };
    let columns = vec![
        column("Id", DataType::Int64, ["1", "2"]),
        column("Name", DataType::Utf8, ["one", "two"]),
        column(
            "at",
            DataType::Timestamp(TimeUnit::Nanosecond, None),
            ["2026-01-01 00:00:00", "2026-01-02 00:00:00"],
        ),
    ];
    let written = Written { gzip: false, version_2: false, dictionary: true, row_group_rows: 10 };
    site.stage("songs/part-0.parquet", parquet(columns, written));
}

fn files_of_each_format_are_read_by_their_paths(site: &Site<'_>) {
    stage_all(site);
    for (statement, rows) in [
        // A header, types, a line break within a value, what two files disagree about; columns in any case.
        (
            "SELECT id, replace(NAME, '\\n', '') AS n, typeof(since) AS t, area FROM '{}/cities/' ORDER BY id",
            "id,n,t,area\n1,Rom,timestamp,1.5\n2,Oslo,timestamp,2\n3,Bern,timestamp,x\n",
        ),
        ("SELECT count(*) AS c FROM '{}/cities/a ü.csv'", "c\n2\n"),
        ("SELECT count(*) AS c FROM '{}/cities/b*.csv'", "c\n1\n"),
        ("SELECT column_2 AS n FROM '{}/plain' WHERE column_1 > 1", "n\nOslo\n"),
        ("SELECT price * 2 AS p FROM csv.`{}/semi/`", "p\n3.0\n"),
        (
            "SELECT id, tags[0] AS t, name FROM '{}/lines/x.json' ORDER BY id",
            "id,t,name\n1,a,\n2,,b\n",
        ),
        ("SELECT id, s.deep AS d FROM json.`{}/array/x.json` ORDER BY id", "id,d\n1,5\n2,\n"),
        ("SELECT v, day FROM '{}/days/' WHERE day = '2026-01-02'", "v,day\n20,2026-01-02\n"),
        (
            "SELECT id, name, typeof(at) AS t FROM '{}/songs/' WHERE id = 2",
            "id,name,t\n2,two,timestamp\n",
        ),
        (
            "SELECT a.name, b.name AS n FROM parquet.`{}/songs` a JOIN '{}/**/x.tsv' p ON p.column_1 = a.id JOIN '{}/lines' b USING (id) WHERE b.name IS NOT NULL",
            "name,n\ntwo,b\n",
        ),
    ] {
        assert_eq!(csv(site, statement), rows, "{statement}");
    }
    // Another day's file is not even opened: it is none.
    site.stage("days/day=2026-01-03/x.csv", [0xff, 0xfe, b'\n', b'1', b',', b'2', b',', b'3']);
    let declared = "CREATE EXTERNAL TABLE d (id INT, v INT) STORED AS CSV LOCATION '{}/days' OPTIONS (header 'true'); ";
    let pruned = "SELECT sum(v) AS s FROM d WHERE day < '2026-01-03'";
    assert_eq!(csv(site, &format!("{declared}{pruned}")), "s\n30\n");
}

fn files_are_declared_with_and_without_columns(site: &Site<'_>) {
    stage_all(site);
    for (declaration, statement, rows) in [
        (
            "CREATE EXTERNAL TABLE t (a INT, b STRING, c DATE, d STRING) STORED AS CSV LOCATION '{}/cities/a ü.csv'",
            "SELECT a, c, d FROM t WHERE c IS NOT NULL",
            "a,c,d\n1,2026-01-01,1.5\n",
        ),
        (
            "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{}/semi' OPTIONS ('header' 'false', 'sep' ';')",
            "SELECT column_1 AS a FROM t",
            "a\nid\n1\n",
        ),
        (
            "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{}/songs/'",
            "SELECT max(name) AS m FROM t",
            "m\ntwo\n",
        ),
        (
            "CREATE EXTERNAL TABLE t (id BIGINT, nothing STRING) STORED AS PARQUET LOCATION '{}/songs/*.parquet'",
            "SELECT * FROM t WHERE nothing IS NULL AND id = 1",
            "id,nothing\n1,\n",
        ),
        (
            "CREATE EXTERNAL TABLE t (id DECIMAL(5, 1), name STRING) STORED AS JSON LOCATION '{}/lines'",
            "SELECT id, name FROM t ORDER BY id",
            "id,name\n1.0,\n2.0,b\n",
        ),
    ] {
        assert_eq!(csv(site, &format!("{declaration}; {statement}")), rows, "{declaration}");
    }
    // In the current folder.
    std::fs::write(site.folder().join("here.csv"), "x\n1\n").unwrap();
    let here = "CREATE EXTERNAL TABLE h STORED AS CSV LOCATION 'here.csv'; SELECT h.x + t.x AS s FROM h, './here.csv' t";
    assert_eq!(csv(site, here), "s\n2\n");
}

fn a_folder_that_dms_stages_shows_its_current_state(site: &Site<'_>) {
    site.stage("shop/cities/LOAD00000001.csv", "1,Rom\n2,Oslo\n");
    site.stage("shop/cities/20260101-000000000.csv", "U,2,Bern\nD,1,\nI,3,Wien\n");
    site.stage("shop/other/LOAD00000001.csv", "1,x\n");
    let rows = "2,Bern\n3,Wien\n";
    for from in ["'{}/shop/cities/'", "dms.`{}/shop/cities`"] {
        let sql = format!("SELECT * FROM {from} ORDER BY 1").replace("{}", site.staging_url());
        let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
        assert_eq!(output.stdout, format!("column_1,column_2\n{rows}"), "{}", output.stderr);
        assert!(output.stderr.contains("looks staged by DMS"), "{}", output.stderr);
        assert!(output.stderr.contains("key (column_1)"), "{}", output.stderr);
    }
    let bare = "CREATE EXTERNAL TABLE c STORED AS DMS LOCATION '{}/shop/cities'; SELECT * FROM c ORDER BY 1";
    assert_eq!(csv(site, bare), format!("column_1,column_2\n{rows}"));
    // As they are written.
    let changes = "SELECT * FROM csv.`{}/shop/cities/2026*`";
    let written = "column_1,column_2,column_3\nU,2,Bern\nD,1,\nI,3,Wien\n";
    assert_eq!(csv(site, changes), written);
    let above = format!("SELECT * FROM '{}/shop/'", site.staging_url());
    let output = site.command(["sql", "-c", &above]).run();
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("tables that DMS staged: cities, other"), "{}", output.stderr);
    // Deletes without a key that could be found.
    site.stage("shop/nokey/LOAD00000001.csv", "a,1.5\na,1.5\n");
    site.stage("shop/nokey/20260101-000000000.csv", "D,a,1.5\n");
    let keyless = format!("SELECT * FROM '{}/shop/nokey/'", site.staging_url());
    let output = site.command(["sql", "-c", &keyless]).run();
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("PRIMARY KEY (…)) STORED AS DMS"), "{}", output.stderr);
}

fn files_of_both_places_and_a_job_are_joined(site: &Site<'_>) {
    let sources = "CREATE EXTERNAL TABLE staged (id INT PRIMARY KEY, title TEXT) STORED AS DMS LOCATION '${STAGING}/songs'";
    site.job(&[("sources.sql", sources), ("songs.sql", "SELECT id, title FROM staged")]);
    site.stage("songs/LOAD00000001.csv", "1,one\n2,two\n");
    site.stage("prices/p.csv", "id,price\n1,10\n2,20\n");
    site.run();
    std::fs::write(site.folder().join("extra.json"), "{\"id\":2,\"extra\":true}\n").unwrap();
    let sql = format!(
        "SELECT s.title, t.id, p.price, e.extra FROM songs s JOIN target.songs t USING (id)
         JOIN '{}/prices/' p ON p.id = t.id JOIN 'extra.json' e ON e.id = t.id",
        site.staging_url()
    );
    let output = site.command(["sql", "--job", "shop", "--format", "csv", "-c", &sql]).run();
    assert_eq!(output.stdout, "title,id,price,extra\ntwo,2,20,true\n", "{}", output.stderr);
}

fn what_a_path_cannot_be_is_told_with_what_to_do(site: &Site<'_>) {
    site.stage("shop/LOAD00000001.csv", "1,Ada\n");
    site.stage("shop/20260101-000000001.csv", "I,2,Bob\n");
    std::fs::create_dir(site.folder().join("here")).unwrap();
    site.stage("mixed/a.csv", "id\n1\n");
    site.stage("mixed/b.json", "{}");
    site.stage("bare/data", "id\n1\n");
    site.stage("packed/a.csv.gz", "x");
    site.stage("differ/a.csv", "id,name\n1,x\n");
    site.stage("differ/b.csv", "name,id\nx,1\n");
    for (statement, told) in [
        ("SELECT * FROM '{}/mixed/'", ["are of several formats: a.csv and b.json", "'"]),
        ("SELECT * FROM '{}/bare/'", ["its name does not tell what it is", "csv.`"]),
        ("SELECT * FROM '{}/packed/'", ["is packed, which is not read here", "unpack it"]),
        ("SELECT * FROM '{}/differ/'", ["different columns: a.csv and b.csv", "name those"]),
        ("SELECT * FROM '{}/nothing/'", ["th", "check the path"]),
        ("SELECT * FROM '{}/mixed/*.tsv'", ["none of the 2 files", "`**` goes through folders"]),
        (
            "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{}/mixed/a.csv' OPTIONS (headers 'true')",
            ["there is no option `headers` for CSV", "did you mean `header`?"],
        ),
        (
            "CREATE EXTERNAL TABLE t STORED AS PARQET LOCATION '{}/mixed'",
            ["STORED AS PARQET is not read here", "did you mean PARQUET?"],
        ),
        (
            "SELECT 1;\nSELECT * FROM\n  nowhere",
            ["-c:3:3: there is no table `nowhere`", "SELECT * FROM 'folder/'"],
        ),
        (
            "CREATE VIEW cities AS SELECT 1; SELECT * FROM citie",
            ["there is no table `citie`", "did you mean `cities`?"],
        ),
        ("COPY (SELECT 1) TO 'x.csv'", ["only reads", "--out"]),
        (
            "SELECT * FROM '{}/shop/*.csv'",
            ["DMS staged these files, some as loads and some as changes", "/shop/'; the rows"],
        ),
        ("SELECT * FROM zips.csv", ["there is no table `zips.csv`", "quotes: FROM 'zips.csv'"]),
        ("SELECT * FROM data/zips.csv", ["-c:1:19: ", "a path stands in quotes: "]),
        (
            "SELECT * FROM 'here'",
            ["there is no table `here`", "a folder ends in a slash: FROM 'here/'"],
        ),
        (
            "CREATE EXTERNAL TABLE t (a INTT) STORED AS CSV LOCATION '{}/mixed/a.csv'",
            ["unsupported SQL type INTT", "did you mean INT?"],
        ),
        (
            "DROP TABLE IF EXISTS nothing; CREATE EXTERNAL TABLE a STORED AS CSV LOCATION '{}/mixed/a.csv'; CREATE VIEW a AS SELECT 1",
            ["already", ""],
        ),
    ] {
        let sql = statement.replace("{}", site.staging_url());
        let output = site.command(["sql", "-c", &sql]).run();
        assert_ne!(output.status, Some(0), "{statement}");
        for told in told {
            let is_told = output.stderr.contains(told)
                || told == "check the path" && output.stderr.contains("a relative path begins");
            assert!(is_told, "{statement}: {told}: {}", output.stderr);
        }
    }
}

fn statements_about_tables_work_or_say_what_to_use(site: &Site<'_>) {
    site.stage("x/a.csv", "Id,name\n1,x\n");
    let declare = "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{}/x/a.csv'; CREATE VIEW v AS SELECT id FROM t; ";
    for (statement, part) in [
        ("DESCRIBE t", "id,bigint,YES\nname,string,YES\n"),
        ("SHOW COLUMNS FROM t", "id,bigint,YES\nname,string,YES\n"),
        ("DESCRIBE '{}/x/'", "id,bigint,YES\n"),
        ("SHOW TABLES", "unglue,job,t,BASE TABLE\n"),
        (
            "SELECT column_name, data_type, ordinal_position FROM information_schema.columns WHERE table_name = 't'",
            "id,bigint,1\nname,string,2\n",
        ),
        ("SELECT count(*) AS tables FROM information_schema.tables", "tables\n2\n"),
        (
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'v'",
            "column_name\nid\n",
        ),
        ("DROP VIEW v; CREATE VIEW v AS SELECT 5 AS five; SELECT * FROM v", "five\n5\n"),
        ("EXPLAIN SELECT id FROM t WHERE id > 1", "projection="),
    ] {
        let rows = csv(site, &format!("{declare}{statement}"));
        assert!(rows.contains(part), "{statement}: {rows}");
    }
}
