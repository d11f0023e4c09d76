//! What can be measured alone: one file each.

mod aggregates;
mod changes;
mod files;
mod ledger;
mod load;
mod memory;
mod reading;
mod s3;
mod size;
mod small;
mod twins;

use crate::bench::Bench;
use crate::measured::Measured;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Load,
    Changes,
    Small,
    Memory,
    Reading,
    Aggregates,
    Ledger,
    Files,
    S3,
    Size,
}

impl Group {
    const ALL: [(&'static str, Self); 10] = [
        ("load", Self::Load),
        ("changes", Self::Changes),
        ("small", Self::Small),
        ("memory", Self::Memory),
        ("reading", Self::Reading),
        ("aggregates", Self::Aggregates),
        ("ledger", Self::Ledger),
        ("files", Self::Files),
        ("s3", Self::S3),
        ("size", Self::Size),
    ];

    /// The groups of these names; all, if there is none.
    pub(crate) fn named<'a>(names: impl Iterator<Item = &'a String>) -> Vec<Self> {
        let group = |wanted: &String| {
            let found = Self::ALL.iter().find(|(name, _)| name == wanted);
            let known = Self::ALL.map(|(name, _)| name).join(", ");
            found.unwrap_or_else(|| panic!("there is no group `{wanted}`, but: {known}")).1
        };
        let named: Vec<Self> = names.map(group).collect();
        if named.is_empty() { Self::ALL.map(|(_, group)| group).to_vec() } else { named }
    }
}

pub(crate) fn measure(bench: &Bench, measured: &mut Measured, groups: &[Group]) {
    twins::measure(bench, measured, groups);
    for (name, group) in Group::ALL.iter().filter(|(_, group)| groups.contains(group)) {
        let measure = match group {
            // These follow each other on the same tables.
            Group::Load | Group::Changes | Group::Small => continue,
            Group::Memory => memory::measure,
            Group::Reading => reading::measure,
            Group::Aggregates => aggregates::measure,
            Group::Ledger => ledger::measure,
            Group::Files => files::measure,
            Group::S3 => s3::measure,
            Group::Size => size::measure,
        };
        eprintln!("{name}");
        measure(bench, measured);
    }
}
