//! History that is imported into a live program sets off what it would have set off if the program
//! had lived it, less what is too late to be sent.

use super::{file, import};
use crate::support::programs::SHOP;
use crate::support::random::Random;
use crate::support::{Backend, TestApp, on_both_databases, perennial};
use jiff::{SignedDuration, Timestamp};
use perennial_core::worker;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

on_both_databases!(a_live_program_sends_what_the_same_history_would_have_sent);

const PLUGIN: &str = "\n[plugins.consumer-goods]\nsilence_days = 180\n";
const MEMBERS: usize = 12;

/// Purchases of the last three years in no order, many of them such that somebody fell silent half
/// a year before now, or would have but for a later purchase.
fn history(now: Timestamp, mut random: Random) -> String {
    let mut rows = Vec::new();
    for member in 0..MEMBERS {
        for purchase in 0..random.within(1..6) {
            let days_ago = match random.within(0..4) {
                0 => random.within(181..187),
                // Nobody bought after the last reminders: their reason would be over.
                1 => random.within(9..170),
                _ => random.within(190..1_000),
            };
            let at = now - SignedDuration::from_hours(24 * days_ago + 1);
            rows.push(format!("m{member},m{member}-{purchase},{at},10.00\n"));
        }
    }
    for index in (1..rows.len()).rev() {
        let other = usize::try_from(random.within(0..64)).unwrap() % (index + 1);
        rows.swap(index, other);
    }
    format!("member,reference,date,amount\n{}", rows.concat())
}

/// How many messages were sent for each instant.
async fn messages(app: &TestApp, program: &str) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for message in app.messages(program).await {
        *sent.entry(message.occurred_at).or_default() += 1;
    }
    sent
}

async fn a_live_program_sends_what_the_same_history_would_have_sent(backend: Backend) {
    let now = Timestamp::now();
    let begin = now - SignedDuration::from_hours(24 * 1_100);
    let day = begin.to_string()[..10].to_owned();
    let lived = format!(
        "{}{PLUGIN}",
        SHOP.replace(
            "program = \"shop\"",
            &format!("program = \"lived\"\nsandbox = true\nclock_starts_on = \"{day}\"")
        )
    );
    for seed in 0..3 {
        let app = TestApp::start(backend).await;
        let app = app.with_program(&format!("{SHOP}{PLUGIN}")).await.with_program(&lived).await;
        let rows = history(now, Random::seeded(seed));
        let path = file(&app, "history.csv", &rows);
        let mapping = file(&app, "mapping.toml", "create_members = true\n");
        // With a worker at work all the time.
        import(&app, "purchases", &path, Some(&mapping), 0);
        let arguments =
            ["import", "purchases", path.to_str().unwrap(), "--program", "lived", "--mapping"];
        perennial(&app.db, &[&arguments[..], &[mapping.to_str().unwrap()]].concat()).succeeds();
        app.advance_clock("lived", &now.to_string()).await;
        drained(&app).await;

        let late = now - SignedDuration::from_hours(24 * 7);
        // The import came a little after `now`, so of this hour nothing is known.
        let in_time = (late + SignedDuration::from_hours(1)).to_string();
        let (mut sent, mut expected) =
            (messages(&app, "shop").await, messages(&app, "lived").await);
        assert!(sent.keys().all(|at| *at > late.to_string()), "too late, seed {seed}: {rows}");
        let all = expected.len();
        sent.retain(|at, _| *at > in_time);
        expected.retain(|at, _| *at > in_time);
        assert!(all > expected.len(), "some are too late, or this shows nothing: {rows}");
        assert_eq!(sent, expected, "seed {seed}: {rows}");
    }
}

/// Waits until the worker, and this test beside it, have left nothing to deliver.
async fn drained(app: &TestApp) {
    let all = async {
        loop {
            while worker::round(&app.loyalty).await.unwrap() > 0 {}
            let plugins = app.admin("shop", "{ plugins { waiting } }", json!({})).await;
            if plugins["plugins"][0]["waiting"] == json!(0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("all events are delivered");
}
