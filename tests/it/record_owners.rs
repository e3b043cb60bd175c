//! A record type has one owner. Another plugin is shown its records, and writes them, where its manifest
//! names them and an operator has approved that; and nobody has anything to do with another member's.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, on_both_databases, perennial, plugins};
use perennial_core::{Code, worker};
use serde_json::{Value, json};

on_both_databases!(
    two_plugins_do_not_own_the_same_records,
    who_reads_records_of_another_has_that_one_beside_it,
    records_of_another_are_written_as_their_owner_says,
    a_timer_is_about_a_record_of_its_own_member,
    a_timer_brings_no_record_of_another_member,
);

const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { record { data } \
     userErrors { code message field } } }";
const PLUGINS: &str =
    "{ plugins { key handled parked parkedQueues { nodes { fault { kind message } } } } }";
const RECORDS: &str = "{ member(externalId: \"ada\") { records { nodes { type data } } } }";

/// Declares machines, which have hours.
fn owner() -> Vec<u8> {
    plugins::hostile_with(
        "owner",
        &[
            (
                "[records.toy-of-owner]\ntype = \"object\"",
                "[records.machine]\nrequired = [\"hours\"]",
            ),
            ("writes-records = [\"toy-of-owner\"]", "writes-records = [\"machine\"]"),
            ("subscribes = [\"purchase-recorded\"]", "subscribes = []"),
        ],
    )
}

/// Is shown the owner's machines, and may write them.
fn reader(subscribes: &str) -> Vec<u8> {
    plugins::hostile_with(
        "reader",
        &[
            (
                "writes-records = [\"toy-of-reader\"]",
                "reads-records = [\"owner/machine\"]\nwrites-records = [\"owner/machine\"]",
            ),
            ("subscribes = [\"purchase-recorded\"]", &format!("subscribes = [\"{subscribes}\"]")),
        ],
    )
}

async fn two_plugins_do_not_own_the_same_records(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&owner()).await;
    let other =
        [("[records.toy-of-other]", "[records.machine]"), ("[\"toy-of-other\"]", "[\"machine\"]")];
    app.offers(&plugins::hostile_with("other", &other)).await;
    app.loyalty.programs().apply(&file(&["owner"], "behave"), "test").await.unwrap();
    let both = app.loyalty.programs().apply(&file(&["owner", "other"], "behave"), "test").await;
    let refused = both.unwrap_err();
    assert_eq!(refused.code(), Code::RecordTypeTaken);
    let said = refused.to_string();
    assert!(said.starts_with("plugins.owner: it declares the record type `machine`"), "{said}");

    // What is left out still has its records, until it is purged.
    let other = app.loyalty.programs().apply(&file(&["other"], "behave"), "test").await;
    assert_eq!(other.unwrap_err().code(), Code::RecordTypeTaken);
    app.loyalty.programs().apply(&file(&[], "behave"), "test").await.unwrap();
    perennial(&app.db, &["plugin", "purge", "owner", "--program", "sandbox", "--yes"]).succeeds();
    app.loyalty.programs().apply(&file(&["other"], "behave"), "test").await.unwrap();
}

async fn who_reads_records_of_another_has_that_one_beside_it(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&owner()).await;
    app.offers(&reader("record-put")).await;
    let alone = app.loyalty.programs().apply(&file(&["reader"], "behave"), "test").await;
    let refused = alone.unwrap_err();
    assert_eq!(refused.code(), Code::RecordTypeUnknown);
    assert!(refused.to_string().contains("`machine` of the plugin `owner`"), "{refused}");

    app.loyalty.programs().apply(&file(&["owner", "reader"], "behave"), "test").await.unwrap();
    app.joins("sandbox", "ada").await;
    put(&app, "ada").await;
    works(&app).await;
    assert_eq!(plugin(&app, "reader").await["handled"], 1, "it is told of the machine");
}

