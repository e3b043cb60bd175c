//! What an edit does to its member, and to the groups that the order accrues to. Nothing here reads or
//! writes a database.

use super::booking::{Booked, Booking};
use super::model::EditReceipt;
use super::order::{Order, without};
use super::plan::Added;
use crate::cart::{CheckedCart, Line};
use crate::context::Program;
use crate::earning::Appraisal;
use crate::facts::{LineFact, PurchaseEdited};
use crate::members::Member;
use crate::operation::Operation;
use crate::purchases::{Completing, EditedLine};
use crate::returns::{self, Bought, LineState};
use crate::{Currency, MemberId, Points, Result};

/// An edit of a purchase, at an instant.
pub(super) struct Effect<'a> {
    pub(super) reason: Option<&'a str>,
    pub(super) member: &'a Member,
    /// Who brought the member, if that is not completed.
    pub(super) referrer: Option<MemberId>,
    /// At the member, whether or not it gets what the order earns.
    pub(super) own: Booking<'a>,
    /// At the groups that do.
    pub(super) groups: Vec<Booking<'a>>,
}

/// What an edit has done.
pub(super) struct Applied<'e> {
    pub(super) receipt: EditReceipt,
    /// At the member.
    pub(super) own: Booked<'e>,
    pub(super) groups: Vec<Booked<'e>>,
}

/// Whether nothing is left of an order with these lines. What has become free is as much of a purchase
/// as if it had been recorded so.
pub(super) fn is_whole(
    program: &Program,
    (bought, lines): (&Bought, &[LineState]),
    total_minor: i64,
) -> bool {
    let counts_free = program.definition.counts_free_purchases;
    let is_free = total_minor == 0 && bought.row.counts() && !counts_free;
    is_free || returns::is_whole(lines)
}

