//! Points that last as long as their member is active. A wallet has one instant until which all of
//! them last, and it moves on with each activity; the lots themselves have none until they have ended.
//!
//! Activities may be reported late, in any order. Points last until the first gap between activities
//! that is as long as the program says, whenever each was reported: an activity that closes a gap
//! brings back what had ended in it.

use super::late::Ended;
use super::policy::{Expiry, PointsPolicy};
use super::state::MemberState;
use super::wallet::Lot;
use crate::definition::Definition;
use crate::{Error, PointType, Points, Result, Timestamp};
use jiff::tz::TimeZone;

impl Definition {
    /// The types whose points last as long as their member is active.
    pub(crate) fn sliding(&self) -> impl Iterator<Item = &PointsPolicy> {
        self.point_types().filter(|policy| policy.expiry.slides())
    }

    /// Since when an account has to be looked at for what is reported of it late, at these instants;
    /// none where it does not matter.
    pub(crate) fn late_since(
        &self,
        instants: impl Iterator<Item = Timestamp>,
    ) -> Option<Timestamp> {
        self.sliding().next().and_then(|_| instants.min())
    }
}

impl MemberState {
    /// Until when points last that the member has at `at`, by the activities that are known since.
    pub(crate) fn lasting_from(
        &self,
        (point_type, expiry): (&PointType, &Expiry),
        at: Timestamp,
        zone: &TimeZone,
    ) -> Result<Timestamp> {
        let after =
            |at| -> Result<Timestamp> { Ok(expiry.after(at, zone)?.unwrap_or(Timestamp::LAST)) };
        let known = self.late.iter().flat_map(|late| &late.active);
        let is_it = |of: &Option<PointType>| of.as_ref().is_none_or(|of| of == point_type);
        let later = known.filter(|(of, active)| is_it(of) && *active > at);
        let mut later: Vec<_> = later.map(|(_, active)| *active).collect();
        later.sort_unstable();
        let mut until = after(at)?;
        for active in later {
            // What ends at an instant has ended before anything else happens then.
            if active >= until {
                break;
            }
            until = until.max(after(active)?);
        }
        Ok(until)
    }

    /// Takes note that the member was active, as far as points of a type go if it was time that
    /// moved them.
    pub(crate) fn was_active(&mut self, of: Option<PointType>, at: Timestamp) {
        if let Some(late) = &mut self.late {
            late.active.push((of, at));
        }
    }

    /// Until when points of a type last that have no instant of their own, if there are any.
    pub(crate) fn slides_until(&self, point_type: &PointType) -> Option<Timestamp> {
        self.wallets.get(point_type)?.lasts_until
    }

    /// Whether there are points of a type, free or held, that last as long as the member is active.
    pub(crate) fn has_what_lasts(&self, point_type: &PointType) -> Result<bool> {
        if !self.knows_lots {
            return Err(Error::internal("what lasts is asked without a look at the lots"));
        }
        let slides = |lot: &Lot| lot.is_sliding() && lot.point_type == *point_type;
        let mut held = self.holds.iter().flat_map(|hold| &hold.parts);
        let is_held = held.any(|(lot, points)| slides(lot) && points.is_positive());
        Ok(is_held || self.open_lots(point_type).any(slides))
    }

    /// When a lot is over, as things stand.
    pub(crate) fn over_at(&self, lot: &Lot) -> Option<Timestamp> {
        lot.over_at(self.slides_until(&lot.point_type))
    }

    /// Lets points that are there last on.
    pub(crate) fn slide(&mut self, point_type: &PointType, until: Timestamp) {
        if let Some(wallet) = self.wallets.get_mut(point_type)
            && wallet.lasts_until.is_some()
        {
            wallet.lasts_until = wallet.lasts_until.max(Some(until));
        }
    }

    /// The same of points that come now.
    pub(crate) fn begin_to_last(&mut self, point_type: &PointType, until: Timestamp) {
        let wallet = self.wallet(point_type);
        wallet.lasts_until = wallet.lasts_until.max(Some(until));
    }

    /// What has ended after `at` and would have lasted beyond it, had it lasted to `until`.
    pub(crate) fn ended_too_early(
        &mut self,
        point_type: &PointType,
        at: Timestamp,
        until: Timestamp,
    ) -> Vec<Ended> {
        let Some(late) = &mut self.late else { return Vec::new() };
        let is_wrong = |ended: &mut Ended| {
            ended.point_type == *point_type && at < ended.at && ended.at < until
        };
        late.ended.extract_if(.., is_wrong).collect()
    }

    /// The same of what is not written down yet: from now on it lasts to `own`, or as long as the
    /// member is active. Returns whether there is any.
    pub(crate) fn last_on(
        &mut self,
        point_type: &PointType,
        (at, until): (Timestamp, Timestamp),
        own: Option<Timestamp>,
    ) -> bool {
        let mut is_any = false;
        for lot in self.lots.iter_mut().filter(|lot| lot.point_type == *point_type) {
            let is_wrong = lot.expires_at.is_some_and(|over| at < over && over < until);
            if lot.has_ended() && lot.remaining.is_positive() && is_wrong {
                lot.expires_at = own;
                is_any = true;
            }
        }
        self.next_expiry_at = self.first_expiry();
        is_any
    }

    /// Whether what has ended is left to whoever looks next.
    pub(super) fn defers_ends(&self) -> bool {
        self.late.as_ref().is_some_and(|late| late.defers)
    }

    /// Whether a lot is one that has ended and is left.
    pub(super) fn defers(&self, lot: &Lot) -> bool {
        lot.has_ended() && self.defers_ends()
    }

    /// What of the balance has ended and is not written down yet.
    pub(crate) fn ended(&self, point_type: &PointType) -> Result<Points> {
        let is_left = |lot: &&Lot| lot.point_type == *point_type && lot.has_ended();
        Points::sum(self.lots.iter().filter(is_left).map(|lot| lot.remaining))
    }

    /// Takes note of what has ended, should an activity come to light that keeps it.
    pub(crate) fn has_ended(&mut self, ended: Ended) {
        if let Some(late) = &mut self.late {
            late.ended.push(ended);
        }
    }

    /// The first wallet whose points end because the member is not active.
    pub(super) fn first_inactive(&self) -> Option<Timestamp> {
        self.wallets.values().filter_map(|wallet| wallet.lasts_until).min()
    }

    /// Gives the points that end by `now` the instant at which they do.
    pub(crate) fn end_inactive(&mut self, now: Timestamp) -> Result<()> {
        if !self.knows_lots {
            return Err(Error::internal("points end without a look at the lots"));
        }
        for (point_type, wallet) in &mut self.wallets {
            let Some(at) = wallet.lasts_until.filter(|at| *at <= now) else { continue };
            wallet.lasts_until = None;
            let ends = |lot: &Lot| lot.point_type == *point_type && lot.is_sliding();
            for lot in self.lots.iter_mut().filter(|lot| ends(lot)) {
                lot.expires_at = Some(at);
            }
            // Of what is held nothing ends; but it will, when it is free again.
            for (lot, _) in self.holds.iter_mut().flat_map(|hold| &mut hold.parts) {
                if ends(lot) {
                    lot.expires_at = Some(at);
                    if self.lots.iter().all(|known| known.id != lot.id) {
                        self.lots.push(lot.clone());
                    }
                }
            }
        }
        self.next_expiry_at = self.first_expiry();
        Ok(())
    }
}