async fn records_of_another_are_written_as_their_owner_says(backend: Backend) {
    for (mode, data) in [("machine", json!({ "hours": 7 })), ("machine-without-hours", Value::Null)]
    {
        let app = TestApp::idle(backend).await;
        app.offers(&owner()).await;
        app.offers(&reader("member-joined")).await;
        app.loyalty.programs().apply(&file(&["owner", "reader"], mode), "test").await.unwrap();
        app.joins("sandbox", "ada").await;
        works(&app).await;
        let member = app.admin("sandbox", RECORDS, json!({})).await;
        assert_eq!(member["member"]["records"]["nodes"][0]["data"], data);
        let reader = plugin(&app, "reader").await;
        let why = &reader["parkedQueues"]["nodes"][0]["fault"]["message"];
        match data {
            Value::Null => {
                assert!(why.as_str().unwrap().contains("\"hours\" is a required"), "{why}")
            }
            _ => assert_eq!(reader["handled"], 1),
        }
    }
}

async fn a_timer_is_about_a_record_of_its_own_member(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&owner()).await;
    app.offers(&reader("member-joined")).await;
    let program = file(&["owner", "reader"], "timer-about-a-machine");
    app.loyalty.programs().apply(&program, "test").await.unwrap();
    app.joins("sandbox", "ada").await;
    works(&app).await;
    assert_eq!(plugin(&app, "reader").await["handled"], 1, "nobody has the machine yet");
    put(&app, "ada").await;
    app.joins("sandbox", "bob").await;
    works(&app).await;
    let reader = plugin(&app, "reader").await;
    assert_eq!((&reader["handled"], &reader["parked"]), (&json!(1), &json!(1)));
    let fault = &reader["parkedQueues"]["nodes"][0]["fault"];
    assert_eq!(fault["kind"], "NOT_ALLOWED");
    let why = fault["message"].as_str().unwrap();
    assert!(why.contains("the machine `m-1` is another member's"), "{why}");
}

/// Of two who were to be woken about a machine that nobody had yet, one has it when the time comes.
async fn a_timer_brings_no_record_of_another_member(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&owner()).await;
    app.offers(&reader("member-joined")).await;
    let program = file(&["owner", "reader"], "timer-about-a-machine");
    app.loyalty.programs().apply(&program, "test").await.unwrap();
    for member in ["ada", "bob"] {
        app.joins("sandbox", member).await;
    }
    works(&app).await;
    put(&app, "bob").await;
    // The first day of March has begun in Berlin, and the hour after which a timer may fire again has not.
    app.advance_clock("sandbox", "2026-02-28T23:30:00Z").await;
    assert_eq!(fired(&app, "ada").await, [Value::Null]);
    assert_eq!(fired(&app, "bob").await, [json!({ "hours": 1 })]);
}

/// The data of the records that came with the member's timers.
async fn fired(app: &TestApp, member: &str) -> Vec<Value> {
    let query =
        format!("{{ member(externalId: \"{member}\") {{ events {{ nodes {{ name data }} }} }} }}");
    let all = app.admin("sandbox", &query, json!({})).await;
    let all = all["member"]["events"]["nodes"].as_array().unwrap();
    let fired = all.iter().filter(|event| event["name"] == "timer-fired");
    fired.map(|event| event["data"]["record"]["data"].clone()).collect()
}

async fn put(app: &TestApp, member: &str) {
    let input = json!({
        "member": { "externalId": member }, "type": "machine", "externalId": "m-1",
        "data": { "hours": 1 },
    });
    app.does::<Value>("sandbox", PUT, input).await.done();
}

async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

async fn plugin(app: &TestApp, key: &str) -> Value {
    let all = app.admin("sandbox", PLUGINS, json!({})).await;
    let all = all["plugins"].as_array().unwrap();
    all.iter().find(|plugin| plugin["key"] == key).unwrap().clone()
}

fn file(plugins: &[&str], mode: &str) -> String {
    let section = |id: &&str| match *id {
        "owner" => "[plugins.owner]\nmode = \"behave\"\n".to_owned(),
        id => format!("[plugins.{id}]\nmode = \"{mode}\"\n"),
    };
    format!("{}{}", sandbox_shop(), plugins.iter().map(section).collect::<String>())
}