impl Effect<'_> {
    /// What was added.
    fn cart(&self, currency: Currency) -> CheckedCart {
        let added = &self.own.difference.added;
        let lines: Vec<Line> =
            added.iter().filter(|added| added.position > 0).map(Added::line).collect();
        CheckedCart { currency, total_minor: self.own.added_minor(), lines }
    }

    /// Whether anything follows from what was added: of something free only if the program says so.
    pub(super) fn earns(&self, operation: &Operation<'_>) -> bool {
        let counts_free = operation.program().definition.counts_free_purchases;
        let is_something = !self.own.difference.added.is_empty();
        is_something && (counts_free || self.own.added_minor() > 0) && !self.own.is_whole
    }

    /// Does what follows from the edit of an order, if something does of what was added. Fails without
    /// having changed anything that the caller keeps.
    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        order: Option<&Order>,
    ) -> Result<Applied<'_>> {
        let (earns, member, at) = (self.earns(operation), self.own.account(), self.own.at);
        let (mut own, mut groups) = self.plan(operation, order)?;
        own.earn(operation)?;
        let referral_points = self.advance(operation)?;
        own.take(operation)?;
        let mut receipt = self.receipt(operation, &own, &groups)?;
        receipt.referral_points = referral_points;
        operation.record(member, at, self.fact(operation, &receipt, &own)?)?;
        if let Some((removal, _)) = own.removed() {
            receipt.removed.referral_points_taken = removal.reverse_referral(operation)?;
        }
        operation.settle_tier(member, at)?;
        for group in &mut groups {
            group.earn(operation)?;
            group.booking.advance(operation, earns)?;
            group.take(operation)?;
            operation.settle_tier(group.booking.account(), at)?;
        }
        receipt.balance = operation.balance(member)?;
        receipt.standing = own.standing(operation)?;
        let get = [&own].into_iter().filter(|own| own.booking.gets_points()).chain(&groups);
        receipt.accruals = get.map(|one| one.accrued(operation)).collect::<Result<_>>()?;
        Ok(Applied { receipt, own, groups })
    }

    /// What each account loses and gets: judged once, by the member as it would be without the order,
    /// and given on the terms of each account, with room for what its caps leave.
    fn plan(
        &self,
        operation: &Operation<'_>,
        order: Option<&Order>,
    ) -> Result<(Booked<'_>, Vec<Booked<'_>>)> {
        let definition = &operation.program().definition;
        let standing = without(operation, &self.own)?;
        let judged = order.map(|order| order.judged(definition, self.member, &standing));
        let judged = judged.transpose()?;
        let judged = judged.as_ref();
        let own = self.own.plan(operation, judged)?;
        let groups = self.groups.iter().map(|group| group.plan(operation, judged));
        Ok((own, groups.collect::<Result<_>>()?))
    }

    /// Moves the member's statistics on by what was added; returns what a referral gave that it
    /// completed.
    fn advance(&self, operation: &mut Operation<'_>) -> Result<Points> {
        let (row, earns) = (&self.own.bought.row, self.earns(operation));
        let purchases_made = operation.state(row.member_id)?.standing.purchases_made();
        let is_first = self.own.begins(earns) && purchases_made == 0;
        self.own.advance(operation, earns)?;
        let Some(referrer) = self.referrer.filter(|_| is_first) else { return Ok(Points::ZERO) };
        let (purchase, referred, at) = (row.id, row.member_id, self.own.at);
        Completing { purchase, referred, referrer, at }.complete(operation)
    }

    fn receipt(
        &self,
        operation: &Operation<'_>,
        own: &Booked<'_>,
        groups: &[Booked<'_>],
    ) -> Result<EditReceipt> {
        let (booking, row) = (own.booking, &self.own.bought.row);
        let line = |(added, points): (&Added, Points)| EditedLine {
            position: added.position,
            sku: added.sku.clone(),
            quantity: added.quantity,
            amount_minor: added.amount_minor,
            points,
        };
        let shares = booking.shares(&own.earned)?;
        // What it was worth, even where it is all the group's.
        let get = [own].into_iter().filter(|own| own.booking.gets_points()).chain(groups);
        let worth = get.map(|one| &one.appraisal).next();
        Ok(EditReceipt {
            id: booking.id,
            reference: booking.reference.clone(),
            reason: self.reason.map(str::to_owned),
            purchase: row.id,
            purchase_reference: row.reference.clone(),
            member: row.member_id,
            edited_at: booking.at,
            total_before_minor: booking.bought.total_minor(),
            total_minor: booking.total_minor(),
            is_whole: booking.is_whole,
            added: booking.difference.added.iter().zip(shares).map(line).collect(),
            points: own.appraisal.points,
            referral_points: Points::ZERO,
            transaction: own.transaction(),
            appraisal: worth.map_or_else(Appraisal::default, Appraisal::clone),
            removed: own.removal_shown()?,
            accruals: Vec::new(),
            balance: operation.balance(row.member_id)?,
            standing: own.standing(operation)?,
        })
    }

    fn fact(
        &self,
        operation: &Operation<'_>,
        receipt: &EditReceipt,
        own: &Booked<'_>,
    ) -> Result<PurchaseEdited> {
        let definition = &operation.program().definition;
        let cart = self.cart(definition.currency);
        let line = |line: &Line| LineFact {
            sku: line.sku.clone(),
            category: line.category.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
        };
        let removed = own.removed().map(|(effect, _)| effect.lines_of_fact()).transpose()?;
        let (paid_points, paid_minor) = own.booking.carried()?;
        Ok(PurchaseEdited {
            edit_id: receipt.id,
            reference: receipt.reference.clone(),
            purchase_id: receipt.purchase,
            purchase_reference: receipt.purchase_reference.clone(),
            currency: definition.currency,
            total_before_minor: receipt.total_before_minor,
            total_minor: receipt.total_minor,
            edited_on: receipt.edited_at.date_in(&definition.zone),
            is_whole: receipt.is_whole,
            added: cart.lines.iter().map(line).collect(),
            removed: removed.unwrap_or_default(),
            points_earned: own.appraisal.points,
            cut: own.appraisal.cut,
            points_removed: receipt.removed.points,
            points_taken: receipt.removed.points_taken,
            paid_points,
            paid_minor,
            balance: receipt.balance,
        })
    }
}
