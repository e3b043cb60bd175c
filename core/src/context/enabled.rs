//! A plugin in a program.

use crate::runtime::{Component, Fault, FaultKind};
use crate::{EventId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a plugin fares in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    /// Its events wait until an operator resumes it or moves the program to another version.
    Quarantined,
}

/// Why a plugin is quarantined.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultReport {
    /// `OUT_OF_FUEL`, `TRAP`…
    pub kind: String,
    pub message: String,
    /// The event that met the fault, the first to be delivered again; none when it was an
    /// appraisal.
    pub event: Option<EventId>,
    /// Whose event it is.
    #[serde(default)]
    pub member: Option<MemberId>,
    pub digest: String,
    pub log: Vec<String>,
}

/// A plugin that a program enables, in the version that the program runs.
#[derive(Clone, Debug)]
pub struct Enabled {
    pub id: String,
    pub component: Component,
    pub config: Value,
    pub status: Status,
    pub fault: Option<FaultReport>,
    pub quarantined_at: Option<Timestamp>,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Quarantined => "QUARANTINED",
        }
    }

    /// As it is stored.
    pub(crate) fn of(text: &str) -> Self {
        if text == Self::Active.as_str() { Self::Active } else { Self::Quarantined }
    }
}

impl Enabled {
    /// Whether it may see the people who act for an organization.
    pub(crate) fn sees_contacts(&self) -> bool {
        self.component.manifest.capabilities.contacts
    }
}

impl FaultReport {
    /// The same without anything that a plugin said, and without whom it was about.
    pub(crate) fn without_words(self) -> Self {
        Self {
            message: "what it said was erased together with a member".to_owned(),
            event: None,
            member: None,
            log: Vec::new(),
            ..self
        }
    }

    pub(crate) fn new(fault: &Fault, met: Option<(MemberId, EventId)>, digest: &str) -> Self {
        let kind = serde_json::to_value::<FaultKind>(fault.kind).ok();
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or("HOST");
        Self {
            kind: kind.to_owned(),
            message: fault.message.clone(),
            event: met.map(|(_, event)| event),
            member: met.map(|(member, _)| member),
            digest: digest.to_owned(),
            log: fault.log.clone(),
        }
    }
}
