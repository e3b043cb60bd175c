//! Tiers: a ladder of rungs by one metric. Pure: where a member stands follows from the member's
//! statistics alone, so it never matters when anybody looked.

pub(crate) mod section;

use crate::Timestamp;
use crate::accounts::{Expiry, PointType, Standing};
use crate::localized::Localized;
use serde::{Deserialize, Serialize};

/// What a ladder counts, over the member's whole life in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    Purchases,
    /// Minor units of the program's currency.
    Spent,
    /// Points earned; spending them takes nobody down.
    PointsEarned,
}

#[derive(Clone, Debug)]
pub struct Tier {
    pub id: String,
    pub name: Localized,
    /// The least value of the metric.
    pub from: i64,
    pub benefits: Vec<Benefit>,
    /// How long the points last that are earned on it, if not as their type says.
    pub(crate) expiry: Option<Expiry>,
}

/// What a tier gives, monetary or not.
#[derive(Clone, Debug)]
pub struct Benefit {
    pub id: String,
    pub name: Localized,
    pub discount_percent: Option<u32>,
}

/// Tiers from the lowest up.
#[derive(Clone, Debug)]
pub struct Ladder {
    metric: Metric,
    /// Which points are counted, if points are.
    point_type: PointType,
    tiers: Vec<Tier>,
}

/// How far a member is from the next tier.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub metric: Metric,
    pub value: i64,
    pub next: Option<&'a Tier>,
    /// What the metric lacks to reach `next`; zero at the top.
    pub missing: i64,
}

impl Ladder {
    /// A program without tiers.
    pub fn empty() -> Self {
        Self::new(Metric::Purchases, PointType::main(), Vec::new())
    }

    /// `tiers` start at strictly rising values.
    pub(crate) fn new(metric: Metric, point_type: PointType, tiers: Vec<Tier>) -> Self {
        debug_assert!(tiers.is_sorted_by(|lower, upper| lower.from < upper.from));
        Self { metric, point_type, tiers }
    }

    /// The metric's value for a member.
    pub fn value(&self, standing: &Standing) -> i64 {
        match self.metric {
            Metric::Purchases => standing.purchases,
            Metric::Spent => standing.spent_minor,
            Metric::PointsEarned => standing.points_earned(&self.point_type).get(),
        }
    }

    /// The points that the ladder counts, if it counts points.
    pub(crate) fn counts(&self) -> Option<&PointType> {
        (self.metric == Metric::PointsEarned).then_some(&self.point_type)
    }

    pub fn metric(&self) -> Metric {
        self.metric
    }

    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    pub fn get(&self, id: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.id == id)
    }

    /// The highest tier that the member has reached.
    pub fn reached(&self, standing: &Standing) -> Option<&Tier> {
        let value = self.value(standing);
        self.tiers.iter().rev().find(|tier| tier.from <= value)
    }

    /// Whether another ladder puts every member on the same tier.
    pub(crate) fn ranks_as(&self, other: &Self) -> bool {
        let rungs = |ladder: &Self| -> Vec<_> {
            ladder.tiers.iter().map(|tier| (tier.id.clone(), tier.from)).collect()
        };
        self.metric == other.metric
            && self.counts() == other.counts()
            && rungs(self) == rungs(other)
    }

    pub fn progress(&self, standing: &Standing) -> Progress<'_> {
        let value = self.value(standing);
        let next = self.tiers.iter().find(|tier| tier.from > value);
        Progress {
            metric: self.metric,
            value,
            next,
            missing: next.map_or(0, |tier| tier.from - value),
        }
    }
}

/// How far a member is, in the words of the program: what receipts and quotes say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TierStanding {
    pub tier: Option<String>,
    pub metric: Metric,
    pub value: i64,
    pub next_tier: Option<String>,
    /// What the metric lacks to reach the next tier.
    pub missing: i64,
}

impl TierStanding {
    pub fn of(ladder: &Ladder, standing: &Standing) -> Self {
        let progress = ladder.progress(standing);
        Self {
            tier: standing.tier.clone(),
            metric: progress.metric,
            value: progress.value,
            next_tier: progress.next.map(|tier| tier.id.clone()),
            missing: progress.missing,
        }
    }
}

/// A move from one tier to another; none stands for below the first.
pub(crate) struct Change {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// Moves a standing to the tier that it has reached by `at`; none when it is there already.
pub(crate) fn settle(ladder: &Ladder, standing: &mut Standing, at: Timestamp) -> Option<Change> {
    let reached = ladder.reached(standing).map(|tier| tier.id.clone());
    if reached == standing.tier {
        return None;
    }
    standing.tier_since = Some(at);
    let from = std::mem::replace(&mut standing.tier, reached);
    Some(Change { from, to: standing.tier.clone() })
}

#[cfg(test)]
mod tests;
