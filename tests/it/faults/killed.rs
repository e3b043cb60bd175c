//! A server that is killed again and again while clients write, and started again.

use super::load::{Load, shop};
use super::times;
use crate::support::{Backend, Served, TestDb, on_both_databases};

on_both_databases!(a_server_killed_under_load_keeps_what_it_answered_and_does_the_rest_once);

/// How many requests are answered before the server dies once more.
const ANSWERED: usize = 120;

async fn a_server_killed_under_load_keeps_what_it_answered_and_does_the_rest_once(
    backend: Backend,
) {
    let db = TestDb::create(backend).await;
    let token = shop(&db);
    let mut server = Served::start(&db, &token).await;
    let load = Load::begin(&[&server], 1).await;
    for _ in 0..times(2) {
        load.answers(ANSWERED).await;
        server.kill();
        server = Served::start(&db, &token).await;
        load.moves_to(&[&server]);
    }
    load.answers(ANSWERED).await;
    load.ends_well(&db).await;
}
