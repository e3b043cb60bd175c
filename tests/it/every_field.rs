//! Every field of both schemas, asked for what is another's: a program's by another program, and a
//! member's by other members. Fields and what they return come from the schemas themselves, and a
//! field or an argument that no call below names fails the test; so none is forgotten.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, on_both_databases};
use perennial_core::worker;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

on_both_databases!(no_field_returns_what_is_anothers);

const PLUGIN: &str = "\n[plugins.consumer-goods]\nsilence_days = 180\n\
     [approval]\nadjust_above = 1000\n";
const ADMIN: &str = "/admin/graphql";
const STOREFRONT: &str = "/graphql";
/// In all that is somebody's words, so that it is recognized wherever it comes out.
const MARK: &str = "vera";

/// How each root field of the admin schema is called for what is Vera's. `$` stands before what she
/// has.
const ADMIN_CALLS: &[&str] = &[
    "approvals(first: 5, after: null, state: WAITING)",
    "changes(first: 3, after: null, kinds: [EVENT, TRANSACTION, MESSAGE])",
    "events(memberId: \"$mem\", first: 5, after: null)",
    "member(id: \"$mem\")",
    "member(externalId: \"vera\")",
    "members(first: 3, after: null)",
    "messages(first: 5, after: null, memberId: \"$mem\")",
    "messages(template: \"reactivation\", first: 5)",
    "node(id: \"$mem\")",
    "node(id: \"$txn\")",
    "node(id: \"$msg\")",
    "node(id: \"$rec\")",
    "plugins",
    "pointsLiability(pointType: \"points\", months: 2)",
    "program",
    "node(id: \"$pur\")",
    "node(id: \"$hld\")",
    "node(id: \"$apv\")",
    "node(id: \"$ret\")",
    "purchase(id: \"$pur\")",
    "purchase(reference: \"vera-1\")",
    "quoteEdit(input: { purchase: { id: \"$pur\" }, total: \"1.00\", currency: \"EUR\", lines: [] })",
    "quoteEdit(input: { purchase: { reference: \"vera-1\" }, lines: \
     [{ sku: \"s\", quantity: 1, amount: \"1.00\" }] })",
    "quotePurchase(input: { member: { id: \"$mem\" }, total: \"1.00\", currency: \"EUR\", \
     payWith: { holdId: \"$hld\" }, \
     lines: [{ sku: \"s\", category: \"c\", quantity: 1, amount: \"1.00\" }] })",
    "quotePurchase(input: { member: { externalId: \"vera\" }, total: \"1.00\" })",
    "serviceCenters(near: { latitude: 0, longitude: 0 }, first: 5, capability: null, \
     country: null, language: null)",
    "tokens(first: 5, after: null, holder: { operator: \"vera-office\" })",
    "tokens(holder: { member: \"vera\" }, first: 5)",
    "transactions(first: 5, after: null, memberId: \"$mem\")",
    "transactions(externalId: \"vera\", first: 5)",
    "advanceTestClock(input: { to: \"2026-12-01T00:00:00Z\" })",
    "createMember(input: { externalId: \"eve\", kind: ORGANIZATION, name: \"Eve\", country: \"DE\", \
     email: \"eve@example.org\", locale: \"en\", referralCode: \"$code\", contacts: \
     [{ name: \"E\", role: \"r\", email: \"e@example.org\", locale: \"en\" }] })",
    "createMembers(input: { members: [{ externalId: \"eve-2\", name: \"E\", \
     referralCode: \"$code\" }] })",
    "tagMember(input: { member: { id: \"$mem\" }, add: [\"vip\"], remove: [] })",
    "tagMember(input: { member: { externalId: \"eve\" }, add: [], remove: [\"old\"] })",
    "putRecord(input: { member: { id: \"$mem\" }, type: \"offer\", externalId: \"vera-offer\", \
     data: {} })",
    "putRecord(input: { member: { externalId: \"eve\" }, type: \"offer\", \
     externalId: \"vera-offer\", data: {} })",
    "putServiceCenter(input: { externalId: \"vera-center\", name: \"C\", country: \"DE\", \
     city: \"Ulm\", latitude: 48.4, longitude: 10.0, email: null, phone: null, \
     capabilities: [], languages: [] })",
    "recordPurchase(input: { member: { id: \"$mem\" }, reference: \"vera-1\", total: \"1.00\", \
     currency: \"EUR\", purchasedAt: null, payWith: { points: 5 }, lines: [] })",
    "recordPurchases(input: { purchases: [{ member: { externalId: \"vera\" }, \
     reference: \"vera-1\", total: \"30.00\" }] })",
    "recordReturn(input: { purchase: { id: \"$pur\" }, reference: \"vera-return\", \
     returnedAt: null, what: { amount: \"0.01\" } })",
    "recordReturn(input: { purchase: { reference: \"vera-1\" }, reference: \"vera-return\", \
     what: { everything: true } })",
    "recordReturn(input: { purchase: { reference: \"vera-1\" }, reference: \"vera-return\", \
     what: { lines: [{ line: { position: 1 } }] } })",
    "recordReturn(input: { purchase: { reference: \"vera-1\" }, reference: \"vera-return\", \
     what: { lines: [{ line: { sku: \"s\" }, quantity: 1, amount: \"0.01\" }] } })",
    "editPurchase(input: { purchase: { id: \"$pur\" }, reference: \"vera-edit\", \
     editedAt: null, currency: \"EUR\", total: \"31.00\", lines: [], reason: \"r\" })",
    "editPurchase(input: { purchase: { reference: \"vera-1\" }, reference: \"vera-edit\", \
     lines: [{ sku: \"s\", quantity: 1, amount: \"0.01\" }] })",
    "joinGroup(input: { group: { id: \"$mem\" }, person: { id: \"$per\" }, accrual: BOTH, \
     maySpend: true, joinedAt: null })",
    "changeMembership(input: { group: { id: \"$mem\" }, person: { externalId: \"vera-person\" }, \
     accrual: GROUP, maySpend: true })",
    "leaveGroup(input: { group: { externalId: \"vera\" }, person: { id: \"$per\" } })",
    "node(id: \"$mbs\")",
    "card(id: \"$crd\")",
    "card(code: \"vera 4711 0815\")",
    "memberByCard(code: \"vera 4711 0815\")",
    "issueCard(input: { member: { id: \"$mem\" }, code: \"VERA47110815\", \
     idempotencyKey: \"vera-card\" })",
    "replaceCard(input: { cardId: \"$crd\", code: null, reason: \"r\", \
     idempotencyKey: \"vera-card-2\" })",
    "blockCard(input: { cardId: \"$crd\", reason: \"r\" })",
    "unblockCard(input: { cardId: \"$crd\" })",
    "issueGiftCard(input: { points: 1, pointType: null, expiresAt: null, code: null, \
     reason: \"r\", idempotencyKey: \"vera-gift\" })",
    "splitGiftCard(input: { card: { id: \"$crd\" }, points: 1, pointType: null, code: null, \
     reason: \"r\", idempotencyKey: \"vera-split\" })",
    "claimGiftCard(input: { card: { id: \"$crd\" }, member: { id: \"$mem\" } })",
    "refundGiftCard(input: { card: { id: \"$crd\" }, reason: \"r\" })",
    "recordPurchase(input: { member: { id: \"$mem\" }, reference: \"vera-2\", total: \"1.00\", \
     payWith: { sources: [{ points: 5 }, { holdId: \"$hld\" }, { giftCard: { card: { id: \"$crd\" }, \
     points: 5 } }, { group: { group: { id: \"$mem\" }, points: 5 } }] } })",
    "node(id: \"$crd\")",
    "redeemReward(input: { member: { id: \"$mem\" }, by: { id: \"$per\" }, rewardKey: \"mug\", \
     idempotencyKey: \"vera-key\" })",
    "redeemReward(input: { member: { id: \"$mem\" }, by: null, rewardKey: \"mug\", \
     idempotencyKey: \"vera-key\" })",
    "adjustPoints(input: { member: { id: \"$mem\" }, points: 5, reason: \"r\", \
     pointType: null, countsAsEarned: true, expiresAt: null, effectiveAt: null, \
     idempotencyKey: \"vera-key\" })",
    "approveAdjustment(input: { approvalId: \"$apv\", reason: \"r\" })",
    "declineAdjustment(input: { approvalId: \"$apv\", reason: \"r\" })",
    "extendPoints(input: { member: { id: \"$mem\" }, pointType: null, reason: \"r\", \
     which: { earnedBy: [\"$txn\"] }, until: null, idempotencyKey: \"vera-key\" })",
    "expirePoints(input: { member: { externalId: \"vera\" }, pointType: null, reason: \"r\", \
     which: { expiringBefore: \"2030-01-01T00:00:00Z\" }, idempotencyKey: \"vera-key\" })",
    "expirePoints(input: { member: { externalId: \"vera\" }, reason: \"r\", \
     which: { all: true }, idempotencyKey: \"vera-key\" })",
    "transferPoints(input: { from: { id: \"$mem\" }, to: { externalId: \"vera\" }, points: 1, \
     pointType: null, reason: \"r\", idempotencyKey: \"vera-key\" })",
    "mergeMembers(input: { from: { id: \"$mem\" }, into: { externalId: \"vera\" }, reason: \"r\", \
     idempotencyKey: \"vera-key\" })",
    "unmergeMembers(input: { member: { id: \"$mem\" }, reason: \"r\", \
     idempotencyKey: \"vera-key\" })",
    "activatePoints(input: { transactionId: \"$txn\" })",
    "recordPurchaseEvent(input: { purchase: { reference: \"vera-1\" }, event: \"delivered\", \
     happenedAt: null })",
    "holdPoints(input: { member: { id: \"$mem\" }, by: null, points: 1, pointType: null, reason: \"r\", \
     expiresAt: null, idempotencyKey: \"vera-key\" })",
    "captureHold(input: { holdId: \"$hld\", points: 1 })",
    "releaseHold(input: { holdId: \"$hld\" })",
    "eraseMember(input: { memberId: \"$mem\" })",
    "voidTransaction(input: { transactionId: \"$txn\", reason: \"r\" })",
    "resumePlugin(input: { pluginKey: \"consumer-goods\" })",
    "pausePlugin(input: { pluginKey: \"consumer-goods\" })",
    "retryPluginEvent(input: { pluginKey: \"consumer-goods\", eventId: \"$evt\" })",
    "skipPluginEvent(input: { pluginKey: \"consumer-goods\", eventId: \"$evt\", reason: \"r\" })",
    "redeliverPluginEvent(input: { pluginKey: \"consumer-goods\", eventId: \"$evt\" })",
    "reappraisePurchase(input: { pluginKey: \"consumer-goods\", purchaseId: \"$pur\" })",
    "purgePlugin(input: { pluginKey: \"consumer-goods\" })",
    "revokeToken(input: { id: \"$tok\" })",
    "revokeTokens(input: { holder: { operator: \"vera-office\" } })",
    "revokeTokens(input: { holder: { member: \"vera\" } })",
    "upgradePlugin(input: { pluginKey: \"consumer-goods\", version: \"9.9.9\" })",
    "rollbackPlugin(input: { pluginKey: \"consumer-goods\", version: \"0.0.1\" })",
];
const STOREFRONT_CALLS: &[&str] = &[
    "me",
    "giftCard(code: \"vera-0000-4711-0815\")",
    "claimGiftCard(input: { code: \"vera-0000-4711-0815\" })",
    "quotePurchase(input: { total: \"1.00\", payWith: { sources: [{ points: 5 }, \
     { holdId: \"$hld\" }, { giftCard: { card: { code: \"vera-0000-4711-0815\" }, points: 5 } }, \
     { group: { group: { id: \"$mem\" }, points: 5 } }] } })",
    "quotePurchase(input: { total: \"1.00\", payWith: { sources: [{ giftCard: { card: { \
     id: \"$crd\" } } }, { group: { group: { externalId: \"vera\" }, points: 5 } }] } })",
    "node(id: \"$crd\")",
    "node(id: \"$mem\")",
    "node(id: \"$txn\")",
    "node(id: \"$msg\")",
    "node(id: \"$rec\")",
    "node(id: \"$pur\")",
    "node(id: \"$hld\")",
    "node(id: \"$apv\")",
    "node(id: \"$ret\")",
    "node(id: \"$mbs\")",
    "program(slug: \"sandbox\")",
    "quotePurchase(input: { total: \"1.00\", payWith: { points: 1 } })",
    "quotePurchase(input: { total: \"1.00\", payWith: { holdId: \"$hld\" } })",
    "quotePurchase(input: { total: \"1.00\", currency: \"EUR\", lines: \
     [{ sku: \"s\", category: \"c\", quantity: 1, amount: \"1.00\" }] })",
    "serviceCenters(near: { latitude: 0, longitude: 0 }, program: \"sandbox\", first: 5, \
     capability: null, country: null, language: null)",
    "redeemReward(input: { rewardKey: \"mug\", idempotencyKey: \"vera-key\" })",
    "redeemReward(input: { rewardKey: \"mug\", from: \"$mem\", idempotencyKey: \"vera-key\" })",
    "transferPoints(input: { toReferralCode: \"NOBODY\", points: 1, pointType: null, \
     reason: \"r\", idempotencyKey: \"vera-key\" })",
];
/// What no call needs to be of Vera's, for it belongs to everybody who sees her program.
const PUBLIC: [&str; 5] = ["prg", "cen", "tir", "ben", "rwd"];
/// What `node` finds by these ids: all that it could find would be more than one query can ask for.
const NODES: [(&str, &str); 11] = [
    ("$crd", "Card"),
    ("$mem", "Member"),
    ("$hld", "Hold"),
    ("$apv", "Approval"),
    ("$mbs", "Membership"),
    ("$msg", "Message"),
    ("$pur", "Purchase"),
    ("$rec", "Record"),
    ("$ret", "Return"),
    ("$edt", "PurchaseEdit"),
    ("$txn", "Transaction"),
];
/// How deep a selection goes.
const DEPTH: usize = 5;

