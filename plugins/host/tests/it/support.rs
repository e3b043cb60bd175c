//! Components built once for the whole test run, and the things to call them with.

use crate::made::{Does, made};
use perennial_core::plugins::{
    Component, Context, Event, Known, Member, MemberKind, Purchase, PurchaseLine, Runtime,
};
use perennial_core::{EventId, sha256_hex};
use perennial_plugin_host::{Built, Host, Limits, build, repack};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

/// The misbehaving guest.
pub(crate) static HOSTILE: LazyLock<Component> = LazyLock::new(|| load("tests/plugins/hostile"));
/// The guest made by hand that grows a table.
pub(crate) static TABLE_GROWER: LazyLock<Component> = LazyLock::new(|| {
    let manifest = "id = \"hostile\"\nname = \"Hostile\"\nversion = \"1.0.0\"\n";
    let wasm = repack(&made(&HOSTILE.wasm, Does::GrowTable), manifest).unwrap();
    component(sha256_hex(&wasm), &wasm)
});
/// The example outside the workspace.
pub(crate) static HELLO: LazyLock<Component> = LazyLock::new(|| load("examples/plugin-hello"));

/// With so much time that fuel decides, however busy the machine is.
pub(crate) fn host() -> Host {
    host_with(Limits { slots: 8, ticks: 150, ..Limits::default() })
}

/// What one test compiled, the others and the next run need not.
pub(crate) fn host_with(limits: Limits) -> Host {
    Host::with_cache(limits, &repository().join("target/plugin-cache-of-tests")).unwrap()
}

/// Nothing that could be looked up.
pub(crate) fn nothing_known() -> Known {
    Known::default()
}

pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Builds into a target directory of its own, which all tests and both guests share.
pub(crate) fn built(directory: &str) -> Built {
    let target = repository().join("target/plugins-build");
    let out = target.join("tested");
    let mut built = build(&host(), &repository().join(directory), &out, Some(&target)).unwrap();
    assert_eq!(built.len(), 1);
    built.remove(0)
}

fn load(directory: &str) -> Component {
    let built = built(directory);
    component(built.digest, &std::fs::read(built.path).unwrap())
}

pub(crate) fn component(digest: String, wasm: &[u8]) -> Component {
    let manifest = Arc::new(host().inspect(wasm).unwrap().manifest);
    Component { digest, manifest, wasm: wasm.into() }
}

pub(crate) fn context(config: Value) -> Context {
    Context {
        program: "test".to_owned(),
        revision: 1,
        now: "2026-11-22T10:00:00Z".parse().unwrap(),
        today: "2026-11-22".parse().unwrap(),
        seed: 7,
        config,
        state: None,
    }
}

/// The context that makes the hostile guest do something.
pub(crate) fn mode(mode: &str) -> Context {
    context(json!({ "mode": mode }))
}

pub(crate) fn member() -> Member {
    Member {
        id: "mem_1".to_owned(),
        external_id: "ada".to_owned(),
        kind: MemberKind::Person,
        locale: "en".to_owned(),
        tier: None,
        points: 10,
        purchases: 1,
        spent_minor: 250,
        joined_on: "2026-01-01".parse().unwrap(),
        last_purchase_on: None,
        contacts: Vec::new(),
        tags: Vec::new(),
    }
}

pub(crate) fn event(name: &str, data: Value) -> Event {
    let occurred_at = "2026-11-22T10:00:00Z".parse().unwrap();
    Event { id: EventId::new().to_string(), name: name.to_owned(), occurred_at, data }
}

pub(crate) fn purchase_recorded() -> Event {
    let line = json!({ "sku": "ESPRESSO", "category": null, "quantity": 1, "amountMinor": 250 });
    let data = json!({
        "purchaseId": "pur_1", "reference": "P-1", "currency": "EUR", "totalMinor": 250,
        "purchasedOn": "2026-11-22", "points": 2, "lines": [line],
    });
    event("purchase-recorded", data)
}

pub(crate) fn purchase() -> Purchase {
    let (sku, category) = ("ESPRESSO".to_owned(), None);
    Purchase {
        reference: "P-1".to_owned(),
        currency: "EUR".to_owned(),
        total_minor: 250,
        purchased_on: "2026-11-22".parse().unwrap(),
        lines: vec![PurchaseLine { sku, category, quantity: 1, amount_minor: 250 }],
    }
}
