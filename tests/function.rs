//! The function that events invoke, as a process, with ECS played by the test and the tasks run for real.

mod inline;
mod losses;
mod world;

use libtest_mimic::Trial;

use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    [losses::trials(servers), inline::trials(servers)].into_iter().flatten().collect()
}
