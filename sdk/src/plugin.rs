//! The trait that a plugin implements, and how it refuses.

use crate::{Actions, Context, Event, Json, Member, Proposal, Purchase, Record};
use serde::{Deserialize, de::DeserializeOwned};

/// A plugin: pure functions from what happened to what should happen.
///
/// There is no `self`, because each call runs in a fresh instance. What has to be remembered goes
/// into [`Actions::set_state`].
pub trait Plugin {
    /// The plugin's table in the program file, already validated against the manifest's schema. A
    /// table that does not fit this type fails every call with `unexpected-config`.
    type Config: DeserializeOwned;

    /// Called for each event that the manifest subscribes to, and for each timer of the plugin that
    /// is due. The events of one member arrive in order.
    fn on_event(cx: &Context<Self::Config>, event: &Event) -> Result<Actions, Failure> {
        let _ = (cx, event);
        Ok(Actions::none())
    }

    /// Proposes points for a cart or a purchase. Called only if the manifest names the hook
    /// `appraise`. It has no effects, and must propose the same for a cart and for the purchase
    /// that the cart becomes, so it must not use [`Context::seed`] or [`Purchase::reference`].
    fn appraise(
        cx: &Context<Self::Config>,
        member: &Member,
        purchase: &Purchase,
    ) -> Result<Vec<Proposal>, Failure> {
        let _ = (cx, member, purchase);
        Ok(Vec::new())
    }

    /// Shows the plugin's data about a member, to the member or an operator: at most 64 KiB of
    /// JSON. Called only if the manifest names the hook `view`. `records` holds the newest 100 of
    /// each type that it is shown, the newest first; [`Context::records`] has them in the order in
    /// which they were made.
    fn view(
        cx: &Context<Self::Config>,
        member: &Member,
        records: &[Record],
    ) -> Result<Json, Failure> {
        let _ = (cx, member, records);
        Ok(Json::null())
    }
}

/// The configuration of a plugin that has none: [`Plugin::Config`] is an empty table then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct NoConfig {}

/// The plugin's refusal to handle a call. After one in `on_event` the plugin stands still over that
/// member, and a purchase is recorded without it after one in `appraise`, until somebody says
/// otherwise: the operator is shown this, so refuse only what somebody has to fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// For programs, such as `unknown-model`; cut after 512 bytes.
    pub code: String,
    /// For people: what is wrong and what to do; cut after 2 KiB.
    pub message: String,
}

impl Failure {
    /// A refusal with a code and a message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}

/// Calendar arithmetic whose result is outside the calendar fails with `outside-calendar`.
impl From<jiff::Error> for Failure {
    fn from(_: jiff::Error) -> Self {
        // jiff's own text names the unit and its range, and would cost every plugin its size again.
        Self::new("outside-calendar", "a date or an instant is outside the calendar")
    }
}
