//! What a return does to its member – and to the one who brought the member, when no purchase is
//! left that completes the referral. An edit of an order does the same with what it takes away.
//! Nothing here reads or writes a database.

use super::bought::Bought;
use super::look::Found;
use super::model::{Refund, RefundedTo, ReturnReceipt, ReturnedPart, by_line};
use super::portion::Part;
use super::rows::ReferralRow;
use crate::accounts::{Made, PointType, Standing};
use crate::context::Program;
use crate::facts::{PurchaseReturned, ReferralReversed, ReferralRole, ReturnedLineFact};
use crate::operation::{Cause, Operation, Taken, TakingBack, cause};
use crate::referrals::{self, Completion};
use crate::tiers::TierStanding;
use crate::{EditId, MemberId, Points, Result, ReturnId, Timestamp, TransactionId};

/// A return of parts of a purchase, at an instant.
pub(crate) struct Effect<'a> {
    pub(crate) id: ReturnId,
    pub(crate) by: By<'a>,
    pub(crate) found: &'a Found,
    pub(crate) bought: &'a Bought,
    pub(crate) parts: Vec<Part>,
    /// What of the parts points have paid that are given back: how many, and what they were worth.
    pub(crate) paid: (Points, i64),
    /// Whether nothing of the purchase is left after it.
    pub(crate) is_whole: bool,
    pub(crate) at: Timestamp,
}

