//! Awarding points.

use super::AskedBy;
use crate::events::Reach;
use crate::operation::{Earning, Operation, cause};
use crate::{Points, Subject};

#[derive(Debug)]
pub(super) struct Award {
    pub(super) key: String,
    pub(super) points: Points,
    pub(super) reason: String,
}

impl Award {
    /// A full wallet is no fault of the plugin's neighbours: the award is left out, and the log
    /// says so.
    pub(super) fn apply(&self, operation: &mut Operation<'_>, asked_by: &AskedBy) {
        operation.act_as(&Subject::Plugin(asked_by.plugin.clone()));
        let cause = cause::Award {
            plugin: asked_by.plugin.clone(),
            digest: asked_by.digest.clone(),
            event: asked_by.event,
            key: self.key.clone(),
            reason: self.reason.clone(),
            revision: operation.program().revision,
            cuts: Vec::new(),
        };
        let earned = operation.whole(&[asked_by.member], |operation| {
            let earning = Earning {
                points: self.points,
                terms: operation.usual_terms(asked_by.member)?,
                at: asked_by.at,
                because: cause.into(),
                reason: self.reason.clone(),
                reach: Reach::AllBut(asked_by.plugin.clone()),
            };
            let (_, points) = operation.earn_what_fits(asked_by.member, earning)?;
            if points < self.points {
                let (plugin, member) = (&asked_by.plugin, asked_by.member);
                let (asked, given) = (self.points.get(), points.get());
                tracing::info!(plugin, %member, asked, given, "a cap has cut an award");
            }
            operation.settle_tier(asked_by.member, asked_by.at)
        });
        if let Err(error) = earned {
            let (plugin, member) = (&asked_by.plugin, asked_by.member);
            tracing::warn!(plugin, %member, why = error.message(), "an award was left out");
        }
    }
}
