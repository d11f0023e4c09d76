use super::*;
use crate::scan::FrozenTable;
use crate::testing::{Staging, assert_all, told};

async fn tables(staging: &Staging) -> Vec<FrozenTable> {
    let ddl =
        "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, x VARCHAR(9)) STORED AS DMS LOCATION 't'";
    let source = &staging.sources(ddl).await[0];
    vec![staging.freeze(source, &[("LOAD00000001.csv", b"1,a\n2,b\n")]).await]
}

/// Files of a job and the error that they give.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str);

async fn check_errors(cases: &[Case<'_>]) {
    let staging = Staging::new();
    let tables = tables(&staging).await;
    let mut all = Vec::new();
    for (files, expected) in cases {
        let found = match staging.models(files, &tables).await {
            Ok(_) => "planned".to_owned(),
            Err(error) => told(&error),
        };
        all.push((format!("{files:?}"), found, (*expected).to_owned()));
    }
    assert_all(all);
}

#[tokio::test]
async fn names_of_models_are_taken_once() {
    check_errors(&[
        (&[("t.sql", "SELECT 1 AS a")], "t.sql: a model and a source are both named `t` [rename one of them; a model reads its source under the source's name]"),
        (&[("T.sql", "SELECT 1 AS a")], "T.sql: a model and a source are both named `t` [rename one of them; a model reads its source under the source's name]"),
        (&[("A.sql", "SELECT 1 AS a"), ("a.sql", "SELECT 1 AS a")], "a.sql: model `a` is also in A.sql"),
    ])
    .await;
}

#[tokio::test]
async fn what_is_read_must_be_there() {
    check_errors(&[
        (&[("a.sql", "SELECT id\nFROM tt")], "a.sql:2:6: there is no source or model `tt` [did you mean `t`?]"),
        (&[("a.sql", "SELECT 1 AS x FROM nowhere_at_all")], "a.sql:1:20: there is no source or model `nowhere_at_all` [there are t; declare sources in sources.sql]"),
        (&[("sales.sql", "SELECT id FROM t"), ("b.sql", "SELECT id FROM slaes")], "b.sql:1:16: there is no source or model `slaes` [did you mean `sales`?]"),
        (&[("a.sql", "SELECT id FROM t WHERE id IN (SELECT id\n FROM u)")], "a.sql:2:7: there is no source or model `u` [there are t; declare sources in sources.sql]"),
    ])
    .await;
}

#[tokio::test]
async fn models_must_not_read_each_other_in_a_circle() {
    check_errors(&[
        (&[("a.sql", "SELECT *\n  FROM a")], "a.sql:2:8: models read each other in a circle: a -> a [move what they share into a model of its own]"),
        (&[("a.sql", "SELECT * FROM b"), ("b.sql", "SELECT * FROM a")], "a.sql:1:15: models read each other in a circle: a -> b -> a [move what they share into a model of its own]"),
        (
            &[
                ("a.sql", "SELECT * FROM b"),
                ("b.sql", "SELECT * FROM c"),
                ("c.sql", "SELECT * FROM b JOIN t"),
            ],
            "b.sql:1:15: models read each other in a circle: b -> c -> b [move what they share into a model of its own]",
        ),
        (
            &[
                ("a.sql", "SELECT * FROM t"),
                ("b.sql", "SELECT * FROM d"),
                ("c.sql", "SELECT * FROM a, b"),
                ("d.sql", "SELECT * FROM c"),
            ],
            "b.sql:1:15: models read each other in a circle: b -> d -> c -> b [move what they share into a model of its own]",
        ),
    ])
    .await;
}

#[tokio::test]
async fn output_columns_have_names_of_their_own() {
    check_errors(&[
        (&[("a.sql", "SELECT id, x AS id FROM t")], "a.sql:1:8: more than one column is named `id` [write its table before it, or give one of them another name with AS]"),
        (&[("a.sql", "SELECT id, x AS `ID` FROM t")], "a.sql:1:17: two columns are named `ID` [give one of them another name with AS]"),
        (&[("a.sql", "SELECT * FROM t JOIN t u ON t.id = u.id")], "a.sql:1:8: two columns are named `id` [give one of them another name with AS]"),
        (&[("a.sql", "SELECT id, id FROM t")], "a.sql:1:12: two columns are named `id` [give one of them another name with AS]"),
        (&[("a.sql", "SELECT * FROM t JOIN (SELECT id FROM t) u USING (id)")], "planned"),
    ])
    .await;
}

#[tokio::test]
async fn models_come_after_those_that_they_read() {
    let staging = Staging::new();
    let tables = tables(&staging).await;
    let files = [
        ("a.sql", "SELECT id FROM b JOIN _c USING (id)"),
        ("b.sql", "SELECT id, x FROM _c"),
        ("_c.sql", "SELECT id, x FROM t WHERE id > 1"),
        ("D.sql", "SELECT ID FROM B"),
    ];
    let planned = staging.models(&files, &tables).await.unwrap();
    for model in ["a", "b", "d"] {
        let plan = &planned.plans[model];
        assert_eq!(way::sources(plan).unwrap().into_iter().collect::<Vec<_>>(), ["t"], "{model}");
        let rows = staging.rows(plan).await;
        assert_eq!(rows.iter().map(|row| &row[..1]).collect::<Vec<_>>(), ["2"], "{model}");
    }
    let files =
        files.map(|(file, text)| ModelFile { file: file.to_owned(), text: text.to_owned() });
    let models =
        Models::parse(&staging.state, files.to_vec(), &BTreeSet::from(["t".to_owned()])).unwrap();
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["_c", "b", "a", "d"]);
    assert!(models.get("_c").unwrap().is_helper());
    assert!(!models.get("d").unwrap().is_helper());
    assert!(models.get("D").is_none());
    assert_eq!(models.get("d").unwrap().reads, BTreeSet::from(["b".to_owned()]));
}

