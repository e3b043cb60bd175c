//! What a return takes back from the groups that the purchase accrued to: what the same parts of the
//! same lines brought them, from whoever's account got it, wherever the buyer belongs by now.

use super::bought::Bought;
use super::effect::{By, Effect};
use super::look::Found;
use super::model::{AccrualTaken, ReturnReceipt};
use super::plan::follow;
use super::portion::Part;
use super::write::{Written, write};
use crate::hash::ArgumentsHash;
use crate::operation::Operation;
use crate::tiers::TierStanding;
use crate::{Points, Result, ReturnId};
use std::fmt::Display;

/// What a group's row of a return or an edit is called: nobody can send it, and it says nothing of the
/// buyer.
pub(crate) fn of_share(of: impl Display) -> String {
    format!(" {of}")
}

impl Found {
    /// Takes back from each group what parts of a purchase had brought it, and writes that down. A
    /// group that was erased has nothing any more.
    pub(super) fn take_from_groups(
        &self,
        operation: &mut Operation<'_>,
        receipt: &ReturnReceipt,
        parts: &[Part],
    ) -> Result<Vec<AccrualTaken>> {
        let mut taken = Vec::new();
        for share in self.shares(receipt.purchase) {
            if !operation.is_erased(share.row.member_id) {
                taken.push(self.take_from(operation, share, receipt, parts)?);
            }
        }
        Ok(taken)
    }

    /// The same as a return does to the buyer, but for what is the buyer's alone: the referral, and
    /// that plugins receive what happened. No points had paid for it; what they had paid of the
    /// purchase is counted off here, too.
    fn take_from(
        &self,
        operation: &mut Operation<'_>,
        share: &Bought,
        receipt: &ReturnReceipt,
        parts: &[Part],
    ) -> Result<AccrualTaken> {
        let (member, reference) = (share.row.member_id, of_share(receipt.id));
        let parts = follow(&share.lines, parts)?;
        let effect = Effect {
            id: ReturnId::new(),
            by: By::Group(receipt.id, &reference),
            found: self,
            bought: share,
            paid: share.paid_for(&parts)?,
            parts,
            is_whole: receipt.is_whole,
            at: receipt.returned_at,
        };
        let took = effect.take(operation)?;
        operation.settle_tier(member, effect.at)?;
        let ladder = operation.program().definition.ladder();
        let standing = TierStanding::of(ladder, &operation.state(member)?.standing);
        let balance = operation.balance(member)?;
        let written = Written {
            reference: reference.clone(),
            arguments_hash: ArgumentsHash::of(&()),
            edit: None,
            took: &took,
            referral_points_taken: Points::ZERO,
            balance,
            standing: &standing,
            is_of_nobody: false,
        };
        write(operation, &effect, written, share.is_written_out)?;
        Ok(AccrualTaken {
            member,
            points: took.points,
            points_taken: took.taken.points,
            balance,
            transaction: took.taken.transaction,
        })
    }
}
