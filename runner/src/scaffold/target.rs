//! The target that a job is written with: never with a password.

use crate::error::{Error, Result};

/// What stands for a password.
const PASSWORD: &str = "TARGET_PASSWORD";

/// A target as `job.toml` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) url: String,
    /// The variable that was put in place of a password.
    pub(crate) variable: Option<&'static str>,
}

/// The target of a job: the given one with a variable in place of its password, else the usual one.
///
/// # Errors
/// Kind `Usage` for a URL of which it is not plain where its password ends; the message does not repeat it.
pub(crate) fn written(given: Option<&str>, job: &str) -> Result<Written> {
    let Some(url) = given else {
        return Ok(Written { url: format!("${{TARGET:-sqlite:{job}.db}}"), variable: None });
    };
    let unreadable = || {
        Error::usage("--target is neither mysql://user@host:3306/database nor sqlite:PATH")
            .hint("leave it out: job.toml then takes the variable TARGET; characters such as @ / # ? % in a password are percent-encoded")
    };
    if let Some(path) = url.strip_prefix("sqlite:") {
        return if path.is_empty() || path.starts_with("//") {
            Err(unreadable())
        } else {
            Ok(Written { url: url.to_owned(), variable: None })
        };
    }
    let rest = url.strip_prefix("mysql://").ok_or_else(unreadable)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    let (login, host) = authority.rsplit_once('@').ok_or_else(unreadable)?;
    // What stands where no part of a URL is, may be the rest of a password.
    if login.contains('@') || behind.contains(['@', '#', ':']) || host.is_empty() {
        return Err(unreadable());
    }
    // Another parameter is none that a run takes, and may be a secret.
    let (_, parameters) = behind.split_once('?').unwrap_or((behind, ""));
    let mut names = parameters.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    if !names.all(|name| matches!(name, "" | "ssl-mode" | "ssl-ca")) {
        return Err(unreadable());
    }
    Ok(match login.split_once(':') {
        Some((user, password)) if !is_variable(password) => Written {
            url: format!("mysql://{user}:${{{PASSWORD}}}@{host}{behind}"),
            variable: Some(PASSWORD),
        },
        _ => Written { url: url.to_owned(), variable: None },
    })
}

/// `${NAME}`; with a default it may hold the password itself.
fn is_variable(password: &str) -> bool {
    password
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(crate::job::vars::is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_replaced_by_a_variable() {
        for (given, url) in [
            (
                "mysql://me:s3cret@h:3306/db?ssl-mode=REQUIRED",
                "mysql://me:${TARGET_PASSWORD}@h:3306/db?ssl-mode=REQUIRED",
            ),
            ("mysql://me:${PW:-s3cret}@h/db", "mysql://me:${TARGET_PASSWORD}@h/db"),
            ("mysql://me:${PW}@h/db", "mysql://me:${PW}@h/db"),
            ("mysql://me@h/db", "mysql://me@h/db"),
            ("sqlite:shop.db", "sqlite:shop.db"),
        ] {
            assert_eq!(written(Some(given), "j").unwrap().url, url, "{given}");
        }
        assert_eq!(written(None, "shop").unwrap().url, "${TARGET:-sqlite:shop.db}");
    }

    #[test]
    fn a_url_whose_password_cannot_be_told_is_refused_without_repeating_it() {
        for given in [
            "mysql://me:s3/cret@h/db",
            "mysql://me:s3@cret@h/db",
            "mysql://me:s3#cret@h/db",
            "mysql:me:s3cret",
            "mysql://me@h/db?password=s3cret",
            "mysql://me@h/db?ssl-mode=REQUIRED&s3cret",
            "postgres://me:s3cret@h/db",
            "sqlite:",
            "",
        ] {
            let error = written(Some(given), "j").unwrap_err();
            assert!(!error.to_string().contains("cret"), "{given}: {error}");
        }
    }
}
