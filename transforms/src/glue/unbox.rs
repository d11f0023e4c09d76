//! `Unbox`: text that holds a record.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, StringArray, StructArray, new_empty_array, new_null_array,
};
use datafusion::arrow::compute::{cast, concat};
use datafusion::arrow::csv::ReaderBuilder as CsvReader;
use datafusion::arrow::csv::reader::Format;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use datafusion::arrow::json::ReaderBuilder as JsonReader;
use datafusion::error::Result as EngineResult;
use datafusion::logical_expr::Expr;
use serde_json::{Value, json};

use super::cast::read_expr;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, named};
use super::nested::{Case, Edit, Part, resolve, struct_of};
use super::path::{parse_names, parse_path};
use super::row::{Batch, Judged, Outcome};
use super::types::parse_schema;

const NAME: &str = "Unbox";

/// `Unbox`: the record that a text holds, as a column of its own in the text's place.
///
/// The schema must be told (`withSchema`): without it Glue reads all rows to find one, which is refused here. Text that is
/// not of that form makes its row an error record. Text that is NULL is NULL.
#[derive(Debug, Clone)]
pub struct Unbox {
    path: String,
    format: String,
    schema: Option<String>,
    csv: Csv,
    stage: Stage,
}

/// How CSV is read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Csv {
    separator: u8,
    escaper: Option<u8>,
    skip_first: bool,
    with_header: bool,
}

impl Unbox {
    /// The full path of the text, through structs, and its format: `json` or `csv`.
    pub fn new(path: impl Into<String>, format: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            format: format.into(),
            schema: None,
            csv: Csv { separator: b',', escaper: None, skip_first: false, with_header: false },
            stage: Stage::default(),
        }
    }

    /// The schema, as `struct<name:type,…>` or as the text of `StructType.json()` (`withSchema`).
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// The character between fields of CSV (`separator`, a comma by default).
    #[must_use]
    pub fn separator(mut self, character: u8) -> Self {
        self.csv.separator = character;
        self
    }

    /// The character before a quote within a field of CSV (`escaper`, none by default).
    #[must_use]
    pub fn escaper(mut self, character: u8) -> Self {
        self.csv.escaper = Some(character);
        self
    }

    /// Whether the first line is passed over (`skipFirst`).
    #[must_use]
    pub fn skip_first(mut self, is_skipped: bool) -> Self {
        self.csv.skip_first = is_skipped;
        self
    }

    /// Whether the first line names the fields, which are then found by their names, without regard to order (`withHeader`).
    #[must_use]
    pub fn with_header(mut self, is_header: bool) -> Self {
        self.csv.with_header = is_header;
        self
    }

    fn data_type(&self) -> Result<DataType> {
        let Some(schema) = &self.schema else {
            return Err(GlueError::new(NAME, format!("the schema of `{}` is not told", self.path))
                .help("give it with with_schema, such as struct<name:string,age:int>"));
        };
        parse_schema(schema).map_err(|message| GlueError::new(NAME, message))
    }
}

impl Transform for Unbox {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let data_type = self.data_type()?;
        let text =
            resolve(NAME, &frame.columns(), &parse_names(NAME, &self.path)?, Case::Sensitive)?;
        if !text.data_type.is_string() && text.data_type != DataType::Binary {
            return Err(GlueError::new(NAME, format!("`{}` is not a text", self.path)));
        }
        let parse = parser(&self.format, &data_type, &self.csv)?;
        let function = Arc::new(move |batch: &Batch<'_>| unboxed(&batch.columns[0], &parse));
        let argument = (Field::new("text", text.data_type, true), text.expr);
        let parsed = if self.format == "csv" { texts_of(&data_type) } else { data_type.clone() };
        let judged = Judged::new(frame, "unglue_unbox", vec![argument], parsed.clone(), function)?;
        let value = Part { name: String::new(), expr: Judged::value(), data_type: parsed };
        let value = typed(value, &data_type);
        let edit = Edit {
            transform: NAME,
            case: Case::Sensitive,
            change: &|part| Ok(vec![(part.name, value.clone())]),
        };
        let columns = named(edit.apply(frame.columns(), &parse_path(NAME, &self.path)?)?);
        let errors = judged.errors(&self.stage, frame)?;
        frame.then_with(&self.stage, judged.good()?.select(columns)?, Some(errors))
    }
}

/// A struct with texts in the place of values.
fn texts_of(data_type: &DataType) -> DataType {
    let DataType::Struct(fields) = data_type else { return data_type.clone() };
    let texts = fields.iter().map(|field| Field::new(field.name(), DataType::Utf8, true));
    DataType::Struct(texts.collect())
}

/// The struct with its texts cast to the types that they are to have.
fn typed(value: Part, to: &DataType) -> Expr {
    let DataType::Struct(types) = to else { return value.expr };
    if value.data_type == *to {
        return value.expr;
    }
    let cast = |(field, to): (Part, &FieldRef)| {
        (field.name, read_expr(field.expr, &field.data_type, to.data_type()))
    };
    let fields = value.fields().into_iter().zip(types).map(cast).collect();
    struct_of(fields, &value.expr).unwrap_or(value.expr)
}

