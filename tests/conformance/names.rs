//! Names are data: whatever stands in them, they name one table and one column.

use std::sync::Arc;

use datafusion::arrow::array::{Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::scalar::ScalarValue;
use runner::target::{Comparison, Filter};

use crate::conformance::fixtures::{
    apply, assert_holds, batch, counts, fill, filtered, keys, merge, read, spec, titled, titles,
};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        hostile_names_of_tables_are_only_names,
        hostile_names_of_columns_are_only_names,
        the_longest_name_is_usable,
    ]
}

/// Within what MySQL allows: no plane but the basic one, no blank at the end.
const HOSTILE: [&str; 13] = [
    "a`b",
    "``",
    "a\"b",
    "it's",
    "x; drop table song_titles",
    "x`; drop table song_titles; -- ",
    "x\"; drop table song_titles; --",
    "back\\slash",
    "select",
    "50%_",
    "?1 :x @y $z",
    "ünï 日本",
    " leading",
];

async fn hostile_names_of_tables_are_only_names(subject: Subject) {
    let witness = titles("song_titles");
    fill(&subject.target, &witness, &titled(&[(1, Some("one"))])).await;
    for name in HOSTILE.map(str::trim_end) {
        let spec = titles(name);
        fill(&subject.target, &spec, &titled(&[(1, Some("one")), (2, None)])).await;
        let gone = keys(&spec, &titled(&[(1, None)]));
        let change = merge(&spec, &gone, &titled(&[(3, Some("three"))]));
        assert_eq!(apply(&subject.target, change).await.unwrap(), counts(1, 1), "{name}");
        fill(&subject.target, &spec, &titled(&[(2, None), (3, Some("three"))])).await;
        assert_holds(&subject.target, &spec, &titled(&[(2, None), (3, Some("three"))])).await;
        let def = subject.target.describe(&spec.table).await.unwrap().unwrap();
        assert_eq!(subject.target.check(&spec, &def), [], "{name}");
    }
    assert_holds(&subject.target, &witness, &titled(&[(1, Some("one"))])).await;
}

async fn hostile_names_of_columns_are_only_names(subject: Subject) {
    let names = HOSTILE.map(str::trim_end);
    let fields = names.iter().map(|name| Field::new(*name, DataType::Int64, false)).collect();
    let spec = spec("hostile", fields, &[names[0], names[5], names[8]]);
    let numbers = |row: i64| -> RecordBatch {
        let columns = (0..).take(names.len());
        let columns =
            columns.map(|column: i64| Arc::new(Int64Array::from(vec![row * 100 + column])) as _);
        batch(&spec.schema, columns.collect())
    };
    fill(&subject.target, &spec, &numbers(1)).await;
    let change = merge(&spec, &keys(&spec, &numbers(1)), &numbers(2));
    assert_eq!(apply(&subject.target, change).await.unwrap(), counts(1, 1));
    assert_holds(&subject.target, &spec, &numbers(2)).await;
    for (column, name) in (0..).zip(names) {
        let filter = |value| Filter {
            column: name.to_owned(),
            comparison: Comparison::Equal,
            value: ScalarValue::Int64(Some(value)),
        };
        let found = read(&subject.target, filtered(&spec, vec![filter(200 + column)])).await;
        assert_eq!(found.num_rows(), 1, "{name}");
    }
}

async fn the_longest_name_is_usable(subject: Subject) {
    let name = "é".repeat(subject.target.identifier_length_max());
    let schema = Schema::new(vec![Field::new(&name, DataType::Int64, false)]);
    let spec = spec(&name, schema.fields().iter().map(|f| f.as_ref().clone()).collect(), &[&name]);
    let batch = |number| batch(&spec.schema, vec![Arc::new(Int64Array::from(vec![number]))]);
    fill(&subject.target, &spec, &batch(1)).await;
    fill(&subject.target, &spec, &batch(2)).await;
    assert_holds(&subject.target, &spec, &batch(2)).await;
}
