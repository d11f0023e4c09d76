//! A slow way to a server: what it answers comes a little at a time.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::time::Duration;

/// Bytes that come at once.
const PART: usize = 16 * 1024;

/// Listens before the server at `endpoint`, a URL of http, and lets at most so many bytes a second through to each client. Answers its
/// own URL. It ends with the process.
pub(crate) fn slow(endpoint: &str, bytes_per_second: u32) -> String {
    let server = endpoint.strip_prefix("http://").expect("it is not encrypted").to_owned();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    let pause = Duration::from_secs(1) * u32::try_from(PART).expect("small") / bytes_per_second;
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            if let Ok(server) = TcpStream::connect(&server) {
                serve(client, server, pause);
            }
        }
    });
    format!("http://{address}")
}

fn serve(client: TcpStream, server: TcpStream, pause: Duration) {
    let pair =
        |from: &TcpStream, to: &TcpStream| Some((from.try_clone().ok()?, to.try_clone().ok()?));
    for (ends, pause) in [(pair(&client, &server), None), (pair(&server, &client), Some(pause))] {
        if let Some((from, to)) = ends {
            std::thread::spawn(move || forward(from, to, pause));
        }
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, pause: Option<Duration>) {
    let mut part = vec![0; PART];
    while let Ok(bytes @ 1..) = from.read(&mut part) {
        if to.write_all(&part[..bytes]).is_err() {
            break;
        }
        if let Some(pause) = pause.filter(|_| bytes > PART / 2) {
            std::thread::sleep(pause);
        }
    }
    to.shutdown(Shutdown::Both).ok();
    from.shutdown(Shutdown::Both).ok();
}
