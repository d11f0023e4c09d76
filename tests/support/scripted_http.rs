//! A small HTTP server that answers as a test says, and keeps what it was asked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `GET /path`.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    /// The path with its query.
    pub(crate) fn path(&self) -> &str {
        self.line.split_once(' ').map_or("", |(_, path)| path)
    }

    /// A header's value, its name in lower case; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// A status and a body.
pub(crate) type Answer = (u16, String);

/// All that can be answered.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }
}

/// A server, until the process ends.
#[derive(Debug)]
pub(crate) struct ScriptedHttp {
    endpoint: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl ScriptedHttp {
    /// `answer` is given the request and how many came before.
    pub(crate) fn start(
        answer: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(move |request, before| {
            let (status, body) = answer(request, before);
            Some(Response::new(status, body))
        })
    }

    /// The same with headers. Each connection has a thread, so an answer may take its time; without one the connection is closed.
    pub(crate) fn start_with(
        answer: impl Fn(&Request, usize) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let server = Self { endpoint: format!("http://{address}"), seen: Arc::clone(&seen) };
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                // A client that goes away is its own affair.
                std::thread::spawn(move || serve(socket, &seen, answer.as_ref()).ok());
            }
        });
        server
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What was asked so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        lock(&self.seen).clone()
    }
}

fn lock(seen: &Mutex<Vec<Request>>) -> MutexGuard<'_, Vec<Request>> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(
    mut socket: TcpStream,
    seen: &Mutex<Vec<Request>>,
    answer: &impl Fn(&Request, usize) -> Option<Response>,
) -> io::Result<()> {
    let mut reader = BufReader::new(socket.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let line = line.rsplit_once(' ').map(|(line, _)| line.to_owned()).unwrap_or_default();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { line, headers, body: String::new() };
    let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body)?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    let before = {
        let mut seen = lock(seen);
        seen.push(request.clone());
        seen.len() - 1
    };
    let Some(Response { status, headers, body }) = answer(&request, before) else { return Ok(()) };
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let (headers, length) = (headers.concat(), body.len());
    write!(
        socket,
        "HTTP/1.1 {status} Said\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
