//! A server that stands still under load, as a machine does that swaps or is moved: the others go
//! on, and what it was at comes to an end when it wakes.

use super::serving::{create, purchase_of, record, shop, standing};
use crate::support::{AdminApi, Backend, Served, TestDb};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

const MEMBERS: usize = 4;
const CLIENTS: usize = 8;
const PURCHASES: usize = 40;

/// Only a server has nodes beside each other: whoever stops a process may stop it while it holds the
/// lock of a SQLite file.
#[test]
fn a_frozen_server_holds_nobody_up_on_postgres() {
    crate::support::run(async {
        let db = TestDb::create(Backend::Postgres).await;
        let token = shop(&db);
        let (mut frozen, other) =
            (Served::start(&db, &token).await, Served::start(&db, &token).await);
        for member in 0..MEMBERS {
            create(other.api(), &format!("m{member}")).await;
        }
        let (answered, mut answers) = mpsc::unbounded_channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| tokio::spawn(buy(frozen.api().clone(), client, answered.clone())))
            .collect();
        for _ in 0..CLIENTS * PURCHASES / 4 {
            answers.recv().await.unwrap();
        }
        frozen.freeze();
        // The same members, through the other server: all are answered while the first is still.
        for client in CLIENTS..2 * CLIENTS {
            buy(other.api().clone(), client, answered.clone()).await;
        }
        assert!(clients.iter().any(|client| !client.is_finished()), "some wait for the first");
        frozen.thaw();
        for client in clients {
            client.await.unwrap();
        }
        let mut expected: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for (client, n) in
            (0..2 * CLIENTS).flat_map(|client| (0..PURCHASES).map(move |n| (client, n)))
        {
            let again = record(other.api(), purchase_of(client, n).1).await.unwrap().done();
            let of_member = expected.entry(format!("m{}", client % MEMBERS)).or_default();
            of_member.0 += 1;
            of_member.1 += again.points_earned;
        }
        for (member, (purchases, points)) in expected {
            assert_eq!(standing(other.api(), &member).await, (purchases, points), "{member}");
        }
    });
}

async fn buy(server: AdminApi, client: usize, answered: mpsc::UnboundedSender<()>) {
    for n in 0..PURCHASES {
        record(&server, purchase_of(client, n).1).await.unwrap().done();
        answered.send(()).unwrap();
    }
}
