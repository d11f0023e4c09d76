use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::told::changes_of;
use super::*;
use crate::dms::drift::DriftPolicy;

/// An object whose columns hold texts or numbers.
pub(super) fn parquet(columns: &[(&str, ArrayRef)], row_group_rows: usize) -> Vec<u8> {
    let columns = columns.iter().map(|(name, array)| (*name, Arc::clone(array), true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let properties =
        WriterProperties::builder().set_max_row_group_row_count(Some(row_group_rows)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    let _metadata = writer.close().unwrap();
    bytes
}

fn texts_of(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn numbers(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

/// So many rows of the log.
pub(super) fn wide(rows: i64) -> Vec<u8> {
    let texts: Vec<String> = (0..rows).map(|n| format!("{:x}", n * 7_919)).collect();
    let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
    let ids: Vec<Option<i64>> = (0..rows).map(Some).collect();
    parquet(&[("n", numbers(&ids)), ("msg", texts_of(&texts))], 4_096)
}

fn load() -> Vec<u8> {
    let columns = [
        ("grp", texts_of(&[Some("a"), Some("b"), None])),
        ("id", numbers(&[Some(1), Some(2), Some(3)])),
        ("n", numbers(&[Some(10), Some(20), Some(30)])),
    ];
    parquet(&columns, 2)
}

/// Row 2 has an operation that is none, row 4 no key, row 5 a number that is too large.
fn changes() -> Vec<u8> {
    let ops = ["U", "?", "D", "U", "U", "I"].map(Some);
    let columns = [
        ("Op", texts_of(&ops)),
        ("id", numbers(&[Some(1), Some(2), Some(3), None, Some(5), Some(6)])),
        ("grp", texts_of(&[Some("x"), None, None, None, None, None])),
        ("n", numbers(&[Some(11), None, None, None, Some(1 << 40), Some(60)])),
    ];
    parquet(&columns, 4)
}

#[tokio::test]
async fn parquet_and_csv_of_one_table_are_read_together() {
    let staging = Staging::new();
    let load = load();
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.parquet", &load), ("20260101-000000001.csv", b"U,1,x,11\nD,2,,\n")];
    let whole = table(&staging, T, objects).await;
    check(&whole, &staging, "SELECT * FROM t", &["1|x|11", "3|NULL|30"]).await;
    check(&whole, &staging, "SELECT sum(n) AS s FROM t", &["41"]).await;
}

#[tokio::test]
async fn bad_rows_of_parquet_are_told_set_aside_and_counted_with_their_number() {
    let mut staging = Staging::new();
    let counts = counting(&mut staging);
    let (load, changes) = (load(), changes());
    let objects: &[(&str, &[u8])] =
        &[("LOAD00000001.parquet", &load), ("20260101-000000001.parquet", &changes)];
    let refused = table(&staging, T, objects).await;
    let error = staging.error("SELECT id FROM t", std::slice::from_ref(&refused)).await;
    let object = "memory://staging/20260101-000000001.parquet";
    assert_eq!(
        ScanError::find(&error).unwrap().to_string(),
        format!(
            "{object}:2: column `Op`: not an operation (I, U or D expected)\n\
             {object}:4: column `id`: NULL in a column that is NOT NULL\n\
             {object}:5: column `n`: out of range for INT"
        )
    );
    let aside = FrozenTable { bad_rows: BadRows::SetAside { most: 3 }, ..refused };
    check(&aside, &staging, "SELECT * FROM t", &["1|x|11", "2|b|20", "6|NULL|60"]).await;
    let read = counts.get("t", "20260101-000000001.parquet").unwrap();
    assert_eq!((read.rows, read.rejected()), (3, 3));
    // The third good row of the second object is the sixth of all.
    let places = [
        "1|000001.0000000001|1",
        "1|000002.0000000001|1",
        "2|000001.0000000002|2",
        "3|000001.0000000003|3",
        "3|000002.0000000002|3",
        "6|000002.0000000003|6",
    ];
    assert_eq!(changes_of(&staging, &aside, "SELECT id, _position, _line FROM t").await, places);
}

#[tokio::test]
async fn a_large_object_is_read_by_parts_and_whole() {
    let staging = Staging::new();
    // Numbers that do not compress: the object is larger than what is asked for at once.
    let scattered = (0..1_500_000_u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let many: Vec<u64> = scattered.collect();
    let small: ArrayRef = Arc::new(Int64Array::from_iter_values((0..1_500_000).map(|n| n % 1_000)));
    let large: ArrayRef = Arc::new(UInt64Array::from(many.clone()));
    let object = parquet(&[("n", small), ("big", large)], 10_000);
    assert!(object.len() > 8 * 1024 * 1024, "{}", object.len());
    let log = "CREATE EXTERNAL TABLE log (n INT, big BIGINT UNSIGNED) STORED AS DMS LOCATION 'log'";
    let whole = table(&staging, log, &[("LOAD00000001.parquet", &object)]).await;
    let expected = format!("1500000|749250000|{}", many.iter().max().unwrap());
    check(
        &whole,
        &staging,
        "SELECT count(*) AS c, sum(n) AS s, max(big) AS b FROM log",
        &[&expected],
    )
    .await;
    check(&whole, &staging, "SELECT count(*) AS c FROM log WHERE n = 7", &["1500"]).await;
}

#[tokio::test]
async fn an_object_in_another_format_than_declared_is_refused() {
    let staging = Staging::new();
    let load = load();
    for (declared, key, content, told) in [
        (
            "csv",
            "LOAD00000001.parquet",
            load.as_slice(),
            "it is Parquet, and DataFormat is declared as csv",
        ),
        (
            "parquet",
            "LOAD00000001.csv",
            b"1,a,1\n",
            "it is CSV, and DataFormat is declared as parquet",
        ),
    ] {
        let ddl = format!("{T} OPTIONS ('DataFormat' '{declared}')");
        let whole = table(&staging, &ddl, &[(key, content)]).await;
        let error = staging.error("SELECT * FROM t", &[whole]).await;
        let found = ScanError::find(&error).unwrap().to_string();
        assert_eq!(found, format!("memory://staging/{key}: {told}"));
    }
}

#[tokio::test]
async fn columns_are_added_from_parquet_only_where_all_objects_name_theirs() {
    let staging = Staging::new();
    let load = load();
    let ddl =
        "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, grp VARCHAR(10)) STORED AS DMS LOCATION 't'";
    for (options, told) in [
        ("", "needs to know that: declare 'DataFormat' 'parquet'"),
        ("OPTIONS ('DataFormat' 'parquet')", "the header has columns that are not known: `n`"),
        ("OPTIONS ('AddColumnName' 'true')", "the header has columns that are not known: `n`"),
    ] {
        let mut whole =
            table(&staging, &format!("{ddl} {options}"), &[("LOAD00000001.parquet", &load)]).await;
        let source = whole.source.as_ref().clone().with_drift(DriftPolicy::Widen);
        whole.source = Arc::new(source);
        let error = staging.error("SELECT * FROM t", &[whole]).await;
        let found = ScanError::find(&error).unwrap().to_string();
        assert!(found.contains(told), "{options}: {found}");
    }
}

#[tokio::test]
async fn a_parquet_object_that_is_not_the_listed_one_or_gone_is_an_error() {
    let staging = Staging::new();
    let load = load();
    let whole = table(&staging, T, &[("LOAD00000001.parquet", &load)]).await;
    staging.put(&whole.objects[0].path, b"PAR1").await;
    let error = staging.error("SELECT * FROM t", std::slice::from_ref(&whole)).await;
    assert!(matches!(ScanError::find(&error), Some(ScanError::Changed { .. })), "{error}");
    staging.delete(&whole.objects[0].path).await;
    let error = staging.error("SELECT * FROM t", &[whole]).await;
    assert!(matches!(ScanError::find(&error), Some(ScanError::Store { .. })), "{error}");
}

proptest! {
    /// Whatever stands in an object, it is read, or told to be broken.
    #[test]
    fn a_damaged_object_never_panics(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut object = load();
        for (place, byte) in changes {
            let place = place.index(object.len());
            object[place] = byte;
        }
        if let Some(cut) = cut {
            object.truncate(cut.index(object.len()));
        }
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let staging = Staging::new();
            let whole = table(&staging, T, &[("LOAD00000001.parquet", &object)]).await;
            let plan = staging.plan("SELECT * FROM t", &[whole]).await;
            if let Err(error) = staging.batches(&plan).await {
                assert!(ScanError::find(&error).is_some(), "{error}");
            }
        });
    }
}
