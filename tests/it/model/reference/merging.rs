//! Two members become one, and two again.

use super::books::{Books, Merged, Refusal, State, bonus_of};
use crate::model::MOST;
use jiff::Timestamp;

impl Books {
    /// All of one is the other's.
    pub(in crate::model) fn merge(
        &mut self,
        from: &str,
        into: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        for hold in self.holds.iter_mut().filter(|hold| hold.owner == from) {
            hold.owner = into.to_owned();
        }
        self.merge_wallet(from, into, now)?;
        self.merge_wallet(&bonus_of(from), &bonus_of(into), now)
    }

    fn merge_wallet(&mut self, from: &str, into: &str, now: Timestamp) -> Result<(), Refusal> {
        let (points, pending) = (self.balance(from), self.pending(from));
        let owed = self.owed(from);
        let lasts = self.wallet(from).lasts;
        let lots: Vec<_> = self.lots_of(from).collect();
        self.move_lots(&lots, into);
        self.wallet(from).owed = 0;
        self.wallet(into).owed += owed;
        if let Some(lasts) = lasts {
            self.move_on(into, lasts);
        }
        self.merged.insert(from.to_owned(), Merged { into: into.to_owned(), owed });
        self.fits(into)?;
        if self.counted(into).earned > MOST {
            return Err("OVERFLOW");
        }
        self.pay(into);
        self.post_pair(from, into, (points, pending), now);
        Ok(())
    }

    /// What came from one and is still there goes back to it.
    pub(in crate::model) fn unmerge(&mut self, name: &str, now: Timestamp) -> Result<(), Refusal> {
        if !self.merged.contains_key(name) {
            return Err("CANNOT_BE_UNMERGED");
        }
        let from = self.root(name);
        let lots: Vec<_> =
            self.lots_of(&from).filter(|lot| self.is_of(&self.lots[*lot].maker, name)).collect();
        let stands_in_the_way = self.holds.iter().any(|hold| {
            let is_others = !self.is_of(&hold.member, name);
            let has_own = hold.parts.iter().any(|part| lots.contains(&part.lot));
            hold.state == State::Open && hold.owner == from && is_others && has_own
        });
        if stands_in_the_way {
            return Err("CANNOT_BE_UNMERGED");
        }
        let own: Vec<_> = (0..self.holds.len())
            .filter(|hold| self.holds[*hold].owner == from)
            .filter(|hold| self.is_of(&self.holds[*hold].member, name))
            .collect();
        for hold in own {
            self.holds[hold].owner = name.to_owned();
        }
        self.unmerge_wallet(name, &from, now);
        self.unmerge_wallet(&bonus_of(name), &bonus_of(&from), now);
        Ok(())
    }

    fn unmerge_wallet(&mut self, name: &str, from: &str, now: Timestamp) {
        let lots: Vec<_> =
            self.lots_of(from).filter(|lot| self.is_of(&self.lots[*lot].maker, name)).collect();
        let before = (self.balance(from), self.pending(from));
        let owed = self.merged[name].owed.min(self.owed(from));
        self.move_lots(&lots, name);
        self.wallet(from).owed -= owed;
        self.wallet(name).owed += owed;
        self.wallet(name).lasts = self.wallet(from).lasts;
        self.merged.remove(name);
        let points = (before.0 - self.balance(from), before.1 - self.pending(from));
        self.post_pair(from, name, points, now);
    }

    fn move_lots(&mut self, lots: &[usize], to: &str) {
        for lot in lots {
            self.lots[*lot].owner = to.to_owned();
        }
    }

    /// What left the one, and came to the other.
    fn post_pair(&mut self, from: &str, into: &str, (points, pending): (i64, i64), now: Timestamp) {
        if points != 0 {
            self.post(from, "MERGE", -points, now);
            self.post(into, "MERGE", points, now);
        }
        if pending != 0 {
            self.post(from, "MERGE", -pending, now).is_aside = true;
            self.post(into, "MERGE", pending, now).is_aside = true;
        }
    }
}
