//! An answer as the guest wrote it, text where `sdk/wit/plugin.wit` has text. Whoever speaks a binding
//! of the contract converts into these, field by field, and [`form`](super::form) does the rest.

pub use super::{Reason, Recipient, TimerKey, Unique};
use crate::call::RecordKey;

#[derive(Clone, Debug)]
pub struct Action {
    pub key: String,
    pub effect: Effect,
}

#[derive(Clone, Debug)]
pub enum Effect {
    AwardPoints { points: i64, reason: Reason },
    DeductPoints { points: i64, reason: Reason },
    SendMessage { template: String, to: Recipient, parameters: Vec<(String, String)> },
    SetTimer { key: TimerKey, due: Due, data: String },
    CancelTimer(TimerKey),
    PutRecord { key: RecordKey, data: String },
    SetState(Option<String>),
    SetValue { key: String, value: Option<String> },
    RaiseEvent { name: String, data: String },
    AddTag(String),
    RemoveTag(String),
    Extension { name: String },
}

#[derive(Clone, Debug)]
pub enum Due {
    /// Microseconds since 1970-01-01T00:00:00Z.
    At(i64),
    /// A day such as `2026-11-22`.
    On(String),
}

#[derive(Clone, Debug)]
pub struct Proposal {
    pub key: String,
    pub points: i64,
    pub reason: Reason,
}

/// A refusal in the plugin's own words.
#[derive(Clone, Debug)]
pub struct Failure {
    pub code: String,
    pub message: String,
}
