//! Times of all rounds, and the table of them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

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
    Plan,
    Version,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::FullLoad => "full load",
            Self::LoadDataOneStream => "- LOAD DATA, one stream",
            Self::LoadDataTwoStreams => "- LOAD DATA, two streams",
            Self::Changes => "changes",
            Self::MergeByHand => "- merge by hand",
            Self::SixChanges => "six changes",
            Self::SixStatements => "- six statements",
            Self::Plan => "plan of the sample job",
            Self::Version => "version",
        }
    }

    fn plain_name(self) -> &'static str {
        self.name().trim_start_matches("- ")
    }

    fn baselines(self) -> &'static [Self] {
        match self {
            Self::FullLoad => &[Self::LoadDataOneStream, Self::LoadDataTwoStreams],
            Self::Changes => &[Self::MergeByHand],
            Self::SixChanges => &[Self::SixStatements],
            _ => &[],
        }
    }
}

/// What the numbers depend on.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) rows: u64,
    pub(crate) changes: u64,
    pub(crate) cores: usize,
    pub(crate) server: String,
    pub(crate) profile: String,
}

/// Seconds of each measurement, one for each round.
#[derive(Debug)]
pub(crate) struct Report {
    setting: Setting,
    seconds: BTreeMap<What, Vec<f64>>,
}

impl Report {
    pub(crate) fn new(setting: Setting) -> Self {
        Self { setting, seconds: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, what: What, elapsed: Duration) {
        self.seconds.entry(what).or_default().push(elapsed.as_secs_f64());
    }

    pub(crate) fn json(&self) -> Value {
        let Setting { rows, changes, cores, server, profile } = &self.setting;
        let measured: Vec<Value> = self
            .seconds
            .iter()
            .map(|(what, seconds)| {
                let ratios: BTreeMap<&str, f64> = what
                    .baselines()
                    .iter()
                    .map(|baseline| (baseline.plain_name(), self.ratio(*what, *baseline)))
                    .collect();
                json!({
                    "name": what.plain_name(),
                    "seconds": seconds,
                    "median": Spread::of(seconds).median,
                    "ratios": ratios,
                })
            })
            .collect();
        json!({
            "schema_version": 1,
            "rows": rows,
            "changes": changes,
            "cores": cores,
            "server": server,
            "profile": profile,
            "measured": measured,
        })
    }

    /// The median of the rounds' ratios: both of a round ran right after each other, so what disturbs a round cancels out.
    fn ratio(&self, what: What, baseline: What) -> f64 {
        let of = |what| self.seconds.get(&what).into_iter().flatten();
        let ratios: Vec<f64> = of(what).zip(of(baseline)).map(|(own, other)| own / other).collect();
        Spread::of(&ratios).median
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { rows, changes, cores, server, profile } = &self.setting;
        let rounds = self.seconds.values().map(Vec::len).max().unwrap_or(0);
        writeln!(
            f,
            "{rows} rows, {changes} changes, {rounds} rounds; {cores} cores, server {server}, profile {profile}\n"
        )?;
        writeln!(f, "| | median s | min s | max s | ratio to its baseline |")?;
        writeln!(f, "|---|---:|---:|---:|---:|")?;
        for (what, seconds) in &self.seconds {
            let Spread { least, median, most } = Spread::of(seconds);
            let baselines = what.baselines().iter();
            let ratios: Vec<String> =
                baselines.map(|baseline| format!("{:.2}", self.ratio(*what, *baseline))).collect();
            writeln!(
                f,
                "| {} | {median:.3} | {least:.3} | {most:.3} | {} |",
                what.name(),
                ratios.join(" / ")
            )?;
        }
        Ok(())
    }
}

struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let last = sorted.len().saturating_sub(1);
        // Of an even number the mean of the two in the middle.
        let median = f64::midpoint(at(last / 2), at(last.div_ceil(2)));
        Self { least: at(0), median, most: at(last) }
    }
}
