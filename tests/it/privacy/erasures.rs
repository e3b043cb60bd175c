//! Erasing a member: nothing personal is left anywhere, the books are whole, nobody else is changed.

use super::life::{Life, MARK, PROGRAM, does, life, seals, tries};
use super::places::{places, rows};
use super::{erase, export};
use crate::support::programs::example;
use crate::support::{Backend, TestApp, on_both_databases, perennial};
use perennial_core::worker;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

on_both_databases!(
    nothing_personal_is_left_anywhere,
    the_books_are_whole_and_nobody_elses_are_changed,
    an_erasure_is_final_and_said_once,
    whoever_follows_is_told,
    a_token_of_before_is_nobodys,
    whoever_was_taken_for_it_keeps_no_name_of_it,
);

/// Where the platform takes a text of a member, or about one.
const PLACES: [&str; 48] = [
    "adjustments.idempotency_key",
    "approvals.decision_reason",
    "approvals.idempotency_key",
    "approvals.reason",
    "contacts.email",
    "contacts.name",
    "contacts.role",
    "dead_letters.fault",
    "dead_letters.reason",
    "edit_lines.category",
    "edit_lines.sku",
    "edits.reason",
    "edits.reference",
    "events.data",
    "holds.idempotency_key",
    "holds.reason",
    "members.email",
    "members.email_key",
    "members.external_id",
    "members.name",
    "merges.idempotency_key",
    "merges.reason",
    "messages.body",
    "messages.parameters",
    "missed_appraisals.fault",
    "openings.reference",
    "parked_queues.fault",
    "plugin_recordings.data",
    "plugin_runs.log",
    "plugin_states.data",
    "plugin_states.subject",
    "program_plugins.fault",
    "purchase_lines.category",
    "purchase_lines.sku",
    "purchases.reference",
    "records.data",
    "records.external_id",
    "redemptions.idempotency_key",
    "returns.reference",
    "timers.data",
    "timers.name",
    "timers.record_external_id",
    "token_cutoffs.holder",
    "tokens.holder",
    "transactions.explanation",
    "transfers.idempotency_key",
    "unmerges.idempotency_key",
    "unmerges.reason",
];

/// Two members were merged, and are two again: the events of one do not name the other.
async fn whoever_was_taken_for_it_keeps_no_name_of_it(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(&example(PROGRAM)).await;
    let (member, other) = (app.joins(PROGRAM, MARK).await, app.joins(PROGRAM, "other").await);
    member.buys("order-1", "900.00").await.done();
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let merge = json!({
        "from": { "externalId": MARK }, "into": { "externalId": "other" }, "reason": "One",
        "idempotencyKey": "one",
    });
    does(&app, "mergeMembers", "MergeMembersInput", "member { id }", merge).await;
    let apart = json!({
        "member": { "externalId": MARK }, "reason": "Two", "idempotencyKey": "two",
    });
    does(&app, "unmergeMembers", "UnmergeMembersInput", "member { id }", apart).await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    erase(&app, &member.member.id).await.done();
    assert_eq!(places(&app, MARK).await, BTreeSet::new());
    let document = Value::from(export(&app, &other.member.id).await).to_string();
    assert!(!document.contains(&member.member.id), "nor does an export: {document}");
}

async fn nothing_personal_is_left_anywhere(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    let before = places(&app, MARK).await;
    let forgotten: Vec<_> = PLACES.iter().filter(|place| !before.contains(**place)).collect();
    assert!(forgotten.is_empty(), "the company has left its name everywhere: {forgotten:?}");
    assert!(!places(&app, &format!("office@{MARK}.example")).await.is_empty());
    erase(&app, &member).await.done();
    assert_eq!(places(&app, MARK).await, BTreeSet::new());
    if backend == Backend::Sqlite {
        for file in std::fs::read_dir(app.db.folder.path()).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let is_there = bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes());
            assert!(!is_there, "{} still has it, if nobody asks the database", path.display());
        }
    }
}

