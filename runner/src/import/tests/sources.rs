//! Nodes that read.

use super::*;

fn sources(made: &Made) -> &str {
    text(made, "sources.sql").trim_start()
}

async fn alone(kind: &str, fields: Value) -> Made {
    let mut node = json!({ kind: fields });
    node[kind]["Name"] = json!("Amazon S3");
    made_with(&json!({ "n": node, "t": target("n", "t") }), &[]).await
}

fn schema() -> Value {
    json!([{ "Columns": [{ "Name": "id", "Type": "bigint" }, { "Name": "Name", "Type": "varchar(20)" }] }])
}

#[tokio::test]
async fn csv_is_declared_as_the_node_reads_it() {
    let fields = json!({
        "Paths": ["s3://lake/shop/songs/LOAD00000001.csv"], "Separator": "pipe", "QuoteChar": "disabled",
        "WithHeader": true, "OutputSchemas": schema(), "Exclusions": ["**.tmp"], "Escaper": "\\",
        "AdditionalOptions": { "BoundedFiles": 10 },
    });
    let made = made_with(&json!({ "n": { "S3CsvSource": fields } }), &["id"]).await;
    insta::assert_snapshot!(sources(&made), @r"
    -- S3CsvSource n: S3CsvSource
    -- the job reads LOAD00000001.csv, a run all objects of the folder
    -- the node's escape character \ is left out: DMS doubles quotes and escapes nothing
    -- left out of the job: Exclusions, BoundedFiles; a run reads all objects that it has not applied
    CREATE EXTERNAL TABLE songs_staged (
        id   BIGINT,
        name VARCHAR(20),
        PRIMARY KEY (id)
    )
    STORED AS DMS
    LOCATION 's3://lake/shop/songs/'
    OPTIONS ('CsvDelimiter' '|', 'Rfc4180' 'false', 'AddColumnName' 'true');
    ");
    assert_eq!(outcome(&made, "n").0, Outcome::Noted);
}

#[tokio::test]
async fn every_separator_is_one_that_is_read() {
    for separator in ["comma", "ctrla", "pipe", "semicolon", "tab"] {
        let fields = json!({ "Paths": ["s3://b/t/"], "Separator": separator, "QuoteChar": "quote", "OutputSchemas": schema() });
        let made = alone("S3CsvSource", fields).await;
        assert_eq!(outcome(&made, "n").0, Outcome::Noted, "{separator}: {made:?}");
    }
    for (option, value) in [("QuoteChar", "quillemet"), ("CompressionType", "bzip2")] {
        let mut fields =
            json!({ "Paths": ["s3://b/t/"], "Separator": "comma", "OutputSchemas": schema() });
        fields[option] = json!(value);
        let made = alone("S3CsvSource", fields).await;
        assert_eq!(outcome(&made, "n").0, Outcome::ToBeWritten, "{value}");
    }
}

#[tokio::test]
async fn parquet_is_declared_as_such_and_its_key_is_said_to_be_missing() {
    let made =
        alone("S3ParquetSource", json!({ "Paths": ["s3://b/t"], "OutputSchemas": schema() })).await;
    insta::assert_snapshot!(sources(&made), @r"
    -- S3ParquetSource n: Amazon S3
    -- t_staged has no PRIMARY KEY, which the job does not hold: without one its rows can only be added; name it here, or import with --key t_staged:COLUMN
    CREATE EXTERNAL TABLE t_staged (
        id   BIGINT,
        name VARCHAR(20)
    )
    STORED AS DMS
    LOCATION 's3://b/t/'
    OPTIONS ('DataFormat' 'parquet');
    ");
}

#[tokio::test]
async fn what_dms_does_not_stage_waits_for_its_folder() {
    let catalog = json!({ "Database": "shop", "Table": "songs", "OutputSchemas": schema() });
    for (kind, fields) in [
        ("CatalogSource", catalog.clone()),
        ("S3CatalogSource", catalog.clone()),
        ("MySQLCatalogSource", catalog.clone()),
        ("DirectJDBCSource", catalog.clone()),
        ("PostgreSQLCatalogSource", catalog),
    ] {
        let made = alone(kind, fields).await;
        let (outcome, notes) = outcome(&made, "n");
        assert_eq!(outcome, Outcome::ToBeWritten, "{kind}");
        assert!(
            notes.starts_with("the node reads the table shop.songs: give the folder"),
            "{notes}"
        );
        assert!(sources(&made).contains("LOCATION '${SONGS_LOCATION}'"), "{}", sources(&made));
        assert_eq!(text(&made, "t.sql"), "SELECT *\nFROM songs_staged\n");
    }
    let json = json!({ "Paths": ["s3://b/songs/"], "OutputSchemas": schema() });
    let made = alone("S3JsonSource", json).await;
    assert!(
        outcome(&made, "n").1.contains("objects of another format in s3://b/songs/"),
        "{made:?}"
    );
}

#[tokio::test]
async fn columns_that_the_node_does_not_have_are_those_of_its_mapping() {
    let mapping = json!([
        { "ToKey": "cdc_op", "FromPath": ["col0"], "FromType": "string", "ToType": "string" },
        { "ToKey": "id", "FromPath": ["col1"], "FromType": "string", "ToType": "long" },
        { "ToKey": "x", "FromPath": ["col2"], "FromType": "struct", "ToType": "struct", "Dropped": true },
    ]);
    let nodes = json!({
        "a": { "S3CsvSource": { "Paths": ["s3://b/t/"] } },
        "n": { "ApplyMapping": { "Inputs": ["a"], "Mapping": mapping } },
        "t": target("n", "t"),
    });
    let made = made_with(&nodes, &["t:col1"]).await;
    insta::assert_snapshot!(sources(&made), @r"
    -- S3CsvSource a: S3CsvSource
    -- col0 is DMS's operation and no column here: a run applies it; if the full load has it too, add 'IncludeOpForFullLoad' 'true'
    CREATE EXTERNAL TABLE t_staged (
        col1 BIGINT, -- a text in the job, which casts it
        col2 STRING, -- struct in the job: DMS writes it as text
        PRIMARY KEY (col1)
    )
    STORED AS DMS
    LOCATION 's3://b/t/';
    ");
    assert_eq!(carried(&made), "SELECT\n    col1 AS id\nFROM t_staged\n");
}

#[tokio::test]
async fn a_source_without_any_column_waits_for_them_and_what_reads_it_is_written_all_the_same() {
    let made = alone("S3CsvSource", json!({ "Paths": ["s3://b/t/"] })).await;
    let (at, notes) = outcome(&made, "n");
    assert_eq!(at, Outcome::ToBeWritten);
    assert!(notes.contains("name the columns of t_staged"), "{notes}");
    let node = &made.nodes[0];
    let line = sources(&made).lines().position(|line| line.starts_with("CREATE")).unwrap();
    // The title and an empty line are before it.
    assert_eq!((node.file.as_str(), node.line), ("sources.sql", line + 3));
    assert!(outcome(&made, "t").1.contains("not planned yet"), "{made:?}");
}

#[tokio::test]
async fn several_folders_are_one_table_of_two_sources() {
    let fields = json!({ "Paths": ["s3://b/old/", "s3://b/new/*.csv", "s3://b/new/"], "OutputSchemas": schema() });
    let made = alone("S3CsvSource", fields).await;
    assert_eq!(
        text(&made, "_amazon_s3.sql"),
        "SELECT * FROM old_staged\nUNION ALL\nSELECT * FROM new_staged\n"
    );
    assert_eq!(text(&made, "t.sql"), "SELECT *\nFROM _amazon_s3\n");
}

#[tokio::test]
async fn a_first_column_without_a_name_may_be_the_operation_and_is_said() {
    let columns =
        json!([[{ "key": "col0", "type": "string" }, { "key": "col1", "type": "string" }]]);
    let made =
        alone("S3CsvSource", json!({ "Paths": ["s3://b/t/"], "OutputSchemas": columns })).await;
    assert!(sources(&made).contains("    col0 STRING,\n"), "{}", sources(&made));
    assert!(outcome(&made, "n").1.contains("compare col0 with what is staged"), "{made:?}");
}
