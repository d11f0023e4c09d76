//! What usually goes wrong with a server, looked for before a run (`runner doctor`).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, Utc};
use mysql_async::Conn;

use crate::doctor::CLOCK_TOLERANCE_SECONDS;
use crate::doctor::finding::Finding;
use crate::target::TableSpec;
use crate::target::mysql::connect::Connector;
use crate::target::mysql::error::Result;
use crate::target::mysql::{decode, grants};

/// Below this, inserts are many small statements, and a row of some length does not fit.
const PACKET_BYTES_WANTED: u64 = 4 << 20;

/// Looks at the server as it is for the user of the URL.
pub(super) async fn examine(
    conn: &mut Conn,
    connector: &Connector,
    tables: &[TableSpec],
) -> Result<Vec<Finding>> {
    let place = connector.url().to_string();
    let settings = settings(conn).await?;
    let mut findings = vec![server(conn, connector, &place).await?];
    findings.extend(login(connector, &place));
    findings.extend(tls(connector, &place));
    findings.extend(of_settings(&settings, tables, &place));
    findings.extend(rights(conn, connector, tables, &place).await?);
    findings.extend(clock(conn, &place).await?);
    Ok(findings)
}

async fn server(conn: &mut Conn, connector: &Connector, place: &str) -> Result<Finding> {
    let rows = decode::rows(conn, "SHOW STATUS LIKE 'Ssl_cipher'", Vec::new()).await?;
    let cipher = rows.first().and_then(|row| row.get(1)).and_then(decode::text);
    let cipher = cipher.filter(|cipher| !cipher.is_empty());
    let server = connector.server();
    let (major, minor, patch) = server.version;
    let encrypted =
        cipher.map_or_else(|| "not encrypted".to_owned(), |cipher| format!("encrypted, {cipher}"));
    let message = format!("{:?} {major}.{minor}.{patch}, {encrypted}", server.flavour);
    Ok(Finding::note("target.server", place, message))
}

fn login(connector: &Connector, place: &str) -> Option<Finding> {
    Some(Finding::note("target.login", place, connector.logins().origin()?))
}

fn tls(connector: &Connector, place: &str) -> Option<Finding> {
    let weakness = connector.url().tls_weakness()?;
    Some(
        Finding::warning("target.tls", place, weakness)
            .next("use ssl-mode=VERIFY_IDENTITY, with ssl-ca=… for an authority of your own; docs/operations.md says how to get that of RDS"),
    )
}

async fn settings(conn: &mut Conn) -> Result<BTreeMap<String, String>> {
    let sql = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('local_infile', 'read_only', 'super_read_only', \
        'max_allowed_packet', 'innodb_flush_log_at_trx_commit', 'sql_require_primary_key', \
        'innodb_force_primary_key', 'system_time_zone', 'time_zone', 'sql_mode', 'character_set_server')";
    let rows = decode::rows(conn, sql, Vec::new()).await?;
    let text = |row: &[mysql_async::Value], index: usize| row.get(index).and_then(decode::text);
    Ok(rows
        .iter()
        .filter_map(|row| Some((text(row, 0)?.to_ascii_lowercase(), text(row, 1)?)))
        .collect())
}

/// Pure.
fn of_settings(
    settings: &BTreeMap<String, String>,
    tables: &[TableSpec],
    place: &str,
) -> Vec<Finding> {
    let value = |name: &str| settings.get(name).map_or("", String::as_str);
    let is_on = |name: &str| matches!(value(name), "ON" | "1");
    let mut findings = Vec::new();
    if is_on("read_only") || is_on("super_read_only") {
        findings.push(
            Finding::error("target.read_only", place, "the server is read-only")
                .next("name the writer, not a replica"),
        );
    }
    if !is_on("local_infile") {
        let message = "local_infile is off: rows are inserted by statements, which takes several times as long";
        findings.push(
            Finding::warning("target.local_infile", place, message)
                .next("set local_infile = 1 on the server (its parameter group)"),
        );
    }
    if value("max_allowed_packet").parse().is_ok_and(|bytes: u64| bytes < PACKET_BYTES_WANTED) {
        let message = format!(
            "max_allowed_packet is {} bytes: longer rows are refused",
            value("max_allowed_packet")
        );
        findings.push(
            Finding::warning("target.max_allowed_packet", place, message)
                .next("set max_allowed_packet = 64M on the server"),
        );
    }
    if !matches!(value("innodb_flush_log_at_trx_commit"), "1" | "") {
        let message = "innodb_flush_log_at_trx_commit is not 1: a crash of the server may take back the last runs; the next run repeats them";
        findings.push(Finding::note("target.durability", place, message));
    }
    for setting in ["sql_require_primary_key", "innodb_force_primary_key"] {
        let keyless = tables.iter().filter(|spec| spec.key.is_empty() && is_on(setting));
        findings.extend(keyless.map(|spec| {
            let message = format!("{setting} is on, and the model has no key");
            Finding::error("target.require_key", format!("table {}", spec.table), message)
                .next(format!("name a `key` of the model in job.toml, or set {setting} = 0"))
        }));
    }
    findings.extend(of_other_writers(value, place));
    let zone = match value("time_zone") {
        "SYSTEM" => value("system_time_zone"),
        zone => zone,
    };
    if !matches!(zone, "UTC" | "+00:00" | "Etc/UTC" | "GMT" | "") {
        let message = format!(
            "the server's time zone is {zone}: runs write in UTC, and readers see TIMESTAMP columns in the zone of their session"
        );
        findings.push(Finding::note("target.time_zone", place, message));
    }
    findings
}

