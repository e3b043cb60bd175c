//! Each case of `appraise` and of `view`: the purchase is recorded without the plugin and says so,
//! whoever looks sees the others, and nothing of the answer is kept.

use super::cases::{At, Case, at};
use super::guests::FAIR;
use super::{apply, guests, kind, state};
use crate::support::{Backend, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    whatever_is_done_about_a_purchase_is_left_out_of_it,
    whatever_is_shown_of_a_member_hides_nobody_else,
);

const RECORD: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) { \
     receipt { pointsEarned explanation { awards { pluginKey points } \
       missing { pluginKey because } } } userErrors { code message field } } }";

/// Ten points by the rule, and one from the neighbour.
async fn whatever_is_done_about_a_purchase_is_left_out_of_it(backend: Backend) {
    let app = TestApp::idle(backend).await;
    guests::offer(&app).await;
    for case in at(At::Appraise) {
        let (program, id) = (format!("buys-{}", case.mode), guests::of(case));
        apply(&app, &program, &both(case, "appraise")).await;
        app.joins(&program, "ada").await;
        let order = json!({
            "member": { "externalId": "ada" }, "reference": "order-1", "total": "10.00",
        });
        let receipt: Value = app.does(&program, RECORD, order).await.done();
        assert_eq!(receipt["pointsEarned"], 11, "{case:?} {receipt}");
        let missing = json!([{ "pluginKey": id, "because": "FAILED" }]);
        assert_eq!(receipt["explanation"]["missing"], missing, "{case:?}");
        let guest = state(&app, &program, &id).await;
        let fault = guest.missed_appraisals.first_fault();
        assert_eq!(fault.kind, kind(case), "{case:?} {fault:?}");
        assert!(fault.message.contains(case.says), "{case:?} {fault:?}");
        let kept = books::kept_of_plugin(&app, &program, &id).await;
        assert!(kept.is_empty(), "{case:?} {kept:?}");
    }
}

async fn whatever_is_shown_of_a_member_hides_nobody_else(backend: Backend) {
    let app = TestApp::idle(backend).await;
    guests::offer(&app).await;
    for case in at(At::View) {
        let (program, id) = (format!("looks-{}", case.mode), guests::of(case));
        apply(&app, &program, &both(case, "view")).await;
        let ada = app.joins(&program, "ada").await;
        let seen = ada.asks("{ me { pluginViews { pluginKey data } } }", Value::Null).await;
        let expected = json!([
            { "pluginKey": format!("{FAIR}-view"), "data": { "mode": "behave" } },
            { "pluginKey": id, "data": null },
        ]);
        assert_eq!(seen["me"]["pluginViews"], expected, "{case:?}");
        let query =
            "{ member(externalId: \"ada\") { pluginViews { fault { kind message event } } } }";
        let seen = app.admin(&program, query, Value::Null).await;
        let seen = &seen["member"]["pluginViews"];
        assert_eq!(seen[0]["fault"], Value::Null, "{case:?} {seen}");
        let fault = &seen[1]["fault"];
        assert_eq!(fault["kind"], kind(case), "{case:?} {fault}");
        assert!(fault["message"].as_str().unwrap().contains(case.says), "{case:?} {fault}");
        // Who reads members and mends no plugins is shown no more than before.
        let reads = app.token(&program, "desk", "members:read");
        let body = json!({ "query": query });
        let seen = app.send("/admin/graphql", Some(&reads), &body).await.1;
        let seen = &seen["data"]["member"]["pluginViews"];
        assert_eq!(seen[1], json!({ "fault": null }), "{case:?} {seen}");
        let kept = books::kept_of_plugin(&app, &program, &id).await;
        assert!(kept.is_empty(), "{case:?} {kept:?}");
    }
}

/// The tables of the guest and of its neighbour.
fn both(case: &Case, hook: &str) -> String {
    let (id, mode) = (guests::of(case), case.mode);
    format!("[plugins.{FAIR}-{hook}]\nmode = \"behave\"\n[plugins.{id}]\nmode = \"{mode}\"\n")
}
