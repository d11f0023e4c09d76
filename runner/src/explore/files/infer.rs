//! The columns of files, from some of them.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::csv::ReaderBuilder;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::catalog::Session;
use datafusion::error::DataFusionError;
use futures::TryStreamExt;
use object_store::{GetOptions, GetRange, ObjectMeta};

use super::csv::Quotes;
use super::format::{Format, Options};
use super::holds;
use super::json::{self, Shape};
use super::judge::Fits;
use super::merge::{Merged, Wanted};
use super::place::Place;
use super::unfit::{csv_broken, csv_fault, json_fault};
use super::usual::usual;
use crate::error::{Error, Result};
use crate::store::Folder;
use staged::{Classified, classify};
use transforms::staging::Listed;

/// Files that are looked at: the first and the last ones by name.
const FILES_MAX: usize = 16;
/// Bytes of each of them, but of Parquet, which tells its columns.
const BYTES_MAX: u64 = 1 << 20;
/// Rows of each of them.
const ROWS_MAX: usize = 10_000;
/// What stands between values, the usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The columns of a place's files; `options` learn what nobody has said. Those that know their types are compared with what is declared.
///
/// # Errors
/// Files that cannot be read, and those that do not go together.
pub(super) async fn columns(
    place: &Place,
    format: Format,
    options: &mut Options,
    session: &dyn Session,
    declared: Option<&Schema>,
) -> Result<Schema> {
    let schema = match format {
        Format::Csv => of_csv(place, options).await?,
        Format::Parquet | Format::Json | Format::Dms => {
            by_engine(place, format, options, session, declared).await?
        }
    };
    if schema.fields().is_empty() {
        return Err(tells_nothing(place, format));
    }
    Ok(Schema::new(schema.fields().iter().map(known).collect::<Fields>()))
}

fn tells_nothing(place: &Place, format: Format) -> Error {
    let first = place.files.first().map_or("", |file| file.key.as_str());
    let (folder, word) = (place.folder.location(), format.word().to_uppercase());
    Error::usage(format!("nothing in {folder}{first} tells what its columns are")).hint(format!(
        "declare them: CREATE EXTERNAL TABLE name (column TYPE, …) STORED AS {word} LOCATION '…'"
    ))
}

fn first(place: &Place) -> Result<&Listed> {
    place.files.first().ok_or_else(|| Error::usage("there are no files"))
}

/// The first and the last files.
fn some(place: &Place) -> impl Iterator<Item = &Listed> {
    let all = place.files.len();
    let is_one = move |index: usize| index < FILES_MAX / 2 || index + FILES_MAX / 2 >= all;
    place.files.iter().enumerate().filter(move |(index, _)| is_one(*index)).map(|(_, file)| file)
}

/// Learns header and delimiter of CSV files.
///
/// # Errors
/// Files that cannot be read.
pub(super) async fn learn(place: &Place, options: &mut Options) -> Result<()> {
    let first = first(place)?;
    let bytes = head(&place.folder, first, BYTES_MAX).await?;
    if options.delimiter.is_none() {
        let is_tabs = first.key.to_ascii_lowercase().ends_with(".tsv");
        options.delimiter = Some(if is_tabs { b'\t' } else { delimiter(&bytes) });
    }
    if options.header.is_none() {
        let is_row = is_staged(place) && begins_with_operation(&bytes);
        options.header = Some(!is_row && has_header(&bytes, options));
    }
    Ok(())
}

/// Whether all files are named as DMS names those that it stages.
fn is_staged(place: &Place) -> bool {
    place.files.iter().all(|file| {
        let name = file.key.rsplit('/').next().unwrap_or_default();
        matches!(classify(name), Classified::Object(_))
    })
}

/// Whether the first line is a change as DMS writes it, which can look like a header.
fn begins_with_operation(bytes: &[u8]) -> bool {
    matches!(bytes, [b'I' | b'U' | b'D', b',' | b';' | b'\t' | b'|', ..])
}

