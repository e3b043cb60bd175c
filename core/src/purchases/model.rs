//! Purchases as shops report them, and what is answered.

use crate::earning::Appraisal;
use crate::members::MemberRef;
use crate::programs::Definition;
use crate::tiers::Metric;
use crate::{Code, Currency, Error, MemberId, Points, PurchaseId, Result, Timestamp};
use serde::{Deserialize, Serialize};

/// The most lines of one purchase.
pub const LINES_MAX: usize = 500;
const TEXT_MAX: usize = 128;

/// A purchase to be recorded, or a cart to be quoted.
#[derive(Clone, Debug)]
pub struct NewPurchase {
    pub member: MemberRef,
    /// The shop's own order number: the idempotency key, for ever. A quote ignores it.
    pub reference: String,
    /// The program's now when absent.
    pub purchased_at: Option<Timestamp>,
    /// The program's when absent.
    pub currency: Option<Currency>,
    /// In minor units; may be left out when there are lines, whose sum it is.
    pub total_minor: Option<i64>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub sku: String,
    pub category: Option<String>,
    /// 1 or more.
    pub quantity: u32,
    /// For the whole line, in minor units; zero or more.
    pub amount_minor: i64,
}

/// What the recording of a purchase answers, the same at every repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub purchase: PurchaseId,
    pub member: MemberId,
    pub reference: String,
    pub total_minor: i64,
    pub purchased_at: Timestamp,
    /// Earned by the purchase itself; a completed referral pays on top.
    pub points: Points,
    pub referral_points: Points,
    /// After all of it.
    pub balance: Points,
    pub standing: TierStanding,
    pub appraisal: Appraisal,
    /// Whether this very request recorded it; the only thing that a repeat answers differently, and not part of the answer that
    /// is kept.
    #[serde(skip)]
    pub is_new: bool,
}

/// What a purchase would earn, and where it would leave the member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub points: Points,
    pub standing: TierStanding,
    pub appraisal: Appraisal,
}

/// A tier and the way to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TierStanding {
    pub tier: Option<String>,
    pub metric: Metric,
    pub value: i64,
    pub next_tier: Option<String>,
    /// What the metric lacks to reach the next tier.
    pub missing: i64,
}

/// A checked purchase.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) member: MemberRef,
    pub(crate) reference: String,
    pub(crate) purchased_at: Timestamp,
    pub(crate) total_minor: i64,
    pub(crate) lines: Vec<Line>,
    pub(crate) arguments_hash: String,
}

#[derive(Serialize)]
struct Arguments<'a> {
    member: &'a MemberRef,
    purchased_at: Option<Timestamp>,
    total_minor: i64,
    lines: &'a [Line],
}

impl NewPurchase {
    /// Fails with `INVALID_INPUT`, `INVALID_AMOUNT`, `CURRENCY_MISMATCH`, `FUTURE_INSTANT`, `TOO_MANY` or `OVERFLOW`, naming the
    /// field.
    pub(crate) fn check(&self, definition: &Definition, now: Timestamp) -> Result<Checked> {
        text("reference", &self.reference)?;
        if let MemberRef::ExternalId(external_id) = &self.member {
            text("member", external_id)?;
        }
        let currency = self.currency.unwrap_or(definition.currency);
        if currency != definition.currency {
            let why = format!("the program counts in {}, not {currency}", definition.currency);
            return Err(Error::new(Code::CurrencyMismatch, why).at("currency"));
        }
        let purchased_at = self.purchased_at.unwrap_or(now);
        if purchased_at > now {
            let why = format!("{purchased_at} is later than the program's now, {now}");
            return Err(Error::new(Code::FutureInstant, why).at("purchasedAt"));
        }
        let total_minor = self.total()?;
        let arguments = Arguments {
            member: &self.member,
            purchased_at: self.purchased_at,
            total_minor,
            lines: &self.lines,
        };
        Ok(Checked {
            arguments_hash: crate::hash::arguments_hash(&arguments),
            member: self.member.clone(),
            reference: self.reference.clone(),
            purchased_at,
            total_minor,
            lines: self.lines.clone(),
        })
    }

    fn total(&self) -> Result<i64> {
        if self.lines.len() > LINES_MAX {
            return Err(Error::new(Code::TooMany, format!("at most {LINES_MAX} lines")).at("lines"));
        }
        let mut sum: i64 = 0;
        for (index, line) in self.lines.iter().enumerate() {
            let at = |error: Error| error.at(index.to_string()).at("lines");
            line.check().map_err(at)?;
            let overflow = || {
                Error::new(Code::Overflow, "the lines add up to too large an amount").at("amount")
            };
            sum = sum.checked_add(line.amount_minor).ok_or_else(overflow).map_err(at)?;
        }
        match self.total_minor {
            None if self.lines.is_empty() => {
                Err(Error::new(Code::InvalidInput, "send a total, or lines that add up to it")
                    .at("total"))
            }
            None => Ok(sum),
            Some(total) if total < 0 => Err(Error::new(
                Code::InvalidAmount,
                "an amount is zero or more; a return is not a purchase",
            )
            .at("total")),
            Some(total) if !self.lines.is_empty() && total != sum => {
                let why = format!("the lines add up to {sum} minor units, the total says {total}");
                Err(Error::new(Code::InvalidAmount, why).at("total"))
            }
            Some(total) => Ok(total),
        }
    }
}

impl Line {
    fn check(&self) -> Result<()> {
        text("sku", &self.sku)?;
        if let Some(category) = &self.category {
            text("category", category)?;
        }
        if self.quantity == 0 || self.quantity > i32::MAX.unsigned_abs() {
            return Err(
                Error::new(Code::InvalidInput, "use a whole number above zero").at("quantity")
            );
        }
        if self.amount_minor < 0 {
            return Err(Error::new(Code::InvalidAmount, "an amount is zero or more").at("amount"));
        }
        Ok(())
    }
}

fn text(field: &str, value: &str) -> Result<()> {
    if value.trim().is_empty()
        || value.chars().count() > TEXT_MAX
        || value.contains(char::is_control)
    {
        return Err(Error::new(
            Code::InvalidInput,
            format!("use 1 to {TEXT_MAX} printable characters"),
        )
        .at(field));
    }
    Ok(())
}

impl TierStanding {
    pub fn of(definition: &Definition, standing: &crate::members::Standing) -> Self {
        let progress = definition.ladder.progress(standing);
        Self {
            tier: standing.tier.clone(),
            metric: progress.metric,
            value: progress.value,
            next_tier: progress.next.map(|tier| tier.id.clone()),
            missing: progress.missing,
        }
    }
}
