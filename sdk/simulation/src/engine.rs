//! What runs the plugin.

use perennial_contract::call::{Context, Event, Member, Purchase, StoredRecord};
use perennial_contract::{Action, Fault, Proposal, Run};
use serde_json::Value;

/// Runs a plugin, natively or in the sandbox. Answers have the form of one; whether the plugin may have
/// what it asks for is judged afterwards.
pub trait Engine {
    fn on_event(
        &self,
        context: &Context,
        member: &Member,
        event: &Event,
    ) -> Result<Run<Vec<Action>>, Fault>;

    fn appraise(
        &self,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
    ) -> Result<Run<Vec<Proposal>>, Fault>;

    fn view(
        &self,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
    ) -> Result<Run<Value>, Fault>;
}

/// An engine that is known by its type alone, with the plugin's manifest.
pub trait Packaged: Engine + Sized {
    /// The engine, and the text of the manifest, with the texts of its messages.
    fn package() -> (Self, String);
}

impl<E: Engine> Engine for &E {
    fn on_event(
        &self,
        context: &Context,
        member: &Member,
        event: &Event,
    ) -> Result<Run<Vec<Action>>, Fault> {
        (*self).on_event(context, member, event)
    }

    fn appraise(
        &self,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
    ) -> Result<Run<Vec<Proposal>>, Fault> {
        (*self).appraise(context, member, purchase)
    }

    fn view(
        &self,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
    ) -> Result<Run<Value>, Fault> {
        (*self).view(context, member, records)
    }
}
