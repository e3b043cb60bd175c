//! The port: what the core needs from something that runs plugins. `perennial-plugin-host` implements
//! it with WebAssembly; the core knows nothing of that.

use super::{
    Action, Context, Event, Fault, Manifest, Member, Proposal, Purchase, Run, StoredRecord,
};
use crate::Result;
use perennial_contract::look_up::{Found, Known, Question};
use serde_json::Value;
use std::sync::Arc;

/// Runs plugins. Calls are pure: they have no effect besides what they return, and learn nothing but
/// what they are told and what they look up.
#[async_trait::async_trait]
pub trait Runtime: Send + Sync {
    /// Checks a component before it is installed – size, signature, imports, exports, a trial
    /// instantiation – and reads its manifest. Fails with `COMPONENT_INVALID` or `MANIFEST_INVALID`.
    fn inspect(&self, wasm: &[u8]) -> Result<Inspected>;

    /// Makes a component ready to be called, which takes its time once: so that a deadline of a call
    /// is the call's own.
    async fn prepare(&self, component: &Component) -> Result<(), Fault>;

    async fn on_event(
        &self,
        component: &Component,
        context: &Context,
        member: Option<&Member>,
        event: &Event,
        look_ups: &dyn LookUps,
    ) -> Result<Run<Vec<Action>>, Fault>;

    async fn appraise(
        &self,
        component: &Component,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
        look_ups: &dyn LookUps,
    ) -> Result<Run<Vec<Proposal>>, Fault>;

    async fn view(
        &self,
        component: &Component,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
        look_ups: &dyn LookUps,
    ) -> Result<Run<Value>, Fault>;
}

/// Answers what a plugin looks up while it runs.
#[async_trait::async_trait]
pub trait LookUps: Send + Sync {
    /// Fails through no fault of the plugin.
    async fn look_up(&self, question: &Question) -> Result<Found, Fault>;
}

/// What is at hand.
#[async_trait::async_trait]
impl LookUps for Known {
    async fn look_up(&self, question: &Question) -> Result<Found, Fault> {
        Ok(self.answer(question))
    }
}

/// A component that was found to be sound.
#[derive(Clone, Debug)]
pub struct Inspected {
    pub manifest: Manifest,
    /// The public key that it is signed by, as text; none if nobody has signed it.
    pub signed_by: Option<String>,
}

/// An installed plugin version: what was checked, by digest.
#[derive(Clone, Debug)]
pub struct Component {
    /// SHA-256 of `wasm`, in hexadecimal. The runtime may cache what it compiled under this key.
    pub digest: String,
    pub manifest: Arc<Manifest>,
    pub wasm: Arc<[u8]>,
}
