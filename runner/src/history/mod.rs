//! The history of a key: every change of it that is staged.

pub(crate) mod find;
