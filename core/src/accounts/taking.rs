//! How points are taken out of an account's lots, and how they come back.

use super::state::MemberState;
use super::wallet::{self, Lot, LotPart};
use super::{MayOwe, PointType};
use crate::{Code, Error, LotId, Points, Result, Timestamp};

/// Points that were taken back.
#[derive(Debug)]
pub(crate) struct TakenBack {
    /// Out of which lots.
    pub(crate) parts: Vec<LotPart>,
    /// How many, those that are owed now included.
    pub(crate) points: Points,
    /// How many of them are owed.
    pub(crate) owed: Points,
    /// What there was not, nor may be owed.
    pub(crate) short: Points,
}

impl MemberState {
    /// Takes points out of the lots that expire first. Fails with `INSUFFICIENT_POINTS`, and then
    /// has changed nothing.
    pub(crate) fn spend(&mut self, point_type: &PointType, points: Points) -> Result<Vec<LotPart>> {
        let balance = self.balance(point_type);
        if balance < points {
            let why = format!("{points} points are needed, the balance is {balance}");
            return Err(Error::new(Code::InsufficientPoints, why));
        }
        self.take(point_type, points, &[])
    }

    /// What wallets have together that can be spent; what one owes is not the others'.
    pub(crate) fn spendable(&self, wallets: &[PointType]) -> Result<Points> {
        let there = |of: &PointType| -> Result<Points> {
            Ok(self.balance(of).minus(self.ended(of)?)?.max(Points::ZERO))
        };
        let all = wallets.iter().map(there).map(|points| Ok(points?.get())).sum::<Result<i64>>()?;
        // Nothing costs more than one wallet can hold.
        Ok(Points::new(all).min(Points::MAX))
    }

    /// How many of so many points each of some wallets gives, the first before the second. Fails
    /// with `INSUFFICIENT_POINTS`.
    pub(crate) fn spend_shares(
        &self,
        wallets: &[PointType],
        points: Points,
    ) -> Result<Vec<(PointType, Points)>> {
        if let [only] = wallets {
            return Ok(vec![(only.clone(), points)]);
        }
        let there = self.spendable(wallets)?;
        if there < points {
            let why = format!("{points} points are needed, the balances are {there} together");
            return Err(Error::new(Code::InsufficientPoints, why));
        }
        let (mut missing, mut shares) = (points, Vec::new());
        for of in wallets {
            let share = missing.min(self.spendable(std::slice::from_ref(of))?);
            if share.is_positive() {
                shares.push((of.clone(), share));
                missing = missing.minus(share)?;
            }
        }
        Ok(shares)
    }

