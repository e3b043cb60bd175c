//! A server that stands still under load, as a machine does that swaps or is moved: the others go
//! on, and what it was at comes to an end when it wakes.

use super::load::{Load, shop};
use super::times;
use crate::support::{Backend, Served, TestDb};

const ANSWERED: usize = 80;

/// Only a server has nodes beside each other: whoever stops a process may stop it while it holds the
/// lock of a SQLite file.
#[test]
fn a_frozen_server_holds_nobody_up_on_postgres() {
    crate::support::run(async {
        let db = TestDb::create(Backend::Postgres).await;
        let token = shop(&db);
        let (mut frozen, other) =
            (Served::start(&db, &token).await, Served::start(&db, &token).await);
        let load = Load::begin(&[&frozen, &other], 1).await;
        for _ in 0..times(1) {
            load.answers(ANSWERED).await;
            frozen.freeze();
            // What the first has not answered is sent to the second, for the same members.
            load.answers(2 * ANSWERED).await;
            frozen.thaw();
        }
        load.answers(ANSWERED).await;
        load.ends_well(&db).await;
    });
}
