//! What the user may do, where the lack of a right would not be told by an error.

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
    let rows = decode::rows(conn, "SHOW GRANTS", Vec::new()).await?;
    let mut grants = rows.iter().filter_map(|row| row.first().and_then(decode::text));
    if grants.any(|grant| may_see_triggers(&grant)) {
        return Ok(());
    }
    let message = format!(
        "table `{table}`: the user lacks the privilege TRIGGER, so its triggers cannot be seen"
    );
    Err(Error::usage(message)
        .hint("grant TRIGGER on its schema: a full load must not lose triggers")
        .into())
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
}
