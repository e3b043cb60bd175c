//! What a return does to its member – and to the one who brought the member, when no purchase is
//! left that completes the referral. Nothing here reads or writes a database.

use super::look::{Bought, Found};
use super::model::{Refund, ReturnReceipt, ReturnedPart};
use super::plan::Part;
use super::rows::ReferralRow;
use crate::accounts::{Made, Standing};
use crate::context::Program;
use crate::facts::{PurchaseReturned, ReferralReversed, ReferralRole, ReturnedLineFact};
use crate::operation::{Operation, Refunded, Refunding, Taken, TakingBack, cause};
use crate::referrals::{self, Completion};
use crate::tiers::TierStanding;
use crate::{MemberId, Points, Result, ReturnId, Timestamp, TransactionId};

/// A return of parts of a purchase, at an instant.
pub(super) struct Effect<'a> {
    pub(super) id: ReturnId,
    pub(super) reference: &'a str,
    pub(super) found: &'a Found,
    pub(super) bought: &'a Bought,
    pub(super) parts: Vec<Part>,
    /// Whether nothing of the purchase is left after it.
    pub(super) is_whole: bool,
    /// Whether it is this return after which nothing is left: what was paid back before the items
    /// came leaves items to be returned of which nothing follows.
    pub(super) ends: bool,
    pub(super) at: Timestamp,
}

/// What a return has done.
pub(super) struct Applied {
    pub(super) receipt: ReturnReceipt,
    /// What became of what the purchase had earned, by transaction.
    pub(super) taken: Vec<TakenOf>,
    /// Whether it is this return after which nothing of the purchase is left.
    pub(super) ends: bool,
}

/// What was taken back of what a purchase had earned by one transaction.
pub(super) struct TakenOf {
    pub(super) transaction: TransactionId,
    pub(super) is_main: bool,
    /// What the returned part had earned by it.
    pub(super) points: Points,
    pub(super) taken: Taken,
    /// What was left out because it had expired.
    pub(super) expired: Points,
}