/// What texts hold.
type Parse = Arc<dyn Fn(&StringArray) -> EngineResult<Outcome> + Send + Sync>;

fn parser(format: &str, data_type: &DataType, csv: &Csv) -> Result<Parse> {
    let told = |message: String| GlueError::new(NAME, message).help("there are json and csv");
    match (format, data_type) {
        ("json", _) => {
            let schema = Arc::new(Schema::new(vec![Field::new("value", data_type.clone(), true)]));
            Ok(Arc::new(move |texts| from_json(texts, &schema)))
        }
        ("csv", DataType::Struct(fields)) => {
            let (names, csv) = (fields.clone(), csv.clone());
            let texts_type = texts_of(data_type);
            Ok(Arc::new(move |texts| each(texts, &texts_type, |text| csv.read(text, &names))))
        }
        ("csv", _) => Err(GlueError::new(NAME, "the schema of CSV is not a struct")),
        (other, _) => Err(told(format!("the format `{other}` is not read"))),
    }
}

/// The values of texts, one after the other; `read` gives an array of one value, or nothing if the text is not of the form.
fn each(
    texts: &StringArray,
    data_type: &DataType,
    read: impl Fn(&str) -> Option<ArrayRef>,
) -> EngineResult<Outcome> {
    let null = new_null_array(data_type, 1);
    let mut values = Vec::with_capacity(texts.len());
    let mut errors = Vec::with_capacity(texts.len());
    for text in texts {
        let value = text.map(&read);
        errors.push(matches!(value, Some(None)).then(not_of_the_form));
        values.push(value.flatten().unwrap_or_else(|| Arc::clone(&null)));
    }
    let values: Vec<&dyn Array> = values.iter().map(AsRef::as_ref).collect();
    let values = match values.as_slice() {
        [] => new_empty_array(data_type),
        values => concat(values)?,
    };
    Ok(Outcome { values, errors })
}

fn not_of_the_form() -> String {
    "the text is not of the form that the schema tells".to_owned()
}

/// All texts at once, and one by one only if there is one that is not of the form.
fn from_json(texts: &StringArray, schema: &SchemaRef) -> EngineResult<Outcome> {
    let parsed: Option<Vec<Value>> = texts
        .iter()
        .map(|text| text.map_or(Some(Value::Null), |text| serde_json::from_str(text).ok()))
        .collect();
    if let Some(values) = parsed.and_then(|values| decode(values, schema)) {
        return Ok(Outcome { values, errors: vec![None; texts.len()] });
    }
    each(texts, schema.field(0).data_type(), |text| {
        decode(vec![serde_json::from_str(text).ok()?], schema)
    })
}

fn decode(values: Vec<Value>, schema: &SchemaRef) -> Option<ArrayRef> {
    let rows: Vec<Value> = values.into_iter().map(|value| json!({ "value": value })).collect();
    if rows.is_empty() {
        return Some(new_empty_array(schema.field(0).data_type()));
    }
    let builder =
        JsonReader::new(Arc::clone(schema)).with_batch_size(rows.len()).with_coerce_primitive(true);
    let mut decoder = builder.build_decoder().ok()?;
    decoder.serialize(&rows).ok()?;
    let batch = decoder.flush().ok()??;
    Some(Arc::clone(batch.column(0)))
}

impl Csv {
    /// The first record of a text. Its fields are as many as those of the schema, or there is a header that names them.
    fn read(&self, text: &str, fields: &Fields) -> Option<ArrayRef> {
        let text = match self.skip_first {
            true => text.split_once('\n')?.1,
            false => text,
        };
        let mut format =
            Format::default().with_header(self.with_header).with_delimiter(self.separator);
        if let Some(escaper) = self.escaper {
            format = format.with_escape(escaper);
        }
        let (found, _) = format.infer_schema(text.as_bytes(), Some(1)).ok()?;
        if !self.with_header && found.fields().len() != fields.len() {
            return None;
        }
        let texts =
            found.fields().iter().map(|field| Field::new(field.name(), DataType::Utf8, true));
        let texts = Arc::new(Schema::new(texts.collect::<Vec<_>>()));
        let mut reader = CsvReader::new(texts)
            .with_format(format)
            .with_batch_size(1)
            .build(text.as_bytes())
            .ok()?;
        let record = reader.next()?.ok()?;
        let columns: Vec<ArrayRef> = fields
            .iter()
            .enumerate()
            .map(|(index, field)| {
                let column = match self.with_header {
                    true => record.column_by_name(field.name()),
                    false => record.columns().get(index),
                };
                match column {
                    Some(column) => Arc::clone(column),
                    None => new_null_array(&DataType::Utf8, 1),
                }
            })
            .collect();
        let texts = fields.iter().map(|field| Field::new(field.name(), DataType::Utf8, true));
        Some(Arc::new(StructArray::try_new(texts.collect(), columns, None).ok()?))
    }
}

fn unboxed(texts: &ArrayRef, parse: &Parse) -> EngineResult<Outcome> {
    parse(cast(texts, &DataType::Utf8)?.as_string::<i32>())
}
