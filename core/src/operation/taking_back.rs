//! Taking back what was earned, as when a purchase is returned.

use super::Operation;
use super::correcting::VoidRow;
use super::kind::{Kind, SystemAccount};
use super::posting::{Because, Posting};
use crate::accounts::Made;
use crate::{MemberId, Points, Result, Timestamp, TransactionId};
use serde_json::Value;

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
    pub(crate) explanation: Value,
}

/// What was taken back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    /// None if there was nothing to take.
    pub(crate) transaction: Option<TransactionId>,
    pub(crate) points: Points,
}

impl Operation<'_> {
    /// Takes points back out of the lot that they came with, then out of those that expire first;
    /// what was spent is owed, as far as the program says. Returns what was left out as expired,
    /// too. What is not in the lot any more is taken to have expired before it was spent.
    pub(crate) fn take_back(&mut self, taking: TakingBack<'_>) -> Result<(Taken, Points)> {
        let TakingBack { member, made, earned, may_leave, at, explanation } = taking;
        let (lot, point_type) = (&made.lot, made.lot.point_type.clone());
        let may_owe = self.program().definition.points().may_owe;
        let state = self.change(member)?;
        let in_lot = earned.min(state.remaining_of(lot.id));
        let left_out = earned.minus(in_lot)?.min(may_leave);
        let taken = state.take_back(&point_type, earned.minus(left_out)?, lot.id, may_owe)?;
        state.uncount(earned)?;
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
                because: Because::Explained(explanation),
            },
        )?;
        Ok((Taken { transaction: Some(id), points: taken.points }, left_out))
    }

    /// Writes that a transaction was made good by another, so that it is not made good again.
    pub(crate) fn mark_void(&mut self, voided_id: TransactionId, transaction_id: TransactionId) {
        self.insert(&VoidRow { voided_id, transaction_id });
    }
}
