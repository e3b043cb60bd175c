//! What happens by itself: points expire, holds end, what was pending can be spent.

use super::books::{Books, Hold, Lot, Refusal, State, Use, Waits, bonus_of, is_bonus, member_of};
use super::taking::Lasting;
use jiff::Timestamp;
use std::collections::BTreeMap;

impl Books {
    pub(in crate::model) fn hold(
        &mut self,
        of: &str,
        (name, key): (String, &str),
        points: i64,
        (now, ends): (Timestamp, Timestamp),
    ) -> Result<(), Refusal> {
        let parts = self.spend(of, points)?;
        self.post(of, "HOLD", -points, now);
        self.holds.push(Hold {
            owner: of.to_owned(),
            name,
            member: of.to_owned(),
            key: key.to_owned(),
            points,
            captured: 0,
            ends,
            ended: None,
            state: State::Open,
            has_paid: false,
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
        let Hold { points, parts, owner, .. } = self.holds[hold].clone();
        let ended = &mut self.holds[hold];
        (ended.state, ended.captured, ended.ended) = (state, captured, Some(at));
        for part in &parts {
            self.lots[part.lot].remaining += part.points;
        }
        self.post(&owner, "RELEASE", points, at);
        if captured > 0 {
            let lots: Vec<_> = parts.iter().map(|part| part.lot).collect();
            let used = self.take(&owner, captured, &lots);
            self.post(&owner, "SPEND", -captured, at).used = used;
        }
        self.pay(&owner);
        self.expire(&owner, at, Some(at));
    }

    /// Does what has happened by itself until now to whoever has a wallet, in the order of time.
    pub(in crate::model) fn settle(&mut self, of: &str, now: Timestamp) {
        let of = member_of(of);
        let due_lot = |books: &Self| {
            let waiting = books.first_waiting(of, now).into_iter().map(|(at, lot)| (at, 1, lot));
            let is_over = |hold: &Hold| hold.state == State::Open && hold.ends <= now;
            let holds = (0..books.holds.len())
                .filter(|hold| books.holds[*hold].owner == of && is_over(&books.holds[*hold]))
                .map(|hold| (books.holds[hold].ends, 0, hold));
            waiting.chain(holds).min()
        };
        while let Some((at, what, index)) = due_lot(self) {
            self.expire(of, at, None);
            match what {
                0 => self.end_hold(index, State::Expired, 0, at),
                _ => self.activate(index, at, now),
            }
        }
        self.expire(of, now, None);
    }

    /// Lets be spent what was pending until now.
    pub(in crate::model) fn activate_due(&mut self, of: &str, now: Timestamp) {
        while let Some((at, lot)) = self.first_waiting(of, now) {
            self.activate(lot, at, now);
        }
    }

    /// What is the first to be spent of what was pending until now, and not cancelled.
    fn first_waiting(&self, of: &str, now: Timestamp) -> Option<(Timestamp, usize)> {
        let left = self.lots_of(of).filter(|lot| self.lots[*lot].remaining > 0);
        let due = left.filter_map(|lot| match self.lots[lot].waits {
            Some(Waits::Until(at)) if at <= now => Some((at, lot)),
            _ => None,
        });
        due.min()
    }

    /// Lets pending points be spent.
    pub(in crate::model) fn activate(&mut self, lot: usize, at: Timestamp, now: Timestamp) {
        let owner = self.lots[lot].owner.clone();
        let points = self.lots[lot].remaining;
        match self.terms.lasting(false, at) {
            Lasting::Until(at) => self.lots[lot].expires = at,
            // As if the member had been active.
            Lasting::Sliding => match self.act(&owner, at, now) {
                Some(until) if until <= now => {
                    (self.lots[lot].expires, self.lots[lot].ended) = (Some(until), Some(until));
                }
                _ => self.lots[lot].slides = true,
            },
        }
        // What the activity gives back is written before it.
        self.lots[lot].waits = None;
        let made = self.find(|one| one.made == Some(lot)).unwrap();
        let order = self.transactions[made].order.clone();
        let counts = self.transactions[made].counts_for.clone();
        self.count(&counts).earned += points;
        self.pay(&owner);
        let earned = self.post(&owner, "EARN", points, at);
        (earned.made, earned.counts, earned.order) = (Some(lot), true, order);
        earned.counts_for = counts;
    }

    /// Expires what is over by `now`, in both wallets; what was reserved until `free_since` expires
    /// then.
    pub(in crate::model) fn expire(
        &mut self,
        of: &str,
        now: Timestamp,
        free_since: Option<Timestamp>,
    ) {
        self.expire_some(of, now, free_since, |_| true);
    }

    /// The same but of what slides: more may be reported that keeps it.
    pub(in crate::model) fn expire_but_what_slides(&mut self, of: &str, now: Timestamp) {
        self.expire_some(of, now, None, |lot| !lot.slides && lot.ended.is_none());
    }

    fn expire_some(
        &mut self,
        of: &str,
        now: Timestamp,
        free_since: Option<Timestamp>,
        is_meant: impl Fn(&Lot) -> bool,
    ) {
        let mut due: BTreeMap<(Timestamp, bool), Vec<Use>> = BTreeMap::new();
        let wallets = [bonus_of(of), of.to_owned()];
        let own = wallets.iter().flat_map(|of| self.lots_of(of));
        let own = own.filter(|lot| self.lots[*lot].waits.is_none() && is_meant(&self.lots[*lot]));
        let own: Vec<_> = own.collect();
        for index in own {
            let Some(at) = self.end_of(index).filter(|at| *at <= now) else { continue };
            let lot = &mut self.lots[index];
            if lot.slides {
                (lot.slides, lot.expires, lot.ended) = (false, Some(at), Some(at));
            }
            if lot.remaining > 0 {
                let at = free_since.map_or(at, |since| since.max(at));
                let all = Use { lot: index, points: lot.remaining, back: 0 };
                // The main points first.
                due.entry((at, is_bonus(&lot.owner))).or_default().push(all);
            }
        }
        for ((at, _), parts) in due {
            let owner = self.lots[parts[0].lot].owner.clone();
            let points: i64 = parts.iter().map(|part| part.points).sum();
            for part in &parts {
                self.lots[part.lot].remaining -= part.points;
                self.lots[part.lot].expired += part.points;
            }
            self.post(&owner, "EXPIRE", -points, at).used = parts;
        }
    }
}
