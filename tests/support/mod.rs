//! What every end-to-end test stands on: real servers, and the real binary.

pub(crate) mod binary;
pub(crate) mod clear_text;
pub(crate) mod counts;
#[expect(dead_code, reason = "the function's own tests use the rest")]
pub(crate) mod ecs;
pub(crate) mod emf;
pub(crate) mod function;
pub(crate) mod keyboard;
pub(crate) mod moto;
pub(crate) mod mysql;
pub(crate) mod parquet;
mod postgres;
mod process;
pub(crate) mod proxy;
mod s3;
pub(crate) mod schema;
pub(crate) mod scripted_http;
pub(crate) mod servers;
pub(crate) mod slow;
pub(crate) mod terminal;

pub(crate) use binary::{Output, Runner, Running};
pub(crate) use keyboard::Terminal;
pub(crate) use moto::Moto;
pub(crate) use mysql::MySqlServer;
pub(crate) use s3::S3Server;
pub(crate) use servers::{Servers, Shared};

use libtest_mimic::Trial;

/// The number that an environment variable holds, if it is there.
pub(crate) fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

/// Makes a trial of a function; prefer [`trials!`], which takes the name from it.
pub(crate) fn trial(servers: &Shared, name: &str, test: fn(&Servers)) -> Trial {
    let servers = Shared::clone(servers);
    let name = name.strip_prefix("e2e::").unwrap_or(name).to_owned();
    Trial::test(name, move || {
        test(&servers);
        Ok(())
    })
}

/// Makes a list of trials of functions `fn(&Servers)` of the calling module, named `module::function`.
macro_rules! trials {
    ($servers:expr; $($test:ident),+ $(,)?) => {
        vec![$($crate::support::trial(
            $servers,
            concat!(module_path!(), "::", stringify!($test)),
            $test,
        )),+]
    };
}
pub(crate) use trials;
