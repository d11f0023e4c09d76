//! Functions that make rows: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#generator-functions>.
//!
//! Each is a function whose value is a list of structs, a row each; [`crate::planner`] makes the list to rows.

mod rows;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

/// A function that makes rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Generator {
    /// Its name in Spark.
    pub(crate) name: &'static str,
    /// The function whose value is the list of its rows.
    pub(crate) rows: &'static str,
    /// Whether a row is made of NULLs where there is none.
    pub(crate) is_outer: bool,
}

const fn of(name: &'static str, rows: &'static str, is_outer: bool) -> Generator {
    Generator { name, rows, is_outer }
}

const GENERATORS: &[Generator] = &[
    of("explode", rows::EXPLODE, false),
    of("explode_outer", rows::EXPLODE, true),
    of("posexplode", rows::POSEXPLODE, false),
    of("posexplode_outer", rows::POSEXPLODE, true),
    of("inline", rows::INLINE, false),
    of("inline_outer", rows::INLINE, true),
    of("stack", rows::STACK, false),
    of("json_tuple", rows::JSON_TUPLE, false),
];

/// The generator of a name, in any case of its letters.
pub(crate) fn generator(name: &str) -> Option<&'static Generator> {
    GENERATORS.iter().find(|generator| generator.name.eq_ignore_ascii_case(name))
}

/// The functions that give the lists.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    rows::all()
}
