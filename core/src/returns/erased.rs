//! A return of an order whose buyer was erased: what a group got for it is taken back from the group, and
//! what groups and gift cards had paid of it with points goes back to them.
//! The buyer's own part is nobody's, and nothing of the return is written at the buyer – not even what
//! the shop calls it. By a digest of that, the row of the return is known again, and so are those from
//! before the erasure: who could find out by it whose the order was has the purchase's id, by which the
//! return is named, in the same books.

use super::bought::Bought;
use super::effect::{By, Effect, TookBack};
use super::groups::of_share;
use super::look::Found;
use super::model::{NewReturn, Refund, RefundedTo, ReturnReceipt, ReturnedPart};
use super::plan::{follow, is_whole};
use super::rows::{KnownRow, PaymentRow};
use super::write::{Written, write};
use crate::accounts::Standing;
use crate::hash::{ArgumentsHash, sha256_hex};
use crate::operation::{Operation, Taken};
use crate::tiers::TierStanding;
use crate::{Error, Id, MemberId, Points, PurchaseId, Result, ReturnId};

/// An order whose buyer was erased, and what a group got for it, if one did.
pub(super) struct OfNobody<'f> {
    order: &'f Bought,
    share: Option<&'f Bought>,
}

impl Found {
    /// An order, if its buyer was erased and somebody is left who got something for it, or has paid for
    /// it with points.
    pub(super) fn of_nobody<'f>(
        &'f self,
        operation: &Operation<'_>,
        order: &'f Bought,
    ) -> Option<OfNobody<'f>> {
        let is_erased = |member: MemberId| operation.is_erased(member);
        let share = self.shares(order.row.id).find(|share| !is_erased(share.row.member_id));
        let has_paid = |payment: &PaymentRow| !is_erased(payment.account_id);
        let is_anybodys = share.is_some() || order.payments.iter().any(has_paid);
        (is_erased(order.row.member_id) && is_anybodys).then_some(OfNobody { order, share })
    }

    /// The receipt of a return of such an order, and whether this very request made it.
    pub(super) fn answer_of_nobody(
        &self,
        operation: &mut Operation<'_>,
        request: &NewReturn,
        of: &OfNobody<'_>,
    ) -> Result<(ReturnReceipt, bool)> {
        let (known_by, arguments_hash) = (of.known_by(request), request.hash());
        if let Some((holder, known)) = self.known_of_nobody(of, &known_by) {
            if arguments_hash.repeats(&known.arguments_hash) {
                let receipt = of.receipt(operation, (holder, known))?;
                let refunds = of.order.refunds_of(known)?;
                return Ok((of.shown(operation, request, &receipt, refunds)?, false));
            }
            return Err(ArgumentsHash::reused(&request.reference));
        }
        let mut members = self.members(of.order);
        members.retain(|member| !operation.is_erased(*member));
        let receipt = operation.whole(&members, |operation| {
            let (receipt, refunds) = self.take_of_nobody(operation, request, of, known_by)?;
            of.shown(operation, request, &receipt, refunds)
        })?;
        Ok((receipt, true))
    }

    /// The row of an earlier return, and whose it is: the order's from before the erasure, or one that a
    /// group had, which may be erased by now as well.
    fn known_of_nobody<'f>(
        &'f self,
        of: &OfNobody<'f>,
        known_by: &str,
    ) -> Option<(&'f Bought, &'f KnownRow)> {
        let mut holders = [of.order].into_iter().chain(self.shares(of.order.row.id));
        holders.find_map(|holder| Some((holder, holder.known(known_by)?)))
    }

    /// Takes back what the parts had brought the group, gives others back what they had paid, and writes
    /// that down; returns the receipt as the row has it, and to whom points went back.
    fn take_of_nobody(
        &self,
        operation: &mut Operation<'_>,
        request: &NewReturn,
        of: &OfNobody<'_>,
        known_by: String,
    ) -> Result<(ReturnReceipt, Vec<RefundedTo>)> {
        let (id, holder) = (ReturnId::new(), of.holder());
        let at = holder.instant(operation.program(), "returnedAt", request.returned_at)?;
        let (mut parts, lines) = request.parts(operation.program(), holder)?;
        if of.share.is_none() {
            // What they had earned is nobody's.
            for part in &mut parts {
                part.points.fill(Points::ZERO);
            }
        }
        let reference = of_share(id);
        let effect = Effect {
            id,
            by: By::Group(id, &reference),
            found: self,
            bought: holder,
            paid: holder.paid_for(&parts)?,
            parts,
            is_whole: is_whole(&lines),
            at,
        };
        let took = match of.share {
            Some(_) => effect.take(operation)?,
            None => TookBack {
                amount_minor: effect.parts.iter().map(|part| part.amount_minor).sum(),
                points: Points::ZERO,
                taken: Taken::default(),
                refund: Refund { amount_minor: effect.paid.1, ..Refund::default() },
                refunds: Vec::new(),
                all: Vec::new(),
            },
        };
        let order = of.order_left();
        let parts = follow(&order.lines, &effect.parts)?;
        let paid = order.paid_for(&parts)?;
        let by = By::Group(id, &reference);
        let (_, refunds) =
            Effect { bought: &order, parts, paid, by, ..effect }.refund(operation)?;
        let standing = match of.share {
            Some(share) => {
                operation.settle_tier(share.row.member_id, at)?;
                operation.state(share.row.member_id)?.standing.clone()
            }
            None => Standing::default(),
        };
        let ladder = operation.program().definition.ladder();
        let standing = TierStanding::of(ladder, &standing);
        let balance = of.share.map(|share| operation.balance(share.row.member_id));
        let receipt = ReturnReceipt {
            id,
            reference: known_by,
            purchase: holder.row.id,
            purchase_reference: holder.row.reference.clone(),
            member: holder.row.member_id,
            returned_at: at,
            amount_minor: took.amount_minor,
            parts: effect.by_line()?,
            is_whole: effect.is_whole,
            points: took.points,
            points_taken: took.taken.points,
            transaction: took.taken.transaction,
            referral_points_taken: Points::ZERO,
            accruals: Vec::new(),
            refund: took.refund,
            refunds: Vec::new(),
            balance: balance.transpose()?.unwrap_or_default(),
            standing,
        };
        let is_of_nobody = of.share.is_none();
        let written =
            Written { is_of_nobody, ..Written::of_return(&receipt, request.hash(), &took) };
        write(operation, &effect, written, holder.is_written_out)?;
        Ok((receipt, refunds))
    }
}

