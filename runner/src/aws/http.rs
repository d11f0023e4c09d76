//! One request to AWS, through the HTTP client of the object stores.

use std::time::Duration;

use futures::StreamExt;
use object_store::ClientOptions;
use object_store::client::{HttpClient, HttpConnector, HttpError, HttpRequest, ReqwestConnector};

use crate::error::{Error, Result};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An answer holds a secret, which has at most 64 KiB, as JSON.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// What a server answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Why nothing was answered.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The answer is longer than any can be.
    TooLong,
    Broken(HttpError),
}

/// A client for an endpoint. Plain HTTP is spoken only where the endpoint says so.
///
/// # Errors
/// Kind `Failed` if there can be none.
pub(super) fn client(endpoint: &str) -> Result<HttpClient> {
    let options = ClientOptions::new()
        .with_allow_http(endpoint.starts_with("http://"))
        .with_timeout(TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT);
    let connected = ReqwestConnector::default().connect(&options);
    connected.map_err(|error| Error::failed("the HTTP client cannot be made").source(error))
}

/// A POST request.
///
/// # Errors
/// Kind `Usage` for a URL or a header that cannot be sent.
pub(super) fn post(
    url: &str,
    headers: impl IntoIterator<Item = (&'static str, String)>,
    body: String,
) -> Result<HttpRequest> {
    let wrong = |what: &str| Error::usage(format!("a request to AWS cannot be made: {what}"));
    let mut request = HttpRequest::new(body.into());
    *request.method_mut() = "POST".try_into().map_err(|_| wrong("its method"))?;
    *request.uri_mut() = url.try_into().map_err(|_| wrong("the endpoint is no URL"))?;
    for (name, value) in headers {
        let value = value.parse().map_err(|_| wrong("a header"))?;
        let _none = request.headers_mut().insert(name, value);
    }
    Ok(request)
}

/// Sends a request once.
pub(super) async fn send(
    client: &HttpClient,
    request: HttpRequest,
) -> std::result::Result<Answer, Unanswered> {
    let response = client.execute(request).await.map_err(Unanswered::Broken)?;
    let status = response.status().as_u16();
    let mut stream = response.into_body().bytes_stream();
    let mut body = Vec::new();
    while let Some(bytes) = stream.next().await {
        body.extend_from_slice(&bytes.map_err(Unanswered::Broken)?);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(Unanswered::TooLong);
        }
    }
    Ok(Answer { status, body })
}
