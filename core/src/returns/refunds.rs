//! Giving back points that had paid for what came back: to whoever paid, what was spent last first.

use super::bought::Bought;
use super::effect::{By, Effect};
use super::model::{Refund, RefundedTo};
use super::rows::{KnownRow, PaymentRow};
use crate::operation::{Cause, Operation, Refunded, Refunding, cause};
use crate::{Points, Result, TransactionId, share};

/// What went back of what one of the payments had paid.
#[derive(Clone, Copy)]
struct Back<'b> {
    payment: &'b PaymentRow,
    points: Points,
    transaction: TransactionId,
}

impl Effect<'_> {
    /// Gives back the points that had paid for what came back. What somebody had paid who was erased
    /// since is nobody's, and nobody else gets it.
    pub(super) fn refund(
        &self,
        operation: &mut Operation<'_>,
    ) -> Result<(Refund, Vec<RefundedTo>)> {
        let (due, amount_minor) = self.paid;
        let (mut counted, mut all) = (Points::ZERO, Vec::new());
        let mut shown: Option<Refunded> = None;
        let nobodys =
            self.bought.nobodys(|payment| operation.is_erased(payment.account_id), due)?;
        for (payment, nobodys) in self.bought.payments.iter().zip(nobodys).rev() {
            if let Some(points) = nobodys {
                counted = counted.plus(points)?;
                continue;
            }
            for refunded in self.refund_of(operation, payment.id, due.minus(counted)?)? {
                let Refunded { points, transaction, .. } = refunded;
                counted = counted.plus(points)?;
                all.push(Back { payment, points, transaction });
                let is_own = |one: &Refunded| one.member == self.bought.row.member_id;
                shown = shown.filter(is_own).or(Some(refunded));
            }
        }
        let points = Points::sum(all.iter().map(|back| back.points))?;
        let transaction = shown.map(|one| one.transaction);
        Ok((Refund { points, amount_minor, transaction }, to_whom(&all, amount_minor)?))
    }

    fn refund_of(
        &self,
        operation: &mut Operation<'_>,
        payment: TransactionId,
        points: Points,
    ) -> Result<Vec<Refunded>> {
        let revision = operation.program().revision;
        let row = &self.bought.row;
        let own = (self.by.reference().to_owned(), row.reference.clone());
        // What the shop calls both is the buyer's, and goes when the buyer is erased.
        let of_nobody = (format!(" {}", self.return_id()), format!(" {}", row.id));
        operation.refund(&Refunding {
            payment,
            used: self.found.used.get(&payment).map_or(&[], Vec::as_slice),
            points,
            at: self.at,
            buyer: row.member_id,
            cause: self.refund_cause(payment, own, revision),
            cause_for_others: self.refund_cause(payment, of_nobody, revision),
        })
    }

    fn refund_cause(
        &self,
        payment: TransactionId,
        (reference, purchase_reference): (String, String),
        revision: u32,
    ) -> Cause {
        let return_id = self.return_id();
        match self.by {
            By::Return(_) | By::Group(..) => {
                cause::Refund { return_id, reference, payment, purchase_reference, revision }.into()
            }
            By::Edit(edit, _) => {
                cause::EditRefund { edit, reference, payment, purchase_reference, revision }.into()
            }
        }
    }
}

impl Bought {
    /// Of each payment that is nobody's how many of the points are its that are due now; of the others
    /// nothing, for what they have is known. What is due is counted from the last payment on, behind what
    /// was due before.
    fn nobodys(
        &self,
        is_nobodys: impl Fn(&PaymentRow) -> bool,
        due: Points,
    ) -> Result<Vec<Option<Points>>> {
        let had = self.row.paid_points.minus(self.paid_left()?.0)?.max(Points::ZERO);
        let sizes: Vec<_> = self.payments.iter().map(|payment| payment.points).collect();
        let shares = last_first(&sizes, had, due)?;
        let share = |(payment, share)| is_nobodys(payment).then_some(share);
        Ok(self.payments.iter().zip(shares).map(share).collect())
    }

    /// To whom an earlier return, or an edit, gave points back.
    pub(super) fn refunds_of(&self, known: &KnownRow) -> Result<Vec<RefundedTo>> {
        let mut its: Vec<_> =
            self.refunds.iter().filter(|row| row.is_of(known.id, known.edit_id)).collect();
        its.sort_by_key(|row| row.id);
        its.dedup_by_key(|row| row.id);
        let mut all = Vec::with_capacity(its.len());
        for payment in self.payments.iter().rev() {
            let of_it = its.iter().filter(|row| row.payment_id == payment.id);
            all.extend(of_it.map(|row| Back { payment, points: row.points, transaction: row.id }));
        }
        to_whom(&all, known.paid_minor)
    }
}

/// How many of points that are due now fall to each of some parts, the last first, when so many were due
/// before.
fn last_first(sizes: &[Points], had: Points, due: Points) -> Result<Vec<Points>> {
    let (mut before, mut left) = (had, due);
    let mut shares = Vec::with_capacity(sizes.len());
    for size in sizes.iter().rev() {
        let gone = before.min(*size);
        let share = size.minus(gone)?.min(left);
        (before, left) = (before.minus(gone)?, left.minus(share)?);
        shares.push(share);
    }
    shares.reverse();
    Ok(shares)
}

/// What went back to each of those who had paid.
fn to_whom(all: &[Back<'_>], amount_minor: i64) -> Result<Vec<RefundedTo>> {
    let mut to: Vec<RefundedTo> = Vec::new();
    for Back { payment, points, transaction } in all.iter().copied() {
        match to.iter_mut().find(|one| one.member == payment.payer_id) {
            Some(one) => one.points = one.points.plus(points)?,
            None => to.push(RefundedTo {
                member: payment.payer_id,
                kind: payment.payer(),
                points,
                amount_minor: 0,
                transaction,
            }),
        }
    }
    if to.is_empty() {
        return Ok(to);
    }
    let measures: Vec<_> = to.iter().map(|one| one.points.get()).collect();
    let shares = share::shares(Points::new(amount_minor), &measures)?;
    for (one, share) in to.iter_mut().zip(shares) {
        one.amount_minor = share.get();
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_falls_to_the_last_first() {
        let points = |all: [i64; 3]| all.map(Points::new);
        let sizes = points([30, 20, 10]);
        for (had, due, expected) in [
            (0, 5, [0, 0, 5]),
            (5, 10, [0, 5, 5]),
            (15, 5, [0, 5, 0]),
            (20, 40, [30, 10, 0]),
            (0, 60, [30, 20, 10]),
            (60, 0, [0, 0, 0]),
        ] {
            let shares = last_first(&sizes, Points::new(had), Points::new(due)).unwrap();
            assert_eq!(shares, points(expected), "{had} {due}");
        }
    }
}