async fn the_books_are_whole_and_nobody_elses_are_changed(backend: Backend) {
    let Life { app, member, bystander, .. } = life(backend).await;
    perennial(&app.db, &["verify"]).succeeds();
    let others = export(&app, &bystander).await;
    let books = "SELECT CAST(SUM(amount) AS BIGINT), COUNT(*) FROM entries";
    let before = all_pages(&app, &member).await;
    let entries: i64 = rows(&app, books).await[0].try_get_by_index(1).unwrap();
    erase(&app, &member).await.done();
    perennial(&app.db, &["verify"]).succeeds();
    seals(&app).await;
    let verified = perennial(&app.db, &["verify"]).succeeds();
    assert!(verified.stdout.contains("somebody was erased"), "{}", verified.stdout);
    assert_eq!(export(&app, &bystander).await[1..], others[1..]);
    let now: i64 = rows(&app, books).await[0].try_get_by_index(1).unwrap();
    assert!(now > entries, "hold, debt and points ended by movements of their own");

    let after = all_pages(&app, &member).await;
    let amounts = |pages: &Value| -> Vec<Value> {
        let nodes = pages["member"]["transactions"]["nodes"].as_array().unwrap();
        nodes.iter().rev().map(|node| json!([node["id"], node["kind"], node["points"]])).collect()
    };
    let (was, is) = (amounts(&before), amounts(&after));
    assert_eq!(is[..was.len()], was, "what happened is what happened");
    assert_eq!(after["member"]["balance"], json!({ "points": 0, "held": 0 }));
    let nobody = &after["member"];
    assert_eq!((&nobody["name"], &nobody["email"]), (&json!(""), &Value::Null));
    assert_eq!((&nobody["externalId"], &nobody["referralCode"]), (&json!(member), &json!(member)));
    assert!(nobody["erasedAt"].is_string() && nobody["tier"].is_null(), "{nobody:#}");
    for empty in ["contacts", "pluginViews"] {
        assert_eq!(nobody[empty], json!([]), "{empty}");
    }
    for empty in ["records", "messages"] {
        assert_eq!(nobody[empty]["nodes"], json!([]), "{empty}");
    }
    let causes = nobody["transactions"]["nodes"].as_array().unwrap().iter();
    let of_before = |node: &&Value| node["cause"]["isItsOwn"] == json!(false);
    assert!(causes.clone().filter(of_before).count() > 5, "what a transaction said is gone");
    assert!(causes.filter(|node| node["cause"]["isItsOwn"] == json!(true)).count() > 1);
    assert_eq!(nobody["purchases"]["nodes"][0]["lines"][0]["sku"], json!(""));
    assert_eq!(before["member"]["purchases"]["nodes"].as_array().unwrap().len(), 3);
    for (was, is) in before["member"]["purchases"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .zip(nobody["purchases"]["nodes"].as_array().unwrap())
    {
        assert_eq!((&is["total"], &is["pointsEarned"]), (&was["total"], &was["pointsEarned"]));
        assert_eq!(is["reference"], is["id"], "a number of nobody's");
    }
    assert_eq!(nobody["events"]["nodes"].as_array().unwrap().len(), 1);
}

/// Whatever the API shows of a member, and of transactions.
async fn all_pages(app: &TestApp, member: &str) -> Value {
    const PAGES: &str = "query($id: ID!) { \
         transactions(first: 100) { nodes { id points member { id name erasedAt } \
           cause { __typename } } } \
         changes(first: 100) { nodes { __typename } } \
         messages(first: 100) { nodes { id } } \
         node(id: $id) { __typename id } \
         member(id: $id) { id externalId name email country locale referralCode erasedAt \
           tier { key } statistics { purchases } progress { metric } \
           balance { points held } contacts { name } pluginViews { pluginKey } \
           transactions(first: 100) { nodes { id kind points cause { __typename \
             ... on ErasureCause { isItsOwn } } } } \
           purchases(first: 100) { nodes { id reference total { amount } pointsEarned \
             lines { sku category } returns { id reference } } } \
           holds(first: 100) { nodes { id reason state } } \
           records(first: 100) { nodes { externalId } } \
           messages(first: 100) { nodes { body } } \
           events(first: 100) { nodes { name } } } }";
    app.admin(PROGRAM, PAGES, json!({ "id": member })).await
}

async fn an_erasure_is_final_and_said_once(backend: Backend) {
    let Life { app, member, brought, .. } = life(backend).await;
    let at = erase(&app, &member).await.done();
    let before = app.transactions(PROGRAM).await.len();
    assert_eq!(erase(&app, &member).await.done(), at, "a repeat says the same");
    assert_eq!(app.transactions(PROGRAM).await.len(), before, "and does nothing");
    assert!(!app.external_ids(PROGRAM).await.contains(&format!("{MARK}-id")));

    // Whoever was brought by nobody is paid for nobody, and nobody is paid.
    let buys = json!({ "member": { "id": brought }, "reference": "brought-1", "total": "500.00" });
    let receipt = app.records(PROGRAM, buys).await.done();
    assert_eq!((receipt.points_earned, receipt.referral_points), (5, 0));

    // The external id, the machines' numbers and the shop's can be somebody's again.
    let again = json!({ "externalId": format!("{MARK}-id"), "name": "Another" });
    let another = app.creates(PROGRAM, again).await.done();
    assert_ne!(another.id, member);
    let order = json!({
        "member": { "id": another.id }, "reference": format!("{MARK}-order-1"), "total": "1.00",
    });
    app.records(PROGRAM, order).await.done();
    does(
        &app,
        "putRecord",
        "PutRecordInput",
        "record { id }",
        json!({
            "member": { "id": another.id }, "type": "equipment", "externalId": format!("{MARK}-1"),
            "data": { "model": "HX-200", "serial": "1", "installedOn": "2025-04-15" },
        }),
    )
    .await;
    erase(&app, &another.id).await.done();
    let nobody = erase(&app, "mem_00000000000000000000000000").await.refused();
    assert_eq!(
        (nobody.code.as_str(), nobody.field),
        ("MEMBER_NOT_FOUND", Some(vec!["memberId".to_owned()]))
    );
    let wrong =
        tries(&app, "eraseMember", "EraseMemberInput", "erasedAt", json!({ "memberId": "ada" }));
    assert_eq!(wrong.await.refused().code, "INVALID_ID");
    seals(&app).await;
    perennial(&app.db, &["verify"]).succeeds();
}

async fn whoever_follows_is_told(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    erase(&app, &member).await.done();
    seals(&app).await;
    let told = app
        .admin(
            PROGRAM,
            "query($id: ID!) { events(memberId: $id, first: 10) { nodes { name data } } }",
            json!({ "id": member }),
        )
        .await;
    let expected = json!([{ "name": "member-erased", "data": { "messages": 2 } }]);
    assert_eq!(told["events"]["nodes"], expected);
}

async fn a_token_of_before_is_nobodys(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    let before = app.new_token(PROGRAM, &format!("{MARK}-id"), "member");
    let me = json!({ "query": "{ me { id } }" });
    // Another node has verified it, and remembers that.
    let node = TestApp::beside(&app).await;
    assert_eq!(node.send("/graphql", Some(&before), &me).await.0, 200);
    let unused = app.new_token(PROGRAM, &format!("{MARK}-id"), "member");
    erase(&app, &member).await.done();
    assert_eq!(app.send("/graphql", Some(&unused), &me).await.0, 401, "there is nobody");
    let started = Instant::now();
    while node.send("/graphql", Some(&before), &me).await.0 != 401 {
        assert!(started.elapsed() < Duration::from_secs(10), "a node knows nothing of it");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let again = json!({ "externalId": format!("{MARK}-id"), "name": "Another" });
    let another = app.creates(PROGRAM, again).await.done();
    assert_eq!(app.send("/graphql", Some(&unused), &me).await.0, 401, "it was another's");
    let after = app.new_token(PROGRAM, &format!("{MARK}-id"), "member");
    let (_, body) = app.send("/graphql", Some(&after), &me).await;
    assert_eq!(body["data"]["me"]["id"], json!(another.id));
}
