//! A plugin in a program.

use crate::runtime::{Component, Fault};
use crate::{EventId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a plugin fares in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    /// Its events wait: it failed over too many members. It is tried on one event now and then.
    Quarantined,
    /// It was quarantined, and the next event shows whether it can go on.
    Probing,
    /// An operator has stopped it. Its events wait.
    Paused,
    /// The program file does not name it: its timers and events wait for it to come back.
    Disabled,
}

/// Why a plugin is quarantined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// How often it was quarantined since it last went on by itself or by somebody's word.
    pub(crate) probes: i64,
    /// What it took the place of, and when.
    pub(crate) before: Option<Before>,
    /// That the program went back to this version by itself, and why.
    pub rolled_back: Option<RolledBack>,
}

/// The component that a program ran before.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    pub(crate) digest: String,
    pub(crate) until: Timestamp,
}

/// A version that a program ran for a short while, and left by itself because it failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RolledBack {
    pub version: String,
    pub digest: String,
    pub at: Timestamp,
    pub fault: FaultReport,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Quarantined => "QUARANTINED",
            Self::Probing => "PROBING",
            Self::Paused => "PAUSED",
            Self::Disabled => "DISABLED",
        }
    }

    /// As it is stored.
    pub(crate) fn of(text: &str) -> Self {
        match text {
            "ACTIVE" => Self::Active,
            "PROBING" => Self::Probing,
            "PAUSED" => Self::Paused,
            "DISABLED" => Self::Disabled,
            _ => Self::Quarantined,
        }
    }

    /// Whether it is asked anything.
    pub(crate) const fn is_asked(self) -> bool {
        matches!(self, Self::Active | Self::Probing)
    }
}

impl Enabled {
    /// Whether it may see the people who act for an organization.
    pub(crate) fn sees_contacts(&self) -> bool {
        self.component.manifest.capabilities.contacts
    }

    /// Whether it may see what the member is called.
    pub(crate) fn sees_tags(&self) -> bool {
        self.component.manifest.capabilities.tags
    }
}

impl FaultReport {
    /// The kind of what is no fault: that a budget is used up.
    pub(crate) const BUDGET: &str = "BUDGET";

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
        Self {
            kind: fault.kind.name().to_owned(),
            message: fault.message.clone(),
            event: met.map(|(_, event)| event),
            member: met.map(|(member, _)| member),
            digest: digest.to_owned(),
            log: fault.log.clone(),
        }
    }
}
