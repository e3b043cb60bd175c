//! What came to an account with a merge and goes back: two members turned out to be two after all.

use super::merging::Belongings;
use super::state::{MemberState, Standing};
use super::wallet::{Lot, Wallet};
use super::{OpenHold, PointType};
use crate::{Error, HoldId, LotId, Points, Result, Timestamp};
use std::collections::{BTreeMap, HashSet};

/// What goes back, of what is still there.
#[derive(Debug, Default)]
pub(crate) struct Parting {
    pub(crate) lots: HashSet<LotId>,
    pub(crate) holds: HashSet<HoldId>,
    /// At most so much of what is owed, by type.
    pub(crate) owed: BTreeMap<PointType, Points>,
    /// What the one did who goes.
    pub(crate) standing: Standing,
    /// When the one who stays first bought, and last.
    pub(crate) first_purchase_at: Option<Timestamp>,
    pub(crate) last_purchase_at: Option<Timestamp>,
}

impl MemberState {
    /// Takes out of the account what goes back. Fails with `INTERNAL` if it has less than that.
    pub(crate) fn part_with(&mut self, parting: &Parting) -> Result<Belongings> {
        self.touch();
        let is_leaving = |lot: &Lot| parting.lots.contains(&lot.id);
        let (lots, staying) = std::mem::take(&mut self.lots).into_iter().partition(is_leaving);
        self.lots = staying;
        let is_leaving = |hold: &OpenHold| parting.holds.contains(&hold.id);
        let (holds, staying) = std::mem::take(&mut self.holds).into_iter().partition(is_leaving);
        self.holds = staying;
        let mut wallets = BTreeMap::new();
        for (point_type, wallet) in &mut self.wallets {
            let most = parting.owed.get(point_type).copied().unwrap_or_default();
            let mut part = part_of(point_type, &lots, &holds, wallet.owed.min(most))?;
            // What came goes on to last as long as it does here.
            let slides = |lot: &Lot| lot.slides && lot.point_type == *point_type;
            part.lasts_until = wallet.lasts_until.filter(|_| lots.iter().any(slides));
            wallet.balance = wallet.balance.minus(part.balance)?;
            wallet.owed = wallet.owed.minus(part.owed)?;
            wallet.pending = wallet.pending.minus(part.pending)?;
            wallet.held = wallet.held.minus(part.held)?;
            wallets.insert(point_type.clone(), part);
        }
        self.standing.lose(parting)?;
        self.next_expiry_at = self.first_expiry();
        Ok(Belongings { standing: parting.standing.clone(), wallets, lots, holds })
    }
}

fn part_of(
    point_type: &PointType,
    lots: &[Lot],
    holds: &[OpenHold],
    owed: Points,
) -> Result<Wallet> {
    let of_type = || lots.iter().filter(|lot| lot.point_type == *point_type);
    let open = of_type().filter(|lot| lot.is_open()).map(|lot| lot.remaining);
    let pending = of_type().filter(|lot| lot.is_pending()).map(|lot| lot.remaining);
    let held = holds.iter().filter(|hold| hold.point_type == *point_type).map(|hold| hold.points);
    Ok(Wallet {
        balance: Points::sum(open)?.minus(owed)?,
        owed,
        pending: Points::sum(pending)?,
        held: Points::sum(held)?,
        lasts_until: None,
    })
}

impl Standing {
    fn lose(&mut self, parting: &Parting) -> Result<()> {
        let lost = &parting.standing;
        self.purchases -= lost.purchases;
        self.purchases_for_groups -= lost.purchases_for_groups;
        self.spent_minor -= lost.spent_minor;
        if self.purchases < 0 || self.purchases_for_groups < 0 || self.spent_minor < 0 {
            return Err(Error::internal("statistics below what was added to them"));
        }
        for (point_type, points) in &lost.earned {
            let earned = self.earned.entry(point_type.clone()).or_default();
            *earned = earned.minus(*points)?;
        }
        self.first_purchase_at = parting.first_purchase_at;
        self.last_purchase_at = parting.last_purchase_at;
        Ok(())
    }
}
