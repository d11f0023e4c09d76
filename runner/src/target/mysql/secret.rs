//! A login in AWS Secrets Manager: `secretsmanager://NAME-OR-ARN?…`, and what its text says. Pure.
//!
//! Source of the names: "JSON structure of AWS Secrets Manager secrets" of its user guide.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::aws::region;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::target::mysql::parameters::{Parameters, is_host};
use crate::target::mysql::url::{MySqlUrl, PORT, Parts};

const SCHEME: &str = "secretsmanager://";
/// The engines, as RDS calls them, that speak MySQL's protocol.
const ENGINES: [&str; 3] = ["mysql", "mariadb", "aurora-mysql"];

/// Which secret, and what is said beside it.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) id: String,
    pub(super) region: String,
    parameters: Parameters,
}

/// Whether a target's URL names a secret.
pub(super) fn is_reference(url: &str) -> bool {
    url.starts_with(SCHEME)
}

/// What a target's URL says, and nothing else.
///
/// # Errors
/// Those of [`Reference::parse`], but for a region that nothing names.
pub(super) fn check(url: &str) -> Result<()> {
    named(url).map(drop)
}

/// The secret that a URL names, and the parameters beside it.
fn named(url: &str) -> Result<(String, Parameters)> {
    let rest = url.strip_prefix(SCHEME).unwrap_or_default();
    let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
    let id = percent_decode_str(name).decode_utf8_lossy().into_owned();
    if !is_id(&id) {
        return Err(Error::usage("the target's URL names no secret").hint(
            "write secretsmanager://NAME or secretsmanager://ARN, of the whole secret, as in secretsmanager://shop/login?database=shop",
        ));
    }
    Ok((id, Parameters::of_secret(query)?))
}

impl Reference {
    /// Reads `secretsmanager://NAME-OR-ARN?…`.
    ///
    /// # Errors
    /// Kind `Usage`; what cannot be a secret's name is not quoted.
    pub(super) fn parse(url: &str, environment: &Environment) -> Result<Self> {
        let (id, parameters) = named(url)?;
        let known = parameters.region.clone().or_else(|| region::of_arn(&id));
        let region = known.map_or_else(|| region::of_environment(environment), Ok)?;
        Ok(Self { id, region, parameters })
    }

    /// The server that a secret's text names. Parameters are stronger than the text.
    ///
    /// # Errors
    /// Kind `Usage` for what is missing or wrong. No message holds a value of the text.
    pub(super) fn server(&self, text: &str, environment: &Environment) -> Result<MySqlUrl> {
        let parts = if text.trim_start().starts_with("mysql://") {
            Parts::parse(text.trim()).map(|parts| self.over(parts))
        } else {
            self.parts(text)
        };
        let server = parts.and_then(|parts| parts.with(environment));
        server.map_err(|error| error.about(&format!("secret `{}`: ", self.id)))
    }

    /// A URL's parts under the parameters beside the secret.
    fn over(&self, inner: Parts) -> Parts {
        let Parameters { ssl_mode, ssl_ca, iam, region, password_env: _, host, port, database } =
            self.parameters.clone();
        let says_tls = ssl_mode.is_some() || ssl_ca.is_some();
        let of_inner = inner.parameters;
        let parameters = Parameters {
            ssl_mode: if says_tls { ssl_mode } else { of_inner.ssl_mode },
            ssl_ca: if says_tls { ssl_ca } else { of_inner.ssl_ca },
            iam: iam || of_inner.iam,
            region: region.or(of_inner.region),
            ..of_inner
        };
        Parts {
            // A token stands for it.
            password: inner.password.filter(|_| !iam),
            host: host.unwrap_or(inner.host),
            port: port.unwrap_or(inner.port),
            database: database.unwrap_or(inner.database),
            user: inner.user,
            parameters,
        }
    }

