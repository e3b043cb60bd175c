//! Global ids: whatever has one is found by it, by those who may see it and by nobody else.

use crate::support::programs::{SHOP, example};
use crate::support::{Backend, TestApp, books, on_both_databases};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_databases!(
    every_object_with_an_id_is_found_by_it,
    nobody_finds_what_only_others_may_see,
    what_a_program_file_defines_keeps_its_id,
    a_plugin_of_another_program_is_not_found_by_its_key,
    an_unknown_program_is_null_and_one_that_cannot_be_read_an_error,
);

/// Everything with an id that the schemas show, with the redemption beside it.
const ADMIN: &str = "{ \
     program { __typename id tiers { __typename id benefits { __typename id } } \
       rewards { __typename id } } \
     members(first: 3) { nodes { __typename id contacts { __typename id } \
       records { nodes { __typename id } } transactions { nodes { __typename id } } \
       purchases { nodes { __typename id returns { __typename id } edits { __typename id } } } holds { nodes { __typename id } } \
       approvals { nodes { __typename id } } people { nodes { __typename id } } cards { nodes { __typename id } } \
       messages { nodes { __typename id } } events { nodes { __typename id } } } } \
     plugins { __typename id } tokens { nodes { __typename id } } \
     serviceCenters(near: { latitude: 0, longitude: 0 }) \
       { nodes { serviceCenter { __typename id } } } }";
const STOREFRONT: &str = "{ \
     program(slug: \"machinery\") { __typename id \
       tiers { __typename id benefits { __typename id } } rewards { __typename id } } \
     me { __typename id contacts { __typename id } records { nodes { __typename id } } \
       transactions { nodes { __typename id } } \
       purchases { nodes { __typename id returns { __typename id } edits { __typename id } } } holds { nodes { __typename id } } \
       messages { nodes { __typename id } } } \
     serviceCenters(near: { latitude: 0, longitude: 0 }) \
       { nodes { serviceCenter { __typename id } } } }";
const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id } }";

/// A type and an id.
type Object = (String, String);

/// A company with something of everything that has an id; its redemption is asked for nowhere else.
async fn company(backend: Backend) -> (TestApp, Object) {
    let program = format!("{}\n[approval]\nadjust_above = 1000\n", example("machinery"));
    let app = TestApp::start(backend).await.with_program(&program).await;
    app.issues("machinery", "office".to_owned()).await;
    let contact = json!({ "name": "Ewa", "role": "technical-engineer", "locale": "pl" });
    let company = json!({
        "externalId": "baltic", "kind": "ORGANIZATION", "name": "Baltic", "contacts": [contact],
    });
    app.creates("machinery", company).await.done();
    let member = json!({ "externalId": "baltic" });
    let machine = json!({
        "member": member, "type": "equipment", "externalId": "machine-1",
        "data": { "model": "HX-200", "installedOn": "2025-01-15" },
    });
    let center = json!({
        "externalId": "c-1", "name": "One", "country": "PL", "city": "Kraków",
        "latitude": 50.06, "longitude": 19.94,
    });
    let purchase = json!({ "member": member, "reference": "order-1", "total": "20000.00" });
    app.records("machinery", purchase).await.done();
    let query = "mutation($machine: PutRecordInput!, $center: PutServiceCenterInput!, \
         $reward: RedeemRewardInput!) { \
         putRecord(input: $machine) { record { id } } \
         putServiceCenter(input: $center) { serviceCenter { id } } \
         redeemReward(input: $reward) { redemption { __typename id rewardKey reward { key } } } }";
    let reward = json!({ "member": member, "rewardKey": "oil-analysis", "idempotencyKey": "k" });
    let variables = json!({ "machine": machine, "center": center, "reward": reward });
    let data = app.admin("machinery", query, variables).await;
    let redemption = &data["redeemReward"]["redemption"];
    assert_eq!(redemption["reward"]["key"], redemption["rewardKey"], "{data:#}");
    app.advance_clock("machinery", "2026-02-01T00:00:00Z").await;
    const RETURN: &str = "mutation { recordReturn(input: { purchase: { reference: \"order-1\" }, \
         reference: \"r\", what: { amount: \"1.00\" } }) { receipt { returnId } } }";
    app.admin("machinery", RETURN, Value::Null).await;
    const EDIT: &str = "mutation { editPurchase(input: { purchase: { reference: \"order-1\" }, \
         reference: \"e\", total: \"19999.00\" }) { receipt { editId } } }";
    app.admin("machinery", EDIT, Value::Null).await;
    let hold = json!({ "member": member, "points": 1, "reason": "till", "idempotencyKey": "k" });
    const HOLD: &str =
        "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { hold { id } } }";
    app.admin("machinery", HOLD, json!({ "input": hold })).await;
    let large = json!({ "member": member, "points": 1001, "reason": "r", "idempotencyKey": "k" });
    const ADJUST: &str =
        "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { approval { id } } }";
    app.admin("machinery", ADJUST, json!({ "input": large })).await;
    app.joins("machinery", "ewa").await;
    const JOIN: &str = "mutation { joinGroup(input: { group: { externalId: \"baltic\" }, \
         person: { externalId: \"ewa\" }, accrual: GROUP }) { membership { id } } }";
    app.admin("machinery", JOIN, Value::Null).await;
    const CARD: &str = "mutation { issueCard(input: { member: { externalId: \"baltic\" }, \
         idempotencyKey: \"k\" }) { card { id } } }";
    app.admin("machinery", CARD, Value::Null).await;
    (app, object(redemption).unwrap())
}

