//! The text of a secret: `GetSecretValue` of AWS Secrets Manager.
//!
//! Source of the rule: "GetSecretValue" and "Common errors" of the Secrets Manager API reference; the protocol is AWS JSON 1.1.

use std::time::SystemTime;

use object_store::client::{HttpClient, HttpErrorKind};
use serde::Deserialize;

use super::credentials::Source;
use super::http::{self, Answer, Unanswered};
use super::region;
use super::sign::{self, Scope};
use crate::backoff::pause;
use crate::environment::Environment;
use crate::error::{Error, Result};

/// How often a secret is asked for, if AWS is busy or broken.
const ATTEMPTS_MAX: u32 = 4;

/// Asks for secrets in one region.
#[derive(Debug)]
pub(crate) struct SecretsManager {
    region: String,
    /// Without a slash at its end.
    endpoint: String,
    client: HttpClient,
    credentials: Source,
}

impl SecretsManager {
    /// A client for a region. `AWS_ENDPOINT_URL_SECRETS_MANAGER` and `AWS_ENDPOINT_URL` name another server.
    ///
    /// # Errors
    /// Kind `Usage` for variables of the environment that do not go together.
    pub(crate) fn new(region: String, environment: &Environment) -> Result<Self> {
        let named = environment.first_of(&["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"]);
        let usual = || format!("https://secretsmanager.{region}.{}", region::domain(&region));
        let endpoint = named.map_or_else(usual, |url| url.trim_end_matches('/').to_owned());
        let client = http::client(&endpoint)?;
        Ok(Self { region, endpoint, client, credentials: Source::of_environment()? })
    }

    /// The text of a secret's current version.
    ///
    /// # Errors
    /// `Usage` for what AWS refuses, `Temporary` where it is busy or does not answer. No message holds what AWS answered but its
    /// HTTP status and the error's code.
    pub(crate) async fn secret(&self, id: &str) -> Result<String> {
        let mut failures = 0;
        loop {
            let failed = match self.ask(id).await? {
                Ok(answer) if answer.status == 200 => return text(id, &answer.body),
                Ok(answer) => Failed::Refused(answer.status, code(&answer.body)),
                Err(unanswered) => Failed::Unanswered(unanswered),
            };
            failures += 1;
            if failures >= ATTEMPTS_MAX || !failed.is_temporary() {
                return Err(failed.explain(id, &self.region));
            }
            tracing::debug!(failures, "AWS Secrets Manager is asked again");
            tokio::time::sleep(pause(failures)).await;
        }
    }

    async fn ask(&self, id: &str) -> Result<std::result::Result<Answer, Unanswered>> {
        let credentials = self.credentials.now().await?;
        let body = serde_json::json!({ "SecretId": id, "VersionStage": "AWSCURRENT" }).to_string();
        let url = format!("{}/", self.endpoint);
        let host = self.endpoint.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        let mut headers = vec![
            ("host", host.to_owned()),
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", "secretsmanager.GetSecretValue".to_owned()),
        ];
        let scope =
            Scope { service: "secretsmanager", region: &self.region, now: SystemTime::now() };
        let signed = sign::headers(&credentials, scope, &url, &headers, body.as_bytes())?;
        headers.extend(signed);
        let request = http::post(&url, headers, body)?;
        Ok(http::send(&self.client, request).await)
    }
}

/// What of an answer is read. A secret of bytes has no text.
#[derive(Deserialize)]
struct Found {
    #[serde(rename = "SecretString")]
    text: Option<String>,
}

fn text(id: &str, body: &[u8]) -> Result<String> {
    // A parser's error may quote what it cannot read.
    let found: Found = serde_json::from_slice(body).map_err(|_| {
        Error::failed(format!(
            "secret `{id}`: what AWS Secrets Manager answered cannot be understood"
        ))
    })?;
    found.text.ok_or_else(|| {
        Error::usage(format!("secret `{id}` holds bytes and no text"))
            .hint("store the login as JSON text, as RDS does")
    })
}

/// The code of an error in an answer: `{"__type": "prefix#Code"}`. Codes are words; what is none is not told.
fn code(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(rename = "__type")]
        code: String,
    }
    const LENGTH_MAX: usize = 64;
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    let code = refusal.code.rsplit('#').next()?.split(':').next()?;
    let is_code = (1..=LENGTH_MAX).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| code.to_owned())
}

/// Why there is no secret.
enum Failed {
    Refused(u16, Option<String>),
    Unanswered(Unanswered),
}

