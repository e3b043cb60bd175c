//! The plugins that are measured, built once, and what they are called with.

use perennial_core::plugins::{Component, Context, Event, Member, MemberKind, Runtime};
use perennial_core::{EventId, sha256_hex};
use perennial_plugin_host::{Host, Limits, build, repack};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The hooks, capabilities and texts of `hello`, under another name and with other subscriptions.
const MANIFEST: &str = r#"
name = "Hello"
version = "1.0.0-dev"

[capabilities]
messages = true
timers = true
points-per-event-max = 1000

[config]
type = "object"

[messages.welcome.en]
subject = "Welcome"
body = "{points} points are waiting for you."
"#;

/// What one compiled, the next run need not.
pub(super) fn host() -> Host {
    let cache = root().join("target/plugin-cache-of-benches");
    Host::with_cache(Limits::default(), &cache).expect("a plugin host")
}

/// The component of the example.
pub(super) fn hello(host: &Host) -> Vec<u8> {
    built(host, "examples/plugin-hello")
}

/// The same under another name, subscribed to these events.
pub(super) fn subscribed(hello: &[u8], id: &str, subscribes: &[&str]) -> Vec<u8> {
    let manifest = format!("id = \"{id}\"\nsubscribes = {subscribes:?}\n{MANIFEST}");
    repack(hello, &manifest).expect("another manifest")
}

/// The component of the plugin that does what its configuration says it must not.
pub(super) fn hostile(host: &Host) -> Vec<u8> {
    built(host, "tests/plugins/hostile")
}

pub(super) fn component(host: &Host, wasm: Vec<u8>) -> Component {
    let manifest = host.inspect(&wasm).expect("a sound component").manifest;
    Component { digest: sha256_hex(&wasm), manifest: Arc::new(manifest), wasm: wasm.into() }
}

pub(super) fn context(config: Value) -> Context {
    Context {
        program: "bench".to_owned(),
        revision: 1,
        now: now(),
        today: "2026-11-22".parse().expect("a date"),
        seed: 1,
        config,
        state: None,
    }
}

pub(super) fn member() -> Member {
    Member {
        id: "mem_1".to_owned(),
        external_id: "1".to_owned(),
        kind: MemberKind::Person,
        locale: "en".to_owned(),
        tier: None,
        points: 0,
        purchases: 1,
        spent_minor: 1000,
        joined_on: "2026-01-01".parse().expect("a date"),
        last_purchase_on: None,
        contacts: Vec::new(),
        tags: Vec::new(),
    }
}

pub(super) fn joined() -> Event {
    event("member-joined", json!({}))
}

pub(super) fn bought() -> Event {
    let data = json!({
        "purchaseId": "pur_1", "reference": "order-1", "currency": "EUR", "totalMinor": 1000,
        "purchasedOn": "2026-11-22", "points": 10,
        "lines": [{ "sku": "cd", "category": null, "quantity": 1, "amountMinor": 1000 }],
    });
    event("purchase-recorded", data)
}

fn event(name: &str, data: Value) -> Event {
    let (id, name) = (EventId::new().to_string(), name.to_owned());
    Event { id, name, occurred_at: now(), data }
}

fn now() -> jiff::Timestamp {
    "2026-11-22T10:00:00Z".parse().expect("an instant")
}

fn built(host: &Host, directory: &str) -> Vec<u8> {
    let out = root().join("target/plugins-of-benches");
    let built = build(host, &root().join(directory), &out, None).expect("the plugin compiles");
    std::fs::read(&built.first().expect("one plugin").path).expect("its component")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
