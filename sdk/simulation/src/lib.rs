//! A small model of the platform around one plugin: members, a clock that the test moves, and whatever
//! runs the plugin ([`Engine`]) – natively in the tests of its author, or as a component in the real
//! sandbox for `perennial plugin test`. What it refuses it refuses by the very rules of the platform,
//! which are in `perennial-contract`.
//!
//! [`Simulation`] is driven by code, [`Scenario`] by a file.

mod cart;
mod engine;
mod members;
mod model;
mod program;
mod scenario;

pub use cart::{Line, basket};
pub use engine::{Engine, Packaged};
pub use members::{Member, organization, person};
pub use model::{Answer, Awarded, Change, Raised, Sent, Simulation};
pub use perennial_contract::call::{
    Balance, Contact, MemberKind, PastPurchase, Position, Purchase, ServiceCenter,
};
pub use perennial_contract::{
    Action, Due, Effect, Fault, FaultKind, Proposal, Proposed, Reason, Recipient, RecordKey,
    TimerKey, Unique,
};
pub use program::Program;
pub use scenario::{Outcome, Scenario, scenarios};
