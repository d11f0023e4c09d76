//! DMS's CSV text: bytes to records ([`split`]), fields to typed values ([`value`]), objects to
//! batches ([`decode`]).

mod builder;
mod decimal;
pub mod decode;
mod decoded;
mod fault;
mod first_look;
pub(in crate::dms) mod layout;
mod left_out;
mod number;
mod reject;
mod row;
mod row_error;
mod rows;
pub mod split;
mod text;
pub(in crate::dms) mod time;
pub mod value;
pub(in crate::dms) mod verdict;
mod width;

pub use decode::Decoder;
pub use decoded::Decoded;
pub use fault::Fault;
pub use layout::{Declared, Layout, LayoutError, Ops, TableName, is_change_sequence, same_name};
pub use reject::{BadRows, RAW_BYTES_MAX, Raw, Reject};
pub use row_error::{ROW_ERRORS_MAX, RowError, RowErrors, Stop};
pub use value::{ColumnSpec, Fit, Values, value_of};
