//! The URL of a PostgreSQL database: `postgres://user:password@host:5432/db?sslmode=…&sslrootcert=…`.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::error::{Error, Result};

const PORT: u16 = 5432;
const PARAMETERS: &str = "sslmode (disable, verify-full) and sslrootcert (path of a PEM file)";

/// Where the server is and how to log in. Neither `Display` nor `Debug` shows the password.
#[derive(Clone)]
pub(super) struct PostgresUrl {
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) database: String,
    pub(super) tls: Tls,
}

/// How the connection is protected. The names are those of PostgreSQL's own clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tls {
    /// No encryption: the default for this machine's own addresses.
    Disable,
    /// Encrypted, and the certificate is the host's: the default for all other addresses.
    VerifyFull { roots: Option<PathBuf> },
}

impl PostgresUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// Kind `Usage`; the message never quotes the URL, which may hold a password.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|error| wrong("it is no URL").source(error))?;
        // What stands where no part of a URL is, may be the rest of a password.
        if url.fragment().is_some() || url.path().contains(['@', ':']) {
            return Err(wrong("it has an `@`, `:` or `#` behind the host"));
        }
        let host = decode(url.host_str().unwrap_or_default(), "host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let user = decode(url.username(), "user")?;
        let database = decode(url.path().trim_start_matches('/'), "database")?;
        for (part, name) in [(&host, "host"), (&user, "user"), (&database, "database")] {
            if part.is_empty() {
                return Err(wrong(&format!("it names no {name}")));
            }
        }
        let password = url.password().map(|text| decode(text, "password")).transpose()?;
        let tls = Tls::parse(&url, is_loopback(&host))?;
        Ok(Self { user, password, host, port: url.port().unwrap_or(PORT), database, tls })
    }
}

impl Tls {
    fn parse(url: &Url, loopback: bool) -> Result<Self> {
        let (mut mode, mut roots) = (None, None);
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "sslmode" => mode = Some(value.to_lowercase()),
                "sslrootcert" => roots = Some(PathBuf::from(value.as_ref())),
                // Such as the channel binding or the application's name; but no text that is not known is repeated.
                _ => {
                    return Err(wrong("it has a parameter that is not known")
                        .hint(format!("known are {PARAMETERS}")));
                }
            }
        }
        match (mode.as_deref(), roots) {
            (None, None) if loopback => Ok(Self::Disable),
            (None | Some("verify-full"), roots) => Ok(Self::VerifyFull { roots }),
            (Some("disable"), None) => Ok(Self::Disable),
            _ => Err(wrong("its sslmode is not supported").hint(format!(
                "known are {PARAMETERS}: a connection is encrypted and the server's certificate verified, or neither"
            ))),
        }
    }
}

fn wrong(why: &str) -> Error {
    Error::usage(format!("--database: {why}")).hint("write postgres://user@host:5432/database?sslmode=verify-full&sslrootcert=/path.pem, the password in PGPASSWORD or percent-encoded behind the user")
}

fn decode(text: &str, part: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| wrong(&format!("its {part} is not UTF-8")))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, port, database, .. } = self;
        write!(f, "postgres://{user}@{host}:{port}/{database}")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self}, {:?})", self.tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_decoded_and_defaults_filled_in() {
        let url = PostgresUrl::parse("postgres://me:p%40ss@db.example.com/shop").unwrap();
        assert_eq!((url.password.as_deref(), url.port), (Some("p@ss"), 5432));
        assert_eq!(url.tls, Tls::VerifyFull { roots: None });
        assert_eq!(
            format!("{url:?}"),
            "PostgresUrl(postgres://me@db.example.com:5432/shop, VerifyFull { roots: None })"
        );
        let own = PostgresUrl::parse("postgresql://me@127.0.0.1:6000/shop").unwrap();
        assert_eq!((own.port, own.tls), (6000, Tls::Disable));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_url() {
        for text in [
            "postgres://s3cret",
            "postgres://me@h",
            "postgres://h/db",
            "postgres://me:s3#cret@h/db",
            "postgres://me:s3/cret@h/db",
            "postgres://me@h/db?sslmode=s3cret",
            "postgres://me@h/db?s3cret=1",
            "postgres://me@h/db?sslmode=disable&sslrootcert=s3cret",
            "postgres:s3cret",
        ] {
            let error = PostgresUrl::parse(text).unwrap_err();
            assert!(!error.to_string().contains("cret"), "{text}: {error}");
        }
    }
}
