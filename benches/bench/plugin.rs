//! One event through a plugin in a fresh instance, beside the same plugin called natively.

use crate::platform::consumer_goods;
use crate::report::{Report, paired};
use perennial_core::plugins::{Component, Context, Event, Known, Member, MemberKind, Runtime};
use perennial_core::{EventId, sha256_hex};
use perennial_plugin_host::Host;
use perennial_sdk::testing::{self, Simulation};
use plugin_consumer_goods::ConsumerGoods;
use serde_json::{Value, json};
use std::sync::Arc;

const ROUNDS: usize = 7;
const CALLS: u32 = 500;

pub(crate) async fn measure(report: &mut Report) {
    let host = Host::new().expect("a plugin host");
    let component = component(&host);
    let (context, member, event, known) = (context(), member(), event(), Known::default());
    let mut native = Simulation::<ConsumerGoods>::new("2026-11-22", config(), testing::person());
    let (ours, theirs) = paired(
        ROUNDS,
        async |_| {
            for _ in 0..CALLS {
                let run = host.on_event(&component, &context, Some(&member), &event, &known).await;
                assert!(!run.expect("an answer").output.is_empty());
            }
        },
        async |_| {
            for _ in 0..CALLS {
                let actions = native.event("purchase-recorded", event.data.clone());
                std::hint::black_box(actions.expect("an answer"));
            }
        },
    )
    .await;
    report.time("plugin.event.fresh-instance", ours / CALLS, theirs / CALLS);
}

fn component(host: &Host) -> Component {
    let wasm = consumer_goods(host);
    let manifest = host.inspect(&wasm).expect("a sound component").manifest;
    Component { digest: sha256_hex(&wasm), manifest: Arc::new(manifest), wasm: wasm.into() }
}

fn config() -> Value {
    json!({ "silence_days": 180 })
}

fn context() -> Context {
    Context {
        program: "bench".to_owned(),
        revision: 1,
        now: now(),
        today: "2026-11-22".parse().expect("a date"),
        seed: 1,
        config: config(),
        state: None,
    }
}

fn member() -> Member {
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

fn event() -> Event {
    let data = json!({
        "purchaseId": "pur_1", "reference": "order-1", "currency": "EUR", "totalMinor": 1000,
        "purchasedOn": "2026-11-22", "points": 10,
        "lines": [{ "sku": "cd", "category": null, "quantity": 1, "amountMinor": 1000 }],
    });
    Event {
        id: EventId::new().to_string(),
        name: "purchase-recorded".to_owned(),
        occurred_at: now(),
        data,
    }
}

fn now() -> jiff::Timestamp {
    "2026-11-22T10:00:00Z".parse().expect("an instant")
}
