//! Programs, members and tokens kept apart.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, TestApp, on_both_databases};
use insta::assert_snapshot;
use reqwest::StatusCode;
use serde_json::{Value, json};

on_both_databases!(
    a_program_never_sees_anothers_rows,
    a_member_never_sees_anothers_rows,
    nothing_answers_without_a_token_but_public_data,
    a_token_reaches_as_far_as_its_scopes,
    a_wrong_token_is_refused_and_not_taken_for_none,
);

async fn a_program_never_sees_anothers_rows(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(SHOP).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    let transaction = &app.transactions("shop").await[0].id;

    let look = "query($member: ID, $node: ID!) { member(id: $member) { name } \
         node(id: $node) { id } members(first: 5) { nodes { id } } \
         transactions(first: 5) { nodes { id } } \
         messages(first: 5) { nodes { id } } }";
    let variables = json!({ "member": ada.member.id, "node": transaction });
    let nothing = json!({
        "member": null, "node": null, "members": { "nodes": [] },
        "transactions": { "nodes": [] }, "messages": { "nodes": [] },
    });
    assert_eq!(app.admin("sandbox", look, variables).await, nothing);
    let purchase = json!({ "member": { "id": ada.member.id }, "reference": "x", "total": "5.00" });
    let refused = app.records("sandbox", purchase).await.refused();
    let refused = refused.to_string().replace(&ada.member.id, "[id]");
    assert_snapshot!(refused, @"MEMBER_NOT_FOUND member: there is no such member in this program");
    let namesake = app.joins("sandbox", "ada").await;
    assert_eq!(namesake.points().await, 0, "the same external id is another member");
}

async fn a_member_never_sees_anothers_rows(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-1", "10.00").await.done();
    let transaction = &app.transactions("shop").await[0].id;
    let look = "query($id: ID!) { node(id: $id) { __typename id } }";
    let seen = ada.asks(look, json!({ "id": transaction })).await;
    assert_eq!(seen["node"]["id"], json!(transaction), "her own");
    for id in [transaction, &ada.member.id] {
        assert_eq!(bob.asks(look, json!({ "id": id })).await["node"], Value::Null, "{id}");
    }
}

async fn nothing_answers_without_a_token_but_public_data(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    for (path, query) in [
        ("/graphql", "{ me { id } }"),
        ("/graphql", "{ quotePurchase(input: { total: \"1.00\" }) { quote { points } } }"),
        (
            "/graphql",
            "mutation { redeemReward(input: { rewardKey: \"mug\", idempotencyKey: \"k\" }) \
             { userErrors { code } } }",
        ),
        ("/admin/graphql", "{ members(first: 1) { nodes { id } } }"),
        ("/admin/graphql", "{ messages(first: 1) { nodes { id } } }"),
        ("/admin/graphql", "{ plugins { id } }"),
    ] {
        let (status, body) = app.send(path, None, &json!({ "query": query })).await;
        assert_eq!(code(&body), "UNAUTHENTICATED", "{query}: {status} {body:#}");
        assert!(
            body["data"].as_object().is_none_or(|data| data.values().all(Value::is_null)),
            "{body:#}"
        );
    }
    let public =
        json!({ "query": "{ program(slug: \"shop\") { tiers { id } rewards { points } } }" });
    let (_, body) = app.send("/graphql", None, &public).await;
    assert_eq!(body["data"]["program"]["tiers"].as_array().unwrap().len(), 3, "{body:#}");
}

async fn a_token_reaches_as_far_as_its_scopes(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let member = app.token("shop", "ada", "member");
    let till = app.token("shop", "till", "purchases:write");
    let create = "mutation { createMember(input: \
         { externalId: \"eve\", kind: PERSON, name: \"Eve\" }) { member { id } } }";
    for (token, query) in [
        (&member, "{ members(first: 1) { nodes { id } } }"),
        (&member, create),
        (&till, create),
        (&till, "mutation { advanceTestClock(input: { to: \"2030-01-01T00:00:00Z\" }) { now } }"),
    ] {
        let (_, body) = app.send("/admin/graphql", Some(token), &json!({ "query": query })).await;
        assert_eq!(code(&body), "FORBIDDEN", "{query}: {body:#}");
    }
    assert_eq!(app.external_ids("shop").await, ["ada"]);
}

async fn a_wrong_token_is_refused_and_not_taken_for_none(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let good = app.token("shop", "nobody", "member");
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    let public = json!({ "query": "{ program(slug: \"shop\") { name } }" });
    for token in ["nonsense", &unsigned, &good] {
        let (status, body) = app.send("/graphql", Some(token), &public).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body:#}");
        assert_eq!(code(&body), "UNAUTHENTICATED");
    }
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}
