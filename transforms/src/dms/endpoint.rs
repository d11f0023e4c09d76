//! The settings of an endpoint as AWS's and Terraform's tools print them.
//!
//! `aws dms describe-endpoints` ("S3Settings" of the DMS API reference), and the arguments of Terraform's `aws_dms_s3_endpoint` or
//! the `s3_settings` of its `aws_dms_endpoint`, as JSON.

use serde_json::{Map, Value};

/// What these tools print beside the settings.
const BESIDE: [&str; 20] = [
    "arn",
    "certificatearn",
    "databasename",
    "detachtargetonloblookupfailureparquet",
    "endpointarn",
    "endpointid",
    "endpointtype",
    "engine",
    "enginedisplayname",
    "enginename",
    "externalid",
    "extraconnectionattributes",
    "id",
    "kmskeyarn",
    "region",
    "sslmode",
    "status",
    "tags",
    "tagsall",
    "timeouts",
];

/// Why settings cannot be taken from a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is not JSON.
    #[error("line {line}, column {column}: not JSON")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// There are no settings in it.
    #[error(
        "no S3Settings in it; it may be what `aws dms describe-endpoints` prints, the S3Settings alone, or Terraform's arguments"
    )]
    None,
    /// There are several endpoints.
    #[error("it has {} endpoints with S3Settings: name one behind a `#`; {}", .names.len(), there_are(.names))]
    Several {
        /// Their identifiers.
        names: Vec<String>,
    },
    /// There is no such endpoint.
    #[error("no endpoint `{name}` in it; {}", there_are(.names))]
    NoSuch {
        /// The one that was asked for.
        name: String,
        /// Those that are there.
        names: Vec<String>,
    },
    /// Settings are given in another way too.
    #[error(
        "its ExtraConnectionAttributes say of `{name}` otherwise than its S3Settings: make both the same at the endpoint, or write what holds as an option beside 'S3Settings'"
    )]
    Extra {
        /// All of them.
        name: String,
    },
    /// A setting that is a list or an object.
    #[error("setting `{name}` is not a text, a number or a boolean")]
    NoValue {
        /// The setting.
        name: String,
    },
}

fn there_are(names: &[String]) -> String {
    let named: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    match named.is_empty() {
        true => "those in it have no identifier".to_owned(),
        false => format!("there are {}", named.join(", ")),
    }
}

/// The settings in a text, each with its value as OPTIONS take it; those that are null are left out.
///
/// `identifier` chooses one of several endpoints, by its `EndpointIdentifier`.
///
/// Settings may also be given as connection attributes, `csvDelimiter=;;…`, with rules of their own. Those that `matters` and do
/// not say the same again are refused.
///
/// # Errors
/// See [`EndpointError`]. Whether a setting is known is not looked at.
pub fn settings(
    json: &str,
    identifier: Option<&str>,
    matters: impl Fn(&str, &str) -> bool,
) -> Result<Vec<(String, String)>, EndpointError> {
    // PowerShell's files begin with a mark.
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    let value: Value = serde_json::from_str(json)
        .map_err(|error| EndpointError::NotJson { line: error.line(), column: error.column() })?;
    let endpoints = endpoints(&value);
    let names = || endpoints.iter().map(|endpoint| endpoint.name.to_owned()).collect();
    let chosen = match (identifier, endpoints.as_slice()) {
        (None, [only]) => only,
        (None, []) => return Err(EndpointError::None),
        (None, _) => return Err(EndpointError::Several { names: names() }),
        (Some(wanted), _) => {
            let found = endpoints.iter().find(|endpoint| endpoint.name == wanted);
            found
                .ok_or_else(|| EndpointError::NoSuch { name: wanted.to_owned(), names: names() })?
        }
    };
    let mut settings = Vec::new();
    for (name, value) in chosen.settings {
        if BESIDE.contains(&plain(name).as_str()) {
            continue;
        }
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(EndpointError::NoValue { name: name.clone() });
            }
        };
        settings.push((name.clone(), text));
    }
    // AWS prints there again what S3Settings have.
    let is_repeated = |name: &str, value: &str| {
        let same = |(other, text): &(String, String)| {
            // Words are written in any case, and texts as they are.
            let is_word = ["true", "false", "none", "gzip", "csv", "parquet"]
                .iter()
                .any(|word| word.eq_ignore_ascii_case(value));
            plain(other) == plain(name)
                && (text == value || is_word && text.eq_ignore_ascii_case(value))
        };
        settings.iter().any(same)
    };
    let attributes = chosen.extra.split(';').filter_map(|pair| pair.split_once('='));
    let others: Vec<&str> = attributes
        .map(|(name, value)| (name.trim(), value))
        .filter(|(name, value)| matters(name, value) && !is_repeated(name, value))
        .map(|(name, _)| name)
        .collect();
    match others.is_empty() {
        true => Ok(settings),
        false => Err(EndpointError::Extra { name: others.join("`, `") }),
    }
}

/// A setting's name without what AWS and Terraform write differently.
#[must_use]
pub fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// An endpoint with settings of S3.
struct Endpoint<'a> {
    /// Its identifier; may be empty.
    name: &'a str,
    settings: &'a Map<String, Value>,
    /// Its connection attributes.
    extra: &'a str,
}

