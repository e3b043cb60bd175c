//! What an edit books at one of the accounts that the order accrues to: its member's, or a group's.
//! At each the difference is that of its own row of the order, so what is gone is taken from whoever
//! got it, and what is new is given on the terms of the account. Nothing here reads or writes a
//! database.

use super::model::{AccrualEdited, Removed};
use super::plan::{Added, Difference};
use crate::accounts::PointType;
use crate::earning::{Appraisal, Earned, Judged};
use crate::events::Reach;
use crate::operation::{Because, Earning, Operation, cause};
use crate::purchases::{EarnedBy, advance};
use crate::returns::{self, Bought, By, TookBack};
use crate::tiers::TierStanding;
use crate::{
    Code, EditId, Error, MemberId, Points, Result, ReturnId, Timestamp, TransactionId, share,
};

/// An edit as one of the accounts has it.
pub(super) struct Booking<'a> {
    /// Of its row; the member's is the edit's own.
    pub(super) id: EditId,
    pub(super) edit: EditId,
    /// What the edit is called there.
    pub(super) reference: String,
    pub(super) found: &'a returns::Found,
    pub(super) bought: &'a Bought,
    pub(super) difference: Difference,
    /// Whether nothing of the order is left.
    pub(super) is_whole: bool,
    pub(super) at: Timestamp,
}

/// What an edit has done at one of the accounts.
pub(super) struct Booked<'b> {
    pub(super) booking: &'b Booking<'b>,
    /// What was added earns; nothing where it is all the group's.
    pub(super) appraisal: Appraisal,
    /// By transaction.
    pub(super) earned: Vec<EarnedBy>,
    removal: Option<returns::Effect<'b>>,
    took: Option<TookBack>,
}

impl Booking<'_> {
    pub(super) fn account(&self) -> MemberId {
        self.bought.row.member_id
    }

    /// Whether the account gets what the order earns.
    pub(super) fn gets_points(&self) -> bool {
        !self.bought.row.is_for_group_alone()
    }

    pub(super) fn added_minor(&self) -> i64 {
        self.difference.added.iter().map(|added| added.amount_minor).sum()
    }

    /// What is left of the order after the edit.
    pub(super) fn left_minor(&self) -> i64 {
        self.difference.lines.iter().map(|line| line.left().amount_minor).sum()
    }

    /// Whether the order is a purchase from now on, if it `earns`: it was free, or nothing of it was
    /// left.
    pub(super) fn begins(&self, earns: bool) -> bool {
        let row = &self.bought.row;
        let stands = row.counts() && row.returned_at.is_none();
        !stands && earns
    }

    /// What is to be taken back and given, as things stand.
    pub(super) fn plan(
        &self,
        operation: &Operation<'_>,
        judged: Option<&Judged<'_>>,
    ) -> Result<Booked<'_>> {
        let removal = self.removal()?;
        let appraisal = match judged.filter(|_| self.gets_points()) {
            Some(judged) => self.appraise(operation, judged, removal.as_ref())?,
            None => Appraisal::default(),
        };
        Ok(Booked { booking: self, appraisal, earned: Vec::new(), removal, took: None })
    }

    /// Moves statistics on by what was added.
    pub(super) fn advance(&self, operation: &mut Operation<'_>, earns: bool) -> Result<()> {
        let (row, added, begins) = (&self.bought.row, self.added_minor(), self.begins(earns));
        let standing = &mut operation.change(row.member_id)?.standing;
        if begins && row.is_for_group_alone() {
            standing.purchases_for_groups += 1;
        } else if begins {
            advance(standing, added, row.purchased_at)?;
        } else if row.is_counted {
            standing.spent_minor = standing.spent_minor.checked_add(added).ok_or_else(too_much)?;
        }
        Ok(())
    }

    /// What points have paid of what is left, once what they paid beyond it was given back.
    pub(super) fn paid_left(&self) -> Result<(Points, i64)> {
        let ((points, minor), (beyond, beyond_minor)) =
            (self.bought.paid_left()?, self.overpaid()?);
        Ok((points.minus(beyond)?, minor - beyond_minor))
    }

    /// What each added line has of the main points: its shares of what each transaction earned.
    pub(super) fn shares(&self, earned: &[EarnedBy]) -> Result<Vec<Points>> {
        let added = &self.difference.added;
        let is_free = self.added_minor() == 0;
        let measure = |added: &Added| if is_free { added.quantity } else { added.amount_minor };
        let measures: Vec<_> = added.iter().map(measure).collect();
        let mut shares = vec![Points::ZERO; added.len()];
        for one in earned.iter().filter(|one| one.point_type.is_main()) {
            for (sum, share) in shares.iter_mut().zip(share::shares(one.points, &measures)?) {
                *sum = sum.plus(share)?;
            }
        }
        Ok(shares)
    }

    /// What was taken away, as a return; none if nothing was.
    fn removal(&self) -> Result<Option<returns::Effect<'_>>> {
        let removed = &self.difference.removed;
        if removed.is_empty() {
            return Ok(None);
        }
        Ok(Some(returns::Effect {
            id: ReturnId::new(),
            by: By::Edit(self.edit, &self.reference),
            found: self.found,
            bought: self.bought,
            parts: removed.clone(),
            paid: self.overpaid()?,
            is_whole: self.is_whole,
            at: self.at,
        }))
    }

    /// What points have paid beyond what is left of the order: how many, and what they were worth.
    fn overpaid(&self) -> Result<(Points, i64)> {
        let (points, minor) = self.bought.paid_left()?;
        let beyond = (minor - self.left_minor()).max(0);
        let points = match beyond {
            0 => Points::ZERO,
            _ => share::up_to(points, beyond, minor)?,
        };
        Ok((points, beyond))
    }

    fn appraise(
        &self,
        operation: &Operation<'_>,
        judged: &Judged<'_>,
        removal: Option<&returns::Effect<'_>>,
    ) -> Result<Appraisal> {
        let (definition, row) = (&operation.program().definition, &self.bought.row);
        let makes_room = removal.map(|removal| removal.makes_room(operation)).transpose()?;
        let room_of = |point_type: &PointType| {
            let of_type = makes_room.iter().flatten().find(|(of, _)| of == point_type);
            let taken = of_type.map_or(Points::ZERO, |(_, points)| *points);
            operation.room_beside(row.member_id, (point_type, taken), row.purchased_at)
        };
        let tier = operation.state(row.member_id)?.standing.tier.as_deref();
        judged.appraise(definition, tier, row.purchased_at, room_of)
    }

    /// The appraisal as the account's books have it: a group's say nothing of the buyer.
    pub(super) fn kept(&self, appraisal: &Appraisal) -> Appraisal {
        let appraisal = appraisal.clone();
        if self.bought.row.is_of_group() { appraisal.without_words() } else { appraisal }
    }

    fn because(&self, operation: &Operation<'_>, appraisal: &Appraisal) -> Result<Because> {
        let row = &self.bought.row;
        let appraisal = serde_json::to_value(self.kept(appraisal)).map_err(|error| {
            Error::internal("an appraisal that cannot be JSON").caused_by(error)
        })?;
        let cause = cause::EditEarning {
            edit: self.edit,
            reference: self.reference.clone(),
            purchase: row.purchase(),
            purchase_reference: row.reference.clone(),
            appraisal,
            revision: operation.program().revision,
        };
        Ok(Because::Later { of: row.purchase(), row: row.id, cause: cause.into() })
    }

    fn reason(&self, appraisal: &Appraisal, reasons: &[String]) -> String {
        match self.bought.row.is_of_group() {
            true => appraisal.reason_without_words(reasons),
            false => reasons.join(", "),
        }
    }
}

