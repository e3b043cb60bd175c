//! Returns as their tables store them, and the rows of purchases and referrals that they look at.

use super::model::{AccrualTaken, Refund, ReturnReceipt, ReturnedPart};
use super::portion::{LineState, Portion, Taken};
use crate::accounts::PointType;
use crate::db::row;
use crate::hash::ArgumentsHash;
use crate::members::MemberKind;
use crate::memberships::Accrual;
use crate::operation::Cause;
use crate::purchases::{PayerKind, PurchaseRef};
use crate::{
    EditId, Error, MemberId, Points, PurchaseId, Result, ReturnId, Timestamp, TransactionId,
};
use serde_json::Value;

row! {
    /// How a purchase is named: by one of the two.
    pub(super) struct ReturnKey {
        purchase_id: Option<PurchaseId>,
        purchase_reference: Option<String>,
    }
}

row! {
    #[derive(Clone)]
    pub(crate) struct BoughtRow {
        pub(crate) id: PurchaseId,
        /// Whose account it is.
        pub(crate) member_id: MemberId,
        /// Who bought, perhaps merged into that one since.
        pub(crate) buyer_id: MemberId,
        pub(crate) reference: String,
        pub(crate) currency: String,
        pub(crate) total_minor: i64,
        pub(crate) purchased_at: Timestamp,
        pub(super) revision: u32,
        pub(crate) points: Points,
        pub(crate) transaction_id: Option<TransactionId>,
        pub(crate) is_counted: bool,
        pub(crate) returned_at: Option<Timestamp>,
        pub(super) paid_points: Points,
        pub(super) paid_minor: i64,
        pub(super) payment_id: Option<TransactionId>,
        /// How it accrued, where a group got something.
        accrual: Option<String>,
        /// Of what a group got: the purchase.
        pub(super) accrual_of: Option<PurchaseId>,
    }
}

row! {
    pub(super) struct LineRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) seq: i32,
        sku: String,
        category: Option<String>,
        quantity: i64,
        amount_minor: i64,
    }
}

row! {
    /// What an edit has added to a line, or as one.
    #[derive(Clone)]
    pub(super) struct AddedRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) seq: i32,
        edit_id: EditId,
        position: i32,
        sku: String,
        category: Option<String>,
        quantity: i64,
        amount_minor: i64,
    }
}

row! {
    /// An edit, with what points pay of what it has added.
    #[derive(Clone)]
    pub(super) struct EditedRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) id: EditId,
        pub(super) edited_at: Timestamp,
        pub(super) revision: u32,
        pub(super) added_minor: i64,
        pub(super) paid_points: Points,
        pub(super) paid_minor: i64,
    }
}

row! {
    /// What a purchase earned by one of its transactions, where there is not just one of the main
    /// points.
    #[derive(Clone)]
    pub(crate) struct EarningRow in "purchase_earnings" {
        pub(crate) purchase_id: PurchaseId,
        pub(crate) seq: i32,
        pub(crate) transaction_id: TransactionId,
        pub(crate) point_type: PointType,
        pub(crate) points: Points,
        pub(crate) edit_id: Option<EditId>,
    }
}

row! {
    /// What a return did to what the purchase had earned by one of those.
    #[derive(Clone)]
    pub(super) struct ReturnEarningRow in "return_earnings" {
        pub(super) purchase_id: PurchaseId,
        pub(super) return_id: ReturnId,
        pub(super) transaction_id: TransactionId,
        pub(super) points: Points,
        pub(super) points_taken: Points,
        pub(super) points_expired: Points,
        pub(super) points_pending: Points,
        pub(super) taken_by: Option<TransactionId>,
    }
}

row! {
    /// When the first and the last of a member's purchases were, of those that still stand, but for
    /// this one.
    #[derive(Clone)]
    pub(super) struct OthersRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) first_at: Option<Timestamp>,
        pub(super) last_at: Option<Timestamp>,
    }
}

row! {
    /// A completed referral, by the member who was brought.
    pub(super) struct ReferralRow {
        pub(super) referred_id: MemberId,
        pub(super) referrer_id: MemberId,
        /// Who got what it paid: another than the referrer, if that one was merged then and is not
        /// now.
        pub(super) rewarded_id: MemberId,
        pub(super) referrer_transaction_id: Option<TransactionId>,
        pub(super) referred_transaction_id: Option<TransactionId>,
    }
}

row! {
    /// By which points of a wallet have paid for a purchase.
    #[derive(Clone)]
    pub(super) struct PaymentRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) id: TransactionId,
        pub(super) seq: i32,
        /// Of the first it is what the others have left.
        pub(super) points: Points,
        /// Whose points they would be now.
        pub(super) account_id: MemberId,
        /// Whose they are said to have been.
        pub(super) payer_id: MemberId,
        kind: MemberKind,
        is_buyers: bool,
    }
}

