//! Records: objects whose type some plugin declares, such as a machine or an offer.

use crate::Json;
use serde::Deserialize;

/// What JSON is called when it does not fit.
pub(crate) const RECORDS_DATA: &str = "the data of the record";
pub(crate) const RECORDS_STATE: &str = "the state of the record";
pub(crate) const VALUE: &str = "the value";
pub(crate) const MEMBERS_STATE: &str = "the state of the member";

/// A record's type and external id, which together name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// A type that a manifest declares.
    pub record_type: String,
    /// The operator's id of the record, unique among the records of the type.
    pub external_id: String,
}

impl RecordKey {
    /// The key of a record.
    pub fn new(record_type: impl Into<String>, external_id: impl Into<String>) -> Self {
        Self { record_type: record_type.into(), external_id: external_id.into() }
    }
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Record {
    /// A type that a manifest declares.
    #[serde(rename = "type")]
    pub record_type: String,
    /// The operator's id of the record, unique among the records of the type.
    pub external_id: String,
    /// The data, valid against the manifest's schema of the type.
    pub data: Json,
    /// The state that this plugin stored for the record: of those that it looks up, and of those that
    /// `view` receives. Of the record that an event is about it is in
    /// [`Context::state`](crate::Context::state) instead.
    #[serde(skip)]
    pub state: Option<Json>,
}

impl Record {
    /// The record's type and external id.
    pub fn key(&self) -> RecordKey {
        RecordKey::new(&self.record_type, &self.external_id)
    }
}
