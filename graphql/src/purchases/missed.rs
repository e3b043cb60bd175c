//! Plugins that were not heard about a purchase, and what came of asking them again.

use crate::earning::{MissingPluginReason, PointsCut};
use crate::nodes::GlobalId;
use crate::scalars::{DateTime, Points};
use async_graphql::{Enum, ID, SimpleObject};
use perennial_core::purchases::{MissedAppraisal as Missed, Outcome};

/// A plugin that was not heard when a purchase was recorded. It is asked again once it can be, about the
/// purchase as it was recorded, and what it proposes then is added to what the purchase earned.
#[derive(Debug, SimpleObject)]
pub(crate) struct MissedAppraisal {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// Why the plugin was not heard the last time.
    because: MissingPluginReason,
    /// When the purchase was recorded without it, by the server's clock.
    missed_at: DateTime,
    /// When the plugin is asked again at the earliest, by the server's clock. Null if that takes an
    /// operator's word, or was done.
    due_at: Option<DateTime>,
    /// What came of asking it again. Null until it was heard.
    outcome: Option<ReappraisalOutcome>,
    /// When that was, by the server's clock. Null until it was heard.
    ended_at: Option<DateTime>,
    /// Points that the buyer got because of it.
    points: Points,
    /// The id of the transaction by which they were given. Null if none were.
    transaction_id: Option<ID>,
    /// What the program's maximum for one purchase and the buyer's caps took away of what the plugin
    /// proposed.
    cuts: Vec<PointsCut>,
}

/// What came of asking a plugin again about a purchase. More values can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Outcome")]
pub(crate) enum ReappraisalOutcome {
    /// The purchase has earned what the plugin proposed, as far as the program's maximum and caps leave
    /// it.
    Booked,
    /// The plugin proposed nothing, or nothing was left of maximum and caps.
    Nothing,
    /// It would have exceeded a cap, and the program refuses that.
    Refused,
    /// Something of the purchase had come back or was changed: points for it have to be adjusted by
    /// hand.
    Changed,
    /// The member was erased.
    Erased,
}

impl From<&Missed> for MissedAppraisal {
    fn from(missed: &Missed) -> Self {
        let ended = missed.ended.as_ref();
        let transaction = ended.and_then(|ended| ended.transaction);
        let cuts = ended.map(|ended| ended.cuts.clone()).unwrap_or_default();
        Self {
            plugin_key: missed.plugin.clone(),
            because: missed.because.into(),
            missed_at: missed.missed_at.into(),
            due_at: missed.due_at.map(DateTime::from),
            outcome: ended.map(|ended| ended.outcome.into()),
            ended_at: ended.map(|ended| ended.at.into()),
            points: ended.map_or(perennial_core::Points::ZERO, |ended| ended.points).into(),
            transaction_id: transaction.map(|id| GlobalId::Transaction(id).into()),
            cuts: cuts.into_iter().map(PointsCut::from).collect(),
        }
    }
}
