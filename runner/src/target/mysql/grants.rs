//! What the user may do: where the lack of a right would not be told by an error, and what is told of it beforehand.

use mysql_async::Conn;

use crate::error::Error;
use crate::target::mysql::decode;
use crate::target::mysql::error::Result;
use crate::target::name::TableName;

/// Checks that triggers would be seen: the server hides them from a user without the right, and an exchange of the table would
/// lose them.
///
/// # Errors
/// Kind `Usage` if no grant of the user holds the right.
pub(super) async fn check_sees_triggers(conn: &mut Conn, table: &TableName) -> Result<()> {
    if grants(conn).await?.iter().any(|grant| may_see_triggers(grant)) {
        return Ok(());
    }
    let message = format!(
        "table `{table}`: the user lacks the privilege TRIGGER, so its triggers cannot be seen"
    );
    Err(Error::usage(message)
        .hint("grant TRIGGER on its schema: a full load must not lose triggers")
        .into())
}

/// The rights on a schema that a job needs and that no grant of the user holds. Empty if a role may hold them.
pub(super) async fn missing(conn: &mut Conn, schema: &str) -> Result<Vec<&'static str>> {
    Ok(missing_in(&grants(conn).await?, schema))
}

/// What a job does; docs/operations.md says what for.
const NEEDED: [&str; 9] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "ALTER",
    "CREATE TEMPORARY TABLES",
    "TRIGGER",
];

async fn grants(conn: &mut Conn) -> Result<Vec<String>> {
    let rows = decode::rows(conn, "SHOW GRANTS", Vec::new()).await?;
    Ok(rows.iter().filter_map(|row| row.first().and_then(decode::text)).collect())
}

fn missing_in(grants: &[String], schema: &str) -> Vec<&'static str> {
    let mut missing = NEEDED.to_vec();
    for grant in grants {
        let Some((rights, rest)) =
            grant.strip_prefix("GRANT ").and_then(|text| text.split_once(" ON "))
        else {
            return Vec::new();
        };
        let on = rest.split_once(" TO ").map_or(rest, |(on, _)| on);
        if !covers(on, schema) {
            continue;
        }
        let has: Vec<&str> = rights.split(',').map(str::trim).collect();
        missing.retain(|right| !has.contains(right) && !has.contains(&"ALL PRIVILEGES"));
    }
    missing
}

/// Whether what stands behind ON is the whole of a schema: `*.*` or a pattern of names.
fn covers(on: &str, schema: &str) -> bool {
    let Some(pattern) = on.strip_suffix(".*") else { return false };
    pattern == "*" || is_like(pattern.trim_matches('`').as_bytes(), schema.as_bytes())
}

/// A pattern of GRANT: `%` and `_` unless behind a backslash.
fn is_like(pattern: &[u8], name: &[u8]) -> bool {
    match pattern {
        [] => name.is_empty(),
        [b'%', rest @ ..] => (0..=name.len()).any(|skip| is_like(rest, &name[skip..])),
        [b'_', rest @ ..] => !name.is_empty() && is_like(rest, &name[1..]),
        [b'\\', byte, rest @ ..] | [byte, rest @ ..] => {
            name.first().is_some_and(|first| first.eq_ignore_ascii_case(byte))
                && is_like(rest, &name[1..])
        }
    }
}

/// A role's name is not taken apart: it may hold the right.
fn may_see_triggers(grant: &str) -> bool {
    match grant.to_ascii_uppercase().split_once(" ON ") {
        Some((rights, _)) => rights.contains("TRIGGER") || rights.contains("ALL PRIVILEGES"),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_is_found_among_others() {
        for (grant, may) in [
            ("GRANT USAGE ON *.* TO `u`@`%`", false),
            ("GRANT SELECT, INSERT ON `trigger`.* TO `u`@`%`", false),
            ("GRANT SELECT, TRIGGER ON `shop`.* TO `u`@`%`", true),
            ("GRANT ALL PRIVILEGES ON `shop`.* TO `u`@`%`", true),
            ("GRANT `writer`@`%` TO `u`@`%`", true),
        ] {
            assert_eq!(may_see_triggers(grant), may, "{grant}");
        }
    }

    #[test]
    fn the_rights_that_no_grant_holds_are_missing() {
        let missing = |grants: &[&str]| {
            missing_in(
                &grants.iter().map(|grant| (*grant).to_owned()).collect::<Vec<_>>(),
                "my_shop",
            )
        };
        let usage = "GRANT USAGE ON *.* TO `u`@`%`";
        assert_eq!(missing(&[usage, "GRANT ALL PRIVILEGES ON `my\\_shop`.* TO `u`@`%`"]), [""; 0]);
        assert_eq!(missing(&[usage, "GRANT ALL PRIVILEGES ON `other`.* TO `u`@`%`"]), NEEDED);
        let all_but = "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, TRIGGER ON `my_shop`.* TO `u`@`%`";
        assert_eq!(missing(&[usage, all_but]), ["CREATE TEMPORARY TABLES"]);
        assert_eq!(
            missing(&[usage, all_but, "GRANT CREATE TEMPORARY TABLES ON *.* TO `u`@`%`"]),
            [""; 0]
        );
        assert_eq!(
            missing(&[usage, "GRANT `writer`@`%` TO `u`@`%`"]),
            [""; 0],
            "a role may hold them"
        );
    }

    #[test]
    fn a_pattern_of_names_is_matched() {
        assert!(is_like(b"my%", b"my_shop"));
        assert!(is_like(b"my_shop", b"my-shop"));
        assert!(!is_like(b"my\\_shop", b"my-shop"));
        assert!(!is_like(b"my", b"my_shop"));
    }
}
