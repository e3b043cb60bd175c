//! Importing: batches of purchases through the core, as `perennial import` sends them.

use crate::db::{Backend, TestDb};
use crate::plain::Plain;
use crate::platform::{MEMBERS, Platform};
use crate::purchases::name;
use crate::report::{Report, paired};
use perennial_core::members::MemberRef;
use perennial_core::purchases::NewPurchase;

const ROUNDS: usize = 5;
const BATCHES: usize = 8;
const BATCH: usize = 256;

pub(crate) async fn measure(report: &mut Report) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let platform = Platform::serve(TestDb::create(backend).await).await;
        let plain = Plain::open(TestDb::create(backend).await).await;
        let first = |round: usize, batch: usize| (round * BATCHES + batch) * BATCH;
        let (ours, theirs) = paired(
            ROUNDS,
            async |round| {
                for batch in 0..BATCHES {
                    let from = first(round, batch);
                    let purchases = (from..from + BATCH).map(purchase).collect();
                    let answers =
                        platform.loyalty.purchases().record_many(&platform.actor, purchases).await;
                    assert!(answers.expect("a batch").iter().all(Result::is_ok));
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
        let rows = f64::from(u32::try_from(BATCHES * BATCH).expect("a small number"));
        let name = format!("import.{}", name(backend));
        report.rate(name, "purchases/s", rows / ours.as_secs_f64(), rows / theirs.as_secs_f64());
    }
}

fn purchase(number: usize) -> NewPurchase {
    NewPurchase {
        member: MemberRef::ExternalId((number % MEMBERS).to_string()),
        reference: format!("order-{number}"),
        purchased_at: None,
        currency: None,
        total_minor: Some(1000),
        lines: Vec::new(),
    }
}
