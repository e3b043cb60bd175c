//! The load. A client keeps one connection open and asks the next thing as soon as the last is
//! answered; a crowd is some of them at the same time.
//!
//! Clients share the machine with what they measure, so they do as little as can be: a request is
//! bytes that are mostly made beforehand, and an answer is searched for what tells success, not
//! parsed.

use crate::random::Draw;
use crate::report::rate;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Something that can be done over and over.
pub(crate) trait Client: Send + 'static {
    fn call(&mut self) -> impl Future<Output = ()> + Send;
}

/// Clients that work at the same time.
#[derive(Debug)]
pub(crate) struct Crowd<C>(Vec<C>);

/// How long a round goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// All together made so many calls.
    Calls(usize),
    Elapsed(Duration),
}

/// What came of a round.
#[derive(Debug)]
pub(crate) struct Round {
    /// Until the last client was done.
    pub(crate) took: Duration,
    /// Of each call.
    pub(crate) latencies: Vec<Duration>,
}

impl Round {
    /// Calls per second.
    pub(crate) fn rate(&self) -> f64 {
        rate(self.latencies.len(), self.took)
    }
}

impl<C: Client> Crowd<C> {
    pub(crate) fn new(clients: impl IntoIterator<Item = C>) -> Self {
        Self(clients.into_iter().collect())
    }

    /// Lets all clients work. Each is a task of its own, as it would be a process of its own
    /// outside.
    pub(crate) async fn round(&mut self, until: Until) -> Round {
        let each = match until {
            Until::Calls(calls) => calls.div_ceil(self.0.len()),
            Until::Elapsed(_) => usize::MAX,
        };
        let mut tasks = JoinSet::new();
        let start = Instant::now();
        let is_over = move || matches!(until, Until::Elapsed(long) if start.elapsed() >= long);
        for mut client in self.0.drain(..) {
            tasks.spawn(async move {
                let mut latencies = Vec::new();
                while latencies.len() < each && !is_over() {
                    let asked = Instant::now();
                    client.call().await;
                    latencies.push(asked.elapsed());
                }
                (client, latencies)
            });
        }
        let done = tasks.join_all().await;
        let took = start.elapsed();
        let (clients, latencies): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        self.0 = clients;
        Round { took, latencies: latencies.concat() }
    }
}

/// HTTP/1.1, one request at a time, kept open.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket that sends at once");
        Self { stream, received: Vec::with_capacity(4096) }
    }

    /// Sends a whole request; returns the body of the answer, which must be 200 and have no GraphQL
    /// errors.
    pub(crate) async fn send(&mut self, request: &[u8]) -> &str {
        self.stream.write_all(request).await.expect("a request is sent");
        self.received.clear();
        let body_at = loop {
            let read = self.stream.read_buf(&mut self.received).await.expect("an answer");
            assert!(read > 0, "the server hung up");
            if let Some(body_at) = whole(&self.received) {
                break body_at;
            }
        };
        let answer = str::from_utf8(&self.received).expect("an answer is UTF-8");
        let is_fine = answer.starts_with("HTTP/1.1 200") && !answer.contains("\"errors\":");
        assert!(is_fine, "{answer}");
        &answer[body_at..]
    }
}

/// Where the body starts, once all of the answer is there.
fn whole(received: &[u8]) -> Option<usize> {
    let body_at = received.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = str::from_utf8(&received[..body_at]).expect("a head is ASCII");
    let (_, length) = head.split_once("content-length: ").expect("the answer says its length");
    let (length, _) = length.split_once('\r').expect("a line ends");
    let length: usize = length.parse().expect("a length is a number");
    (received.len() >= body_at + length).then_some(body_at)
}

pub(crate) fn post(path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let (authorization, length) = (authorization(token), body.len());
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n{authorization}\r\n"
    );
    (head + body).into_bytes()
}

pub(crate) fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    let authorization = authorization(token);
    let head = "HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n";
    format!("GET {path} {head}{authorization}\r\n").into_bytes()
}

fn authorization(token: Option<&str>) -> String {
    token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default()
}

/// Sends requests drawn at random.
pub(crate) struct Asker {
    connection: Connection,
    requests: Arc<Vec<Vec<u8>>>,
    draw: Draw,
}

impl Client for Asker {
    async fn call(&mut self) {
        let request = &self.requests[self.draw.below(self.requests.len())];
        self.connection.send(request).await;
    }
}

pub(crate) async fn askers(
    count: usize,
    address: &str,
    requests: &Arc<Vec<Vec<u8>>>,
) -> Crowd<Asker> {
    let mut askers = Vec::new();
    for seed in 0..count {
        let connection = Connection::open(address).await;
        let draw = Draw::seeded(u64::try_from(seed).expect("a small number"));
        askers.push(Asker { connection, requests: Arc::clone(requests), draw });
    }
    Crowd::new(askers)
}
