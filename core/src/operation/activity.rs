//! What a member's activity does: points that last as long as the member is active last on.
//!
//! An operation that is told of the past leaves what has ended to whoever looks next, for the next
//! thing that it is told may keep it; an operation that spends does not. What has ended does not count
//! in either case.

use super::Operation;
use super::cause::RestorationReason;
use crate::accounts::{EarlyExpiry, Ended, Expiry, PointType, PointsPolicy};
use crate::{LotId, MemberId, Result, Timestamp};
use std::sync::Arc;

impl Operation<'_> {
    /// The member bought, earned or spent something at `at`. What had ended since, and would not have
    /// had this been known, is given back.
    pub(crate) fn active(&mut self, member: MemberId, at: Timestamp) -> Result<()> {
        let definition = Arc::clone(&self.program.definition);
        let mut is_back = false;
        for policy in definition.sliding() {
            is_back |= self.keep(member, policy, at)?;
        }
        self.change(member)?.was_active(None, at);
        if is_back { self.expire_of(member) } else { Ok(()) }
    }

    /// Lets points of a type last on from `at`, and gives back what had ended since; returns whether
    /// there is any.
    fn keep(&mut self, member: MemberId, policy: &PointsPolicy, at: Timestamp) -> Result<bool> {
        let (zone, now) = (self.program.definition.zone.clone(), self.program.now);
        let terms = (&policy.point_type, &policy.expiry);
        let until = self.state(member)?.lasting_from(terms, at, &zone)?;
        let state = self.change(member)?;
        if until > now {
            state.slide(&policy.point_type, until);
        }
        let own = Some(until).filter(|until| *until <= now);
        if state.last_on(&policy.point_type, (at, until), own) && own.is_none() {
            state.begin_to_last(&policy.point_type, until);
        }
        let ended = state.ended_too_early(&policy.point_type, at, until);
        let is_back = !ended.is_empty();
        for ended in ended {
            self.bring_back(member, ended, until)?;
        }
        Ok(is_back)
    }

    /// When pending points are over again that are recorded, or let go, so late that they could be
    /// spent at `at` already; none if they last. From then on all points of their type last on, as if
    /// the member had been active.
    pub(super) fn over_when_activated(
        &mut self,
        member: MemberId,
        (lot, is_reported): (LotId, bool),
        at: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let told = self.state(member)?.told_late(lot, is_reported);
        let Some(point_type) = told else { return Ok(None) };
        let definition = Arc::clone(&self.program.definition);
        let policy = definition.points_of(&point_type);
        if !policy.expiry.slides() {
            return Ok(None);
        }
        self.keep(member, policy, at)?;
        let over = self.expiry_of_earned(member, (&point_type, &policy.expiry), at)?;
        self.change(member)?.was_active(Some(point_type), at);
        Ok(over)
    }

    /// Gives back what had ended, to last until then: at every instant in between it was there.
    fn bring_back(&mut self, member: MemberId, ended: Ended, until: Timestamp) -> Result<()> {
        let Ended { expired_by, point_type, at, mut lots } = ended;
        let own = self.begin_to_last(member, &point_type, until)?;
        for (lot, _) in &mut lots {
            lot.expires_at = own;
        }
        let early = EarlyExpiry { member, expired_by, point_type, lots };
        self.restore(early, (RestorationReason::WasActive, at)).map(drop)
    }

    /// Lets points that come last until then; returns their own instant, which they have only if
    /// they are over.
    fn begin_to_last(
        &mut self,
        member: MemberId,
        point_type: &PointType,
        until: Timestamp,
    ) -> Result<Option<Timestamp>> {
        if until <= self.program.now {
            return Ok(Some(until));
        }
        self.change(member)?.begin_to_last(point_type, until);
        Ok(None)
    }

    /// When points expire that are earned at `at`, if they have an instant of their own.
    pub(super) fn expiry_of_earned(
        &mut self,
        member: MemberId,
        (point_type, expiry): (&PointType, &Expiry),
        at: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let zone = self.program.definition.zone.clone();
        if !expiry.slides() {
            return expiry.after(at, &zone);
        }
        let until = self.state(member)?.lasting_from((point_type, expiry), at, &zone)?;
        self.begin_to_last(member, point_type, until)
    }

    /// The same of points that are given, which is no activity: they are over if they would be had the
    /// member been active at `at`; else they last as long as those that are there and last so, and
    /// where there are none as if it had been, also if what is gone would have ended sooner.
    pub(super) fn expiry_of_given(
        &mut self,
        member: MemberId,
        (point_type, expiry): (&PointType, &Expiry),
        at: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let (zone, now) = (self.program.definition.zone.clone(), self.program.now);
        if !expiry.slides() {
            return expiry.after(at, &zone);
        }
        let state = self.state(member)?;
        let until = state.lasting_from((point_type, expiry), at, &zone)?;
        if until > now && state.has_what_lasts(point_type)? {
            return Ok(None);
        }
        self.begin_to_last(member, point_type, until)
    }
}
