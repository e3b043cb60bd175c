//! Serving connections. `axum::serve` has no limit for how long a client takes to send a head, so
//! connections are served by hyper itself, with the same routes. Nor has it one for how many clients
//! there are, and for how long they take to read.

mod full;
mod patience;

use crate::admission::{HEAD_BYTES_MAX, HEAD_TIME_MAX, HEADERS_MAX};
use axum::Router;
use axum::serve::Listener;
use full::Room;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use patience::Patient;
use std::pin::pin;
use tokio::net::TcpListener;

/// Serves the routes until `stopped`, and then the requests that have begun.
pub async fn serve(mut listener: TcpListener, router: Router, stopped: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let (http, room) = (http(), Room::default());
    let mut stopped = pin!(stopped);
    loop {
        // Waits and tries again if the system has no file descriptors left.
        let (stream, _) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stopped => break,
        };
        let Some(place) = room.place() else {
            room.refuse(stream);
            continue;
        };
        // A response is one write; waiting for more of it would only delay it.
        drop(stream.set_nodelay(true));
        let service = TowerToHyperService::new(router.clone());
        let connection = http.serve_connection(TokioIo::new(Patient::new(stream)), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
            drop(place);
        });
    }
    drop(listener);
    connections.shutdown().await;
}

fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    http
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::RESPONSE_TIME_MAX;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_ends_the_connection() {
        let (mut client, server) = duplex(1024);
        let service = TowerToHyperService::new(Router::new());
        let connection = http().serve_connection(TokioIo::new(server), service);
        let connection = tokio::spawn(connection);
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n").await.unwrap();
        assert!(connection.await.unwrap().unwrap_err().is_timeout());
        assert_eq!(client.read(&mut [0; 16]).await.unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_ends_the_connection() {
        let long = async || "x".repeat(1024 * 1024);
        let service = TowerToHyperService::new(Router::new().route("/", axum::routing::get(long)));
        let (mut client, server) = duplex(1024);
        let connection = http().serve_connection(TokioIo::new(Patient::new(server)), service);
        let connection = tokio::spawn(connection);
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        // A byte now and then does not keep it.
        while !connection.is_finished() {
            tokio::time::sleep(RESPONSE_TIME_MAX / 4).await;
            drop(client.read(&mut [0; 1]).await);
        }
        let error = connection.await.unwrap().unwrap_err();
        assert!(format!("{error:?}").contains("does not read"), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_slowly_is_waited_for() {
        let long = async || "x".repeat(64 * 1024);
        let service = TowerToHyperService::new(Router::new().route("/", axum::routing::get(long)));
        let (mut client, server) = duplex(1024);
        let connection = http().serve_connection(TokioIo::new(Patient::new(server)), service);
        tokio::spawn(connection);
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut read = 0;
        while read < 64 * 1024 {
            tokio::time::sleep(RESPONSE_TIME_MAX / 100).await;
            read += client.read(&mut [0; 1024]).await.unwrap();
        }
    }
}
