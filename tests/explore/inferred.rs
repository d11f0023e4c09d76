//! The types of files that no job declares: no value is changed, and what does not fit is told with its place.

use std::fmt::Write as _;

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::Shared;
use crate::support::parquet::{Column, Written, parquet};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, SQLITE.with_s3()];
        values_of_csv_files_are_kept_as_they_are_written,
        what_does_not_fit_is_told_with_file_row_and_column,
        files_whose_columns_differ_are_read_together_or_told_apart,
        a_parquet_file_that_is_declared_otherwise_is_told_with_both_types,
        a_parquet_file_among_many_is_told_when_it_has_another_type,
        times_of_parquet_in_nanoseconds_are_noted,
        files_of_dms_that_are_read_as_csv_are_shown_as_they_are_written,
    ]
    .collect()
}

fn values_of_csv_files_are_kept_as_they_are_written(site: &Site<'_>) {
    for (text, rows) in [
        (
            "id,d\n1,2023-02-28\n2,2023-02-30\n",
            "id,d,string\n1,2023-02-28,string\n2,2023-02-30,string\n",
        ),
        ("id,zip\r\n1,007\r\n2,\r\n", "id,zip,string\n1,007,string\n2,,string\n"),
        (
            "id,n\n1,12345678901234567\n2,0.5\n",
            "id,n,string\n1,12345678901234567,string\n2,0.5,string\n",
        ),
        ("\u{feff}id,n\n1,9223372036854775807\n", "id,n,bigint\n1,9223372036854775807,bigint\n"),
        ("id;n\n1;1.5\n2;3\n", "id,n,double\n1,1.5,double\n2,3.0,double\n"),
        ("id,b\n1,TRUE\n2,false\n", "id,b,boolean\n1,true,boolean\n2,false,boolean\n"),
        ("id,t\n1,2026-01-01 25:00:00\n", "id,t,string\n1,2026-01-01 25:00:00,string\n"),
    ] {
        site.stage("t.csv", text);
        let column = rows.split(',').nth(1).unwrap();
        let sql = format!(
            "SELECT id, {column}, typeof({column}) AS string FROM '{}/t.csv'",
            site.staging_url()
        );
        let header = rows.lines().next().unwrap();
        let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
        let body = output.stdout.split_once('\n').map_or("", |(_, body)| body);
        assert_eq!(body, &rows[header.len() + 1..], "{text}: {}", output.stderr);
    }
    site.stage("n.csv", "id,n\n1,\\N\n2,5\n");
    for columns in ["", "(id INT, n BIGINT) "] {
        let sql = format!(
            "CREATE EXTERNAL TABLE t {columns}STORED AS CSV LOCATION '{}/n.csv' OPTIONS ('nullValue' '\\N'); SELECT n, typeof(n) AS t FROM t",
            site.staging_url()
        );
        let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
        assert_eq!(output.stdout, "n,t\n,bigint\n5,bigint\n", "{}", output.stderr);
    }
    // Nothing tells a header of texts from a row of texts.
    site.stage("h.csv", "Rom,Italy\nOslo,Norway\n");
    let sql = format!("SELECT * FROM '{}/h.csv'", site.staging_url());
    let output = site.command(["sql", "-c", &sql]).run();
    assert!(output.stderr.contains("OPTIONS ('header' 'false')"), "{}", output.stderr);
}

