//! Facts: each is an event that the SDK can read, and that partners find described.

use perennial_core::accounts::PointType;
use perennial_core::facts::{
    BalanceOpened, DOCUMENTED, Fact, GroupJoined, GroupLeft, HoldEnded, HoldOutcome, LineFact,
    MemberErased, MemberJoined, MemberTagged, MembersMerged, MembersUnmerged, MembershipChanged,
    PluginChange, PluginChanged, PluginEvent, PointsAdjusted, PointsEarned, PointsExpired,
    PointsExtended, PointsHeld, PointsPending, PointsRefunded, PointsRestored, PointsSpent,
    PointsTransferred, PurchaseEdited, PurchaseRecorded, PurchaseReturned, RecordFact, RecordPut,
    ReferralCompleted, ReferralReversed, ReferralRole, ReturnedLineFact, RewardRedeemed,
    SUBSCRIBABLE, TierChanged, TimerFired, TransactionVoided,
};
use perennial_core::{
    EditId, HoldId, MemberId, MembershipId, Points, PurchaseId, RedemptionId, ReturnId, Timestamp,
    TransactionId,
};
use serde_json::{Value, from_value, json};
use std::fmt::Write;
use std::path::Path;

fn point_type() -> PointType {
    from_value(json!("stars")).unwrap()
}

/// One of each.
fn one_of_each() -> Vec<Fact> {
    let (points, balance, transaction_id) = (Points::new(5), Points::new(7), TransactionId::new());
    let line = LineFact { sku: "oil".to_owned(), category: None, quantity: 2, amount_minor: 1999 };
    let record = RecordFact {
        record_type: "equipment".to_owned(),
        external_id: "e-1".to_owned(),
        data: json!({ "model": "T" }),
    };
    let facts: Vec<Fact> = vec![
        MemberJoined {}.into(),
        MemberErased { messages: 3 }.into(),
        MembersMerged { merged_member_id: MemberId::new(), reason: "why".to_owned() }.into(),
        MembersUnmerged { other_member_id: MemberId::new(), reason: "why".to_owned() }.into(),
        GroupJoined {
            membership_id: MembershipId::new(),
            group_id: MemberId::new(),
            accrual: "BOTH",
            may_spend: true,
            joined_at: Timestamp::EPOCH,
        }
        .into(),
        MembershipChanged {
            membership_id: MembershipId::new(),
            group_id: MemberId::new(),
            accrual: "MEMBER",
            may_spend: false,
            joined_at: Timestamp::EPOCH,
        }
        .into(),
        GroupLeft { membership_id: MembershipId::new(), group_id: MemberId::new() }.into(),
        PurchaseRecorded {
            purchase_id: PurchaseId::new(),
            reference: "order-1".to_owned(),
            currency: "EUR".parse().unwrap(),
            total_minor: 1999,
            purchased_on: "2026-01-31".parse().unwrap(),
            points,
            cut: points,
            lines: vec![line.clone()],
        }
        .into(),
        PurchaseReturned {
            return_id: ReturnId::new(),
            reference: "return-1".to_owned(),
            purchase_id: PurchaseId::new(),
            purchase_reference: "order-1".to_owned(),
            currency: "EUR".parse().unwrap(),
            amount_minor: 999,
            returned_on: "2026-02-01".parse().unwrap(),
            is_whole: false,
            lines: vec![ReturnedLineFact {
                position: 1,
                sku: Some("oil".to_owned()),
                quantity: 1,
                amount_minor: 999,
            }],
            points_earned: points,
            transaction_id: Some(transaction_id),
            points,
            balance,
        }
        .into(),
        PurchaseEdited {
            edit_id: EditId::new(),
            reference: "edit-1".to_owned(),
            purchase_id: PurchaseId::new(),
            purchase_reference: "order-1".to_owned(),
            currency: "EUR".parse().unwrap(),
            total_before_minor: 1999,
            total_minor: 2999,
            edited_on: "2026-02-01".parse().unwrap(),
            is_whole: false,
            added: vec![line],
            removed: vec![ReturnedLineFact {
                position: 1,
                sku: Some("oil".to_owned()),
                quantity: 1,
                amount_minor: 999,
            }],
            points_earned: points,
            cut: points,
            points_removed: points,
            points_taken: points,
            paid_points: points,
            paid_minor: 100,
            balance,
        }
        .into(),
        PointsEarned {
            transaction_id,
            points,
            point_type: point_type(),
            balance,
            reason: "why".to_owned(),
        }
        .into(),
        PointsPending {
            transaction_id,
            points,
            point_type: point_type(),
            until: Some("2026-02-01".parse().unwrap()),
            awaits: Some("delivered".to_owned()),
            reason: "why".to_owned(),
        }
        .into(),
        PointsSpent {
            transaction_id,
            points,
            point_type: point_type(),
            balance,
            reason: "A mug".to_owned(),
            reward: Some("mug".to_owned()),
        }
        .into(),
        PointsHeld {
            hold_id: HoldId::new(),
            transaction_id,
            points,
            point_type: point_type(),
            balance,
            expires_at: "2026-02-01T00:00:00Z".parse().unwrap(),
            reason: "Order 1".to_owned(),
        }
        .into(),
        HoldEnded {
            hold_id: HoldId::new(),
            transaction_id,
            outcome: HoldOutcome::Captured,
            points,
            captured: points,
            balance,
        }
        .into(),
        PointsExpired { transaction_id, points, point_type: point_type(), balance }.into(),
        PointsRefunded { transaction_id, points, point_type: point_type(), balance }.into(),
        PointsExtended {
            transaction_id,
            points,
            point_type: point_type(),
            until: Some("2027-02-01".parse().unwrap()),
            reason: "why".to_owned(),
        }
        .into(),
        PointsRestored {
            transaction_id,
            expired_transaction_id: TransactionId::new(),
            points,
            point_type: point_type(),
            balance,
        }
        .into(),
        PointsAdjusted {
            transaction_id,
            points,
            point_type: point_type(),
            balance,
            reason: "why".to_owned(),
        }
        .into(),
        BalanceOpened {
            transaction_id,
            points,
            point_type: point_type(),
            balance,
            reference: "old-1".to_owned(),
            reason: "why".to_owned(),
        }
        .into(),
        PointsTransferred {
            transaction_id,
            other_transaction_id: transaction_id,
            points,
            point_type: point_type(),
            balance,
            reason: "why".to_owned(),
        }
        .into(),
        TransactionVoided {
            transaction_id,
            voided_transaction_id: transaction_id,
            points,
            point_type: point_type(),
            balance,
            reason: "why".to_owned(),
        }
        .into(),
        MemberTagged { added: vec!["vip".to_owned()], removed: Vec::new() }.into(),
        TierChanged { from: None, to: Some("gold".to_owned()) }.into(),
        ReferralCompleted { role: ReferralRole::Referrer, points, cut: points }.into(),
        ReferralReversed { role: ReferralRole::Referred, transaction_id: None, points, balance }
            .into(),
        RewardRedeemed { redemption_id: RedemptionId::new(), reward: "mug".to_owned(), points }
            .into(),
        RecordPut {
            record_type: record.record_type.clone(),
            external_id: record.external_id.clone(),
            data: record.data.clone(),
            is_new: true,
        }
        .into(),
        PluginChanged {
            change: PluginChange::RolledBack,
            version: "1.0.0".to_owned(),
            version_before: Some("1.1.0".to_owned()),
            record: Some(record.clone()),
        }
        .into(),
        PluginEvent {
            plugin: "machinery".to_owned(),
            event: "overdue".to_owned(),
            data: json!({ "days": 3 }),
        }
        .into(),
        TimerFired { name: "due".to_owned(), data: json!({ "n": 1 }), record: Some(record) }.into(),
    ];
    let names: Vec<_> = facts.iter().map(Fact::name).collect();
    let all: Vec<_> = DOCUMENTED.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, all, "one of each fact is tried, in the order of the list");
    facts
}

