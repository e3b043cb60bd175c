//! Letting points last longer, or ending them by hand.

use super::Operation;
use super::cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{LotPart, PointType};
use crate::facts::{PointsExpired, PointsExtended};
use crate::{LotId, MemberId, Points, Result, Timestamp, TransactionId};

/// Lots of one type, until when what remains of them lasts, and why.
#[derive(Debug)]
pub(crate) struct Extending<'a> {
    pub(crate) lots: &'a [LotId],
    pub(crate) point_type: &'a PointType,
    /// For ever when absent.
    pub(crate) until: Option<Timestamp>,
    /// For people.
    pub(crate) reason: &'a str,
}

/// Lots of one type whose points end now, and why.
#[derive(Debug)]
pub(crate) struct Ending<'a> {
    pub(crate) lots: &'a [LotId],
    pub(crate) point_type: &'a PointType,
    /// For people.
    pub(crate) reason: &'a str,
}

impl Operation<'_> {
    /// Lets what remains of lots last until then, and records it. The balance stays.
    pub(crate) fn extend(
        &mut self,
        member: MemberId,
        extending: &Extending<'_>,
    ) -> Result<TransactionId> {
        let Extending { lots, point_type, until, reason } = *extending;
        let (id, at) = (TransactionId::new(), self.program().now);
        let points = self.change(member)?.last_until(lots, until)?;
        let revision = self.program().revision;
        let cause = cause::Extension { reason: reason.to_owned(), until, revision };
        self.post_within(
            id,
            Posting {
                member,
                kind: Kind::Extend,
                against: SystemAccount::Issued,
                point_type: point_type.clone(),
                points,
                at,
                because: cause.into(),
            },
        )?;
        let (point_type, reason) = (point_type.clone(), reason.to_owned());
        let zone = &self.program().definition.zone;
        let until = until.map(|until| until.date_in(zone));
        let fact = PointsExtended { transaction_id: id, points, point_type, until, reason };
        self.record(member, at, fact)?;
        Ok(id)
    }

    /// Ends what remains of lots, and records it.
    pub(crate) fn end_by_hand(
        &mut self,
        member: MemberId,
        ending: &Ending<'_>,
    ) -> Result<TransactionId> {
        let Ending { lots, point_type, reason } = *ending;
        let (id, at) = (TransactionId::new(), self.program().now);
        let (parts, points) = self.take_remaining(member, point_type, lots)?;
        self.use_lots(id, &parts);
        let revision = self.program().revision;
        let cause = cause::Ending { reason: reason.to_owned(), revision };
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Expire,
                against: SystemAccount::Breakage,
                point_type: point_type.clone(),
                points: points.negated()?,
                at,
                because: cause.into(),
            },
        )?;
        let point_type = point_type.clone();
        let fact = PointsExpired { transaction_id: id, points, point_type, balance };
        self.record(member, at, fact)?;
        Ok(id)
    }

    fn take_remaining(
        &mut self,
        member: MemberId,
        point_type: &PointType,
        lots: &[LotId],
    ) -> Result<(Vec<LotPart>, Points)> {
        let parts = self.change(member)?.take_remaining(point_type, lots)?;
        let points = Points::sum(parts.iter().map(|part| part.points))?;
        Ok((parts, points))
    }
}
