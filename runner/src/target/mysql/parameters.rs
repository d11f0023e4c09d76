//! The parameters of a target's URL, and what each may say.

use std::path::PathBuf;

use crate::aws::region::is_region;
use crate::error::{Error, Result};
use crate::job::vars::is_name;

const OF_SERVER: &str = "ssl-mode (DISABLED, REQUIRED, VERIFY_IDENTITY), ssl-ca (path of a PEM file), iam (true), region and password-env (name of a variable)";
const OF_SECRET: &str = "host, port, database, ssl-mode (DISABLED, REQUIRED, VERIFY_IDENTITY), ssl-ca (path of a PEM file), iam (true) and region";

/// What stands behind the `?`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    /// In upper case.
    pub(super) ssl_mode: Option<String>,
    pub(super) ssl_ca: Option<PathBuf>,
    /// Whether a token of IAM stands for the password.
    pub(super) iam: bool,
    pub(super) region: Option<String>,
    /// The variable that holds the password.
    pub(super) password_env: Option<String>,
    // These are of a secret, which may lack them.
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) database: Option<String>,
}

impl Parameters {
    /// Those of `mysql://…`.
    ///
    /// # Errors
    /// Kind `Usage`; no message quotes a value that may be the rest of a password.
    pub(super) fn of_server(query: &str) -> Result<Self> {
        Self::parse(query, &|name| !matches!(name, "host" | "port" | "database"), OF_SERVER)
    }

    /// Those of `secretsmanager://…`.
    ///
    /// # Errors
    /// See [`Self::of_server`].
    pub(super) fn of_secret(query: &str) -> Result<Self> {
        Self::parse(query, &|name| name != "password-env", OF_SECRET)
    }

    fn parse(query: &str, takes: &dyn Fn(&str) -> bool, known: &str) -> Result<Self> {
        let mut found = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let is_known = takes(&name) && found.set(&name, value.into_owned())?;
            if !is_known {
                let name = shown(&name);
                return Err(Error::usage(format!("unknown parameter{name} in the server's URL"))
                    .hint(format!("known are {known}")));
            }
        }
        Ok(found)
    }

    /// Whether there is a parameter of this name.
    fn set(&mut self, name: &str, value: String) -> Result<bool> {
        let wrong = |hint: &str| {
            Error::usage(format!("the parameter {name} in the server's URL is wrong")).hint(hint)
        };
        match name {
            "ssl-mode" => self.ssl_mode = Some(value.to_ascii_uppercase()),
            "ssl-ca" => self.ssl_ca = Some(value.into()),
            "iam" => {
                self.iam = value.parse().map_err(|_| wrong("write iam=true, or leave it out"))?;
            }
            "region" if is_region(&value) => self.region = Some(value),
            "region" => return Err(wrong("write it as in region=eu-central-1")),
            "password-env" if is_name(&value) => self.password_env = Some(value),
            "password-env" => {
                return Err(wrong(
                    "name the environment variable that holds the password, not the password",
                ));
            }
            "host" if is_host(&value) => self.host = Some(value),
            "host" => return Err(wrong("write the server's name or address")),
            "port" => self.port = Some(value.parse().map_err(|_| wrong("write a number"))?),
            "database" => self.database = Some(value),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Whether a text may be a host's name or address.
pub(super) fn is_host(text: &str) -> bool {
    const LENGTH_MAX: usize = 255;
    (1..=LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:".contains(&b))
}

/// A word of a parameter, if it can be one and not the rest of a password.
pub(super) fn shown(word: &str) -> String {
    const LENGTH_MAX: usize = 20;
    let is_plain = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
    let is_word = !word.is_empty() && word.len() <= LENGTH_MAX && word.chars().all(is_plain);
    if is_word { format!(" `{word}`") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_url_has_its_own_parameters() {
        let found = Parameters::of_secret("host=db.internal&port=3307&database=sh%20op").unwrap();
        assert_eq!(found.host.as_deref(), Some("db.internal"));
        assert_eq!((found.port, found.database.as_deref()), (Some(3307), Some("sh op")));
        let found = Parameters::of_server("iam=true&region=eu-west-1&password-env=PW").unwrap();
        assert!(found.iam);
        assert_eq!(found.region.as_deref(), Some("eu-west-1"));
        assert_eq!(found.password_env.as_deref(), Some("PW"));
        assert!(Parameters::of_server("host=h").is_err());
        assert!(Parameters::of_secret("password-env=PW").is_err());
    }

    #[test]
    fn values_that_cannot_be_are_refused_and_not_quoted() {
        for query in [
            "iam=s3cret",
            "region=s3cret/x",
            "region=s3cret.example.com",
            "password-env=s3cret!",
            "host=me:s3cret@h",
            "port=s3cret",
            "s3cret",
        ] {
            let errors = [Parameters::of_server(query), Parameters::of_secret(query)];
            for error in errors.into_iter().map(Result::unwrap_err) {
                assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
                assert!(error.next_step().is_some(), "{query}");
            }
        }
    }
}