fn endpoints(value: &Value) -> Vec<Endpoint<'_>> {
    if let Some(all) = value.as_array() {
        return all.iter().flat_map(endpoints).collect();
    }
    let Some(object) = value.as_object() else { return Vec::new() };
    if let Some(within) = object.get("Endpoints").or_else(|| object.get("Endpoint")) {
        return endpoints(within);
    }
    let text = |names: [&str; 2]| {
        let found = names.into_iter().find_map(|name| object.get(name).and_then(Value::as_str));
        found.unwrap_or_default()
    };
    let name = text(["EndpointIdentifier", "endpoint_id"]);
    let extra = text(["ExtraConnectionAttributes", "extra_connection_attributes"]);
    let endpoint = |settings| Endpoint { name, settings, extra };
    match object.get("S3Settings").or_else(|| object.get("s3_settings")) {
        // Terraform has blocks as lists.
        Some(Value::Array(blocks)) => {
            blocks.iter().filter_map(Value::as_object).map(endpoint).collect()
        }
        Some(settings) => settings.as_object().map(endpoint).into_iter().collect(),
        // An endpoint of another engine, or the settings alone.
        None if object.contains_key("EngineName") || object.is_empty() => Vec::new(),
        None => vec![endpoint(object)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str, identifier: Option<&str>) -> Result<String, String> {
        let found = settings(json, identifier, |name, _| plain(name) == "csvdelimiter")
            .map_err(|error| error.to_string())?;
        let pairs = found.iter().map(|(name, value)| format!("{name}={value}"));
        Ok(pairs.collect::<Vec<_>>().join(" "))
    }

    const DESCRIBED: &str = r#"{"Endpoints": [
        {"EndpointIdentifier": "pg", "EndpointType": "SOURCE", "EngineName": "postgres"},
        {"EndpointIdentifier": "lake", "EngineName": "s3", "SslMode": "none",
         "S3Settings": {"CsvRowDelimiter": "\\n", "DataFormat": "parquet", "RowGroupLength": 10000,
                        "IncludeOpForFullLoad": true, "CdcPath": null}}
    ]}"#;

    #[test]
    fn what_the_tools_print_is_read() {
        let described =
            "CsvRowDelimiter=\\n DataFormat=parquet IncludeOpForFullLoad=true RowGroupLength=10000";
        assert_eq!(of(DESCRIBED, None).as_deref(), Ok(described));
        assert_eq!(of(DESCRIBED, Some("lake")).as_deref(), Ok(described));
        for (json, expected) in [
            (r#"{"CsvDelimiter": ";"}"#, "CsvDelimiter=;"),
            ("\u{feff}[{\"S3Settings\": {\"CsvDelimiter\": \";\"}}]", "CsvDelimiter=;"),
            (r#"{"S3Settings": {"CsvDelimiter": ";"}}"#, "CsvDelimiter=;"),
            (
                r#"{"Endpoint": {"EngineName": "s3", "S3Settings": {"CsvDelimiter": ";"}}}"#,
                "CsvDelimiter=;",
            ),
            (
                r#"{"endpoint_id": "lake", "csv_delimiter": ";", "ssl_mode": "none", "tags": {}}"#,
                "csv_delimiter=;",
            ),
            (
                r#"{"endpoint_id": "lake", "s3_settings": [{"csv_delimiter": ";"}]}"#,
                "csv_delimiter=;",
            ),
        ] {
            assert_eq!(of(json, None).as_deref(), Ok(expected), "{json}");
        }
        assert_eq!(plain("rfc_4180"), plain("Rfc4180"));
    }

    #[test]
    fn anything_else_is_told() {
        let two = r#"{"Endpoints": [{"EndpointIdentifier": "a", "S3Settings": {}}, {"EndpointIdentifier": "b", "S3Settings": {}}]}"#;
        for (json, identifier, expected) in [
            ("{\n  x", None, "line 2, column 3: not JSON"),
            ("[]", None, "no S3Settings in it"),
            ("{}", None, "no S3Settings in it"),
            (r#"{"Endpoints": [{"EngineName": "postgres"}]}"#, None, "no S3Settings in it"),
            (
                two,
                None,
                "it has 2 endpoints with S3Settings: name one behind a `#`; there are a, b",
            ),
            (two, Some("c"), "no endpoint `c` in it; there are a, b"),
            (
                r#"{"CsvDelimiter": ";"}"#,
                Some("c"),
                "no endpoint `c` in it; those in it have no identifier",
            ),
            (
                r#"{"S3Settings": {}, "ExtraConnectionAttributes": "a=b; csvDelimiter=;;"}"#,
                None,
                "its ExtraConnectionAttributes say of `csvDelimiter` otherwise than its S3Settings",
            ),
            (
                r#"{"S3Settings": {"CsvDelimiter": ";"}, "ExtraConnectionAttributes": "csvDelimiter=|;x=y"}"#,
                None,
                "its ExtraConnectionAttributes say of `csvDelimiter` otherwise",
            ),
            (r#"{"CsvDelimiter": [";"]}"#, None, "setting `CsvDelimiter` is not a text"),
        ] {
            let error = of(json, identifier).unwrap_err();
            assert!(error.starts_with(expected), "{json}: {error}");
        }
        assert_eq!(of(two, Some("b")).as_deref(), Ok(""));
        let repeated = r#"{"S3Settings": {"CsvRowDelimiter": "\\n", "CompressionType": "NONE"}, "ExtraConnectionAttributes": "bucketName=b;csvRowDelimiter=\\n;compressiontype=none"}"#;
        assert!(of(repeated, None).is_ok(), "said again");
    }
}
