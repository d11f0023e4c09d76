//! What a store's error means, and what of it may be told.

use object_store::client::{HttpError, HttpErrorKind};

use crate::error::Error;

/// Sorts a store's error into what the user can do about it. Its own text is not kept: see `Told`.
#[must_use]
pub fn explain(message: String, error: &object_store::Error) -> Error {
    use object_store::Error as Store;
    let told = Told::of(error);
    let explained = match (error, told.status) {
        (_, Some(503 | 500 | 429)) => {
            Error::temporary(message).hint("the store is busy or broken: run again")
        }
        (_, Some(301 | 307 | 400)) => Error::usage(message)
            .hint("the request does not fit the bucket: check AWS_REGION and AWS_ENDPOINT_URL"),
        (Store::NotFound { .. }, _) | (_, Some(404)) => {
            Error::usage(message).hint("check the bucket's name and the path")
        }
        (Store::PermissionDenied { .. } | Store::Unauthenticated { .. }, _)
        | (_, Some(401 | 403)) => Error::usage(message)
            .hint("check the credentials and their rights: s3:ListBucket, s3:GetObject; for a folder the right to read it"),
        (Store::Generic { store: S3, .. }, None) => Error::temporary(message)
            .hint("the store does not answer: check the network, AWS_ENDPOINT_URL and the credentials' source, then run again"),
        _ => Error::failed(message),
    };
    explained.source(told.text)
}

/// The same of an error of the place that credentials come from, which the client asks by itself.
#[must_use]
pub(crate) fn explain_credentials(message: &str, error: &object_store::Error) -> Error {
    let told = Told::of(error);
    let hint =
        "give the task, pod or instance a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    let explained = match told.status {
        Some(400..=428 | 430..=499) => Error::usage(message),
        _ => Error::temporary(message),
    };
    explained.source(told.text.replacen("the store", "their source", 1)).hint(hint)
}

/// What the client calls S3 in its errors.
const S3: &str = "S3";

/// What may be told of a store's error.
///
/// The client's errors hold the whole answer of the server, and answers of S3 hold secrets: a session token
/// (`<Token-0>`), key ids, the request with its headers (`<CanonicalRequest>`). So nothing of an error's text is taken but
/// what is known to be none.
struct Told {
    /// The status of an HTTP answer.
    status: Option<u16>,
    text: String,
}

impl Told {
    fn of(error: &object_store::Error) -> Self {
        let first: &(dyn std::error::Error + 'static) = error;
        let chain = || std::iter::successors(Some(first), |error| error.source());
        if let Some(answer) = chain().find_map(|error| Self::of_answer(&error.to_string())) {
            return answer;
        }
        let text = if let Some(http) = chain().find_map(|error| error.downcast_ref::<HttpError>()) {
            no_answer(http)
        } else if is_local(error) {
            error.to_string()
        } else {
            chain()
                .map(ToString::to_string)
                .find(|text| TOKEN_FILES.iter().any(|begin| text.starts_with(begin)))
                .unwrap_or_else(|| "what the store answered cannot be understood".to_owned())
        };
        Self { status: None, text }
    }

    /// Of the text of the one error that is about an answer: its type cannot be reached. Others hold its text behind an
    /// object's key, which may say anything.
    fn of_answer(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("Server returned non-2xx status code: ") {
            let status = rest.get(..3)?.parse().ok();
            let (said, body) = rest.split_once(": ").unwrap_or((rest, ""));
            return Some(Self { status, text: format!("the store answered {said}{}", code(body)) });
        }
        if let Some(body) = text.strip_prefix("Server returned error response: ") {
            let text = format!("the store answered with an error{}", code(body));
            return Some(Self { status: None, text });
        }
        let is_redirect = text.starts_with("Received redirect without LOCATION");
        is_redirect.then(|| {
            let text = "the store redirects to nowhere: the region may be another one".to_owned();
            Self { status: None, text }
        })
    }
}

/// The code of an S3 error, behind a comma. Codes are words; what is none is not told.
fn code(body: &str) -> String {
    const LENGTH_MAX: usize = 64;
    let inner = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let is_code = |code: &str| {
        (1..=LENGTH_MAX).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphabetic())
    };
    match inner {
        Some((code, _)) if is_code(code) => format!(", {code}"),
        _ => String::new(),
    }
}

