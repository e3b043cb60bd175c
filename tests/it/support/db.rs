//! A database for each test: a copy of a migrated template, which takes milliseconds where
//! migrating would take longer.

use super::Cluster;
use perennial_core::db::Database;
use perennial_migrations::migrate;
use sea_orm::ConnectionTrait;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex as StdMutex, PoisonError};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

/// The key that tests' tokens are signed with.
pub(crate) const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A migrated, empty database of its own, and a signing key. The SQLite file goes with it; a database of PostgreSQL
/// goes when another one is made, and with the test run.
#[derive(Debug)]
pub(crate) struct TestDb {
    pub(crate) url: String,
    /// Also where the test may keep files.
    pub(crate) folder: TempDir,
    /// Of the test that made the database; others beside it leave it alone.
    _owned: Option<Owned>,
}

/// A database of the shared server, to be dropped with what made it: together they would fill a disk.
#[derive(Debug)]
struct Owned {
    name: String,
}

/// The databases that nobody needs any more.
static LEFT: StdMutex<Vec<String>> = StdMutex::new(Vec::new());

impl Drop for Owned {
    fn drop(&mut self) {
        LEFT.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.name));
    }
}

impl TestDb {
    pub(crate) async fn create(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (url, owned) = match backend {
            Backend::Sqlite => {
                let path = folder.path().join("test.db");
                std::fs::copy(sqlite_template().await, &path).unwrap();
                (format!("sqlite:{}", path.display()), None)
            }
            Backend::Postgres => {
                let name = postgres_copy().await;
                (format!("{}/{name}", server()), Some(Owned { name }))
            }
        };
        let db = Self { url, folder, _owned: owned };
        std::fs::write(db.key(), KEY).unwrap();
        db
    }

    /// The same database, seen from another folder.
    pub(crate) fn beside(other: &Self) -> Self {
        Self::at(other.url.clone())
    }

    /// A database that the test makes, or not.
    pub(crate) fn at(url: String) -> Self {
        Self { url, folder: tempfile::tempdir().unwrap(), _owned: None }
    }

    /// No database yet, or one without tables, and no signing key.
    pub(crate) async fn empty(backend: Backend) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let (url, owned) = match backend {
            Backend::Sqlite => {
                (format!("sqlite:{}", folder.path().join("data/test.db").display()), None)
            }
            Backend::Postgres => {
                let count = COUNT.fetch_add(1, Ordering::Relaxed);
                let name = format!("empty_{}_{count}", std::process::id());
                statement(&server(), &format!("CREATE DATABASE {name}")).await;
                (format!("{}/{name}", server()), Some(Owned { name }))
            }
        };
        Self { url, folder, _owned: owned }
    }

    /// A migrated, empty database of a cluster of the test's own.
    pub(crate) async fn within(cluster: &Cluster) -> Self {
        let db = Self::at(format!("{}/postgres", cluster.url()));
        let connected = Database::connect(&db.url).await.unwrap();
        migrate(connected.write()).await.unwrap();
        connected.close().await.unwrap();
        std::fs::write(db.key(), KEY).unwrap();
        db
    }

    /// Where the signing key is.
    pub(crate) fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }
}

async fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceCell<(PathBuf, TempDir)> = OnceCell::const_new();
    let make = async || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.db");
        let db = Database::connect(&format!("sqlite:{}", path.display())).await.unwrap();
        migrate(db.write()).await.unwrap();
        // Closing moves what is in the write-ahead log into the file that is copied.
        db.close().await.unwrap();
        (path, folder)
    };
    &TEMPLATE.get_or_init(make).await.0
}

async fn postgres_copy() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    static COPYING: Mutex<()> = Mutex::const_new(());
    static COPIES: AtomicU32 = AtomicU32::new(0);
    let server = server();
    let run = std::process::id();
    let make = async || {
        let name = format!("template_{run}");
        statement(&server, &format!("CREATE DATABASE {name}")).await;
        let db = Database::connect(&format!("{server}/{name}")).await.unwrap();
        migrate(db.write()).await.unwrap();
        db.close().await.unwrap();
        name
    };
    let template = TEMPLATE.get_or_init(make).await;
    let left = std::mem::take(&mut *LEFT.lock().unwrap_or_else(PoisonError::into_inner));
    for name in left {
        // What the test has started may still be connected.
        statement(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
    let name = format!("test_{run}_{}", COPIES.fetch_add(1, Ordering::Relaxed));
    // A template must not be in use, so copies are made one by one.
    let _alone = COPYING.lock().await;
    statement(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    name
}

fn server() -> String {
    std::env::var("PERENNIAL_TEST_POSTGRES")
        .expect("tests need PostgreSQL: run `make test`, or `scripts/with-postgres.sh cargo test`")
}

async fn statement(server: &str, sql: &str) {
    let db = Database::connect(&format!("{server}/postgres")).await.unwrap();
    db.write().execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}
