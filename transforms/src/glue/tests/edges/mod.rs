//! What transforms do at the edges: NULLs, names, nested values, parameters that cannot be.

mod choices;
mod columns;
mod errors;
mod nesting;
mod two_frames;
