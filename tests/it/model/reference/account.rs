//! An account: lots, what is owed, holds, and the statement that tells how it came to them.

use super::terms::Terms;
use crate::model::MOST;
use jiff::Timestamp;
use std::collections::BTreeMap;

pub(in crate::model) type Refusal = &'static str;

/// Points that came together and expire together.
#[derive(Clone, Debug)]
pub(in crate::model) struct Lot {
    pub(in crate::model) expires: Option<Timestamp>,
    pub(in crate::model) amount: i64,
    pub(in crate::model) remaining: i64,
    /// What has expired of it and did not come back.
    pub(in crate::model) expired: i64,
}

/// So many points of the lot with this index.
pub(in crate::model) type Part = (usize, i64);

#[derive(Clone, Debug)]
pub(in crate::model) struct Transaction {
    pub(in crate::model) kind: &'static str,
    pub(in crate::model) points: i64,
    pub(in crate::model) at: Timestamp,
    pub(in crate::model) balance_after: i64,
    /// The lot that it made.
    pub(in crate::model) made: Option<usize>,
    /// Out of which lots it took.
    pub(in crate::model) used: Vec<Part>,
    /// Whether it counts among what was earned.
    pub(in crate::model) counts: bool,
    /// The transaction that made it good.
    pub(in crate::model) voided: Option<usize>,
    /// The purchase that it is about.
    pub(in crate::model) order: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum State {
    Open,
    Captured,
    Released,
    Expired,
}

#[derive(Clone, Debug)]
pub(in crate::model) struct Hold {
    pub(in crate::model) key: String,
    pub(in crate::model) points: i64,
    pub(in crate::model) captured: i64,
    pub(in crate::model) ends: Timestamp,
    pub(in crate::model) ended: Option<Timestamp>,
    pub(in crate::model) state: State,
    parts: Vec<Part>,
}

/// What was taken back of points that had been earned.
pub(in crate::model) struct TakenBack {
    pub(in crate::model) points: i64,
    pub(in crate::model) used: Vec<Part>,
}

#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Account {
    pub(in crate::model) lots: Vec<Lot>,
    pub(in crate::model) owed: i64,
    pub(in crate::model) holds: Vec<Hold>,
    /// In the order in which they were written.
    pub(in crate::model) transactions: Vec<Transaction>,
    pub(in crate::model) purchases: i64,
    pub(in crate::model) spent: i64,
    pub(in crate::model) earned: i64,
}

impl Account {
    pub(in crate::model) fn balance(&self) -> i64 {
        self.lots.iter().map(|lot| lot.remaining).sum::<i64>() - self.owed
    }

    pub(in crate::model) fn held(&self) -> i64 {
        let open = self.holds.iter().filter(|hold| hold.state == State::Open);
        open.map(|hold| hold.points).sum()
    }

    /// What expires, by when.
    pub(in crate::model) fn expiring(&self) -> BTreeMap<Timestamp, i64> {
        let mut expiring = BTreeMap::new();
        for lot in self.lots.iter().filter(|lot| lot.remaining > 0) {
            if let Some(at) = lot.expires {
                *expiring.entry(at).or_default() += lot.remaining;
            }
        }
        expiring
    }

    /// Indexes of the transactions, the last that took effect first.
    pub(in crate::model) fn statement(&self) -> Vec<usize> {
        let mut all: Vec<_> = (0..self.transactions.len()).collect();
        all.sort_by_key(|index| (self.transactions[*index].at, *index));
        all.reverse();
        all
    }

    /// What could be spent at an instant, by all that is known now.
    pub(in crate::model) fn balance_at(&self, at: Timestamp) -> i64 {
        self.transactions.iter().filter(|one| one.at <= at).map(|one| one.points).sum()
    }

    /// Writes a transaction; what it did to lots is done.
    pub(in crate::model) fn post(
        &mut self,
        kind: &'static str,
        points: i64,
        at: Timestamp,
    ) -> &mut Transaction {
        let balance_after = self.balance();
        self.transactions.push(Transaction {
            kind,
            points,
            at,
            balance_after,
            made: None,
            used: Vec::new(),
            counts: false,
            voided: None,
            order: None,
        });
        self.transactions.last_mut().unwrap()
    }

    /// Adds a lot, which pays what is owed first; its index.
    pub(in crate::model) fn credit(
        &mut self,
        points: i64,
        expires: Option<Timestamp>,
    ) -> Result<usize, Refusal> {
        self.lots.push(Lot { expires, amount: points, remaining: points, expired: 0 });
        self.fits()?;
        self.pay();
        Ok(self.lots.len() - 1)
    }

    /// The same for points that count as earned.
    pub(in crate::model) fn earn(
        &mut self,
        points: i64,
        expires: Option<Timestamp>,
    ) -> Result<usize, Refusal> {
        self.earned += points;
        if self.earned > MOST {
            return Err("OVERFLOW");
        }
        self.credit(points, expires)
    }

    /// A wallet keeps room for what is held, which comes back one day.
    fn fits(&self) -> Result<(), Refusal> {
        let is_within = self.balance() + self.held() <= MOST && self.owed <= MOST;
        is_within.then_some(()).ok_or("OVERFLOW")
    }