async fn no_field_returns_what_is_anothers(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let program = format!("{}{PLUGIN}", sandbox_shop());
    let other = program.replace("program = \"sandbox\"", "program = \"other\"");
    let app = app.with_program(&program).await.with_program(&other).await;
    let vera = Vera::lives(&app).await;
    let theirs = app.joins("other", "otto").await;
    theirs.buys("otto-1", "30.00").await.done();

    let admin = calls(&app, ADMIN, ADMIN_CALLS).await;
    let storefront = calls(&app, STOREFRONT, STOREFRONT_CALLS).await;
    let office = app.token("sandbox", "office", "admin");
    let hers = app.token("sandbox", MARK, "member");
    let is_query = |call: &&String| call.starts_with("query");
    let mut secrets = BTreeSet::new();
    for (path, token, calls) in [(ADMIN, &office, &admin), (STOREFRONT, &hers, &storefront)] {
        for call in calls.iter().filter(is_query) {
            secrets.extend(secrets_in(&vera.ask(&app, path, token, call).await));
        }
    }
    let kinds: BTreeSet<_> =
        secrets.iter().map(|secret| secret.split('_').next().unwrap()).collect();
    for kind in
        ["apv", "crd", "evt", "hld", "mbs", "mem", "msg", "pur", "rec", "ret", "tok", "txn", MARK]
    {
        assert!(kinds.contains(kind), "Vera has nothing of the kind {kind}: {kinds:?}");
    }
    let before = vera.ask(&app, ADMIN, &office, &admin[3]).await;
    assert!(admin[3].contains("member(id"), "all that is hers: {}", admin[3]);

    // Only now, or what is his would be among her program's.
    app.joins("sandbox", "bob").await.buys("bob-1", "30.00").await.done();
    let bob = app.token("sandbox", "bob", "member");
    let otto = app.token("other", "otto", "member");
    let stranger = app.token("other", "office", "admin");
    for (path, token, calls) in [
        (STOREFRONT, Some(&bob), &storefront),
        (STOREFRONT, Some(&otto), &storefront),
        (STOREFRONT, None, &storefront),
        (ADMIN, Some(&stranger), &admin),
        (ADMIN, Some(&bob), &admin),
        (ADMIN, None, &admin),
    ] {
        for call in calls {
            let call = vera.named_in(call);
            let (_, body) =
                app.send(path, token.map(String::as_str), &json!({ "query": call })).await;
            let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
            assert!(
                !["QUERY_TOO_LARGE", "QUERY_INVALID", "BAD_REQUEST", "INTERNAL"].contains(&code),
                "{call}\n{body:#}"
            );
            // What the caller said, it may hear again.
            let said = |secret: &&String| !call.contains(secret.as_str());
            let found: Vec<_> = secrets_in(&body).into_iter().collect();
            let told: Vec<_> =
                found.iter().filter(|one| secrets.contains(*one)).filter(said).collect();
            assert!(told.is_empty(), "{path} tells {told:?}\n{call}\n{body:#}");
        }
    }
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    assert_eq!(vera.ask(&app, ADMIN, &office, &admin[3]).await, before, "and nobody changed it");
}

