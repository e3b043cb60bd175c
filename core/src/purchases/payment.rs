//! Paying for a purchase with points.

use super::check::Checked;
use super::model::{Paid, PayWith, PaymentQuote};
use crate::accounts::Payment;
use crate::operation::{Operation, Spending, cause};
use crate::{Code, Error, HoldId, MemberId, Points, PurchaseId, Result, Timestamp, text};

/// What is paid for, by whom and when.
pub(super) struct Paying<'a> {
    pub(super) purchase: PurchaseId,
    pub(super) member: MemberId,
    pub(super) checked: &'a Checked,
    pub(super) at: Timestamp,
}

impl Paying<'_> {
    /// Spends the points that pay for the purchase, if any do. Fails with `INSUFFICIENT_POINTS`,
    /// `HOLD_ENDED` or `INVALID_INPUT`.
    pub(super) fn pay(&self, operation: &mut Operation<'_>) -> Result<Option<Paid>> {
        let Some(pay_with) = self.checked.pay_with else { return Ok(None) };
        let points = match pay_with {
            PayWith::Points(points) => points,
            PayWith::Hold(hold) => self.held(operation, hold)?,
        };
        let terms = operation.program().definition.points().payment;
        let terms = terms.ok_or_else(|| {
            text::invalid("payWith", "the program's points pay for nothing: see [points.payment]")
        })?;
        let amount_minor = self.value(&terms, points, operation)?;
        let spending = self.spending(operation, points, amount_minor);
        let spent = match pay_with {
            PayWith::Points(_) => operation.spend(self.member, &spending),
            PayWith::Hold(hold) => operation.capture(self.member, hold, spending),
        };
        let transaction = spent.map_err(|error| error.at("payWith"))?;
        Ok(Some(Paid { points, amount_minor, transaction }))
    }

    /// What a hold of the member has reserved of the main points.
    fn held(&self, operation: &Operation<'_>, hold: HoldId) -> Result<Points> {
        let open = operation.state(self.member)?.open_hold(hold);
        open.filter(|hold| hold.point_type.is_main()).map(|hold| hold.points).ok_or_else(|| {
            let why = "the member has no such open hold of the program's main points: it was \
                       captured or released, its time is over, or it is another's";
            Error::new(Code::HoldEnded, why).at("holdId").at("payWith")
        })
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

    fn spending(&self, operation: &Operation<'_>, points: Points, amount_minor: i64) -> Spending {
        Spending {
            points,
            point_type: operation.point_type(),
            at: self.at,
            cause: cause::Payment {
                payment: self.purchase,
                reference: self.checked.reference().to_owned(),
                amount_minor,
                revision: operation.program().revision,
            }
            .into(),
            reason: "Paid with points".to_owned(),
            reward: None,
        }
    }
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
    let paid = paid.map(|paid| (paid.points, paid.amount_minor));
    Some(PaymentQuote { most, most_minor: terms.value(most), paid })
}
