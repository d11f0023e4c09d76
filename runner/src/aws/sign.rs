//! AWS Signature Version 4. Pure: the time is given.
//!
//! Source of the rule: "Create a signed AWS API request" of the IAM user guide.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningInstructions, SigningParams,
    SigningSettings, sign,
};
use aws_sigv4::sign::v4;

use crate::error::{Error, Result};

/// For which service of which region something is signed, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) now: SystemTime,
}

/// The headers that sign a POST of `body` with these headers, `host` among them.
///
/// # Errors
/// Kind `Usage` for a URL that is none.
pub(super) fn headers(
    credentials: &Credentials,
    scope: Scope<'_>,
    url: &str,
    headers: &[(&'static str, String)],
    body: &[u8],
) -> Result<Vec<(&'static str, String)>> {
    let named = headers.iter().map(|(name, value)| (*name, value.as_str()));
    let request = SignableRequest::new("POST", url, named, SignableBody::Bytes(body));
    let signed = signed(credentials, scope, SigningSettings::default(), request)?;
    let (headers, _) = signed.into_parts();
    Ok(headers.iter().map(|header| (header.name(), header.value().to_owned())).collect())
}

/// The parameters that sign a GET of a URL for some time; not yet percent-encoded.
///
/// # Errors
/// Kind `Usage` for a URL that is none.
pub(super) fn parameters(
    credentials: &Credentials,
    scope: Scope<'_>,
    url: &str,
    valid: Duration,
) -> Result<Vec<(String, String)>> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(valid);
    let request = SignableRequest::new("GET", url, std::iter::empty(), SignableBody::Bytes(&[]));
    let signed = signed(credentials, scope, settings, request)?;
    Ok(signed
        .params()
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.to_string()))
        .collect())
}

fn signed(
    credentials: &Credentials,
    scope: Scope<'_>,
    settings: SigningSettings,
    request: std::result::Result<SignableRequest<'_>, aws_sigv4::http_request::SigningError>,
) -> Result<SigningInstructions> {
    // The library's texts may repeat what was to be signed.
    let failed = || {
        Error::usage("a request to AWS cannot be signed").hint("check the region and the endpoint")
    };
    let identity = credentials.clone().into();
    let parameters: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(scope.now)
        .settings(settings)
        .build()
        .map_err(|_| failed())?
        .into();
    let request = request.map_err(|_| failed())?;
    Ok(sign(request, &parameters).map_err(|_| failed())?.into_parts().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of AWS's test suite of the signature.
    fn example() -> (Credentials, Scope<'static>) {
        let key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let credentials = Credentials::new("AKIDEXAMPLE", key, None, None, "test");
        // 20150830T123600Z
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        (credentials, Scope { service: "service", region: "us-east-1", now })
    }

    #[test]
    fn headers_are_signed_as_in_the_test_suite_of_aws() {
        let (credentials, scope) = example();
        let given = [("host", "example.amazonaws.com".to_owned())];
        let signed =
            headers(&credentials, scope, "https://example.amazonaws.com/", &given, b"").unwrap();
        let header = |wanted: &str| {
            let found = signed.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        assert_eq!(header("x-amz-date"), "20150830T123600Z");
        // "post-vanilla"
        assert_eq!(
            header("authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
    }

    #[test]
    fn a_session_token_is_signed_too() {
        let (_, scope) = example();
        let token = Some("token".to_owned());
        let credentials = Credentials::new("AKIDEXAMPLE", "key", token, None, "test");
        let given = [("host", "h".to_owned())];
        let signed = headers(&credentials, scope, "https://h/", &given, b"").unwrap();
        assert!(signed.contains(&("x-amz-security-token", "token".to_owned())));
        let signs = |(_, value): &(&str, String)| {
            value.contains("SignedHeaders=host;x-amz-date;x-amz-security-token,")
        };
        assert!(signed.iter().any(signs), "{signed:?}");
    }
}
