//! What runs in AWS, with what of it can run here: `deploy/`.

mod calls;
mod container;
mod pipeline;
mod policy;
mod reasons;
mod stack;
mod template;
mod watched;

use libtest_mimic::Trial;

use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    [template::trials(servers), container::trials(servers), pipeline::trials(servers)]
        .into_iter()
        .flatten()
        .collect()
}
