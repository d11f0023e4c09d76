//! JSON files that no job declares: each value is shown as it is written, or what does not fit is told with its place.

use std::fmt::Write as _;

use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, SQLITE.with_s3()];
        values_of_json_files_are_kept_as_they_are_written,
        values_that_do_not_fit_further_on_are_told_with_the_declaration_that_reads_them,
        declared_columns_of_json_take_what_they_hold,
        json_files_of_many_mib_are_read_in_pieces,
        broken_json_is_told_with_its_line_or_element,
        what_is_not_said_of_json_by_a_type_is_noted,
        keys_that_are_data_are_read_as_texts,
        a_row_that_would_make_many_values_of_few_bytes_is_told,
        a_first_row_of_more_than_a_mib_is_read,
        names_that_are_not_ascii_are_found_in_any_case,
    ]
    .collect()
}

/// The CSV that statements answer, and what is noted; `{}` is the place of the files.
#[track_caller]
fn answer(site: &Site<'_>, statements: &str) -> (String, String) {
    let sql = statements.replace("{}", site.staging_url());
    let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
    assert_eq!(output.status, Some(0), "{sql}: {}", output.stderr);
    (output.stdout, output.stderr)
}

fn values_of_json_files_are_kept_as_they_are_written(site: &Site<'_>) {
    for (values, rows) in [
        ("1 9223372036854775807", "bigint,1 bigint,9223372036854775807"),
        ("9223372036854775808 -1", "\"decimal(38,0)\",9223372036854775808 \"decimal(38,0)\",-1"),
        ("1.5 9007199254740992", "double,1.5 double,9007199254740992.0"),
        ("1.5 9007199254740993", "\"decimal(38,1)\",1.5 \"decimal(38,1)\",9007199254740993.0"),
        ("1e400 1", "string,1e400 string,1"),
        ("\"7\" \"007\"", "string,7 string,007"),
        ("7 \"x\"", "string,7 string,x"),
        ("{\"a\":1.50} [1]", "string,\"{\"\"a\"\":1.50}\" string,[1]"),
    ] {
        let objects: Vec<String> =
            values.split(' ').map(|value| format!("{{\"v\":{value}}}")).collect();
        site.stage("v.ndjson", objects.join("\n"));
        site.stage("v.json", format!(" [{}\n]\n", objects.join(",\n")));
        for name in ["v.ndjson", "v.json"] {
            let (rows_read, _) =
                answer(site, &format!("SELECT typeof(v) AS t, v FROM '{{}}/{name}'"));
            assert_eq!(rows_read, format!("t,v\n{}\n", rows.replace(' ', "\n")), "{values}");
        }
    }
    site.stage(
        "deep.json",
        "{\"s\":{\"Deep\":[{\"n\":12345678901234567890},{}]}}\n{\"s\":null}\n{}\n",
    );
    let (rows, _) = answer(site, "SELECT s.deep[0].n AS n, size(s.deep) AS c FROM '{}/deep.json'");
    assert_eq!(rows, "n,c\n12345678901234567890,2\n,-1\n,-1\n");
}

