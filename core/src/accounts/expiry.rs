//! What expires of an account, and when.

use super::state::MemberState;
use super::wallet::{self, Expired, Lot};
use super::{Expiring, PointType};
use crate::{Result, Timestamp};

impl MemberState {
    pub(super) fn first_expiry(&self) -> Option<Timestamp> {
        let holds = self.holds.iter().map(|hold| hold.expires_at).min();
        [self.others_expire_at, wallet::next_expiry(&self.lots), holds].into_iter().flatten().min()
    }

    /// Whether something of the account has expired by `now` and is not written down yet.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.next_expiry_at.is_some_and(|at| at <= now)
    }

    /// Takes out of the lots what was the first to expire of what has by `now`. What was reserved
    /// until `free_since` expires then, not before.
    pub(crate) fn expire_first(
        &mut self,
        now: Timestamp,
        free_since: Option<Timestamp>,
    ) -> Result<Option<Expired>> {
        let Some(expired) = wallet::take_expired(&mut self.lots, now, free_since)? else {
            return Ok(None);
        };
        let wallet = self.wallet(&expired.point_type);
        wallet.balance = wallet.balance.minus(expired.points)?;
        self.next_expiry_at = self.first_expiry();
        Ok(Some(expired))
    }

    /// Brings the state to `now` for somebody who only looks: ends what holds are over, and takes
    /// out what has expired.
    pub(crate) fn bring_to(&mut self, now: Timestamp) -> Result<()> {
        for (hold, _) in self.holds_over(now) {
            let hold = self.end_hold(hold)?;
            self.pay_after(&hold)?;
        }
        while self.expire_first(now, None)?.is_some() {}
        Ok(())
    }

    /// What expires and when, if that is known without asking.
    pub(crate) fn expiring(&self, point_type: &PointType) -> Option<Vec<Expiring>> {
        let of_type = |lot: &&Lot| lot.is_open() && lot.point_type == *point_type;
        let expiring = |lot: &Lot| Some(Expiring { at: lot.expires_at?, points: lot.remaining });
        self.knows_lots.then(|| self.lots.iter().filter(of_type).filter_map(expiring).collect())
    }
}
