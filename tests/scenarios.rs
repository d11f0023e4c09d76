//! What a user does, from the first minute to the worst day: the real binary on whole jobs.

mod first_minute;
mod naive;
mod site;

use libtest_mimic::Trial;

use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    [first_minute::trials].iter().flat_map(|module| module(servers)).collect()
}
