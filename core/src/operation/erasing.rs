//! Giving up what a member has, because the member is erased: holds are released, what is pending is
//! cancelled, what is owed is remitted, and all that is left expires. The books show it as movements like any other, and the
//! account is nobody's afterwards.

use super::Operation;
use super::cause::{self, ByItself};
use super::kind::{Kind, SystemAccount};
use super::posting::{Because, Posting};
use crate::accounts::{Credit, Lot, PointType};
use crate::facts::{HoldOutcome, MemberErased};
use crate::{MemberId, Points, Result, TransactionId};

impl Operation<'_> {
    /// Leaves the member without points, debts and holds, records that it was erased, and ends the
    /// account. Nothing can be done for the member after it. `messages` is how many of its messages
    /// go. Returns the number of the event.
    pub(crate) fn erase(&mut self, member: MemberId, messages: i64) -> Result<i64> {
        let at = self.program().now;
        for hold in self.state(member)?.open_holds() {
            self.release(member, hold, HoldOutcome::Released, at)?;
        }
        for lot in self.state(member)?.pending_lots() {
            self.give_up(member, &lot)?;
        }
        let point_types: Vec<_> = self.state(member)?.point_types().cloned().collect();
        for point_type in point_types {
            self.remit(member, &point_type)?;
            self.forfeit(member, &point_type)?;
        }
        self.record(member, at, MemberErased { messages })?;
        let state = self.change(member)?;
        state.erase(at);
        Ok(state.last_event_seq())
    }

    /// Cancels points that are pending: nobody will earn them.
    fn give_up(&mut self, member: MemberId, lot: &Lot) -> Result<()> {
        let because = (Kind::Void, self.program().now, erased());
        let void = self.cancel_pending(member, lot, lot.remaining, because)?;
        self.mark_void(lot.transaction, void);
        Ok(())
    }

    /// Gives a member what it owes, which pays it.
    fn remit(&mut self, member: MemberId, point_type: &PointType) -> Result<()> {
        let points = self.state(member)?.owed(point_type);
        if points == Points::ZERO {
            return Ok(());
        }
        let (id, at) = (TransactionId::new(), self.program().now);
        let point_type = point_type.clone();
        let credit = Credit {
            point_type: point_type.clone(),
            points,
            transaction: id,
            at,
            expires_at: None,
            slides: false,
        };
        let paid = self.change(member)?.credit(credit)?;
        self.pay(id, member, &point_type, &paid)?;
        let (kind, against, because) = (Kind::Adjust, SystemAccount::Adjusted, erased());
        self.post(id, Posting { member, kind, against, point_type, points, at, because }).map(drop)
    }

    /// Expires all that a member has of a type, before its time.
    fn forfeit(&mut self, member: MemberId, point_type: &PointType) -> Result<()> {
        let taken = self.state(member)?.balance(point_type);
        if !taken.is_positive() {
            return Ok(());
        }
        let (id, at) = (TransactionId::new(), self.program().now);
        let parts = self.change(member)?.spend(point_type, taken)?;
        self.use_lots(id, &parts);
        let (kind, against, because) = (Kind::Expire, SystemAccount::Breakage, erased());
        let (point_type, points) = (point_type.clone(), taken.negated()?);
        self.post(id, Posting { member, kind, against, point_type, points, at, because }).map(drop)
    }
}

/// It says nothing of the member, and stays.
fn erased() -> Because {
    cause::Itself { reason: ByItself::Erased }.into()
}
