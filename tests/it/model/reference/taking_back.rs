//! What follows when something of an order is gone: what it had earned is taken back, and what points
//! had paid of it is given back.

use super::books::Refusal;
use super::portions::Line;
use super::{Gain, Order, Payment, Reference};
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
        order: &mut Order,
        before: &[Line],
        at: Timestamp,
    ) -> Result<Vec<Taken>, Refusal> {
        let none = |account: &String| Taken { account: account.clone(), earned: 0, taken: 0 };
        let mut all: Vec<_> = order.accounts.iter().map(none).collect();
        for (index, gain) in order.gains.iter().enumerate() {
            let earned = earned_by_gone(order, before, index);
            let expired = self.left_out(gain);
            let taken = match gain.transaction {
                Some(transaction) => self.take_earned(transaction, earned, at)?,
                None => 0,
            };
            let left_out = self.left_out(gain) - expired;
            let forgiven = order.forgiven.entry((gain.account, gain.is_bonus)).or_default();
            *forgiven += earned - taken - left_out;
            if !gain.is_bonus {
                all[gain.account].earned += earned;
                all[gain.account].taken += taken;
            }
        }
        Ok(all)
    }

    /// What of a gain was left out because it had expired.
    fn left_out(&self, gain: &Gain) -> i64 {
        let made = gain.transaction.and_then(|index| self.books.transactions[index].made);
        made.map_or(0, |lot| self.books.lots[lot].lost)
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

    /// Gives back what points had paid of what is gone since lines were as before; how many did, and
    /// what they were worth.
    pub(in crate::model) fn refund_share(
        &mut self,
        order: &Order,
        before: &[Line],
        at: Timestamp,
    ) -> Result<(i64, i64), Refusal> {
        let Some(payment) = &order.payment else { return Ok((0, 0)) };
        let (now, then) = (payment.of_gone(&order.lines), payment.of_gone(before));
        Ok((self.refund(payment, now.0 - then.0, at)?, now.1 - then.1))
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
pub(super) fn earned_by_gone(order: &Order, before: &[Line], gain: usize) -> i64 {
    let parts = order.lines.iter().zip(before);
    parts.map(|(line, before)| line.points_gone(gain) - before.points_gone(gain)).sum()
}
