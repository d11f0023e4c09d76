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
    #[error("it has {} endpoints with S3Settings: name one behind a `#`: {}", .names.len(), .names.join(", "))]
    Several {
        /// Their identifiers.
        names: Vec<String>,
    },
    /// There is no such endpoint.
    #[error("no endpoint `{name}` in it; it has {}", .names.join(", "))]
    NoSuch {
        /// The one that was asked for.
        name: String,
        /// Those that are there.
        names: Vec<String>,
    },
    /// A setting that is a list or an object.
    #[error("setting `{name}` is not a text, a number or a boolean")]
    NoValue {
        /// The setting.
        name: String,
    },
}

/// The settings in a text, each with its value as OPTIONS take it; those that are null are left out.
///
/// `identifier` chooses one of several endpoints, by its `EndpointIdentifier`.
///
/// # Errors
/// See [`EndpointError`]. Whether a setting is known is not looked at.
pub fn settings(
    json: &str,
    identifier: Option<&str>,
) -> Result<Vec<(String, String)>, EndpointError> {
    let value: Value = serde_json::from_str(json)
        .map_err(|error| EndpointError::NotJson { line: error.line(), column: error.column() })?;
    let endpoints = endpoints(&value);
    let names = || endpoints.iter().map(|(name, _)| (*name).to_owned()).collect();
    let chosen = match (identifier, endpoints.as_slice()) {
        (None, [(_, settings)]) => settings,
        (None, []) => return Err(EndpointError::None),
        (None, _) => return Err(EndpointError::Several { names: names() }),
        (Some(wanted), _) => {
            let found = endpoints.iter().find(|(name, _)| *name == wanted);
            let no_such = || EndpointError::NoSuch { name: wanted.to_owned(), names: names() };
            found.map(|(_, settings)| settings).ok_or_else(no_such)?
        }
    };
    let mut settings = Vec::new();
    for (name, value) in *chosen {
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
    Ok(settings)
}

/// A setting's name without what AWS and Terraform write differently.
#[must_use]
pub fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// The endpoints with settings of S3 in a JSON value, each with its identifier, which may be empty.
fn endpoints(value: &Value) -> Vec<(&str, &Map<String, Value>)> {
    let Some(object) = value.as_object() else { return Vec::new() };
    if let Some(all) = object.get("Endpoints").and_then(Value::as_array) {
        return all.iter().flat_map(endpoints).collect();
    }
    if let Some(endpoint) = object.get("Endpoint") {
        return endpoints(endpoint);
    }
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let name = text("EndpointIdentifier").or_else(|| text("endpoint_id")).unwrap_or_default();
    let within = object.get("S3Settings").or_else(|| object.get("s3_settings"));
    match within {
        // Terraform has blocks as lists.
        Some(Value::Array(blocks)) => {
            blocks.iter().filter_map(Value::as_object).map(|block| (name, block)).collect()
        }
        Some(settings) => {
            settings.as_object().map(|settings| (name, settings)).into_iter().collect()
        }
        // An endpoint of another engine, or the settings alone.
        None if object.contains_key("EngineName") || object.is_empty() => Vec::new(),
        None => vec![(name, object)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str, identifier: Option<&str>) -> Result<String, String> {
        let found = settings(json, identifier).map_err(|error| error.to_string())?;
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
            (two, None, "it has 2 endpoints with S3Settings: name one behind a `#`: a, b"),
            (two, Some("c"), "no endpoint `c` in it; it has a, b"),
            (r#"{"CsvDelimiter": [";"]}"#, None, "setting `CsvDelimiter` is not a text"),
        ] {
            let error = of(json, identifier).unwrap_err();
            assert!(error.starts_with(expected), "{json}: {error}");
        }
        assert_eq!(of(two, Some("b")).as_deref(), Ok(""));
    }
}