row! {
    /// By which points were given back that had paid for a purchase.
    #[derive(Clone)]
    pub(super) struct RefundRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) payment_id: TransactionId,
        pub(super) id: TransactionId,
        explanation: Value,
        pub(super) points: Points,
    }
}

row! {
    pub(super) struct VoidedRow {
        pub(super) voided_id: TransactionId,
    }
}

row! {
    /// A return that an earlier request recorded.
    #[derive(Clone)]
    pub(super) struct KnownRow {
        pub(super) purchase_id: PurchaseId,
        pub(super) id: ReturnId,
        pub(super) reference: String,
        pub(super) arguments_hash: ArgumentsHash,
        amount_minor: i64,
        pub(super) points: Points,
        pub(super) points_taken: Points,
        pub(super) points_expired: Points,
        pub(super) points_pending: Points,
        referral_points_taken: Points,
        is_whole: bool,
        returned_at: Timestamp,
        balance_after: Points,
        pub(super) standing: Value,
        pub(super) transaction_id: Option<TransactionId>,
        refunded_points: Points,
        pub(super) paid_minor: i64,
        refund_id: Option<TransactionId>,
        pub(super) edit_id: Option<EditId>,
    }
}

row! {
    pub(super) struct ReturnRow in "returns" {
        pub(super) purchase_id: PurchaseId,
        pub(super) id: ReturnId,
        pub(super) reference: String,
        pub(super) arguments_hash: ArgumentsHash,
        pub(super) amount_minor: i64,
        pub(super) points: Points,
        pub(super) points_taken: Points,
        pub(super) points_expired: Points,
        pub(super) points_pending: Points,
        pub(super) referral_points_taken: Points,
        pub(super) transaction_id: Option<TransactionId>,
        pub(super) is_whole: bool,
        pub(super) returned_at: Timestamp,
        pub(super) recorded_at: Timestamp,
        pub(super) balance_after: Points,
        pub(super) standing: Value,
        pub(super) refunded_points: Points,
        pub(super) paid_minor: i64,
        pub(super) refund_id: Option<TransactionId>,
        pub(super) edit_id: Option<EditId>,
        /// Whether the buyer had been erased, so that nothing follows but what went back to others.
        pub(super) is_of_nobody: bool,
    }
}

row! {
    #[derive(Clone)]
    pub(super) struct PartRow in "return_lines" {
        pub(super) purchase_id: PurchaseId,
        pub(super) return_id: ReturnId,
        pub(super) seq: i32,
        pub(super) quantity: i64,
        pub(super) amount_minor: i64,
        pub(super) points: Points,
    }
}

row! {
    /// That nothing of a purchase is left.
    pub(super) struct WholeRow {
        pub(super) id: PurchaseId,
        pub(super) returned_at: Timestamp,
    }
}

pub(super) const REFERRALS: &str = "
    SELECT f.referred_id, COALESCE(m.merged_into, f.referrer_id) AS referrer_id,
        COALESCE(w.merged_into, t.account_id, m.merged_into, f.referrer_id) AS rewarded_id,
        f.referrer_transaction_id, f.referred_transaction_id, k.member_id
    FROM bought AS k EACH referrals AS f
    JOIN members AS m ON m.program_id = $1 AND m.id = f.referrer_id
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = f.referrer_transaction_id
    LEFT JOIN members AS w ON w.program_id = $1 AND w.id = t.account_id
    WHERE f.program_id = $1 AND f.referred_id = k.buyer_id AND f.completed_at IS NOT NULL
        AND k.accrual_of IS NULL
        AND (
            SELECT z.member_id
            FROM erasures AS z
            WHERE z.program_id = $1 AND z.member_id = f.referrer_id
        ) IS NULL";
/// Whose purchases count for the member: its own, and those of whoever was merged into it.
pub(super) const BUYERS: &str = "
    SELECT member_id, member_id AS id
    FROM bought
    UNION
    SELECT k.member_id, m.id
    FROM bought AS k EACH members AS m
    WHERE m.program_id = $1 AND m.merged_into = k.member_id";
/// Both ends of the member's purchases, each found at its end of the index.
pub(super) const OTHERS: &str = "
    SELECT k.id AS purchase_id, (
            SELECT o.purchased_at
            FROM purchases AS o
            WHERE o.program_id = $1 AND o.member_id = n.id AND o.returned_at IS NULL
                AND o.is_counted = 1 AND o.id <> k.id
            ORDER BY o.purchased_at, o.id
            LIMIT 1
        ) AS first_at, (
            SELECT o.purchased_at
            FROM purchases AS o
            WHERE o.program_id = $1 AND o.member_id = n.id AND o.returned_at IS NULL
                AND o.is_counted = 1 AND o.id <> k.id
            ORDER BY o.purchased_at DESC, o.id DESC
            LIMIT 1
        ) AS last_at
    FROM bought AS k
    JOIN buyers AS n ON n.member_id = k.member_id";
