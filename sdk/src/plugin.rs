//! The trait that a plugin implements, and how it refuses.

use crate::{Actions, Context, Event, Json, Member, Proposal, Purchase, Record};
use serde::de::DeserializeOwned;

/// A plugin: pure functions from what happened to what should happen.
///
/// There is no `self`, because nothing survives a call: each one gets a fresh instance. What has to last goes into
/// [`Actions::set_state`].
pub trait Plugin {
    /// The program's configuration of this plugin, already valid against the manifest's schema.
    type Config: DeserializeOwned;

    /// Told of each event that the manifest subscribes to, and of the plugin's own timers. Per member, events come in order.
    fn on_event(cx: &Context<Self::Config>, event: &Event) -> Result<Actions, Failure> {
        let _ = (cx, event);
        Ok(Actions::none())
    }

    /// Proposes points for a cart or a purchase; asked only if the manifest names the hook `appraise`. Has no effects, and has to
    /// answer alike for a cart and for the purchase that it becomes.
    fn appraise(
        cx: &Context<Self::Config>,
        member: &Member,
        purchase: &Purchase,
    ) -> Result<Vec<Proposal>, Failure> {
        let _ = (cx, member, purchase);
        Ok(Vec::new())
    }

    /// What the member or an operator sees of the plugin's data; asked only if the manifest names the hook `view`.
    fn view(
        cx: &Context<Self::Config>,
        member: &Member,
        records: &[Record],
    ) -> Result<Json, Failure> {
        let _ = (cx, member, records);
        Ok(Json::null())
    }
}

/// A refusal in the plugin's own words. The platform stops delivering to the plugin and shows this to the operator, so refuse
/// only what somebody has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// For programs: `unknown-model`.
    pub code: String,
    /// For people: what is wrong and what to do.
    pub message: String,
}

impl Failure {
    /// A refusal.
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

/// Calendar arithmetic that leaves the calendar.
impl From<jiff::Error> for Failure {
    fn from(_: jiff::Error) -> Self {
        // jiff's own text names the unit and its range, and would cost every plugin its size again.
        Self::new("outside-calendar", "a date or an instant is outside the calendar")
    }
}
