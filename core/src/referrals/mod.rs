//! Referrals: a member brings another, and the other's first purchase pays both, once.

pub(crate) mod section;

pub use section::ReferralTerms;

use crate::db::row;
use crate::operation::Operation;
use crate::{MemberId, PurchaseId, Timestamp};

row! {
    /// Who brought whom.
    pub(crate) struct ReferralRow in "referrals" {
        pub(crate) referred_id: MemberId,
        pub(crate) referrer_id: MemberId,
    }
}

row! {
    struct Completion {
        referred_id: MemberId,
        referrer_id: MemberId,
        purchase_id: PurchaseId,
        completed_at: Timestamp,
    }
}

/// Of the members in `named`: who brought them, where that is not completed.
pub(crate) const PENDING: &str = "
    SELECT f.referred_id, f.referrer_id
    FROM named AS k EACH referrals AS f
    WHERE f.program_id = $1 AND f.referred_id = k.id AND f.completed_at IS NULL";

/// Marks a referral as completed. It is part of the state of the referred member, whose version
/// decides if two purchases try.
pub(crate) fn complete(
    operation: &mut Operation<'_>,
    ReferralRow { referred_id, referrer_id }: ReferralRow,
    purchase_id: PurchaseId,
    completed_at: Timestamp,
) {
    const COMPLETE: &str = "
        INSERT INTO referrals (program_id, referred_id, referrer_id, purchase_id, completed_at)
        SELECT $1, referred_id, referrer_id, purchase_id, completed_at
        FROM {rows} AS r
        WHERE true
        ON CONFLICT (program_id, referred_id) DO UPDATE
        SET completed_at = excluded.completed_at, purchase_id = excluded.purchase_id";
    let completion = Completion { referred_id, referrer_id, purchase_id, completed_at };
    operation.run(COMPLETE, &completion);
}
