//! [`Host`]: the core's port `Runtime`, carried out with WebAssembly.

use crate::cache::Cache;
use crate::call::Session;
use crate::contracts::Guest;
use crate::limits::Limits;
use crate::state::State;
use crate::{contracts, engine, inspect};
use anyhow::Context as _;
use perennial_contract::form;
use perennial_core::Result;
use perennial_core::plugins::{
    Action, Component, Context, Event, Fault, Inspected, LookUps, Member, Proposal, Purchase, Run,
    Runtime, StoredRecord,
};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime::component::Linker;
use wasmtime::{CacheConfig, Engine, Store};

/// Runs plugins. One for each process: it reserves memory for its slots and owns the compiled
/// components.
pub struct Host {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) limits: Limits,
    pub(crate) compiled: Cache,
    /// As many permits as the pool has slots, because an exhausted pool is an error and not a wait.
    pub(crate) slots: Arc<Semaphore>,
}

impl Host {
    /// Fails when the machine does not provide the address space for the slots.
    pub fn new() -> anyhow::Result<Self> {
        Self::with_limits(Limits::default())
    }

    /// With other limits than a server's.
    pub fn with_limits(limits: Limits) -> anyhow::Result<Self> {
        Self::start(limits, None)
    }

    /// Keeps what it compiled in `folder`, so that the next process does not compile it again. The
    /// folder holds native code: whoever can write to it can do what the server can.
    pub fn with_cache(limits: Limits, folder: &Path) -> anyhow::Result<Self> {
        let shown = || format!("cannot keep compiled plugins in {}", folder.display());
        std::fs::create_dir_all(folder).with_context(shown)?;
        let mut config = CacheConfig::new();
        config.with_directory(folder.canonicalize().with_context(shown)?);
        let cache = wasmtime::Cache::new(config).map_err(ours).with_context(shown)?;
        Self::start(limits, Some(cache))
    }

    fn start(limits: Limits, kept: Option<wasmtime::Cache>) -> anyhow::Result<Self> {
        let engine = engine::start(&limits, kept)
            .map_err(ours)
            .with_context(|| format!("cannot reserve memory for {} plugins", limits.slots))?;
        let linker = contracts::linker(&engine)
            .map_err(ours)
            .context("cannot define what plugins import")?;
        let slots = Arc::new(Semaphore::new(limits.slots as usize));
        Ok(Self { engine, linker, limits, compiled: Cache::default(), slots })
    }
}

#[async_trait::async_trait]
impl Runtime for Host {
    /// Compiles the component, which takes tens of milliseconds of processor time: call it where
    /// blocking is allowed.
    fn inspect(&self, wasm: &[u8]) -> Result<Inspected> {
        inspect::inspect(&self.engine, &self.linker, &self.limits, wasm)
    }

    async fn prepare(&self, component: &Component) -> Result<(), Fault> {
        Session::prepare(self, component).await
    }

    async fn on_event(
        &self,
        component: &Component,
        context: &Context,
        member: Option<&Member>,
        event: &Event,
        look_ups: &dyn LookUps,
    ) -> Result<Run<Vec<Action>>, Fault> {
        let session = Session::open(self, component, "on-event").await?;
        let hook = async |guest: &Guest, store: &mut Store<State>| {
            guest.on_event(store, context, member, event).await
        };
        session.call(look_ups, hook, form::actions).await
    }

    async fn appraise(
        &self,
        component: &Component,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
        look_ups: &dyn LookUps,
    ) -> Result<Run<Vec<Proposal>>, Fault> {
        let session = Session::open(self, component, "appraise").await?;
        let hook = async |guest: &Guest, store: &mut Store<State>| {
            guest.appraise(store, context, member, purchase).await
        };
        session.call(look_ups, hook, form::proposals).await
    }

    async fn view(
        &self,
        component: &Component,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
        look_ups: &dyn LookUps,
    ) -> Result<Run<Value>, Fault> {
        let session = Session::open(self, component, "view").await?;
        let hook = async |guest: &Guest, store: &mut Store<State>| {
            guest.view(store, context, member, records).await
        };
        session.call(look_ups, hook, |view| form::view(&view)).await
    }
}

fn ours(error: wasmtime::Error) -> anyhow::Error {
    anyhow::Error::from_boxed(error.into_boxed_dyn_error())
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("limits", &self.limits).finish_non_exhaustive()
    }
}
