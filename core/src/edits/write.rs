//! The rows of an edit. What it does to the member is written by the operation.

use super::effect::{Applied, Effect};
use super::rows::{BEGIN, BegunRow, EditLineRow, EditRow};
use crate::hash::ArgumentsHash;
use crate::operation::Operation;
use crate::returns::{self, EarningRow, Written};
use crate::{Error, Result};
use serde_json::Value;

/// Adds an edit to the operation, with all that its receipt says.
pub(super) fn write(
    operation: &mut Operation<'_>,
    arguments_hash: &ArgumentsHash,
    effect: &Effect<'_>,
    applied: &Applied<'_>,
) -> Result<()> {
    let broken = |error| Error::internal("a receipt that cannot be JSON").caused_by(error);
    let json = |value: serde_json::Result<Value>| value.map_err(broken);
    let (receipt, bought) = (&applied.receipt, effect.bought);
    let removed_minor = applied.removal.as_ref().map_or(0, |(_, took)| took.amount_minor);
    let (left_paid_points, left_paid_minor) = effect.paid_left()?;
    operation.insert(&EditRow {
        purchase_id: receipt.purchase,
        seq: bought.edits() + 1,
        id: receipt.id,
        return_id: applied.removal.as_ref().map(|(removal, _)| removal.id),
        reference: receipt.reference.clone(),
        arguments_hash: arguments_hash.clone(),
        reason: receipt.reason.clone(),
        edited_at: receipt.edited_at,
        recorded_at: operation.recorded_at(),
        revision: operation.program().revision,
        total_before_minor: receipt.total_before_minor,
        total_minor: receipt.total_minor,
        added_minor: effect.added_minor(),
        points: receipt.points,
        referral_points: receipt.referral_points,
        transaction_id: receipt.transaction,
        returned_minor: bought.returned_minor() + removed_minor,
        left_minor: effect.left_minor(),
        left_paid_points,
        left_paid_minor,
        appraisal: json(serde_json::to_value(&receipt.appraisal))?,
        balance_after: receipt.balance,
        standing: json(serde_json::to_value(&receipt.standing))?,
    });
    write_lines(operation, effect, applied);
    write_earnings(operation, effect, applied);
    if effect.begins(operation) {
        operation.run(BEGIN, &BegunRow { id: receipt.purchase });
    }
    let Some((removal, took)) = &applied.removal else { return Ok(()) };
    let written = Written {
        // Nobody chose it, so it is no other return's.
        reference: receipt.id.to_string(),
        arguments_hash: arguments_hash.clone(),
        edit: Some(receipt.id),
        took,
        referral_points_taken: receipt.removed.referral_points_taken,
        balance: receipt.balance,
        standing: &receipt.standing,
    };
    let is_written_out = bought.is_written_out || !applied.earned.is_empty();
    returns::write(operation, removal, written, is_written_out)
}

fn write_lines(operation: &mut Operation<'_>, effect: &Effect<'_>, applied: &Applied<'_>) {
    for (added, line) in effect.difference.added.iter().zip(&applied.receipt.added) {
        operation.insert(&EditLineRow {
            purchase_id: applied.receipt.purchase,
            seq: added.seq,
            edit_id: applied.receipt.id,
            position: added.position,
            sku: added.sku.clone(),
            category: added.category.clone(),
            quantity: added.quantity,
            amount_minor: added.amount_minor,
            points: line.points,
        });
    }
}

/// From the first edit on that earns something, what the purchase has earned is written by
/// transaction.
fn write_earnings(operation: &mut Operation<'_>, effect: &Effect<'_>, applied: &Applied<'_>) {
    if applied.earned.is_empty() {
        return;
    }
    let next = effect.bought.write_out(operation);
    for (seq, earned) in (next..).zip(&applied.earned) {
        operation.insert(&EarningRow {
            purchase_id: applied.receipt.purchase,
            seq,
            transaction_id: earned.transaction,
            point_type: earned.point_type.clone(),
            points: earned.points,
            edit_id: Some(applied.receipt.id),
        });
    }
}
