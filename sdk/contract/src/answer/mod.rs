//! What a plugin asks for; nothing has happened yet. An answer is judged twice: [`form`] says whether
//! it is one at all, and [`grant()`] whether the plugin may have it.

pub mod form;
mod grant;
pub mod guest;

pub use grant::{Granted, Occasion, Shown, grant, grant_proposals, taken};

use crate::call::RecordKey;
use jiff::{Timestamp, civil::Date};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    Member,
    /// A contact's id, as the guest wrote it.
    Contact(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    At(Timestamp),
    /// The first instant of the day in the program's time zone.
    On(Date),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    AwardPoints { points: i64, reason: String },
    SendMessage { template: String, to: Recipient, parameters: Vec<(String, String)> },
    SetTimer { name: String, due: Due, data: Value, about: Option<RecordKey> },
    CancelTimer { name: String },
    PutRecord { key: RecordKey, data: Value },
    SetState(Option<Value>),
    Extension { name: String },
}

/// An effect under the key under which it is carried out once.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub key: String,
    pub effect: Effect,
}

/// Points that a plugin proposes for a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub key: String,
    pub points: i64,
    pub reason: String,
}
