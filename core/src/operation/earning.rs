//! How points come: as a lot that can be spent, or as one that is pending.

use super::Operation;
use super::kind::{Kind, SystemAccount};
use super::posting::{Because, Posting};
use crate::accounts::{Credit, PointType, Room, Terms};
use crate::events::Reach;
use crate::facts::PointsEarned;
use crate::{MemberId, Points, Result, Timestamp, TransactionId};

/// What is earned, when and why.
#[derive(Debug)]
pub(crate) struct Earning {
    pub(crate) points: Points,
    pub(crate) terms: Terms,
    pub(crate) at: Timestamp,
    pub(crate) because: Because,
    /// For people.
    pub(crate) reason: String,
    /// Which plugins receive the event.
    pub(crate) reach: Reach,
}

impl Operation<'_> {
    /// Posts points to a member as one lot, on its terms, and records it. Points of long ago may be
    /// over already: then they expire here. Caps are the caller's: see [`Operation::earn_what_fits`].
    /// Fails with `OVERFLOW`.
    pub(crate) fn earn(&mut self, member: MemberId, earning: Earning) -> Result<TransactionId> {
        let zone = &self.program.definition.zone;
        let (point_type, at, points) =
            (earning.terms.point_type.clone(), earning.at, earning.points);
        let pending_until = earning.terms.pending_until(earning.at, zone)?;
        self.active(member, at)?;
        let id = match pending_until {
            Some(until) => self.promise(member, earning, until)?,
            None => self.earn_at_once(member, earning)?,
        };
        self.change(member)?.gain(&point_type, at, points);
        self.expire_of(member)?;
        Ok(id)
    }

    /// The same of points that no purchase earns, such as those of a referral: what the caps of
    /// their type leave of them, with what was cut in the explanation. Returns how many, and by which
    /// transaction; none if nothing is left.
    pub(crate) fn earn_what_fits(
        &mut self,
        member: MemberId,
        mut earning: Earning,
    ) -> Result<(Option<TransactionId>, Points)> {
        let mut room = self.room(member, &earning.terms.point_type, earning.at)?;
        let (points, cuts) = room.cut(earning.points)?;
        if points == Points::ZERO {
            return Ok((None, points));
        }
        earning.points = points;
        if let Because::Of(cause) = &mut earning.because {
            cause.was_cut(cuts);
        }
        Ok((Some(self.earn(member, earning)?), points))
    }

    /// What a member may still get of a type of points at an instant.
    pub(crate) fn room(
        &self,
        member: MemberId,
        point_type: &PointType,
        at: Timestamp,
    ) -> Result<Room> {
        self.room_beside(member, (point_type, Points::ZERO), at)
    }

    /// The same if so many points that count are going to be taken back.
    pub(crate) fn room_beside(
        &self,
        member: MemberId,
        (point_type, taken): (&PointType, Points),
        at: Timestamp,
    ) -> Result<Room> {
        let definition = &self.program.definition;
        let caps = &definition.points_of(point_type).caps;
        self.state(member)?.room((point_type, taken), caps, (at, &definition.zone))
    }

    fn earn_at_once(&mut self, member: MemberId, earning: Earning) -> Result<TransactionId> {
        let Earning { points, terms, at, because, reason, reach } = earning;
        let point_type = terms.point_type;
        let expires_at = self.expiry_of_earned(member, (&point_type, &terms.expiry), at)?;
        let (id, slides) = (TransactionId::new(), terms.expiry.slides());
        let credit = Credit {
            point_type: point_type.clone(),
            points,
            transaction: id,
            at,
            expires_at,
            slides,
        };
        let paid = self.change(member)?.earn(credit)?;
        self.pay(id, member, &point_type, &paid)?;
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Earn,
                against: SystemAccount::Issued,
                point_type: point_type.clone(),
                points,
                at,
                because,
            },
        )?;
        let fact = PointsEarned { transaction_id: id, points, point_type, balance, reason };
        self.record_for(reach, member, at, fact)?;
        Ok(id)
    }
}
