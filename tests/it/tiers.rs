//! Tiers after a revision of the ladder: everybody stands where today's ladder puts them, whoever
//! looks and whenever.

use crate::support::programs::SHOP;
use crate::support::{Backend, Person, TestApp, on_both_databases};
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    a_raised_threshold_holds_at_once_and_a_purchase_takes_nobody_down,
    a_lowered_threshold_holds_at_once,
    those_at_whom_nobody_looks_are_settled_in_the_background,
);

const TIER: &str = "{ me { tier { key } progress { value missing nextTier { key } } } }";

/// The shop, where gold starts at so many purchases and earns more.
fn gold_from(purchases: u32) -> String {
    let extra = "[[earning_rules]]\nid = \"gold\"\nname.en = \"Gold\"\npoints = 100\n\
                 when = 'member.tier == \"gold\"'\n[tiers]\n";
    SHOP.replace("from = 5", &format!("from = {purchases}")).replace("[tiers]\n", extra)
}

async fn buys(person: &Person<'_>, orders: std::ops::Range<usize>) {
    for order in orders {
        let reference = format!("{}-{order}", person.member.external_id);
        person.buys(&reference, "1.00").await.done();
    }
}

/// Tier and what is missing to the next, as the storefront shows them.
async fn stands(person: &Person<'_>) -> (Value, Value) {
    let mut me = person.asks(TIER, Value::Null).await;
    (me["me"]["tier"]["key"].take(), me["me"]["progress"]["missing"].take())
}

/// The members' moves, newest first.
async fn moves(app: &TestApp) -> Vec<Value> {
    const EVENTS: &str =
        "{ members(first: 10) { nodes { events(first: 50) { nodes { name data } } } } }";
    let data = app.admin("shop", EVENTS, Value::Null).await;
    let members = data["members"]["nodes"].as_array().unwrap();
    let events = members.iter().flat_map(|member| member["events"]["nodes"].as_array().unwrap());
    events
        .filter(|event| event["name"] == "tier-changed")
        .map(|event| event["data"].clone())
        .collect()
}

async fn a_raised_threshold_holds_at_once_and_a_purchase_takes_nobody_down(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    buys(&ada, 0..5).await;
    assert_eq!(stands(&ada).await, (json!("gold"), json!(0)));
    app.loyalty.programs().apply(&gold_from(10), "test").await.unwrap();
    assert_eq!(stands(&ada).await, (json!("silver"), json!(5)));
    assert_eq!(ada.quote("1.00").await.tier_after.unwrap().key, "silver");
    let receipt = ada.buys("next", "1.00").await.done();
    assert_eq!((receipt.points_earned, receipt.tier.unwrap().key.as_str()), (1, "silver"));
    assert_eq!(stands(&ada).await, (json!("silver"), json!(4)));
    let newest = &moves(&app).await[0];
    assert_eq!(newest, &json!({ "from": "gold", "to": "silver" }));
}

async fn a_lowered_threshold_holds_at_once(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    buys(&ada, 0..4).await;
    app.loyalty.programs().apply(&gold_from(4), "test").await.unwrap();
    assert_eq!(stands(&ada).await, (json!("gold"), json!(0)));
    assert_eq!(ada.quote("1.00").await.points, 101);
}

async fn those_at_whom_nobody_looks_are_settled_in_the_background(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    for name in ["ada", "bob", "eve"] {
        buys(&app.joins("shop", name).await, 0..5).await;
    }
    let before = moves(&app).await.len();
    app.loyalty.programs().apply(&gold_from(9), "test").await.unwrap();
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let moves = moves(&app).await;
    assert_eq!(moves.len(), before + 3, "one move each: {moves:?}");
    // A revision that leaves the ladder alone moves nobody.
    app.loyalty.programs().apply(&gold_from(9).replace("A mug", "A cup"), "test").await.unwrap();
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    assert_eq!(self::moves(&app).await.len(), before + 3);
}