impl Booked<'_> {
    /// Gives what was added has earned: each part on terms of its own by a transaction of its own.
    pub(super) fn earn(&mut self, operation: &mut Operation<'_>) -> Result<()> {
        let (booking, appraisal) = (self.booking, &self.appraisal);
        for Earned { terms, points, reasons } in &appraisal.earned {
            let point_type = terms.point_type.clone();
            let earning = Earning {
                points: *points,
                terms: terms.clone(),
                at: booking.bought.row.purchased_at,
                because: booking.because(operation, appraisal)?,
                reason: booking.reason(appraisal, reasons),
                reach: Reach::All,
            };
            let transaction = operation.earn(booking.account(), earning)?;
            self.earned.push(EarnedBy { transaction, point_type, points: *points });
        }
        Ok(())
    }

    /// Takes back what had been earned by what is gone.
    pub(super) fn take(&mut self, operation: &mut Operation<'_>) -> Result<()> {
        self.took = self.removal.as_ref().map(|removal| removal.take(operation)).transpose()?;
        Ok(())
    }

    /// What was taken away, and what became of what it had earned.
    pub(super) fn removed(&self) -> Option<(&returns::Effect<'_>, &TookBack)> {
        self.removal.as_ref().zip(self.took.as_ref())
    }

    /// By which the main points were earned.
    pub(super) fn transaction(&self) -> Option<TransactionId> {
        let main = self.earned.iter().find(|one| one.point_type.is_main());
        main.map(|one| one.transaction)
    }

    /// What the receipt says of what is gone, but for a referral that is reversed.
    pub(super) fn removal_shown(&self) -> Result<Removed> {
        let Some((effect, took)) = self.removed() else { return Ok(Removed::default()) };
        Ok(Removed {
            lines: effect.by_line()?,
            is_whole: effect.is_whole,
            points: took.points,
            points_taken: took.taken.points,
            transaction: took.taken.transaction,
            referral_points_taken: Points::ZERO,
            refund: took.refund,
        })
    }

    pub(super) fn accrued(&self, operation: &Operation<'_>) -> Result<AccrualEdited> {
        let balance = operation.balance(self.booking.account())?;
        let removed = self.removal_shown()?;
        let of = (self.booking.account(), balance);
        Ok(AccrualEdited::new(of, &self.appraisal, self.transaction(), &removed))
    }

    /// Where the account stands after all of it.
    pub(super) fn standing(&self, operation: &Operation<'_>) -> Result<TierStanding> {
        let ladder = operation.program().definition.ladder();
        Ok(TierStanding::of(ladder, &operation.state(self.booking.account())?.standing))
    }
}

fn too_much() -> Error {
    Error::new(Code::Overflow, "the member's total spend exceeds 64 bits").at("total")
}
