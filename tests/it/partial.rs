//! A field that fails is null and says why; what was requested beside it stays.

use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    a_wrong_argument_costs_its_own_field_alone,
    a_forbidden_field_costs_itself_alone,
    a_forbidden_mutation_leaves_the_others_results,
    a_refused_cart_is_the_users_error,
);

/// Each error as `path: CODE argument`.
fn errors(body: &Value) -> String {
    let joined = |value: &Value| {
        let parts = value.as_array().into_iter().flatten();
        parts.map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".")
    };
    let error = |error: &Value| {
        let extensions = &error["extensions"];
        let code = extensions["code"].as_str().unwrap();
        format!("{}: {code} {}", joined(&error["path"]), joined(&extensions["field"]))
    };
    let mut lines: Vec<_> = body["errors"].as_array().unwrap().iter().map(error).collect();
    lines.sort();
    lines.join("\n")
}

async fn a_wrong_argument_costs_its_own_field_alone(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let query = "{ program { slug } \
         cursor: members(after: \"x\") { nodes { id } } many: members(first: 101) { nodes { id } } \
         id: member(id: \"x\") { id } both: member { id } node(id: \"x\") { id } \
         transactions(memberId: \"mem_1\") { nodes { id } } messages(after: \"x\") { nodes { id } } \
         events(memberId: \"x\") { nodes { id } } tokens(after: \"eA\") { nodes { id } } \
         ada: member(externalId: \"ada\") { name transactions(after: \"x\") { nodes { id } } \
           records(after: \"x\") { nodes { id } } } \
         serviceCenters(near: { latitude: 91, longitude: 0 }) { nodes { distanceKm } } }";
    let token = app.token("shop", "test", "admin");
    let (_, body) = app.send("/admin/graphql", Some(&token), &json!({ "query": query })).await;
    assert_snapshot!(errors(&body), @"
    ada.records: INVALID_CURSOR after
    ada.transactions: INVALID_CURSOR after
    both: INVALID_INPUT 
    cursor: INVALID_CURSOR after
    events: INVALID_ID memberId
    id: INVALID_ID id
    many: TOO_MANY first
    messages: INVALID_CURSOR after
    node: INVALID_ID id
    serviceCenters: INVALID_INPUT near.latitude
    tokens: INVALID_CURSOR after
    transactions: INVALID_ID memberId
    ");
    let data = &body["data"];
    assert_eq!(data["program"], json!({ "slug": "shop" }));
    assert_eq!(data["ada"], json!({ "name": "ada", "transactions": null, "records": null }));
    let nulls = data.as_object().unwrap().values().filter(|value| value.is_null()).count();
    assert_eq!(nulls, 10, "{body:#}");
}

async fn a_forbidden_field_costs_itself_alone(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let token = app.token("shop", "office", "read");
    let query = "{ program { slug } tokens { nodes { id } } }";
    let (_, body) = app.send("/admin/graphql", Some(&token), &json!({ "query": query })).await;
    assert_eq!(errors(&body), "tokens: FORBIDDEN ");
    assert_eq!(body["data"], json!({ "program": { "slug": "shop" }, "tokens": null }));
    let query = "{ program(slug: \"shop\") { slug } me { id } \
         quotePurchase(input: { total: \"1.00\" }) { quote { points } } }";
    let (_, body) = app.send("/graphql", None, &json!({ "query": query })).await;
    assert_eq!(errors(&body), "me: UNAUTHENTICATED \nquotePurchase: UNAUTHENTICATED ");
    assert_eq!(body["data"]["program"], json!({ "slug": "shop" }));
}

async fn a_forbidden_mutation_leaves_the_others_results(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let token = app.token("shop", "office", "members:write");
    let query = "mutation { createMember(input: { externalId: \"eve\", name: \"Eve\" }) { isNew } \
         resumePlugin(input: { pluginKey: \"none\" }) { userErrors { code } } }";
    let (_, body) = app.send("/admin/graphql", Some(&token), &json!({ "query": query })).await;
    assert_eq!(errors(&body), "resumePlugin: FORBIDDEN ");
    assert_eq!(body["data"], json!({ "createMember": { "isNew": true }, "resumePlugin": null }));
}

async fn a_refused_cart_is_the_users_error(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    assert_snapshot!(
        ada.quotes(json!({ "lines": [{ "sku": "tea", "amount": "1.001" }] })).await.refused(),
        @"INVALID_AMOUNT lines.0.amount: `1.001` has more than 2 decimals, EUR allows no more"
    );
    assert_snapshot!(
        ada.quotes(json!({ "total": "1.00", "currency": "USD" })).await.refused(),
        @"CURRENCY_MISMATCH currency: the program counts in EUR, not USD"
    );
    let query = "{ quotePurchase(input: { member: { externalId: \"nobody\" }, total: \"1.00\" }) \
         { quote { points } userErrors { code field } } }";
    let data = app.admin("shop", query, Value::Null).await;
    let refused = json!([{ "code": "MEMBER_NOT_FOUND", "field": ["member"] }]);
    assert_eq!(data["quotePurchase"], json!({ "quote": null, "userErrors": refused }));
}
