mod written;

use datafusion::arrow::datatypes::DataType;

use super::super::decode::Decoder;
use super::super::layout::{Ops, TableName};
use super::super::reject::BadRows;
use super::super::row_error::{RowErrors, Stop};
use super::*;
use crate::dms::settings::{BeforeImage, Settings};

const ASIDE: BadRows = BadRows::SetAside { most: 1000 };

/// `id INT` or `TEXT` as the key, `name TEXT`, and a third one.
fn layout(types: [DataType; 3], settings: &Settings, kind: ObjectKind) -> Layout {
    let specs = ["id", "name", "day"].iter().zip(types).map(|(name, data_type)| ColumnSpec {
        name: (*name).to_owned(),
        data_type,
        nullable: true,
        trim_blanks: false,
        fraction_digits: 6,
    });
    let before_key = Vec::new();
    let declared = Declared { settings: settings.clone(), kind, before_key };
    let layout = Layout {
        columns: specs.collect(),
        key: vec![0],
        has_op: false,
        op_may_lack: false,
        ops: Ops::All,
        timestamp_column: None,
        csv: settings.csv.clone(),
        of_table: None,
        change_sequence: None,
        before_key: Vec::new(),
        drift: DriftPolicy::Refuse,
        first_look: Some(Arc::new(declared)),
    };
    layout.with_settings(settings, kind)
}

const TYPED: [DataType; 3] = [DataType::Int32, DataType::Utf8, DataType::Date32];
const TEXTS: [DataType; 3] = [DataType::Utf8, DataType::Utf8, DataType::Utf8];

fn settings(options: &[(&str, &str)]) -> Settings {
    Settings::from_options(options.iter().copied()).unwrap()
}

fn load(types: [DataType; 3], options: &[(&str, &str)]) -> Layout {
    layout(types, &settings(options), ObjectKind::FullLoad)
}

fn changes(types: [DataType; 3], options: &[(&str, &str)]) -> Layout {
    layout(types, &settings(options), ObjectKind::Change)
}

fn widening(layout: Layout) -> Layout {
    Layout { drift: DriftPolicy::Widen, ..layout }
}

fn read_in(
    layout: &Layout,
    text: &str,
    bad_rows: BadRows,
    cut: usize,
) -> Result<(u64, usize), RowErrors> {
    let mut decoder = Decoder::new(Arc::new(layout.clone()), 7, None, bad_rows).unwrap();
    for chunk in text.as_bytes().chunks(cut) {
        decoder.push(chunk)?;
    }
    decoder.finish()?;
    let rows = std::iter::from_fn(|| decoder.next_batch()).map(|batch| batch.len as u64).sum();
    Ok((rows, decoder.take_rejects().len()))
}

/// Good rows and rows set aside, however the text is cut.
fn read(layout: &Layout, text: &str, bad_rows: BadRows) -> Result<(u64, usize), RowErrors> {
    let whole = read_in(layout, text, bad_rows, usize::MAX);
    assert_eq!(whole, read_in(layout, text, bad_rows, 1), "{text}");
    whole
}

/// In both ways to take bad rows; the rows stand at `line`.
#[track_caller]
fn assert_told(layout: &Layout, text: &str, line: u64, said: &[&str]) {
    for bad_rows in [BadRows::Refuse, ASIDE] {
        assert_told_by(layout, text, bad_rows, line, said);
    }
}

#[track_caller]
fn assert_told_by(layout: &Layout, text: &str, bad_rows: BadRows, line: u64, said: &[&str]) {
    let errors = read(layout, text, bad_rows).unwrap_err();
    assert_eq!(errors.stop, Some(Stop::Contradicted), "{bad_rows:?}: {errors}");
    assert_eq!(errors.errors.len(), 1, "{errors}");
    assert_eq!(errors.errors[0].line, line, "{errors}");
    for said in said {
        assert!(errors.to_string().contains(said), "`{said}` is not said: {errors}");
    }
    assert!(!errors.to_string().contains("Ann"), "{errors}");
}

