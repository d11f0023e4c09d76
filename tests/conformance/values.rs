//! Every type, every value: written and read back equal.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch,
    StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt8Array, UInt16Array,
    UInt32Array, UInt64Array,
};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, Field, TimeUnit, i256};
use runner::error::Kind;
use runner::target::{Change, TableChange, TableSpec};

use crate::conformance::fixtures::{
    apply, assert_holds, batch, counts, fill, rebuild, rows, spec, titled, titles, update, upsert,
};
use crate::conformance::{Check, Subject, list};

pub(super) fn checks() -> Vec<Check> {
    list![
        every_type_reads_back_after_a_rebuild,
        every_type_reads_back_after_a_small_merge,
        every_type_reads_back_after_a_large_merge,
        every_type_reads_back_after_an_append_and_a_replacement,
        any_text_reads_back,
        a_long_text_and_a_long_binary_read_back,
        a_number_that_cannot_be_stored_is_refused_and_nothing_changes,
    ]
}

/// 1000-01-01 and 9999-12-31: what both MySQL and SQLite promise.
const DAYS: [i32; 2] = [-354_285, 2_932_896];
const MICROS_OF_DAY: i64 = 86_400_000_000;

async fn every_type_reads_back_after_a_rebuild(subject: Subject) {
    let (spec, batch) = wide(&subject, 0..100);
    fill(&subject.target, &spec, &batch).await;
    assert_holds(&subject.target, &spec, &batch).await;
}

async fn every_type_reads_back_after_a_small_merge(subject: Subject) {
    let (spec, batch) = wide(&subject, 0..10);
    fill(&subject.target, &spec, &batch.slice(0, 0)).await;
    assert_eq!(apply(&subject.target, upsert(&spec, &batch)).await.unwrap(), counts(10, 0));
    assert_holds(&subject.target, &spec, &batch).await;
}

async fn every_type_reads_back_after_a_large_merge(subject: Subject) {
    let (spec, old) = wide(&subject, 0..2000);
    fill(&subject.target, &spec, &old).await;
    // The values move on by one, so that every row that is there changes.
    let (_, new) = shifted(&subject, 1000..6000);
    assert_eq!(apply(&subject.target, upsert(&spec, &new)).await.unwrap(), counts(5000, 0));
    let expected = concat_batches(&spec.schema, &[old.slice(0, 1000), new]).unwrap();
    assert_holds(&subject.target, &spec, &expected).await;
}

async fn every_type_reads_back_after_an_append_and_a_replacement(subject: Subject) {
    let (with_key, batch) = wide(&subject, 0..50);
    let spec = TableSpec { key: vec![], ..with_key };
    fill(&subject.target, &spec, &batch.slice(0, 0)).await;
    for change in [Change::Append { rows: rows(&batch) }, Change::Replace { rows: rows(&batch) }] {
        apply(&subject.target, TableChange { spec: spec.clone(), change }).await.unwrap();
        assert_holds(&subject.target, &spec, &batch).await;
    }
}

async fn any_text_reads_back(subject: Subject) {
    let texts = [
        "",
        " ",
        "trailing blank ",
        "\t",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "\\",
        "\\N",
        "\\n",
        "\\\\",
        "ends with \\",
        "'",
        "''",
        "\"",
        "`",
        "it's a \"quoted\" `text`",
        "NULL",
        "null",
        "nul\0in the middle",
        "\0",
        "\u{1a}",
        "\u{8}",
        "%_?:x@y",
        "ünïcödé",
        "e\u{301}",
        "日本語",
        "🎈🎷",
        "\u{feff}bom",
        "a,b;c",
        "007",
        "1.0",
        "1e5",
        "2026-01-01",
        "; DROP TABLE song_titles; --",
    ];
    let spec = titles("song_titles");
    let numbered: Vec<_> = (1..).zip(texts.map(Some)).chain([(0, None)]).collect();
    fill(&subject.target, &spec, &titled(&numbered)).await;
    assert_holds(&subject.target, &spec, &titled(&numbered)).await;

    let renumbered: Vec<_> = numbered.iter().map(|(id, text)| (id + 1, *text)).collect();
    apply(&subject.target, upsert(&spec, &titled(&renumbered))).await.unwrap();
    let expected: Vec<_> = renumbered.into_iter().chain([(0, None)]).collect();
    assert_holds(&subject.target, &spec, &titled(&expected)).await;
}

