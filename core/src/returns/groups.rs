//! What a return takes back from the groups that the purchase accrued to: what the same parts of the
//! same lines brought them, from whoever's account got it, wherever the buyer belongs by now.

use super::effect::{Applied, Effect, main};
use super::look::{Bought, Found};
use super::model::{AccrualTaken, ReturnReceipt};
use super::plan::{Part, follow};
use super::record::write;
use crate::hash::ArgumentsHash;
use crate::operation::Operation;
use crate::tiers::TierStanding;
use crate::{Points, Result, ReturnId};

/// What a group's row of a return is called: nobody can send it, and it says nothing of the buyer.
pub(super) fn of_share(of: ReturnId) -> String {
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
            if operation.is_erased(share.row.member_id) {
                continue;
            }
            let applied = self.take_from(operation, share, receipt, parts)?;
            write(operation, ArgumentsHash::of(&()), &applied)?;
            taken.push(applied.receipt.own());
        }
        Ok(taken)
    }

    fn take_from(
        &self,
        operation: &mut Operation<'_>,
        share: &Bought,
        receipt: &ReturnReceipt,
        parts: &[Part],
    ) -> Result<Applied> {
        let effect = Effect {
            id: ReturnId::new(),
            of: Some(receipt.id),
            reference: &of_share(receipt.id),
            found: self,
            bought: share,
            parts: follow(&mut share.lines.clone(), parts)?,
            is_whole: receipt.is_whole,
            ends: receipt.is_whole && share.row.returned_at.is_none(),
            at: receipt.returned_at,
        };
        effect.apply_to_group(operation)
    }
}

impl Effect<'_> {
    /// The same as a return does to the buyer, but for what is the buyer's alone: points that had
    /// paid, the referral, and that plugins receive what happened.
    fn apply_to_group(&self, operation: &mut Operation<'_>) -> Result<Applied> {
        let (bought, member) = (self.bought, self.bought.row.member_id);
        let amount_minor: i64 = self.parts.iter().map(|part| part.amount_minor).sum();
        let taken = self.take_earned(operation)?;
        // Nothing to be given back: what points had paid is counted off, too.
        let refund = self.refund(operation, amount_minor)?;
        let money_minor = amount_minor - refund.amount_minor;
        self.step_back(&mut operation.change(member)?.standing, money_minor);
        operation.settle_tier(member, self.at)?;
        let ladder = operation.program().definition.ladder();
        let receipt = ReturnReceipt {
            id: self.id,
            reference: self.reference.to_owned(),
            purchase: bought.row.id,
            purchase_reference: bought.row.reference.clone(),
            member,
            returned_at: self.at,
            amount_minor,
            is_whole: self.is_whole,
            points: Points::sum(main(&taken).map(|one| one.points))?,
            points_taken: Points::sum(main(&taken).map(|one| one.taken.points))?,
            transaction: main(&taken).find_map(|one| one.taken.transaction),
            referral_points_taken: Points::ZERO,
            refund,
            accruals: Vec::new(),
            balance: operation.balance(member)?,
            standing: TierStanding::of(ladder, &operation.state(member)?.standing),
            parts: self.parts.iter().map(|part| self.returned(part)).collect::<Result<_>>()?,
        };
        Ok(Applied { receipt, taken, ends: self.ends })
    }
}
