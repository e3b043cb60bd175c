//! What an edit books at one of the accounts that the order accrues to: its member's, or a group's.
//! At each the difference is that of its own row of the order, so what is gone is taken from whoever
//! got it, and what is new is given on the terms of the account. Nothing here reads or writes a
//! database.

use super::model::{AccrualEdited, Removed};
use super::order::JudgedOrder;
use super::plan::{Added, Difference};
use super::worth::{AtOnce, Has, New, Swap};
use crate::accounts::{Cap, PointType};
use crate::earning::{Appraisal, Earned, Judged, OfType};
use crate::events::Reach;
use crate::operation::{Because, Earning, Operation, cause};
use crate::purchases::{EarnedBy, advance};
use crate::returns::{self, Bought, By, TookBack};
use crate::tiers::TierStanding;
use crate::{
    Code, EditId, Error, MemberId, Points, Result, ReturnId, Timestamp, TransactionId, share,
};
use std::collections::BTreeMap;

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
    /// What of what is gone could not be taken back before, by type.
    pub(super) forgiven: BTreeMap<PointType, Points>,
    /// What caps of a period or of the wallet cut when the order was recorded, by type.
    pub(super) cut_first: BTreeMap<PointType, Points>,
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

    /// What the order comes to then, what came back of it included.
    pub(super) fn total_minor(&self) -> i64 {
        self.difference.lines.iter().map(|line| line.ordered().amount_minor).sum()
    }

    /// Whether the order is a purchase from now on, if it `earns`: it was free, or nothing of it was
    /// left.
    pub(super) fn begins(&self, earns: bool) -> bool {
        !self.bought.stands() && earns
    }

    /// What is to be taken back and given, as things stand.
    pub(super) fn plan(
        &self,
        operation: &Operation<'_>,
        judged: Option<&JudgedOrder<'_>>,
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

    /// What of the order points pay after the edit, in minor units.
    pub(super) fn paid_left_minor(&self) -> Result<i64> {
        Ok(self.bought.paid_left()?.1 - self.given_back()?.1)
    }

    /// What points pay of what was added: what they had paid of what is gone, as far as something
    /// takes its place.
    pub(super) fn carried(&self) -> Result<(Points, i64)> {
        let (points, minor) = self.bought.paid_for(&self.difference.removed)?;
        let (back, back_minor) = self.given_back()?;
        Ok((points.minus(back)?, minor - back_minor))
    }

    /// What points had paid of what is gone and nothing takes the place of: as a return of that much.
    fn given_back(&self) -> Result<(Points, i64)> {
        let (points, minor) = self.bought.paid_for(&self.difference.removed)?;
        let swap = self.swap();
        Ok((swap.beyond(points)?, swap.beyond(Points::new(minor))?.get()))
    }

    fn swap(&self) -> Swap {
        let removed = self.difference.removed.iter().map(|part| part.amount_minor);
        Swap { removed_minor: removed.sum(), added_minor: self.added_minor() }
    }

    /// What the order has earned of a type that is left of it before the edit.
    pub(super) fn had(&self, point_type: &PointType) -> Result<Points> {
        let Has { kept, gone, .. } = self.has(point_type)?;
        kept.plus(gone)
    }

    /// What the account has of the order. What was voided is not taken back, and so not given again.
    fn has(&self, point_type: &PointType) -> Result<Has> {
        let forgiven = self.forgiven.get(point_type).copied().unwrap_or_default();
        let mut has = Has { forgiven, ..Has::default() };
        for (index, earned) in self.bought.earned.iter().enumerate() {
            if earned.point_type != *point_type {
                continue;
            }
            for portion in self.difference.lines.iter().flat_map(|line| &line.portions) {
                has.kept = has.kept.plus(portion.kept(index)?)?;
            }
            let gone = self.difference.removed.iter().filter_map(|part| part.points.get(index));
            let gone = Points::sum(gone.copied())?;
            match self.found.made(Some(earned.transaction)) {
                Some(_) => has.gone = has.gone.plus(gone)?,
                None => has.forgiven = has.forgiven.plus(gone)?,
            }
        }
        Ok(has)
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
            paid: self.given_back()?,
            is_whole: self.is_whole,
            at: self.at,
        }))
    }

    /// What is new by type: what the order gives more than the account has of it.
    fn news(
        &self,
        operation: &Operation<'_>,
        judged: &JudgedOrder<'_>,
    ) -> Result<BTreeMap<PointType, New>> {
        let (definition, at) = (&operation.program().definition, self.bought.row.purchased_at);
        let by_type = |judged: &Judged<'_>| judged.by_type(definition, at);
        let now = by_type(&judged.now)?;
        let before = judged.before.as_ref().map(by_type).transpose()?.unwrap_or_default();
        let recorded = judged.recorded().map(by_type).transpose()?;
        let nothing = OfType::default();
        let mut all = BTreeMap::new();
        for (point_type, after) in now {
            let before = before.get(&point_type).unwrap_or(&nothing);
            let is_as_then = match &recorded {
                Some(recorded) => {
                    let then = recorded.get(&point_type).unwrap_or(&nothing);
                    then.points == self.worth_first(&point_type)?
                }
                None => false,
            };
            let at_once = AtOnce { before, after: &after, is_as_then };
            let new = New::of(self.has(&point_type)?, at_once, self.swap())?;
            all.insert(point_type, new);
        }
        Ok(all)
    }

    /// What the order was worth to the account when it was recorded, of a type: what it got, and what
    /// it would have got if it had had nothing else.
    fn worth_first(&self, point_type: &PointType) -> Result<Points> {
        let first = self.bought.earned.iter().filter(|earned| earned.edit.is_none());
        let of_type = first.filter(|earned| earned.point_type == *point_type);
        let got = Points::sum(of_type.map(|earned| earned.points))?;
        got.plus(self.cut_first.get(point_type).copied().unwrap_or_default())
    }

    fn appraise(
        &self,
        operation: &Operation<'_>,
        judged: &JudgedOrder<'_>,
        removal: Option<&returns::Effect<'_>>,
    ) -> Result<Appraisal> {
        let news = self.news(operation, judged)?;
        let uncut = news.iter().map(|(of, new)| Ok((of.clone(), new.uncut()?)));
        let more = judged.now.more(judged.before.as_ref(), &uncut.collect::<Result<_>>()?)?;
        let (definition, row) = (&operation.program().definition, &self.bought.row);
        let makes_room = removal.map(|removal| removal.makes_room(operation)).transpose()?;
        let room_of = |point_type: &PointType| {
            let of_type = makes_room.iter().flatten().find(|(of, _)| of == point_type);
            let taken = of_type.map_or(Points::ZERO, |(_, points)| *points);
            let room =
                operation.room_beside(row.member_id, (point_type, taken), row.purchased_at)?;
            let most = definition.points_of(point_type).purchase_max;
            let Some(new) = news.get(point_type) else { return Ok(room) };
            let left = new.points.plus(new.cut_by(Cap::Transaction))?;
            let room = room.after(Cap::Purchase, most).with_left(Cap::Purchase, left);
            Ok(room.with_left(Cap::Transaction, new.points))
        };
        let tier = match row.is_of_group() {
            true => operation.state(row.member_id)?.standing.tier.as_deref(),
            false => judged.tier.as_deref(),
        };
        more.appraise(definition, tier, row.purchased_at, room_of)
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
            points: took.points,
            points_taken: took.taken.points,
            transaction: took.taken.transaction,
            referral_points_taken: Points::ZERO,
            refund: took.refund,
            refunds: took.refunds.clone(),
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
