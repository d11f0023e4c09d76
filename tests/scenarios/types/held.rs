//! What the databases do with values that not all of them have: each holds them exactly, or the run names line and column.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, Site, scenarios};
use crate::scenarios::troubles::assert_told;
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_value_at_an_edge_is_held_exactly_or_refused_by_line_and_column,
        texts_with_any_character_are_keys_like_others,
        a_decimal_of_more_digits_than_the_database_has_is_refused_before_rows_are_read,
        an_object_that_begins_with_a_byte_order_mark_is_loaded,
        a_document_is_held_or_refused_for_its_numbers,
    ]
    .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (
    id INT, n DOUBLE, f FLOAT, u BIGINT UNSIGNED, d DECIMAL(65,30), t TEXT, doc JSON, day DATE, at TIMESTAMP, short VARCHAR(4), PRIMARY KEY (id)
) STORED AS DMS LOCATION '${STAGING}/edges'";
/// Days outside of the years 1 to 9999 can only come of computing.
const EDGES: &str = "SELECT id, n, f, u, d, t, doc, day, day - INTERVAL '1' DAY AS eve, day + INTERVAL '1' DAY AS morrow, at, short FROM staged";
const LOAD: &str = "edges/LOAD00000001.csv";
const CHANGE: &str = "edges/20260101-000000000.csv";

/// A column as it is asked for, and what it then holds.
type Held = (&'static str, &'static str);
/// The refused column.
type Refused = &'static str;

/// A row without its key; what a server and SQLite do with it.
struct Edge(&'static str, Result<Held, Refused>, Result<Held, Refused>);

const ALL: [Edge; 18] = [
    Edge("NaN,,,,,,,,", Err("n"), Err("n")),
    Edge(",NaN,,,,,,,", Err("f"), Err("f")),
    Edge("Infinity,,,,,,,,", Err("n"), Ok(("n", "inf"))),
    Edge(",-Infinity,,,,,,,", Err("f"), Ok(("f", "-inf"))),
    Edge(
        "+1.7976931348623157e+308,,,,,,,,",
        Ok(("n", "1.7976931348623157e308")),
        Ok(("n > 1.797e308", "1")),
    ),
    Edge("4.9e-324,,,,,,,,", Ok(("n > 0", "1")), Ok(("n > 0", "1"))),
    Edge(",,18446744073709551615,,,,,,", Ok(("u", "18446744073709551615")), Err("u")),
    Edge(
        ",,,-99999999999999999999999999999999999.999999999999999999999999999999,,,,,",
        Ok(("d", "-99999999999999999999999999999999999.999999999999999999999999999999")),
        Ok(("d", "-99999999999999999999999999999999999.999999999999999999999999999999")),
    ),
    Edge(",,,,a\0b,,,,", Ok(("HEX(t)", "610062")), Ok(("HEX(t)", "610062"))),
    Edge(",,,,\0,,,,", Ok(("HEX(t)", "00")), Ok(("HEX(t)", "00"))),
    Edge(
        ",,,,\"a\rb\r\n\t\\N\",,,,",
        Ok(("HEX(t)", "610D620D0A095C4E")),
        Ok(("HEX(t)", "610D620D0A095C4E")),
    ),
    Edge(
        ",,,,\u{1f388}\u{feff},,,,",
        Ok(("HEX(t)", "F09F8E88EFBBBF")),
        Ok(("HEX(t)", "F09F8E88EFBBBF")),
    ),
    Edge(",,,,,{a,,,", Err("doc"), Ok(("doc", "{a"))),
    Edge(",,,,,,0001-01-01,,", Err("eve"), Ok(("eve", "0000-12-31"))),
    Edge(",,,,,,9999-12-31,,", Err("morrow"), Err("morrow")),
    Edge(
        ",,,,,,,9999-12-31 23:59:59.999999,",
        Ok(("at", "9999-12-31 23:59:59.999999")),
        Ok(("at", "9999-12-31 23:59:59.999999")),
    ),
    Edge(",,,,,,,,abcd  ", Err("short"), Ok(("HEX(short)", "616263642020"))),
    Edge(",,,,,,,,ab  ", Ok(("HEX(short)", "61622020")), Ok(("HEX(short)", "61622020"))),
];

fn a_value_at_an_edge_is_held_exactly_or_refused_by_line_and_column(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("edges.sql", EDGES)]);
    site.stage(LOAD, "0,,,,,,,,,\n");
    site.run();
    let outcome = |edge: &Edge| if site.is_server() { edge.1 } else { edge.2 };
    let mut held = Vec::new();
    for edge in &ALL {
        match outcome(edge) {
            Ok((column, value)) => held.push((edge.0, column, value)),
            Err(column) => {
                // It is neither the first nor the last row.
                let before = site.dump();
                site.stage(CHANGE, format!("I,1,,,,,,,,,\nI,2,{}\nI,3,,,,,,,,,\n", edge.0));
                let place = format!("{}/{CHANGE}:2", site.staging_url());
                assert_told(&site.fail(), 4, &[&place, &format!("{column}`")]);
                assert_eq!(site.dump(), before, "{:?}", edge.0);
            }
        }
    }
    let rows: Vec<String> =
        held.iter().enumerate().map(|(id, row)| format!("{},{}\n", id + 1, row.0)).collect();
    let assert_held = || {
        for (index, (row, column, value)) in held.iter().enumerate() {
            let id = index + 1;
            let found = site.rows(&format!("SELECT {column} FROM edges WHERE id = {id}"));
            assert_eq!(found, [*value], "{row:?}");
        }
    };
    let changes: Vec<String> = rows.iter().map(|row| format!("I,{row}")).collect();
    site.stage(CHANGE, changes.concat());
    assert_eq!(site.run().ways(), ["row-wise"]);
    assert_held();
    site.stage(LOAD, format!("0,,,,,,,,,\n{}", rows.concat()));
    assert_eq!(site.run().ways(), ["full load"]);
    assert_held();
}