    fn parts(&self, text: &str) -> Result<Parts> {
        // A parser's error may quote what it cannot read.
        let fields: Map<String, Value> = serde_json::from_str(text).map_err(|_| {
            Error::usage("its text is neither a JSON object nor a URL mysql://…")
                .hint("store the login as RDS does: {\"username\": …, \"password\": …, \"host\": …, \"port\": …, \"dbname\": …}")
        })?;
        let field = |name: &str| match fields.get(name) {
            Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let engine = field("engine").map(|engine| engine.to_ascii_lowercase());
        if engine.is_some_and(|engine| !ENGINES.contains(&engine.as_str())) {
            return Err(Error::usage("its engine is none of mysql, mariadb and aurora-mysql")
                .hint("name the secret of the target's database, not of the source's"));
        }
        let of_login = "a login's secret has username and password";
        let missing =
            |name: &str, hint: &str| Error::usage(format!("it holds no {name}")).hint(hint);
        let user = field("username").ok_or_else(|| missing("username", of_login))?;
        let password = match field("password").filter(|_| !self.parameters.iam) {
            None if !self.parameters.iam => return Err(missing("password", of_login)),
            password => password,
        };
        let beside = "RDS puts only username and password into the secrets that it manages itself: name the rest in the target's URL, as in ?host=shop.….rds.amazonaws.com&database=shop";
        let host = self.parameters.host.clone().or_else(|| field("host"));
        let host = host.ok_or_else(|| missing("host", beside))?;
        if !is_host(&host) {
            return Err(missing("host that can be one", beside));
        }
        let port = match (self.parameters.port, field("port")) {
            (Some(port), _) => port,
            (None, None) => PORT,
            (None, Some(text)) => {
                text.trim().parse().map_err(|_| missing("port that can be one", beside))?
            }
        };
        let database = self.parameters.database.clone().or_else(|| field("dbname"));
        let database = database.filter(|name| !name.is_empty() && !name.contains(['/', '.']));
        let database = database.ok_or_else(|| missing("dbname", beside))?;
        Ok(Parts { user, password, host, port, database, parameters: self.parameters.clone() })
    }
}

/// Whether a text may be a secret's name or ARN. Names of RDS's own secrets have a `!`.
fn is_id(text: &str) -> bool {
    const LENGTH_MAX: usize = 2048;
    let is_plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&b))
    };
    let is_arn = || {
        let parts: Vec<&str> = text.split(':').collect();
        matches!(parts.as_slice(), ["arn", _, "secretsmanager", _, _, "secret", _])
            && parts.into_iter().all(is_plain)
    };
    text.len() <= LENGTH_MAX && (is_plain(text) || is_arn())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::target::mysql::url::Proof;

    fn environment() -> Environment {
        std::iter::once(("AWS_REGION".to_owned(), "eu-west-3".to_owned())).collect()
    }

    fn server(url: &str, text: &str) -> Result<MySqlUrl> {
        Reference::parse(url, &environment())?.server(text, &environment())
    }

    const RDS: &str = r#"{"engine":"mysql","host":"shop.c1.eu-west-1.rds.amazonaws.com","port":3307,
        "username":"me","password":"p@:/%#?\u00e9\"","dbname":"shop","dbInstanceIdentifier":"shop"}"#;

    #[test]
    fn the_fields_of_rds_are_the_login() {
        let found = server("secretsmanager://shop/login", RDS).unwrap();
        assert_eq!(found.to_string(), "mysql://me@shop.c1.eu-west-1.rds.amazonaws.com:3307/shop");
        assert!(*found.proof() == Proof::Password(Some("p@:/%#?é\"".to_owned())));
        assert!(!format!("{found:?}").contains("p@:"));
        let text = r#"{"engine":"aurora-mysql","host":"h","port":"3308","username":7,"password":8,"dbname":"d"}"#;
        let found = server("secretsmanager://x", text).unwrap();
        assert_eq!(found.to_string(), "mysql://7@h:3308/d");
        assert!(*found.proof() == Proof::Password(Some("8".to_owned())));
    }

    #[test]
    fn parameters_are_stronger_than_the_secret() {
        let url = "secretsmanager://x?host=other&port=1&database=d&ssl-mode=REQUIRED";
        let found = server(url, RDS).unwrap();
        assert_eq!(found.to_string(), "mysql://me@other:1/d");
        assert!(found.tls_weakness().is_some());
        let inner = "mysql://me:s3cret@h:2/inner?ssl-mode=DISABLED";
        let found = server("secretsmanager://x?database=d&port=1", inner).unwrap();
        assert_eq!(found.to_string(), "mysql://me@h:1/d");
        assert_eq!(found.tls_weakness(), Some("the connection is not encrypted"));
        let found = server("secretsmanager://x?ssl-mode=VERIFY_IDENTITY", inner).unwrap();
        assert_eq!(found.tls_weakness(), None);
    }

    #[test]
    fn a_secret_that_rds_manages_lacks_the_server() {
        let text = r#"{"username":"admin","password":"s3cret"}"#;
        let url = "secretsmanager://rds!cluster-1f2e?host=h.example.com&database=shop";
        assert_eq!(server(url, text).unwrap().to_string(), "mysql://admin@h.example.com:3306/shop");
        for (url, lacks) in [
            ("secretsmanager://rds!db-1", "no host"),
            ("secretsmanager://rds!db-1?host=h", "no dbname"),
        ] {
            let error = server(url, text).unwrap_err();
            assert!(error.to_string().contains(lacks), "{error}");
            assert!(error.next_step().unwrap().contains("?host="), "{error:?}");
        }
    }

    #[test]
    fn with_iam_the_password_is_not_read() {
        for text in [RDS, r#"{"host":"h","username":"me","dbname":"d"}"#] {
            let found = server("secretsmanager://x?iam=true&region=eu-west-1", text).unwrap();
            assert!(*found.proof() == Proof::Iam { region: "eu-west-1".to_owned() });
        }
        assert!(server("secretsmanager://x?iam=true&ssl-mode=REQUIRED", RDS).is_err());
    }

    #[test]
    fn the_region_is_that_of_the_parameter_else_of_the_arn_else_of_the_environment() {
        let region = |url: &str| Reference::parse(url, &environment()).unwrap().region;
        let arn =
            "secretsmanager://arn:aws:secretsmanager:us-east-2:123456789012:secret:a/b-AbCdEf";
        assert_eq!(region(arn), "us-east-2");
        assert_eq!(region(&format!("{arn}?region=us-east-1")), "us-east-1");
        assert_eq!(region("secretsmanager://a/b"), "eu-west-3");
        let error = Reference::parse("secretsmanager://a/b", &Environment::default()).unwrap_err();
        assert!(error.next_step().unwrap().contains("AWS_REGION"));
    }

    #[test]
    fn what_is_no_secret_is_refused_without_quoting_it() {
        for url in [
            "secretsmanager://",
            "secretsmanager://s3cret one",
            "secretsmanager://me:s3cret",
            "secretsmanager://a#s3cret",
            "secretsmanager://arn:aws:secretsmanager:eu-west-1:1:secret:x:s3cret::",
            "secretsmanager://a?password=s3cret",
        ] {
            let error = Reference::parse(url, &environment()).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn no_error_about_a_secret_holds_its_text() {
        for text in [
            "s3cret",
            "\"s3cret\"",
            r#"{"username":"me","password":"s3cret""#,
            r#"{"password":"s3cret"}"#,
            r#"{"username":"s3cret"}"#,
            r#"{"engine":"s3cret","username":"me","password":"s3cret"}"#,
            r#"{"username":"me","password":"s3cret","host":"s3cret@x","dbname":"d"}"#,
            r#"{"username":"me","password":"s3cret","host":"h","port":"s3cret","dbname":"d"}"#,
            r#"{"username":"me","password":"s3cret","host":"h","dbname":"s3cret/"}"#,
            "mysql://me:s3cret@h",
            "mysql://me:s3cret@h/d?x=s3cret",
            "mysql://me:s3cret/@h:x/d",
        ] {
            let error = server("secretsmanager://shop/login", text).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{text}");
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
            assert!(error.to_string().contains("shop/login"), "{error}");
            assert!(error.next_step().is_some(), "{error}");
        }
    }
}
