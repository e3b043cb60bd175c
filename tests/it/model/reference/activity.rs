//! Points that last while their owner is active: what an activity moves, whenever it is reported.

use super::books::{Books, State};
use jiff::Timestamp;
use std::collections::BTreeMap;

impl Books {
    /// The owner did something at an instant: what slides lasts on from it, and what has ended that
    /// it would have kept is given back as of when it had ended. Until when this stretch of
    /// activities goes.
    pub(in crate::model) fn act(
        &mut self,
        of: &str,
        at: Timestamp,
        now: Timestamp,
    ) -> Option<Timestamp> {
        self.active.entry(of.to_owned()).or_default().insert(at);
        let mut until = self.terms.lasts_from(at)?;
        let others = self.active.iter().filter(|(name, _)| self.is_of(name, of));
        let mut all: Vec<_> = others.flat_map(|(_, instants)| instants.iter().copied()).collect();
        all.sort();
        for one in all.into_iter().filter(|one| *one > at) {
            if one < until {
                until = until.max(self.terms.lasts_from(one)?);
            }
        }
        if until > now {
            self.move_on(of, until);
        }
        self.restore(of, at, until, now);
        Some(until)
    }

    /// The instant of what slides only moves on.
    pub(in crate::model) fn move_on(&mut self, of: &str, until: Timestamp) {
        let wallet = self.wallet(of);
        wallet.lasts = wallet.lasts.max(Some(until));
    }

    /// Whether there are points, free or held, that last as long as their owner is active.
    pub(in crate::model) fn lasts(&self, of: &str) -> bool {
        let open = self.holds.iter().filter(|hold| hold.state == State::Open && hold.owner == of);
        let held = open.flat_map(|hold| &hold.parts).map(|part| part.lot);
        let free = self.lots_of(of).filter(|lot| self.lots[*lot].remaining > 0);
        held.chain(free).any(|lot| self.lots[lot].slides && self.lots[lot].waits.is_none())
    }

    /// What lasts from an instant on, without an activity then, lasts so long at least.
    pub(in crate::model) fn promise(&mut self, of: &str, at: Timestamp) {
        if let Some(until) = self.terms.lasts_from(at) {
            self.move_on(of, until);
        }
    }

    /// Gives back what ended too early.
    fn restore(&mut self, of: &str, at: Timestamp, until: Timestamp, now: Timestamp) {
        let is_kept = |ended: Timestamp| at < ended && ended < until;
        let kept: Vec<_> =
            self.lots_of(of).filter(|lot| self.lots[*lot].ended.is_some_and(is_kept)).collect();
        let mut back: BTreeMap<Timestamp, Vec<(usize, usize, i64)>> = BTreeMap::new();
        for (index, one) in self.transactions.iter().enumerate() {
            if one.kind != "EXPIRE" || one.voided.is_some() || one.at >= until {
                continue;
            }
            for (part, of) in one.used.iter().enumerate().filter(|(_, of)| kept.contains(&of.lot)) {
                let lot = &self.lots[of.lot];
                let points = (of.points - of.back).min(lot.expired - lot.lost);
                if points > 0 && lot.ended.is_some_and(|ended| one.at >= ended) {
                    back.entry(one.at).or_default().push((index, part, points));
                }
            }
        }
        for lot in kept {
            let lot = &mut self.lots[lot];
            match until > now {
                true => (lot.slides, lot.expires, lot.ended) = (true, None, None),
                false => (lot.expires, lot.ended) = (Some(until), Some(until)),
            }
        }
        for (at, parts) in back {
            let mut sum = 0;
            for (index, part, points) in parts {
                let used = &mut self.transactions[index].used[part];
                used.back += points;
                let lot = &mut self.lots[used.lot];
                lot.expired -= points;
                lot.remaining += points;
                sum += points;
            }
            self.pay(of);
            self.post(of, "RESTORE", sum, at);
        }
    }
}
