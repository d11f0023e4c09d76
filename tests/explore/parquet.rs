//! Parquet files of several writers: one kind of values is read as one type, wherever the file stands that keeps it otherwise.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::Shared;
use crate::support::parquet::{Column, Written, parquet};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, SQLITE.with_s3()];
        bytes_are_never_read_as_texts,
        texts_are_read_together_however_they_are_kept,
        times_are_read_together_in_every_unit_and_cut_towards_the_past,
        what_is_declared_as_a_text_is_that_of_cast,
    ]
    .collect()
}

/// Neither one of the first eight files nor of the last.
const MIDDLE: usize = 9;

fn stage(site: &Site<'_>, name: &str, data_type: DataType, value: &str) {
    let written = Written { gzip: false, version_2: false, dictionary: true, row_group_rows: 10 };
    let values = vec![Some(value.to_owned())];
    let column = Column { name: "a".to_owned(), data_type, values };
    site.stage(name, parquet(vec![column], written));
}

/// Twenty files, some of which have another type.
fn stage_all(site: &Site<'_>, folder: &str, of: impl Fn(usize) -> (DataType, &'static str)) {
    for index in 0..20 {
        let (data_type, value) = of(index);
        stage(site, &format!("{folder}/{index:02}.parquet"), data_type, value);
    }
}

fn rows(site: &Site<'_>, statement: &str) -> String {
    let sql = statement.replace("{}", site.staging_url());
    let output = site.command(["sql", "--format", "csv", "-c", &sql]).run();
    assert_eq!(output.status, Some(0), "{statement}: {}", output.stderr);
    output.stdout
}

fn bytes_are_never_read_as_texts(site: &Site<'_>) {
    // They are no UTF-8.
    stage_all(site, "texts", |index| match index {
        MIDDLE => (DataType::Binary, "fffe"),
        _ => (DataType::Utf8, "a"),
    });
    stage(site, "bytes/a.parquet", DataType::Binary, "fffe");
    for (statement, told, next) in [
        (
            "SELECT max(a) FROM '{}/texts/'",
            "/texts/09.parquet: column `a` is BINARY, and STRING in the files that tell the columns",
            "next: name the files that are alike",
        ),
        (
            "CREATE EXTERNAL TABLE t (a STRING) STORED AS PARQUET LOCATION '{}/texts/'; SELECT max(a) FROM t",
            "/texts/09.parquet: column `a` is BINARY, and declared as STRING",
            "declare `a` as BINARY, or",
        ),
        (
            "CREATE EXTERNAL TABLE t (a STRING) STORED AS PARQUET LOCATION '{}/bytes/'",
            "/bytes/a.parquet: column `a` is BINARY, and declared as STRING",
            "write CAST(a AS STRING) in the SELECT",
        ),
    ] {
        let sql = statement.replace("{}", site.staging_url());
        let output = site.command(["sql", "-c", &sql]).run();
        assert_ne!(output.status, Some(0), "{statement}: {}", output.stdout);
        for told in [told, next] {
            assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
        }
    }
    let declared = "CREATE EXTERNAL TABLE t (a BINARY) STORED AS PARQUET LOCATION '{}/texts/'; SELECT hex(a) AS h, count(*) AS n FROM t GROUP BY a ORDER BY h";
    assert_eq!(rows(site, declared), "h,n\n61,19\nFFFE,1\n");
}

fn texts_are_read_together_however_they_are_kept(site: &Site<'_>) {
    // As pandas keeps categories.
    let words = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let count = "SELECT a, typeof(a) AS t, count(*) AS n FROM '{}/FOLDER/' GROUP BY a ORDER BY a";
    stage_all(site, "plain", |index| match index {
        0 | MIDDLE => (words(), "b"),
        1 | 10 => (DataType::LargeUtf8, "c"),
        _ => (DataType::Utf8, "a"),
    });
    stage_all(site, "words", |index| match index {
        MIDDLE => (DataType::Utf8, "b"),
        _ => (words(), "a"),
    });
    for (folder, expected) in [
        ("plain", "a,t,n\na,string,16\nb,string,2\nc,string,2\n"),
        ("words", "a,t,n\na,string,19\nb,string,1\n"),
    ] {
        assert_eq!(rows(site, &count.replace("FOLDER", folder)), expected, "{folder}");
    }
    assert_eq!(rows(site, "SELECT count(*) AS n FROM '{}/plain/' WHERE a = 'b'"), "n\n2\n");
}

fn times_are_read_together_in_every_unit_and_cut_towards_the_past(site: &Site<'_>) {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond};
    let of = |unit: TimeUnit| DataType::Timestamp(unit, None);
    stage_all(site, "times", |index| match index {
        0 => (of(Nanosecond), "1969-12-31 23:59:59.999999999"),
        1 | MIDDLE => (of(Microsecond), "2020-01-01 12:00:00.123456"),
        10 => (of(Nanosecond), "2020-01-01 12:00:00.123456789"),
        11 => {
            (DataType::Timestamp(Microsecond, Some("-05:00".into())), "2020-01-01 07:00:00.123456")
        }
        _ => (of(Millisecond), "2020-01-01 12:00:00.123"),
    });
    let expected = "a,n\n1969-12-31T23:59:59.999999,1\n2020-01-01T12:00:00.123,15\n2020-01-01T12:00:00.123456,4\n";
    let count = "SELECT a, count(*) AS n FROM '{}/times/' GROUP BY a ORDER BY a";
    assert_eq!(rows(site, count), expected);
    let before = "SELECT count(*) AS n FROM '{}/times/' WHERE a < TIMESTAMP '1970-01-01 00:00:00'";
    assert_eq!(rows(site, before), "n\n1\n");
}

fn what_is_declared_as_a_text_is_that_of_cast(site: &Site<'_>) {
    let at = DataType::Timestamp(TimeUnit::Microsecond, None);
    for (folder, data_type, value, text) in [
        ("double", DataType::Float64, "1e25", "1.0E25"),
        ("at", at, "2020-01-01 00:00:00.123456", "2020-01-01 00:00:00.123456"),
        ("day", DataType::Date32, "2020-01-01", "2020-01-01"),
        ("flag", DataType::Boolean, "true", "true"),
        ("price", DataType::Decimal128(5, 2), "1.50", "1.50"),
    ] {
        stage(site, &format!("{folder}/a.parquet"), data_type, value);
        let place = format!("'{{}}/{folder}/'");
        let cast = rows(site, &format!("SELECT CAST(a AS STRING) AS a FROM {place}"));
        assert_eq!(cast, format!("a\n{text}\n"), "{folder}");
        let declared = format!(
            "CREATE EXTERNAL TABLE t (a STRING) STORED AS PARQUET LOCATION {place}; SELECT a FROM t WHERE a = '{text}'"
        );
        assert_eq!(rows(site, &declared), cast, "{folder}");
    }
}
