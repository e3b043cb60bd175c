//! Putting a record of a type that the plugin may write.

use super::{Asked, AskedBy};
use crate::operation::Operation;
use crate::records::Puts;
use crate::runtime::RecordKey;
use crate::{Result, text};
use serde_json::Value;

#[derive(Debug)]
pub(super) struct RecordData {
    pub(super) key: RecordKey,
    data: Value,
}

impl RecordData {
    pub(super) fn plan(asked: &Asked<'_>, key: RecordKey, data: Value) -> Result<Self, String> {
        text::identifier("external id", &key.external_id)
            .map_err(|error| format!("the record's {error}"))?;
        let manifest = &asked.plugin.component.manifest;
        if !manifest.capabilities.writes_records.contains(&key.record_type) {
            let record_type = &key.record_type;
            return Err(format!("the manifest does not ask to write records `{record_type}`"));
        }
        manifest.check_record(&key.record_type, &data).map_err(|error| error.to_string())?;
        Ok(Self { key, data })
    }

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
