//! What happens to accounts as time goes on: points expire, holds end, pending points can be spent. It
//! is decided whenever anybody looks, so a late sweeper never changes an answer; the sweeper only
//! finds those at whom nobody looked.

use super::Operation;
use super::cause::{self, ByItself};
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{Due, Ended, Expired, Lot, LotPart, MemberState};
use crate::facts::{HoldOutcome, PointsExpired};
use crate::{MemberId, Result, Subject, Timestamp, TransactionId};

impl Operation<'_> {
    /// Writes down what is due by the program's now.
    pub(super) fn expire(&mut self) -> Result<()> {
        let now = self.program.now;
        let is_due = |(_, state): &(&MemberId, &MemberState)| state.is_due(now);
        let due: Vec<_> = self.states.iter().filter(is_due).map(|(member, _)| *member).collect();
        due.into_iter().try_for_each(|member| self.expire_of(member))
    }

    /// The same of one member, of whom what is new may be over already.
    pub(crate) fn expire_of(&mut self, member: MemberId) -> Result<()> {
        while let Some((at, due)) = self.state(member)?.first_due(self.program.now) {
            self.by_itself(|operation| match due {
                Due::Inactive => operation.change(member)?.end_inactive(at),
                Due::Expiry => operation.post_all_expired(member, at, None),
                Due::Hold(hold) => operation.release(member, hold, HoldOutcome::Expired, at),
                Due::Pending(lot) => operation.activate(member, lot, at).map(drop),
            })?;
        }
        Ok(())
    }

    /// Does what nobody causes: time does.
    fn by_itself(&mut self, change: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let actor = std::mem::replace(&mut self.actor, Subject::System);
        let done = change(self);
        self.actor = actor;
        done
    }

    /// Expires what was over while it was reserved, and is free since then.
    pub(super) fn expire_freed(&mut self, member: MemberId, since: Timestamp) -> Result<()> {
        self.by_itself(|operation| operation.post_all_expired(member, since, Some(since)))
    }

    fn post_all_expired(
        &mut self,
        member: MemberId,
        now: Timestamp,
        free_since: Option<Timestamp>,
    ) -> Result<()> {
        while let Some(expired) = self.change(member)?.expire_first(now, free_since)? {
            self.post_expired(member, expired)?;
        }
        Ok(())
    }

    fn post_expired(&mut self, member: MemberId, expired: Expired) -> Result<()> {
        let Expired { point_type, at, parts, points: taken, inactive } = expired;
        let id = TransactionId::new();
        let reason = if inactive.is_empty() { ByItself::Expired } else { ByItself::Inactive };
        self.note_ended(member, id, inactive, &parts)?;
        self.use_lots(id, &parts);
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Expire,
                against: SystemAccount::Breakage,
                point_type: point_type.clone(),
                points: taken.negated()?,
                at,
                because: cause::Itself { reason }.into(),
            },
        )?;
        let fact = PointsExpired { transaction_id: id, points: taken, point_type, balance };
        self.record(member, at, fact)
    }

    /// Takes note of what ended because the member was not active, each lot with what it lost.
    fn note_ended(
        &mut self,
        member: MemberId,
        expired_by: TransactionId,
        lots: Vec<Lot>,
        parts: &[LotPart],
    ) -> Result<()> {
        let Some((point_type, at)) =
            lots.first().and_then(|lot| Some((lot.point_type.clone(), lot.expires_at?)))
        else {
            return Ok(());
        };
        let lost = |lot: &Lot| parts.iter().find(|part| part.lot == lot.id).map(|part| part.points);
        let lots = lots.into_iter().filter_map(|lot| lost(&lot).map(|points| (lot, points)));
        let ended = Ended { expired_by, point_type, at, lots: lots.collect() };
        self.change(member)?.has_ended(ended);
        Ok(())
    }
}