    /// The lots of a type of which something can be spent.
    pub(crate) fn open_lots(&self, point_type: &PointType) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(move |lot| lot.is_open() && lot.point_type == *point_type)
    }

    /// Says until when some lots last; returns what remains of them.
    pub(crate) fn last_until(
        &mut self,
        lots: &[LotId],
        until: Option<Timestamp>,
    ) -> Result<Points> {
        let meant = self.lots.iter_mut().filter(|lot| lots.contains(&lot.id));
        let remaining = meant.map(|lot| {
            (lot.expires_at, lot.slides, lot.in_grace) = (until, false, false);
            lot.remaining
        });
        let points = Points::sum(remaining)?;
        self.next_expiry_at = self.first_expiry();
        Ok(points)
    }

    /// Takes all that remains of some lots of a type.
    pub(crate) fn take_remaining(
        &mut self,
        point_type: &PointType,
        lots: &[LotId],
    ) -> Result<Vec<LotPart>> {
        let remaining = self.open_lots(point_type).filter(|lot| lots.contains(&lot.id));
        let points = Points::sum(remaining.map(|lot| lot.remaining))?;
        self.take(point_type, points, lots)
    }

    /// Takes points back that came with a lot: out of the lot first, then out of those that expire
    /// first. What there is not is owed, as far as the policy goes; the rest is short.
    pub(crate) fn take_back(
        &mut self,
        point_type: &PointType,
        points: Points,
        lot: LotId,
        may_owe: MayOwe,
    ) -> Result<TakenBack> {
        let there = points.min(self.balance(point_type).max(Points::ZERO));
        let parts = self.take(point_type, there, &[lot])?;
        let wallet = self.wallet(point_type);
        let missing = points.minus(there)?;
        let owed = may_owe.of(missing, wallet.owed, wallet.held)?;
        wallet.owed = wallet.owed.plus(owed)?;
        wallet.balance = wallet.balance.minus(owed)?;
        Ok(TakenBack { parts, owed, points: there.plus(owed)?, short: missing.minus(owed)? })
    }

    /// How many of so many points [`MemberState::take_back`] would take, those that are owed then
    /// included.
    pub(crate) fn could_take(
        &self,
        point_type: &PointType,
        points: Points,
        may_owe: MayOwe,
    ) -> Result<Points> {
        let there = points.min(self.balance(point_type).max(Points::ZERO));
        let (owed, held) = (self.owed(point_type), self.held(point_type));
        there.plus(may_owe.of(points.minus(there)?, owed, held)?)
    }

    /// Pays what is owed out of the lots, those that expire first. What came in has raised the
    /// balance already: who owed had less than nothing.
    pub(super) fn pay(&mut self, point_type: &PointType) -> Result<Vec<LotPart>> {
        let slides_until = self.slides_until(point_type);
        let owed = self.wallet(point_type).owed;
        self.next_expiry_at = self.first_expiry();
        if owed == Points::ZERO {
            return Ok(Vec::new());
        }
        let of_type = self.lots.iter().filter(|lot| lot.is_open() && lot.point_type == *point_type);
        let paid = owed.min(Points::sum(of_type.map(|lot| lot.remaining))?);
        let parts = wallet::take(&mut self.lots, (point_type, slides_until), paid, &[])?;
        self.wallet(point_type).owed = owed.minus(paid)?;
        self.next_expiry_at = self.first_expiry();
        Ok(parts)
    }

    pub(super) fn take(
        &mut self,
        point_type: &PointType,
        points: Points,
        before_all: &[LotId],
    ) -> Result<Vec<LotPart>> {
        if !self.knows_lots {
            return Err(Error::internal("points are taken without a look at the lots"));
        }
        let slides_until = self.slides_until(point_type);
        let balance = self.balance(point_type).minus(points)?;
        let parts = wallet::take(&mut self.lots, (point_type, slides_until), points, before_all)?;
        self.wallet(point_type).balance = balance;
        self.next_expiry_at = self.first_expiry();
        Ok(parts)
    }

    /// Gives points back to lots that lost them; returns what of them pays what is owed. Fails with
    /// `OVERFLOW`.
    pub(crate) fn give_back(
        &mut self,
        point_type: &PointType,
        parts: Vec<(Lot, Points)>,
    ) -> Result<Vec<LotPart>> {
        for (lot, points) in parts {
            self.put_back(lot, points)?;
        }
        // What is held or pending has to find room one day.
        let wallet = self.wallet(point_type);
        wallet.balance.plus(wallet.held)?.plus(wallet.pending)?;
        self.pay(point_type)
    }

    pub(super) fn put_back(&mut self, mut lot: Lot, points: Points) -> Result<()> {
        let point_type = lot.point_type.clone();
        let wallet = self.wallet(&point_type);
        wallet.balance = wallet.balance.plus(points)?;
        match self.lots.iter_mut().find(|known| known.id == lot.id) {
            Some(known) => {
                known.remaining = known.remaining.plus(points)?;
                (known.expires_at, known.slides) = (lot.expires_at, lot.slides);
                known.in_grace = lot.in_grace;
            }
            None => {
                lot.remaining = lot.remaining.plus(points)?;
                self.lots.push(lot);
            }
        }
        self.next_expiry_at = self.first_expiry();
        Ok(())
    }
}
