//! Nothing can be done for a member who was erased, by whatever it is named.

use super::erase;
use super::life::{Life, PROGRAM, life, tries};
use super::places::rows;
use crate::support::tamper::member as literal;
use crate::support::{Backend, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    nothing_can_be_done_for_a_member_who_was_erased,
    the_database_lets_nothing_else_be_taken_away,
);

async fn nothing_can_be_done_for_a_member_who_was_erased(backend: Backend) {
    const ITS: &str = "query($id: ID!) { member(id: $id) { \
         holds { nodes { id state } } purchases { nodes { id } } transactions(first: 100) { nodes { id kind } } } }";
    let Life { app, member, .. } = life(backend).await;
    let its = app.admin(PROGRAM, ITS, json!({ "id": member })).await;
    let of = |what: &str, index: usize| its["member"][what]["nodes"][index]["id"].clone();
    let transactions = its["member"]["transactions"]["nodes"].as_array().unwrap();
    let earned = transactions.iter().find(|one| one["kind"] == "EARN").unwrap()["id"].clone();
    erase(&app, &member).await.done();
    let named = json!({ "id": member });
    for (mutation, input_type, made, input) in [
        (
            "recordPurchase",
            "RecordPurchaseInput",
            "receipt { points: pointsEarned }",
            json!({
                "member": named, "reference": "later", "total": "10.00",
            }),
        ),
        (
            "holdPoints",
            "HoldPointsInput",
            "hold { id }",
            json!({
                "member": named, "points": 1, "reason": "r", "idempotencyKey": "later",
            }),
        ),
        ("captureHold", "CaptureHoldInput", "hold { id }", json!({ "holdId": of("holds", 0) })),
        (
            "adjustPoints",
            "AdjustPointsInput",
            "transaction { id }",
            json!({
                "member": named, "points": 5, "reason": "r", "idempotencyKey": "later",
            }),
        ),
        (
            "voidTransaction",
            "VoidTransactionInput",
            "transaction { id }",
            json!({
                "transactionId": earned, "reason": "r",
            }),
        ),
        (
            "recordReturn",
            "RecordReturnInput",
            "receipt { returnId }",
            json!({
                "purchase": { "id": of("purchases", 0) }, "reference": "later",
                "what": { "everything": true },
            }),
        ),
        (
            "editPurchase",
            "EditPurchaseInput",
            "receipt { editId }",
            json!({
                "purchase": { "id": of("purchases", 0) }, "reference": "later", "total": "0",
            }),
        ),
        (
            "redeemReward",
            "RedeemRewardInput",
            "redemption { id }",
            json!({
                "member": named, "rewardKey": "oil-analysis", "idempotencyKey": "later",
            }),
        ),
        (
            "putRecord",
            "PutRecordInput",
            "record { id }",
            json!({
                "member": named, "type": "equipment", "externalId": "later",
                "data": { "model": "HX-200", "serial": "1", "installedOn": "2025-04-15" },
            }),
        ),
    ] {
        let refused = tries(&app, mutation, input_type, made, input).await.refused();
        let expected = if mutation == "captureHold" { "HOLD_ENDED" } else { "MEMBER_ERASED" };
        assert_eq!(refused.code, expected, "{mutation}: {refused}");
    }
    let quote = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { \
         quote { points } userErrors { code message field } } }";
    let input = json!({ "input": { "member": named, "total": "10.00" } });
    let quoted = app.admin(PROGRAM, quote, input).await;
    assert_eq!(quoted["quotePurchase"]["userErrors"][0]["code"], "MEMBER_ERASED");
    assert_eq!(quoted["quotePurchase"]["quote"], Value::Null);
}

/// The way through the guards is as wide as an erasure, and leads nowhere else.
async fn the_database_lets_nothing_else_be_taken_away(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    erase(&app, &member).await.done();
    let of = |whose: &str| {
        let id = literal(backend, &member);
        if whose == "member" { format!("= {id}") } else { format!("<> {id}") }
    };
    let (its, others) = (of("member"), of("others"));
    let erased = "explanation = '{\"erased\":true}'";
    for sql in [
        // Of somebody who was not erased, nothing.
        format!(
            "UPDATE transactions SET {erased}, salt = NULL WHERE account_id {others} AND explanation IS NOT NULL"
        ),
        format!("DELETE FROM events WHERE member_id {others}"),
        format!("DELETE FROM adjustments WHERE member_id {others}"),
        format!("DELETE FROM contacts WHERE member_id {others}"),
        format!("UPDATE purchases SET reference = ' x' || reference WHERE member_id {others}"),
        format!("UPDATE redemptions SET idempotency_key = ' x' WHERE member_id {others}"),
        format!(
            "UPDATE holds SET idempotency_key = ' x' || idempotency_key WHERE account_id {others}"
        ),
        "UPDATE returns SET reference = ' x' || reference".to_owned(),
        "UPDATE edits SET reference = ' x' || reference".to_owned(),
        "UPDATE edits SET total_minor = 1".to_owned(),
        "UPDATE edit_lines SET sku = '', category = NULL".to_owned(),
        "DELETE FROM edit_lines".to_owned(),
        // Of who was, no more than what is personal, and once.
        format!("UPDATE transactions SET veil = salt WHERE account_id {its}"),
        format!("UPDATE transactions SET kind = 'SPEND' WHERE account_id {its}"),
        format!(
            "UPDATE transactions SET explanation = '{{\"reason\":\"x\"}}' WHERE account_id {its} AND explanation IS NOT NULL"
        ),
        format!("DELETE FROM transactions WHERE account_id {its}"),
        format!("DELETE FROM events WHERE member_id {its}"),
        format!("UPDATE events SET data = '{{}}' WHERE member_id {its}"),
        format!("UPDATE purchases SET reference = 'mine' WHERE member_id {its}"),
        format!("DELETE FROM purchases WHERE member_id {its}"),
        "UPDATE erasures SET seq = seq + 1".to_owned(),
        "DELETE FROM erasures".to_owned(),
    ] {
        let refused = books::execute(&app, &sql).await;
        let why = refused.expect_err(&sql);
        assert!(why.contains("append-only") || why.contains("permanent"), "{sql}: {why}");
    }
    assert!(!rows(&app, "SELECT 1 FROM erasures").await.is_empty());
}
