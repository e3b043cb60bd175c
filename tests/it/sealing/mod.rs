//! Seals over what was recorded, and what verifying finds when somebody changes it.

mod borders;
mod clever;
mod covered;
mod named;
mod nodes;
mod rich;
mod served;
mod sound;
mod tampering;

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, Finished, Outcome, Person, TestApp, perennial};
use perennial_core::worker;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
     transaction { id kind points effectiveAt } userErrors { code message field } } }";
const VOID: &str = "mutation($input: VoidTransactionInput!) { voidTransaction(input: $input) { \
     transaction { id kind points effectiveAt } userErrors { code message field } } }";

/// What `verify --json` prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Verified {
    sound: bool,
    programs: Vec<Program>,
    entries: u64,
    seconds: f64,
    entries_per_second: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    program: String,
    seals: Seals,
    checks: Vec<Check>,
    notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Seals {
    count: u64,
    unsealed: u64,
    signed_by: BTreeMap<String, u64>,
    unsigned: u64,
    last: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    name: String,
    of: String,
    rows: u64,
    faults: Vec<Fault>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    table: String,
    key: String,
    expected: String,
    found: String,
}

impl Verified {
    /// The faults of one program, by check.
    fn faults(&self) -> BTreeMap<&str, &Fault> {
        assert_eq!(self.programs.len(), 1, "{self:#?}");
        let checks = self.programs[0].checks.iter();
        let faults: BTreeMap<_, _> =
            checks.filter_map(|check| Some((check.name.as_str(), check.faults.first()?))).collect();
        assert_eq!(self.sound, faults.is_empty(), "{self:#?}");
        faults
    }
}

fn verify(app: &TestApp, arguments: &[&str]) -> Finished {
    perennial(&app.db, &[&["verify", "--json"], arguments].concat())
}

/// Nothing is wrong.
#[track_caller]
fn is_sound(app: &TestApp) -> Verified {
    verify(app, &[]).json()
}

/// What is wrong in the sandbox.
#[track_caller]
fn is_wrong(app: &TestApp) -> Verified {
    verify(app, &["--program", "sandbox"]).exits(1).printed()
}

/// Places and seals all that there is.
async fn seal(app: &TestApp, program: &str) -> usize {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let program = app.loyalty.programs().by_slug(program).await.unwrap().id;
    worker::seal(&app.loyalty, program).await.unwrap()
}

/// A sandbox in which everything has happened that changes points: purchases, a referral, a
/// redemption, adjustments, voids, expiry, a late and a free purchase. All of it is sealed, in a few
/// blocks.
async fn life(backend: Backend) -> TestApp {
    let shop = sandbox_shop();
    let before = shop.replace("sandbox = true", "sandbox = true\ncount_free_purchases = false");
    let app = TestApp::idle(backend).await.with_program(&before).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    ada.buys("free-and-does-not-count", "0.00").await.done();
    app.loyalty.programs().apply(&shop, "test").await.unwrap();
    let referred = json!({
        "externalId": "bob", "kind": "PERSON", "name": "Bob",
        "referralCode": ada.member.referral_code,
    });
    let bob = app.creates("sandbox", referred).await.done();
    let bob = Person { app: &app, program: "sandbox", member: bob };
    bob.buys("order-2", "12.50").await.done();
    seal(&app, "sandbox").await;
    ada.redeems("mug", "one").await.done();
    adjusts(&ada, 7, true).await;
    let given = adjusts(&ada, 5, false).await;
    let taken = adjusts(&ada, -3, false).await;
    voids(&app, &given).await;
    voids(&app, &taken).await;
    seal(&app, "sandbox").await;
    app.advance_clock("sandbox", "2026-06-01T00:00:00Z").await;
    let late =
        json!({ "reference": "late", "total": "4.00", "purchasedAt": "2025-03-01T00:00:00Z" });
    ada.reports(late).await.done();
    ada.buys("free-and-counts", "0.00").await.done();
    ada.buys("order-3", "30.00").await.done();
    let earned = app.transactions("sandbox").await.remove(0);
    app.advance_clock("sandbox", "2027-02-01T00:00:00Z").await;
    voids(&app, &earned.id).await;
    ada.buys("order-4", "9.00").await.done();
    bob.buys("order-5", "3.00").await.done();
    bob.buys("order-6", "5.00").await.done();
    assert!(seal(&app, "sandbox").await > 10);
    app
}

async fn adjusts(person: &Person<'_>, points: i64, counts: bool) -> String {
    let mut input = json!({
        "member": { "externalId": person.member.external_id }, "points": points,
        "reason": "Sorry", "idempotencyKey": format!("key of {points}"),
    });
    if counts {
        input["countsAsEarned"] = json!(true);
    }
    let adjusted: Outcome<Value> = person.app.does(person.program, ADJUST, input).await;
    adjusted.done()["id"].as_str().unwrap().to_owned()
}

async fn voids(app: &TestApp, transaction: &str) {
    let input = json!({ "transactionId": transaction, "reason": "A mistake" });
    app.does::<Value>("sandbox", VOID, input).await.done();
}