/// A member with one of everything, and what the calls name of it.
struct Vera(BTreeMap<&'static str, String>);

impl Vera {
    async fn lives(app: &TestApp) -> Self {
        const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) { \
             member { id referralCode } userErrors { code message field } } }";
        let input = json!({
            "externalId": "vera", "kind": "ORGANIZATION", "name": "vera-name",
            "email": "vera@example.org",
            "contacts": [{ "name": "vera-contact", "role": "buyer", "email": "vera-c@example.org" }],
        });
        let member: Value = app.does("sandbox", CREATE, input).await.done();
        let buy =
            json!({ "member": { "externalId": "vera" }, "reference": "vera-1", "total": "30.00" });
        app.records("sandbox", buy).await.done();
        // Long enough to be missed.
        app.advance_clock("sandbox", "2026-08-01T00:00:00Z").await;
        while worker::round(&app.loyalty).await.unwrap() > 0 {}
        const RETURN: &str = "mutation { recordReturn(input: { purchase: { reference: \"vera-1\" }, \
             reference: \"vera-back\", what: { amount: \"1.00\" } }) { receipt { returnId } } }";
        let returned = app.admin("sandbox", RETURN, Value::Null).await;
        let returned = returned["recordReturn"]["receipt"]["returnId"].as_str().unwrap().to_owned();
        const EDIT: &str = "mutation { editPurchase(input: { purchase: { reference: \"vera-1\" }, \
             reference: \"vera-edit\", total: \"29.00\", reason: \"vera-why\" }) { receipt { editId } } }";
        let edited = app.admin("sandbox", EDIT, Value::Null).await;
        let edited = edited["editPurchase"]["receipt"]["editId"].as_str().unwrap().to_owned();
        const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
             hold { id } userErrors { code message field } } }";
        let hold = json!({
            "member": { "externalId": "vera" }, "points": 2, "reason": "vera-hold",
            "expiresAt": "2026-10-01T00:00:00Z", "idempotencyKey": "vera-hold",
        });
        app.does::<Value>("sandbox", HOLD, hold).await.done();
        const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
             approval { id } userErrors { code message field } } }";
        let adjusting = json!({
            "member": { "externalId": "vera" }, "points": 1001, "reason": "vera-adjusted",
            "idempotencyKey": "vera-adjusted",
        });
        let asked: Value = app.does("sandbox", ADJUST, adjusting).await.done();
        let person = app.joins("sandbox", "vera-person").await.member.id;
        const JOIN: &str = "mutation { joinGroup(input: { group: { externalId: \"vera\" }, \
             person: { externalId: \"vera-person\" }, accrual: MEMBER }) { membership { id } } }";
        let joined = app.admin("sandbox", JOIN, Value::Null).await;
        let joined = joined["joinGroup"]["membership"]["id"].as_str().unwrap().to_owned();
        const CARD: &str = "mutation { issueCard(input: { member: { externalId: \"vera\" }, \
             code: \"VERA-4711-0815\", idempotencyKey: \"vera-card\" }) { card { id } } }";
        let card = app.admin("sandbox", CARD, Value::Null).await;
        let card = card["issueCard"]["card"]["id"].as_str().unwrap().to_owned();
        let (token, _) = app.issues("sandbox", "vera-office".to_owned()).await;
        let query = "{ member(externalId: \"vera\") { transactions { nodes { id } } \
             messages { nodes { id } } records { nodes { id } } purchases { nodes { id } } \
             holds { nodes { id } } } }";
        let of = app.admin("sandbox", query, Value::Null).await;
        let first = |list: &str| of["member"][list]["nodes"][0]["id"].as_str().unwrap().to_owned();
        Self(BTreeMap::from([
            ("$code", member["referralCode"].as_str().unwrap().to_owned()),
            ("$mem", member["id"].as_str().unwrap().to_owned()),
            ("$hld", first("holds")),
            ("$apv", asked["id"].as_str().unwrap().to_owned()),
            ("$per", person),
            ("$mbs", joined),
            ("$crd", card),
            ("$msg", first("messages")),
            ("$pur", first("purchases")),
            ("$rec", first("records")),
            ("$ret", returned),
            ("$edt", edited),
            ("$tok", token),
            ("$txn", first("transactions")),
        ]))
    }

    fn named_in(&self, call: &str) -> String {
        self.0.iter().fold(call.to_owned(), |call, (name, id)| call.replace(name, id))
    }

    /// What somebody gets who may.
    async fn ask(&self, app: &TestApp, path: &str, token: &str, call: &str) -> Value {
        let query = self.named_in(call);
        let (_, body) = app.send(path, Some(token), &json!({ "query": query })).await;
        assert!(body["data"].is_object(), "{query}\n{body:#}");
        body["data"].clone()
    }
}

