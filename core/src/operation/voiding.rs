//! Voiding: making a wrong transaction good. What happened stays as what happened; a correction is
//! another transaction.

use super::Operation;
use super::cause::{self, Cause};
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use super::refunding::by_account;
use crate::accounts::{Made, TakenBack, Trace, TracedRow};
use crate::db::row;
use crate::facts::TransactionVoided;
use crate::{Code, Error, MemberId, Points, Result, TransactionId};

row! {
    pub(super) struct VoidRow in "voids" {
        pub(super) voided_id: TransactionId,
        pub(super) transaction_id: TransactionId,
    }
}

/// What makes a transaction good at one account.
struct Good {
    member: MemberId,
    points: Points,
    /// What was to be taken back and is not there, nor may be owed.
    short: Points,
}

impl Operation<'_> {
    /// Makes a transaction good: what it gave is taken back, what it took is given back to the lots
    /// that it came from. `reason` is for people. Returns by which transaction of its account; where
    /// its lots are another's since an unmerge, there is one of that account as well. Fails with
    /// `CANNOT_BE_VOIDED` or `INSUFFICIENT_POINTS`.
    pub(crate) fn void(&mut self, trace: &Trace, reason: &str) -> Result<TransactionId> {
        let member = trace.member();
        if let Some(made) = &trace.made
            && self.state(member)?.pending_lot(made.lot.id).is_some()
        {
            return self.void_pending(trace, made, reason);
        }
        match (Kind::parse(&trace.transaction.kind)?, &trace.made) {
            (Kind::Earn | Kind::Pending | Kind::Adjust | Kind::Opening, Some(made)) => {
                self.void_given(trace, made, reason)
            }
            (Kind::Spend | Kind::Expire | Kind::Adjust, None)
                if !trace.used.is_empty() && !is_payment(&trace.transaction) =>
            {
                self.void_taken(trace, reason)
            }
            _ => Err(cannot_be_voided(&trace.transaction)),
        }
    }

    /// Takes back what a transaction gave.
    fn void_given(&mut self, trace: &Trace, made: &Made, reason: &str) -> Result<TransactionId> {
        let (member, voided) = (trace.member(), &trace.transaction);
        let earned_by = made.earned_by.or(self.activated_by(voided.id));
        let (id, taken) = (TransactionId::new(), self.take_all_back(member, made)?);
        let always_counts = !matches!(Kind::parse(&voided.kind)?, Kind::Adjust | Kind::Opening);
        if always_counts || cause_of(voided).is_some_and(|cause| cause.counts_as_earned()) {
            self.change(member)?.uncount(&voided.point_type, voided.points)?;
        }
        self.use_lots(id, &taken.parts);
        self.owe(id, member, &voided.point_type, taken.owed);
        let good = Good { member, points: taken.points.negated()?, short: taken.short };
        self.post_void(id, trace, &good, reason)?;
        self.mark_void(voided.id, id);
        if let Some(earned_by) = earned_by {
            self.mark_void(earned_by, id);
        }
        Ok(id)
    }

    /// Gives back what a transaction took.
    fn void_taken(&mut self, trace: &Trace, reason: &str) -> Result<TransactionId> {
        let (own, voided) = (trace.member(), &trace.transaction);
        let mut shown = None;
        for (account, parts) in by_account(trace.used.clone()) {
            let (member, id) = (MemberId::from(account), TransactionId::new());
            let points = self.give_back((member, &voided.point_type), id, voided.id, parts)?;
            let good = Good { member, points, short: Points::ZERO };
            self.post_void(id, trace, &good, reason)?;
            if shown.is_none() || member == own {
                shown = Some(id);
            }
        }
        let id = shown.ok_or_else(|| cannot_be_voided(voided))?;
        self.mark_void(voided.id, id);
        Ok(id)
    }

    /// Posts what makes a transaction good at one account, and records it there.
    fn post_void(
        &mut self,
        id: TransactionId,
        trace: &Trace,
        good: &Good,
        reason: &str,
    ) -> Result<()> {
        let Good { member, points, short } = *good;
        let (at, point_type) = (self.program().now, trace.transaction.point_type.clone());
        let cause = self.voids(trace.transaction.id, short, reason);
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Void,
                against: SystemAccount::parse(&trace.system_account)?,
                point_type: point_type.clone(),
                points,
                at,
                because: cause.into(),
            },
        )?;
        let fact = TransactionVoided {
            transaction_id: id,
            voided_transaction_id: trace.transaction.id,
            points,
            point_type,
            balance,
            reason: reason.to_owned(),
        };
        self.record(member, at, fact)?;
        self.expire_of(member)
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
}

fn cause_of(transaction: &TracedRow) -> Option<Cause> {
    transaction.explanation.clone().and_then(Cause::read)
}

/// What has paid for a purchase goes back with it: else the purchase, its buyer's statistics and what it
/// has earned would say that points have paid, and nobody has.
fn is_payment(voided: &TracedRow) -> bool {
    cause_of(voided).is_some_and(|cause| cause.is_payment())
}

fn cannot_be_voided(voided: &TracedRow) -> Error {
    let activates = cause_of(voided).and_then(|cause| cause.activates());
    let why = match (Kind::parse(&voided.kind), activates) {
        (_, Some(promised)) => {
            format!("its points were pending before: void {promised}, by which they were earned")
        }
        (Ok(Kind::Spend), None) if is_payment(voided) => {
            "it has paid for a purchase, and goes back with it: record a return of the purchase, or an \
             edit"
                .to_owned()
        }
        (Ok(Kind::Earn | Kind::Pending | Kind::Spend | Kind::Expire | Kind::Adjust), None) => {
            "this transaction has nothing left to be made good".to_owned()
        }
        (Ok(Kind::Transfer), None) => {
            "a transfer is not voided: transfer the points back, as far as they are there"
                .to_owned()
        }
        (Ok(Kind::Merge), None) => {
            "a merge is not voided: unmergeMembers takes it back, as far as what came is still there"
                .to_owned()
        }
        _ => format!("transactions of the kind {} are not voided", voided.kind),
    };
    Error::new(Code::CannotBeVoided, why).at("transactionId")
}