/// What runs set for themselves, so that it concerns whoever else writes or creates tables. Pure.
fn of_other_writers<'a>(value: impl Fn(&str) -> &'a str, place: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !value("sql_mode").contains("STRICT_") {
        let message = "the server's sql_mode is not strict: runs set their own, but other writers of the tables may cut values without an error";
        findings.push(
            Finding::note("target.sql_mode", place, message)
                .next("add STRICT_TRANS_TABLES to sql_mode on the server"),
        );
    }
    let charset = value("character_set_server");
    if !matches!(charset, "utf8mb4" | "") {
        let message = format!(
            "the server's character set is {charset}: runs create their tables with utf8mb4, but tables made by hand may not hold every text"
        );
        findings.push(
            Finding::note("target.charset", place, message)
                .next("create tables with DEFAULT CHARACTER SET utf8mb4"),
        );
    }
    findings
}

async fn rights(
    conn: &mut Conn,
    connector: &Connector,
    tables: &[TableSpec],
    place: &str,
) -> Result<Vec<Finding>> {
    let database = connector.url().database();
    let mut schemas: BTreeSet<&str> = BTreeSet::from([database]);
    schemas.extend(tables.iter().filter_map(|spec| spec.table.schema()));
    let mut findings = Vec::new();
    for schema in schemas {
        let missing = grants::missing(conn, schema).await?;
        if !missing.is_empty() {
            let missing = missing.join(", ");
            let message = format!("no grant on the whole of `{schema}` holds {missing}");
            findings.push(
                Finding::error("target.grants", place, message)
                    .next(format!("GRANT {missing} ON `{schema}`.* TO the user")),
            );
        }
    }
    Ok(findings)
}

async fn clock(conn: &mut Conn, place: &str) -> Result<Option<Finding>> {
    let sql = "SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%d %H:%i:%s')";
    let rows = decode::rows(conn, sql, Vec::new()).await?;
    let text = rows.first().and_then(|row| row.first()).and_then(decode::text).unwrap_or_default();
    let Ok(theirs) = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S") else {
        return Ok(None);
    };
    let apart = (theirs - Utc::now().naive_utc()).num_seconds().abs();
    Ok((apart > CLOCK_TOLERANCE_SECONDS).then(|| {
        let message = format!("the server's clock and this machine's are {apart} s apart");
        Finding::warning("target.clock", place, message).next("set the clock that is wrong")
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::datatypes::Schema;

    use super::*;

    fn checks(settings: &[(&str, &str)], tables: &[TableSpec]) -> Vec<&'static str> {
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        of_settings(&settings, tables, "mysql://h/db").iter().map(|found| found.check).collect()
    }

    #[test]
    fn a_server_as_it_should_be_has_no_findings() {
        let good = [
            ("local_infile", "ON"),
            ("read_only", "OFF"),
            ("max_allowed_packet", "67108864"),
            ("innodb_flush_log_at_trx_commit", "1"),
            ("time_zone", "SYSTEM"),
            ("system_time_zone", "UTC"),
            ("sql_mode", "NO_ZERO_DATE,STRICT_TRANS_TABLES"),
            ("character_set_server", "utf8mb4"),
        ];
        assert_eq!(checks(&good, &[]), [""; 0]);
    }

    #[test]
    fn each_setting_that_matters_is_found() {
        let bad = [
            ("local_infile", "OFF"),
            ("read_only", "ON"),
            ("max_allowed_packet", "1048576"),
            ("innodb_flush_log_at_trx_commit", "2"),
            ("time_zone", "Europe/Berlin"),
            ("sql_mode", ""),
            ("character_set_server", "latin1"),
        ];
        let found = [
            "target.read_only",
            "target.local_infile",
            "target.max_allowed_packet",
            "target.durability",
            "target.sql_mode",
            "target.charset",
            "target.time_zone",
        ];
        assert_eq!(checks(&bad, &[]), found);
    }

    #[test]
    fn a_server_that_wants_keys_is_named_for_a_model_without() {
        let spec = TableSpec {
            table: "songs".parse().unwrap(),
            schema: Arc::new(Schema::empty()),
            key: Vec::new(),
            added: Vec::new(),
        };
        let settings = [
            ("local_infile", "1"),
            ("sql_require_primary_key", "ON"),
            ("sql_mode", "STRICT_ALL_TABLES"),
        ];
        assert_eq!(checks(&settings, &[spec]), ["target.require_key"]);
    }
}
