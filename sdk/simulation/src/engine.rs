//! What runs the plugin.

use perennial_contract::call::{Context, Event, Member, Purchase, StoredRecord};
use perennial_contract::look_up::Known;
use perennial_contract::{Action, Fault, Proposal, Run};
use serde_json::Value;
use std::sync::Arc;

/// Runs a plugin, natively or in the sandbox, which looks up in what is known. Answers have the form of one; whether the plugin may have
/// what it asks for is judged afterwards.
pub trait Engine {
    fn on_event(
        &self,
        context: &Context,
        member: &Member,
        event: &Event,
        known: &Arc<Known>,
    ) -> Result<Run<Vec<Action>>, Fault>;

    fn appraise(
        &self,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
        known: &Arc<Known>,
    ) -> Result<Run<Vec<Proposal>>, Fault>;

    fn view(
        &self,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
        known: &Arc<Known>,
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
        known: &Arc<Known>,
    ) -> Result<Run<Vec<Action>>, Fault> {
        (*self).on_event(context, member, event, known)
    }

    fn appraise(
        &self,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
        known: &Arc<Known>,
    ) -> Result<Run<Vec<Proposal>>, Fault> {
        (*self).appraise(context, member, purchase, known)
    }

    fn view(
        &self,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
        known: &Arc<Known>,
    ) -> Result<Run<Value>, Fault> {
        (*self).view(context, member, records, known)
    }
}
