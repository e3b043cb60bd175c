//! What is earned: capped, pending or spendable at once, and what it pays of a referral.

use super::Reference;
use super::books::{Refusal, Waits, is_bonus, member_of};
use super::taking::Lasting;
use super::terms::{Pending, Period, REFERRED_POINTS, REFERRER_POINTS};
use jiff::Timestamp;

impl Reference {
    /// How many more points somebody gets at an instant, when so many are about to be taken back.
    pub(in crate::model) fn room(&self, of: &str, at: Timestamp, about_to_go: i64) -> i64 {
        let Some(caps) = self.terms.caps else { return i64::MAX };
        let given = |period: Period| -> i64 {
            let own = self.books.transactions.iter().filter(|one| one.is_given && one.wallet == of);
            let then = own.filter(|one| period.has_both(one.at, at));
            then.map(|one| one.points - one.taken).sum()
        };
        let has = self.balance(of) + self.books.held(of) + self.books.pending(of);
        let of_periods =
            caps.periods().map(|(period, most)| Some(most? - given(period) + about_to_go));
        let others = [caps.transaction, caps.balance.map(|most| most - has + about_to_go)];
        others.into_iter().chain(of_periods).flatten().min().unwrap_or(i64::MAX).max(0)
    }

    /// Gives points that were earned at an instant, which may be over by now; the transaction's
    /// index.
    pub(in crate::model) fn earn(
        &mut self,
        of: &str,
        points: i64,
        at: Timestamp,
        order: Option<&str>,
    ) -> Result<Option<usize>, Refusal> {
        if points == 0 {
            return Ok(None);
        }
        let (now, books) = (self.now, &mut self.books);
        let until = books.act(member_of(of), at, now);
        let waits =
            self.terms.pending.filter(|_| !is_bonus(of)).and_then(|Pending { event, days }| {
                match event {
                    true if order.is_some() => Some(Waits::Event),
                    _ if days == 0 => None,
                    _ => Some(Waits::Until(self.terms.days_after(at, days))),
                }
            });
        let lasting = match self.terms.lasting(is_bonus(of), at) {
            Lasting::Sliding if until.is_some_and(|until| until <= now) => Lasting::Until(until),
            lasting => lasting,
        };
        let lot = if waits.is_some() {
            let lot = books.add_lot(of, points, Lasting::Until(None));
            books.lots[lot].waits = waits;
            books.fits(of)?;
            lot
        } else {
            books.count_earned(of, points)?;
            let lot = books.credit(of, points, lasting)?;
            if self.terms.slides && !is_bonus(of) && lasting != Lasting::Sliding {
                books.lots[lot].ended = until;
            }
            lot
        };
        let kind = if waits.is_some() { "PENDING" } else { "EARN" };
        let earned = books.post(of, kind, points, at);
        (earned.made, earned.is_given, earned.order) = (Some(lot), true, order.map(str::to_owned));
        (earned.counts, earned.is_aside) = (waits.is_none(), waits.is_some());
        let index = books.last();
        // What ends that slides is left to whoever looks next: more may be reported that keeps it.
        match self.terms.slides {
            true => {
                books.activate_due(member_of(of), now);
                books.expire_but_what_slides(member_of(of), now);
            }
            false => books.settle(of, now),
        }
        Ok(Some(index))
    }

    /// Pays both sides if somebody brought the member; the member's share.
    pub(in crate::model) fn pay_referral(
        &mut self,
        member: &str,
        at: Timestamp,
    ) -> Result<i64, Refusal> {
        let referral = self.members[member].brought_by.clone();
        let Some(referral) = referral.filter(|referral| referral.paid.is_none()) else {
            return Ok(0);
        };
        let referrer = self.root(&referral.referrer)?;
        if referrer == member {
            // Two who turned out to be one have brought nobody.
            return Ok(0);
        }
        let points = REFERRER_POINTS.min(self.room(&referrer, at, 0));
        let bringers = self.earn(&referrer, points, at, None)?;
        let points = REFERRED_POINTS.min(self.room(member, at, 0));
        let own = self.earn(member, points, at, None)?;
        if let Some(referral) = &mut self.member(member)?.brought_by {
            referral.paid = Some([bringers, own]);
        }
        Ok(points)
    }

    /// Takes back what a referral paid both, unless one of them was made good already; what was
    /// taken from the member who was brought. The next purchase completes it again.
    pub(in crate::model) fn reverse_referral(
        &mut self,
        member: &str,
        at: Timestamp,
    ) -> Result<i64, Refusal> {
        let Some(referral) = self.members[member].brought_by.clone() else { return Ok(0) };
        let Some(sides) = referral.paid else { return Ok(0) };
        let is_voided = |index: &usize| self.is_voided(*index);
        if sides.iter().flatten().any(is_voided) {
            return Ok(0);
        }
        let mut taken = 0;
        for side in sides {
            taken = 0;
            let Some(index) = side else { continue };
            let points = self.books.transactions[index].points;
            taken = self.take_earned(index, points, at)?;
            // What could not be taken is made good by nothing.
            let by = if taken > 0 { self.books.last() } else { index };
            self.books.transactions[index].voided = Some(by);
        }
        self.members.get_mut(member).unwrap().brought_by.as_mut().unwrap().paid = None;
        Ok(taken)
    }

    /// Whether what a transaction gave was made good.
    pub(in crate::model) fn is_voided(&self, index: usize) -> bool {
        let lot = self.books.transactions[index].made;
        let mut all = self.books.transactions.iter();
        lot.is_some() && all.any(|one| one.made == lot && one.voided.is_some())
    }

    /// Takes back what a transaction earned, by a return.
    pub(in crate::model) fn take_earned(
        &mut self,
        index: usize,
        points: i64,
        at: Timestamp,
    ) -> Result<i64, Refusal> {
        if self.is_voided(index) {
            return Ok(0);
        }
        let one = self.books.transactions[index].clone();
        let waits = one.made.is_some_and(|lot| self.books.lots[lot].waits.is_some());
        if !waits {
            self.books.count(&one.counts_for).earned -= points;
        }
        self.books.take_given(index, points, "RETURN", at)
    }
}