/// The ids in a value, and the words with the mark.
fn secrets_in(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(text) => {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_-@.".contains(c));
            let is_id = |word: &str| {
                word.split_once('_').is_some_and(|(kind, id)| {
                    kind.len() == 3 && id.len() >= 26 && !PUBLIC.contains(&kind)
                })
            };
            let secret = |word: &&str| is_id(word) || word.contains(MARK);
            words.filter(secret).map(str::to_owned).collect()
        }
        Value::Array(items) => items.iter().flat_map(secrets_in).collect(),
        Value::Object(fields) => fields.values().flat_map(secrets_in).collect(),
        _ => BTreeSet::new(),
    }
}

/// The calls as documents that select everything. Fails for a root field without a call, and for an
/// argument or an input field that no call of its field names.
async fn calls(app: &TestApp, path: &str, calls: &[&str]) -> Vec<String> {
    let schema = Schema::of(app, path).await;
    for root in ["Query", "Mutation"] {
        for field in schema.fields(root) {
            let name = field["name"].as_str().unwrap();
            let texts: Vec<_> =
                calls.iter().copied().filter(|call| root_field(call) == name).collect();
            assert!(!texts.is_empty(), "{path}: say how `{name}` is called for what is another's");
            for argument in field["args"].as_array().unwrap() {
                assert_named(argument, &texts, &format!("{path} {name}"));
            }
        }
    }
    // An input is that of several fields; what one call of them names is tried.
    for (input, of) in &schema.0 {
        for field in of["inputFields"].as_array().into_iter().flatten() {
            assert_named(field, calls, &format!("{path} {input}"));
        }
    }
    let document = |call: &&str| {
        let name = root_field(call);
        let of = |root: &str| schema.fields(root).into_iter().find(|field| field["name"] == *name);
        let (kind, field) = match of("Query") {
            Some(field) => ("query", field),
            None => ("mutation", of("Mutation").unwrap_or_else(|| panic!("no field `{name}`"))),
        };
        let selection = match NODES.iter().find(|(id, _)| call.contains(id) && *name == *"node") {
            // Nobody finds there what the schema has no type for.
            Some((_, found)) if !schema.0.contains_key(*found) => "{ __typename }".to_owned(),
            Some((_, found)) => {
                format!("{{ __typename ... on {found} {} }}", schema.selection(found, &mut vec![]))
            }
            None => schema.selection(named_type(&field["type"]), &mut Vec::new()),
        };
        format!("{kind} {{ {call} {selection} }}")
    };
    calls.iter().map(document).collect()
}

