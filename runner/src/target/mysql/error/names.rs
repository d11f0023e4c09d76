//! What the server's messages name: the columns and indexes, told apart from the values beside them.

/// The index that a message about a duplicate names at its end, after the values. MySQL puts the table's name before it.
pub(super) fn index_of(code: u16, message: &str) -> Option<&str> {
    if !matches!(code, 1062 | 1586) {
        return None;
    }
    let (_, name) = message.strip_suffix('\'')?.rsplit_once("for key '")?;
    Some(name.rsplit_once('.').map_or(name, |(_, index)| index))
}

/// The column that a message names. Values come before it, so the last mention is the server's own.
pub(in crate::target::mysql) fn column_of(message: &str) -> Option<&str> {
    let lower = message.to_ascii_lowercase();
    let (begin, _) = lower.rmatch_indices("column ").next()?;
    let rest = &message[begin + "column ".len()..];
    let (name, after) = match rest.strip_prefix('\'') {
        Some(quoted) => quoted.split_once('\'')?,
        // MariaDB writes `db`.`table`.`column`.
        None if rest.starts_with('`') => {
            let full =
                rest.split_once(" at ").or_else(|| rest.split_once(' ')).unwrap_or((rest, ""));
            return full.0.rsplit('.').next().map(|name| name.trim_matches('`'));
        }
        None => return None,
    };
    let known =
        matches!(after, "" | ".") || after.starts_with(" at ") || after.starts_with(" cannot");
    // MySQL names a JSON column with its table.
    let name = if after == "." { name.rsplit('.').next().unwrap_or(name) } else { name };
    known.then_some(name)
}
