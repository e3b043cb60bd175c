//! What the core needs from something that runs plugins: a port that `perennial-plugin-host`
//! implements. What is said through it – manifests, calls, answers and their judgement – is in
//! `perennial-contract`.

mod port;
mod refusals;

pub use perennial_contract::call::{
    Contact, Context, Event, Member, MemberKind, Purchase, PurchaseLine, StoredRecord,
};
pub use perennial_contract::{
    Action, Capabilities, Due, Effect, Fault, FaultKind, Hook, Manifest, MessageText, Proposal,
    Recipient, RecordKey, Run,
};
pub(crate) use perennial_contract::{
    Clash, Foreign, Granted, Occasion, Shown, grant, grant_proposals, side_by_side, taken,
};
pub use port::{Component, Inspected, Runtime};