fn values_that_do_not_fit_further_on_are_told_with_the_declaration_that_reads_them(
    site: &Site<'_>,
) {
    // More rows than are looked at.
    let mut many = String::new();
    for id in 1..=10_000 {
        writeln!(many, "{{\"id\":{id},\"s\":{{\"a\":[0]}},\"t\":\"x\"}}").unwrap();
    }
    for (value, told, read) in [
        ("\"id\":1.5", "line 10001: the value of column `id` is no BIGINT\n", "1.5"),
        ("\"id\":\"7\"", "line 10001: the value of column `id` is no BIGINT, but a text\n", "7"),
        (
            "\"id\":9223372036854775808",
            "line 10001: the value of column `id` is no BIGINT\n",
            "9223372036854775808",
        ),
        (
            "\"id\":1,\"t\":5",
            "line 10001: the value of column `t` is no STRING, but a number\n",
            "5",
        ),
        (
            "\"id\":1,\"s\":{\"a\":[1,2.50]}",
            "line 10001: the value of column `s.a[1]` is no BIGINT\n",
            "\"{\"\"a\"\":[1,2.50]}\"",
        ),
        (
            "\"id\":1,\"s\":{\"b\":1}",
            "line 10001: there is a `s.b`, which the first rows do not have\n",
            "\"{\"\"b\"\":1}\"",
        ),
    ] {
        site.stage("m.jsonl", format!("{many}{{{value}}}\n"));
        let sql = format!("SELECT * FROM '{}/m.jsonl'", site.staging_url());
        let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
        assert_eq!(output.status, Some(4), "{value}: {}", output.stderr);
        assert!(output.stderr.contains(&format!("/m.jsonl, {told}")), "{told}: {}", output.stderr);
        let (_, declaration) = output.stderr.split_once("declare the column as a text: ").unwrap();
        let column = if told.contains("`t`") {
            "t"
        } else if told.contains("`s") {
            "s"
        } else {
            "id"
        };
        let (rows, _) =
            answer(site, &format!("{}; SELECT {column} AS c FROM t", declaration.trim()));
        assert_eq!(rows.lines().last(), Some(read), "{declaration}");
    }
    // A column that is not read is not judged.
    let (rows, _) = answer(site, "SELECT max(id) AS m FROM '{}/m.jsonl'");
    assert_eq!(rows, "m\n10000\n");
    let elements = many.replace("}\n", "},");
    site.stage("m.json", format!("[{elements}{{\"id\":1.5}}]"));
    let sql = format!("SELECT max(id) FROM '{}/m.json'", site.staging_url());
    let output = site.command(["sql", "-c", &sql]).run();
    let told = "/m.json, element 10001: the value of column `id` is no BIGINT";
    assert!(output.stderr.contains(told), "{}", output.stderr);
}

fn declared_columns_of_json_take_what_they_hold(site: &Site<'_>) {
    let declared = |columns: &str, select: &str| {
        format!(
            "CREATE EXTERNAL TABLE t ({columns}) STORED AS JSON LOCATION '{{}}/d.json'; SELECT {select} FROM t"
        )
    };
    site.stage(
        "d.json",
        "{\"Id\":12345678901234567890,\"day\":\"2024-02-29\",\"at\":\"2026-01-01T10:00:00Z\",\"price\":\"1.50\",\"s\":{\"A\":7,\"b\":[]},\"m\":{\"x\":1}}\n",
    );
    for (columns, select, rows) in [
        (
            "id DECIMAL(20,0), day DATE, at TIMESTAMP, price DECIMAL(10,2)",
            "id, day, at, price",
            "id,day,at,price\n12345678901234567890,2024-02-29,2026-01-01T10:00:00,1.50\n",
        ),
        (
            "id STRING, s STRING",
            "id, s",
            "id,s\n12345678901234567890,\"{\"\"A\"\":7,\"\"b\"\":[]}\"\n",
        ),
        ("s STRUCT<a: INT>, nothing INT", "s.a AS a, nothing", "a,nothing\n7,\n"),
    ] {
        let (answered, _) = answer(site, &declared(columns, select));
        assert_eq!(answered.replace("10:00:00Z", "10:00:00"), rows, "{columns}");
    }
    for (columns, select, told) in [
        ("id BIGINT", "id", "line 1: the value of column `id` is no BIGINT"),
        ("price DECIMAL(10,1), day STRING", "day", ""),
        ("day INT", "day", "line 1: the value of column `day` is no INT"),
        ("at DATE", "at", "line 1: the value of column `at` is no DATE"),
        ("s STRUCT<a: STRUCT<b: INT>>", "s", "`s.a` is no STRUCT<b: INT>, but a number"),
    ] {
        let sql = declared(columns, select).replace("{}", site.staging_url());
        let output = site.command(["sql", "-c", &sql]).run();
        assert!(output.stderr.contains(told), "{columns}: {}", output.stderr);
        assert_eq!(output.status, Some(if told.is_empty() { 0 } else { 4 }), "{}", output.stderr);
        assert!(told.is_empty() || output.stderr.contains("as STRING, or correct the file"));
    }
    // What CSV has declared is not rounded either.
    site.stage("d.csv", "price\n1.25\n");
    let sql = format!(
        "CREATE EXTERNAL TABLE t (price DECIMAL(5,1)) STORED AS CSV LOCATION '{}/d.csv' OPTIONS ('header' 'true'); SELECT * FROM t",
        site.staging_url()
    );
    let output = site.command(["sql", "-c", &sql]).run();
    let told = "/d.csv, row 1: the value of column `price` is no DECIMAL(5,1)";
    assert!(output.stderr.contains(told), "{}", output.stderr);
}

