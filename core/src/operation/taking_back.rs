//! Taking back what was earned, as when a purchase is returned.

use super::Operation;
use super::cause::Cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use super::voiding::VoidRow;
use crate::accounts::Made;
use crate::{MemberId, Points, Result, Timestamp, TransactionId};

/// Points to be taken back, out of which lot first, and why.
#[derive(Debug)]
pub(crate) struct TakingBack<'a> {
    pub(crate) member: MemberId,
    /// What they came with.
    pub(crate) made: &'a Made,
    /// How many, all of which count as earned no more.
    pub(crate) earned: Points,
    /// How much of them may be left out because it has expired: nobody has that.
    pub(crate) may_leave: Points,
    pub(crate) at: Timestamp,
    pub(crate) cause: Cause,
}

/// What was taken back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    /// None if there was nothing to take.
    pub(crate) transaction: Option<TransactionId>,
    pub(crate) points: Points,
    /// How many of them were pending, and so did not count as earned yet.
    pub(crate) pending: Points,
}

impl Operation<'_> {
    /// Takes points back out of the lot that they came with, then out of those that expire first;
    /// what was spent is owed, as far as the program says. Returns what was left out as expired,
    /// too. What is not in the lot any more is taken to have expired before it was spent.
    pub(crate) fn take_back(&mut self, taking: TakingBack<'_>) -> Result<(Taken, Points)> {
        if self.state(taking.member)?.pending_lot(taking.made.lot.id).is_some() {
            return Ok((self.cancel(taking)?, Points::ZERO));
        }
        let TakingBack { member, made, earned, may_leave, at, cause } = taking;
        let (lot, point_type) = (&made.lot, made.lot.point_type.clone());
        let may_owe = self.program().definition.points_of(&point_type).may_owe;
        let state = self.change(member)?;
        let in_lot = earned.min(state.remaining_of(lot.id));
        let left_out = earned.minus(in_lot)?.min(may_leave);
        let taken = state.take_back(&point_type, earned.minus(left_out)?, lot.id, may_owe)?;
        state.uncount(&point_type, earned)?;
        if taken.points == Points::ZERO {
            return Ok((Taken::default(), left_out));
        }
        let id = TransactionId::new();
        self.use_lots(id, &taken.parts);
        self.owe(id, member, &point_type, taken.owed);
        self.post(
            id,
            Posting {
                member,
                kind: Kind::Return,
                against: SystemAccount::Issued,
                point_type,
                points: taken.points.negated()?,
                at,
                because: cause.into(),
            },
        )?;
        let pending = Points::ZERO;
        Ok((Taken { transaction: Some(id), points: taken.points, pending }, left_out))
    }

    /// Takes pending points back: they will not be earned.
    fn cancel(&mut self, taking: TakingBack<'_>) -> Result<Taken> {
        let TakingBack { member, made, earned: points, at, cause, .. } = taking;
        if points == Points::ZERO {
            return Ok(Taken::default());
        }
        let because = cause.into();
        let id = self.cancel_pending(member, &made.lot, points, (Kind::Return, at, because))?;
        Ok(Taken { transaction: Some(id), points, pending: points })
    }

    /// Writes that all that made a lot was made good by another transaction. Where nothing was there
    /// to be taken there is no other, and it is made good by itself: it counts as earned no more, and
    /// nothing takes it later.
    pub(crate) fn mark_made_void(&mut self, made: &Made, transaction_id: Option<TransactionId>) {
        let promised = made.lot.transaction;
        let earned_by = made.earned_by.or(self.activated_by(promised));
        for voided_id in [Some(promised), earned_by].into_iter().flatten() {
            self.mark_void(voided_id, transaction_id.unwrap_or(voided_id));
        }
    }

    /// Writes that a transaction was made good by another, so that it is not made good again.
    pub(crate) fn mark_void(&mut self, voided_id: TransactionId, transaction_id: TransactionId) {
        self.insert(&VoidRow { voided_id, transaction_id });
    }
}
