//! What the core needs from something that runs plugins. `perennial-plugin-host` implements it with
//! WebAssembly; the core knows nothing of that. The types mirror `sdk/wit/plugin.wit`, with
//! identifiers, instants and JSON already parsed.

use super::Manifest;
use crate::{EventId, Points, Result, Timestamp};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// Runs plugins. Calls are pure: they have no effect besides what they return.
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
    ) -> Result<Run<Vec<Action>>, Fault>;

    async fn appraise(
        &self,
        component: &Component,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
    ) -> Result<Run<Vec<Proposal>>, Fault>;

    async fn view(
        &self,
        component: &Component,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
    ) -> Result<Run<Value>, Fault>;
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

/// The circumstances of a call.
#[derive(Clone, Debug)]
pub struct Context {
    pub program: String,
    pub revision: u32,
    pub now: Timestamp,
    pub today: Date,
    pub seed: u64,
    pub config: Value,
    pub state: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    Person,
    Organization,
}

#[derive(Clone, Debug)]
pub struct Contact {
    pub id: String,
    pub role: String,
    pub locale: String,
}

#[derive(Clone, Debug)]
pub struct Member {
    pub id: String,
    pub external_id: String,
    pub kind: MemberKind,
    pub locale: String,
    pub tier: Option<String>,
    pub points: Points,
    pub purchases: i64,
    pub spent_minor: i64,
    pub joined_on: Date,
    pub last_purchase_on: Option<Date>,
    pub contacts: Vec<Contact>,
}

#[derive(Clone, Debug)]
pub struct Event {
    pub id: EventId,
    pub name: String,
    pub occurred_at: Timestamp,
    pub data: Value,
}

/// How a record is named: by its type and its external id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    pub record_type: String,
    pub external_id: String,
}

#[derive(Clone, Debug)]
pub struct StoredRecord {
    pub key: RecordKey,
    pub data: Value,
    pub state: Option<Value>,
}

#[derive(Clone, Debug)]
pub struct PurchaseLine {
    pub sku: String,
    pub category: Option<String>,
    pub quantity: u32,
    pub amount_minor: i64,
}

#[derive(Clone, Debug)]
pub struct Purchase {
    pub reference: String,
    pub currency: String,
    pub total_minor: i64,
    pub purchased_on: Date,
    pub lines: Vec<PurchaseLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    Member,
    /// A contact's id, as the guest wrote it.
    Contact(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    At(Timestamp),
    /// The first instant of the day in the program's time zone.
    On(Date),
}

/// What a plugin asks for; nothing has happened yet.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    AwardPoints { points: Points, reason: String },
    SendMessage { template: String, to: Recipient, parameters: Vec<(String, String)> },
    SetTimer { name: String, due: Due, data: Value, about: Option<RecordKey> },
    CancelTimer { name: String },
    PutRecord { key: RecordKey, data: Value },
    SetState(Option<Value>),
    Extension { name: String },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub key: String,
    pub effect: Effect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub key: String,
    pub points: Points,
    pub reason: String,
}

/// A completed call and what it cost.
#[derive(Clone, Debug)]
pub struct Run<T> {
    pub output: T,
    /// Instructions' worth of work, the same number on every run of the same call.
    pub fuel: u64,
    /// `level: message`, in order, bounded.
    pub log: Vec<String>,
}

/// Why a call gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FaultKind {
    /// The guest stopped itself: a panic, a division by zero, an impossible branch.
    Trap,
    /// It used up its instructions: a loop without end.
    OutOfFuel,
    /// It took too long by the wall clock; unlike the others this can depend on the machine, so it
    /// is tried again.
    Timeout,
    /// It wanted more memory than it may have.
    OutOfMemory,
    /// It answered with something that is not an answer: broken JSON, too many actions, a key used
    /// twice, an instant outside the calendar.
    Garbage,
    /// It asked for what its manifest or the program does not allow.
    NotAllowed,
    /// It refused in its own words.
    Refused,
    /// Its file is not what was installed, or nothing that runs: it can be asked nothing.
    Damaged,
    /// The host could not run it, through no fault of the plugin.
    Host,
}

/// A failed call. `message` names what happened in words fit for the operator.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: FaultKind,
    pub message: String,
    pub log: Vec<String>,
}

impl Fault {
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), log: Vec::new() }
    }

    /// Adds what the guest logged before it failed.
    #[must_use]
    pub fn with_log(mut self, log: Vec<String>) -> Self {
        self.log = log;
        self
    }
}
