//! The query of an app's first screen with a member's token, beside a hand-written route that
//! checks the same token and answers the same JSON from one statement (`baseline/status.rs`).
//! Requests a second, at 1 and at 32 clients.
//!
//! Both are asked over HTTP by the same clients for the same members. Tokens are signed beforehand,
//! and each answer is compared with the other's for some members of every kind before anything is
//! measured.
//!
//! `requests.sqlite.auth.32` is for information: what a token adds to the least query there is.

use super::{BOUGHT, MANY, Stage};
use crate::baseline::status::{Facts, serve};
use crate::client::{Asker, Connection, Crowd, Until, askers, get, post};
use crate::db::{Backend, TestDb};
use crate::random::Draw;
use crate::report::{Report, paired_rounds};
use serde_json::{Value, json};
use std::sync::Arc;

const PATH: &str = "/graphql";
const STATUS: &str = "{ me { name balance { points expiring { at points } } tier { name } \
     progress { missing nextTier { name } } } }";
const LEAST: &str = "{ __typename }";
/// Members whose answers are compared.
const COMPARED: usize = 200;

pub(crate) async fn measure(report: &mut Report, stage: &Stage) {
    let db = TestDb::create(stage.backend).await;
    let kinds = facts(stage).await;
    let facts = (0..stage.sizes.members).map(|member| &kinds[member % kinds.len()]);
    let address = serve(&db.url, facts).await;
    let tokens = tokens(stage);
    let ask = |token: &String| post(PATH, Some(token), &json!({ "query": STATUS }).to_string());
    let ours: Arc<Vec<_>> = Arc::new(tokens.iter().map(ask).collect());
    let theirs: Arc<Vec<_>> =
        Arc::new(tokens.iter().map(|token| get("/status", Some(token))).collect());
    compare(&stage.platform.address, &ours, &address, &theirs).await;
    for clients in [1, MANY] {
        let ours = askers(clients, &stage.platform.address, &ours).await;
        let theirs = askers(clients, &address, &theirs).await;
        let name = format!("requests.{}.status.{clients}", stage.name);
        race(report, stage, name, ours, theirs).await;
    }
    if stage.backend == Backend::Sqlite {
        let least = json!({ "query": LEAST }).to_string();
        let with = tokens.iter().map(|token| post(PATH, Some(token), &least)).collect();
        let ours = askers(MANY, &stage.platform.address, &Arc::new(with)).await;
        let without = Arc::new(vec![post(PATH, None, &least)]);
        let theirs = askers(MANY, &stage.platform.address, &without).await;
        race(report, stage, "requests.sqlite.auth.32".to_owned(), ours, theirs).await;
    }
}

async fn race(
    report: &mut Report,
    stage: &Stage,
    name: String,
    mut ours: Crowd<Asker>,
    mut theirs: Crowd<Asker>,
) {
    let round = Until::Elapsed(stage.sizes.round);
    // Nobody is measured while it prepares its statements.
    ours.round(round).await;
    theirs.round(round).await;
    let (ours, theirs) = paired_rounds(
        stage.sizes.rounds,
        async |_| ours.round(round).await.rate(),
        async |_| theirs.round(round).await.rate(),
    )
    .await;
    report.rate(name, "requests/s", ours, theirs);
}

/// Of members drawn at random.
fn tokens(stage: &Stage) -> Vec<String> {
    let mut draw = Draw::seeded(1);
    let mut token = |_| stage.platform.member_token(draw.below(stage.sizes.members));
    (0..stage.sizes.tokens).map(&mut token).collect()
}

/// What the platform says of a member of each kind; others of a kind differ by name alone.
async fn facts(stage: &Stage) -> Vec<Facts> {
    let mut connection = Connection::open(&stage.platform.address).await;
    let mut kinds = Vec::new();
    for (member, purchases) in BOUGHT.into_iter().enumerate() {
        let token = stage.platform.member_token(member);
        let body = json!({ "query": STATUS }).to_string();
        let answer = connection.send(&post(PATH, Some(&token), &body)).await;
        let answer: Value = serde_json::from_str(answer).expect("JSON");
        let me = &answer["data"]["me"];
        let lots = me["balance"]["expiring"].as_array().expect("lots").iter();
        kinds.push(Facts {
            balance: me["balance"]["points"].as_i64().expect("points"),
            tier: me["tier"]["name"].as_str().map(str::to_owned),
            purchases,
            lots: lots.map(lot).collect(),
        });
    }
    kinds
}

fn lot(lot: &Value) -> (i64, i64) {
    let at: jiff::Timestamp = lot["at"].as_str().expect("an instant").parse().expect("an instant");
    (at.as_microsecond(), lot["points"].as_i64().expect("points"))
}

async fn compare(address: &str, ours: &[Vec<u8>], other: &str, theirs: &[Vec<u8>]) {
    let (mut one, mut two) = (Connection::open(address).await, Connection::open(other).await);
    for (ours, theirs) in ours.iter().zip(theirs).take(COMPARED) {
        let ours: Value = serde_json::from_str(one.send(ours).await).expect("JSON");
        let theirs: Value = serde_json::from_str(two.send(theirs).await).expect("JSON");
        // The cost of a request is ours alone to say.
        assert_eq!(ours["data"], theirs["data"], "the baseline answers something else");
    }
}