/// What the row of a return is called once the buyer of its order is erased.
pub(crate) fn known_by(purchase: PurchaseId, reference: &str) -> String {
    of_share(sha256_hex(format!("{} {reference}", purchase.uuid()).as_bytes()))
}

/// Whether a row is called so.
pub(crate) fn is_known_by(reference: &str) -> bool {
    reference.len() == known_by(PurchaseId::FIRST, "").len() && reference.starts_with(' ')
}

impl OfNobody<'_> {
    /// The row of which what comes back is known: the group's, or else the order's own.
    fn holder(&self) -> &Bought {
        self.share.unwrap_or(self.order)
    }

    /// The order with all that came back of it.
    fn order_left(&self) -> Bought {
        self.share.map_or_else(|| self.order.clone(), |share| self.order.left_by(share))
    }

    /// What the row of a return is called.
    fn known_by(&self, request: &NewReturn) -> String {
        known_by(self.order.row.id, &request.reference)
    }

    /// What a row says of a return. What one of before the erasure says is the buyer's; the group's own
    /// row has the rest.
    fn receipt(
        &self,
        operation: &Operation<'_>,
        (holder, known): (&Bought, &KnownRow),
    ) -> Result<ReturnReceipt> {
        let of_group =
            self.share.and_then(|share| Some((share, share.known(&of_share(known.id))?)));
        let (holder, known) = of_group.unwrap_or((holder, known));
        // Where the buyer stood went with the buyer.
        let standing = serde_json::to_value(nowhere(operation))
            .map_err(|error| Error::internal("a standing that cannot be JSON").caused_by(error))?;
        let mut known = known.clone();
        known.standing = standing;
        holder.receipt(&known)
    }

    /// The receipt as the shop gets it: of the buyer there is nothing.
    fn shown(
        &self,
        operation: &Operation<'_>,
        request: &NewReturn,
        of_group: &ReturnReceipt,
        refunds: Vec<RefundedTo>,
    ) -> Result<ReturnReceipt> {
        let row = &self.order.row;
        let nothing = |part: &ReturnedPart| ReturnedPart { points: Points::ZERO, ..*part };
        let refund = Refund {
            points: Points::sum(refunds.iter().map(|one| one.points))?,
            amount_minor: of_group.refund.amount_minor,
            transaction: refunds.first().map(|one| one.transaction),
        };
        Ok(ReturnReceipt {
            reference: request.reference.clone(),
            purchase: row.id,
            purchase_reference: row.reference.trim_start().to_owned(),
            member: row.member_id,
            parts: of_group.parts.iter().map(nothing).collect(),
            points: Points::ZERO,
            points_taken: Points::ZERO,
            transaction: None,
            accruals: self.share.map(|_| of_group.own()).into_iter().collect(),
            refund,
            refunds,
            balance: Points::ZERO,
            standing: nowhere(operation),
            ..*of_group
        })
    }
}

/// Where somebody stands who is nobody.
fn nowhere(operation: &Operation<'_>) -> TierStanding {
    TierStanding::of(operation.program().definition.ladder(), &Standing::default())
}