/// Why there is no whole answer. Only of connecting the cause is told: nothing was sent or read yet.
fn no_answer(error: &HttpError) -> String {
    let said = match error.kind() {
        HttpErrorKind::Connect => {
            let first: &(dyn std::error::Error + 'static) = error;
            let root = std::iter::successors(Some(first), |error| error.source()).last();
            let root = root.map(ToString::to_string).unwrap_or_default();
            return format!("the store cannot be connected to: {root}");
        }
        HttpErrorKind::Timeout => "the store did not answer in time",
        HttpErrorKind::Decode => "what the store answered cannot be read",
        _ => "the connection to the store broke off",
    };
    said.to_owned()
}

/// Whether an error is of a local file: it is about a path, and no server has said anything.
fn is_local(error: &object_store::Error) -> bool {
    use object_store::Error as Store;
    let source = match error {
        Store::Generic { store: S3, .. } => return false,
        Store::InvalidPath { .. } => return true,
        other => std::error::Error::source(other),
    };
    let mut chain = std::iter::successors(source, |error| error.source());
    chain.any(|error| {
        error.downcast_ref::<std::io::Error>().is_some_and(|io| io.raw_os_error().is_some())
    })
}

/// How errors of reading files with tokens begin; they name the file.
const TOKEN_FILES: [&str; 2] = ["Failed to read token file", "Failed to read EKS token file"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    /// As the client nests them.
    #[derive(Debug, thiserror::Error)]
    #[error("GET http://h/x404/20260403.csv in 757.404ms - {source}")]
    struct Request {
        source: Box<dyn std::error::Error + Send + Sync>,
    }

    fn explained(said: &str) -> Error {
        let source = Box::new(Request { source: said.into() });
        explain("x".to_owned(), &object_store::Error::Generic { store: "S3", source })
    }

    #[test]
    fn digits_in_a_key_are_no_status() {
        let kind = |said: &str| explained(said).kind();
        assert_eq!(kind("HTTP error: error sending request"), Kind::Temporary);
        let missing = "Server returned non-2xx status code: 404 Not Found: ";
        assert_eq!(kind(missing), Kind::Usage);
        let busy = "Server returned non-2xx status code: 503 Slow Down: ";
        assert_eq!(kind(busy), Kind::Temporary);
    }

    #[test]
    fn of_an_answer_only_status_and_code_are_told() {
        let told = |said: &str| {
            let error = explained(said);
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
            std::error::Error::source(&error).unwrap().to_string()
        };
        let status = "Server returned non-2xx status code: 400 Bad Request: ";
        let expired = "<Error><Code>ExpiredToken</Code><Message>secret</Message><Token-0>secret</Token-0></Error>";
        assert_eq!(
            told(&format!("{status}{expired}")),
            "the store answered 400 Bad Request, ExpiredToken"
        );
        for body in ["secret: 1", "<Code>secret 1</Code>", "<Code></Code>secret", "<Code>secret"] {
            let said = told(&format!("{status}{body}"));
            assert_eq!(said, "the store answered 400 Bad Request");
        }
        assert_eq!(
            told("Server returned error response: <Code>SlowDown</Code>secret"),
            "the store answered with an error, SlowDown"
        );
        assert_eq!(
            told("Got invalid list response: secret"),
            "what the store answered cannot be understood"
        );
    }

    #[test]
    fn an_error_of_a_local_file_is_told_as_it_is() {
        let source = Box::new(std::io::Error::from_raw_os_error(13));
        let error = object_store::Error::PermissionDenied { path: "/x".to_owned(), source };
        let error = explain("x".to_owned(), &error);
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("/x") && cause.contains("(os error 13)"), "{cause}");
    }
}
