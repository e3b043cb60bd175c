//! A PostgreSQL that goes away under load, in each of the ways in which it does, and comes back.

use super::load::{Load, shop};
use super::times;
use crate::support::{Cluster, Served, TestDb};

const ANSWERED: usize = 80;

/// Two servers over a PostgreSQL of their own.
async fn under_load(fault: impl AsyncFn(&mut Cluster)) {
    let mut cluster = Cluster::start();
    let db = TestDb::within(&cluster).await;
    let token = shop(&db);
    let servers = (Served::start(&db, &token).await, Served::start(&db, &token).await);
    let load = Load::begin(&[&servers.0, &servers.1], 1).await;
    for _ in 0..times(1) {
        load.answers(ANSWERED).await;
        fault(&mut cluster).await;
    }
    load.answers(ANSWERED).await;
    load.ends_well(&db).await;
}

/// As when it is updated: connections are cut off at once, and the rest is written.
#[test]
fn a_database_that_is_restarted_loses_nothing_that_was_answered_on_postgres() {
    crate::support::run(under_load(async |cluster| cluster.restart("-INT")));
}

/// As when its machine goes down: nothing is written any more, and it recovers from its log.
#[test]
fn a_database_that_goes_down_loses_nothing_that_was_answered_on_postgres() {
    crate::support::run(under_load(async |cluster| cluster.restart("-QUIT")));
}

/// As when the kernel kills a process for its memory: all connections are cut off, and it recovers
/// by itself.
#[test]
fn a_killed_backend_loses_nothing_that_was_answered_on_postgres() {
    crate::support::run(under_load(async |cluster| cluster.kill_a_backend()));
}
