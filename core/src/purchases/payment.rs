//! Paying for a purchase with points: the buyer's own, a gift card's, a group's, one after the other.

use super::check::Checked;
use super::model::{Paid, PaymentQuote};
use super::payers::{Payer, What};
use super::sources::{PaidPart, sources};
use crate::accounts::{OpenHold, Payment, PointType};
use crate::operation::{Operation, Spending, Spent, cause};
use crate::{Code, Error, HoldId, MemberId, Points, PurchaseId, Result, Timestamp, share, text};

/// What is paid for, by whom and when.
pub(super) struct Paying<'a> {
    pub(super) purchase: PurchaseId,
    pub(super) member: MemberId,
    pub(super) checked: &'a Checked,
    /// Who pays, in this order.
    pub(super) payers: &'a [Payer],
    pub(super) at: Timestamp,
}

/// What one of the payers pays.
struct Part<'a> {
    payer: &'a Payer,
    points: Points,
    amount_minor: i64,
}

impl Paying<'_> {
    /// Spends the points that pay for the purchase, if any do. Fails with `INSUFFICIENT_POINTS`,
    /// `HOLD_ENDED` or `INVALID_INPUT`.
    pub(super) fn pay(&self, operation: &mut Operation<'_>) -> Result<Option<Paid>> {
        if self.payers.is_empty() {
            return Ok(None);
        }
        let terms = operation.program().definition.points().payment;
        let terms = terms.ok_or_else(|| {
            text::invalid("payWith", "the program's points pay for nothing: see [points.payment]")
        })?;
        let each = self.points_of_each(operation, &terms)?;
        let points = Points::sum(each.iter().copied())?;
        if points == Points::ZERO && self.checked.sources().len() == self.payers.len() {
            let why = "there is too little to pay with, or too little to be paid";
            return Err(Error::new(Code::InsufficientPoints, why).at("payWith"));
        }
        let amount_minor = self.value(&terms, points, operation)?;
        let measures: Vec<_> = each.iter().map(|points| points.get()).collect();
        let shares = share::shares(Points::new(amount_minor), &measures)?;
        let (mut spent, mut parts) = (Spent::default(), Vec::new());
        for ((payer, points), share) in self.payers.iter().zip(each).zip(shares) {
            if points.is_positive() {
                let part = Part { payer, points, amount_minor: share.get() };
                let taken = self.take(operation, &part, &mut spent);
                parts.extend(taken.map_err(|error| payer.at(error))?);
            }
        }
        let transaction = spent.first()?;
        let sources = sources(&parts, amount_minor)?;
        Ok(Some(Paid { points, amount_minor, transaction, sources }))
    }

    /// Spends what one of the payers pays; returns by which transactions.
    fn take(
        &self,
        operation: &mut Operation<'_>,
        part: &Part<'_>,
        spent: &mut Spent,
    ) -> Result<Vec<PaidPart>> {
        let (account, points) = (part.payer.account, part.points);
        let spending = self.spending(operation, part);
        let taken = match part.payer.what {
            What::Held(hold) => {
                let point_type = held(operation, part.payer, hold)?.point_type.clone();
                let spending = Spending { point_type, ..spending };
                let transaction = operation.capture(account, hold, spending)?;
                operation.spend_with(spent, transaction, points);
                vec![(transaction, points)]
            }
            What::Points(_) | What::AllOfIt => operation.spend_parts(account, &spending, spent)?,
        };
        let kind = part.payer.kind;
        let paid = |(transaction, points)| PaidPart { transaction, account, kind, points };
        Ok(taken.into_iter().map(paid).collect())
    }

    /// How many points each pays: whoever is to pay with all that there is pays what the others leave
    /// of the purchase.
    fn points_of_each(&self, operation: &Operation<'_>, terms: &Payment) -> Result<Vec<Points>> {
        let mut there = Vec::with_capacity(self.payers.len());
        for payer in self.payers {
            there.push(match payer.what {
                What::Points(points) => points,
                What::Held(hold) => held(operation, payer, hold)?.points,
                What::AllOfIt => operation.spendable(payer.account, &PointType::main())?,
            });
        }
        let is_open = |payer: &Payer| matches!(payer.what, What::AllOfIt);
        if !self.payers.iter().any(is_open) {
            return Ok(there);
        }
        let named = self.payers.iter().zip(&there).filter(|(payer, _)| !is_open(payer));
        let named = Points::sum(named.map(|(_, points)| *points))?;
        let total_minor = self.checked.cart.total_minor;
        let most = terms.most(total_minor, Points::sum(there.iter().copied())?);
        let mut left = most.minus(named)?.max(Points::ZERO);
        for (payer, points) in self.payers.iter().zip(&mut there) {
            if is_open(payer) {
                *points = left.min(*points);
                left = left.minus(*points)?;
            }
        }
        Ok(there)
    }

    fn value(&self, terms: &Payment, points: Points, operation: &Operation<'_>) -> Result<i64> {
        let wrong = |why: String| Err(text::invalid("payWith", why));
        if points < terms.min {
            return wrong(format!("at least {} points pay for a purchase", terms.min));
        }
        if points.get() % terms.step.get() != 0 {
            return wrong(format!("use a multiple of {} points", terms.step));
        }
        let currency = operation.program().definition.currency;
        let (value, payable) = (terms.value(points), terms.payable(self.checked.cart.total_minor));
        if value == 0 {
            return wrong(format!("{points} points are worth nothing"));
        }
        if value > payable {
            let (value, payable) = (currency.decimal(value), currency.decimal(payable));
            return wrong(format!(
                "{points} points are worth {value} {currency}, and points pay at most {payable} of this purchase"
            ));
        }
        Ok(value)
    }

    /// What is said of it at the payer, and when. What the buyer pays counts from when the order says;
    /// who else pays does so now, for the card may have been made or loaded since. Another than the buyer
    /// learns which purchase it was, and not what the shop calls it: that is the buyer's, and goes when
    /// the buyer is erased.
    fn spending(&self, operation: &Operation<'_>, part: &Part<'_>) -> Spending {
        let is_own = part.payer.account == self.member;
        let reference = match is_own {
            true => self.checked.reference().to_owned(),
            false => format!(" {}", self.purchase),
        };
        Spending {
            points: part.points,
            point_type: operation.point_type(),
            at: if is_own { self.at } else { operation.program().now },
            cause: cause::Payment {
                payment: self.purchase,
                reference,
                amount_minor: part.amount_minor,
                revision: operation.program().revision,
            }
            .into(),
            reason: "Paid with points".to_owned(),
            reward: None,
        }
    }
}