fn json_files_of_many_mib_are_read_in_pieces(site: &Site<'_>) {
    let filler = "é".repeat(500);
    let objects: Vec<String> =
        (0..9_000).map(|id| format!("{{\"id\":{id},\"t\":\"{filler}\"}}")).collect();
    site.stage("big.ndjson", objects.join("\n"));
    site.stage("big.json", format!("[{}]", objects.join(",\n")));
    for name in ["big.ndjson", "big.json"] {
        let (rows, _) = answer(
            site,
            &format!("SELECT count(*) AS c, sum(id) AS s, max(length(t)) AS l FROM '{{}}/{name}'"),
        );
        assert_eq!(rows, "c,s,l\n9000,40495500,500\n", "{name}");
        let (rows, _) = answer(site, &format!("SELECT count(*) AS c FROM '{{}}/{name}'"));
        assert_eq!(rows, "c\n9000\n", "{name}");
    }
}

fn broken_json_is_told_with_its_line_or_element(site: &Site<'_>) {
    for (text, told) in [
        ("{\"a\":1}\n\n{\"a\":}\n", "line 3: it is no JSON"),
        ("{\"a\":1}\n{\"a\":\"secret\n{}\n", "line 2: it is no JSON"),
        ("{\"a\":1}\n{\"a\":{\n", "line 2: the file ends within it"),
        ("{\"a\":1}\n7\n", "line 2: it is no object"),
        ("[{\"a\":1},\n{\"a\":01}]", "element 2: it is no JSON"),
        ("[{\"a\":1}", "element 1: the file ends within it"),
        ("{\"a\":1}\n{\"a\":1,\"b\":[],\"a\":2}\n", "line 2: `a` is there twice"),
        ("{\"a\":1}\n", ""),
    ] {
        site.stage("x.json", text);
        let sql = format!("SELECT * FROM '{}/x.json'", site.staging_url());
        let output = site.command(["sql", "-c", &sql]).run();
        let told = if told.is_empty() { String::new() } else { format!("/x.json, {told}") };
        assert!(output.stderr.contains(&told), "{text}: {}", output.stderr);
        assert!(!output.stderr.contains("secret"), "{}", output.stderr);
        assert_eq!(output.status == Some(0), told.is_empty(), "{text}: {}", output.stderr);
    }
    for (text, option, told) in [
        ("{\"a\":1}\n", "true", "line 1: it is no array"),
        ("[{\"a\":1}]", "false", "line 1: it is an array"),
    ] {
        site.stage("x.json", text);
        let sql = format!(
            "CREATE EXTERNAL TABLE t STORED AS JSON LOCATION '{}/x.json' OPTIONS ('multiLine' '{option}')",
            site.staging_url()
        );
        let output = site.command(["sql", "-c", &sql]).run();
        assert!(output.stderr.contains(told), "{text}: {}", output.stderr);
    }
}

fn what_is_not_said_of_json_by_a_type_is_noted(site: &Site<'_>) {
    site.stage("mixed/a.json", "{\"id\":1,\"s\":{\"v\":1}}\n");
    site.stage("mixed/b.json", "[{\"id\":\"x\",\"s\":{\"v\":[]}}]\n");
    let (rows, notes) = answer(site, "SELECT * FROM '{}/mixed/' ORDER BY id");
    assert_eq!(rows, "id,s\n1,{v: 1}\nx,{v: []}\n");
    for told in ["`id` (and 1 column more) of ", "is read as STRING, each value as it is written"] {
        assert!(notes.contains(told), "{notes}");
    }
    let mut late = "{\"id\":1}\n".repeat(10_000);
    late.push_str("{\"id\":2,\"Extra\":true}\n{\"id\":2,\"other\":true}\n");
    site.stage("late.json", late);
    let (_, notes) = answer(site, "SELECT * FROM '{}/late.json' WHERE id = 2");
    assert!(notes.contains("/late.json, line 10001: `extra` is no column"), "{notes}");
    assert!(!notes.contains("`other`"), "{notes}");
    let declared = "CREATE EXTERNAL TABLE t (id INT, extra BOOLEAN) STORED AS JSON LOCATION '{}/late.json'; SELECT id FROM t WHERE extra";
    assert_eq!(answer(site, declared).0, "id\n2\n");
}

