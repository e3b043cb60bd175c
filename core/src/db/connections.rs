//! Connections that stay open between statements.
//!
//! A statement is one round trip. The driver's own pool asks each connection that comes back whether
//! it still lives, which is one more; here a statement that was answered is proof enough. When
//! something else than a statement failed, its connection is closed with those that wait beside it,
//! which have hardly fared better.

use super::Observer;
use super::connection::{Connection, Options};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// How long a request waits for a connection or, on SQLite, for another process's write.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(10);
/// Older connections are replaced: a server's process that is never replaced only grows.
const AGE_MAX: Duration = Duration::from_mins(30);

/// Up to so many connections to a database.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    options: Options,
    /// One for each connection that may be in use.
    permits: Semaphore,
    idle: Mutex<Vec<Open>>,
    observer: Option<Observer>,
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
        let (permits, idle) = (Semaphore::new(most), Mutex::default());
        Self(Arc::new(Shared { options, permits, idle, observer }))
    }

    /// Waits for a connection. Fails when none becomes free, or a new one cannot be opened.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, DbErr> {
        let of = &*self.0;
        let permit = match timeout(WAIT_MAX, of.permits.acquire()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
            Err(_) => return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        };
        let waiting = of.idle().pop();
        let open = match waiting {
            Some(open) => open,
            None => Open { connection: of.options.connect().await?, since: Instant::now() },
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
    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    pub(super) async fn rows(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.open.connection.rows(statement).await;
        self.observe(statement);
        rows
    }

    async fn execute(&mut self, statement: &Statement) -> Result<ExecResult, DbErr> {
        let done = self.open.connection.execute(statement).await;
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
        f.debug_struct("Connections").field("options", &self.0.options).finish_non_exhaustive()
    }
}
