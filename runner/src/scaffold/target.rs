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
        Error::usage("--target is none of mysql://user@host:3306/database, secretsmanager://NAME and sqlite:PATH")
            .hint("leave it out: job.toml then takes the variable TARGET; characters such as @ / # ? % in a password are percent-encoded, or it is left out: password-env=NAME")
    };
    if let Some(path) = url.strip_prefix("sqlite:") {
        return if path.is_empty() || path.starts_with("//") {
            Err(unreadable())
        } else {
            Ok(Written { url: url.to_owned(), variable: None })
        };
    }
    if let Some(rest) = url.strip_prefix("secretsmanager://") {
        let (name, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        return if is_secret(name) && all_known(parameters, &OF_SECRET) {
            Ok(Written { url: url.to_owned(), variable: None })
        } else {
            Err(unreadable())
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
    let (path, parameters) = behind.split_once('?').unwrap_or((behind, ""));
    if !all_known(parameters, &OF_SERVER) {
        return Err(unreadable());
    }
    Ok(match login.split_once(':') {
        Some((user, password)) if !is_variable(password) => {
            let more = if parameters.is_empty() { "" } else { "&" };
            Written {
                url: format!(
                    "mysql://{user}@{host}{path}?{parameters}{more}password-env={PASSWORD}"
                ),
                variable: Some(PASSWORD),
            }
        }
        _ => Written { url: url.to_owned(), variable: None },
    })
}

/// The parameters that a run takes; others may be secrets.
const OF_SERVER: [&str; 5] = ["ssl-mode", "ssl-ca", "iam", "region", "password-env"];
const OF_SECRET: [&str; 7] = ["host", "port", "database", "ssl-mode", "ssl-ca", "iam", "region"];

fn all_known(parameters: &str, known: &[&str]) -> bool {
    let mut names = parameters.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    names.all(|name| name.is_empty() || known.contains(&name))
}

/// A secret's name or ARN.
fn is_secret(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-!:".contains(&b))
        && (name.starts_with("arn:") || !name.contains(':'))
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
                "mysql://me@h:3306/db?ssl-mode=REQUIRED&password-env=TARGET_PASSWORD",
            ),
            ("mysql://me:${PW:-s3cret}@h/db", "mysql://me@h/db?password-env=TARGET_PASSWORD"),
            ("mysql://me:${PW}@h/db", "mysql://me:${PW}@h/db"),
            ("mysql://me@h/db", "mysql://me@h/db"),
            ("mysql://me@h/db?iam=true", "mysql://me@h/db?iam=true"),
            ("secretsmanager://a/b?database=d", "secretsmanager://a/b?database=d"),
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
            "secretsmanager://me:s3cret@h/db",
            "secretsmanager://a?password=s3cret",
            "sqlite:",
            "",
        ] {
            let error = written(Some(given), "j").unwrap_err();
            // The name of the service is no secret.
            let said = error.to_string().replace("secretsmanager", "");
            assert!(!said.contains("cret"), "{given}: {error}");
        }
    }
}
