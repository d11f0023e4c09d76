use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use datafusion::arrow::array::{Array, ArrayRef, BinaryArray};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use transforms::dms::csv::{BadRows, Ops, Reject, TableName};
use transforms::dms::{ColumnSpec, CsvFormat, Decoder, DriftPolicy, Layout, Op};

/// How an object is laid out, how it is cut, and its bytes.
#[derive(Debug, Arbitrary)]
struct Object {
    delimiter: u8,
    rfc4180: bool,
    null_value: Option<String>,
    header: bool,
    has_op: bool,
    op_may_lack: bool,
    timestamp_column: Option<bool>,
    columns: Vec<(u8, bool)>,
    keyless: bool,
    batch_rows: u8,
    piece: u8,
    widens: bool,
    row_delimiter: Option<u8>,
    no_sup_value: Option<String>,
    /// Rows bear the names of their table and its schema.
    named: bool,
    sequenced: bool,
}

/// The text of an object: whatever it is, it is read to its end or refused, and how it is cut changes nothing. Its bad rows
/// may be set aside.
pub fn csv_rows(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(object) = Object::arbitrary(&mut input) else { return };
    let bytes = input.take_rest();
    let layout = Arc::new(layout(&object));
    let batch_rows = usize::from(object.batch_rows).max(1);
    for bad_rows in [BadRows::Refuse, BadRows::SetAside { most: 8 }] {
        let decode = |piece: usize| {
            let decoder = Decoder::new(Arc::clone(&layout), batch_rows, None, bad_rows).unwrap();
            decode(&layout, decoder, bytes, piece.max(1))
        };
        match (decode(bytes.len()), decode(usize::from(object.piece))) {
            (Ok(whole), Ok(cut)) => assert_eq!(whole, cut),
            (Err(whole), Err(cut)) => assert_eq!(whole, cut),
            (whole, cut) => {
                panic!("only one of both is refused: {:?} {:?}", whole.err(), cut.err())
            }
        }
    }
}

/// Operations, columns, what rows leave out, and what is set aside.
type Rows = (Vec<Op>, Vec<Vec<ArrayRef>>, Vec<Option<Vec<u8>>>, Vec<Reject>);

fn decode(
    layout: &Arc<Layout>,
    mut decoder: Decoder,
    bytes: &[u8],
    piece: usize,
) -> Result<Rows, String> {
    let (mut ops, mut columns, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    let mut take = |decoder: &mut Decoder| {
        while let Some(batch) = decoder.next_batch() {
            assert_eq!(batch.first_row, ops.len() as u64, "rows are numbered without gaps");
            assert!(0 < batch.len && batch.len == batch.ops.len());
            assert_eq!(batch.columns.len(), layout.columns.len());
            assert!(batch.columns.iter().all(|column| column.len() == batch.len));
            let gaps = batch.absent.as_ref().map_or(batch.len, BinaryArray::len);
            assert_eq!(gaps, batch.len, "what is left out is told of each row");
            absent.extend((0..batch.len).map(|row| {
                let gaps = batch.absent.as_ref().filter(|gaps| gaps.is_valid(row));
                gaps.map(|gaps| gaps.value(row).to_vec())
            }));
            ops.extend(batch.ops);
            columns.push(batch.columns);
        }
    };
    for piece in bytes.chunks(piece) {
        decoder.push(piece).map_err(|errors| format!("{errors:?}"))?;
        take(&mut decoder);
    }
    decoder.finish().map_err(|errors| format!("{errors:?}"))?;
    take(&mut decoder);
    let rejects = decoder.take_rejects();
    assert!(rejects.iter().all(|reject| !reject.errors.is_empty() && reject.lines > 0));
    assert!(rejects.iter().map(|reject| reject.lines).sum::<u64>() <= 8);
    Ok((ops, columns, absent, rejects))
}

fn layout(object: &Object) -> Layout {
    let columns: Vec<ColumnSpec> = object
        .columns
        .iter()
        .chain([&(0, false)])
        .take(12)
        .enumerate()
        .map(|(index, (kind, nullable))| ColumnSpec {
            name: format!("c{index}"),
            data_type: data_type(*kind),
            nullable: *nullable,
            trim_blanks: kind % 2 == 0,
            fraction_digits: kind % 7,
        })
        .collect();
    let stamp = object.timestamp_column.map(|declared| if declared { "c0" } else { "stamp" });
    let delimiter = match object.delimiter {
        b'\n' | b'\r' | b'"' => b',',
        other => other,
    };
    let row_delimiter = match object.row_delimiter {
        Some(other) if other != b'"' && other != delimiter => other,
        _ => b'\n',
    };
    let last = columns.len() - 1;
    Layout {
        columns,
        key: if object.keyless { Vec::new() } else { vec![0] },
        has_op: object.has_op,
        op_may_lack: object.has_op && object.op_may_lack,
        ops: Ops::All,
        timestamp_column: stamp.map(str::to_owned),
        csv: CsvFormat {
            delimiter,
            row_delimiter,
            keeps_carriage_returns: false,
            no_sup_value: object.no_sup_value.clone(),
            rfc4180: object.rfc4180,
            null_value: object.null_value.clone(),
            header: object.header,
        },
        of_table: object.named.then(|| TableName { schema: "s".to_owned(), table: "t".to_owned() }),
        before_key: Vec::new(),
        change_sequence: object.sequenced.then_some(last),
        drift: if object.widens { DriftPolicy::Widen } else { DriftPolicy::Refuse },
        first_look: None,
    }
}

fn data_type(kind: u8) -> DataType {
    let all = [
        DataType::Int32,
        DataType::Utf8,
        DataType::Boolean,
        DataType::Int8,
        DataType::Int64,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal128(12, 2),
        DataType::Decimal256(60, 20),
        DataType::Binary,
        DataType::Date32,
        DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Time64(TimeUnit::Microsecond),
    ];
    all.get(usize::from(kind) % all.len()).cloned().unwrap_or(DataType::Utf8)
}
