//! What an edit does to its member. Nothing here reads or writes a database.

use super::model::{EditReceipt, Removed};
use super::plan::{Added, Difference};
use crate::accounts::PointType;
use crate::cart::{CheckedCart, Line};
use crate::earning::{self, Appraisal, Earned, Facts, PluginProposal};
use crate::events::Reach;
use crate::facts::{LineFact, PurchaseEdited};
use crate::members::Member;
use crate::operation::{Because, Earning, Operation, cause};
use crate::purchases::{Completing, EditedLine, advance};
use crate::returns::{self, Bought, By, TookBack};
use crate::tiers::TierStanding;
use crate::{
    Code, Currency, EditId, Error, MemberId, Points, Result, ReturnId, Timestamp, TransactionId,
    share,
};

/// An edit of a purchase, at an instant.
pub(super) struct Effect<'a> {
    pub(super) id: EditId,
    pub(super) reference: &'a str,
    pub(super) reason: Option<&'a str>,
    pub(super) found: &'a returns::Found,
    pub(super) bought: &'a Bought,
    pub(super) member: &'a Member,
    /// Who brought the member, if that is not completed.
    pub(super) referrer: Option<MemberId>,
    pub(super) difference: &'a Difference,
    pub(super) total_minor: i64,
    pub(super) at: Timestamp,
}

/// What an edit has done.
pub(super) struct Applied<'a> {
    pub(super) receipt: EditReceipt,
    /// What was added has earned, by transaction.
    pub(super) earned: Vec<EarnedBy>,
    /// What was taken away, and what became of what it had earned.
    pub(super) removal: Option<(returns::Effect<'a>, TookBack)>,
}

/// What was added has earned by one transaction.
pub(super) struct EarnedBy {
    pub(super) transaction: TransactionId,
    pub(super) point_type: PointType,
    pub(super) points: Points,
}

impl<'a> Effect<'a> {
    /// What was added, as a purchase of it would be.
    pub(super) fn cart(&self, currency: Currency) -> CheckedCart {
        let lines = self.difference.added.iter().filter(|added| added.position > 0);
        let lines: Vec<Line> = lines.map(Added::line).collect();
        CheckedCart { currency, total_minor: self.added_minor(), lines }
    }

    pub(super) fn added_minor(&self) -> i64 {
        self.difference.added.iter().map(|added| added.amount_minor).sum()
    }

    /// Whether anything follows from what was added: of something free only if the program says so.
    pub(super) fn earns(&self, operation: &Operation<'_>) -> bool {
        let counts_free = operation.program().definition.counts_free_purchases;
        let is_something = !self.difference.added.is_empty();
        is_something && (counts_free || self.added_minor() > 0) && !self.is_whole(operation)
    }

    /// Whether the order is one of the member's purchases from now on: it was free, or nothing of it
    /// was left.
    pub(super) fn begins(&self, operation: &Operation<'_>) -> bool {
        let row = &self.bought.row;
        let stands = row.is_counted && row.returned_at.is_none();
        !stands && self.earns(operation)
    }

    /// Whether nothing is left of the order. What has become free is as much of a purchase as if it
    /// had been recorded so.
    fn is_whole(&self, operation: &Operation<'_>) -> bool {
        let counts_free = operation.program().definition.counts_free_purchases;
        let is_free = self.total_minor == 0 && self.bought.row.is_counted && !counts_free;
        is_free || returns::is_whole(&self.difference.lines)
    }

