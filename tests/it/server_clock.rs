//! A machine's clock that is wrong: it is not believed, everything goes on from what was known, and
//! what a wrong clock has done is undone. The machine's clock cannot be moved here, so the record of
//! what was known is: what counts is how far they are apart.

use crate::support::programs::SHOP;
use crate::support::{
    AdminApi, Backend, Outcome, RECORD, Receipt, Sent, Served, TestApp, TestDb, books,
    on_both_databases, perennial, plugins,
};
use crate::tokens::soon;
use jiff::{SignedDuration, Timestamp};
use perennial_core::Clock;
use reqwest::StatusCode;
use serde_json::{Value, json};

on_both_databases!(
    a_clock_that_jumped_is_held_accepted_and_undone,
    a_clock_that_is_behind_is_held_too,
    nobody_is_locked_out_by_a_wrong_clock,
    a_setting_says_how_far_a_clock_may_be,
);

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MEMBER: &str = "{ member(externalId: \"ada\") { balance { points } } \
     transactions(first: 10) { nodes { kind points effectiveAt } } \
     messages(first: 10) { nodes { template occurredAt } } }";

/// The shop's points last for three months, and whoever is silent for 180 days is written to: three
/// days before the instant that the machine's clock says now.
async fn a_clock_that_jumped_is_held_accepted_and_undone(backend: Backend) {
    let (db, token) = shop(backend).await;
    let before = now() - HOUR * 24 * 183;
    books::know(&db, before).await;
    let server = Served::start(&db, &token).await;
    assert!(ready(&server).await.starts_with("ready, but the machine's clock is not believed"));
    soon(async || metrics(&server).await.contains("perennial_clock_is_distrusted 1")).await;
    create(server.api()).await;
    assert_eq!(buy(server.api(), "order-1").await.balance, 10);
    soon(async || is_idle(server.api()).await).await;
    let ada = server.api().ask(MEMBER, Value::Null).await.unwrap();
    let earned = instant(&ada["transactions"]["nodes"][0]["effectiveAt"]);
    assert!(earned.duration_since(before) < HOUR, "{earned} is on the server's clock");
    assert_eq!(told(&ada), (10, vec![("EARN", 10)], 0));

    let accepted: Value = perennial(&db, &["clock", "accept", "--json"]).json();
    assert!(instant(&accepted["accepted"]).duration_since(instant(&accepted["before"])) > HOUR);
    soon(async || ready(&server).await == "ready").await;
    assert!(metrics(&server).await.contains("perennial_clock_is_distrusted 0"));
    let expired = async || {
        let ada = server.api().ask(MEMBER, Value::Null).await.unwrap();
        told(&ada) == (0, vec![("EXPIRE", -10), ("EARN", 10)], 1)
    };
    soon(expired).await;
    drop(server);

    // It turns out that the clock was wrong.
    books::know(&db, before).await;
    let undo = ["clock", "undo", "--program", "shop", "--json"];
    let done = |members, points, messages, timers| json!({ "members": members, "points": points, "messages": messages, "timers": timers });
    let undone = |arguments: &[&str]| {
        let mut undone: Value = perennial(&db, &[&undo[..], arguments].concat()).json();
        let fields = undone.as_object_mut().unwrap();
        assert!(fields.remove("now").is_some());
        assert_eq!(fields.remove("dryRun"), Some(json!(arguments == ["--dry-run"])));
        undone
    };
    assert_eq!(undone(&["--until", "2000-01-01T00:00:00Z"]), done(1, 0, 1, 0), "none so old");
    assert_eq!(undone(&["--dry-run"]), done(1, 10, 0, 1));
    assert_eq!(undone(&[]), done(1, 10, 0, 1));
    assert_eq!(undone(&[]), done(0, 0, 0, 0), "a repeat has nothing to undo");
    let server = Served::start(&db, &token).await;
    let ada = server.api().ask(MEMBER, Value::Null).await.unwrap();
    assert_eq!(told(&ada), (10, vec![("RESTORE", 10), ("EXPIRE", -10), ("EARN", 10)], 0));

    // And that it was right after all: points expire once more, and not twice. The plugin remembers
    // that it has written, and does not do so again.
    perennial(&db, &["clock", "accept"]).succeeds();
    let again = async || {
        let ada = server.api().ask(MEMBER, Value::Null).await.unwrap();
        let (points, transactions, _) = told(&ada);
        (points, transactions.len()) == (0, 4)
    };
    soon(again).await;
    assert_eq!(undone(&[]), done(0, 0, 0, 0));
    drop(server);
    books::assert_balanced(&TestApp::observed(db, &Sent::default()).await, 0).await;
}

