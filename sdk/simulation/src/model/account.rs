//! A member, and what the plugin has brought about for it.

use crate::Member;
use jiff::{Timestamp, civil::Date};
use perennial_contract::call::{PastPurchase, RecordKey};
use perennial_contract::{Recipient, TimerKey};
use serde_json::Value;
use std::collections::BTreeMap;

/// A message that the plugin sent, as its reader gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The day on which it was sent.
    pub on: Date,
    /// A template of the manifest.
    pub template: String,
    /// Who received it.
    pub to: Recipient,
    /// The language that the text is in: the reader's, or the one that stands in for it.
    pub locale: String,
    pub subject: String,
    pub body: String,
    /// Values for the template's `{placeholders}`.
    pub parameters: BTreeMap<String, String>,
}

/// Points that the plugin gave at an event, or took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awarded {
    /// The day on which they were given.
    pub on: Date,
    pub key: String,
    /// Below zero what was taken.
    pub points: i64,
    /// As the member reads it.
    pub reason: String,
}

/// An event that the plugin raised.
#[derive(Clone, Debug, PartialEq)]
pub struct Raised {
    /// The day on which it was raised.
    pub on: Date,
    /// One of the manifest.
    pub name: String,
    pub data: Value,
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) member: Member,
    /// By subject: a record, or the member itself.
    pub(super) states: BTreeMap<Option<RecordKey>, Value>,
    /// What it keeps of the member by keys of its own.
    pub(super) values: BTreeMap<String, Value>,
    pub(super) timers: BTreeMap<Place, Timer>,
    /// Oldest first.
    pub(super) purchases: Vec<PastPurchase>,
    pub(super) sent: Vec<Sent>,
    pub(super) awarded: Vec<Awarded>,
    pub(super) raised: Vec<Raised>,
    pub(super) points: i64,
}

/// Names a timer, shown as `NAME`, or `NAME TYPE/EXTERNAL-ID` if it is about a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) about: Option<RecordKey>,
}

#[derive(Clone, Debug)]
pub(super) struct Timer {
    /// Timers that are due at the same instant fire in the order in which they were made.
    pub(super) number: u64,
    pub(super) due: Timestamp,
    pub(super) data: Value,
}

/// A record of a member.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    /// In the order in which they were made.
    pub(super) number: u64,
    /// Which account's it is.
    pub(super) owner: usize,
    pub(super) data: Value,
}

impl Account {
    /// Whether the plugin keeps something of the member or of its records, or has a timer.
    pub(super) fn is_known(&self) -> bool {
        !(self.states.is_empty() && self.values.is_empty() && self.timers.is_empty())
    }

    /// Takes away what the plugin keeps, and its timers.
    pub(super) fn forget(&mut self) {
        self.states.clear();
        self.values.clear();
        self.timers.clear();
    }

    pub(super) fn of(member: Member) -> Self {
        Self {
            member,
            states: BTreeMap::new(),
            values: BTreeMap::new(),
            timers: BTreeMap::new(),
            purchases: Vec::new(),
            sent: Vec::new(),
            awarded: Vec::new(),
            raised: Vec::new(),
            points: 0,
        }
    }
}

impl From<TimerKey> for Place {
    fn from(key: TimerKey) -> Self {
        let TimerKey { name, about, .. } = key;
        Self { name, about }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, about } = self;
        match about {
            None => f.write_str(name),
            Some(RecordKey { record_type, external_id }) => {
                write!(f, "{name} {record_type}/{external_id}")
            }
        }
    }
}
