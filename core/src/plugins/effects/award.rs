//! Awarding points.

use super::Cause;
use crate::events::Reach;
use crate::operation::{Because, Earning, Operation};
use crate::{Points, Subject};
use serde_json::json;

#[derive(Debug)]
pub(super) struct Award {
    key: String,
    pub(super) points: Points,
    reason: String,
}

impl Award {
    pub(super) fn plan(key: &str, points: Points, reason: String) -> Result<Self, String> {
        if !points.is_positive() {
            return Err(format!("{points} points cannot be awarded"));
        }
        Ok(Self { key: key.to_owned(), points, reason })
    }

    /// A full wallet is no fault of the plugin's neighbours: the award is left out, and the log
    /// says so.
    pub(super) fn apply(&self, operation: &mut Operation<'_>, cause: &Cause) {
        operation.act_as(&Subject::Plugin(cause.plugin.clone()));
        let explanation = json!({
            "plugin": cause.plugin, "digest": cause.digest, "event": cause.event, "key": self.key,
            "reason": self.reason, "revision": operation.program().revision,
        });
        let earned = operation.whole(&[cause.member], |operation| {
            let earning = Earning {
                points: self.points,
                terms: operation.usual_terms(cause.member)?,
                at: cause.at,
                because: Because::Explained(explanation),
                reason: self.reason.clone(),
                reach: Reach::AllBut(cause.plugin.clone()),
            };
            let (_, points) = operation.earn_what_fits(cause.member, earning)?;
            if points < self.points {
                let (plugin, member) = (&cause.plugin, cause.member);
                let (asked, given) = (self.points.get(), points.get());
                tracing::info!(plugin, %member, asked, given, "a cap has cut an award");
            }
            operation.settle_tier(cause.member, cause.at)
        });
        if let Err(error) = earned {
            let (plugin, member) = (&cause.plugin, cause.member);
            tracing::warn!(plugin, %member, why = error.message(), "an award was left out");
        }
    }
}
