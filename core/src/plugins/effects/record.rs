//! Putting a record of a type that the plugin may write.

use super::AskedBy;
use crate::Result;
use crate::operation::Operation;
use crate::records::Puts;
use crate::runtime::RecordKey;
use serde_json::Value;

#[derive(Debug)]
pub(super) struct RecordData {
    pub(super) key: RecordKey,
    pub(super) data: Value,
}

impl RecordData {
    pub(super) fn apply(
        &self,
        operation: &mut Operation<'_>,
        puts: &mut Puts,
        asked_by: &AskedBy,
    ) -> Result<()> {
        let (member, plugin) = (asked_by.member, Some(asked_by.plugin.as_str()));
        puts.put(operation, member, &self.key, &self.data, plugin, asked_by.at).map(drop)
    }
}
