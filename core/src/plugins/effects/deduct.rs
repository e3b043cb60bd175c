//! Taking points.

use super::AskedBy;
use crate::operation::{Operation, cause};
use crate::{Points, Subject};

#[derive(Debug)]
pub(super) struct Deduct {
    pub(super) key: String,
    pub(super) points: Points,
    pub(super) reason: String,
}

impl Deduct {
    /// An account that cannot give any is no fault of the plugin's neighbours: the deduction is left out,
    /// and the log says so.
    pub(super) fn apply(&self, operation: &mut Operation<'_>, asked_by: &AskedBy) {
        operation.act_as(&Subject::Plugin(asked_by.plugin.clone()));
        let cause = cause::Deduction {
            plugin: asked_by.plugin.clone(),
            digest: asked_by.digest.clone(),
            event: asked_by.event,
            key: self.key.clone(),
            reason: self.reason.clone(),
            asked: self.points,
            revision: operation.program().revision,
        };
        let taken = operation.whole(&[asked_by.member], |operation| {
            operation.deduct(asked_by.member, self.points, (asked_by.at, cause))
        });
        let (plugin, member, asked) = (&asked_by.plugin, asked_by.member, self.points.get());
        match taken {
            Ok(taken) if taken < self.points => {
                let taken = taken.get();
                tracing::info!(plugin, %member, asked, taken, "less was there than was to be taken");
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(plugin, %member, why = error.message(), "a deduction was left out");
            }
        }
    }
}
