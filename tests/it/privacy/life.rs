//! A company that has left its name wherever the platform takes a text, beside others that have not.

use crate::support::programs::example;
use crate::support::tamper::member as literal;
use crate::support::{Backend, Outcome, TestApp, books};
use perennial_core::ledger::NewOpening;
use perennial_core::members::MemberRef;
use perennial_core::tokens::Holder;
use perennial_core::{Actor, Points, Scope, worker};
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const PROGRAM: &str = "machinery";
/// In whatever the company has written, and in nothing else.
pub(super) const MARK: &str = "quixote7";
/// The same of a bystander.
pub(super) const OTHER: &str = "bystander3";

/// Members by their ids.
pub(super) struct Life {
    pub(super) app: TestApp,
    pub(super) member: String,
    pub(super) bystander: String,
    /// Brought by the member, and did not buy anything yet.
    pub(super) brought: String,
}

/// What only a moment leaves behind, and what a plugin says when it is at a loss.
const MOMENTS: [&str; 10] = [
    "INSERT INTO deliveries \
         (program_id, plugin_id, member_id, member_seq, event_id, attempts, not_before) \
     SELECT program_id, 'gone', member_id, member_seq, id, 1, 5 FROM events",
    "INSERT INTO parked_queues \
         (program_id, plugin_id, member_id, member_seq, event_id, fault, counts, parked_at) \
     SELECT program_id, 'gone', member_id, member_seq, id, '{\"kind\":\"TRAP\",\
         \"message\":\"{mark}\"}', 1, 5 FROM events WHERE member_id = {member} AND member_seq = 1",
    "INSERT INTO parked_deliveries (program_id, plugin_id, member_id, member_seq, event_id) \
     SELECT program_id, 'gone', member_id, member_seq, id FROM events",
    "INSERT INTO dead_letters (program_id, plugin_id, member_id, member_seq, event_id, fault, \
         reason, actor, skipped_at) \
     SELECT program_id, 'gone', member_id, member_seq, id, '{\"message\":\"{mark}\"}', '{mark}', \
         'operator:boss', 7 FROM events WHERE member_id = {member}",
    "INSERT INTO missed_appraisals (program_id, purchase_id, plugin_id, member_id, because, fault, \
         missed_at, attempts, points) \
     SELECT program_id, id, 'gone', member_id, 'FAILED', '{\"kind\":\"TRAP\",\"message\":\"{mark}\",\"digest\":\"\",\"log\":[]}', \
         7, 0, 0 FROM purchases WHERE member_id = {member}",
    "INSERT INTO timer_returns (program_id, event_id, returned_at) \
     SELECT program_id, id, 7 FROM events",
    "UPDATE plugin_runs SET log = '[\"{mark} was here\"]' WHERE event_id IN (\
         SELECT id FROM events WHERE member_id = {member})",
    "INSERT INTO plugin_states (program_id, plugin_id, member_id, subject, data) \
     SELECT program_id, 'gone', id, 'equipment/{mark}-9', '{\"seen\":\"{mark}\"}' \
     FROM members WHERE id = {member}",
    "INSERT INTO timers (program_id, id, plugin_id, member_id, name, due_at, data, record_type, \
         record_external_id) \
     SELECT program_id, id, 'gone', id, '{mark}', 9000000000000000, '{\"of\":\"{mark}\"}', \
         'equipment', '{mark}-1' \
     FROM members WHERE id = {member}",
    "INSERT INTO token_cutoffs (program_id, holder, issued_until) \
     SELECT program_id, 'member:' || external_id, 1 FROM members WHERE id = {member}",
];
/// What lets purchases earn on other terms than the program's: stars, once the machine runs.
const TERMS: &str = r#"
[[point_types]]
id = "stars"
name = { en = "Stars", de = "Sterne", pl = "Gwiazdki" }
pending = { event = "installed" }
[[earning_rules]]
id = "warranty"
name = { en = "A machine", de = "Eine Maschine", pl = "Maszyna" }
points = 40
point_type = "stars"
"#;
const ABOVE: &str = "\n[approval]\nadjust_above = 1000\n";
const FAULT: &str = "UPDATE program_plugins SET fault = '{fault}'";

