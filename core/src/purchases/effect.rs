//! What a purchase does to its member, to a group that the member accrues to, and, the first time, to
//! the one who brought the member.
//! Nothing here reads or writes a database: an operation is changed in memory. A purchase is what
//! comes of committing it, a quote what comes of not doing so.

use super::accrual::{Accruing, EarnedBy, Share};
use super::check::Checked;
use super::model::{Paid, Receipt};
use super::payers::Payer;
use super::payment::Paying;
use super::referral::Completing;
use crate::accounts::{PointType, Standing};
use crate::earning::{self, Earned, Facts, PluginProposal};
use crate::events::Reach;
use crate::facts::{LineFact, PurchaseRecorded};
use crate::members::Member;
use crate::operation::{Because, Earning, Operation};
use crate::tiers::TierStanding;
use crate::{Code, Error, MemberId, Points, PurchaseId, Result, Timestamp};

/// A purchase of a member, at an instant.
pub(super) struct Effect<'a> {
    pub(super) id: PurchaseId,
    pub(super) member: &'a Member,
    /// Who brought the member, if that is not completed.
    pub(super) referrer: Option<MemberId>,
    pub(super) purchase: &'a Checked,
    /// Who pays with points, in this order.
    pub(super) payers: Vec<Payer>,
    pub(super) at: Timestamp,
    /// Whose accounts get what it earns.
    pub(super) accruing: Accruing,
}

/// What a purchase has done.
pub(super) struct Applied {
    pub(super) receipt: Receipt,
    /// What each account got that it accrues to; none where nothing follows from it.
    pub(super) shares: Vec<Share>,
}

/// What a receipt says of what the member gained, and of what points have paid.
struct Gained<'a> {
    shares: &'a [Share],
    referral_points: Points,
    paid: Option<Paid>,
}

