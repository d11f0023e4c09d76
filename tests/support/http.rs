//! A small HTTP server in this process, for services that are played by a test.

use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// What came, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// With the query.
    pub(crate) path: String,
    headers: hyper::HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// A header as text; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }
}

type Answer = Pin<Box<dyn Future<Output = Option<Response>> + Send>>;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub(crate) struct HttpServer {
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    serving: JoinHandle<()>,
}

impl HttpServer {
    /// Answers each request with a function; a request that gets no answer has its connection closed.
    pub(crate) fn start<A>(
        runtime: &Runtime,
        answer: impl Fn(Request) -> A + Send + Sync + 'static,
    ) -> Self
    where
        A: Future<Output = Option<Response>> + Send + 'static,
    {
        let listener =
            runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        let answer = move |request| -> Answer { Box::pin(answer(request)) };
        let serving = runtime.spawn(serve(listener, Arc::new(answer)));
        Self { address, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, answer: Arc<dyn Fn(Request) -> Answer + Send + Sync>) {
    let http = Builder::new(TokioExecutor::new());
    loop {
        let (socket, _) = listener.accept().await.expect("connections can be accepted");
        let answer = Arc::clone(&answer);
        let service = service_fn(move |request| answered(request, Arc::clone(&answer)));
        let connection = http.serve_connection(TokioIo::new(socket), service).into_owned();
        tokio::spawn(async move {
            // A client that goes away is its own affair.
            connection.await.ok();
        });
    }
}

/// An error ends the connection without an answer.
async fn answered(
    request: hyper::Request<Incoming>,
    answer: Arc<dyn Fn(Request) -> Answer + Send + Sync>,
) -> Result<hyper::Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let request = Request {
        path: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: head.headers,
        body: body.collect().await?.to_bytes(),
    };
    let Response { status, headers, body } = answer(request).await.ok_or("no answer")?;
    let mut response = hyper::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::from(body))?)
}
