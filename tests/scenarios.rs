//! What a user does, from the first minute to the worst day: the real binary on whole jobs.

mod changes;
mod credentials;
mod doctor;
mod drift;
mod first_look;
mod first_minute;
mod generations;
mod glue;
mod guards;
mod import;
mod init;
mod kinds_of_change;
mod mistakes;
pub(crate) mod naive;
mod parquet;
mod plan;
mod progress;
mod quality;
mod recent;
mod rejects;
mod routes;
mod samples;
mod secrets;
pub(crate) mod site;
mod status;
mod target_tables;
mod telemetry;
mod tls;
mod tool;
mod transactions;
mod troubles;
mod types;

use libtest_mimic::Trial;

pub(crate) use samples::samples;

use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    [
        first_minute::trials,
        samples::trials,
        generations::trials,
        kinds_of_change::trials,
        recent::trials,
        parquet::trials,
        changes::trials,
        tool::trials,
        mistakes::trials,
        transactions::trials,
        drift::trials,
        first_look::trials,
        troubles::trials,
        rejects::trials,
        routes::trials,
        glue::trials,
        guards::trials,
        plan::trials,
        quality::trials,
        types::trials,
        target_tables::trials,
        secrets::trials,
        credentials::trials,
        telemetry::trials,
        status::trials,
        progress::trials,
        tls::trials,
        doctor::trials,
        init::trials,
        import::trials,
    ]
    .iter()
    .flat_map(|module| module(servers))
    .collect()
}
