//! What is given, spent, owed, taken back and given back.

use super::books::{Books, Lot, Refusal, Use, bonus_of, is_bonus};
use crate::model::MOST;
use jiff::Timestamp;

/// How long points last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Lasting {
    Until(Option<Timestamp>),
    /// As long as their owner is active.
    Sliding,
}

/// What was taken back of points that had been earned.
pub(in crate::model) struct TakenBack {
    pub(in crate::model) points: i64,
    pub(in crate::model) used: Vec<Use>,
}

impl Books {
    pub(in crate::model) fn add_lot(&mut self, of: &str, points: i64, lasting: Lasting) -> usize {
        let expires = if let Lasting::Until(at) = lasting { at } else { None };
        self.lots.push(Lot {
            owner: of.to_owned(),
            maker: of.to_owned(),
            expires,
            slides: lasting == Lasting::Sliding,
            ended: None,
            graced: false,
            waits: None,
            amount: points,
            remaining: points,
            expired: 0,
            lost: 0,
        });
        self.lots.len() - 1
    }

    /// Adds a lot, which pays what is owed first; its index.
    pub(in crate::model) fn credit(
        &mut self,
        of: &str,
        points: i64,
        lasting: Lasting,
    ) -> Result<usize, Refusal> {
        let lot = self.add_lot(of, points, lasting);
        self.fits(of)?;
        self.pay(of);
        Ok(lot)
    }

    /// Counts points as earned.
    pub(in crate::model) fn count_earned(&mut self, of: &str, points: i64) -> Result<(), Refusal> {
        self.count(of).earned += points;
        if self.counted(of).earned > MOST { Err("OVERFLOW") } else { Ok(()) }
    }

    /// A wallet keeps room for what is held, which comes back one day.
    pub(in crate::model) fn fits(&self, of: &str) -> Result<(), Refusal> {
        let all = self.balance(of) + self.held(of) + self.pending(of);
        let is_within = all <= MOST && self.owed(of) <= MOST;
        is_within.then_some(()).ok_or("OVERFLOW")
    }

    /// Takes points that may be spent.
    pub(in crate::model) fn spend(&mut self, of: &str, points: i64) -> Result<Vec<Use>, Refusal> {
        if points > self.balance(of) {
            return Err("INSUFFICIENT_POINTS");
        }
        Ok(self.take(of, points, &[]))
    }

    /// Spends points on what costs main ones: of the second type first, where that pays too. The
    /// transactions.
    pub(in crate::model) fn spend_all(
        &mut self,
        of: &str,
        points: i64,
        at: Timestamp,
    ) -> Result<Vec<usize>, Refusal> {
        let wallets = match self.terms.bonus {
            true => vec![bonus_of(of), of.to_owned()],
            false => vec![of.to_owned()],
        };
        if points > self.spendable(of) {
            return Err("INSUFFICIENT_POINTS");
        }
        let (mut missing, mut spent) = (points, Vec::new());
        for wallet in wallets {
            let share = missing.min(self.balance(&wallet).max(0));
            if share > 0 {
                let used = self.take(&wallet, share, &[]);
                self.post(&wallet, "SPEND", -share, at).used = used;
                spent.push(self.last());
                missing -= share;
            }
        }
        Ok(spent)
    }

    /// What can be spent on what costs main points.
    pub(in crate::model) fn spendable(&self, of: &str) -> i64 {
        let bonus = if self.terms.bonus { self.balance(&bonus_of(of)).max(0) } else { 0 };
        // Nothing costs more than one wallet can hold.
        (self.balance(of).max(0) + bonus).min(MOST)
    }

