//! One call of one hook: a slot, a fresh instance, the guest's answer, and the instance dropped
//! whatever happened.

use crate::contracts::{Answered, Guest, Ready};
use crate::host::Host;
use crate::limits::{self, Limits};
use crate::look_ups::{answering, asking};
use crate::state::{self, State};
use crate::{fault, inspect};
use perennial_contract::form;
use perennial_core::plugins::{Component, Fault, FaultKind, LookUps, Manifest, Run};
use perennial_core::sha256_hex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{error::Elapsed, timeout};
use wasmtime::{Store, UpdateDeadline};

/// An instance ready to be called once.
pub(crate) struct Session {
    // Before the permit, so that the slot is free again when the permit is.
    store: Store<State>,
    guest: Guest,
    manifest: Arc<Manifest>,
    at: CallSite,
    limits: Limits,
    _slot: OwnedSemaphorePermit,
}

/// Names the call in messages.
struct CallSite {
    plugin: String,
    hook: &'static str,
}

impl Session {
    pub(crate) const TIMEOUT: Duration = limits::CALL_TIMEOUT;

    /// Compiles the component if that has not happened yet.
    pub(crate) async fn prepare(host: &Host, component: &Component) -> Result<(), Fault> {
        let at = CallSite { plugin: component.manifest.id.clone(), hook: "compilation" };
        compiled(host, component).await.map_err(|(kind, why)| at.fault(kind, &why))?;
        Ok(())
    }

    /// Compiles the component if that has not happened yet, waits for a slot, and instantiates it.
    pub(crate) async fn open(
        host: &Host,
        component: &Component,
        hook: &'static str,
    ) -> Result<Self, Fault> {
        let at = CallSite { plugin: component.manifest.id.clone(), hook };
        let ours = |why: String| at.fault(FaultKind::Host, &why);
        let pre = compiled(host, component).await;
        let pre = pre.map_err(|(kind, why)| at.fault(kind, &why))?;
        let slot = timeout(limits::SLOT_TIMEOUT, Arc::clone(&host.slots).acquire_owned())
            .await
            .map_err(|_| ours("no slot became free while other plugins were running".to_owned()))?
            .map_err(|_| ours("the host is shutting down".to_owned()))?;
        let mut store = yielding_store(host)
            .map_err(|error| ours(format!("could not be given a store: {error:#}")))?;
        let guest = match timeout(Self::TIMEOUT, pre.instantiate(&mut store)).await {
            Ok(Ok(guest)) => guest,
            Ok(Err(error)) => {
                let log = std::mem::take(&mut store.data_mut().log);
                let (kind, why) = fault::of_instantiation(&error, &log, &host.limits);
                return Err(at.fault(kind, &why).with_log(log.into_lines()));
            }
            Err(Elapsed { .. }) => {
                return Err(at.fault(FaultKind::Timeout, "took too long to start"));
            }
        };
        let manifest = Arc::clone(&component.manifest);
        Ok(Self { store, guest, manifest, at, limits: host.limits, _slot: slot })
    }

    /// Makes the call, with answers to what is asked meanwhile, and judges what came back; `form` says
    /// what is wrong with an answer.
    pub(crate) async fn call<T, U>(
        mut self,
        look_ups: &dyn LookUps,
        hook: impl AsyncFnOnce(&Guest, &mut Store<State>) -> Answered<T>,
        form: impl FnOnce(T) -> Result<U, String>,
    ) -> Result<Run<U>, Fault> {
        let (asking, questions) = asking(&self.manifest);
        self.store.data_mut().asking = Some(asking);
        let call = answering(hook(&self.guest, &mut self.store), questions, look_ups);
        let answer = timeout(Self::TIMEOUT, call).await;
        self.close(answer, form)
    }

    fn close<T, U>(
        mut self,
        answer: Result<Answered<T>, Elapsed>,
        form: impl FnOnce(T) -> Result<U, String>,
    ) -> Result<Run<U>, Fault> {
        let left = self.store.get_fuel().unwrap_or_default();
        let memory = self.store.data().memory();
        let log = std::mem::take(&mut self.store.data_mut().log);
        let judged = match answer {
            Ok(Ok(Ok(answer))) => form(answer).map_err(|why| (FaultKind::Garbage, why)),
            Ok(Ok(Err(failure))) => Err((FaultKind::Refused, form::failure(&failure))),
            Ok(Err(error)) => Err(fault::of_call(&error, &log, &self.limits)),
            Err(Elapsed { .. }) => Err((
                FaultKind::Timeout,
                format!("gave no answer within {} s", Self::TIMEOUT.as_secs()),
            )),
        };
        let log = log.into_lines();
        match judged {
            Ok(output) => {
                let fuel = self.limits.fuel.saturating_sub(left);
                Ok(Run { output, fuel, memory, log })
            }
            Err((kind, why)) => Err(self.at.fault(kind, &why).with_log(log)),
        }
    }
}

impl CallSite {
    fn fault(&self, kind: FaultKind, why: &str) -> Fault {
        Fault::of_call(kind, &self.plugin, self.hook, why)
    }
}

async fn compiled(host: &Host, component: &Component) -> Result<Ready, (FaultKind, String)> {
    let cell = host.compiled.cell(&component.digest);
    let compile = async || {
        let (engine, linker) = (host.engine.clone(), host.linker.clone());
        let wasm = Arc::clone(&component.wasm);
        let digest = component.digest.clone();
        let compile = move || {
            if sha256_hex(&wasm) != digest {
                let why = "the component is damaged: install the same file again";
                return Err((FaultKind::Damaged, why.to_owned()));
            }
            let cannot = |error| (FaultKind::Damaged, format!("could not be compiled: {error:#}"));
            inspect::compile(&engine, &linker, &wasm).map_err(cannot)
        };
        tokio::task::spawn_blocking(compile)
            .await
            .map_err(|error| (FaultKind::Host, format!("could not be compiled: {error}")))?
    };
    cell.get_or_try_init(compile).await.cloned()
}

/// A store whose guest lets other tasks run, so that a busy plugin shares its thread.
fn yielding_store(host: &Host) -> wasmtime::Result<Store<State>> {
    let mut store = state::store(&host.engine, &host.limits)?;
    store.fuel_async_yield_interval(Some(limits::FUEL_BETWEEN_YIELDS))?;
    let ticks = host.limits.ticks;
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |mut store| {
        let used = &mut store.data_mut().ticks;
        *used += 1;
        Ok(if *used >= ticks { UpdateDeadline::Interrupt } else { UpdateDeadline::Yield(1) })
    });
    Ok(store)
}