impl Effect<'_> {
    /// Takes back what the parts had earned, and does what follows from it.
    pub(super) fn apply(self, operation: &mut Operation<'_>) -> Result<Applied> {
        let member = self.bought.row.member_id;
        let amount_minor = self.parts.iter().map(|part| part.amount_minor).sum();
        let all = self.take_earned(operation)?;
        let points = Points::sum(main(&all).map(|one| one.points))?;
        let taken = Taken {
            transaction: main(&all).find_map(|one| one.taken.transaction),
            points: Points::sum(main(&all).map(|one| one.taken.points))?,
            pending: Points::sum(main(&all).map(|one| one.taken.pending))?,
        };
        let refund = self.refund(operation, amount_minor)?;
        let money_minor = amount_minor - refund.amount_minor;
        self.step_back(&mut operation.change(member)?.standing, money_minor);
        let fact = self.fact(operation, points, amount_minor, &taken)?;
        operation.record(member, self.at, fact)?;
        let referral_points_taken = self.reverse_referral(operation)?;
        operation.settle_tier(member, self.at)?;
        let standing = &operation.state(member)?.standing;
        let ladder = operation.program().definition.ladder();
        let receipt = ReturnReceipt {
            id: self.id,
            reference: self.reference.to_owned(),
            purchase: self.bought.row.id,
            purchase_reference: self.bought.row.reference.clone(),
            member,
            returned_at: self.at,
            amount_minor,
            is_whole: self.is_whole,
            points,
            points_taken: taken.points,
            transaction: taken.transaction,
            referral_points_taken,
            refund,
            balance: operation.balance(member)?,
            standing: TierStanding::of(ladder, standing),
            parts: self.parts.iter().map(|part| self.returned(part)).collect::<Result<_>>()?,
        };
        Ok(Applied { receipt, taken: all, ends: self.ends })
    }

    /// A part with what it had earned of the main points.
    fn returned(&self, part: &Part) -> Result<ReturnedPart> {
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
    fn take_earned(&self, operation: &mut Operation<'_>) -> Result<Vec<TakenOf>> {
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
        let row = &self.bought.row;
        let cause = cause::Return {
            return_id: self.id,
            reference: self.reference.to_owned(),
            purchase: row.id,
            purchase_reference: row.reference.clone(),
            points,
            revision: operation.program().revision,
        };
        operation.take_back(TakingBack {
            member: row.member_id,
            made,
            earned: points,
            may_leave: made.expired,
            at: self.at,
            cause: cause.into(),
        })
    }

    /// Gives back the points that had paid for what came back: what was spent last comes back first.
    fn refund(&self, operation: &mut Operation<'_>, amount_minor: i64) -> Result<Refund> {
        let bought = self.bought;
        let before: i64 = bought.lines.iter().map(|line| line.returned.amount_minor).sum();
        let (had, had_minor) = bought.paid_of(before)?;
        let (has, has_minor) = bought.paid_of(before + amount_minor)?;
        let (due, mut back) = (has.minus(had)?, Points::ZERO);
        let mut shown: Option<Refunded> = None;
        for payment in bought.payments().rev() {
            for refunded in self.refund_of(operation, payment, due.minus(back)?)? {
                back = back.plus(refunded.points)?;
                let is_own = |one: &Refunded| one.member == bought.row.member_id;
                shown = shown.filter(is_own).or(Some(refunded));
            }
        }
        Ok(Refund {
            points: back,
            amount_minor: has_minor - had_minor,
            transaction: shown.map(|one| one.transaction),
        })
    }

    fn refund_of(
        &self,
        operation: &mut Operation<'_>,
        payment: TransactionId,
        points: Points,
    ) -> Result<Vec<Refunded>> {
        let cause = cause::Refund {
            return_id: self.id,
            reference: self.reference.to_owned(),
            payment,
            purchase_reference: self.bought.row.reference.clone(),
            revision: operation.program().revision,
        };
        operation.refund(Refunding {
            payment,
            used: self.found.used.get(&payment).map_or(&[], Vec::as_slice),
            points,
            at: self.at,
            cause: cause.into(),
        })
    }

    /// Moves statistics back by what was returned.
    fn step_back(&self, standing: &mut Standing, amount_minor: i64) {
        if !self.bought.row.is_counted {
            return;
        }
        standing.spent_minor -= amount_minor;
        if self.ends {
            standing.purchases -= 1;
            standing.first_purchase_at = self.bought.others.first_at;
            standing.last_purchase_at = self.bought.others.last_at;
        }
    }

    /// Takes back what a referral paid to both sides, if the member has no purchase left. The next
    /// purchase completes it again.
    fn reverse_referral(&self, operation: &mut Operation<'_>) -> Result<Points> {
        let referred = self.bought.row.member_id;
        let has_none_left = operation.state(referred)?.standing.purchases == 0;
        let is_one_less = self.ends && self.bought.row.is_counted;
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
        let cause = cause::ReferralReturn {
            return_id: self.id,
            referral: role,
            purchase: self.bought.row.id,
            revision: operation.program().revision,
        };
        let (taken, _) = operation.take_back(TakingBack {
            member,
            made,
            earned: made.lot.amount,
            may_leave: made.expired,
            at: self.at,
            cause: cause.into(),
        })?;
        operation.mark_made_void(made, taken.transaction);
        Ok(taken)
    }

    fn fact(
        &self,
        operation: &Operation<'_>,
        points: Points,
        amount_minor: i64,
        taken: &Taken,
    ) -> Result<PurchaseReturned> {
        let Program { definition, .. } = operation.program();
        let row = &self.bought.row;
        let line = |part: &Part| {
            let line = self.bought.lines.iter().find(|line| line.position == part.position);
            ReturnedLineFact {
                position: part.position,
                sku: line.map(|line| line.sku.clone()).filter(|sku| !sku.is_empty()),
                quantity: part.quantity,
                amount_minor: part.amount_minor,
            }
        };
        Ok(PurchaseReturned {
            return_id: self.id,
            reference: self.reference.to_owned(),
            purchase_id: row.id,
            purchase_reference: row.reference.clone(),
            currency: definition.currency,
            amount_minor,
            returned_on: self.at.date_in(&definition.zone),
            is_whole: self.is_whole,
            lines: self.parts.iter().map(line).collect(),
            points_earned: points,
            transaction_id: taken.transaction,
            points: taken.points,
            balance: operation.balance(row.member_id)?,
        })
    }
}

/// What was taken of the main points.
fn main(all: &[TakenOf]) -> impl Iterator<Item = &TakenOf> {
    all.iter().filter(|one| one.is_main)
}
