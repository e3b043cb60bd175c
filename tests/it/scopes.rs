//! What a token of each scope may ask for: every root field of both schemas is called with every
//! single scope, and `docs/scopes.md` says what came of it.

use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use perennial_core::Scope;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

on_both_databases!(
    the_scopes_are_documented,
    a_narrow_scope_reads_nothing_beyond_it,
    a_members_token_sees_nothing_of_the_admin_schema,
    a_token_of_another_program_gets_what_is_public,
);

/// How each root field of the admin schema is called.
const ADMIN: &[&str] = &[
    "approvals",
    "changes",
    "events(memberId: \"$ada\")",
    "member(id: \"$ada\")",
    "members",
    "messages",
    "node(id: \"$ada\")",
    "plugins",
    "pointsLiability",
    "program",
    "purchase(reference: \"order-1\")",
    "quoteEdit(input: { purchase: { reference: \"r\" }, total: \"1.00\" })",
    "quotePurchase(input: { member: { externalId: \"ada\" }, total: \"1.00\" })",
    "serviceCenters(near: { latitude: 0, longitude: 0 })",
    "tokens",
    "transactions",
    "advanceTestClock(input: { to: \"2030-01-01T00:00:00Z\" })",
    "createMember(input: { externalId: \"eve\", kind: PERSON, name: \"Eve\" })",
    "createMembers(input: { members: [{ externalId: \"eve\", kind: PERSON, name: \"Eve\" }] })",
    "tagMember(input: { member: { externalId: \"ada\" }, add: [\"vip\"] })",
    "eraseMember(input: { memberId: \"mem_00000000000000000000000000\" })",
    "putRecord(input: { member: { externalId: \"ada\" }, type: \"t\", externalId: \"x\", data: {} })",
    "putServiceCenter(input: { externalId: \"c\", name: \"C\", country: \"DE\", city: \"Ulm\", \
     latitude: 48.4, longitude: 10.0 })",
    "recordPurchase(input: { member: { externalId: \"ada\" }, reference: \"r\", total: \"1.00\" })",
    "recordPurchases(input: { purchases: [{ member: { externalId: \"ada\" }, reference: \"r\", \
     total: \"1.00\" }] })",
    "recordReturn(input: { purchase: { reference: \"r\" }, reference: \"b\", \
     what: { everything: true } })",
    "editPurchase(input: { purchase: { reference: \"r\" }, reference: \"e\", total: \"1.00\" })",
    "redeemReward(input: { member: { externalId: \"ada\" }, rewardKey: \"mug\", idempotencyKey: \"k\" })",
    "adjustPoints(input: { member: { externalId: \"ada\" }, points: 1, reason: \"r\", \
     idempotencyKey: \"k\" })",
    "approveAdjustment(input: { approvalId: \"apv_00000000000000000000000000\" })",
    "declineAdjustment(input: { approvalId: \"apv_00000000000000000000000000\" })",
    "holdPoints(input: { member: { externalId: \"ada\" }, points: 1, reason: \"r\", \
     idempotencyKey: \"k\" })",
    "extendPoints(input: { member: { externalId: \"ada\" }, which: { all: true }, reason: \"r\", \
     idempotencyKey: \"k\" })",
    "expirePoints(input: { member: { externalId: \"ada\" }, which: { all: true }, reason: \"r\", \
     idempotencyKey: \"k\" })",
    "transferPoints(input: { from: { externalId: \"ada\" }, to: { externalId: \"bob\" }, \
     points: 1, reason: \"r\", idempotencyKey: \"k\" })",
    "joinGroup(input: { group: { externalId: \"home\" }, person: { externalId: \"ada\" }, \
     accrual: GROUP })",
    "changeMembership(input: { group: { externalId: \"home\" }, person: { externalId: \"ada\" } })",
    "leaveGroup(input: { group: { externalId: \"home\" }, person: { externalId: \"ada\" } })",
    "card(code: \"00000000\")",
    "memberByCard(code: \"00000000\")",
    "issueCard(input: { member: { externalId: \"ada\" }, idempotencyKey: \"k\" })",
    "replaceCard(input: { cardId: \"crd_00000000000000000000000000\", reason: \"r\", \
     idempotencyKey: \"k\" })",
    "blockCard(input: { cardId: \"crd_00000000000000000000000000\", reason: \"r\" })",
    "unblockCard(input: { cardId: \"crd_00000000000000000000000000\" })",
    "issueGiftCard(input: { points: 1, reason: \"r\", idempotencyKey: \"g\" })",
    "splitGiftCard(input: { card: { code: \"00000000\" }, points: 1, reason: \"r\", \
     idempotencyKey: \"s\" })",
    "claimGiftCard(input: { card: { code: \"00000000\" }, member: { externalId: \"ada\" } })",
    "refundGiftCard(input: { card: { code: \"00000000\" }, reason: \"r\" })",
    "mergeMembers(input: { from: { externalId: \"x\" }, into: { externalId: \"y\" }, \
     reason: \"r\", idempotencyKey: \"k\" })",
    "unmergeMembers(input: { member: { externalId: \"x\" }, reason: \"r\", idempotencyKey: \"k\" })",
    "activatePoints(input: { transactionId: \"txn_00000000000000000000000000\" })",
    "recordPurchaseEvent(input: { purchase: { reference: \"r\" }, event: \"delivered\" })",
    "captureHold(input: { holdId: \"hld_00000000000000000000000000\" })",
    "releaseHold(input: { holdId: \"hld_00000000000000000000000000\" })",
    "voidTransaction(input: { transactionId: \"txn_00000000000000000000000000\", reason: \"r\" })",
    "resumePlugin(input: { pluginKey: \"none\" })",
    "pausePlugin(input: { pluginKey: \"none\" })",
    "purgePlugin(input: { pluginKey: \"none\" })",
    "retryPluginEvent(input: { pluginKey: \"none\", eventId: \"evt_0\" })",
    "skipPluginEvent(input: { pluginKey: \"none\", eventId: \"evt_0\", reason: \"r\" })",
    "redeliverPluginEvent(input: { pluginKey: \"none\", eventId: \"evt_0\" })",
    "reappraisePurchase(input: { pluginKey: \"none\", purchaseId: \"pur_00000000000000000000000000\" })",
    "revokeToken(input: { id: \"$token\" })",
    "revokeTokens(input: { holder: { operator: \"nobody\" } })",
    "upgradePlugin(input: { pluginKey: \"none\", version: \"1.0.0\" })",
    "rollbackPlugin(input: { pluginKey: \"none\" })",
];
/// How each root field of the storefront schema is called.
const STOREFRONT: &[&str] = &[
    "me",
    "node(id: \"$ada\")",
    "program(slug: \"shop\")",
    "quotePurchase(input: { total: \"1.00\" })",
    "serviceCenters(near: { latitude: 0, longitude: 0 }, program: \"shop\")",
    "giftCard(code: \"00000000\")",
    "claimGiftCard(input: { code: \"00000000\" })",
    "redeemReward(input: { rewardKey: \"mug\", idempotencyKey: \"k\" })",
    "transferPoints(input: { toReferralCode: \"CODE\", points: 1, reason: \"r\", \
     idempotencyKey: \"k\" })",
];

