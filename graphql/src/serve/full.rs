//! Connections beyond those that a process takes: a short word each, so that the client knows.

use crate::admission::{CONNECTIONS_MAX, DRAIN_TIME_MAX};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The most connections that are told at the same time; others are closed without a word.
const TOLD_MAX: usize = 256;
const FULL: &str = "HTTP/1.1 503 Service Unavailable\r\n\
     content-type: application/json; charset=utf-8\r\n\
     content-length: 147\r\n\
     connection: close\r\n\
     retry-after: 1\r\n\
     \r\n\
     {\"errors\":[{\"message\":\"the server has as many connections as it takes\",\
     \"extensions\":{\"code\":\"UNAVAILABLE\",\"help\":\"Send the same request again.\"}}]}";

/// The room for connections of one process.
#[derive(Clone, Debug)]
pub(super) struct Room {
    connections: Arc<Semaphore>,
    told: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            connections: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            told: Arc::new(Semaphore::new(TOLD_MAX)),
        }
    }
}

impl Room {
    /// A place for a connection, until it is dropped.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).try_acquire_owned().ok()
    }

    /// Tells a client that there is no place.
    pub(super) fn refuse<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Ok(told) = Arc::clone(&self.told).try_acquire_owned() else { return };
        tokio::spawn(async move {
            drop(timeout(DRAIN_TIME_MAX, tell(stream)).await);
            drop(told);
        });
    }
}

/// Writes, and reads what the client sends until it closes: closing on unread bytes would take the
/// answer along.
async fn tell(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    stream.write_all(FULL.as_bytes()).await?;
    stream.shutdown().await?;
    while stream.read(&mut [0; 1024]).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    #[tokio::test]
    async fn a_connection_without_a_place_is_told_so() {
        let room =
            Room { connections: Arc::new(Semaphore::new(1)), told: Arc::new(Semaphore::new(1)) };
        let place = room.place().unwrap();
        assert!(room.place().is_none());
        let (mut client, server) = duplex(1024);
        room.refuse(server);
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        drop(place);
        assert!(room.place().is_some());
    }
}
