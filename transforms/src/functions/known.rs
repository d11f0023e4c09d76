//! The functions of Spark that no table names: they are refused, so that none falls through to the engine's of the same name and perhaps
//! another meaning.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What `SHOW FUNCTIONS` of Spark 3.5 gives, a name a line.
const FUNCTIONS: &str = include_str!("../../spark/functions.txt");

/// Names that are no functions here: the parser has a syntax for them, or they are rewritten before calls are
/// ([`crate::sql`]): casts, generators, groups.
const SYNTAX: &[&str] = &[
    "and",
    "between",
    "bigint",
    "binary",
    "boolean",
    "case",
    "cast",
    "current_date",
    "current_timezone",
    "date",
    "date_part",
    "datepart",
    "decimal",
    "div",
    "double",
    "explode",
    "explode_outer",
    "extract",
    "float",
    "grouping",
    "grouping_id",
    "in",
    "inline",
    "inline_outer",
    "int",
    "not",
    "or",
    "posexplode",
    "posexplode_outer",
    "range",
    "smallint",
    "stack",
    "string",
    "timestamp",
    "tinyint",
    "when",
];

/// Whether a name, in lower case, is that of a function of Spark that is called as such.
pub(crate) fn is_of_spark(name: &str) -> bool {
    static NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| called().collect());
    NAMES.contains(name)
}

/// Whether a call of this name, which no table names, is refused.
pub(crate) fn is_refused(name: &str) -> bool {
    is_of_spark(name)
}

fn called() -> impl Iterator<Item = &'static str> {
    FUNCTIONS
        .lines()
        .map(str::trim)
        .filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()))
        .filter(|name| !SYNTAX.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::call::Answer;
    use crate::functions::calls;

    #[test]
    fn what_the_parser_has_a_syntax_for_is_no_call() {
        for (name, expected) in [
            ("coalesce", true),
            ("explode", false),
            ("+", false),
            ("no_such_function", false),
            ("percentile_approx", true),
        ] {
            assert_eq!(is_of_spark(name), expected, "{name}");
        }
    }

    #[test]
    fn what_answers_a_call_is_registered() {
        let runtime = std::sync::Arc::default();
        let state = crate::session::session_state(crate::sql::Dialect::Spark, 1, runtime);
        let unknown: Vec<(&str, &str)> = calls()
            .values()
            .filter_map(|call| match call.answer {
                Answer::Function(answers) => Some((call.name, answers)),
                _ => None,
            })
            .filter(|(_, name)| {
                !state.scalar_functions().contains_key(*name)
                    && !state.aggregate_functions().contains_key(*name)
                    && !state.window_functions().contains_key(*name)
                    && !state.higher_order_functions().contains_key(*name)
            })
            .collect();
        assert_eq!(unknown, []);
    }
}