#[test]
fn the_sdk_reads_every_fact() {
    for fact in one_of_each() {
        let data = serde_json::to_value(&fact).unwrap();
        let read = read_by_sdk(&fact, data.clone());
        assert!(read.is_ok(), "{} with {data}: {read:?}", fact.name());
    }
}

/// Reads the data of a fact's event with the SDK's type for it.
fn read_by_sdk(fact: &Fact, data: Value) -> serde_json::Result<()> {
    match fact {
        Fact::MemberJoined(_) => from_value::<perennial_sdk::MemberJoined>(data).map(drop),
        // No plugin receives it.
        Fact::MemberErased(_) => Ok(()),
        Fact::MembersMerged(_) => from_value::<perennial_sdk::MembersMerged>(data).map(drop),
        Fact::MembersUnmerged(_) => from_value::<perennial_sdk::MembersUnmerged>(data).map(drop),
        Fact::GroupJoined(_) => from_value::<perennial_sdk::GroupJoined>(data).map(drop),
        Fact::MembershipChanged(_) => {
            from_value::<perennial_sdk::MembershipChanged>(data).map(drop)
        }
        Fact::GroupLeft(_) => from_value::<perennial_sdk::GroupLeft>(data).map(drop),
        Fact::PurchaseRecorded(_) => from_value::<perennial_sdk::PurchaseRecorded>(data).map(drop),
        Fact::PurchaseReturned(_) => from_value::<perennial_sdk::PurchaseReturned>(data).map(drop),
        Fact::PurchaseEdited(_) => from_value::<perennial_sdk::PurchaseEdited>(data).map(drop),
        Fact::PointsEarned(_) => from_value::<perennial_sdk::PointsEarned>(data).map(drop),
        Fact::PointsPending(_) => from_value::<perennial_sdk::PointsPending>(data).map(drop),
        Fact::PointsSpent(_) => from_value::<perennial_sdk::PointsSpent>(data).map(drop),
        Fact::PointsHeld(_) => from_value::<perennial_sdk::PointsHeld>(data).map(drop),
        Fact::HoldEnded(_) => from_value::<perennial_sdk::HoldEnded>(data).map(drop),
        Fact::PointsExpired(_) => from_value::<perennial_sdk::PointsExpired>(data).map(drop),
        Fact::PointsRefunded(_) => from_value::<perennial_sdk::PointsRefunded>(data).map(drop),
        Fact::PointsExtended(_) => from_value::<perennial_sdk::PointsExtended>(data).map(drop),
        Fact::PointsRestored(_) => from_value::<perennial_sdk::PointsRestored>(data).map(drop),
        Fact::PointsAdjusted(_) => from_value::<perennial_sdk::PointsAdjusted>(data).map(drop),
        Fact::BalanceOpened(_) => from_value::<perennial_sdk::BalanceOpened>(data).map(drop),
        Fact::PointsTransferred(_) => {
            from_value::<perennial_sdk::PointsTransferred>(data).map(drop)
        }
        Fact::TransactionVoided(_) => {
            from_value::<perennial_sdk::TransactionVoided>(data).map(drop)
        }
        Fact::MemberTagged(_) => from_value::<perennial_sdk::MemberTagged>(data).map(drop),
        Fact::TierChanged(_) => from_value::<perennial_sdk::TierChanged>(data).map(drop),
        Fact::ReferralCompleted(_) => {
            from_value::<perennial_sdk::ReferralCompleted>(data).map(drop)
        }
        Fact::ReferralReversed(_) => from_value::<perennial_sdk::ReferralReversed>(data).map(drop),
        Fact::RewardRedeemed(_) => from_value::<perennial_sdk::RewardRedeemed>(data).map(drop),
        Fact::RecordPut(_) => from_value::<perennial_sdk::RecordPut>(data).map(drop),
        Fact::PluginChanged(_) => from_value::<perennial_sdk::PluginChanged>(data).map(drop),
        Fact::PluginEvent(_) => from_value::<perennial_sdk::PluginEvent>(data).map(drop),
        Fact::TimerFired(_) => from_value::<perennial_sdk::TimerFired>(data).map(drop),
    }
}