#[track_caller]
fn assert_read(layout: &Layout, text: &str, rows: u64, aside: usize) {
    assert_eq!(read(layout, text, ASIDE).unwrap(), (rows, aside), "{text}");
    if aside == 0 {
        assert_eq!(read(layout, text, BadRows::Refuse).unwrap(), (rows, 0), "{text}");
    } else {
        // Of what is refused anyway more may be told.
        assert!(read(layout, text, BadRows::Refuse).is_err(), "{text}");
    }
}

#[test]
fn a_header_that_is_not_declared_is_told() {
    let said = ["the first row holds the names of columns: is AddColumnName missing?"];
    assert_told(&load(TYPED, &[]), "ID,Name,day\n1,Ann,2021-04-01\n", 1, &said);
    assert_told(&load(TEXTS, &[]), "\n\nid,name,day\na,b,c\n", 3, &said);
    assert_told(
        &load(TEXTS, &[("TimestampColumnName", "ts")]),
        "ts,id,name,day\nx,a,b,c\n",
        1,
        &said,
    );
    assert_told(&changes(TEXTS, &[]), "Op,id,name,day\nI,a,b,c\n", 1, &said);
    assert_told(&widening(load(TEXTS, &[])), "id,name,day,more\na,b,c,d\n", 1, &said);
    let both = ["are AddColumnName and IncludeOpForFullLoad missing?"];
    assert_told(&load(TEXTS, &[]), "Op,id,name,day\nI,a,b,c\n", 1, &both);
    // Behind another delimiter too.
    let said = ["AddColumnName", "CsvDelimiter", "('AddColumnName' 'true', 'CsvDelimiter' ';')"];
    assert_told(&load(TYPED, &[]), "id;name;day\n1;Ann;2021-04-01\n2;Bob;\n", 1, &said);
}

#[test]
fn a_row_that_is_only_like_a_header_is_a_row() {
    for text in ["id,name,Ann\n", "name,id,day\n", "a,b,c\nid,name,day\n", "id,name,\n"] {
        assert_read(&load(TEXTS, &[]), text, text.lines().count() as u64, 0);
    }
    let mut one = load(TEXTS, &[]);
    one.columns.truncate(1);
    assert_read(&one, "id\nx\n", 2, 0);
    assert_read(&changes(TEXTS, &[]), "I,id,name,day\n", 1, 0);
    // A row that is cut off.
    assert_read(&load(TYPED, &[]), "name\n1,Ann,2021-04-01\n", 1, 1);
    assert_told(&load(TYPED, &[]), "id,day\n1,2021-04-01\n", 1, &["AddColumnName"]);
    one.columns[0].data_type = DataType::Int32;
    assert_told(&one, "id\n1\n", 1, &["AddColumnName"]);
}

#[test]
fn a_header_that_is_declared_and_not_there_names_its_setting() {
    let layout = load(TYPED, &[("AddColumnName", "true")]);
    for bad_rows in [BadRows::Refuse, ASIDE] {
        let errors = read(&layout, "1,Ann,2021-04-01\n", bad_rows).unwrap_err().to_string();
        assert!(errors.contains("is AddColumnName declared where"), "{errors}");
    }
    let said = ["CsvDelimiter", "('CsvDelimiter' '|')"];
    assert_told(&layout, "id|name|day\n1|Ann|2021-04-01\n", 1, &said);
}

#[test]
fn an_operation_where_none_is_declared_is_told() {
    let said = [
        "first field of the first rows is I",
        "was IncludeOpForFullLoad set?",
        "('IncludeOpForFullLoad' 'true')",
    ];
    for layout in [load(TYPED, &[]), widening(load(TYPED, &[]))] {
        assert_told(&layout, "I,1,Ann,2021-04-01\nI,2,Bob,\n", 1, &said);
    }
    assert_told(&load(TEXTS, &[]), "I,a,b,c\n", 1, &said);
    let inserts = [("CdcInsertsOnly", "true")];
    assert_told(
        &changes(TEXTS, &inserts),
        "I,a,b,c\nI,a,b,c\n",
        1,
        &["IncludeOpForFullLoad", "CdcInsertsOnly"],
    );
    assert_told(
        &changes(TEXTS, &inserts),
        "I,a,b,c\nU,a,b,c\n",
        1,
        &["('CdcInsertsOnly' 'false')"],
    );
    let both = ["('IncludeOpForFullLoad' 'true', 'TimestampColumnName' 'ts')"];
    assert_told(&load(TYPED, &[]), &"I,2021-04-01 10:00:00.000000,1,Ann,\n".repeat(2), 1, &both);
}

