//! An installation with rows in every table, some of which are hard to copy.

use crate::support::programs::{SHOP, example};
use crate::support::{Receipt, Redemption, TestApp, TestDb, books};
use perennial_core::worker;
use serde_json::{Value, json};

/// Text that formats of files trip over.
const NAME: &str = "Zoë \\N \\.\\t 'q' \"d\" 漢字 🎉";
const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { \
     record { externalId } userErrors { code message field } } }";
const CENTER: &str = "mutation($input: PutServiceCenterInput!) { putServiceCenter(input: $input) \
     { serviceCenter { externalId } userErrors { code message field } } }";
const REVOKE: &str = "mutation($input: RevokeTokenInput!) { revokeToken(input: $input) \
     { token { id } userErrors { code message field } } }";
const REVOKE_ALL: &str = "mutation($input: RevokeTokensInput!) { revokeTokens(input: $input) \
     { issuedUntil userErrors { code message field } } }";

const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) \
     { hold { id } userErrors { code message field } } }";
const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) \
     { receipt { returnId } userErrors { code message field } } }";

/// What somebody outside remembers of the installation.
pub(super) struct Made {
    pub(super) receipt: Receipt,
    pub(super) redemption: Redemption,
    pub(super) token: String,
    pub(super) revoked: String,
}

