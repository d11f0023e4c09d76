//! From a target's URL to the target.

use std::path::Path;
use std::sync::Arc;

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::target::Target;
use crate::target::mysql::{self, MySqlTarget};
use crate::target::sqlite::SqliteTarget;

/// Opens the target that a URL names: `mysql://user:password@host:3306/database`, `secretsmanager://NAME-OR-ARN` (a secret with
/// such a login) or `sqlite:PATH`.
///
/// # Errors
/// `Usage` for any other URL; no message repeats it, since it may hold a password.
pub async fn open(url: &str, environment: &Environment) -> Result<Arc<dyn Target>> {
    match url.split_once(':') {
        Some(("sqlite", path)) => Ok(Arc::new(sqlite(path)?)),
        Some(("mysql" | "secretsmanager", _)) => {
            Ok(Arc::new(MySqlTarget::connect(url, environment).await?))
        }
        _ => Err(check(url).err().unwrap_or_else(|| unknown("the target URL has no scheme"))),
    }
}

/// Looks at a URL, and at nothing else: whether it names a target that there can be.
///
/// # Errors
/// `Usage`, as [`open`] tells it.
pub fn check(url: &str) -> Result<()> {
    match url.split_once(':') {
        Some(("sqlite", path)) => check_path(path),
        Some(("mysql", _)) => mysql::check_url(url),
        // What it leads to is in AWS, and is not looked at.
        Some(("secretsmanager", _)) => mysql::check_secret(url),
        Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
            Err(unknown(&format!("the target URL has the unknown scheme `{scheme}`")))
        }
        _ => Err(unknown("the target URL has no scheme")),
    }
}

fn check_path(path: &str) -> Result<()> {
    if path.starts_with("//") {
        return Err(Error::usage("the target URL of an SQLite database has no `//`")
            .hint("write `sqlite:PATH`, as in `sqlite:sales.db` or `sqlite:/var/lib/sales.db`"));
    }
    if path.is_empty() {
        return Err(Error::usage("the target URL `sqlite:` names no database file")
            .hint("write `sqlite:PATH`, as in `sqlite:sales.db`"));
    }
    Ok(())
}

fn sqlite(path: &str) -> Result<SqliteTarget> {
    check_path(path)?;
    let target = SqliteTarget::open(Path::new(path))?;
    target.check_folder()?;
    Ok(target)
}

fn unknown(message: &str) -> Error {
    Error::usage(message).hint(
        "write `mysql://user:password@host:3306/database`, `secretsmanager://NAME` or `sqlite:PATH`",
    )
}

#[cfg(test)]
mod tests {
    use crate::error::Kind;

    use super::*;

    #[tokio::test]
    async fn a_path_after_sqlite_is_a_database_file() {
        let target = open("sqlite:some sales.db", &Environment::default()).await.unwrap();
        assert_eq!(target.display_name(), "sqlite:some sales.db");
        let none = open("sqlite:no folder/sales.db", &Environment::default()).await.unwrap_err();
        assert_eq!(none.to_string(), "folder `no folder` of the target does not exist");
    }

    #[test]
    fn a_url_is_looked_at_without_anything_that_it_names() {
        for (url, is_right) in [
            ("sqlite:no folder/sales.db", true),
            ("mysql://me@no-such-host/sales?password-env=NOT_SET", true),
            ("secretsmanager://sales", true),
            ("secretsmanager://", false),
            ("secretsmanager:sales", false),
            ("secretsmanager://sales?host", false),
            ("postgres://me@host/db", false),
            ("mysql://host/db", false),
            ("sqlite:", false),
            ("", false),
        ] {
            assert_eq!(check(url).is_ok(), is_right, "{url}");
        }
    }

    #[tokio::test]
    async fn any_other_url_is_wrong_usage_and_not_repeated() {
        for url in [
            "",
            "sales.db",
            "postgres://me:secret@host/db",
            "user:secret@host",
            "my sql://secret",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:///secret.db",
            "sqlite:.",
        ] {
            let error = open(url, &Environment::default()).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{url}");
            assert!(error.next_step().is_some(), "{url}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
