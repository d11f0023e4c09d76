//! What is measured, and the values of all rounds.

use std::collections::BTreeMap;

/// What is measured; the order is the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    FullLoad,
    LoadDataOneStream,
    LoadDataTwoStreams,
    Changes,
    MergeByHand,
    SixChanges,
    SixStatements,
    Version,
    Plan,
    LoadMemory,
    LargeLoadMemory,
    ChangesMemory,
    Reading,
    ReadingWithoutKey,
    PlainDataFusion,
    Aggregates,
    ObjectAfterMany,
    ObjectAfterFew,
    FilesFromFolder,
    FilesFromS3,
    LargeFromS3,
    LargeFromFolder,
    LargeFetched,
    Binary,
    BinaryNotStripped,
}

impl What {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullLoad => "full load",
            Self::LoadDataOneStream => "LOAD DATA, one stream",
            Self::LoadDataTwoStreams => "LOAD DATA, two streams",
            Self::Changes => "changes",
            Self::MergeByHand => "merge by hand",
            Self::SixChanges => "six changes",
            Self::SixStatements => "script of six statements",
            Self::Version => "version",
            Self::Plan => "plan of the sample job",
            Self::LoadMemory => "peak memory of a full load",
            Self::LargeLoadMemory => "peak memory of a full load of ten times the rows",
            Self::ChangesMemory => "peak memory of as many pending changes as rows",
            Self::Reading => "reading and SQL alone",
            Self::ReadingWithoutKey => "reading and SQL alone, no key declared",
            Self::PlainDataFusion => "plain DataFusion",
            Self::Aggregates => "aggregates after some changes",
            Self::ObjectAfterMany => "one new object after many applied ones",
            Self::ObjectAfterFew => "one new object after 20",
            Self::FilesFromFolder => "many change files from a folder",
            Self::FilesFromS3 => "many change files from S3",
            Self::LargeFromS3 => "reading ten times the rows from S3",
            Self::LargeFromFolder => "reading them from a folder",
            Self::LargeFetched => "asking S3 for them and not reading them",
            Self::Binary => "stripped binary",
            Self::BinaryNotStripped => "binary, not stripped since there is no `strip`",
        }
    }

    /// What it is compared with.
    pub(crate) fn baselines(self) -> &'static [Self] {
        match self {
            Self::FullLoad => &[Self::LoadDataOneStream, Self::LoadDataTwoStreams],
            Self::Changes => &[Self::MergeByHand],
            Self::SixChanges => &[Self::SixStatements],
            Self::Reading | Self::ReadingWithoutKey => &[Self::PlainDataFusion],
            Self::ObjectAfterMany => &[Self::ObjectAfterFew],
            Self::LargeFromS3 => &[Self::LargeFromFolder, Self::LargeFetched],
            _ => &[],
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::LoadMemory
            | Self::LargeLoadMemory
            | Self::ChangesMemory
            | Self::Binary
            | Self::BinaryNotStripped => Unit::Megabytes,
            _ => Unit::Seconds,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Megabytes,
    /// Of a value to its baseline's.
    Ratio,
}

impl Unit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Megabytes => "MB",
            Self::Ratio => "x",
        }
    }

    pub(crate) fn show(self, value: f64) -> String {
        let name = self.name();
        match self {
            Self::Seconds => format!("{value:.3} {name}"),
            Self::Megabytes => format!("{value:.1} {name}"),
            Self::Ratio => format!("{value:.2} {name}"),
        }
    }
}

/// The values of each measurement, in the order of the rounds.
#[derive(Debug, Default)]
pub(crate) struct Measured(BTreeMap<What, Vec<f64>>);

impl Measured {
    pub(crate) fn add(&mut self, what: What, value: f64) {
        eprintln!("  {}: {}", what.name(), what.unit().show(value));
        self.0.entry(what).or_default().push(value);
    }

    pub(crate) fn add_bytes(&mut self, what: What, bytes: u64) {
        let kilobytes = u32::try_from(bytes / 1_000).expect("less than 4 TB");
        self.add(what, f64::from(kilobytes) / 1_000.0);
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = (What, &[f64])> {
        self.0.iter().map(|(what, values)| (*what, values.as_slice()))
    }

    pub(crate) fn median(&self, what: What) -> Option<f64> {
        self.0.get(&what).map(|values| Spread::of(values).median)
    }

    /// The median of the rounds' ratios: both of a round ran right after each other, so what disturbs a round cancels out.
    pub(crate) fn ratio(&self, what: What, baseline: What) -> Option<f64> {
        let (own, other) = (self.0.get(&what)?, self.0.get(&baseline)?);
        let ratios: Vec<f64> = own.iter().zip(other).map(|(own, other)| own / other).collect();
        Some(Spread::of(&ratios).median)
    }
}

#[derive(Debug)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let last = sorted.len().saturating_sub(1);
        // Of an even number the mean of the two in the middle.
        let median = f64::midpoint(at(last / 2), at(last.div_ceil(2)));
        Self { least: at(0), median, most: at(last) }
    }
}