/// Row-wise a key is looked for in the table, in a replay the table is read and compared.
fn texts_with_any_character_are_keys_like_others(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (code VARCHAR(20), n INT, PRIMARY KEY (code)) STORED AS DMS LOCATION '${STAGING}/edges'",
        ),
        ("codes.sql", "SELECT * FROM staged"),
        ("counts.sql", "SELECT code, count(*) AS c, sum(n) AS n FROM staged GROUP BY code"),
    ]);
    let codes =
        ["a\0", "a", "a\0b", "\0", "\"\"", "\"a\r\"", "\"a\n\"", "a ", "\u{1f388}", "\u{feff}"];
    let rows = |n: usize| -> Vec<String> {
        codes.iter().enumerate().map(|(index, code)| format!("{code},{}\n", n + index)).collect()
    };
    site.stage(LOAD, rows(1).concat());
    assert_eq!(site.run().models(), ["codes full load +10 -0", "counts full load +10 -0"]);
    // The first is deleted, the second stays, the others get another number.
    let changes: Vec<String> = rows(100)
        .iter()
        .skip(2)
        .map(|row| format!("U,{row}"))
        .chain(["D,a\0,\n".to_owned()])
        .collect();
    site.stage(CHANGE, changes.concat());
    assert_eq!(site.run().models(), ["codes row-wise +8 -1", "counts replay +8 -1"]);
    let expected = ["2", "102", "103", "104", "105", "106", "107", "108", "109"];
    for table in ["codes", "counts"] {
        assert_eq!(site.rows(&format!("SELECT n FROM {table} ORDER BY n")), expected);
        assert_eq!(site.rows(&format!("SELECT HEX(code) FROM {table} WHERE n = 2")), ["61"]);
    }
}

fn a_decimal_of_more_digits_than_the_database_has_is_refused_before_rows_are_read(site: &Site<'_>) {
    let digits = "1234567890".repeat(7);
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT, d DECIMAL(70,0), PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}/edges'",
        ),
        ("edges.sql", "SELECT * FROM staged"),
    ]);
    site.stage(LOAD, format!("1,{digits}\n"));
    if site.is_server() {
        assert_told(&site.fail(), 2, &["column `d`", "DECIMAL ends at (65,30)"]);
    } else {
        site.run();
        assert_eq!(site.rows("SELECT d FROM edges"), [digits]);
    }
}

fn an_object_that_begins_with_a_byte_order_mark_is_loaded(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (code VARCHAR(20), n INT, PRIMARY KEY (code)) STORED AS DMS LOCATION '${STAGING}/edges'
            OPTIONS ('AddColumnName' 'true')",
        ),
        ("edges.sql", "SELECT * FROM staged"),
    ]);
    site.stage(LOAD, "\u{feff}code,n\r\na,1\r\nb,2\r\n");
    site.stage(CHANGE, "\u{feff}Op,code,n\nU,a,3\n\u{feff}");
    assert_told(&site.fail(), 4, &["20260101-000000000.csv:3"]);
    site.stage(CHANGE, "\u{feff}Op,code,n\nU,a,3\n");
    site.run();
    assert_eq!(site.rows("SELECT code, n FROM edges ORDER BY n"), ["b|2", "a|3"]);
}

/// MySQL's JSON makes a DOUBLE of most numbers, MariaDB's and SQLite's are texts.
fn a_document_is_held_or_refused_for_its_numbers(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("edges.sql", "SELECT id, doc FROM staged")]);
    let row =
        |id: u32, document: &str| format!("{id},,,,,,\"{}\",,,\n", document.replace('"', "\"\""));
    let held = r#"{"b": 1, "b": 2, "a": [9007199254740993, 18446744073709551615, 0.30000000000000004, -1.5e-7, "3.141592653589793238"]}"#;
    site.stage(LOAD, row(1, held));
    site.run();
    let is_mysql = site.is_server() && !site.rows("SELECT VERSION()")[0].contains("MariaDB");
    let numbers = "JSON_EXTRACT(doc, '$.a[0]'), JSON_EXTRACT(doc, '$.a[1]'), JSON_EXTRACT(doc, '$.a[2]'), JSON_EXTRACT(doc, '$.b')";
    let whole = site.rows("SELECT doc FROM edges");
    assert_eq!(whole == [held], !is_mysql);
    if is_mysql {
        let found = site.rows(&format!("SELECT {numbers} FROM edges"));
        assert_eq!(found, ["9007199254740993|18446744073709551615|0.30000000000000004|2"]);
    }
    for wide in ["[3.141592653589793238]", "[18446744073709551616]", "[1e-400]"] {
        site.stage(CHANGE, format!("I,{}I,{}", row(2, held), row(3, wide)));
        if is_mysql {
            let place = format!("{}/{CHANGE}:2", site.staging_url());
            assert_told(&site.fail(), 4, &[&place, "column `doc`", "document"]);
        } else {
            site.run();
            assert_eq!(site.rows("SELECT doc FROM edges WHERE id = 3"), [wide]);
            site.execute("DELETE FROM edges WHERE id = 3");
        }
    }
}
