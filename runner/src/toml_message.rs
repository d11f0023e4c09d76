//! What the TOML parser says, without the values that it quotes: one may be a password. Pure.

/// The first line of a message, of a value only its kind: `invalid type: string, expected u64`.
#[must_use]
pub(crate) fn without_values(message: &str) -> String {
    let message = message.lines().next().unwrap_or("not valid TOML");
    let Some(at) = message.rfind(", expected ") else { return message.to_owned() };
    let (said, expected) = message.split_at(at);
    // Names of keys are no values, and what is meant by one is looked for.
    if said.starts_with("unknown field") {
        return message.to_owned();
    }
    let said = said.split(['"', '`']).next().unwrap_or_default().trim_end();
    format!("{said}{expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_left_out_and_names_of_keys_are_not() {
        for (message, told) in [
            (
                "invalid type: string \"s3cret, expected `x`\", expected u64",
                "invalid type: string, expected u64",
            ),
            (
                "invalid type: integer `5`, expected a string",
                "invalid type: integer, expected a string",
            ),
            (
                "unknown variant `s3cret`, expected `refuse` or `widen`",
                "unknown variant, expected `refuse` or `widen`",
            ),
            (
                "unknown field `tabel`, expected `table` or `key`",
                "unknown field `tabel`, expected `table` or `key`",
            ),
            ("missing field `x`", "missing field `x`"),
        ] {
            assert_eq!(without_values(message), told);
        }
    }
}
