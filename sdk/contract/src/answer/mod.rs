//! What a plugin asks for; nothing has happened yet. An answer is judged twice: [`form`] says whether
//! it is one at all, and [`grant()`] whether the plugin may have it.

pub mod form;
mod grant;
pub mod guest;

pub use grant::{Granted, Occasion, Proposed, Readers, Shown, grant, grant_proposals, taken};

use crate::call::RecordKey;
use crate::recording::maybe;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Recipient {
    Member,
    /// A contact's id, as the guest wrote it.
    Contact(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Due {
    At(Timestamp),
    /// The first instant of the day in the program's time zone.
    On(Date),
}

/// Why there are points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Reason {
    Text(String),
    /// A text of the manifest, in the member's language.
    Named {
        template: String,
        parameters: Vec<(String, String)>,
    },
}

/// Names a plugin's timer for a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimerKey {
    pub name: String,
    /// The record that the wake-up is about.
    pub about: Option<RecordKey>,
    pub unique: Unique,
}

/// Among which timers of the plugin and the member a name stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unique {
    /// Among those about the same record, or about none.
    PerRecord,
    /// Among all of them: the rule of contract 0.1.
    PerMember,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Effect {
    AwardPoints {
        points: i64,
        reason: Reason,
    },
    DeductPoints {
        points: i64,
        reason: Reason,
    },
    SendMessage {
        template: String,
        to: Recipient,
        parameters: Vec<(String, String)>,
    },
    SetTimer {
        key: TimerKey,
        due: Due,
        data: Value,
    },
    CancelTimer(TimerKey),
    PutRecord {
        key: RecordKey,
        data: Value,
    },
    SetState(#[serde(with = "maybe")] Option<Value>),
    SetValue {
        key: String,
        #[serde(with = "maybe")]
        value: Option<Value>,
    },
    RaiseEvent {
        name: String,
        data: Value,
    },
    AddTag(String),
    RemoveTag(String),
    Extension {
        name: String,
    },
}

/// An effect under the key under which it is carried out once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    pub key: String,
    pub effect: Effect,
}

/// Points that a plugin proposes for a purchase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    pub key: String,
    pub points: i64,
    pub reason: Reason,
}

impl TimerKey {
    /// What is one for all keys that stand for the same timer.
    #[must_use]
    pub fn place(&self) -> (&str, Option<&RecordKey>) {
        let about = match self.unique {
            Unique::PerRecord => self.about.as_ref(),
            Unique::PerMember => None,
        };
        (&self.name, about)
    }
}
