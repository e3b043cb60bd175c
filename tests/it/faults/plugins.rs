//! Servers that are killed while plugins work: events are delivered at least once, and whatever a
//! plugin asked for is carried out exactly once. The end is that of a run that nobody disturbed.
//!
//! The plugin counts: each event that it handles twice, or not at all, shows in its state, its
//! records, its messages and its points, and so does each timer.

use super::{is_long, times};
use crate::support::{
    AdminApi, Backend, Sent, Served, TestApp, TestDb, books, on_both_databases, perennial, plugins,
    programs,
};
use perennial_core::worker;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

on_both_databases!(what_plugins_do_ends_alike_however_often_their_server_is_killed);

/// Longer than a lease, which nobody gives back who was killed.
const PATIENCE: Duration = Duration::from_mins(3);
const PAUSE: Duration = Duration::from_millis(5);
/// Purchases of each member.
const EACH: usize = 5;
const BATCH: usize = 100;
/// Until both timers of each member have fired, thirty days after a purchase and thirty days later.
const END: &str = "2026-04-01T00:00:00Z";
const RUNS: &str = "SELECT COUNT(*) AS n FROM plugin_runs";
const WAITING: &str = "SELECT COUNT(*) AS n FROM deliveries";
const ADVANCE: &str = "mutation($input: AdvanceTestClockInput!) { advanceTestClock(input: $input) \
     { now userErrors { code } } }";
const RECORD: &str = "mutation($input: RecordPurchasesInput!) { recordPurchases(input: $input) { \
     results { receipt { purchaseId } userErrors { code } } userErrors { code } } }";

async fn what_plugins_do_ends_alike_however_often_their_server_is_killed(backend: Backend) {
    end_alike(backend, 1).await;
}

#[test]
fn what_plugins_do_ends_alike_whichever_of_two_servers_is_killed_on_postgres() {
    crate::support::run(end_alike(Backend::Postgres, 2));
}

async fn end_alike(backend: Backend, servers: usize) {
    let undisturbed = shop(backend).await;
    while worker::round(&undisturbed.loyalty).await.unwrap() > 0 {}
    let after_purchases = books::counted(&undisturbed, RUNS).await;
    undisturbed.advance_clock("sandbox", END).await;
    let after_timers = books::counted(&undisturbed, RUNS).await;
    let expected = books::left_by_plugins(&undisturbed).await;
    let fired = i64::try_from(events() / EACH * 2).unwrap();
    assert!(after_timers >= after_purchases + fired, "{after_purchases}, {after_timers}");

    let mut killed = Killed::begin(shop(backend).await, servers).await;
    for runs in between(0, after_purchases, times(1)) {
        killed.once_handled(runs).await;
    }
    killed.until(WAITING, |waiting| waiting == 0).await;
    // What is due at an instant waits for all that is leased, so kills take their time from here on.
    for runs in between(after_purchases, after_timers, times(1).div_ceil(10)) {
        let advancing = killed.advancing();
        killed.once_handled(runs).await;
        drop(advancing.await.unwrap());
    }
    while killed.advancing().await.unwrap().is_none() {}
    let found = books::left_by_plugins(&killed.app).await;
    for (what, expected) in &expected {
        assert_eq!(&found[what], expected, "{what}");
    }
    let Killed { servers, shop, .. } = killed;
    drop(servers);
    perennial(&shop.db, &["verify"]).succeeds();
}

/// So many numbers between two, evenly.
fn between(from: i64, to: i64, count: usize) -> impl Iterator<Item = i64> {
    let count = i64::try_from(count).unwrap();
    (1..=count).map(move |number| from + (to - from) * number / (count + 1))
}

/// In the long form as many as a busy shop has in an hour.
fn events() -> usize {
    if is_long() { 10_000 } else { 200 }
}

/// A sandbox with a plugin that counts and the one that sends reminders, and purchases that neither
/// has received.
async fn shop(backend: Backend) -> TestApp {
    let app = TestApp::idle(backend).await;
    let counting = plugins::signed(&[
        ("id = \"hostile\"", "id = \"counting\""),
        ("hooks = [\"appraise\", \"view\"]", "hooks = []"),
    ]);
    app.offers(&counting).await;
    let program = format!(
        "{}[plugins.counting]\nmode = \"diligent\"\n[plugins.consumer-goods]\n",
        programs::sandbox_shop()
    );
    let app = app.with_program(&program).await;
    let members = events() / EACH;
    for member in 0..members {
        app.joins("sandbox", &format!("m-{member}")).await;
    }
    let order = |number: usize| {
        json!({
            "member": { "externalId": format!("m-{}", number % members) },
            "reference": format!("o-{number}"), "total": "10.00",
        })
    };
    for first in (0..events()).step_by(BATCH) {
        let batch: Vec<_> = (first..events().min(first + BATCH)).map(order).collect();
        let answer = app.admin("sandbox", RECORD, json!({ "input": { "purchases": batch } })).await;
        let results = answer["recordPurchases"]["results"].as_array().unwrap();
        assert!(results.iter().all(|result| result["userErrors"] == json!([])), "{answer}");
    }
    app
}

/// Servers over one database, which are killed in turn.
struct Killed {
    servers: Vec<Served>,
    token: String,
    /// Whose database it is, which goes with it, and whose key has signed the token.
    shop: TestApp,
    /// Looks, and does nothing.
    app: TestApp,
    kills: usize,
}

impl Killed {
    async fn begin(shop: TestApp, count: usize) -> Self {
        let token = ["token", "create", "--program", "sandbox", "--scope", "admin"];
        let token = perennial(&shop.db, &token).succeeds().stdout.trim().to_owned();
        let app = TestApp::observed(TestDb::beside(&shop.db), &Sent::default()).await;
        let mut servers = Vec::new();
        for _ in 0..count {
            servers.push(Served::start(&shop.db, &token).await);
        }
        Self { servers, token, shop, app, kills: 0 }
    }

    /// Kills a server as soon as so many events were handled, and starts another.
    async fn once_handled(&mut self, wanted: i64) {
        self.until(RUNS, |runs| runs >= wanted).await;
        let next = self.kills % self.servers.len();
        self.servers[next].kill();
        self.kills += 1;
        if !is_long() {
            // As time would. Where another server is at work, it is overtaken in the middle of it.
            books::let_deliveries_go(&self.app).await;
        }
        self.servers[next] = Served::start(&self.shop.db, &self.token).await;
    }

    async fn until(&self, count: &str, is_reached: impl Fn(i64) -> bool) {
        let begun = Instant::now();
        loop {
            let counted = books::counted(&self.app, count).await;
            if is_reached(counted) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{count} stays at {counted}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks the server that is killed next to let time pass; none if it died over it.
    fn advancing(&self) -> JoinHandle<Option<Value>> {
        let api: AdminApi = self.servers[self.kills % self.servers.len()].api().clone();
        let input = json!({ "input": { "to": END } });
        tokio::spawn(async move { api.try_ask(ADVANCE, input).await })
    }
}
