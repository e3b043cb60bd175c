//! Corrections: what an operator gives or takes, and making a wrong transaction good. What happened
//! stays as what happened; a correction is another transaction.

use super::Operation;
use super::cause::{self, Cause};
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use super::restoring::LotReturnRow;
use crate::accounts::{Credit, Lot, Made, PointType, TakenBack, Trace, TracedRow};
use crate::db::row;
use crate::facts::{PointsAdjusted, TransactionVoided};
use crate::{Code, Error, MemberId, Points, Result, Timestamp, TransactionId};

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
}

row! {
    pub(super) struct VoidRow in "voids" {
        pub(super) voided_id: TransactionId,
        pub(super) transaction_id: TransactionId,
    }
}

impl Operation<'_> {
    /// Gives a member points as one lot, or takes some from those that expire first, and records it.
    /// What is given as of long ago may be over already: then it expires here. Fails with
    /// `INSUFFICIENT_POINTS` or `OVERFLOW`.
    pub(crate) fn adjust(
        &mut self,
        member: MemberId,
        adjusting: &Adjusting<'_>,
    ) -> Result<TransactionId> {
        let Adjusting { points, point_type, reason, .. } = *adjusting;
        let (id, counts_as_earned) = (TransactionId::new(), adjusting.counts_as_earned);
        let at = adjusting.effective_at.unwrap_or(self.program().now);
        if points.is_positive() {
            let expires_at = adjusting.expires_at;
            let giving = Giving { points, point_type, at, expires_at, counts_as_earned };
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
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Adjust,
                against: SystemAccount::Adjusted,
                point_type: point_type.clone(),
                points,
                at,
                because: cause.into(),
            },
        )?;
        let (point_type, reason) = (point_type.clone(), reason.to_owned());
        let fact = PointsAdjusted { transaction_id: id, points, point_type, balance, reason };
        self.record(member, at, fact)?;
        self.settle_given(member, at, counts_as_earned)?;
        Ok(id)
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

    /// Makes a transaction good: what it gave is taken back, what it took is given back to the lots
    /// that it came from. `reason` is for people. Fails with `CANNOT_BE_VOIDED` or
    /// `INSUFFICIENT_POINTS`.
    pub(crate) fn void(&mut self, trace: Trace, reason: &str) -> Result<TransactionId> {
        if let Some(made) = &trace.made
            && self.state(trace.member())?.pending_lot(made.lot.id).is_some()
        {
            return self.void_pending(&trace, made, reason);
        }
        let Trace { transaction: voided, system_account, made, used } = trace;
        let activated = self.activated_by(voided.id);
        let earned_by = made.as_ref().and_then(|made| made.earned_by).or(activated);
        let (id, member) = (TransactionId::new(), MemberId::from(voided.account_id));
        let mut short = Points::ZERO;
        let points = match (Kind::parse(&voided.kind)?, made) {
            (kind @ (Kind::Earn | Kind::Pending | Kind::Adjust | Kind::Opening), Some(made)) => {
                let taken = self.take_all_back(member, &made)?;
                let always_counts = !matches!(kind, Kind::Adjust | Kind::Opening);
                if always_counts || cause_of(&voided).is_some_and(|cause| cause.counts_as_earned())
                {
                    self.change(member)?.uncount(&voided.point_type, voided.points)?;
                }
                self.use_lots(id, &taken.parts);
                self.owe(id, member, &voided.point_type, taken.owed);
                short = taken.short;
                taken.points.negated()?
            }
            (Kind::Spend | Kind::Expire | Kind::Adjust, None) if !used.is_empty() => {
                self.give_back((member, &voided.point_type), id, voided.id, used)?
            }
            _ => return Err(cannot_be_voided(&voided)),
        };
        let (at, point_type) = (self.program().now, voided.point_type);
        let cause = self.voids(voided.id, short, reason);
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Void,
                against: SystemAccount::parse(&system_account)?,
                point_type: point_type.clone(),
                points,
                at,
                because: cause.into(),
            },
        )?;
        self.mark_void(voided.id, id);
        if let Some(earned_by) = earned_by {
            self.mark_void(earned_by, id);
        }
        let (voided_transaction_id, reason) = (voided.id, reason.to_owned());
        let fact = TransactionVoided {
            transaction_id: id,
            voided_transaction_id,
            points,
            point_type,
            balance,
            reason,
        };
        self.record(member, at, fact)?;
        self.expire_of(member)?;
        Ok(id)
    }

    fn voids(&self, voids: TransactionId, short: Points, reason: &str) -> cause::Void {
        let (reason, revision) = (reason.to_owned(), self.program().revision);
        cause::Void { reason, voids, short, revision }
    }

    /// Makes points good that are pending: they will not be earned.
    fn void_pending(&mut self, trace: &Trace, made: &Made, reason: &str) -> Result<TransactionId> {
        let (member, voided, at) = (trace.member(), trace.transaction.id, self.program().now);
        let points = self.state(member)?.remaining_of(made.lot.id);
        let because = self.voids(voided, Points::ZERO, reason).into();
        let id = self.cancel_pending(member, &made.lot, points, (Kind::Void, at, because))?;
        self.mark_void(voided, id);
        let point_type = made.lot.point_type.clone();
        let fact = TransactionVoided {
            transaction_id: id,
            voided_transaction_id: voided,
            points: Points::ZERO,
            balance: self.state(member)?.balance(&point_type),
            point_type,
            reason: reason.to_owned(),
        };
        self.record(member, at, fact)?;
        Ok(id)
    }

    /// Takes back what a lot was made with, less what has expired of it, for nobody has that.
    fn take_all_back(&mut self, member: MemberId, made: &Made) -> Result<TakenBack> {
        let lot = &made.lot;
        let may_owe = self.program().definition.points_of(&lot.point_type).may_owe;
        let due = lot.amount.minus(made.expired)?;
        let taken = self.change(member)?.take_back(&lot.point_type, due, lot.id, may_owe)?;
        if taken.points == Points::ZERO {
            let why = "nothing is left of these points, nor of others that could stand for them";
            return Err(Error::new(Code::InsufficientPoints, why));
        }
        Ok(taken)
    }

    /// Gives back what was taken of lots. One that is over lasts for the days of grace from now on.
    pub(super) fn give_back(
        &mut self,
        (member, point_type): (MemberId, &PointType),
        transaction_id: TransactionId,
        used_by: TransactionId,
        used: Vec<(Lot, Points)>,
    ) -> Result<Points> {
        let now = self.program().now;
        let grace = now.plus(self.program().definition.points_of(point_type).grace);
        let points = Points::sum(used.iter().map(|(_, points)| *points))?;
        let lasts_on = self.state(member)?.slides_until(point_type).is_some();
        let mut back = used;
        for (lot, amount) in &mut back {
            let amount = *amount;
            self.insert(&LotReturnRow { used_by, lot_id: lot.id, transaction_id, amount });
            if lot.is_over(now) || (lot.is_sliding() && !lasts_on) {
                (lot.expires_at, lot.slides) = (Some(grace), false);
            }
        }
        let paid = self.change(member)?.give_back(point_type, back)?;
        self.pay(transaction_id, member, point_type, &paid)?;
        Ok(points)
    }
}

fn cause_of(transaction: &TracedRow) -> Option<Cause> {
    transaction.explanation.clone().and_then(Cause::read)
}

fn cannot_be_voided(voided: &TracedRow) -> Error {
    let activates = cause_of(voided).and_then(|cause| cause.activates());
    let why = match (Kind::parse(&voided.kind), activates) {
        (_, Some(promised)) => {
            format!("its points were pending before: void {promised}, by which they were earned")
        }
        (Ok(Kind::Earn | Kind::Pending | Kind::Spend | Kind::Expire | Kind::Adjust), None) => {
            "this transaction has nothing left to be made good".to_owned()
        }
        (Ok(Kind::Transfer), None) => {
            "a transfer is not voided: transfer the points back, as far as they are there"
                .to_owned()
        }
        _ => format!("transactions of the kind {} are not voided", voided.kind),
    };
    Error::new(Code::CannotBeVoided, why).at("transactionId")
}
