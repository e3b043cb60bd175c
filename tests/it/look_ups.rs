//! What a plugin looks up while it runs: what belongs to the member, by leave of its manifest.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, Person, TestApp, on_both_databases, perennial, plugins};
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    a_plugin_looks_up_what_the_member_has,
    who_asks_for_what_it_may_not_have_is_stopped,
    a_proposal_depends_on_records_and_says_why_in_the_members_language,
    a_view_looks_up_too,
    each_record_has_a_timer_of_its_own,
);

const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { record { data } \
     userErrors { code message field } } }";
const PLUGIN: &str = "{ plugins { parked parkedQueues { nodes { fault { kind message } } } \
     runs { nodes { eventName log } } } }";

async fn a_plugin_looks_up_what_the_member_has(backend: Backend) {
    let app = with_curious(backend, "looks").await;
    let (ada, bob) = (app.joins("sandbox", "ada").await, app.joins("sandbox", "bob").await);
    put(&app, "bob", "B-9", "9").await;
    bob.buys("bobs", "5.00").await.done();
    // One more than a page has, and than one look at them fetches.
    put(&app, "ada", "B-1", "1").await;
    for boat in 0..101 {
        put(&app, "ada", &format!("C-{boat}"), "2").await;
    }
    buys(&ada, "first", 3).await;
    ada.returns(
        "first",
        "back",
        json!({ "lines": [{ "line": { "position": 1 }, "quantity": 1 }] }),
    )
    .await
    .done();
    for order in 0..21 {
        ada.buys(&format!("order-{order}"), "1.00").await.done();
    }
    ada.returns("order-20", "back", json!({ "everything": true })).await.done();
    works(&app).await;

    let log = log_of(&app, "purchase-returned").await;
    let boats: Vec<_> = log.iter().filter(|line| line.starts_with("info: boat")).collect();
    // A log has fifty lines.
    assert_eq!(boats.len(), 50);
    assert_eq!(boats[0], r#"info: boat B-1 {"feet":"1"} Some("{\"feet\":{\"feet\":\"1\"}}")"#);
    assert!(!log.iter().any(|line| line.contains("B-9")), "{log:?}");
}

async fn who_asks_for_what_it_may_not_have_is_stopped(backend: Backend) {
    for (mode, why) in [
        ("flood", "on-event: it looks up more than 20 times in one call"),
        ("unshown", "on-event: it looks up records `car`, and is shown none of these"),
        ("zero", "on-event: the value's key that it looks up contains the character U+0000"),
    ] {
        let app = with_curious(backend, mode).await;
        app.joins("sandbox", "ada").await;
        works(&app).await;
        let plugin = plugin(&app).await;
        assert_eq!(plugin["parked"], 1, "{mode}");
        let fault = &plugin["parkedQueues"]["nodes"][0]["fault"];
        assert_eq!(fault["kind"], "NOT_ALLOWED", "{mode}");
        assert!(fault["message"].as_str().unwrap().ends_with(why), "{fault}");
    }
}

async fn a_proposal_depends_on_records_and_says_why_in_the_members_language(backend: Backend) {
    const QUOTE: &str = "{ quotePurchase(input: { member: { externalId: \"ada\" }, \
         total: \"10.00\" }) { quote { explanation { awards { points reason pluginKey } } } \
         userErrors { code message field } } }";
    let app = with_curious(backend, "looks").await;
    let joins = "mutation($input: CreateMemberInput!) { createMember(input: $input) { \
         member { id } userErrors { code message field } } }";
    let input = json!({ "externalId": "ada", "name": "Ada", "locale": "de-AT" });
    app.does::<Value>("sandbox", joins, input).await.done();
    let awards = async || {
        let quote = app.admin("sandbox", QUOTE, json!({})).await;
        let awards = quote["quotePurchase"]["quote"]["explanation"]["awards"].clone();
        let all = awards.as_array().unwrap().clone();
        all.into_iter().filter(|award| !award["pluginKey"].is_null()).collect::<Vec<_>>()
    };
    assert!(awards().await.is_empty());
    put(&app, "ada", "B-1", "1").await;
    let one = json!([{ "points": 10, "reason": "Ein Boot", "pluginKey": "curious" }]);
    assert_eq!(json!(awards().await), one);
    put(&app, "ada", "B-2", "1").await;
    let two = json!([{ "points": 20, "reason": "2 Boote", "pluginKey": "curious" }]);
    assert_eq!(json!(awards().await), two);
}

async fn a_view_looks_up_too(backend: Backend) {
    let app = with_curious(backend, "looks").await;
    let ada = app.joins("sandbox", "ada").await;
    for order in ["one", "two", "three"] {
        ada.buys(order, "1.00").await.done();
    }
    works(&app).await;
    let query = "{ member(externalId: \"ada\") { pluginViews { data } } }";
    let views = app.admin("sandbox", query, json!({})).await;
    let seen = json!({ "visits": 3, "last": ["three", "two"] });
    assert_eq!(views["member"]["pluginViews"][0]["data"], seen);
    let show = ["plugin", "show", "curious", "--program", "sandbox"];
    let shown = perennial(&app.db, &show).succeeds().stdout;
    assert!(shown.contains("it has 0 states, 1 values, 0 timers"), "{shown}");
}

/// Of three boats with a timer of the same name one is sunk, which cancels the timer of another.
async fn each_record_has_a_timer_of_its_own(backend: Backend) {
    let app = with_curious(backend, "looks").await;
    app.joins("sandbox", "ada").await;
    for boat in ["B-1", "B-2", "B-sunk"] {
        put(&app, "ada", boat, "1").await;
    }
    works(&app).await;
    app.advance_clock("sandbox", "2026-06-02T00:00:00Z").await;
    works(&app).await;
    let messages = app.admin("sandbox", "{ messages { nodes { subject body } } }", json!({})).await;
    let mut told: Vec<_> = messages["messages"]["nodes"].as_array().unwrap().clone();
    told.sort_by_key(|message| message["body"].to_string());
    let about = |boat: &str| json!({ "subject": "regatta", "body": boat });
    assert_eq!(told, [about("B-2"), about("B-sunk")]);
}

async fn with_curious(backend: Backend, mode: &str) -> TestApp {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::curious()).await;
    let program = format!("{}\n[plugins.curious]\nmode = \"{mode}\"\n", sandbox_shop());
    app.loyalty.programs().apply(&program, "test").await.unwrap();
    app
}

async fn put(app: &TestApp, member: &str, boat: &str, feet: &str) {
    let input = json!({
        "member": { "externalId": member }, "type": "boat", "externalId": boat,
        "data": { "feet": feet },
    });
    app.does::<Value>("sandbox", PUT, input).await.done();
}

async fn buys(person: &Person<'_>, reference: &str, quantity: i64) {
    let lines = json!([
        { "sku": "tea", "quantity": quantity, "amount": "3.00" },
        { "sku": "cup", "quantity": 1, "amount": "5.00" },
    ]);
    person.reports(json!({ "reference": reference, "lines": lines })).await.done();
}

async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

async fn plugin(app: &TestApp) -> Value {
    app.admin("sandbox", PLUGIN, json!({})).await["plugins"][0].clone()
}

/// What was logged at the newest event of that name.
async fn log_of(app: &TestApp, event: &str) -> Vec<String> {
    let plugin = plugin(app).await;
    let runs = plugin["runs"]["nodes"].as_array().unwrap();
    let run = runs.iter().find(|run| run["eventName"] == event).unwrap();
    serde_json::from_value(run["log"].clone()).unwrap()
}