fn object(value: &Value) -> Option<Object> {
    let text = |field: &str| value[field].as_str().map(str::to_owned);
    Some((text("__typename")?, text("id")?))
}

/// All objects with an id inside a value.
fn objects(value: &Value) -> BTreeSet<Object> {
    let inside: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    let mut found: BTreeSet<_> = inside.into_iter().flat_map(objects).collect();
    found.extend(object(value));
    found
}

/// The types that the interface `Node` of a schema has.
async fn node_types(app: &TestApp, path: &str) -> BTreeSet<String> {
    let query = json!({ "query": "{ __type(name: \"Node\") { possibleTypes { name } } }" });
    let (_, body) = app.send(path, None, &query).await;
    let types = body["data"]["__type"]["possibleTypes"].as_array().unwrap();
    types.iter().map(|of| of["name"].as_str().unwrap().to_owned()).collect()
}

/// The object that `node` returns for an id; `None` if it is null.
async fn node(app: &TestApp, path: &str, token: Option<&str>, id: &str) -> Option<Object> {
    let body = json!({ "query": NODE, "variables": { "id": id } });
    let (_, body) = app.send(path, token, &body).await;
    object(&body["data"]["node"])
}

async fn every_object_with_an_id_is_found_by_it(backend: Backend) {
    let (app, redemption) = company(backend).await;
    for (path, query, token) in [
        ("/admin/graphql", ADMIN, app.token("machinery", "test", "admin")),
        ("/graphql", STOREFRONT, app.token("machinery", "baltic", "member")),
    ] {
        let (_, body) = app.send(path, Some(&token), &json!({ "query": query })).await;
        assert!(body["errors"].is_null(), "{body:#}");
        let mut shown = objects(&body["data"]);
        shown.insert(redemption.clone());
        let types: BTreeSet<_> = shown.iter().map(|(of, _)| of.clone()).collect();
        assert_eq!(types, node_types(&app, path).await, "each type is tried");
        for object in shown {
            let found = node(&app, path, Some(&token), &object.1).await;
            assert_eq!(found.as_ref(), Some(&object), "{path}");
        }
    }
}

