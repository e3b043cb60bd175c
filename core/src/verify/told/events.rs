//! What events tell of rows.

use super::says::{
    Completed, Edit, Hold, HoldEnded, Left, Line, Merge, Parts, Pending, Purchase, Redemption,
    Returned, Says, Transfer, Unmerge, WholeReturn,
};
use crate::facts::ReferralRole;
use crate::sealing::EventRow;
use crate::{
    EditId, HoldId, MemberId, PointType, PurchaseId, RedemptionId, ReturnId, Timestamp,
    TransactionId,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PurchaseRecorded {
    purchase_id: PurchaseId,
    reference: String,
    currency: String,
    total_minor: i64,
    points: i64,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    position: i64,
    quantity: i64,
    amount_minor: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PurchaseEdited {
    edit_id: EditId,
    reference: String,
    purchase_id: PurchaseId,
    total_before_minor: i64,
    total_minor: i64,
    is_whole: bool,
    added: Vec<Line>,
    removed: Vec<Part>,
    points_earned: i64,
    points_removed: i64,
    points_taken: i64,
    /// Not said by earlier versions.
    paid_points: Option<i64>,
    paid_minor: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PurchaseReturned {
    return_id: ReturnId,
    reference: String,
    purchase_id: PurchaseId,
    amount_minor: i64,
    is_whole: bool,
    lines: Vec<Part>,
    points_earned: i64,
    transaction_id: Option<TransactionId>,
    points: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RewardRedeemed {
    redemption_id: RedemptionId,
    reward: String,
    points: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PointsHeld {
    hold_id: HoldId,
    transaction_id: TransactionId,
    points: i64,
    #[serde(default = "main")]
    point_type: String,
    expires_at: Timestamp,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ended {
    hold_id: HoldId,
    outcome: String,
    captured: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PointsPending {
    transaction_id: TransactionId,
    points: i64,
    #[serde(default = "main")]
    point_type: String,
    awaits: Option<String>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PointsTransferred {
    transaction_id: TransactionId,
    other_transaction_id: TransactionId,
    points: i64,
    #[serde(default = "main")]
    point_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MembersMerged {
    merged_member_id: MemberId,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MembersUnmerged {
    other_member_id: MemberId,
    reason: String,
}

#[derive(Deserialize)]
struct Referral {
    role: ReferralRole,
}

/// The events that tell of rows.
pub(super) const TELLING: [&str; 12] = [
    "purchase-recorded",
    "purchase-edited",
    "purchase-returned",
    "reward-redeemed",
    "points-held",
    "hold-ended",
    "points-pending",
    "points-transferred",
    "members-merged",
    "members-unmerged",
    "referral-completed",
    "referral-reversed",
];

fn main() -> String {
    PointType::main().stored().to_owned()
}

/// Calls for what an event tells, but for what is gone with somebody who was erased.
pub(super) fn tell(event: &EventRow, erased: &HashSet<MemberId>, mut call: impl FnMut(Says)) {
    if erased.contains(&event.member_id) || !TELLING.contains(&event.name.as_str()) {
        return;
    }
    match event.name.as_str() {
        "purchase-recorded" => {
            read(event).map(|told| purchase(event, told)).into_iter().for_each(call);
        }
        "purchase-edited" => {
            if let Some(told) = read(event) {
                edit(event, told, call);
            }
        }
        "purchase-returned" => {
            read(event).map(|told| returned(event, told)).into_iter().for_each(call);
        }
        "reward-redeemed" => {
            read(event).map(|told| redemption(event, told)).into_iter().for_each(call);
        }
        "points-held" => read(event).map(|told| hold(event, told)).into_iter().for_each(call),
        "hold-ended" => read(event).map(|told| ended(event, &told)).into_iter().for_each(call),
        "points-pending" => read(event).map(pending).into_iter().for_each(call),
        "points-transferred" => {
            if let Some(told) = read(event).filter(|told: &PointsTransferred| told.points < 0) {
                call(sent(event, told));
            }
        }
        "members-merged" => {
            if let Some(told) = read::<MembersMerged>(event)
                && !erased.contains(&told.merged_member_id)
            {
                call(Says::Merge(Merge {
                    from: told.merged_member_id,
                    into: event.member_id,
                    reason: told.reason,
                    merged_at: event.occurred_at,
                }));
            }
        }
        "referral-completed" => completed(event).into_iter().for_each(call),
        "members-unmerged" => {
            if let Some(told) = read::<MembersUnmerged>(event)
                && !erased.contains(&told.other_member_id)
            {
                let members = [event.member_id, told.other_member_id];
                call(unmerge(members, told.reason, event.occurred_at));
            }
        }
        _ => (),
    }
}

/// What an event tells that makes what an earlier one told no longer so.
pub(super) fn takes_back(event: &EventRow, erased: &HashSet<MemberId>) -> Option<Says> {
    let is_told = event.name == "referral-reversed" && !erased.contains(&event.member_id);
    if is_told { completed(event) } else { None }
}

fn completed(event: &EventRow) -> Option<Says> {
    let told: Referral = read(event)?;
    let (referred, is_completed) = (event.member_id, true);
    (told.role == ReferralRole::Referred)
        .then_some(Says::Completed(Completed { referred, is_completed }))
}

/// What it says; nothing if it says something else, as one of a version that said less.
fn read<T: DeserializeOwned>(event: &EventRow) -> Option<T> {
    serde_json::from_str(&event.data).ok()
}

fn purchase(event: &EventRow, told: PurchaseRecorded) -> Says {
    Says::Purchase(Purchase {
        id: told.purchase_id,
        member: event.member_id,
        reference: told.reference,
        currency: told.currency,
        total_minor: told.total_minor,
        points: told.points,
        purchased_at: event.occurred_at,
        recorded_at: event.recorded_at,
        lines: told.lines,
    })
}

fn edit(event: &EventRow, told: PurchaseEdited, mut call: impl FnMut(Says)) {
    let (id, purchase) = (told.edit_id, told.purchase_id);
    let lines = parts(&told.removed);
    let left = told.paid_points.zip(told.paid_minor);
    if !lines.is_empty() {
        call(Says::Removed(Returned {
            by: id,
            purchase,
            is_whole: told.is_whole,
            points: told.points_removed,
            points_taken: told.points_taken,
            returned_at: event.occurred_at,
            recorded_at: event.recorded_at,
            lines,
            whole: None,
        }));
    }
    call(Says::Edit(Edit {
        id,
        purchase,
        reference: told.reference,
        total_before_minor: told.total_before_minor,
        total_minor: told.total_minor,
        points: told.points_earned,
        edited_at: event.occurred_at,
        recorded_at: event.recorded_at,
        added: added(told.added),
        left: left.map(|(paid_points, paid_minor)| Left {
            is_whole: told.is_whole,
            paid_points,
            paid_minor,
        }),
    }));
}

/// In one order, without that of an order of which the shop sends a total only. Of what only costs
/// more an event says that it is one item, a row that it is none.
pub(super) fn added(mut lines: Vec<Line>) -> Vec<Line> {
    lines.retain(|line| !line.sku.is_empty());
    for line in &mut lines {
        line.quantity = line.quantity.max(1);
    }
    lines.sort_unstable();
    lines
}

fn parts(parts: &[Part]) -> Parts {
    let mut all = Parts::new();
    for Part { position, quantity, amount_minor } in parts {
        let (many, minor) = all.entry(*position).or_default();
        (*many, *minor) = (many.saturating_add(*quantity), minor.saturating_add(*amount_minor));
    }
    all
}

fn returned(event: &EventRow, told: PurchaseReturned) -> Says {
    Says::Return(Returned {
        by: told.return_id,
        purchase: told.purchase_id,
        is_whole: told.is_whole,
        points: told.points_earned,
        points_taken: told.points,
        returned_at: event.occurred_at,
        recorded_at: event.recorded_at,
        lines: parts(&told.lines),
        whole: Some(WholeReturn {
            reference: told.reference,
            amount_minor: told.amount_minor,
            transaction: told.transaction_id,
        }),
    })
}

fn redemption(event: &EventRow, told: RewardRedeemed) -> Says {
    Says::Redemption(Redemption {
        id: told.redemption_id,
        member: event.member_id,
        reward: told.reward,
        points: told.points,
        redeemed_at: event.occurred_at,
    })
}

fn hold(event: &EventRow, told: PointsHeld) -> Says {
    Says::Hold(Hold {
        id: told.hold_id,
        member: event.member_id,
        transaction: told.transaction_id,
        point_type: told.point_type,
        points: told.points,
        reason: told.reason,
        held_at: event.occurred_at,
        expires_at: told.expires_at,
    })
}

fn ended(event: &EventRow, told: &Ended) -> Says {
    let outcome = told.outcome.to_uppercase();
    Says::HoldEnded(HoldEnded {
        id: told.hold_id,
        outcome,
        captured: told.captured,
        ended_at: event.occurred_at,
    })
}

fn pending(told: PointsPending) -> Says {
    Says::Pending(Pending {
        transaction: told.transaction_id,
        point_type: told.point_type,
        points: told.points,
        awaits: told.awaits,
        reason: told.reason,
    })
}

fn sent(event: &EventRow, told: PointsTransferred) -> Says {
    Says::Transfer(Transfer {
        sent: told.transaction_id,
        sender: event.member_id,
        received: told.other_transaction_id,
        is_received: true,
        point_type: told.point_type,
        points: told.points.saturating_neg(),
        sent_at: event.occurred_at,
    })
}

pub(super) fn unmerge(mut members: [MemberId; 2], reason: String, at: Timestamp) -> Says {
    members.sort_unstable();
    Says::Unmerge(Unmerge { members, reason, unmerged_at: at })
}
