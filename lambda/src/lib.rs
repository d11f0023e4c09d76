//! Starts the tasks that run the jobs whose objects events tell of.
//!
//! One invocation, in the order of the modules: messages are read ([`ask`]), what they tell is routed to jobs ([`routes`]) and put together
//! ([`need`]), for each job it is decided whether a task is needed ([`decide`], [`restart`]), and one is started ([`start`], [`ecs`]). What
//! could not be done is handed back ([`handler`]).
//!
//! It links no engine, so that it starts in milliseconds. The binary `lambda-inline` (feature `inline`) does: it runs jobs itself that have
//! little to do ([`mod@inline`]).

pub mod ask;
pub mod aws;
pub mod begin;
pub mod command;
pub mod decide;
pub mod ecs;
pub mod handler;
pub mod inline;
pub mod metrics;
pub mod need;
pub mod restart;
pub mod route_source;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod start;
mod task_event;
pub mod told;
pub mod work;
