//! MySQL and MariaDB as a target.
//!
//! A file for each step: `url`, `parameters`, `secret` and `tls` (where the server is), `login` (who logs in), `connect` (every connection and its session), `describe`, `described` and `check` (tables that are there), `types`
//! and `ddl` (tables that we create), `encode`, `document` and `decode` (values), `statement` and `quote` (SQL text), `insert` and `load`
//! (rows to the server), `apply` (changes), `rebuild` and `swap` (full loads), `planned` (their statements beforehand), `ledger` and `marker` (what is remembered), `lock`
//! and `fence` (who may write), `grants` (what may be seen), `read`, `examine` (what usually goes wrong), `definition` (tables that DMS reads). `error` alone decides what a server's error means, `retry` alone what is tried again.

mod apply;
mod check;
mod connect;
mod ddl;
mod decode;
pub(crate) mod definition;
mod describe;
mod described;
mod document;
mod encode;
mod error;
mod examine;
mod fence;
mod grants;
mod insert;
mod layout;
mod ledger;
mod load;
mod lock;
mod login;
mod marker;
mod parameters;
mod planned;
mod quote;
mod read;
mod rebuild;
mod retry;
mod search;
mod secret;
mod statement;
mod swap;
mod tls;
mod types;
mod url;

use std::time::Duration;

use async_trait::async_trait;
use datafusion::execution::SendableRecordBatchStream;

use crate::doctor::finding::Finding;
use crate::environment::Environment;
use crate::error::Result;
use crate::target::ledger::{Ledger, Wanted};
use crate::target::name::TableName;
use crate::target::{
    Counts, Lock, Mismatch, PlannedChange, ReadRequest, Record, TableChange, TableDef,
    TableRebuild, TableSpec, Target,
};
use connect::Connector;
use described::Described;

/// A database of a MySQL (8.0.17 or later) or MariaDB (10.6 or later) server.
#[derive(Debug)]
pub struct MySqlTarget {
    connector: Connector,
    described: Described,
}

impl MySqlTarget {
    /// Connects to `mysql://user:password@host:3306/db`, or to what a secret names: `secretsmanager://NAME-OR-ARN`.
    ///
    /// # Errors
    /// `Usage` for a wrong URL, secret, login or database, `Temporary` for a server that does not answer.
    pub async fn connect(url: &str, environment: &Environment) -> Result<Self> {
        let (server, logins) = login::of_url(url, environment).await?;
        let connector = Connector::new(server, logins).await?;
        Ok(Self { connector, described: Described::default() })
    }
}

/// Looks at a server's URL, and at nothing else.
///
/// # Errors
/// `Usage` for one that cannot be.
pub(super) fn check_url(url: &str) -> Result<()> {
    url::Parts::parse(url).map(drop)
}

/// The same of one that names a secret.
///
/// # Errors
/// `Usage` for one that cannot be.
pub(super) fn check_secret(url: &str) -> Result<()> {
    secret::check(url)
}

#[async_trait]
impl Target for MySqlTarget {
    fn display_name(&self) -> String {
        self.connector.url().to_string()
    }

    fn identifier_length_max(&self) -> usize {
        quote::IDENTIFIER_LENGTH_MAX
    }

    async fn lock(&self, job: &str, wait: Duration) -> Result<Box<dyn Lock>> {
        Ok(lock::lock(&self.connector, job, wait).await?)
    }

    async fn is_locked(&self, job: &str) -> Result<bool> {
        let mut conn = self.connector.take().await?;
        let is_held = lock::is_held(&mut conn, self.connector.url().database(), job).await?;
        self.connector.give(conn);
        Ok(is_held)
    }

    async fn ledger(&self, job: &str, wanted: &Wanted<'_>) -> Result<Ledger> {
        let mut conn = self.connector.take().await?;
        let ledger = swap::ledger_after(&mut conn, job, wanted).await?;
        self.connector.give(conn);
        Ok(ledger)
    }

    async fn recover(&self, job: &str) -> Result<()> {
        let mut conn = self.connector.take().await?;
        ledger::create(&mut conn, self.connector.server(), job).await?;
        swap::recover(&mut conn, &self.connector, job).await?;
        self.connector.give(conn);
        Ok(())
    }

    async fn describe(&self, table: &TableName) -> Result<Option<TableDef>> {
        let mut conn = self.connector.take().await?;
        let found = describe::describe(&mut conn, table).await?;
        self.connector.give(conn);
        if let Some(found) = &found {
            self.described.put(found.clone());
        }
        Ok(found.map(|found| found.def))
    }

    async fn tables(&self) -> Result<Vec<TableName>> {
        let mut conn = self.connector.take().await?;
        let found = describe::tables(&mut conn).await?;
        self.connector.give(conn);
        Ok(found)
    }

    fn check(&self, spec: &TableSpec, def: &TableDef) -> Vec<Mismatch> {
        check::check(spec, def)
    }

    fn create_statement(&self, spec: &TableSpec) -> Result<String> {
        ddl::create_statement(spec, self.connector.server())
    }

    async fn statements(&self, spec: &TableSpec, planned: PlannedChange) -> Result<Vec<String>> {
        Ok(planned::statements(&self.connector, spec, planned).await?)
    }

    async fn examine(&self, tables: &[TableSpec]) -> Result<Vec<Finding>> {
        let mut conn = self.connector.open().await?;
        Ok(examine::examine(&mut conn, &self.connector, tables).await?)
    }

    async fn read(&self, request: ReadRequest) -> Result<SendableRecordBatchStream> {
        Ok(read::read(&self.connector, request).await?)
    }

    async fn apply(&self, changes: &[TableChange], record: &dyn Record) -> Result<Vec<Counts>> {
        Ok(apply::apply(&self.connector, &self.described, changes, record).await?)
    }

    async fn rebuild(&self, tables: &[TableRebuild], record: &dyn Record) -> Result<Vec<Counts>> {
        Ok(rebuild::rebuild(&self.connector, tables, record).await?)
    }
}
