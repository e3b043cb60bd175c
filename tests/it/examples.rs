//! The examples do what their comments say.

use crate::support::programs::example;
use crate::support::{Backend, TestApp, on_both_databases, perennial};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// Each is sent by a test below.
const QUERIES: [&str; 14] = [
    "edit-purchase",
    "follow-changes",
    "gift-card",
    "hold-points",
    "household",
    "member-status",
    "merge-members",
    "nearest-centers",
    "pay-with-points",
    "points-liability",
    "quote-cart",
    "record-return",
    "revoke-tokens",
    "statement",
];

on_both_databases!(the_queries_of_the_examples_are_answered);

#[test]
fn every_query_of_the_examples_is_tried() {
    let folder = format!("{}/examples/queries", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut names: Vec<_> =
        files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert_eq!(names, QUERIES);
}

async fn the_queries_of_the_examples_are_answered(backend: Backend) {
    let app = TestApp::start(backend).await;
    let app = app.with_program(&example("demo")).await.with_program(&example("machinery")).await;
    let file = "examples/data/service-centers.csv";
    perennial(&app.db, &["import", "centers", file, "--program", "machinery"]).succeeds();
    let member = app.joins("demo", "0001").await;
    member.buys("order-1", "29.33").await.done();

    let status = member.asks(&query("member-status"), Value::Null).await;
    assert!(status["me"]["balance"]["points"].as_i64() > Some(0), "{status}");
    assert!(status["me"]["progress"]["nextTier"]["name"].is_string(), "{status}");
    let quote = member.asks(&query("quote-cart"), Value::Null).await;
    assert!(quote["quotePurchase"]["quote"]["points"].as_i64() > Some(0), "{quote}");
    let held = app.admin("demo", &query("hold-points"), json!({ "member": "0001" })).await;
    assert_eq!(held["holdPoints"]["hold"]["state"], "OPEN", "{held}");
    let lines = json!([{ "sku": "cd", "quantity": 2, "amount": "29.33" }]);
    member.reports(json!({ "reference": "order-2", "lines": lines })).await.done();
    let order = json!({ "purchase": "order-2" });
    let edited = app.admin("demo", &query("edit-purchase"), order.clone()).await;
    assert_eq!(edited["editPurchase"]["receipt"]["total"]["amount"], "23.67", "{edited}");
    let returned = app.admin("demo", &query("record-return"), order).await;
    assert_eq!(returned["recordReturn"]["receipt"]["amount"]["amount"], "14.67", "{returned}");
    let statement = member.asks(&query("statement"), Value::Null).await;
    let first = statement["me"]["transactions"]["nodes"].as_array().unwrap().last().unwrap();
    assert_eq!(first["cause"]["purchaseReference"], "order-1", "{statement}");
    let household = json!({ "household": "home", "name": "Home", "person": "0001" });
    let joined = app.admin("demo", &query("household"), household).await;
    assert_eq!(joined["joinGroup"]["membership"]["accrual"], "GROUP", "{joined}");
    app.advance_clock("machinery", "2026-02-01T00:00:00Z").await;
    app.joins("machinery", "twice").await;
    app.joins("machinery", "once").await;
    let twice = json!({ "from": "twice", "into": "once" });
    let merged = app.admin("machinery", &query("merge-members"), twice).await;
    assert_eq!(merged["mergeMembers"]["member"]["externalId"], "once", "{merged}");
    let app = app.with_program(&example("tea-shop")).await;
    let drinker = app.joins("tea-shop", "0001").await;
    drinker.buys("order-1", "50.00").await.done();
    let pay = json!({ "member": "0001", "order": "order-2" });
    let unpaid = app.admin("tea-shop", &query("pay-with-points"), pay.clone()).await;
    assert_eq!(
        unpaid["recordPurchase"]["userErrors"][0]["code"], "INSUFFICIENT_POINTS",
        "{unpaid}"
    );
    let gift = json!({ "points": 500, "order": "order-3" });
    let sold = app.admin("tea-shop", &query("gift-card"), gift).await;
    let (card, code) = (&sold["issueGiftCard"]["card"], &sold["issueGiftCard"]["code"]);
    assert_eq!(card["member"]["balance"]["points"], 500, "{sold}");
    assert_eq!(code.as_str().map(str::len), Some(24), "{sold}");
    let revoked = app.admin("demo", &query("revoke-tokens"), json!({ "member": "0001" })).await;
    assert!(revoked["revokeTokens"]["issuedUntil"].is_string(), "{revoked}");
    let owed = app.admin("demo", &query("points-liability"), Value::Null).await;
    assert!(owed["pointsLiability"][0]["total"].as_i64() > Some(0), "{owed}");
    let changes = app.admin("demo", &query("follow-changes"), json!({ "after": null })).await;
    assert!(changes["changes"]["pageInfo"]["endCursor"].is_string(), "{changes}");
    // Without a token.
    let body = json!({ "query": query("nearest-centers") });
    let (code, nearest) = app.send("/graphql", None, &body).await;
    assert_eq!((code, &nearest["errors"]), (StatusCode::OK, &Value::Null), "{nearest}");
    let nodes = nearest["data"]["serviceCenters"]["nodes"].as_array().unwrap();
    let distances: Vec<_> = nodes.iter().map(|node| node["distanceKm"].as_f64().unwrap()).collect();
    assert!(nodes.len() == 3 && distances.is_sorted(), "{nearest}");
}

fn query(name: &str) -> String {
    assert!(QUERIES.contains(&name), "{name} is not in the list");
    let path = format!("{}/examples/queries/{name}.graphql", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}
