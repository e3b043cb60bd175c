//! From a Rust crate to one installable file: compile for `wasm32-unknown-unknown`, make a
//! component, put manifest and SDK version inside, inspect the result as an installation would.
//! Bundled and partner plugins are built the same way; what another language's tools made is packed.

mod cargo;
mod pack;

pub use pack::pack;

use crate::{Host, sections};
use anyhow::{Context, Result, anyhow, ensure};
use cargo::Package;
use perennial_contract::packaged;
use perennial_core::plugins::{Manifest, Runtime};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A plugin that was built and passed inspection.
#[derive(Clone, Debug)]
pub struct Built {
    pub path: PathBuf,
    /// The folder that has the manifest; that of the crate, if it is one.
    pub folder: PathBuf,
    pub id: String,
    pub version: String,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// In bytes.
    pub size: usize,
}

/// What a plugin's folder says of it, before it is built.
#[derive(Clone, Debug)]
pub struct Described {
    pub folder: PathBuf,
    pub manifest: Manifest,
}

/// Reads and checks the manifests and texts of the plugins at `directory`, as [`build`] does before it
/// compiles them. Fails with all that is wrong with the texts of one.
pub fn describe(directory: &Path) -> Result<Vec<Described>> {
    if directory.join("plugin.toml").exists() && !directory.join("Cargo.toml").exists() {
        // Other tools than cargo make the component.
        let (manifest, _) = read_manifest(directory)?;
        return Ok(vec![Described { folder: directory.to_owned(), manifest }]);
    }
    let of = |package: &Package| {
        let folder = package.directory().to_owned();
        described(package).map(|(manifest, _)| Described { folder, manifest })
    };
    cargo::plugins_at(directory, &["--no-deps"])?.packages.iter().map(of).collect()
}

/// Builds the plugins at `directory` into `out` as `<id>.wasm`, in order of their ids.
///
/// `directory` is a crate with a `plugin.toml`, or a workspace, whose members with a `plugin.toml`
/// are built. Cargo's own target directory is used unless `target` names another. `host` checks
/// what was built, as a server does before it installs it. Cargo reports progress on standard
/// error. Blocks for as long as the compiler takes.
pub fn build(
    host: &Host,
    directory: &Path,
    out: &Path,
    target: Option<&Path>,
) -> Result<Vec<Built>> {
    let plugins = cargo::plugins_at(directory, &[])?;
    let cannot = |package: &Package| format!("cannot build the plugin `{}`", package.name);
    let text = |package| described(package).map(|(_, text)| text).with_context(|| cannot(package));
    let manifests = plugins.packages.iter().map(text).collect::<Result<Vec<_>>>()?;
    let modules = cargo::compile(&plugins, target)?;
    create(out)?;
    let mut built = plugins
        .packages
        .iter()
        .zip(manifests)
        .zip(modules)
        .map(|((package, manifest), module)| {
            finish(host, package, &manifest, &module, out).with_context(|| cannot(package))
        })
        .collect::<Result<Vec<_>>>()?;
    built.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(built)
}

/// What a plugin's crate says of it, checked before anything is compiled: a message can name the line,
/// and nobody waits for it.
fn described(package: &Package) -> Result<(Manifest, String)> {
    let (manifest, manifest_toml) = read_manifest(package.directory())?;
    package.is_version(&manifest.version)?;
    Ok((manifest, manifest_toml))
}

/// The manifest in `folder`, and its text as it goes into the component, with the texts of messages.
fn read_manifest(folder: &Path) -> Result<(Manifest, String)> {
    let manifest_path = folder.join("plugin.toml");
    let manifest_toml = fs::read_to_string(&manifest_path)
        .with_context(|| format!("cannot read {}", manifest_path.display()))?;
    packaged(&manifest_toml, folder)
        .and_then(|text| Ok((Manifest::parse(&text)?, text)))
        .map_err(|refused| anyhow!(refused.all().collect::<Vec<_>>().join("\n")))
        .with_context(|| folder.display().to_string())
}

fn finish(
    host: &Host,
    package: &Package,
    manifest_toml: &str,
    module: &Path,
    out: &Path,
) -> Result<Built> {
    let module = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let wasm = componentize(&module, manifest_toml)?;
    inspected_file(host, &wasm, package.directory(), out)
}

/// Inspects what is to be installed, and writes it.
fn inspected_file(host: &Host, wasm: &[u8], folder: &Path, out: &Path) -> Result<Built> {
    let manifest = host.inspect(wasm)?.manifest;
    let path = out.join(format!("{}.wasm", manifest.id));
    write(&path, wasm)?;
    let digest = format!("{:x}", Sha256::digest(wasm));
    let (id, version, size) = (manifest.id, manifest.version, wasm.len());
    Ok(Built { path, folder: folder.to_owned(), id, version, digest, size })
}

fn componentize(module: &[u8], manifest_toml: &str) -> Result<Vec<u8>> {
    let sdk_version = sections::find(module, sections::SDK_VERSION)?;
    ensure!(
        sdk_version.is_some(),
        "the crate exports no plugin; put #[perennial_sdk::plugin] on its `impl Plugin`"
    );
    let wasm = encoded(module).context("the compiled crate is not a plugin component")?;
    Ok(with_sections(wasm, sdk_version.unwrap_or_default(), manifest_toml))
}

/// The component of a core module that has its type inside.
fn encoded(module: &[u8]) -> Result<Vec<u8>> {
    let encoder = wit_component::ComponentEncoder::default().validate(true);
    encoder.module(module).and_then(|mut encoder| encoder.encode())
}

fn with_sections(mut component: Vec<u8>, sdk_version: &[u8], manifest_toml: &str) -> Vec<u8> {
    sections::append(&mut component, sections::SDK_VERSION, sdk_version);
    sections::append(&mut component, sections::MANIFEST, manifest_toml.as_bytes());
    component
}

/// Makes the folder that is written to.
fn create(out: &Path) -> Result<()> {
    ensure!(!out.is_file(), "{} is a file: name the folder to write to", out.display());
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))
}

/// A reader of the file sees the old one or the new one, never half of it.
fn write(path: &Path, wasm: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("wasm.unfinished");
    fs::write(&unfinished, wasm)
        .and_then(|()| fs::rename(&unfinished, path))
        .with_context(|| format!("cannot write {}", path.display()))
}
