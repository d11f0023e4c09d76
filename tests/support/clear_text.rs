//! A door before a MySQL server, at which passwords are asked for as they are, as Amazon RDS does with tokens of IAM: the plugin
//! `mysql_clear_password`. Behind it the same user is logged in without a password, and all else passes.

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const CLIENT_SSL: u8 = 0x08;
/// The header of a packet: three bytes of length, one of sequence.
const HEADER: usize = 4;
/// Of a handshake response: flags, packet size, character set, filler.
const FIXED: usize = 32;
const SWITCH: &[u8] = b"\xfemysql_clear_password\0";

/// A running door; dropping it closes it.
#[derive(Debug)]
pub(crate) struct ClearText {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    listening: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    connections: usize,
    /// What was sent as it is, through TLS.
    passwords: Vec<String>,
    /// What was sent without TLS.
    open: Vec<u8>,
}

impl ClearText {
    /// `tls` are the server's certificate and key, in files; without them the door offers no TLS.
    pub(super) fn start(runtime: &Runtime, server_port: u16, tls: Option<[String; 2]>) -> Self {
        let listener =
            runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let acceptor = tls.map(|[certificate, key]| acceptor(&certificate, &key));
        let seen = Arc::default();
        let listening = runtime.spawn(listen(listener, server_port, acceptor, Arc::clone(&seen)));
        Self { port, seen, listening }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn connections(&self) -> usize {
        lock(&self.seen).connections
    }

    /// The passwords that came through TLS, in their order.
    pub(crate) fn passwords(&self) -> Vec<String> {
        lock(&self.seen).passwords.clone()
    }

    /// What came without TLS.
    pub(crate) fn open(&self) -> String {
        String::from_utf8_lossy(&lock(&self.seen).open).into_owned()
    }
}

impl Drop for ClearText {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn acceptor(certificate: &str, key: &str) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate], key).expect("both belong together");
    Arc::new(config).into()
}

async fn listen(
    listener: TcpListener,
    server_port: u16,
    acceptor: Option<TlsAcceptor>,
    seen: Arc<Mutex<Seen>>,
) {
    while let Ok((client, _)) = listener.accept().await {
        lock(&seen).connections += 1;
        let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
        // A client that goes away is its own affair.
        tokio::spawn(async move { admit(client, server_port, acceptor, &seen).await.ok() });
    }
}

async fn admit(
    mut client: TcpStream,
    server_port: u16,
    acceptor: Option<TlsAcceptor>,
    seen: &Mutex<Seen>,
) -> io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, server_port)).await?;
    let mut greeting = read(&mut server).await?;
    if acceptor.is_none() {
        let at = flags_of_greeting(&greeting)?;
        greeting[at + 1] &= !CLIENT_SSL;
    }
    client.write_all(&greeting).await?;
    let request = read(&mut client).await?;
    lock(seen).open.extend_from_slice(&request);
    if let (Some(acceptor), true) = (acceptor, request.len() == HEADER + FIXED) {
        let mut client = acceptor.accept(client).await?;
        let response = read(&mut client).await?;
        return log_in(client, server, response, |password| {
            lock(seen).passwords.push(password);
        })
        .await;
    }
    log_in(client, server, request, |password| {
        lock(seen).open.extend_from_slice(password.as_bytes());
    })
    .await
}

/// Asks for the password, tells it, and logs in behind without one.
async fn log_in(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut server: TcpStream,
    response: Vec<u8>,
    tell: impl Fn(String),
) -> io::Result<()> {
    let sequence = response[HEADER - 1];
    client.write_all(&packet(sequence + 1, SWITCH)).await?;
    let password = read(&mut client).await?;
    let text = String::from_utf8_lossy(&password[HEADER..]);
    tell(text.trim_end_matches('\0').to_owned());
    server.write_all(&packet(1, &without_password(&response[HEADER..])?)).await?;
    let mut answer = read(&mut server).await?;
    if answer.get(HEADER) == Some(&0xfe) {
        // The user's plugin is another one; no password is none of any.
        server.write_all(&packet(answer[HEADER - 1] + 1, b"")).await?;
        answer = read(&mut server).await?;
    }
    answer[HEADER - 1] = password[HEADER - 1] + 1;
    client.write_all(&answer).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Where the lower flags are: behind the version, the connection's number, and the first part of the nonce.
fn flags_of_greeting(greeting: &[u8]) -> io::Result<usize> {
    let version = greeting.iter().skip(HEADER + 1).position(|byte| *byte == 0);
    let version = version.ok_or(ErrorKind::InvalidData)?;
    // The flag of TLS is in the second byte of the lower two.
    Ok(HEADER + 1 + version + 1 + 4 + 8 + 1)
}

/// The same login with an empty password, on a connection without TLS.
fn without_password(response: &[u8]) -> io::Result<Vec<u8>> {
    let (fixed, rest) = response.split_at_checked(FIXED).ok_or(ErrorKind::InvalidData)?;
    let user = rest.iter().position(|byte| *byte == 0).ok_or(ErrorKind::InvalidData)?;
    let (user, rest) = rest.split_at(user + 1);
    let length = usize::from(*rest.first().ok_or(ErrorKind::InvalidData)?);
    let behind = rest.get(1 + length..).ok_or(ErrorKind::InvalidData)?;
    let mut out = fixed.to_vec();
    out[1] &= !CLIENT_SSL;
    out.extend_from_slice(user);
    out.push(0);
    out.extend_from_slice(behind);
    Ok(out)
}

fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short packet").to_le_bytes();
    [&length[..3], &[sequence], payload].concat()
}

async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut header = [0; HEADER];
    from.read_exact(&mut header).await?;
    let length = u32::from_le_bytes([header[0], header[1], header[2], 0]);
    let mut packet = header.to_vec();
    packet.resize(HEADER + usize::try_from(length).expect("24 bits"), 0);
    from.read_exact(&mut packet[HEADER..]).await?;
    Ok(packet)
}
