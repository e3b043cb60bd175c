//! Receipts of edits.

use super::shown::AddedLine;
use crate::earning::Explanation;
use crate::money::Money;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::purchases::Given;
use crate::returns::{RefundedTo, ReturnedLine};
use crate::scalars::{DateTime, Points};
use crate::tiers::{Progress, Tier};
use async_graphql::{ID, SimpleObject};
use perennial_core::{TransactionId, edits};

/// A recorded edit and what followed from it. Repeating the request returns the same receipt.
#[derive(Debug, SimpleObject)]
pub(crate) struct EditReceipt {
    /// The edit's id.
    edit_id: ID,
    /// The shop's number of the edit.
    reference: String,
    /// The id of the purchase.
    purchase_id: ID,
    /// The shop's order number.
    purchase_reference: String,
    /// The id of the member who made the purchase.
    member_id: ID,
    #[graphql(flatten)]
    change: OrderChange,
    /// When the order was changed.
    edited_at: DateTime,
}

/// What an edit would do now.
#[derive(Debug, SimpleObject)]
pub(crate) struct EditQuote {
    #[graphql(flatten)]
    change: OrderChange,
}

/// What an edit does, or would do.
#[derive(Debug, SimpleObject)]
pub(crate) struct OrderChange {
    /// What the order cost before.
    total_before: Money,
    /// What it costs now, what came back of it included.
    total: Money,
    /// What was added to lines, or as lines.
    added: Vec<AddedLine>,
    /// The parts of lines that were taken away; of a purchase without lines, one part at position 0.
    removed: Vec<ReturnedLine>,
    /// Whether nothing of the purchase is left.
    is_whole: bool,
    /// Points that what was added has earned.
    points_earned: Points,
    /// The id of the transaction by which it earned them. Null if it earned none.
    earned_transaction_id: Option<ID>,
    /// Why it has earned them.
    explanation: Explanation,
    /// Additional points that the member earned because something is bought only now, which completed
    /// a referral.
    referral_points: Points,
    /// Points that what was taken away had earned. They count as earned no more.
    points_removed: Points,
    /// Points that were taken back for it. Less than `pointsRemoved` if some had expired, or were
    /// spent and the program lets nobody owe so many.
    points_taken: Points,
    /// The id of the transaction that took them back. Null if none were there to be taken.
    taken_transaction_id: Option<ID>,
    /// Additional points that were taken back from the member because a referral is not completed
    /// any more.
    referral_points_taken: Points,
    /// Points that had paid more than what is left of the order costs, and were given back.
    points_refunded: Points,
    /// What these points had paid: so much less is paid back in money.
    amount_paid_with_points: Money,
    /// The id of the transaction that gave them back. Null if none were.
    refund_transaction_id: Option<ID>,
    /// To whom they go back, in the order in which they do: what was named last first.
    refunds: Vec<RefundedTo>,
    /// What the edit does at each account that the order accrues to, the member's first.
    accruals: Vec<AccrualEdited>,
    /// The member's balance after the edit; below zero if more was taken back than it had.
    balance: Points,
    /// The member's tier after the edit. Null below the first tier.
    tier: Option<Tier>,
    /// The member's progress toward the next tier after the edit.
    progress: Progress,
}

/// What an edit does at an account that the order accrues to, or would do.
#[derive(Debug, SimpleObject)]
pub(crate) struct AccrualEdited {
    /// The id of the member whose account it is: the buyer, or a group.
    member_id: ID,
    /// The program's main points that what was added has earned the account.
    points_earned: Points,
    #[graphql(flatten)]
    given: Given,
    /// The id of the transaction by which it earned them. Null if it earned none.
    earned_transaction_id: Option<ID>,
    /// Points that what was taken away had earned the account. They count as earned no more.
    points_removed: Points,
    /// Points that were taken back for it.
    points_taken: Points,
    /// The id of the transaction that took them back. Null if none were there to be taken.
    taken_transaction_id: Option<ID>,
    /// The account's balance after the edit; below zero if more was taken back than it had.
    balance: Points,
}

impl EditReceipt {
    pub(super) fn new(audience: &Audience, receipt: edits::EditReceipt) -> Self {
        Self {
            edit_id: GlobalId::Edit(receipt.id).into(),
            reference: receipt.reference.clone(),
            purchase_id: GlobalId::Purchase(receipt.purchase).into(),
            purchase_reference: receipt.purchase_reference.clone(),
            member_id: GlobalId::Member(receipt.member).into(),
            edited_at: receipt.edited_at.into(),
            change: OrderChange::new(audience, receipt, true),
        }
    }
}

impl EditQuote {
    pub(super) fn new(audience: &Audience, receipt: edits::EditReceipt) -> Self {
        Self { change: OrderChange::new(audience, receipt, false) }
    }
}

impl OrderChange {
    fn new(audience: &Audience, receipt: edits::EditReceipt, is_recorded: bool) -> Self {
        let edits::EditReceipt { removed, .. } = receipt;
        let currency = audience.definition.currency;
        let id = |transaction| recorded(transaction, is_recorded);
        let refunded = |one| RefundedTo::of(currency, one, is_recorded);
        let accrual = |one| AccrualEdited::new(one, is_recorded);
        Self {
            total_before: audience.money(receipt.total_before_minor),
            total: audience.money(receipt.total_minor),
            added: receipt.added.iter().map(|line| AddedLine::new(currency, line)).collect(),
            removed: removed.lines.iter().map(|part| ReturnedLine::of(currency, part)).collect(),
            is_whole: receipt.is_whole,
            points_earned: receipt.points.into(),
            earned_transaction_id: id(receipt.transaction),
            explanation: receipt.appraisal.into(),
            referral_points: receipt.referral_points.into(),
            points_removed: removed.points.into(),
            points_taken: removed.points_taken.into(),
            taken_transaction_id: id(removed.transaction),
            referral_points_taken: removed.referral_points_taken.into(),
            points_refunded: removed.refund.points.into(),
            amount_paid_with_points: audience.money(removed.refund.amount_minor),
            refund_transaction_id: id(removed.refund.transaction),
            refunds: removed.refunds.iter().map(refunded).collect(),
            accruals: receipt.accruals.into_iter().map(accrual).collect(),
            balance: receipt.balance.into(),
            tier: receipt.standing.tier.as_deref().and_then(|id| Tier::find(audience, id)),
            progress: Progress::new(audience, receipt.standing),
        }
    }
}

impl AccrualEdited {
    fn new(edited: edits::AccrualEdited, is_recorded: bool) -> Self {
        let edits::AccrualEdited { earned, .. } = edited;
        Self {
            member_id: GlobalId::Member(earned.member).into(),
            points_earned: earned.points.into(),
            earned_transaction_id: recorded(earned.transaction, is_recorded),
            points_removed: edited.points_removed.into(),
            points_taken: edited.points_taken.into(),
            taken_transaction_id: recorded(edited.taken_by, is_recorded),
            balance: earned.balance.into(),
            given: earned.into(),
        }
    }
}

/// What is only quoted has no transactions.
fn recorded(transaction: Option<TransactionId>, is_recorded: bool) -> Option<ID> {
    transaction.filter(|_| is_recorded).map(|id| GlobalId::Transaction(id).into())
}
