//! Plugins as the core sees them: a manifest, a runtime behind a port, and what an answer of a plugin turns into.

mod manifest;
mod port;

pub use manifest::{Capabilities, EVENT_NAMES, Hook, Manifest, MessageText};
pub use port::{
    Action, Component, Contact, Context, Due, Effect, Event, Fault, FaultKind, Member, MemberKind,
    Proposal, Purchase, PurchaseLine, Recipient, RecordKey, Run, Runtime, StoredRecord,
};
