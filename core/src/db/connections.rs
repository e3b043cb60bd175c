//! Connections that stay open between statements.
//!
//! A statement is one round trip. The driver's own pool asks each connection that comes back whether
//! it still lives, which is one more; here a statement that was answered is proof enough. When
//! something else than a statement failed, its connection is closed with those that wait beside it,
//! which have hardly fared better.

use super::Observer;
use super::connection::{Connection, Options};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// How long a request waits for a connection or, on SQLite, for another process's write.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a server on the network may take to answer a statement. Longer than any of ours takes,
/// shorter than a request: a connection that something between has forgotten looks like a slow one.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// Older connections are replaced: a server's process that is never replaced only grows.
const AGE_MAX: Duration = Duration::from_mins(30);

/// Up to so many connections to a database.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    options: Options,
    /// One for each connection that may be in use.
    permits: Semaphore,
    most: usize,
    idle: Mutex<Vec<Open>>,
    observer: Option<Observer>,
    answer_max: Duration,
}

struct Open {
    connection: Connection,
    since: Instant,
}

/// A connection in use. It is closed unless it is given back.
pub(super) struct Lease<'c> {
    of: &'c Shared,
    open: Open,
    _permit: SemaphorePermit<'c>,
}

impl Connections {
    pub(super) fn new(options: Options, most: usize, observer: Option<Observer>) -> Self {
        Self::patient(options, most, observer, ANSWER_MAX)
    }

    fn patient(
        options: Options,
        most: usize,
        observer: Option<Observer>,
        answer_max: Duration,
    ) -> Self {
        let (permits, idle) = (Semaphore::new(most), Mutex::default());
        Self(Arc::new(Shared { options, permits, most, idle, observer, answer_max }))
    }

    /// How many are in use.
    pub(super) fn in_use(&self) -> usize {
        self.0.most.saturating_sub(self.0.permits.available_permits())
    }

    pub(super) fn options(&self) -> &Options {
        &self.0.options
    }

    /// Waits for a connection. Fails when none becomes free, or a new one cannot be opened.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, DbErr> {
        let of = &*self.0;
        let since = Instant::now();
        let permit = timeout(WAIT_MAX, of.permits.acquire()).await;
        metrics::histogram!("perennial_database_wait_seconds").record(since.elapsed());
        let permit = match permit {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
            Err(_) => return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        };
        let waiting = of.idle().pop();
        let open = match waiting {
            Some(open) => open,
            None => of.open().await?,
        };
        Ok(Lease { of, open, _permit: permit })
    }

    /// Closes what is open and opens no more.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        self.0.permits.close();
        let idle = std::mem::take(&mut *self.0.idle());
        for open in idle {
            open.connection.close().await?;
        }
        Ok(())
    }
}

impl Shared {
    async fn open(&self) -> Result<Open, DbErr> {
        match timeout(WAIT_MAX, self.options.connect()).await {
            Ok(connected) => Ok(Open { connection: connected?, since: Instant::now() }),
            Err(_) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }

    /// Waits for an answer, on the network for so long and no longer. A file's answers come in the end.
    async fn within<T>(&self, asked: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if self.options.backend() == DbBackend::Sqlite {
            return asked.await;
        }
        let silent = || DbErr::Conn(RuntimeErr::Internal("the server is silent".to_owned()));
        timeout(self.answer_max, asked).await.unwrap_or_else(|_| Err(silent()))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    pub(super) async fn rows(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.of.within(self.open.connection.rows(statement)).await;
        self.observe(statement);
        rows
    }

    async fn execute(&mut self, statement: &Statement) -> Result<ExecResult, DbErr> {
        let done = self.of.within(self.open.connection.execute(statement)).await;
        self.observe(statement);
        done
    }

    fn observe(&self, statement: &Statement) {
        if let Some(observer) = &self.of.observer {
            observer(statement);
        }
    }

    /// Gives the connection back after its last statement came to `done`.
    pub(super) fn give_back<T>(self, done: &Result<T, DbErr>) {
        if done.as_ref().is_err_and(Connection::is_broken_by) {
            self.of.idle().clear();
        } else if self.open.since.elapsed() < AGE_MAX {
            self.of.idle().push(self.open);
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DbBackend {
        self.0.options.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut lease = self.lease().await?;
        let done = lease.execute(&statement).await;
        lease.give_back(&done);
        done
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut lease = self.lease().await?;
        let done = lease.open.connection.execute_unprepared(sql).await;
        lease.give_back(&done);
        done
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut lease = self.lease().await?;
        let rows = lease.rows(&statement).await;
        lease.give_back(&rows);
        rows
    }
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections")
            .field("backend", &self.0.options.backend())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;

    /// Lets every client in, as PostgreSQL does, and then says nothing any more.
    fn silent_server() -> (u16, mpsc::Receiver<TcpStream>) {
        const WELCOME: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (kept, clients) = mpsc::channel();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let asked = client.read(&mut [0; 1024]).unwrap();
                assert!(asked > 0, "a client says who it is");
                client.write_all(WELCOME).unwrap();
                if kept.send(client).is_err() {
                    return;
                }
            }
        });
        (port, clients)
    }

    #[tokio::test]
    async fn a_server_that_falls_silent_is_not_waited_for_and_its_connections_are_closed() {
        let (port, clients) = silent_server();
        let url = format!("postgres://someone@127.0.0.1:{port}/books?sslmode=disable");
        let options = Options::Postgres(Box::new(url.parse().unwrap()));
        let connections = Connections::patient(options, 2, None, Duration::from_millis(50));
        let beside = connections.lease().await.unwrap();
        let asked = connections.lease().await.unwrap();
        beside.give_back(&Ok(()));
        asked.give_back(&Ok(()));
        assert_eq!(connections.0.idle().len(), 2);

        let question = Statement::from_string(DbBackend::Postgres, "SELECT 1");
        let silent = connections.query_all_raw(question).await.unwrap_err();
        assert!(crate::db::passing(&silent).is_some(), "{silent}");
        assert!(connections.0.idle().is_empty(), "neither is asked again");
        // The server says so when it gets to it, which may be after it has answered.
        let next = || clients.recv_timeout(Duration::from_secs(10));
        assert!(next().is_ok() && next().is_ok());
        connections.lease().await.unwrap();
        assert!(next().is_ok(), "a new one is opened");
        assert_eq!(clients.try_iter().count(), 0, "and no more");
    }
}
