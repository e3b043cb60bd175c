//! What the core needs from something that runs plugins: a manifest, and a port that
//! `perennial-plugin-host` implements.

mod manifest;
mod port;

pub(crate) use manifest::render;
pub use manifest::{Capabilities, Hook, Manifest, MessageText};
pub use port::{
    Action, Component, Contact, Context, Due, Effect, Event, Fault, FaultKind, Inspected, Member,
    MemberKind, Proposal, Purchase, PurchaseLine, Recipient, RecordKey, Run, Runtime, StoredRecord,
};
