//! From what another language's tools made to one installable file: a component of the contract, or
//! the core module of one, gets what `perennial plugin build` gives to a crate.

use super::{Built, create, encoded, inspected_file, read_manifest, with_sections};
use crate::{Host, sections, signature};
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use wit_component::DecodedWasm;

/// The interface that a plugin exports, before the version of its contract.
const HANDLER: &str = "perennial:plugin/handler@";

/// Writes `<id>.wasm` into `out`, from a component or core module, and `plugin.toml` and `locales/` in
/// `folder`. `host` checks it, as a server does before it installs it.
pub fn pack(host: &Host, given: &[u8], folder: &Path, out: &Path) -> Result<Built> {
    let (_, manifest_toml) = read_manifest(folder)?;
    let wasm = packed(given, &manifest_toml)?;
    create(out)?;
    inspected_file(host, &wasm, folder, out)
}

fn packed(given: &[u8], manifest_toml: &str) -> Result<Vec<u8>> {
    let component = match given.starts_with(sections::MODULE_HEADER) {
        true => encoded(given).context("the module is not one of a plugin component")?,
        false => given.to_vec(),
    };
    let mut component = signature::without(&component)?;
    for section in [sections::SDK_VERSION, sections::MANIFEST] {
        component = sections::without(&component, section)?;
    }
    let contract = contract(&component)?;
    Ok(with_sections(component, contract.as_bytes(), manifest_toml))
}

/// The version of the contract, as the component itself says it.
fn contract(component: &[u8]) -> Result<String> {
    let decoded = wit_component::decode(component).context("this is not a component")?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        bail!("this is a package of WIT, and not a component");
    };
    let exports = resolve.worlds[world].exports.keys().map(|key| resolve.name_world_key(key));
    let handlers: Vec<_> =
        exports.filter_map(|name| name.strip_prefix(HANDLER).map(str::to_owned)).collect();
    ensure!(
        handlers.len() == 1,
        "it exports {} handlers of plugins: a plugin exports one `{HANDLER}…` of the contract in \
         sdk/wit",
        handlers.len()
    );
    Ok(handlers.concat())
}
