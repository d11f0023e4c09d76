//! What stands for a password in IAM authentication of Amazon RDS: the signed URL of an action that nobody calls.
//!
//! Source of the rule: "Connecting to your DB instance using IAM authentication" of the RDS user guide. The server takes the token
//! for a login within 15 minutes; the connection then lasts.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::sign::{self, Scope};
use crate::error::Result;

/// As long as RDS allows.
const VALID: Duration = Duration::from_secs(15 * 60);
/// All but the characters that the signature leaves as they are.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The login that a token is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Login<'a> {
    /// The endpoint as RDS names it.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) user: &'a str,
    pub(crate) region: &'a str,
}

/// A token. It is a secret: whoever has it can log in.
///
/// # Errors
/// Kind `Usage` for a host that cannot be part of a URL.
pub(crate) fn token(
    credentials: &Credentials,
    login: Login<'_>,
    now: SystemTime,
) -> Result<String> {
    let Login { host, port, user, region } = login;
    let user = utf8_percent_encode(user, &ENCODED);
    let mut token = format!("{host}:{port}/?Action=connect&DBUser={user}");
    let scope = Scope { service: "rds-db", region, now };
    let signed = sign::parameters(credentials, scope, &format!("https://{token}"), VALID)?;
    for (name, value) in &signed {
        token.push('&');
        token.push_str(name);
        token.push('=');
        token.extend(utf8_percent_encode(value, &ENCODED));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_signed_url_of_a_login_without_its_scheme() {
        let session = Some("IQo/token==".to_owned());
        let credentials = Credentials::new("AKIDEXAMPLE", "key", session, None, "test");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let login = Login {
            host: "shop.c1abc.eu-central-1.rds.amazonaws.com",
            port: 3306,
            user: "me@home",
            region: "eu-central-1",
        };
        let token = token(&credentials, login, now).unwrap();
        let begin = "shop.c1abc.eu-central-1.rds.amazonaws.com:3306/?Action=connect&DBUser=me%40home&X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-central-1%2Frds-db%2Faws4_request&X-Amz-Date=20150830T123600Z\
            &X-Amz-Expires=900&X-Amz-SignedHeaders=host&";
        assert!(token.starts_with(begin), "{token}");
        assert!(token.contains("X-Amz-Security-Token=IQo%2Ftoken%3D%3D"), "{token}");
        let signature = token.split_once("X-Amz-Signature=").unwrap().1;
        let signature = signature.split('&').next().unwrap();
        // As computed step by step from the rule, apart from the library that signs here.
        assert_eq!(signature, "d6163dd7a212246fd4b9fdb82bb1dad7384b45621d481ed3d4116d07b6e80f60");
    }
}
