//! What the tests are written with: databases, a served platform, people who buy, the bundled
//! plugins.

mod answers;
mod app;
mod binary;
pub(crate) mod books;
mod cluster;
mod db;
mod outcome;
mod person;
pub(crate) mod plugins;
pub(crate) mod programs;
pub(crate) mod random;
mod sent;
pub(crate) mod tamper;

pub(crate) use answers::{
    Contact, Member, Message, Progress, Quote, Receipt, Redemption, Tier, Transaction,
};
pub(crate) use app::{RECORD, TestApp};
pub(crate) use binary::{AdminApi, Finished, ImportSummary, Perennial, Served, perennial};
pub(crate) use cluster::Cluster;
pub(crate) use db::{Backend, KEY, TestDb};
pub(crate) use outcome::{Outcome, UserError};
pub(crate) use person::Person;
pub(crate) use sent::Sent;

use tokio::runtime::Builder;

/// Makes two tests of each named function: on SQLite and on PostgreSQL. A function that is not
/// named is dead code, which `main.rs` denies.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::support::{Backend, run};

            #[test]
            fn on_sqlite() {
                run(super::$name(Backend::Sqlite));
            }

            #[test]
            fn on_postgres() {
                run(super::$name(Backend::Postgres));
            }
        }
    )+};
}
pub(crate) use on_both_databases;

/// Runs a test to its end. Tests on both databases assert the same inline snapshots, which insta
/// refuses as a loop unless duplicates are allowed.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    insta::allow_duplicates! { runtime.block_on(test) }
}
