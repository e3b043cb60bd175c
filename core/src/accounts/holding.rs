//! What holds do to an account.

use super::PointType;
use super::holds::OpenHold;
use super::state::MemberState;
use super::wallet::LotPart;
use crate::{Code, Error, HoldId, Points, Result};

impl MemberState {
    /// What its open holds have reserved.
    pub(crate) fn held(&self, point_type: &PointType) -> Points {
        self.wallets.get(point_type).map_or(Points::ZERO, |wallet| wallet.held)
    }

    /// A hold, if it is open.
    pub(crate) fn open_hold(&self, id: HoldId) -> Option<&OpenHold> {
        self.holds.iter().find(|hold| hold.id == id)
    }

    /// The open ones, of those that are known.
    pub(crate) fn open_holds(&self) -> Vec<HoldId> {
        self.holds.iter().map(|hold| hold.id).collect()
    }

    /// Adds a hold whose parts were just taken out of the lots.
    pub(crate) fn add_hold(&mut self, mut hold: OpenHold, parts: &[LotPart]) -> Result<()> {
        let wallet = self.wallet(&hold.point_type);
        wallet.held = wallet.held.plus(hold.points)?;
        let lot = |part: &LotPart| self.lots.iter().find(|lot| lot.id == part.lot).cloned();
        hold.parts = parts.iter().filter_map(|part| Some((lot(part)?, part.points))).collect();
        self.holds.push(hold);
        self.next_expiry_at = self.first_expiry();
        Ok(())
    }

    /// Ends a hold: its points are in their lots again, and pay nothing yet. Fails with
    /// `HOLD_ENDED` if there is no such open hold.
    pub(crate) fn end_hold(&mut self, id: HoldId) -> Result<OpenHold> {
        let index = self.holds.iter().position(|hold| hold.id == id).ok_or_else(|| {
            Error::new(Code::HoldEnded, "the hold has ended: nothing is reserved by it any more")
        })?;
        let hold = self.holds.remove(index);
        for (lot, points) in &hold.parts {
            self.put_back(lot.clone(), *points)?;
        }
        let wallet = self.wallet(&hold.point_type);
        wallet.held = wallet.held.minus(hold.points)?;
        self.next_expiry_at = self.first_expiry();
        Ok(hold)
    }

    /// Takes points that a hold had reserved out of the lots that they came from, whatever else is
    /// owed: they were promised.
    pub(crate) fn take_held(&mut self, hold: &OpenHold, points: Points) -> Result<Vec<LotPart>> {
        let lots: Vec<_> = hold.parts.iter().map(|(lot, _)| lot.id).collect();
        self.take(&hold.point_type, points, &lots)
    }

    /// Pays what is owed out of what a hold has set free.
    pub(crate) fn pay_after(&mut self, hold: &OpenHold) -> Result<Vec<LotPart>> {
        self.pay(&hold.point_type)
    }
}
