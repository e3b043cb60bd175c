//! All that an account has, on its way to another: two members turned out to be one.

use super::PointType;
use super::holds::OpenHold;
use super::state::{MemberState, Standing};
use super::wallet::{Lot, LotPart, Wallet};
use crate::{Error, LotId, Points, Result};
use std::collections::BTreeMap;

/// What an account had: statistics, wallets, the lots of which something is left, open holds.
#[derive(Clone, Debug)]
pub(crate) struct Belongings {
    pub(super) standing: Standing,
    pub(crate) wallets: BTreeMap<PointType, Wallet>,
    pub(crate) lots: Vec<Lot>,
    pub(super) holds: Vec<OpenHold>,
}

impl MemberState {
    /// Takes all that the account has; nothing is left.
    pub(crate) fn give_up(&mut self) -> Result<Belongings> {
        if !self.knows_lots {
            return Err(Error::internal("an account is given up without a look at its lots"));
        }
        self.touch();
        self.next_expiry_at = None;
        // The wallets' rows stay, at nothing.
        let nothing = self.wallets.keys().map(|of| (of.clone(), Wallet::default())).collect();
        Ok(Belongings {
            standing: std::mem::take(&mut self.standing),
            wallets: std::mem::replace(&mut self.wallets, nothing),
            lots: std::mem::take(&mut self.lots),
            holds: std::mem::take(&mut self.holds),
        })
    }

    /// Adds what another account had. Fails with `OVERFLOW`.
    pub(crate) fn take_over(&mut self, belongings: &Belongings) -> Result<()> {
        self.touch();
        for (point_type, had) in &belongings.wallets {
            let wallet = self.wallet(point_type);
            wallet.balance = wallet.balance.plus(had.balance)?;
            wallet.owed = wallet.owed.plus(had.owed)?;
            wallet.pending = wallet.pending.plus(had.pending)?;
            wallet.held = wallet.held.plus(had.held)?;
            wallet.lasts_until = wallet.lasts_until.max(had.lasts_until);
            wallet.balance.plus(wallet.held)?.plus(wallet.pending)?;
        }
        self.standing.add(&belongings.standing)?;
        self.lots.extend(belongings.lots.iter().cloned());
        self.holds.extend(belongings.holds.iter().cloned());
        self.next_expiry_at = self.first_expiry();
        Ok(())
    }

    /// Pays what is owed of a type out of what was taken over.
    pub(crate) fn pay_after_merge(&mut self, point_type: &PointType) -> Result<Vec<LotPart>> {
        self.pay(point_type)
    }

    /// Lots that somebody writes otherwise than the state does.
    pub(crate) fn written(&mut self, lots: &[LotId]) -> Vec<Lot> {
        let meant = self.lots.iter_mut().filter(|lot| lots.contains(&lot.id));
        let as_written = meant.map(|lot| {
            lot.stored = Some(lot.as_stored());
            lot.clone()
        });
        as_written.collect()
    }
}

impl Standing {
    /// Adds what another has done. The tier follows from it.
    fn add(&mut self, other: &Self) -> Result<()> {
        let too_much = || Error::internal("statistics beyond what is counted");
        self.purchases = self.purchases.checked_add(other.purchases).ok_or_else(too_much)?;
        let for_groups = self.purchases_for_groups.checked_add(other.purchases_for_groups);
        self.purchases_for_groups = for_groups.ok_or_else(too_much)?;
        self.spent_minor = self.spent_minor.checked_add(other.spent_minor).ok_or_else(too_much)?;
        for (point_type, points) in &other.earned {
            let earned = self.earned.entry(point_type.clone()).or_default();
            *earned = earned.plus(*points)?;
        }
        let firsts = [self.first_purchase_at, other.first_purchase_at].into_iter().flatten();
        self.first_purchase_at = firsts.min();
        self.last_purchase_at = self.last_purchase_at.max(other.last_purchase_at);
        Ok(())
    }
}

impl Belongings {
    /// The lots of a type: those that can be spent, or those that are pending.
    pub(crate) fn lots_of(&self, point_type: &PointType, are_pending: bool) -> Vec<LotPart> {
        let lots = self.lots.iter();
        let of_type = lots.filter(|lot| lot.point_type == *point_type);
        let meant = of_type.filter(|lot| lot.is_pending() == are_pending);
        meant.map(|lot| LotPart { lot: lot.id, points: lot.remaining }).collect()
    }

    /// The ids of all its lots.
    pub(crate) fn lot_ids(&self) -> Vec<LotId> {
        self.lots.iter().map(|lot| lot.id).collect()
    }

    /// What its wallet of a type had.
    pub(crate) fn owed(&self, point_type: &PointType) -> Points {
        self.wallets.get(point_type).map_or(Points::ZERO, |wallet| wallet.owed)
    }
}