    /// Takes points out of some lots first, then out of those that expire first.
    pub(in crate::model) fn take(&mut self, of: &str, points: i64, first: &[usize]) -> Vec<Use> {
        let is_open =
            |lot: &usize| self.lots[*lot].remaining > 0 && self.lots[*lot].waits.is_none();
        let mut open: Vec<_> = self.lots_of(of).filter(is_open).collect();
        open.sort_by_key(|lot| {
            let expires = self.end_of(*lot);
            (!first.contains(lot), expires.is_none(), expires, *lot)
        });
        let (mut missing, mut parts) = (points, Vec::new());
        for lot in open {
            let taken = missing.min(self.lots[lot].remaining);
            if taken > 0 {
                self.lots[lot].remaining -= taken;
                missing -= taken;
                parts.push(Use { lot, points: taken, back: 0 });
            }
        }
        assert_eq!(missing, 0, "the reference has too few points in its lots");
        parts
    }

    /// What came in pays what is owed.
    pub(in crate::model) fn pay(&mut self, of: &str) {
        let paid = self.owed(of).min(self.open(of));
        self.take(of, paid, &[]);
        self.wallet(of).owed -= paid;
    }

    /// Takes points back that came with a lot: out of it, then out of those that expire first; what
    /// was spent is owed as far as the terms go.
    pub(in crate::model) fn take_back(
        &mut self,
        points: i64,
        lot: usize,
    ) -> Result<TakenBack, Refusal> {
        let of = self.lots[lot].owner.clone();
        let there = points.min(self.balance(&of).max(0));
        let used = self.take(&of, there, &[lot]);
        let owed = match self.terms.may_owe.filter(|_| !is_bonus(&of)) {
            None => points - there,
            Some(most) => (points - there).min((most + self.held(&of) - self.owed(&of)).max(0)),
        };
        self.wallet(&of).owed += owed;
        self.fits(&of)?;
        Ok(TakenBack { points: there + owed, used })
    }

    /// Takes back what a transaction gave: out of its lot first. What has expired of it is left out,
    /// once. A transaction of the kind says so if there was something to take.
    pub(in crate::model) fn take_given(
        &mut self,
        given: usize,
        points: i64,
        kind: &'static str,
        at: Timestamp,
    ) -> Result<i64, Refusal> {
        let Some(lot) = self.transactions[given].made else { return Ok(0) };
        let owner = self.lots[lot].owner.clone();
        if self.lots[lot].waits.is_some() {
            let taken = points.min(self.lots[lot].remaining);
            self.lots[lot].remaining -= taken;
            self.transactions[given].taken += taken;
            if taken > 0 {
                self.post(&owner, kind, -taken, at).is_aside = true;
            }
            return Ok(taken);
        }
        let in_lot = points.min(self.lots[lot].remaining);
        let expired = self.lots[lot].expired - self.lots[lot].lost;
        let leave = (points - in_lot).min(expired);
        self.lots[lot].lost += leave;
        let taken = self.take_back(points - leave, lot)?;
        self.transactions[given].taken += taken.points;
        if taken.points > 0 {
            self.post(&owner, kind, -taken.points, at).used = taken.used;
        }
        Ok(taken.points)
    }

    /// Gives points back to where they came from, as far as a transaction has not yet. A lot whose
    /// time is over lasts for the days of grace from now on, and one that does so already anew. How many came back, by whose they are:
    /// a transaction of each.
    pub(in crate::model) fn give_back(
        &mut self,
        parts: &[(usize, i64)],
        kind: &'static str,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<usize>, Refusal> {
        let mut owners: Vec<(String, i64)> = Vec::new();
        for (lot, points) in parts.iter().filter(|(_, points)| *points > 0) {
            let is_over = self.end_of(*lot).is_some_and(|at| at <= now);
            let grace = now + self.terms.grace();
            let lot = &mut self.lots[*lot];
            lot.remaining += points;
            if is_over {
                (lot.slides, lot.expires, lot.graced) = (false, Some(grace), true);
            } else if lot.graced {
                lot.expires = lot.expires.max(Some(grace));
            }
            match owners.iter_mut().find(|(owner, _)| *owner == lot.owner) {
                Some((_, sum)) => *sum += points,
                None => owners.push((lot.owner.clone(), *points)),
            }
        }
        let mut posted = Vec::new();
        for (owner, points) in owners {
            self.fits(&owner)?;
            self.pay(&owner);
            self.post(&owner, kind, points, at);
            posted.push(self.last());
        }
        Ok(posted)
    }
}
