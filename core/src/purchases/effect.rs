//! What a purchase does to its member – and, the first time, to the one who brought the member.
//! Nothing here reads or writes a database: an operation is changed in memory. A purchase is what
//! comes of committing it, a quote what comes of not doing so.

use super::check::Checked;
use super::model::{Paid, Receipt};
use super::payment::Paying;
use super::referral::Completing;
use crate::accounts::{PointType, Standing};
use crate::earning::{self, Appraisal, Earned, Facts, PluginProposal};
use crate::events::Reach;
use crate::facts::{LineFact, PurchaseRecorded};
use crate::members::Member;
use crate::operation::{Because, Earning, Operation};
use crate::tiers::TierStanding;
use crate::{Code, Error, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId};

/// A purchase of a member, at an instant.
pub(super) struct Effect<'a> {
    pub(super) id: PurchaseId,
    pub(super) member: &'a Member,
    /// Who brought the member, if that is not completed.
    pub(super) referrer: Option<MemberId>,
    pub(super) purchase: &'a Checked,
    pub(super) at: Timestamp,
}

/// What a purchase has done.
pub(super) struct Applied {
    pub(super) receipt: Receipt,
    /// What it earned, by transaction.
    pub(super) earned: Vec<EarnedBy>,
    /// Whether it counts among the member's purchases.
    pub(super) is_counted: bool,
}

/// What a receipt says of what the member gained, and of what points have paid.
struct Gained {
    appraisal: Appraisal,
    referral_points: Points,
    paid: Option<Paid>,
    transaction: Option<TransactionId>,
}

/// What a purchase earned by one transaction.
pub(super) struct EarnedBy {
    pub(super) transaction: TransactionId,
    pub(super) point_type: PointType,
    pub(super) points: Points,
}

impl Effect<'_> {
    /// Whom it changes.
    pub(super) fn members(&self) -> Vec<MemberId> {
        [Some(self.member.id), self.referrer].into_iter().flatten().collect()
    }

    /// Appraises the purchase and does what follows from it. Fails without having changed anything
    /// that the caller keeps.
    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        proposals: &[PluginProposal],
    ) -> Result<Applied> {
        let (counts, member) = (self.counts(operation), self.member.id);
        if counts {
            operation.active(member, self.at)?;
        }
        let paying = Paying { purchase: self.id, member, checked: self.purchase, at: self.at };
        let paid = paying.pay(operation)?;
        let paid_minor = paid.map_or(0, |paid| paid.amount_minor);
        let appraisal = match counts {
            true => self.appraise(operation, proposals, paid_minor)?,
            false => Appraisal::default(),
        };
        let is_first = counts && operation.state(member)?.standing.purchases == 0;
        if counts {
            advance(
                &mut operation.change(member)?.standing,
                self.purchase.cart.total_minor - paid_minor,
                self.at,
            )?;
        }
        operation.record(member, self.at, self.fact(operation, &appraisal))?;
        let earned = self.earn(operation, &appraisal)?;
        let referral_points = match self.referrer.filter(|_| is_first) {
            Some(referrer) => {
                let (purchase, at) = (self.id, self.at);
                Completing { purchase, referred: member, referrer, at }.complete(operation)?
            }
            None => Points::ZERO,
        };
        operation.settle_tier(member, self.at)?;
        let main = earned.iter().find(|one| one.point_type.is_main());
        let transaction = main.map(|one| one.transaction);
        let gained = Gained { appraisal, referral_points, paid, transaction };
        let receipt = self.receipt(operation, gained)?;
        Ok(Applied { receipt, earned, is_counted: counts })
    }

    /// Whether anything follows from it. One of zero is only recorded if the program says so.
    fn counts(&self, operation: &Operation<'_>) -> bool {
        operation.program().definition.counts_free_purchases || self.purchase.cart.total_minor > 0
    }

    fn appraise(
        &self,
        operation: &Operation<'_>,
        proposals: &[PluginProposal],
        paid_minor: i64,
    ) -> Result<Appraisal> {
        let (definition, member) = (&operation.program().definition, self.member.id);
        let standing = &operation.state(member)?.standing;
        let cart = &self.purchase.cart;
        let facts = Facts::new(self.member, standing, cart, paid_minor);
        let room_of = |point_type: &PointType| operation.room(member, point_type, self.at);
        earning::appraise(definition, &facts, proposals, self.at, room_of)
    }

    /// Each part of what is earned on terms of its own is a transaction of its own.
    fn earn(&self, operation: &mut Operation<'_>, appraisal: &Appraisal) -> Result<Vec<EarnedBy>> {
        let mut all = Vec::with_capacity(appraisal.earned.len());
        for Earned { terms, points, reasons } in &appraisal.earned {
            let point_type = terms.point_type.clone();
            let earning = Earning {
                points: *points,
                terms: terms.clone(),
                at: self.at,
                because: Because::Purchase(self.id),
                reason: reasons.join(", "),
                reach: Reach::All,
            };
            let transaction = operation.earn(self.member.id, earning)?;
            all.push(EarnedBy { transaction, point_type, points: *points });
        }
        Ok(all)
    }

    fn fact(&self, operation: &Operation<'_>, appraisal: &Appraisal) -> PurchaseRecorded {
        let cart = &self.purchase.cart;
        let line = |line: &crate::cart::Line| LineFact {
            sku: line.sku.clone(),
            category: line.category.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
        };
        PurchaseRecorded {
            purchase_id: self.id,
            reference: self.purchase.reference().to_owned(),
            currency: cart.currency,
            total_minor: cart.total_minor,
            purchased_on: self.at.date_in(&operation.program().definition.zone),
            points: appraisal.points,
            cut: appraisal.cut,
            lines: cart.lines.iter().map(line).collect(),
        }
    }

    fn receipt(&self, operation: &Operation<'_>, gained: Gained) -> Result<Receipt> {
        let Gained { appraisal, referral_points, paid, transaction } = gained;
        let ladder = operation.program().definition.ladder();
        let member = self.member.id;
        Ok(Receipt {
            purchase: self.id,
            member,
            reference: self.purchase.reference().to_owned(),
            total_minor: self.purchase.cart.total_minor,
            purchased_at: self.at,
            points: appraisal.points,
            referral_points,
            balance: operation.balance(member)?,
            standing: TierStanding::of(ladder, &operation.state(member)?.standing),
            appraisal,
            paid,
            transaction,
            is_new: true,
        })
    }
}

/// Moves statistics on by a purchase. Fails with `OVERFLOW`, and then has changed nothing.
pub(crate) fn advance(standing: &mut Standing, total_minor: i64, at: Timestamp) -> Result<()> {
    let spent = standing.spent_minor.checked_add(total_minor);
    standing.spent_minor = spent.ok_or_else(|| {
        Error::new(Code::Overflow, "the member's total spend exceeds 64 bits").at("total")
    })?;
    standing.purchases += 1;
    standing.first_purchase_at = Some(standing.first_purchase_at.map_or(at, |first| first.min(at)));
    standing.last_purchase_at = Some(standing.last_purchase_at.map_or(at, |last| last.max(at)));
    Ok(())
}
