//! Points that are earned and cannot be spent yet: lots that are pending, beside the balance.

use super::PointType;
use super::state::MemberState;
use super::wallet::{Credit, Lot, LotPart};
use crate::{Error, LotId, Points, Result, Timestamp};

impl MemberState {
    /// Adds points as one lot that is pending until then. Fails with `OVERFLOW`, and then has
    /// changed nothing.
    pub(crate) fn promise(&mut self, credit: Credit, until: Timestamp) -> Result<LotId> {
        self.room_for(&credit.point_type, credit.points)?;
        self.room_to_count(&credit.point_type, credit.points)?;
        let wallet = self.wallet(&credit.point_type);
        wallet.pending = wallet.pending.plus(credit.points)?;
        let lot = Lot { pending_until: Some(until), ..Lot::of(credit) };
        let id = lot.id;
        self.lots.push(lot);
        self.next_expiry_at = self.first_expiry();
        Ok(id)
    }

    /// A pending lot, of those that are known.
    pub(crate) fn pending_lot(&self, lot: LotId) -> Option<&Lot> {
        self.lots.iter().find(|known| known.id == lot && known.is_pending())
    }

    /// The type of a pending lot that lasts as long as the member is active, where an operation is
    /// told of the past: either that the lot has been there since, or, if that `is_reported`, what has
    /// let it be spent.
    pub(crate) fn told_late(&self, lot: LotId, is_reported: bool) -> Option<PointType> {
        let is_told = |lot: &&Lot| lot.slides && (is_reported || lot.stored.is_none());
        let lot = self.pending_lot(lot).filter(is_told)?;
        self.late.as_ref().map(|_| lot.point_type.clone())
    }

    /// Those of the known lots that are pending.
    pub(crate) fn pending_lots(&self) -> Vec<Lot> {
        self.lots.iter().filter(|lot| lot.is_pending()).cloned().collect()
    }

    /// Says until when a lot is pending, and when it expires then.
    pub(crate) fn schedule(
        &mut self,
        lot: LotId,
        until: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Result<()> {
        let lot = self.pending_mut(lot)?;
        lot.pending_until = Some(until);
        lot.expires_at = expires_at;
        self.next_expiry_at = self.first_expiry();
        Ok(())
    }

    /// Lets a pending lot be spent; returns the lot, and what of it pays what is owed. From now on
    /// it counts as earned. A lot that slides and is over by now has an instant of its own.
    pub(crate) fn activate(
        &mut self,
        lot: LotId,
        over: Option<Timestamp>,
    ) -> Result<(Lot, Vec<LotPart>)> {
        let lot = self.pending_mut(lot)?;
        lot.pending_until = None;
        // What slides joins the others, and all of them last as long as it was to last at least.
        let slides = lot.slides && over.is_none();
        let at_least = if slides { lot.expires_at.take() } else { None };
        lot.expires_at = over.or(lot.expires_at);
        let lot = lot.clone();
        let points = lot.remaining;
        let wallet = self.wallet(&lot.point_type);
        wallet.lasts_until = wallet.lasts_until.max(at_least);
        wallet.pending = wallet.pending.minus(points)?;
        wallet.balance = wallet.balance.plus(points)?;
        self.count(&lot.point_type, points)?;
        let paid = self.pay(&lot.point_type)?;
        self.next_expiry_at = self.first_expiry();
        Ok((lot, paid))
    }

    /// Takes points out of a pending lot: they will not be earned.
    pub(crate) fn cancel(&mut self, lot: LotId, points: Points) -> Result<LotPart> {
        let lot = self.pending_mut(lot)?;
        let (point_type, part) = (lot.point_type.clone(), lot.take(points)?);
        let wallet = self.wallet(&point_type);
        wallet.pending = wallet.pending.minus(points)?;
        self.next_expiry_at = self.first_expiry();
        Ok(part)
    }

    fn pending_mut(&mut self, lot: LotId) -> Result<&mut Lot> {
        let mut lots = self.lots.iter_mut();
        let found = lots.find(|known| known.id == lot && known.is_pending());
        found.ok_or_else(|| Error::internal("a lot that is not pending"))
    }
}