pub(super) async fn life(backend: Backend) -> Life {
    let program = format!("{}{TERMS}{ABOVE}", example(PROGRAM));
    let app = TestApp::idle(backend).await.with_program(&program).await;
    let bystander = company(&app, OTHER, None).await;
    let code = bystander["referralCode"].as_str().unwrap().to_owned();
    let member = company(&app, MARK, Some(&code)).await;
    let code = member["referralCode"].as_str().unwrap().to_owned();
    let friend = json!({ "externalId": "friend", "name": "Friend", "referralCode": code });
    app.creates(PROGRAM, friend).await.done();
    let brought = json!({ "externalId": "brought", "name": "Brought", "referralCode": code });
    let brought = app.creates(PROGRAM, brought).await.done().id;
    let friends = json!({
        "member": { "externalId": "friend" }, "reference": "friend-1", "total": "900.00",
    });
    app.records(PROGRAM, friends).await.done();
    for mark in [OTHER, MARK] {
        had_points_elsewhere(&app, mark).await;
        buys(&app, mark).await;
        has_machines(&app, mark).await;
    }
    app.advance_clock(PROGRAM, "2026-04-16T00:00:00+02:00").await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    for mark in [OTHER, MARK] {
        turns_out_to_be_two_and_one(&app, mark).await;
        is_joined(&app, mark).await;
        has_cards(&app, mark).await;
        leaves_things_open(&app, mark).await;
        let id = if mark == MARK { &member } else { &bystander };
        let id = literal(backend, id["id"].as_str().unwrap());
        for moment in MOMENTS.iter().filter(|moment| mark == MARK || moment.contains("{mark}")) {
            let moment = moment.replace("{mark}", mark).replace("{member}", &id);
            books::execute(&app, &moment).await.unwrap();
        }
    }
    let fault = json!({
        "kind": "TRAP", "message": format!("what is {MARK}?"), "event": null,
        "member": member["id"], "digest": "d", "log": [MARK],
    });
    books::execute(&app, &FAULT.replace("{fault}", &fault.to_string())).await.unwrap();
    seals(&app).await;
    let id = |member: &Value| member["id"].as_str().unwrap().to_owned();
    let (member, bystander) = (id(&member), id(&bystander));
    Life { app, member, bystander, brought }
}

/// Places and seals all that there is.
pub(super) async fn seals(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let program = app.loyalty.programs().by_slug(PROGRAM).await.unwrap().id;
    worker::seal(&app.loyalty, program).await.unwrap();
}

async fn company(app: &TestApp, mark: &str, referral_code: Option<&str>) -> Value {
    const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) { \
         member { id referralCode } userErrors { code message field } } }";
    let input = json!({
        "externalId": format!("{mark}-id"), "kind": "ORGANIZATION", "name": format!("{mark} Ltd"),
        "email": format!("office@{mark}.example"), "locale": "en", "country": "PL",
        "referralCode": referral_code,
        "contacts": [{
            "name": format!("Ewa {mark}"), "role": "technical-engineer", "locale": "en",
            "email": format!("ewa@{mark}.example"),
        }, {
            "name": format!("Jan {mark}"), "role": format!("{mark}-director"), "locale": "en",
        }],
    });
    app.does(PROGRAM, CREATE, input).await.done()
}

async fn had_points_elsewhere(app: &TestApp, mark: &str) {
    let actor = Actor::system(app.loyalty.programs().by_slug(PROGRAM).await.unwrap().id);
    let opening = NewOpening {
        member: MemberRef::ExternalId(format!("{mark}-id")),
        reference: format!("{mark}-before"),
        points: Points::new(12),
        point_type: None,
        earned_at: "2025-12-01T00:00:00Z".parse().unwrap(),
        expires_at: None,
        counts_as_earned: true,
        reason: format!("{mark} had them"),
    };
    let taken_over = app.loyalty.ledger().open_many(&actor, &[opening]).await.unwrap();
    assert!(taken_over.into_iter().all(|taken_over| taken_over.is_ok()));
}

