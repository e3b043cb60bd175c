//! Builds plugin components and runs them within limits. A plugin is somebody else's code: it gets
//! a fresh instance for each call, no clock, no files and no network, a bounded amount of work,
//! memory and output, and whatever it does wrong comes back as a
//! [`Fault`](perennial_core::plugins::Fault) that names the plugin, the hook and what happened.
//!
//! Start reading at [`Host`], which runs components, or at [`build()`] and [`pack()`], which make them.

mod build;
mod host;

mod cache;
mod call;
mod contracts;
mod engine;
mod fault;
mod inspect;
mod limits;
mod look_ups;
mod sections;
mod signature;
mod state;

pub use build::{Built, Described, build, describe, pack};
pub use host::Host;
pub use limits::Limits;
pub use sections::repack;
pub use signature::sign;
