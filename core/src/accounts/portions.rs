//! Points on their way to another account: in portions that expire together.

use super::state::MemberState;
use super::wallet::LotPart;
use crate::{Error, Points, Result, Timestamp};
use std::collections::BTreeMap;

/// Points that expire together, wherever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Portion {
    pub(crate) points: Points,
    /// When the first of them was earned.
    pub(crate) earned_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether they last as long as whoever has them is active.
    pub(crate) slides: bool,
}

impl MemberState {
    /// What was just taken out of lots, in portions that expire together, the first to expire first.
    pub(crate) fn portions(&self, parts: &[LotPart]) -> Result<Vec<Portion>> {
        let mut portions: BTreeMap<_, Portion> = BTreeMap::new();
        for part in parts {
            let lot = self.lots.iter().find(|lot| lot.id == part.lot);
            let lot = lot.ok_or_else(|| Error::internal("a part of a lot that is not known"))?;
            let none = Portion {
                points: Points::ZERO,
                earned_at: lot.earned_at,
                expires_at: lot.expires_at,
                slides: lot.slides,
            };
            let key = (lot.expires_at.is_none(), lot.expires_at, lot.slides);
            let portion = portions.entry(key).or_insert(none);
            portion.points = portion.points.plus(part.points)?;
            portion.earned_at = portion.earned_at.min(lot.earned_at);
        }
        Ok(portions.into_values().collect())
    }
}