async fn buys(app: &TestApp, mark: &str) {
    let member = json!({ "externalId": format!("{mark}-id") });
    for (number, total) in [(1, "20000.00"), (2, "15000.00"), (3, "7000.00")] {
        let purchase = json!({
            "member": member, "reference": format!("{mark}-order-{number}"),
            "lines": [
                { "sku": format!("{mark}-plate"), "category": format!("{mark}-own"),
                  "amount": total },
                { "sku": "filter", "category": "spare-parts", "amount": "100.00" },
            ],
        });
        app.records(PROGRAM, purchase).await.done();
    }
    does(
        app,
        "adjustPoints",
        "AdjustPointsInput",
        "transaction { id }",
        json!({
            "member": member, "points": 30, "reason": format!("Sorry, {mark}"),
            "countsAsEarned": true, "idempotencyKey": format!("{mark}-adjusted"),
        }),
    )
    .await;
    let wrong = does(
        app,
        "adjustPoints",
        "AdjustPointsInput",
        "transaction { id }",
        json!({
            "member": member, "points": -5, "reason": format!("{mark} was wrong"),
            "idempotencyKey": format!("{mark}-wrong"),
        }),
    )
    .await;
    does(
        app,
        "voidTransaction",
        "VoidTransactionInput",
        "transaction { id }",
        json!({
            "transactionId": wrong["id"], "reason": format!("{mark} was right"),
        }),
    )
    .await;
    asks_for_more(app, mark).await;
    does(
        app,
        "redeemReward",
        "RedeemRewardInput",
        "redemption { id }",
        json!({
            "member": member, "rewardKey": "oil-analysis", "idempotencyKey": format!("{mark}-oil"),
        }),
    )
    .await;
}

/// One request is declined, and another waits.
async fn asks_for_more(app: &TestApp, mark: &str) {
    for points in [1001, 1002] {
        let asked = does(
            app,
            "adjustPoints",
            "AdjustPointsInput",
            "approval { id }",
            json!({
                "member": { "externalId": format!("{mark}-id") }, "points": points,
                "reason": format!("{mark} deserves it"), "idempotencyKey": format!("{mark}-{points}"),
            }),
        )
        .await;
        if points == 1001 {
            let input = json!({ "approvalId": asked["id"], "reason": format!("Not {mark}") });
            let made = "approval { id }";
            does(app, "declineAdjustment", "DeclineAdjustmentInput", made, input).await;
        }
    }
}

async fn has_machines(app: &TestApp, mark: &str) {
    let actor = Actor::system(app.loyalty.programs().by_slug(PROGRAM).await.unwrap().id);
    let holder = Holder::Member(format!("{mark}-id"));
    let (scopes, day) = (vec![Scope::Member], Duration::from_hours(24));
    app.loyalty.tokens().issue(&actor, holder, scopes, day).await.unwrap();
    for number in 1..=2 {
        does(
            app,
            "putRecord",
            "PutRecordInput",
            "record { id }",
            json!({
                "member": { "externalId": format!("{mark}-id") }, "type": "equipment",
                "externalId": format!("{mark}-{number}"),
                "data": {
                    "model": "HX-200", "serial": format!("{mark} serial {number}"),
                    "installedOn": "2025-04-15",
                },
            }),
        )
        .await;
    }
}

/// The company was entered twice, which was undone and done again; and it gives something away.
async fn turns_out_to_be_two_and_one(app: &TestApp, mark: &str) {
    let again = format!("{mark}b");
    company(app, &again, None).await;
    let (member, again) = (
        json!({ "externalId": format!("{mark}-id") }),
        json!({ "externalId": format!("{again}-id") }),
    );
    let points = json!({
        "member": again, "points": 7, "reason": format!("For {mark}"),
        "idempotencyKey": format!("{mark}-again"),
    });
    does(app, "adjustPoints", "AdjustPointsInput", "transaction { id }", points).await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let merge = |key: &str| {
        json!({
            "from": again, "into": member, "reason": format!("{mark} is {mark}"),
            "idempotencyKey": format!("{mark}-{key}"),
        })
    };
    does(app, "mergeMembers", "MergeMembersInput", "member { id }", merge("first")).await;
    let undone = json!({
        "member": again, "reason": format!("{mark} is two"), "idempotencyKey": format!("{mark}-two"),
    });
    does(app, "unmergeMembers", "UnmergeMembersInput", "member { id }", undone).await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    does(app, "mergeMembers", "MergeMembersInput", "member { id }", merge("second")).await;
    let gift = json!({
        "from": member, "to": { "externalId": "friend" }, "points": 3, "reason": "A gift",
        "idempotencyKey": format!("{mark}-gift"),
    });
    does(app, "transferPoints", "TransferPointsInput", "sent { id }", gift).await;
}