async fn of_csv(place: &Place, options: &mut Options) -> Result<Schema> {
    learn(place, options).await?;
    let mut all: Option<Columns> = None;
    for file in some(place) {
        let bytes = head(&place.folder, file, BYTES_MAX).await?;
        check_quotes(place, file, &bytes, options)?;
        let found = Columns::look(&bytes, options);
        let found = found.map_err(|error| unreadable(place, file, options, &error))?;
        match &mut all {
            None => all = Some(found),
            Some(before) if before.are_alike(&found, options) => before.and(&found),
            Some(_) => {
                return Err(Error::usage(format!(
                    "the files in {} have different columns: {} and {}",
                    place.folder.location(),
                    first(place)?.key,
                    file.key
                ))
                .hint(
                    super::apart(place, &place.folder.location().to_string()).unwrap_or_else(
                        || "name those that go together: 'folder/*.csv'".to_owned(),
                    ),
                ));
            }
        }
    }
    // What DMS staged has types that its endpoint knows: rows are shown as they are written.
    let of = |all: Columns| if is_staged(place) { all.texts() } else { all.schema() };
    Ok(all.map_or_else(Schema::empty, of))
}

/// Broken quotes would make other columns and types.
fn check_quotes(place: &Place, file: &Listed, bytes: &[u8], options: &Options) -> Result<()> {
    Quotes::look(bytes, file.size <= BYTES_MAX, options).map_err(|broken| {
        let name = format!("{}{}", place.folder.location(), file.key);
        csv_broken(&name, broken, options.header.unwrap_or_default())
    })
}

/// What the values of JSON files are.
///
/// # Errors
/// Files that cannot be read, with the place of what is no JSON.
pub(super) async fn of_json(place: &Place, options: &Options) -> Result<Shape> {
    let mut all: Option<Shape> = None;
    for file in some(place) {
        let found = of_one_json(place, file, options).await?;
        match &mut all {
            None => all = Some(found),
            Some(all) => all.and(found),
        }
    }
    if all.as_ref().is_some_and(Shape::has_too_many_columns) {
        let file = match place.files.as_slice() {
            [one] => one.key.as_str(),
            _ => "",
        };
        let (location, most) = (place.folder.location(), json::COLUMNS_MAX);
        return Err(Error::usage(format!(
            "the rows in {location}{file} have more than {most} different columns, with the fields within them"
        ))
        .hint("declare those that are needed: CREATE EXTERNAL TABLE name (column TYPE, …) STORED AS JSON LOCATION '…'"));
    }
    all.filter(|all| !all.columns().is_empty()).ok_or_else(|| tells_nothing(place, Format::Json))
}

/// The same of one file, of which more is read until its first row is whole.
async fn of_one_json(place: &Place, file: &Listed, options: &Options) -> Result<Shape> {
    /// Behind that a row is too long.
    const ENOUGH: u64 = json::ROW_BYTES_MAX as u64 + BYTES_MAX;
    let mut wanted = BYTES_MAX;
    loop {
        let bytes = head(&place.folder, file, wanted).await?;
        let found = json::look(&bytes, file.size <= wanted, options.is_array, ROWS_MAX);
        let found = found.map_err(|(at, fault)| {
            json_fault(&format!("{}{}", place.folder.location(), file.key), at, &fault)
        })?;
        if !found.is_empty() || wanted >= file.size.min(ENOUGH) {
            return Ok(found);
        }
        wanted = (wanted * 8).min(ENOUGH);
    }
}

async fn by_engine(
    place: &Place,
    format: Format,
    options: &Options,
    session: &dyn Session,
    declared: Option<&Schema>,
) -> Result<Schema> {
    let wanted = if declared.is_some() { Wanted::Names } else { Wanted::Types };
    let (store, reader) = (place.folder.store(), options.reader(format));
    let mut merged = Merged::new(place, wanted);
    for file in some(place) {
        let object = [meta(&place.folder, file)?];
        let found = reader.infer_schema(session, store, &object).await;
        let found = found.map_err(|error| match error.find_root() {
            DataFusionError::ObjectStore(_) => Error::from(error),
            _ => unreadable(place, file, options, &ArrowError::ParquetError(String::new())),
        })?;
        let found = usual(&found);
        if let Some(declared) = declared {
            let name = format!("{}{}", place.folder.location(), file.key);
            holds::check(&name, &found, declared)?;
        }
        merged.add(file, &found)?;
    }
    Ok(merged.schema())
}