#[test]
fn a_meaning_holds_all_that_is_read_and_no_layout() {
    let staging = Staging::new();
    let meaning = |helper: &str, model: &str| {
        let file =
            |file: &str, text: &str| ModelFile { file: file.to_owned(), text: text.to_owned() };
        let files = vec![
            file("_c.sql", helper),
            file("m.sql", model),
            file("other.sql", "SELECT 1 AS one"),
        ];
        let sources = BTreeSet::from(["t".to_owned()]);
        Models::parse(&staging.state, files, &sources).unwrap().meaning("m")
    };
    let base = meaning("SELECT id FROM t", "SELECT id FROM _c");
    assert_eq!(base, "m: SELECT id FROM _c;\n_c: SELECT id FROM t;\n");
    assert_eq!(meaning("select id -- why\n from t;", "SELECT  id\nFROM _c"), base);
    assert_ne!(meaning("SELECT id FROM t WHERE id > 1", "SELECT id FROM _c"), base);
    assert_ne!(meaning("SELECT id FROM t", "SELECT id AS k FROM _c"), base);
    assert_eq!(meaning("SELECT id FROM t", "SELECT id FROM t"), "m: SELECT id FROM t;\n");
}

#[tokio::test]
async fn outputs_are_cast_to_what_tables_can_hold() {
    let staging = Staging::new();
    let mut all = Vec::new();
    for (expr, expected) in [
        ("1", "Int32"),
        ("TRUE", "Boolean"),
        ("1.5", "Decimal128(2, 1)"),
        ("1.5D", "Float64"),
        ("'a'", "Utf8"),
        ("NULL", "Utf8"),
        ("CAST(1 AS TINYINT UNSIGNED)", "UInt8"),
        ("arrow_cast('a', 'LargeUtf8')", "Utf8"),
        ("arrow_cast('a', 'Utf8View')", "Utf8"),
        ("arrow_cast('a', 'Dictionary(Int32, Utf8)')", "Utf8"),
        ("arrow_cast(1.5, 'Float16')", "Float32"),
        ("arrow_cast(1, 'Decimal32(9, 2)')", "Decimal128(9, 2)"),
        ("arrow_cast(1, 'Decimal64(18, 2)')", "Decimal128(18, 2)"),
        ("CAST(1 AS DECIMAL(60, 2))", "Decimal256(60, 2)"),
        ("arrow_cast('a', 'LargeBinary')", "Binary"),
        ("arrow_cast('a', 'BinaryView')", "Binary"),
        ("X'00FF'", "Binary"),
        ("DATE '2026-01-02'", "Date32"),
        ("arrow_cast(0, 'Date64')", "Timestamp(µs)"),
        ("TIMESTAMP '2026-01-02 03:04:05'", "Timestamp(µs)"),
        ("arrow_cast(0, 'Timestamp(Nanosecond, Some(\"+01:00\"))')", "Timestamp(µs)"),
        ("TIME '03:04:05'", "Time64(µs)"),
        ("arrow_cast(arrow_cast(0, 'Int32'), 'Time32(Second)')", "Time64(µs)"),
        (
            "make_array(1, 2)",
            "m.sql: column `v` is of type ARRAY<INT>, which no table can hold [take single values out of it, or make text of it]",
        ),
        (
            "named_struct('a', 1)",
            "m.sql: column `v` is of type STRUCT<a: INT>, which no table can hold [take single values out of it, or make text of it]",
        ),
        (
            "INTERVAL '1' DAY",
            "m.sql: column `v` is of type INTERVAL, which no table can hold [take single values out of it, or make text of it]",
        ),
        (
            "map('a', 1)",
            "m.sql: column `v` is of type MAP<STRING, INT>, which no table can hold [take single values out of it, or make text of it]",
        ),
    ] {
        let plan = staging.plan(&format!("SELECT {expr} AS v"), &[]).await;
        let found = match output::canonical("m.sql", plan) {
            Ok(plan) => {
                assert_eq!(staging.rows(&plan).await.len(), 1, "{expr}");
                plan.schema().field(0).data_type().to_string()
            }
            Err(error) => told(&error),
        };
        all.push((expr.to_owned(), found, expected.to_owned()));
    }
    assert_all(all);
}
