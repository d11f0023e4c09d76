//! Sources whose objects are Parquet, from the full load on.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use libtest_mimic::Trial;

use crate::scenarios::site::{ALL, Site, scenarios};
use crate::support::Shared;
use crate::support::parquet::{Column, Written, parquet};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, ALL;
        a_table_is_loaded_changed_and_widened_from_parquet,
        a_full_load_in_another_format_takes_the_place_of_the_one_before,
        an_endpoint_is_read_as_it_is_described,
    ]
    .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (id INT, is_new BOOLEAN, sold DECIMAL(10,2), at DATETIME(6), PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs' OPTIONS ('S3Settings' 'endpoint.json')";
const PARQUET: &str = r#"{"Endpoints": [{"EndpointIdentifier": "lake", "EngineName": "s3",
    "S3Settings": {"DataFormat": "parquet", "CompressionType": "gzip", "ParquetTimestampInMillisecond": false}}]}"#;
const SONGS: &str = "SELECT * FROM staged";
const WIDEN: &str = "target = '${TARGET}'\ndrift = 'widen'\n";

/// Rows of `Op`, unless it is a full load, and texts of `id`, `is_new`, `sold` and `at`; `more` are columns behind them.
fn object(rows: &[[&str; 5]], more: Vec<Column>) -> Vec<u8> {
    let is_load = rows.iter().all(|row| row[0].is_empty());
    let column = |index: usize, name: &str, data_type: DataType| Column {
        name: name.to_owned(),
        data_type,
        values: rows
            .iter()
            .map(|row| (!row[index].is_empty()).then(|| row[index].to_owned()))
            .collect(),
    };
    let moment = DataType::Timestamp(TimeUnit::Microsecond, None);
    let mut columns = Vec::new();
    if !is_load {
        columns.push(column(0, "Op", DataType::Utf8));
    }
    columns.push(column(1, "id", DataType::Int32));
    // PostgreSQL's booleans are texts.
    columns.push(column(2, "is_new", DataType::Utf8));
    columns.push(column(3, "sold", DataType::Decimal128(10, 2)));
    columns.push(column(4, "at", moment));
    columns.extend(more);
    let written = Written { gzip: true, version_2: false, dictionary: true, row_group_rows: 2 };
    parquet(columns, written)
}

fn load() -> Vec<u8> {
    let rows = [
        ["", "1", "true", "1.50", "2024-01-02 03:04:05.123456"],
        ["", "2", "false", "", ""],
        ["", "3", "", "3.00", "2024-01-02 03:04:05"],
    ];
    object(&rows, Vec::new())
}

fn songs(site: &Site<'_>) -> Vec<String> {
    // Moments and booleans look different in each database.
    site.rows("SELECT id, sold FROM songs WHERE is_new OR is_new IS NULL ORDER BY id")
}

fn a_table_is_loaded_changed_and_widened_from_parquet(site: &Site<'_>) {
    let files = [
        ("sources.sql", SOURCES),
        ("songs.sql", SONGS),
        ("endpoint.json", PARQUET),
        ("job.toml", WIDEN),
    ];
    site.job(&files);
    site.stage("songs/LOAD00000001.parquet", load());
    assert_eq!(site.run().models(), ["songs full load +3 -0"]);
    assert_eq!(songs(site), ["1|1.50", "3|3.00"]);
    let changes =
        [["U", "2", "true", "2.50", ""], ["D", "3", "", "", ""], ["I", "4", "true", "4.00", ""]];
    site.stage("songs/20260101-000000000.parquet", object(&changes, Vec::new()));
    assert_eq!(site.run().models(), ["songs row-wise +2 -1"]);
    assert_eq!(songs(site), ["1|1.50", "2|2.50", "4|4.00"]);
    let more = vec![Column {
        name: "Ended".to_owned(),
        data_type: DataType::Timestamp(TimeUnit::Millisecond, None),
        values: vec![Some("2024-02-03 04:05:06.789".to_owned())],
    }];
    let changes = [["U", "4", "true", "4.50", ""]];
    site.stage("songs/20260102-000000000.parquet", object(&changes, more));
    let _report = site.run();
    assert_eq!(
        site.rows("SELECT id, ended FROM songs ORDER BY id"),
        ["1|NULL", "2|NULL", "4|2024-02-03 04:05:06.789000"]
    );
    let again = site.run();
    assert_eq!(again.outcome(), "nothing_to_do");
    assert!(again.0.get("columns_added").is_none(), "{:?}", again.0);
    let sql =
        site.command(["sql", "--job", "shop", "-c", "SELECT count(ended) AS c FROM staged"]).run();
    assert_eq!(sql.status, Some(0), "{}", sql.stderr);
}

fn a_full_load_in_another_format_takes_the_place_of_the_one_before(site: &Site<'_>) {
    let sources = SOURCES.replace("OPTIONS ('S3Settings' 'endpoint.json')", "");
    site.job(&[("sources.sql", &sources), ("songs.sql", SONGS)]);
    site.stage("songs/LOAD00000001.csv", "1,true,9.00,\n5,true,5.00,\n");
    site.run();
    site.stage("songs/LOAD00000001.parquet", load());
    let refused = site.fail();
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("one object of a full load, in two formats"),
        "{}",
        refused.stderr
    );
    assert_eq!(songs(site), ["1|9.00", "5|5.00"]);
    site.unstage("songs/LOAD00000001.csv");
    assert_eq!(site.fail().status, Some(3), "it may be half a load");
    let _report = site.run_with(&["--vanished", "accept"]);
    assert_eq!(songs(site), ["1|1.50", "3|3.00"]);
}

fn an_endpoint_is_read_as_it_is_described(site: &Site<'_>) {
    let described =
        r#"{"csv_delimiter": ";", "include_op_for_full_load": true, "cdc_min_file_size": 1}"#;
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("endpoint.json", described)]);
    site.stage("songs/LOAD00000001.csv", "I;1;true;1.50;\nI;2;false;2.00;\n");
    site.run();
    assert_eq!(songs(site), ["1|1.50"]);
    // What does not matter to a reader loads nothing anew; what does, does.
    let changed = described.replace("\"cdc_min_file_size\": 1", "\"cdc_min_file_size\": 2");
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("endpoint.json", &changed)]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    let changed = described.replace("\"cdc_min_file_size\": 1", "\"csv_null_value\": \"-\"");
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("endpoint.json", &changed)]);
    assert_eq!(site.run().models(), ["songs full load +2 -0"]);
}