/// Fails for an argument, or a field of an input, to which no call gives a value.
fn assert_named(input: &Value, calls: &[&str], of: &str) {
    let name = input["name"].as_str().unwrap();
    let is_named = calls.iter().any(|call| call.contains(&format!("{name}: ")));
    assert!(is_named, "{of}: no call says what `{name}` is");
}

fn root_field(call: &str) -> &str {
    call.split('(').next().unwrap()
}

/// The types of a schema by name.
struct Schema(BTreeMap<String, Value>);

impl Schema {
    async fn of(app: &TestApp, path: &str) -> Self {
        const TYPES: &str = "{ __schema { types { kind name possibleTypes { name } \
             fields { name args { name type { ...T } } type { ...T } } \
             inputFields { name type { ...T } } } } } fragment T on __Type { kind name ofType { \
             kind name ofType { kind name ofType { kind name } } } }";
        let (_, body) = app.send(path, None, &json!({ "query": TYPES })).await;
        let types = body["data"]["__schema"]["types"].as_array().unwrap();
        Self(
            types
                .iter()
                .map(|one| (one["name"].as_str().unwrap().to_owned(), one.clone()))
                .collect(),
        )
    }

    fn fields(&self, name: &str) -> Vec<Value> {
        self.0[name]["fields"].as_array().cloned().unwrap_or_default()
    }

