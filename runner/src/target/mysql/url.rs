//! The target's URL: `mysql://user:password@host:3306/db?ssl-mode=…&ssl-ca=…`.

use std::fmt;

use mysql_async::{Opts, OptsBuilder};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::aws::region;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::target::mysql::parameters::Parameters;
use crate::target::mysql::tls::{RDS_CA, Tls};

pub(super) const PORT: u16 = 3306;
const FORM: &str =
    "mysql://user:password@host:3306/database?ssl-mode=VERIFY_IDENTITY&ssl-ca=/path.pem";

/// What a URL or a secret says, not yet put together.
pub(super) struct Parts {
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) database: String,
    pub(super) parameters: Parameters,
}

/// Where the server is and how to log in.
///
/// * the database is named;
/// * neither `Display` nor `Debug` shows the password;
/// * where a token stands for the password, the server's certificate is verified.
#[derive(Clone)]
pub(super) struct MySqlUrl {
    user: String,
    proof: Proof,
    host: String,
    port: u16,
    database: String,
    tls: Tls,
}

/// How users show who they are.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Proof {
    Password(Option<String>),
    /// A token of IAM, made for each connection, in the region of the server.
    Iam {
        region: String,
    },
}

impl Parts {
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
        let parameters = Parameters::of_server(url.query().unwrap_or_default())?;
        Ok(Self { user, password, host, port: url.port().unwrap_or(PORT), database, parameters })
    }

    /// Puts them together with what the environment knows.
    ///
    /// # Errors
    /// Kind `Usage` for what does not go together, and a variable or a region that is missing.
    pub(super) fn with(self, environment: &Environment) -> Result<MySqlUrl> {
        let tls = Tls::of(&self.parameters, &self.host, environment.first_of(&[RDS_CA]))?;
        let proof = self.proof(environment)?;
        let Self { user, host, port, database, .. } = self;
        Ok(MySqlUrl { user, proof, host, port, database, tls })
    }

    fn proof(&self, environment: &Environment) -> Result<Proof> {
        let Parameters { iam, region, password_env, .. } = &self.parameters;
        match (iam, &self.password, password_env) {
            (true, None, None) => {
                let known = region.clone().or_else(|| region::of_rds_host(&self.host));
                let region = known.map_or_else(|| region::of_environment(environment), Ok)?;
                Ok(Proof::Iam { region })
            }
            (true, ..) => Err(Error::usage("a password and iam=true do not go together")
                .hint("leave the password out of the server's URL: a token of IAM stands for it")),
            (false, Some(_), Some(_)) => {
                Err(Error::usage("a password and password-env do not go together")
                    .hint("leave the password out of the server's URL"))
            }
            (false, None, Some(name)) => match environment.variable(name) {
                Some(password) => Ok(Proof::Password(Some(password.to_owned()))),
                None => Err(Error::usage(format!(
                    "the environment has no variable `{name}`, which password-env in the server's URL names"
                ))
                .hint(format!("set {name} to the password, as it is and not encoded"))),
            },
            (false, password, None) => Ok(Proof::Password(password.clone())),
        }
    }
}

impl MySqlUrl {
    /// Reads a URL, and what the environment knows to it.
    ///
    /// # Errors
    /// Those of [`Parts::parse`] and [`Parts::with`].
    pub(super) fn parse(text: &str, environment: &Environment) -> Result<Self> {
        Parts::parse(text)?.with(environment)
    }

    /// Whether the files that it names can be read.
    ///
    /// # Errors
    /// Kind `Usage`.
    pub(super) fn check_files(&self) -> Result<()> {
        self.tls.check_files()
    }

