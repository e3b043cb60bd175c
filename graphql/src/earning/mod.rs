//! Earning: why a purchase earns what it earns. It is the same in both schemas.

use crate::programs::Audience;
use crate::scalars::Points;
use async_graphql::{ComplexObject, Context, Enum, Result, SimpleObject};
use perennial_core::accounts::{Cap, Cut, PointType};
use perennial_core::earning::{
    Appraisal, Award as Awarded, AwardSource, Missing, MissingBecause, OfType,
};
use perennial_core::programs::Localized;

/// What a purchase earns, and why.
#[derive(Debug, SimpleObject)]
pub(crate) struct Explanation {
    /// The awards of earning rules and plugins.
    awards: Vec<Award>,
    /// The sum of the awards of the program's main points minus `cut`.
    points: Points,
    /// How many of these points cannot be spent at once.
    pending: Points,
    /// Points by which the awards exceed the program's maximum for one purchase and the caps on what
    /// a member gets; not awarded.
    cut: Points,
    /// The same by what cut it, in the order in which it did. Empty for a purchase that was recorded
    /// before there were caps.
    cuts: Vec<PointsCut>,
    /// The same of the program's other types of points.
    other_points: Vec<EarnedPoints>,
    /// Earning rules that could not be evaluated for this purchase and awarded nothing, each with
    /// its id and the reason.
    failures: Vec<String>,
    /// Plugins that were not heard about this purchase; what they would have given is not in `awards`.
    /// They are asked again once they can be.
    missing: Vec<MissingPlugin>,
}

/// A plugin that was not heard.
#[derive(Debug, SimpleObject)]
pub(crate) struct MissingPlugin {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// Why it was not heard.
    because: MissingPluginReason,
}

/// Why a plugin was not heard about a purchase. More values can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "MissingBecause")]
pub(crate) enum MissingPluginReason {
    /// An operator has stopped it.
    Paused,
    /// It had failed too often.
    Quarantined,
    /// It failed at this very purchase.
    Failed,
    /// It took too long, here or just before.
    TooSlow,
    /// The server could not run it.
    Unavailable,
}

/// What a purchase earns of a type of points other than the main one.
#[derive(Debug, SimpleObject)]
pub(crate) struct EarnedPoints {
    /// The id of the type in the program file.
    point_type: String,
    /// The sum of the awards minus `cut`.
    points: Points,
    /// How many of these points cannot be spent at once.
    pending: Points,
    /// Points by which the awards exceed the maximum of the type for one purchase and its caps; not
    /// awarded.
    cut: Points,
    /// The same by what cut it, in the order in which it did.
    cuts: Vec<PointsCut>,
}

/// Points that were not given because of a cap.
#[derive(Debug, SimpleObject)]
pub(crate) struct PointsCut {
    /// What cut them.
    cap: PointsCap,
    /// How many.
    points: Points,
}

/// A cap on what a member gets of a type of points, or has of it. Days, weeks from Monday on, months
/// and years are those of the program's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Cap")]
pub(crate) enum PointsCap {
    /// The most that rules and plugins give for one purchase.
    Purchase,
    /// The most that one purchase, one referral or one award of a plugin gives.
    Transaction,
    /// The most that a member gets in a day.
    Day,
    /// The most that a member gets in a week.
    Week,
    /// The most that a member gets in a month.
    Month,
    /// The most that a member gets in a year.
    Year,
    /// The most that a wallet holds, pending and held points included.
    Balance,
}

/// Points from one earning rule or plugin.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Award {
    /// Whether the award comes from an earning rule or a plugin.
    source: Source,
    /// The earning rule's id in the program file. Null for a plugin.
    rule_key: Option<String>,
    /// The plugin's id in the program file. Null for a rule.
    plugin_key: Option<String>,
    /// The plugin's own name for the award. Null for a rule.
    award_key: Option<String>,
    /// SHA-256 digest of the plugin's component. Null for a rule.
    digest: Option<String>,
    /// The id in the program file of the type of the points; `points` for the main ones.
    point_type: String,
    /// The points awarded.
    points: Points,
    #[graphql(skip)]
    reason: String,
}

#[ComplexObject]
impl Award {
    /// Why the points were awarded, as text for the member: of a rule its name, in the language of
    /// the request as long as the program has the rule under that name; of a plugin in its words.
    async fn reason(&self, ctx: &Context<'_>) -> Result<String> {
        let Some(rule) = &self.rule_key else { return Ok(self.reason.clone()) };
        let audience = Audience::of_session(ctx)?;
        let rules = audience.definition.earning_rules();
        let named = rules.iter().find(|known| known.id == *rule).map(|rule| &rule.name);
        let own = audience.definition.locale.as_str();
        let is_same = |name: &&Localized| name.get([own]) == self.reason;
        Ok(match named.filter(is_same) {
            Some(name) => audience.text(name, None),
            None => self.reason.clone(),
        })
    }
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
            pending: appraisal.pending.into(),
            cut: appraisal.cut.into(),
            cuts: appraisal.cuts.into_iter().map(PointsCut::from).collect(),
            other_points: appraisal.others.iter().map(EarnedPoints::from).collect(),
            failures: appraisal.failures,
            missing: appraisal.missing.into_iter().map(MissingPlugin::from).collect(),
        }
    }
}

impl From<Missing> for MissingPlugin {
    fn from(missing: Missing) -> Self {
        Self { plugin_key: missing.plugin, because: missing.because.into() }
    }
}

impl From<(&PointType, &OfType)> for EarnedPoints {
    fn from((point_type, of_type): (&PointType, &OfType)) -> Self {
        Self {
            point_type: point_type.id().to_owned(),
            points: of_type.points.into(),
            pending: of_type.pending.into(),
            cut: of_type.cut.into(),
            cuts: of_type.cuts.iter().copied().map(PointsCut::from).collect(),
        }
    }
}

impl From<Cut> for PointsCut {
    fn from(cut: Cut) -> Self {
        Self { cap: cut.cap.into(), points: cut.points.into() }
    }
}

impl From<Awarded> for Award {
    fn from(award: Awarded) -> Self {
        let of = |source| Self {
            source,
            rule_key: None,
            plugin_key: None,
            award_key: None,
            digest: None,
            point_type: award.point_type.id().to_owned(),
            points: award.points.into(),
            reason: award.reason,
        };
        match award.source {
            AwardSource::Rule { rule } => Self { rule_key: Some(rule), ..of(Source::Rule) },
            AwardSource::Plugin { plugin, digest, key } => Self {
                plugin_key: Some(plugin),
                award_key: Some(key),
                digest: Some(digest),
                ..of(Source::Plugin)
            },
        }
    }
}