    /// All fields of a type and of what they return, each under a name of its own, for the types of
    /// a union may have fields of one name and different types. What would go in a circle is left
    /// out.
    fn selection<'s>(&'s self, name: &'s str, path: &mut Vec<&'s str>) -> String {
        let of = &self.0[name];
        if let Some(possible) = of["possibleTypes"].as_array() {
            let names = possible.iter().map(|one| one["name"].as_str().unwrap());
            let parts: Vec<_> =
                names.map(|name| format!("... on {name} {}", self.selection(name, path))).collect();
            return format!("{{ __typename {} }}", parts.join(" "));
        }
        let Some(fields) = of["fields"].as_array() else { return String::new() };
        path.push(name);
        let has_nodes = fields.iter().any(|field| field["name"] == "nodes");
        let mut parts = vec!["__typename".to_owned()];
        let mut seen = BTreeSet::new();
        for field in fields {
            let (field_name, returned) =
                (field["name"].as_str().unwrap(), named_type(&field["type"]));
            let is_object = self.0[returned]["fields"].is_array()
                || self.0[returned]["possibleTypes"].is_array();
            let goes_on = !path.contains(&returned) && path.len() < DEPTH;
            // The edges of a list have the same nodes.
            if (is_object && !goes_on) || (has_nodes && field_name == "edges") {
                continue;
            }
            let arguments = field["args"].to_string();
            let arguments = match () {
                () if arguments.contains("\"first\"") => "(first: 3)",
                () if arguments.contains("\"at\"") => "(at: \"2026-01-31T00:00:00Z\")",
                () => "",
            };
            let inner = match seen.insert(returned) {
                true => self.selection(returned, path),
                // Twice all of it is more than one query can ask for.
                false => self.own_fields(returned),
            };
            parts.push(format!("{name}_{field_name}: {field_name}{arguments} {inner}"));
        }
        path.pop();
        format!("{{ {} }}", parts.join(" "))
    }
}

impl Schema {
    /// The fields of a type that are no objects.
    fn own_fields(&self, name: &str) -> String {
        if self.0[name]["possibleTypes"].is_array() {
            return "{ __typename }".to_owned();
        }
        let Some(fields) = self.0[name]["fields"].as_array() else { return String::new() };
        let is_own = |field: &&Value| {
            let returned = &self.0[named_type(&field["type"])];
            !returned["fields"].is_array()
                && !returned["possibleTypes"].is_array()
                && field["args"].as_array().is_some_and(Vec::is_empty)
        };
        let own = fields.iter().filter(is_own).map(|field| {
            let field = field["name"].as_str().unwrap();
            format!("{name}_{field}: {field}")
        });
        format!("{{ __typename {} }}", own.collect::<Vec<_>>().join(" "))
    }
}

/// The name of a type without lists and non-nulls.
fn named_type(of: &Value) -> &str {
    match of["ofType"].is_object() {
        true => named_type(&of["ofType"]),
        false => of["name"].as_str().unwrap(),
    }
}
