//! The target's URL: `mysql://user:password@host:3306/db?ssl-mode=…&ssl-ca=…`.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use mysql_async::{Opts, OptsBuilder, SslOpts};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::error::{Error, Result};

const PORT: u16 = 3306;
const PARAMETERS: &str =
    "ssl-mode (DISABLED, REQUIRED, VERIFY_IDENTITY) and ssl-ca (path of a PEM file)";
const FORM: &str =
    "mysql://user:password@host:3306/database?ssl-mode=VERIFY_IDENTITY&ssl-ca=/path.pem";

/// Where the server is and how to log in.
///
/// * the database is named;
/// * neither `Display` nor `Debug` shows the password.
#[derive(Clone)]
pub(super) struct MySqlUrl {
    user: String,
    password: Option<String>,
    host: String,
    port: u16,
    database: String,
    tls: Tls,
}

/// How the connection is protected. The names are those of MySQL's own clients.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tls {
    /// No encryption: the default for this machine's own addresses.
    Disabled,
    /// Encrypted, whoever answers.
    Required,
    /// Encrypted, and the certificate is the host's: the default for all other addresses.
    VerifyIdentity { ca: Option<PathBuf> },
}

impl MySqlUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// Kind `Usage`; the message never quotes the URL, which may hold a password.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|error| missing("this is not a URL").source(error))?;
        if url.scheme() != "mysql" {
            return Err(missing("the server's URL does not begin with mysql://"));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = decode(host.ok_or_else(|| missing("the server's URL names no host"))?, "host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let database = decode(url.path().trim_start_matches('/'), "database")?;
        if database.is_empty() || database.contains(['/', '.']) {
            return Err(missing("the server's URL names no database"));
        }
        // What stands where no part of a URL is, may be the rest of a password, and so may what stands before it.
        if url.fragment().is_some() || url.path().contains(['@', ':']) {
            return Err(missing("the server's URL has an `@`, `:` or `#` behind the host"));
        }
        let user = decode(url.username(), "user")?;
        if user.is_empty() {
            return Err(missing("the server's URL names no user"));
        }
        let password = url.password().map(|text| decode(text, "password")).transpose()?;
        let tls = Tls::parse(&url, is_loopback(&host))?;
        Ok(Self { user, password, host, port: url.port().unwrap_or(PORT), database, tls })
    }

    /// Whether the files that it names can be read.
    ///
    /// # Errors
    /// Kind `Usage`.
    pub(super) fn check_files(&self) -> Result<()> {
        let Tls::VerifyIdentity { ca: Some(path) } = &self.tls else { return Ok(()) };
        let opened = std::fs::File::open(path).map(drop);
        opened.map_err(|error| {
            let path = path.display();
            Error::usage(format!(
                "`{path}`, which ssl-ca in the server's URL names, cannot be read"
            ))
            .source(error)
            .hint("name a PEM file with the certificates of the server's authority")
        })
    }

    /// What is open about how the connection is protected; nothing on this machine's own addresses.
    pub(super) fn tls_weakness(&self) -> Option<&'static str> {
        match self.tls {
            _ if is_loopback(&self.host) => None,
            Tls::Disabled => Some("the connection is not encrypted"),
            Tls::Required => Some("the server's certificate is not verified, so anyone may answer"),
            Tls::VerifyIdentity { .. } => None,
        }
    }

    pub(super) fn database(&self) -> &str {
        &self.database
    }

    /// The driver's options. They print the password when debugged, so they do not leave `connect.rs`.
    pub(super) fn options(&self) -> Opts {
        OptsBuilder::default()
            .ip_or_hostname(self.host.clone())
            .tcp_port(self.port)
            .user(Some(self.user.clone()))
            .pass(self.password.clone())
            .db_name(Some(self.database.clone()))
            .ssl_opts(self.tls.options())
            // The driver would leave TCP, and with it TLS, for a socket that it asks the server for.
            .prefer_socket(false)
            .into()
    }
}

impl Tls {
    fn parse(url: &Url, loopback: bool) -> Result<Self> {
        let (mut mode, mut ca) = (None, None);
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "ssl-mode" => mode = Some(value.to_ascii_uppercase()),
                "ssl-ca" => ca = Some(PathBuf::from(value.as_ref())),
                _ => {
                    let name = shown(&name);
                    return Err(Error::usage(format!(
                        "unknown parameter{name} in the server's URL"
                    ))
                    .hint(format!("known are {PARAMETERS}")));
                }
            }
        }
        match (mode.as_deref(), ca) {
            (None, None) if loopback => Ok(Self::Disabled),
            (None | Some("VERIFY_IDENTITY"), ca) => Ok(Self::VerifyIdentity { ca }),
            (Some("DISABLED"), None) => Ok(Self::Disabled),
            (Some("REQUIRED"), None) => Ok(Self::Required),
            (Some("DISABLED" | "REQUIRED"), Some(_)) => {
                Err(Error::usage("ssl-ca has no effect with this ssl-mode in the server's URL")
                    .hint("use ssl-mode=VERIFY_IDENTITY, or leave out ssl-ca"))
            }
            (Some("VERIFY_CA"), _) => Err(Error::usage(
                "ssl-mode=VERIFY_CA is not supported: the TLS library always checks the host's name with the certificate",
            )
            .hint("use ssl-mode=VERIFY_IDENTITY with a certificate that names the host")),
            (Some(other), _) => {
                let other = shown(other);
                Err(Error::usage(format!("unknown ssl-mode{other} in the server's URL"))
                    .hint(format!("known are {PARAMETERS}")))
            }
        }
    }

    fn options(&self) -> Option<SslOpts> {
        match self {
            Self::Disabled => None,
            Self::Required => Some(SslOpts::default().with_danger_accept_invalid_certs(true)),
            Self::VerifyIdentity { ca: None } => Some(SslOpts::default()),
            Self::VerifyIdentity { ca: Some(path) } => Some(
                SslOpts::default()
                    .with_root_certs(vec![path.clone().into()])
                    .with_disable_built_in_roots(true),
            ),
        }
    }
}

