//! Earning: why a purchase earns what it earns. Both schemas show the same of it.

use crate::scalars::Points;
use async_graphql::{Enum, SimpleObject};
use perennial_core::earning::{Appraisal, Award as Awarded, AwardSource};

/// What a purchase earns, and why.
#[derive(Debug, SimpleObject)]
pub(crate) struct Explanation {
    /// What rules and plugins gave, each with its source.
    awards: Vec<Award>,
    /// The sum of the awards, less the cut.
    points: Points,
    /// What the awards exceeded the program's ceiling by.
    cut: Points,
    /// Rules that could not be evaluated for this purchase; they award nothing.
    failures: Vec<String>,
}

/// Points from one source.
#[derive(Debug, SimpleObject)]
pub(crate) struct Award {
    /// What kind of source it is.
    source: Source,
    /// The id of the earning rule or of the plugin.
    id: String,
    /// The plugin's own name for the award; absent for a rule.
    key: Option<String>,
    /// SHA-256 of the plugin's component; absent for a rule.
    digest: Option<String>,
    /// What it gave.
    points: Points,
    /// Why, for the member.
    reason: String,
}

/// Where points come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "AwardSource")]
pub(crate) enum Source {
    /// An earning rule of the program.
    Rule,
    /// A plugin.
    Plugin,
}

impl From<Appraisal> for Explanation {
    fn from(appraisal: Appraisal) -> Self {
        Self {
            awards: appraisal.awards.into_iter().map(Award::from).collect(),
            points: appraisal.points.into(),
            cut: appraisal.cut.into(),
            failures: appraisal.failures,
        }
    }
}

impl From<Awarded> for Award {
    fn from(award: Awarded) -> Self {
        let (source, id, key, digest) = match award.source {
            AwardSource::Rule { rule } => (Source::Rule, rule, None, None),
            AwardSource::Plugin { plugin, digest, key } => {
                (Source::Plugin, plugin, Some(key), Some(digest))
            }
        };
        Self { source, id, key, digest, points: award.points.into(), reason: award.reason }
    }
}