    /// Does what follows from the edit. Fails without having changed anything that the caller keeps.
    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        proposals: &[PluginProposal],
    ) -> Result<Applied<'a>> {
        let member = self.bought.row.member_id;
        let removal = self.removal(operation)?;
        let appraisal = match self.earns(operation) {
            true => self.appraise(operation, proposals, removal.as_ref())?,
            false => Appraisal::default(),
        };
        let earned = self.earn(operation, &appraisal)?;
        let referral_points = self.advance(operation)?;
        let took = removal.as_ref().map(|removal| removal.take(operation)).transpose()?;
        let removal = removal.zip(took);
        let mut receipt = self.receipt(operation, &appraisal, &earned)?;
        receipt.referral_points = referral_points;
        receipt.removed = match &removal {
            Some((effect, took)) => removed(effect, took)?,
            None => Removed::default(),
        };
        let fact = self.fact(operation, &receipt, &appraisal, removal.as_ref())?;
        operation.record(member, self.at, fact)?;
        if let Some((effect, _)) = &removal {
            receipt.removed.referral_points_taken = effect.reverse_referral(operation)?;
        }
        operation.settle_tier(member, self.at)?;
        receipt.balance = operation.balance(member)?;
        let ladder = operation.program().definition.ladder();
        receipt.standing = TierStanding::of(ladder, &operation.state(member)?.standing);
        Ok(Applied { receipt, earned, removal })
    }

    /// Moves statistics on by what was added; returns what a referral gave that it completed.
    fn advance(&self, operation: &mut Operation<'_>) -> Result<Points> {
        let row = &self.bought.row;
        let (begins, added) = (self.begins(operation), self.added_minor());
        let standing = &mut operation.change(row.member_id)?.standing;
        let is_first = begins && standing.purchases_made() == 0;
        if begins {
            advance(standing, added, row.purchased_at)?;
        } else if row.is_counted {
            standing.spent_minor = standing.spent_minor.checked_add(added).ok_or_else(too_much)?;
        }
        let Some(referrer) = self.referrer.filter(|_| is_first) else { return Ok(Points::ZERO) };
        let (purchase, referred, at) = (row.id, row.member_id, self.at);
        Completing { purchase, referred, referrer, at }.complete(operation)
    }

    /// What was taken away, as a return; none if nothing was.
    fn removal(&self, operation: &Operation<'_>) -> Result<Option<returns::Effect<'a>>> {
        let removed = &self.difference.removed;
        if removed.is_empty() {
            return Ok(None);
        }
        Ok(Some(returns::Effect {
            id: ReturnId::new(),
            by: By::Edit(self.id, self.reference),
            found: self.found,
            bought: self.bought,
            parts: removed.clone(),
            paid: self.overpaid()?,
            is_whole: self.is_whole(operation),
            at: self.at,
        }))
    }

    /// What is left of the order after the edit.
    pub(super) fn left_minor(&self) -> i64 {
        self.difference.lines.iter().map(|line| line.left().amount_minor).sum()
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

    /// What of what is left points have paid, once `taken` was given back.
    pub(super) fn paid_left(&self) -> Result<(Points, i64)> {
        let ((points, minor), (beyond, beyond_minor)) =
            (self.bought.paid_left()?, self.overpaid()?);
        Ok((points.minus(beyond)?, minor - beyond_minor))
    }

    fn appraise(
        &self,
        operation: &Operation<'_>,
        proposals: &[PluginProposal],
        removal: Option<&returns::Effect<'_>>,
    ) -> Result<Appraisal> {
        let (definition, row) = (&operation.program().definition, &self.bought.row);
        let standing = &operation.state(row.member_id)?.standing;
        let cart = self.cart(definition.currency);
        let facts = Facts::new(self.member, standing, &cart, 0);
        let makes_room = removal.map(|removal| removal.makes_room(operation)).transpose()?;
        let room_of = |point_type: &PointType| {
            let of_type = makes_room.iter().flatten().find(|(of, _)| of == point_type);
            let taken = of_type.map_or(Points::ZERO, |(_, points)| *points);
            operation.room_beside(row.member_id, (point_type, taken), row.purchased_at)
        };
        let tier = standing.tier.as_deref();
        let judged = earning::judge(definition, &facts, proposals)?;
        judged.appraise(definition, tier, row.purchased_at, room_of)
    }

    /// Each part of what is earned on terms of its own is a transaction of its own.
    fn earn(&self, operation: &mut Operation<'_>, appraisal: &Appraisal) -> Result<Vec<EarnedBy>> {
        let row = &self.bought.row;
        let why = || {
            serde_json::to_value(appraisal).map_err(|error| {
                Error::internal("an appraisal that cannot be JSON").caused_by(error)
            })
        };
        let mut all = Vec::with_capacity(appraisal.earned.len());
        for Earned { terms, points, reasons } in &appraisal.earned {
            let point_type = terms.point_type.clone();
            let cause = cause::EditEarning {
                edit: self.id,
                reference: self.reference.to_owned(),
                purchase: row.id,
                purchase_reference: row.reference.clone(),
                appraisal: why()?,
                revision: operation.program().revision,
            };
            let earning = Earning {
                points: *points,
                terms: terms.clone(),
                at: row.purchased_at,
                because: Because::Later(row.id, cause.into()),
                reason: reasons.join(", "),
                reach: Reach::All,
            };
            let transaction = operation.earn(row.member_id, earning)?;
            all.push(EarnedBy { transaction, point_type, points: *points });
        }
        Ok(all)
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

    fn receipt(
        &self,
        operation: &Operation<'_>,
        appraisal: &Appraisal,
        earned: &[EarnedBy],
    ) -> Result<EditReceipt> {
        let (row, ladder) = (&self.bought.row, operation.program().definition.ladder());
        let line = |(added, points): (&Added, Points)| EditedLine {
            position: added.position,
            sku: added.sku.clone(),
            quantity: added.quantity,
            amount_minor: added.amount_minor,
            points,
        };
        let shares = self.shares(earned)?;
        let main = earned.iter().find(|one| one.point_type.is_main());
        Ok(EditReceipt {
            id: self.id,
            reference: self.reference.to_owned(),
            reason: self.reason.map(str::to_owned),
            purchase: row.id,
            purchase_reference: row.reference.clone(),
            member: row.member_id,
            edited_at: self.at,
            total_before_minor: self.bought.total_minor(),
            total_minor: self.total_minor,
            added: self.difference.added.iter().zip(shares).map(line).collect(),
            points: appraisal.points,
            referral_points: Points::ZERO,
            transaction: main.map(|one| one.transaction),
            appraisal: appraisal.clone(),
            removed: Removed::default(),
            balance: operation.balance(row.member_id)?,
            standing: TierStanding::of(ladder, &operation.state(row.member_id)?.standing),
        })
    }

    fn fact(
        &self,
        operation: &Operation<'_>,
        receipt: &EditReceipt,
        appraisal: &Appraisal,
        removal: Option<&(returns::Effect<'_>, TookBack)>,
    ) -> Result<PurchaseEdited> {
        let (definition, row) = (&operation.program().definition, &self.bought.row);
        let cart = self.cart(definition.currency);
        let line = |line: &Line| LineFact {
            sku: line.sku.clone(),
            category: line.category.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
        };
        let removed = removal.map(|(effect, _)| effect.lines_of_fact()).transpose()?;
        Ok(PurchaseEdited {
            edit_id: self.id,
            reference: self.reference.to_owned(),
            purchase_id: row.id,
            purchase_reference: row.reference.clone(),
            currency: definition.currency,
            total_before_minor: receipt.total_before_minor,
            total_minor: receipt.total_minor,
            edited_on: self.at.date_in(&definition.zone),
            is_whole: receipt.removed.is_whole,
            added: cart.lines.iter().map(line).collect(),
            removed: removed.unwrap_or_default(),
            points_earned: appraisal.points,
            cut: appraisal.cut,
            points_removed: receipt.removed.points,
            points_taken: receipt.removed.points_taken,
            balance: receipt.balance,
        })
    }
}

fn too_much() -> Error {
    Error::new(Code::Overflow, "the member's total spend exceeds 64 bits").at("total")
}

fn removed(effect: &returns::Effect<'_>, took: &TookBack) -> Result<Removed> {
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
