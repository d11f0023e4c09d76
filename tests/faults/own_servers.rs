//! Servers of these tests alone, which may be killed and whose settings may be changed. One test at a time uses each.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use libtest_mimic::Trial;

use crate::scenarios::site::Site;
use crate::support::MySqlServer;
use crate::support::mysql::{FAST, Flavour};
use crate::support::servers::install;

/// Tables that are not in files of their own fill this, so that a disk can be full without a file system of its own.
const STORAGE: &str = "--innodb-data-file-path=ibdata1:12M:autoextend:max:28M";

type Own = LazyLock<Mutex<MySqlServer>>;
type Pick = fn(&OwnServers) -> &Own;

/// Each server starts with the first test that uses it, and stops when the last owner is gone.
#[derive(Debug)]
pub(super) struct OwnServers {
    mysql: Own,
    mariadb: Own,
}

impl OwnServers {
    pub(super) fn shared() -> Arc<Self> {
        Arc::new(Self {
            mysql: LazyLock::new(|| start(Flavour::MySql)),
            mariadb: LazyLock::new(|| start(Flavour::MariaDb)),
        })
    }
}

fn start(flavour: Flavour) -> Mutex<MySqlServer> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let options: Vec<&str> = FAST.into_iter().chain([STORAGE]).collect();
    Mutex::new(MySqlServer::start(flavour, &install(), Arc::new(runtime), &options))
}

/// One trial for each server, named `faults::MODULE::TEST::SERVER`.
pub(super) fn each(own: &Arc<OwnServers>, name: &str, test: fn(&Site<'_>)) -> Vec<Trial> {
    let name = name.strip_prefix("e2e::").unwrap_or(name);
    let pick: [(&str, Pick); 2] = [("mysql", |own| &own.mysql), ("mariadb", |own| &own.mariadb)];
    let trial = |(server, pick): (&str, Pick)| {
        let own = Arc::clone(own);
        Trial::test(format!("{name}::{server}"), move || {
            let server = pick(&own).lock().unwrap_or_else(PoisonError::into_inner);
            test(&Site::at(&server));
            Ok(())
        })
    };
    pick.into_iter().map(trial).collect()
}

/// Makes trials of functions `fn(&Site)` of the calling module on both servers.
macro_rules! on_own_servers {
    ($own:expr; $($test:ident),+ $(,)?) => {
        [$($crate::faults::own_servers::each(
            $own,
            concat!(module_path!(), "::", stringify!($test)),
            $test,
        )),+]
        .into_iter()
        .flatten()
        .collect()
    };
}
pub(super) use on_own_servers;

/// A setting of the whole server, until it is dropped.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    server: &'a MySqlServer,
    name: &'static str,
    before: String,
}

impl<'a> Setting<'a> {
    pub(super) fn change(server: &'a MySqlServer, name: &'static str, value: &str) -> Self {
        let before = server.query("", &format!("SELECT @@GLOBAL.{name}")).remove(0).remove(0);
        server.execute("", &format!("SET GLOBAL {name} = {value}"));
        Self { server, name, before: before.expect("a setting has a value") }
    }
}

impl Drop for Setting<'_> {
    fn drop(&mut self) {
        let sql = format!("SET GLOBAL {} = {}", self.name, self.before);
        let restored = self.server.try_execute("", &sql);
        // A panic while another one unwinds would end the whole suite.
        assert!(restored.is_ok() || std::thread::panicking(), "{sql}: {restored:?}");
    }
}
