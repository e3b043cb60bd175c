//! The rows of a return. What it does to the member is written by the operation.

use super::bought::Bought;
use super::effect::{Effect, TookBack};
use super::model::ReturnReceipt;
use super::rows::{EarningRow, PartRow, ReturnEarningRow, ReturnRow, SET_WHOLE, WholeRow};
use crate::accounts::PointType;
use crate::hash::ArgumentsHash;
use crate::operation::Operation;
use crate::tiers::TierStanding;
use crate::{EditId, Error, Points, Result};

/// What is written of a return besides its parts.
pub(crate) struct Written<'a> {
    pub(crate) reference: String,
    pub(crate) arguments_hash: ArgumentsHash,
    /// The edit that has taken it away, if it did not come back.
    pub(crate) edit: Option<EditId>,
    pub(crate) took: &'a TookBack,
    pub(crate) referral_points_taken: Points,
    pub(crate) balance: Points,
    pub(crate) standing: &'a TierStanding,
    /// Whether the buyer was erased before.
    pub(crate) is_of_nobody: bool,
}

impl<'a> Written<'a> {
    pub(super) fn of_return(
        receipt: &'a ReturnReceipt,
        arguments_hash: ArgumentsHash,
        took: &'a TookBack,
    ) -> Self {
        Self {
            reference: receipt.reference.clone(),
            arguments_hash,
            edit: None,
            took,
            referral_points_taken: receipt.referral_points_taken,
            balance: receipt.balance,
            standing: &receipt.standing,
            is_of_nobody: false,
        }
    }
}

/// Adds the return itself to the operation, with all that its receipt says; by transaction, too,
/// where what the purchase earned `is_written_out`.
pub(crate) fn write(
    operation: &mut Operation<'_>,
    effect: &Effect<'_>,
    written: Written<'_>,
    is_written_out: bool,
) -> Result<()> {
    let broken = |error| Error::internal("a receipt that cannot be JSON").caused_by(error);
    let Written { took, .. } = written;
    let (purchase_id, return_id) = (effect.bought.row.id, effect.id);
    let main = || took.all.iter().filter(|one| one.is_main);
    operation.insert(&ReturnRow {
        purchase_id,
        id: return_id,
        reference: written.reference,
        arguments_hash: written.arguments_hash,
        amount_minor: took.amount_minor,
        points: took.points,
        points_taken: took.taken.points,
        points_expired: Points::sum(main().map(|one| one.expired))?,
        points_pending: Points::sum(main().map(|one| one.taken.pending))?,
        referral_points_taken: written.referral_points_taken,
        transaction_id: took.taken.transaction,
        is_whole: effect.is_whole,
        returned_at: effect.at,
        recorded_at: operation.recorded_at(),
        balance_after: written.balance,
        standing: serde_json::to_value(written.standing).map_err(broken)?,
        refunded_points: took.refund.points,
        paid_minor: took.refund.amount_minor,
        refund_id: took.refund.transaction,
        edit_id: written.edit,
        is_of_nobody: written.is_of_nobody,
    });
    for part in &effect.parts {
        operation.insert(&PartRow {
            purchase_id,
            return_id,
            seq: part.seq,
            quantity: part.quantity,
            amount_minor: part.amount_minor,
            points: effect.returned(part)?.points,
        });
    }
    if is_written_out {
        write_earnings(operation, effect, took);
    }
    if effect.ends() && !written.is_of_nobody {
        operation.run(SET_WHOLE, &WholeRow { id: purchase_id, returned_at: effect.at });
    }
    Ok(())
}

/// Writes what became of what the purchase had earned, where it is not just one transaction.
fn write_earnings(operation: &mut Operation<'_>, effect: &Effect<'_>, took: &TookBack) {
    for one in &took.all {
        operation.insert(&ReturnEarningRow {
            purchase_id: effect.bought.row.id,
            return_id: effect.id,
            transaction_id: one.transaction,
            points: one.points,
            points_taken: one.taken.points,
            points_expired: one.expired,
            points_pending: one.taken.pending,
            taken_by: one.taken.transaction,
        });
    }
}

impl Bought {
    /// Writes what the purchase earned, and what became of it, by transaction from now on: so far it
    /// was one, of which the purchase's own row has said all. Returns the number of the next.
    pub(crate) fn write_out(&self, operation: &mut Operation<'_>) -> i32 {
        let earned = i32::try_from(self.earned.len()).unwrap_or(i32::MAX);
        let (false, Some(transaction_id)) = (self.is_written_out, self.row.transaction_id) else {
            return earned + 1;
        };
        let (purchase_id, points) = (self.row.id, self.row.points);
        let point_type = PointType::main();
        let (seq, edit_id) = (1, None);
        operation.insert(&EarningRow {
            purchase_id,
            seq,
            transaction_id,
            point_type,
            points,
            edit_id,
        });
        for known in &self.returns {
            operation.insert(&ReturnEarningRow {
                purchase_id,
                return_id: known.id,
                transaction_id,
                points: known.points,
                points_taken: known.points_taken,
                points_expired: known.points_expired,
                points_pending: known.points_pending,
                taken_by: known.transaction_id,
            });
        }
        earned + 1
    }
}