pub(super) const SET_WHOLE: &str = "
    UPDATE purchases
    SET returned_at = r.returned_at
    FROM {rows} AS r
    WHERE purchases.program_id = $1 AND purchases.id = r.id";

impl ReturnKey {
    pub(super) fn of(purchase: &PurchaseRef) -> Self {
        match purchase {
            PurchaseRef::Id(id) => Self { purchase_id: Some(*id), purchase_reference: None },
            PurchaseRef::Reference(reference) => {
                Self { purchase_id: None, purchase_reference: Some(reference.clone()) }
            }
        }
    }
}

impl BoughtRow {
    /// Whether a group got all of it, and the buyer nothing.
    pub(crate) fn is_for_group_alone(&self) -> bool {
        self.accrual.as_deref() == Some(Accrual::Group.as_str())
    }

    /// Whether something followed from it, for whomever.
    pub(crate) fn counts(&self) -> bool {
        self.is_counted || self.is_for_group_alone()
    }

    /// Whether it is what a group got of a purchase.
    pub(crate) const fn is_of_group(&self) -> bool {
        self.accrual_of.is_some()
    }

    /// The purchase itself.
    pub(crate) fn purchase(&self) -> PurchaseId {
        self.accrual_of.unwrap_or(self.id)
    }
}

impl PaymentRow {
    pub(super) fn payer(&self) -> PayerKind {
        match self.kind {
            MemberKind::GiftCard => PayerKind::GiftCard,
            _ if self.is_buyers => PayerKind::Buyer,
            _ => PayerKind::Group,
        }
    }
}

impl RefundRow {
    /// Whether it was with this return, or with the edit that took it away.
    pub(super) fn is_of(&self, return_id: ReturnId, edit_id: Option<EditId>) -> bool {
        match Cause::read(self.explanation.clone()) {
            Some(Cause::Refund(of)) => of.return_id == return_id,
            Some(Cause::EditRefund(of)) => Some(of.edit) == edit_id,
            _ => false,
        }
    }
}

impl OthersRow {
    /// Adds what another has bought who is the same member now.
    pub(super) fn add(&mut self, other: &Self) {
        self.first_at = [self.first_at, other.first_at].into_iter().flatten().min();
        self.last_at = self.last_at.max(other.last_at);
    }
}

impl LineRow {
    pub(super) fn state(&self) -> LineState {
        LineState {
            position: self.seq,
            sku: self.sku.clone(),
            category: self.category.clone(),
            portions: vec![Portion::of(self.seq, None, self.quantity, self.amount_minor)],
            removed: Taken::default(),
        }
    }
}

impl AddedRow {
    /// Puts it on top of its line, or behind the lines as another one.
    pub(super) fn add_to(&self, lines: &mut Vec<LineState>) {
        let portion = Portion::of(self.seq, Some(self.edit_id), self.quantity, self.amount_minor);
        match lines.iter_mut().find(|line| line.position == self.position) {
            Some(line) => line.portions.push(portion),
            None => lines.push(LineState {
                position: self.position,
                sku: self.sku.clone(),
                category: self.category.clone(),
                portions: vec![portion],
                removed: Taken::default(),
            }),
        }
    }
}

impl PartRow {
    pub(super) fn amount(&self) -> Taken {
        Taken { quantity: self.quantity, amount_minor: self.amount_minor }
    }
}

impl KnownRow {
    /// What it took back from one of the accounts to which the purchase accrued.
    pub(super) fn of_account(&self, member: MemberId) -> AccrualTaken {
        AccrualTaken {
            member,
            points: self.points,
            points_taken: self.points_taken,
            balance: self.balance_after,
            transaction: self.transaction_id,
        }
    }

    pub(super) fn receipt(
        &self,
        bought: &BoughtRow,
        parts: Vec<ReturnedPart>,
    ) -> Result<ReturnReceipt> {
        let broken = |error| Error::internal("the receipt of a return").caused_by(error);
        Ok(ReturnReceipt {
            id: self.id,
            reference: self.reference.clone(),
            purchase: bought.id,
            purchase_reference: bought.reference.clone(),
            member: bought.member_id,
            returned_at: self.returned_at,
            amount_minor: self.amount_minor,
            parts,
            is_whole: self.is_whole,
            points: self.points,
            points_taken: self.points_taken,
            transaction: self.transaction_id,
            referral_points_taken: self.referral_points_taken,
            refund: Refund {
                points: self.refunded_points,
                amount_minor: self.paid_minor,
                transaction: self.refund_id,
            },
            refunds: Vec::new(),
            accruals: Vec::new(),
            balance: self.balance_after,
            standing: serde_json::from_value(self.standing.clone())
                .map_err(|error: serde_json::Error| broken(error))?,
        })
    }
}
