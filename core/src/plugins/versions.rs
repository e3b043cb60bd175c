//! The versions of plugins that programs can use.
//!
//! Installing a component offers it under its version, and changes nothing for a program: which
//! component a program runs stands in `program_plugins` and moves by an act of its own. A version
//! is immutable, unless it is a pre-release such as `1.1.0-dev`, which its author replaces with
//! each build; whoever runs the build before goes on with that.

use super::quarantine;
use crate::context::Context;
use crate::db::{TryError, Writes, retry, row};
use crate::hash::sha256_hex;
use crate::runtime::Manifest;
use crate::{Code, Error, Result, Timestamp};
use sea_orm::FromQueryResult;
use semver::Version;
use serde_json::Value;
use std::collections::BTreeMap;

/// What installing did.
#[derive(Clone, Debug)]
pub struct Installed {
    pub id: String,
    pub version: String,
    pub digest: String,
    /// False when this very component was installed already.
    pub is_new: bool,
}

/// A version of a plugin, and the component that stands for it.
#[derive(Clone, Debug)]
pub struct Offered {
    pub version: String,
    pub digest: String,
    pub offered_at: Timestamp,
}

row! {
    struct ComponentRow {
        digest: String,
        plugin_id: String,
        version: String,
        manifest: Value,
        wasm: Vec<u8>,
        installed_at: Timestamp,
    }
}

row! {
    struct OfferRow {
        plugin_id: String,
        version: String,
        digest: String,
        offered_at: Timestamp,
    }
}

/// What was damaged is mended by installing it once more.
const COMPONENT: &str = "
    INSERT INTO plugin_components (digest, plugin_id, version, manifest, wasm, installed_at)
    SELECT digest, plugin_id, version, manifest, wasm, installed_at
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (digest) DO UPDATE
    SET manifest = excluded.manifest, wasm = excluded.wasm";
/// Of two that offer a version at once, one is refused.
const OFFER: &str = "
    INSERT INTO plugin_versions (plugin_id, version, digest, offered_at)
    SELECT plugin_id, version, digest, offered_at
    FROM {rows} AS r";
const REPLACE: &str = "
    INSERT INTO plugin_versions (plugin_id, version, digest, offered_at)
    SELECT plugin_id, version, digest, offered_at
    FROM {rows} AS r
    WHERE true
    ON CONFLICT (plugin_id, version) DO UPDATE
    SET digest = excluded.digest, offered_at = excluded.offered_at";

/// Checks a component and offers it.
pub(super) async fn install(context: &Context, wasm: &[u8]) -> Result<Installed> {
    let manifest = context.runtime.inspect(wasm)?;
    let digest = sha256_hex(wasm);
    retry("installing a plugin", || attempt(context, &manifest, &digest, wasm)).await
}

async fn attempt(
    context: &Context,
    manifest: &Manifest,
    digest: &str,
    wasm: &[u8],
) -> Result<Installed, TryError> {
    let offered = offered(context, &manifest.id).await?;
    let same = offered.into_iter().find(|offered| offered.version == manifest.version);
    let is_offered = same.as_ref().is_some_and(|same| same.digest == digest);
    if same.is_some() && !is_offered && !is_prerelease(&manifest.version) {
        return Err(taken(manifest).into());
    }
    let stored = stored(context, digest).await?;
    let is_damaged = stored.as_ref().is_some_and(|stored| stored != wasm);
    let installed = |is_new| {
        let (id, version) = (manifest.id.clone(), manifest.version.clone());
        Installed { id, version, digest: digest.to_owned(), is_new }
    };
    if is_offered && !is_damaged {
        return Ok(installed(false));
    }
    let mut writes = Writes::to_all();
    if stored.is_none() || is_damaged {
        writes.run(COMPONENT, &component(context, manifest, digest, wasm)?);
    }
    if !is_offered {
        let offer = if same.is_some() { REPLACE } else { OFFER };
        let (plugin_id, version) = (manifest.id.clone(), manifest.version.clone());
        let (digest, offered_at) = (digest.to_owned(), context.now());
        writes.run(offer, &OfferRow { plugin_id, version, digest, offered_at });
    }
    if is_damaged {
        quarantine::add_resume_everywhere(&mut writes, digest);
    }
    context.db.commit(writes).await?;
    context.wake();
    Ok(installed(true))
}

