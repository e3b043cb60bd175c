//! Adding and removing tags of the member.

use super::AskedBy;
use crate::Result;
use crate::members::Tags;
use crate::operation::Operation;
use std::collections::BTreeMap;

/// Whether each tag is the member's from now on; of what is said of one the last.
#[derive(Debug, Default)]
pub(super) struct TagChanges(BTreeMap<String, bool>);

impl TagChanges {
    pub(super) fn set(&mut self, tag: String, is_there: bool) {
        self.0.insert(tag, is_there);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a member has no room for is left out, and the log says so.
    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        tags: &mut Tags,
        asked_by: &AskedBy,
    ) -> Result<()> {
        let of = |is_there: bool| {
            let some = self.0.iter().filter(move |(_, it)| **it == is_there);
            some.map(|(tag, _)| tag.clone()).collect()
        };
        let (plugin, member) = (asked_by.plugin.as_str(), asked_by.member);
        let change = (of(true), of(false));
        if !tags.change_what_fits(operation, member, change, (Some(plugin), asked_by.at))? {
            tracing::warn!(plugin, %member, "some tags were left out: a member has no more room");
        }
        Ok(())
    }
}
