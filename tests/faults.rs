//! What fails around a run: answers that are lost, servers in trouble, runs at once, signals. Afterwards the tables equal the SQL
//! over the replayed objects, nothing is left over, and the next run has nothing to do.
//!
//! `UNGLUE_FAULTS` adds so many faults at random moments for each server; `UNGLUE_SEED` is the seed of their choice.

mod at_once;
mod at_random;
mod lost_answers;
mod own_servers;
mod privileges;
mod restarts;
mod settings;
mod signals;
mod songs;

use libtest_mimic::Trial;

use crate::support::Shared;
use own_servers::OwnServers;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    let own = OwnServers::shared();
    [lost_answers::trials, at_once::trials, signals::trials, privileges::trials, at_random::trials]
        .iter()
        .flat_map(|module| module(servers))
        .chain(restarts::trials(&own))
        .chain(settings::trials(&own))
        .collect()
}
