//! What a plugin receives of what becomes of itself: that it was enabled, configured or moved, about
//! everybody whom it may plan anew for.

mod industries;
mod interrupted;
mod operator;
mod reach;

use crate::support::programs::sandbox_shop;
use crate::support::{TestApp, books, plugins};
use perennial_core::worker;
use serde_json::{Value, json};

const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { \
     record { externalId } userErrors { code message field } } }";

/// A plugin that subscribes to what becomes of it and to purchases, and knows buyers if its mode says so.
fn listener(version: &str) -> Vec<u8> {
    listener_called("listener", version)
}

fn listener_called(id: &str, version: &str) -> Vec<u8> {
    subscribed(id, version, "\"plugin-changed\", \"purchase-recorded\"")
}

fn subscribed(id: &str, version: &str, events: &str) -> Vec<u8> {
    plugins::hostile_with(
        id,
        &[
            ("version = \"1.0.0\"", &format!("version = \"{version}\"")),
            ("subscribes = [\"purchase-recorded\"]", &format!("subscribes = [{events}]")),
        ],
    )
}

/// The sandbox with plugins, each with its table.
fn file(plugins: &[(&str, &str)]) -> String {
    let section = |(id, table): &(&str, &str)| format!("[plugins.{id}]\n{table}\n");
    format!("{}{}", sandbox_shop(), plugins.iter().map(section).collect::<String>())
}

/// Does all that is due.
async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

async fn applies(app: &TestApp, source: &str) {
    app.loyalty.programs().apply(source, "test").await.unwrap();
}

/// What a member's events say of changes, oldest first, each in a line: `enabled 1.1.0 after 1.0.0`,
/// and which record it is about.
async fn told(app: &TestApp, program: &str, member: &str) -> Vec<String> {
    const EVENTS: &str = "query($id: String!) { member(externalId: $id) { \
         events(first: 50) { nodes { name data } } } }";
    let all = app.admin(program, EVENTS, json!({ "id": member })).await;
    let all = all["member"]["events"]["nodes"].as_array().unwrap().clone();
    let changes = all.into_iter().rev().filter(|event| event["name"] == "plugin-changed");
    changes.map(|event| line(&event["data"])).collect()
}

fn line(data: &Value) -> String {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let after = text(&data["versionBefore"]).map(|before| format!(" after {before}"));
    let about = text(&data["record"]["externalId"]).map(|record| format!(" about {record}"));
    let (change, version) = (text(&data["change"]).unwrap(), text(&data["version"]).unwrap());
    format!("{change} {version}{}{}", after.unwrap_or_default(), about.unwrap_or_default())
}

/// Puts a record of the listener's type.
async fn puts(app: &TestApp, member: &str, external_id: &str) {
    let input = json!({
        "member": { "externalId": member }, "type": "toy-of-listener", "externalId": external_id,
        "data": { "of": member },
    });
    app.does::<Value>("sandbox", PUT, input).await.done();
}

/// How many events of all programs tell of changes.
async fn all_told(app: &TestApp) -> i64 {
    books::counted(app, "SELECT COUNT(*) AS n FROM events WHERE name = 'plugin-changed'").await
}
