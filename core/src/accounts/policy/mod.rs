//! What the program file says of points: which types there are, how long they last, when they can be
//! spent and what is too much.

pub(crate) mod caps;
pub(crate) mod expiry;
pub(crate) mod payment;
pub(crate) mod pending;
pub(crate) mod section;
mod spend_order;

pub use caps::{Cap, Caps};
pub use expiry::Expiry;
pub use payment::Payment;
pub use pending::Pending;

use crate::definition::Definition;
use crate::localized::Localized;
use crate::{Code, Error, PointType, Points, Result, Timestamp};
use jiff::tz::TimeZone;
use section::PointTypes;
use std::time::Duration;

/// How much an account may owe: points that were taken back, as by a return, after they were spent.
/// It is never spending that takes a balance below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayOwe {
    Nothing,
    UpTo(Points),
    Anything,
}

/// How the points of one type behave.
#[derive(Clone, Debug)]
pub struct PointsPolicy {
    pub point_type: PointType,
    /// None of main points to which the program gives no name.
    pub name: Option<Localized>,
    /// How many digits of a number stand behind the point when it is shown.
    pub scale: u8,
    /// Whether they can be spent; else they only count, as for a tier.
    pub is_spendable: bool,
    /// How long they last, unless a rule or a tier says otherwise.
    pub expiry: Expiry,
    /// When they can be spent, unless a rule says otherwise.
    pub pending: Pending,
    /// The most that one purchase may earn; what rules and plugins propose beyond it is cut, and
    /// the cut recorded.
    pub purchase_max: Points,
    /// The most that a member gets, and has.
    pub caps: Caps,
    /// How far a balance goes below zero when points are taken back that were spent.
    pub may_owe: MayOwe,
    /// How they pay for purchases, if they do.
    pub payment: Option<Payment>,
    /// Out of which wallets is paid what costs these points: the first before the second.
    pub spend_order: Vec<PointType>,
    /// How long points can be spent that come back, as by a correction, after they are over.
    pub grace: Duration,
}

/// Of which type points are that are earned, from when on they can be spent, and how long they last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub point_type: PointType,
    pub expiry: Expiry,
    pub pending: Pending,
}

impl Terms {
    /// Until when points are pending that are earned at `at`: not at all when absent,
    /// `Timestamp::LAST` while nobody knows.
    pub(crate) fn pending_until(
        &self,
        at: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<Timestamp>> {
        self.pending.until(at, zone)
    }
}

impl Definition {
    /// The main points: what purchases, referrals and plugins earn and rewards cost unless it is
    /// said otherwise.
    pub fn points(&self) -> &PointsPolicy {
        &self.section::<PointTypes>().main
    }

    /// Every type of points, the main one first.
    pub fn point_types(&self) -> impl Iterator<Item = &PointsPolicy> {
        self.section::<PointTypes>().policies()
    }

    /// How points of a type behave; like the main points, if the program knows the type no more.
    pub(crate) fn points_of(&self, point_type: &PointType) -> &PointsPolicy {
        let is_it = |policy: &&PointsPolicy| policy.point_type == *point_type;
        self.point_types().find(is_it).unwrap_or_else(|| self.points())
    }

    /// Out of which wallets is paid what costs points of a type, the first before the second; none
    /// where they cannot be spent.
    pub(crate) fn spend_order(&self, point_type: &PointType) -> &[PointType] {
        let mut spendable = self.point_types().filter(|policy| policy.is_spendable);
        let found = spendable.find(|policy| policy.point_type == *point_type);
        found.map_or(&[], |policy| &policy.spend_order)
    }

    /// The type of points with an id, the main one if there is none. Fails with
    /// `POINT_TYPE_NOT_FOUND`.
    pub fn point_type(&self, id: Option<&str>) -> Result<&PointsPolicy> {
        let Some(id) = id else { return Ok(self.points()) };
        self.point_types().find(|policy| policy.point_type.id() == id).ok_or_else(|| {
            let why = format!("the program has no points of the type `{id}`");
            Error::new(Code::PointTypeNotFound, why).at("pointType")
        })
    }

    /// The same of points that are to be spent. Fails with `INVALID_INPUT` as well.
    pub(crate) fn spendable(&self, id: Option<&str>) -> Result<PointType> {
        let policy = self.point_type(id)?;
        if policy.is_spendable {
            return Ok(policy.point_type.clone());
        }
        let why = format!("{} cannot be spent: they only count", policy.point_type.id());
        Err(Error::new(Code::InvalidInput, why).at("pointType"))
    }

    /// On which terms points are given that no rule is about.
    pub(crate) fn terms(&self, point_type: &PointType, tier: Option<&str>) -> Terms {
        let policy = self.points_of(point_type);
        Terms {
            point_type: policy.point_type.clone(),
            expiry: self.tier_expiry(tier).unwrap_or(&policy.expiry).clone(),
            pending: policy.pending.clone(),
        }
    }

    /// How long points last that are earned on a tier, if the tier says so.
    pub(crate) fn tier_expiry(&self, tier: Option<&str>) -> Option<&Expiry> {
        self.ladder().get(tier?)?.expiry.as_ref()
    }
}

impl MayOwe {
    /// How much of `missing` can be owed on top of what is owed. What is held is not spent, so as
    /// much can be owed in any case.
    pub(super) fn of(self, missing: Points, owed: Points, held: Points) -> Result<Points> {
        let most = match self {
            Self::Nothing => held,
            Self::UpTo(most) => most.plus(held)?,
            Self::Anything => return Ok(missing),
        };
        Ok(missing.min(most.minus(owed)?.max(Points::ZERO)))
    }
}