    /// What is open about how the connection is protected; nothing on this machine's own addresses.
    pub(super) fn tls_weakness(&self) -> Option<&'static str> {
        self.tls.weakness(&self.host)
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn proof(&self) -> &Proof {
        &self.proof
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn database(&self) -> &str {
        &self.database
    }

    /// The driver's options. They print the password when debugged, so they do not leave `connect.rs`.
    pub(super) fn options(&self) -> Opts {
        let (password, is_token) = match &self.proof {
            Proof::Password(password) => (password.clone(), false),
            Proof::Iam { .. } => (None, true),
        };
        OptsBuilder::default()
            .ip_or_hostname(self.host.clone())
            .tcp_port(self.port)
            .user(Some(self.user.clone()))
            .pass(password)
            .db_name(Some(self.database.clone()))
            .ssl_opts(self.tls.options())
            // RDS asks for the token as it is.
            .enable_cleartext_plugin(is_token)
            // The driver would leave TCP, and with it TLS, for a socket that it asks the server for.
            .prefer_socket(false)
            .into()
    }
}

fn decode(text: &str, part: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::usage(format!("the {part} in the server's URL is not UTF-8")))
}

fn missing(message: &str) -> Error {
    Error::usage(message).hint(format!(
        "write {FORM}; characters such as @ / # ? % in a password are percent-encoded, or the password is kept in a variable: password-env=NAME"
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
    use crate::target::mysql::tls::Authorities;

    fn environment() -> Environment {
        let variables = [("PW", "p@:/%#?é'"), ("AWS_REGION", "eu-west-3"), ("EMPTY", "")];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect()
    }

    fn parse(text: &str) -> MySqlUrl {
        MySqlUrl::parse(text, &environment()).unwrap()
    }

    fn refusal(text: &str) -> String {
        let error = MySqlUrl::parse(text, &environment()).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage, "{text}");
        let text = format!("{error} / {}", error.next_step().unwrap_or_default());
        assert!(!text.contains("s3cret"), "{text}");
        text
    }

    #[test]
    fn all_parts_are_percent_decoded() {
        let url = parse("mysql://us%40er:p%2Fw%23%25@db.example.com:3307/sh%20op");
        assert_eq!(url.user, "us@er");
        assert!(url.proof == Proof::Password(Some("p/w#%".to_owned())));
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
            assert_eq!(url.tls, Tls::VerifyIdentity(Authorities::Public));
        }
    }

    #[test]
    fn tls_is_set_by_parameters() {
        let tls = |query: &str| parse(&format!("mysql://me@h/shop?{query}")).tls;
        assert_eq!(tls("ssl-mode=DISABLED"), Tls::Disabled);
        assert_eq!(tls("ssl-mode=required"), Tls::Required);
        let verified = Tls::VerifyIdentity(Authorities::Of("/etc/rds ca.pem".into()));
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

    #[test]
    fn a_password_in_a_variable_is_taken_as_it_is() {
        let proof = |text: &str| parse(text).proof;
        let nasty = Proof::Password(Some("p@:/%#?é'".to_owned()));
        assert!(proof("mysql://me@h/shop?password-env=PW") == nasty);
        let empty = Proof::Password(Some(String::new()));
        assert!(proof("mysql://me@h/shop?password-env=EMPTY") == empty);
        assert!(refusal("mysql://me@h/shop?password-env=NOPE").contains("`NOPE`"));
        assert!(refusal("mysql://me:s3cret@h/shop?password-env=PW").contains("go together"));
    }

    #[test]
    fn a_token_is_made_in_the_region_of_the_server() {
        let region = |text: &str| match parse(text).proof {
            Proof::Iam { region } => region,
            Proof::Password(_) => panic!("{text} has a password"),
        };
        let host = "db.c1.eu-west-1.rds.amazonaws.com";
        assert_eq!(region(&format!("mysql://me@{host}/shop?iam=true")), "eu-west-1");
        assert_eq!(
            region(&format!("mysql://me@{host}/shop?iam=true&region=eu-west-2")),
            "eu-west-2"
        );
        assert_eq!(region("mysql://me@h/shop?iam=true"), "eu-west-3");
        assert!(refusal("mysql://me:s3cret@h/shop?iam=true").contains("iam=true"));
        assert!(refusal("mysql://me@h/shop?iam=true&password-env=PW").contains("iam=true"));
    }
}