fn what_does_not_fit_is_told_with_file_row_and_column(site: &Site<'_>) {
    // More rows than are looked at.
    let mut long = "Id,Day\n".to_owned();
    for id in 1..=10_000 {
        writeln!(long, "{id},2023-01-01").unwrap();
    }
    site.stage("days/a.csv", "Id,Day\n1,2023-01-01\n");
    site.stage("days/b.csv", long.clone() + "10001,2023-02-30\n");
    site.stage("ids/b.csv", long + "007,2023-01-01\n");
    site.stage("ragged.csv", "id,t\n1,a\n2\n");
    site.stage("latin.csv", [b"id,t\n1,".as_slice(), &[0xe4], b"\n"].concat());
    for (statement, told, next) in [
        (
            "SELECT max(day) FROM '{}/days/'",
            "/days/b.csv, row 10001: the value of column `day` is no DATE",
            "CREATE EXTERNAL TABLE t (id BIGINT, day STRING) STORED AS CSV LOCATION '",
        ),
        (
            "SELECT max(id) FROM '{}/ids/'",
            "/ids/b.csv, row 10001: the value of column `id` is no BIGINT",
            "(id STRING, day DATE)",
        ),
        (
            "CREATE EXTERNAL TABLE t (id INT, day DATE) STORED AS CSV LOCATION '{}/days/b.csv'; SELECT max(day) FROM t",
            "/days/b.csv, row 10001: the value of column `day` is no DATE",
            "declare `day` as STRING, or correct the file",
        ),
        (
            "CREATE EXTERNAL TABLE t (id INT, t ARRAY<INT>) STORED AS CSV LOCATION '{}/ragged.csv'",
            "column `t` of a CSV file cannot be ARRAY<INT>",
            "declare `t` as STRING",
        ),
        (
            "SELECT * FROM '{}/ragged.csv'",
            "/ragged.csv: row 2 has 1 value for 2 columns",
            "correct",
        ),
        (
            "SELECT * FROM '{}/latin.csv'",
            "/latin.csv: it is not written in UTF-8",
            "iconv -f LATIN1",
        ),
    ] {
        let sql = statement.replace("{}", site.staging_url());
        let output = site.command(["sql", "-c", &sql]).run();
        assert_ne!(output.status, Some(0), "{statement}");
        for told in [told, next] {
            assert!(output.stderr.contains(told), "{statement}: {told}: {}", output.stderr);
        }
        assert!(!output.stderr.contains("2023-02"), "{statement}: {}", output.stderr);
    }
    // A column that is not read is not judged.
    let sql = format!("SELECT max(id) AS m FROM '{}/days/'", site.staging_url());
    let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
    assert_eq!(output.stdout, "m\n10001\n", "{}", output.stderr);
}

fn files_whose_columns_differ_are_read_together_or_told_apart(site: &Site<'_>) {
    site.stage("wider/a.json", "{\"id\":1,\"v\":1}\n");
    site.stage("wider/b.json", "{\"id\":2,\"v\":1.5,\"w\":\"x\"}\n");
    let sql = format!("SELECT id, v, w FROM '{}/wider/' ORDER BY id", site.staging_url());
    let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
    assert_eq!(output.stdout, "id,v,w\n1,1.0,\n2,1.5,x\n", "{}", output.stderr);
    site.stage("none/a.parquet", "garbage");
    let sql = format!("SELECT * FROM '{}/none/'", site.staging_url());
    let output = site.command(["sql", "-c", &sql]).run();
    let told = "/none/a.parquet: it cannot be read as what it is named";
    assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
}

fn column(name: &str, data_type: DataType, value: &str) -> Column {
    Column { name: name.to_owned(), data_type, values: vec![Some(value.to_owned())] }
}

fn a_parquet_file_that_is_declared_otherwise_is_told_with_both_types(site: &Site<'_>) {
    let written = Written { gzip: false, version_2: false, dictionary: true, row_group_rows: 10 };
    let texts = parquet(vec![column("A", DataType::Utf8, "x7")], written);
    let numbers = parquet(vec![column("A", DataType::Int64, "7")], written);
    site.stage("texts/a.parquet", texts.clone());
    site.stage("both/a.parquet", numbers);
    site.stage("both/b.parquet", texts);
    for (statement, told, next) in [
        (
            "CREATE EXTERNAL TABLE t (a INT) STORED AS PARQUET LOCATION '{}/texts/'",
            "/texts/a.parquet: column `a` is STRING, and declared as INT",
            "write CAST(a AS INT) in the SELECT",
        ),
        (
            "CREATE EXTERNAL TABLE t (a BIGINT) STORED AS PARQUET LOCATION '{}/both/'",
            "/both/b.parquet: column `a` is STRING, and declared as BIGINT",
            "declare `a` as STRING",
        ),
        (
            "CREATE EXTERNAL TABLE t (a INT) STORED AS PARQUET LOCATION '{}/both/a.parquet'",
            "/both/a.parquet: column `a` is BIGINT, and declared as INT",
            "declare `a` as BIGINT",
        ),
        (
            "SELECT * FROM '{}/both/'",
            "column `a` is BIGINT in a.parquet and STRING in b.parquet",
            "UNION ALL",
        ),
    ] {
        let sql = statement.replace("{}", site.staging_url());
        let output = site.command(["sql", "-c", &sql]).run();
        assert_eq!(output.status, Some(2), "{statement}: {}", output.stderr);
        for told in [told, next] {
            assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
        }
        assert!(!output.stderr.contains("x7"), "{}", output.stderr);
    }
    let sql = format!(
        "CREATE EXTERNAL TABLE t (a STRING) STORED AS PARQUET LOCATION '{}/both/'; SELECT a FROM t ORDER BY a",
        site.staging_url()
    );
    let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
    assert_eq!(output.stdout, "a\n7\nx7\n", "{}", output.stderr);
}

