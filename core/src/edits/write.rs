//! The rows of an edit: at its member, and at each group that the order accrues to. What it does to
//! their accounts is written by the operation.

use super::booking::Booked;
use super::effect::{Applied, Effect};
use super::model::EditReceipt;
use super::rows::{BEGIN, BegunRow, EditLineRow, EditRow};
use crate::hash::ArgumentsHash;
use crate::operation::Operation;
use crate::returns::{self, EarningRow, Written};
use crate::{Error, Points, Result};
use serde::Serialize;
use serde_json::Value;

/// Adds an edit to the operation, with all that its receipt says.
pub(super) fn write(
    operation: &mut Operation<'_>,
    arguments_hash: &ArgumentsHash,
    effect: &Effect<'_>,
    applied: &Applied<'_>,
) -> Result<()> {
    let (receipt, own) = (&applied.receipt, &applied.own);
    let row = row(operation, own, receipt)?;
    let row = EditRow {
        arguments_hash: arguments_hash.clone(),
        reason: receipt.reason.clone(),
        referral_points: receipt.referral_points,
        appraisal: json(&receipt.appraisal)?,
        ..row
    };
    let earns = effect.earns(operation);
    let referral_points_taken = receipt.removed.referral_points_taken;
    write_booked(operation, own, row, (earns, referral_points_taken))?;
    for group in &applied.groups {
        let row = self::row(operation, group, receipt)?;
        write_booked(operation, group, row, (earns, Points::ZERO))?;
    }
    Ok(())
}

/// What the account's row of an edit says: of a group's no word of the buyer.
fn row(operation: &Operation<'_>, booked: &Booked<'_>, receipt: &EditReceipt) -> Result<EditRow> {
    let (booking, bought) = (booked.booking, booked.booking.bought);
    let (paid_points, paid_minor) = booking.carried()?;
    Ok(EditRow {
        purchase_id: bought.row.id,
        seq: bought.edits() + 1,
        id: booking.id,
        return_id: booked.removed().map(|(removal, _)| removal.id),
        reference: booking.reference.clone(),
        arguments_hash: ArgumentsHash::of(&()),
        reason: None,
        edited_at: receipt.edited_at,
        recorded_at: operation.recorded_at(),
        revision: operation.program().revision,
        total_before_minor: receipt.total_before_minor,
        total_minor: receipt.total_minor,
        added_minor: booking.added_minor(),
        points: booked.appraisal.points,
        referral_points: Points::ZERO,
        transaction_id: booked.transaction(),
        paid_points,
        paid_minor,
        is_whole: receipt.is_whole,
        appraisal: json(&booking.kept(&booked.appraisal))?,
        balance_after: operation.balance(booking.account())?,
        standing: json(&booked.standing(operation)?)?,
    })
}

fn write_booked(
    operation: &mut Operation<'_>,
    booked: &Booked<'_>,
    row: EditRow,
    (earns, referral_points_taken): (bool, Points),
) -> Result<()> {
    let (booking, bought) = (booked.booking, &booked.booking.bought.row);
    operation.insert(&row);
    write_lines(operation, booked)?;
    write_earnings(operation, booked);
    if booking.begins(earns) {
        let is_counted = !bought.is_for_group_alone();
        operation.run(BEGIN, &BegunRow { id: bought.id, is_counted });
    }
    let Some((removal, took)) = booked.removed() else { return Ok(()) };
    let written = Written {
        // Nobody chose it, so it is no other return's.
        reference: row.id.to_string(),
        arguments_hash: row.arguments_hash,
        edit: Some(row.id),
        took,
        referral_points_taken,
        balance: row.balance_after,
        standing: &booked.standing(operation)?,
        is_of_nobody: false,
    };
    let is_written_out = booking.bought.is_written_out || !booked.earned.is_empty();
    returns::write(operation, removal, written, is_written_out)
}

fn write_lines(operation: &mut Operation<'_>, booked: &Booked<'_>) -> Result<()> {
    let booking = booked.booking;
    let shares = booking.shares(&booked.earned)?;
    for (added, points) in booking.difference.added.iter().zip(shares) {
        operation.insert(&EditLineRow {
            purchase_id: booking.bought.row.id,
            seq: added.seq,
            edit_id: booking.id,
            position: added.position,
            sku: added.sku.clone(),
            category: added.category.clone(),
            quantity: added.quantity,
            amount_minor: added.amount_minor,
            points,
        });
    }
    Ok(())
}

/// From the first edit on that earns something, what the account got of the purchase is written by
/// transaction.
fn write_earnings(operation: &mut Operation<'_>, booked: &Booked<'_>) {
    if booked.earned.is_empty() {
        return;
    }
    let booking = booked.booking;
    let next = booking.bought.write_out(operation);
    for (seq, earned) in (next..).zip(&booked.earned) {
        operation.insert(&EarningRow {
            purchase_id: booking.bought.row.id,
            seq,
            transaction_id: earned.transaction,
            point_type: earned.point_type.clone(),
            points: earned.points,
            edit_id: Some(booking.id),
        });
    }
}

fn json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| Error::internal("a receipt that cannot be JSON").caused_by(error))
}
