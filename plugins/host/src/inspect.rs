//! What is checked before a component is installed, cheapest first, so that what goes wrong later
//! is the plugin's behaviour and not its shape.

use crate::contracts::{Contract, Ready};
use crate::limits::{self, Limits};
use crate::state::{self, State};
use crate::{sections, signature};
use perennial_core::plugins::{Inspected, Manifest};
use perennial_core::{Code, Error, Result};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, bail};

/// Checks a component and reads its manifest, and by whom it is signed.
pub(crate) fn inspect(
    engine: &Engine,
    linker: &Linker<State>,
    limits: &Limits,
    wasm: &[u8],
) -> Result<Inspected> {
    check_file(wasm)?;
    let signed_by = signature::signed_by(wasm).map_err(|error| invalid(format!("{error:#}")))?;
    let contract = contract(wasm)?;
    let manifest = read_manifest(wasm)?;
    let component = Component::from_binary(engine, wasm)
        .map_err(|error| invalid(format!("it does not compile: {error:#}")))?;
    check_imports(engine, contract, &component)?;
    check_resources(&component)?;
    let ready = contract
        .link(linker, &component)
        .map_err(|error| invalid(format!("it does not fit the plugin contract: {error:#}")))?;
    instantiate(engine, limits, &ready)
        .map_err(|error| invalid(format!("it cannot be instantiated: {error:#}")))?;
    Ok(Inspected { manifest, signed_by })
}

/// Compiles and links; takes tens of milliseconds.
pub(crate) fn compile(
    engine: &Engine,
    linker: &Linker<State>,
    wasm: &[u8],
) -> wasmtime::Result<Ready> {
    let contract =
        contract(wasm).map_err(|error| wasmtime::Error::msg(error.message().to_owned()))?;
    contract.link(linker, &Component::from_binary(engine, wasm)?)
}

fn check_file(wasm: &[u8]) -> Result<()> {
    if wasm.len() > limits::COMPONENT_BYTES {
        let (size, limit) = (wasm.len(), limits::COMPONENT_BYTES);
        return Err(invalid(format!("it has {size} bytes; at most {limit} are allowed")));
    }
    // Precompiled code is native code: nothing would confine it.
    if Engine::detect_precompiled(wasm).is_some() {
        return Err(invalid("it is precompiled; send the WebAssembly component itself"));
    }
    if wasm.starts_with(sections::MODULE_HEADER) {
        return Err(invalid("it is a core module, not a component"));
    }
    if !wasm.starts_with(sections::COMPONENT_HEADER) {
        return Err(invalid("it is not a WebAssembly component"));
    }
    Ok(())
}

/// The contract that the component was built against.
fn contract(wasm: &[u8]) -> Result<Contract> {
    let version = section(wasm, sections::SDK_VERSION)?;
    Contract::of_sdk(version).ok_or_else(|| {
        let spoken = Contract::ALL.map(Contract::version).join(" and ");
        invalid(format!(
            "it was built with perennial-sdk {version}, this server runs plugins built with \
             {spoken}; build it again with one of these"
        ))
    })
}

fn read_manifest(wasm: &[u8]) -> Result<Manifest> {
    Ok(Manifest::parse(section(wasm, sections::MANIFEST)?)?)
}

fn section<'wasm>(wasm: &'wasm [u8], name: &str) -> Result<&'wasm str> {
    let content = sections::find(wasm, name)
        .map_err(|error| invalid(format!("{error:#}")))?
        .ok_or_else(|| invalid(format!("it has no section `{name}`")))?;
    std::str::from_utf8(content).map_err(|_| invalid(format!("its section `{name}` is not UTF-8")))
}

fn check_imports(engine: &Engine, contract: Contract, component: &Component) -> Result<()> {
    let version = contract.version();
    let may_import = |name: &str| {
        let mut interfaces = contract.imports().iter();
        interfaces.any(|it| name.starts_with(&format!("perennial:plugin/{it}@{version}.")))
    };
    let component = component.component_type();
    let foreign = component.imports(engine).map(|(name, _)| name).find(|name| !may_import(name));
    foreign.map_or(Ok(()), |name| {
        Err(invalid(format!(
            "it imports `{name}`; a plugin may import only `perennial:plugin/log` and \
             `perennial:plugin/look-up`"
        )))
    })
}

fn check_resources(component: &Component) -> Result<()> {
    const PAGE: u64 = 64 << 10;
    let required = component
        .resources_required()
        .ok_or_else(|| invalid("it contains modules whose resources are not known in advance"))?;
    let bytes = required.max_initial_memory_size.unwrap_or(0).saturating_mul(PAGE);
    if required.num_memories > limits::MEMORIES || bytes > limits::MEMORY as u64 {
        let (memories, mib) = (required.num_memories, limits::MEMORY >> 20);
        let most = limits::MEMORIES;
        return Err(invalid(format!(
            "it starts with {memories} memories, the largest of {bytes} bytes; at most {most} are \
             allowed, of {mib} MiB together"
        )));
    }
    Ok(())
}

/// Differences in records and variants show at a real instantiation only.
fn instantiate(engine: &Engine, limits: &Limits, ready: &Ready) -> wasmtime::Result<()> {
    let mut store = state::store(engine, limits)?;
    // Nothing in it waits: the store does not yield, and who has not been asked anything is answered
    // nothing.
    let instantiated = pin!(ready.instantiate(&mut store));
    match instantiated.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(guest) => guest.map(drop),
        Poll::Pending => bail!("it waits for something before it is asked anything"),
    }
}

fn invalid(why: impl std::fmt::Display) -> Error {
    Error::new(Code::ComponentInvalid, format!("this file cannot be installed: {why}"))
}
