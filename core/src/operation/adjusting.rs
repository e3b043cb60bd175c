//! Adjusting: what an operator gives or takes, and what a plugin takes.

use super::Operation;
use super::cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{Credit, PointType};
use crate::events::Reach;
use crate::facts::PointsAdjusted;
use crate::{MemberId, Points, Result, Timestamp, TransactionId};

/// What is given, or taken when negative, and why.
#[derive(Debug)]
pub(crate) struct Adjusting<'a> {
    pub(crate) points: Points,
    pub(crate) point_type: &'a PointType,
    /// Whether what is given counts as earned, as for the tiers.
    pub(crate) counts_as_earned: bool,
    /// When what is given expires; as the program's policy says when absent.
    pub(crate) expires_at: Option<Timestamp>,
    /// Since when it is given; now when absent.
    pub(crate) effective_at: Option<Timestamp>,
    /// For people.
    pub(crate) reason: &'a str,
    /// Who approved it, where a second operator had to.
    pub(crate) approved_by: Option<&'a str>,
}

/// Points that become a lot.
pub(super) struct Giving<'a> {
    pub(super) points: Points,
    pub(super) point_type: &'a PointType,
    pub(super) at: Timestamp,
    /// As the program's policy says when absent.
    pub(super) expires_at: Option<Timestamp>,
    pub(super) counts_as_earned: bool,
    /// Whether the member was active then, elsewhere.
    pub(super) was_active: bool,
}

impl Operation<'_> {
    /// Gives a member points as one lot, or takes some from those that expire first, and records it.
    /// What is given as of long ago may be over already: then it expires here. Fails with
    /// `INSUFFICIENT_POINTS` or `OVERFLOW`, or `CARD_ENDED` for a gift card that was refunded.
    pub(crate) fn adjust(
        &mut self,
        member: MemberId,
        adjusting: &Adjusting<'_>,
    ) -> Result<TransactionId> {
        let Adjusting { points, point_type, reason, .. } = *adjusting;
        let (id, counts_as_earned) = (TransactionId::new(), adjusting.counts_as_earned);
        let at = adjusting.effective_at.unwrap_or(self.program().now);
        if points.is_positive() {
            self.state(member)?.check_may_be_loaded()?;
            let expires_at = adjusting.expires_at;
            let was_active = false;
            let giving =
                Giving { points, point_type, at, expires_at, counts_as_earned, was_active };
            self.give(member, id, &giving)?;
        } else {
            let parts = self.change(member)?.spend(point_type, points.negated()?)?;
            self.use_lots(id, &parts);
        }
        let cause = cause::Adjustment {
            reason: reason.to_owned(),
            counts_as_earned,
            revision: self.program().revision,
            approved_by: adjusting.approved_by.map(str::to_owned),
        };
        let posting = Posting {
            member,
            kind: Kind::Adjust,
            against: SystemAccount::Adjusted,
            point_type: point_type.clone(),
            points,
            at,
            because: cause.into(),
        };
        self.post_adjusted(id, posting, reason, Reach::All)?;
        self.settle_given(member, at, counts_as_earned)?;
        Ok(id)
    }

    /// Takes main points from a member, of those that expire first: as many as can be spent, for of the
    /// rest nothing is owed. Returns how many, and records it if it is any.
    pub(crate) fn deduct(
        &mut self,
        member: MemberId,
        points: Points,
        (at, cause): (Timestamp, cause::Deduction),
    ) -> Result<Points> {
        let point_type = self.point_type();
        let there = self.state(member)?.spendable(std::slice::from_ref(&point_type))?;
        let points = points.min(there);
        if !points.is_positive() {
            return Ok(Points::ZERO);
        }
        let id = TransactionId::new();
        let parts = self.change(member)?.spend(&point_type, points)?;
        self.use_lots(id, &parts);
        let (reason, reach) = (cause.reason.clone(), Reach::AllBut(cause.plugin.clone()));
        let posting = Posting {
            member,
            kind: Kind::Adjust,
            against: SystemAccount::Adjusted,
            point_type,
            points: points.negated()?,
            at,
            because: cause.into(),
        };
        self.post_adjusted(id, posting, &reason, reach)?;
        self.expire_of(member)?;
        Ok(points)
    }

    fn post_adjusted(
        &mut self,
        id: TransactionId,
        posting: Posting,
        reason: &str,
        reach: Reach,
    ) -> Result<()> {
        let (member, at, points) = (posting.member, posting.at, posting.points);
        let point_type = posting.point_type.clone();
        let balance = self.post(id, posting)?;
        let reason = reason.to_owned();
        let fact = PointsAdjusted { transaction_id: id, points, point_type, balance, reason };
        self.record_for(reach, member, at, fact)
    }

    /// Makes a lot of what a transaction gives.
    pub(super) fn give(
        &mut self,
        member: MemberId,
        transaction: TransactionId,
        giving: &Giving<'_>,
    ) -> Result<()> {
        let Giving { points, point_type, at, counts_as_earned, .. } = *giving;
        let expiry = self.program().definition.points_of(point_type).expiry.clone();
        let slides = giving.expires_at.is_none() && expiry.slides();
        let expires_at = match giving.expires_at {
            Some(expires_at) => Some(expires_at),
            None if giving.was_active => {
                self.expiry_of_earned(member, (point_type, &expiry), at)?
            }
            None => self.expiry_of_given(member, (point_type, &expiry), at)?,
        };
        let credit =
            Credit { point_type: point_type.clone(), points, transaction, at, expires_at, slides };
        let state = self.change(member)?;
        let paid = if counts_as_earned { state.earn(credit)? } else { state.credit(credit)? };
        self.pay(transaction, member, point_type, &paid)
    }

    /// Does what follows from points given as of an instant that may be long ago.
    pub(super) fn settle_given(
        &mut self,
        member: MemberId,
        at: Timestamp,
        counts_as_earned: bool,
    ) -> Result<()> {
        if counts_as_earned {
            self.settle_tier(member, at)?;
        }
        self.expire_of(member)
    }
}
