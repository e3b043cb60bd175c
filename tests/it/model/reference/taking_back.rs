//! What follows when something of an order is gone: what it had earned is taken back, and what points
//! had paid of it is given back.

use super::books::Refusal;
use super::portions::{Line, up_to};
use super::{Order, Payment, Reference};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What was taken back of an account.
#[derive(Clone, Debug)]
pub(in crate::model) struct Taken {
    account: String,
    pub(in crate::model) earned: i64,
    pub(in crate::model) taken: i64,
}

impl Reference {
    /// Takes back what had been earned by what is gone of an order since its lines were as before.
    /// What of the main points that was, by account.
    pub(in crate::model) fn take_gains(
        &mut self,
        order: &Order,
        before: &[Line],
        at: Timestamp,
    ) -> Result<Vec<Taken>, Refusal> {
        let none = |account: &String| Taken { account: account.clone(), earned: 0, taken: 0 };
        let mut all: Vec<_> = order.accounts.iter().map(none).collect();
        for (index, gain) in order.gains.iter().enumerate() {
            let earned = earned_by_gone(order, before, index);
            let taken = match gain.transaction {
                Some(transaction) => self.take_earned(transaction, earned, at)?,
                None => 0,
            };
            if !gain.is_bonus {
                all[gain.account].earned += earned;
                all[gain.account].taken += taken;
            }
        }
        Ok(all)
    }

    /// What was taken back, as a receipt says it.
    pub(in crate::model) fn accruals_taken(&self, all: &[Taken]) -> Vec<Value> {
        let one = |one: &Taken| {
            let account = self.books.root(&one.account);
            json!({
                "balance": self.balance(&account), "pointsEarned": one.earned,
                "pointsTaken": one.taken,
            })
        };
        all.iter().map(one).collect()
    }

    /// What of an order an account has lost: earned, and taken.
    pub(in crate::model) fn taken_of(&self, all: &[Taken], of: &str) -> (i64, i64) {
        let own = all.iter().filter(|one| self.books.root(&one.account) == of);
        own.fold((0, 0), |sum, one| (sum.0 + one.earned, sum.1 + one.taken))
    }

    /// Takes back what a referral paid that is completed no longer, as nothing is left that the
    /// buyer bought.
    pub(in crate::model) fn reverse_referrals(
        &mut self,
        of: &str,
        at: Timestamp,
    ) -> Result<i64, Refusal> {
        if self.books.counted(of).made() > 0 {
            return Ok(0);
        }
        let mut taken = 0;
        let all: Vec<_> = self.members.keys().cloned().collect();
        for name in all {
            if self.books.is_of(&name, of) {
                taken += self.reverse_referral(&name, at)?;
            }
        }
        Ok(taken)
    }

    /// Gives back what points had paid of so much that came back; how many did, and what of the
    /// amount they had paid.
    pub(in crate::model) fn refund_share(
        &mut self,
        order: &mut Order,
        amount: i64,
        at: Timestamp,
    ) -> Result<(i64, i64), Refusal> {
        let Some(payment) = &mut order.payment else { return Ok((0, 0)) };
        let (before, of) = (payment.back, i128::from(payment.of));
        payment.back += amount;
        let (points, worth, after) = (payment.points, payment.worth, payment.back);
        let share = |whole: i64| match of {
            0 => 0,
            of => up_to(whole, after.into(), of) - up_to(whole, before.into(), of),
        };
        let payment = payment.clone();
        Ok((self.refund(&payment, share(points), at)?, share(worth)))
    }

    /// Gives points back that had paid, the last first: of each payment to what expires last.
    pub(in crate::model) fn refund(
        &mut self,
        payment: &Payment,
        points: i64,
        at: Timestamp,
    ) -> Result<i64, Refusal> {
        let now = self.now;
        let (books, mut missing, mut refunded) = (&mut self.books, points, 0);
        for transaction in payment.transactions.iter().rev() {
            let mut uses: Vec<usize> = (0..books.transactions[*transaction].used.len()).collect();
            uses.sort_by_key(|one| {
                let lot = books.transactions[*transaction].used[*one].lot;
                let end = books.end_of(lot);
                (end.is_none(), end, lot)
            });
            let mut parts = Vec::new();
            for one in uses.into_iter().rev() {
                let one = &mut books.transactions[*transaction].used[one];
                let back = missing.min(one.points - one.back);
                one.back += back;
                missing -= back;
                refunded += back;
                parts.push((one.lot, back));
            }
            books.give_back(&parts, "REFUND", at, now)?;
        }
        Ok(refunded)
    }
}

/// What the part of an order had earned of one of its gains that is gone since.
fn earned_by_gone(order: &Order, before: &[Line], gain: usize) -> i64 {
    let parts = order.lines.iter().zip(before);
    parts.map(|(line, before)| line.points_gone(gain) - before.points_gone(gain)).sum()
}
