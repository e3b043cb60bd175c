//! Earning: why a purchase earns what it earns. It is the same in both schemas.

use crate::scalars::Points;
use async_graphql::{Enum, SimpleObject};
use perennial_core::earning::{Appraisal, Award as Awarded, AwardSource};

/// What a purchase earns, and why.
#[derive(Debug, SimpleObject)]
pub(crate) struct Explanation {
    /// The awards of earning rules and plugins.
    awards: Vec<Award>,
    /// The sum of the awards minus `cut`.
    points: Points,
    /// Points by which the awards exceed the program's maximum for one purchase; not awarded.
    cut: Points,
    /// Earning rules that could not be evaluated for this purchase and awarded nothing, each with
    /// its id and the reason.
    failures: Vec<String>,
}

/// Points from one earning rule or plugin.
#[derive(Debug, SimpleObject)]
pub(crate) struct Award {
    /// Whether the award comes from an earning rule or a plugin.
    source: Source,
    /// The id of the earning rule or of the plugin.
    id: String,
    /// The plugin's own name for the award. Null for a rule.
    key: Option<String>,
    /// SHA-256 digest of the plugin's component. Null for a rule.
    digest: Option<String>,
    /// The points awarded.
    points: Points,
    /// Why the points were awarded, as text for the member.
    reason: String,
}

/// The kind of source of an award.
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
