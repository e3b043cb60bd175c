//! What the platform, its sandbox and the tests of a plugin's author agree on, each rule once and with
//! the words in which it is said: the manifest ([`Manifest`]), what a call brings ([`call`]), the
//! bounds of an answer ([`limits`]), what a plugin may ask meanwhile ([`look_up`]), whether an answer
//! is one ([`form`]), whether the plugin may have what it asks for ([`grant()`]), and what is kept of
//! a call so that it can be made again ([`recording`]).
//!
//! Pure: no clock, no files (but for [`packaged`]), no database and no WebAssembly. A plugin's component contains nothing of
//! it.

mod answer;
pub mod call;
pub mod events;
mod fault;
pub mod limits;
pub mod locales;
pub mod look_up;
mod manifest;
pub mod recording;
pub mod text;
pub mod time;

pub use answer::{
    Action, Due, Effect, Granted, Occasion, Proposal, Proposed, Readers, Reason, Recipient, Shown,
    TimerKey, Unique, form, grant, grant_proposals, guest, taken,
};
pub use call::RecordKey;
pub use fault::{Fault, FaultKind, Run, logged};
pub use manifest::{
    Capabilities, Clash, Filled, Foreign, Hook, Manifest, MessageText, Misfit, Refused, Texts,
    What, Whose, packaged, side_by_side,
};
