//! Importing: batches of purchases through the core, as `perennial import` sends them.

use crate::db::{Backend, TestDb};
use crate::plain::{MEMBERS, Plain};
use crate::platform::{Order, Platform};
use crate::report::{Report, paired, rate};

const ROUNDS: usize = 5;
const BATCHES: usize = 8;
const BATCH: usize = 256;

pub(crate) async fn measure(report: &mut Report) {
    for (backend, name) in [(Backend::Sqlite, "sqlite"), (Backend::Postgres, "postgres")] {
        let platform = Platform::bare(TestDb::create(backend).await, MEMBERS).await;
        let plain = Plain::open(TestDb::create(backend).await).await;
        let first = |round: usize, batch: usize| (round * BATCHES + batch) * BATCH;
        let (ours, theirs) = paired(
            ROUNDS,
            async |round| {
                for batch in 0..BATCHES {
                    let from = first(round, batch);
                    let orders: Vec<_> = (from..from + BATCH).map(order).collect();
                    platform.record(&orders).await;
                }
            },
            async |round| {
                for batch in 0..BATCHES {
                    let from = first(round, batch);
                    plain.write(from, from + BATCH).await;
                }
            },
        )
        .await;
        let rows = BATCHES * BATCH;
        report.rate(format!("import.{name}"), "purchases/s", rate(rows, ours), rate(rows, theirs));
    }
}

fn order(number: usize) -> Order {
    Order {
        member: number % MEMBERS,
        reference: format!("order-{number}"),
        has_line: false,
        days_ago: 0,
        amount_minor: 1000,
    }
}
