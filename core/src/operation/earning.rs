//! How points come: as a lot that can be spent, or as one that is pending.

use super::Operation;
use super::kind::{Kind, SystemAccount};
use super::posting::{Because, Posting};
use crate::accounts::{Credit, Terms};
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
    /// over already: then they expire here. Fails with `OVERFLOW`.
    pub(crate) fn earn(&mut self, member: MemberId, earning: Earning) -> Result<TransactionId> {
        let zone = &self.program.definition.zone;
        let id = match earning.terms.pending_until(earning.at, zone)? {
            Some(until) => self.promise(member, earning, until)?,
            None => self.earn_at_once(member, earning)?,
        };
        self.expire_of(member)?;
        Ok(id)
    }

    fn earn_at_once(&mut self, member: MemberId, earning: Earning) -> Result<TransactionId> {
        let Earning { points, terms, at, because, reason, reach } = earning;
        let point_type = terms.point_type;
        let expires_at = terms.expiry.after(at, &self.program.definition.zone)?;
        let id = TransactionId::new();
        let credit =
            Credit { point_type: point_type.clone(), points, transaction: id, at, expires_at };
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