/// A word of a parameter, if it can be one and not the rest of a password.
fn shown(word: &str) -> String {
    const LENGTH_MAX: usize = 20;
    let is_plain = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
    let is_word = !word.is_empty() && word.len() <= LENGTH_MAX && word.chars().all(is_plain);
    if is_word { format!(" `{word}`") } else { String::new() }
}

fn decode(text: &str, part: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::usage(format!("the {part} in the server's URL is not UTF-8")))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn missing(message: &str) -> Error {
    Error::usage(message).hint(format!(
        "write {FORM}; characters such as @ / # ? % in a password are percent-encoded"
    ))
}

impl fmt::Display for MySqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, port, database, .. } = self;
        if host.contains(':') {
            write!(f, "mysql://{user}@[{host}]:{port}/{database}")
        } else {
            write!(f, "mysql://{user}@{host}:{port}/{database}")
        }
    }
}

impl fmt::Debug for MySqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MySqlUrl({self}, {:?})", self.tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn parse(text: &str) -> MySqlUrl {
        MySqlUrl::parse(text).unwrap()
    }

    fn refusal(text: &str) -> String {
        let error = MySqlUrl::parse(text).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage, "{text}");
        let text = format!("{error} / {}", error.next_step().unwrap_or_default());
        assert!(!text.contains("s3cret"), "{text}");
        text
    }

    #[test]
    fn all_parts_are_percent_decoded() {
        let url = parse("mysql://us%40er:p%2Fw%23%25@db.example.com:3307/sh%20op");
        assert_eq!(url.user, "us@er");
        assert_eq!(url.password.as_deref(), Some("p/w#%"));
        assert_eq!((url.host.as_str(), url.port), ("db.example.com", 3307));
        assert_eq!(url.database(), "sh op");
    }

    #[test]
    fn the_password_is_never_shown() {
        let url = parse("mysql://me:s3cret@db.example.com/shop");
        assert_eq!(url.to_string(), "mysql://me@db.example.com:3306/shop");
        assert!(!format!("{url:?}").contains("s3cret"));
        assert_eq!(parse("mysql://me@[::1]/shop").to_string(), "mysql://me@[::1]:3306/shop");
    }

    #[test]
    fn only_this_machine_is_trusted_without_tls() {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert_eq!(parse(&format!("mysql://me@{host}/shop")).tls, Tls::Disabled);
        }
        for host in ["db.example.com", "10.0.0.1"] {
            let url = parse(&format!("mysql://me@{host}/shop"));
            assert_eq!(url.tls, Tls::VerifyIdentity { ca: None });
        }
    }

    #[test]
    fn tls_is_set_by_parameters() {
        let tls = |query: &str| parse(&format!("mysql://me@h/shop?{query}")).tls;
        assert_eq!(tls("ssl-mode=DISABLED"), Tls::Disabled);
        assert_eq!(tls("ssl-mode=required"), Tls::Required);
        let verified = Tls::VerifyIdentity { ca: Some("/etc/rds ca.pem".into()) };
        assert_eq!(tls("ssl-mode=VERIFY_IDENTITY&ssl-ca=/etc/rds%20ca.pem"), verified);
        assert_eq!(tls("ssl-ca=/etc/rds%20ca.pem"), verified);
    }

    #[test]
    fn a_connection_that_others_can_read_is_weak() {
        let weak = |text: &str| parse(text).tls_weakness().is_some();
        assert!(weak("mysql://me@h/shop?ssl-mode=DISABLED"));
        assert!(weak("mysql://me@h/shop?ssl-mode=REQUIRED"));
        assert!(!weak("mysql://me@h/shop"));
        assert!(!weak("mysql://me@127.0.0.1/shop"));
    }

    #[test]
    fn what_cannot_be_kept_is_refused_without_quoting_the_url() {
        assert!(refusal("mysql://me:s3cret@h/shop?ssl-mode=VERIFY_CA").contains("VERIFY_IDENTITY"));
        assert!(refusal("mysql://me:s3cret@h/shop?ssl_mode=x").contains("ssl-mode"));
        assert!(refusal("mysql://me:s3cret@h/shop?ssl-mode=sometimes").contains("REQUIRED"));
        assert!(refusal("mysql://me:s3cret@h/shop?ssl-mode=REQUIRED&ssl-ca=x").contains("ssl-ca"));
        assert!(refusal("mysql://me:s3cret@h").contains("database"));
        assert!(refusal("mysql://me:s3cret@h/").contains("database"));
        assert!(refusal("mysql://:s3cret@h/shop").contains("user"));
        assert!(refusal("mysql://me:s3cret/@h:x/shop").contains("URL"));
        for text in [
            "mysql://me:a@s3cret/b@h",
            "mysql://me:a@s3cret/b#c@h",
            "mysql://me:a@h/shop#s3cret",
            "mysql://me:a@h/s3cret:1",
        ] {
            assert!(refusal(text).contains("percent-encoded"), "{text}");
        }
        assert!(refusal("mysql://me:a@b/c?s3cret/d@h/shop").contains("unknown parameter"));
        assert!(refusal("mysql://me:a@b/c?ssl-mode=s3cret/d@h/shop").contains("ssl-mode"));
        assert!(refusal("postgres://me:s3cret@h/shop").contains("mysql://"));
    }
}