fn keys_that_are_data_are_read_as_texts(site: &Site<'_>) {
    for file in ["ids/a.json", "ids/b.json"] {
        let mut text = String::new();
        for id in 0..2000 {
            writeln!(text, "{{\"by\":{{\"{file}{id}\":1}}}}").unwrap();
        }
        site.stage(file, text);
    }
    let (rows, notes) = answer(site, "SELECT count(by) AS c, max(by) AS m FROM '{}/ids/'");
    assert_eq!(rows, "c,m\n4000,\"{\"\"ids/b.json999\"\":1}\"\n");
    let told = "has objects with more than 1000 different fields: it is read as STRING";
    assert!(notes.contains("`by` of ") && notes.contains(told), "{notes}");
    let columns: Vec<String> = (0..5000).map(|id| format!("\"k{id}\":1")).collect();
    site.stage("wide.json", format!("{{{}}}", columns.join(",")));
    let sql = format!("SELECT k1 FROM '{}/wide.json'", site.staging_url());
    let output = site.command(["sql", "-c", &sql]).run();
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    for told in
        ["/wide.json have more than 4096 different columns", "declare those that are needed"]
    {
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
    }
    let declared = "CREATE EXTERNAL TABLE t (k4999 INT) STORED AS JSON LOCATION '{}/wide.json'; SELECT k4999 FROM t";
    assert_eq!(answer(site, declared).0, "k4999\n1\n");
}

fn a_row_that_would_make_many_values_of_few_bytes_is_told(site: &Site<'_>) {
    let fields: Vec<String> = (0..1000).map(|id| format!("\"k{id}\":1")).collect();
    let empty = vec!["{}"; 50_000].join(",");
    let text = format!("{{\"v\":[{{{}}}]}}\n{{\"v\":[{empty}]}}\n", fields.join(","));
    site.stage("empty.json", text);
    let sql = format!("SELECT count(v) FROM '{}/empty.json'", site.staging_url());
    let output = site.command(["sql", "-c", &sql]).run();
    for told in ["/empty.json, line 2: a row with more than 2000000 values", "declare the columns"]
    {
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
    }
    let declared = "CREATE EXTERNAL TABLE t (v ARRAY<STRUCT<k7: INT>>) STORED AS JSON LOCATION '{}/empty.json'; SELECT sum(cardinality(v)) AS n FROM t";
    assert_eq!(answer(site, declared).0, "n\n50001\n");
}

fn a_first_row_of_more_than_a_mib_is_read(site: &Site<'_>) {
    let long = "x".repeat(3 << 20);
    site.stage("long.json", format!("{{\"id\":1,\"t\":\"{long}\"}}\n{{\"id\":2}}\n"));
    let (rows, _) = answer(site, "SELECT sum(id) AS s, max(length(t)) AS l FROM '{}/long.json'");
    assert_eq!(rows, "s,l\n3,3145728\n");
}

fn names_that_are_not_ascii_are_found_in_any_case(site: &Site<'_>) {
    // More rows than are looked at, so that the declaration is advised.
    let mut text = "{\"ÄPFEL\":1}\n".repeat(10_000);
    text.push_str("{\"ÄPFEL\":\"Boskop\"}\n");
    site.stage("fruit.json", text);
    let sql = format!("SELECT max(`äpfel`) FROM '{}/fruit.json'", site.staging_url());
    let output = site.command(["sql", "-c", &sql]).run();
    let (_, declaration) = output.stderr.split_once("declare the column as a text: ").unwrap();
    let (rows, _) =
        answer(site, &format!("{}; SELECT max(`äpfel`) AS m FROM t", declaration.trim()));
    assert_eq!(rows, "m\nBoskop\n");
}
