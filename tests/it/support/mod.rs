//! What the tests are written with: databases, a served platform, the bundled plugins.

mod app;
mod binary;
mod db;
pub(crate) mod plugins;
pub(crate) mod programs;

pub(crate) use app::{RECORD, TestApp};
pub(crate) use binary::{AdminApi, Perennial, Served, perennial};
pub(crate) use db::{Backend, TestDb};

/// Writes each test twice: on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($backend:ident: Backend) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs all that its file imports")]
            use super::*;

            async fn run($backend: Backend) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                run(Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                run(Backend::Postgres).await;
            }
        }
    )*};
}
pub(crate) use on_both_databases;
