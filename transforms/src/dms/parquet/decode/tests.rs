use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int32Array, Int64Array};
use datafusion::arrow::datatypes::TimeUnit;

use super::*;
use crate::dms::csv::Ops;
use crate::dms::drift::DriftPolicy;
use crate::dms::parquet::convert::tests::{shown, spec, texts};
use crate::dms::settings::Settings;

/// `id INT PRIMARY KEY, name VARCHAR, n INT`, as changes have it.
fn layout() -> Layout {
    Layout {
        columns: vec![
            spec("id", DataType::Int32),
            spec("name", DataType::Utf8),
            spec("n", DataType::Int32),
        ],
        key: vec![0],
        has_op: true,
        op_may_lack: false,
        ops: Ops::All,
        timestamp_column: None,
        csv: Settings::default().csv,
        of_table: None,
        change_sequence: None,
        before_key: Vec::new(),
        drift: DriftPolicy::Refuse,
        first_look: None,
    }
}

fn ints(values: &[Option<i32>]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

fn object(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn changes() -> RecordBatch {
    object(vec![
        ("Op", texts(&[Some("I"), Some("U"), Some("D")])),
        ("id", ints(&[Some(1), Some(2), Some(3)])),
        ("name", texts(&[Some("a"), None, Some("what was")])),
        ("n", ints(&[Some(10), Some(20), Some(30)])),
    ])
}

/// Pushes the wanted columns of an object in two batches.
fn decode(decoder: &mut Decoder, object: &RecordBatch) -> Result<Vec<String>, RowErrors> {
    let wanted: Vec<usize> = decoder.wanted().collect();
    let batch = object.project(&wanted).unwrap();
    let half = batch.num_rows() / 2;
    let mut lines = Vec::new();
    decoder.check()?;
    for part in [batch.slice(0, half), batch.slice(half, batch.num_rows() - half)] {
        decoder.push(&part).unwrap()?;
        while let Some(decoded) = decoder.next_batch() {
            assert_eq!(decoded.len, decoded.ops.len());
            assert_eq!(decoded.first_row, lines.len() as u64);
            let shown = decoded.columns.iter().map(|column| {
                assert_eq!(column.len(), decoded.len);
                shown(column)
            });
            let columns: Vec<Vec<String>> = shown.collect();
            lines.extend((0..decoded.len).map(|row| {
                let values = columns.iter().map(|column| column[row].as_str());
                format!("{} {}", decoded.ops[row], values.collect::<Vec<_>>().join("|"))
            }));
        }
    }
    decoder.finish()?;
    Ok(lines)
}

fn decoder(layout: Layout, object: &RecordBatch, bad_rows: BadRows) -> Decoder {
    Decoder::new(Arc::new(layout), &object.schema(), None, bad_rows).unwrap()
}

fn rows(layout: Layout, object: &RecordBatch) -> Result<Vec<String>, RowErrors> {
    decode(&mut decoder(layout, object, BadRows::Refuse), object)
}

/// What is wrong with an object, in one line each.
fn wrong(layout: Layout, object: &RecordBatch) -> Vec<String> {
    rows(layout, object).unwrap_err().to_string().lines().map(str::to_owned).collect()
}

#[test]
fn of_a_row_that_deletes_only_the_key_is_read() {
    let found = rows(layout(), &changes()).unwrap();
    assert_eq!(found, ["I 1|a|10", "U 2|NULL|20", "D 3|NULL|NULL"]);
}

#[test]
fn columns_are_found_by_name_in_any_order_and_case() {
    let object = object(vec![
        ("op", texts(&[Some("update")])),
        ("N", ints(&[Some(1)])),
        ("NAME", texts(&[Some("a")])),
        ("Id", ints(&[Some(7)])),
    ]);
    assert_eq!(rows(layout(), &object).unwrap(), ["U 7|a|1"]);
    let load = Layout { has_op: false, ..layout() };
    let object = object.project(&[1, 2, 3]).unwrap();
    assert_eq!(rows(load, &object).unwrap(), ["I 7|a|1"]);
}

#[test]
fn only_the_asked_columns_come_out_and_those_are_read_that_a_row_may_be_refused_for() {
    let object = changes();
    let columns = |projection: Vec<usize>, layout: Layout| {
        let decoder =
            Decoder::new(Arc::new(layout), &object.schema(), Some(projection), BadRows::Refuse);
        decoder.unwrap().wanted().collect::<Vec<_>>()
    };
    assert_eq!(columns(vec![2], layout()), [0, 1, 3], "the key must not be NULL");
    assert_eq!(columns(vec![], layout()), [0, 1]);
    let mut small = layout();
    small.columns[2].data_type = DataType::Int8;
    assert_eq!(columns(vec![], small), [0, 1, 3], "a number may be too large");
    let mut decoder =
        Decoder::new(Arc::new(layout()), &object.schema(), Some(vec![2, 0]), BadRows::Refuse)
            .unwrap();
    assert_eq!(decode(&mut decoder, &object).unwrap(), ["I 10|1", "U 20|2", "D NULL|3"]);
}

#[test]
fn an_object_whose_columns_do_not_fit_is_refused_as_a_whole() {
    let all = changes();
    let without_n = all.project(&[0, 1, 2]).unwrap();
    assert_eq!(
        wrong(layout(), &without_n),
        ["the object: header does not have column `n`", "the rest was not read"]
    );
    let with_more = {
        let mut columns: Vec<(&str, ArrayRef)> = vec![("more", ints(&[None, None, None]))];
        for (field, array) in all.schema_ref().fields().iter().zip(all.columns()) {
            columns.push((field.name(), Arc::clone(array)));
        }
        columns.rotate_left(1);
        object(columns)
    };
    assert_eq!(
        wrong(layout(), &with_more)[0],
        "the object: header has column `more` which is not declared"
    );
    let load = Layout { has_op: false, ..layout() };
    assert!(wrong(load, &all)[0].contains(
        "header begins with `Op`, which is not declared: is IncludeOpForFullLoad missing"
    ));
    let mut declared = layout();
    declared.columns[1].data_type = DataType::Boolean;
    declared.columns[2].data_type = DataType::Timestamp(TimeUnit::Microsecond, None);
    let found = wrong(declared, &all);
    assert_eq!(
        found[0],
        "the object, column `n`: the object has values of type Int32, which are not read as the declared Timestamp(µs)"
    );
}

#[test]
fn a_table_may_get_columns_or_lack_them_if_the_job_says_so() {
    let widen = Layout { drift: DriftPolicy::Widen, ..layout() };
    let object = changes().project(&[0, 1, 2]).unwrap();
    assert_eq!(rows(widen.clone(), &object).unwrap()[0], "I 1|a|NULL");
    let narrow = Layout { columns: layout().columns[..2].to_vec(), ..widen };
    let all = changes();
    let mut decoder = decoder(narrow, &all, BadRows::Refuse);
    assert!(decode(&mut decoder, &all).unwrap_err().drift);
    assert_eq!(decoder.beyond(), Some(&Extent::Names(vec!["n".to_owned()])));
}

#[test]
fn bad_rows_are_all_told_or_set_aside_with_their_row() {
    let object = object(vec![
        ("Op", texts(&[Some("I"), Some("X"), None, Some("D"), Some("U"), Some("I")])),
        ("id", ints(&[None, Some(2), Some(3), Some(4), None, Some(6)])),
        ("name", texts(&[Some("a"), Some("b, \"c\""), None, None, None, Some("f")])),
        (
            "n",
            Arc::new(Int64Array::from(vec![
                Some(1 << 40),
                None,
                None,
                Some(1 << 40),
                None,
                Some(6),
            ])) as ArrayRef,
        ),
    ]);
    let told = [
        "line 1, column `id`: NULL in a column that is NOT NULL",
        "line 1, column `n`: out of range for INT",
        "line 2, column `Op`: not an operation (I, U or D expected)",
        "line 3, column `Op`: not an operation (I, U or D expected)",
        "line 5, column `id`: NULL in a column that is NOT NULL",
    ];
    assert_eq!(wrong(layout(), &object), told);
    let mut decoder = decoder(layout(), &object, BadRows::SetAside { most: 4 });
    assert_eq!(decode(&mut decoder, &object).unwrap(), ["D 4|NULL|NULL", "I 6|f|6"]);
    let rejects = decoder.take_rejects();
    let raw: Vec<String> =
        rejects.iter().map(|reject| String::from_utf8(reject.raw.text.clone()).unwrap()).collect();
    assert_eq!(raw, ["I,,a,1099511627776", "X,2,\"b, \"\"c\"\"\",", ",3,,", "U,,,"]);
    assert_eq!(rejects[0].errors.len(), 2);
    let mut few = super::tests::decoder(layout(), &object, BadRows::SetAside { most: 3 });
    assert_eq!(decode(&mut few, &object).unwrap_err().stop, Some(Stop::TooMany { most: 3 }));
}

#[test]
fn without_a_key_only_inserts_have_a_meaning() {
    let keyless = Layout { key: Vec::new(), ..layout() };
    let found = wrong(keyless, &changes());
    assert_eq!(found[0], "line 2, column `Op`: U needs a PRIMARY KEY, the source has none");
}

#[test]
fn a_key_of_nothing_but_null_is_a_bad_row() {
    let nothing = object(vec![
        ("Op", texts(&[Some("I")])),
        ("id", new_null_array(&DataType::Null, 1)),
        ("name", new_null_array(&DataType::Null, 1)),
        ("n", new_null_array(&DataType::Null, 1)),
    ]);
    assert_eq!(
        wrong(layout(), &nothing),
        ["line 1, column `id`: NULL in a column that is NOT NULL"]
    );
}