#[test]
fn an_operation_in_place_of_a_key_is_told_where_a_column_too_much_is_declared() {
    let said = ["is I, in a column that is the whole key", "IncludeOpForFullLoad"];
    assert_told(&load(TEXTS, &[]), "I,a,b\nI,b,c\n", 1, &said);
    let inserts = changes(TEXTS, &[("CdcInsertsOnly", "true")]);
    assert_told(&inserts, "I,a,b\nI,b,c\nI,c,d\n", 1, &said);
    assert_read(&inserts, "I,a,b\nI,a,b\n", 2, 0);
    assert_read(&load(TEXTS, &[]), "I,a,b\n", 1, 0);
    assert_read(&load(TEXTS, &[]), "I,a,b\nII,b,c\n", 2, 0);
    for key in [vec![], vec![1], vec![0, 1]] {
        let layout = Layout { key, ..load(TEXTS, &[]) };
        assert_read(&layout, "I,a,b\nI,b,c\nI,c,d\n", 3, 0);
    }
}

#[test]
fn an_operation_that_is_declared_and_not_there_is_told() {
    let said = ["do not begin with an operation", "('IncludeOpForFullLoad' 'false')"];
    let included = [("IncludeOpForFullLoad", "true")];
    assert_told(&load(TYPED, &included), "1,Ann,2021-04-01\n2,Bob,\n", 1, &said);
    assert_told(&load(TEXTS, &included), "a,Ann,x\nb,I,y\n", 1, &said);
    assert_told(&widening(load(TEXTS, &included)), "a,Ann,x\nb,I,y\n", 1, &said);
    let said = ["is CdcInsertsOnly or CdcInsertsAndUpdates missing?", "('CdcInsertsOnly' 'true')"];
    assert_told(&changes(TYPED, &[]), "1,Ann,2021-04-01\n2,Bob,\n", 1, &said);
    // One row may be a bad one.
    assert_read(&changes(TYPED, &[]), "1,Ann,2021-04-01\n", 0, 1);
    assert_read(&changes(TYPED, &[]), "1,Ann,2021-04-01\nU,1,Ann,\n", 1, 1);
}

const STAMP: &str = "2021-04-01 10:00:00.123456";

#[test]
fn a_timestamp_column_that_is_missing_in_the_declaration_or_the_rows_is_told() {
    let said = ["begin with a time", "('TimestampColumnName' 'ts')"];
    for types in [TYPED, TEXTS] {
        let text = format!("{STAMP},1,Ann,2021-04-01\n");
        assert_told(&load(types.clone(), &[]), &text, 1, &said);
        assert_told(&widening(load(types.clone(), &[])), &text, 1, &said);
        let text = format!("U,{STAMP},1,Ann,2021-04-01\nD,{STAMP},1,,\n");
        assert_told(
            &changes(types, &[]),
            &text,
            1,
            &["behind the operation", "('TimestampColumnName' 'ts')"],
        );
    }
    let stamped = [("TimestampColumnName", "at")];
    let said = ["no time where TimestampColumnName", "('TimestampColumnName' '')"];
    for types in [TYPED, TEXTS] {
        let layout = changes(types, &stamped);
        assert_told(&layout, "U,1,Ann,2021-04-01\nI,2,Bob,\n", 1, &said);
        assert_told(&widening(layout), "U,1,Ann,2021-04-01\nI,2,Bob,\n", 1, &said);
    }
    // Rows from before a column was added.
    let layout = widening(changes(TEXTS, &stamped));
    assert_read(&layout, &format!("U,{STAMP},1,Ann\nI,{STAMP},2,Bob\n"), 2, 0);
    // The form is the endpoint's own business as long as the field is there.
    assert_read(&changes(TYPED, &stamped), "U,now,1,Ann,2021-04-01\nI,now,2,Bob,\n", 2, 0);
    // A new column with times stands at the end.
    let layout = changes(TYPED, &[]);
    assert_read(&layout, &format!("U,1,Ann,2021-04-01,{STAMP}\nI,2,Bob,,{STAMP}\n"), 0, 2);
}

