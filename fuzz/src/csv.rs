use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use transforms::dms::csv::{BadRows, Ops, Reject};
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

type Rows = (Vec<Op>, Vec<Vec<ArrayRef>>, Vec<Reject>);

fn decode(
    layout: &Arc<Layout>,
    mut decoder: Decoder,
    bytes: &[u8],
    piece: usize,
) -> Result<Rows, String> {
    let (mut ops, mut columns) = (Vec::new(), Vec::new());
    let mut take = |decoder: &mut Decoder| {
        while let Some(batch) = decoder.next_batch() {
            assert_eq!(batch.first_row, ops.len() as u64, "rows are numbered without gaps");
            assert!(0 < batch.len && batch.len == batch.ops.len());
            assert_eq!(batch.columns.len(), layout.columns.len());
            assert!(batch.columns.iter().all(|column| column.len() == batch.len));
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
    Ok((ops, columns, rejects))
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
    Layout {
        columns,
        key: if object.keyless { Vec::new() } else { vec![0] },
        has_op: object.has_op,
        op_may_lack: object.has_op && object.op_may_lack,
        ops: Ops::All,
        timestamp_column: stamp.map(str::to_owned),
        csv: CsvFormat {
            delimiter,
            row_delimiter: b'\n',
            no_sup_value: None,
            rfc4180: object.rfc4180,
            null_value: object.null_value.clone(),
            header: object.header,
        },
        of_table: None,
        change_sequence: None,
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
