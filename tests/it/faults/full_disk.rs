//! A disk that is full: what is refused is refused clearly and changes nothing, what was answered is
//! there for whoever reads it, and everything goes on as soon as there is room. The core has the same
//! of SQLite, whose limit belongs to the connection that writes.

use super::times;
use crate::support::programs::SHOP;
use crate::support::{Backend, Outcome, RECORD, Receipt, TestApp, books};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[test]
fn nothing_answered_is_lost_on_a_full_disk_on_postgres() {
    crate::support::run(async {
        let app = TestApp::start(Backend::Postgres).await.with_program(SHOP).await;
        app.joins("shop", "ada").await;
        let mut answered: BTreeMap<String, Receipt> = BTreeMap::new();
        for time in 0..times(4) {
            books::fill_disk(&app).await;
            for order in 0..3 {
                let refused = buy(&app, &format!("full-{time}-{order}")).await.unwrap_err();
                assert_eq!(
                    refused["errors"][0]["extensions"]["code"], "UNAVAILABLE",
                    "{refused:#}"
                );
            }
            books::free_disk(&app).await;
            for order in 0..5 {
                let reference = format!("free-{time}-{order}");
                answered.insert(reference.clone(), buy(&app, &reference).await.unwrap());
            }
        }
        // Read through connections that have seen nothing of it.
        let other = TestApp::beside(&app).await;
        for (reference, receipt) in &answered {
            assert_eq!(&buy(&other, reference).await.unwrap(), receipt, "{reference}");
        }
        books::assert_balanced(&other, i64::try_from(answered.len()).unwrap()).await;
    });
}

/// Records a purchase of one point; the whole response when there is no receipt.
async fn buy(app: &TestApp, reference: &str) -> Result<Receipt, Value> {
    let token = app.token("shop", "till", "purchases:write");
    let input =
        json!({ "member": { "externalId": "ada" }, "reference": reference, "total": "1.00" });
    let body = json!({ "query": RECORD, "variables": { "input": input } });
    let (status, mut body) = app.send("/admin/graphql", Some(&token), &body).await;
    if status != StatusCode::OK || !body["errors"].is_null() {
        return Err(body);
    }
    Ok(Outcome::of(body["data"].take()).done())
}