async fn a_clock_that_is_behind_is_held_too(backend: Backend) {
    let (db, token) = shop(backend).await;
    let ahead = now() + HOUR * 24 * 700;
    books::know(&db, ahead).await;
    let shown: Value = perennial(&db, &["clock", "show", "--json"]).json();
    assert_eq!((&shown["believed"], &shown["boundDays"]), (&json!(false), &json!(31)));
    assert!(instant(&shown["server"]).duration_since(ahead) < HOUR);
    // The first token is over by that clock.
    let server = Served::start(&db, &create_token(&db)).await;
    assert!(!server.accepts(&token).await);
    create(server.api()).await;
    buy(server.api(), "order-1").await;
    let ada = server.api().ask(MEMBER, Value::Null).await.unwrap();
    assert!(instant(&ada["transactions"]["nodes"][0]["effectiveAt"]) >= ahead, "never back");
    perennial(&db, &["clock", "accept"]).succeeds();
    soon(async || ready(&server).await == "ready").await;
    let shown: Value = perennial(&db, &["clock", "show", "--json"]).json();
    assert_eq!(shown["believed"], json!(true));
}

async fn nobody_is_locked_out_by_a_wrong_clock(backend: Backend) {
    let (db, before) = shop(backend).await;
    books::know(&db, now() - HOUR * 24 * 730).await;
    let then = create_token(&db);
    let server = Served::start(&db, "").await;
    assert!(server.accepts(&then).await, "by the machine's clock it expired long ago");
    assert!(server.accepts(&before).await, "and this one was not issued yet");
}

async fn a_setting_says_how_far_a_clock_may_be(backend: Backend) {
    let (db, _) = shop(backend).await;
    let believed = |days: &str| {
        let shown = ["clock", "show", "--json", "--clock-bound", days];
        perennial(&db, &shown).json::<Value>()["believed"].clone()
    };
    assert_eq!(believed("1"), json!(true), "nothing is known yet");
    books::know(&db, now() - HOUR * 24 * 40).await;
    assert_eq!((believed("39"), believed("41")), (json!(false), json!(true)));
    let none = perennial(&db, &["clock", "show", "--clock-bound", "0"]).exits(2);
    assert!(none.stderr.contains("--clock-bound"), "{}", none.stderr);
}

/// A shop that writes to the silent, and a token that its server accepts.
async fn shop(backend: Backend) -> (TestDb, String) {
    let db = TestDb::create(backend).await;
    let plugin = plugins::bundled_folder().join("consumer-goods.wasm");
    perennial(&db, &["plugin", "install", "--approve", plugin.to_str().unwrap()]).succeeds();
    let source = SHOP.replace("expire_after_months = 12", "expire_after_months = 3");
    let program = db.folder.path().join("shop.toml");
    std::fs::write(&program, source + "[plugins.consumer-goods]\nsilence_days = 180\n").unwrap();
    perennial(&db, &["program", "apply", program.to_str().unwrap()]).succeeds();
    let token = create_token(&db);
    (db, token)
}

fn create_token(db: &TestDb) -> String {
    let create = ["token", "create", "--program", "shop", "--scope", "admin"];
    perennial(db, &create).succeeds().stdout.trim().to_owned()
}

fn now() -> Timestamp {
    Clock.machine().instant()
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// Balance, transactions newest first, and the number of messages.
fn told(data: &Value) -> (i64, Vec<(&str, i64)>, usize) {
    let nodes = |name: &str| data[name]["nodes"].as_array().unwrap();
    let transactions = nodes("transactions")
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["points"].as_i64().unwrap()))
        .collect();
    let points = data["member"]["balance"]["points"].as_i64().unwrap();
    (points, transactions, nodes("messages").len())
}

async fn create(server: &AdminApi) {
    const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) { \
         member { id } userErrors { code message field } } }";
    let input = json!({ "externalId": "ada", "kind": "PERSON", "name": "Ada" });
    let created = server.ask(CREATE, json!({ "input": input })).await.unwrap();
    Outcome::<Value>::of(created).done();
}

async fn buy(server: &AdminApi, reference: &str) -> Receipt {
    let input =
        json!({ "member": { "externalId": "ada" }, "reference": reference, "total": "10.00" });
    Outcome::of(server.ask(RECORD, json!({ "input": input })).await.unwrap()).done()
}

/// What a probe of readiness reads: in doubt or not, the server serves.
async fn ready(server: &Served) -> String {
    fetch(&server.api().address().replace("admin/graphql", "readyz")).await
}

async fn metrics(server: &Served) -> String {
    fetch(server.metrics()).await
}

async fn fetch(address: &str) -> String {
    let response = reqwest::get(address).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.text().await.unwrap()
}

/// Whether the plugin has received everything.
async fn is_idle(server: &AdminApi) -> bool {
    let plugins = server.ask("{ plugins { waiting } }", Value::Null).await.unwrap();
    plugins["plugins"][0]["waiting"] == json!(0)
}