/// Declared columns under the names that files spell otherwise but for case: they are found by name.
pub(super) fn spelled(declared: Schema, found: &Schema) -> Schema {
    let field = |field: &FieldRef| {
        let lower = field.name().to_lowercase();
        let alike = |other: &&FieldRef| other.name().to_lowercase() == lower;
        let mut others = found.fields().iter().filter(alike);
        match (found.field_with_name(field.name()), others.next(), others.next()) {
            (Err(_), Some(one), None) => field.as_ref().clone().with_name(one.name()),
            _ => field.as_ref().clone(),
        }
    };
    Schema::new(declared.fields().iter().map(field).collect::<Vec<_>>())
}

/// A file as the store names it.
pub(super) fn meta(folder: &Folder, file: &Listed) -> Result<ObjectMeta> {
    Ok(ObjectMeta {
        location: folder.path_of(&file.key)?,
        last_modified: file.modified,
        size: file.size,
        e_tag: file.e_tag.clone(),
        version: None,
    })
}

/// As many bytes of a file's beginning as are wanted, up to the end of a line.
async fn head(folder: &Folder, file: &Listed, wanted: u64) -> Result<Vec<u8>> {
    if file.size == 0 {
        return Ok(Vec::new());
    }
    let wanted = file.size.min(wanted);
    let range = Some(GetRange::Bounded(0..wanted));
    let failed = |error| folder.error(&format!("{} cannot be read", file.key), error);
    let options = GetOptions { range, ..GetOptions::default() };
    let got =
        folder.store().get_opts(&folder.path_of(&file.key)?, options).await.map_err(failed)?;
    let pieces: Vec<_> = got.into_stream().try_collect().await.map_err(failed)?;
    let mut bytes = pieces.concat();
    if wanted < file.size
        && let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n')
    {
        bytes.truncate(end + 1);
    }
    Ok(bytes)
}

/// The first line, without what is quoted in it.
fn first_line(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let mut quoted = false;
    let line = bytes.iter().copied().take_while(|byte| !matches!(byte, b'\n' | b'\r'));
    line.filter(move |byte| {
        quoted ^= *byte == b'"';
        !quoted
    })
}

fn delimiter(bytes: &[u8]) -> u8 {
    let count = |wanted: u8| first_line(bytes).filter(|byte| *byte == wanted).count();
    // Of equal ones the last is taken.
    DELIMITERS.into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

/// Whether the first line has names: each of its values is a text that is nowhere else in it.
fn has_header(bytes: &[u8], options: &Options) -> bool {
    let format = |header: bool| Options { header: Some(header), ..options.clone() }.csv_format();
    let Ok((values, _)) = format(false).infer_schema(Cursor::new(bytes), Some(1)) else {
        return false;
    };
    let Ok((names, _)) = format(true).infer_schema(Cursor::new(bytes), Some(0)) else {
        return false;
    };
    let names: BTreeSet<&str> = names.fields().iter().map(|field| field.name().trim()).collect();
    values.fields().iter().all(|field| *field.data_type() == DataType::Utf8)
        && names.len() == values.fields().len()
        && !names.contains("")
}

/// The columns of CSV files, and what their values fit.
struct Columns(Vec<(String, Fits)>);

impl Columns {
    /// Those of a file, whose beginning this is.
    fn look(bytes: &[u8], options: &Options) -> std::result::Result<Self, ArrowError> {
        let (names, _) = options.csv_format().infer_schema(Cursor::new(bytes), Some(0))?;
        let text = |field: &FieldRef| Field::new(field.name(), DataType::Utf8, true);
        let texts = Schema::new(names.fields().iter().map(text).collect::<Vec<_>>());
        let mut columns = vec![Fits::new(); texts.fields().len()];
        let reader = ReaderBuilder::new(Arc::new(texts))
            .with_format(options.csv_format())
            .with_batch_size(ROWS_MAX)
            .build(Cursor::new(bytes))?;
        let null = options.null_value.as_deref();
        for batch in reader.take(1) {
            for (fits, column) in columns.iter_mut().zip(batch?.columns()) {
                let values = column.as_string::<i32>().iter().flatten();
                values.filter(|value| Some(*value) != null).for_each(|value| fits.look_at(value));
            }
        }
        let name = |field: &FieldRef| field.name().trim_start_matches('\u{feff}').trim().to_owned();
        Ok(Self(names.fields().iter().map(name).zip(columns).collect()))
    }

    /// Whether another file has the same columns in the same order, which is how they are read.
    fn are_alike(&self, other: &Self, options: &Options) -> bool {
        let mut names = self.0.iter().zip(&other.0).map(|((one, _), (other, _))| (one, other));
        self.0.len() == other.0.len()
            && (options.header != Some(true)
                || names.all(|(one, other)| one.to_lowercase() == other.to_lowercase()))
    }

    fn and(&mut self, other: &Self) {
        for ((_, fits), (_, others)) in self.0.iter_mut().zip(&other.0) {
            fits.and(others);
        }
    }

    /// All of them as texts.
    fn texts(&self) -> Schema {
        let field = |(name, _): &(String, Fits)| Field::new(name, DataType::Utf8, true);
        Schema::new(self.0.iter().map(field).collect::<Vec<_>>())
    }

    fn schema(&self) -> Schema {
        let field = |(name, fits): &(String, Fits)| Field::new(name, fits.data_type(), true);
        Schema::new(self.0.iter().map(field).collect::<Vec<_>>())
    }
}

/// A column that has a type: texts, if no file tells it.
fn known(field: &FieldRef) -> FieldRef {
    match field.data_type() {
        DataType::Null => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8)),
        _ => Arc::clone(field),
    }
}

