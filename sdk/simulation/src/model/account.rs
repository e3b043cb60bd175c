//! A member, and what the plugin has brought about for it.

use crate::Member;
use jiff::{Timestamp, civil::Date};
use perennial_contract::Recipient;
use perennial_contract::call::RecordKey;
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

#[derive(Debug)]
pub(super) struct Account {
    pub(super) member: Member,
    /// By subject: a record, or the member itself.
    pub(super) states: BTreeMap<Option<RecordKey>, Value>,
    pub(super) timers: BTreeMap<String, Timer>,
    pub(super) sent: Vec<Sent>,
    pub(super) points: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Timer {
    /// Timers that are due at the same instant fire in the order in which they were made.
    pub(super) number: u64,
    pub(super) due: Timestamp,
    pub(super) data: Value,
    pub(super) about: Option<RecordKey>,
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
    pub(super) fn of(member: Member) -> Self {
        Self {
            member,
            states: BTreeMap::new(),
            timers: BTreeMap::new(),
            sent: Vec::new(),
            points: 0,
        }
    }
}