#[test]
fn a_fact_says_what_its_description_lists() {
    for fact in one_of_each() {
        let (_, _, fields) =
            DOCUMENTED.iter().find(|(name, ..)| *name == fact.name()).expect("a description");
        let data = serde_json::to_value(&fact).unwrap();
        let said = data.as_object().unwrap();
        assert_eq!(said.len(), fields.len(), "{} says {said:?}", fact.name());
        assert!(fields.iter().all(|(name, _)| said.contains_key(&json_name(name))), "{said:?}");
    }
}

#[test]
fn the_events_are_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/events.md");
    let expected = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/events.md is not what the facts say: UPDATE_DOCS=1 cargo test facts"
    );
}

#[test]
fn the_sdk_lists_every_event_that_a_plugin_receives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    for name in SUBSCRIBABLE {
        assert!(readme.contains(&format!("\n| `{name}` |")), "sdk/README.md lacks `{name}`");
    }
}

fn document() -> String {
    let mut text = String::from(
        "# Events\n\nWhat the platform records as having happened to a member. A plugin subscribes to \
         events by name in `plugin.toml`; the data of each is the JSON object described here.\n\
         This page is made from `core/src/facts/list.rs`; a test keeps it true.\n",
    );
    for (name, meaning, fields) in DOCUMENTED {
        let meaning: String = meaning.concat();
        let note = if SUBSCRIBABLE.contains(name) { "" } else { " It cannot be subscribed to." };
        write!(text, "\n## `{name}`\n\n{}{note}\n", meaning.trim()).unwrap();
        if !fields.is_empty() {
            text.push_str("\n| field | what it is |\n| --- | --- |\n");
        }
        for (field, meaning) in *fields {
            let meaning: String = meaning.concat();
            writeln!(text, "| `{}` | {} |", json_name(field), meaning.trim()).unwrap();
        }
    }
    text
}

/// A field's name in JSON.
fn json_name(field: &str) -> String {
    if field == "record_type" {
        return "type".to_owned();
    }
    let mut parts = field.split('_');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(1);
        name.push_str(&first.to_uppercase());
        name.push_str(rest);
    }
    name
}
