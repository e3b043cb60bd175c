//! What the first purchase of a member does for the one who brought it.

use crate::events::Reach;
use crate::facts::{ReferralCompleted, ReferralRole};
use crate::operation::{Earning, Operation, cause};
use crate::referrals::{self, Completion};
use crate::{MemberId, Points, PurchaseId, Result, Timestamp};

/// A referral that a purchase completes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Completing {
    pub(crate) purchase: PurchaseId,
    pub(crate) referred: MemberId,
    pub(crate) referrer: MemberId,
    pub(crate) at: Timestamp,
}

impl Completing {
    /// Pays both sides of the referral; returns the share of the referred member. Nothing happens in
    /// a program without referrals.
    pub(crate) fn complete(&self, operation: &mut Operation<'_>) -> Result<Points> {
        let Self { purchase, referred, referrer, at } = *self;
        let program = operation.program();
        let Some(terms) = program.definition.referral() else { return Ok(Points::ZERO) };
        let revision = program.revision;
        let (mut paid, mut of_referred) = (Vec::new(), Points::ZERO);
        for (role, points, member, other) in [
            (ReferralRole::Referrer, terms.referrer_points, referrer, referred),
            (ReferralRole::Referred, terms.referred_points, referred, referrer),
        ] {
            let cause = cause::Referral {
                referral: role,
                with: other,
                purchase,
                revision,
                cuts: Vec::new(),
            };
            let earning = Earning {
                points,
                terms: operation.usual_terms(member)?,
                at,
                because: cause.into(),
                reason: "Referral".to_owned(),
                reach: Reach::All,
            };
            let (transaction, given) = operation.earn_what_fits(member, earning)?;
            paid.push(transaction);
            of_referred = given;
            // Where a cap has left nothing, there is no transaction that could say so.
            let cut = points.minus(given)?;
            operation.record(member, at, ReferralCompleted { role, points: given, cut })?;
        }
        let completion = Completion {
            referred_id: referred,
            referrer_id: referrer,
            purchase_id: Some(purchase),
            completed_at: Some(at),
            referrer_transaction_id: paid.first().copied().flatten(),
            referred_transaction_id: paid.last().copied().flatten(),
        };
        referrals::settle(operation, &completion);
        operation.settle_tier(referrer, at)?;
        Ok(of_referred)
    }
}