fn unreadable(place: &Place, file: &Listed, options: &Options, error: &ArrowError) -> Error {
    // The reader's messages quote rows.
    let because = match error {
        ArrowError::CsvError(text) => csv_fault(text, options.header.unwrap_or_default()),
        _ => None,
    };
    let because = because.unwrap_or_else(|| "it cannot be read as what it is named".to_owned());
    let folder = place.folder.location();
    let hint = match because.contains("UTF-8") {
        true => "only UTF-8 is read: iconv -f LATIN1 -t UTF-8 FILE > NEW writes it so",
        false => {
            "if it is written in another way, declare it: CREATE EXTERNAL TABLE name STORED AS … LOCATION '…' OPTIONS (…)"
        }
    };
    Error::usage(format!("{folder}{}: {because}", file.key)).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> String {
        let mut options =
            Options { delimiter: Some(delimiter(text.as_bytes())), ..Options::default() };
        options.header = Some(has_header(text.as_bytes(), &options));
        let schema = Columns::look(text.as_bytes(), &options).unwrap().schema();
        let fields = schema.fields().iter();
        fields
            .map(|field| format!("{}:{}", field.name(), field.data_type()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_first_line_of_texts_that_differ_is_a_header() {
        assert_eq!(schema("id,name\n1,Rom\n"), "id:Int64 name:Utf8");
        assert_eq!(schema("\u{feff}id;price\n1;2.5\n"), "id:Int64 price:Float64");
        assert_eq!(
            schema("day\tat\n2026-01-01\t2026-01-01 10:00:00\n"),
            "day:Date32 at:Timestamp(µs)"
        );
        assert_eq!(schema("\"a,b\",c\nx,y\n"), "a,b:Utf8 c:Utf8");
    }

    #[test]
    fn a_first_line_with_a_number_nothing_or_the_same_twice_is_a_row() {
        assert_eq!(schema("1,Rom\n2,Oslo\n"), "column_1:Int64 column_2:Utf8");
        assert_eq!(schema("a,\nb,c\n"), "column_1:Utf8 column_2:Utf8");
        assert_eq!(schema("a,a\nb,c\n"), "column_1:Utf8 column_2:Utf8");
        assert_eq!(schema("true,x\n"), "column_1:Boolean column_2:Utf8");
    }

    #[test]
    fn a_word_for_null_says_nothing_of_a_column() {
        let text = "id,n\n1,NA\n2,5\n";
        let of = |null: &str| {
            let options = Options {
                header: Some(true),
                null_value: Some(null.to_owned()),
                ..Options::default()
            };
            let schema = Columns::look(text.as_bytes(), &options).unwrap().schema();
            schema.field(1).data_type().clone()
        };
        assert_eq!((of("NA"), of("x")), (DataType::Int64, DataType::Utf8));
    }

    #[test]
    fn a_beginning_that_ends_within_a_value_is_looked_at_up_to_there() {
        assert_eq!(schema("id,t\n1,a\n2,\"b\n"), "id:Int64 t:Utf8");
    }
}