fn a_parquet_file_among_many_is_told_when_it_has_another_type(site: &Site<'_>) {
    let written = Written { gzip: false, version_2: false, dictionary: true, row_group_rows: 10 };
    let stage = |folder: &str, index: usize, column| {
        let name = format!("{folder}/{index:02}.parquet");
        site.stage(&name, parquet(vec![column], written));
    };
    for index in 0..20 {
        let of = |name: &str, data_type: DataType, value: &str| match index {
            // Neither one of the first eight nor of the last.
            9 => column(name, data_type, value),
            _ => column("a", DataType::Int32, "1"),
        };
        stage("double", index, of("a", DataType::Float64, "1.5"));
        stage("long", index, of("a", DataType::Int64, "3000000000"));
        stage("upper", index, of("A", DataType::Int32, "1"));
    }
    let declare = |folder: &str| {
        format!(
            "CREATE EXTERNAL TABLE t (a INT) STORED AS PARQUET LOCATION '{{}}/{folder}/'; SELECT sum(a) FROM t"
        )
    };
    for (statement, told, next) in [
        (
            "SELECT sum(a), max(a) FROM '{}/double/'".to_owned(),
            "/double/09.parquet: column `a` is DOUBLE, and INT in the files that tell the columns",
            "CREATE EXTERNAL TABLE t (a STRING) STORED AS PARQUET LOCATION '",
        ),
        (
            declare("double"),
            "/double/09.parquet: column `a` is DOUBLE, and declared as INT",
            "declare `a` as DOUBLE",
        ),
        (
            declare("long"),
            "/long/09.parquet: column `a` is BIGINT, and declared as INT",
            "declare `a` as BIGINT",
        ),
        (
            "SELECT sum(a) FROM '{}/upper/'".to_owned(),
            "/upper/09.parquet: column `a` is written `A`, and otherwise in other files",
            "UNION ALL",
        ),
    ] {
        let sql = statement.replace("{}", site.staging_url());
        let output = site.command(["sql", "-c", &sql]).run();
        assert_ne!(output.status, Some(0), "{statement}: {}", output.stdout);
        for told in [told, next] {
            assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
        }
    }
    all_values_are_read_of_a_type_that_holds_them(site);
}

fn all_values_are_read_of_a_type_that_holds_them(site: &Site<'_>) {
    // What is not read is not judged.
    for (statement, rows) in [
        (
            "SELECT count(*) AS n FROM '{}/double/'",
            "n
20
",
        ),
        (
            "CREATE EXTERNAL TABLE t (a DOUBLE) STORED AS PARQUET LOCATION '{}/double/'; SELECT sum(a) AS n FROM t",
            "n
20.5
",
        ),
        (
            "CREATE EXTERNAL TABLE t (a BIGINT) STORED AS PARQUET LOCATION '{}/long/'; SELECT max(a) AS n FROM t",
            "n
3000000000
",
        ),
    ] {
        let sql = statement.replace("{}", site.staging_url());
        let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
        assert_eq!(output.stdout, rows, "{}", output.stderr);
    }
}

fn times_of_parquet_in_nanoseconds_are_noted(site: &Site<'_>) {
    let written = Written { gzip: false, version_2: false, dictionary: true, row_group_rows: 10 };
    let at = DataType::Timestamp(TimeUnit::Nanosecond, None);
    site.stage("at.parquet", parquet(vec![column("At", at, "2026-01-01 00:00:00")], written));
    let sql = format!("SELECT at FROM '{}/at.parquet'", site.staging_url());
    let output = site.command(["sql", "-c", &sql]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let (told, how) = ("`at` of ", "has times in nanoseconds: they are read to the microsecond");
    assert!(output.stderr.contains(told) && output.stderr.contains(how), "{}", output.stderr);
}

fn files_of_dms_that_are_read_as_csv_are_shown_as_they_are_written(site: &Site<'_>) {
    // The first line could be names.
    site.stage("shop/20260101-000000000.csv", "I,a,b\nU,11.50,2026-01-01\n");
    site.stage("shop/LOAD00000001.csv", "11.50,TRUE\n");
    for (path, rows) in [
        ("shop/2026*", "column_1,column_2,column_3\nI,a,b\nU,11.50,2026-01-01\n"),
        ("shop/LOAD*", "column_1,column_2\n11.50,TRUE\n"),
    ] {
        let sql = format!("SELECT * FROM csv.`{}/{path}`", site.staging_url());
        let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
        assert_eq!(output.stdout, rows, "{}", output.stderr);
    }
}
