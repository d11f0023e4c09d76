//! Glue Data Quality's rule language DQDL: a ruleset, and what it says of a model's rows.
//!
//! ```text
//! text -> syntax (parse) -> rules that fit the model's columns, and what to measure (check)
//!   -> plans of one row of numbers each -> [run by the caller] -> outcomes (judge)
//! ```
//!
//! What the language is, is taken from the grammar and rule list of awslabs/dqdl, what a rule means from awslabs/deequ
//! (`com.amazon.deequ.dqdl` and the analyzers that it uses). "As deequ" in a comment says that nothing else settles the point.

mod catalog;
mod check;
mod custom_sql;
mod data_type;
mod groups;
mod judge;
mod lexer;
mod measure;
mod number;
mod parse;
mod references;
mod resolve;
mod rows;
mod scope;
mod statistics;
pub mod syntax;

use datafusion::arrow::datatypes::DataType;

pub use check::{Checked, Subject, check};
pub use judge::{Outcome, RuleResult};
pub use measure::{Measured, row};
pub use parse::parse;

/// How deep rules and numbers may be nested in parentheses.
pub const DEPTH_MAX: usize = 32;
/// The most rules of a ruleset, those within others among them.
pub const RULES_MAX: usize = 2_000;
/// The most entries of any list: parameters, operands, labels, variables.
pub const ENTRIES_MAX: usize = 10_000;
/// The most bytes of a ruleset's rules with their variables worked out: a list that is named many times is many lists.
pub const EXPANDED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most terms of one number.
pub const TERMS_MAX: usize = 20;

/// The ending of files with rulesets.
pub const EXTENSION: &str = "dqdl";

/// The type of all metrics.
const DOUBLE: DataType = DataType::Float64;