#[test]
fn another_delimiter_is_told() {
    for (delimiter, written) in [(";", ";"), ("\t", "\\t"), ("|", "|")] {
        let text = "I,1,Ann,2021-04-01\nD,2,,\n".replace(',', delimiter);
        let option = format!("('CsvDelimiter' '{written}')");
        for layout in [changes(TYPED, &[]), changes(TEXTS, &[]), widening(changes(TEXTS, &[]))] {
            assert_told(&layout, &text, 1, &["is one field", &option]);
        }
    }
    let text = "a;Ann;x\nb;Bob;y\n";
    assert_told(&widening(load(TEXTS, &[])), text, 1, &["('CsvDelimiter' ';')"]);
    assert_read(&widening(load(TEXTS, &[])), "a;Ann\nb;Bob;y\n", 2, 0);
    assert_read(&widening(load(TEXTS, &[])), "a;Ann;x\n", 1, 0);
    let mut one = load(TEXTS, &[]);
    one.columns.truncate(1);
    assert_read(&one, text, 2, 0);
}

#[test]
fn quotes_that_are_no_quotes_are_told() {
    let said = ["is it false at the endpoint?"];
    let row = "I,1,An\"n,2021-04-01\n";
    for text in [row.repeat(5), "I,1,\"An\"n,2021-04-01\n".to_owned(), format!("I,1,Ann,\n{row}")] {
        let errors = read(&changes(TYPED, &[]), &text, BadRows::Refuse).unwrap_err();
        assert_eq!(errors.stop, Some(Stop::Unreadable), "it may be a bad row: {errors}");
        assert!(errors.to_string().contains(said[0]), "{errors}");
    }
    let quoted = format!("I,1,\"Ann\",\n{row}");
    let errors = read(&changes(TYPED, &[]), &quoted, BadRows::Refuse).unwrap_err().to_string();
    assert!(errors.contains("line 2: quote inside") && !errors.contains(said[0]), "{errors}");
    assert_told_by(&changes(TYPED, &[]), &row.repeat(4), ASIDE, 1, &["('Rfc4180' 'false')"]);
    assert_read(&changes(TYPED, &[]), &row.repeat(3), 0, 3);
    // Where others are in quotes, these are an accident.
    assert_read(&changes(TYPED, &[]), &format!("I,1,\"a,b\",\n{}", row.repeat(5)), 1, 5);
    let raw = changes(TYPED, &[("Rfc4180", "false")]);
    let text = "I,1,\"Ann, or Bob\",2021-04-01\nI,1,x,\n";
    assert_told_by(&raw, text, BadRows::Refuse, 1, &["('Rfc4180' 'true')"]);
    assert_eq!(read(&raw, text, ASIDE).unwrap(), (1, 1));
}

#[test]
fn another_word_for_null_is_told_where_it_is_no_value() {
    for word in ["\\N", "null", "(null)", "NA", "N/A", "None", "-"] {
        let text = format!("I,1,Ann,{word}\nI,2,Bob,2021-04-01\nI,3,{word},{word}\n");
        let option = format!("('CsvNullValue' '{word}')");
        assert_told(
            &changes(TYPED, &[]),
            &text,
            1,
            &[&format!("`{word}` stands unquoted"), &option],
        );
        assert_read(&changes(TEXTS, &[]), &text, 3, 0);
        let declared = changes(TYPED, &[("CsvNullValue", word)]);
        assert_read(&declared, &text, 3, 0);
    }
    let text = "I,1,Ann,NULL\nI,2,Bob,NULL\n";
    assert_told(&changes(TYPED, &[("CsvNullValue", "")]), text, 1, &["('CsvNullValue' 'NULL')"]);
    assert_read(&changes(TYPED, &[]), text, 2, 0);
    // Once may be a bad row, and so may be another word.
    assert_read(&changes(TYPED, &[]), "I,1,Ann,null\nI,2,Bob,\n", 1, 1);
    assert_read(&changes(TYPED, &[]), "I,1,Ann,nil\nI,2,Bob,nil\n", 0, 2);
    assert_read(&changes(TYPED, &[]), "I,1,Ann,\"null\"\nI,2,Bob,\"null\"\n", 0, 2);
    // In the key it is no value either.
    assert_read(&changes(TYPED, &[]), "I,null,Ann,\nI,null,Bob,\n", 0, 2);
}