async fn nobody_finds_what_only_others_may_see(backend: Backend) {
    const PUBLIC: [&str; 5] = ["Program", "Tier", "Benefit", "Reward", "ServiceCenter"];
    let (app, redemption) = company(backend).await;
    let app = app.with_program(SHOP).await;
    app.joins("machinery", "other").await;
    app.joins("shop", "ada").await;
    let mut shown = objects(&app.admin("machinery", ADMIN, Value::Null).await);
    shown.insert(redemption);
    let others = objects(
        &app.admin(
            "machinery",
            "{ member(externalId: \"other\") { \
         __typename id events { nodes { __typename id } } } }",
            Value::Null,
        )
        .await,
    );
    shown.retain(|object| !others.contains(object));
    let scopes = ["read", "members:write", "purchases:write", "rewards:redeem", "tokens:revoke"];
    let sees = async |path, token: Option<&str>| -> BTreeSet<String> {
        let mut types = BTreeSet::new();
        for (of, id) in &shown {
            types.extend(node(&app, path, token, id).await.map(|_| of.clone()));
        }
        types
    };
    for token in [
        None,
        Some(app.token("machinery", "other", "member")),
        Some(app.token("shop", "ada", "member")),
        Some(app.token("shop", "office", "admin")),
    ] {
        let public = PUBLIC.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(sees("/graphql", token.as_deref()).await, public, "anyone sees what is public");
    }
    let office = app.token("shop", "office", "admin");
    assert_eq!(sees("/admin/graphql", Some(&office)).await, BTreeSet::new(), "another program");
    let mut by_scope = Vec::new();
    for scope in scopes {
        let token = app.token("machinery", "office", scope);
        let types = sees("/admin/graphql", Some(&token)).await;
        by_scope.push(format!("{scope}: {}", types.into_iter().collect::<Vec<_>>().join(" ")));
    }
    insta::assert_snapshot!(by_scope.join("\n"), @"
    read: Approval Benefit Card Contact Event Hold Member Membership Message Plugin Program Purchase PurchaseEdit Record Redemption Return Reward ServiceCenter Tier Transaction
    members:write: Benefit Contact Member Membership Record Reward Tier
    purchases:write: Benefit Purchase PurchaseEdit Return Reward Tier
    rewards:redeem: Benefit Redemption Reward Tier
    tokens:revoke: Benefit Reward Tier Token
    ");
}

async fn what_a_program_file_defines_keeps_its_id(backend: Backend) {
    const DEFINED: &str = "query($slug: String!) { program(slug: $slug) { \
         tiers { id key benefits { id key } } rewards { id key } } }";
    let two_of_a_key = SHOP.replace(
        "id = \"silver\"\nname.en = \"Silver\"\nfrom = 3\n",
        "id = \"silver\"\nname.en = \"Silver\"\nfrom = 3\n[[tiers.ladder.benefits]]\n\
         id = \"discount-5\"\nname.en = \"5 % off, and a cake\"\n",
    );
    let namesake = two_of_a_key.replace("program = \"shop\"", "program = \"other\"");
    let app = TestApp::start(backend).await.with_program(&two_of_a_key).await;
    let app = app.with_program(&namesake).await;
    let defined = async |slug: &str| {
        let body = json!({ "query": DEFINED, "variables": { "slug": slug } });
        app.send("/graphql", None, &body).await.1["data"]["program"].take()
    };
    let ids = |program: &Value| -> Vec<String> {
        let of = |list: &Value| list.as_array().unwrap().clone();
        let tiers = of(&program["tiers"]);
        let benefits = tiers.iter().flat_map(|tier| of(&tier["benefits"])).collect::<Vec<_>>();
        let all = tiers.iter().chain(&benefits).chain(program["rewards"].as_array().unwrap());
        all.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let (first, other) = (defined("shop").await, defined("other").await);
    let distinct: BTreeSet<_> = ids(&first).into_iter().chain(ids(&other)).collect();
    assert_eq!(distinct.len(), ids(&first).len() * 2, "{first:#}\n{other:#}");
    assert_eq!(ids(&first).len(), 6, "three tiers, two benefits of one key, a reward");

    let revised = two_of_a_key.replace("Gold", "Platinum").replace("points = 10", "points = 11");
    app.loyalty.programs().apply(&revised, "test").await.unwrap();
    assert_eq!(ids(&defined("shop").await), ids(&first), "in the next revision");
    let without = two_of_a_key.replace("id = \"mug\"", "id = \"cup\"");
    app.loyalty.programs().apply(&without, "test").await.unwrap();
    let gone = first["rewards"][0]["id"].as_str().unwrap();
    assert_eq!(node(&app, "/graphql", None, gone).await, None, "it is not defined any more");
}

async fn a_plugin_of_another_program_is_not_found_by_its_key(backend: Backend) {
    let shop = format!("{SHOP}[plugins.consumer-goods]\n");
    let app = TestApp::start(backend).await.with_program(&shop).await;
    let namesake = shop.replace("program = \"shop\"", "program = \"other\"");
    let app = app.with_program(&namesake).await;
    let token = app.token("shop", "office", "admin");
    let mut found = Vec::new();
    for program in ["shop", "other"] {
        let plugins = app.admin(program, "{ plugins { id } }", Value::Null).await;
        let id = plugins["plugins"][0]["id"].as_str().unwrap();
        found.push(node(&app, "/admin/graphql", Some(&token), id).await.is_some());
    }
    assert_eq!(found, [true, false], "both have a plugin of this key");
}

async fn an_unknown_program_is_null_and_one_that_cannot_be_read_an_error(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let elsewhere = TestApp::start(Backend::Sqlite).await.with_program(SHOP).await;
    let id = async |app: &TestApp| {
        let query = json!({ "query": "{ program(slug: \"shop\") { id } }" });
        app.send("/graphql", None, &query).await.1["data"]["program"]["id"].take()
    };
    let found = async |id: Value| {
        let query = json!({ "query": NODE, "variables": { "id": id } });
        app.send("/graphql", None, &query).await.1
    };
    let (own, unknown) = (id(&app).await, id(&elsewhere).await);
    let unknown = found(unknown).await;
    assert_eq!(unknown["data"], json!({ "node": null }), "{unknown:#}");
    assert!(unknown["errors"].is_null(), "{unknown:#}");
    books::put_revision(&app, "shop", "this is not a program file").await;
    let unreadable = found(own).await;
    let code = &unreadable["errors"][0]["extensions"]["code"];
    assert_eq!(*code, json!("PROGRAM_UNUSABLE"), "{unreadable:#}");
}
