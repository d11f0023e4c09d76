//! A slow way to a server: what it answers comes a little at a time.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bytes that come at once.
const PART: usize = 16 * 1024;

/// Listens before the server at `endpoint`, a URL of http, and lets at most so many bytes a second through to all clients together. Answers its
/// own URL. It ends with the process.
pub(crate) fn slow(endpoint: &str, bytes_per_second: u32) -> String {
    let server = endpoint.strip_prefix("http://").expect("it is not encrypted").to_owned();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    let line = Arc::new(Line { bytes_per_second, in_use: Mutex::default() });
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            if let Ok(server) = TcpStream::connect(&server) {
                serve(&client, &server, &line);
            }
        }
    });
    format!("http://{address}")
}

/// What all share.
struct Line {
    bytes_per_second: u32,
    in_use: Mutex<()>,
}

impl Line {
    fn carry(&self, bytes: usize) {
        let _alone = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = u32::try_from(bytes).expect("a part is small");
        std::thread::sleep(Duration::from_secs(1) * bytes / self.bytes_per_second);
    }
}

fn serve(client: &TcpStream, server: &TcpStream, line: &Arc<Line>) {
    let pair =
        |from: &TcpStream, to: &TcpStream| Some((from.try_clone().ok()?, to.try_clone().ok()?));
    let line = Some(Arc::clone(line));
    for (ends, line) in [(pair(client, server), None), (pair(server, client), line)] {
        if let Some((from, to)) = ends {
            std::thread::spawn(move || forward(from, to, line.as_deref()));
        }
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, line: Option<&Line>) {
    let mut part = vec![0; PART];
    while let Ok(bytes @ 1..) = from.read(&mut part) {
        if let Some(line) = line {
            line.carry(bytes);
        }
        if to.write_all(&part[..bytes]).is_err() {
            break;
        }
    }
    to.shutdown(Shutdown::Both).ok();
    from.shutdown(Shutdown::Both).ok();
}
