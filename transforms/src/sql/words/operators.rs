//! Values that are no conditions, and operators between values that do not go together.

use super::{Worded, between, types};

const COMPARE: &str = "compare it with something: `=`, `<>`, IS NOT NULL";
const CAST: &str = "CAST one of them to the type of the other";

/// The words for a message about an operator or a condition.
pub(super) fn of(message: &str) -> Option<Worded> {
    if message.starts_with("a condition is BOOLEAN, and this one is ") {
        return Some(Worded::new(message).help(COMPARE));
    }
    if message.contains(" cannot be compared with ") {
        let is_of_number = ["DATE", "TIMESTAMP"].iter().any(|moment| message.contains(moment));
        return Some(Worded::new(message).help(if is_of_number {
            "write days and moments as DATE '2026-01-31', TIMESTAMP '2026-01-31 10:00:00'"
        } else {
            CAST
        }));
    }
    if let Some(of) =
        message.strip_prefix("cannot infer common argument type for comparison operation ")
    {
        return Some(Worded::new(format!("there is no comparison {}", types(of))).help(CAST));
    }
    if let Some(of) = between(message, "cannot coerce arithmetic expression ", " to valid types") {
        return Some(Worded::new(format!("there is no operation {}", types(of))).help(
            "days are added with date_add, moments with + INTERVAL '1' DAY; CAST what is no number to one",
        ));
    }
    if let Some(of) = message.strip_prefix("cannot infer common type for bitwise operation ") {
        return Some(
            Worded::new(format!("there is no operation {}", types(of)))
                .help("bits are those of whole numbers: CAST to BIGINT"),
        );
    }
    if let Some(of) =
        message.strip_prefix("unary operator 'NOT' requires a boolean expression, got ")
    {
        let message = format!("NOT takes a condition, which is BOOLEAN, and this is {}", types(of));
        return Some(Worded::new(message).help(COMPARE));
    }
    if message.starts_with("unary operator '-' only supports") {
        return Some(Worded::new("`-` takes a number").help("CAST to a number what is none"));
    }
    if let Some(of) = message.strip_prefix("join condition must be boolean type, but got ") {
        let message = format!("the condition of JOIN is BOOLEAN, and this one is {}", types(of));
        return Some(Worded::new(message).help(COMPARE));
    }
    let of = message.strip_prefix("expected LIMIT to be an integer or null, but got ")?;
    Some(Worded::new(format!("LIMIT takes a whole number, not {}", types(of))))
}