fn taken(Manifest { id, version, .. }: &Manifest) -> Error {
    let why = format!(
        "{id} {version} was installed with another content, and a version is immutable: raise \
         `version` in plugin.toml, or call it a pre-release such as {version}-dev while it changes"
    );
    Error::new(Code::PluginVersionTaken, why)
}

fn component(
    context: &Context,
    manifest: &Manifest,
    digest: &str,
    wasm: &[u8],
) -> Result<ComponentRow> {
    let broken = |error| Error::internal("a manifest that cannot be JSON").caused_by(error);
    Ok(ComponentRow {
        digest: digest.to_owned(),
        plugin_id: manifest.id.clone(),
        version: manifest.version.clone(),
        manifest: serde_json::to_value(manifest).map_err(broken)?,
        wasm: wasm.to_vec(),
        installed_at: context.now(),
    })
}

/// The bytes of a component, if it is stored.
async fn stored(context: &Context, digest: &str) -> Result<Option<Vec<u8>>> {
    #[derive(FromQueryResult)]
    struct Row {
        wasm: Vec<u8>,
    }
    const SELECT: &str = "SELECT wasm FROM plugin_components WHERE digest = $1";
    let db = &context.db;
    let found = Row::find_by_statement(db.sql(SELECT, [digest.into()])).one(db.read()).await?;
    Ok(found.map(|row| row.wasm))
}

/// The versions of a plugin, oldest first.
pub(super) async fn offered(context: &Context, plugin: &str) -> Result<Vec<Offered>> {
    Ok(all_offered(context).await?.remove(plugin).unwrap_or_default())
}

/// The versions of each plugin, oldest first.
pub(super) async fn all_offered(context: &Context) -> Result<BTreeMap<String, Vec<Offered>>> {
    #[derive(FromQueryResult)]
    struct Row {
        plugin_id: String,
        version: String,
        digest: String,
        offered_at: Timestamp,
    }
    const SELECT: &str = "SELECT plugin_id, version, digest, offered_at FROM plugin_versions";
    let db = &context.db;
    let mut all: BTreeMap<String, Vec<Offered>> = BTreeMap::new();
    for row in Row::find_by_statement(db.sql(SELECT, [])).all(db.read()).await? {
        let Row { plugin_id, version, digest, offered_at } = row;
        all.entry(plugin_id).or_default().push(Offered { version, digest, offered_at });
    }
    for offered in all.values_mut() {
        offered.sort_by_cached_key(|offered| Version::parse(&offered.version).ok());
    }
    Ok(all)
}

/// A version of a plugin. Fails with `PLUGIN_NOT_FOUND` at `version`, naming those that there are.
pub(super) async fn version(context: &Context, plugin: &str, version: &str) -> Result<Offered> {
    let offered = offered(context, plugin).await?;
    let missing = missing(plugin, Some(version), &offered);
    offered.into_iter().find(|offered| offered.version == version).ok_or(missing)
}

/// The version that a program takes at first if its file names none: the newest release, or the
/// newest pre-release if there is no release. Fails with `PLUGIN_NOT_FOUND`.
pub(super) async fn newest(context: &Context, plugin: &str) -> Result<Offered> {
    let mut offered = offered(context, plugin).await?;
    let missing = missing(plugin, None, &offered);
    let release = offered.iter().rposition(|offered| !is_prerelease(&offered.version));
    match release {
        Some(index) => Ok(offered.swap_remove(index)),
        None => offered.pop().ok_or(missing),
    }
}

fn is_prerelease(version: &str) -> bool {
    Version::parse(version).is_ok_and(|version| !version.pre.is_empty())
}

fn missing(plugin: &str, version: Option<&str>, offered: &[Offered]) -> Error {
    let versions: Vec<_> = offered.iter().map(|offered| offered.version.as_str()).collect();
    let error = |why| Error::new(Code::PluginNotFound, why);
    match version {
        Some(version) if !versions.is_empty() => {
            let versions = versions.join(", ");
            let why = format!("{plugin} {version} is not installed; installed are {versions}");
            error(why).at("version")
        }
        _ => error(format!("the plugin `{plugin}` is not installed")),
    }
}