/// What a hold of the payer has reserved: of any type of points that pays for purchases.
fn held<'o>(operation: &'o Operation<'_>, payer: &Payer, hold: HoldId) -> Result<&'o OpenHold> {
    let open = operation.state(payer.account)?.open_hold(hold).ok_or_else(|| {
        let why = "the member has no such open hold: it was captured or released, its time is over, \
                   or it is another's";
        payer.at(Error::new(Code::HoldEnded, why).at("holdId"))
    })?;
    let pays = operation.program().definition.spend_order(&operation.point_type());
    if !pays.contains(&open.point_type) {
        let of = open.point_type.id();
        let pay: Vec<_> = pays.iter().map(PointType::id).collect();
        let why = format!(
            "the hold is of `{of}`, which pays for no purchase: hold points of `{}`, or name `{of}` \
             in points.spend_order",
            pay.join("`, `")
        );
        return Err(payer.at(text::invalid("holdId", why)));
    }
    Ok(open)
}

/// How points could pay for a cart of a member who can spend so many.
pub(super) fn quoted(
    terms: Option<Payment>,
    total_minor: i64,
    spendable: Points,
    paid: Option<Paid>,
) -> Option<PaymentQuote> {
    let terms = terms?;
    let most = terms.most(total_minor, spendable);
    Some(PaymentQuote { most, most_minor: terms.value(most), paid })
}
