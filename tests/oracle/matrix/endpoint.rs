//! The settings of an endpoint, and which of them go together ("S3Settings" of the DMS API reference; the guide's chapter on S3 as a
//! target).

use proptest::test_runner::TestRng;

use super::history::below;

/// Where objects are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Plain,
    /// `DatePartitionEnabled`.
    Dated {
        /// `DatePartitionSequence`.
        sequence: &'static str,
        /// `DatePartitionDelimiter`, as it is written.
        delimiter: &'static str,
        /// `DatePartitionTimezone`.
        zone: Option<&'static str>,
    },
    /// Parallel load: a folder for each partition.
    Folders,
    /// Parallel load: a name for each segment.
    Segments,
    /// `CdcPath` alone.
    CdcPath,
    /// `CdcPath` and `PreserveTransactions`.
    Transactions,
}

const fn dated(
    sequence: &'static str,
    delimiter: &'static str,
    zone: Option<&'static str>,
) -> Layout {
    Layout::Dated { sequence, delimiter, zone }
}

const LAYOUTS: [Layout; 5] =
    [Layout::Plain, Layout::Folders, Layout::Segments, Layout::CdcPath, Layout::Transactions];

const DATED: [Layout; 10] = [
    dated("YYYYMMDD", "/", None),
    dated("YYYYMMDD", "_", None),
    dated("YYYYMMDD", "-", None),
    dated("YYYYMMDD", "", None),
    dated("YYYYMMDDHH", "/", None),
    dated("YYYYMM", "_", None),
    dated("MMYYYYDD", "-", None),
    dated("DDMMYYYY", "", None),
    dated("YYYYMMDD", "/", Some("Europe/Berlin")),
    dated("YYYYMMDDHH", "-", Some("America/New_York")),
];

/// How objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Gzip,
    Parquet {
        /// `CompressionType`.
        gzip: bool,
        /// `ParquetVersion`.
        version_2: bool,
        /// `EncodingType`.
        dictionary: bool,
        /// `ParquetTimestampInMillisecond`.
        millis: bool,
    },
}

const FORMS: [Form; 6] = [
    Form::Csv,
    Form::Gzip,
    Form::Parquet { gzip: false, version_2: false, dictionary: true, millis: false },
    Form::Parquet { gzip: true, version_2: true, dictionary: true, millis: true },
    Form::Parquet { gzip: true, version_2: false, dictionary: false, millis: true },
    Form::Parquet { gzip: false, version_2: true, dictionary: false, millis: false },
];

/// Which changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ops {
    All,
    /// `CdcInsertsOnly`.
    InsertsOnly,
    /// `CdcInsertsAndUpdates`; whether there are operations without `IncludeOpForFullLoad`, the guide says both ways.
    InsertsAndUpdates {
        with_op: bool,
    },
}

/// What `TimestampColumnName` adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    None,
    PassedOver,
    Declared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) layout: Layout,
    pub(super) form: Form,
    pub(super) ops: Ops,
    /// `IncludeOpForFullLoad`.
    pub(super) op_in_load: bool,
    /// `AddColumnName`.
    pub(super) header: bool,
    pub(super) stamp: Stamp,
    /// `CsvDelimiter`.
    pub(super) delimiter: char,
    /// `CsvRowDelimiter`.
    pub(super) row_delimiter: &'static str,
    /// `CsvNullValue`, if it is declared.
    pub(super) null: Option<&'static str>,
    /// What is written for NULL.
    pub(super) null_text: &'static str,
    /// `Rfc4180`.
    pub(super) rfc4180: bool,
    /// `UseCsvNoSupValue`: what an update does not change is not in the log.
    pub(super) no_sup: bool,
    /// `AddTrailingPaddingCharacter`.
    pub(super) padded: bool,
    /// A rule adds before-images of the key.
    pub(super) before_image: bool,
    /// A rule adds `$AR_H_CHANGE_SEQ`; what was written is written once more.
    pub(super) sequence: bool,
    /// A rule adds `$AR_H_OPERATION`.
    pub(super) word: bool,
    /// The source's log holds of a deleted row the key alone.
    pub(super) key_only_deletes: bool,
    /// All settings in a description of the endpoint instead of OPTIONS.
    pub(super) described: bool,
}