/// Rows that only a moment leaves behind.
const MOMENTS: [&str; 33] = [
    "INSERT INTO erased_cards (program_id, digest) SELECT program_id, hash FROM seals",
    "INSERT INTO erased_holders (program_id, holder_hash, issued_until) \
     SELECT program_id, hash, 7 FROM seals",
    "INSERT INTO erasures (program_id, member_id, recorded_at, actor, seq, finished_at) \
     SELECT id, id, 7, 'test', 1, 7 FROM programs",
    "INSERT INTO timer_holds (program_id, id, until_at) SELECT id, id, 0 FROM programs",
    "INSERT INTO plugin_changes (program_id, plugin_id, id, change, plugin_version, \
         plugin_version_before, changed_at, record_type, after_record_id, after_member_id, written, \
         version) \
     SELECT id, 'gone', id, 'UPGRADED', '1.1.0', '1.0.0', 9000000000000000, 'toy', id, id, 7, 1 \
     FROM programs",
    "INSERT INTO plugin_recordings (program_id, plugin_id, id, member_id, event_id, about, hook, \
         outcome, digest, items, data, recorded_at) \
     SELECT v.program_id, 'gone', v.id, v.member_id, v.id, v.name, 'on-event', 'TRAP', s.hash, 0, \
         '{\"it\":\"is text\"}', 7 FROM events AS v JOIN seals AS s ON s.program_id = v.program_id \
     WHERE s.first_position = 1",
    "INSERT INTO deliveries \
         (program_id, plugin_id, member_id, member_seq, event_id, attempts, not_before) \
     SELECT program_id, 'gone', member_id, member_seq, id, 1, 5 FROM events",
    "INSERT INTO parked_queues \
         (program_id, plugin_id, member_id, member_seq, event_id, fault, counts, parked_at) \
     SELECT program_id, 'gone', member_id, member_seq, id, '{\"kind\":\"TRAP\",\"message\":\"m\",\
         \"event\":null,\"digest\":\"d\",\"log\":[]}', 1, 5 FROM events WHERE member_seq = 1",
    "INSERT INTO parked_deliveries (program_id, plugin_id, member_id, member_seq, event_id) \
     SELECT program_id, 'gone', member_id, member_seq, id FROM events",
    "INSERT INTO dead_letters (program_id, plugin_id, member_id, member_seq, event_id, fault, \
         reason, actor, skipped_at) \
     SELECT program_id, 'gone', member_id, member_seq, id, '{\"kind\":\"TRAP\"}', 'why', \
         'operator:boss', 7 FROM events",
    "INSERT INTO missed_appraisals (program_id, purchase_id, plugin_id, member_id, because, \
         missed_at, attempts, points) \
     SELECT program_id, id, 'gone', member_id, 'PAUSED', 7, 0, 0 FROM purchases",
    "INSERT INTO plugin_spending (program_id, plugin_id, period, points, messages) \
     SELECT id, 'gone', '2026-01', 7, 1 FROM programs",
    "INSERT INTO lot_returns (program_id, used_by, lot_id, transaction_id, amount) \
     SELECT program_id, transaction_id, lot_id, transaction_id, 1 FROM lot_uses",
    "INSERT INTO adjustments \
         (program_id, transaction_id, member_id, idempotency_key, arguments_hash) \
     SELECT program_id, id, member_id, reference, arguments_hash FROM purchases",
    "INSERT INTO approvals (program_id, id, member_id, point_type, points, reason, \
         counts_as_earned, expires_at, effective_at, idempotency_key, arguments_hash, requested_at, \
         requested_by, decide_by, outcome, decided_at, decided_by, decision_reason, transaction_id) \
     SELECT program_id, id, member_id, 'POINTS', -5, 'why', 1, 7, 8, reference, arguments_hash, 9, \
         'operator:till', 10, 'APPROVED', 9, 'operator:boss', 'fine', id FROM purchases",
    "INSERT INTO openings (program_id, transaction_id, member_id, reference, arguments_hash) \
     SELECT program_id, id, member_id, reference, arguments_hash FROM purchases",
    "INSERT INTO transfers (program_id, sent_id, received_id, sender_id, receiver_id, point_type, \
         points, sent_at, own_day, idempotency_key, arguments_hash) \
     SELECT program_id, id, id, member_id, member_id, 'POINTS', 1, 7, '2026-01-01', reference, \
         arguments_hash FROM purchases",
    "INSERT INTO merges (program_id, from_id, into_id, reason, owed, merged_at, idempotency_key, \
         arguments_hash) \
     SELECT program_id, member_id, member_id, 'why', '{}', 7, reference, arguments_hash \
     FROM purchases",
    "INSERT INTO unmerges (program_id, member_id, survivor_id, reason, unmerged_at, \
         idempotency_key, arguments_hash) \
     SELECT program_id, member_id, member_id, 'why', 7, reference, arguments_hash FROM purchases",
    "INSERT INTO memberships (program_id, id, group_id, person_id, accrual, may_spend, joined_at, \
         left_at, person_origin_id, group_origin_id, origin_accrual, ended_by, past_accruals) \
     SELECT program_id, id, id, member_id, 'BOTH', 1, 7, 8, id, id, 'GROUP', id, '[]' FROM purchases",
    "INSERT INTO cards (program_id, id, account_id, kind, code_hash, last_four, status, replaced_by, \
         issued_at, ended_at, ended_points, reason, origin_id, idempotency_key, arguments_hash) \
     SELECT program_id, id, member_id, 'GIFT', arguments_hash, '0815', 'REPLACED', id, 7, 8, 9, 'why', \
         id, reference, arguments_hash FROM purchases",
    "INSERT INTO spend_parts (program_id, transaction_id, seq, part_id, points) \
     SELECT program_id, transaction_id, 1, id, 1 FROM lots",
    "INSERT INTO lot_moves (program_id, transaction_id, lot_id, amount) \
     SELECT program_id, transaction_id, id, -1 FROM lots",
    "INSERT INTO debts (program_id, transaction_id, account_id, point_type, amount) \
     SELECT program_id, id, account_id, 'POINTS', 1 FROM transactions",
    "INSERT INTO pendings (program_id, transaction_id, account_id, lot_id, point_type, points, \
         awaits, days, expiry, reason) \
     SELECT program_id, transaction_id, account_id, id, 'POINTS', 1, 'delivered', 14, '\"never\"', \
         'why' FROM lots",
    "INSERT INTO purchase_earnings \
         (program_id, purchase_id, seq, transaction_id, point_type, points) \
     SELECT program_id, id, 1, id, 'stars', 1 FROM purchases",
    "INSERT INTO return_earnings (program_id, purchase_id, return_id, transaction_id, points, \
         points_taken, points_expired, points_pending, taken_by) \
     SELECT program_id, purchase_id, id, id, 3, 2, 1, 0, NULL FROM returns",
    "INSERT INTO edits (program_id, purchase_id, seq, id, reference, arguments_hash, edited_at, \
         recorded_at, revision, total_before_minor, total_minor, added_minor, points, \
         referral_points, paid_points, paid_minor, appraisal, balance_after, standing) \
     SELECT program_id, id, 1, id, reference, arguments_hash, 7, 8, 1, 5, 6, 1, 0, 0, 3, 1, \
         '{}', 7, '{}' FROM purchases",
    "INSERT INTO edit_lines (program_id, purchase_id, seq, edit_id, position, sku, category, \
         quantity, amount_minor, points) \
     SELECT program_id, id, 1, id, 0, 'tea', NULL, 1, 1, 0 FROM purchases",
    "INSERT INTO voids (program_id, voided_id, transaction_id) \
     SELECT program_id, id, id FROM transactions",
    "INSERT INTO timer_returns (program_id, event_id, returned_at) \
     SELECT program_id, id, 7 FROM events",
    "INSERT INTO plugin_publishers (plugin_id, public_key, since) VALUES ('gone', 'key', 7)",
    "INSERT INTO journal_unplaced (program_id, count, kinds, items) \
     SELECT program_id, 1, kinds, items FROM journal WHERE position = 1",
];

