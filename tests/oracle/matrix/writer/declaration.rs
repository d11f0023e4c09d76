//! The declaration of a table, and its endpoint's settings.

use serde_json::{Value, json};

use super::super::endpoint::{Form, Layout, Ops, Stamp};
use super::super::history::{COLUMNS, KEY};
use super::{NO_SUP, Writer};
use crate::oracle::value::Kind;

impl Writer<'_> {
    /// All columns with the declared types.
    pub(super) fn columns(&self) -> Vec<(String, String, Kind)> {
        let own = COLUMNS.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
        let mut columns: Vec<(String, Kind)> = own.collect();
        let mut add = |is_there: bool, name: &str, kind: Kind| {
            if is_there {
                columns.push((name.to_owned(), kind));
            }
        };
        add(self.endpoint.word, "op_word", Kind::Text);
        add(self.endpoint.sequence, "seq", Kind::Text);
        for (name, kind) in &COLUMNS[..KEY] {
            add(self.endpoint.before_image, &format!("BI_{name}"), *kind);
        }
        columns.into_iter().map(|(name, kind)| (name, kind.sql().to_owned(), kind)).collect()
    }

    /// The declaration.
    pub(in super::super) fn ddl(&self, location: &str) -> String {
        let mut columns: Vec<String> = self
            .columns()
            .into_iter()
            .map(|(name, declared, _)| match name.as_str() {
                "seq" => format!("{name} VARCHAR(35)"),
                _ => format!("{name} {declared}"),
            })
            .collect();
        if self.endpoint.stamp == Stamp::Declared {
            columns.push("committed TIMESTAMP".to_owned());
        }
        let own = [
            ("AllowEmpty", Some("true")),
            ("BeforeImagePrefix", self.endpoint.before_image.then_some("BI_")),
            ("ChangeSequenceColumn", self.endpoint.sequence.then_some("seq")),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name, json!(value?))));
        let mut options: Vec<(&str, Value)> = own.collect();
        match self.description() {
            Some((file, _)) => options.push(("S3Settings", json!(file))),
            None => options.extend(self.settings()),
        }
        let options: Vec<String> = options
            .into_iter()
            .map(|(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("'{name}' '{text}'")
            })
            .collect();
        format!(
            "CREATE EXTERNAL TABLE t{} ({}, PRIMARY KEY (id, part)) STORED AS DMS LOCATION '{location}' OPTIONS ({});\n",
            self.index,
            columns.join(", "),
            options.join(", ")
        )
    }

    /// The description of the endpoint: a file of the job and its text.
    pub(in super::super) fn description(&self) -> Option<(String, String)> {
        let settings: serde_json::Map<String, Value> =
            self.settings().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let described = json!({"Endpoints": [{"EndpointIdentifier": "x", "EngineName": "s3", "S3Settings": settings}]});
        self.endpoint.described.then(|| (format!("e{}.json", self.index), described.to_string()))
    }

    /// DMS's own settings, but for defaults.
    fn settings(&self) -> Vec<(&'static str, Value)> {
        let endpoint = self.endpoint;
        let mut settings: Vec<(&'static str, Value)> = Vec::new();
        let mut set = |is_set: bool, name: &'static str, value: Value| {
            if is_set {
                settings.push((name, value));
            }
        };
        if let Form::Parquet { gzip, version_2, dictionary, millis } = endpoint.form {
            set(true, "DataFormat", json!("parquet"));
            set(gzip, "CompressionType", json!("GZIP"));
            set(version_2, "ParquetVersion", json!("parquet-2-0"));
            set(!dictionary, "EncodingType", json!("plain"));
            set(millis, "ParquetTimestampInMillisecond", json!(true));
        }
        set(endpoint.form == Form::Gzip, "CompressionType", json!("gzip"));
        set(endpoint.ops == Ops::InsertsOnly, "CdcInsertsOnly", json!(true));
        let no_deletes = matches!(endpoint.ops, Ops::InsertsAndUpdates { .. });
        set(no_deletes, "CdcInsertsAndUpdates", json!(true));
        set(endpoint.op_in_load, "IncludeOpForFullLoad", json!(true));
        set(endpoint.header, "AddColumnName", json!(true));
        set(endpoint.stamp != Stamp::None, "TimestampColumnName", json!("committed"));
        set(endpoint.delimiter != ',', "CsvDelimiter", json!(endpoint.delimiter.to_string()));
        set(endpoint.row_delimiter != "\n", "CsvRowDelimiter", json!(endpoint.row_delimiter));
        set(endpoint.null.is_some(), "CsvNullValue", json!(endpoint.null));
        set(!endpoint.rfc4180, "Rfc4180", json!(false));
        set(endpoint.no_sup, "UseCsvNoSupValue", json!(true));
        set(endpoint.no_sup, "CsvNoSupValue", json!(NO_SUP));
        set(endpoint.padded, "AddTrailingPaddingCharacter", json!(true));
        match endpoint.layout {
            Layout::Dated { sequence, delimiter, zone } => {
                let delimiter = match delimiter {
                    "/" => "SLASH",
                    "_" => "UNDERSCORE",
                    "-" => "DASH",
                    _ => "NONE",
                };
                set(true, "DatePartitionEnabled", json!(true));
                set(true, "DatePartitionSequence", json!(sequence));
                set(true, "DatePartitionDelimiter", json!(delimiter));
                set(zone.is_some(), "DatePartitionTimezone", json!(zone));
            }
            Layout::CdcPath => set(true, "CdcPath", json!("changes")),
            Layout::Transactions => {
                set(true, "CdcPath", json!("tx/all"));
                set(true, "PreserveTransactions", json!(true));
            }
            Layout::Plain | Layout::Folders | Layout::Segments => {}
        }
        settings
    }
}