impl Endpoint {
    fn plain(layout: Layout, form: Form) -> Self {
        Self {
            layout,
            form,
            ops: Ops::All,
            op_in_load: false,
            header: false,
            stamp: Stamp::None,
            delimiter: ',',
            row_delimiter: "\n",
            null: None,
            null_text: "",
            rfc4180: true,
            no_sup: false,
            padded: false,
            before_image: false,
            sequence: false,
            word: false,
            key_only_deletes: false,
            described: false,
        }
    }

    pub(super) fn is_parquet(&self) -> bool {
        matches!(self.form, Form::Parquet { .. })
    }

    /// Whether changes begin with an operation.
    pub(super) fn has_op(&self) -> bool {
        match self.ops {
            Ops::All => true,
            Ops::InsertsOnly => self.op_in_load,
            Ops::InsertsAndUpdates { with_op } => self.op_in_load || with_op,
        }
    }

    /// Whether DMS lets these settings be together, and this program takes them.
    fn is_allowed(&self) -> bool {
        let is_text = !self.is_parquet();
        let of_text = self.header
            || self.delimiter != ','
            || self.row_delimiter != "\n"
            || self.null.is_some()
            || !self.null_text.is_empty()
            || !self.rfc4180
            || self.no_sup;
        let ordered = self.layout == Layout::Transactions;
        (is_text || !of_text)
            && !(ordered && (self.header || self.ops != Ops::All))
            && !(self.no_sup && self.before_image)
            && self.null.is_none_or(|null| null == self.null_text)
    }

    fn all_settings() -> Vec<fn(&mut Self)> {
        vec![
            |_| {},
            |e| e.ops = Ops::InsertsOnly,
            |e| e.ops = Ops::InsertsAndUpdates { with_op: true },
            |e| e.ops = Ops::InsertsAndUpdates { with_op: false },
            |e| e.op_in_load = true,
            |e| e.header = true,
            |e| e.stamp = Stamp::PassedOver,
            |e| e.stamp = Stamp::Declared,
            |e| e.delimiter = ';',
            |e| e.delimiter = '\t',
            |e| e.delimiter = '|',
            |e| e.row_delimiter = "\r\n",
            |e| e.row_delimiter = "\u{1e}",
            |e| e.null_text = "NULL",
            |e| (e.null, e.null_text) = (Some(""), ""),
            |e| (e.null, e.null_text) = (Some("NULL"), "NULL"),
            |e| (e.null, e.null_text) = (Some("\\N"), "\\N"),
            |e| e.rfc4180 = false,
            |e| e.no_sup = true,
            |e| e.padded = true,
            |e| e.before_image = true,
            |e| e.sequence = true,
            |e| e.word = true,
            |e| e.key_only_deletes = true,
            |e| e.described = true,
        ]
    }
}

/// Each layout in each format with each value of each setting, and with some others by chance. Of the forms of date partitions only
/// one in turn, unless all are wanted.
pub(super) fn endpoints(rng: &mut TestRng, is_whole: bool) -> Vec<Endpoint> {
    let settings = Endpoint::all_settings();
    let mut turn = DATED.iter().cycle();
    let mut all = Vec::new();
    let dated: &[Option<Layout>] = &DATED.map(Some);
    let dated = if is_whole { dated } else { &[None] };
    for layout in LAYOUTS.map(Some).iter().chain(dated) {
        for form in FORMS {
            for set in &settings {
                let layout = layout.or_else(|| turn.next().copied()).unwrap_or(Layout::Plain);
                let mut endpoint = Endpoint::plain(layout, form);
                set(&mut endpoint);
                if !endpoint.is_allowed() {
                    continue;
                }
                for _ in 0..3 {
                    let mut with_more = endpoint;
                    settings[below(rng, settings.len())](&mut with_more);
                    // The one that it is about stays.
                    set(&mut with_more);
                    if with_more.is_allowed() {
                        endpoint = with_more;
                    }
                }
                all.push(endpoint);
            }
        }
    }
    all
}