pub(super) async fn lively(db: &TestDb) -> Made {
    let app = super::served(db).await;
    let app = app.with_program(&example("machinery")).await.with_program(SHOP).await;
    machines(&app).await;
    let made = purchases(&app).await;
    for (external_id, latitude, longitude) in
        [("ulm", 48.4, 9.987_654_321_012_345), ("tokyo", -0.0, 0.1)]
    {
        let center = json!({
            "externalId": external_id, "name": NAME, "country": "DE", "city": "Ulm",
            "latitude": latitude, "longitude": longitude,
            "languages": ["de"], "capabilities": ["hydraulics"],
        });
        app.does::<Value>("shop", CENTER, center).await.done();
    }
    sealed(&app).await;
    for moment in MOMENTS {
        books::execute(&app, moment).await.unwrap();
    }
    made
}

/// Seals what the worker places.
async fn sealed(app: &TestApp) {
    let program = app.loyalty.programs().by_slug("shop").await.unwrap().id;
    while worker::seal(&app.loyalty, program).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
}

/// A company with a machine, whose reminder was sent and whose follow-up is to come.
async fn machines(app: &TestApp) {
    let company = json!({
        "externalId": "baltic", "kind": "ORGANIZATION", "name": NAME, "locale": "pl",
        "contacts": [{ "name": "Ewa Nowak", "role": "technical-engineer", "locale": "pl" }],
    });
    app.creates("machinery", company).await.done();
    let machine = json!({
        "member": { "externalId": "baltic" }, "type": "equipment", "externalId": "machine-1",
        "data": { "model": "HX-200", "serial": "tab\tand\nline\\", "installedOn": "2025-04-15" },
    });
    app.does::<Value>("machinery", PUT, machine).await.done();
    app.advance_clock("machinery", "2026-04-16T00:00:00+02:00").await;
    assert_eq!(app.messages("machinery").await.len(), 1);
}

async fn purchases(app: &TestApp) -> Made {
    let ada = app.joins("shop", "ada").await;
    let referred = json!({
        "externalId": "bob", "name": NAME, "referralCode": ada.member.referral_code,
    });
    app.creates("shop", referred).await.done();
    let receipt = app.records("shop", purchase()).await.done();
    ada.buys("order-2", "20.00").await.done();
    let redemption = ada.redeems("mug", "key-1").await.done();
    let hold = json!({
        "member": { "externalId": "ada" }, "points": 3, "reason": NAME, "idempotencyKey": "key-1",
    });
    app.does::<Value>("shop", HOLD, hold).await.done();
    let back = json!({
        "purchase": { "reference": "order-1" }, "reference": NAME,
        "what": { "lines": [{ "line": { "sku": "mug" } }] },
    });
    app.does::<Value>("shop", RETURN, back).await.done();
    let (_, token) = app.issues("shop", "till".to_owned()).await;
    let (id, revoked) = app.issues("shop", "till".to_owned()).await;
    app.does::<Value>("shop", REVOKE, json!({ "id": id })).await.done();
    let holder = json!({ "holder": { "operator": "somebody" } });
    app.does::<Value>("shop", REVOKE_ALL, holder).await.done();
    Made { receipt, redemption, token, revoked }
}

fn purchase() -> Value {
    json!({
        "member": { "externalId": "bob" }, "reference": "order-1",
        "lines": [{ "sku": "tea", "category": "drinks", "amount": "12.50" }, { "sku": "mug", "amount": "7.50" }],
    })
}

impl Made {
    pub(super) async fn buys_again(&self, app: &TestApp) -> Receipt {
        app.records("shop", purchase()).await.done()
    }

    pub(super) async fn redeems_again(&self, app: &TestApp) -> Redemption {
        const REDEEM: &str = "mutation($input: RedeemRewardInput!) { redeemReward(input: $input) { \
             redemption { id balance } userErrors { code message field } } }";
        let input = json!({
            "member": { "externalId": "ada" }, "rewardKey": "mug", "idempotencyKey": "key-1",
        });
        app.does("shop", REDEEM, input).await.done()
    }

    pub(super) async fn is_accepted(&self, app: &TestApp, token: &str) -> bool {
        let query = json!({ "query": "{ program { slug } }" });
        app.send("/admin/graphql", Some(token), &query).await.0.is_success()
    }
}

/// What the API says of everybody.
pub(super) async fn ask_all(app: &TestApp) -> Vec<Value> {
    const MEMBERS: &str = "{ members(first: 10) { nodes { id externalId name locale \
         referralCode balance { points } tier { id } statistics { purchases } contacts { name role } \
         transactions(first: 20) { nodes { id kind points effectiveAt } } } } }";
    const REST: &str = "{ messages(first: 20) { nodes { template body occurredAt } } \
         tokens(first: 20) { nodes { id } } plugins { id waiting } \
         serviceCenters(near: { latitude: 48, longitude: 9 }) { nodes { \
         distanceKm serviceCenter { id name } } } }";
    let mut answers = Vec::new();
    for program in ["shop", "machinery"] {
        for query in [MEMBERS, REST] {
            answers.push(app.admin(program, query, Value::Null).await);
        }
    }
    answers
}