impl Failed {
    fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(status, code) => {
                const BUSY: [&str; 5] = [
                    "Throttling",
                    "ThrottlingException",
                    "TooManyRequestsException",
                    "RequestLimitExceeded",
                    "InternalServiceError",
                ];
                matches!(status, 429 | 500..)
                    || code.as_deref().is_some_and(|code| BUSY.contains(&code))
            }
            Self::Unanswered(Unanswered::Broken(error)) => error.kind() != HttpErrorKind::Decode,
            Self::Unanswered(Unanswered::TooLong) => false,
        }
    }

    fn explain(&self, id: &str, region: &str) -> Error {
        let busy = self.is_temporary();
        let (message, hint) = match self {
            Self::Refused(status, code) => {
                let said = code.as_deref().unwrap_or("no code");
                let message = format!("AWS Secrets Manager answered {status}, {said}");
                (message, if busy { "run again" } else { next_step(said) })
            }
            Self::Unanswered(Unanswered::TooLong) => (
                "what AWS Secrets Manager answered is too long".to_owned(),
                "check AWS_ENDPOINT_URL",
            ),
            Self::Unanswered(Unanswered::Broken(error)) => {
                let what = match error.kind() {
                    HttpErrorKind::Connect => "cannot be connected to",
                    HttpErrorKind::Timeout => "did not answer in time",
                    HttpErrorKind::Decode => "gave an answer that cannot be read",
                    _ => "broke the connection off",
                };
                let hint = "check that the network reaches it: a NAT gateway, or a VPC endpoint of Secrets Manager; then run again";
                (format!("AWS Secrets Manager {what}"), hint)
            }
        };
        let message = format!("secret `{id}` in {region}: {message}");
        let error = if busy { Error::temporary(message) } else { Error::usage(message) };
        error.hint(hint)
    }
}

fn next_step(code: &str) -> &'static str {
    match code {
        "AccessDeniedException" => {
            "allow the role secretsmanager:GetSecretValue on the secret, and kms:Decrypt on its key if that is one of your own"
        }
        "ResourceNotFoundException" => {
            "check the secret's name, and that AWS_REGION (or region=… in the target's URL) is the one that it is in"
        }
        "DecryptionFailure" => {
            "allow the role kms:Decrypt on the secret's key, and see that the key is enabled"
        }
        "InvalidRequestException" => "see whether the secret is about to be deleted",
        "ExpiredTokenException" | "UnrecognizedClientException" | "InvalidClientTokenId" => {
            "the credentials are not valid, or no longer: renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or leave them to a role"
        }
        "InvalidSignatureException" | "RequestTimeTooSkewed" | "IncompleteSignature" => {
            "check this machine's clock, AWS_SECRET_ACCESS_KEY and AWS_REGION"
        }
        _ => "check the secret's name, AWS_REGION, the credentials and AWS_ENDPOINT_URL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn only_the_code_of_a_refusal_is_told() {
        for (body, expected) in [
            (
                r#"{"__type":"ResourceNotFoundException","Message":"s3cret"}"#,
                Some("ResourceNotFoundException"),
            ),
            (
                r#"{"__type":"com.amazon.coral.service#AccessDeniedException"}"#,
                Some("AccessDeniedException"),
            ),
            (r#"{"__type":"Throttling:http://s3cret/"}"#, Some("Throttling")),
            (r#"{"__type":"s3cret 1"}"#, None),
            (r#"{"__type":""}"#, None),
            ("s3cret", None),
        ] {
            assert_eq!(code(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn what_passes_is_temporary_and_what_is_refused_has_a_next_step() {
        let failed = |status, code: &str| Failed::Refused(status, Some(code.to_owned()));
        for (status, code, kind, next) in [
            (400, "ThrottlingException", Kind::Temporary, "run again"),
            (503, "ServiceUnavailable", Kind::Temporary, "run again"),
            (429, "X", Kind::Temporary, "run again"),
            (400, "AccessDeniedException", Kind::Usage, "kms:Decrypt"),
            (400, "ResourceNotFoundException", Kind::Usage, "AWS_REGION"),
            (400, "InvalidSignatureException", Kind::Usage, "clock"),
            (403, "Whatever", Kind::Usage, "credentials"),
        ] {
            let error = failed(status, code).explain("shop/login", "eu-west-1");
            assert_eq!(error.kind(), kind, "{code}");
            assert!(error.next_step().unwrap().contains(next), "{code}");
            assert!(error.to_string().contains(code) && error.to_string().contains("shop/login"));
        }
    }

    #[test]
    fn an_answer_that_is_no_secret_is_not_repeated() {
        for body in ["s3cret", r#"{"SecretBinary":"s3cret"}"#, r#"{"SecretString":["s3cret"]}"#] {
            let error = text("shop/login", body.as_bytes()).unwrap_err();
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        }
        let found = text("x", br#"{"SecretString":"kept","VersionId":"1"}"#).unwrap();
        assert_eq!(found, "kept");
    }
}