async fn a_long_text_and_a_long_binary_read_back(subject: Subject) {
    let fields = vec![
        Field::new("id", DataType::Int64, false),
        Field::new("text", DataType::Utf8, true),
        Field::new("bytes", DataType::Binary, true),
    ];
    let spec = spec("documents", fields, &["id"]);
    let text = "long text 🎈\\\t".repeat(100_000);
    let bytes: Vec<u8> = (0..1_500_000).map(|i: u32| u8::try_from(i % 256).unwrap()).collect();
    let batch = batch(
        &spec.schema,
        vec![
            Arc::new(Int64Array::from(vec![1, 2])),
            Arc::new(StringArray::from(vec![Some(text.as_str()), None])),
            Arc::new(BinaryArray::from(vec![None, Some(bytes.as_slice())])),
        ],
    );
    fill(&subject.target, &spec, &batch).await;
    assert_holds(&subject.target, &spec, &batch).await;
    apply(&subject.target, upsert(&spec, &batch)).await.unwrap();
    assert_holds(&subject.target, &spec, &batch).await;
}

async fn a_number_that_cannot_be_stored_is_refused_and_nothing_changes(subject: Subject) {
    let fields = vec![
        Field::new("id", DataType::Int64, false),
        Field::new("share", DataType::Float64, true),
    ];
    let spec = spec("shares", fields, &["id"]);
    let shares = |ids: Vec<i64>, shares: Vec<f64>| {
        let (ids, shares) = (Int64Array::from(ids), Float64Array::from(shares));
        batch(&spec.schema, vec![Arc::new(ids), Arc::new(shares)])
    };
    let before = shares(vec![1], vec![0.5]);
    fill(&subject.target, &spec, &before).await;
    let bad = shares(vec![1, 2], vec![0.25, f64::NAN]);
    let merged = apply(&subject.target, upsert(&spec, &bad)).await.unwrap_err();
    let rebuilt =
        subject.target.rebuild(&[rebuild(&spec, &bad)], &update("LOAD2")).await.unwrap_err();
    for error in [merged, rebuilt] {
        assert_eq!(error.kind(), Kind::Refused, "{error:?}");
        assert!(error.to_string().contains("share"), "{error}");
    }
    assert_holds(&subject.target, &spec, &before).await;
}

/// Rows of all types; the first three are the smallest values, the largest ones, and NULL.
fn wide(subject: &Subject, ids: std::ops::Range<i64>) -> (TableSpec, RecordBatch) {
    rows_of_all_types(subject, ids, 0)
}

/// The same ids with other values.
fn shifted(subject: &Subject, ids: std::ops::Range<i64>) -> (TableSpec, RecordBatch) {
    rows_of_all_types(subject, ids, 1)
}

fn rows_of_all_types(
    subject: &Subject,
    ids: std::ops::Range<i64>,
    shift: usize,
) -> (TableSpec, RecordBatch) {
    let seeds: Vec<usize> = ids.clone().map(|id| usize::try_from(id).unwrap() + shift).collect();
    let columns: Vec<(&str, ArrayRef)> = [
        vec![("id", Arc::new(Int64Array::from_iter_values(ids)) as ArrayRef)],
        integers(&seeds, subject.unsigned_max),
        fractions(&seeds),
        texts(&seeds),
        times(&seeds),
    ]
    .concat();
    let fields = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), *name != "id"));
    let spec = spec("wide", fields.collect(), &["id"]);
    let batch = batch(&spec.schema, columns.into_iter().map(|(_, array)| array).collect());
    (spec, batch)
}

/// One value for each seed: of the given ones, else NULL, else whatever `other` makes of the seed.
fn pick<T: Clone>(seeds: &[usize], extremes: &[T], other: impl Fn(usize) -> T) -> Vec<Option<T>> {
    let pick = |&seed: &usize| match seed {
        seed if seed < extremes.len() => Some(extremes[seed].clone()),
        seed if seed % 7 == 0 => None,
        seed => Some(other(seed)),
    };
    seeds.iter().map(pick).collect()
}