    /// Takes points that may be spent.
    pub(in crate::model) fn spend(&mut self, points: i64) -> Result<Vec<Part>, Refusal> {
        if points > self.balance() {
            return Err("INSUFFICIENT_POINTS");
        }
        Ok(self.take(points, &[]))
    }

    /// Takes points out of some lots first, then out of those that expire first.
    fn take(&mut self, points: i64, first: &[usize]) -> Vec<Part> {
        let mut open: Vec<_> =
            (0..self.lots.len()).filter(|lot| self.lots[*lot].remaining > 0).collect();
        open.sort_by_key(|lot| {
            let expires = self.lots[*lot].expires;
            (!first.contains(lot), expires.is_none(), expires, *lot)
        });
        let (mut missing, mut parts) = (points, Vec::new());
        for lot in open {
            let taken = missing.min(self.lots[lot].remaining);
            if taken > 0 {
                self.lots[lot].remaining -= taken;
                missing -= taken;
                parts.push((lot, taken));
            }
        }
        assert_eq!(missing, 0, "the reference has too few points in its lots");
        parts
    }

    /// What came in pays what is owed.
    fn pay(&mut self) {
        let open: i64 = self.lots.iter().map(|lot| lot.remaining).sum();
        let paid = self.owed.min(open);
        self.take(paid, &[]);
        self.owed -= paid;
    }

    /// Takes points back that came with a lot: out of it, then out of those that expire first; what
    /// was spent is owed as far as the terms go.
    pub(in crate::model) fn take_back(
        &mut self,
        points: i64,
        lot: usize,
        terms: &Terms,
    ) -> Result<TakenBack, Refusal> {
        let there = points.min(self.balance().max(0));
        let used = self.take(there, &[lot]);
        let owed = match terms.may_owe {
            None => points - there,
            Some(most) => (points - there).min((most + self.held() - self.owed).max(0)),
        };
        self.owed += owed;
        self.fits()?;
        Ok(TakenBack { points: there + owed, used })
    }

    /// Gives points back to where they came from. A lot whose time is over lasts for the days of
    /// grace from now on.
    pub(in crate::model) fn give_back(
        &mut self,
        parts: &[Part],
        now: Timestamp,
        terms: &Terms,
    ) -> Result<(), Refusal> {
        for (lot, points) in parts {
            let lot = &mut self.lots[*lot];
            lot.remaining += points;
            if lot.expires.is_some_and(|at| at <= now) {
                lot.expires = Some(now + terms.grace());
            }
        }
        self.fits()?;
        self.pay();
        Ok(())
    }

    pub(in crate::model) fn hold(
        &mut self,
        key: &str,
        points: i64,
        now: Timestamp,
        ends: Timestamp,
    ) -> Result<(), Refusal> {
        let parts = self.spend(points)?;
        self.post("HOLD", -points, now);
        self.holds.push(Hold {
            key: key.to_owned(),
            points,
            captured: 0,
            ends,
            ended: None,
            state: State::Open,
            parts,
        });
        Ok(())
    }

    /// Ends an open hold: what it reserved is where it came from, what is captured is spent out of
    /// it, the rest pays what is owed, and what is over by then expires.
    pub(in crate::model) fn end_hold(
        &mut self,
        hold: usize,
        state: State,
        captured: i64,
        at: Timestamp,
    ) {
        let Hold { points, parts, .. } = self.holds[hold].clone();
        let ended = &mut self.holds[hold];
        (ended.state, ended.captured, ended.ended) = (state, captured, Some(at));
        for (lot, points) in &parts {
            self.lots[*lot].remaining += points;
        }
        self.post("RELEASE", points, at);
        if captured > 0 {
            let lots: Vec<_> = parts.iter().map(|(lot, _)| *lot).collect();
            let used = self.take(captured, &lots);
            self.post("SPEND", -captured, at).used = used;
        }
        self.pay();
        self.expire(at, Some(at));
    }

    /// Does what has happened by itself until now.
    pub(in crate::model) fn settle(&mut self, now: Timestamp) {
        let is_over = |hold: &Hold| hold.state == State::Open && hold.ends <= now;
        while let Some(hold) = (0..self.holds.len())
            .filter(|hold| is_over(&self.holds[*hold]))
            .min_by_key(|hold| (self.holds[*hold].ends, *hold))
        {
            let ends = self.holds[hold].ends;
            self.expire(ends, None);
            self.end_hold(hold, State::Expired, 0, ends);
        }
        self.expire(now, None);
    }

    /// Expires what is over by `now`; what was reserved until `free_since` expires then.
    fn expire(&mut self, now: Timestamp, free_since: Option<Timestamp>) {
        let mut due: BTreeMap<Timestamp, Vec<Part>> = BTreeMap::new();
        for (index, lot) in self.lots.iter().enumerate().filter(|(_, lot)| lot.remaining > 0) {
            if let Some(at) = lot.expires.filter(|at| *at <= now) {
                let at = free_since.map_or(at, |since| since.max(at));
                due.entry(at).or_default().push((index, lot.remaining));
            }
        }
        for (at, parts) in due {
            let points: i64 = parts.iter().map(|(_, points)| points).sum();
            for (lot, points) in &parts {
                self.lots[*lot].remaining -= points;
                self.lots[*lot].expired += points;
            }
            self.post("EXPIRE", -points, at).used = parts;
        }
    }
}
