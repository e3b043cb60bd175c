//! `recordPurchase` over the admin API, one line with its product and category, beside the
//! one-statement earn (`baseline/earn.rs`): the time of one at 1 client on PostgreSQL, purchases a
//! second otherwise.
//!
//! The earn writes four rows and knows nothing; a purchase checks a token, reads GraphQL, asks
//! rules and a plugin, and writes the purchase, the ledger, lots, statistics, tier and events. The
//! ratio says what share of the least possible is left after that. Both write durably, to members
//! or accounts drawn at random from as many.

use super::{MANY, PATIENCE_OF_ROUNDS, Stage, settle};
use crate::baseline::earn::{PostgresEarner, SqliteEarner, prepare};
use crate::client::{Client, Connection, Crowd, Round, Until, post};
use crate::db::{Backend, TestDb};
use crate::platform::external_id;
use crate::random::Draw;
use crate::report::{Report, median, paired_rounds};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PATH: &str = "/admin/graphql";
const RECORD: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) \
     { receipt { pointsEarned balance tier { key } } userErrors { code } } }";
const PRODUCTS: usize = 500;
const CATEGORIES: [&str; 4] = ["records", "books", "tickets", "players"];
/// Apart from the seeds of other draws.
const SEED: u64 = 1000;

pub(crate) async fn measure(report: &mut Report, stage: &Stage) {
    let db = TestDb::create(stage.backend).await;
    let pool = prepare(&db.url, stage.sizes.members).await;
    for clients in [1, MANY] {
        let round = Until::Elapsed(stage.sizes.round);
        let mut ours = buyers(stage, clients, &format!("of-{clients}")).await;
        let mut theirs = match stage.backend {
            Backend::Postgres => Earners::Postgres(Crowd::new((0..clients).map(|client| {
                PostgresEarner::new(pool.clone(), seed(client), stage.sizes.members)
            }))),
            Backend::Sqlite => Earners::Sqlite(Crowd::new([SqliteEarner::open(
                &db.url,
                seed(clients),
                stage.sizes.members,
            )
            .await])),
        };
        ours.round(round).await;
        theirs.round(round).await;
        settle(report, &stage.platform, PATIENCE_OF_ROUNDS).await;
        let (mut our_calls, mut their_calls) = (Vec::new(), Vec::new());
        let (our_rate, their_rate) = paired_rounds(
            stage.sizes.rounds,
            async |_| {
                let done = ours.round(round).await;
                settle(report, &stage.platform, PATIENCE_OF_ROUNDS).await;
                our_calls.extend_from_slice(&done.latencies);
                done.rate()
            },
            async |_| {
                let done = theirs.round(round).await;
                their_calls.extend_from_slice(&done.latencies);
                done.rate()
            },
        )
        .await;
        let name = format!("requests.{}.purchase.{clients}", stage.name);
        if clients == 1 && stage.backend == Backend::Postgres {
            report.time(name, median(our_calls), median(their_calls));
        } else {
            report.rate(name, "purchases/s", our_rate, their_rate);
        }
    }
}

/// The clients of the earn: on SQLite one, because a second would only wait for the first.
enum Earners {
    Postgres(Crowd<PostgresEarner>),
    Sqlite(Crowd<SqliteEarner>),
}

impl Earners {
    async fn round(&mut self, until: Until) -> Round {
        match self {
            Self::Postgres(crowd) => crowd.round(until).await,
            Self::Sqlite(crowd) => crowd.round(until).await,
        }
    }
}

/// Records purchases of members drawn at random.
pub(super) struct Buyer {
    connection: Connection,
    token: String,
    /// The query as JSON.
    query: String,
    /// In front of the numbers of orders, which the buyers of a crowd share.
    prefix: String,
    next: Arc<AtomicUsize>,
    members: usize,
    draw: Draw,
}

pub(super) async fn buyers(stage: &Stage, count: usize, prefix: &str) -> Crowd<Buyer> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut buyers = Vec::new();
    for client in 0..count {
        buyers.push(Buyer {
            connection: Connection::open(&stage.platform.address).await,
            token: stage.platform.admin_token(),
            query: json!(RECORD).to_string(),
            prefix: prefix.to_owned(),
            next: Arc::clone(&next),
            members: stage.sizes.members,
            draw: Draw::seeded(seed(client)),
        });
    }
    Crowd::new(buyers)
}

impl Client for Buyer {
    async fn call(&mut self) {
        let body = self.body();
        let request = post(PATH, Some(&self.token), &body);
        let answer = self.connection.send(&request).await;
        assert!(answer.contains("\"userErrors\":[]"), "{answer}");
    }
}

impl Buyer {
    /// Written as text, which costs less than building JSON.
    fn body(&mut self) -> String {
        let (query, prefix) = (&self.query, &self.prefix);
        let order = self.next.fetch_add(1, Ordering::Relaxed);
        let member = external_id(self.draw.below(self.members));
        let product = self.draw.below(PRODUCTS);
        let category = CATEGORIES[product % CATEGORIES.len()];
        let (units, cents) = (5 + self.draw.below(50), self.draw.below(100));
        format!(
            "{{\"query\":{query},\"variables\":{{\"input\":{{\
             \"member\":{{\"externalId\":\"{member}\"}},\"reference\":\"{prefix}-{order}\",\"lines\":[{{\
             \"sku\":\"product-{product}\",\"category\":\"{category}\",\"amount\":\"{units}.{cents:02}\"}}]}}}}}}"
        )
    }
}

fn seed(client: usize) -> u64 {
    SEED + u64::try_from(client).expect("a small number")
}
