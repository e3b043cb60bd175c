//! Testing a plugin without a server: a [`Simulation`] of one member, whose clock the test moves.
//!
//! The simulation does with an answer what the platform does: it stores state by subject and
//! records, fires timers in order and collects messages and points. Events reach the plugin as the
//! JSON that the platform writes. An eighteen-month cycle takes a millisecond.
//!
//! It does not check what only the platform knows: capabilities, schemas, templates and limits,
//! such as the hour between a timer's firing and the next timer that it sets.
//!
//! ```
//! use perennial_sdk::testing::{Simulation, person};
//! use perennial_sdk::{Actions, Context, Event, Failure, Plugin, json};
//!
//! struct Greeter;
//!
//! impl Plugin for Greeter {
//!     type Config = std::collections::BTreeMap<String, i64>;
//!
//!     fn on_event(cx: &Context<Self::Config>, event: &Event) -> Result<Actions, Failure> {
//!         let mut actions = Actions::new();
//!         if let Event::MemberJoined(_) = event {
//!             actions.award_points(cx.config["welcome"], "Welcome");
//!         }
//!         Ok(actions)
//!     }
//! }
//!
//! let config = json!({ "welcome": 50 });
//! let mut simulation = Simulation::<Greeter>::new("2026-01-01", config, person());
//! simulation.event("member-joined", json!({}))?;
//! assert_eq!(simulation.points(), 50);
//! # Ok::<(), Failure>(())
//! ```

mod fixtures;
mod simulation;

pub use fixtures::{basket, organization, person};
pub use simulation::{Sent, Simulation};

use std::cell::RefCell;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What the plugin logged on this thread since the last call of this function, as `level: message`.
pub fn logged() -> Vec<String> {
    LOG.take()
}

#[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "guests log to the platform"))]
pub(crate) fn keep(line: String) {
    LOG.with_borrow_mut(|lines| lines.push(line));
}
