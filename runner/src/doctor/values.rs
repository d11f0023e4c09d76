//! What the values of the first rows tell. Pure.

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use staged::ObjectKind;
use transforms::scan::{DELETED, Frozen};
use transforms::source::Source;

use super::finding::Finding;

/// `LobMaxSize` of a task in limited LOB mode is 32 KiB unless it is set ("Setting LOB support" of the DMS guide); a longer
/// text is cut there without a mark.
const LOB_MAX_SIZE: usize = 32 << 10;
/// Words that some endpoints write for NULL.
const NULLS: [&str; 4] = ["NULL", "\\N", "null", "(null)"];

/// Examines the rows of an object.
pub(super) fn examine(source: &Source, object: &Frozen, batches: &[RecordBatch]) -> Vec<Finding> {
    let place = object.label.as_str();
    let found = [
        cut_texts(source, batches).map(|columns| {
            let message = format!("{columns}: a text is exactly as long as the limit of LOBs in a task, so it may be cut");
            Finding::warning("staging.lob", place, message)
                .next("raise LobMaxSize of the task, or use full LOB mode")
        }),
        words_for_null(source, batches).map(|(columns, word)| {
            let message = format!("{columns}: the text `{word}` stands in several rows, and is not NULL as declared");
            Finding::note("staging.null", place, message)
                .next("if it means NULL, declare it as CsvNullValue as it is at the endpoint")
        }),
        deletes(source, object, batches).map(|rows| {
            let message = format!("{rows} of the first rows delete: only the key is read of them");
            Finding::note("staging.deletes", place, message).next(
                "nothing: PostgreSQL logs no more of a deleted row, and no other replica identity is needed",
            )
        }),
    ];
    found.into_iter().flatten().collect()
}

/// The columns in which a text ends at the limit of LOBs.
fn cut_texts(source: &Source, batches: &[RecordBatch]) -> Option<String> {
    columns_with(source, batches, |texts| texts.iter().any(|text| text.len() == LOB_MAX_SIZE))
}

/// The columns in which a word for NULL is a text.
fn words_for_null(source: &Source, batches: &[RecordBatch]) -> Option<(String, &'static str)> {
    NULLS.into_iter().find_map(|word| {
        let is_often = |texts: &[&str]| texts.iter().filter(|text| **text == word).count() > 1;
        Some((columns_with(source, batches, is_often)?, word))
    })
}

/// The names of the text columns whose values are such.
fn columns_with(
    source: &Source,
    batches: &[RecordBatch],
    are_such: impl Fn(&[&str]) -> bool,
) -> Option<String> {
    let is_such = |index: usize| {
        let texts = batches.iter().filter_map(|batch| {
            let column = batch.columns().get(index)?;
            (*column.data_type() == DataType::Utf8).then(|| column.as_string::<i32>())
        });
        let texts: Vec<&str> = texts.flat_map(|texts| texts.iter().flatten()).collect();
        are_such(&texts)
    };
    let fields = source.schema.fields().iter().enumerate();
    let names: Vec<&str> = fields
        .filter(|(index, _)| is_such(*index))
        .map(|(_, field)| field.name().as_str())
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// How many rows delete, unless some of them stand for a key that was updated.
fn deletes(source: &Source, object: &Frozen, batches: &[RecordBatch]) -> Option<usize> {
    let count = |batch: &RecordBatch| {
        let deleted = batch.column_by_name(DELETED)?;
        deleted.as_boolean_opt().map(BooleanArray::true_count)
    };
    let rows: usize = batches.iter().filter_map(count).sum();
    let is_told = object.kind == ObjectKind::Change && source.before_key.is_empty();
    (is_told && rows > 0).then_some(rows)
}