/// A person belongs to the company, buys for it and spends what it has.
async fn is_joined(app: &TestApp, mark: &str) {
    let firm = json!({ "externalId": format!("{mark}-id") });
    let person = json!({ "externalId": "friend" });
    let terms = json!({ "group": firm, "person": person, "accrual": "MEMBER", "maySpend": true });
    does(app, "joinGroup", "JoinGroupInput", "membership { id }", terms).await;
}

/// A card, which was lost, and another one.
async fn has_cards(app: &TestApp, mark: &str) {
    let member = json!({ "externalId": format!("{mark}-id") });
    let issue = json!({ "member": member, "idempotencyKey": format!("{mark}-card") });
    let card = does(app, "issueCard", "IssueCardInput", "card { id }", issue).await;
    let replace = json!({
        "cardId": card["id"], "reason": format!("Lost by {mark}"),
        "idempotencyKey": format!("{mark}-card-2"),
    });
    does(app, "replaceCard", "ReplaceCardInput", "card { id }", replace).await;
}

/// A hold that is open, and a debt: what was returned had been spent.
async fn leaves_things_open(app: &TestApp, mark: &str) {
    let member = json!({ "externalId": format!("{mark}-id") });
    for (key, points) in [("released", 5), ("open", 500)] {
        let hold = does(
            app,
            "holdPoints",
            "HoldPointsInput",
            "hold { id }",
            json!({
                "member": member, "points": points, "reason": format!("{mark} at the till"),
                "idempotencyKey": format!("{mark}-{key}"), "expiresAt": "2026-05-01T00:00:00Z",
            }),
        )
        .await;
        if key == "released" {
            let hold = json!({ "holdId": hold["id"] });
            does(app, "releaseHold", "ReleaseHoldInput", "hold { id }", hold).await;
        }
    }
    edits(app, mark).await;
    for number in [1, 2] {
        does(
            app,
            "recordReturn",
            "RecordReturnInput",
            "receipt { returnId }",
            json!({
                "purchase": { "reference": format!("{mark}-order-{number}") },
                "reference": format!("{mark}-back"), "what": { "everything": true },
            }),
        )
        .await;
    }
}

/// An order was changed: a plate costs less, and something is new.
async fn edits(app: &TestApp, mark: &str) {
    let input = json!({
        "purchase": { "reference": format!("{mark}-order-3") }, "reference": format!("{mark}-edit"),
        "reason": format!("{mark} called"), "lines": [
            { "sku": format!("{mark}-plate"), "category": format!("{mark}-own"),
              "amount": "6500.00" },
            { "sku": "filter", "category": "spare-parts", "amount": "100.00" },
            { "sku": format!("{mark}-cover"), "category": format!("{mark}-own"),
              "amount": "400.00" },
        ],
    });
    does(app, "editPurchase", "EditPurchaseInput", "receipt { editId }", input).await;
}

/// Does what has to succeed; returns what it made.
pub(super) async fn does(
    app: &TestApp,
    mutation: &str,
    input_type: &str,
    made: &str,
    input: Value,
) -> Value {
    tries(app, mutation, input_type, made, input).await.done()
}

pub(super) async fn tries(
    app: &TestApp,
    mutation: &str,
    input_type: &str,
    made: &str,
    input: Value,
) -> Outcome<Value> {
    let text = format!(
        "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ {made} \
         userErrors {{ code message field }} }} }}"
    );
    app.does(PROGRAM, &text, input).await
}
