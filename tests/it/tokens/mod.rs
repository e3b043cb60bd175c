//! Tokens that are issued, listed, revoked and outlived by their keys.

mod commands;

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, TestApp, on_both_databases};
use insta::assert_snapshot;
use perennial_core::db::Database;
use perennial_core::tokens::{Holder, REVOKED_MAX};
use perennial_core::{Actor, Clock};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

on_both_databases!(
    a_revoked_token_is_refused_on_every_node_and_no_other_is,
    what_a_holder_was_issued_before_is_refused_and_what_comes_after_is_not,
    what_cannot_be_revoked_is_refused_by_name,
    the_tokens_of_a_program_are_listed_without_themselves,
    a_page_of_tokens_ends_where_the_next_begins,
    too_many_revocations_to_name_are_obeyed,
    so_many_revocations_are_named_and_beyond_that_none,
    tokens_that_ended_long_ago_are_forgotten,
);

async fn tokens_that_ended_long_ago_are_forgotten(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    let mut ids = Vec::new();
    for name in ["old", "ended", "valid"] {
        ids.push(app.issues("shop", name.to_owned()).await.0);
    }
    let db = Database::connect(&app.db.url).await.unwrap();
    for (name, days_ago) in [("old", 91), ("ended", 89)] {
        let end = Clock.now().minus(Duration::from_secs(days_ago * 86_400)).microseconds();
        let statement = format!(
            "UPDATE tokens SET issued_at = 0, expires_at = {end} WHERE holder = 'operator:{name}'"
        );
        db.write().execute_unprepared(&statement).await.unwrap();
    }
    assert_eq!(app.loyalty.tokens().forget_ended().await.unwrap(), 1);
    assert_eq!(app.loyalty.tokens().forget_ended().await.unwrap(), 0);
    let listed = app.admin("shop", "{ tokens { nodes { id } } }", Value::Null).await;
    let left: Vec<_> = listed["tokens"]["nodes"].as_array().unwrap().iter().collect();
    assert_eq!(left, [&json!({ "id": ids[2] }), &json!({ "id": ids[1] })]);
}

/// A part of them would leave tokens accepted that were revoked.
async fn so_many_revocations_are_named_and_beyond_that_none(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    let tokens = app.loyalty.tokens();
    let start = Clock.now().minus(Duration::from_secs(60));
    for number in 0..REVOKED_MAX {
        let holder = Holder::Operator(number.to_string());
        tokens.revoke_all_of(&actor, &holder).await.unwrap();
    }
    let named = tokens.revoked_since(start).await.unwrap();
    assert_eq!(named.map(|revoked| revoked.len()), Some(REVOKED_MAX));
    tokens.revoke_all_of(&actor, &Holder::Operator("one more".to_owned())).await.unwrap();
    assert!(tokens.revoked_since(start).await.unwrap().is_none());
}

/// Longer than it takes until a node has learned of a revocation, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);
const REVOKE: &str = "mutation($input: RevokeTokenInput!) { revokeToken(input: $input) \
     { token { id revokedAt } userErrors { code message field } } }";
const REVOKE_ALL: &str = "mutation($input: RevokeTokensInput!) { revokeTokens(input: $input) \
     { issuedUntil userErrors { code message field } } }";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Revoked {
    id: String,
    revoked_at: String,
}