impl Effect<'_> {
    /// Whom it changes.
    pub(super) fn members(&self) -> Vec<MemberId> {
        let group = self.accruing.group();
        let payers = self.payers.iter().map(|payer| payer.account);
        [Some(self.member.id), self.referrer, group].into_iter().flatten().chain(payers).collect()
    }

    /// Appraises the purchase and does what follows from it. Fails without having changed anything
    /// that the caller keeps.
    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        proposals: &[PluginProposal],
    ) -> Result<Applied> {
        let (counts, member) = (self.counts(operation), self.member.id);
        let accounts: Vec<_> = self.accruing.accounts().filter(|_| counts).collect();
        accounts.iter().try_for_each(|account| operation.active(*account, self.at))?;
        let paid = self.paying().pay(operation)?;
        let paid_minor = paid.as_ref().map_or(0, |paid| paid.amount_minor);
        let mut shares = self.appraise(operation, &accounts, proposals, paid_minor)?;
        let is_first = counts && operation.state(member)?.standing.purchases_made() == 0;
        for account in &accounts {
            let standing = &mut operation.change(*account)?.standing;
            advance(standing, self.purchase.cart.total_minor - paid_minor, self.at)?;
        }
        if counts && !self.accruing.is_own() {
            operation.change(member)?.standing.purchases_for_groups += 1;
        }
        operation.record(member, self.at, self.fact(operation, self.own(&shares)))?;
        for share in &mut shares {
            share.earned = self.earn(operation, share)?;
        }
        let referral_points = match self.referrer.filter(|_| is_first) {
            Some(referrer) => {
                let (purchase, at) = (self.id, self.at);
                Completing { purchase, referred: member, referrer, at }.complete(operation)?
            }
            None => Points::ZERO,
        };
        operation.settle_tier(member, self.at)?;
        if let Some(group) = self.accruing.group() {
            operation.settle_tier(group, self.at)?;
        }
        let gained = Gained { shares: &shares, referral_points, paid };
        let receipt = self.receipt(operation, gained)?;
        Ok(Applied { receipt, shares })
    }

    fn paying(&self) -> Paying<'_> {
        Paying {
            purchase: self.id,
            member: self.member.id,
            checked: self.purchase,
            payers: &self.payers,
            at: self.at,
        }
    }

    /// What the member itself got.
    fn own<'s>(&self, shares: &'s [Share]) -> Option<&'s Share> {
        shares.iter().find(|share| share.account == self.member.id)
    }

    /// Whether anything follows from it. One of zero is only recorded if the program says so.
    fn counts(&self, operation: &Operation<'_>) -> bool {
        operation.program().definition.counts_free_purchases || self.purchase.cart.total_minor > 0
    }

    /// What each account gets: judged once, by the member as it stood before, and given on the terms
    /// of each account, with room for what its caps leave.
    fn appraise(
        &self,
        operation: &Operation<'_>,
        accounts: &[MemberId],
        proposals: &[PluginProposal],
        paid_minor: i64,
    ) -> Result<Vec<Share>> {
        let definition = &operation.program().definition;
        let standing = &operation.state(self.member.id)?.standing;
        let facts = Facts::new(self.member, standing, &self.purchase.cart, paid_minor);
        let judged = earning::judge(definition, &facts, proposals)?;
        let share = |account: &MemberId| {
            let tier = operation.state(*account)?.standing.tier.as_deref();
            let room_of = |point_type: &PointType| operation.room(*account, point_type, self.at);
            let appraisal = judged.appraise(definition, tier, self.at, room_of)?;
            let id = if *account == self.member.id { self.id } else { PurchaseId::new() };
            Ok(Share { id, account: *account, appraisal, earned: Vec::new() })
        };
        accounts.iter().map(share).collect()
    }

    /// Each part of what is earned on terms of its own is a transaction of its own.
    fn earn(&self, operation: &mut Operation<'_>, share: &Share) -> Result<Vec<EarnedBy>> {
        let mut all = Vec::with_capacity(share.appraisal.earned.len());
        for Earned { terms, points, reasons } in &share.appraisal.earned {
            let point_type = terms.point_type.clone();
            let (because, reason) = match share.account == self.member.id {
                true => (Because::Purchase(self.id), reasons.join(", ")),
                false => (
                    Because::Share { of: self.id, share: share.id },
                    share.appraisal.reason_without_words(reasons),
                ),
            };
            let earning = Earning {
                points: *points,
                terms: terms.clone(),
                at: self.at,
                because,
                reason,
                reach: Reach::All,
            };
            let transaction = operation.earn(share.account, earning)?;
            all.push(EarnedBy { transaction, point_type, points: *points });
        }
        Ok(all)
    }

    fn fact(&self, operation: &Operation<'_>, own: Option<&Share>) -> PurchaseRecorded {
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
            points: own.map_or(Points::ZERO, |own| own.appraisal.points),
            cut: own.map_or(Points::ZERO, |own| own.appraisal.cut),
            lines: cart.lines.iter().map(line).collect(),
        }
    }

    fn receipt(&self, operation: &Operation<'_>, gained: Gained<'_>) -> Result<Receipt> {
        let Gained { shares, referral_points, paid } = gained;
        let ladder = operation.program().definition.ladder();
        let (member, own) = (self.member.id, self.own(shares));
        // What it was worth, even where it is all the group's.
        let appraisal = own.or(shares.first()).map(|share| share.appraisal.clone());
        Ok(Receipt {
            purchase: self.id,
            member,
            reference: self.purchase.reference().to_owned(),
            total_minor: self.purchase.cart.total_minor,
            purchased_at: self.at,
            points: own.map_or(Points::ZERO, |own| own.appraisal.points),
            referral_points,
            balance: operation.balance(member)?,
            standing: TierStanding::of(ladder, &operation.state(member)?.standing),
            appraisal: appraisal.unwrap_or_default(),
            paid,
            transaction: own.and_then(Share::transaction),
            accruals: shares.iter().map(|one| one.accrued(operation)).collect::<Result<_>>()?,
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
