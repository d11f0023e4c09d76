//! The Arrow builders of the types that a column can have.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, PrimitiveBuilder, StringBuilder, StringViewBuilder,
};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

pub(super) enum Builder {
    Boolean(BooleanBuilder),
    Int8(PrimitiveBuilder<Int8Type>),
    Int16(PrimitiveBuilder<Int16Type>),
    Int32(PrimitiveBuilder<Int32Type>),
    Int64(PrimitiveBuilder<Int64Type>),
    UInt8(PrimitiveBuilder<UInt8Type>),
    UInt16(PrimitiveBuilder<UInt16Type>),
    UInt32(PrimitiveBuilder<UInt32Type>),
    UInt64(PrimitiveBuilder<UInt64Type>),
    Float32(PrimitiveBuilder<Float32Type>),
    Float64(PrimitiveBuilder<Float64Type>),
    Decimal128 { builder: PrimitiveBuilder<Decimal128Type>, precision: u8, scale: i8 },
    Decimal256 { builder: PrimitiveBuilder<Decimal256Type>, precision: u8, scale: i8 },
    Date(PrimitiveBuilder<Date32Type>),
    Timestamp(PrimitiveBuilder<TimestampMicrosecondType>),
    Time(PrimitiveBuilder<Time64MicrosecondType>),
    Text(StringBuilder),
    TextView(StringViewBuilder),
    Binary { builder: BinaryBuilder, bytes: Vec<u8> },
}

/// Evaluates an expression for the Arrow builder of whichever variant.
macro_rules! each {
    ($of:expr, $builder:ident => $do:expr) => {
        match $of {
            Builder::Boolean($builder) => $do,
            Builder::Int8($builder) => $do,
            Builder::Int16($builder) => $do,
            Builder::Int32($builder) => $do,
            Builder::Int64($builder) => $do,
            Builder::UInt8($builder) => $do,
            Builder::UInt16($builder) => $do,
            Builder::UInt32($builder) => $do,
            Builder::UInt64($builder) => $do,
            Builder::Float32($builder) => $do,
            Builder::Float64($builder) => $do,
            Builder::Decimal128 { builder: $builder, .. } => $do,
            Builder::Decimal256 { builder: $builder, .. } => $do,
            Builder::Date($builder) => $do,
            Builder::Timestamp($builder) => $do,
            Builder::Time($builder) => $do,
            Builder::Text($builder) => $do,
            Builder::TextView($builder) => $do,
            Builder::Binary { builder: $builder, .. } => $do,
        }
    };
}

impl Builder {
    /// None if the type is not supported.
    pub(super) fn new(data_type: &DataType, rows: usize) -> Option<Self> {
        // A guess; text grows on demand.
        let text_bytes = rows * 16;
        Some(match data_type {
            DataType::Boolean => Self::Boolean(BooleanBuilder::with_capacity(rows)),
            DataType::Int8 => Self::Int8(PrimitiveBuilder::with_capacity(rows)),
            DataType::Int16 => Self::Int16(PrimitiveBuilder::with_capacity(rows)),
            DataType::Int32 => Self::Int32(PrimitiveBuilder::with_capacity(rows)),
            DataType::Int64 => Self::Int64(PrimitiveBuilder::with_capacity(rows)),
            DataType::UInt8 => Self::UInt8(PrimitiveBuilder::with_capacity(rows)),
            DataType::UInt16 => Self::UInt16(PrimitiveBuilder::with_capacity(rows)),
            DataType::UInt32 => Self::UInt32(PrimitiveBuilder::with_capacity(rows)),
            DataType::UInt64 => Self::UInt64(PrimitiveBuilder::with_capacity(rows)),
            DataType::Float32 => Self::Float32(PrimitiveBuilder::with_capacity(rows)),
            DataType::Float64 => Self::Float64(PrimitiveBuilder::with_capacity(rows)),
            DataType::Decimal128(precision, scale) => {
                let builder = PrimitiveBuilder::with_capacity(rows);
                let builder = builder.with_precision_and_scale(*precision, *scale).ok()?;
                Self::Decimal128 { builder, precision: *precision, scale: *scale }
            }
            DataType::Decimal256(precision, scale) => {
                let builder = PrimitiveBuilder::with_capacity(rows);
                let builder = builder.with_precision_and_scale(*precision, *scale).ok()?;
                Self::Decimal256 { builder, precision: *precision, scale: *scale }
            }
            DataType::Date32 => Self::Date(PrimitiveBuilder::with_capacity(rows)),
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                Self::Timestamp(PrimitiveBuilder::with_capacity(rows))
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                Self::Time(PrimitiveBuilder::with_capacity(rows))
            }
            DataType::Utf8 => Self::Text(StringBuilder::with_capacity(rows, text_bytes)),
            DataType::Utf8View => Self::TextView(StringViewBuilder::with_capacity(rows)),
            DataType::Binary => {
                let builder = BinaryBuilder::with_capacity(rows, text_bytes);
                Self::Binary { builder, bytes: Vec::new() }
            }
            _ => return None,
        })
    }

    pub(super) fn append_null(&mut self) {
        each!(self, builder => builder.append_null());
    }

    /// The values since the last call.
    pub(super) fn finish(&mut self) -> ArrayRef {
        each!(self, builder => Arc::new(builder.finish()))
    }
}
