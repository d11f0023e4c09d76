//! Models, each with what its analysis tells: way, driver and references, key, reason.

mod joins;
mod mappings;
mod sets;

pub(super) use joins::*;
pub(super) use mappings::*;
pub(super) use sets::*;

/// All of them.
pub(super) const CASES: &[&[(&str, &str)]] = &[
    MAPPINGS,
    LOST_KEYS,
    NESTED,
    SUBQUERIES,
    JOINS_BY_KEY,
    USING,
    JOINS_OF_MANY,
    JOINS_OF_TYPES,
    OTHER_JOINS,
    SELF_JOINS,
    SETS,
    WINDOWS,
    APPENDED,
    FUNCTIONS,
];
