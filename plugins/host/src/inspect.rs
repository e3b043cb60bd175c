//! What is checked before a component is installed, cheapest first, so that what goes wrong later
//! is the plugin's behaviour and not its shape.

use crate::bindings::PluginPre;
use crate::limits::{self, Limits};
use crate::state::{self, State};
use crate::{sections, signature};
use perennial_core::plugins::{Inspected, Manifest};
use perennial_core::{Code, Error, Result};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

/// The contract that this host speaks; plugins built with another major or minor version of the SDK
/// do not fit.
const CONTRACT: (&str, &str) = ("0", "1");
/// The only imports there are. `@0.1.` covers every patch: wasmtime matches those by the rules of
/// semantic versions.
const IMPORTS: &[&str] = &["perennial:plugin/log@0.1.", "perennial:plugin/types@0.1."];

/// Checks a component and reads its manifest, and by whom it is signed.
pub(crate) fn inspect(
    engine: &Engine,
    linker: &Linker<State>,
    limits: &Limits,
    wasm: &[u8],
) -> Result<Inspected> {
    check_file(wasm)?;
    let signed_by = signature::signed_by(wasm).map_err(|error| invalid(format!("{error:#}")))?;
    check_sdk_version(wasm)?;
    let manifest = read_manifest(wasm)?;
    let component = Component::from_binary(engine, wasm)
        .map_err(|error| invalid(format!("it does not compile: {error:#}")))?;
    check_imports(engine, &component)?;
    check_resources(&component)?;
    let pre = link(linker, &component)
        .map_err(|error| invalid(format!("it does not fit the plugin contract: {error:#}")))?;
    instantiate(engine, limits, &pre)
        .map_err(|error| invalid(format!("it cannot be instantiated: {error:#}")))?;
    Ok(Inspected { manifest, signed_by })
}

/// Compiles and links; takes tens of milliseconds.
pub(crate) fn compile(
    engine: &Engine,
    linker: &Linker<State>,
    wasm: &[u8],
) -> wasmtime::Result<PluginPre<State>> {
    link(linker, &Component::from_binary(engine, wasm)?)
}

fn link(linker: &Linker<State>, component: &Component) -> wasmtime::Result<PluginPre<State>> {
    PluginPre::new(linker.instantiate_pre(component)?)
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

fn check_sdk_version(wasm: &[u8]) -> Result<()> {
    let (major, minor) = CONTRACT;
    let version = section(wasm, sections::SDK_VERSION)?;
    let mut parts = version.split('.');
    if (parts.next(), parts.next()) == (Some(major), Some(minor)) {
        return Ok(());
    }
    Err(invalid(format!(
        "it was built with perennial-sdk {version}, this server runs plugins built with \
         {major}.{minor}; build it again with that version"
    )))
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

fn check_imports(engine: &Engine, component: &Component) -> Result<()> {
    let component = component.component_type();
    let foreign = component
        .imports(engine)
        .map(|(name, _)| name)
        .find(|name| !IMPORTS.iter().any(|allowed| name.starts_with(allowed)));
    foreign.map_or(Ok(()), |name| {
        Err(invalid(format!(
            "it imports `{name}`; a plugin may import only `perennial:plugin/log`"
        )))
    })
}

fn check_resources(component: &Component) -> Result<()> {
    const PAGE: u64 = 64 << 10;
    let required = component
        .resources_required()
        .ok_or_else(|| invalid("it contains modules whose resources are not known in advance"))?;
    let bytes = required.max_initial_memory_size.unwrap_or(0).saturating_mul(PAGE);
    if required.num_memories > 1 || bytes > limits::MEMORY as u64 {
        let (memories, mib) = (required.num_memories, limits::MEMORY >> 20);
        return Err(invalid(format!(
            "it starts with {bytes} bytes in {memories} memories; at most {mib} MiB in one memory \
             are allowed"
        )));
    }
    Ok(())
}

/// Differences in records and variants show at a real instantiation only.
fn instantiate(engine: &Engine, limits: &Limits, pre: &PluginPre<State>) -> wasmtime::Result<()> {
    let mut store = state::store(engine, limits)?;
    pre.instance_pre().instantiate(&mut store).map(drop)
}

fn invalid(why: impl std::fmt::Display) -> Error {
    Error::new(Code::ComponentInvalid, format!("this file cannot be installed: {why}"))
}
