//! Receipts of returns.

use super::shown::ReturnedLine;
use crate::money::Money;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::purchases::PayerKind;
use crate::scalars::{DateTime, Points};
use crate::tiers::{Progress, Tier};
use async_graphql::{ID, SimpleObject};
use perennial_core::{Currency, returns};

/// A recorded return and what followed from it. Repeating the request returns the same receipt.
#[derive(Debug, SimpleObject)]
pub(crate) struct ReturnReceipt {
    /// The return's id.
    return_id: ID,
    /// The shop's number of the return.
    reference: String,
    /// The id of the purchase.
    purchase_id: ID,
    /// The shop's order number.
    purchase_reference: String,
    /// The id of the member who made the purchase.
    member_id: ID,
    /// When it came back.
    returned_at: DateTime,
    /// The amount that came back.
    amount: Money,
    /// The parts of lines that came back; of a purchase without lines, one part at position 0.
    lines: Vec<ReturnedLine>,
    /// Whether nothing of the purchase is left.
    is_whole: bool,
    /// Points that the returned part had earned. They count as earned no more.
    points_earned: Points,
    /// Points that were taken back for it. Less than `pointsEarned` if some had expired, or were
    /// spent and the program lets nobody owe so many.
    points_taken: Points,
    /// The id of the transaction that took them back. Null if none were there to be taken.
    transaction_id: Option<ID>,
    /// What was taken back from each account that the purchase had accrued to, the member's first.
    accruals: Vec<AccrualTaken>,
    /// Additional points that were taken back from the member because a referral is not completed
    /// any more.
    referral_points_taken: Points,
    /// Points that had paid for what came back, and were given back.
    points_refunded: Points,
    /// What of the amount that came back these points had paid: so much less is paid back in money.
    amount_paid_with_points: Money,
    /// The id of the transaction that gave them back. Null if none were.
    refund_transaction_id: Option<ID>,
    /// To whom they went back, in the order in which they did: what was named last first.
    refunds: Vec<RefundedTo>,
    /// The member's balance after the return; below zero if more was taken back than it had.
    balance: Points,
    /// The member's tier after the return. Null below the first tier.
    tier: Option<Tier>,
    /// The member's progress toward the next tier after the return.
    progress: Progress,
}

/// What a return took back from an account that the purchase had accrued to.
#[derive(Debug, SimpleObject)]
pub(crate) struct AccrualTaken {
    /// The id of the member whose account it is: the buyer, or a group.
    member_id: ID,
    /// Points that the returned part had earned the account. They count as earned no more.
    points_earned: Points,
    /// Points that were taken back for it.
    points_taken: Points,
    /// The account's balance after the return.
    balance: Points,
    /// The id of the transaction that took them back. Null if none were there to be taken.
    transaction_id: Option<ID>,
}

impl From<&returns::AccrualTaken> for AccrualTaken {
    fn from(taken: &returns::AccrualTaken) -> Self {
        Self {
            member_id: GlobalId::Member(taken.member).into(),
            points_earned: taken.points.into(),
            points_taken: taken.points_taken.into(),
            balance: taken.balance.into(),
            transaction_id: taken.transaction.map(|id| GlobalId::Transaction(id).into()),
        }
    }
}

/// What of an order went back to an account that had paid for it with points.
#[derive(Debug, SimpleObject)]
pub(crate) struct RefundedTo {
    /// Whose points had paid.
    kind: PayerKind,
    /// The id of the member whose account had paid, as `payment { sources }` names it; of a gift card its
    /// own.
    member_id: ID,
    /// The number of points.
    points: Points,
    /// What they were worth.
    amount: Money,
    /// The id of the transaction that gave them back; of several the first. Null in a quote.
    transaction_id: Option<ID>,
}

impl RefundedTo {
    pub(crate) fn of(currency: Currency, to: &returns::RefundedTo, is_recorded: bool) -> Self {
        Self {
            kind: to.kind.into(),
            member_id: GlobalId::Member(to.member).into(),
            points: to.points.into(),
            amount: Money::new(currency, to.amount_minor),
            transaction_id: is_recorded.then(|| GlobalId::Transaction(to.transaction).into()),
        }
    }
}

impl ReturnReceipt {
    pub(super) fn new(audience: &Audience, receipt: returns::ReturnReceipt) -> Self {
        let currency = audience.definition.currency;
        let line = |part: &returns::ReturnedPart| ReturnedLine::of(currency, part);
        Self {
            return_id: GlobalId::Return(receipt.id).into(),
            reference: receipt.reference,
            purchase_id: GlobalId::Purchase(receipt.purchase).into(),
            purchase_reference: receipt.purchase_reference,
            member_id: GlobalId::Member(receipt.member).into(),
            returned_at: receipt.returned_at.into(),
            amount: audience.money(receipt.amount_minor),
            lines: receipt.parts.iter().map(line).collect(),
            is_whole: receipt.is_whole,
            points_earned: receipt.points.into(),
            points_taken: receipt.points_taken.into(),
            transaction_id: receipt.transaction.map(|id| GlobalId::Transaction(id).into()),
            accruals: receipt.accruals.iter().map(AccrualTaken::from).collect(),
            referral_points_taken: receipt.referral_points_taken.into(),
            points_refunded: receipt.refund.points.into(),
            amount_paid_with_points: audience.money(receipt.refund.amount_minor),
            refund_transaction_id: receipt
                .refund
                .transaction
                .map(|id| GlobalId::Transaction(id).into()),
            refunds: receipt
                .refunds
                .iter()
                .map(|one| RefundedTo::of(currency, one, true))
                .collect(),
            balance: receipt.balance.into(),
            tier: receipt.standing.tier.as_deref().and_then(|id| Tier::find(audience, id)),
            progress: Progress::new(audience, receipt.standing),
        }
    }
}
