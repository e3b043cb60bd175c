//! What an order earns: for each account that it counts for, of each type of points.

use super::books::{Refusal, bonus_of, is_bonus};
use super::portions::{Line, Measure, shares};
use super::terms::{BONUS_PER, PURCHASE_MAX, THANKS};
use super::{Gain, Reference};
use crate::model::MOST;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What is earned for so much: how many points each account gets.
#[derive(Clone, Debug)]
pub(in crate::model) struct Earned {
    pub(in crate::model) account: String,
    pub(in crate::model) points: i64,
    /// What caps of a period or of the balance cut of it.
    pub(in crate::model) cut: i64,
    pub(in crate::model) bonus: i64,
}

impl Reference {
    /// What so much money earns each of some accounts, of which some may have more room in a moment.
    /// What is too much is cut, as long as that is a number of points.
    pub(in crate::model) fn appraise(
        &self,
        accounts: &[String],
        paid: i64,
        at: Timestamp,
        makes_room: impl Fn(&str) -> i64,
    ) -> Result<Vec<Earned>, Refusal> {
        let proposed = paid / 100 + THANKS;
        let most = proposed.min(PURCHASE_MAX);
        if proposed - most > MOST {
            return Err("OVERFLOW");
        }
        let mut all = Vec::new();
        for account in accounts {
            let room = self.room(account, at, makes_room(account));
            if room < most && self.terms.caps.is_some_and(|caps| caps.refuses) {
                return Err("CAP_REACHED");
            }
            let bonus = if self.terms.bonus { paid / BONUS_PER } else { 0 };
            let points = most.min(room);
            let cut = self.of_one(most) - points;
            all.push(Earned { account: account.clone(), points, cut, bonus });
        }
        Ok(all)
    }

    /// What one purchase gives of so many points, whatever else somebody got.
    pub(in crate::model) fn of_one(&self, points: i64) -> i64 {
        let cap = self.terms.caps.and_then(|caps| caps.transaction);
        points.min(cap.unwrap_or(i64::MAX))
    }

    /// Gives what was earned. What each has got, by transaction.
    pub(in crate::model) fn give_all(
        &mut self,
        earned: &[Earned],
        at: Timestamp,
        (order, batch): (&str, usize),
    ) -> Result<Vec<Gain>, Refusal> {
        let mut gains = Vec::new();
        for (account, Earned { account: name, points, cut, bonus }) in earned.iter().enumerate() {
            for (wallet, points, cut) in
                [(name.clone(), *points, *cut), (bonus_of(name), *bonus, 0)]
            {
                let transaction = self.earn(&wallet, points, at, Some(order))?;
                let is_bonus = is_bonus(&wallet);
                if points > 0 || !is_bonus {
                    gains.push(Gain { account, is_bonus, points, cut, transaction, batch });
                }
            }
        }
        Ok(gains)
    }

    /// Counts a purchase for its accounts, and at the buyer.
    pub(in crate::model) fn count_order(
        &mut self,
        buyer: &str,
        accounts: &[String],
        paid: i64,
    ) -> Result<(), Refusal> {
        for account in accounts {
            let counts = self.books.count(account);
            counts.purchases += 1;
            counts.spent = counts.spent.checked_add(paid).ok_or("OVERFLOW")?;
        }
        self.books.count(buyer).for_groups += i64::from(!accounts.iter().any(|one| one == buyer));
        Ok(())
    }

    /// The same of an order of which nothing is left.
    pub(in crate::model) fn uncount_order(&mut self, buyer: &str, accounts: &[String]) {
        for account in accounts {
            self.books.count(account).purchases -= 1;
        }
        self.books.count(buyer).for_groups -= i64::from(!accounts.iter().any(|one| one == buyer));
    }

    /// What each account has got, as a receipt says it.
    pub(in crate::model) fn accruals(&self, earned: &[Earned], gains: &[Gain]) -> Vec<Value> {
        let of_account = |(index, one): (usize, &Earned)| {
            let account = self.books.root(&one.account);
            let own = gains.iter().filter(|gain| gain.account == index && !gain.is_bonus);
            let waits = own.filter(|gain| {
                gain.transaction
                    .is_some_and(|index| self.books.transactions[index].kind == "PENDING")
            });
            let pending: i64 = waits.map(|gain| gain.points).sum();
            let others: Vec<_> = match one.bonus {
                0 => Vec::new(),
                bonus => vec![json!({ "points": bonus })],
            };
            json!({
                "balance": self.balance(&account), "pointsEarned": one.points,
                "pointsPending": pending, "otherPoints": others,
            })
        };
        earned.iter().enumerate().map(of_account).collect()
    }
}

/// Shares gains among what has earned them: the last portion of each line, by amount, or by number
/// where nothing costs anything. The first of the gains has this index.
pub(in crate::model) fn share(lines: &mut [&mut Line], gains: &[Gain], first: usize) {
    let measures: Vec<_> = lines.iter().map(|line| line.portions.last().unwrap().of).collect();
    let is_free = measures.iter().all(|measure| measure.amount == 0);
    let by = |of: &Measure| if is_free { of.quantity } else { of.amount };
    let measures: Vec<_> = measures.iter().map(by).collect();
    for (gain, index) in gains.iter().zip(first..) {
        for (line, points) in lines.iter_mut().zip(shares(gain.points, &measures)) {
            line.portions.last_mut().unwrap().points.insert(index, points);
        }
    }
}

/// The main points that some gains brought an account.
pub(in crate::model) fn main_points(gains: &[Gain], account: Option<usize>) -> i64 {
    let own = gains.iter().filter(|gain| !gain.is_bonus && Some(gain.account) == account);
    own.map(|gain| gain.points).sum()
}
