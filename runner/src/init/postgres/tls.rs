//! Connections to PostgreSQL, with or without TLS.
//!
//! The crate that joins tokio-postgres and rustls brings a reader of certificates for channel binding; without it the certificate is
//! verified all the same.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, NoTls, TlsConnect};
use tokio_postgres::{Client, Config, Socket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::url::{PostgresUrl, Tls};
use crate::error::{Error, Result};

/// How long the server may take to answer and to log us in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// What moves bytes for a client, until the client is dropped.
pub(super) type Connection = BoxFuture<'static, ()>;

/// Connects.
///
/// # Errors
/// `Usage` for a wrong login or database and for certificates that cannot be read, `Temporary` for a server that does not answer.
pub(super) async fn connect(url: &PostgresUrl) -> Result<(Client, Connection)> {
    let mut config = Config::new();
    config
        .host(&url.host)
        .port(url.port)
        .user(&url.user)
        .dbname(&url.database)
        .application_name("unglue init")
        .connect_timeout(CONNECT_TIMEOUT);
    if let Some(password) = &url.password {
        config.password(password);
    }
    // A result of its own type for each way; connections end as the client does.
    let connecting = async {
        Ok(match &url.tls {
            Tls::Disable => {
                let (client, connection) = config
                    .ssl_mode(SslMode::Disable)
                    .connect(NoTls)
                    .await
                    .map_err(|error| failed(url, error))?;
                (client, connection.map(drop).boxed())
            }
            Tls::VerifyFull { roots } => {
                let tls = MakeTls(client_config(roots.as_deref())?);
                let (client, connection) = config
                    .ssl_mode(SslMode::Require)
                    .connect(tls)
                    .await
                    .map_err(|error| failed(url, error))?;
                (client, connection.map(drop).boxed())
            }
        })
    };
    tokio::time::timeout(CONNECT_TIMEOUT, connecting).await.unwrap_or_else(|_| {
        Err(Error::temporary(format!(
            "{url} did not answer within {} s",
            CONNECT_TIMEOUT.as_secs()
        ))
        .hint("check host, port and firewall; then run again"))
    })
}

fn failed(url: &PostgresUrl, error: tokio_postgres::Error) -> Error {
    let what = format!("{url} cannot be connected to");
    match error.code() {
        Some(code)
            if [
                &SqlState::INVALID_PASSWORD,
                &SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
                &SqlState::INVALID_CATALOG_NAME,
                &SqlState::INSUFFICIENT_PRIVILEGE,
            ]
            .contains(&code) =>
        {
            Error::usage(what).source(error).hint("check user, password and database of --database")
        }
        Some(_) => Error::temporary(what).source(error),
        // The driver keeps the kind of its error to itself.
        None if error.to_string().starts_with("error performing TLS handshake") => Error::usage(what)
            .source(error)
            .hint("name the authority of the server's certificate by sslrootcert=/path.pem; sslmode=disable does without TLS, within a network that you trust"),
        None => Error::temporary(what).source(error).hint("check host and port, and that the server runs; then run again"),
    }
}

fn client_config(roots: Option<&Path>) -> Result<Arc<ClientConfig>> {
    let mut trusted = RootCertStore::empty();
    match roots {
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            let unreadable = || {
                Error::usage(format!(
                    "`{}`, which sslrootcert names, cannot be read",
                    path.display()
                ))
                .hint("name a PEM file with the certificates of the server's authority")
            };
            let read =
                CertificateDer::pem_file_iter(path).map_err(|error| unreadable().source(error))?;
            for certificate in read {
                let certificate = certificate.map_err(|error| unreadable().source(error))?;
                trusted.add(certificate).map_err(|error| unreadable().source(error))?;
            }
            if trusted.is_empty() {
                return Err(unreadable());
            }
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::failed("TLS cannot be set up").source(error))?;
    Ok(Arc::new(config.with_root_certificates(trusted).with_no_client_auth()))
}

/// rustls for tokio-postgres.
#[derive(Clone)]
struct MakeTls(Arc<ClientConfig>);

impl MakeTlsConnect<Socket> for MakeTls {
    type Stream = Stream;
    type TlsConnect = Handshake;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(
        &mut self,
        host: &str,
    ) -> std::result::Result<Handshake, InvalidDnsNameError> {
        let name = ServerName::try_from(host)?.to_owned();
        Ok(Handshake { connector: TlsConnector::from(Arc::clone(&self.0)), name })
    }
}

struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Stream;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Stream>>;

    fn connect(self, socket: Socket) -> Self::Future {
        async move { Ok(Stream(Box::new(self.connector.connect(self.name, socket).await?))) }
            .boxed()
    }
}

struct Stream(Box<TlsStream<Socket>>);

impl tokio_postgres::tls::TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
