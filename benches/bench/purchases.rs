//! `recordPurchase` over HTTP at 1 and 32 clients.

use crate::db::{Backend, TestDb};
use crate::plain::Plain;
use crate::platform::{MEMBERS, Platform, post};
use crate::report::{Report, paired};
use futures::future::join_all;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const ROUNDS: usize = 5;
/// Purchases per client and round.
const PURCHASES: usize = 60;
const RECORD: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) \
     { receipt { pointsEarned balance tier { id } } userErrors { code } } }";

pub(crate) async fn measure(report: &mut Report, backend: Backend) {
    for clients in [1, 32] {
        let platform = Arc::new(Platform::serve(TestDb::create(backend).await).await);
        let plain = Arc::new(Plain::open(TestDb::create(backend).await).await);
        let next = AtomicUsize::new(0);
        let next_plain = AtomicUsize::new(0);
        let http = reqwest::Client::new();
        let (ours, theirs) = paired(
            ROUNDS,
            async |_| {
                join_all((0..clients).map(|_| async {
                    for _ in 0..PURCHASES {
                        record(&platform, &http, next.fetch_add(1, Ordering::Relaxed)).await;
                    }
                }))
                .await;
            },
            async |_| {
                join_all((0..clients).map(|_| async {
                    for _ in 0..PURCHASES {
                        let number = next_plain.fetch_add(1, Ordering::Relaxed);
                        plain.write(number, number + 1).await;
                    }
                }))
                .await;
            },
        )
        .await;
        let count = f64::from(u32::try_from(clients * PURCHASES).expect("a small number"));
        let name = format!("recordPurchase.http.{}.{clients}", name(backend));
        report.rate(name, "purchases/s", count / ours.as_secs_f64(), count / theirs.as_secs_f64());
    }
}

pub(crate) fn name(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    }
}

async fn record(platform: &Platform, http: &reqwest::Client, number: usize) {
    let input = json!({
        "member": { "externalId": (number % MEMBERS).to_string() },
        "reference": format!("order-{number}"),
        "total": "10.00",
    });
    let body = json!({ "query": RECORD, "variables": { "input": input } });
    post(http, &format!("{}/admin/graphql", platform.address), &platform.admin, &body).await;
}
