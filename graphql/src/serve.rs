//! Serving connections. `axum::serve` has no limit for how long a client takes to send a head, so
//! connections are served by hyper itself, with the same routes.

use crate::admission::{HEAD_BYTES_MAX, HEAD_TIME_MAX, HEADERS_MAX};
use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use tokio::net::TcpListener;

/// Serves the routes until `stopped`, and then the requests that have begun.
pub async fn serve(mut listener: TcpListener, router: Router, stopped: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let http = http();
    let mut stopped = pin!(stopped);
    loop {
        // Waits and tries again if the system has no file descriptors left.
        let (stream, _) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stopped => break,
        };
        // A response is one write; waiting for more of it would only delay it.
        drop(stream.set_nodelay(true));
        let service = TowerToHyperService::new(router.clone());
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
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
}