#[test]
fn another_row_end_is_told() {
    let said = ["the object is one row", "('CsvRowDelimiter' '\\r')"];
    let text = "I,1,Ann,2021-04-01\rI,2,Bob,\r";
    for types in [TYPED, TEXTS] {
        assert_told(&changes(types.clone(), &[]), text, 1, &said);
        assert_told(&widening(changes(types.clone(), &[])), text, 1, &said);
        let declared = changes(types, &[("CsvRowDelimiter", "\\r")]);
        let said = ["the object is one row", "('CsvRowDelimiter' '\\n')"];
        assert_told(&declared, &text.replace('\r', "\n"), 1, &said);
    }
    // More than is kept of it.
    assert_told(&changes(TYPED, &[]), &text.repeat(3000), 1, &said);
    let mut one = load(TEXTS, &[]);
    one.columns.truncate(1);
    assert_read(&one, "a\rb\rc", 1, 0);
    assert_read(&widening(load(TEXTS, &[])), "a,b,c\rd\ne,f,g\n", 2, 0);
}

#[test]
fn before_images_that_are_not_declared_are_told_by_the_key_that_they_repeat() {
    let said = ["before-images", "BeforeImagePrefix"];
    assert_told(&changes(TYPED, &[]), "U,1,Ann,,1\nI,2,Bob,,\nD,3,,,3\n", 1, &said);
    // Columns that were added.
    for text in ["U,1,Ann,,7\nI,2,Bob,,\n", "I,1,Ann,,\nI,2,Bob,,\n", "U,1,Ann,,1\nI,2,Bob,,2\n"] {
        assert_read(&changes(TYPED, &[]), text, 0, 2);
    }
}

#[test]
fn before_images_that_are_declared_and_not_there_are_told() {
    let settings = Settings { before_image: Some(BeforeImage::default()), ..Settings::default() };
    let mut layout = layout(TYPED, &settings, ObjectKind::Change);
    layout.columns[2].data_type = DataType::Int32;
    let declared = Declared { settings, kind: ObjectKind::Change, before_key: vec![2] };
    layout.first_look = Some(Arc::new(declared));
    assert_told(&layout, "U,1,Ann\nI,2,Bob\n", 1, &["lack the columns of before-images"]);
    assert_read(&layout, "U,1,Ann\n", 0, 1);
    assert_read(&layout, "U,1,Ann\nI,2,Bob,\n", 1, 1);
}

#[test]
fn where_it_is_said_so_rows_are_read_as_declared() {
    let layout = Layout { first_look: None, ..load(TEXTS, &[]) };
    assert_eq!(read(&layout, "id,name,day\n", BadRows::Refuse).unwrap(), (1, 0));
}

#[test]
fn only_the_first_rows_are_looked_at() {
    let good = "U,1,Ann,2021-04-01\n".repeat(ROWS_MAX);
    let late = format!("{good}{}", "1,Ann,2021-04-01\n".repeat(5));
    assert_read(&changes(TYPED, &[]), &late, ROWS_MAX as u64, 5);
    // Batches that were given out before are not to be applied.
    let late = format!("{}{}", "I,1,Ann,2021-04-01\n".repeat(18), "I,2,Bob,null\n".repeat(9));
    assert_told(&changes(TYPED, &[]), &late, 1, &["CsvNullValue"]);
}

#[test]
fn only_rows_of_the_table_are_looked_at_among_those_of_others() {
    let of_table = Some(TableName { schema: "s".to_owned(), table: "t".to_owned() });
    let tx = [("PreserveTransactions", "true"), ("CdcPath", "tx")];
    let layout = Layout { of_table, ..changes(TEXTS, &tx) };
    let other = "I,x,s,id,name\n".repeat(ROWS_MAX);
    assert_read(&layout, &format!("{other}I,t,s,a,b,c\nD,t,s,a,,\n"), 2, 0);
    let said = ["behind the operation", "('TimestampColumnName' 'ts')"];
    let line = ROWS_MAX as u64 + 1;
    assert_told(&layout, &format!("{other}I,t,s,{STAMP},a,b,c\n"), line, &said);
}