/// Why parts of a purchase are taken back.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// They came back, which the shop calls so.
    Return(&'a str),
    /// A group got something for what came back with a return of the purchase.
    Group(ReturnId, &'a str),
    /// They are no part of the order any more since an edit, which the shop calls so.
    Edit(EditId, &'a str),
}

/// What taking parts of a purchase back has done.
pub(crate) struct TookBack {
    pub(crate) amount_minor: i64,
    /// What the parts had earned of the main points.
    pub(crate) points: Points,
    /// What of that was taken back.
    pub(crate) taken: Taken,
    pub(crate) refund: Refund,
    /// To whom the points went back.
    pub(crate) refunds: Vec<RefundedTo>,
    /// What became of what the purchase had earned, by transaction.
    pub(crate) all: Vec<TakenOf>,
}

/// What was taken back of what a purchase had earned by one transaction.
pub(crate) struct TakenOf {
    pub(crate) transaction: TransactionId,
    pub(crate) is_main: bool,
    /// What the returned part had earned by it.
    pub(crate) points: Points,
    pub(crate) taken: Taken,
    /// What was left out because it had expired.
    pub(crate) expired: Points,
}

impl Effect<'_> {
    /// Takes back what the parts had earned, and does what follows from it.
    pub(super) fn apply(&self, operation: &mut Operation<'_>) -> Result<(ReturnReceipt, TookBack)> {
        let member = self.bought.row.member_id;
        let took = self.take(operation)?;
        let fact = self.fact(operation, &took)?;
        operation.record(member, self.at, fact)?;
        let referral_points_taken = self.reverse_referral(operation)?;
        operation.settle_tier(member, self.at)?;
        let standing = &operation.state(member)?.standing;
        let ladder = operation.program().definition.ladder();
        let receipt = ReturnReceipt {
            id: self.id,
            reference: self.by.reference().to_owned(),
            purchase: self.bought.row.id,
            purchase_reference: self.bought.row.reference.clone(),
            member,
            returned_at: self.at,
            amount_minor: took.amount_minor,
            is_whole: self.is_whole,
            points: took.points,
            points_taken: took.taken.points,
            transaction: took.taken.transaction,
            referral_points_taken,
            refund: took.refund,
            refunds: took.refunds.clone(),
            accruals: Vec::new(),
            balance: operation.balance(member)?,
            standing: TierStanding::of(ladder, standing),
            parts: self.by_line()?,
        };
        Ok((receipt, took))
    }

    /// Takes back what the parts had earned, gives back what had paid for them, and moves
    /// statistics.
    pub(crate) fn take(&self, operation: &mut Operation<'_>) -> Result<TookBack> {
        let amount_minor = self.parts.iter().map(|part| part.amount_minor).sum();
        let all = self.take_earned(operation)?;
        let points = Points::sum(main(&all).map(|one| one.points))?;
        let taken = Taken {
            transaction: main(&all).find_map(|one| one.taken.transaction),
            points: Points::sum(main(&all).map(|one| one.taken.points))?,
            pending: Points::sum(main(&all).map(|one| one.taken.pending))?,
        };
        let (refund, refunds) = self.refund(operation)?;
        let member = self.bought.row.member_id;
        let money_minor = amount_minor - refund.amount_minor;
        self.step_back(&mut operation.change(member)?.standing, money_minor);
        Ok(TookBack { amount_minor, points, taken, refund, refunds, all })
    }

    /// The return of the purchase.
    pub(super) const fn return_id(&self) -> ReturnId {
        match self.by {
            By::Group(of, _) => of,
            By::Return(_) | By::Edit(..) => self.id,
        }
    }

    /// Whether it is this after which nothing of the purchase is left: what was paid back before
    /// the items came leaves items to be returned of which nothing follows.
    pub(crate) fn ends(&self) -> bool {
        self.is_whole && self.bought.row.returned_at.is_none()
    }

    /// What each line loses, with what it had earned of the main points.
    pub(crate) fn by_line(&self) -> Result<Vec<ReturnedPart>> {
        let parts = self.parts.iter().map(|part| self.returned(part));
        by_line(parts.collect::<Result<Vec<_>>>()?)
    }

    /// How many points of each type can be taken back now, of what the parts had earned: so many
    /// make room under the caps for what is earned in their place.
    pub(crate) fn makes_room(&self, operation: &Operation<'_>) -> Result<Vec<(PointType, Points)>> {
        let state = operation.state(self.bought.row.member_id)?;
        let mut all: Vec<(PointType, Points)> = Vec::new();
        for (index, earned) in self.bought.earned.iter().enumerate() {
            let Some(made) = self.found.made(Some(earned.transaction)) else { continue };
            let of_parts = self.parts.iter().filter_map(|part| part.points.get(index).copied());
            let points = Points::sum(of_parts)?;
            let points = match state.pending_lot(made.lot.id) {
                Some(_) => points,
                None => {
                    let in_lot = points.min(state.remaining_of(made.lot.id));
                    let there = points.minus(points.minus(in_lot)?.min(made.expired))?;
                    let may_owe =
                        operation.program().definition.points_of(&earned.point_type).may_owe;
                    state.could_take(&earned.point_type, there, may_owe)?
                }
            };
            match all.iter_mut().find(|(of, _)| *of == earned.point_type) {
                Some((_, sum)) => *sum = sum.plus(points)?,
                None => all.push((earned.point_type.clone(), points)),
            }
        }
        Ok(all)
    }

    /// A part with what it had earned of the main points.
    pub(super) fn returned(&self, part: &Part) -> Result<ReturnedPart> {
        let earned = self.bought.earned.iter().zip(&part.points);
        let main = earned.filter(|(earned, _)| earned.point_type.is_main());
        Ok(ReturnedPart {
            position: part.position,
            quantity: part.quantity,
            amount_minor: part.amount_minor,
            points: Points::sum(main.map(|(_, points)| *points))?,
        })
    }

    /// Takes back what the parts had earned by each transaction, less what of it expired.
    pub(super) fn take_earned(&self, operation: &mut Operation<'_>) -> Result<Vec<TakenOf>> {
        let mut all = Vec::with_capacity(self.bought.earned.len());
        for (index, earned) in self.bought.earned.iter().enumerate() {
            let of_parts = self.parts.iter().filter_map(|part| part.points.get(index).copied());
            let points = Points::sum(of_parts)?;
            let (taken, expired) = match self.found.made(Some(earned.transaction)) {
                Some(made) => self.take_of(operation, made, points)?,
                None => (Taken::default(), Points::ZERO),
            };
            let is_main = earned.point_type.is_main();
            let transaction = earned.transaction;
            all.push(TakenOf { transaction, is_main, points, taken, expired });
        }
        Ok(all)
    }

    fn take_of(
        &self,
        operation: &mut Operation<'_>,
        made: &Made,
        points: Points,
    ) -> Result<(Taken, Points)> {
        operation.take_back(TakingBack {
            member: self.bought.row.member_id,
            made,
            earned: points,
            may_leave: made.expired,
            at: self.at,
            cause: self.cause(points, operation.program().revision),
        })
    }

    fn cause(&self, points: Points, revision: u32) -> Cause {
        let row = &self.bought.row;
        let purchase = row.purchase();
        let purchase_reference = row.reference.clone();
        let reference = self.by.reference().to_owned();
        match self.by {
            By::Return(_) | By::Group(..) => cause::Return {
                return_id: self.return_id(),
                reference,
                purchase,
                purchase_reference,
                points,
                revision,
            }
            .into(),
            By::Edit(edit, _) => {
                let of = cause::EditReturn {
                    edit,
                    reference,
                    purchase,
                    purchase_reference,
                    points,
                    revision,
                };
                of.into()
            }
        }
    }

    /// Moves statistics back by what was returned.
    pub(super) fn step_back(&self, standing: &mut Standing, amount_minor: i64) {
        if self.ends() && self.bought.row.is_for_group_alone() {
            standing.purchases_for_groups -= 1;
        }
        if !self.bought.row.is_counted {
            return;
        }
        standing.spent_minor -= amount_minor;
        if self.ends() {
            standing.purchases -= 1;
            standing.first_purchase_at = self.bought.others.first_at;
            standing.last_purchase_at = self.bought.others.last_at;
        }
    }

    /// Takes back what a referral paid to both sides, if the member has no purchase left. The next
    /// purchase completes it again.
    pub(crate) fn reverse_referral(&self, operation: &mut Operation<'_>) -> Result<Points> {
        let referred = self.bought.row.member_id;
        let has_none_left = operation.state(referred)?.standing.purchases_made() == 0;
        let is_one_less = self.ends() && self.bought.row.counts();
        let referral = self.found.referral(self.bought.row.buyer_id);
        let Some(referral) = referral.filter(|_| is_one_less && has_none_left) else {
            return Ok(Points::ZERO);
        };
        let ReferralRow { referrer_id, rewarded_id, .. } = *referral;
        let mut taken_from_referred = Points::ZERO;
        for (role, member, transaction) in [
            (ReferralRole::Referrer, rewarded_id, referral.referrer_transaction_id),
            (ReferralRole::Referred, referred, referral.referred_transaction_id),
        ] {
            let taken = match self.found.made(transaction) {
                Some(made) => self.take_paid(operation, role, member, made)?,
                None => Taken::default(),
            };
            if role == ReferralRole::Referred {
                taken_from_referred = taken.points;
            }
            let fact = ReferralReversed {
                role,
                transaction_id: taken.transaction,
                points: taken.points,
                balance: operation.balance(member)?,
            };
            operation.record(member, self.at, fact)?;
        }
        let pending = Completion {
            referred_id: self.bought.row.buyer_id,
            referrer_id,
            purchase_id: None,
            completed_at: None,
            referrer_transaction_id: None,
            referred_transaction_id: None,
        };
        referrals::settle(operation, &pending);
        operation.settle_tier(rewarded_id, self.at)?;
        Ok(taken_from_referred)
    }

    fn take_paid(
        &self,
        operation: &mut Operation<'_>,
        role: ReferralRole,
        member: MemberId,
        made: &Made,
    ) -> Result<Taken> {
        let (referral, purchase) = (role, self.bought.row.id);
        let revision = operation.program().revision;
        let cause = match self.by {
            By::Return(_) | By::Group(..) => {
                let return_id = self.return_id();
                cause::ReferralReturn { return_id, referral, purchase, revision }.into()
            }
            By::Edit(edit, _) => cause::ReferralEdit { edit, referral, purchase, revision }.into(),
        };
        let (taken, _) = operation.take_back(TakingBack {
            member,
            made,
            earned: made.lot.amount,
            may_leave: made.expired,
            at: self.at,
            cause,
        })?;
        operation.mark_made_void(made, taken.transaction);
        Ok(taken)
    }

    fn fact(&self, operation: &Operation<'_>, took: &TookBack) -> Result<PurchaseReturned> {
        let Program { definition, .. } = operation.program();
        let row = &self.bought.row;
        Ok(PurchaseReturned {
            return_id: self.id,
            reference: self.by.reference().to_owned(),
            purchase_id: row.id,
            purchase_reference: row.reference.clone(),
            currency: definition.currency,
            amount_minor: took.amount_minor,
            returned_on: self.at.date_in(&definition.zone),
            is_whole: self.is_whole,
            lines: self.lines_of_fact()?,
            points_earned: took.points,
            transaction_id: took.taken.transaction,
            points: took.taken.points,
            balance: operation.balance(row.member_id)?,
        })
    }

    /// What each line loses, as an event says it.
    pub(crate) fn lines_of_fact(&self) -> Result<Vec<ReturnedLineFact>> {
        let line = |part: ReturnedPart| {
            let line = self.bought.lines.iter().find(|line| line.position == part.position);
            ReturnedLineFact {
                position: part.position,
                sku: line.map(|line| line.sku.clone()).filter(|sku| !sku.is_empty()),
                quantity: part.quantity,
                amount_minor: part.amount_minor,
            }
        };
        Ok(self.by_line()?.into_iter().map(line).collect())
    }
}

impl<'a> By<'a> {
    pub(super) const fn reference(self) -> &'a str {
        match self {
            By::Return(reference) | By::Group(_, reference) | By::Edit(_, reference) => reference,
        }
    }
}

/// What was taken of the main points.
pub(super) fn main(all: &[TakenOf]) -> impl Iterator<Item = &TakenOf> {
    all.iter().filter(|one| one.is_main)
}