fn integers(seeds: &[usize], unsigned_max: u64) -> Vec<(&'static str, ArrayRef)> {
    macro_rules! integers {
        ($($name:literal $array:ident $native:ident $max:expr),* $(,)?) => {
            vec![$(($name, Arc::new($array::from(pick(
                seeds,
                &[$native::MIN, $max, 0, 1],
                |seed| $native::try_from(seed % 100).unwrap(),
            ))) as ArrayRef)),*]
        };
    }
    let mut columns = integers![
        "int8" Int8Array i8 i8::MAX,
        "int16" Int16Array i16 i16::MAX,
        "int32" Int32Array i32 i32::MAX,
        "int64" Int64Array i64 i64::MAX,
        "uint8" UInt8Array u8 u8::MAX,
        "uint16" UInt16Array u16 u16::MAX,
        "uint32" UInt32Array u32 u32::MAX,
        "uint64" UInt64Array u64 unsigned_max,
    ];
    let booleans = BooleanArray::from(pick(seeds, &[false, true], |seed| seed % 2 == 0));
    columns.push(("boolean", Arc::new(booleans)));
    columns
}

fn fractions(seeds: &[usize]) -> Vec<(&'static str, ArrayRef)> {
    let float32 = [f32::MIN, f32::MAX, 0.1, 1.0 / 3.0, 16_777_217.0, f32::MIN_POSITIVE, -1e-30];
    let float64 = [f64::MIN, f64::MAX, 0.1, 1.0 / 3.0, 9.007_199_254_740_993e15, 2.5e-308, 1e22];
    let nines = 10_i128.pow(38) - 1;
    let money = [-999_999_999_999_i128, 999_999_999_999, 0, 1, -1, 150];
    let huge = i256::from_string(&"9".repeat(65)).unwrap();
    let decimal128 = |values: Vec<Option<i128>>, precision, scale| -> ArrayRef {
        let array = Decimal128Array::from(values);
        Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
    };
    let decimal256 = Decimal256Array::from(pick(seeds, &[-huge, huge, i256::ZERO], |seed| {
        i256::from_i128(seed as i128) * i256::from_i128(nines)
    }));
    vec![
        ("float32", Arc::new(Float32Array::from(pick(seeds, &float32, |seed| seed as f32 / 7.0)))),
        ("float64", Arc::new(Float64Array::from(pick(seeds, &float64, |seed| seed as f64 / 7.0)))),
        ("money", decimal128(pick(seeds, &money, |seed| seed as i128 * 37), 12, 2)),
        ("whole", decimal128(pick(seeds, &[-99_999, 99_999], |seed| seed as i128), 5, 0)),
        ("precise", decimal128(pick(seeds, &[-nines, nines, 1], |seed| seed as i128), 38, 10)),
        ("huge", Arc::new(decimal256.with_precision_and_scale(65, 30).unwrap())),
    ]
}

fn texts(seeds: &[usize]) -> Vec<(&'static str, ArrayRef)> {
    let texts = ["", "\\N", "tab\there", "NULL"].map(str::to_owned);
    let texts = pick(seeds, &texts, |seed| format!("text {seed} 'ü' 🎈"));
    let all_bytes: Vec<u8> = (0..=255).collect();
    let bytes = [vec![], all_bytes, vec![0], b"\\N".to_vec()];
    let bytes = pick(seeds, &bytes, |seed| seed.to_le_bytes().to_vec());
    vec![
        ("utf8", Arc::new(StringArray::from(texts))),
        ("bytes", Arc::new(BinaryArray::from_iter(bytes))),
    ]
}

fn times(seeds: &[usize]) -> Vec<(&'static str, ArrayRef)> {
    let [first, last] = DAYS.map(|day| i64::from(day) * MICROS_OF_DAY);
    let last = last + MICROS_OF_DAY - 1;
    let timestamps =
        pick(seeds, &[first, last, 0, -1, 1, 500_000], |seed| seed as i64 * 1_000_003 * 86_400);
    let times = pick(seeds, &[0, MICROS_OF_DAY - 1, 1, 1_000_000], |seed| seed as i64 * 1_000_003);
    let timestamps = TimestampMicrosecondArray::from(timestamps);
    assert_eq!(
        datafusion::arrow::array::Array::data_type(&timestamps),
        &DataType::Timestamp(TimeUnit::Microsecond, None)
    );
    vec![
        (
            "date",
            Arc::new(Date32Array::from(pick(seeds, &DAYS, |seed| i32::try_from(seed).unwrap()))),
        ),
        ("at", Arc::new(timestamps)),
        ("time", Arc::new(Time64MicrosecondArray::from(times))),
    ]
}