async fn a_revoked_token_is_refused_on_every_node_and_no_other_is(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let beside = TestApp::beside(&app).await;
    let (id, token) = app.issues("shop", "till".to_owned()).await;
    let (_, other) = app.issues("shop", "till".to_owned()).await;
    for node in [&app, &beside] {
        assert!(accepts(node, &token).await && accepts(node, &other).await);
    }
    let revoked: Revoked = app.does("shop", REVOKE, json!({ "id": id })).await.done();
    assert_eq!(revoked.id, id);
    for node in [&app, &beside] {
        refuses_soon(node, &token).await;
        assert!(accepts(node, &other).await, "another token of the same holder");
    }
    let again: Revoked = app.does("shop", REVOKE, json!({ "id": id })).await.done();
    assert_eq!(again.revoked_at, revoked.revoked_at, "a repeat changes nothing");
    let (status, body) = app.send("/admin/graphql", Some(&token), &ask()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let message = body["errors"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("the token was revoked at "), "{body:#}");
}

async fn what_a_holder_was_issued_before_is_refused_and_what_comes_after_is_not(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let beside = TestApp::beside(&app).await;
    app.joins("shop", "ada").await;
    let member = || app.new_token("shop", "ada", "member");
    // An operator of the same name is somebody else.
    let (old, namesake) = (member(), app.new_token("shop", "ada", "read"));
    for node in [&app, &beside] {
        assert!(is_served(node, "/graphql", &old).await && accepts(node, &namesake).await);
    }
    let all_of_ada = json!({ "holder": { "member": "ada" } });
    let _: String = app.does("shop", REVOKE_ALL, all_of_ada).await.done();
    for node in [&app, &beside] {
        let refused = async || !is_served(node, "/graphql", &old).await;
        soon(refused).await;
        assert!(is_served(node, "/graphql", &member()).await, "a new token is accepted at once");
        assert!(accepts(node, &namesake).await);
    }
}

async fn what_cannot_be_revoked_is_refused_by_name(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(SHOP).await.with_program(&sandbox_shop()).await;
    let (id, token) = app.issues("shop", "till".to_owned()).await;
    let refused = async |program, id: &str| {
        app.does::<Value>(program, REVOKE, json!({ "id": id })).await.refused().to_string()
    };
    assert_snapshot!(refused("shop", "mem_1").await, @"INVALID_ID id: `mem_1` is not a token id");
    assert_snapshot!(refused("sandbox", &id).await, @"TOKEN_NOT_FOUND id: the program has issued no such token");
    assert!(accepts(&app, &token).await);
    let query = json!({ "query": REVOKE_ALL, "variables": {
        "input": { "holder": { "operator": "till" } } } });
    let (_, body) = app.send("/admin/graphql", Some(&token), &query).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN", "{body:#}");
}

async fn the_tokens_of_a_program_are_listed_without_themselves(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(SHOP).await.with_program(&sandbox_shop()).await;
    let (first, text) = app.issues("shop", "till".to_owned()).await;
    let (second, _) = app.issues("shop", "office".to_owned()).await;
    let _: Revoked = app.does("shop", REVOKE, json!({ "id": second })).await.done();
    let ask = "query($holder: TokenHolderInput) { tokens(holder: $holder) \
         { nodes { id operator member scopes issuedAt expiresAt revokedAt } } }";
    let listed = async |program, holder| {
        let data = app.admin(program, ask, json!({ "holder": holder })).await;
        data["tokens"]["nodes"].as_array().unwrap().clone()
    };
    let all = listed("shop", Value::Null).await;
    assert_eq!((all.len(), &all[0]["id"], &all[1]["id"]), (2, &json!(second), &json!(first)));
    assert!(all[0]["revokedAt"].is_string() && all[1]["revokedAt"].is_null(), "{all:#?}");
    assert_eq!((&all[1]["operator"], &all[1]["scopes"]), (&json!("till"), &json!(["read"])));
    assert_eq!(listed("shop", json!({ "operator": "till" })).await, all[1..]);
    assert!(listed("sandbox", Value::Null).await.is_empty(), "another program's tokens");
    let signature = text.rsplit_once('.').unwrap().1;
    assert!(!format!("{all:?}").contains(signature));
}

async fn a_page_of_tokens_ends_where_the_next_begins(backend: Backend) {
    const PAGE: &str = "query($after: String) { tokens(first: 2, after: $after) \
         { nodes { operator } pageInfo { hasNextPage endCursor } } }";
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    for number in 1..=4 {
        app.issues("shop", format!("till-{number}")).await;
    }
    let first = app.admin("shop", PAGE, Value::Null).await;
    let info = &first["tokens"]["pageInfo"];
    assert_eq!(info["hasNextPage"], json!(true));
    let second = app.admin("shop", PAGE, json!({ "after": info["endCursor"] })).await;
    assert_eq!(second["tokens"]["pageInfo"]["hasNextPage"], json!(false));
    let operators = |page: &Value| -> Vec<Value> {
        let nodes = page["tokens"]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["operator"].clone()).collect()
    };
    assert_eq!(json!(operators(&first)), json!(["till-4", "till-3"]));
    assert_eq!(json!(operators(&second)), json!(["till-2", "till-1"]));
}

async fn too_many_revocations_to_name_are_obeyed(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (id, token) = app.issues("shop", "till".to_owned()).await;
    assert!(accepts(&app, &token).await);
    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    for number in 0..=REVOKED_MAX {
        let holder = Holder::Operator(number.to_string());
        app.loyalty.tokens().revoke_all_of(&actor, &holder).await.unwrap();
    }
    let _: Revoked = app.does("shop", REVOKE, json!({ "id": id })).await.done();
    refuses_soon(&app, &token).await;
}

fn ask() -> Value {
    json!({ "query": "{ program { slug } }" })
}

async fn is_served(node: &TestApp, path: &str, token: &str) -> bool {
    let query = if path == "/graphql" { json!({ "query": "{ me { id } }" }) } else { ask() };
    let (status, body) = node.send(path, Some(token), &query).await;
    if status == StatusCode::UNAUTHORIZED {
        return false;
    }
    assert!(body["errors"].is_null(), "{status} {body:#}");
    true
}

async fn accepts(node: &TestApp, token: &str) -> bool {
    is_served(node, "/admin/graphql", token).await
}

async fn refuses_soon(node: &TestApp, token: &str) {
    soon(async || !accepts(node, token).await).await;
}

/// Waits until something is so; fails when it never is.
pub(crate) async fn soon(is_so: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < PATIENCE, "still not so");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
