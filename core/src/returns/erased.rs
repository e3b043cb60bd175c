//! A return of an order whose buyer was erased: what a group got for it is taken back from the group.
//! The buyer's own part is nobody's, and nothing of the return is written at the buyer – not even what
//! the shop calls it. By a digest of that, the group's row of the return is known again: who could find
//! out by it whose the order was has the purchase's id, by which the return is named, in the same books.

use super::bought::Bought;
use super::effect::{By, Effect};
use super::groups::of_share;
use super::look::Found;
use super::model::{NewReturn, Refund, ReturnReceipt, ReturnedPart};
use super::plan::is_whole;
use super::write::{Written, write};
use crate::accounts::Standing;
use crate::hash::{ArgumentsHash, sha256_hex};
use crate::operation::Operation;
use crate::tiers::TierStanding;
use crate::{Id, Points, Result, ReturnId};

/// An order whose buyer was erased, and what a group got for it.
pub(super) struct OfNobody<'f> {
    order: &'f Bought,
    share: &'f Bought,
}

impl Found {
    /// An order, if its buyer was erased and a group is left that got something for it.
    pub(super) fn of_nobody<'f>(
        &'f self,
        operation: &Operation<'_>,
        order: &'f Bought,
    ) -> Option<OfNobody<'f>> {
        let is_erased = |bought: &Bought| operation.is_erased(bought.row.member_id);
        let share = self.shares(order.row.id).find(|share| !is_erased(share))?;
        is_erased(order).then_some(OfNobody { order, share })
    }

    /// The receipt of a return of such an order, and whether this very request made it.
    pub(super) fn answer_of_nobody(
        &self,
        operation: &mut Operation<'_>,
        request: &NewReturn,
        of: &OfNobody<'_>,
    ) -> Result<(ReturnReceipt, bool)> {
        let (known_by, arguments_hash) = (of.known_by(request), request.hash());
        if let Some(known) = of.share.known(&known_by) {
            if arguments_hash.repeats(&known.arguments_hash) {
                let receipt = of.share.receipt(known)?;
                return Ok((of.shown(operation, request, &receipt), false));
            }
            return Err(ArgumentsHash::reused(&request.reference));
        }
        let member = of.share.row.member_id;
        let receipt = operation.whole(&[member], |operation| {
            let receipt = self.take_of_nobody(operation, request, of.share, known_by)?;
            Ok(of.shown(operation, request, &receipt))
        })?;
        Ok((receipt, true))
    }

    /// Takes back what the parts had brought the group, and writes that down; returns the receipt as
    /// the group's row has it.
    fn take_of_nobody(
        &self,
        operation: &mut Operation<'_>,
        request: &NewReturn,
        share: &Bought,
        known_by: String,
    ) -> Result<ReturnReceipt> {
        let (id, member) = (ReturnId::new(), share.row.member_id);
        let at = share.instant(operation.program(), "returnedAt", request.returned_at)?;
        let (parts, lines) = request.parts(operation.program(), share)?;
        let amount_minor = parts.iter().map(|part| part.amount_minor).sum();
        let reference = of_share(id);
        let effect = Effect {
            id,
            by: By::Group(id, &reference),
            found: self,
            bought: share,
            paid: share.paid_for(&parts)?,
            parts,
            is_whole: is_whole(&lines),
            at,
        };
        let took = effect.take(operation)?;
        operation.settle_tier(member, at)?;
        let ladder = operation.program().definition.ladder();
        let receipt = ReturnReceipt {
            id,
            reference: known_by,
            purchase: share.row.id,
            purchase_reference: share.row.reference.clone(),
            member,
            returned_at: at,
            amount_minor,
            parts: effect.by_line()?,
            is_whole: effect.is_whole,
            points: took.points,
            points_taken: took.taken.points,
            transaction: took.taken.transaction,
            referral_points_taken: Points::ZERO,
            accruals: Vec::new(),
            refund: took.refund,
            balance: operation.balance(member)?,
            standing: TierStanding::of(ladder, &operation.state(member)?.standing),
        };
        let written = Written::of_return(&receipt, request.hash(), &took);
        write(operation, &effect, written, share.is_written_out)?;
        Ok(receipt)
    }
}

impl OfNobody<'_> {
    /// What the group's row of a return is called.
    fn known_by(&self, request: &NewReturn) -> String {
        let named = format!("{} {}", self.order.row.id.uuid(), request.reference);
        of_share(sha256_hex(named.as_bytes()))
    }

    /// The receipt as the shop gets it: of the buyer there is nothing.
    fn shown(
        &self,
        operation: &Operation<'_>,
        request: &NewReturn,
        of_group: &ReturnReceipt,
    ) -> ReturnReceipt {
        let row = &self.order.row;
        let nothing = |part: &ReturnedPart| ReturnedPart { points: Points::ZERO, ..*part };
        let refund = Refund { amount_minor: of_group.refund.amount_minor, ..Refund::default() };
        let ladder = operation.program().definition.ladder();
        ReturnReceipt {
            reference: request.reference.clone(),
            purchase: row.id,
            purchase_reference: row.reference.trim_start().to_owned(),
            member: row.member_id,
            parts: of_group.parts.iter().map(nothing).collect(),
            points: Points::ZERO,
            points_taken: Points::ZERO,
            transaction: None,
            accruals: vec![of_group.own()],
            refund,
            balance: Points::ZERO,
            standing: TierStanding::of(ladder, &Standing::default()),
            ..*of_group
        }
    }
}
