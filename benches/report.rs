//! The report: a table of all measurements, and one of the limits.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use crate::limits::{self, LIMITS, Limit};
use crate::measured::{Measured, Spread, What};

/// What the numbers depend on.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) rows: u64,
    pub(crate) rounds: u64,
    pub(crate) cores: usize,
    pub(crate) server: Option<String>,
    pub(crate) profile: String,
}

#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) setting: Setting,
    pub(crate) measured: Measured,
}

impl Report {
    pub(crate) fn json(&self) -> Value {
        let Setting { rows, rounds, cores, server, profile } = &self.setting;
        let measured: Vec<Value> = self
            .measured
            .values()
            .map(|(what, values)| {
                let ratio = |baseline| Some((baseline, self.measured.ratio(what, baseline)?));
                let ratios: BTreeMap<&str, f64> = what
                    .baselines()
                    .iter()
                    .filter_map(|baseline| ratio(*baseline))
                    .map(|(baseline, ratio)| (baseline.name(), ratio))
                    .collect();
                json!({
                    "name": what.name(),
                    "unit": what.unit().name(),
                    "values": values,
                    "median": Spread::of(values).median,
                    "ratios": ratios,
                })
            })
            .collect();
        let limits: Vec<Value> = self
            .limits()
            .map(|(limit, value)| {
                json!({
                    "name": limit.what.name(),
                    "measured": value,
                    "at_most": limit.at_most,
                    "unit": limit.unit().name(),
                    "baseline": limit.baseline.map(What::name),
                    "verdict": limit.verdict(value, self.judged()),
                })
            })
            .collect();
        json!({
            "schema_version": 2,
            "rows": rows,
            "rounds": rounds,
            "cores": cores,
            "server": server,
            "profile": profile,
            "measured": measured,
            "limits": limits,
        })
    }

    /// Limits of what was measured, with the measured value.
    fn limits(&self) -> impl Iterator<Item = (&Limit, f64)> {
        LIMITS.iter().filter_map(|limit| Some((limit, limit.measured(&self.measured)?)))
    }

    fn judged(&self) -> bool {
        limits::judged(self.setting.rows, &self.setting.profile)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { rows, rounds, cores, server, profile } = &self.setting;
        let server = server.as_deref().unwrap_or("not needed");
        writeln!(
            f,
            "{rows} rows, {rounds} rounds; {cores} cores, server {server}, profile {profile}\n"
        )?;
        writeln!(f, "| measured | median | min | max | ratio to |")?;
        writeln!(f, "|---|---:|---:|---:|---|")?;
        for (what, values) in self.measured.values() {
            let Spread { least, median, most } = Spread::of(values);
            let [median, least, most] = [median, least, most].map(|value| what.unit().show(value));
            let ratios: Vec<String> = what
                .baselines()
                .iter()
                .filter_map(|baseline| Some((baseline, self.measured.ratio(what, *baseline)?)))
                .map(|(baseline, ratio)| format!("{}: {ratio:.2}", baseline.name()))
                .collect();
            let name = what.name();
            writeln!(f, "| {name} | {median} | {least} | {most} | {} |", ratios.join("; "))?;
        }
        writeln!(f, "\n| what | measured | at most | verdict |")?;
        writeln!(f, "|---|---:|---:|---|")?;
        for (limit, value) in self.limits() {
            let show = |value| limit.unit().show(value);
            let baseline = limit.baseline.map_or("", What::name);
            let (name, verdict) = (limit.what.name(), limit.verdict(value, self.judged()));
            let at_most = [&show(limit.at_most), baseline].join(" ");
            writeln!(f, "| {name} | {} | {} | {verdict} |", show(value), at_most.trim_end())?;
        }
        if !self.judged() {
            let rows = limits::ROWS;
            writeln!(f, "\nNot judged: the limits are for {rows} rows and a release build.")?;
        }
        Ok(())
    }
}
