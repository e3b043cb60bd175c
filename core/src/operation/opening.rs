//! Opening balances: points that a member brings along from another system, each lot with the dates
//! that it had there.

use super::Operation;
use super::adjusting::Giving;
use super::cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::PointType;
use crate::facts::BalanceOpened;
use crate::{MemberId, Points, Result, Timestamp, TransactionId};

/// Points that a member had in another system.
#[derive(Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) points: Points,
    pub(crate) point_type: &'a PointType,
    /// Since when the member has them.
    pub(crate) earned_at: Timestamp,
    /// As the program's policy says when absent.
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether they count as earned, as for the tiers.
    pub(crate) counts_as_earned: bool,
    /// What the other system calls them.
    pub(crate) reference: &'a str,
    /// For people.
    pub(crate) reason: &'a str,
}

impl Operation<'_> {
    /// Takes points over as one lot, and records it. They come from an account of their own, for
    /// the program has not given them; the member was active when they were earned. What is over
    /// already expires here. Fails with `OVERFLOW`.
    pub(crate) fn open(
        &mut self,
        member: MemberId,
        opening: &Opening<'_>,
    ) -> Result<TransactionId> {
        let Opening { points, point_type, earned_at: at, counts_as_earned, .. } = *opening;
        // What this brings back comes before it, in the order of ids as well.
        self.active(member, at)?;
        let id = TransactionId::new();
        let (expires_at, was_active) = (opening.expires_at, true);
        let giving = Giving { points, point_type, at, expires_at, counts_as_earned, was_active };
        self.give(member, id, &giving)?;
        let (reference, reason) = (opening.reference.to_owned(), opening.reason.to_owned());
        let cause = cause::Opening {
            reason: reason.clone(),
            reference: reference.clone(),
            counts_as_earned,
            revision: self.program().revision,
        };
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Opening,
                against: SystemAccount::Opening,
                point_type: point_type.clone(),
                points,
                at,
                because: cause.into(),
            },
        )?;
        let point_type = point_type.clone();
        let fact =
            BalanceOpened { transaction_id: id, points, point_type, balance, reference, reason };
        self.record(member, at, fact)?;
        self.settle_given(member, at, counts_as_earned)?;
        Ok(id)
    }
}
