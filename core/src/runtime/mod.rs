//! What the core needs from something that runs plugins: a port that `perennial-plugin-host`
//! implements. What is said through it – manifests, calls, answers and their judgement – is in
//! `perennial-contract`.

mod port;
mod refusals;

pub use perennial_contract::call::{
    Balance, Contact, Context, Event, Member, MemberKind, PastPurchase, Purchase, PurchaseLine,
    StoredRecord,
};
pub(crate) use perennial_contract::call::{Position, ServiceCenter};
pub(crate) use perennial_contract::look_up::{self, CenterQuery, fitting};
pub use perennial_contract::look_up::{Found, Known, Question};
pub use perennial_contract::{
    Action, Capabilities, Due, Effect, Fault, FaultKind, Hook, Manifest, MessageText, Proposal,
    Reason, Recipient, RecordKey, Run, TimerKey, Unique,
};
pub(crate) use perennial_contract::{
    Clash, Foreign, Granted, Occasion, Proposed, Readers, Shown, grant, grant_proposals,
    side_by_side, taken,
};
pub use port::{Component, Inspected, LookUps, Runtime};
