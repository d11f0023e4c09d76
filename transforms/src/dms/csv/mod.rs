//! DMS's CSV text: bytes to records ([`split`]), fields to typed values ([`value`]), objects to
//! batches ([`decode`]).

mod builder;
mod decimal;
mod fault;
mod number;
pub mod split;
mod text;
mod time;
pub mod value;

pub use fault::Fault;
