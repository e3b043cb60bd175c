//! Testing a plugin without a server: a [`Simulation`] of the platform around it, whose clock the test
//! moves, and [`scenarios`] in files.
//!
//! The simulation does with an answer what the platform does, by the same rules and in the same words:
//! it knows the manifest, so an event that is not subscribed to is not delivered, and what the plugin
//! may not have is refused – by capability, schema, size or number. It stores state by subject and
//! records, renders messages in the reader's language, fires timers in order and counts points. Events
//! reach the plugin as the JSON that the platform writes. An eighteen-month cycle takes a millisecond.
//!
//! It does not know what only the sandbox does: fuel, time and memory. `perennial plugin test` runs the
//! same scenarios there.
//!
//! ```
//! use perennial_sdk::testing::{Package, Simulation, person};
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
//! // `#[perennial_sdk::plugin]` does this with the crate's own `plugin.toml`.
//! impl Package for Greeter {
//!     const MANIFEST: &str = r#"
//!         id = "greeter"
//!         name = "Greeter"
//!         version = "1.0.0"
//!         subscribes = ["member-joined"]
//!         capabilities.points-per-event-max = 50
//!         config.properties.welcome = { type = "integer" }
//!     "#;
//!     const FOLDER: &str = ".";
//! }
//!
//! let mut simulation = Simulation::<Greeter>::new("2026-01-01", json!({ "welcome": 50 }), person());
//! simulation.event("member-joined", json!({}))?;
//! assert_eq!(simulation.points(), 50);
//!
//! let mut simulation = Simulation::<Greeter>::new("2026-01-01", json!({ "welcome": 51 }), person());
//! let fault = simulation.event("member-joined", json!({})).unwrap_err();
//! assert!(fault.message.contains("more than points-per-event-max, 50"));
//! # Ok::<(), perennial_sdk::testing::Fault>(())
//! ```

#[cfg(test)]
mod barista_tests;
#[cfg(test)]
mod change_tests;
mod convert;
mod files;
pub(crate) mod look_up;
mod native;
#[cfg(test)]
mod social_tests;
#[cfg(test)]
mod tests;
mod texts;

pub use files::scenarios;
pub use native::{Native, Package};
pub use perennial_contract::Filled;
pub use perennial_simulation::{
    Action, Answer, Awarded, Balance, Change, Contact, Due, Effect, Fault, FaultKind, Line, Member,
    MemberKind, PastPurchase, Position, Program, Proposal, Proposed, Purchase, Raised, Reason,
    Recipient, RecordKey, Sent, ServiceCenter, TimerKey, Unique, basket, organization, person,
};
pub use texts::{languages, message};

use std::cell::RefCell;

/// The platform around one plugin. See [`perennial_simulation::Simulation`].
pub type Simulation<P> = perennial_simulation::Simulation<Native<P>>;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What the plugin logged on this thread since the last call of this function, as `level: message`.
pub fn logged() -> Vec<String> {
    LOG.take()
}

pub(crate) fn keep(line: String) {
    LOG.with_borrow_mut(|lines| lines.push(line));
}

/// What was logged since there were so many lines.
fn logged_after(lines: usize) -> Vec<String> {
    LOG.with_borrow(|all| all.get(lines..).unwrap_or_default().to_vec())
}

fn lines() -> usize {
    LOG.with_borrow(Vec::len)
}