async fn the_scopes_are_documented(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await.member.id;
    let (token, _) = app.issues("shop", "nobody".to_owned()).await;
    let mut text = String::from(
        "# Scopes\n\nWhat a token allows, by its scopes. Scopes add up; one that writes allows to \
         read what it writes, and nothing else.\nThis page is made by calling each field with a \
         token of each scope; a test keeps it true.\n\n| scope | what it allows |\n| --- | --- |\n",
    );
    for scope in Scope::ALL {
        writeln!(text, "| `{}` | {} |", scope.as_str(), scope.description().trim()).unwrap();
    }
    for (title, path, calls) in
        [("Admin", "/admin/graphql", ADMIN), ("Storefront", "/graphql", STOREFRONT)]
    {
        write!(text, "\n## {title} schema\n\n| field | scopes |\n| --- | --- |\n").unwrap();
        for (root, field) in root_fields(&app, path).await {
            let call = calls.iter().find(|call| call.split('(').next() == Some(field.as_str()));
            let call = call.unwrap_or_else(|| panic!("say how `{field}` of {path} is called"));
            let query = format!("{root} {{ {call} {{ __typename }} }}");
            let query = query.replace("$ada", &ada).replace("$token", &token);
            writeln!(text, "| `{field}` | {} |", allowed(&app, path, &query).await).unwrap();
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scopes.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "docs/scopes.md is not so: UPDATE_DOCS=1 cargo test scopes\n{text}");
}

/// Who gets an answer to a query, in words.
async fn allowed(app: &TestApp, path: &str, query: &str) -> String {
    let mut allowed = Vec::new();
    for scope in Scope::ALL {
        let subject = if *scope == Scope::Member { "ada" } else { "office" };
        let token = app.token("shop", subject, scope.as_str());
        if answers(app, path, Some(&token), query).await {
            allowed.push(format!("`{}`", scope.as_str()));
        }
    }
    match answers(app, path, None, query).await {
        true => "public".to_owned(),
        false => allowed.join(", "),
    }
}

async fn answers(app: &TestApp, path: &str, token: Option<&str>, query: &str) -> bool {
    let (_, body) = app.send(path, token, &json!({ "query": query })).await;
    let code = &body["errors"][0]["extensions"]["code"];
    if *code == "FORBIDDEN" || *code == "UNAUTHENTICATED" {
        return false;
    }
    assert!(code.is_null(), "{query}\n{body:#}");
    // A node that may not be seen is not there.
    !query.contains(" node(") || body["data"]["node"].is_object()
}

/// The root fields of a schema, each with what it is a field of.
async fn root_fields(app: &TestApp, path: &str) -> Vec<(&'static str, String)> {
    let query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let (_, body) = app.send(path, None, &json!({ "query": query })).await;
    let mut found = Vec::new();
    for (root, of) in [("query", "queryType"), ("mutation", "mutationType")] {
        let fields = body["data"]["__schema"][of]["fields"].as_array().unwrap();
        let mut names: Vec<_> =
            fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect();
        names.sort_unstable();
        found.extend(names.into_iter().map(|name| (root, name)));
    }
    found
}

async fn a_narrow_scope_reads_nothing_beyond_it(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
    let email = "{ members { nodes { email } } }";
    let history =
        "{ member(externalId: \"ada\") { balance { points } transactions { nodes { id } } } }";
    for (scope, query, is_allowed) in [
        ("directory:write", email, false),
        ("purchases:write", email, false),
        ("rewards:redeem", email, false),
        ("tokens:revoke", email, false),
        ("members:write", email, true),
        ("members:read", email, true),
        ("members:read", history, false),
        ("read", history, true),
    ] {
        let token = app.token("shop", "office", scope);
        let (_, body) = app.send("/admin/graphql", Some(&token), &json!({ "query": query })).await;
        assert_eq!(body["errors"].is_null(), is_allowed, "{scope}: {query}\n{body:#}");
    }
}

async fn a_members_token_sees_nothing_of_the_admin_schema(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let token = app.token("shop", "ada", "member");
    let own = format!("{{ node(id: \"{}\") {{ ... on Member {{ email }} }} }}", ada.member.id);
    let (status, body) = app.send("/admin/graphql", Some(&token), &json!({ "query": own })).await;
    assert_eq!((status.as_u16(), &body["data"]), (403, &Value::Null), "{body:#}");
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let own = format!("{{ node(id: \"{}\") {{ id }} }}", ada.member.id);
    assert_eq!(app.storefront_with(&token, &own).await["node"]["id"], json!(ada.member.id));
}

async fn a_token_of_another_program_gets_what_is_public(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let app = app.with_program(&crate::support::programs::sandbox_shop()).await;
    app.joins("sandbox", "bob").await;
    let ada = app.joins("shop", "ada").await;
    let token = app.token("sandbox", "bob", "member");
    let public = "{ program(slug: \"shop\") { name } serviceCenters(program: \"shop\", \
         near: { latitude: 0, longitude: 0 }) { nodes { distanceKm } } }";
    let data = app.storefront_with(&token, public).await;
    assert!(data["program"]["name"].is_string() && data["serviceCenters"]["nodes"].is_array());
    let private = format!("{{ node(id: \"{}\") {{ id }} }}", ada.member.id);
    assert_eq!(app.storefront_with(&token, &private).await["node"], Value::Null);
}
