//! What happens to an account by itself as time goes on, and in which order: holds end, pending
//! points can be spent, points expire.

use super::state::MemberState;
use super::wallet::{self, Expired, Lot};
use super::{Expiring, PointType};
use crate::{HoldId, LotId, Result, Timestamp};

/// What is due of an account. What expires at an instant has expired before anything else happens
/// then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// Of points that last as long as the member is active: what expires then is known from now on.
    Inactive,
    Expiry,
    Hold(HoldId),
    Pending(LotId),
}

impl MemberState {
    pub(super) fn first_expiry(&self) -> Option<Timestamp> {
        let holds = self.holds.iter().map(|hold| hold.expires_at);
        let lots = self.lots.iter().filter_map(Lot::next_at);
        lots.chain(holds).chain(self.others_expire_at).min()
    }

    /// Whether something of the account is due at `now` and is not written down yet.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        [self.next_expiry_at, self.first_inactive()].into_iter().flatten().any(|at| at <= now)
    }

    /// What is due first by `now`, and since when.
    pub(crate) fn first_due(&self, now: Timestamp) -> Option<(Timestamp, Due)> {
        let hold = |hold: &super::OpenHold| (hold.expires_at, Due::Hold(hold.id));
        let lot = |lot: &Lot| {
            let due = if lot.is_pending() { Due::Pending(lot.id) } else { Due::Expiry };
            Some((lot.next_at().filter(|_| !self.defers(lot))?, due))
        };
        let all = self.holds.iter().map(hold).chain(self.lots.iter().filter_map(lot));
        let inactive = self.first_inactive().map(|at| (at, Due::Inactive));
        all.chain(inactive).filter(|(at, _)| *at <= now).min()
    }

    /// Takes out of the lots what was the first to expire of what has by `now`. What was reserved
    /// until `free_since` expires then, not before.
    pub(crate) fn expire_first(
        &mut self,
        now: Timestamp,
        free_since: Option<Timestamp>,
    ) -> Result<Option<Expired>> {
        let defers = self.defers_ends();
        let Some(expired) = wallet::take_expired(&mut self.lots, now, (free_since, defers))? else {
            return Ok(None);
        };
        let wallet = self.wallet(&expired.point_type);
        wallet.balance = wallet.balance.minus(expired.points)?;
        self.next_expiry_at = self.first_expiry();
        Ok(Some(expired))
    }

    /// Brings the state to `now` for somebody who only looks.
    pub(crate) fn bring_to(&mut self, now: Timestamp) -> Result<()> {
        while let Some((at, due)) = self.first_due(now) {
            match due {
                Due::Inactive => self.end_inactive(at)?,
                Due::Expiry => drop(self.expire_first(now, None)?),
                Due::Hold(hold) => {
                    let hold = self.end_hold(hold)?;
                    self.pay_after(&hold)?;
                }
                Due::Pending(lot) => drop(self.activate(lot, None)?),
            }
        }
        Ok(())
    }

    /// What expires and when, if that is known without asking.
    pub(crate) fn expiring(&self) -> Option<Vec<(PointType, Expiring)>> {
        let expiring = |lot: &Lot| {
            let expiring = Expiring { at: self.over_at(lot)?, points: lot.remaining };
            Some((lot.point_type.clone(), expiring))
        };
        let open = self.lots.iter().filter(|lot| lot.is_open());
        self.knows_lots.then(|| open.filter_map(expiring).collect())
    }
}
