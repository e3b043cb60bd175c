//! Referrals: a member brings another, and the other's first purchase pays both, once.

pub(crate) mod section;

pub use section::ReferralTerms;

use crate::db::row;
use crate::operation::Operation;
use crate::{MemberId, PurchaseId, Timestamp, TransactionId};

row! {
    /// Who brought whom.
    pub(crate) struct ReferralRow in "referrals" {
        pub(crate) referred_id: MemberId,
        pub(crate) referrer_id: MemberId,
    }
}

row! {
    /// A referral that is completed, or, without a purchase, not any more.
    pub(crate) struct Completion {
        pub(crate) referred_id: MemberId,
        pub(crate) referrer_id: MemberId,
        pub(crate) purchase_id: Option<PurchaseId>,
        pub(crate) completed_at: Option<Timestamp>,
        /// By which each of the two earned.
        pub(crate) referrer_transaction_id: Option<TransactionId>,
        pub(crate) referred_transaction_id: Option<TransactionId>,
    }
}

/// Of the members in `named`: who brought them, where that is not completed. Whoever brought them and
/// was erased since gets nothing any more, and neither do they.
pub(crate) const PENDING: &str = "
    SELECT f.referred_id, COALESCE(m.merged_into, f.referrer_id) AS referrer_id
    FROM named AS k EACH referrals AS f
    JOIN members AS m ON m.program_id = $1 AND m.id = f.referrer_id
    WHERE f.program_id = $1 AND f.referred_id = k.id AND f.completed_at IS NULL
        AND COALESCE(m.merged_into, f.referrer_id) <> f.referred_id
        AND (
            SELECT z.member_id
            FROM erasures AS z
            WHERE z.program_id = $1 AND z.member_id = f.referrer_id
        ) IS NULL";

/// Writes that a referral is completed, or not any more. It is part of the state of the referred
/// member, whose version decides if two purchases try.
pub(crate) fn settle(operation: &mut Operation<'_>, completion: &Completion) {
    const SETTLE: &str = "
        INSERT INTO referrals (program_id, referred_id, referrer_id, purchase_id, completed_at,
            referrer_transaction_id, referred_transaction_id)
        SELECT $1, referred_id, referrer_id, purchase_id, completed_at, referrer_transaction_id,
            referred_transaction_id
        FROM {rows} AS r
        WHERE true
        ON CONFLICT (program_id, referred_id) DO UPDATE
        SET completed_at = excluded.completed_at,
            purchase_id = excluded.purchase_id,
            referrer_transaction_id = excluded.referrer_transaction_id,
            referred_transaction_id = excluded.referred_transaction_id";
    operation.run(SETTLE, completion);
}
